//! A recording under a clock that stands still until the recording moves it: the same file gives the
//! same history, to the last line of the audit, however fast it is played.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use chimera_domain::{
    Ambient, Span, Timestamp,
    ports::{Acquired, DeskStore, LeaseRequest, RuntimeStore},
    views::Measures,
};
use chimera_store::Anchor;
use chimera_swarm::treasurer::Treasury;
use serde_json::json;

use crate::{
    compose::{self, Servers},
    config::Config,
    embedded,
    fault::{Fault, chain},
    out,
    outside::Outside,
    sandbox::Sandbox,
    sim::chance::{SimClock, SimIds},
};

/// No recording is as long.
const LEASE: Span = Span::from_hours(24 * 365 * 100);

/// What a run gave.
pub(super) struct Played {
    measures: Measures,
    ends: Anchor,
    /// The first and the last moment of the recording.
    covered: (Timestamp, Timestamp),
}

/// Plays a recording, `speed` times as fast as it was, or as fast as it goes.
pub(super) async fn play(
    sandbox: &Sandbox,
    config: &Config,
    recording: &Path,
    speed: Option<u32>,
) -> Result<Played, Fault> {
    let moments = moments(recording)?;
    let (Some(first), Some(last)) = (moments.first().copied(), moments.last().copied()) else {
        return Err(Fault::Failed(format!(
            "{} holds no snapshot",
            recording.display()
        )));
    };
    let clock = Arc::new(SimClock(AtomicI64::new(first.micros())));
    // Store, swarm and servers count their ids each for itself: which of them is faster changes none.
    let ambient =
        |place: u64| Ambient::new(clock.clone(), Arc::new(SimIds(AtomicU64::new(place << 40))));
    let store = compose::open_store(&sandbox.home.db_file(), ambient(1))?;
    let request = LeaseRequest {
        holder: "chimera replay".to_owned(),
        host: "replay".to_owned(),
        pid: 1,
        known_dead_pid: None,
        ttl: LEASE,
    };
    let Acquired::Ours(lease) = store.acquire_lease(&request).await? else {
        return Err(Fault::Conflict(
            "another process runs the swarm of this home".to_owned(),
        ));
    };
    store.install(&config.setup(first)).await?;
    let servers_ambient = ambient(3);
    let servers = Servers {
        feeds: &config.feeds,
        journal: &embedded::platform_journal(&sandbox.home),
        ambient: &servers_ambient,
    };
    let hub = compose::hub(&servers, &config.servers, Vec::new())?;
    let outside = Outside::new(hub.clone(), &config.minds, &sandbox.home, ambient(4))?;
    let swarm = compose::swarm(
        store.clone(),
        Arc::new(outside),
        config,
        config.policy_at(first),
        Treasury::default(),
        ambient(2),
    );
    let swarm = swarm
        .lockstep(&lease)
        .await
        .map_err(|error| Fault::Database(chain(&error)))?;
    let mut before = first;
    for at in moments {
        if let Some(speed) = speed {
            tokio::time::sleep(at.since(before).to_std() / speed).await;
        }
        clock.0.store(at.micros(), Ordering::SeqCst);
        swarm.perceive().await?;
        swarm.settle().await?;
        before = at;
    }
    // What was approved at the last moment has its fuse to burn down.
    let end = last.plus(config.policy.judge.undo_fuse);
    clock.0.store(end.micros(), Ordering::SeqCst);
    swarm.settle().await?;
    let measures = store.measures(Timestamp::from_micros(0)).await?;
    let ends = store.anchor().await?;
    store.release_lease(&lease).await?;
    hub.shutdown().await;
    Ok(Played {
        measures,
        ends,
        covered: (first, last),
    })
}

/// When each snapshot was taken; a clock never goes back, so an earlier one after a later counts as that.
fn moments(recording: &Path) -> Result<Vec<Timestamp>, Fault> {
    let place = recording.display();
    let text = std::fs::read_to_string(recording)
        .map_err(|error| Fault::failed(&format!("cannot read {place}"), &error))?;
    let mut moments: Vec<Timestamp> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let at = serde_json::from_str::<serde_json::Value>(line)
            .ok()
            .and_then(|line| Timestamp::parse_rfc3339(line["at"].as_str()?))
            .ok_or_else(|| Fault::Failed(format!("{place}:{}: no snapshot with a time", n + 1)))?;
        moments.push(moments.last().map_or(at, |last| at.max(*last)));
    }
    Ok(moments)
}

/// Says what it gave.
pub(super) fn tell(described: &str, played: &Played, json: bool) {
    let (m, ends) = (&played.measures, &played.ends);
    let (first, last) = played.covered;
    let (approve, person, reject) = m.routes;
    if json {
        out::json(
            &json!({"recording": described, "from": first.to_rfc3339(), "to": last.to_rfc3339(), "signals": m.signals,
            "signals_relevant": m.signals_relevant, "signals_planned": m.signals_planned,
            "routes": {"approve": approve, "hitl_queue": person, "reject": reject}, "publications": m.publications,
            "audit": {"lines": ends.audit_seq, "hash": ends.audit_hash}, "ledger": {"entries": ends.ledger_seq, "hash": ends.ledger_hash}}),
        );
        return;
    }
    out::line(format!(
        "replayed   {described}, under the clock of the recording: {} to {}; governors and back-pressure lifted, nobody reviewing",
        first.to_rfc3339_seconds(),
        last.to_rfc3339_seconds()
    ));
    out::line(format!(
        "signals    {} perceived, {} relevant, {} became tasks",
        m.signals, m.signals_relevant, m.signals_planned
    ));
    out::line(format!(
        "verdicts   {approve} published by themselves, {person} for a person, {reject} refused"
    ));
    out::line(format!("published  {} (SIMULATED)", m.publications));
    out::line(format!(
        "history    audit {} after {} lines, ledger {} after {} entries; every run of this recording with this program and configuration ends so",
        ends.audit_hash.short(),
        ends.audit_seq,
        ends.ledger_hash.short(),
        ends.ledger_seq
    ));
}
