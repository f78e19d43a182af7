//! `chimera store` and `chimera audit`: whether the database is whole, copies of it, and going back to one.

mod export;
mod generate;
mod migrate;
mod purge;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chimera_domain::{
    death,
    ports::{DeskStore, PaymentStore, SpendStore},
};
use chimera_store::{Anchor, SqliteStore, back_up, discard};
use serde_json::json;

use crate::{
    cli::{Audit, StoreCommand},
    clock, compose,
    config::Home,
    embedded::lock_path,
    fault::{Fault, chain},
    machine::{self, AliveLock},
    on_store, out,
    upkeep::Room,
};

/// Runs one verb.
///
/// # Errors
/// `Database`, naming the first thing that does not hold; `Conflict` while a swarm runs on what is to be replaced.
pub fn run(home: &Home, verb: StoreCommand, json: bool) -> Result<(), Fault> {
    match verb {
        StoreCommand::Verify => on_quiet(home, async |store| {
            let entries = whole(&store).await?;
            if json {
                out::json(&json!({"integrity": "ok", "ledger_entries": entries}));
            } else {
                out::line(format!(
                    "The database is whole, and so is the chain of the ledger's {entries} entries."
                ));
            }
            Ok(())
        }),
        StoreCommand::Backup { file } => backup(home, &file, json),
        StoreCommand::Restore { file } => restore(home, &file, json),
        StoreCommand::Generate(args) => generate::run(home, &args, json),
        StoreCommand::Export { to } => export::run(home, &to, json),
        StoreCommand::Migrate { rehearse } => migrate::run(home, rehearse, json),
        StoreCommand::Purge {
            dry_run,
            older_than,
            vacuum,
        } => purge::run(home, (dry_run, vacuum), older_than, json),
    }
}

/// `chimera audit …`
///
/// # Errors
/// `Database`, naming the first line that is not what it was.
pub fn audit(home: &Home, verb: Audit, json: bool) -> Result<(), Fault> {
    match verb {
        Audit::Verify { anchors } => {
            let anchors = match anchors {
                // Named and not there is not the same as none: a cut end would pass for sound.
                Some(file) if !file.exists() => {
                    return Err(Fault::NotFound(format!(
                        "there are no anchors at {}",
                        file.display()
                    )));
                }
                Some(file) => read_anchors(&file)?,
                None => read_anchors(&home.anchors_file())?,
            };
            let (count, last) = (anchors.len(), anchors.last().map(|a| a.at));
            on_quiet(home, async |store| {
                let lines = store.verify_audit(anchors).await?;
                let entries = store.verify_ledger().await?;
                let wallets = store.verify_wallets().await?;
                let last = last.map(chimera_domain::Timestamp::to_rfc3339_seconds);
                if json {
                    out::json(
                        &json!({"audit_lines": lines, "ledger_entries": entries, "wallet_entries": wallets, "anchors": count, "last_anchor": last}),
                    );
                } else {
                    let anchored = match last {
                        Some(at) => format!("{count} anchors hold, the last of {at}"),
                        None => "there are no anchors, so a cut end would not be seen".to_owned(),
                    };
                    out::line(format!(
                        "{lines} lines of the audit, {entries} entries of the ledger and {wallets} of the wallets are chained without a break; {anchored}."
                    ));
                }
                Ok(())
            })
        }
        Audit::Anchor => on_store(&home.db_file(), async |store| {
            out::json(&json!(store.anchor().await?));
            Ok(())
        }),
    }
}

/// Runs what reads everything where nobody writes: on the database itself, or, while a swarm runs on it, on a
/// copy that is removed again. A long read beside a busy writer would keep its log from being cut.
fn on_quiet(
    home: &Home,
    verb: impl AsyncFnOnce(Arc<SqliteStore>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let database = home.db_file();
    let mut busy = false;
    on_store(&database, async |store| {
        let owner = store.overview().await?.swarm;
        busy = owner.is_some_and(|owner| !machine::is_gone(owner.host.as_str(), owner.pid));
        Ok(())
    })?;
    if !busy {
        return on_store(&database, verb);
    }
    let free = Room::at(&database, 0).map_or(u64::MAX, |room| room.free_bytes);
    let needed = fs::metadata(&database).map_or(0, |found| found.len());
    if free < needed.saturating_mul(2) {
        return Err(Fault::Failed(format!(
            "a swarm runs on this database, and there is no room for a copy to check; stop the swarm, or free {} MB",
            (needed.saturating_mul(2) - free) >> 20
        )));
    }
    let copy = Passing::beside(&database);
    back_up(&database, &copy.0).map_err(|error| Fault::Database(chain(&error)))?;
    on_store(&copy.0, verb)
}

/// A copy that is only looked at, removed when it goes.
struct Passing(PathBuf);

impl Passing {
    fn beside(database: &Path) -> Self {
        let copy = Self(with_ending(
            database,
            &format!("{}.passing", std::process::id()),
        ));
        copy.remove();
        copy
    }

    /// Nothing depends on it; what cannot be removed only takes room.
    fn remove(&self) {
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(suffixed(&self.0, ending));
        }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Every page, every reference and every chain; how many entries the ledger has.
async fn whole(store: &SqliteStore) -> Result<u64, Fault> {
    store.integrity_check().await?;
    store.verify_wallets().await?;
    Ok(store.verify_ledger().await?)
}

fn backup(home: &Home, file: &Path, json: bool) -> Result<(), Fault> {
    let bytes = back_up(&home.db_file(), file).map_err(|error| Fault::Database(chain(&error)))?;
    // A copy that nobody has opened is a hope.
    let checked = on_store(file, async |store| whole(&store).await.map(drop));
    if let Err(fault) = checked {
        let _ = discard(file);
        return Err(fault);
    }
    if json {
        out::json(&json!({"file": file, "bytes": bytes, "verified": true}));
    } else {
        out::line(format!(
            "{} has {bytes} bytes, was opened again and is whole.",
            file.display()
        ));
    }
    Ok(())
}

fn restore(home: &Home, file: &Path, json: bool) -> Result<(), Fault> {
    home.ensure()
        .map_err(|error| Fault::Failed(chain(&error)))?;
    let _alive = alone(home)?;
    let database = home.db_file();
    let draft = with_ending(&database, "restoring");
    let failed = |doing: &str, error: &std::io::Error| Fault::failed(doing, error);
    // One that died here may have left its own behind, with a log that must not meet this copy.
    discard(&draft)
        .map_err(|error| failed("cannot remove the draft of an earlier restore", &error))?;
    back_up(file, &draft).map_err(|error| Fault::Database(chain(&error)))?;
    let mut asked = 0;
    let ready = on_store(&draft, async |store| {
        whole(&store).await?;
        asked = store.put_in_order_after_restore(&machine::actor()).await?;
        Ok(())
    });
    if let Err(fault) = ready {
        let _ = discard(&draft);
        return Err(fault);
    }
    let aside = format!("before-{}", clock::system().now().micros());
    let kept = with_ending(&database, &aside);
    if database.exists() {
        // Opened and closed, so that what its log holds is folded into the file that is kept; one that cannot
        // be opened any more is kept as it is, log and all.
        drop(compose::open_store(&database, clock::system()));
    }
    // Also one that has no database any more: it would be replayed into the copy.
    for ending in ["-wal", "-shm", "-journal"] {
        let from = suffixed(&database, ending);
        if from.exists() {
            fs::rename(&from, suffixed(&kept, ending))
                .map_err(|error| failed("cannot put the log aside", &error))?;
        }
    }
    if database.exists() {
        fs::hard_link(&database, &kept)
            .map_err(|error| failed("cannot put the database aside", &error))?;
    }
    death::at("restore", "before-name");
    // In one step: at no moment is there no database.
    fs::rename(&draft, &database)
        .map_err(|error| failed("cannot put the copy in place", &error))?;
    death::at("restore", "after-name");
    let anchors = home.anchors_file();
    if anchors.exists() {
        fs::rename(&anchors, with_ending(&anchors, &aside))
            .map_err(|error| failed("cannot put the anchors aside", &error))?;
    }
    if json {
        out::json(
            &json!({"restored": file, "kept": kept, "effects_to_ask_for": asked, "fleet": "paused"}),
        );
    } else {
        out::line(format!(
            "Restored; what was there is kept as {}. Everything is paused: start chimera, look, then `chimera resume`. {asked} effects may have left since the copy was made; the platform is asked before any is sent.",
            kept.display()
        ));
    }
    Ok(())
}

/// The lock of a swarm, so that none begins meanwhile.
fn alone(home: &Home) -> Result<AliveLock, Fault> {
    let lock = lock_path(home);
    AliveLock::try_take(&lock)
        .map_err(|error| Fault::failed(&format!("cannot lock {}", lock.display()), &error))?
        .ok_or_else(|| {
            Fault::Conflict(
                "a swarm runs on this database; stop it first, and close the consoles".to_owned(),
            )
        })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    suffixed(path, &format!(".{ending}"))
}

fn suffixed(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Anchors, one JSON value a line; none where there is no file.
fn read_anchors(file: &Path) -> Result<Vec<Anchor>, Fault> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Fault::failed(
                &format!("cannot read {}", file.display()),
                &error,
            ));
        }
    };
    (1..)
        .zip(text.lines().filter(|line| !line.trim().is_empty()))
        .map(|(n, line)| {
            serde_json::from_str(line)
                .map_err(|error| Fault::Usage(format!("{}:{n}: {error}", file.display())))
        })
        .collect()
}
