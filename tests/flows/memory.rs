//! What an agent remembers when it writes again.

use std::collections::BTreeSet;

use chimera_domain::Span;

use super::classic::world::{DENIM, HEMP, LINEN, WOOL, World};

// R122: how the last posts were put is told to who writes the next one, also after a restart, and it is put otherwise.
#[tokio::test]
async fn r122_the_next_post_is_put_otherwise_than_the_last_ones() {
    let mut world = World::with(&[&[LINEN], &[WOOL], &[HEMP], &[DENIM]], |config| {
        config.policy.planner.plans_per_hour_max = 100;
    })
    .await;
    world.turn().await;
    world.later(Span::from_mins(2)).await;
    world.restart().await;
    for _ in 0..2 {
        world.later(Span::from_mins(2)).await;
    }
    let avoided: Vec<Vec<String>> = world
        .calls("generate_text")
        .iter()
        .map(|call| serde_json::from_value(call.arguments["avoid"].clone()).unwrap())
        .collect();
    assert_eq!(avoided.len(), 4);
    for (nth, avoid) in avoided.iter().enumerate() {
        let different: BTreeSet<&String> = avoid.iter().collect();
        assert_eq!((avoid.len(), different.len()), (nth, nth), "{avoided:?}");
    }
    for pair in avoided.windows(2) {
        assert_eq!(pair[0], pair[1][1..], "the newest first: {avoided:?}");
    }
}
