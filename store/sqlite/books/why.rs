//! Why something was paid: from the entry back to the signal, and what was decided on the way.

use chimera_domain::{
    ContentHash, Safe, Usd,
    cfo::Line,
    ids::{IntentId, PaymentId, TaskId, TraceId},
    payment::{PaymentState, Terms},
    resource::FeedItem,
    signal::{Relevance, Said},
    spend::{IntentState, Limit},
    verdict::Verdict,
    views::journal::{
        Booked, BookedFor, BookedSubject, PaidDecision, PaidSignal, PaidTask, WhyPaid,
    },
};
use rusqlite::params;

use super::{
    super::{
        db::{Db, Verb},
        rows::Cells,
    },
    Assets,
    entries::{self, whole},
};

/// The most decisions of one kind that are told.
const DECISIONS_MAX: u32 = 20;

pub(super) fn read(db: &Db<'_>, subject: BookedSubject) -> Verb<Option<WhyPaid>> {
    match subject {
        BookedSubject::Intent(intent) => of_intent(db, intent),
        BookedSubject::Payment(payment) => of_payment(db, payment),
        BookedSubject::Entry(entry) => {
            let intent = db.one(
                "SELECT intent_id FROM ledger_entries WHERE entry_id = ?1",
                [entry.as_bytes()],
                |row| row.id("intent_id"),
            )?;
            if let Some(intent) = intent {
                return of_intent(db, intent);
            }
            let found = db.one(
                "SELECT seq, payment_id FROM wallet_entries WHERE entry_id = ?1",
                [entry.as_bytes()],
                |row| Ok((row.get::<_, i64>("seq")?, row.maybe_id("payment_id")?)),
            )?;
            match found {
                Some((_, Some(payment))) => of_payment(db, payment),
                Some((seq, None)) => Ok(entries::alone(db, seq)?.into_iter().next().map(came_in)),
                None => Ok(None),
            }
        }
    }
}

/// An entry that is for no payment.
fn came_in(entry: Booked) -> WhyPaid {
    let memo = if entry.opening {
        "what the wallet had when it was first looked at"
    } else {
        "it came in from outside; nobody here asked for it"
    };
    WhyPaid {
        of: BookedFor::Nothing,
        state: "posted",
        amount: Safe::line(&whole(&entry.moved)),
        memo: Safe::line(memo),
        agent: entry.agent.clone(),
        campaign: Safe::default(),
        category: None,
        asked_by: Safe::line("outside"),
        at: entry.at,
        simulated: entry.simulated,
        trace_id: None,
        task: None,
        signal: None,
        decisions: Vec::new(),
        entries: vec![entry],
    }
}

fn of_intent(db: &Db<'_>, intent: IntentId) -> Verb<Option<WhyPaid>> {
    let found = db.one(
        "SELECT i.*, g.slug, c.name AS campaign FROM spend_intents i JOIN agents g ON g.agent_id = i.agent_id
           JOIN campaigns c ON c.campaign_id = i.campaign_id WHERE i.intent_id = ?1",
        [intent.as_bytes()],
        |row| {
            let task: TaskId = row.id("task_id")?;
            let trace: TraceId = row.id("trace_id")?;
            let state: IntentState = row.word("state")?;
            let actual: Option<i64> = row.get("actual")?;
            let estimate = row.usd("estimate")?;
            let amount = match actual.map(Usd::from_micros) {
                Some(actual) => format!("{actual} USD, of {estimate} that were set aside"),
                None => format!("{estimate} USD asked for"),
            };
            let limits: Option<Vec<Limit>> = row.maybe_doc("limits")?;
            let cfo = PaidDecision {
                at: row.time("at")?,
                by: Safe::line("cfo"),
                says: Safe::line(&set_aside(state, limits.as_deref(), &row.text("why")?)),
                hash: None,
            };
            let why = WhyPaid {
                of: BookedFor::Intent(intent),
                state: state.as_str(),
                amount: Safe::line(&amount),
                memo: row.line("memo")?,
                agent: row.line("slug")?,
                campaign: row.line("campaign")?,
                category: Some(row.word("category")?),
                asked_by: Safe::line("the swarm, for its task"),
                at: row.time("at")?,
                simulated: row.flag("simulated")?,
                trace_id: Some(trace),
                task: None,
                signal: None,
                decisions: vec![cfo],
                entries: Vec::new(),
            };
            Ok((why, task, trace))
        },
    )?;
    let Some((mut why, task, trace)) = found else {
        return Ok(None);
    };
    why.entries = entries::of_intent(db, intent)?;
    behind(db, &mut why, Some(task), trace)?;
    Ok(Some(why))
}

/// What the CFO said of an intent: what it was held against is kept with it.
fn set_aside(state: IntentState, limits: Option<&[Limit]>, why: &str) -> String {
    let word = match state {
        IntentState::Refused => "refused",
        IntentState::Pending
        | IntentState::Posted
        | IntentState::Voided
        | IntentState::Uncertain => "set aside",
    };
    let held = limits
        .unwrap_or_default()
        .iter()
        .map(|limit| format!("{} {} of {} USD used", limit.limit, limit.used, limit.cap));
    let held: Vec<String> = held.collect();
    let mut told = word.to_owned();
    if !held.is_empty() {
        told += &format!(" against {}", held.join(", "));
    }
    if !why.is_empty() {
        told += &format!("; {why}");
    }
    told
}

fn of_payment(db: &Db<'_>, payment: PaymentId) -> Verb<Option<WhyPaid>> {
    let assets = Assets::read(db)?;
    let found = db.one(
        "SELECT p.*, g.slug, c.name AS named FROM payments p JOIN agents g ON g.agent_id = p.agent_id
           LEFT JOIN campaigns c ON c.campaign_id = p.campaign_id WHERE p.payment_id = ?1",
        [payment.as_bytes()],
        |row| {
            let terms: Option<Terms> = row.maybe_doc("terms")?;
            let asset = row.line("asset")?;
            let amount = terms.map_or_else(
                || format!("nothing: nobody knew what was meant by this {asset}"),
                |terms| {
                    let decimals = assets.decimals(&terms.asset);
                    let amount =
                        chimera_domain::views::headroom::amount(&asset, decimals, terms.amount);
                    format!("{amount} to {}", terms.counterparty)
                },
            );
            let counted = row.usd("counted")?;
            let state: PaymentState = row.word("state")?;
            let trace: TraceId = row.id("trace_id")?;
            let why = WhyPaid {
                of: BookedFor::Payment(payment),
                state: state.as_str(),
                amount: Safe::line(&format!("{amount}, counts {counted} USD")),
                memo: row.line("memo")?,
                agent: row.line("slug")?,
                campaign: row.line("named")?,
                category: Some(row.word("category")?),
                asked_by: Safe::line(&format!(
                    "{} ({})",
                    row.text("proposer")?,
                    row.text("source")?
                )),
                at: row.time("at")?,
                simulated: row.flag("simulated")?,
                trace_id: Some(trace),
                task: None,
                signal: None,
                decisions: Vec::new(),
                entries: Vec::new(),
            };
            Ok((why, row.maybe_id("task_id")?, trace))
        },
    )?;
    let Some((mut why, task, trace)) = found else {
        return Ok(None);
    };
    why.decisions = cleared(db, payment)?;
    why.decisions.extend(approvals(db, payment)?);
    why.entries = entries::of_payment(db, payment)?;
    behind(db, &mut why, task, trace)?;
    Ok(Some(why))
}

/// What the CFO decided, each time it was asked.
fn cleared(db: &Db<'_>, payment: PaymentId) -> Verb<Vec<PaidDecision>> {
    db.all(
        "SELECT at, step, verdict, lines, policy_hash FROM payment_decisions WHERE payment_id = ?1
         ORDER BY decision_id LIMIT ?2",
        params![payment.as_bytes(), DECISIONS_MAX],
        |row| {
            let verdict = row.text("verdict")?;
            let lines: Vec<Line> = row.doc("lines")?;
            let binding = lines
                .iter()
                .find(|line| line.says.as_str() == verdict && verdict != "allow");
            let why = binding.map_or_else(
                || format!("every one of {} rules passes", lines.len()),
                |line| format!("{}: {}", line.code, line.observed),
            );
            Ok(PaidDecision {
                at: row.time("at")?,
                by: Safe::line("cfo"),
                says: Safe::line(&format!("{verdict} ({}): {why}", row.text("step")?)),
                hash: Some(row.hash("policy_hash")?),
            })
        },
    )
}

fn approvals(db: &Db<'_>, payment: PaymentId) -> Verb<Vec<PaidDecision>> {
    db.all(
        "SELECT actor, digest, at FROM payment_approvals WHERE payment_id = ?1 ORDER BY at, person LIMIT ?2",
        params![payment.as_bytes(), DECISIONS_MAX],
        |row| {
            Ok(PaidDecision {
                at: row.time("at")?,
                by: row.line("actor")?,
                says: Safe::line("approved these terms"),
                hash: Some(row.hash("digest")?),
            })
        },
    )
}

/// The task, the signal, and what judge and people said of what was made of it.
fn behind(db: &Db<'_>, why: &mut WhyPaid, task: Option<TaskId>, trace: TraceId) -> Verb<()> {
    if let Some(task) = task {
        why.task = db.one(
            "SELECT t.node, t.state, p.title FROM tasks t LEFT JOIN plans p ON p.trace_id = t.trace_id
             WHERE t.task_id = ?1",
            [task.as_bytes()],
            |row| {
                Ok(PaidTask {
                    id: task,
                    node: row.line("node")?,
                    state: row.word("state")?,
                    title: row.line("title")?,
                })
            },
        )?;
    }
    why.signal = db.one(
        "SELECT s.signal_id, s.item, s.score, s.relevance, s.said, s.why FROM trend_signals s WHERE s.trace_id = ?1",
        [trace.as_bytes()],
        |row| {
            let item: FeedItem = row.doc("item")?;
            let relevance: Option<Relevance> = row.maybe_doc("relevance")?;
            let said: Option<Said> = row.maybe_word("said")?;
            let because = match (said, relevance) {
                (Some(said), _) => format!("a person said so: {}", said.as_str()),
                (None, Some(relevance)) => relevance.reason,
                (None, None) => row.text("why")?,
            };
            let score: Option<i64> = row.get("score")?;
            Ok(PaidSignal {
                id: row.id("signal_id")?,
                title: Safe::line(&item.title),
                source: Safe::line(&item.source),
                score: score.is_some().then(|| row.score("score")).transpose()?,
                why: Safe::line(&because),
            })
        },
    )?;
    let verdicts = db.all(
        "SELECT v.at, v.content_hash, v.doc FROM tasks t CROSS JOIN verdicts v ON v.task_id = t.task_id
         WHERE t.trace_id = ?1 ORDER BY v.at DESC LIMIT ?2",
        params![trace.as_bytes(), DECISIONS_MAX],
        |row| {
            let verdict: Verdict = row.doc("doc")?;
            let because = verdict.reasons.join("; ");
            Ok(PaidDecision {
                at: row.time("at")?,
                by: Safe::line("judge"),
                says: Safe::line(&format!("{} of the post: {because}", verdict.route)),
                hash: Some(row.hash("content_hash")?),
            })
        },
    )?;
    let people = db.all(
        "SELECT decided_by, decided_at, state, note, content_hash FROM tickets
         WHERE trace_id = ?1 AND decided_by IS NOT NULL ORDER BY decided_at DESC LIMIT ?2",
        params![trace.as_bytes(), DECISIONS_MAX],
        |row| {
            let note = row.text("note")?;
            let note = if note.is_empty() {
                note
            } else {
                format!(": {note}")
            };
            let hash: ContentHash = row.hash("content_hash")?;
            Ok(PaidDecision {
                at: row.time("decided_at")?,
                by: row.line("decided_by")?,
                says: Safe::line(&format!("{} the post{note}", row.text("state")?)),
                hash: Some(hash),
            })
        },
    )?;
    why.decisions.extend(verdicts);
    why.decisions.extend(people);
    why.decisions.sort_by_key(|decision| decision.at);
    Ok(())
}
