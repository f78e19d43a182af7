//! The command line: every verb, once, as data. What the verbs do is in `commands`.

mod books;
mod campaign;
mod eval;
mod halt;
mod mode;
mod payment;
mod policy;
mod replay;
mod review;
mod store;
mod trend;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use self::{
    books::{BooksArgs, BooksVerb, ExportArgs, ExportFormat},
    campaign::{CampaignCommand, LaunchArgs},
    eval::{
        ClustersArgs, ConfidenceArgs, DetectorArgs, EvalCommand, Labelled, RelevanceArgs,
        SentimentArgs, WritingArgs,
    },
    halt::{HaltArgs, HaltLook, HaltOrder, ResumeArgs, ResumeStage, ScopeArgs},
    mode::{DryArgs, LiveArgs, LiveLook, LiveOrder, ModeOf},
    payment::{PasswordArgs, PayArgs, Payment, Wallet},
    policy::{PolicyVerb, TrialArgs},
    replay::Replay,
    review::{DecideArgs, RejectReason, Review, ReviewArgs},
    store::{GenerateArgs, StoreCommand},
    trend::{Trend, Which},
};

/// Terminal console and runtime for a swarm of persona-bound agents that publish and pay.
///
/// Without a command it opens the console and runs the swarm in this process, or attaches to the
/// process that already runs it on this home.
#[derive(Debug, Parser)]
#[command(name = "chimera", version)]
pub struct Cli {
    /// The directory of database, configuration and logs (else `CHIMERA_HOME`, else the XDG directories).
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print JSON, one value a line.
    #[arg(long, global = true)]
    pub json: bool,
    /// How to start without a command.
    #[command(flatten)]
    pub start: Start,
    /// What to do; without it the console opens.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How to start without a command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Start {
    /// Run the swarm without a terminal: JSON logs on standard output, SIGTERM stops it cleanly.
    #[arg(long, conflicts_with = "attach")]
    pub daemon: bool,
    /// Open the console only; never run the swarm here.
    #[arg(long)]
    pub attach: bool,
    /// Read this feed instead of the configured ones: an address, a file, or a directory of files. May be repeated.
    #[arg(long, value_name = "URL_OR_FILE")]
    pub feed: Vec<String>,
    /// Draw with ASCII only.
    #[arg(long)]
    pub ascii: bool,
    /// Send as little as possible over a slow line.
    #[arg(long)]
    pub low_bandwidth: bool,
    /// Colours for this background and these eyes, instead of what chimera.yaml says.
    #[arg(long, value_enum)]
    pub theme: Option<crate::config::Theme>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the whole walk in a sandbox of its own, without a person, in under five minutes.
    Demo,
    /// Make stored decisions again, try another rule on them, or play a recorded feed through the swarm.
    Replay(Replay),
    /// Simulate the whole swarm under a seeded clock and seeded faults; nothing is real, time is not spent.
    Sim(SimArgs),
    /// Measure the built-in methods on labelled lines of your own.
    #[command(subcommand)]
    Eval(EvalCommand),
    /// The state of the house: swarm, queue, money, feeds.
    Status,
    /// The review queue, for scripts and pipes.
    #[command(args_conflicts_with_subcommands = true, arg_required_else_help = false)]
    Review(ReviewArgs),
    /// The note for whoever comes next: what waits, burns, is stopped or live, and what was decided by whom.
    Handover(HandoverArgs),
    /// What was perceived.
    #[command(subcommand)]
    Planner(Planner),
    /// What signals together tell, and the topics that are muted.
    #[command(subcommand)]
    Trend(Trend),
    /// What is being worked on.
    #[command(subcommand)]
    Worker(WorkerCommand),
    /// Money.
    #[command(subcommand)]
    Cfo(Cfo),
    /// Keys of wallets, and what they hold.
    #[command(subcommand)]
    Wallet(Wallet),
    /// What is public and how it fares.
    #[command(subcommand)]
    Engagement(Engagement),
    /// What is on its way out.
    #[command(subcommand)]
    Effect(Effect),
    /// What an operator should look at.
    #[command(subcommand)]
    Alert(Alert),
    /// Campaigns.
    #[command(subcommand)]
    Campaign(CampaignCommand),
    /// MCP servers.
    #[command(subcommand)]
    Mcp(Mcp),
    /// Language models.
    #[command(subcommand)]
    Model(Model),
    /// The database.
    #[command(subcommand)]
    Store(StoreCommand),
    /// What was done by whom, and whether the record is whole.
    #[command(subcommand)]
    Audit(Audit),
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Hold everything, or one part of it: nothing new of it starts or leaves; queues are kept.
    #[command(visible_alias = "pause", args_conflicts_with_subcommands = true)]
    Halt(HaltArgs),
    /// As `halt`, and what was approved before is judged again; no later pause softens it.
    Kill(HaltOrder),
    /// Let what was halted go on, all at once or in stages.
    Resume(ResumeArgs),
    /// Let a server, an agent or a campaign reach its platform; only where all three are live anything does.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Live(LiveArgs),
    /// As it was before `live`: what is approved is rehearsed, and nothing is sent.
    Dry(DryArgs),
    /// Completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Why something is stopped.
#[derive(Debug, Args)]
pub struct Why {
    /// Why, for whoever looks next.
    #[arg(long, default_value = "no reason given")]
    pub why: String,
}

/// What to simulate.
#[derive(Debug, Args)]
pub struct SimArgs {
    /// The first seed; one seed is one history.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many seeds, one after the other.
    #[arg(long, default_value_t = 1)]
    pub seeds: u64,
    /// Personas, each with one campaign.
    #[arg(long, default_value_t = 3)]
    pub agents: u32,
    /// Simulated days.
    #[arg(long, default_value_t = 0)]
    pub days: u64,
    /// Simulated minutes, beside the days.
    #[arg(long, default_value_t = 180)]
    pub minutes: u64,
    /// Items the feed brings per simulated hour.
    #[arg(long, default_value_t = 12)]
    pub items_per_hour: u64,
    /// Kill and suspend processes, break calls, lose answers, make the clock jump.
    #[arg(long)]
    pub faults: bool,
    /// Plant a bug, to see whether it is found.
    #[arg(long, value_enum)]
    pub mutation: Option<crate::sim::Mutation>,
    /// Do not stop at the first seed that breaks a promise.
    #[arg(long)]
    pub keep_going: bool,
    /// A soak: on a real, new database in this file, with what the process and the log weigh all along.
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
}

/// Which part of a list.
#[derive(Debug, Clone, Args)]
pub struct PageArgs {
    /// What must hold: words, `field:value`, `-not`, `a OR b`, `~fuzzy`, `"several words"`.
    #[arg(long, default_value = "")]
    pub filter: String,
    /// In what order: `moved`, `-moved` for the other end first; what a list has is told when it has no such one.
    #[arg(long, allow_hyphen_values = true)]
    pub order: Option<chimera_domain::views::Order>,
    /// How many rows to pass over.
    #[arg(long, default_value_t = 0)]
    pub offset: u32,
    /// How many rows (at most 200).
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
}

/// What a hand-over note tells of.
#[derive(Debug, Args)]
pub struct HandoverArgs {
    /// How far back it goes: 30m, 8h, 3d (else to when somebody else decided last, or 24 hours).
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// What was perceived.
#[derive(Debug, Subcommand)]
pub enum Planner {
    /// Signals, newest first, with score and reason.
    ViewSignals(PageArgs),
    /// Say that a signal is for its agent: it is planned whatever its score, and what is like it scores higher.
    Keep {
        /// The signal.
        signal: String,
    },
    /// Say that a signal is not for its agent: it is left, and what is like it scores lower.
    Drop {
        /// The signal.
        signal: String,
    },
    /// What another threshold of relevance would have planned, and what lies closest to it: from the scores there
    /// are, campaign by campaign; nothing is changed.
    Threshold {
        /// The threshold, 0 to 1.
        #[arg(long, value_name = "SCORE")]
        at: String,
        /// How many hours back.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=87_840))]
        hours: u32,
    },
    /// The feeds and other resources: when they were read, what they brought, why they fail.
    ViewResources(PageArgs),
}

/// What is being worked on.
#[derive(Debug, Subcommand)]
pub enum WorkerCommand {
    /// Tasks by plan, the most recently moved first.
    CheckQueue(PageArgs),
    /// Put a dead or blocked task back to work.
    RetryFailed {
        /// The task.
        task: String,
    },
    /// The past of a task by version: who, when, why, and to whom it lost.
    History {
        /// The task.
        task: String,
        /// Also say what the judge would say of what it proposes now; nothing is written.
        #[arg(long)]
        judge_now: bool,
    },
}

/// Money: what tools cost, and what wallets pay.
#[derive(Debug, Subcommand)]
pub enum Cfo {
    /// Both budgets.
    #[command(flatten)]
    Books(BooksVerb),
    /// What tools cost.
    #[command(flatten)]
    Spend(Spend),
    /// What wallets pay.
    #[command(flatten)]
    Payment(Payment),
    /// What wallets may pay.
    #[command(flatten)]
    Policy(PolicyVerb),
}

/// Money.
#[derive(Debug, Subcommand)]
pub enum Spend {
    /// Spend intents with both sides of every entry.
    ViewLedger(PageArgs),
    /// Say what an intent really cost, when nobody knows (`uncertain`).
    Settle {
        /// The intent.
        intent: String,
        /// What it cost, in US dollars.
        #[arg(long)]
        usd: String,
        /// It cost more than was reserved for it.
        #[arg(long)]
        over_reserved: bool,
    },
    /// Say that an intent was never spent, when nobody knows (`uncertain`).
    Void {
        /// The intent.
        intent: String,
        /// How that is known.
        #[arg(long)]
        why: String,
    },
}

/// What is on its way out.
#[derive(Debug, Subcommand)]
pub enum Effect {
    /// Effects that have not ended, those nobody knows the fate of first.
    List(PageArgs),
    /// Take a publication down, through its platform's own tool; a platform without one is told by hand.
    Withdraw {
        /// The publication (`engagement view-metrics`).
        publication: String,
        /// Why; the platform may keep it.
        #[arg(long)]
        why: String,
        /// It is down, by hand or otherwise: only note it, and send nothing.
        #[arg(long)]
        by_hand: bool,
    },
    /// Say what became of an effect nobody knows the fate of, after a look at the platform.
    Resolve {
        /// The effect.
        effect: String,
        /// What was seen.
        #[command(flatten)]
        fate: Fate,
        /// The version that was seen (`effect list --json`); a newer one refuses it.
        #[arg(long)]
        if_version: Option<i64>,
    },
}

/// What became of an effect.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Fate {
    /// It is out, at this address or under this id.
    #[arg(long, value_name = "URL_OR_ID")]
    pub published: Option<String>,
    /// It is not out; send it again under the same key.
    #[arg(long)]
    pub send_again: bool,
    /// It is not out and shall not be, for this reason.
    #[arg(long, value_name = "WHY")]
    pub give_up: Option<String>,
}

/// What an operator should look at.
#[derive(Debug, Subcommand)]
pub enum Alert {
    /// Alerts nobody has acknowledged, the worst first.
    List(PageArgs),
    /// Say that it was read; it is listed no more while it goes on.
    Acknowledge {
        /// The alert.
        alert: String,
    },
}

/// What is public.
#[derive(Debug, Subcommand)]
pub enum Engagement {
    /// Publications with their last counters.
    ViewMetrics(PageArgs),
}

/// MCP servers.
#[derive(Debug, Subcommand)]
pub enum Mcp {
    /// The configured servers with their tools.
    List,
    /// Serve a bundled server on standard input and output, for any MCP client.
    Serve {
        /// `feeds`, `twitter` or `studio`.
        name: String,
    },
}

/// Language models.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Model {
    /// The configured models: who asks them, what they cost, and what one question costs at most.
    List,
    /// Ask each provider whether it is there and takes the key; nothing is written and nothing is paid.
    Check,
}

/// What was done by whom.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the whole audit and ledger, and find the anchors in them that were written elsewhere.
    Verify {
        /// Anchors, one a line (else those of this home).
        #[arg(long, value_name = "FILE")]
        anchors: Option<PathBuf>,
    },
    /// Print where the audit and the ledger end now, to be kept where nobody of this machine can change it.
    Anchor,
}

/// The configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read every file and say what is wrong, with file and line.
    Check,
}
