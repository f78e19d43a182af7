//! Basis: what a decision was made from, kept with it, so that it can be made again offline.
//!
//! A basis names what is stored anyway by id or hash, and holds what would otherwise change or be
//! lost. Nothing in it is read from the present.

use serde_json::json;

use crate::{
    ContentHash, Timestamp, Usd,
    artifact::{Body, Post},
    campaign::CampaignSpec,
    ids::{ArtifactId, EffectId, IntentId, MuteId, SignalId, TaskId, TicketId, VerdictId},
    lesson::{Lessons, LessonsBasis},
    persona::Persona,
    policy::Policy,
    signal::{Relevance, Signal, SignalState},
    spend::{IntentState, Limit},
    ticket::{RejectClass, TicketState},
    trend::Mute,
    verdict::{Case, Route, Verdict},
};

/// What a relevance was found by, and the rule the signal was held against.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RelevanceBasis {
    /// The persona version.
    pub persona: ContentHash,
    /// The policy.
    pub policy: ContentHash,
    /// What the item was screened by before it was planned; `None` in one from before there was a screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    /// What it was learned from; `None` where nobody had decided anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lessons: Option<LessonsBasis>,
    /// The mutes that were in force for its agent; they are never changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutes: Vec<MuteId>,
}

/// What a verdict was made from, beside the task, the policy and the content it names itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VerdictBasis {
    /// The shape of this document; [`VerdictBasis::SHAPE`] for those written now.
    pub v: u32,
    /// The persona version it was judged with; `None` when that was not loaded.
    pub persona: Option<ContentHash>,
    /// The campaign as it was.
    pub campaign: CampaignSpec,
    /// The server the call would go to.
    pub server: String,
    /// The tool it would use.
    pub tool: String,
    /// What would go out, where it is not the last artifact as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
    /// The signal behind the task.
    pub signal: Option<SignalId>,
    /// The results that were judged with the post, the post last.
    pub artifacts: Vec<ArtifactId>,
    /// Whether it would have been the persona's first post from the account.
    pub first_post: bool,
    /// Whether a person had been asked about the plan before.
    pub was_asked: bool,
    /// What had moved when the slot of an earlier approval came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
    /// Whether a person wrote it and let it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    /// The detectors that read its texts, with their versions; `None` in one from before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectors: Option<String>,
    /// Over everything the judge looked at, see [`digest`].
    pub digest: ContentHash,
}

impl VerdictBasis {
    /// The shape written now.
    pub const SHAPE: u32 = 1;

    /// The basis of a verdict on this case.
    #[must_use]
    pub fn of(case: &Case, persona: Option<&Persona>, policy: &Policy) -> Self {
        let made = match case.artifacts.last().map(|artifact| &artifact.body) {
            Some(Body::Post(post)) => Some(post),
            Some(Body::Research(_) | Body::Text(_) | Body::Media(_) | Body::Payment(_)) | None => {
                None
            }
        };
        Self {
            v: Self::SHAPE,
            persona: persona.map(|persona| persona.hash),
            campaign: case.campaign.clone(),
            server: case.call.server.clone(),
            tool: case.call.tool.clone(),
            post: (made != Some(&case.call.post)).then(|| case.call.post.clone()),
            signal: case.signal.as_ref().map(|signal| signal.id),
            artifacts: case.artifacts.iter().map(|artifact| artifact.id).collect(),
            first_post: case.first_post,
            was_asked: case.was_asked,
            moved: case.moved.clone(),
            edited: case.edited,
            detectors: None,
            digest: digest(case, persona, policy),
        }
    }
}

/// The hash of all that a judge's decision depends on: task, call, campaign, signal, results, what had
/// happened before, persona and the judge's part of the policy.
///
/// It covers the documents as they are written: a field that is added to one of them must be left out
/// while it holds what held before, or [`VerdictBasis::SHAPE`] rises and older digests are not compared.
#[must_use]
pub fn digest(case: &Case, persona: Option<&Persona>, policy: &Policy) -> ContentHash {
    let results: Vec<_> = case
        .artifacts
        .iter()
        .map(|a| json!([a.id, a.body, a.confidence]))
        .collect();
    let mut looked_at = json!({
        "task": case.task.spec,
        "call": case.call,
        "campaign": case.campaign,
        "signal": case.signal.as_ref().map(|signal| json!([signal.id, signal.item])),
        "artifacts": results,
        "first_post": case.first_post,
        "was_asked": case.was_asked,
        "persona": persona,
        "policy": policy.judge,
    });
    if let Some(moved) = &case.moved {
        looked_at["moved"] = moved.as_str().into();
    }
    if case.edited {
        looked_at["edited"] = true.into();
    }
    ContentHash::of_json(&looked_at)
}

/// One decision of the house with everything it was made from.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredDecision {
    /// Whether a signal becomes tasks.
    Relevance(Box<StoredRelevance>),
    /// Where a result goes.
    Verdict(Box<StoredVerdict>),
    /// Whether money is set aside.
    Spend(StoredSpend),
}

/// What the planner decided on one signal, the last time it looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRelevance {
    /// The signal.
    pub signal: Signal,
    /// What became of it.
    pub state: SignalState,
    /// Why, where it was left or is held.
    pub why: String,
    /// Its score and basis; `None` where it has no score.
    pub relevance: Option<Relevance>,
    /// The persona of the basis.
    pub persona: Option<Persona>,
    /// The policy of the basis.
    pub policy: Option<Policy>,
    /// The lessons of the basis.
    pub lessons: Option<Lessons>,
    /// The mutes of the basis, as far as they are there.
    pub mutes: Vec<Mute>,
}

/// What the judge decided.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredVerdict {
    /// The verdict.
    pub id: VerdictId,
    /// When.
    pub at: Timestamp,
    /// On which task.
    pub task: TaskId,
    /// What it says.
    pub verdict: Verdict,
    /// The route that was taken.
    pub routed: Route,
    /// What it was made from, or why that is not to be had.
    pub inputs: Result<JudgeInputs, String>,
    /// The question it put to a person.
    pub ticket: Option<TicketFate>,
}

/// Everything the judge decides by.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeInputs {
    /// The case.
    pub case: Case,
    /// The persona version the task is bound to, if it was loaded.
    pub persona: Option<Persona>,
    /// The policy.
    pub policy: Policy,
}

/// What became of a question to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFate {
    /// Where the ticket stands.
    pub state: TicketState,
    /// Who decided it.
    pub by: Option<String>,
    /// Why it was refused.
    pub class: Option<RejectClass>,
}

/// Whether money was set aside for one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSpend {
    /// The intent.
    pub id: IntentId,
    /// When.
    pub at: Timestamp,
    /// Where it stands; everything but `refused` was set aside.
    pub state: IntentState,
    /// Why it was refused.
    pub why: String,
    /// What was asked for.
    pub estimate: Usd,
    /// What it was held against.
    pub limits: Option<Vec<Limit>>,
}

impl StoredDecision {
    /// Its name: that of the verdict, the signal or the intent.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Relevance(it) => it.signal.id.to_string(),
            Self::Verdict(it) => it.id.to_string(),
            Self::Spend(it) => it.id.to_string(),
        }
    }

    /// When it was made; of a signal, when it was perceived.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Relevance(it) => it.signal.ingested_at,
            Self::Verdict(it) => it.at,
            Self::Spend(it) => it.at,
        }
    }

    /// Its place in the order of its kind, to go on after it.
    #[must_use]
    pub fn place(&self) -> (Timestamp, [u8; 16]) {
        let id = match self {
            Self::Relevance(it) => it.signal.id.as_bytes(),
            Self::Verdict(it) => it.id.as_bytes(),
            Self::Spend(it) => it.id.as_bytes(),
        };
        (self.at(), *id)
    }
}

/// A thing that decisions stand behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The decision whether it becomes tasks.
    Signal(SignalId),
    /// All that was decided for it: its signal, its money, its result.
    Task(TaskId),
    /// The verdict itself.
    Verdict(VerdictId),
    /// The verdict that asked.
    Ticket(TicketId),
    /// The verdict that led to it.
    Effect(EffectId),
    /// The decision to set it aside.
    Intent(IntentId),
}

/// A text that names nothing decisions stand behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no decision (expected the whole id of a verdict, ticket, task, effect, signal or intent, such as `vrd_` and 32 hexadecimal digits)"
)]
pub struct NoSubject(String);

impl std::str::FromStr for Subject {
    type Err = NoSubject;

    fn from_str(text: &str) -> Result<Self, NoSubject> {
        let signal = text.parse().map(Self::Signal);
        signal
            .or_else(|_| text.parse().map(Self::Task))
            .or_else(|_| text.parse().map(Self::Verdict))
            .or_else(|_| text.parse().map(Self::Ticket))
            .or_else(|_| text.parse().map(Self::Effect))
            .or_else(|_| text.parse().map(Self::Intent))
            .map_err(|_| NoSubject(text.to_owned()))
    }
}
