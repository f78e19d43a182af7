//! Research: the facts of a trend and where they are from, taken from the signal itself; and where a language model was named
//! for it, what it thinks of the relevance. A model that cannot say leaves the planner's own score to count, and a person to
//! decide on what comes of it.
//!
//! The confidence says how much there is to write from: a title (0.45), an address to cite (0.30),
//! and a summary (0.25, in proportion up to 120 characters). A title alone is not enough for a post
//! that goes out by itself.

mod asked;

use async_trait::async_trait;
use chimera_domain::{
    Score, ToolError,
    artifact::{Body, Citation, Provenance, Research},
    ports::{Skill, SkillInput, SkillOutput, ToolCaller},
    resource::FeedItem,
    task::{Modality, TaskKind},
    text::plain,
};

use crate::wire::missing;

const TITLE: Score = Score::from_percent(45);
const LINK: Score = Score::from_percent(30);
const SUMMARY: Score = Score::from_percent(25);
/// A summary of this many characters counts in full.
const SUMMARY_CHARS_FULL: u64 = 120;

pub(crate) struct ResearchTrend {
    /// The language model that says whether it is relevant.
    pub(crate) relevance: Option<String>,
}

#[async_trait]
impl Skill for ResearchTrend {
    fn name(&self) -> &'static str {
        "research_trend"
    }

    fn does(&self, kind: TaskKind, _: Option<Modality>) -> bool {
        kind == TaskKind::ResearchTrend
    }

    async fn run(
        &self,
        input: SkillInput<'_>,
        tools: &dyn ToolCaller,
    ) -> Result<SkillOutput, ToolError> {
        let signal = input
            .work
            .signal
            .as_ref()
            .ok_or_else(|| missing(self.name(), "signal"))?;
        let item = &signal.item;
        let mut research = Research {
            title: item.title.clone(),
            summary: item.summary.clone(),
            source: item.source.clone(),
            citations: vec![Citation {
                title: item.title.clone(),
                url: item.link.clone(),
            }],
            redacted: vec![],
            relevance: None,
        };
        let mut provenance = Provenance {
            model: "signal/1".to_owned(),
            ..Provenance::default()
        };
        // What was asked for by hand, and what a person kept, is relevant; and what was let through once is not asked about again.
        let by_score = input.work.relevance.is_some()
            && signal.said.is_none()
            && input.work.task.plan_attempt <= 1;
        if let Some(model) = self.relevance.as_ref().filter(|_| by_score) {
            let asked = asked::relevance(&input, tools, model, &research, &mut provenance.tools);
            match asked.await {
                Ok(relevance) => research.relevance = Some(relevance),
                Err(why) => {
                    let why = format!("{model}, asked for the relevance: {why}");
                    provenance.instead_of = Some(plain(&why, MISSED_CHARS_MAX));
                }
            }
        }
        Ok(SkillOutput {
            body: Body::Research(research),
            blobs: vec![],
            confidence: confidence(item),
            provenance,
            proposes: None,
        })
    }
}

/// So much of why a model did not say it is kept.
const MISSED_CHARS_MAX: usize = 200;

fn confidence(item: &FeedItem) -> Score {
    let title = if item.title.trim().is_empty() {
        Score::ZERO
    } else {
        TITLE
    };
    let link = if item.link.is_empty() {
        Score::ZERO
    } else {
        LINK
    };
    let length = u64::try_from(item.summary.chars().count())
        .unwrap_or(u64::MAX)
        .min(SUMMARY_CHARS_FULL);
    let summary = Score::from_ratio(length, SUMMARY_CHARS_FULL)
        .map_or(Score::ZERO, |share| share.times(SUMMARY));
    Score::from_ppm(title.ppm() + link.ppm() + summary.ppm()).unwrap_or(Score::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::item;

    // T071: the confidence follows from what there is to write from.
    #[test]
    fn t071_confidence_follows_from_the_evidence() {
        let check = |title: &str, summary: &str, link: &str, percent| {
            let item = FeedItem {
                link: link.into(),
                ..item(title, summary)
            };
            assert_eq!(confidence(&item), Score::from_percent(percent));
        };
        check("", "", "", 0);
        check("Linen", "", "https://example.org", 75);
        assert_eq!(
            confidence(&item("Linen", &"x".repeat(60))),
            Score::from_ppm(875_000).unwrap()
        );
        check("Linen", &"x".repeat(500), "https://example.org", 100);
        check("Linen", &"x".repeat(120), "", 70);
    }
}
