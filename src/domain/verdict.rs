//! Verdicts: what the judge found and how it routes a result.

use crate::{
    ContentHash, Score,
    artifact::{Artifact, Post},
    basis::VerdictBasis,
    campaign::CampaignSpec,
    effect::OutgoingCall,
    signal::Signal,
    task::Task,
    words::words,
};

words! {
    /// What the judge looks at, one score each.
    pub enum Check as "check" {
        /// Voice, banned topics, directives.
        Persona = "persona",
        /// Hard blocks.
        Safety = "safety",
        /// Claims and their sources.
        Factual = "factual",
        /// Length, media and label rules of the platform.
        Platform = "platform",
        /// The acceptance criteria of the plan.
        Constraints = "constraints",
        /// The picture.
        Visual = "visual",
    }
}

words! {
    /// Topics on which always a person decides.
    pub enum SensitiveTopic as "sensitive topic" {
        /// Politics.
        Politics = "politics",
        /// Health.
        Health = "health",
        /// Finance.
        Finance = "finance",
        /// Legal.
        Legal = "legal",
        /// Violence, tragedy, breaking disasters.
        Violence = "violence",
    }
}

words! {
    /// Where a result goes.
    pub enum Route as "route" {
        /// It may go out.
        Approve = "approve",
        /// A person decides.
        HitlQueue = "hitl_queue",
        /// It does not go out.
        Reject = "reject",
    }
}

/// The score of one check, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CheckResult {
    /// Which check.
    pub check: Check,
    /// Its score; `Err` text when it could not be computed, which sends the result to a person.
    pub score: Result<Score, String>,
    /// What was found, one short sentence each; also the issues a new attempt receives.
    pub findings: Vec<String>,
    /// Whether this alone forbids publishing, whatever the scores.
    pub hard_block: bool,
}

/// A place in the text that touches a sensitive topic.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SensitiveSpan {
    /// The topic.
    pub topic: SensitiveTopic,
    /// The words that fired.
    pub span: String,
    /// Where: `text`, `alt_text`, `source`.
    pub field: String,
    /// The rule that fired.
    pub rule: String,
}

/// What the judge decided on one exact content.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// Where it goes.
    pub route: Route,
    /// The lower of the two; `None` when a check could not be scored.
    pub confidence: Option<Score>,
    /// How sure the worker was: the lowest of the plan.
    pub worker_confidence: Score,
    /// How sure the judge is.
    pub judge_confidence: Option<Score>,
    /// One result per check.
    pub checks: Vec<CheckResult>,
    /// Sensitive places.
    pub sensitive: Vec<SensitiveSpan>,
    /// Why it is routed so, at most five lines.
    pub reasons: Vec<String>,
    /// The policy it was judged by.
    pub policy: ContentHash,
    /// The content it holds for.
    pub content_hash: ContentHash,
    /// What it was made from; `None` in one that was not kept to be made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<VerdictBasis>,
}

/// A result that waits for the judge, with everything a decision needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The task, in review.
    pub task: Task,
    /// The call its approval would make.
    pub call: OutgoingCall,
    /// Its campaign.
    pub campaign: CampaignSpec,
    /// The signal behind it.
    pub signal: Option<Signal>,
    /// Every result of the plan, the post last.
    pub artifacts: Vec<Artifact>,
    /// Whether it would be the persona's first post from this account. Simulated posts do not count
    /// for a real one, nor the other way round.
    pub first_post: bool,
    /// Whether a person was asked about this plan before: neither a pause, an edit, a deadline nor a new
    /// attempt may let the judge decide what waited for a person.
    pub was_asked: bool,
    /// What was no longer so when its slot came, in one line: it was approved before, and a person
    /// decides again.
    pub moved: Option<String>,
    /// A person wrote exactly this and let it out: only what must never go out stands in its way.
    pub edited: bool,
}

impl Case {
    /// The post that would go out.
    #[must_use]
    pub fn post(&self) -> &Post {
        &self.call.post
    }
}
