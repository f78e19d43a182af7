//! Personas: the voice an agent is bound to, by content hash.

use crate::{ContentHash, words::words};

/// One version of a persona, read from its SOUL.md. The version is the hash of the file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Persona {
    /// Folder name, 3 to 100 characters of `a-z`, `0-9` and `-`.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Hash of the exact SOUL.md this was read from.
    pub hash: ContentHash,
    /// How it sounds, one trait each.
    pub voice_traits: Vec<String>,
    /// What it must and must not do, in words.
    pub directives: Vec<String>,
    /// What it cares about, with the words that show it.
    pub topics: Vec<Topic>,
    /// Topics it never touches.
    pub banned_topics: Vec<String>,
    /// What it may look at, and what it never does.
    #[serde(default, skip_serializing_if = "Lists::is_empty")]
    pub lists: Lists,
    /// Ways it begins.
    pub openers: Vec<String>,
    /// Ways it ends.
    pub closers: Vec<String>,
    /// Hashtags it may use, without `#`.
    pub hashtags: Vec<String>,
    /// Language of its posts, BCP 47.
    pub language: String,
    /// The label that says a machine made this; never empty.
    pub disclosure: String,
    /// The locked look; without it no picture is made.
    pub character_reference_id: Option<String>,
    /// Colours and motif of its pictures.
    pub visual: VisualIdentity,
    /// The prose part of the file.
    pub body: String,
}

/// What an agent may look at, and what it never does. What is denied is left; where something is allowed, everything else
/// of that kind is left.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Lists {
    /// Only these.
    #[serde(default)]
    pub allow: Listed,
    /// Never these.
    #[serde(default)]
    pub deny: Listed,
}

/// Entries by what they are held against; lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Listed {
    /// Feeds by name, or the host of an item's link and what is below it.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Authors by name.
    #[serde(default)]
    pub authors: Vec<String>,
    /// Topics: one of the persona's own stands for its keywords, any other for its words.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Words and phrases as they are written.
    #[serde(default)]
    pub keywords: Vec<String>,
}

impl Lists {
    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A topic and the words that show it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Words and phrases, lower case.
    pub keywords: Vec<String>,
}

/// How a persona's pictures look.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VisualIdentity {
    /// `#rrggbb`, background first.
    pub palette: Vec<String>,
    /// The pattern behind the text.
    pub motif: Motif,
}

words! {
    /// The pattern of a picture.
    pub enum Motif as "motif" {
        /// Waves.
        Waves = "waves",
        /// Concentric rings.
        Rings = "rings",
        /// A grid of dots.
        Grid = "grid",
        /// Rays from a corner.
        Rays = "rays",
    }
}

/// The persona version a task was planned for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct PersonaLock {
    /// Which persona.
    pub slug: String,
    /// Which version of it.
    pub hash: ContentHash,
}

impl Persona {
    /// The lock that binds a task to exactly this version.
    #[must_use]
    pub fn lock(&self) -> PersonaLock {
        PersonaLock {
            slug: self.slug.clone(),
            hash: self.hash,
        }
    }
}
