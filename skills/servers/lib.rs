//! Room `servers`: the MCP servers that ship inside the binary.
//!
//! Three of them live here: `feeds` (real RSS, Atom and JSON Feed documents as resources), `twitter` (a stateful
//! local stand-in for a social platform, every answer marked `simulated`), and `studio` (text, cards and short
//! animations made from templates and vectors, without a network or a model).
//!
//! The room knows nothing about roles, the store, or who connects: a server gets typed settings and a byte stream.
//! It reads no clock and no environment; time comes from the [`Clock`] in the settings.
//! Start reading at [`Bundled`] and [`serve`], then one folder per server.

mod error;
mod feeds;
mod studio;
mod twitter;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rmcp::ServerHandler;
use rmcp::ServiceExt;
use tokio::io::{AsyncRead, AsyncWrite};

pub use error::Error;
pub use feeds::{FeedsSettings, Location, Source};
pub use studio::StudioSettings;
pub use twitter::{Fault, FaultQueue, TwitterSettings};

/// Where a server gets the time: UTC microseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The names [`Bundled::name`] can return, sorted.
pub const NAMES: [&str; 3] = ["feeds", "studio", "twitter"];

/// A bundled server that has its settings and is not yet running.
#[derive(Clone)]
pub enum Bundled {
    /// Feed documents as resources.
    Feeds(FeedsSettings),
    /// The stand-in for a social platform.
    Twitter(TwitterSettings),
    /// Text, images and animations.
    Studio(StudioSettings),
}

impl Bundled {
    /// The server's name, one of [`NAMES`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Feeds(_) => "feeds",
            Self::Twitter(_) => "twitter",
            Self::Studio(_) => "studio",
        }
    }
}

/// Serves one peer over a byte stream (one half of `tokio::io::duplex`, a socket) until the peer hangs up.
///
/// Both eras of the protocol are spoken on the same stream: 2026-07-28 and the earlier ones with a handshake.
/// Whatever the server holds on disk (the journal of `twitter`) is released when this returns.
///
/// # Errors
/// [`Error::Journal`] and [`Error::JournalLocked`] before anything is served; [`Error::Handshake`] when the peer
/// does not open the conversation; [`Error::Stopped`] when the task that serves it was lost.
pub async fn serve<S>(server: Bundled, io: S) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    match server {
        Bundled::Feeds(settings) => converse(feeds::FeedsServer::new(settings), io).await,
        Bundled::Studio(settings) => converse(studio::StudioServer::new(settings), io).await,
        Bundled::Twitter(settings) => {
            let twitter = twitter::TwitterServer::open(settings).await?;
            let outcome = converse(twitter.clone(), io).await;
            twitter.close();
            outcome
        }
    }
}

/// Serves the peer on this process's standard input and output. Nothing else may write to standard output.
///
/// # Errors
/// As for [`serve`].
pub async fn serve_stdio(server: Bundled) -> Result<(), Error> {
    let (input, output) = rmcp::transport::stdio_pipes();
    serve(server, tokio::io::join(input, output)).await
}

async fn converse<H, S>(server: H, io: S) -> Result<(), Error>
where
    H: ServerHandler,
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let running = server
        .serve(io)
        .await
        .map_err(|source| Error::Handshake(Box::new(source)))?;
    running
        .waiting()
        .await
        .map(|_reason| ())
        .map_err(|source| Error::Stopped(Box::new(source)))
}
