//! Scores that were computed, on what goes out, with every band in reach.

use std::collections::BTreeMap;

use chimera_domain::{
    ContentHash, Score, Span,
    ports::DeskStore,
    signal::SignalState,
    task::{Reason, TaskState},
};
use serde_json::json;

use super::world::{ALL, DENIM, HEMP, LINEN, WOOL, World};

// R171, R53: the confidence a person sees is the least sure step's own; an answer without one makes no post.
#[tokio::test]
async fn classic_constant_or_invented_confidence() {
    let world = World::new(&[LINEN, HEMP, WOOL]).await;
    world.studio(|tool, title, answer| {
        let answer = answer.as_object_mut().unwrap();
        let sure = match title {
            _ if tool != "generate_text" => return,
            _ if title == LINEN.0 => json!(0.93),
            _ if title == HEMP.0 => json!(0.81),
            _ => return drop(answer.remove("confidence")),
        };
        answer.insert("confidence".to_owned(), sure);
    });
    world.turn().await;
    let cards = world.tickets().await;
    let mut sure: Vec<Score> = cards
        .iter()
        .map(|card| card.post().unwrap().worker_confidence)
        .collect();
    sure.sort();
    assert_eq!(sure, [Score::from_percent(81), Score::from_percent(93)]);
    for card in &cards {
        let lower = card
            .post()
            .unwrap()
            .judge_confidence
            .map(|judge| judge.min(card.post().unwrap().worker_confidence));
        assert!(
            card.row.confidence.is_some() && card.row.confidence == lower,
            "{card:?}"
        );
    }
    let rows = world.tasks().await;
    let silent: Vec<_> = rows
        .iter()
        .filter(|row| row.title.as_str() == WOOL.0 && row.state == TaskState::Dead)
        .collect();
    assert_eq!(silent.len(), 1, "{rows:?}");
    assert_eq!(
        (silent[0].node.as_str(), silent[0].reason),
        ("text", Reason::ToolFailed)
    );
    assert!(
        silent[0].why.as_str().contains("confidence"),
        "{}",
        silent[0].why
    );
    // How relevant a story is differs with the story, and says why.
    let feed = world.store.signal_feed(&ALL).await.unwrap().rows;
    let scores: std::collections::BTreeSet<Option<Score>> =
        feed.iter().map(|row| row.score).collect();
    assert!(scores.len() > 1 && !scores.contains(&None), "{feed:?}");
}

// R171, R55, R59: the check reads what goes out: a clean story with a forbidden text is refused, and one
// whose picture alone says something sensitive goes to a person with the place named.
#[tokio::test]
async fn classic_safety_check_on_the_wrong_text() {
    let world = World::new(&[LINEN, HEMP]).await;
    world.studio(|tool, title, answer| match tool {
        "generate_text" if title == LINEN.0 => {
            let text = answer["text"].as_str().unwrap().to_owned();
            answer["text"] = json!(format!("{text} jo@example.org"));
        }
        "generate_image" if title == HEMP.0 => {
            answer["media"]["alt_text"] = json!("A vaccine in a hemp bag")
        }
        _ => {}
    });
    world.turn().await;
    let card = world.ticket().await;
    let fields: Vec<(&str, &str)> = card
        .post()
        .unwrap()
        .sensitive
        .iter()
        .map(|s| (s.field.as_str(), s.span.as_str()))
        .collect();
    assert_eq!(fields, [("alt_text", "vaccine")]);
    let rows = world.tasks().await;
    let blocked = rows
        .iter()
        .filter(|row| row.title.as_str() == LINEN.0 && row.node.as_str() == "publish");
    let whys: Vec<&str> = blocked.clone().map(|row| row.why.as_str()).collect();
    assert!(
        whys.iter()
            .any(|why| why.contains("an e-mail address in text")),
        "{whys:?}"
    );
    assert!(
        blocked
            .clone()
            .all(|row| matches!(row.state, TaskState::Rejected | TaskState::Dead)),
        "{rows:?}"
    );
}

// R171, R30, R53: what cannot be scored has no score: a signal is left unscored and says why, and a post
// whose checks cannot run goes to a person, however sure its worker was.
#[tokio::test]
async fn classic_default_score_on_error() {
    let world = World::with(&[&[LINEN]], |config| config.personas[0].topics.clear()).await;
    world.turn().await;
    let row = world.store.signal_feed(&ALL).await.unwrap().rows.remove(0);
    assert_eq!((row.state, row.score), (SignalState::Unscored, None));
    assert!(row.why.as_str().contains("no topics"), "{}", row.why);
    assert!(world.tasks().await.is_empty());

    let mut world = World::new(&[LINEN]).await;
    world.studio(|tool, _, answer| {
        if tool == "generate_text" {
            answer["confidence"] = json!(0.97);
        }
    });
    world
        .die_when(async || world.states("publish").await == [TaskState::Review])
        .await;
    // The next process knows another version of the persona only.
    world.config.personas[0].hash = ContentHash::of_bytes(b"another version");
    world.restart().await;
    world.turn().await;
    let card = world.ticket().await;
    assert_eq!(
        (card.row.confidence, card.post().unwrap().judge_confidence),
        (None, None)
    );
    let why = card.row.reasons[0].as_str();
    assert!(why.contains("could not be scored"), "{why}");
    assert!(
        card.post().unwrap().worker_confidence > Score::from_percent(90),
        "the worker was sure"
    );
}

// R171, R54: each band is reached by the confidence of its step alone, the lowest one too.
#[tokio::test]
async fn classic_reject_band_is_unreachable() {
    // The first post of a persona always waits for a person.
    let readings: [&[_]; 2] = [&[LINEN], &[LINEN, HEMP, WOOL, DENIM]];
    let world = World::with(&readings, |_| {}).await;
    world.studio(|tool, title, answer| {
        if tool == "generate_text" {
            answer["confidence"] = match title {
                _ if title == HEMP.0 => json!(0.90),
                _ if title == WOOL.0 => json!(0.899),
                _ if title == DENIM.0 => json!(0.699),
                _ => json!(0.99),
            };
        }
    });
    world.turn().await;
    assert!(world.approve(&world.ticket().await).await.is_done());
    world.deaf_later(Span::from_secs(10)).await;
    assert_eq!(world.sent().len(), 1);
    world.later(Span::from_mins(1)).await;
    world.later(Span::from_secs(10)).await;
    let rows = world.tasks().await;
    let ends: BTreeMap<&str, TaskState> = rows
        .iter()
        .filter(|row| row.node.as_str() == "publish" && row.plan_attempt == 1)
        .map(|row| (row.title.as_str(), row.state))
        .collect();
    assert_eq!(ends[HEMP.0], TaskState::Published, "{ends:?}");
    assert_eq!(ends[WOOL.0], TaskState::Ticketed, "{ends:?}");
    assert_eq!(ends[DENIM.0], TaskState::Rejected, "{ends:?}");
}
