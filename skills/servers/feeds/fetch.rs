//! Conditional HTTP: a feed is fetched only when it changed, within a time and a size.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER,
};
use reqwest::{Client, StatusCode, redirect};
use serde::{Deserialize, Serialize};

use crate::wire::{Refusal, digest};

const REDIRECTS_MAX: usize = 5;
const FEED_TYPES: &str = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
                          text/xml;q=0.9, application/json;q=0.8, */*;q=0.1";

/// What the server said the last time; travels inside the cursor so that this room keeps no state per reader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Validators {
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    /// SHA-256 of the body, for sources without validators.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<String>,
}

/// The body, or that nothing changed.
pub(super) enum Fetched {
    NotModified,
    Body {
        bytes: Vec<u8>,
        charset: Option<String>,
        validators: Validators,
    },
}

impl Validators {
    /// The validators of a body that has only its content.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            hash: Some(digest::sha256(bytes)),
            ..Self::default()
        }
    }

    /// Reads a cursor of ours; a foreign one means that nothing is known yet, and the feed is read in full.
    pub(super) fn from_cursor(cursor: Option<&str>) -> Self {
        cursor
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default()
    }

    /// The cursor that carries these validators.
    pub(super) fn to_cursor(&self) -> Option<String> {
        serde_json::to_vec(self)
            .ok()
            .map(|json| URL_SAFE_NO_PAD.encode(json))
    }
}

/// One HTTP client for the life of the server, made when the first address is read.
#[derive(Default)]
pub(super) struct Fetcher {
    client: OnceLock<Client>,
}

impl Fetcher {
    /// Fetches `url` unless it is unchanged since `known`.
    pub(super) async fn fetch(
        &self,
        url: &str,
        known: &Validators,
        timeout: Duration,
        max_bytes: u64,
    ) -> Result<Fetched, Refusal> {
        tokio::time::timeout(timeout, self.exchange(url, known, max_bytes))
            .await
            .unwrap_or_else(|_elapsed| {
                Err(Refusal::new(
                    "source_timeout",
                    format!("{url} did not answer within {} s", timeout.as_secs()),
                ))
            })
    }

    async fn exchange(
        &self,
        url: &str,
        known: &Validators,
        max_bytes: u64,
    ) -> Result<Fetched, Refusal> {
        let failed = |error: reqwest::Error| unreachable_source(url, &error);
        let mut request = self.client()?.get(url).header(ACCEPT, FEED_TYPES);
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &known.modified {
            request = request.header(IF_MODIFIED_SINCE, modified);
        }
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::NotModified);
        }
        if !status.is_success() {
            return Err(refused_by_server(url, status, response.headers()));
        }
        let header = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let (etag, modified) = (header(ETAG), header(LAST_MODIFIED));
        let charset = header(CONTENT_TYPE).and_then(|kind| charset_of(&kind));

        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            bytes.extend_from_slice(&chunk);
            if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max_bytes {
                return Err(Refusal::new(
                    "too_large",
                    format!("{url} is longer than {max_bytes} bytes"),
                ));
            }
        }
        let validators = Validators {
            etag,
            modified,
            ..Validators::of(&bytes)
        };
        if known.hash.is_some() && known.hash == validators.hash {
            return Ok(Fetched::NotModified);
        }
        Ok(Fetched::Body {
            bytes,
            charset,
            validators,
        })
    }

    fn client(&self) -> Result<&Client, Refusal> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // The process has one TLS provider; whoever installed one first is as good as we are.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let redirects = redirect::Policy::custom(|attempt| {
            if attempt.previous().len() > REDIRECTS_MAX {
                attempt.error("more than 5 redirects")
            } else if matches!(attempt.url().scheme(), "http" | "https") {
                attempt.follow()
            } else {
                attempt.error("a redirect away from http and https")
            }
        });
        let client = Client::builder()
            .user_agent(concat!("chimera-feeds/", env!("CARGO_PKG_VERSION")))
            .redirect(redirects)
            .connect_timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| unreachable_source("any address", &error))?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn refused_by_server(url: &str, status: StatusCode, headers: &HeaderMap) -> Refusal {
    let code = if status == StatusCode::TOO_MANY_REQUESTS {
        "rate_limited"
    } else {
        "source_unreachable"
    };
    let mut refusal = Refusal::new(code, format!("{url} answered {status}"));
    refusal.retry_after_seconds = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    refusal
}

/// The whole chain in one sentence: the outermost text of an HTTP error says next to nothing.
fn unreachable_source(url: &str, error: &reqwest::Error) -> Refusal {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        reason.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    Refusal::new(
        "source_unreachable",
        format!("cannot fetch {url}: {reason}"),
    )
}

fn charset_of(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let label = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !label.is_empty()).then(|| label.to_owned())
    })
}
