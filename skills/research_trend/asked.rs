//! The relevance by a language model: a score and why. What it cannot say twice it does not say; there is no default.

use chimera_domain::{
    Score,
    artifact::{AskedRelevance, Research, ToolUse},
    ports::{SkillInput, ToolCaller},
    text::plain,
};
use serde::Deserialize;

use crate::{ask::ask, prompt};

/// How often it is asked the same.
const TRIES: u32 = 2;
/// So much of what it says is kept.
const WHY_CHARS_MAX: usize = 160;

#[derive(Deserialize)]
struct Said {
    relevance: u32,
    why: String,
}

pub(super) async fn relevance(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    model: &str,
    research: &Research,
    used: &mut Vec<ToolUse>,
) -> Result<AskedRelevance, String> {
    let secret = input.work.task.id.to_string();
    let mut question = prompt::relevant(input.persona, &input.work.campaign, research, &secret);
    let mut problem = String::new();
    for again in 0..TRIES {
        question.again = again;
        let answered = ask(input, tools, model, &question)
            .await
            .map_err(|error| error.to_string())?;
        used.push(answered.by.clone());
        let named = answered.answer.model.clone();
        problem = match answered.read() {
            Ok(Said { relevance, why }) if relevance <= 100 => {
                return Ok(AskedRelevance {
                    by: format!("{named}, {}", prompt::RELEVANT),
                    score: Score::from_percent(relevance),
                    why: plain(&why, WHY_CHARS_MAX),
                });
            }
            Ok(Said { relevance, .. }) => format!("a relevance of {relevance} is none"),
            Err(why) => why,
        };
    }
    Err(problem)
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        Score, ToolError,
        artifact::Body,
        ports::{Skill, Submission},
        signal::{Relevance, Said},
    };
    use serde_json::{Value, json};

    use super::super::ResearchTrend;
    use crate::testing::{Fixture, Tools, work};

    fn fixture() -> Fixture {
        let mut fixture = work(1);
        fixture.work.relevance = Some(Relevance {
            score: Score::from_percent(80),
            method: "lexical".into(),
            reason: "linen".into(),
            basis: None,
        });
        fixture
    }

    fn research(fixture: &Fixture, tools: &Tools) -> Submission {
        let skill = ResearchTrend {
            relevance: Some("small".into()),
        };
        futures::executor::block_on(skill.run(fixture.input(), tools)).unwrap()
    }

    fn relevance_of(made: &Submission) -> Option<Score> {
        match &made.body {
            Body::Research(research) => Some(research.relevance.as_ref()?.score),
            Body::Text(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => None,
        }
    }

    // R30: what a model says of the relevance is kept with who said it, by which prompt, and why.
    #[test]
    fn r30_a_model_says_how_relevant_it_is_and_why() {
        let says =
            json!({"value": {"relevance": 12, "why": "a tank\u{1b}[2J"}, "model": "small-1"});
        let made = research(
            &fixture(),
            &Tools::answer(json!({})).model("small", Ok(says)),
        );
        let Body::Research(research) = made.body else {
            panic!("research")
        };
        let asked = research.relevance.unwrap();
        assert_eq!(
            (asked.score, asked.by.as_str(), asked.why.as_str()),
            (Score::from_percent(12), "small-1, relevant/1", "a tank [2J")
        );
        assert_eq!(made.provenance.instead_of, None);
        assert_eq!(made.provenance.tools.len(), 1);
    }

    // R30, R50: a model that fails or talks nonsense gives no score; that it did not is on the result.
    #[test]
    fn r30_without_an_answer_there_is_no_score() {
        let odd = |value: Value| Ok(json!({"value": value, "model": "small-1"}));
        for says in [
            odd(json!({"relevance": 101, "why": ""})),
            odd(json!({"relevance": -1, "why": ""})),
            odd(json!({"relevance": "high", "why": ""})),
            odd(Value::Null),
            Err(ToolError::Ambiguous {
                server: "models".into(),
                tool: "small".into(),
                why: "cut".into(),
            }),
        ] {
            let again = says.clone();
            let tools = Tools::answer(json!({}))
                .model("small", says)
                .model("small", again);
            let made = research(&fixture(), &tools);
            assert_eq!(relevance_of(&made), None);
            let why = made.provenance.instead_of.unwrap();
            assert!(why.starts_with("small, asked for the relevance: "), "{why}");
        }
    }

    // What a person asked for or kept is not asked about.
    #[test]
    fn r30_what_a_person_wants_is_not_asked_about() {
        let mut kept = fixture();
        kept.work.signal.as_mut().unwrap().said = Some(Said::Kept);
        for fixture in [kept, work(1)] {
            let made = research(&fixture, &Tools::answer(json!({})));
            assert_eq!(
                (relevance_of(&made), made.provenance.instead_of),
                (None, None)
            );
        }
    }
}
