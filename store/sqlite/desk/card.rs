//! One ticket with everything a decision needs.

use chimera_domain::{
    Safe, Usd,
    artifact::Post,
    effect::{EffectState, OutgoingCall},
    ids::{AgentId, CampaignId, TaskId, TicketId, TraceId},
    task::TaskSpec,
    ticket::TicketState,
    verdict::{Look, Verdict},
    views::{Asks, AttemptRow, MediaRow, PostAsked, TicketCard, TicketRow},
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{Db, Verb},
        modes::Reaches,
        rows::Cells,
        spend,
    },
    asked, lists, probes,
};

/// What one row of the ticket's own join holds.
struct Asked {
    row: TicketRow,
    task: TaskId,
    attempt: u32,
    trace: TraceId,
    agent: AgentId,
    campaign: CampaignId,
    content_hash: chimera_domain::ContentHash,
    call: OutgoingCall,
    edited: Option<OutgoingCall>,
    note: Safe,
    spec: TaskSpec,
    verdict: Verdict,
    decided: Option<Safe>,
    trend: Option<Safe>,
}

fn of_row(row: &Row<'_>, reaches: &Reaches<'_>) -> Verb<Asked> {
    Ok(Asked {
        row: lists::ticket(row, reaches)?,
        task: row.id("task_id")?,
        attempt: row.small("plan_attempt")?,
        trace: row.id("trace_id")?,
        agent: row.id("agent_id")?,
        campaign: row.id("campaign_id")?,
        content_hash: row.hash("content_hash")?,
        call: row.doc("call")?,
        edited: row.maybe_doc("edited_call")?,
        note: row.line("note")?,
        spec: row.doc("task_spec")?,
        verdict: row.doc("verdict")?,
        decided: decided(row)?,
        trend: row
            .get::<_, Option<String>>("trend")?
            .map(|t| Safe::line(&t)),
    })
}

fn decided(row: &Row<'_>) -> Verb<Option<Safe>> {
    let (by, at): (Option<String>, _) = (row.get("decided_by")?, row.maybe_time("decided_at")?);
    let (Some(by), Some(at)) = (by, at) else {
        return Ok(None);
    };
    let state: TicketState = row.word("state")?;
    let class: Option<String> = row.get("reject_class")?;
    let note = row.text("note")?;
    let word = if state == TicketState::Rejected && class.is_none() {
        "changes asked for"
    } else {
        state.as_str()
    };
    let mut text = format!("{word} by {by} at {}", at.to_rfc3339_seconds());
    if let Some(class) = class {
        text.push_str(&format!(" ({class})"));
    }
    if !note.is_empty() {
        text.push_str(&format!(" {note}"));
    }
    Ok(Some(Safe::line(&text)))
}

pub(super) fn read(db: &Db<'_>, ticket: TicketId) -> Verb<Option<TicketCard>> {
    let reaches = db.reaches();
    let sql = format!(
        "SELECT {}, t.agent_id, t.plan_attempt, p.title AS trend FROM {} JOIN plans p ON p.trace_id = t.trace_id
         WHERE k.ticket_id = ?1",
        lists::TICKET_COLUMNS,
        lists::TICKETS
    );
    let Some(asked) = db.one(&sql, [ticket.as_bytes()], |row| of_row(row, &reaches))? else {
        return match probes::card(db, ticket)? {
            None => asked::card(db, ticket),
            some => Ok(some),
        };
    };
    let policy = db.policy()?;
    let (mut send_cost, mut left_day) = (None, None);
    if let Some(policy) = &policy {
        let budget = &policy.budget;
        send_cost = budget
            .price(&asked.call.server, &asked.call.tool)
            .and_then(chimera_domain::policy::Price::estimate);
        let cap = budget.agent_day_usd_max;
        let day = spend::day_use(db, asked.agent, &budget.zone, cap, Usd::ZERO)?;
        left_day = cap.checked_sub(day.used).map(|left| left.max(Usd::ZERO));
    }
    let spent = Usd::from_micros(db.number(
        "SELECT sum(counted) FROM spend_intents WHERE trace_id = ?1 AND state IN ('posted', 'uncertain')",
        [asked.trace.as_bytes()],
    )?);
    let post: &Post = &asked.call.post;
    let two = match asked.row.state.is_waiting() {
        true => db.grounds_for_two(
            asked.agent,
            asked.campaign,
            &asked.call,
            !asked.verdict.sensitive.is_empty(),
        )?,
        false => Vec::new(),
    };
    let trace = asked.trace;
    let (effect, looked_at_by) = (
        effect(db, asked.row.id, asked.row.state)?,
        db.one(
            "SELECT looked_by FROM tickets WHERE ticket_id = ?1 AND looked_until > ?2",
            params![asked.row.id.as_bytes(), db.now.micros()],
            |row| row.line("looked_by"),
        )?,
    );
    let published = db.one(
        // By way of its effects, which have an index: publications only grow.
        "SELECT p.url, p.external_id FROM effects e CROSS JOIN publications p ON p.effect_id = e.effect_id
         WHERE e.task_id = ?1",
        [asked.task.as_bytes()],
        |row| {
            let url = row.line("url")?;
            if url.is_empty() {
                row.line("external_id")
            } else {
                Ok(url)
            }
        },
    )?;
    let lines = |lines: &[String]| lines.iter().map(|line| Safe::line(line)).collect();
    let asks = PostAsked {
        task_id: asked.task,
        edited: asked
            .edited
            .as_ref()
            .map(|call| Safe::block(&call.post.text)),
        attempt: (
            asked.attempt,
            policy
                .as_ref()
                .map(|policy| policy.planner.plan_attempts_max),
        ),
        attempts: attempts_before(db, asked.task)?,
        graphemes: (graphemes(&post.text), post.channel.graphemes_max()),
        media: post
            .media
            .iter()
            .map(|one| shown(one, &asked.verdict.looks))
            .collect(),
        disclosure: Safe::line(post.disclosure.as_str()),
        tool: Safe::line(&format!("{}/{}", asked.call.server, asked.call.tool)),
        citations: post
            .citations
            .iter()
            .map(|c| (Safe::line(&c.title), Safe::line(&c.url)))
            .collect(),
        trend: asked.trend,
        persona: Safe::line(&asked.spec.persona_lock.slug),
        worker_confidence: asked.verdict.worker_confidence,
        judge_confidence: asked.verdict.judge_confidence,
        checks: asked.verdict.checks,
        models: lines(&asked.verdict.models),
        redacted: lines(&asked.verdict.redacted),
        made: lines(&asked.verdict.made),
        sensitive: asked.verdict.sensitive,
        spent,
        send_cost,
        left_day,
    };
    Ok(Some(TicketCard {
        trace_id: trace,
        content_hash: asked.content_hash,
        two: two
            .iter()
            .map(|ground| Safe::line(&ground.to_string()))
            .collect(),
        text: Safe::block(&post.text),
        note: asked.note,
        looked_at_by,
        fuse: db.fuse()?,
        decided: asked.decided,
        effect,
        published,
        asks: Asks::Post(Box::new(asks)),
        row: asked.row,
    }))
}

/// So many attempts before it are shown; a policy that allows more is unusual.
const ATTEMPTS_MAX: u32 = 9;

/// What the attempts before this task's would have posted, and what was wrong with each.
fn attempts_before(db: &Db<'_>, task: TaskId) -> Verb<Vec<AttemptRow>> {
    db.all(
        "SELECT b.plan_attempt, b.call, b.issues FROM tasks t
           JOIN tasks b ON b.trace_id = t.trace_id AND b.plan_attempt < t.plan_attempt
         WHERE t.task_id = ?1 AND b.call IS NOT NULL ORDER BY b.plan_attempt DESC LIMIT ?2",
        params![task.as_bytes(), ATTEMPTS_MAX],
        |row| {
            let issues: Vec<String> = row.doc("issues")?;
            Ok(AttemptRow {
                attempt: row.small("plan_attempt")?,
                text: Safe::block(&row.doc::<OutgoingCall>("call")?.post.text),
                issues: issues.iter().map(|issue| Safe::line(issue)).collect(),
            })
        },
    )
}

fn media(media: &chimera_domain::artifact::Media) -> MediaRow {
    MediaRow {
        sha256: media.sha256,
        mime: Safe::line(&media.mime),
        bytes: media.bytes,
        size: (media.width, media.height),
        alt_text: Safe::line(&media.alt_text),
        likeness: None,
        reference: None,
    }
}

/// A picture, with how like it is to the reference of its look.
fn shown(one: &chimera_domain::artifact::Media, looks: &[Look]) -> MediaRow {
    let look = looks.iter().find(|look| look.picture == one.sha256);
    let likeness = look.map(|look| &look.likeness);
    MediaRow {
        likeness: likeness.map(|found| {
            (
                Safe::line(&found.told()),
                found.is_low() || found.score.is_err(),
            )
        }),
        reference: likeness
            .and_then(|found| found.reference.as_ref())
            .map(|reference| Box::new(media(reference))),
        ..media(one)
    }
}

/// What the decision on this ticket set off, the last of it. One that waits or was refused has set
/// nothing off; an approval that was taken back before belongs to no decision that still holds.
fn effect(db: &Db<'_>, ticket: TicketId, state: TicketState) -> Verb<Option<EffectState>> {
    if state.is_waiting() || state == TicketState::Rejected {
        return Ok(None);
    }
    db.one(
        "SELECT CASE WHEN p.withdrawn_at IS NULL THEN e.state ELSE 'withdrawn' END AS state
         FROM effects e LEFT JOIN publications p ON p.effect_id = e.effect_id
         WHERE e.ticket_id = ?1 ORDER BY e.created_at DESC, e.rowid DESC LIMIT 1",
        [ticket.as_bytes()],
        |row| row.word("state"),
    )
}

fn graphemes(text: &str) -> usize {
    unicode_segmentation::UnicodeSegmentation::graphemes(text, true).count()
}
