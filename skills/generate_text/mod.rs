//! Text: asks for a post in the persona's voice from the plan's research; the language models that were named for it, one
//! after the other, and the studio when there are none or none of them can.
//!
//! The confidence is the tool's own; one that is no score is a broken contract, never a default.

mod by_model;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Score, ToolError,
    artifact::{Body, Citation, Draft, Provenance, Research},
    ports::{Skill, SkillInput, SkillOutput, ToolCaller},
    task::{Modality, TaskKind},
    text::plain,
};
use serde_json::json;

use crate::wire::{call, contract, missing, parse, provenance, research};

const TOOL: &str = "generate_text";
/// More hashtags of a model than this read as noise; the studio knows what is usual on a platform.
const HASHTAGS_MAX: u32 = 2;

pub(crate) struct GenerateText {
    /// The language models that write, first choice first.
    pub(crate) writers: Vec<String>,
}

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
    #[serde(default)]
    structure: Option<String>,
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
        let mut used = Vec::new();
        let mut instead_of = None;
        for model in &self.writers {
            let missed = match by_model::write(&input, tools, model, research, &mut used).await {
                Ok(Ok(mut output)) => {
                    output.provenance.instead_of = instead_of;
                    return Ok(output);
                }
                Ok(Err(problem)) => problem,
                Err(error) => error.to_string(),
            };
            instead_of
                .get_or_insert_with(|| plain(&format!("{model}: {missed}"), MISSED_CHARS_MAX));
        }
        let mut output = by_studio(&input, tools, research).await?;
        output.provenance.tools.splice(0..0, used);
        output.provenance.instead_of = instead_of;
        Ok(output)
    }
}

/// So long may the name of a structure be.
const STRUCTURE_CHARS_MAX: usize = 80;
/// So much of why the first choice could not do it is kept.
const MISSED_CHARS_MAX: usize = 200;

/// Asks the studio, which puts a text together from the persona's phrases and the trend's own words.
async fn by_studio(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    research: &Research,
) -> Result<SkillOutput, ToolError> {
    let (work, persona) = (input.work, input.persona);
    let arguments = json!({
        "persona": {
            "name": persona.name,
            "voice_traits": persona.voice_traits,
            "language": persona.language,
            "openers": persona.openers,
            "closers": persona.closers,
            "hashtags": persona.hashtags,
            "topics": persona.topics.iter()
                .map(|topic| json!({"name": topic.name, "keywords": topic.keywords}))
                .collect::<Vec<_>>(),
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
        },
        "notes": work.task.spec.notes,
        "avoid": input.memory.structures,
        "variant": variant(&research.title, work.task.plan_attempt),
        "character_reference_id": persona.character_reference_id.clone().unwrap_or_default(),
    });
    let reply = tools.call(call(input, TOOL, arguments)).await?;
    let answer: Answer = parse(TOOL, &reply)?;
    let confidence =
        Score::from_unit(answer.confidence).map_err(|error| contract(TOOL, error.to_string()))?;
    if answer.text.trim().is_empty() {
        return Err(contract(TOOL, "the text is empty".to_owned()));
    }
    let seed = answer.seed.map(|seed| {
        seed.as_str()
            .map_or_else(|| seed.to_string(), str::to_owned)
    });
    Ok(SkillOutput {
        provenance: Provenance {
            structure: answer
                .structure
                .map(|structure| plain(&structure, STRUCTURE_CHARS_MAX))
                .filter(|structure| !structure.is_empty()),
            ..provenance(TOOL, answer.model, seed, &reply)
        },
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

/// Which of the persona's phrases are used: another one for each trend, so that a feed does not sound
/// like a machine, and another one for each attempt, so that it does not come out as the refused one.
fn variant(title: &str, plan_attempt: u32) -> u32 {
    let trend = u32::from(ContentHash::of_bytes(title.as_bytes()).as_bytes()[0]);
    trend + plan_attempt
}
