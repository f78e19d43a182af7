//! What the database holds of configuration and personas.

use crate::{ContentHash, Safe, Timestamp, campaign::Channel, words::words};

words! {
    /// What a setting is part of.
    pub enum SettingGroup as "group of settings" {
        /// The installed policy as a whole.
        Policy = "policy",
        /// What becomes a task.
        Planner = "planner",
        /// What goes out.
        Judge = "judge",
        /// What may be spent.
        Budget = "budget",
        /// What a use of a tool costs.
        Price = "price",
        /// Servers.
        Server = "server",
    }
}

/// One value that the swarm decides by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// Its place, from 0.
    pub place: u32,
    /// What it is part of.
    pub group: SettingGroup,
    /// Its name, as the file has it.
    pub name: Safe,
    /// Its value.
    pub value: Safe,
    /// What it does.
    pub does: Safe,
}

/// One version of a persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaRow {
    /// The version: the hash of its file.
    pub hash: ContentHash,
    /// Its folder's name.
    pub slug: Safe,
    /// Its name.
    pub name: Safe,
    /// When this version was taken over.
    pub installed_at: Timestamp,
    /// The campaigns that are bound to exactly this version.
    pub campaigns: Vec<Safe>,
    /// Where these publish: account and network.
    pub places: Vec<(Safe, Channel)>,
    /// How it sounds.
    pub traits: Vec<Safe>,
    /// What it must and must not do.
    pub directives: Vec<Safe>,
    /// What it cares about.
    pub topics: Vec<Safe>,
    /// What it never touches.
    pub banned: Vec<Safe>,
    /// Language of its posts.
    pub language: Safe,
    /// The label that says a machine made this.
    pub disclosure: Safe,
    /// The locked look, where it has one.
    pub look: Option<Safe>,
    /// The prose of its file.
    pub body: Safe,
}
