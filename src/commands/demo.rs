//! `chimera demo`: the whole walk in a sandbox, from a recorded trend to a simulated publication, with
//! a scripted reviewer where a person would sit. It says so, and nothing of it is real.

use std::{collections::HashSet, fmt::Display, path::Path, time::Duration};

use chimera_domain::{
    Outcome, Timestamp,
    ids::TraceId,
    ports::{BellStore, Store},
    task::{TaskKind, TaskState},
    ticket::{Choice, Decide},
    views::PageRequest,
};
use serde_json::json;
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
pub fn run(keep: Option<&Path>, json: bool) -> Result<(), Fault> {
    let sandbox = Sandbox::make(keep)?;
    let mut config = sandbox.config()?;
    config.policy.judge.undo_fuse = FUSE;
    let _flush = sandbox.log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::failed("cannot start the runtime", &e))?;
    let result = runtime.block_on(walk(&sandbox, &config, json));
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn walk(sandbox: &Sandbox, config: &Config, json: bool) -> Result<(), Fault> {
    if !json {
        out::line(
            "SIMULATED: recorded feeds, a stand-in platform, bills that nobody pays. A script sits in the reviewer's chair.",
        );
    }
    let begun = Instant::now();
    let (store, running, ambient) = sandbox.begin(config, "chimera demo").await?;
    let mut teller = Teller {
        started: ambient.now(),
        told: HashSet::new(),
        decided: None,
        json,
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
        summary(store.as_ref(), json).await?;
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
    json: bool,
}

impl Teller {
    /// Tells a step once per subject.
    fn tell(&mut self, at: Timestamp, step: &str, subject: impl Display, text: impl AsRef<str>) {
        if !self.told.insert(format!("{step} {subject}")) {
            return;
        }
        let (after, text) = (at.since(self.started), text.as_ref());
        if self.json {
            out::json(
                &json!({"after_ms": after.millis(), "step": step, "subject": subject.to_string(), "text": text, "simulated": true}),
            );
        } else {
            out::line(format!(
                "{:>3}.{}s  {step:10} {text}",
                after.secs(),
                after.millis() % 1000 / 100,
            ));
        }
    }

    /// Tells what is new; whether the walk has ended.
    async fn look(&mut self, store: &dyn Store) -> Result<bool, Fault> {
        let page = PageRequest::first(100);
        let at = store.overview().await?.at;
        for row in store.signal_feed(&page).await?.rows.into_iter().rev() {
            let score = row
                .score
                .map_or_else(|| "unscored".to_owned(), |score| score.to_string());
            if row.state == chimera_domain::signal::SignalState::Planned {
                self.tell(
                    at,
                    "planned",
                    row.id,
                    format!("{score} {}", row.title.cut(80)),
                );
            }
        }
        for row in store.task_list(&page, None).await?.rows.into_iter().rev() {
            match row.state {
                // An approved post is not out yet; its own line says when it is.
                TaskState::Approved if row.kind == TaskKind::Publish => {}
                TaskState::Approved | TaskState::Published => self.tell(
                    at,
                    "done",
                    row.id,
                    format!("{} for {}", row.node, row.title.cut(60)),
                ),
                TaskState::Dead | TaskState::Blocked => self.tell(
                    at,
                    row.state.as_str(),
                    row.id,
                    format!(
                        "{} for {}: {}",
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
                | TaskState::Rehearsed
                | TaskState::Uncertain
                | TaskState::Withdrawn => {}
            }
        }
        self.review(store, at).await?;
        let mut ended = false;
        for row in store.publications(&page).await?.rows.into_iter().rev() {
            self.tell(
                at,
                "published",
                row.id,
                format!("SIMULATED {} {}", row.url, row.text.cut(80)),
            );
            if let Some(sample) = row.last {
                self.tell(
                    at,
                    "engagement",
                    row.id,
                    format!(
                        "SIMULATED {} likes, {} shares, {} comments",
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
            self.tell(at, "ticket", row.id, format!("{}{why}", row.text.cut(60)));
            if self.decided.is_some() {
                continue;
            }
            let Some(card) = store.ticket_card(row.id).await? else {
                continue;
            };
            if card.post().is_none_or(|post| !post.sensitive.is_empty()) {
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
                    "approved",
                    row.id,
                    format!(
                        "by {REVIEWER}, bound to {}; held {FUSE} for undo",
                        card.content_hash.short()
                    ),
                );
            }
        }
        Ok(())
    }
}

async fn summary(store: &dyn Store, json: bool) -> Result<(), Fault> {
    let house = store.overview().await?;
    let entries = store.verify_ledger().await?;
    if json {
        out::json(
            &json!({"step": "summary", "ledger_entries": entries, "spent_usd": house.spent_day, "reserved_usd": house.reserved,
            "cap_day_usd": house.cap_day, "tickets_waiting": house.tickets_waiting, "simulated": true}),
        );
        return Ok(());
    }
    out::line(format!(
        "The ledger holds: {entries} entries, {} USD spent (SIMULATED) and {} reserved of {} a day. {} tickets still wait for a person.",
        house.spent_day,
        house.reserved,
        house
            .cap_day
            .map_or_else(|| "no cap".to_owned(), |cap| cap.to_string()),
        house.tickets_waiting
    ));
    out::line("Now run `chimera`: it makes a sandbox of its own, where you decide.");
    Ok(())
}
