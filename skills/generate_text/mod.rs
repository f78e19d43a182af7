//! Text: asks the studio for a post in the persona's voice from the plan's research.
//!
//! The confidence is the tool's own; one that is no score is a broken contract, never a default.

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Score, ToolError,
    artifact::{Body, Citation, Draft},
    ports::{Skill, SkillInput, SkillOutput, ToolCaller},
    task::{Modality, TaskKind},
};
use serde_json::json;

use crate::wire::{call, contract, missing, parse, provenance, research};

const TOOL: &str = "generate_text";
/// More hashtags than this read as noise.
const HASHTAGS_MAX: u32 = 2;

pub(crate) struct GenerateText;

#[derive(serde::Deserialize)]
struct Answer {
    text: String,
    #[serde(default)]
    hashtags: Vec<String>,
    #[serde(default)]
    citations: Vec<Citation>,
    confidence: f64,
    model: String,
    #[serde(default)]
    seed: Option<serde_json::Value>,
}

#[async_trait]
impl Skill for GenerateText {
    fn name(&self) -> &'static str {
        "generate_text"
    }

    fn does(&self, kind: TaskKind, modality: Option<Modality>) -> bool {
        kind == TaskKind::GenerateContent && modality == Some(Modality::Text)
    }

    async fn run(
        &self,
        input: SkillInput<'_>,
        tools: &dyn ToolCaller,
    ) -> Result<SkillOutput, ToolError> {
        let (_, research) = research(&input).ok_or_else(|| missing(self.name(), "research"))?;
        let (work, persona) = (input.work, input.persona);
        let arguments = json!({
            "persona": {
                "name": persona.name,
                "voice_traits": persona.voice_traits,
                "language": persona.language,
                "openers": persona.openers,
                "closers": persona.closers,
                "hashtags": persona.hashtags,
            },
            "trend": {
                "title": research.title,
                "summary": research.summary,
                "link": research.citations.first().map_or("", |c| c.url.as_str()),
                "source": research.source,
            },
            "constraints": {
                "platform": work.campaign.channel,
                "graphemes_max": work.campaign.channel.graphemes_max(),
                "disclosure": persona.disclosure,
                "hashtags_max": HASHTAGS_MAX,
            },
            "notes": work.task.spec.notes,
            "variant": variant(&research.title, work.task.plan_attempt),
            "character_reference_id": persona.character_reference_id.clone().unwrap_or_default(),
        });
        let reply = tools.call(call(&input, TOOL, arguments)).await?;
        let answer: Answer = parse(TOOL, &reply)?;
        let confidence = Score::from_unit(answer.confidence)
            .map_err(|error| contract(TOOL, error.to_string()))?;
        if answer.text.trim().is_empty() {
            return Err(contract(TOOL, "the text is empty".to_owned()));
        }
        let seed = answer.seed.map(|seed| {
            seed.as_str()
                .map_or_else(|| seed.to_string(), str::to_owned)
        });
        Ok(SkillOutput {
            provenance: provenance(TOOL, answer.model, seed, &reply),
            body: Body::Text(Draft {
                text: answer.text,
                hashtags: answer.hashtags,
                citations: answer.citations,
            }),
            blobs: vec![],
            confidence,
            proposes: None,
        })
    }
}

/// Which of the persona's phrases are used: another one for each trend, so that a feed does not sound
/// like a machine, and another one for each attempt, so that it does not come out as the refused one.
fn variant(title: &str, plan_attempt: u32) -> u32 {
    let trend = u32::from(ContentHash::of_bytes(title.as_bytes()).as_bytes()[0]);
    trend + plan_attempt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Tools, work};

    // T063, T067: the persona, the sources and the limits go in; the text comes out with its own confidence.
    #[test]
    fn t063_text_is_made_from_research_under_the_persona() {
        let tools = Tools::answer(
            json!({"text": "Look: linen.", "hashtags": ["a"], "citations": [{"title": "t", "url": "u"}], "confidence": 0.91, "model": "m/1", "seed": 7}),
        );
        let fixture = work(1);
        let got = futures::executor::block_on(GenerateText.run(fixture.input(), &tools)).unwrap();
        assert_eq!(got.confidence, Score::from_percent(91));
        assert_eq!(got.provenance.seed.as_deref(), Some("7"));
        let call = tools.taken();
        assert_eq!(call.arguments["constraints"]["graphemes_max"], 280);
        assert_eq!(call.arguments["trend"]["title"], "Linen");
        assert_eq!(
            call.arguments["idempotency_key"],
            fixture.work.task.id.to_string()
        );
    }

    // R53: an answer whose confidence is no score is a broken contract, not a default.
    #[test]
    fn r53_a_confidence_that_is_no_score_is_refused() {
        for bad in [json!(1.5), json!("high"), json!(null)] {
            let tools = Tools::answer(json!({"text": "x", "confidence": bad, "model": "m"}));
            let got = futures::executor::block_on(GenerateText.run(work(1).input(), &tools));
            assert!(matches!(got, Err(ToolError::Contract { .. })), "{got:?}");
        }
    }
}
