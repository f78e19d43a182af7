//! Nothing twice, nothing lost, nothing silent.

use chimera_domain::{
    Span, ToolError,
    halt::{Halt, Scope},
    ports::DeskStore,
    task::TaskState,
};

use super::world::{ALL, HEMP, LINEN, WOOL, World};

// R171, R22: the same story, read again and again and over restarts, is planned once.
#[tokio::test]
async fn classic_planner_duplicates_tasks() {
    let reading: &[_] = &[LINEN];
    let mut world = World::with(&[reading; 4], |_| {}).await;
    world.turn().await;
    let planned = world.tasks().await.len();
    assert_eq!(planned, 4, "research, text, picture, post");
    for _ in 0..2 {
        world.later(Span::from_mins(1)).await;
        world.restart().await;
        world.later(Span::from_mins(1)).await;
    }
    assert_eq!(world.tasks().await.len(), planned);
    assert_eq!(world.store.signal_feed(&ALL).await.unwrap().total, 1);
    let health = world
        .store
        .resource_health(&ALL)
        .await
        .unwrap()
        .rows
        .remove(0);
    assert!(health.seen >= 4, "it was read again: {health:?}");
    assert_eq!(world.calls("generate_text").len(), 1);
}

// R171, R23: a feed that cannot be read is told by name, and its stories become tasks when it can be again.
#[tokio::test]
async fn classic_planner_swallows_an_error() {
    let world = World::new(&[LINEN]).await;
    world.mute_feeds(true);
    for _ in 0..3 {
        world.later(Span::from_mins(10)).await;
    }
    assert!(world.tasks().await.is_empty());
    assert_eq!(world.overview().await.resources_failing.len(), 1);
    let told = world.alerts("resource_failing").await;
    assert!(
        told.len() == 1 && told[0].contains("the line is dead"),
        "{told:?}"
    );
    world.mute_feeds(false);
    world.later(Span::from_hours(1)).await;
    world.ticket().await;
    assert!(world.overview().await.resources_failing.is_empty());
    assert!(world.alerts("resource_failing").await.is_empty());
}

// R171, R14: what a process had taken when it died is done by the next one, from where it stood, and counted
// as another start.
#[tokio::test]
async fn classic_work_popped_and_lost_in_a_crash() {
    let mut world = World::new(&[LINEN]).await;
    world.die_in("generate_text").await;
    assert_eq!(world.states("text").await, [TaskState::Claimed]);
    world.restart().await;
    world.turn().await;
    world.ticket().await;
    let rows = world.tasks().await;
    let starts = |node: &str| {
        rows.iter()
            .find(|row| row.node.as_str() == node)
            .unwrap()
            .attempt
    };
    assert_eq!((starts("research"), starts("text")), (1, 2));
    assert_eq!(world.calls("generate_text").len(), 2);
    assert_eq!(rows.len(), 4);
}

// R171, R148: an emergency stop keeps what is approved, what waits for a person and what is yet to be made;
// nothing of it moves while it holds, and all of it comes to its end after.
#[tokio::test]
async fn classic_emergency_stop_flushes_the_queue() {
    let world = World::new(&[LINEN, HEMP, WOOL]).await;
    world.spoil(|call, reply| {
        let of_wool = call.arguments["trend"]["title"] == WOOL.0 && call.tool == "generate_text";
        (of_wool && reply.is_none()).then(|| ToolError::NotSent {
            server: call.server.clone(),
            why: "busy".to_owned(),
        })
    });
    world.turn().await;
    let cards = world.tickets().await;
    assert_eq!(cards.len(), 2);
    assert!(world.approve(&cards[0]).await.is_done());
    let queue = async || {
        let mut rows: Vec<_> = world
            .tasks()
            .await
            .into_iter()
            .map(|row| (row.id, row.state))
            .collect();
        rows.sort();
        rows
    };
    let before = queue().await;
    for state in [TaskState::Approved, TaskState::Ticketed, TaskState::Pending] {
        assert!(
            before.iter().any(|(_, found)| *found == state),
            "{state}: {before:?}"
        );
    }
    let halted = world
        .store
        .halt(Scope::Fleet, Halt::Kill, "ana", "wrong account");
    assert!(halted.await.unwrap().is_done());
    world.later(Span::from_hours(1)).await;
    assert_eq!(queue().await, before, "kept as it was");
    assert!(world.sent().is_empty());
    assert_eq!(world.tickets().await.len(), 1);

    world.spoil(|_, _| None);
    assert!(
        world
            .store
            .resume(Scope::Fleet, "ana")
            .await
            .unwrap()
            .is_done()
    );
    world.later(Span::from_mins(1)).await;
    let asked = world.tickets().await;
    assert_eq!(asked.len(), 3, "what was approved is asked about again");
    for card in &asked {
        assert!(world.approve(card).await.is_done());
    }
    world.later(Span::from_secs(10)).await;
    assert_eq!(world.sent().len(), 3);
    assert_eq!(world.states("publish").await, [TaskState::Published; 3]);
}
