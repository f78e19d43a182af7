//! `chimera status`: the state of the house on one screenful, and money on request.

use chimera_domain::{
    Safe,
    campaign::FleetState,
    halt::Scope,
    ports::Store,
    views::{Overview, SwarmOwner},
};
use chimera_store::Log;
use serde_json::{Value, json};

use crate::{
    config::{Config, Home},
    fault::Fault,
    machine, on_store, out,
    upkeep::Room,
};

/// Prints the state of the house, with the room on its disk.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn on_home(home: &Home, json: bool) -> Result<(), Fault> {
    let database = home.db_file();
    // A configuration that cannot be read is told by the verbs that need it; the disk is as full as it is.
    let reserve = Config::load(home).map(|config| config.store.reserve_bytes);
    on_store(&database, async |store| {
        let room = reserve
            .ok()
            .and_then(|reserve| Room::at(&database, reserve).ok());
        let log = Log::of(&database);
        run(store.as_ref(), &Disk { room, log }, json).await
    })
}

/// What the machine says of the database.
struct Disk {
    room: Option<Room>,
    log: Log,
}

async fn run(store: &dyn Store, disk: &Disk, json: bool) -> Result<(), Fault> {
    let house = store.overview().await?;
    if json {
        out::json(&overview_json(&house, disk));
        return Ok(());
    }
    out::line(match &house.swarm {
        Some(owner) if is_gone(owner) => format!(
            "swarm      not running: {} (pid {} on {}) died; `chimera` or `chimera --daemon` takes over",
            owner.holder, owner.pid, owner.host
        ),
        Some(owner) => format!(
            "swarm      run by {} (pid {} on {}) since {}",
            owner.holder,
            owner.pid,
            owner.host,
            owner.since.to_rfc3339_seconds()
        ),
        None => "swarm      not running; `chimera` or `chimera --daemon` starts it".to_owned(),
    });
    let halted = house.halted.as_ref().map_or_else(String::new, |h| {
        format!(" by {} at {}: {}", h.by, h.at.to_rfc3339_seconds(), h.why)
    });
    out::line(format!(
        "fleet      {}{halted}{}",
        house.fleet,
        if house.simulated && house.dry {
            "   DRY RUN: nothing is published for real (`chimera live status`)"
        } else if house.simulated {
            "   SIMULATED: nothing is published for real"
        } else {
            ""
        }
    ));
    let oldest = house.oldest_ticket_at.map_or_else(String::new, |at| {
        format!(", the oldest for {}", house.at.since(at))
    });
    out::line(format!(
        "review     {} waiting{oldest}",
        house.tickets_waiting
    ));
    out::line(format!("money      {}", money(&house)));
    let tasks: Vec<String> = house
        .tasks
        .iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    out::line(format!(
        "tasks      {}",
        if tasks.is_empty() {
            "none".to_owned()
        } else {
            tasks.join(", ")
        }
    ));
    let signals: Vec<String> = house
        .signals
        .iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    out::line(format!(
        "signals    {}",
        if signals.is_empty() {
            "none".to_owned()
        } else {
            signals.join(", ")
        }
    ));
    for halt in house.halts.iter().filter(|h| h.scope != Scope::Fleet) {
        let (at, by) = (halt.by.at.to_rfc3339_seconds(), &halt.by);
        let done = halt.level.participle();
        out::line(format!(
            "halted     {} {done} by {} at {at}: {}",
            halt.what, by.by, by.why
        ));
    }
    out::line(format!(
        "alerts     {}",
        match house.alerts_open {
            0 => "none".to_owned(),
            n => format!("{n} open; `chimera alert list` shows them"),
        }
    ));
    let lost_by: Vec<String> = house
        .conflicts_by
        .iter()
        .map(|(verb, n)| format!("{n} to {verb}"))
        .collect();
    out::line(format!(
        "conflicts  {}",
        match house.conflicts {
            0 => "none".to_owned(),
            n => format!(
                "{n} lost, each told and looked at again: {}",
                lost_by.join(", ")
            ),
        }
    ));
    out::line(format!(
        "disk       {}",
        disk.room.map_or_else(
            || "nobody knows; `chimera config check` may tell".to_owned(),
            Room::told
        )
    ));
    out::line(format!("log        {}", disk.log.told()));
    out::line(format!(
        "feeds      {} configured, {} failing{}",
        house.resources,
        house.resources_failing.len(),
        list(&house.resources_failing)
    ));
    if !house.resources_stale.is_empty() {
        out::line(format!(
            "           {} STALE, nobody polls them{}",
            house.resources_stale.len(),
            list(&house.resources_stale)
        ));
    }
    Ok(())
}

pub(super) fn money(house: &Overview) -> String {
    let cap = house.cap_day.map_or_else(
        || "no cap is installed".to_owned(),
        |cap| format!("of {cap} USD"),
    );
    let doubt = if house.uncertain_day.is_positive() {
        format!(", {} perhaps spent", house.uncertain_day)
    } else {
        String::new()
    };
    format!(
        "{} USD spent{doubt}, {} reserved {cap}{}",
        house.spent_day,
        house.reserved,
        house.money()
    )
}

fn is_gone(owner: &SwarmOwner) -> bool {
    machine::is_gone(owner.host.as_str(), owner.pid)
}

fn list(names: &[Safe]) -> String {
    let names: Vec<&str> = names.iter().map(Safe::as_str).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(": {}", names.join(", "))
    }
}

pub(super) fn money_json(house: &Overview) -> Value {
    json!({
        "spent_day_usd": house.spent_day,
        "uncertain_day_usd": house.uncertain_day,
        "simulated_usd": house.simulated_money,
        "reserved_usd": house.reserved,
        "cap_day_usd": house.cap_day,
        "campaigns": house.campaigns.iter().map(|c| json!({"name": c.name, "spent_usd": c.spent, "simulated_usd": c.spent_simulated, "budget_usd": c.budget})).collect::<Vec<_>>(),
    })
}

fn overview_json(house: &Overview, disk: &Disk) -> Value {
    json!({
        "at": house.at.to_rfc3339(),
        "fleet": house.fleet,
        "running": house.fleet == FleetState::Running && house.swarm.as_ref().is_some_and(|o| !is_gone(o)),
        "simulated": house.simulated,
        "dry_run": house.dry,
        "halts": house.halts.iter().map(super::halt::row_json).collect::<Vec<_>>(),
        "swarm": house.swarm.as_ref().map(|o| json!({"holder": o.holder, "pid": o.pid, "host": o.host, "since": o.since.to_rfc3339(), "gone": is_gone(o)})),
        "tickets_waiting": house.tickets_waiting,
        "oldest_ticket_at": house.oldest_ticket_at.map(chimera_domain::Timestamp::to_rfc3339),
        "tasks": house.tasks.iter().map(|(state, n)| (state.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "signals": house.signals.iter().map(|(state, n)| (state.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "money": money_json(house),
        "resources": house.resources,
        "resources_failing": house.resources_failing,
        "resources_stale": house.resources_stale,
        "alerts_open": house.alerts_open,
        "conflicts": house.conflicts,
        "log": {"bytes": disk.log.bytes(), "bytes_max": disk.log.bytes_max, "held_by": if disk.log.is_held() { disk.log.readers() } else { Vec::new() }},
        "disk": disk.room.map(|room| json!({"free_bytes": room.free_bytes, "reserve_bytes": room.reserve_bytes, "short": room.is_short()})),
        "conflicts_by": house.conflicts_by.iter().map(|(verb, n)| (verb.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
    })
}
