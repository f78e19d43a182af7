//! What a hub is built from. The room reads no file and no environment: `config` hands the values in.

use std::{collections::HashSet, fmt, path::PathBuf, sync::Arc};

use chimera_domain::clock::Span;
use tokio::io::DuplexStream;

/// No call waits longer than this, whatever its caller or the settings say.
pub const CALL_TIMEOUT_MAX: Span = Span::from_mins(5);
/// No start waits longer than this.
pub const START_TIMEOUT_MAX: Span = Span::from_mins(10);

/// Variables a child gets without being named: enough to find programs and to write in the right language.
pub(crate) const ENVIRONMENT_ALLOWED: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// Settings that cannot work. Mend the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the settings of the MCP server `{server}` cannot work: {why}")]
pub struct Error {
    /// The server by its configured name.
    pub server: String,
    /// What is wrong.
    pub why: &'static str,
}

/// Every server, and the variables children may inherit from.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The servers; names are unique.
    pub servers: Vec<ServerSettings>,
    /// The variables of this process, as `config` read them. A child sees of them only `PATH`, `HOME`,
    /// `LANG`, `TMPDIR` and what its `env_from` names.
    pub environment: Vec<(String, String)>,
}

/// One server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The name tools are called by.
    pub name: String,
    /// How it is reached.
    pub transport: Transport,
    /// From spawn to the end of the handshake, with every fallback; at most [`START_TIMEOUT_MAX`].
    pub start_timeout: Span,
    /// For one listing with all its pages, or one resource.
    pub read_timeout: Span,
    /// For one tool call that brings no deadline of its own; at most [`CALL_TIMEOUT_MAX`].
    pub call_timeout: Span,
    /// The longest answer accepted.
    pub bytes_max: usize,
    /// Tools that exist for us; `None` for all. Every other tool is invisible and refused.
    pub tools_allowed: Option<Vec<String>>,
    /// Calls and reads under way at the same time.
    pub concurrency_max: usize,
    /// Calls and reads per minute; `None` for no limit of ours.
    pub rate_per_minute: Option<u32>,
}

/// Makes a fresh in-memory pipe whose other half is being served. Called for each connection.
pub type Pipe = Arc<dyn Fn() -> DuplexStream + Send + Sync>;

/// How a server is reached.
#[derive(Clone)]
pub enum Transport {
    /// A server inside this process.
    InProcess(Pipe),
    /// A child process that speaks over its standard input and output.
    Stdio {
        /// The program; no shell is involved.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables set for it.
        env: Vec<(String, String)>,
        /// Variables of [`Settings::environment`] it may see besides the usual four.
        env_from: Vec<String>,
        /// Where it runs; `None` for where this process runs.
        cwd: Option<PathBuf>,
    },
}

impl fmt::Debug for Transport {
    /// Without the values of variables: they hold keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProcess(_) => f.write_str("InProcess"),
            Self::Stdio { command, args, .. } => {
                write!(f, "Stdio({command:?} {args:?})")
            }
        }
    }
}

impl ServerSettings {
    /// A server with the usual limits: 60 s to start, 15 s for a read, 30 s for a call, 1 MiB, 8 at a time.
    #[must_use]
    pub fn new(name: impl Into<String>, transport: Transport) -> Self {
        Self {
            name: name.into(),
            transport,
            start_timeout: Span::from_secs(60),
            read_timeout: Span::from_secs(15),
            call_timeout: Span::from_secs(30),
            bytes_max: 1 << 20,
            tools_allowed: None,
            concurrency_max: 8,
            rate_per_minute: None,
        }
    }

    /// Whether a tool exists for us.
    pub(crate) fn allows(&self, tool: &str) -> bool {
        self.tools_allowed
            .as_ref()
            .is_none_or(|allowed| allowed.iter().any(|name| name == tool))
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut names = HashSet::new();
        for server in &self.servers {
            let wrong = if server.name.is_empty() {
                Some("it has no name")
            } else if !names.insert(&server.name) {
                Some("another server has the same name")
            } else if server.concurrency_max == 0 || server.rate_per_minute == Some(0) {
                Some("a limit of zero would never let a call through")
            } else if server.bytes_max < 1_024 {
                Some("an answer needs at least 1024 bytes")
            } else if [
                server.start_timeout,
                server.read_timeout,
                server.call_timeout,
            ]
            .contains(&Span::ZERO)
            {
                Some("a timeout of zero leaves no time to answer")
            } else if server.start_timeout > START_TIMEOUT_MAX
                || server.read_timeout > CALL_TIMEOUT_MAX
                || server.call_timeout > CALL_TIMEOUT_MAX
            {
                Some("a timeout is above its limit (10 minutes to start, 5 minutes to answer)")
            } else {
                None
            };
            if let Some(why) = wrong {
                return Err(Error {
                    server: server.name.clone(),
                    why,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(change: impl FnOnce(&mut ServerSettings)) -> ServerSettings {
        let pipe: Pipe = Arc::new(|| tokio::io::duplex(64).0);
        let mut server = ServerSettings::new("feeds", Transport::InProcess(pipe));
        change(&mut server);
        server
    }

    // R43: limits that could never work are refused when the hub is built, not at the first call.
    #[test]
    fn r43_settings_that_cannot_work_are_refused() {
        let check = |servers: Vec<ServerSettings>, fine: bool| {
            let settings = Settings {
                servers,
                environment: vec![],
            };
            assert_eq!(settings.check().is_ok(), fine, "{settings:?}");
        };
        check(vec![server(|_| ())], true);
        check(vec![server(|_| ()), server(|_| ())], false);
        check(vec![server(|s| s.name.clear())], false);
        check(vec![server(|s| s.concurrency_max = 0)], false);
        check(vec![server(|s| s.rate_per_minute = Some(0))], false);
        check(vec![server(|s| s.bytes_max = 10)], false);
        check(vec![server(|s| s.call_timeout = Span::ZERO)], false);
        check(vec![server(|s| s.call_timeout = Span::from_mins(6))], false);
        check(
            vec![server(|s| s.start_timeout = Span::from_mins(11))],
            false,
        );
    }

    // R159: what is set for a child may be a key, so it is not printed.
    #[test]
    fn r159_variables_are_not_printed() {
        let transport = Transport::Stdio {
            command: "mastodon-mcp".into(),
            args: vec![],
            env: vec![("TOKEN".into(), "hunter2".into())],
            env_from: vec![],
            cwd: None,
        };
        assert_eq!(format!("{transport:?}"), r#"Stdio("mastodon-mcp" [])"#);
    }
}
