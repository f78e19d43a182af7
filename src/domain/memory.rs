//! Memory: what an agent knows of its own past when it writes. Only what it made public itself, never what strangers wrote
//! to it.

use crate::{Score, clock::Span, clock::Timestamp, ids::PublicationId};

/// So far back reaches what is remembered whatever it is about.
pub const LATELY: Span = Span::from_mins(60);
/// So many posts of that time are remembered.
pub const LATELY_MAX: usize = 5;
/// So many older ones, those that are most like what is written about.
pub const LIKE_MAX: usize = 5;
/// So many posts are looked through for them.
pub const POSTS_MAX: u32 = 100;
/// So many texts keep the next one from having their structure.
pub const STRUCTURES_MAX: u32 = 10;

/// A post as its author remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Which one.
    pub publication: PublicationId,
    /// What it said.
    pub text: String,
    /// When.
    pub published_at: Timestamp,
}

/// What there is to remember.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// What was published and still stands, newest first, at most [`POSTS_MAX`].
    pub posts: Vec<Remembered>,
    /// The structures of what was written last, published or not, newest first, at most [`STRUCTURES_MAX`].
    pub structures: Vec<String>,
}

/// What of it counts for one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// What was posted within [`LATELY`], newest first.
    pub lately: Vec<Remembered>,
    /// What was posted before and is most like it, with how alike it is, the most alike first.
    pub like: Vec<(Score, Remembered)>,
    /// Structures of what was written last, newest first.
    pub structures: Vec<String>,
}

impl Memory {
    /// What is remembered, for the record: each post with how alike it is; `None` for what was there for its time.
    #[must_use]
    pub fn recalled(&self) -> Vec<Recalled> {
        let lately = self.lately.iter().map(|post| Recalled {
            publication: post.publication,
            alike: None,
        });
        let like = self.like.iter().map(|(alike, post)| Recalled {
            publication: post.publication,
            alike: Some(*alike),
        });
        lately.chain(like).collect()
    }
}

/// A post that was remembered when another one was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recalled {
    /// Which one.
    pub publication: PublicationId,
    /// How alike it is to what was written about; `None` where it was remembered for its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<Score>,
}
