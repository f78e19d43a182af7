//! Payments as people at the desk see them: those that wait among the tickets, and one with everything a decision needs.

use chimera_domain::{
    Safe, Timestamp,
    cfo::{self, Decision, Facts, Line, PaymentPolicy},
    effect::EffectState,
    ids::{PaymentId, TaskId, TicketId},
    payment::{PaymentState, Source},
    ticket::TicketState,
    views::{
        About, Asks, FactorRow, FirstApproval, Fuse, PAGE_MAX, PaymentAsked, PaymentRow, RuleRow,
        TicketCard, TicketRow,
    },
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{Db, Verb},
        payments::{Kept, facts, kept_row, policy},
        rows::Cells,
    },
    payments, terms,
};

/// What is shown of a payment, with what the desk knows of it.
const SHOWN: &str = "p.*, g.slug, coalesce(c.name, '') AS campaign,
   coalesce(d.escalated, 0) AS escalated, coalesce(d.note, '') AS desk_note, coalesce(d.assigned_to, '') AS assigned_to,
   d.snoozed_until, d.decided_by, d.decided_at, d.answer, d.looked_by, d.looked_until
 FROM payments p JOIN agents g ON g.agent_id = p.agent_id LEFT JOIN campaigns c ON c.campaign_id = p.campaign_id
 LEFT JOIN payment_desk d ON d.payment_id = p.payment_id";

/// A payment with all that is kept beside it.
struct Shown {
    kept: Kept,
    listed: PaymentRow,
    agent: Safe,
    campaign: Safe,
    escalated: bool,
    note: Safe,
    assigned_to: Safe,
    snoozed_until: Option<Timestamp>,
    decided: Option<(String, Timestamp, String)>,
    looked_at_by: Option<Safe>,
    task: Option<TaskId>,
    leaves_at: Option<Timestamp>,
    simulated: bool,
}

fn shown(db: &Db<'_>, row: &Row<'_>, policy: Option<&PaymentPolicy>) -> Verb<Shown> {
    let looks = row
        .maybe_time("looked_until")?
        .is_some_and(|until| until > db.now);
    let by: Option<String> = row.get("decided_by")?;
    let answer: Option<String> = row.get("answer")?;
    let decided = match (by, row.maybe_time("decided_at")?, answer) {
        (Some(by), Some(at), Some(answer)) => Some((by, at, answer)),
        (_, _, _) => None,
    };
    Ok(Shown {
        kept: kept_row(row)?,
        listed: payments::row(row, policy)?,
        agent: row.line("slug")?,
        campaign: row.line("campaign")?,
        escalated: row.flag("escalated")?,
        note: row.line("desk_note")?,
        assigned_to: row.line("assigned_to")?,
        snoozed_until: row
            .maybe_time("snoozed_until")?
            .filter(|until| *until > db.now),
        decided,
        looked_at_by: if looks {
            Some(row.line("looked_by")?)
        } else {
            None
        },
        task: row.maybe_id("task_id")?,
        leaves_at: row.maybe_time("leaves_at")?,
        simulated: row.flag("simulated")?,
    })
}

/// What was told to the CFO when it was last asked, and what it says to that by the policy in force.
struct Heard {
    lines: Vec<Line>,
    people: u32,
    at: Option<Timestamp>,
    now: Option<(Decision, Facts)>,
}

fn heard(db: &Db<'_>, of: &Kept, policy: Option<&PaymentPolicy>) -> Verb<Heard> {
    let found = db.one(
        "SELECT lines, facts, people, at FROM payment_decisions WHERE payment_id = ?1 ORDER BY decision_id DESC LIMIT 1",
        [of.terms.payment_id.as_bytes()],
        |row| {
            let lines: Vec<Line> = row.doc("lines")?;
            let facts: Facts = row.doc("facts")?;
            Ok((lines, facts, row.small("people")?, row.time("at")?))
        },
    )?;
    let Some((lines, facts, people, at)) = found else {
        return Ok(Heard {
            lines: Vec::new(),
            people: 1,
            at: None,
            now: None,
        });
    };
    let now = policy.map(|policy| (cfo::decide(&of.wish, policy, &facts), facts));
    Ok(Heard {
        lines,
        people,
        at: Some(at),
        now,
    })
}

/// The payments that wait for a person, the first due first; so many that no screen shows more.
pub(super) fn waiting(db: &Db<'_>) -> Verb<Vec<TicketRow>> {
    if !there_is(db, "state = 'review'")? {
        return Ok(Vec::new());
    }
    let policy = policy(db)?.map(|(_, payments)| payments);
    let found = db.all(
        &format!("SELECT {SHOWN} WHERE p.state = 'review' ORDER BY p.expires_at LIMIT ?1"),
        [PAGE_MAX],
        |row| shown(db, row, policy.as_ref()),
    )?;
    found
        .iter()
        .map(|one| {
            let heard = heard(db, &one.kept, policy.as_ref())?;
            let approvals = approvals(db, one.kept.terms.payment_id)?;
            Ok(row(one, policy.as_ref(), &heard, &approvals))
        })
        .collect()
}

/// Most of the time nothing of this kind is there, and then the rules need not be read to show it.
fn there_is(db: &Db<'_>, condition: &str) -> Verb<bool> {
    let found = db.number(
        &format!("SELECT EXISTS (SELECT 1 FROM payments WHERE {condition})"),
        [],
    )?;
    Ok(found == 1)
}

/// How many wait, since when, and when a person last answered one.
pub(super) fn counted(db: &Db<'_>) -> Verb<(u64, Option<Timestamp>, Option<Timestamp>)> {
    let (waiting, oldest) = db
        .one(
            "SELECT count(*) AS n, min(at) AS at FROM payments WHERE state = 'review'",
            [],
            |row| Ok((row.count("n")?, row.maybe_time("at")?)),
        )?
        .unwrap_or_default();
    let answered = db
        .one(
            "SELECT max(decided_at) AS at FROM payment_desk WHERE decided_at IS NOT NULL",
            [],
            |row| row.maybe_time("at"),
        )?
        .flatten();
    Ok((waiting, oldest, answered))
}

/// The approved payments that can still be taken back.
pub(super) fn fuses(db: &Db<'_>, limit: u32) -> Verb<Vec<Fuse>> {
    if !there_is(
        db,
        "state IN ('review', 'approved') AND leaves_at IS NOT NULL",
    )? {
        return Ok(Vec::new());
    }
    let policy = policy(db)?.map(|(_, payments)| payments);
    let found = db.all(
        &format!(
            "SELECT {SHOWN} WHERE p.state = 'approved' AND p.leaves_at > ?1 ORDER BY p.leaves_at LIMIT ?2"
        ),
        params![db.now.micros(), limit],
        |row| shown(db, row, policy.as_ref()),
    )?;
    let fuse = |of: Shown| {
        let until = of.leaves_at?;
        let terms = &of.kept.terms;
        let label = format!(
            "{} to {}",
            terms::amount(policy.as_ref(), terms),
            terms.counterparty
        );
        Some(Fuse {
            effect_id: None,
            ticket_id: Some(TicketId::of_payment(terms.payment_id)),
            ticket_version: Some(of.kept.payment.version),
            until,
            label: Safe::line(&label),
        })
    };
    Ok(found.into_iter().filter_map(fuse).collect())
}

fn approvals(db: &Db<'_>, payment: PaymentId) -> Verb<Vec<FirstApproval>> {
    let given = facts::approvals(db, payment)?;
    Ok(given
        .iter()
        .map(|approval| FirstApproval {
            by: Safe::line(&approval.by),
            at: approval.at,
        })
        .collect())
}

fn row(
    of: &Shown,
    policy: Option<&PaymentPolicy>,
    heard: &Heard,
    approvals: &[FirstApproval],
) -> TicketRow {
    let Kept { payment, terms, .. } = &of.kept;
    let is_asked = payment.state == PaymentState::Review;
    let first = approvals.first().filter(|_| is_asked).cloned();
    let waits = first
        .iter()
        .map(|first| Safe::line(&format!("approved by {}, needs a second person", first.by)));
    let grounds = heard.now.iter().flat_map(|(decision, _)| {
        decision
            .grounds()
            .iter()
            .map(|ground| Safe::line(ground))
            .collect::<Vec<Safe>>()
    });
    let mut reasons: Vec<Safe> = waits.chain(grounds).collect();
    if reasons.is_empty() {
        reasons.push(Safe::line(&payment.why));
    }
    let text = format!(
        "{} to {} for {}",
        terms::amount(policy, terms),
        terms.counterparty,
        terms.memo
    );
    TicketRow {
        id: TicketId::of_payment(terms.payment_id),
        version: payment.version,
        state: ticket_state(payment.state, of.escalated),
        text: Safe::line(&text).cut(super::lists::LINE_COLUMNS),
        reasons,
        confidence: None,
        account: of.agent.clone(),
        about: About::Payment,
        channel: terms::chain(policy, terms),
        campaign: of.campaign.clone(),
        created_at: payment.at,
        sla_at: payment.expires_at,
        assigned_to: of.assigned_to.clone(),
        snoozed_until: of.snoozed_until,
        first,
        simulated: of.simulated,
        dry: false,
    }
}

const fn ticket_state(state: PaymentState, escalated: bool) -> TicketState {
    match state {
        PaymentState::Review if escalated => TicketState::Escalated,
        PaymentState::Review => TicketState::Open,
        PaymentState::Approved
        | PaymentState::Signed
        | PaymentState::Broadcast
        | PaymentState::Mined
        | PaymentState::Posted
        | PaymentState::Uncertain
        | PaymentState::Reverted
        | PaymentState::Cancelled => TicketState::Approved,
        PaymentState::Rejected => TicketState::Rejected,
        PaymentState::Expired => TicketState::Expired,
        PaymentState::Refused => TicketState::Superseded,
    }
}

/// What became of an approval, in the words of what leaves the house.
const fn effect(state: PaymentState) -> Option<EffectState> {
    match state {
        PaymentState::Approved => Some(EffectState::Held),
        PaymentState::Signed => Some(EffectState::Prepared),
        PaymentState::Broadcast | PaymentState::Mined => Some(EffectState::Sent),
        PaymentState::Posted => Some(EffectState::Confirmed),
        PaymentState::Uncertain => Some(EffectState::Uncertain),
        PaymentState::Reverted => Some(EffectState::Failed),
        PaymentState::Cancelled => Some(EffectState::Withdrawn),
        PaymentState::Review
        | PaymentState::Refused
        | PaymentState::Rejected
        | PaymentState::Expired => None,
    }
}

/// A payment as a ticket, in any state.
pub(super) fn card(db: &Db<'_>, ticket: TicketId) -> Verb<Option<TicketCard>> {
    let id = ticket.as_payment();
    let policy = policy(db)?.map(|(_, payments)| payments);
    let found = db.one(
        &format!("SELECT {SHOWN} WHERE p.payment_id = ?1 AND p.terms IS NOT NULL"),
        [id.as_bytes()],
        |row| shown(db, row, policy.as_ref()),
    )?;
    let Some(of) = found else {
        return Ok(None);
    };
    let policy = policy.as_ref();
    let heard = heard(db, &of.kept, policy)?;
    let approvals = approvals(db, id)?;
    let row = row(&of, policy, &heard, &approvals);
    let Kept { payment, terms, .. } = &of.kept;
    let decided = of.decided.as_ref().map(|(by, at, answer)| {
        let why = if payment.state == PaymentState::Rejected {
            format!(": {}", payment.why)
        } else {
            String::new()
        };
        Safe::line(&format!(
            "{answer} by {by} at {}{why}",
            at.to_rfc3339_seconds()
        ))
    });
    // A payment ends without a person, too; then its own words say how.
    let decided = decided.or_else(|| {
        (payment.state != PaymentState::Review)
            .then(|| Safe::line(&format!("{}: {}", payment.state, payment.why)))
    });
    let asked = asked(db, &of, policy, &heard, approvals)?;
    let two = match (asked.people, row.state.is_waiting()) {
        (2.., true) => row.reasons.clone(),
        (_, _) => Vec::new(),
    };
    let text = format!(
        "{} from the wallet of {} to {} at {} on {} (chain {}), for {}",
        terms::amount(policy, terms),
        terms.agent,
        terms.counterparty,
        terms.to,
        row.channel,
        terms.chain_id,
        terms.memo
    );
    let left = of.leaves_at.filter(|at| *at > db.now);
    Ok(Some(TicketCard {
        trace_id: payment.trace_id,
        content_hash: terms.digest(),
        two,
        text: Safe::block(&text),
        looked_at_by: of.looked_at_by.clone(),
        note: of.note.clone(),
        fuse: left.map_or(db.fuse()?, |at| at.since(db.now)),
        decided,
        effect: effect(payment.state),
        published: payment
            .found
            .map(|found| Safe::line(&found.transaction.to_string())),
        asks: Asks::Payment(Box::new(asked)),
        row,
    }))
}

fn asked(
    db: &Db<'_>,
    of: &Shown,
    policy: Option<&PaymentPolicy>,
    heard: &Heard,
    approvals: Vec<FirstApproval>,
) -> Verb<PaymentAsked> {
    let Kept { terms, .. } = &of.kept;
    let decision = heard.now.as_ref().map(|(decision, _)| decision);
    let facts = heard.now.as_ref().map(|(_, facts)| facts);
    let lines = decision.map_or(heard.lines.as_slice(), Decision::lines);
    let trend = match of.task {
        Some(task) => db.one(
            "SELECT p.title FROM tasks t JOIN plans p ON p.trace_id = t.trace_id WHERE t.task_id = ?1",
            [task.as_bytes()],
            |row| row.line("title"),
        )?,
        None => None,
    };
    let quote = facts.and_then(|facts| facts.quote.as_ref());
    let balance = quote
        .zip(terms::asset(policy, terms))
        .map(|(quote, asset)| {
            let held = format!("{} {}", quote.balance.show(asset.decimals), asset.name);
            (Safe::line(&held), quote.at)
        });
    let people = decision.map_or(heard.people, |decision| decision.people().max(heard.people));
    // Who forced it past review is one of them.
    let is_forced = of.kept.wish.forced && of.kept.payment.source == Source::Manual;
    Ok(PaymentAsked {
        row: payments::folded(db, of.listed.clone(), policy)?,
        from: terms.from,
        to: terms.to,
        chain_id: terms.chain_id,
        token: terms.token,
        call: terms::call(policy, terms),
        fee: decision.and_then(Decision::fee),
        balance,
        known: facts
            .and_then(|facts| facts.history.as_ref())
            .map(|history| history.to_counterparty),
        risk: decision.and_then(|decision| decision.risk().score),
        factors: decision
            .map(|decision| decision.risk().contributions.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|one| FactorRow {
                factor: one.factor,
                adds: one.adds,
                observed: Safe::line(&one.observed),
            })
            .collect(),
        rules: lines
            .iter()
            // Who approved is told by itself, and as it is now.
            .filter(|line| line.code != "approval.people")
            .map(|line| RuleRow {
                code: Safe::line(&line.code),
                says: line.says,
                observed: Safe::line(&line.observed),
                limit: Safe::line(&line.limit),
            })
            .collect(),
        limits: decision.map_or_else(Vec::new, |decision| decision.limits().to_vec()),
        decided_at: heard.at,
        people: people.saturating_sub(u32::from(is_forced)).max(1),
        approvals,
        task_id: of.task,
        trend,
    })
}
