//! A home of its own for commands that show or measure something: made, used, and removed.

use std::{fs, path::Path, sync::Arc};

use chimera_domain::Ambient;
use chimera_store::SqliteStore;

use crate::{
    clock, compose,
    config::{Config, Home},
    embedded::{Running, begin},
    fault::{Fault, chain},
    telemetry,
};

/// A sandbox on disk.
pub(crate) struct Sandbox {
    pub(crate) home: Home,
    /// Removes the directory at the end, unless the person named one to keep.
    _temporary: Option<tempfile::TempDir>,
}

impl Sandbox {
    /// Makes a sandbox, in `keep` when it is given and empty, else in a temporary directory.
    pub(crate) fn make(keep: Option<&Path>) -> Result<Self, Fault> {
        let (home, temporary) = match keep {
            Some(path) => {
                let full = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
                if full {
                    return Err(Fault::Usage(format!(
                        "{} is not empty; name a new directory",
                        path.display()
                    )));
                }
                (Home::in_folder(path), None)
            }
            None => {
                let directory = tempfile::Builder::new()
                    .prefix("chimera-")
                    .tempdir()
                    .map_err(|e| Fault::failed("cannot make a sandbox", &e))?;
                (Home::in_folder(directory.path()), Some(directory))
            }
        };
        home.ensure()
            .map_err(|error| Fault::Failed(chain(&error)))?;
        Ok(Self {
            home,
            _temporary: temporary,
        })
    }

    /// Reads its configuration.
    pub(crate) fn config(&self) -> Result<Config, Fault> {
        Config::load(&self.home).map_err(|error| Fault::Usage(chain(&error)))
    }

    /// Opens its database and runs the swarm on it.
    pub(crate) async fn begin(
        &self,
        config: &Config,
        holder: &str,
    ) -> Result<(Arc<SqliteStore>, Running, Ambient), Fault> {
        let ambient = clock::system();
        let store = compose::open_store(&self.home.db_file(), ambient.clone())?;
        match begin(&self.home, config, store.clone(), ambient.clone(), holder).await? {
            Ok(running) => Ok((store, running, ambient)),
            Err(_) => Err(Fault::Conflict(format!(
                "another process runs the swarm of {}",
                self.home.config_dir().display()
            ))),
        }
    }

    /// Logs of the run, kept as long as the sandbox.
    pub(crate) fn log(&self, config: &Config) -> Result<telemetry::Flush, Fault> {
        telemetry::start(&self.home.logs_dir(), config.logging, telemetry::Echo::None)
            .map_err(|e| Fault::failed("cannot write logs", &e))
    }
}
