//! The closed list of what can happen to the console, and of what it can ask for.

use std::path::PathBuf;

use chimera_domain::{
    Conflict, ContentHash, Outcome, Safe, Span, StateVersion, Timestamp,
    campaign::Channel,
    effect::Resolution,
    goal::{Launched, Preview, Proposal, Tree},
    halt::{Halt, Scope, Stage},
    ids::{
        AlertId, CampaignId, EffectId, MuteId, ProposalId, PublicationId, SignalId, TaskId,
        TicketId, TraceId, TrendId,
    },
    mode::{Mode, ModeScope},
    signal,
    ticket::{Decide, Decided},
    trend::NewMute,
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, Calibration, EffectRow, LedgerRow, LinkRow,
        Measures, MuteRow, Overview, Page, PageRequest, PaymentRow, PersonaRow, PublicationRow,
        ReachRow, ReviewerRow, Series, SettingRow, SignalRow, StepRow, TaskHistory, TaskRow,
        TicketCard, TicketRow, TrendRow, Weighing, handover::Handover, headroom::Headroom,
    },
};

use crate::{
    export::{Export, Exported},
    graphics::Room,
    key::Key,
    model::Pane,
    picture::Picture,
};

/// Columns and rows.
pub(crate) type Size = ratatui::layout::Size;

/// What the store said, or why it did not, in words for a person.
pub(crate) type Answer<T> = Result<T, Safe>;

/// Everything that can happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// A key, the number of the read it came in, whether nothing else came in it, and when.
    Key {
        key: Key,
        read: u64,
        alone: bool,
        at: Span,
    },
    /// Pasted text.
    Paste(String),
    /// The terminal window has the focus, or lost it.
    Focus(bool),
    /// The mouse was used.
    Mouse(Mouse),
    /// The terminal has another size.
    Resize(Size),
    /// Something in the store changed.
    Changed,
    /// The store does not say any more whether something changed.
    BellLost(Safe),
    /// A view was read.
    Loaded(Loaded),
    /// An action ended.
    Done(Done),
    /// The operator's own editor ended.
    Edited(Answer<String>),
    /// This frame is on the wire.
    Flushed { frame: u64, at: Span },
    /// The operating system asks.
    Signal(Signal),
    /// A thread that is not ours panicked; the log has the rest.
    Panicked(Safe),
    /// A moment the model waited for has come.
    Deadline,
}

/// What a mouse can say. Places are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mouse {
    Press { column: u16, row: u16 },
    Wheel { down: bool },
}

/// What the operating system can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Hangup,
    Terminate,
    /// Ctrl-C at the line discipline: while the terminal is lent it is meant for whoever has it.
    Interrupt,
    Suspend,
    Resized,
}

/// A view, with the question it answers.
#[derive(Debug)]
pub(crate) enum Loaded {
    Overview(Answer<Overview>),
    /// What is left of every cap.
    Headroom(Answer<Box<Headroom>>),
    Trends(PageRequest, Answer<Page<SignalRow>>),
    Tasks(PageRequest, Answer<Page<TaskRow>>),
    Queue(PageRequest, Answer<Page<TicketRow>>),
    Ledger(PageRequest, Answer<Page<LedgerRow>>),
    Card(TicketId, Answer<Option<TicketCard>>),
    /// A picture of a ticket, made small.
    Picture(ContentHash, Answer<Picture>),
    Alerts(PageRequest, Answer<Page<AlertRow>>),
    Effects(PageRequest, Answer<Page<EffectRow>>),
    Publications(PageRequest, Answer<Page<PublicationRow>>),
    Campaigns(PageRequest, Answer<Page<ReachRow>>),
    Fleet(PageRequest, Answer<Page<AgentRow>>),
    AllTasks(PageRequest, Answer<Page<TaskRow>>),
    Audit(PageRequest, Answer<Page<AuditRow>>),
    Walk(TraceId, PageRequest, Answer<Page<StepRow>>),
    Links(PageRequest, Answer<Page<LinkRow>>),
    Personas(PageRequest, Answer<Page<PersonaRow>>),
    Settings(PageRequest, Answer<Page<SettingRow>>),
    Grouped(PageRequest, Answer<Page<TrendRow>>),
    Mutes(PageRequest, Answer<Page<MuteRow>>),
    Payments(PageRequest, Answer<Page<PaymentRow>>),
    Breaks(PageRequest, Answer<Page<BreakRow>>),
    Measures(Answer<Measured>),
    Past(TaskId, Answer<Option<TaskHistory>>),
    /// What people answered, by how sure the judge was.
    Calibration(Answer<Box<Calibration>>),
    /// How signals were decided on, to try another threshold on.
    Hindsight(Answer<Box<Weighing>>),
    Handover(Answer<Box<Handover>>),
    /// The proposals that wait to be launched.
    Proposals(Answer<Vec<Proposal>>),
    /// One of them, and what launching it would do.
    Proposal(ProposalId, Answer<Box<(Proposal, Preview)>>),
    /// The ids of all that is filtered, and how many there are.
    Ids(Pane, PageRequest, Answer<(Vec<String>, u64)>),
    /// What became of marked rows under a filter.
    Marked(Pane, String, Vec<String>, Answer<Looked>),
}

/// What a look at marked rows found.
#[derive(Debug)]
pub(crate) struct Looked {
    /// Those that are in the list still.
    pub(crate) there: Vec<String>,
    /// How many of them the filter lets through.
    pub(crate) shown: usize,
}

/// All that the objectives screen shows.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) measures: Measures,
    pub(crate) series: Series,
    /// What each reviewer did in the last day, and in the last seven.
    pub(crate) day: Vec<ReviewerRow>,
    pub(crate) week: Vec<ReviewerRow>,
}

/// An action, with what became of it.
#[derive(Debug)]
pub(crate) enum Done {
    Decided(Decide, Answer<Outcome<Decided>>),
    /// Several at once, each with what became of it.
    DecidedAll(Vec<Decide>, Answer<Vec<Outcome<Decided>>>),
    Undone(TicketId, Answer<Outcome<()>>),
    Halted {
        scope: Scope,
        halt: Halt,
        took: Span,
        result: Answer<Outcome<u64>>,
    },
    Resumed(Answer<Outcome<u64>>),
    Acknowledged(Answer<bool>),
    /// Somebody said of a signal whether it is for its agent.
    SaidOf(signal::Said, Answer<Outcome<()>>),
    Exported(Answer<Exported>),
    Remembered(Answer<()>),
    /// The hand-over note is in this file.
    Noted(Answer<Safe>),
    /// What was typed in a sheet, and what the store said to it.
    Typed(Wish, Said),
    /// What became of a proposal.
    Proposed(ProposalWish, Said<ProposalDone>),
}

/// What became of a wish.
#[derive(Debug)]
pub(crate) enum Said<T = ()> {
    Done(T),
    Conflict(Conflict),
    NotFound,
    /// It was not done, and why.
    Refused(Safe),
    /// Nobody knows whether it was stored.
    Unclear(Safe),
}

/// What a person typed a word for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// What became of an effect nobody knows the fate of.
    Resolve(EffectId, StateVersion, Resolution),
    /// A post comes down, and why.
    Withdraw(PublicationId, String),
    /// Somebody looked at what does not fit, and what they found.
    CloseBreak(i64, String),
    /// A post was taken down by hand, and why.
    ByHand(PublicationId, String),
    /// Something goes live or dry.
    Mode {
        scope: ModeScope,
        mode: Mode,
        confirmed: String,
        why: String,
    },
    /// A task that was given up or blocked runs again.
    Replay(TaskId, StateVersion),
    /// A trend is planned.
    Convert(TrendId, StateVersion),
    /// A trend is put out of the way until then.
    SnoozeTrend(TrendId, StateVersion, Timestamp),
    /// A topic is muted, with the trend that is about it where there is one.
    Mute(Option<(TrendId, StateVersion)>, NewMute),
    /// A mute is taken back.
    Unmute(MuteId),
}

/// What is done with proposals, each by the version that was on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProposalWish {
    /// A goal becomes a proposal.
    Compose {
        campaign: CampaignId,
        channel: Channel,
        words: String,
    },
    Revise(ProposalId, StateVersion, Tree),
    Discard(ProposalId, StateVersion),
    Launch {
        id: ProposalId,
        version: StateVersion,
        /// The tree that was on screen.
        tree: ContentHash,
        typed: String,
        /// Its campaign, to show afterwards.
        campaign: CampaignId,
    },
}

impl ProposalWish {
    /// The proposal it is about, where there is one already.
    pub(crate) const fn id(&self) -> Option<ProposalId> {
        match self {
            Self::Compose { .. } => None,
            Self::Revise(id, ..) | Self::Discard(id, ..) | Self::Launch { id, .. } => Some(*id),
        }
    }
}

/// What was done with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProposalDone {
    Kept(ProposalId),
    /// The version it stands at now.
    Revised(StateVersion),
    Discarded,
    Launched(Launched),
}

/// Everything the model can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Overview,
    Headroom,
    Trends(PageRequest),
    Tasks(PageRequest),
    Queue(PageRequest),
    Ledger(PageRequest),
    Card(TicketId),
    /// Let others see that this ticket is looked at.
    Look(TicketId),
    /// A picture, to fit into so many columns and rows.
    Picture(ContentHash, Room),
    Alerts(PageRequest),
    Effects(PageRequest),
    Publications(PageRequest),
    Campaigns(PageRequest),
    Fleet(PageRequest),
    AllTasks(PageRequest),
    Audit(PageRequest),
    Walk(TraceId, PageRequest),
    Links(PageRequest),
    Personas(PageRequest),
    Settings(PageRequest),
    Grouped(PageRequest),
    Mutes(PageRequest),
    Payments(PageRequest),
    Breaks(PageRequest),
    /// Since when, and since when hour by hour.
    Measures(Timestamp, Timestamp),
    /// What a hand-over note says.
    Handover,
    Proposals,
    Proposal(ProposalId),
    Propose(ProposalWish),
    /// Write a hand-over note to a file.
    Note(PathBuf, String),
    /// The ids of all that is filtered.
    Ids(Pane, PageRequest),
    /// Which of these rows are in a list still, and how many of them this filter lets through.
    Marked(Pane, String, Vec<String>),
    /// The versions of a task.
    Past(TaskId),
    /// What people answered since then, by how sure the judge was.
    Calibration(Timestamp),
    /// How signals since then were decided on.
    Hindsight(Timestamp),
    Wish(Wish),
    Acknowledge(AlertId),
    SayOf(SignalId, StateVersion, signal::Said),
    Decide(Decide),
    DecideAll(Vec<Decide>),
    Undo(TicketId, StateVersion),
    Halt(Scope, Halt, String),
    Resume(Scope),
    Stage(Stage),
    /// Write what is filtered to a file.
    Export(Export),
    /// Write down what is remembered.
    Remember(PathBuf, String),
    /// Stop this process until the shell continues it.
    Suspend,
    /// Let the operator go on with this text in their own editor.
    Editor(String),
}
