//! Tickets and decisions as JSON, under the names of the contracts.

use chimera_domain::{
    ticket::Decided,
    views::{Asks, PostAsked, TicketCard, TicketRow},
};
use serde_json::{Value, json};

use super::payment;

pub(super) fn told(decided: &Decided) -> Value {
    match decided {
        Decided::Held { until, .. } | Decided::PaymentHeld { until } => {
            json!({"decision": "approve", "held_until": until.to_rfc3339()})
        }
        Decided::FirstOfTwo => json!({"decision": "approve_first", "held_until": null}),
        Decided::Edited { content_hash } => {
            json!({"decision": "edit_approve", "content_hash": content_hash})
        }
        Decided::Rejected | Decided::PaymentRejected => {
            json!({"decision": "reject", "held_until": null})
        }
        Decided::ChangesRequested { at } => {
            json!({"decision": "request_changes", "made_again_from": at.to_rfc3339()})
        }
        Decided::Escalated => json!({"decision": "escalate"}),
        Decided::Snoozed { until } => {
            json!({"decision": "snooze", "snoozed_until": until.to_rfc3339()})
        }
        Decided::Assigned => json!({"decision": "reassign"}),
        Decided::Probe { flaw, caught } => {
            json!({"decision": "probe", "flaw": flaw, "caught": caught, "text": decided.revealed()})
        }
    }
}

pub(super) fn row(row: &TicketRow) -> Value {
    json!({
        "ticket_id": row.id,
        "state_version": row.version,
        "state": row.state,
        "text": row.text,
        "reason": row.reasons,
        "confidence_score": row.confidence,
        "about": row.about,
        "account": row.account,
        "channel": row.channel,
        "campaign": row.campaign,
        "created_at": row.created_at.to_rfc3339(),
        "sla_expires_at": row.sla_at.to_rfc3339(),
        "assigned_to": row.assigned_to,
        "snoozed_until": row.snoozed_until.map(|at| at.to_rfc3339()),
        "first_approval": row.first.as_ref().map(|first| json!({"by": first.by, "at": first.at.to_rfc3339()})),
        "simulated": row.simulated,
        "dry_run": row.dry,
    })
}

pub(super) fn card(card: &TicketCard) -> Value {
    let mut value = row(&card.row);
    let both = json!({
        "trace_id": card.trace_id,
        "content_hash": card.content_hash,
        "two_people": card.two,
        "text": card.text,
        "decided": card.decided,
        "effect": card.effect,
        "published": card.published,
    });
    let own = match &card.asks {
        Asks::Post(asked) => post(asked),
        Asks::Payment(asked) => payment::json(asked),
    };
    if let Some(fields) = value.as_object_mut() {
        for more in [both, own] {
            if let Value::Object(more) = more {
                fields.extend(more);
            }
        }
    }
    value
}

fn post(post: &PostAsked) -> Value {
    json!({
        "task_id": post.task_id,
        "edited_text": post.edited,
        "tool": post.tool,
        "media": post.media.iter().map(|m| json!({"sha256": m.sha256, "mime": m.mime, "bytes": m.bytes, "width": m.size.0, "height": m.size.1, "alt_text": m.alt_text,
            "likeness": m.likeness.as_ref().map(|(told, _)| told), "reference_sha256": m.reference.as_ref().map(|one| one.sha256)})).collect::<Vec<_>>(),
        "disclosure_level": post.disclosure,
        "sensitive_topics": post.sensitive,
        "checks": post.checks,
        "attempt": post.attempt.0,
        "attempts_max": post.attempt.1,
        "attempts": post.attempts.iter().map(|a| json!({"attempt": a.attempt, "text": a.text, "issues": a.issues})).collect::<Vec<_>>(),
        "models": post.models,
        "made": post.made,
        "worker_confidence": post.worker_confidence,
        "judge_confidence": post.judge_confidence,
        "cost_usd": post.spent,
    })
}
