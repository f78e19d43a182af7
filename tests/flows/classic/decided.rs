//! Nothing before its decision, exactly what was decided, and a decision that does something.

use base64::{Engine, engine::general_purpose::STANDARD};
use chimera_domain::{
    ContentHash, Outcome, Span,
    effect::EffectState,
    ports::{DeskStore, RuntimeStore},
    task::TaskState,
    ticket::TicketState,
};

use super::world::{ALL, HEMP, LINEN, World};

const FUSE: Span = Span::from_secs(10);

// R171, R1: everything is made and asked about before anything leaves; it leaves after the decision, when its
// fuse has burnt down, and not a second earlier.
#[tokio::test]
async fn classic_side_effect_before_judgement() {
    let world = World::new(&[LINEN]).await;
    world.turn().await;
    let card = world.ticket().await;
    assert_eq!(
        (
            world.calls("generate_text").len(),
            world.calls("generate_image").len()
        ),
        (1, 1)
    );
    world.later(Span::from_mins(30)).await;
    assert!(world.sent().is_empty(), "it waits, and nothing has left");
    assert!(world.approve(&card).await.is_done());
    world.later(Span::from_secs(9)).await;
    assert!(world.sent().is_empty(), "it can still be taken back");
    world.later(Span::from_secs(1)).await;
    assert_eq!(world.sent(), [card.text.as_str()]);
}

// R171, R68: an approval ends in a post that the platform has, a refusal in none, ever; the card follows it.
#[tokio::test]
async fn classic_decision_flips_a_flag_and_nothing_happens() {
    let world = World::new(&[LINEN, HEMP]).await;
    world.turn().await;
    let cards = world.tickets().await;
    assert_eq!(cards.len(), 2);
    assert!(world.approve(&cards[0]).await.is_done());
    assert!(world.reject(&cards[1]).await.is_done());
    world.later(FUSE).await;
    world.later(Span::from_hours(5)).await;
    let posts = world.home.journal();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0]["text_content"], cards[0].text.as_str());
    let [approved, rejected] = [&cards[0], &cards[1]].map(|card| card.row.id);
    let approved = world.store.ticket_card(approved).await.unwrap().unwrap();
    assert_eq!(
        (approved.row.state, approved.effect),
        (TicketState::Approved, Some(EffectState::Confirmed))
    );
    assert!(approved.published.is_some_and(|place| {
        place
            .as_str()
            .contains(posts[0]["post_id"].as_str().unwrap())
    }));
    let rejected = world.store.ticket_card(rejected).await.unwrap().unwrap();
    assert_eq!(
        (rejected.row.state, rejected.effect),
        (TicketState::Rejected, None)
    );
    let mut states = world.states("publish").await;
    states.sort_by_key(|state| state.as_str());
    assert_eq!(states, [TaskState::Published, TaskState::Rejected]);
}

// R171, R65: the card is what goes out, to the last byte of text and picture, and not what was wished for.
#[tokio::test]
async fn classic_reviewer_shown_the_goal() {
    let world = World::new(&[LINEN]).await;
    world.turn().await;
    let card = world.ticket().await;
    let goals = ["Sell nothing at all", "Write a post"];
    assert!(
        goals.iter().all(|goal| !card.text.as_str().contains(goal)),
        "{}",
        card.text
    );
    assert!(world.approve(&card).await.is_done());
    world.later(FUSE).await;
    let sent = world.calls("post_content").remove(0);
    assert_eq!(
        format!("{}/{}", sent.server, sent.tool),
        card.post().unwrap().tool.as_str()
    );
    assert_eq!(sent.arguments["text_content"], card.text.as_str());
    assert_eq!(sent.arguments["account"], card.row.account.as_str());
    assert_eq!(
        sent.arguments["disclosure_level"],
        card.post().unwrap().disclosure.as_str()
    );
    let urls = sent.arguments["media_urls"].as_array().unwrap();
    let pictures: Vec<ContentHash> = urls
        .iter()
        .map(|url| {
            let (_, data) = url.as_str().unwrap().split_once(";base64,").unwrap();
            ContentHash::of_bytes(&STANDARD.decode(data).unwrap())
        })
        .collect();
    let shown: Vec<ContentHash> = card
        .post()
        .unwrap()
        .media
        .iter()
        .map(|media| media.sha256)
        .collect();
    assert_eq!((pictures.len(), pictures), (1, shown));
}

// R171, R3: a text that just fits leaves whole; one grapheme more is refused before it is judged fit, and never cut.
#[tokio::test]
async fn classic_text_truncated_after_it_was_judged() {
    let world = World::new(&[LINEN, HEMP]).await;
    let label = world.config.personas[0].disclosure.clone();
    world.studio(move |tool, title, answer| {
        // Every character of these texts is one grapheme.
        let limit = if title == LINEN.0 { 280 } else { 281 };
        if tool == "generate_text" {
            let mut text = format!("{title} https://example.org/1 {label} ");
            let missing = limit - text.chars().count();
            text.extend(std::iter::repeat_n("é", missing));
            answer["text"] = text.into();
        }
    });
    world.turn().await;
    let card = world.ticket().await;
    assert_eq!(card.post().unwrap().graphemes, (280, 280));
    assert!(world.approve(&card).await.is_done());
    world.later(FUSE).await;
    world.later(Span::from_hours(1)).await;
    assert_eq!(world.sent(), [card.text.as_str()]);
    assert_eq!(world.sent()[0].chars().count(), 280);
    let rows = world.tasks().await;
    let refused = rows.iter().find(|row| {
        row.title.as_str() == HEMP.0
            && row.node.as_str() == "publish"
            && row.state == TaskState::Dead
    });
    let why = refused.map(|row| row.why.as_str()).unwrap_or_default();
    assert!(why.contains("281 graphemes"), "{why}: {rows:?}");
}

// R171, R16: an approval of what stands counts without a lost race; one of what was decided or moved on
// meanwhile is refused, told who was faster, and counted.
#[tokio::test]
async fn classic_occ_never_exercised_or_failing_every_approval() {
    let mut world = World::new(&[LINEN, HEMP]).await;
    world.turn().await;
    let cards = world.tickets().await;
    assert!(world.approve(&cards[0]).await.is_done());
    world.later(FUSE).await;
    assert_eq!(world.sent(), [cards[0].text.as_str()]);
    assert_eq!(world.overview().await.conflicts, 0, "nobody was in the way");

    let Outcome::Conflict(told) = world.approve(&cards[0]).await else {
        panic!("decided twice")
    };
    assert_eq!(
        (told.now.as_str(), told.by.as_deref(), told.at.is_some()),
        ("approved", Some("ana"), true)
    );
    assert_eq!(world.overview().await.conflicts, 1);
    // The campaign is edited while the second one is on somebody's screen.
    world.config.campaigns[0].goal = "Sell even less".to_owned();
    let now = world.overview().await.at;
    world.store.install(&world.config.setup(now)).await.unwrap();
    assert!(!world.approve(&cards[1]).await.is_done());
    assert_eq!(world.overview().await.conflicts, 2);
    let status = world.home.run(&["status"]).stdout;
    assert!(
        status.contains("conflicts  2 lost") && status.contains("2 to decide a ticket"),
        "{status}"
    );
    world.later(Span::from_mins(1)).await;
    assert_eq!(world.sent().len(), 1);
    let asked_again = world.ticket().await;
    assert_ne!(asked_again.row.id, cards[1].row.id);
    assert!(world.approve(&asked_again).await.is_done());
    world.later(FUSE).await;
    assert_eq!(world.sent().len(), 2);
    assert_eq!(world.store.publications(&ALL).await.unwrap().total, 2);
}
