//! The lists of the command line: signals, tasks, money, publications. One row a line, or one JSON value.

use chimera_domain::{
    Outcome, Usd,
    ids::{AlertId, IntentId, SignalId, TaskId},
    ports::Store,
    resource::ResourceHealth,
    signal::Said,
    spend::IntentState,
    views::{
        AlertRow, LedgerRow, PAGE_MAX, Page, PageRequest, PublicationRow, SignalRow, TaskRow, mark,
    },
};
use serde_json::{Value, json};

use crate::{
    cli::{Alert, Engagement, PageArgs, Planner, Spend, WorkerCommand},
    clock,
    commands::{history, page, threshold},
    fault::Fault,
    machine, out,
};

/// `chimera planner …`
///
/// # Errors
/// When the database cannot be used; `Conflict` when the signal moved meanwhile or became tasks.
pub async fn planner(store: &dyn Store, verb: Planner, json: bool) -> Result<(), Fault> {
    match verb {
        Planner::ViewSignals(args) => print(
            &store.signal_feed(&page(&args)).await?,
            &args,
            json,
            signal_line,
            signal_json,
        ),
        Planner::Keep { signal } => return say(store, &signal, Said::Kept, json).await,
        Planner::Drop { signal } => return say(store, &signal, Said::Dropped, json).await,
        Planner::Threshold { at, hours } => return threshold::run(store, &at, hours, json).await,
        Planner::ViewResources(args) => print(
            &store.resource_health(&page(&args)).await?,
            &args,
            json,
            resource_line,
            resource_json,
        ),
    }
    Ok(())
}

/// A person's word on a signal as it stands now.
async fn say(store: &dyn Store, signal: &str, said: Said, json: bool) -> Result<(), Fault> {
    let id: SignalId = signal.parse().map_err(usage)?;
    let page = PageRequest {
        only: vec![id.to_string()],
        ..PageRequest::first(1)
    };
    let gone = || {
        Fault::NotFound(format!(
            "there is no signal {signal}; `chimera planner view-signals --json` shows them"
        ))
    };
    let row = store.signal_feed(&page).await?.rows.into_iter().next();
    let version = row.ok_or_else(gone)?.version;
    let actor = machine::actor();
    match store.say_of_signal(id, version, said, &actor).await? {
        Outcome::Done((), _) if json => out::json(&json!({"signal_id": id, "said": said})),
        Outcome::Done((), _) => out::line(match said {
            Said::Kept => "kept: it is planned, and what is like it scores higher",
            Said::Dropped => "dropped: it is left, and what is like it scores lower",
        }),
        Outcome::Conflict(conflict) => {
            return Err(Fault::Conflict(format!("it is {} by now", conflict.now)));
        }
        Outcome::NotFound => return Err(gone()),
    }
    Ok(())
}

/// `chimera worker …`
///
/// # Errors
/// When the database cannot be used; `Conflict` when the task moved meanwhile.
pub async fn worker(store: &dyn Store, verb: WorkerCommand, json: bool) -> Result<(), Fault> {
    match verb {
        WorkerCommand::CheckQueue(args) => {
            print(
                &store.task_list(&page(&args), None).await?,
                &args,
                json,
                task_line,
                task_json,
            );
            Ok(())
        }
        WorkerCommand::RetryFailed { task } => retry(store, &task, json).await,
        WorkerCommand::History { task, judge_now } => {
            history::run(store, &task, judge_now, json).await
        }
    }
}

/// `chimera cfo …`
///
/// # Errors
/// When the database cannot be read.
pub async fn cfo(store: &dyn Store, verb: Spend, json: bool) -> Result<(), Fault> {
    match verb {
        Spend::ViewLedger(args) => {
            print(
                &store.ledger(&page(&args)).await?,
                &args,
                json,
                ledger_line,
                ledger_json,
            );
            Ok(())
        }
        Spend::Settle {
            intent,
            usd,
            over_reserved,
        } => {
            let (id, usd): (IntentId, Usd) =
                (intent.parse().map_err(usage)?, usd.parse().map_err(usage)?);
            let row = uncertain(store, id).await?;
            if usd > row.estimate && !over_reserved {
                return Err(Fault::Usage(format!(
                    "{usd} USD is more than the {} reserved for it; say --over-reserved when that is what it cost",
                    row.estimate
                )));
            }
            store.settle(id, usd).await?;
            settled(json, id, "posted", &format!("settled at {usd} USD"));
            Ok(())
        }
        Spend::Void { intent, why } => {
            let id: IntentId = intent.parse().map_err(usage)?;
            uncertain(store, id).await?;
            store.void(id, &why).await?;
            settled(json, id, "voided", "released; nothing of it was spent");
            Ok(())
        }
    }
}

/// The intent, as long as nobody knows what it cost.
async fn uncertain(store: &dyn Store, id: IntentId) -> Result<LedgerRow, Fault> {
    let mut page = PageRequest {
        filter: "uncertain".to_owned(),
        ..PageRequest::first(PAGE_MAX)
    };
    loop {
        let found = store.ledger(&page).await?;
        if found.rows.is_empty() {
            return Err(Fault::Conflict(format!(
                "{id} is not uncertain; `chimera cfo view-ledger --filter uncertain` shows what is"
            )));
        }
        let row = found.rows.into_iter().find(|row| row.intent_id == id);
        if let Some(row) = row.filter(|row| row.state == IntentState::Uncertain) {
            return Ok(row);
        }
        page.offset += PAGE_MAX;
    }
}

fn settled(json: bool, id: IntentId, state: &str, told: &str) {
    if json {
        out::json(&json!({"intent_id": id, "state": state}));
    } else {
        out::line(told);
    }
}

/// `chimera alert …`
///
/// # Errors
/// `NotFound` for an alert that is not open.
pub async fn alert(store: &dyn Store, verb: Alert, json: bool) -> Result<(), Fault> {
    match verb {
        Alert::List(args) => print(
            &store.alerts(&page(&args)).await?,
            &args,
            json,
            alert_line,
            alert_json,
        ),
        Alert::Acknowledge { alert } => {
            let id: AlertId = alert.parse().map_err(usage)?;
            if !store.acknowledge_alert(id, &machine::actor()).await? {
                return Err(Fault::NotFound(format!(
                    "no alert {alert} is open; `chimera alert list` shows them"
                )));
            }
            if json {
                out::json(&json!({"alert_id": id, "acknowledged": true}));
            } else {
                out::line("acknowledged; it comes back after an hour of quiet");
            }
        }
    }
    Ok(())
}

/// `chimera engagement …`
///
/// # Errors
/// When the database cannot be read.
pub async fn engagement(store: &dyn Store, verb: Engagement, json: bool) -> Result<(), Fault> {
    let Engagement::ViewMetrics(args) = verb;
    print(
        &store.publications(&page(&args)).await?,
        &args,
        json,
        publication_line,
        publication_json,
    );
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn usage(error: impl std::error::Error) -> Fault {
    Fault::Usage(error.to_string())
}

async fn retry(store: &dyn Store, task: &str, json: bool) -> Result<(), Fault> {
    let id: TaskId = task
        .parse()
        .map_err(|error: chimera_domain::ids::InvalidId| Fault::Usage(error.to_string()))?;
    let gone = || {
        Fault::NotFound(format!(
            "there is no task {task}; `chimera worker check-queue` shows them"
        ))
    };
    let version = store.task_version(id).await?.ok_or_else(gone)?;
    match store.replay_task(id, version, &machine::actor()).await? {
        Outcome::Done((), version) if json => {
            out::json(&json!({"task_id": id, "state": "pending", "state_version": version}))
        }
        Outcome::Done(..) => out::line("the task runs again"),
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(gone()),
    }
    Ok(())
}

fn print<T>(
    list: &Page<T>,
    args: &PageArgs,
    json: bool,
    line: fn(&T) -> String,
    value: fn(&T) -> Value,
) {
    for row in &list.rows {
        if json {
            out::json(&value(row))
        } else {
            out::line(line(row))
        }
    }
    if !json {
        out::line(match (list.total, args.filter.is_empty()) {
            (0, true) => "Nothing yet.".to_owned(),
            (0, false) => "Nothing matches the filter.".to_owned(),
            (total, _) => format!("{} of {total}, from {}.", list.rows.len(), args.offset),
        });
    }
}

/// What is not real about a row, before its text.
fn marks(row: &TaskRow) -> String {
    let recorded = if row.recorded { "RECORDED" } else { "" };
    [mark(row.simulated, row.dry), recorded]
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| format!("{word} "))
        .collect()
}

const fn simulated(simulated: bool) -> &'static str {
    if simulated { "SIMULATED" } else { "" }
}

fn signal_line(row: &SignalRow) -> String {
    let score = row
        .score
        .map_or_else(|| "-".to_owned(), |score| score.to_string());
    format!(
        "{}  {score:>4}  {:9} {:20} {}{}  {}",
        row.ingested_at.to_rfc3339_seconds(),
        row.state,
        row.source.cut(20),
        if row.recorded { "RECORDED " } else { "" },
        row.title.cut(70),
        row.why.cut(60)
    )
}

fn signal_json(row: &SignalRow) -> Value {
    json!({"signal_id": row.id, "trace_id": row.trace_id, "title": row.title, "source": row.source, "link": row.link, "campaign": row.campaign,
        "published_at": row.published_at.map(chimera_domain::Timestamp::to_rfc3339), "ingested_at": row.ingested_at.to_rfc3339(),
        "recorded": row.recorded, "state": row.state, "why": row.why, "relevance_score": row.score,
        "relevance_method": row.method, "relevance_reason": row.reason, "said": row.said, "state_version": row.version})
}

fn resource_line(row: &ResourceHealth) -> String {
    let stale = if row.is_stale(clock::system().now()) {
        "STALE, nobody polls it; "
    } else {
        ""
    };
    let fares = match (&row.last_error, row.last_success_at) {
        (Some(error), _) => format!("FAILING, {} times in a row: {error}", row.failures),
        (None, Some(at)) => {
            let note = row
                .note
                .as_ref()
                .map_or_else(String::new, |note| format!(" ({note})"));
            format!("read at {}{note}", at.to_rfc3339_seconds())
        }
        (None, None) => "not read yet".to_owned(),
    };
    format!(
        "{:40} {:>6} seen {:>6} kept {:>6} converted  {stale}{fares}",
        row.uri.cut(40),
        row.seen,
        row.kept,
        row.converted
    )
}

fn resource_json(row: &ResourceHealth) -> Value {
    json!({"resource_id": row.id, "uri": row.uri, "last_success_at": row.last_success_at.map(chimera_domain::Timestamp::to_rfc3339),
        "last_error": row.last_error, "note": row.note, "stale": row.is_stale(clock::system().now()), "age_max_seconds": row.age_max.map(|age| age.millis() / 1_000), "failures": row.failures, "next_poll_at": row.next_poll_at.to_rfc3339(),
        "seen": row.seen, "kept": row.kept, "converted": row.converted})
}

fn task_line(row: &TaskRow) -> String {
    format!(
        "{}  {:9} {:10} {}/{}  {}{}  {}",
        row.id,
        row.node,
        row.state,
        row.plan_attempt,
        row.attempt,
        marks(row),
        row.title.cut(60),
        row.why.cut(60)
    )
}

fn task_json(row: &TaskRow) -> Value {
    json!({"task_id": row.id, "trace_id": row.trace_id, "node": row.node, "task_type": row.kind, "state": row.state, "reason": row.reason, "why": row.why,
        "depends_on": row.after, "attempt": row.attempt, "plan_attempt": row.plan_attempt, "conflicts_in_a_row": row.conflicts, "title": row.title, "state_version": row.version,
        "created_at": row.created_at.to_rfc3339(), "cost_usd": row.spent, "simulated": row.simulated, "dry_run": row.dry, "recorded": row.recorded})
}

fn ledger_line(row: &LedgerRow) -> String {
    let actual = row
        .actual
        .map_or_else(|| "?".to_owned(), |usd| usd.to_string());
    format!(
        "{}  {:9} {:>8} of {:>8} USD  {:24} {}  {}",
        row.at.to_rfc3339_seconds(),
        row.state,
        actual,
        row.estimate,
        row.memo.cut(24),
        simulated(row.simulated),
        row.why.cut(60)
    )
}

fn ledger_json(row: &LedgerRow) -> Value {
    let entries: Vec<Value> = row.entries.iter().map(|e| json!({"entry_id": e.id, "seq": e.seq, "debit": e.debit, "credit": e.credit, "amount_usd": e.amount, "at": e.at.to_rfc3339(), "hash": e.hash})).collect();
    json!({"intent_id": row.intent_id, "state": row.state, "memo": row.memo, "budget_category": row.category, "campaign": row.campaign,
        "correlation_task_id": row.task_id, "estimate_usd": row.estimate, "actual_usd": row.actual, "why": row.why, "simulated": row.simulated,
        "at": row.at.to_rfc3339(), "entries": entries})
}

fn alert_line(row: &AlertRow) -> String {
    let times = if row.count == 1 {
        String::new()
    } else {
        format!(" ({} times)", row.count)
    };
    format!(
        "{}  {}  {:7} {}{times}",
        row.id,
        row.at.to_rfc3339_seconds(),
        row.severity,
        row.text
    )
}

fn alert_json(row: &AlertRow) -> Value {
    json!({"alert_id": row.id, "severity": row.severity, "code": row.code, "text": row.text, "at": row.at.to_rfc3339(), "count": row.count})
}

fn publication_line(row: &PublicationRow) -> String {
    let counts = row.last.map_or_else(
        || "not read yet".to_owned(),
        |s| {
            format!(
                "{} likes, {} shares, {} comments",
                s.likes, s.shares, s.comments
            )
        },
    );
    let withdrawn = row
        .withdrawn
        .as_ref()
        .map_or_else(String::new, |(at, why)| {
            format!("  WITHDRAWN at {}: {why}", at.to_rfc3339_seconds())
        });
    format!(
        "{}  {}  {} {}  {}  {counts}  {}{withdrawn}",
        row.id,
        row.published_at.to_rfc3339_seconds(),
        row.account,
        row.channel,
        row.text.cut(60),
        simulated(row.simulated)
    )
}

fn publication_json(row: &PublicationRow) -> Value {
    json!({"publication_id": row.id, "trace_id": row.trace_id, "text": row.text, "channel": row.channel, "account": row.account, "url": row.url,
        "external_id": row.external_id, "published_at": row.published_at.to_rfc3339(), "simulated": row.simulated,
        "state": if row.withdrawn.is_some() { "withdrawn" } else { "published" },
        "withdrawn_at": row.withdrawn.as_ref().map(|(at, _)| at.to_rfc3339()), "withdrawn_why": row.withdrawn.as_ref().map(|(_, why)| why),
        "likes": row.last.map(|s| s.likes), "shares": row.last.map(|s| s.shares), "comments": row.last.map(|s| s.comments), "views": row.last.and_then(|s| s.views)})
}
