//! What can be replayed: a decision, all of them, all of them under another rule, or a recorded feed.

use std::path::PathBuf;

use clap::Args;

/// What to replay, and how.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Replay {
    /// Make this decision again from what was stored with it: the whole id of a verdict, ticket, task,
    /// effect, signal or intent. Ends with code 8 when it comes out differently.
    #[arg(value_name = "DECISION", group = "what")]
    pub decision: Option<String>,
    /// Make every decision of the window again, and count.
    #[arg(long, group = "what")]
    pub all: bool,
    /// Play a recording through the swarm at full speed: JSON Lines, one snapshot a line.
    #[arg(long, value_name = "FILE", group = "what")]
    pub recording: Option<PathBuf>,
    /// Play a directory with `hn_stories.jsonl` and `hn_observations.csv` through the swarm.
    #[arg(long, value_name = "DIR", group = "what")]
    pub hn: Option<PathBuf>,
    /// Let time be that of the recording and nothing else, one role after the other: the same recording
    /// gives the same signals, tasks and decisions every time. Prices are those in force at its time.
    #[arg(long, conflicts_with_all = ["decision", "all"])]
    pub fixed_clock: bool,
    /// Keep to the recorded pace, so many times as fast (else as fast as it goes).
    #[arg(long, value_name = "TIMES", requires = "fixed_clock", value_parser = clap::value_parser!(u32).range(1..))]
    pub speed: Option<u32>,
    /// How far back the window goes: 30m, 24h, 30d (else 24h, and 30d to try a rule).
    #[arg(long, value_name = "TIME", conflicts_with_all = ["decision", "recording", "hn"])]
    pub since: Option<String>,
    /// Try a threshold of budget.yaml on the past: relevance, auto_approve or human_review. May be repeated.
    #[arg(long, value_name = "NAME=SCORE", conflicts_with = "what")]
    pub threshold: Vec<String>,
    /// Try a changed budget.yaml on the past: its thresholds, weights, words and phrases.
    #[arg(long, value_name = "FILE", conflicts_with = "what")]
    pub policy: Option<PathBuf>,
    /// The most changed or different decisions that are listed; `--json` lists all of them.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// The persona that listens to a recording.
    #[arg(long, default_value = "leo")]
    pub persona: String,
    /// Give a recording up after this many seconds.
    #[arg(long, default_value_t = 600)]
    pub seconds_max: u64,
}
