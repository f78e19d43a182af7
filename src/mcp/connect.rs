//! From settings to a live connection: a pipe or a child, then the era of its protocol, found out once.
//!
//! The SDK's own probing breaks on servers that start slowly (the late answer to the probe kills the handshake) and on
//! servers that answer everything with an empty result. Each of those failures is a hint of the era; the next try gets
//! a fresh process and says the era outright. Every transport of a later issue enters as one more [`Link`].

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::{FutureExt, future::BoxFuture};
use rmcp::{
    ClientHandler, RoleClient,
    model::{
        ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ErrorCode, ErrorData,
        Implementation, ProtocolVersion,
    },
    service::{
        ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, NotificationContext, Peer,
        RequestContext, serve_client_with_lifecycle_and_ct,
    },
    transport::async_rw::AsyncRwTransport,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
    time::{Duration, Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    call,
    child::{Child, Recipe, Ring},
    frame::Lines,
    settings::Pipe,
};

/// How long a dying child may take to say why.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How many lines of a child's errors go into ours.
const LAST_LINES: usize = 5;
/// How long the SDK may take to let go of a connection that is closed.
const LET_GO: Duration = Duration::from_secs(3);

/// The two protocols: with a handshake (until 2025-11-25) and without (since 2026-07-28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

/// Where the bytes come from.
pub(crate) enum Link {
    Pipe(Pipe),
    Child(Recipe),
}

/// Makes connections to one server.
pub(crate) struct Connector {
    pub(crate) link: Link,
    pub(crate) bytes_max: usize,
    pub(crate) start_timeout: Duration,
    pub(crate) errors: Ring,
}

/// One live connection.
pub(crate) struct Connection {
    pub(crate) peer: Peer<RoleClient>,
    pub(crate) era: Era,
    /// Whether the server said that its tools changed.
    pub(crate) stale: Arc<AtomicBool>,
    running: futures::future::Fuse<BoxFuture<'static, ()>>,
    stop: CancellationToken,
    process: Option<Process>,
}

/// A child, and what it says in the end.
struct Process {
    child: Child,
    drain: JoinHandle<()>,
    errors: Ring,
    said_before: usize,
}

/// What a failed try says about the era.
enum Hint {
    /// Nothing will help.
    Hopeless,
    /// It did not answer in time.
    Silent,
    /// It went away; perhaps because of the probe, which comes before the handshake of the older protocol.
    Left,
    /// It speaks this one.
    Speaks(Era),
}

struct Failed {
    hint: Hint,
    why: String,
}

type Streams = (
    Box<dyn AsyncRead + Send + Unpin>,
    Box<dyn AsyncWrite + Send + Unpin>,
    Option<Process>,
);

impl Connector {
    /// Connects, in the era remembered from the last time or else in the one that works.
    pub(crate) async fn connect(&self, remembered: Option<Era>) -> Result<Connection, String> {
        let deadline = Instant::now() + self.start_timeout;
        if let Some(era) = remembered {
            return self
                .attempt(said(era), deadline)
                .await
                .map_err(|failed| failed.why);
        }
        let mut failed = match self.attempt(probed(), halfway(deadline)).await {
            Ok(connection) => return Ok(connection),
            Err(failed) => failed,
        };
        // A guess shares the time that is left with the next one; a hint gets all of it.
        let tries: &[(Era, bool)] = match failed.hint {
            Hint::Hopeless => &[],
            Hint::Left => &[(Era::Legacy, false)],
            Hint::Silent => &[(Era::Legacy, true), (Era::Modern, false)],
            Hint::Speaks(Era::Legacy) => &[(Era::Legacy, false), (Era::Modern, false)],
            Hint::Speaks(Era::Modern) => &[(Era::Modern, false), (Era::Legacy, false)],
        };
        for (era, shares) in tries {
            let until = if *shares { halfway(deadline) } else { deadline };
            if until <= Instant::now() {
                break;
            }
            failed = match self.attempt(said(*era), until).await {
                Ok(connection) => return Ok(connection),
                Err(failed) => failed,
            };
        }
        Err(failed.why)
    }

    async fn attempt(
        &self,
        mode: ClientLifecycleMode,
        deadline: Instant,
    ) -> Result<Connection, Failed> {
        let (input, output, process) = self.open().map_err(|error| Failed {
            hint: Hint::Hopeless,
            why: format!("it could not be started: {error}"),
        })?;
        let (stop, stale) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
        let front = Front {
            stale: Arc::clone(&stale),
        };
        let lines = Lines::new(input, self.bytes_max);
        let transport = AsyncRwTransport::new(lines, output).with_max_line_length(self.bytes_max);
        let handshake =
            serve_client_with_lifecycle_and_ct(front, transport, mode, stop.clone()).boxed();
        let failed = match timeout_at(deadline, handshake).await {
            Ok(Ok(running)) => {
                let peer = running.peer().clone();
                // The SDK's cache would answer a failing poll with what it said before.
                peer.set_response_cache_config(ClientCacheConfig::disabled())
                    .await;
                let legacy = peer
                    .peer_info()
                    .is_some_and(|info| info.protocol_version.has_initialize());
                let running = async move {
                    let _ = running.waiting().await;
                };
                return Ok(Connection {
                    peer,
                    era: if legacy { Era::Legacy } else { Era::Modern },
                    stale,
                    running: running.boxed().fuse(),
                    stop,
                    process,
                });
            }
            Ok(Err(error)) => Failed {
                hint: hint(&error),
                why: format!("the handshake failed: {}", call::words(&error)),
            },
            Err(_) => Failed {
                hint: Hint::Silent,
                why: "the handshake got no answer in time".into(),
            },
        };
        let last_words = match process {
            Some(process) => process.bury().await,
            None => String::new(),
        };
        Err(Failed {
            why: failed.why + &last_words,
            ..failed
        })
    }

    fn open(&self) -> std::io::Result<Streams> {
        match &self.link {
            Link::Pipe(pipe) => {
                let (input, output) = tokio::io::split(pipe());
                Ok((Box::new(input), Box::new(output), None))
            }
            Link::Child(recipe) => {
                let said_before = self.errors.said();
                let (child, streams) = recipe.start()?;
                let process = Process {
                    child,
                    drain: tokio::spawn(self.errors.clone().drain(streams.errors)),
                    errors: self.errors.clone(),
                    said_before,
                };
                Ok((
                    Box::new(streams.output),
                    Box::new(streams.input),
                    Some(process),
                ))
            }
        }
    }
}

impl Connection {
    /// Waits for the connection to end by itself; says why it did.
    pub(crate) async fn ended(&mut self) -> String {
        let left = async {
            match &mut self.process {
                Some(process) => {
                    process.child.left().await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = &mut self.running => "the connection closed".into(),
            () = left => {
                // What it said before it left may still be on its way.
                let _ = timeout(LAST_WORDS, &mut self.running).await;
                "the process ended".into()
            }
        }
    }

    /// Clears away what is left of a connection that ended; gives the child's last words.
    pub(crate) async fn bury(self) -> String {
        self.stop.cancel();
        match self.process {
            Some(process) => process.bury().await,
            None => String::new(),
        }
    }

    /// Ends the connection the polite way.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        // Lets go of the child's input, which asks it to leave.
        let _ = timeout(LET_GO, self.running).await;
        if let Some(process) = self.process {
            process.child.close().await;
            let _ = timeout(LAST_WORDS, process.drain).await;
        }
    }
}

impl Process {
    /// Makes sure that nothing of it is left; gives its exit status and last lines.
    async fn bury(mut self) -> String {
        let status = timeout(LAST_WORDS, self.child.left()).await;
        self.child.kill().await;
        let _ = timeout(LAST_WORDS, self.drain).await;
        let mut words = status
            .map(|status| format!(" ({status})"))
            .unwrap_or_default();
        for (n, line) in self
            .errors
            .last(LAST_LINES, self.said_before)
            .iter()
            .enumerate()
        {
            words.push_str(if n == 0 { "; it said: " } else { " ⏎ " });
            words.push_str(line.cut(200).as_str());
        }
        words
    }
}

fn probed() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    }
}

fn said(era: Era) -> ClientLifecycleMode {
    match era {
        Era::Legacy => ClientLifecycleMode::Initialize,
        Era::Modern => ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        },
    }
}

fn halfway(deadline: Instant) -> Instant {
    let now = Instant::now();
    now + deadline.saturating_duration_since(now) / 2
}

fn hint(error: &ClientInitializeError) -> Hint {
    match error {
        // The late answer to the probe was a result: it knows the probe.
        ClientInitializeError::ConflictInitResponseId(..) => Hint::Speaks(Era::Modern),
        // The late answer to the probe was an error; or any method is fine with it; or it knows old versions only.
        ClientInitializeError::UncorrelatedErrorResponse { .. }
        | ClientInitializeError::ExpectedInitResult(_)
        | ClientInitializeError::NoCompatibleProtocolVersion { .. } => Hint::Speaks(Era::Legacy),
        ClientInitializeError::ConnectionClosed(_)
        | ClientInitializeError::TransportError { .. } => Hint::Left,
        ClientInitializeError::LegacyFallbackFailed { .. }
        | ClientInitializeError::ExpectedInitResponse(_)
        | ClientInitializeError::JsonRpcError(_)
        | ClientInitializeError::NoPreferredProtocolVersion
        | ClientInitializeError::Cancelled => Hint::Hopeless,
        _ => Hint::Hopeless,
    }
}

/// What a server meets when it asks something of us: nothing was declared, so nothing is given (roots: an empty list).
struct Front {
    stale: Arc<AtomicBool>,
}

impl ClientHandler for Front {
    fn get_info(&self) -> ClientConfig {
        let us = Implementation::new("chimera", env!("CARGO_PKG_VERSION"));
        // The default would offer a version without a handshake in the handshake.
        ClientConfig::new(ClientCapabilities::default(), us)
            .with_protocol_version(ProtocolVersion::V_2025_11_25)
    }

    /// A question to a person is a review item or nothing; no agent answers for one.
    async fn create_elicitation(
        &self,
        _request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Err(ErrorData::new(
            ErrorCode::METHOD_NOT_FOUND,
            "elicitation/create",
            None,
        ))
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.stale.store(true, Ordering::SeqCst);
    }
}
