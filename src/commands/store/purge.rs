//! `chimera store purge`: what became nothing ends on demand, as it does every hour beside a swarm.

use chimera_domain::{Span, retention::Retention};
use chimera_store::{Fill, Part, Purged};
use serde_json::json;

use crate::{
    config::{Config, Home},
    fault::{Fault, chain},
    machine, on_store, out,
};

pub(super) fn run(
    home: &Home,
    (dry_run, vacuum): (bool, bool),
    older_than: Option<Span>,
    as_json: bool,
) -> Result<(), Fault> {
    let keep = match older_than {
        Some(span) => Retention::all(span),
        None => {
            Config::load(home)
                .map_err(|error| Fault::Usage(chain(&error)))?
                .store
                .keep
        }
    };
    let alone = vacuum.then(|| super::alone(home)).transpose()?;
    let mut purged = Purged::default();
    on_store(&home.db_file(), async |store| {
        purged = if dry_run {
            store.purgeable(keep).await?
        } else {
            store.purge(keep, &machine::actor()).await?
        };
        Ok(())
    })?;
    if alone.is_some() {
        chimera_store::vacuum(&home.db_file()).map_err(|error| Fault::Database(chain(&error)))?;
    }
    on_store(&home.db_file(), async |store| {
        let fill = store.fill().await?;
        if as_json {
            out::json(&json!({"dry_run": dry_run, "purged": purged, "file": fill}));
        } else {
            tell(&purged, &fill, dry_run);
        }
        Ok(())
    })
}

fn tell(purged: &Purged, fill: &Fill, dry_run: bool) {
    let done = if dry_run { "would end" } else { "ended" };
    if *purged == Purged::default() {
        out::line("There is nothing to purge: all that became nothing is younger than it is kept.");
    }
    for (what, Part { rows, bytes }) in [
        ("signals that were left", purged.signals),
        ("pictures nobody needs", purged.media),
        ("alerts that are over", purged.alerts),
        ("samples between two of a day", purged.samples),
    ] {
        if rows > 0 {
            out::line(format!("{rows:>8} {what} {done} ({bytes} bytes)"));
        }
    }
    out::line(format!(
        "The file has {} bytes, {} of them free: they are filled again before it grows.",
        fill.file_bytes, fill.free_bytes
    ));
}
