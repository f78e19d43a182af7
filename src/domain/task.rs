//! Tasks: nodes of a plan, their states, and the one table of moves between them.

use crate::{
    artifact::Artifact,
    clock::{Span, Timestamp},
    ids::{AgentId, CampaignId, ClaimId, SignalId, TaskId, TraceId},
    money::Usd,
    payment::PaymentOrder,
    persona::PersonaLock,
    policy::ConfidenceWindow,
    version::StateVersion,
    words::words,
};

words! {
    /// What a task does.
    pub enum TaskKind as "task kind" {
        /// Gathers facts and sources on the trend.
        ResearchTrend = "research_trend",
        /// Makes text or media; the modality says which.
        GenerateContent = "generate_content",
        /// Assembles exactly what goes out, and after approval sends it.
        Publish = "publish",
        /// Answers a message.
        ReplyComment = "reply_comment",
        /// Moves money.
        ExecuteTransaction = "execute_transaction",
        /// Tells the neighbours that the agent is available.
        StatusUpdate = "status_update",
    }
}

words! {
    /// What kind of content a generating task makes.
    pub enum Modality as "modality" {
        /// Words.
        Text = "text",
        /// A still picture.
        Image = "image",
        /// A moving one.
        Video = "video",
    }
}

words! {
    /// How urgent a task is. Waiting raises it, so that none starves.
    pub enum Priority as "priority" {
        /// Replies and direct messages.
        High = "high",
        /// Trends.
        Medium = "medium",
        /// The rest.
        Low = "low",
    }
}

impl Priority {
    /// Order for the queue: smaller runs first.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Medium => 1,
            Self::Low => 2,
        }
    }
}

words! {
    /// Where a task stands.
    pub enum TaskState as "task state" {
        /// Part of a plan that is not launched.
        Draft = "draft",
        /// Ready as soon as its parents are.
        Pending = "pending",
        /// A worker holds it under a lease.
        Claimed = "claimed",
        /// Its result waits for the judge.
        Review = "review",
        /// Its result waits for a person.
        Ticketed = "ticketed",
        /// Its result counts; an effect, if it has one, waits to be sent.
        Approved = "approved",
        /// Its effect was handed to the platform.
        Publishing = "publishing",
        /// Its effect is confirmed.
        Published = "published",
        /// A dry run ended: everything was done but the call.
        Rehearsed = "rehearsed",
        /// Its result does not count; the reason is stored.
        Rejected = "rejected",
        /// Its result was refused and a new attempt is to be planned.
        Replan = "replan",
        /// It cannot go on until something changes; the reason is stored.
        Blocked = "blocked",
        /// It was given up; a person may replay it.
        Dead = "dead",
        /// A person or a rule stopped it.
        Cancelled = "cancelled",
        /// Its effect was sent and no answer came.
        Uncertain = "uncertain",
        /// Its effect was taken back.
        Withdrawn = "withdrawn",
    }
}

impl TaskState {
    /// Every move a task may make. The store refuses all others.
    pub const TRANSITIONS: &'static [(Self, Self)] = {
        use TaskState::{
            Approved, Blocked, Cancelled, Claimed, Dead, Draft, Pending, Published, Publishing,
            Rehearsed, Rejected, Replan, Review, Ticketed, Uncertain, Withdrawn,
        };
        &[
            (Draft, Pending),
            (Draft, Cancelled),
            (Pending, Claimed),
            (Pending, Blocked),
            (Pending, Cancelled),
            (Pending, Dead),
            (Claimed, Pending),  // lease expired, retry, or the campaign moved on
            (Claimed, Review),   // a result with an effect
            (Claimed, Approved), // a result inside the plan: judged with the post that uses it
            (Claimed, Blocked),
            (Claimed, Cancelled),
            (Claimed, Dead),
            (Review, Pending), // composed anew: the campaign publishes elsewhere now
            (Review, Ticketed),
            (Review, Approved),
            (Review, Replan),
            (Review, Rejected),
            (Review, Blocked), // overtaken too often while it was judged
            (Review, Cancelled),
            (Ticketed, Approved),
            (Ticketed, Rejected),
            (Ticketed, Replan),
            (Ticketed, Review), // superseded: the campaign moved on
            (Ticketed, Cancelled),
            (Approved, Publishing),
            (Approved, Rehearsed), // a dry run: nothing is sent
            (Approved, Ticketed),  // undo while the fuse burns
            (Approved, Review),    // the campaign moved on before it was sent
            (Approved, Cancelled),
            (Publishing, Published),
            (Publishing, Approved), // provably not sent: waits for the next try
            (Publishing, Uncertain),
            (Publishing, Dead),
            (Uncertain, Published),
            (Uncertain, Approved), // the platform says it never landed
            (Uncertain, Dead),
            (Published, Withdrawn),
            (Rejected, Ticketed), // undo of a reject
            (Replan, Ticketed),   // undo of a request for changes
            (Replan, Rejected),   // replaced by a new attempt
            (Replan, Dead),
            (Replan, Cancelled),
            (Blocked, Pending),
            (Blocked, Cancelled),
            (Blocked, Dead),
            (Dead, Pending), // replay
        ]
    };

    /// Whether a task may move so.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        Self::TRANSITIONS.contains(&(self, to))
    }
}

words! {
    /// Why a task stands where it stands.
    pub enum Reason as "reason" {
        /// The ordinary course.
        Ordinary = "ordinary",
        /// The judge refused the result.
        JudgeRejected = "judge_rejected",
        /// A person refused the result.
        ReviewerRejected = "reviewer_rejected",
        /// A person wants it made once more.
        ChangesRequested = "changes_requested",
        /// A person wrote another text.
        Edited = "edited",
        /// A tool failed for good.
        ToolFailed = "tool_failed",
        /// A cap was reached.
        BudgetBlocked = "budget_blocked",
        /// A governor was reached.
        GovernorBlocked = "governor_blocked",
        /// The campaign is paused.
        CampaignPaused = "campaign_paused",
        /// The campaign moved on since the work began.
        OccStale = "occ_stale",
        /// What it was approved on was no longer so when its slot came.
        Moved = "moved",
        /// No person decided in time.
        SlaExpired = "sla_expired",
        /// A person cancelled it.
        Cancelled = "cancelled",
        /// A language model thinks that the signal is not for the persona.
        Irrelevant = "irrelevant",
        /// Attempts are used up.
        DeadLetter = "dead_letter",
        /// The lease ran out.
        LeaseExpired = "lease_expired",
        /// A passing failure; it runs again.
        Retry = "retry",
        /// A person took a decision back.
        Undone = "undone",
        /// A new attempt took its place.
        Replaced = "replaced",
        /// The persona file changed or does not allow it.
        PersonaLocked = "persona_locked",
        /// The platform did not answer.
        NoAnswer = "no_answer",
        /// A read-back settled it.
        ReadBack = "read_back",
        /// A person who looked at the platform settled it.
        Resolved = "resolved",
    }
}

/// What every task carries, fixed when it is planned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TaskSpec {
    /// What it does.
    pub kind: TaskKind,
    /// What it makes, for generating tasks.
    pub modality: Option<Modality>,
    /// The goal in words.
    pub goal: String,
    /// What the judge holds the result against.
    pub acceptance: Vec<String>,
    /// Issues of the attempt before, for the worker to mend.
    pub notes: Vec<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// The persona version it is bound to.
    pub persona_lock: PersonaLock,
    /// The thresholds that apply to its result.
    pub confidence_window: ConfidenceWindow,
    /// The most it may cost.
    pub budget_usd_max: Usd,
    /// When what it puts out is to leave, and not before; absent in what has none, as it was before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// What it pays, for a task that moves money; absent in every other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentOrder>,
}

/// One task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its row version.
    pub version: StateVersion,
    /// Who acts.
    pub agent_id: AgentId,
    /// For which campaign.
    pub campaign_id: CampaignId,
    /// The campaign's epoch the task belongs to.
    pub epoch: StateVersion,
    /// The signal it answers.
    pub signal_id: Option<SignalId>,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// Which attempt of the plan it belongs to, from 1.
    pub plan_attempt: u32,
    /// How often it was started, from 0.
    pub attempt: u32,
    /// What it carries.
    pub spec: TaskSpec,
    /// Where it stands.
    pub state: TaskState,
    /// Why.
    pub reason: Reason,
    /// When it was planned.
    pub created_at: Timestamp,
}

/// A worker's hold on a task: only a live one can write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The task held.
    pub task_id: TaskId,
    /// The task's version under the claim.
    pub version: StateVersion,
    /// The fence of the lease it was made under.
    pub fence: i64,
    /// When it ends unless renewed.
    pub until: Timestamp,
}

/// A task a worker has just claimed, with all it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedTask {
    /// The hold.
    pub claim: Claim,
    /// The task.
    pub task: Task,
    /// The signal it answers.
    pub signal: Option<crate::signal::Signal>,
    /// How relevant the signal is.
    pub relevance: Option<crate::signal::Relevance>,
    /// The campaign.
    pub campaign: crate::campaign::CampaignSpec,
    /// The results of every ancestor in the plan, parents last.
    pub inputs: Vec<Artifact>,
    /// What the agent may remember; of a task that writes a text alone.
    pub past: crate::memory::Past,
}

/// Why a worker gives a task back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A passing failure: run again at this time.
    Retry {
        /// What failed.
        why: String,
        /// When to run again.
        at: Timestamp,
    },
    /// It turned out to be for somebody else: this task and what waits for it are called off.
    Irrelevant {
        /// Who says so, and why.
        why: String,
    },
    /// It cannot work until something changes (money, persona).
    Blocked {
        /// Which kind of thing.
        reason: Reason,
        /// What, in words.
        why: String,
        /// When time alone takes it out of the way; `None` when only a person can.
        until: Option<Timestamp>,
    },
    /// Give it up.
    Dead {
        /// Which kind of thing.
        reason: Reason,
        /// What, in words.
        why: String,
    },
}

/// How often a task is started before it is given up.
pub const ATTEMPTS_MAX: u32 = 5;

/// How often in a row the work on a task may come too late before an operator must look. Whatever
/// moves its campaign that often will do so again, and each time the work is made and paid for anew.
pub const CONFLICTS_MAX: u32 = 5;

/// Back-off before start number `attempt` (from 1): one second doubling up to five minutes.
#[must_use]
pub fn retry_delay(attempt: u32) -> Span {
    Span::from_secs(
        1u64.checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u64::MAX)
            .min(300),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // R11: every state is reachable from a plan's first states, and ends are ends.
    #[test]
    fn r11_every_state_is_reachable() {
        let mut reached = vec![TaskState::Draft];
        loop {
            let more: Vec<_> = TaskState::TRANSITIONS
                .iter()
                .filter(|(from, to)| reached.contains(from) && !reached.contains(to))
                .map(|(_, to)| *to)
                .collect();
            if more.is_empty() {
                break;
            }
            reached.extend(more);
        }
        for state in TaskState::ALL {
            assert!(reached.contains(state), "{state} is not reachable");
        }
        for end in [
            TaskState::Cancelled,
            TaskState::Rehearsed,
            TaskState::Withdrawn,
        ] {
            assert!(TaskState::TRANSITIONS.iter().all(|(from, _)| *from != end));
        }
    }

    // R1, R173: nothing is published except out of an approval.
    #[test]
    fn r1_only_an_approved_task_is_ever_sent() {
        let into = |to| {
            TaskState::TRANSITIONS
                .iter()
                .filter(move |(_, t)| *t == to)
                .map(|(f, _)| *f)
                .collect::<Vec<_>>()
        };
        assert_eq!(into(TaskState::Publishing), vec![TaskState::Approved]);
        assert_eq!(
            into(TaskState::Published),
            vec![TaskState::Publishing, TaskState::Uncertain]
        );
    }

    // R20: the delay doubles and is bounded.
    #[test]
    fn r20_retry_delay_doubles_up_to_five_minutes() {
        assert_eq!(retry_delay(1), Span::from_secs(1));
        assert_eq!(retry_delay(4), Span::from_secs(8));
        assert_eq!(retry_delay(60), Span::from_secs(300));
        assert_eq!(retry_delay(u32::MAX), Span::from_secs(300));
    }
}
