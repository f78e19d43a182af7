//! What the planner may ask for.

use async_trait::async_trait;

use super::Result;
use crate::{
    campaign::Campaign,
    clock::Timestamp,
    ids::{AgentId, TaskId},
    lesson::Lessons,
    persona::PersonaLock,
    plan::{Node, TaskGraph},
    resource::{Poll, PollReport, Resource},
    signal::{Relevance, Signal},
    task::Task,
    trend::Mute,
    version::{Outcome, StateVersion},
};

/// The planner's store.
#[async_trait]
pub trait PlannerStore: Send + Sync {
    /// Resources that are due, the longest due first.
    async fn due_resources(&self, limit: u32) -> Result<Vec<Resource>>;

    /// Records one poll: new items become one `new` signal per listening campaign (all campaigns
    /// that are not archived), unique on campaign, resource and item key; the cursor moves in the
    /// same transaction. Repeating it after an unclear failure keeps nothing twice.
    async fn commit_poll(&self, resource: &Resource, poll: Poll) -> Result<Outcome<PollReport>>;

    /// Signals in `new`, and `held` ones whose time has come, of running campaigns, oldest first,
    /// with their campaign. Empty while the fleet is halted.
    async fn next_signals(&self, limit: u32) -> Result<Vec<(Signal, Campaign)>>;

    /// Records what the planner decided on one signal. For a plan, the caps are counted in the same
    /// transaction, so that planners that race cannot exceed them; where one binds, the signal
    /// becomes `held` and the answer says so. A plan's tasks are unique on campaign, signal,
    /// template, node and plan attempt: the same signal never spawns the same node twice.
    async fn commit_plan(
        &self,
        signal: &Signal,
        relevance: Option<Relevance>,
        decision: PlanDecision,
    ) -> Result<Outcome<Planned>>;

    /// What people said of an agent's signals: the last [`Lessons::LINES_MAX`] lines, of each signal the last one,
    /// oldest first. `None` when nothing was said after line `known`.
    async fn lessons(&self, agent: AgentId, known: i64) -> Result<Option<Lessons>>;

    /// The mutes in force, the oldest first.
    async fn mutes(&self) -> Result<Vec<Mute>>;

    /// A task in `replan` of a running campaign, oldest first.
    async fn next_replan(&self) -> Result<Option<ReplanCase>>;

    /// Replaces a task in `replan` by a new attempt (the old one becomes `rejected`), or gives it up (`dead`).
    async fn commit_replan(
        &self,
        task: TaskId,
        version: StateVersion,
        replan: Replan,
    ) -> Result<Outcome<()>>;
}

/// The caps a plan is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanCaps {
    /// Plans per agent and rolling hour.
    pub per_hour: u32,
    /// Plans per agent and rolling 24 hours.
    pub per_day: u32,
    /// Unfinished tasks of all agents.
    pub queue_depth: u32,
    /// Open tickets of all agents.
    pub review_depth: u32,
}

/// What the planner decided on one signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanDecision {
    /// Not relevant, too old, a duplicate.
    Ignore {
        /// Why, in words.
        why: String,
    },
    /// The scorer failed; an error for the operator, never a default.
    Unscored {
        /// Why, in words.
        why: String,
    },
    /// Make these tasks.
    Plan {
        /// The tasks.
        graph: TaskGraph,
        /// The persona version they are bound to.
        lock: PersonaLock,
        /// What they are counted against.
        caps: PlanCaps,
    },
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// The signal was left.
    Left,
    /// Tasks were made.
    Made {
        /// How many.
        tasks: u32,
    },
    /// A cap binds.
    Held {
        /// The binding cap by name (`plans_per_hour`, `plans_per_day`, `queue_depth`, `review_depth`).
        cap: String,
        /// When it is looked at again.
        until: Timestamp,
    },
}

/// A refused result that wants a new attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplanCase {
    /// The refused task, in `replan`.
    pub task: Task,
    /// Its campaign.
    pub campaign: Campaign,
    /// The signal.
    pub signal: Signal,
    /// How relevant it was.
    pub relevance: Option<Relevance>,
    /// What was wrong, for the new attempt.
    pub issues: Vec<String>,
    /// The nodes of the attempt, where a person launched them: they are made again as they are.
    pub launched: Vec<Node>,
}

/// What to do with a refused result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replan {
    /// Try again with these tasks.
    Again {
        /// The tasks.
        graph: TaskGraph,
        /// The persona version they are bound to.
        lock: PersonaLock,
    },
    /// Give it up.
    GiveUp {
        /// Why, in words.
        why: String,
    },
}
