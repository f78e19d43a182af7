//! The ports: what each caller may ask for. One verb is one transaction is one business fact.
//!
//! Every write names the version it read or the claim it holds, and may be repeated after an unclear
//! failure unless its doc says otherwise. No SQL, no transaction handle and no row type appears here.

mod bell;
mod books;
mod desk;
mod engagement;
mod executor;
mod goals;
mod hindsight;
mod judge;
mod payments;
mod planner;
mod policies;
mod replay;
mod runtime;
mod skill;
mod spend;
mod tools;
mod trends;
mod wallet;
mod worker;

pub use bell::BellStore;
pub use books::{BOOKED_MAX, BooksStore};
pub use desk::DeskStore;
pub use engagement::EngagementStore;
pub use executor::ExecutorStore;
pub use goals::{GoalStore, PROPOSALS_MAX};
pub use hindsight::Hindsight;
pub use judge::{JudgeStore, VerdictTimes};
pub use payments::{AskPayment, Cleared, NewAttempt, PaymentStore, Proposed, Recorded};
pub use planner::{PlanCaps, PlanDecision, Planned, PlannerStore, Replan, ReplanCase};
pub use policies::{
    Confirmed, PolicyDesk, PolicyStanding, PolicyStore, PolicyVersion, WaitingPolicy,
    loosening_words,
};
pub use replay::{DecisionKind, ReplayStore};
pub use runtime::{Acquired, Lease, LeaseRequest, Recovery, RuntimeStore, Setup, Swept};
pub use skill::{Skill, SkillInput, SkillOutput};
pub use spend::SpendStore;
pub use tools::{ResourceInfo, ResourceReader, ResourceText, ToolCall, ToolCaller, ToolReply};
pub use trends::{SIGHTINGS_MAX, SpotterStore, TrendStore};
pub use wallet::{
    Chain, Fees, Head, Movement, Receipt, Refusal, SignedTransaction, Signer, Simulation,
    WalletError,
};
pub use worker::{Submission, WorkerStore};

/// What every store verb gives back.
pub type Result<T> = std::result::Result<T, crate::StoreError>;

/// What a console asks for: it shows and decides, and plans by hand.
pub trait ConsoleStore: DeskStore + BooksStore + GoalStore + TrendStore {}

impl<T: DeskStore + BooksStore + GoalStore + TrendStore + ?Sized> ConsoleStore for T {}

/// The sum of the store ports; the roof hands each room only its own.
pub trait Store:
    PlannerStore
    + WorkerStore
    + SpendStore
    + PaymentStore
    + PolicyStore
    + JudgeStore
    + ExecutorStore
    + EngagementStore
    + DeskStore
    + BooksStore
    + GoalStore
    + SpotterStore
    + TrendStore
    + ReplayStore
    + RuntimeStore
    + BellStore
    + std::fmt::Debug
{
}

impl<T> Store for T where
    T: PlannerStore
        + WorkerStore
        + SpendStore
        + PaymentStore
        + PolicyStore
        + JudgeStore
        + ExecutorStore
        + EngagementStore
        + DeskStore
        + BooksStore
        + GoalStore
        + SpotterStore
        + TrendStore
        + ReplayStore
        + RuntimeStore
        + BellStore
        + std::fmt::Debug
{
}
