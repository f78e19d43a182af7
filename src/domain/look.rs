//! Likeness: how like a picture that was made is to the reference of its persona's look, and how that was found.

use crate::{Score, artifact::Media};

/// Below this a person decides, with both pictures before them.
pub const LIKENESS_MIN: Score = Score::from_percent(80);

/// The evidence that is kept with a picture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Likeness {
    /// How like it is, or why nobody knows, which sends the post to a person.
    pub score: Result<Score, String>,
    /// By which method, with its version; empty where none was got so far as to name itself.
    pub method: String,
    /// What it was held against; its bytes are a blob. `None` where there was none.
    pub reference: Option<Media>,
}

impl Likeness {
    /// Nobody knows, and why.
    #[must_use]
    pub fn unknown(why: String) -> Self {
        Self {
            score: Err(why),
            method: String::new(),
            reference: None,
        }
    }

    /// Whether it is known and too little.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.score.as_ref().is_ok_and(|score| *score < LIKENESS_MIN)
    }

    /// In words.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.score {
            Err(why) => format!("how like the reference it is could not be told: {why}"),
            Ok(score) => {
                let below = if self.is_low() {
                    format!(", below {LIKENESS_MIN}")
                } else {
                    String::new()
                };
                format!("like the reference by {score} ({}){below}", self.method)
            }
        }
    }
}
