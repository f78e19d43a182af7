//! `chimera demo`: the whole walk in a sandbox, from a recorded trend to a simulated publication, with
//! a scripted reviewer where a person would sit. It says so, and nothing of it is real.

use std::{collections::HashSet, path::Path, time::Duration};

use chimera_domain::{
    Outcome, Timestamp,
    ids::TraceId,
    ports::{BellStore, Store},
    task::TaskState,
    ticket::{Choice, Decide},
    views::PageRequest,
};
use tokio::time::Instant;

use crate::{config::Config, fault::Fault, out, sandbox::Sandbox};

/// The demo ends in failure after this long.
const PATIENCE: Duration = Duration::from_secs(300);
/// Who decides in the demo; stands in the audit as such.
const REVIEWER: &str = "demo-script";
/// How long an approved post is held for undo; shorter than the usual ten seconds, for the watcher's sake.
const FUSE: chimera_domain::Span = chimera_domain::Span::from_secs(2);

/// Runs the demo.
///
/// # Errors
/// When the walk does not end in a publication with counters within five minutes.
pub fn run(keep: Option<&Path>) -> Result<(), Fault> {
    let sandbox = Sandbox::make(keep)?;
    let mut config = sandbox.config()?;
    config.policy.judge.undo_fuse = FUSE;
    let _flush = sandbox.log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::failed("cannot start the runtime", &e))?;
    let result = runtime.block_on(walk(&sandbox, &config));
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn walk(sandbox: &Sandbox, config: &Config) -> Result<(), Fault> {
    out::line(
        "SIMULATED: recorded feeds, a stand-in platform, bills that nobody pays. A script sits in the reviewer's chair.",
    );
    let begun = Instant::now();
    let (store, running, ambient) = sandbox.begin(config, "chimera demo").await?;
    let mut teller = Teller {
        started: ambient.now(),
        told: HashSet::new(),
        decided: None,
    };
    let result = loop {
        // Read before looking, so that no change is slept through.
        let seq = store.change_seq().await?;
        if teller.look(store.as_ref()).await? {
            break Ok(());
        }
        if begun.elapsed() > PATIENCE {
            break Err(Fault::Failed(format!(
                "the walk did not end within {} s; logs are in {}",
                PATIENCE.as_secs(),
                sandbox.home.logs_dir().display()
            )));
        }
        store
            .changed_since(seq, chimera_domain::Span::from_millis(250))
            .await?;
    };
    if result.is_ok() {
        summary(store.as_ref()).await?;
    }
    running.stop().await?;
    result
}

/// Tells each thing once, as it happens.
struct Teller {
    started: Timestamp,
    told: HashSet<String>,
    /// The trace of the ticket the script has approved.
    decided: Option<TraceId>,
}

impl Teller {
    fn tell(&mut self, at: Timestamp, key: String, text: impl AsRef<str>) {
        if self.told.insert(key) {
            let after = at.since(self.started);
            out::line(format!(
                "{:>3}.{}s  {}",
                after.secs(),
                after.millis() % 1000 / 100,
                text.as_ref()
            ));
        }
    }

    /// Tells what is new; whether the walk has ended.
    async fn look(&mut self, store: &dyn Store) -> Result<bool, Fault> {
        let page = PageRequest::first(100);
        let at = store.overview().await?.at;
        for row in store.trend_feed(&page).await?.rows.into_iter().rev() {
            let score = row
                .score
                .map_or_else(|| "unscored".to_owned(), |score| score.to_string());
            if row.state == chimera_domain::signal::SignalState::Planned {
                self.tell(
                    at,
                    format!("p{}", row.id),
                    format!("planned    {score} {}", row.title.cut(80)),
                );
            }
        }
        for row in store.task_list(&page, None).await?.rows.into_iter().rev() {
            match row.state {
                TaskState::Approved | TaskState::Published => self.tell(
                    at,
                    format!("t{}", row.id),
                    format!("done       {} for {}", row.node, row.title.cut(60)),
                ),
                TaskState::Dead | TaskState::Blocked => self.tell(
                    at,
                    format!("d{}", row.id),
                    format!(
                        "{:10} {} for {}: {}",
                        row.state,
                        row.node,
                        row.title.cut(40),
                        row.why.cut(80)
                    ),
                ),
                TaskState::Draft
                | TaskState::Pending
                | TaskState::Claimed
                | TaskState::Review
                | TaskState::Ticketed
                | TaskState::Publishing
                | TaskState::Rejected
                | TaskState::Replan
                | TaskState::Cancelled
                | TaskState::Uncertain
                | TaskState::Withdrawn => {}
            }
        }
        self.review(store, at).await?;
        let mut ended = false;
        for row in store.publications(&page).await?.rows.into_iter().rev() {
            self.tell(
                at,
                format!("o{}", row.id),
                format!("published  SIMULATED {} {}", row.url, row.text.cut(80)),
            );
            if let Some(sample) = row.last {
                self.tell(
                    at,
                    format!("m{}", row.id),
                    format!(
                        "engagement SIMULATED {} likes, {} shares, {} comments",
                        sample.likes, sample.shares, sample.comments
                    ),
                );
                ended |= self.decided == Some(row.trace_id);
            }
        }
        Ok(ended)
    }

    /// Decides the first ticket as a reviewer would, by the same verb.
    async fn review(&mut self, store: &dyn Store, at: Timestamp) -> Result<(), Fault> {
        for row in store.review_queue(&PageRequest::first(100)).await?.rows {
            let why = row
                .reasons
                .first()
                .map_or_else(String::new, |reason| format!(" ({})", reason.cut(70)));
            self.tell(
                at,
                format!("k{}", row.id),
                format!("ticket     {}{why}", row.text.cut(60)),
            );
            if self.decided.is_some() {
                continue;
            }
            let Some(card) = store.ticket_card(row.id).await? else {
                continue;
            };
            if !card.sensitive.is_empty() {
                continue;
            }
            let decide = Decide {
                ticket_id: row.id,
                version: card.row.version,
                content_hash: card.content_hash,
                choice: Choice::Approve,
                actor: REVIEWER.to_owned(),
            };
            if let Outcome::Done(..) = store.decide_ticket(&decide).await? {
                self.decided = Some(card.trace_id);
                self.tell(
                    at,
                    format!("a{}", row.id),
                    format!(
                        "approved   by {REVIEWER}, bound to {}; held {FUSE} for undo",
                        card.content_hash.short()
                    ),
                );
            }
        }
        Ok(())
    }
}

async fn summary(store: &dyn Store) -> Result<(), Fault> {
    let house = store.overview().await?;
    let entries = store.verify_ledger().await?;
    out::line(format!(
        "The ledger holds: {entries} entries, {} USD spent (SIMULATED) and {} reserved of {} a day. {} tickets still wait for a person.",
        house.spent_day,
        house.reserved,
        house
            .cap_day
            .map_or_else(|| "no cap".to_owned(), |cap| cap.to_string()),
        house.tickets_waiting
    ));
    out::line("Now open `chimera` and decide yourself.");
    Ok(())
}
