//! What a person typed a word for, as the verb it stands for.

use chimera_domain::{
    Outcome, StateVersion, mode::ModeChange, ports::ConsoleStore, trend::ConvertFor,
};

use super::said;
use crate::event::{Said, Wish};

pub(super) async fn fulfil(store: &dyn ConsoleStore, wish: &Wish, actor: &str) -> Said {
    let outcome = match wish.clone() {
        Wish::Resolve(effect, version, resolution) => {
            let resolved = store.resolve_effect(effect, version, resolution, actor);
            resolved.await
        }
        Wish::Withdraw(publication, why) => {
            let ordered = store.withdraw(publication, &why, actor).await;
            ordered.map(|outcome| outcome.map(drop))
        }
        Wish::CloseBreak(id, why) => store.close_break(id, actor, &why).await,
        Wish::ByHand(publication, why) => store.withdrawn_by_hand(publication, &why, actor).await,
        Wish::Convert(trend, version) => {
            let wanted = ConvertFor::Fitting;
            let converted = store.convert_trend(trend, version, &wanted, actor).await;
            converted.map(|outcome| outcome.map(drop))
        }
        Wish::SnoozeTrend(trend, version, until) => {
            store.snooze_trend(trend, version, until, actor).await
        }
        Wish::Mute(Some((trend, version)), mute) => {
            let muted = store.mute_trend(trend, version, &mute, actor).await;
            muted.map(|outcome| outcome.map(drop))
        }
        Wish::Mute(None, mute) => {
            let muted = store.mute_topic(&mute, actor).await;
            muted.map(|_| Outcome::Done((), StateVersion::FIRST))
        }
        Wish::Unmute(mute) => store.unmute(mute, actor).await,
        Wish::Replay(task, version) => store.replay_task(task, version, actor).await,
        Wish::Mode {
            scope,
            mode,
            confirmed,
            why,
        } => {
            let change = ModeChange {
                scope,
                mode,
                confirmed,
                actor: actor.to_owned(),
                why,
            };
            let changed = store.set_mode(&change).await;
            changed.map(|outcome| outcome.map(drop))
        }
    };
    said(outcome)
}
