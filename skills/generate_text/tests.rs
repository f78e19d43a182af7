//! Text from the studio, and from language models that do well, badly or nothing.

use chimera_domain::model::{self, Ask};

use super::*;
use crate::testing::{Tools, work};

// T063, T067: the persona, the sources and the limits go in; the text comes out with its own confidence.
#[test]
fn t063_text_is_made_from_research_under_the_persona() {
    let tools = Tools::answer(
        json!({"text": "Look: linen.", "hashtags": ["a"], "citations": [{"title": "t", "url": "u"}], "confidence": 0.91, "model": "m/1", "seed": 7}),
    );
    let fixture = work(1);
    let got = futures::executor::block_on(studio_only().run(fixture.input(), &tools)).unwrap();
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
        let got = futures::executor::block_on(studio_only().run(work(1).input(), &tools));
        assert!(matches!(got, Err(ToolError::Contract { .. })), "{got:?}");
    }
}

fn studio_only() -> GenerateText {
    GenerateText { writers: vec![] }
}

fn answer(value: &serde_json::Value) -> Result<serde_json::Value, ToolError> {
    Ok(json!({"value": value, "model": "small-2026-11"}))
}

fn text(text: &str) -> Result<serde_json::Value, ToolError> {
    answer(&json!({"text": text, "hashtags": ["#Linen", "no tag"], "confidence": 84}))
}

fn studio() -> Tools {
    Tools::answer(json!({"text": "Look: linen.", "confidence": 0.91, "model": "m/1"}))
}

fn written(tools: &Tools, plan_attempt: u32) -> SkillOutput {
    let writers = vec!["small".to_owned(), "other".to_owned()];
    let fixture = work(plan_attempt);
    let skill = GenerateText { writers };
    futures::executor::block_on(skill.run(fixture.input(), tools)).unwrap()
}

fn draft(output: &SkillOutput) -> &str {
    match &output.body {
        Body::Text(draft) => &draft.text,
        Body::Research(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => "",
    }
}

const GOOD: &str = "Linen it is, and it is back for good reasons.";

// R50, R64, R83: a model's words go out with the source's link, hashtags that are some, and the persona's label; who wrote
// it by which prompt is kept.
#[test]
fn r64_a_model_writes_and_the_frame_is_ours() {
    let tools = studio().model("small", text(GOOD));
    let got = written(&tools, 1);
    assert_eq!(
        draft(&got),
        format!("{GOOD}\n\nhttps://example.org/1\n#linen\nAI")
    );
    assert_eq!(got.confidence, Score::from_percent(84));
    assert_eq!(got.provenance.model, "small-2026-11");
    assert_eq!(got.provenance.prompt.as_deref(), Some("write/2"));
    assert_eq!(got.provenance.instead_of, None);
    let call = tools.taken();
    assert_eq!(
        (call.server.as_str(), call.tool.as_str()),
        (model::SERVER, "small")
    );
    let ask: Ask = serde_json::from_value(call.arguments).unwrap();
    assert!(ask.system.contains("Fae") && ask.prompt.contains("| summary: It is back."));
}

// R50, R53: what a model wrote and cannot stand is asked for once more, with the reason; then the next one writes, and the
// result says in whose place. There is no score but the writer's own.
#[test]
fn r50_what_cannot_stand_is_asked_for_again_and_then_of_the_next() {
    let long = "word ".repeat(80);
    for bad in [
        text("Linen."),
        text(&long),
        text("Linen is back, says www.evil.example today."),
        text("Linen is back, see https://evil.example now."),
        text("Linen is back, thanks to @stranger and friends."),
        text("Linen is back with a plus of 40 percent, they say."),
        answer(&json!({"text": GOOD, "hashtags": [], "confidence": 101})),
        answer(&json!({"text": GOOD, "hashtags": []})),
        Ok(json!({"value": null, "problem": "cut", "model": "small-2026-11"})),
    ] {
        let tools = studio()
            .model("small", bad.clone())
            .model("small", bad)
            .model("other", text(GOOD));
        let got = written(&tools, 1);
        assert!(draft(&got).starts_with(GOOD));
        let stood_in = got.provenance.instead_of.unwrap();
        assert!(stood_in.starts_with("small: "), "{stood_in}");
        let calls = tools.calls();
        assert_eq!(calls.len(), 3);
        assert_eq!(calls[1].arguments["again"], 1);
        let prompt = calls[1].arguments["prompt"].as_str().unwrap();
        assert!(prompt.contains("| note: "), "{prompt}");
        assert_eq!(got.provenance.tools.len(), 3);
    }
}

// R50: each class of failure leads to the next in line, and in the end to the studio, which never stands in unmarked.
#[test]
fn r50_every_failure_leads_to_the_next_in_line() {
    let (server, tool) = (|| "models".to_owned(), || "small".to_owned());
    for error in [
        ToolError::NotSent {
            server: server(),
            why: "gone".into(),
        },
        ToolError::RateLimited {
            server: server(),
            retry_after: None,
            why: "busy".into(),
        },
        ToolError::Refused {
            server: server(),
            tool: tool(),
            why: "no".into(),
        },
        ToolError::Contract {
            server: server(),
            tool: tool(),
            why: "nonsense".into(),
        },
        ToolError::Ambiguous {
            server: server(),
            tool: tool(),
            why: "cut".into(),
        },
        ToolError::Budget {
            why: "no room".into(),
            frees_at: None,
        },
    ] {
        let tools = studio()
            .model("small", Err(error.clone()))
            .model("other", Err(error.clone()));
        let got = written(&tools, 1);
        assert_eq!(draft(&got), "Look: linen.");
        assert_eq!(
            got.provenance.instead_of,
            Some(format!("small: {error}")),
            "the first choice is named"
        );
    }
    assert_eq!(
        futures::executor::block_on(studio_only().run(work(1).input(), &studio()))
            .unwrap()
            .provenance
            .instead_of,
        None,
        "nobody else was to write"
    );
}
