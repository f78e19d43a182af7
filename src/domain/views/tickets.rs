//! Tickets as people see them: a row of the queue, and the card with everything that a decision needs.

use super::PaymentAsked;
use crate::{
    ContentHash, Safe, Score, Usd,
    clock::{Span, Timestamp},
    effect::EffectState,
    ids::{TaskId, TicketId, TraceId},
    second::person_of,
    ticket::TicketState,
    verdict::{CheckResult, SensitiveSpan},
    version::StateVersion,
    words::words,
};

words! {
    /// What a ticket asks about.
    pub enum About as "subject of a ticket" {
        /// Whether a post may go out.
        Post = "post",
        /// Whether money may go out.
        Payment = "payment",
    }
}

/// One ticket in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// Its id.
    pub id: TicketId,
    /// Its row version.
    pub version: StateVersion,
    /// Where it stands.
    pub state: TicketState,
    /// The first words that would go out; of a payment, how much to whom for what.
    pub text: Safe,
    /// Why a person is asked, the most important first.
    pub reasons: Vec<Safe>,
    /// The lower confidence, when scored.
    pub confidence: Option<Score>,
    /// The account; of a payment, whose wallet.
    pub account: Safe,
    /// What it asks about.
    pub about: About,
    /// The platform; of a payment, the chain.
    pub channel: Safe,
    /// The campaign; empty where a payment is for none.
    pub campaign: Safe,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The first deadline.
    pub sla_at: Timestamp,
    /// Whose it is to decide; empty is everybody's.
    pub assigned_to: Safe,
    /// Out of the way until then.
    pub snoozed_until: Option<Timestamp>,
    /// Who approved it as the first of two people, exactly as it is; it waits for the second.
    pub first: Option<FirstApproval>,
    /// Whether approving would only simulate.
    pub simulated: bool,
    /// Whether approving would send nothing, or, once it ended so, nothing was sent.
    pub dry: bool,
}

/// An approval that lets nothing out until another person approves, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstApproval {
    /// Who.
    pub by: Safe,
    /// When.
    pub at: Timestamp,
}

impl FirstApproval {
    /// Whether this actor is the person who approved: then somebody else must be the second.
    #[must_use]
    pub fn is_by(&self, actor: &str) -> bool {
        person_of(self.by.as_str()) == person_of(actor)
    }
}

/// Everything a person sees before deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketCard {
    /// The row.
    pub row: TicketRow,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// The hash a decision must name.
    pub content_hash: ContentHash,
    /// Why two people must approve it, one line each; none where one is enough.
    pub two: Vec<Safe>,
    /// The whole text that would go out; of a payment, what would be paid in one sentence.
    pub text: Safe,
    /// Who has it before them, where somebody does.
    pub looked_at_by: Option<Safe>,
    /// What was said with the last move: why it was escalated, or why what a person wrote was stopped.
    pub note: Safe,
    /// How long the undo fuse burns.
    pub fuse: Span,
    /// Who decided, what and when, once decided.
    pub decided: Option<Safe>,
    /// What the decision on it set off; `None` while it waits or after a reject.
    pub effect: Option<EffectState>,
    /// Where the publication is, once there is one; of a payment, the transaction that made it.
    pub published: Option<Safe>,
    /// What is asked about, and what is behind it.
    pub asks: Asks,
}

/// What a ticket asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// Whether a post may go out.
    Post(Box<PostAsked>),
    /// Whether money may go out.
    Payment(Box<PaymentAsked>),
}

impl TicketCard {
    /// The post it asks about, where it is about one.
    #[must_use]
    pub fn post(&self) -> Option<&PostAsked> {
        match &self.asks {
            Asks::Post(post) => Some(post),
            Asks::Payment(_) => None,
        }
    }

    /// The payment it asks about, where it is about one.
    #[must_use]
    pub fn payment(&self) -> Option<&PaymentAsked> {
        match &self.asks {
            Asks::Post(_) => None,
            Asks::Payment(payment) => Some(payment),
        }
    }
}

/// A post that a person is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostAsked {
    /// The task asked about.
    pub task_id: TaskId,
    /// What a person wrote instead, also when it was stopped.
    pub edited: Option<Safe>,
    /// Which attempt it is, and after how many it is given up; `None` where no policy is installed.
    pub attempt: (u32, Option<u32>),
    /// The attempts before it, the newest first.
    pub attempts: Vec<AttemptRow>,
    /// Its length in graphemes, and the platform's limit.
    pub graphemes: (usize, usize),
    /// The pictures that would go out.
    pub media: Vec<MediaRow>,
    /// The label asked of the platform.
    pub disclosure: Safe,
    /// `server/tool` that would be called.
    pub tool: Safe,
    /// The sources behind it, title and address.
    pub citations: Vec<(Safe, Safe)>,
    /// The trend behind it.
    pub trend: Option<Safe>,
    /// The persona.
    pub persona: Safe,
    /// Scores and findings per check.
    pub checks: Vec<CheckResult>,
    /// Which language models wrote and read it, and what the reader thought.
    pub models: Vec<Safe>,
    /// What of the material no tool was shown, as the text that they were shown says it.
    pub redacted: Vec<Safe>,
    /// Under which conditions its pictures were made.
    pub made: Vec<Safe>,
    /// Sensitive places.
    pub sensitive: Vec<SensitiveSpan>,
    /// How sure the worker was.
    pub worker_confidence: Score,
    /// How sure the judge was.
    pub judge_confidence: Option<Score>,
    /// What the plan cost so far.
    pub spent: Usd,
    /// What sending would cost at most; `None` is unknown.
    pub send_cost: Option<Usd>,
    /// What is left today.
    pub left_day: Option<Usd>,
}

/// An attempt that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Which, from 1.
    pub attempt: u32,
    /// What it would have posted.
    pub text: Safe,
    /// What was wrong with it: the next attempt was told exactly this.
    pub issues: Vec<Safe>,
}

impl AttemptRow {
    /// What was wrong, in one line.
    #[must_use]
    pub fn told(&self) -> String {
        if self.issues.is_empty() {
            return "nobody said what was wrong".to_owned();
        }
        let issues: Vec<&str> = self.issues.iter().map(Safe::as_str).collect();
        issues.join("; ")
    }
}

/// One picture of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRow {
    /// Hash of the bytes.
    pub sha256: ContentHash,
    /// MIME type.
    pub mime: Safe,
    /// Size in bytes.
    pub bytes: u64,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// What it shows.
    pub alt_text: Safe,
    /// How like its persona's reference it is, where that was looked at, and whether that is too little or unknown.
    pub likeness: Option<(Safe, bool)>,
    /// What it was held against; this goes nowhere.
    pub reference: Option<Box<MediaRow>>,
}
