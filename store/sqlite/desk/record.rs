//! The record: lines of the audit, and everything that is known of one walk.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Timestamp,
    ids::{EffectId, IntentId, PaymentId, PublicationId, SignalId, TaskId, TicketId, TraceId},
    resource::FeedItem,
    verdict::Verdict,
    views::{AuditRow, By, Page, PageRequest, StepId, StepKind, StepRow},
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{Db, Verb, count},
        rows::Cells,
    },
    filter::{Field, field},
    page::{self, Ids, List, Whole, both},
};

/// The most lines of the audit that one walk shows; one has some dozens.
const LINES_MAX: u32 = 2_000;

pub(in crate::sqlite) const FROM_END: &str =
    "SELECT * FROM audit WHERE seq <= ?1 ORDER BY seq DESC LIMIT ?2";

/// What a filter can name of a line of the audit.
const AUDIT: &[Field] = &[
    field("actor", "actor"),
    field("subject", "subject"),
    field("verb", "verb"),
    field("state", "to_state"),
    field("reason", "reason"),
    field("note", "note"),
    field("trace", "'trc_' || hex(trace_id)"),
];

pub(super) fn audit(db: &Db<'_>, page: &PageRequest) -> Verb<Page<AuditRow>> {
    if page.filter.trim().is_empty() && page.only.is_empty() && page.order.is_none() {
        // Places have no gaps: the page begins at a known one, and nothing is counted.
        let last = db.number("SELECT max(seq) FROM audit", [])?;
        let rows = db.all(
            FROM_END,
            params![
                last.saturating_sub(i64::from(page.offset)),
                page.limit.min(chimera_domain::views::PAGE_MAX)
            ],
            line,
        )?;
        let total = count(last);
        return Ok(Page { rows, total });
    }
    List {
        select: "*",
        from: "audit",
        only: "1 = 1",
        search: "lower(actor || ' ' || subject || ' ' || verb || ' ' || from_state || ' ' || to_state || ' ' || reason || ' '
          || note || coalesce(' trc_' || hex(trace_id), ''))",
        fields: AUDIT,
        orders: &[both(By::Line, "seq DESC", "seq")],
        ids: Ids::Numbers("seq"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, line)
}

fn line(row: &Row<'_>) -> Verb<AuditRow> {
    Ok(AuditRow {
        seq: row.get("seq")?,
        at: row.time("at")?,
        actor: row.line("actor")?,
        subject: row.line("subject")?,
        verb: row.line("verb")?,
        from: row.line("from_state")?,
        to: row.line("to_state")?,
        reason: row.line("reason")?,
        versions: (row.get("from_version")?, row.get("to_version")?),
        trace_id: row.maybe_id("trace_id")?,
        note: row.line("note")?,
        hash: row.hash("hash")?,
    })
}

pub(super) fn walk(db: &Db<'_>, trace: TraceId, page: &PageRequest) -> Verb<Page<StepRow>> {
    let lines = lines(db, trace)?;
    let perceived = perceived(db, trace)?.into_iter();
    let published = published(db, trace)?.into_iter();
    // Of one moment: perception first, a verdict before the line that it moved its task by, and what is
    // public last.
    let mut steps: Vec<(i64, StepRow)> = perceived.map(|step| (0, step)).collect();
    steps.extend(verdicts(db, trace, &lines)?);
    steps.extend(published.map(|step| (i64::MAX, step)));
    steps.extend(lines.into_iter().map(|step| (after(&step), step)));
    steps.sort_by_key(|(place, step)| (step.at, *place));
    let steps = steps.into_iter().map(|(_, step)| step).collect();
    page::place_of(&[], page)?;
    page::window(
        steps,
        page,
        &["kind", "by", "node", "subject"],
        |step, field| match field {
            "kind" => step.kind.to_string(),
            "by" => step.by.to_string(),
            "node" => step.node.to_string(),
            _ => step.subject.to_string(),
        },
        |step| {
            let line = step.line.as_ref().map_or_else(String::new, |line| {
                let (verb, from, to) = (&line.verb, &line.from, &line.to);
                format!("{verb} {from} {to} {} {}", line.reason, line.note)
            });
            let (by, subject, node) = (&step.by, &step.subject, &step.node);
            format!("{} {by} {subject} {node} {} {line}", step.kind, step.what)
        },
        |step| step.id.to_string(),
    )
}

/// The place of a line; before it there is one to stand in.
fn after(step: &StepRow) -> i64 {
    let seq = step.line.as_ref().map_or(0, |line| line.seq);
    seq.saturating_mul(2)
}

pub(in crate::sqlite) const OF_WALK: &str = "SELECT a.* FROM audit a WHERE a.trace_id = ?1
  UNION ALL
  SELECT a.* FROM tasks t CROSS JOIN effects e ON e.task_id = t.task_id
    CROSS JOIN publications p ON p.effect_id = e.effect_id
    CROSS JOIN audit a ON a.subject = 'pub_' || lower(hex(p.publication_id)) AND a.trace_id IS NULL
  WHERE t.trace_id = ?1
  ORDER BY 1 LIMIT ?2";

/// The lines of the audit that carry the trace, and those on its publications, which carry none.
fn lines(db: &Db<'_>, trace: TraceId) -> Verb<Vec<StepRow>> {
    let names = names(db, trace)?;
    let lines = db.all(OF_WALK, params![trace.as_bytes(), LINES_MAX], line)?;
    let steps = lines.into_iter().filter_map(|line| {
        Some(StepRow {
            id: StepId::Line(line.seq),
            kind: kind_of(line.subject.as_str())?,
            at: line.at,
            by: line.actor.clone(),
            node: names
                .get(line.subject.as_str())
                .cloned()
                .unwrap_or_default(),
            subject: line.subject.clone(),
            what: Safe::default(),
            more: Safe::default(),
            line: Some(line),
        })
    });
    Ok(steps.collect())
}

/// What a line is about, by how its subject's id begins.
fn kind_of(subject: &str) -> Option<StepKind> {
    let (prefix, _) = subject.split_once('_')?;
    [
        (SignalId::PREFIX, StepKind::Signal),
        (TaskId::PREFIX, StepKind::Task),
        (TicketId::PREFIX, StepKind::Ticket),
        (EffectId::PREFIX, StepKind::Effect),
        (PublicationId::PREFIX, StepKind::Publication),
        (IntentId::PREFIX, StepKind::Spend),
        (PaymentId::PREFIX, StepKind::Payment),
    ]
    .into_iter()
    .find_map(|(of, kind)| (of == prefix).then_some(kind))
}

/// What tasks, intents and payments of a walk are called, by their ids.
fn names(db: &Db<'_>, trace: TraceId) -> Verb<BTreeMap<String, Safe>> {
    let mut names = BTreeMap::new();
    for (id, node) in db.all(
        "SELECT task_id, node FROM tasks WHERE trace_id = ?1",
        [trace.as_bytes()],
        |row| Ok((row.id::<TaskId>("task_id")?, row.line("node")?)),
    )? {
        names.insert(id.to_string(), node);
    }
    for (id, memo) in db.all(
        "SELECT intent_id, memo FROM spend_intents WHERE trace_id = ?1",
        [trace.as_bytes()],
        |row| Ok((row.id::<IntentId>("intent_id")?, row.line("memo")?)),
    )? {
        names.insert(id.to_string(), memo);
    }
    for (id, memo) in db.all(
        "SELECT payment_id, memo FROM payments WHERE trace_id = ?1",
        [trace.as_bytes()],
        |row| Ok((row.id::<PaymentId>("payment_id")?, row.line("memo")?)),
    )? {
        names.insert(id.to_string(), memo);
    }
    Ok(names)
}

fn perceived(db: &Db<'_>, trace: TraceId) -> Verb<Vec<StepRow>> {
    db.all(
        "SELECT s.*, c.name AS campaign FROM trend_signals s JOIN campaigns c ON c.campaign_id = s.campaign_id
         WHERE s.trace_id = ?1",
        [trace.as_bytes()],
        |row| {
            let item: FeedItem = row.doc("item")?;
            let id = row.id("signal_id")?;
            let recorded = if item.recorded { " (RECORDED)" } else { "" };
            let more = format!(
                "{}\n{}\nfor campaign {}\n{}: {}",
                item.summary,
                item.link,
                row.text("campaign")?,
                row.text("state")?,
                row.text("why")?
            );
            Ok(StepRow {
                id: StepId::Perceived(id),
                kind: StepKind::Signal,
                at: row.time("ingested_at")?,
                by: Safe::line(&item.source),
                subject: Safe::line(&id.to_string()),
                node: Safe::default(),
                what: Safe::line(&format!("perceived{recorded}: {}", item.title)),
                more: Safe::block(&more),
                line: None,
            })
        },
    )
}

/// The verdicts, each with its place among these lines.
fn verdicts(db: &Db<'_>, trace: TraceId, lines: &[StepRow]) -> Verb<Vec<(i64, StepRow)>> {
    db.all(
        "SELECT v.*, t.node FROM tasks t CROSS JOIN verdicts v ON v.task_id = t.task_id
         WHERE t.trace_id = ?1 ORDER BY v.at, v.rowid",
        [trace.as_bytes()],
        |row| {
            let verdict: Verdict = row.doc("doc")?;
            let id = row.id("verdict_id")?;
            let sure = verdict.confidence.map_or_else(
                || "no score".to_owned(),
                |score| format!("confidence {score}"),
            );
            let why = verdict.reasons.join("; ");
            let at = row.time("at")?;
            // What the judge did to one walk in one moment is one verdict.
            let moved = lines
                .iter()
                .find(|line| line.at == at && line.by.as_str() == "judge");
            let place = moved.map_or(0, |line| after(line).saturating_sub(1));
            let step = StepRow {
                id: StepId::Verdict(id),
                kind: StepKind::Verdict,
                at,
                by: Safe::line("judge"),
                subject: Safe::line(&id.to_string()),
                node: row.line("node")?,
                what: Safe::line(&format!("{}, {sure}: {why}", verdict.route)),
                more: Safe::block(&checks(&verdict)),
                line: None,
            };
            Ok((place, step))
        },
    )
}

fn checks(verdict: &Verdict) -> String {
    let checks = verdict.checks.iter().map(|check| {
        let score = match &check.score {
            Ok(score) => score.to_string(),
            Err(why) => format!("no score, {why}"),
        };
        let blocks = if check.hard_block { " FORBIDS IT" } else { "" };
        let findings = check.findings.join("; ");
        format!("{}: {score}{blocks} {findings}", check.check)
    });
    checks.collect::<Vec<_>>().join("\n")
}

fn published(db: &Db<'_>, trace: TraceId) -> Verb<Vec<StepRow>> {
    db.all(
        "SELECT p.* FROM tasks t CROSS JOIN effects e ON e.task_id = t.task_id
           CROSS JOIN publications p ON p.effect_id = e.effect_id
         WHERE t.trace_id = ?1 ORDER BY p.published_at",
        [trace.as_bytes()],
        |row| {
            let id = row.id("publication_id")?;
            let simulated = if row.flag("simulated")? {
                " (SIMULATED)"
            } else {
                ""
            };
            let what = format!(
                "public{simulated} as {} on {}",
                row.text("account")?,
                row.text("channel")?
            );
            let down: Option<Timestamp> = row.maybe_time("withdrawn_at")?;
            let down = match down {
                Some(at) => format!(
                    "\ndown since {}: {}",
                    at.to_rfc3339_seconds(),
                    row.text("withdrawn_why")?
                ),
                None => String::new(),
            };
            let more = format!("{}\n{}{down}", row.text("text")?, row.text("url")?);
            Ok(StepRow {
                id: StepId::Published(id),
                kind: StepKind::Publication,
                at: row.time("published_at")?,
                by: row.line("server")?,
                subject: Safe::line(&id.to_string()),
                node: Safe::default(),
                what: Safe::line(&what),
                more: Safe::block(&more),
                line: None,
            })
        },
    )
}
