//! What the faces show: bounded pages of plain values, with all outside text already [`Safe`].

use crate::{
    Safe, Score, Usd,
    campaign::{CampaignState, Channel, FleetState},
    clock::Timestamp,
    effect::{EffectKind, EffectState},
    ids::{
        AgentId, AlertId, ArtifactId, CampaignId, EffectId, EntryId, IntentId, PublicationId,
        SignalId, TaskId, TicketId, TraceId, VerdictId,
    },
    publication::Sample,
    signal::{Said, SignalState},
    spend::{Account, BudgetCategory, IntentState},
    task::{Modality, Reason, TaskKind, TaskState},
    version::StateVersion,
};

mod advice;
pub mod books;
mod calibration;
mod fleet;
mod halts;
pub mod handover;
pub mod headroom;
pub mod journal;
mod links;
mod modes;
pub mod objectives;
pub mod order;
mod payments;
mod readings;
mod record;
mod reviewers;
mod routine;
mod settings;
mod tickets;
mod trends;
mod trial;

pub use advice::{ADVICE_ANSWERS_MIN, Advice, Move, Share, WRONG_TOLERATED};
pub use calibration::{
    Bucket, Calibration, Judged, JudgedRow, ProbeAnswer, ProbeTally, Tally, WentAlone, calibration,
};
pub use fleet::{AgentCampaign, AgentRow, Doing, Work};
pub use halts::{HaltReport, HaltRow, InFlight, InFlightKind, Proof};
pub use links::{LinkId, LinkRow, ServerRow, ToolPrice};
pub use modes::{ModeRow, ReachRow, mark, mark_after, short_mark};
pub use objectives::{Found, ObjectiveRow, Series};
pub use order::{By, Order};
pub use payments::{
    AttemptLine, BreakRow, CallRow, FactorRow, PaymentAsked, PaymentRow, RuleRow, WalletEntryRow,
};
pub use readings::{READINGS, Reading, doubt};
pub use record::{AuditRow, StepId, StepKind, StepRow};
pub use reviewers::{Act, ActLine, DecidedTimes, ReviewerRow, reviewers};
pub use settings::{PersonaRow, SettingGroup, SettingRow};
pub use tickets::{
    About, Asks, AttemptRow, FirstApproval, MediaRow, PostAsked, TicketCard, TicketRow,
};
pub use trends::{MuteRow, TrendItem, TrendRow};
pub use trial::{NEAR_MAX, Near, SettledBy, Trial, Tried, Weighed, Weighing};

/// The most rows one page may have.
pub const PAGE_MAX: u32 = 200;

/// The most rows that are asked for by their ids at a time.
pub const IDS_MAX: usize = 1_000;

/// What part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// What must hold for a row, in the language of [`crate::filter`]; empty for all. Refused where it names a
    /// field the list does not have.
    pub filter: String,
    /// Only rows with these ids in text form, at most [`IDS_MAX`]; empty for all.
    pub only: Vec<String>,
    /// In what order; `None` is that of the list itself. Refused where it is none of [`order`].
    pub order: Option<Order>,
    /// How many rows to pass over.
    pub offset: u32,
    /// How many rows, at most [`PAGE_MAX`].
    pub limit: u32,
}

impl PageRequest {
    /// The first rows without a filter.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self {
            filter: String::new(),
            only: Vec::new(),
            order: None,
            offset: 0,
            limit,
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many rows the whole list has (after the filter).
    pub total: u64,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            total: 0,
        }
    }
}

/// The state of the whole house, for headers and status lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// When this was read.
    pub at: Timestamp,
    /// Whether the fleet may act.
    pub fleet: FleetState,
    /// Who stopped it, when and why, while it is not running.
    pub halted: Option<HaltedBy>,
    /// Every live halt, widest first; that of the fleet too.
    pub halts: Vec<HaltRow>,
    /// Who runs the swarm on this database; `None` when nobody does.
    pub swarm: Option<SwarmOwner>,
    /// The campaigns.
    pub campaigns: Vec<CampaignRow>,
    /// Tickets that wait for a person.
    pub tickets_waiting: u64,
    /// When the oldest of them was opened.
    pub oldest_ticket_at: Option<Timestamp>,
    /// The last decision of a person.
    pub last_decision_at: Option<Timestamp>,
    /// Tasks by state, only states that have any.
    pub tasks: Vec<(TaskState, u64)>,
    /// Signals by state, only states that have any.
    pub signals: Vec<(SignalState, u64)>,
    /// Effects whose undo fuse burns.
    pub fuses: Vec<Fuse>,
    /// Posted amounts of the binding day.
    pub spent_day: Usd,
    /// What may or may not have been spent in the binding day; it counts against the cap.
    pub uncertain_day: Usd,
    /// Reserved amounts.
    pub reserved: Usd,
    /// How much of these three is billed by stand-ins, which nobody pays.
    pub simulated_money: Usd,
    /// The daily cap summed over agents; `None` when no policy is installed.
    pub cap_day: Option<Usd>,
    /// Whether nothing is published for real: every campaign publishes through a stand-in or is dry.
    pub simulated: bool,
    /// Whether some of them are dry, and not only their servers stand-ins.
    pub dry: bool,
    /// Resources that failed at their last poll.
    pub resources_failing: Vec<Safe>,
    /// Resources that nobody polls: each was due longer ago than it is polled.
    pub resources_stale: Vec<Safe>,
    /// Resources in all.
    pub resources: u64,
    /// Alerts nobody has acknowledged.
    pub alerts_open: u64,
    /// Lost races since ever (normal, counted).
    pub conflicts: u64,
    /// The same by what was to be done (`submit a result`), the most frequent first.
    pub conflicts_by: Vec<(Safe, u64)>,
}

impl Overview {
    /// How much of the day's money is real.
    #[must_use]
    pub fn money(&self) -> Reality {
        let all = self
            .spent_day
            .checked_add(self.uncertain_day)
            .and_then(|sum| sum.checked_add(self.reserved));
        Reality::of(all.unwrap_or(Usd::ZERO), self.simulated_money)
    }
}

/// How much of an amount is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reality {
    /// All of it, or there is none.
    Real,
    /// Nothing of it.
    Simulated,
    /// This much of it is not.
    Mixed(Usd),
}

impl Reality {
    /// Of an amount, so much is simulated.
    #[must_use]
    pub fn of(all: Usd, simulated: Usd) -> Self {
        if !simulated.is_positive() {
            Self::Real
        } else if simulated >= all {
            Self::Simulated
        } else {
            Self::Mixed(simulated)
        }
    }
}

impl std::fmt::Display for Reality {
    /// Nothing, ` (SIMULATED)`, or ` (0.12 of it SIMULATED)`: to follow the amount.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Real => Ok(()),
            Self::Simulated => f.write_str(" (SIMULATED)"),
            Self::Mixed(usd) => write!(f, " ({usd} of it SIMULATED)"),
        }
    }
}

/// Who stopped something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltedBy {
    /// The actor.
    pub by: Safe,
    /// When.
    pub at: Timestamp,
    /// Why, in words.
    pub why: Safe,
}

/// Who runs the swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwarmOwner {
    /// `host:pid`, and how it was started.
    pub holder: Safe,
    /// Process id.
    pub pid: u32,
    /// Host name.
    pub host: Safe,
    /// Since when.
    pub since: Timestamp,
    /// Until when the lease holds unless renewed.
    pub until: Timestamp,
    /// The fence of the lease.
    pub fence: i64,
}

/// One campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRow {
    /// Its id.
    pub id: CampaignId,
    /// Its row version.
    pub version: StateVersion,
    /// Who acts for it.
    pub agent_id: AgentId,
    /// Its name.
    pub name: Safe,
    /// Its persona.
    pub persona: Safe,
    /// Where it publishes.
    pub channel: Channel,
    /// The account there.
    pub account: Safe,
    /// The MCP server it publishes through.
    pub server: Safe,
    /// Whether it may act.
    pub state: CampaignState,
    /// Who paused it, when and why, while it is paused.
    pub halted: Option<HaltedBy>,
    /// Whether nothing of it is published for real: its server is a stand-in, or it is dry.
    pub simulated: bool,
    /// Whether nothing of it is sent at all.
    pub dry: bool,
    /// Spent since ever, uncertain included.
    pub spent: Usd,
    /// How much of it was billed by stand-ins.
    pub spent_simulated: Usd,
    /// The most it may spend.
    pub budget: Usd,
}

/// An effect, or a payment, that can still be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fuse {
    /// The effect; none of a payment.
    pub effect_id: Option<EffectId>,
    /// The ticket it came from, when a person approved it.
    pub ticket_id: Option<TicketId>,
    /// The ticket's version, for the undo.
    pub ticket_version: Option<StateVersion>,
    /// When it leaves.
    pub until: Timestamp,
    /// What it is.
    pub label: Safe,
}

/// An effect that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectRow {
    /// Its id.
    pub id: EffectId,
    /// Its row version.
    pub version: StateVersion,
    /// Whether it makes public or takes down.
    pub kind: EffectKind,
    /// Where it stands.
    pub state: EffectState,
    /// The ticket it came from, when a person approved it.
    pub ticket_id: Option<TicketId>,
    /// The first words of what goes out, or comes down.
    pub text: Safe,
    /// The account.
    pub account: Safe,
    /// The platform.
    pub channel: Channel,
    /// The server it goes through.
    pub server: Safe,
    /// The key under which the platform sees it at most once.
    pub idempotency_key: Safe,
    /// How often it was sent.
    pub attempt: u32,
    /// When it leaves, or is tried again.
    pub due_at: Timestamp,
    /// When it last moved.
    pub moved_at: Timestamp,
    /// The last remark.
    pub why: Safe,
    /// Whether it reaches no platform: it goes to a stand-in, or nowhere.
    pub simulated: bool,
    /// Whether it goes nowhere, as things stand: a dry run.
    pub dry: bool,
    /// From perception to ledger.
    pub trace_id: TraceId,
}

/// One signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalRow {
    /// Its id.
    pub id: SignalId,
    /// Its title.
    pub title: Safe,
    /// Its summary.
    pub summary: Safe,
    /// Where it is from.
    pub source: Safe,
    /// Its address.
    pub link: Safe,
    /// Its campaign.
    pub campaign: Safe,
    /// When the source published it.
    pub published_at: Option<Timestamp>,
    /// When it was perceived.
    pub ingested_at: Timestamp,
    /// Whether it was played back from a recording.
    pub recorded: bool,
    /// Where it stands.
    pub state: SignalState,
    /// Why.
    pub why: Safe,
    /// How relevant, when it was scored.
    pub score: Option<Score>,
    /// By what it was scored: method, version, and how many decisions it learned from.
    pub method: Safe,
    /// What carried the score.
    pub reason: Safe,
    /// What a person said of it.
    pub said: Option<Said>,
    /// Its row version.
    pub version: StateVersion,
    /// From perception to ledger.
    pub trace_id: TraceId,
}

/// One task, with its place in its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id.
    pub id: TaskId,
    /// The template's name of the node (`research`, `text`, `image`, `publish`).
    pub node: Safe,
    /// What it does.
    pub kind: TaskKind,
    /// What it makes.
    pub modality: Option<Modality>,
    /// Where it stands.
    pub state: TaskState,
    /// Why.
    pub reason: Reason,
    /// The last error or remark.
    pub why: Safe,
    /// What it waits for, by id.
    pub after: Vec<TaskId>,
    /// How often it was started.
    pub attempt: u32,
    /// Which attempt of the plan.
    pub plan_attempt: u32,
    /// How many conflicts it lost in a row: its work came too late, and nothing got through since.
    pub conflicts: u32,
    /// The task that is given up or blocked and that this one waits for.
    pub blocked_by: Option<TaskId>,
    /// Its campaign.
    pub campaign: Safe,
    /// What the trend is called.
    pub title: Safe,
    /// From perception to ledger; tasks of one plan share it.
    pub trace_id: TraceId,
    /// Its row version.
    pub version: StateVersion,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it last moved.
    pub moved_at: Timestamp,
    /// When it may run again, when it waits for time.
    pub ready_at: Timestamp,
    /// What it cost so far.
    pub spent: Usd,
    /// Whether its campaign publishes nothing for real.
    pub simulated: bool,
    /// Whether its campaign is dry.
    pub dry: bool,
    /// Whether its trend was played back from a recording.
    pub recorded: bool,
}

impl TaskRow {
    /// Whether a person may let it run again.
    #[must_use]
    pub const fn can_run_again(&self) -> bool {
        matches!(self.state, TaskState::Dead | TaskState::Blocked)
    }
}

/// One intent with its ledger entries folded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The intent.
    pub intent_id: IntentId,
    /// Where it stands.
    pub state: IntentState,
    /// What for.
    pub memo: Safe,
    /// On what.
    pub category: BudgetCategory,
    /// The campaign.
    pub campaign: Safe,
    /// The task.
    pub task_id: TaskId,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// What was reserved.
    pub estimate: Usd,
    /// What it cost, once known.
    pub actual: Option<Usd>,
    /// Why it was refused or is uncertain.
    pub why: Safe,
    /// Whether the bill is a stand-in.
    pub simulated: bool,
    /// When it was reserved.
    pub at: Timestamp,
    /// Its entries, oldest first.
    pub entries: Vec<EntryRow>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its id.
    pub id: EntryId,
    /// Its place in the chain.
    pub seq: i64,
    /// Where the amount enters.
    pub debit: Account,
    /// Where it leaves.
    pub credit: Account,
    /// How much.
    pub amount: Usd,
    /// When.
    pub at: Timestamp,
    /// The first digits of its hash.
    pub hash: Safe,
}

/// One publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationRow {
    /// Its id.
    pub id: PublicationId,
    /// The text that went out.
    pub text: Safe,
    /// The platform.
    pub channel: Channel,
    /// The account.
    pub account: Safe,
    /// Where it can be seen.
    pub url: Safe,
    /// The platform's id.
    pub external_id: Safe,
    /// When it went out.
    pub published_at: Timestamp,
    /// The last counters.
    pub last: Option<Sample>,
    /// Whether the platform is a stand-in.
    pub simulated: bool,
    /// When it was taken down, and why.
    pub withdrawn: Option<(Timestamp, Safe)>,
    /// From perception to ledger.
    pub trace_id: TraceId,
}

crate::words::words! {
    /// How bad an alert is.
    pub enum Severity as "severity" {
        /// Good to know.
        Info = "info",
        /// Look at it today.
        Warning = "warning",
        /// Look at it now.
        Error = "error",
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// Its id.
    pub id: AlertId,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, stable (`resource_failing`, `effect_uncertain`).
    pub code: Safe,
    /// What happened and what to do.
    pub text: Safe,
    /// When it was raised last.
    pub at: Timestamp,
    /// How often it was raised.
    pub count: u64,
    /// The walk of what it is about, where that is a task, a ticket or an effect.
    pub trace_id: Option<TraceId>,
}

/// Measured times and shares of one database since a moment (SC-001, SC-002).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Measures {
    /// Items perceived.
    pub signals: u64,
    /// Of these, scored at or above the task threshold of their time (planned or held).
    pub signals_relevant: u64,
    /// Of these, turned into tasks.
    pub signals_planned: u64,
    /// From a signal's ingestion to the commit of its tasks.
    pub signal_to_task: Option<Quantiles>,
    /// From the first claim in a plan to the judge's verdict on its post.
    pub work_to_verdict: Option<Quantiles>,
    /// From opening a ticket to a person's decision.
    pub ticket_to_decision: Option<Quantiles>,
    /// Verdicts by route: approve, hitl_queue, reject.
    pub routes: (u64, u64, u64),
    /// Publications.
    pub publications: u64,
}

/// Quantiles of measured times, in microseconds, with the number of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Quantiles {
    /// How many samples.
    pub n: u64,
    /// Median.
    pub p50_us: u64,
    /// 95th percentile.
    pub p95_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

impl Quantiles {
    /// From samples in microseconds (nearest rank); `None` without samples: no data is never a number.
    #[must_use]
    pub fn of(mut samples: Vec<u64>) -> Option<Self> {
        samples.sort_unstable();
        let rank = |percent: usize| {
            samples
                .get((samples.len() * percent).div_ceil(100).saturating_sub(1))
                .copied()
        };
        Some(Self {
            n: u64::try_from(samples.len()).ok()?,
            p50_us: rank(50)?,
            p95_us: rank(95)?,
            p99_us: rank(99)?,
            max_us: samples.last().copied()?,
        })
    }
}

/// The past of one task, by version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskHistory {
    /// The task.
    pub id: TaskId,
    /// What it does.
    pub kind: TaskKind,
    /// The walk it belongs to.
    pub trace_id: TraceId,
    /// Every move, oldest first.
    pub moves: Vec<TaskMove>,
    /// How many rows of the record name it beyond those shown.
    pub left_out: u64,
}

/// One version of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskMove {
    /// The version it became.
    pub version: i64,
    /// Where it stood before; empty at its first.
    pub from: Safe,
    /// Where it stands in this version.
    pub to: Safe,
    /// Who moved it.
    pub by: Safe,
    /// When.
    pub at: Timestamp,
    /// By which verb.
    pub verb: Safe,
    /// Why, as a reason code; empty where the verb needs none.
    pub reason: Safe,
    /// Why, in words.
    pub note: Safe,
    /// The verdict on the version before, where this move is the judge's.
    pub verdict: Option<VerdictId>,
    /// The conflict that this move lost.
    pub lost: Option<LostTo>,
}

/// Who was faster, and what became of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostTo {
    /// Who.
    pub by: Safe,
    /// What they did, in words.
    pub what: Safe,
    /// When.
    pub at: Timestamp,
    /// The result that came too late: kept, never used.
    pub stale: Option<ArtifactId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    // R169: no data is never a number, and quantiles are samples that really occurred.
    #[test]
    fn r169_quantiles_are_samples_and_no_data_is_none() {
        assert_eq!(Quantiles::of(vec![]), None);
        let q = Quantiles::of((1..=200).rev().collect()).unwrap();
        assert_eq!(
            (q.n, q.p50_us, q.p95_us, q.p99_us, q.max_us),
            (200, 100, 190, 198, 200)
        );
        assert_eq!(Quantiles::of(vec![7]).unwrap().p99_us, 7);
    }
}
