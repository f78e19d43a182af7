//! Tickets: questions to a person, with a deadline that never approves.

use crate::{
    ContentHash,
    clock::Timestamp,
    ids::{EffectId, TicketId},
    version::StateVersion,
    words::words,
};

words! {
    /// Where a ticket stands.
    pub enum TicketState as "ticket state" {
        /// Nobody has decided.
        Open = "open",
        /// Nobody decided within the first deadline.
        Escalated = "escalated",
        /// A person approved it.
        Approved = "approved",
        /// A person approved it with changes.
        EditedApproved = "edited_approved",
        /// A person refused it.
        Rejected = "rejected",
        /// Nobody decided within the second deadline.
        Expired = "expired",
        /// What it asked about moved on.
        Superseded = "superseded",
    }
}

impl TicketState {
    /// Every move a ticket may make. The store refuses all others.
    pub const TRANSITIONS: &'static [(Self, Self)] = {
        use TicketState::{
            Approved, EditedApproved, Escalated, Expired, Open, Rejected, Superseded,
        };
        &[
            (Open, Escalated),
            (Open, Approved),
            (Open, EditedApproved),
            (Open, Rejected),
            (Open, Expired),
            (Open, Superseded),
            (Escalated, Approved),
            (Escalated, EditedApproved),
            (Escalated, Rejected),
            (Escalated, Expired),
            (Escalated, Superseded),
            (Approved, Open), // undo
            (Rejected, Open), // undo
            (Approved, Superseded),
        ]
    };

    /// Whether a person may still decide it.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Open | Self::Escalated)
    }
}

words! {
    /// Why a person refused.
    pub enum RejectClass as "reject class" {
        /// Not the persona.
        OffBrand = "off_brand",
        /// Wrong.
        Factual = "factual",
        /// Not fit to publish.
        Inappropriate = "inappropriate",
        /// Hurts a culture.
        Cultural = "cultural",
        /// Somebody else's.
        Copyright = "copyright",
        /// Not now.
        Timing = "timing",
        /// Something else.
        Other = "other",
    }
}

impl RejectClass {
    /// The letter that chooses it, after `r`.
    #[must_use]
    pub const fn key(self) -> char {
        match self {
            Self::OffBrand => 'o',
            Self::Factual => 'f',
            Self::Inappropriate => 'i',
            Self::Cultural => 'k',
            Self::Copyright => 'c',
            Self::Timing => 't',
            Self::Other => 'x',
        }
    }
}

/// A decision as it was made: on the ticket, version and content that were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// Which ticket.
    pub ticket_id: TicketId,
    /// The version that was shown.
    pub version: StateVersion,
    /// The hash of the content that was shown.
    pub content_hash: ContentHash,
    /// What was decided.
    pub choice: Choice,
    /// Who decided (`operator@host:tty`).
    pub actor: String,
}

/// What a person can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Let it out.
    Approve,
    /// Do not.
    Reject {
        /// Why, as a class.
        class: RejectClass,
        /// Why, in words, may be empty.
        note: String,
    },
}

/// What a decision led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// An effect is held until then.
    Held {
        /// The effect.
        effect_id: EffectId,
        /// When it leaves unless undone.
        until: Timestamp,
    },
    /// Nothing goes out.
    Rejected,
}
