//! A row as named values: what is copied and exported, under the names the command line prints.

use chimera_domain::{
    Timestamp,
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, Found, LedgerRow, LinkRow, MuteRow,
        ObjectiveRow, PaymentRow, PersonaRow, PublicationRow, ReachRow, SettingRow, SignalRow,
        StepRow, TaskRow, TicketRow, TrendRow, mark,
    },
};
use serde_json::{Value, json};

use super::rows::PresenceRow;

/// Named values, in the order of columns.
pub(crate) type Record = Vec<(&'static str, Value)>;

/// What can be told as named values.
pub(crate) trait Recorded {
    /// Its values, its id first: what is copied, exported and narrowed by.
    fn record(&self) -> Record;
}

macro_rules! record {
    ($($name:literal: $value:expr),+ $(,)?) => { vec![$(($name, json!($value))),+] };
}

/// The part of a row that `y` copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Id,
    Text,
    Url,
    Json,
}

impl Part {
    /// What it is in a sentence.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Text => "text",
            Self::Url => "URL",
            Self::Json => "JSON",
        }
    }

    /// The part of a record, where it has one.
    pub(crate) fn of(self, record: &Record) -> Option<String> {
        let first = |names: &[&str]| {
            let found = record.iter().find(|(name, _)| names.contains(name));
            let text = found.and_then(|(_, value)| value.as_str())?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        match self {
            Self::Id => record
                .first()
                .and_then(|(_, id)| id.as_str())
                .map(str::to_owned),
            Self::Text => first(&["text", "title", "memo", "goal"]),
            Self::Url => first(&["url", "link"]),
            Self::Json => Some(object(record).to_string()),
        }
    }
}

/// A record as a JSON object.
pub(crate) fn object(record: &Record) -> Value {
    let named = record
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::Object(named.collect())
}

/// What a person narrows a list by: values that come again and again, under names that a filter knows there.
pub(crate) const FACETS: &[&str] = &[
    "campaign", "agent", "persona", "channel", "account", "server", "state", "reason", "kind",
    "category", "assignee", "actor", "verb", "code", "severity", "group",
];

impl Recorded for SignalRow {
    fn record(&self) -> Record {
        record! {
            "signal_id": self.id, "campaign": self.campaign, "state": self.state, "why": self.why,
            "relevance_score": self.score, "relevance_method": self.method, "relevance_reason": self.reason,
            "said": self.said, "state_version": self.version, "title": self.title, "summary": self.summary, "source": self.source,
            "link": self.link, "published_at": self.published_at.map(Timestamp::to_rfc3339),
            "ingested_at": self.ingested_at.to_rfc3339(), "recorded": self.recorded, "trace_id": self.trace_id,
        }
    }
}

impl Recorded for TrendRow {
    fn record(&self) -> Record {
        record! {
            "trend_id": self.id, "state_version": self.version, "state": self.state, "title": self.title, "words": self.words,
            "volume": self.standing.volume, "sources": self.standing.sources,
            "per_hour_now": self.standing.velocity.now.to_string(),
            "per_hour_before": self.standing.velocity.before.to_string(),
            "sentiment": self.standing.sentiment.map(|mood| mood.to_string()), "method": self.method,
            "first_at": self.standing.first_at.to_rfc3339(), "last_at": self.standing.last_at.to_rfc3339(),
            "found_at": self.found_at.to_rfc3339(), "measured_at": self.measured_at.to_rfc3339(),
            "snoozed_until": self.snoozed_until.map(Timestamp::to_rfc3339), "moved_by": self.moved_by,
        }
    }
}

impl Recorded for MuteRow {
    fn record(&self) -> Record {
        record! {
            "mute_id": self.id, "agent": self.agent, "text": self.words, "until": self.until.map(Timestamp::to_rfc3339),
            "actor": self.by, "made_at": self.at.to_rfc3339(), "in_force": self.in_force,
            "lifted_by": self.lifted.as_ref().map(|(by, _)| by),
            "lifted_at": self.lifted.as_ref().map(|(_, at)| at.to_rfc3339()),
        }
    }
}

impl Recorded for TaskRow {
    fn record(&self) -> Record {
        record! {
            "task_id": self.id, "campaign": self.campaign, "node": self.node, "kind": self.kind, "state": self.state, "reason": self.reason,
            "why": self.why, "title": self.title, "attempt": self.attempt, "plan_attempt": self.plan_attempt,
            "conflicts_in_a_row": self.conflicts, "depends_on": self.after, "state_version": self.version,
            "created_at": self.created_at.to_rfc3339(), "moved_at": self.moved_at.to_rfc3339(),
            "cost_usd": self.spent, "mark": mark(self.simulated, self.dry), "simulated": self.simulated,
            "dry_run": self.dry, "recorded": self.recorded, "trace_id": self.trace_id,
        }
    }
}

impl Recorded for TicketRow {
    fn record(&self) -> Record {
        record! {
            "ticket_id": self.id, "state_version": self.version, "state": self.state, "campaign": self.campaign,
            "account": self.account, "channel": self.channel, "text": self.text, "reasons": self.reasons,
            "confidence": self.confidence, "created_at": self.created_at.to_rfc3339(),
            "sla_at": self.sla_at.to_rfc3339(), "assignee": self.assigned_to,
            "snoozed_until": self.snoozed_until.map(Timestamp::to_rfc3339),
            "approved_first_by": self.first.as_ref().map(|first| &first.by), "mark": mark(self.simulated, self.dry),
            "simulated": self.simulated, "dry_run": self.dry,
        }
    }
}

impl Recorded for LedgerRow {
    fn record(&self) -> Record {
        let entries = self.entries.iter().map(|e| {
            json!({"entry_id": e.id, "seq": e.seq, "debit": e.debit, "credit": e.credit,
                "amount_usd": e.amount, "at": e.at.to_rfc3339(), "hash": e.hash})
        });
        record! {
            "intent_id": self.intent_id, "state": self.state, "memo": self.memo, "category": self.category,
            "campaign": self.campaign, "estimate_usd": self.estimate, "actual_usd": self.actual, "why": self.why,
            "mark": mark(self.simulated, false), "simulated": self.simulated, "at": self.at.to_rfc3339(),
            "entries": entries.collect::<Vec<Value>>(), "task_id": self.task_id,
        }
    }
}

impl Recorded for PaymentRow {
    fn record(&self) -> Record {
        let attempts = self.attempts.iter().map(|one| {
            json!({"hash": one.hash, "kind": one.kind, "state": one.state, "nonce": one.nonce, "block": one.block,
                "at": one.at.to_rfc3339()})
        });
        let entries = self.entries.iter().map(|one| {
            json!({"seq": one.seq, "debit": one.debit, "credit": one.credit, "amount": one.amount,
                "at": one.at.to_rfc3339(), "hash": one.hash})
        });
        record! {
            "payment_id": self.id, "state_version": self.version, "state": self.state, "why": self.why, "agent": self.agent,
            "amount": self.amount, "counted_usd": self.counted, "counterparty": self.counterparty, "chain": self.chain,
            "memo": self.memo, "category": self.category, "source": self.source, "proposer": self.proposer,
            "campaign": self.campaign, "transaction": self.transaction, "digest": self.digest.map(|digest| digest.to_string()),
            "at": self.at.to_rfc3339(), "expires_at": self.expires_at.to_rfc3339(), "mark": mark(self.simulated, false),
            "simulated": self.simulated, "attempts": attempts.collect::<Vec<Value>>(),
            "entries": entries.collect::<Vec<Value>>(), "trace_id": self.trace_id,
        }
    }
}

impl Recorded for BreakRow {
    fn record(&self) -> Record {
        record! {
            "break": self.id.to_string(), "state": if self.closed.is_some() { "closed" } else { "open" }, "agent": self.agent,
            "kind": self.kind, "text": self.detail, "at": self.at.to_rfc3339(),
            "closed_by": self.closed.as_ref().map(|(by, ..)| by),
            "closed_at": self.closed.as_ref().map(|(_, at, _)| at.to_rfc3339()),
            "closed_why": self.closed.as_ref().map(|(.., why)| why),
        }
    }
}

impl Recorded for EffectRow {
    fn record(&self) -> Record {
        record! {
            "effect_id": self.id, "state_version": self.version, "kind": self.kind, "state": self.state,
            "account": self.account, "channel": self.channel, "server": self.server, "text": self.text,
            "why": self.why, "attempt": self.attempt, "idempotency_key": self.idempotency_key,
            "due_at": self.due_at.to_rfc3339(), "moved_at": self.moved_at.to_rfc3339(),
            "mark": mark(self.simulated, self.dry), "simulated": self.simulated, "dry_run": self.dry,
            "ticket_id": self.ticket_id,
        }
    }
}

impl Recorded for PublicationRow {
    fn record(&self) -> Record {
        let (at, why) = self
            .withdrawn
            .as_ref()
            .map(|(at, why)| (at.to_rfc3339(), why))
            .unzip();
        record! {
            "publication_id": self.id, "state": if at.is_some() { "withdrawn" } else { "published" },
            "account": self.account, "channel": self.channel, "text": self.text, "url": self.url,
            "external_id": self.external_id, "published_at": self.published_at.to_rfc3339(),
            "withdrawn_at": at, "withdrawn_why": why, "likes": self.last.map(|s| s.likes),
            "shares": self.last.map(|s| s.shares), "comments": self.last.map(|s| s.comments),
            "views": self.last.and_then(|s| s.views), "mark": mark(self.simulated, false),
            "simulated": self.simulated, "trace_id": self.trace_id,
        }
    }
}

impl Recorded for AlertRow {
    fn record(&self) -> Record {
        record! {
            "alert_id": self.id, "severity": self.severity, "code": self.code, "text": self.text,
            "at": self.at.to_rfc3339(), "count": self.count,
        }
    }
}

impl Recorded for ReachRow {
    fn record(&self) -> Record {
        record! {
            "campaign_id": self.campaign_id, "campaign": self.campaign, "persona": self.persona,
            "account": self.account, "channel": self.channel, "server": self.server, "state": self.reach.to_string(),
            "of_server": self.of_server.mode, "of_agent": self.of_agent.mode,
            "of_campaign": self.of_campaign.mode,
        }
    }
}

impl Recorded for AgentRow {
    fn record(&self) -> Record {
        let (at, error) = self
            .last_error
            .as_ref()
            .map(|(at, why)| (at.to_rfc3339(), why))
            .unzip();
        let campaigns = self
            .campaigns
            .iter()
            .map(|c| json!({"campaign": c.name, "paused": c.paused, "reach": c.reach.to_string()}));
        record! {
            "agent_id": self.id, "agent": self.slug, "state": self.doing, "claimed": self.work.claimed,
            "judged": self.work.judged, "ready": self.work.ready, "tickets": self.work.tickets,
            "spent_day_usd": self.spent_day, "spent_simulated_usd": self.spent_simulated,
            "reserved_usd": self.reserved, "cap_day_usd": self.cap_day,
            "moved_at": self.moved_at.map(Timestamp::to_rfc3339), "last_error_at": at, "last_error": error,
            "campaigns": campaigns.collect::<Vec<Value>>(),
        }
    }
}

impl Recorded for AuditRow {
    fn record(&self) -> Record {
        record! {
            "line": self.seq.to_string(), "at": self.at.to_rfc3339(), "actor": self.actor, "subject": self.subject,
            "verb": self.verb, "from_state": self.from, "state": self.to, "reason": self.reason,
            "from_version": self.versions.0, "to_version": self.versions.1, "note": self.note,
            "trace_id": self.trace_id, "hash": self.hash.to_string(),
        }
    }
}

impl Recorded for StepRow {
    fn record(&self) -> Record {
        record! {
            "step": self.id.to_string(), "at": self.at.to_rfc3339(), "kind": self.kind, "by": self.by,
            "subject": self.subject, "node": self.node, "text": self.what, "more": self.more,
        }
    }
}

impl Recorded for LinkRow {
    /// Servers and resources have the same columns, so that both fit into one table.
    fn record(&self) -> Record {
        match self {
            Self::Server(server) => record! {
                "id": self.id().to_string(), "what": "server", "server": server.name, "uri": Value::Null,
                "stand_in": server.stand_in, "failures": server.failing, "resources": server.resources,
                "last_at": server.answered_at.map(Timestamp::to_rfc3339), "last_error": Value::Null,
            },
            Self::Resource(resource) => record! {
                "id": self.id().to_string(), "what": "resource", "server": resource.server, "uri": resource.uri,
                "stand_in": Value::Null, "failures": resource.failures, "resources": Value::Null,
                "last_at": resource.last_success_at.map(Timestamp::to_rfc3339), "last_error": resource.last_error,
            },
        }
    }
}

impl Recorded for ObjectiveRow {
    fn record(&self) -> Record {
        let (found, n, met) = match &self.found {
            Found::Value { text, n, met } => (text.as_str(), Some(*n), *met),
            Found::NoData => ("no data", None, None),
            Found::NotMeasured => ("not measured", None, None),
        };
        record! {
            "objective": format!("SC-{:03}", self.number), "text": self.what, "bar": self.bar, "found": found,
            "samples": n, "met": met, "note": self.note,
        }
    }
}

impl Recorded for PersonaRow {
    fn record(&self) -> Record {
        record! {
            "hash": self.hash.to_string(), "persona": self.slug, "name": self.name,
            "installed_at": self.installed_at.to_rfc3339(), "campaigns": self.campaigns, "traits": self.traits,
            "directives": self.directives, "topics": self.topics, "banned": self.banned,
            "language": self.language, "disclosure": self.disclosure, "text": self.body,
        }
    }
}

impl Recorded for SettingRow {
    fn record(&self) -> Record {
        record! {
            "place": self.place.to_string(), "group": self.group, "name": self.name, "text": self.value,
            "does": self.does,
        }
    }
}

impl Recorded for PresenceRow {
    fn record(&self) -> Record {
        record! { "place": self.place.to_string(), "what": self.what, "there": self.there, "text": self.text }
    }
}
