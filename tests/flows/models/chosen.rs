//! Trends that a model is asked about before anything is made.

use chimera_domain::{Span, task::TaskState};
use serde_json::{Value, json};

use super::{
    super::classic::world::{LINEN, Story, WOOL, World},
    Endpoint, http, minds, says,
};

/// A word in common, and about something else.
const TANK: Story = (
    "Linen sneaker factory burns down in a mending dispute",
    "The linen sneaker works, known for mending, burnt to the ground; the police ask who saw the linen van that night.",
);

async fn world(endpoint: &Endpoint, stories: &[Story]) -> World {
    World::with(&[stories], |config| {
        minds(config, &endpoint.url, false);
        config.minds.writer = vec![];
        config.minds.relevance = Some("small".into());
        config.policy.planner.plans_per_hour_max = 100;
    })
    .await
}

fn gives(relevance: &Value) -> String {
    json!({"relevance": relevance, "why": "as I read it\u{1b}[2J"}).to_string()
}

// R30, R48: a model that is asked calls off what is for somebody else before anything is made, by the line of the planner;
// what it lets through says so on the ticket, and each question is paid for.
#[tokio::test]
async fn r30_a_model_calls_off_what_is_for_somebody_else() {
    let endpoint = Endpoint::start(|model, body| {
        let relevance = if body.to_string().contains("burns down") {
            10
        } else {
            93
        };
        says(model, &gives(&json!(relevance)))
    });
    let world = world(&endpoint, &[LINEN, TANK, WOOL]).await;
    world.turn().await;
    assert_eq!(endpoint.asked("small").len(), 3);
    let tasks = world.tasks().await;
    let of = |title: &str| -> Vec<_> {
        let of_trend = tasks
            .iter()
            .filter(|row| row.title.as_str().contains(title));
        of_trend.map(|row| (row.state, row.why.as_str())).collect()
    };
    let off = of("burns down");
    assert_eq!(off.len(), 4);
    assert!(
        off.iter().all(|(state, _)| *state == TaskState::Cancelled),
        "{off:?}"
    );
    assert!(
        off.iter().any(|(_, why)| why
            .contains("small-2026-11, relevant/1 gives it 0.10, below 0.75: as I read it")),
        "{off:?}"
    );
    assert_eq!(
        world.calls("generate_text").len(),
        2,
        "nothing was made of it"
    );
    assert!(world.alerts("task_dead").await.is_empty());
    assert!(world.alerts("task_blocked").await.is_empty());
    let tickets = world.tickets().await;
    for card in &tickets {
        let models: Vec<&str> = card
            .post()
            .unwrap()
            .models
            .iter()
            .map(|line| line.as_str())
            .collect();
        assert!(
            models.contains(&"relevance 0.93 by small-2026-11, relevant/1"),
            "{models:?}"
        );
    }
    assert_eq!(tickets.len(), 2);
    let asked: Vec<String> = endpoint
        .asked("small")
        .iter()
        .map(Value::to_string)
        .collect();
    assert!(asked.iter().all(|prompt| prompt.contains("Its topics: ")));
    // It is not asked again after a restart or later.
    world.later(Span::from_hours(2)).await;
    assert_eq!(endpoint.asked("small").len(), 3);
}

// R30, R50: without an answer the planner's own score stands, the ticket says so, and nothing goes out by itself.
#[tokio::test]
async fn r30_a_model_that_cannot_say_leaves_it_to_a_person() {
    for reply in [
        http("500 Internal Server Error", "{}"),
        says("small", &gives(&json!(4_000))),
        says("small", "certainly!"),
    ] {
        let endpoint = Endpoint::start(move |_, _| reply.clone());
        let world = world(&endpoint, &[LINEN]).await;
        world.turn().await;
        assert!(world.approve(&world.ticket().await).await.is_done());
        world.deaf_later(Span::from_secs(11)).await;
        assert_eq!(world.sent().len(), 1, "a person may");
    }
    let down = http("500 Internal Server Error", "{}");
    let endpoint = Endpoint::start(move |_, _| down.clone());
    let world = world(&endpoint, &[LINEN]).await;
    world.turn().await;
    let reasons = format!("{:?}", world.ticket().await.row.reasons);
    assert!(
        reasons.contains("it stands in for small, asked for the relevance: "),
        "{reasons}"
    );
}
