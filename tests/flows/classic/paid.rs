//! Money that is there before it is spent, and success that happened.

use std::sync::Arc;

use chimera::{compose, config};
use chimera_domain::{
    Span, Usd,
    ids::IntentId,
    ports::{DeskStore, SpendStore},
    spend::{BudgetCategory, IntentState, Reservation, SpendRequest},
    task::{Reason, TaskState},
};
use serde_json::json;

use super::world::{ALL, HEMP, LINEN, World};

const CENT: Usd = Usd::from_micros(10_000);

// R171, R7: what a stand-in took is marked as that on every way out, also where its answer does not say so;
// and a success without proof is none.
#[tokio::test]
async fn classic_fake_success_shown_as_real() {
    let world = World::new(&[LINEN, HEMP]).await;
    world.turn().await;
    let cards = world.tickets().await;
    assert!(cards.iter().all(|card| card.row.simulated));
    // The platform forgets to say that it is a stand-in.
    world.spoil(|call, reply| {
        if let (Some(reply), "post_content") = (reply, call.tool.as_str()) {
            reply.simulated = false;
            reply
                .structured
                .as_object_mut()
                .unwrap()
                .remove("simulated");
        }
        None
    });
    assert!(world.approve(&cards[0]).await.is_done());
    world.later(Span::from_secs(10)).await;
    let posts = world.store.publications(&ALL).await.unwrap().rows;
    assert!(posts.len() == 1 && posts[0].simulated, "{posts:?}");
    assert!(world.overview().await.simulated);
    assert!(
        world
            .store
            .ledger(&ALL)
            .await
            .unwrap()
            .rows
            .iter()
            .all(|row| row.simulated)
    );
    for verb in [
        ["engagement", "view-metrics"],
        ["cfo", "view-ledger"],
        ["cfo", "check-budget"],
    ] {
        let ran = world.home.run(&verb);
        assert!(
            ran.code == 0 && ran.stdout.contains("SIMULATED"),
            "{verb:?}: {} {}",
            ran.stdout,
            ran.stderr
        );
    }
    // The platform says that all is well, and not what it made.
    world.spoil(|call, reply| {
        if let Some(reply) = reply {
            match call.tool.as_str() {
                "post_content" => reply.structured = json!({"ok": true, "status": "success"}),
                "get_post" => reply.structured = json!({"found": false}),
                _ => {}
            }
        }
        None
    });
    assert!(world.approve(&cards[1]).await.is_done());
    world.later(Span::from_secs(10)).await;
    assert_eq!(world.store.publications(&ALL).await.unwrap().total, 1);
    assert!(
        world
            .states("publish")
            .await
            .contains(&TaskState::Uncertain)
    );
    assert_eq!(world.alerts("effect_uncertain").await.len(), 1);
}

/// A wish to spend a cent on a task of the world.
async fn wish(world: &World, key: usize) -> SpendRequest {
    let campaign = world.overview().await.campaigns.remove(0);
    let task = world.tasks().await.remove(0);
    SpendRequest {
        intent_id: IntentId::from_uuid(world.ambient.fresh()),
        key: format!("wish {key}"),
        agent_id: campaign.agent_id,
        campaign_id: campaign.id,
        task_id: task.id,
        trace_id: task.trace_id,
        category: BudgetCategory::Other,
        memo: "a wish".to_owned(),
        estimate: CENT,
        task_cap: Usd::from_micros(100_000_000),
        simulated: true,
    }
}

// R171, R93: however many ask at once and from wherever, the cap holds to the cent; what counts is what was
// set aside and what it really cost, and a cap nobody wrote down is no cap but an error.
#[tokio::test]
async fn classic_limits_checked_without_a_lock_or_on_the_wrong_number() {
    let cap = Usd::from_micros(500_000);
    let world = World::with(&[&[LINEN]], |config| {
        config.policy.budget.agent_day_usd_max = cap
    })
    .await;
    world.turn().await;
    let used = {
        let house = world.overview().await;
        house.spent_day.checked_add(house.reserved).unwrap()
    };
    assert!(used.is_positive() && used < cap, "{used}");
    let room = usize::try_from((cap.micros() - used.micros()) / CENT.micros()).unwrap();
    // Two processes' worth of stores on one file, and more wishes than there is room.
    let path = config::Home::in_folder(world.home.path()).db_file();
    let other = compose::open_store(&path, world.ambient.clone()).unwrap();
    let policy = Arc::new(world.config.policy.budget.clone());
    let mut racing = tokio::task::JoinSet::new();
    for key in 0..room + 30 {
        let store = if key % 2 == 0 {
            world.store.clone()
        } else {
            other.clone()
        };
        let (request, policy) = (wish(&world, key).await, policy.clone());
        racing.spawn(async move { store.reserve(&request, &policy).await.unwrap() });
    }
    let answers = racing.join_all().await;
    let held: Vec<IntentId> = answers
        .iter()
        .filter_map(|answer| match answer {
            Reservation::Reserved(intent) => Some(*intent),
            Reservation::Refused { .. } | Reservation::Halted { .. } => None,
        })
        .collect();
    assert_eq!(held.len(), room);
    // One is given back, another cost three times its estimate: what is left is what is true.
    world.store.void(held[0], "not needed").await.unwrap();
    world
        .store
        .settle(held[1], Usd::from_micros(30_000))
        .await
        .unwrap();
    let request = wish(&world, 1_000).await;
    let Reservation::Refused {
        limit,
        used: counted,
        ..
    } = world.store.reserve(&request, &policy).await.unwrap()
    else {
        panic!("a cap that counts estimates only")
    };
    let taken = Usd::from_micros(CENT.micros() * i64::try_from(room + 1).unwrap());
    assert_eq!(
        (limit.as_str(), counted),
        ("agent_day", used.checked_add(taken).unwrap())
    );

    let budget = std::fs::read_to_string(world.home.path().join("budget.yaml")).unwrap();
    for cap in ["agent_day_usd", "plan_usd", "campaign_usd"] {
        let without: String = budget
            .lines()
            .filter(|line| !line.trim_start().starts_with(cap))
            .map(|line| format!("{line}\n"))
            .collect();
        world.home.write("budget.yaml", &without);
        let ran = world.home.run(&["config", "check"]);
        assert!(
            ran.code == 2 && ran.stderr.contains(cap),
            "{cap}: {} {}",
            ran.code,
            ran.stderr
        );
    }
}

// R171, R92, R93: what would pass a cap is not called at all, and the refusal is in the ledger with its reason.
// There is no wallet yet: the paid tool call stands for the transfer.
#[tokio::test]
async fn classic_over_cap_spend_sent_then_refused_and_missing() {
    let world = World::with(&[&[LINEN]], |config| {
        config.policy.budget.agent_day_usd_max = Usd::from_micros(30_000);
    })
    .await;
    world.turn().await;
    assert!(
        world.calls("generate_text").is_empty(),
        "it was called all the same"
    );
    assert!(world.calls("generate_image").is_empty());
    let rows = world.store.ledger(&ALL).await.unwrap().rows;
    assert!(!rows.is_empty(), "a refusal nobody finds");
    for row in &rows {
        assert_eq!(
            (row.state, row.actual, row.entries.len()),
            (IntentState::Refused, None, 0)
        );
        assert!(row.why.as_str().contains("agent_day"), "{}", row.why);
    }
    let tasks = world.tasks().await;
    let text = tasks
        .iter()
        .find(|row| row.node.as_str() == "text")
        .unwrap();
    assert_eq!(
        (text.state, text.reason),
        (TaskState::Blocked, Reason::BudgetBlocked)
    );
    let house = world.overview().await;
    assert_eq!((house.spent_day, house.reserved), (Usd::ZERO, Usd::ZERO));
    assert_eq!(world.store.verify_ledger().await.unwrap(), 0);
    assert!(!world.alerts("task_blocked").await.is_empty());
}
