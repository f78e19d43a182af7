//! Where Chimera keeps its files, and the sandbox it makes on the first run.
//!
//! `--home DIR` comes before `CHIMERA_HOME`, which comes before the XDG folders. With one of the first
//! two everything lies in one folder; with XDG, configuration, data and state lie apart.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::problem::ConfigError;

/// What is written on the first run: path below the configuration folder, and content.
const SANDBOX: [(&str, &str); 7] = [
    ("chimera.yaml", include_str!("../../chimera.yaml")),
    ("budget.yaml", include_str!("../../budget.yaml")),
    (
        "personas/fae/SOUL.md",
        include_str!("../../personas/fae/SOUL.md"),
    ),
    (
        "personas/leo/SOUL.md",
        include_str!("../../personas/leo/SOUL.md"),
    ),
    (
        "examples/scenarios/fashion_drop.jsonl",
        include_str!("../../examples/scenarios/fashion_drop.jsonl"),
    ),
    (
        "examples/feeds/atom_relative.xml",
        include_str!("../../examples/feeds/atom_relative.xml"),
    ),
    (
        "examples/feeds/README.md",
        include_str!("../../examples/feeds/README.md"),
    ),
];

/// The `chimera.yaml` that is shipped.
pub(super) const CHIMERA_YAML: &str = include_str!("../../chimera.yaml");

/// Which rule found the home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomeSource {
    /// `--home DIR`.
    Flag,
    /// `CHIMERA_HOME`.
    Variable,
    /// The XDG folders, or their usual places below `HOME`.
    Xdg,
}

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
    source: HomeSource,
}

/// What [`Home::ensure`] found and made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    /// Whether there was no `chimera.yaml` before: everything in it is a stand-in, and the operator is told so.
    pub first_run: bool,
    /// The files that were written.
    pub created: Vec<PathBuf>,
}

impl Home {
    /// Finds the home by flag, then environment.
    ///
    /// # Errors
    /// When none of them says where it is.
    #[expect(
        clippy::disallowed_methods,
        reason = "this module is the one that reads the environment"
    )]
    pub fn resolve(flag: Option<&Path>) -> Result<Self, ConfigError> {
        Self::resolve_from(flag, |name| std::env::var_os(name))
    }

    /// As [`Home::resolve`], from a given environment.
    ///
    /// # Errors
    /// When neither the flag nor the environment says where it is.
    pub fn resolve_from(
        flag: Option<&Path>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ConfigError> {
        let path = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if let Some(directory) = flag {
            if directory.as_os_str().is_empty() {
                return Err(ConfigError::one(
                    "--home",
                    "the folder is empty",
                    "write --home DIR",
                ));
            }
            return Ok(Self::at(directory, HomeSource::Flag));
        }
        if let Some(directory) = path("CHIMERA_HOME") {
            return Ok(Self::at(&directory, HomeSource::Variable));
        }
        let home = path("HOME").filter(|home| home.is_absolute());
        // The XDG specification has relative paths ignored.
        let xdg = |name: &str, usual: &str| {
            let base = path(name)
                .filter(|base| base.is_absolute())
                .or_else(|| home.as_ref().map(|home| home.join(usual)));
            base.map(|base| base.join("chimera"))
        };
        let found = xdg("XDG_CONFIG_HOME", ".config")
            .zip(xdg("XDG_DATA_HOME", ".local/share"))
            .zip(xdg("XDG_STATE_HOME", ".local/state"));
        let ((config, data), state) = found.ok_or_else(|| {
            ConfigError::one(
                "environment",
                "neither CHIMERA_HOME nor HOME is set",
                "start with --home DIR",
            )
        })?;
        Ok(Self {
            config,
            data,
            state,
            source: HomeSource::Xdg,
        })
    }

    fn at(directory: &Path, source: HomeSource) -> Self {
        // Absolute, so that a later change of the working directory moves nothing.
        let directory = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        Self {
            config: directory.clone(),
            data: directory.clone(),
            state: directory,
            source,
        }
    }

    /// A home in one folder, as `--home` gives it.
    #[must_use]
    pub fn in_folder(directory: &Path) -> Self {
        Self::at(directory, HomeSource::Flag)
    }

    /// Which rule found it.
    #[must_use]
    pub const fn source(&self) -> HomeSource {
        self.source
    }

    /// The folder of `chimera.yaml`; relative paths in it begin here.
    #[must_use]
    pub fn config_dir(&self) -> &Path {
        &self.config
    }

    /// The process: `chimera.yaml`.
    #[must_use]
    pub fn chimera_yaml(&self) -> PathBuf {
        self.config.join("chimera.yaml")
    }

    /// Money and thresholds: `budget.yaml`.
    #[must_use]
    pub fn budget_yaml(&self) -> PathBuf {
        self.config.join("budget.yaml")
    }

    /// The folder of the personas, one folder each.
    #[must_use]
    pub fn personas_dir(&self) -> PathBuf {
        self.config.join("personas")
    }

    /// The database.
    #[must_use]
    pub fn db_file(&self) -> PathBuf {
        self.data.join("chimera.db")
    }

    /// Encrypted keys of wallets.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.config_dir().join("keys")
    }

    /// The journal of the local stand-in platform.
    #[must_use]
    pub fn platform_dir(&self) -> PathBuf {
        self.data.join("platform")
    }

    /// The log files.
    #[must_use]
    pub fn logs_dir(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// Where the chains of audit and ledger ended, written down outside the database.
    #[must_use]
    pub fn anchors_file(&self) -> PathBuf {
        self.state.join("anchors.jsonl")
    }

    /// What language models answered, for the next time they are asked the same.
    #[must_use]
    pub fn answers_file(&self) -> PathBuf {
        self.state.join("answers.jsonl")
    }

    /// What the console remembers of this database: place, filters, what was named and run.
    #[must_use]
    pub fn console_file(&self) -> PathBuf {
        self.state.join("console.json")
    }

    /// What operators export from the console.
    #[must_use]
    pub fn exports_dir(&self) -> PathBuf {
        self.data.join("exports")
    }

    /// Makes the folders, readable by their owner only, and writes what is missing of the sandbox. Nothing
    /// that exists is touched; personas are only written when there is no personas folder. Repeatable.
    ///
    /// # Errors
    /// When a folder or file cannot be made.
    pub fn ensure(&self) -> Result<Sandbox, ConfigError> {
        let first_run = !self.chimera_yaml().exists();
        let own_personas = self.personas_dir().exists();
        for directory in [
            &self.config,
            &self.data,
            &self.state,
            &self.platform_dir(),
            &self.logs_dir(),
        ] {
            make_folder(directory)?;
        }
        let mut created = Vec::new();
        for (name, content) in SANDBOX {
            let path = self.config.join(name);
            // On an established home a missing file is a mistake to be told, not a default to be assumed:
            // the default may allow more than what was there.
            let established = self.db_file().exists();
            let is_setting = matches!(name, "chimera.yaml" | "budget.yaml");
            if path.exists()
                || (established && is_setting)
                || (own_personas && name.starts_with("personas/"))
            {
                continue;
            }
            if let Some(parent) = path.parent() {
                make_folder(parent)?;
            }
            write_new(&path, content).map_err(|error| {
                ConfigError::one(
                    &path,
                    format!("the file cannot be written: {error}"),
                    "check the permissions and the free space",
                )
            })?;
            created.push(path);
        }
        if !own_personas {
            make_folder(&self.personas_dir())?;
        }
        Ok(Sandbox { first_run, created })
    }
}

fn make_folder(path: &Path) -> Result<(), ConfigError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| {
            ConfigError::one(
                path,
                format!("the folder cannot be made: {error}"),
                "check the permissions, or start with --home DIR",
            )
        })
}

/// Writes under another name first, so that a crash leaves no half file under this one.
fn write_new(path: &Path, content: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let draft = path.with_file_name(name);
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    })();
    if written.is_err() {
        // Nothing depends on the draft; that it could not be removed changes nothing about the failure told.
        let _ = fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn from(flag: Option<&str>, variables: &[(&str, &str)]) -> Result<Home, ConfigError> {
        Home::resolve_from(flag.map(Path::new), |name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    // R151: the flag comes before the variable, the variable before XDG, and XDG before HOME.
    #[test]
    fn r151_precedence_of_homes() {
        let all = [
            ("CHIMERA_HOME", "/env"),
            ("XDG_CONFIG_HOME", "/xdg"),
            ("HOME", "/home/op"),
        ];
        let found = |flag, variables: &[(&str, &str)]| {
            let home = from(flag, variables).unwrap();
            (
                home.chimera_yaml().display().to_string(),
                home.db_file().display().to_string(),
                home.source(),
            )
        };
        assert_eq!(
            found(Some("/flag"), &all),
            (
                "/flag/chimera.yaml".into(),
                "/flag/chimera.db".into(),
                HomeSource::Flag
            )
        );
        assert_eq!(
            found(None, &all),
            (
                "/env/chimera.yaml".into(),
                "/env/chimera.db".into(),
                HomeSource::Variable
            )
        );
        assert_eq!(
            found(None, &all[1..]),
            (
                "/xdg/chimera/chimera.yaml".into(),
                "/home/op/.local/share/chimera/chimera.db".into(),
                HomeSource::Xdg
            )
        );
        let relative = [
            ("XDG_CONFIG_HOME", "relative"),
            ("CHIMERA_HOME", ""),
            ("HOME", "/home/op"),
        ];
        assert_eq!(
            found(None, &relative).0,
            "/home/op/.config/chimera/chimera.yaml"
        );
        assert_eq!(
            from(None, &[("HOME", "/home/op")]).unwrap().logs_dir(),
            Path::new("/home/op/.local/state/chimera/logs")
        );
        assert_eq!(
            from(None, &[]).unwrap_err().to_string(),
            "environment: neither CHIMERA_HOME nor HOME is set\n  help: start with --home DIR"
        );
    }

    // R177: the first run makes a private sandbox; the next one changes nothing, not even what was edited.
    #[test]
    fn r177_first_run_makes_a_sandbox_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::in_folder(&folder.path().join("a/b"));
        let first = home.ensure().unwrap();
        assert!(
            first.first_run && first.created.contains(&home.budget_yaml()),
            "{first:?}"
        );
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (
                mode(home.config_dir()),
                mode(&home.logs_dir()),
                mode(&home.budget_yaml())
            ),
            (0o700, 0o700, 0o600)
        );
        fs::write(home.chimera_yaml(), "zone: UTC\n").unwrap();
        fs::remove_dir_all(home.personas_dir().join("leo")).unwrap();
        assert_eq!(
            home.ensure().unwrap(),
            Sandbox {
                first_run: false,
                created: vec![]
            }
        );
        assert_eq!(
            fs::read_to_string(home.chimera_yaml()).unwrap(),
            "zone: UTC\n"
        );
        assert!(
            !home.personas_dir().join("leo").exists(),
            "a persona that was removed stays removed"
        );
    }

    // R151: a file in the way is told with its path.
    #[test]
    fn r151_a_home_that_cannot_be_made_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = Home::in_folder(&folder.path().join("file/below"))
            .ensure()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("file/below: the folder cannot be made"),
            "{error}"
        );
    }
}
