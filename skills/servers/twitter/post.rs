//! The shapes of posts: arguments, the stored form, and answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::Platform;
use super::media::Media;
use crate::wire::{digest, time};

/// How openly a post says that it was made by a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Disclosure {
    Automated,
    Assisted,
    None,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PostArgs {
    /// Which platform to imitate; decides the limits.
    pub(super) platform: Platform,
    /// The text exactly as it shall appear; refused when it is over the platform's limit, never cut.
    pub(super) text_content: String,
    /// Up to four images as `data:image/png|gif|jpeg;base64,...`, each at most 5 MiB.
    #[serde(default)]
    pub(super) media_urls: Vec<String>,
    /// What each piece of media shows, in the order of media_urls, each at most 2000 characters; empty or left out: none.
    #[serde(default)]
    pub(super) alt_texts: Vec<String>,
    /// The account it goes out under, at most 100 characters; empty for the platform's only one.
    #[serde(default)]
    pub(super) account: String,
    /// How the post is labelled.
    pub(super) disclosure_level: Disclosure,
    /// One key is one post: repeating it returns the first outcome.
    pub(super) idempotency_key: String,
    /// The post this one answers; empty for a post of its own.
    #[serde(default)]
    pub(super) in_reply_to: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyArgs {
    /// The post to answer; the reply appears on its platform.
    pub(super) in_reply_to: String,
    /// The text exactly as it shall appear; refused when it is over the platform's limit, never cut.
    pub(super) text_content: String,
    /// How the reply is labelled.
    pub(super) disclosure_level: Disclosure,
    /// One key is one reply: repeating it returns the first outcome.
    pub(super) idempotency_key: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteArgs {
    /// The post to take offline.
    pub(super) post_id: String,
    /// Why, for the journal.
    pub(super) reason: String,
    /// One key is one deletion: repeating it returns the first outcome.
    pub(super) idempotency_key: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetArgs {
    /// The post; leave empty to look up by key.
    #[serde(default)]
    pub(super) post_id: String,
    /// The key the post was made with; leave empty to look up by id.
    #[serde(default)]
    pub(super) idempotency_key: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricsArgs {
    /// The post whose counters are wanted.
    pub(super) post_id: String,
}

/// A post as the journal holds it. Media bytes are not kept, only their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) post_id: String,
    pub(super) platform: Platform,
    pub(super) text_content: String,
    pub(super) media: Vec<Media>,
    pub(super) disclosure_level: Disclosure,
    pub(super) idempotency_key: String,
    #[serde(default)]
    pub(super) in_reply_to: String,
    /// Lines written before there were accounts have none.
    #[serde(default)]
    pub(super) account: String,
    /// UTC microseconds.
    pub(super) at: i64,
}

/// The outcome of a post or a reply.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Posted {
    pub(super) post_id: String,
    pub(super) url: String,
    pub(super) platform: Platform,
    pub(super) text_sha256: String,
    pub(super) media: Vec<Media>,
    pub(super) disclosure_level: Disclosure,
    /// RFC 3339 UTC.
    pub(super) created_at: String,
    /// True when the key was used before and this is the first outcome again.
    pub(super) duplicate: bool,
    pub(super) simulated: bool,
}

/// The outcome of a deletion.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Deleted {
    pub(super) post_id: String,
    pub(super) deleted: bool,
    /// RFC 3339 UTC.
    pub(super) deleted_at: String,
    pub(super) duplicate: bool,
    pub(super) simulated: bool,
}

/// What became of a post.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Found {
    pub(super) found: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PostView")]
    pub(super) post: Option<PostView>,
    pub(super) simulated: bool,
}

/// A post as a reader sees it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct PostView {
    pub(super) post_id: String,
    pub(super) url: String,
    pub(super) platform: Platform,
    pub(super) text_content: String,
    pub(super) text_sha256: String,
    pub(super) media: Vec<Media>,
    pub(super) disclosure_level: Disclosure,
    pub(super) idempotency_key: String,
    /// Empty when the post answers nothing.
    pub(super) in_reply_to: String,
    /// Empty when none was named.
    pub(super) account: String,
    /// RFC 3339 UTC.
    pub(super) created_at: String,
    pub(super) deleted: bool,
}

/// Counters at one moment; none of them ever falls.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Metrics {
    pub(super) post_id: String,
    pub(super) likes: i64,
    pub(super) shares: i64,
    pub(super) comments: i64,
    pub(super) views: i64,
    /// RFC 3339 UTC.
    pub(super) at: String,
    pub(super) simulated: bool,
}

impl Post {
    /// The address of the post; `.invalid` names can never lead anywhere.
    pub(super) fn url(&self) -> String {
        format!(
            "https://{}.simulated.invalid/post/{}",
            self.platform.name(),
            self.post_id
        )
    }

    /// Whether the arguments ask for exactly this post.
    pub(super) fn same_content(&self, other: &Self) -> bool {
        self.platform == other.platform
            && self.text_content == other.text_content
            && self.media == other.media
            && self.disclosure_level == other.disclosure_level
            && self.in_reply_to == other.in_reply_to
            && self.account == other.account
    }

    pub(super) fn posted(&self, duplicate: bool) -> Posted {
        Posted {
            post_id: self.post_id.clone(),
            url: self.url(),
            platform: self.platform,
            text_sha256: digest::sha256(self.text_content.as_bytes()),
            media: self.media.clone(),
            disclosure_level: self.disclosure_level,
            created_at: time::rfc3339(self.at),
            duplicate,
            simulated: true,
        }
    }

    pub(super) fn view(&self, deleted: bool) -> PostView {
        PostView {
            post_id: self.post_id.clone(),
            url: self.url(),
            platform: self.platform,
            text_content: self.text_content.clone(),
            text_sha256: digest::sha256(self.text_content.as_bytes()),
            media: self.media.clone(),
            disclosure_level: self.disclosure_level,
            idempotency_key: self.idempotency_key.clone(),
            in_reply_to: self.in_reply_to.clone(),
            account: self.account.clone(),
            created_at: time::rfc3339(self.at),
            deleted,
        }
    }
}
