//! Tickets: questions to a person, with a deadline that never approves.

use crate::{
    ContentHash,
    clock::{Span, Timestamp},
    ids::{EffectId, TicketId},
    probe::Flaw,
    signal::Said,
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
            (Approved, Open),       // undo
            (Rejected, Open),       // undo
            (EditedApproved, Open), // undo, or what was written is not let out
            (Approved, Superseded),
            (EditedApproved, Superseded),
        ]
    };

    /// Whether a person may still decide it.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Open | Self::Escalated)
    }

    /// Whether a person let it out, as it was or as they wrote it.
    #[must_use]
    pub const fn is_approved(self) -> bool {
        matches!(self, Self::Approved | Self::EditedApproved)
    }
}

words! {
    /// Why a person refused.
    pub enum RejectClass as "reject class" {
        /// Not the persona.
        OffBrand = "off_brand",
        /// Not what the persona is about: nothing of the kind should have been planned.
        OffTopic = "off_topic",
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
            Self::OffTopic => 'p',
            Self::Factual => 'f',
            Self::Inappropriate => 'i',
            Self::Cultural => 'k',
            Self::Copyright => 'c',
            Self::Timing => 't',
            Self::Other => 'x',
        }
    }
}

/// For so long others see who has a ticket before them.
pub const LOOK: Span = Span::from_mins(2);

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
    /// Let it out with this text instead, if the judge finds nothing in it that must not go out.
    Edit {
        /// The whole text of the post.
        text: String,
    },
    /// Do not.
    Reject {
        /// Why, as a class.
        class: RejectClass,
        /// Why, in words, may be empty.
        note: String,
    },
    /// Do not; make it once more, with these notes.
    RequestChanges {
        /// What to change.
        notes: String,
    },
    /// It goes to whoever is asked first, before its deadline.
    Escalate {
        /// Why.
        note: String,
    },
    /// Ask again at this moment, before the deadline.
    Snooze {
        /// When.
        until: Timestamp,
    },
    /// It is this person's to decide; empty gives it back to everybody.
    Assign {
        /// Whose.
        to: String,
    },
}

impl Choice {
    /// Whether it answers the question. The others leave the ticket waiting.
    #[must_use]
    pub const fn decides(&self) -> bool {
        match self {
            Self::Approve
            | Self::Edit { .. }
            | Self::Reject { .. }
            | Self::RequestChanges { .. } => true,
            Self::Escalate { .. } | Self::Snooze { .. } | Self::Assign { .. } => false,
        }
    }

    /// What it says of the relevance of what the post is about: that a post is wrong, late or in the wrong voice
    /// says nothing of it.
    #[must_use]
    pub const fn said(&self) -> Option<Said> {
        match self {
            Self::Approve | Self::Edit { .. } => Some(Said::Kept),
            Self::Reject { class, .. } => match class {
                RejectClass::OffTopic => Some(Said::Dropped),
                RejectClass::OffBrand
                | RejectClass::Factual
                | RejectClass::Inappropriate
                | RejectClass::Cultural
                | RejectClass::Copyright
                | RejectClass::Timing
                | RejectClass::Other => None,
            },
            Self::RequestChanges { .. }
            | Self::Escalate { .. }
            | Self::Snooze { .. }
            | Self::Assign { .. } => None,
        }
    }

    /// Whether something may go out because of it.
    #[must_use]
    pub const fn lets_out(&self) -> bool {
        matches!(self, Self::Approve | Self::Edit { .. })
    }
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
    /// Nothing goes out yet: another person must approve it, too.
    FirstOfTwo,
    /// A payment is signed after that moment, unless it is undone.
    PaymentHeld {
        /// When.
        until: Timestamp,
    },
    /// A payment is not made, and what was set aside for it is free. There is no way back: it is asked for anew.
    PaymentRejected,
    /// The judge looks at what was written; then its effect is held.
    Edited {
        /// What goes out when nothing stands in its way.
        content_hash: ContentHash,
    },
    /// Nothing goes out.
    Rejected,
    /// Nothing goes out; it is made once more after this moment, unless undone.
    ChangesRequested {
        /// When.
        at: Timestamp,
    },
    /// It waits, before the others.
    Escalated,
    /// It waits, out of the way until then.
    Snoozed {
        /// When it is back.
        until: Timestamp,
    },
    /// It waits for somebody.
    Assigned,
    /// It was a probe: nothing was made of it, and nothing can be.
    Probe {
        /// What was wrong with it.
        flaw: Flaw,
        /// Whether it was not let out.
        caught: bool,
    },
}

impl Decided {
    /// What whoever decided a probe is told; `None` of everything else.
    #[must_use]
    pub fn revealed(&self) -> Option<String> {
        let Self::Probe { flaw, caught } = self else {
            return None;
        };
        let told = flaw.told();
        Some(if *caught {
            format!("this was a probe, and you caught it: {told}; nothing goes out")
        } else {
            format!("this was a probe, and it would have gone out: {told}; nothing goes out")
        })
    }
}
