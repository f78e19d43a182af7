//! Goals and proposals, asked of the store as the command line asks.

use chimera_domain::{
    Outcome, StoreError,
    goal::{self, Launch, Preview, Proposal},
    ids::ProposalId,
    ports::ConsoleStore,
};

use super::said;
use crate::event::{ProposalDone, ProposalWish, Said};

/// A proposal, and what launching it would do: of one version, unless it is edited faster than it is read.
pub(super) async fn read(
    store: &dyn ConsoleStore,
    id: ProposalId,
) -> Result<(Proposal, Preview), StoreError> {
    let gone = || StoreError::Refused {
        what: "there is no such proposal any more".into(),
    };
    let preview = store.preview(id).await?.ok_or_else(gone)?;
    let proposal = store.proposal(id).await?.ok_or_else(gone)?;
    Ok((proposal, preview))
}

pub(super) async fn fulfil(
    store: &dyn ConsoleStore,
    wish: &ProposalWish,
    actor: &str,
) -> Said<ProposalDone> {
    let outcome = match wish {
        ProposalWish::Compose {
            campaign,
            channel,
            words,
        } => {
            let drafted = goal::draft(words, *channel);
            let kept = store
                .propose(*campaign, &drafted.tree, &drafted.rules, actor)
                .await;
            kept.map(|outcome| outcome.map(ProposalDone::Kept))
        }
        ProposalWish::Revise(id, version, tree) => {
            let revised = store.revise(*id, *version, tree, actor).await;
            revised.map(with_version)
        }
        ProposalWish::Discard(id, version) => {
            let discarded = store.discard(*id, *version, actor).await;
            discarded.map(|outcome| outcome.map(|()| ProposalDone::Discarded))
        }
        ProposalWish::Launch {
            id,
            version,
            tree,
            typed,
            ..
        } => {
            let launch = Launch {
                id: *id,
                version: *version,
                tree: *tree,
                typed: typed.clone(),
                actor: actor.to_owned(),
            };
            let launched = store.launch(&launch).await;
            launched.map(|outcome| outcome.map(ProposalDone::Launched))
        }
    };
    said(outcome)
}

/// The next change names the version that this one made.
fn with_version(outcome: Outcome<()>) -> Outcome<ProposalDone> {
    match outcome {
        Outcome::Done((), version) => Outcome::Done(ProposalDone::Revised(version), version),
        Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
        Outcome::NotFound => Outcome::NotFound,
    }
}
