//! What people decide teaches the next score: a whole swarm, its console verbs and its replay.

use chimera_domain::{
    Span,
    ports::DeskStore,
    signal::{Said, SignalState},
    ticket::{Choice, RejectClass},
    views::SignalRow,
};

use super::classic::world::{ALL, Story, World};

const SUMMARY: &str = "Out on Friday, in three colours, at a shop in Porto.";
const SNEAKERS: [Story; 3] = [
    ("The linen sneaker that broke a marathon record", SUMMARY),
    ("A linen sneaker for marathon racers", SUMMARY),
    ("Marathon racers test a linen sneaker", SUMMARY),
];
const NEXT_SNEAKER: Story = ("Racers line up for the new linen marathon sneaker", SUMMARY);
const BUTTONS: [Story; 3] = [
    ("Buttons carved from horn in Bavaria", ""),
    ("The last carver of horn buttons", ""),
    ("A museum of carved horn buttons opens", ""),
];
const NEXT_BUTTONS: Story = ("Horn buttons, carved by hand in Bavaria", "");

async fn trend(world: &World, title: &str) -> SignalRow {
    let rows = world.store.signal_feed(&ALL).await.unwrap().rows;
    let found = rows.into_iter().find(|row| row.title.as_str() == title);
    found.unwrap_or_else(|| panic!("no trend `{title}`"))
}

async fn same_again(world: &World) {
    let replayed = world
        .home
        .run(&["replay", "--all", "--since", "9999d", "--json"]);
    assert_eq!(replayed.code, 0, "{}\n{}", replayed.stdout, replayed.stderr);
    let value: serde_json::Value = serde_json::from_str(replayed.stdout.trim()).unwrap();
    let kinds = &value["kinds"]["relevance"];
    let trends = world.store.signal_feed(&ALL).await.unwrap().total;
    assert_eq!(kinds["same"].as_u64(), Some(trends), "{value}");
}

// R30, R167: posts refused as off topic make the next like trend fall below the threshold that it would have reached,
// with the reason; a refusal for the voice did not. All of it is decided the same again, and so after a restart.
#[tokio::test]
async fn r30_refusals_as_off_topic_make_the_next_like_trend_fall() {
    let alone = World::with(&[&[NEXT_SNEAKER]], |_| {}).await;
    alone.turn().await;
    let untaught = trend(&alone, NEXT_SNEAKER.0).await;
    assert_eq!(untaught.state, SignalState::Planned, "{untaught:?}");

    for (class, state) in [
        (RejectClass::OffBrand, SignalState::Planned),
        (RejectClass::OffTopic, SignalState::Ignored),
    ] {
        let mut world = World::with(&[&SNEAKERS, &[NEXT_SNEAKER]], |_| {}).await;
        world.turn().await;
        let cards = world.tickets().await;
        assert_eq!(cards.len(), SNEAKERS.len());
        for card in &cards {
            let note = String::new();
            let refused = world.decide(card, Choice::Reject { class, note }).await;
            assert!(refused.is_done());
        }
        world.restart().await;
        world.turn().await;
        let next = trend(&world, NEXT_SNEAKER.0).await;
        assert_eq!(next.state, state, "{class} {next:?}");
        if class == RejectClass::OffBrand {
            assert_eq!(
                (next.score, next.method),
                (untaught.score, untaught.method.clone())
            );
        } else {
            assert!(
                next.method.as_str().ends_with("after decisions: 3"),
                "{next:?}"
            );
            let told = next.why.as_str();
            assert!(
                told.contains("by 3 decisions (0 kept, 3 dropped)") && told.contains("-0."),
                "{next:?}"
            );
        }
        same_again(&world).await;
    }
}

// R30, R32: trends that were left and that a person keeps are planned, and lift the next like one over the threshold;
// a drop of what waits leaves it, and lowers it again.
#[tokio::test]
async fn r32_keeps_lift_the_next_like_trend_and_drops_lower_it() {
    let world = World::with(&[&BUTTONS, &[NEXT_BUTTONS]], |_| {}).await;
    world.turn().await;
    for (title, _) in BUTTONS {
        let row = trend(&world, title).await;
        assert_eq!(row.state, SignalState::Ignored, "{row:?}");
        let ran = world.home.run(&["planner", "keep", &row.id.to_string()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    world.deaf_later(Span::from_secs(1)).await;
    for (title, _) in BUTTONS {
        let row = trend(&world, title).await;
        assert_eq!(
            (row.state, row.said),
            (SignalState::Planned, Some(Said::Kept))
        );
    }
    world.later(Span::from_mins(1)).await;
    let next = trend(&world, NEXT_BUTTONS.0).await;
    assert_eq!(next.state, SignalState::Planned, "{next:?}");
    let told = next.reason.as_str();
    assert!(
        told.contains("by 3 decisions (3 kept, 0 dropped)") && told.contains("+0."),
        "{next:?}"
    );
    assert_eq!(next.said, None, "it was planned by its score");
    let ran = world.home.run(&["planner", "drop", &next.id.to_string()]);
    assert_eq!(ran.code, 3, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("decide its ticket"), "{}", ran.stderr);
    same_again(&world).await;
}

// R31: what another threshold would have planned is told from the stored scores before anybody saves it, with the
// trends closest to it; and nothing is changed by asking.
#[tokio::test]
async fn r31_a_threshold_is_tried_before_it_is_saved() {
    let world = World::with(&[&[NEXT_SNEAKER, BUTTONS[0]]], |_| {}).await;
    world.turn().await;
    let buttons = trend(&world, BUTTONS[0].0).await;
    assert_eq!(buttons.state, SignalState::Ignored);
    let at = buttons.score.unwrap().to_string();
    // The program that is asked has the machine's clock, and not the world's.
    const YEARS: &str = "87840";
    let asked = |at| ["planner", "threshold", "--hours", YEARS, "--at", at];
    let ran = world.home.run(&asked("0"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let first = ran.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        "at 0.00 you would have planned 1 trend more (4 tasks) in the last 87840 h, before the caps"
    );
    assert!(
        ran.stdout.contains(&format!("in   {at}  {}", BUTTONS[0].0)),
        "{at} {}",
        ran.stdout
    );
    let ran = world.home.run(&[&asked("1")[..], &["--json"]].concat());
    let value: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
    assert_eq!(
        (value["plans_fewer"].as_u64(), value["tasks_fewer"].as_u64()),
        (Some(1), Some(4))
    );
    let out = &value["campaigns"][0]["just_out"];
    assert_eq!(out[0]["title"], NEXT_SNEAKER.0, "{value}");
    assert_eq!(out[1]["title"], BUTTONS[0].0, "{value}");
    assert_eq!(world.home.run(&asked("2")).code, 2);
    assert_eq!(trend(&world, BUTTONS[0].0).await, buttons);
}

async fn spotted(world: &World) -> serde_json::Value {
    let ran = world.home.run(&["trend", "list", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let line = ran
        .stdout
        .lines()
        .next()
        .unwrap_or_else(|| panic!("no trend"));
    serde_json::from_str(line).unwrap()
}

// R32, R167: what three signals tell within an hour is a trend; muted, what is about the same is left from then on, with
// the mute as its reason, and is decided the same again, also after the mute was taken back; the same story comes through
// then.
#[tokio::test]
async fn r32_what_is_muted_is_left_and_names_the_mute() {
    let again: Story = ("Marathon racers want a linen sneaker too", SUMMARY);
    let world = World::with(&[&SNEAKERS, &[NEXT_SNEAKER], &[again]], |_| {}).await;
    world.turn().await;
    world.deaf_later(Span::from_mins(1)).await;
    let found = spotted(&world).await;
    assert_eq!(
        (&found["state"], &found["volume"]),
        (&"open".into(), &3.into()),
        "{found}"
    );
    let id = found["trend_id"].as_str().unwrap();
    let stale = world.home.run(&["trend", "mute", id, "--if-version", "9"]);
    assert_eq!(stale.code, 3, "{}", stale.stderr);
    let muted = world
        .home
        .run(&["trend", "mute", id, "--words", "sneakers linen", "--json"]);
    assert_eq!(muted.code, 0, "{}", muted.stderr);
    let muted: serde_json::Value = serde_json::from_str(muted.stdout.trim()).unwrap();
    let mute = muted["mute_id"].as_str().unwrap();
    world.turn().await;
    let next = trend(&world, NEXT_SNEAKER.0).await;
    assert_eq!(next.state, SignalState::Ignored, "{next:?}");
    let why = next.why.as_str();
    assert!(
        why.starts_with("muted: `sneakers linen` by ") && why.contains(mute),
        "{why}"
    );
    assert_eq!(spotted(&world).await["state"], "muted");
    same_again(&world).await;

    let lifted = world.home.run(&["trend", "unmute", mute]);
    assert_eq!(lifted.code, 0, "{}", lifted.stderr);
    assert_eq!(world.home.run(&["trend", "unmute", mute]).code, 3);
    world.turn().await;
    let then = trend(&world, again.0).await;
    assert_eq!(then.state, SignalState::Planned, "{then:?}");
    assert_eq!(
        trend(&world, NEXT_SNEAKER.0).await.state,
        SignalState::Ignored
    );
    same_again(&world).await;
}

// R32: a trend that fits nobody is refused with what to do, is planned for the campaign that is named, and is over then.
#[tokio::test]
async fn r32_a_trend_is_converted_for_whom_it_fits_or_who_is_named() {
    const OUTAGE: [Story; 3] = [
        ("Northbank payments outage hits shops", ""),
        ("Payments outage at Northbank enters second day", ""),
        ("Northbank says payments outage is over", ""),
    ];
    let world = World::with(&[&OUTAGE], |_| {}).await;
    world.turn().await;
    world.deaf_later(Span::from_mins(1)).await;
    let found = spotted(&world).await;
    let id = found["trend_id"].as_str().unwrap();
    let refused = world.home.run(&["trend", "convert", id]);
    assert_eq!(refused.code, 5, "{}{}", refused.stdout, refused.stderr);
    assert!(
        refused.stderr.contains("name campaigns"),
        "{}",
        refused.stderr
    );
    let campaign = trend(&world, OUTAGE[0].0).await.campaign.to_string();
    let snoozed = world.home.run(&["trend", "snooze", id, "--for", "9999d"]);
    assert_eq!(snoozed.code, 0, "{}", snoozed.stderr);
    let converted = world
        .home
        .run(&["trend", "convert", id, "--campaign", &campaign]);
    assert_eq!(converted.code, 0, "{}", converted.stderr);
    world.deaf_later(Span::from_secs(1)).await;
    let mut planned = 0;
    for (title, _) in OUTAGE {
        planned += u32::from(trend(&world, title).await.state == SignalState::Planned);
    }
    assert_eq!(planned, 1, "the best of them");
    assert_eq!(spotted(&world).await["state"], "converted");
    assert_eq!(world.home.run(&["trend", "snooze", id]).code, 3);
    same_again(&world).await;
}
