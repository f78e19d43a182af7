//! The record: lines of the audit, and the walk of one trace through all tables.

use std::fmt;

use crate::{
    ContentHash, Safe, Timestamp,
    ids::{PublicationId, SignalId, TraceId, VerdictId},
    words::words,
};

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the chain, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Safe,
    /// What it is about: an id in its text form, or a word like `policy`.
    pub subject: Safe,
    /// What was done.
    pub verb: Safe,
    /// Where the subject stood before; may be empty.
    pub from: Safe,
    /// Where it stands after.
    pub to: Safe,
    /// Why, as a code; may be empty.
    pub reason: Safe,
    /// The subject's versions before and after.
    pub versions: (i64, i64),
    /// The walk it belongs to.
    pub trace_id: Option<TraceId>,
    /// Why, in words; may be empty.
    pub note: Safe,
    /// The hash of this line, which covers the line before.
    pub hash: ContentHash,
}

words! {
    /// What a step of a walk is about.
    pub enum StepKind as "kind of step" {
        /// Something was perceived, and planned.
        Signal = "signal",
        /// A node of the plan.
        Task = "task",
        /// The judge decided.
        Verdict = "verdict",
        /// A person was asked.
        Ticket = "ticket",
        /// Something went out, or was to.
        Effect = "effect",
        /// It is public, or was.
        Publication = "publication",
        /// Money was set aside or spent.
        Spend = "spend",
        /// A wallet paid, or was to.
        Payment = "payment",
    }
}

/// What tells steps of one walk apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepId {
    /// A line of the audit, by its place.
    Line(i64),
    /// The signal was perceived.
    Perceived(SignalId),
    /// A verdict.
    Verdict(VerdictId),
    /// A publication.
    Published(PublicationId),
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(seq) => write!(f, "audit line {seq}"),
            Self::Perceived(id) => id.fmt(f),
            Self::Verdict(id) => id.fmt(f),
            Self::Published(id) => id.fmt(f),
        }
    }
}

/// One step of a walk, from perception to ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// What tells it apart.
    pub id: StepId,
    /// What it is about.
    pub kind: StepKind,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Safe,
    /// The thing, by its id in text form.
    pub subject: Safe,
    /// The node of the plan, where it is about one; else empty.
    pub node: Safe,
    /// What happened, in a line.
    pub what: Safe,
    /// All that there is to say of it, over several lines; may be empty.
    pub more: Safe,
    /// The line of the audit, where there is one.
    pub line: Option<AuditRow>,
}
