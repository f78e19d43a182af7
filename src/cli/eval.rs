//! What can be measured against labelled lines.

use std::path::PathBuf;

use chimera_domain::{Score, Span, campaign::Channel};
use clap::{Args, Subcommand};

use crate::config::given;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// How well signals are told apart: columns `title` and `topic` (the persona it is for, or `none`), and
    /// `summary` where there is one.
    Relevance(RelevanceArgs),
    /// How well sensitive subjects are found: columns `text` (or `title`) and `label` (a topic, or `none` or `safe`).
    Sensitive(DetectorArgs),
    /// How well text that speaks to a machine is flagged: columns `text` (or `title`) and `label` (1, or 0), and `kind`
    /// where there is one.
    Injection(DetectorArgs),
    /// How well "are you an AI?" is recognised: columns `text` (or `title`) and `label` (1, or 0), and `kind` where there is
    /// one.
    Disclosure(DetectorArgs),
    /// How well the judge routes posts: columns `text`, `title` (what it stands on), `label` (1 where a person would let it
    /// out, or 0) or `route` (approve, human or reject) or both, and `summary`, `source`, `link`, `platform`, `persona`,
    /// `worker` and scores of checks where they are.
    Confidence(ConfidenceArgs),
    /// How titles are put together by the story they tell: columns `title` (or `headline`) and `time` (or `first_seen`, `date`),
    /// and `source` where there is one.
    Clusters(ClustersArgs),
    /// How often a mood is told right: columns `title` (or `headline`, `text`) and `label` (glad, gloomy or none).
    Sentiment(SentimentArgs),
    /// What the studio's writer makes of lines: columns `title` (or `headline`), and `summary`, `link` (or `url`) and
    /// `source` where they are. Posts side by side, their confidence, and how often a structure comes again.
    Writing(WritingArgs),
}

/// The labelled lines of a detector, which has one way of deciding and no threshold.
#[derive(Debug, Args)]
pub struct DetectorArgs {
    /// The labelled lines: JSON Lines, or CSV with a header line (by its ending, `.csv`).
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The column with the text (else `text` or `title`).
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,
    /// Every line is harmless, and no label is needed: how often does it fire?
    #[arg(long)]
    pub harmless: bool,
    /// Chance begins here: intervals are drawn from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How often the lines are drawn again for the 95 % intervals; 0 gives none.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub draws: u32,
}

/// The labelled lines, and how they are read.
#[derive(Debug, Args)]
pub struct Labelled {
    /// The labelled lines: JSON Lines, or CSV with a header line (by its ending, `.csv`).
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The threshold to measure at (else 0.75).
    #[arg(long, value_name = "SCORE", default_value = "0.75", value_parser = given::score)]
    pub at: Score,
    /// Chance begins here: samples and intervals are drawn from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How often the lines are drawn again for the 95 % intervals; 0 gives none.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub draws: u32,
}

/// How to measure relevance.
#[derive(Debug, Args)]
pub struct RelevanceArgs {
    /// The labelled lines.
    #[command(flatten)]
    pub labelled: Labelled,
    /// The personas: a directory of `<slug>/SOUL.md` (else `tests/evals/personas`, where it is, or those of this home).
    #[arg(long, value_name = "DIR")]
    pub personas: Option<PathBuf>,
    /// Learn from so many decisions a persona first: half of the lines are a past, of which the operator was
    /// shown what scored highest and decided as it is labelled; the other half is measured.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=200))]
    pub decisions: u32,
    /// Take the past from this file instead, and measure every line of `--data`.
    #[arg(long, value_name = "FILE", requires = "decisions")]
    pub decisions_from: Option<PathBuf>,
    /// Also write what each score was made from, one JSON value a line and persona: for fitting the weights anew.
    #[arg(long, value_name = "FILE", conflicts_with = "decisions")]
    pub features: Option<PathBuf>,
}

/// Labelled posts, and by what they are judged.
#[derive(Debug, Args)]
pub struct ConfidenceArgs {
    /// The labelled lines: JSON Lines, or CSV with a header line (by its ending, `.csv`).
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The rules: a file in the form of `budget.yaml` (else that of this home).
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Another `thresholds: auto_approve` than the file's.
    #[arg(long, value_name = "SCORE", value_parser = given::score)]
    pub auto_approve: Option<Score>,
    /// Another `thresholds: human_review` than the file's.
    #[arg(long, value_name = "SCORE", value_parser = given::score)]
    pub human_review: Option<Score>,
    /// The personas: a directory of `<slug>/SOUL.md` (else `tests/evals/personas`, where it is, or those of this home).
    #[arg(long, value_name = "DIR")]
    pub personas: Option<PathBuf>,
    /// Whose posts they are, where a line does not say.
    #[arg(long, value_name = "SLUG")]
    pub persona: Option<String>,
    /// The platform they are for, where a line does not say.
    #[arg(long, value_name = "NAME", default_value = "twitter")]
    pub channel: Channel,
    /// The texts are written without the persona's label: put it under each that lacks it before it is judged.
    #[arg(long)]
    pub add_label: bool,
    /// Chance begins here: intervals are drawn from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How often the lines are drawn again for the 95 % intervals; 0 gives none.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub draws: u32,
}

/// The titles, and the windows they are looked at in.
#[derive(Debug, Args)]
pub struct ClustersArgs {
    /// The lines: JSON Lines, or CSV with a header line (by its ending, `.csv`).
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// How long a window is; the file is walked through window by window.
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = given::span)]
    pub window: Span,
    /// Print so many clusters, what grows fastest first.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub show: usize,
    /// Write so many pairs that stand in one cluster, drawn by the seed, to be judged: JSON Lines with `a`, `b` and an empty
    /// `same`.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub pairs: usize,
    /// Pairs that were judged, `same` 1 or 0: how many are together, and rightly.
    #[arg(long, value_name = "FILE")]
    pub judged: Option<PathBuf>,
    /// Chance begins here: pairs are drawn from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Labelled lines with a mood.
#[derive(Debug, Args)]
pub struct SentimentArgs {
    /// The labelled lines: JSON Lines, or CSV with a header line (by its ending, `.csv`).
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
}

/// What is written about, by whom and for where.
#[derive(Debug, Args)]
pub struct WritingArgs {
    /// The lines: JSON Lines, or CSV with a header line (by its ending, `.csv`).
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The personas: a directory of `<slug>/SOUL.md` (else `tests/evals/personas`, where it is, or those of this home).
    #[arg(long, value_name = "DIR")]
    pub personas: Option<PathBuf>,
    /// Only this persona. May be repeated.
    #[arg(long, value_name = "SLUG")]
    pub persona: Vec<String>,
    /// The platform it is for.
    #[arg(long, value_name = "NAME", default_value = "twitter")]
    pub channel: Channel,
    /// Print the posts of so many lines, evenly spread.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub show: u32,
    /// So many texts of a line, side by side.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub variants: u32,
    /// Tell the writer the structures of so many posts before.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=20))]
    pub remember: u32,
    /// Also write the posts, one JSON value a line, in the columns of `chimera eval confidence`: a person adds `label`.
    #[arg(long, value_name = "FILE")]
    pub posts: Option<PathBuf>,
}
