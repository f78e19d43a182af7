//! `chimera.feed/1`: the one JSON shape in which every server hands out items to perceive.

use rmcp::model::{
    CacheScope, ProtocolVersion, ReadResourceResponse, ReadResourceResult, ResourceContents,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde::{Deserialize, Serialize};

/// The value of [`FeedDocument::schema`].
pub(crate) const SCHEMA: &str = "chimera.feed/1";
/// Media type of every resource of this room.
pub(crate) const MIME: &str = "application/json";

/// The caching fields of a list for the era of this request: clients of the modern one want them, earlier ones do not
/// know them. Lists are never fresh, since sources come and go.
pub(crate) fn list_hints(
    context: &RequestContext<RoleServer>,
) -> (Option<u64>, Option<CacheScope>) {
    let modern = context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    (modern.then_some(0), modern.then_some(CacheScope::Private))
}

/// One read of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FeedDocument {
    pub(crate) schema: &'static str,
    pub(crate) feed: FeedHead,
    pub(crate) format: &'static str,
    /// The character set the bytes were decoded from; absent for recordings and simulated feeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<String>,
    pub(crate) recorded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recorded_at: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) simulated: bool,
    pub(crate) items: Vec<Item>,
    pub(crate) next_cursor: Option<String>,
    pub(crate) more: bool,
    pub(crate) not_modified: bool,
    /// What had to be guessed, repaired or left out, in sentences for a person.
    pub(crate) notes: Vec<String>,
}

/// What a feed says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct FeedHead {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) link: String,
}

/// One entry, already plain text: no markup, no control or direction characters, bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) link: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) published: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) categories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
}

impl FeedDocument {
    /// An empty document of the named feed; the reader fills in what it found.
    pub(crate) fn empty(name: &str, format: &'static str) -> Self {
        Self {
            schema: SCHEMA,
            feed: FeedHead {
                name: name.to_owned(),
                ..FeedHead::default()
            },
            format,
            encoding: None,
            recorded: false,
            recorded_at: None,
            simulated: false,
            items: Vec::new(),
            next_cursor: None,
            more: false,
            not_modified: false,
            notes: Vec::new(),
        }
    }

    /// The answer to `resources/read`: one JSON text, never to be cached, since perception must see the present.
    pub(crate) fn into_answer(self, uri: &str) -> Result<ReadResourceResponse, ErrorData> {
        let text = serde_json::to_string(&self).map_err(|error| {
            ErrorData::internal_error(format!("cannot write the feed as JSON: {error}"), None)
        })?;
        let contents = ResourceContents::text(text, uri).with_mime_type(MIME);
        Ok(ReadResourceResult::new(vec![contents])
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private)
            .into())
    }
}
