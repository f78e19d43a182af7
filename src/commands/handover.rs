//! `chimera handover`: the note for whoever comes next, as the console's hand-over key makes it.

use chimera_domain::{Timestamp, ports::Store, views::handover::Handover};
use serde_json::{Value, json};

use crate::{fault::Fault, machine, out};

/// Prints the note, from this moment on or since somebody else decided last.
///
/// # Errors
/// When the database cannot be read.
pub async fn run(
    store: &dyn Store,
    zone: &str,
    since: Option<Timestamp>,
    json: bool,
) -> Result<(), Fault> {
    let note = store.handover(&machine::actor(), since).await?;
    if json {
        out::json(&as_json(&note));
    } else {
        out::line(note.text(zone).as_str());
    }
    Ok(())
}

fn as_json(note: &Handover) -> Value {
    let house = &note.house;
    let at = |time: Timestamp| time.to_rfc3339();
    let halts = house.halts.iter().map(|halt| {
        json!({"what": halt.what, "halt": halt.level.participle(), "by": halt.by.by, "at": at(halt.by.at),
            "why": halt.by.why})
    });
    let live = house
        .campaigns
        .iter()
        .filter(|campaign| !campaign.simulated);
    let live =
        live.map(|c| json!({"campaign": c.name, "account": c.account, "channel": c.channel}));
    let expiring = note.expiring.rows.iter().map(|row| {
        json!({"ticket_id": row.id, "state": row.state, "account": row.account, "text": row.text,
            "sla_at": at(row.sla_at), "simulated": row.simulated, "dry_run": row.dry})
    });
    let fuses = house.fuses.iter().map(|fuse| {
        json!({"effect_id": fuse.effect_id, "ticket_id": fuse.ticket_id, "until": at(fuse.until),
            "text": fuse.label})
    });
    let unknown = note.unknown.rows.iter().map(|row| {
        json!({"effect_id": row.id, "account": row.account, "text": row.text, "since": at(row.moved_at),
            "simulated": row.simulated})
    });
    let alerts = note.alerts.rows.iter().map(|row| {
        json!({"alert_id": row.id, "severity": row.severity, "code": row.code, "text": row.text, "at": at(row.at)})
    });
    let decided = note.decided.iter();
    let decided = decided.map(|row| json!({"by": row.by, "state": row.state, "n": row.n}));
    json!({
        "at": at(house.at), "since": at(note.since), "before": note.before, "fleet": house.fleet,
        "halts": halts.collect::<Vec<Value>>(), "live": live.collect::<Vec<Value>>(),
        "simulated": house.simulated, "dry_run": house.dry,
        "tickets_waiting": house.tickets_waiting, "oldest_ticket_at": house.oldest_ticket_at.map(at),
        "expiring": expiring.collect::<Vec<Value>>(), "fuses": fuses.collect::<Vec<Value>>(),
        "unknown": unknown.collect::<Vec<Value>>(), "unknown_total": note.unknown.total,
        "alerts": alerts.collect::<Vec<Value>>(), "alerts_total": note.alerts.total,
        "spent_day_usd": house.spent_day, "uncertain_day_usd": house.uncertain_day, "reserved_usd": house.reserved,
        "cap_day_usd": house.cap_day, "simulated_usd": house.simulated_money,
        "decided": decided.collect::<Vec<Value>>(),
    })
}
