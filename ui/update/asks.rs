//! Sheets whose word must be typed: uncertain effects, withdrawals, live and dry.

use chimera_domain::{
    Safe, StateVersion, Timestamp,
    ids::{EffectId, PublicationId, TrendId},
    mode::{self, Mode, ModeScope},
    trend::MUTED_WORDS,
    views::{CampaignRow, ReachRow, Severity},
};

use super::answers::tell;
use crate::{
    event::{Request, Said, Wish},
    model::{
        Model, Pane,
        ask::{Ask, Asked, Meant},
        overlay::{Overlay, Typed},
    },
};

fn open(model: &mut Model, ask: Ask, label: &str) {
    model.overlay = Some(Overlay::Asked {
        asked: Asked {
            ask,
            label: Safe::line(label),
        },
        typed: Typed::default(),
    });
}

/// What a person saw of the selected effect on its platform.
pub(super) fn doubt(model: &mut Model, ask: impl FnOnce(EffectId, StateVersion) -> Ask) {
    let Some(row) = model.effects.row() else {
        return;
    };
    let (effect, version) = (row.id, row.version);
    let label = format!("{} on {}: {}", row.account, row.channel, row.text);
    open(model, ask(effect, version), &label);
}

/// The selected post is to come down, or is down.
pub(super) fn withdraw(model: &mut Model, ask: impl FnOnce(PublicationId) -> Ask) {
    let Some(row) = model.publications.row() else {
        return;
    };
    let publication = row.id;
    let label = format!("{} on {}: {}", row.account, row.channel, row.text);
    open(model, ask(publication), &label);
}

/// The selected task runs again.
pub(super) fn replay(model: &mut Model) {
    let Some(row) = model.task() else {
        return;
    };
    let (task, version) = (row.id, row.version);
    let label = format!("{} of {}: {}", row.node, row.campaign, row.title);
    open(model, Ask::Replay { task, version }, &label);
}

/// The selected trend.
pub(super) fn trend(model: &mut Model, ask: impl FnOnce(TrendId, StateVersion, Timestamp) -> Ask) {
    let Some(row) = model.grouped.row() else {
        return;
    };
    let label = row.title.to_string();
    let ask = ask(row.id, row.version, model.now);
    open(model, ask, &label);
}

/// What the selected trend is about, or a topic in words that are typed.
pub(super) fn mute(model: &mut Model) {
    let row = model
        .grouped
        .row()
        .filter(|_| model.focus.pane == Pane::Grouped);
    let (of, words, label) = match row {
        None => (None, String::new(), "a topic".to_owned()),
        Some(row) => {
            let words: Vec<&str> = row.words.as_str().split(' ').take(MUTED_WORDS).collect();
            (
                Some((row.id, row.version)),
                words.join(" "),
                row.title.to_string(),
            )
        }
    };
    let now = model.now;
    open(model, Ask::Mute { of, words, now }, &label);
}

/// The selected break.
pub(super) fn close_break(model: &mut Model) {
    let Some(row) = model.breaks.row() else {
        return;
    };
    let (id, label) = (
        row.id,
        format!("{} of {}: {}", row.kind, row.agent, row.detail),
    );
    open(model, Ask::CloseBreak { id }, &label);
}

/// The selected mute.
pub(super) fn unmute(model: &mut Model) {
    let Some(row) = model.mutes.row() else {
        return;
    };
    let (mute, label) = (row.id, row.words.to_string());
    open(model, Ask::Unmute { mute }, &label);
}

/// The three modes that decide about the selected campaign.
pub(super) fn modes(model: &mut Model) {
    let Some(row) = model.campaigns.row() else {
        return;
    };
    let items = asked(model, row);
    model.overlay = Some(Overlay::Modes { items, cursor: 0 });
}

fn asked(model: &Model, row: &ReachRow) -> Vec<Asked> {
    let scopes = [
        (
            ModeScope::Server(row.server.to_string()),
            row.of_server.mode,
            format!("server {}", row.server),
        ),
        (
            ModeScope::Agent(row.agent_id),
            row.of_agent.mode,
            format!("agent {}", row.persona),
        ),
        (
            ModeScope::Campaign(row.campaign_id),
            row.of_campaign.mode,
            format!("campaign {}", row.campaign),
        ),
    ];
    scopes
        .into_iter()
        .map(|(scope, mode, what)| {
            let (ask, label) = match mode {
                Mode::Live => (Ask::Dry { scope }, format!("{what} is live: make it dry")),
                Mode::DryRun => {
                    let wanted = wanted(model, &scope);
                    let label = format!("{what} is dry: let it go live");
                    (Ask::Live { scope, wanted }, label)
                }
            };
            Asked {
                ask,
                label: Safe::line(&label),
            }
        })
        .collect()
}

/// What goes public with a scope, as the store wants it typed.
fn wanted(model: &Model, scope: &ModeScope) -> String {
    let concerned = |row: &&CampaignRow| match scope {
        ModeScope::Server(name) => row.server.as_str() == name,
        ModeScope::Agent(id) => row.agent_id == *id,
        ModeScope::Campaign(id) => row.id == *id,
    };
    let campaigns = model.overview.iter().flat_map(|o| &o.campaigns);
    // What goes to a stand-in goes nowhere.
    let real = campaigns
        .filter(concerned)
        .filter(|row| row.dry || !row.simulated);
    mode::confirmation(
        real.map(|row| mode::place(row.account.as_str(), row.channel, row.server.as_str())),
    )
}

/// Enter on one of the modes.
pub(super) fn choose(model: &mut Model, items: &[Asked], cursor: usize) {
    if let Some(asked) = items.get(cursor) {
        open(model, asked.ask.clone(), asked.label.as_str());
    }
}

/// Enter after what was typed.
pub(super) fn answer(model: &mut Model, asked: Asked, typed: &Typed, out: &mut Vec<Request>) {
    match asked.ask.meant(typed.text()) {
        Meant::Cancelled => model.say(Severity::Info, "cancelled: nothing was changed"),
        Meant::Another => {
            model.say(
                Severity::Warning,
                "not done: that is not what must be typed",
            );
            model.overlay = Some(Overlay::Asked {
                asked,
                typed: Typed::default(),
            });
        }
        Meant::Wish(wish) => out.push(Request::Wish(wish)),
    }
}

/// What became of it.
pub(super) fn said(model: &mut Model, wish: &Wish, said: Said) {
    match said {
        Said::Done(()) => {
            let told = done(model, wish);
            model.say(Severity::Info, &told);
        }
        Said::Conflict(conflict) => {
            let told = tell(model, &conflict);
            model.say(Severity::Error, &format!("not done, {told}"));
        }
        Said::NotFound => model.say(Severity::Error, "not done: there is no such thing any more"),
        Said::Refused(why) => model.say(Severity::Error, &format!("not done: {why}")),
        Said::Unclear(why) => model.say(
            Severity::Error,
            &format!("nobody knows whether it was stored, look again: {why}"),
        ),
    }
}

fn done(model: &Model, wish: &Wish) -> String {
    let told = match wish {
        Wish::Resolve(..) => "noted: what became of the effect is settled",
        Wish::Withdraw(..) => {
            let way = model.way(Pane::Outbox);
            return format!("the platform is asked to take it down; the outbox ({way}) shows it");
        }
        Wish::CloseBreak(..) => "closed; the wallet pays again once none of its breaks is open",
        Wish::ByHand(..) => "noted as withdrawn; nothing was sent",
        Wish::Replay(..) => "pending again, with fresh attempts",
        Wish::Convert(..) => "converted: the best of its signals are planned",
        Wish::SnoozeTrend(_, _, until) => {
            return format!("snoozed until {}", until.clock_in(&model.settings.zone));
        }
        Wish::Mute(_, mute) => {
            let way = model.way(Pane::Mutes);
            return format!(
                "muted: what has all of `{}` is left; {way} takes it back",
                mute.words
            );
        }
        Wish::Unmute(_) => "taken back: what comes from now on is looked at again",
        Wish::Mode {
            mode: Mode::Live, ..
        } => "live; what waited is judged again. All three must be live before anything goes out",
        Wish::Mode {
            mode: Mode::DryRun, ..
        } => "dry: nothing of it is sent any more",
    };
    told.to_owned()
}
