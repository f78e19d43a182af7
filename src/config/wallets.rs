//! `wallets` of `chimera.yaml`: where chains are reached, and where the agents' keys are. Not what may be paid.

use std::path::{Path, PathBuf};

use super::{
    feeds,
    problem::Log,
    process::Surroundings,
    section::Section,
    servers::{self, Secret},
    values,
};

/// Where chains and keys are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wallets {
    /// Endpoints by the chains' names in `budget.yaml`. An address may hold a key of its own.
    pub endpoints: Vec<(String, Secret)>,
    /// Keystores by the agents' slugs.
    pub keys: Vec<(String, Keystore)>,
}

/// A key on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keystore {
    /// The encrypted key.
    pub file: PathBuf,
    /// A file with its password, which only the user may read.
    pub password_file: PathBuf,
}

/// Reads the group, if it is there.
pub(super) fn read(top: &mut Section<'_>, around: Surroundings<'_>, log: &mut Log) -> Wallets {
    let mut wallets = Wallets::default();
    let Some(mut group) = top.group("wallets", log) else {
        return wallets;
    };
    if let Some(endpoints) = group.group("endpoints", log) {
        for entry in endpoints.entries() {
            let path = endpoints.path(&entry.key);
            if let Err(wrong) = values::name(&entry.key) {
                log.problem(entry.at, wrong.message, wrong.hint);
            } else if let Some(url) = servers::variable(&entry.value, &path, around, log) {
                match feeds::address(&url) {
                    Ok(url) => wallets
                        .endpoints
                        .push((entry.key.clone(), Secret::new(url))),
                    // The address may hold a key: it is not told.
                    Err(_) => log.problem(
                        entry.at,
                        format!("`{path}` is not the address of an endpoint"),
                        "write http://… or https://…, or `${NAME}` of a variable that holds it",
                    ),
                }
            }
        }
    }
    if let Some(keys) = group.group("keys", log) {
        for entry in keys.entries() {
            let path = keys.path(&entry.key);
            if let Err(wrong) = values::name(&entry.key) {
                log.problem(entry.at, wrong.message, wrong.hint);
            } else if let Some(key) = Section::of(&entry.value, &path, log)
                .and_then(|section| read_key(section, around, log))
            {
                wallets.keys.push((entry.key.clone(), key));
            }
        }
    }
    group.finish(log);
    wallets
}

fn read_key(mut section: Section<'_>, around: Surroundings<'_>, log: &mut Log) -> Option<Keystore> {
    let file = |text: &str| feeds::existing(around.base, text, Path::is_file, "file");
    let keystore = section.required("keystore", log, file);
    let password_file = section.required("password_file", log, file);
    section.finish(log);
    Some(Keystore {
        file: keystore?,
        password_file: password_file?,
    })
}
