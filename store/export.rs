//! Everything a database says, record by record, as JSON: the shape is in `docs/export.md`.
//!
//! Reads one state from beginning to end, however long that takes: hand it a copy. Left out is what only
//! makes the machine work (leases, counters, search texts, cursors) and the bytes of pictures.

use std::{io, path::Path};

use chimera_domain::{
    ContentHash,
    ids::{
        AgentId, AlertId, ArtifactId, CampaignId, EffectId, EntryId, IntentId, MuteId, ProposalId,
        PublicationId, ResourceId, SignalId, TaskId, TicketId, TraceId, TrendId, VerdictId,
    },
};
use rusqlite::{Connection, OpenFlags, Row, types::ValueRef};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::OpenError;

/// The name and version of the shape.
pub const FORMAT: &str = "chimera.export/1";

/// Why an export ended.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database cannot be read.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// A row holds what does not belong there.
    #[error("a {record} cannot be exported: {why}")]
    Row {
        /// The kind of record.
        record: &'static str,
        /// What was found.
        why: String,
    },
    /// What takes the records failed.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
}

/// One kind of record: its name, and the rows it is made of.
struct Kind {
    record: &'static str,
    columns: &'static str,
    /// What follows `FROM`.
    rows: &'static str,
    /// Whether it is a stand-in, as SQL; `NULL` where the question makes no sense.
    simulated: &'static str,
}

/// Whether the campaign `c` publishes through a stand-in.
const BY_CAMPAIGN: &str = "EXISTS (SELECT 1 FROM fleet f, json_each(f.simulated_servers) j WHERE j.value = c.publish_server)";

/// Every kind, in the order of a walk from the configuration to the record of it.
const KINDS: &[Kind] = &[
    Kind {
        record: "policy",
        columns: "hash, doc, installed_at",
        rows: "policies ORDER BY installed_at, hash",
        simulated: "NULL",
    },
    Kind {
        record: "persona",
        columns: "hash, slug, doc, installed_at",
        rows: "personas ORDER BY installed_at, hash",
        simulated: "NULL",
    },
    Kind {
        record: "agent",
        columns: "agent_id, slug, created_at",
        rows: "agents ORDER BY created_at, agent_id",
        simulated: "NULL",
    },
    Kind {
        record: "campaign",
        columns: "campaign_id, agent_id, name, version, epoch, state, archived, spec, persona_hash, counted, counted_simulated, created_at",
        rows: "campaigns c ORDER BY created_at, campaign_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "halt",
        columns: "kind AS scope, CASE kind WHEN 'agent' THEN 'agt_' || lower(hex(subject)) WHEN 'campaign' THEN 'cmp_' || lower(hex(subject)) ELSE subject END AS subject, version, level, halted_by, halted_at, halted_why, in_flight",
        rows: "halts ORDER BY halted_at, kind, 2",
        simulated: "NULL",
    },
    Kind {
        record: "resource",
        columns: "resource_id, version, server, uri, archived, failures, next_poll_at, last_success_at, seen, kept, converted",
        rows: "resources ORDER BY resource_id",
        simulated: "NULL",
    },
    Kind {
        record: "signal",
        columns: "s.signal_id, s.version, s.campaign_id, s.resource_id, s.trace_id, s.item, s.ingested_at, s.stale, s.near_duplicate_of, s.state, s.why, s.score, s.relevance, s.held_until, s.planned_at, s.said",
        rows: "trend_signals s JOIN campaigns c ON c.campaign_id = s.campaign_id ORDER BY s.ingested_at, s.signal_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "trend",
        columns: "trend_id, version, state, title, words, standing, method, snoozed_until, mute_id, found_at, measured_at, moved_at, moved_by",
        rows: "trends ORDER BY found_at, trend_id",
        simulated: "NULL",
    },
    Kind {
        record: "mute",
        columns: "mute_id, agent_id, words AS topic, until, made_by, made_at, lifted_by, lifted_at",
        rows: "muted_topics ORDER BY made_at, mute_id",
        simulated: "NULL",
    },
    Kind {
        record: "lesson",
        columns: "l.agent_id, l.nth, l.signal_id, l.said, l.said_by, l.at",
        rows: "lessons l JOIN trend_signals s ON s.signal_id = l.signal_id JOIN campaigns c ON c.campaign_id = s.campaign_id ORDER BY l.agent_id, l.nth",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "plan",
        columns: "p.trace_id, p.agent_id, p.campaign_id, p.signal_id, p.title, p.created_at, p.moved_at",
        rows: "plans p JOIN campaigns c ON c.campaign_id = p.campaign_id ORDER BY p.created_at, p.trace_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "proposal",
        columns: "p.proposal_id, p.version, p.campaign_id, p.state, p.tree, p.rules, p.traces, p.created_at, p.moved_by, p.moved_at",
        rows: "proposals p JOIN campaigns c ON c.campaign_id = p.campaign_id ORDER BY p.created_at, p.proposal_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "task",
        columns: "t.task_id, t.version, t.agent_id, t.campaign_id, t.epoch, t.signal_id, t.trace_id, t.template, t.node, t.plan_attempt, t.attempt, t.kind, x.spec, t.state, t.reason, t.why, t.blocked_by, t.call, t.content_hash, t.artifact_id, t.issues, t.counted, t.created_at, t.started_at, t.moved_at, (SELECT json_group_array('tsk_' || lower(hex(e.parent_id))) FROM task_edges e WHERE e.child_id = t.task_id) AS parents",
        rows: "tasks t JOIN task_specs x ON x.task_id = t.task_id JOIN campaigns c ON c.campaign_id = t.campaign_id ORDER BY t.created_at, t.task_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "artifact",
        columns: "a.artifact_id, a.task_id, a.stale, a.body, a.confidence, a.provenance, a.created_at",
        rows: "artifacts a JOIN tasks t ON t.task_id = a.task_id JOIN campaigns c ON c.campaign_id = t.campaign_id ORDER BY a.created_at, a.artifact_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "media",
        columns: "sha256, mime, length(bytes) AS bytes, created_at",
        rows: "blobs ORDER BY created_at, sha256",
        simulated: "NULL",
    },
    Kind {
        record: "verdict",
        columns: "v.verdict_id, v.task_id, v.task_version, v.content_hash, v.policy_hash, v.route, v.doc, v.at",
        rows: "verdicts v JOIN tasks t ON t.task_id = v.task_id JOIN campaigns c ON c.campaign_id = t.campaign_id ORDER BY v.at, v.verdict_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "ticket",
        columns: "k.ticket_id, k.version, k.task_id, k.campaign_id, k.verdict_id, k.trace_id, k.epoch, k.content_hash, k.state, k.sensitive, k.created_at, k.sla_at, k.expires_at, k.decided_by, k.decided_at, k.reject_class, k.note, k.assigned_to, k.snoozed_until, k.edited_call, k.edited_hash, k.moved_by, k.moved_at",
        rows: "tickets k JOIN campaigns c ON c.campaign_id = k.campaign_id ORDER BY k.created_at, k.ticket_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "first_approval",
        columns: "f.ticket_id, f.ticket_version, f.content_hash, f.person, f.actor, f.at",
        rows: "first_approvals f JOIN tickets k ON k.ticket_id = f.ticket_id JOIN campaigns c ON c.campaign_id = k.campaign_id ORDER BY f.at, f.ticket_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "probe",
        columns: "p.ticket_id, p.version, p.host_id, p.flaw, p.call, p.content_hash, p.created_at, p.sla_at, p.expires_at, p.assigned_to, p.snoozed_until, p.decided_by, p.decided_at, p.caught",
        rows: "probes p JOIN tickets k ON k.ticket_id = p.host_id JOIN campaigns c ON c.campaign_id = k.campaign_id ORDER BY p.created_at, p.ticket_id",
        simulated: BY_CAMPAIGN,
    },
    Kind {
        record: "effect",
        columns: "e.effect_id, e.version, e.task_id, e.ticket_id, e.campaign_id, e.agent_id, e.trace_id, e.epoch, e.state, e.why, e.call, e.content_hash, e.idempotency_key, e.server, e.due_at, e.attempt, e.sent_at, e.receipt, e.created_at, e.moved_at",
        rows: "effects e ORDER BY e.created_at, e.effect_id",
        // What the platform said of itself, else what is known of the server.
        simulated: "coalesce(e.simulated, EXISTS (SELECT 1 FROM fleet f, json_each(f.simulated_servers) j WHERE j.value = e.server))",
    },
    Kind {
        record: "publication",
        columns: "publication_id, version, effect_id, task_id, agent_id, campaign_id, trace_id, server, external_id, url, channel, account, text, published_at, next_look_at, last_sample",
        rows: "publications ORDER BY published_at, publication_id",
        simulated: "simulated",
    },
    Kind {
        record: "sample",
        columns: "publication_id, at, likes, shares, comments, views",
        rows: "engagement_samples ORDER BY rowid",
        simulated: "simulated",
    },
    Kind {
        record: "intent",
        columns: "intent_id, key, state, agent_id, campaign_id, task_id, trace_id, category, memo, estimate, actual, counted, counted_at, why, limits, at",
        rows: "spend_intents ORDER BY at, intent_id",
        simulated: "simulated",
    },
    Kind {
        record: "ledger",
        columns: "seq, entry_id, intent_id, debit, credit, amount, at, prev_hash, hash",
        rows: "ledger_entries ORDER BY seq",
        simulated: "simulated",
    },
    Kind {
        record: "alert",
        columns: "alert_id, severity, code, subject, text, count, at, acknowledged_at, closed_at",
        rows: "alerts ORDER BY at, alert_id",
        simulated: "NULL",
    },
    Kind {
        record: "audit",
        columns: "seq, at, actor, subject, verb, from_state, to_state, reason, from_version, to_version, trace_id, note, prev_hash, hash",
        rows: "audit ORDER BY seq",
        simulated: "NULL",
    },
];

/// Hands over every record of the database at `path`, kind by kind, and says how many there are of each.
///
/// # Errors
/// When it cannot be read, holds what does not belong there, or `take` fails; what was handed over before
/// is then not all there is.
pub fn export(
    path: &Path,
    mut take: impl FnMut(&'static str, Value) -> io::Result<()>,
) -> Result<Vec<(&'static str, u64)>, ExportError> {
    let sql = |e: rusqlite::Error| OpenError::of_sql(&path.display().to_string(), &e);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(sql)?;
    let one_state = db.unchecked_transaction().map_err(sql)?;
    let mut counts = Vec::new();
    for kind in KINDS {
        let query = format!(
            "SELECT {}, {} AS simulated FROM {}",
            kind.columns, kind.simulated, kind.rows
        );
        let mut statement = one_state.prepare(&query).map_err(sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).map_err(sql)?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(sql)? {
            let value = record(kind.record, &names, row).map_err(|why| ExportError::Row {
                record: kind.record,
                why,
            })?;
            take(kind.record, value)?;
            count += 1;
        }
        counts.push((kind.record, count));
    }
    Ok(counts)
}

fn record(kind: &'static str, names: &[String], row: &Row<'_>) -> Result<Value, String> {
    let mut out = Map::new();
    out.insert("record".to_owned(), json!(kind));
    for (at, name) in names.iter().enumerate() {
        let cell = row.get_ref(at).map_err(|e| e.to_string())?;
        let value = cell_value(name, cell).map_err(|why| format!("{name}: {why}"))?;
        // A record for which the question makes no sense does not answer it.
        if name != "simulated" || !value.is_null() {
            out.insert(name.clone(), value);
        }
    }
    Ok(Value::Object(out))
}

/// Documents are JSON in JSON, ids and hashes are written as everywhere, flags are truth values.
fn cell_value(name: &str, cell: ValueRef<'_>) -> Result<Value, String> {
    Ok(match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => match name {
            "simulated" | "archived" | "stale" | "sensitive" => json!(n != 0),
            _ => json!(n),
        },
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|e| e.to_string())?;
            match name {
                "doc" | "limits" | "in_flight" | "spec" | "item" | "relevance" | "call"
                | "issues" | "tree" | "rules" | "traces" | "body" | "provenance" | "receipt"
                | "last_sample" | "parents" | "words" | "standing" => {
                    serde_json::from_str(text).map_err(|e| e.to_string())?
                }
                _ => json!(text),
            }
        }
        ValueRef::Blob(bytes) => bytes_value(name, bytes)?,
        ValueRef::Real(_) => return Err("a floating number".to_owned()),
    })
}

fn bytes_value(name: &str, bytes: &[u8]) -> Result<Value, String> {
    if let Ok(hash) = <[u8; 32]>::try_from(bytes) {
        return Ok(json!(ContentHash::from_bytes(hash)));
    }
    let id = Uuid::from_slice(bytes).map_err(|e| e.to_string())?;
    Ok(match name {
        "agent_id" => json!(AgentId::from_uuid(id)),
        "campaign_id" => json!(CampaignId::from_uuid(id)),
        "resource_id" => json!(ResourceId::from_uuid(id)),
        "signal_id" | "near_duplicate_of" => json!(SignalId::from_uuid(id)),
        "trace_id" => json!(TraceId::from_uuid(id)),
        "trend_id" => json!(TrendId::from_uuid(id)),
        "mute_id" => json!(MuteId::from_uuid(id)),
        "task_id" | "blocked_by" => json!(TaskId::from_uuid(id)),
        "artifact_id" => json!(ArtifactId::from_uuid(id)),
        "verdict_id" => json!(VerdictId::from_uuid(id)),
        "ticket_id" => json!(TicketId::from_uuid(id)),
        "effect_id" => json!(EffectId::from_uuid(id)),
        "publication_id" => json!(PublicationId::from_uuid(id)),
        "intent_id" => json!(IntentId::from_uuid(id)),
        "entry_id" => json!(EntryId::from_uuid(id)),
        "alert_id" => json!(AlertId::from_uuid(id)),
        "proposal_id" => json!(ProposalId::from_uuid(id)),
        _ => return Err("bytes of no known meaning".to_owned()),
    })
}
