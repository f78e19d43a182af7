//! Text by a language model: asked under the persona, held to the platform and to its own material, put together with
//! link, hashtags and label. What it cannot do well twice, the next one in line does.

use chimera_domain::{
    Score, ToolError,
    artifact::{Body, Draft, Provenance, Research, ToolUse},
    ports::{SkillInput, SkillOutput, ToolCaller},
};
use serde::Deserialize;
use unicode_segmentation::UnicodeSegmentation;

use super::HASHTAGS_MAX;
use crate::{ask::ask, prompt};

/// How often one model is asked for the same text.
const TRIES: u32 = 2;
/// A text shorter than this says nothing.
const GRAPHEMES_MIN: usize = 20;

#[derive(Deserialize)]
struct Written {
    text: String,
    hashtags: Vec<String>,
    confidence: u32,
}

/// Asks `model` for the text. `Ok(Err)` says why what it wrote is of no use.
pub(super) async fn write(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    model: &str,
    research: &Research,
    used: &mut Vec<ToolUse>,
) -> Result<Result<SkillOutput, String>, ToolError> {
    let frame = Frame::of(input, research);
    let mut notes = input.work.task.spec.notes.clone();
    let secret = input.work.task.id.to_string();
    let mut problem = String::new();
    for again in 0..TRIES {
        let mut question = prompt::write(
            &prompt::Writing {
                persona: input.persona,
                campaign: &input.work.campaign,
                memory: input.memory,
                research,
                notes: &notes,
                room: frame.room(),
            },
            &secret,
        );
        question.again = again;
        let answered = ask(input, tools, model, &question).await?;
        used.push(answered.by.clone());
        let named = answered.answer.model.clone();
        match answered
            .read()
            .and_then(|written: Written| frame.around(&written))
        {
            Ok((draft, confidence)) => {
                return Ok(Ok(SkillOutput {
                    body: Body::Text(draft),
                    blobs: vec![],
                    confidence,
                    provenance: Provenance {
                        model: named,
                        tools: used.clone(),
                        prompt: Some(prompt::WRITE.to_owned()),
                        recalled: input.memory.recalled(),
                        ..Provenance::default()
                    },
                    proposes: None,
                }));
            }
            Err(why) => {
                notes.insert(0, why.clone());
                problem = why;
            }
        }
    }
    Ok(Err(problem))
}

/// What stands around a model's words, and what they are held to.
struct Frame<'a> {
    link: &'a str,
    label: &'a str,
    hashtags: &'a [String],
    material: String,
    research: &'a Research,
    graphemes_max: usize,
}

impl<'a> Frame<'a> {
    fn of(input: &SkillInput<'a>, research: &'a Research) -> Self {
        Self {
            link: research
                .citations
                .first()
                .map_or("", |citation| citation.url.as_str()),
            label: &input.persona.disclosure,
            hashtags: &input.persona.hashtags,
            material: format!(
                "{} {} {}",
                research.title, research.summary, research.source
            )
            .to_lowercase(),
            research,
            graphemes_max: input.work.campaign.channel.graphemes_max(),
        }
    }

    /// How many characters are left for the model's words, with room for the hashtags.
    fn room(&self) -> usize {
        let taken = graphemes(&self.put("", &[]));
        self.graphemes_max.saturating_sub(taken).saturating_sub(40)
    }

    fn put(&self, text: &str, hashtags: &[String]) -> String {
        let mut post = text.to_owned();
        if !self.link.is_empty() {
            post.push_str(&format!("\n\n{}", self.link));
        }
        if !hashtags.is_empty() {
            let tags: Vec<String> = hashtags.iter().map(|tag| format!("#{tag}")).collect();
            post.push_str(&format!("\n{}", tags.join(" ")));
        }
        post.push_str(&format!("\n{}", self.label));
        post
    }

    /// The post, or why these words cannot be one.
    fn around(&self, written: &Written) -> Result<(Draft, Score), String> {
        if written.confidence > 100 {
            return Err(format!("a confidence of {} is none", written.confidence));
        }
        let confidence = Score::from_percent(written.confidence);
        let text = lines(&written.text);
        if graphemes(&text) < GRAPHEMES_MIN {
            return Err(format!(
                "a text of less than {GRAPHEMES_MIN} characters says nothing"
            ));
        }
        if let Some(stranger) = self.stranger(&text) {
            return Err(format!("`{stranger}` is not in the material"));
        }
        // In the persona's own spelling, whatever the model's is.
        let named = |tag: &&String| {
            let mut said = written
                .hashtags
                .iter()
                .map(|said| said.trim_start_matches('#'));
            said.any(|said| said.eq_ignore_ascii_case(tag))
        };
        let mut hashtags: Vec<String> = self.hashtags.iter().filter(named).cloned().collect();
        hashtags.truncate(usize::try_from(HASHTAGS_MAX).unwrap_or(0));
        loop {
            let post = self.put(&text, &hashtags);
            let length = graphemes(&post);
            if length <= self.graphemes_max {
                let draft = Draft {
                    text: post,
                    hashtags,
                    citations: self.research.citations.clone(),
                };
                return Ok((draft, confidence));
            }
            if hashtags.pop().is_none() {
                let over = length.saturating_sub(self.graphemes_max);
                return Err(format!("the text is {over} characters too long"));
            }
        }
    }

    /// An address, a name on a platform or a number that the material does not have: what a model was talked into, or
    /// made up.
    fn stranger<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '@' && c != '#'))
            .find(|word| leads_away(word) && !self.material.contains(&word.to_lowercase()))
    }
}

/// Whether a word is an address, a mention, a hashtag or a number.
fn leads_away(word: &str) -> bool {
    let is_address = word.contains("://")
        || word.split_once('.').is_some_and(|(name, rest)| {
            let top = rest.rsplit('.').next().unwrap_or_default();
            let top = top.split(['/', '?', ':']).next().unwrap_or_default();
            !name.is_empty() && top.len() >= 2 && top.chars().all(char::is_alphabetic)
        });
    is_address || word.starts_with(['@', '#']) || word.chars().any(|c| c.is_ascii_digit())
}

/// A model's words, line by line: nothing hidden, at most one empty line between two.
fn lines(text: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = chimera_domain::text::plain(line, 2_000);
        if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n").trim().to_owned()
}

fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}
