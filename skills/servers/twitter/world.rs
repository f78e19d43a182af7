//! The state of the simulated platform: what the journal says, replayed, plus the rules of writing.

use std::collections::HashMap;
use std::path::Path;

use super::audience::{self, Counts};
use super::journal::{Entry, Journal, Unwritten};
use super::post::{Deleted, Post, Posted};
use crate::Error;
use crate::wire::{Refusal, clean, digest, time};

/// Everything that ever happened on the platform.
#[derive(Debug)]
pub(super) struct World {
    /// Gone after [`World::close`]; the lock on the file goes with it.
    journal: Option<Journal>,
    posts: Vec<Post>,
    by_id: HashMap<String, usize>,
    keys: HashMap<String, Written>,
    /// When each deleted post went offline, UTC microseconds.
    deletions: HashMap<String, i64>,
    /// The greatest age each post was measured at, so that a clock that steps back lowers no counter.
    measured: HashMap<String, i64>,
}

/// What a key was used for.
#[derive(Debug, Clone)]
enum Written {
    Post(usize),
    Deletion(String),
}

impl World {
    /// Opens the journal and replays it.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let (journal, entries) = Journal::open(path)?;
        let mut world = Self {
            journal: Some(journal),
            posts: Vec::new(),
            by_id: HashMap::new(),
            keys: HashMap::new(),
            deletions: HashMap::new(),
            measured: HashMap::new(),
        };
        for entry in entries {
            world.apply(entry);
        }
        Ok(world)
    }

    /// Gives the journal back; later writes are refused.
    pub(super) fn close(&mut self) {
        self.journal = None;
    }

    /// Puts a post online, or returns the first outcome of its key. The post's id and time are set here.
    pub(super) fn publish(&mut self, mut post: Post, now: i64) -> Result<Posted, Refusal> {
        if let Some(written) = self.keys.get(&post.idempotency_key) {
            return match written {
                Written::Post(at)
                    if self
                        .posts
                        .get(*at)
                        .is_some_and(|first| first.same_content(&post)) =>
                {
                    self.posts
                        .get(*at)
                        .map(|first| first.posted(true))
                        .ok_or_else(gone)
                }
                Written::Post(_) | Written::Deletion(_) => Err(conflict(&post.idempotency_key)),
            };
        }
        if !post.in_reply_to.is_empty() && self.live(&post.in_reply_to).is_none() {
            return Err(unknown(&post.in_reply_to));
        }
        let hash = digest::sha256(post.idempotency_key.as_bytes());
        post.post_id = format!("post_{}", hash.get(..24).unwrap_or(&hash));
        post.at = now.max(self.posts.last().map_or(i64::MIN, |last| last.at));
        let answer = post.posted(false);
        self.write(Entry::Posted { post })?;
        Ok(answer)
    }

    /// Takes a post offline, or returns the first outcome of the key.
    pub(super) fn delete(
        &mut self,
        post_id: &str,
        reason: String,
        key: String,
        now: i64,
    ) -> Result<Deleted, Refusal> {
        match self.keys.get(&key) {
            Some(Written::Deletion(first)) if first == post_id => {}
            Some(_) => return Err(conflict(&key)),
            None if self.deletions.contains_key(post_id) => {
                return Err(Refusal::new(
                    "already_deleted",
                    format!("{post_id} was deleted before, under another key"),
                ));
            }
            None => {
                self.live(post_id).ok_or_else(|| unknown(post_id))?;
                let entry = Entry::Deleted {
                    post_id: post_id.to_owned(),
                    reason,
                    idempotency_key: key,
                    at: now,
                };
                self.write(entry)?;
                return self.deletion(post_id, false);
            }
        }
        self.deletion(post_id, true)
    }

    /// A post by its id, deleted or not.
    pub(super) fn post(&self, post_id: &str) -> Option<&Post> {
        self.by_id.get(post_id).and_then(|at| self.posts.get(*at))
    }

    /// A post by the key it was made with.
    pub(super) fn post_by_key(&self, key: &str) -> Option<&Post> {
        match self.keys.get(key)? {
            Written::Post(at) => self.posts.get(*at),
            Written::Deletion(_) => None,
        }
    }

    pub(super) fn is_deleted(&self, post_id: &str) -> bool {
        self.deletions.contains_key(post_id)
    }

    /// The posts that are online, oldest first.
    pub(super) fn online(&self) -> impl Iterator<Item = &Post> {
        self.posts
            .iter()
            .filter(|post| !self.is_deleted(&post.post_id))
    }

    /// The counters of a post; those of a deleted one stand still.
    pub(super) fn counts(&mut self, post_id: &str, now: i64) -> Result<Counts, Refusal> {
        let post = self.post(post_id).ok_or_else(|| unknown(post_id))?;
        let until = self.deletions.get(post_id).map_or(now, |at| now.min(*at));
        let age = until.saturating_sub(post.at);
        let replies = self
            .posts
            .iter()
            .filter(|reply| reply.in_reply_to == post_id)
            .count();
        let greatest = self.measured.entry(post_id.to_owned()).or_insert(0);
        *greatest = age.max(*greatest);
        Ok(audience::counts(
            post_id,
            *greatest,
            i64::try_from(replies).unwrap_or(i64::MAX),
        ))
    }

    fn live(&self, post_id: &str) -> Option<&Post> {
        self.post(post_id).filter(|_| !self.is_deleted(post_id))
    }

    fn deletion(&self, post_id: &str, duplicate: bool) -> Result<Deleted, Refusal> {
        let at = self.deletions.get(post_id).ok_or_else(gone)?;
        Ok(Deleted {
            post_id: post_id.to_owned(),
            deleted: true,
            deleted_at: time::rfc3339(*at),
            duplicate,
            simulated: true,
        })
    }

    /// The disk first, then memory: what is answered is durable.
    fn write(&mut self, entry: Entry) -> Result<(), Refusal> {
        let journal = self.journal.as_mut().ok_or_else(gone)?;
        if let Err(unwritten) = journal.append(&entry) {
            tracing::error!(error = %unwritten, "cannot write the journal");
            return Err(match unwritten {
                Unwritten::Nothing(error) => Refusal::new(
                    Refusal::UNAVAILABLE,
                    format!("nothing was done: the journal cannot be written ({error})"),
                ),
                Unwritten::Unclear(error) => {
                    // Only reading the file again tells what it holds, so nothing more is written before that.
                    self.close();
                    Refusal::new(
                        Refusal::INTERRUPTED,
                        format!("the journal failed while it was written ({error})"),
                    )
                }
            });
        }
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Posted { post } => {
                let at = self.posts.len();
                self.by_id.insert(post.post_id.clone(), at);
                self.keys
                    .insert(post.idempotency_key.clone(), Written::Post(at));
                self.posts.push(post);
            }
            Entry::Deleted {
                post_id,
                reason: _,
                idempotency_key,
                at,
            } => {
                self.keys
                    .insert(idempotency_key, Written::Deletion(post_id.clone()));
                self.deletions.insert(post_id, at);
            }
        }
    }
}

fn conflict(key: &str) -> Refusal {
    let key = clean::line(key, 80);
    Refusal::new(
        "idempotency_conflict",
        format!("the key {key} was used for something else; use a new key for new content"),
    )
}

fn unknown(post_id: &str) -> Refusal {
    let post_id = clean::line(post_id, 80);
    Refusal::new("not_found", format!("no post {post_id} is online"))
}

fn gone() -> Refusal {
    Refusal::new(
        Refusal::UNAVAILABLE,
        "the journal is closed, so nothing was done; try again when the server was started anew",
    )
}
