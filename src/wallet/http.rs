//! One question to an endpoint and one answer, within a time and a size. No redirect is followed and no proxy is used: what
//! stands between us and the chain could say whatever it likes.

use std::{error::Error as _, time::Duration};

use bytes::{Bytes, BytesMut};
use chimera_domain::ports::WalletError;
use reqwest::{
    Client, StatusCode, Url,
    header::{self, HeaderMap},
    redirect,
};

use crate::Secret;

/// What is read of an answer. A thousand blocks of one account's token movements have less.
const ANSWER_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// What is read of an error.
const ERROR_BYTES_MAX: usize = 4 * 1_024;
/// How much of what an endpoint says is told.
const WORDS_MAX: usize = 200;
/// Parts of an address that are shorter are no keys.
const KEY_CHARS_MIN: usize = 8;
const CONNECT: Duration = Duration::from_secs(3);

/// An endpoint.
pub(crate) struct Http {
    client: Client,
    url: Url,
    /// What could be a key in the address, so that no message ever has it.
    keys: Vec<String>,
}

/// Why there was no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// Nobody knows whether the endpoint did what it was asked.
    Unclear(String),
    /// It wants us to be slower.
    TooMany { why: String, wait: Option<Duration> },
    /// It does not know who we are.
    Unknown(String),
    /// It does not do that.
    Refused(String),
}

impl Http {
    pub(crate) fn new(url: &Secret, timeout: Duration) -> Result<Self, WalletError> {
        // The process has one TLS provider; whoever installed one first is as good as we are.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let wrong = |why: &str| WalletError::Unavailable {
            why: format!("the address of the endpoint cannot be used: {why}"),
        };
        let url: Url = url
            .expose()
            .parse()
            .map_err(|_| wrong("it is no address"))?;
        if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
            return Err(wrong("expected https://…"));
        }
        let client = Client::builder()
            .user_agent(concat!("chimera/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(timeout)
            .build()
            .map_err(|error| wrong(&error.without_url().to_string()))?;
        let keys = keys(&url);
        Ok(Self { client, url, keys })
    }

    /// Whether nobody between us and it can read or change what is said.
    pub(crate) fn is_private(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        self.url.scheme() == "https" || ["localhost", "127.0.0.1", "[::1]"].contains(&host)
    }

    /// A place below the address.
    pub(crate) fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Host and port as an address has them.
    pub(crate) fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// Posts to the address itself.
    pub(crate) async fn post(&self, body: Vec<u8>) -> Result<Bytes, Failed> {
        self.post_to(self.url.clone(), HeaderMap::new(), body).await
    }

    /// Posts to a place below the address, with headers of one's own.
    pub(crate) async fn post_to(
        &self,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Bytes, Failed> {
        let unclear = |error: &reqwest::Error| Failed::Unclear(self.told(&chain(error)));
        let reply = self
            .client
            .post(url)
            .headers(headers)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| unclear(&error))?;
        let status = reply.status();
        if status.is_success() {
            return read(reply)
                .await
                .map_err(|why| Failed::Unclear(self.told(&why)));
        }
        let wait = reply
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let words = begin(reply).await;
        let words = String::from_utf8_lossy(&words);
        let why = self.told(&format!("{status} {words}"));
        Err(if status == StatusCode::UNAUTHORIZED {
            Failed::Unknown(why)
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            Failed::TooMany { why, wait }
        } else if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            Failed::Unclear(why)
        } else {
            Failed::Refused(why)
        })
    }

    /// What an endpoint says, short and without what could be a key of its address.
    pub(crate) fn told(&self, words: &str) -> String {
        let mut words = words.to_owned();
        for key in &self.keys {
            words = words.replace(key, "…");
        }
        let line: String = words
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(WORDS_MAX)
            .collect();
        line.trim().to_owned()
    }
}

/// Everything of an address that could be a secret: who asks, and each longer part after the host.
fn keys(url: &Url) -> Vec<String> {
    let mut keys: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .chain(url.query_pairs().map(|(_, value)| value.into_owned()))
        .chain(url.query().map(str::to_owned))
        .filter(|part| part.len() >= KEY_CHARS_MIN)
        .collect();
    keys.extend(url.password().map(str::to_owned));
    if !url.username().is_empty() {
        keys.push(url.username().to_owned());
    }
    keys
}

async fn read(mut reply: reqwest::Response) -> Result<Bytes, String> {
    let mut bytes = BytesMut::new();
    loop {
        match reply.chunk().await {
            Ok(Some(chunk)) if bytes.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX => {
                return Err(format!(
                    "the answer is longer than {ANSWER_BYTES_MAX} bytes"
                ));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes.freeze()),
            Err(error) => return Err(chain(&error)),
        }
    }
}

async fn begin(mut reply: reqwest::Response) -> Bytes {
    let mut bytes = BytesMut::new();
    while bytes.len() < ERROR_BYTES_MAX
        && let Ok(Some(chunk)) = reply.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(ERROR_BYTES_MAX);
    bytes.freeze()
}

/// The causes in one sentence, without the address: what stands in one could be a key.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    if error.is_timeout() {
        causes.push("it took too long".to_owned());
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    if causes.is_empty() {
        causes.push("no cause is told".to_owned());
    }
    causes.join(": ")
}
