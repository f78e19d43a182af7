//! `chimera replay`: the past once more.
//!
//! `play.rs` plays a recorded feed through the swarm, `fixed.rs` does so under a clock that only the
//! recording moves; `decisions.rs` makes stored decisions again, and `otherwise.rs` tries another rule on
//! them. The last two only read.

mod decisions;
mod fixed;
mod otherwise;
mod play;

use std::path::Path;

use chimera_domain::{
    Span, Timestamp,
    basis::StoredDecision,
    ports::{DecisionKind, ReplayStore},
};

use crate::{cli::Replay, clock, config, fault::Fault};

/// Decisions taken from the store at once.
const PAGE: u32 = 200;
/// The window when none is given.
const DAY: Span = Span::from_hours(24);
/// The window a rule is tried on when none is given.
const MONTH: Span = Span::from_hours(30 * 24);

/// Whether it is about what this home has stored, and not about a recording.
#[must_use]
pub const fn is_about_the_past(args: &Replay) -> bool {
    args.recording.is_none() && args.hn.is_none()
}

/// Plays a recording.
///
/// # Errors
/// When the recording cannot be read, or the run does not end in time.
pub fn play(args: &Replay, keep: Option<&Path>, json: bool) -> Result<(), Fault> {
    play::run(args, keep, json)
}

/// Makes decisions again, under their own rule or another one.
///
/// # Errors
/// `Differs` when one comes out differently under its own rule, `NotFound` when there is none.
pub async fn past(store: &dyn ReplayStore, args: &Replay, json: bool) -> Result<(), Fault> {
    if !args.threshold.is_empty() || args.policy.is_some() {
        let since = begin(args, MONTH)?;
        return otherwise::run(store, args, since, json).await;
    }
    match &args.decision {
        Some(decision) => decisions::one(store, decision, json).await,
        None if args.all => decisions::all(store, begin(args, DAY)?, args.limit, json).await,
        None => Err(Fault::Usage(
            "name what to replay: a decision (the id of a verdict, ticket, task, effect, signal or intent), --all, \
             --threshold NAME=SCORE or --policy FILE to try a rule, --recording FILE or --hn DIR"
                .to_owned(),
        )),
    }
}

fn begin(args: &Replay, usual: Span) -> Result<Timestamp, Fault> {
    let back = match &args.since {
        Some(text) => config::given::span(text).map_err(Fault::Usage)?,
        None => usual,
    };
    Ok(clock::system().now().minus(back))
}

/// Every decision of a kind since a moment, oldest first.
pub(super) async fn each(
    store: &dyn ReplayStore,
    kind: DecisionKind,
    since: Timestamp,
    mut take: impl FnMut(&StoredDecision) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = store.decisions_since(kind, since, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.place());
        for decision in &page {
            take(decision)?;
        }
    }
}
