//! The second opinion: a model that wrote nothing reads the post against its sources. What it thinks is kept with the
//! content it read. No answer is an answer too: then nobody knows, and a person must.

use chimera_domain::{
    Score,
    artifact::ToolUse,
    effect::OutgoingCall,
    model::{Opinion, Remark},
    ports::{SkillInput, ToolCaller},
    text::plain,
    verdict::Check,
};
use serde::Deserialize;

use crate::{ask::ask, prompt, wire::research};

/// So much of what it says is kept.
const WHY_CHARS_MAX: usize = 160;

#[derive(Deserialize)]
struct Said {
    persona: Side,
    factual: Side,
    safety: Side,
}

#[derive(Deserialize)]
struct Side {
    score: u32,
    why: String,
}

pub(super) async fn opinion(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    model: &str,
    proposal: &OutgoingCall,
    used: &mut Vec<ToolUse>,
) -> Opinion {
    let mut reader = model.to_owned();
    let remarks = match read(input, tools, model, proposal, used, &mut reader).await {
        Ok(said) => remarks(said),
        Err(why) => Err(plain(&why, WHY_CHARS_MAX)),
    };
    Opinion {
        content: proposal.content_hash(),
        reader: format!("{reader}, {}", prompt::READ),
        remarks,
    }
}

async fn read(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    model: &str,
    proposal: &OutgoingCall,
    used: &mut Vec<ToolUse>,
    reader: &mut String,
) -> Result<Said, String> {
    let (_, research) = research(input).ok_or("the plan has no research")?;
    let secret = input.work.task.id.to_string();
    let question = prompt::read(input.persona, &proposal.post, research, &secret);
    let answered = ask(input, tools, model, &question)
        .await
        .map_err(|error| error.to_string())?;
    used.push(answered.by.clone());
    reader.clone_from(&answered.answer.model);
    answered.read()
}

/// Its remarks; a score that is none leaves nothing known.
fn remarks(said: Said) -> Result<Vec<Remark>, String> {
    [
        (Check::Persona, said.persona),
        (Check::Factual, said.factual),
        (Check::Safety, said.safety),
    ]
    .into_iter()
    .map(|(check, side)| {
        if side.score > 100 {
            return Err(format!("a score of {} for {check} is none", side.score));
        }
        Ok(Remark {
            check,
            score: Score::from_percent(side.score),
            why: plain(&side.why, WHY_CHARS_MAX),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use chimera_domain::ToolError;
    use serde_json::{Value, json};

    use super::super::ComposePost;
    use crate::testing::{Tools, work};
    use chimera_domain::{Score, ports::Skill, verdict::Check};

    fn read(says: Result<Value, ToolError>) -> (super::Opinion, chimera_domain::ContentHash) {
        let skill = ComposePost {
            second_opinion: Some("reader".into()),
        };
        let tools = Tools::answer(json!({})).model("reader", says);
        let fixture = work(1);
        let got = futures::executor::block_on(skill.run(fixture.input(), &tools)).unwrap();
        let content = got.proposes.unwrap().content_hash();
        (got.provenance.opinion.unwrap(), content)
    }

    // R53, R64: what another model thinks is kept with the content it read and the prompt it was asked by.
    #[test]
    fn r64_a_second_opinion_is_of_exactly_this_content() {
        let side = |score| json!({"score": score, "why": "because\u{1b}[2J"});
        let value = json!({"persona": side(90), "factual": side(40), "safety": side(100)});
        let (opinion, content) = read(Ok(json!({"value": value, "model": "big-1"})));
        assert_eq!(
            (opinion.content, opinion.reader.as_str()),
            (content, "big-1, read/1")
        );
        let remarks = opinion.remarks.unwrap();
        assert_eq!(remarks.len(), 3);
        assert_eq!(
            (remarks[1].check, remarks[1].score, remarks[1].why.as_str()),
            (Check::Factual, Score::from_percent(40), "because [2J")
        );
    }

    // R53: no answer, an answer of no use and a score that is none leave it unknown, and never a default.
    #[test]
    fn r53_without_an_answer_nobody_knows() {
        let side = |score: u32| json!({"score": score, "why": ""});
        let odd = json!({"persona": side(90), "factual": side(101), "safety": side(100)});
        for says in [
            Ok(json!({"value": odd, "model": "big-1"})),
            Ok(json!({"value": null, "problem": "cut", "model": "big-1"})),
            Ok(json!({"value": {"persona": 1}, "model": "big-1"})),
            Ok(json!("nonsense")),
            Err(ToolError::Ambiguous {
                server: "models".into(),
                tool: "reader".into(),
                why: "cut".into(),
            }),
        ] {
            assert!(read(says).0.remarks.is_err());
        }
    }
}
