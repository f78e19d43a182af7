//! The pages of the faces.

use chimera_domain::{
    Safe, Score,
    artifact::Post,
    effect::{EffectState, OutgoingCall},
    ids::IntentId,
    mode::Reach,
    resource::{FeedItem, ResourceHealth, ResourceSpec},
    signal::Relevance,
    verdict::Verdict,
    views::{
        About, AlertRow, By, EffectRow, EntryRow, FirstApproval, LedgerRow, Page, PageRequest,
        PublicationRow, SignalRow, TicketRow,
    },
};
use rusqlite::Row;

use super::{
    super::{
        db::{Counted, Db, Verb},
        modes::Reaches,
        rows::Cells,
    },
    filter::{Field, agent, campaign, elsewhere, field},
    page::{Ids, List, Whole, both, one},
};

// What a filter can name, list by list. An agent is called by its persona, and so is the field.
const SIGNALS: &[Field] = &[
    campaign!("s.campaign_id"),
    agent!("agent", "s.campaign_id"),
    agent!("persona", "s.campaign_id"),
    field("source", "json_extract(s.item, '$.source')"),
    field("state", "s.state"),
    field("why", "s.why"),
];
const WAITING: &[Field] = &[
    field("about", "'post'"),
    campaign!("k.campaign_id"),
    agent!("agent", "k.campaign_id"),
    agent!("persona", "k.campaign_id"),
    field("account", "json_extract(k.call, '$.post.account')"),
    field("channel", "json_extract(k.call, '$.post.channel')"),
    field("platform", "json_extract(k.call, '$.post.channel')"),
    field("server", "json_extract(k.call, '$.server')"),
    field("state", "k.state"),
    field("reason", "json_extract(v.doc, '$.reasons')"),
    field("assignee", "k.assigned_to"),
];
const SPENT: &[Field] = &[
    campaign!("i.campaign_id"),
    agent!("agent", "i.campaign_id"),
    agent!("persona", "i.campaign_id"),
    field("category", "i.category"),
    field("state", "i.state"),
    field("why", "i.why"),
];
const PUBLISHED: &[Field] = &[
    campaign!("campaign_id"),
    agent!("agent", "campaign_id"),
    agent!("persona", "campaign_id"),
    field("account", "account"),
    field("channel", "channel"),
    field("platform", "channel"),
    field("server", "server"),
    field(
        "state",
        "CASE WHEN withdrawn_at IS NULL THEN 'published' ELSE 'withdrawn' END",
    ),
];
const OPEN: &[Field] = &[
    campaign!("e.campaign_id"),
    agent!("agent", "e.campaign_id"),
    agent!("persona", "e.campaign_id"),
    field("account", "json_extract(e.call, '$.post.account')"),
    field("channel", "json_extract(e.call, '$.post.channel')"),
    field("platform", "json_extract(e.call, '$.post.channel')"),
    field("server", "e.server"),
    field("kind", "e.kind"),
    field("state", "e.state"),
    field("why", "e.why"),
];
const ALERTS: &[Field] = &[field("code", "code"), field("severity", "severity")];
const RESOURCES: &[Field] = &[field("server", "server"), field("uri", "uri")];

/// What is shown of a post in a list.
pub(super) const LINE_COLUMNS: usize = 200;

pub(super) fn trends(db: &Db<'_>, page: &PageRequest) -> Verb<Page<SignalRow>> {
    List {
        select: "s.*, c.name AS campaign",
        from: "trend_signals s JOIN campaigns c ON c.campaign_id = s.campaign_id",
        only: "1 = 1",
        search: "(s.search || ' ' || s.state)",
        fields: SIGNALS,
        orders: &[
            both(
                By::Perceived,
                "s.ingested_at DESC, s.rowid DESC",
                "s.ingested_at, s.rowid",
            ),
            both(By::Score, "s.score DESC, s.rowid DESC", "s.score, s.rowid"),
        ],
        ids: Ids::Bytes("s.signal_id"),
        whole: Whole::KeptAll(Counted::Signal),
        args: vec![],
    }
    .page(db, page, |row| {
        let item: FeedItem = row.doc("item")?;
        let score: Option<u32> = row.get("score")?;
        let relevance: Option<Relevance> = row.maybe_doc("relevance")?;
        let (method, reason) = relevance.map_or_else(Default::default, |relevance| {
            (relevance.method, relevance.reason)
        });
        Ok(SignalRow {
            id: row.id("signal_id")?,
            title: Safe::line(&item.title),
            summary: Safe::block(&item.summary),
            source: Safe::line(&item.source),
            link: Safe::line(&item.link),
            campaign: row.line("campaign")?,
            published_at: item.published_at,
            ingested_at: row.time("ingested_at")?,
            recorded: item.recorded,
            state: row.word("state")?,
            why: row.line("why")?,
            score: score.and_then(Score::from_ppm),
            method: Safe::line(&method),
            reason: Safe::line(&reason),
            said: row.maybe_word("said")?,
            version: row.version("version")?,
            trace_id: row.id("trace_id")?,
        })
    })
}

/// Where tickets are shown from: with the task and the verdict that asked.
pub(super) const TICKETS: &str = "tickets k
   JOIN tasks t ON t.task_id = k.task_id
   JOIN task_specs x ON x.task_id = k.task_id
   JOIN verdicts v ON v.verdict_id = k.verdict_id
   JOIN campaigns c ON c.campaign_id = k.campaign_id
   LEFT JOIN first_approvals f ON f.ticket_id = k.ticket_id
     AND (f.ticket_version, f.content_hash) = (k.version, k.content_hash)";
/// What is shown of them. Their own call and not the task's, which may have moved on.
pub(super) const TICKET_COLUMNS: &str =
    "k.*, x.spec AS task_spec, v.doc AS verdict, c.name AS campaign,
   EXISTS (SELECT 1 FROM effects e WHERE e.ticket_id = k.ticket_id AND e.dry = 1) AS rehearsed,
   f.actor AS first_by, f.at AS first_at";

/// Those about posts; `queue.rs` has everything that waits.
pub(super) fn tickets(db: &Db<'_>, page: &PageRequest) -> Verb<Page<TicketRow>> {
    let reaches = db.reaches();
    List {
        select: TICKET_COLUMNS,
        from: TICKETS,
        only: "k.state IN ('open', 'escalated')",
        search: "(k.search || ' ' || k.state || ' ' || lower(k.assigned_to) || CASE WHEN k.snoozed_until IS NULL THEN '' ELSE ' snoozed' END)",
        fields: WAITING,
        orders: &[
            one(
                By::Urgency,
                "k.snoozed_until IS NOT NULL, k.sensitive DESC, k.state, k.sla_at, k.rowid",
            ),
            both(By::Deadline, "k.sla_at, k.rowid", "k.sla_at DESC, k.rowid DESC"),
            both(
                By::Asked,
                "k.created_at, k.rowid",
                "k.created_at DESC, k.rowid DESC",
            ),
        ],
        ids: Ids::Bytes("k.ticket_id"),
        whole: Whole::Kept(Counted::Ticket, &["open", "escalated"]),
        args: vec![],
    }
    .page(db, page, |row| ticket(row, &reaches))
}

pub(super) fn ticket(row: &Row<'_>, reaches: &Reaches<'_>) -> Verb<TicketRow> {
    let call: OutgoingCall = row.doc("call")?;
    let reach = reaches.of(row.id("campaign_id")?, &call.server)?;
    let rehearsed = row.flag("rehearsed")?;
    let verdict: Verdict = row.doc("verdict")?;
    let post: Post = call.post;
    let first = match (
        row.get::<_, Option<String>>("first_by")?,
        row.maybe_time("first_at")?,
    ) {
        (Some(by), Some(at)) => Some(FirstApproval {
            by: Safe::line(&by),
            at,
        }),
        (_, _) => None,
    };
    let waits = first
        .iter()
        .map(|first| Safe::line(&format!("approved by {}, needs a second person", first.by)));
    let reasons = waits.chain(verdict.reasons.iter().map(|r| Safe::line(r)));
    Ok(TicketRow {
        id: row.id("ticket_id")?,
        version: row.version("version")?,
        state: row.word("state")?,
        text: Safe::line(&post.text).cut(LINE_COLUMNS),
        reasons: reasons.collect(),
        confidence: verdict.confidence,
        account: Safe::line(&post.account),
        about: About::Post,
        channel: Safe::line(post.channel.as_str()),
        campaign: row.line("campaign")?,
        created_at: row.time("created_at")?,
        sla_at: row.time("sla_at")?,
        assigned_to: row.line("assigned_to")?,
        snoozed_until: row.maybe_time("snoozed_until")?,
        first,
        simulated: rehearsed || reach != Reach::Live,
        dry: rehearsed || reach == Reach::DryRun,
    })
}

pub(super) fn ledger(db: &Db<'_>, page: &PageRequest) -> Verb<Page<LedgerRow>> {
    let mut found = List {
        select: "i.*, c.name AS campaign",
        from: "spend_intents i JOIN campaigns c ON c.campaign_id = i.campaign_id",
        only: "1 = 1",
        search: "(i.search || ' ' || i.state || ' ' || lower(c.name) || ' ' || lower(i.why))",
        fields: SPENT,
        orders: &[both(By::Booked, "i.at DESC, i.rowid DESC", "i.at, i.rowid")],
        ids: Ids::Bytes("i.intent_id"),
        whole: Whole::Of("SELECT count(*) FROM spend_intents"),
        args: vec![],
    }
    .page(db, page, |row| {
        Ok(LedgerRow {
            intent_id: row.id("intent_id")?,
            state: row.word("state")?,
            memo: row.line("memo")?,
            category: row.word("category")?,
            campaign: row.line("campaign")?,
            task_id: row.id("task_id")?,
            trace_id: row.id("trace_id")?,
            estimate: row.usd("estimate")?,
            actual: row
                .get::<_, Option<i64>>("actual")?
                .map(chimera_domain::Usd::from_micros),
            why: row.line("why")?,
            simulated: row.flag("simulated")?,
            at: row.time("at")?,
            entries: vec![],
        })
    })?;
    for intent in &mut found.rows {
        intent.entries = entries(db, intent.intent_id)?;
    }
    Ok(found)
}

fn entries(db: &Db<'_>, intent: IntentId) -> Verb<Vec<EntryRow>> {
    db.all(
        "SELECT * FROM ledger_entries WHERE intent_id = ?1 ORDER BY seq",
        [intent.as_bytes()],
        |row| {
            Ok(EntryRow {
                id: row.id("entry_id")?,
                seq: row.get("seq")?,
                debit: row.word("debit")?,
                credit: row.word("credit")?,
                amount: row.usd("amount")?,
                at: row.time("at")?,
                hash: Safe::line(&row.hash("hash")?.short()),
            })
        },
    )
}

pub(super) fn publications(db: &Db<'_>, page: &PageRequest) -> Verb<Page<PublicationRow>> {
    List {
        select: "*",
        from: "publications",
        only: "1 = 1",
        search: "search",
        fields: PUBLISHED,
        orders: &[
            both(
                By::Published,
                "published_at DESC, rowid DESC",
                "published_at, rowid",
            ),
            both(
                By::Likes,
                "json_extract(last_sample, '$.likes') DESC, rowid DESC",
                "json_extract(last_sample, '$.likes'), rowid",
            ),
        ],
        ids: Ids::Bytes("publication_id"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| {
        Ok(PublicationRow {
            id: row.id("publication_id")?,
            text: Safe::block(&row.text("text")?),
            channel: row.word("channel")?,
            account: row.line("account")?,
            url: row.line("url")?,
            external_id: row.line("external_id")?,
            published_at: row.time("published_at")?,
            last: row.maybe_doc("last_sample")?,
            simulated: row.flag("simulated")?,
            withdrawn: match row.maybe_time("withdrawn_at")? {
                Some(at) => Some((at, row.line("withdrawn_why")?)),
                None => None,
            },
            trace_id: row.id("trace_id")?,
        })
    })
}

pub(super) fn effects(db: &Db<'_>, page: &PageRequest) -> Verb<Page<EffectRow>> {
    let reaches = db.reaches();
    List {
        select: "e.*",
        from: "effects e",
        // Each half has its index.
        only: "e.rowid IN (SELECT rowid FROM effects WHERE state IN ('held', 'prepared')
          UNION ALL SELECT rowid FROM effects WHERE state IN ('sent', 'uncertain'))",
        search: "(e.state || ' ' || e.kind || ' ' || lower(e.server) || ' ' || lower(json_extract(e.call, '$.post.text')))",
        fields: OPEN,
        // What has not ended is little, and sorted whole.
        orders: &[
            one(By::Urgency, "e.state = 'uncertain' DESC, e.due_at, e.rowid"),
            both(By::Due, "e.due_at, e.rowid", "e.due_at DESC, e.rowid DESC"),
            both(
                By::Moved,
                "e.moved_at DESC, e.rowid DESC",
                "e.moved_at, e.rowid",
            ),
        ],
        ids: Ids::Bytes("e.effect_id"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| effect_row(row, &reaches))
}

/// A row of `effects`.
pub(super) fn effect_row(row: &Row<'_>, reaches: &Reaches<'_>) -> Verb<EffectRow> {
    let call: OutgoingCall = row.doc("call")?;
    let state: EffectState = row.word("state")?;
    let waits = matches!(state, EffectState::Held | EffectState::Prepared);
    let reach = reaches.of(row.id("campaign_id")?, &call.server)?;
    // What was sent was sent, whatever is dry by now.
    let dry = row.flag("dry")? || (waits && reach == Reach::DryRun);
    Ok(EffectRow {
        id: row.id("effect_id")?,
        version: row.version("version")?,
        kind: row.word("kind")?,
        state,
        ticket_id: row.maybe_id("ticket_id")?,
        text: Safe::line(&call.post.text).cut(LINE_COLUMNS),
        account: Safe::line(&call.post.account),
        channel: call.post.channel,
        server: row.line("server")?,
        idempotency_key: row.line("idempotency_key")?,
        attempt: row.small("attempt")?,
        due_at: row.time("due_at")?,
        moved_at: row.time("moved_at")?,
        why: row.line("why")?,
        simulated: dry || reach == Reach::StandIn,
        dry,
        trace_id: row.id("trace_id")?,
    })
}

pub(super) fn alerts(db: &Db<'_>, page: &PageRequest) -> Verb<Page<AlertRow>> {
    List {
        select: ALERT_COLUMNS,
        from: "alerts",
        only: "closed_at IS NULL AND acknowledged_at IS NULL",
        search: "(code || ' ' || lower(text) || ' ' || severity)",
        fields: ALERTS,
        orders: &[one(
            By::Urgency,
            "CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, at DESC, rowid DESC",
        )],
        ids: Ids::Bytes("alert_id"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| {
        Ok(AlertRow {
            id: row.id("alert_id")?,
            severity: row.word("severity")?,
            code: row.line("code")?,
            text: row.line("text")?,
            at: row.time("at")?,
            count: row.count("count")?,
            trace_id: row.maybe_id("trace_id")?,
        })
    })
}

/// An alert on a task, a ticket or an effect belongs to its walk.
const ALERT_COLUMNS: &str = "*, CASE substr(subject, 1, 4)
   WHEN 'tsk_' THEN (SELECT trace_id FROM tasks WHERE task_id = unhex(substr(subject, 5)))
   WHEN 'tkt_' THEN (SELECT trace_id FROM tickets WHERE ticket_id = unhex(substr(subject, 5)))
   WHEN 'eff_' THEN (SELECT trace_id FROM effects WHERE effect_id = unhex(substr(subject, 5)))
 END AS trace_id";

pub(super) fn resources(db: &Db<'_>, page: &PageRequest) -> Verb<Page<ResourceHealth>> {
    List {
        select: "*",
        from: "resources",
        only: "archived = 0",
        search: "lower(server || ' ' || uri || ' ' || coalesce(last_error, ''))",
        fields: RESOURCES,
        orders: &[one(By::Urgency, "failures > 0 DESC, uri, server")],
        ids: Ids::Bytes("resource_id"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| {
        let error: Option<String> = row.get("last_error")?;
        let spec: ResourceSpec = row.doc("spec")?;
        Ok(ResourceHealth {
            id: row.id("resource_id")?,
            server: Safe::line(&spec.server),
            interval: spec.interval,
            age_max: spec.age_max,
            uri: Safe::line(&spec.uri),
            last_success_at: row.maybe_time("last_success_at")?,
            last_error: error.map(|e| Safe::line(&e)),
            note: row
                .get::<_, Option<String>>("note")?
                .map(|note| Safe::line(&note)),
            failures: row.small("failures")?,
            next_poll_at: row.time("next_poll_at")?,
            seen: row.count("seen")?,
            kept: row.count("kept")?,
            converted: row.count("converted")?,
        })
    })
}
