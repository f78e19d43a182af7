//! What the faces (console, command line, later HTTP and MCP) may ask for.

use async_trait::async_trait;

use super::Result;
use crate::{
    artifact::Blob,
    clock::{Span, Timestamp},
    effect::Resolution,
    halt::{Halt, Scope, Stage},
    hash::ContentHash,
    ids::{AlertId, EffectId, PaymentId, PublicationId, SignalId, TaskId, TicketId, TraceId},
    mode::ModeChange,
    resource::ResourceHealth,
    signal::Said,
    ticket::{Decide, Decided},
    version::{Outcome, StateVersion},
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, HaltReport, Judged, LedgerRow, LinkRow,
        Measures, Overview, Page, PageRequest, PaymentRow, PersonaRow, PublicationRow, ReachRow,
        ReviewerRow, Series, SettingRow, SignalRow, StepRow, TaskHistory, TaskRow, TicketCard,
        TicketRow, handover::Handover,
    },
};

/// The store of the people at the desk. Every page is of what its filter lets through.
#[async_trait]
pub trait DeskStore: Send + Sync {
    /// The state of the whole house.
    async fn overview(&self) -> Result<Overview>;

    /// Signals, newest first.
    async fn signal_feed(&self, page: &PageRequest) -> Result<Page<SignalRow>>;

    /// A person says of a signal that it is for its agent, or that it is not; what is like it is scored accordingly.
    /// What was kept is planned and what was dropped is left, whatever its score; what is quarantined or banned
    /// stays left. `Conflict` where it moved since it was looked at or became tasks: then its ticket decides. Refused
    /// for what cannot be scored and for what no feed brought.
    async fn say_of_signal(
        &self,
        signal: SignalId,
        version: StateVersion,
        said: Said,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// Tasks by plan, the most recently moved plan first, each plan's nodes parents first.
    /// With a trace, only that plan.
    async fn task_list(&self, page: &PageRequest, trace: Option<TraceId>) -> Result<Page<TaskRow>>;

    /// Waiting tickets: sensitive first, then by deadline.
    async fn review_queue(&self, page: &PageRequest) -> Result<Page<TicketRow>>;

    /// One ticket with everything a decision needs, in any state.
    async fn ticket_card(&self, ticket: TicketId) -> Result<Option<TicketCard>>;

    /// Spend intents with their entries, newest first.
    async fn ledger(&self, page: &PageRequest) -> Result<Page<LedgerRow>>;

    /// Payments from wallets with their transactions and entries, newest first; those that were refused too.
    async fn payment_list(&self, page: &PageRequest) -> Result<Page<PaymentRow>>;

    /// What does not fit between payments, ledger and chain: what is open first, the newest first.
    async fn break_list(&self, page: &PageRequest) -> Result<Page<BreakRow>>;

    /// A person has looked: the break is closed with what they say, and the wallet thaws when it was its last.
    async fn close_break(&self, id: i64, actor: &str, why: &str) -> Result<Outcome<()>>;

    /// A person gives up an uncertain payment that can never be made any more, as the chain says: what was set aside for it is
    /// free, and it counts nothing. Whoever calls this has asked the chain.
    async fn write_off_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>>;

    /// Publications, newest first.
    async fn publications(&self, page: &PageRequest) -> Result<Page<PublicationRow>>;

    /// Alerts nobody has acknowledged, worst first.
    async fn alerts(&self, page: &PageRequest) -> Result<Page<AlertRow>>;

    /// A person has read an alert: it is listed no more, unless it comes back after an hour of quiet.
    /// Whether there is such an open alert. Repeatable.
    async fn acknowledge_alert(&self, alert: AlertId, actor: &str) -> Result<bool>;

    /// The agents by name, with what each does.
    async fn fleet(&self, page: &PageRequest) -> Result<Page<AgentRow>>;

    /// Every task by itself, the one planned last first.
    async fn tasks(&self, page: &PageRequest) -> Result<Page<TaskRow>>;

    /// The lines of the audit, newest first. Without a filter a page costs the same however many there are.
    async fn audit(&self, page: &PageRequest) -> Result<Page<AuditRow>>;

    /// Everything that is known of one walk, oldest first: lines of the audit on its signal, tasks, tickets,
    /// effects, publications and intents, and what has no line: perception, verdicts, publications.
    async fn walk(&self, trace: TraceId, page: &PageRequest) -> Result<Page<StepRow>>;

    /// The MCP servers by name, then the resources as [`Self::resource_health`] has them.
    async fn links(&self, page: &PageRequest) -> Result<Page<LinkRow>>;

    /// The versions of personas, those that a campaign is bound to first, then the newest.
    async fn personas(&self, page: &PageRequest) -> Result<Page<PersonaRow>>;

    /// The values the swarm decides by: the installed policy, and which servers are stand-ins.
    async fn settings(&self, page: &PageRequest) -> Result<Page<SettingRow>>;

    /// How often things happened since a moment, in steps of this length; at most 200 steps.
    async fn series(&self, since: Timestamp, step: Span) -> Result<Series>;

    /// How the resources fare, failing ones first, then by URI.
    async fn resource_health(&self, page: &PageRequest) -> Result<Page<ResourceHealth>>;

    /// Measured times and shares since a moment.
    async fn measures(&self, since: Timestamp) -> Result<Measures>;

    /// What a hand-over note says, of one moment: since a given one, else since somebody other than this person
    /// decided last, else of the last 24 hours.
    async fn handover(&self, actor: &str, since: Option<Timestamp>) -> Result<Handover>;

    /// What each reviewer did since a moment, who answered most first; also whom waiting tickets are given to.
    async fn reviewers(&self, since: Timestamp) -> Result<Vec<ReviewerRow>>;

    /// What people answered since a moment to what the judge was so sure of, the newest first, and what went out without
    /// them.
    async fn judged(&self, since: Timestamp) -> Result<Judged>;

    /// The bytes of a blob, to look at a picture.
    async fn media(&self, sha256: ContentHash) -> Result<Option<Blob>>;

    /// A person has a waiting ticket before them: others see it for [`crate::ticket::LOOK`]. Says nothing about who
    /// may decide it: that is whoever comes first. The first who looks is named until then. Repeatable; rings no bell.
    async fn look_at_ticket(&self, ticket: TicketId, actor: &str) -> Result<()>;

    /// Decides a ticket: compare-and-set on its version and content. Of two deciders one wins and the
    /// other's `Conflict` says who, what and when; so does a ticket whose campaign is paused or moved
    /// on. Approving makes the effect, held for the undo fuse; nothing is sent here.
    async fn decide_ticket(&self, decide: &Decide) -> Result<Outcome<Decided>>;

    /// Decides several tickets in one transaction, each by its own version and content: what moved meanwhile is
    /// its own conflict and holds up no other. The outcomes in the order of the decisions.
    async fn decide_tickets(&self, decides: &[Decide]) -> Result<Vec<Outcome<Decided>>>;

    /// Takes a decision back while its effect has not left (for a reject: within the fuse); the ticket is open again.
    async fn undo_decision(
        &self,
        ticket: TicketId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// Effects that have not ended, those nobody knows the fate of first, then by when they leave.
    async fn open_effects(&self, page: &PageRequest) -> Result<Page<EffectRow>>;

    /// A person says what became of an `uncertain` effect. `Conflict` when it is not uncertain any more
    /// or moved since it was looked at.
    async fn resolve_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        resolution: Resolution,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// A person wants a publication taken down: makes the effect that asks the platform for it, due now and
    /// bound by every halt. Repeatable: one that has not ended is given again. `Conflict` when it is down
    /// already; refused, with what to do by hand, where it would not reach the post.
    async fn withdraw(
        &self,
        publication: PublicationId,
        why: &str,
        actor: &str,
    ) -> Result<Outcome<EffectId>>;

    /// A person took a publication down by hand, or saw that it is down; nothing is sent. `Conflict` when it
    /// is down already or just being taken down.
    async fn withdrawn_by_hand(
        &self,
        publication: PublicationId,
        why: &str,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// Stops what the scope reaches: from the commit on nothing of it that the scope stops starts or
    /// leaves. Queues are kept. Where the halt voids ([`Scope::voids`]) epochs move, so that what was
    /// approved before cannot be sent after. A pause never softens a kill. How much was on its way and
    /// could not be stopped: effects, for `Spending` reservations. Repeatable. `NotFound` for an agent,
    /// a campaign or a platform nobody knows; refused where [`Scope::may_be`] says no.
    async fn halt(&self, scope: Scope, halt: Halt, actor: &str, why: &str) -> Result<Outcome<u64>>;

    /// Ends the halt of this scope; other halts stay. What was ticketed or approved under an old epoch
    /// goes back to the judge, unless another halt still holds it. The number of tasks that did.
    async fn resume(&self, scope: Scope, actor: &str) -> Result<Outcome<u64>>;

    /// Lets a halted fleet go on with this stage only: what the stage holds back is paused in the same
    /// transaction. Where the fleet runs, it ends the halt that the stage names. Repeatable.
    async fn resume_stage(&self, stage: Stage, actor: &str) -> Result<Outcome<u64>>;

    /// Every live halt, widest first, with what was in flight when it was made and what became of it.
    async fn halt_reports(&self) -> Result<Vec<HaltReport>>;

    /// Lets something go live or dry. Going live needs exactly [`crate::mode::confirmation`] of the
    /// campaigns it concerns, stand-ins left out; anything else is refused, with what must be typed.
    /// Where this changes how far a campaign's posts get, its epoch moves: what was approved under the
    /// other reach is judged again. The number of tasks that go back. Repeatable. `NotFound` for what
    /// no campaign belongs to.
    async fn set_mode(&self, change: &ModeChange) -> Result<Outcome<u64>>;

    /// How far each campaign's posts get, and what holds them back, by name.
    async fn reaches(&self) -> Result<Vec<ReachRow>>;

    /// What leaves next once nothing stops it, the first due first: approved under the present epoch,
    /// with the content that was decided on. At most so many.
    async fn leaving(&self, limit: u32) -> Result<Vec<EffectRow>>;

    /// Every version of a task, oldest first, with what it lost and to whom. `None` when there is no such task.
    async fn task_history(&self, task: TaskId) -> Result<Option<TaskHistory>>;

    /// The version a task stands at.
    async fn task_version(&self, task: TaskId) -> Result<Option<StateVersion>>;

    /// Puts a dead or blocked task back to `pending` with fresh attempts.
    async fn replay_task(
        &self,
        task: TaskId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>>;
}
