//! Several senders, and asking beside them: what is slow holds up only what must wait for it.

use std::{sync::Arc, time::Duration};

use chimera_domain::{Span, effect::Settlement, ports::Lease};
use chimera_store::conformance::{
    done,
    scopes::{begin_with_two, one_due_of_each},
};
use tokio::{sync::watch, time::timeout};

use super::{PATIENCE, Platforms, executor, house};
use crate::{Personas, Settings, Swarm, drive::Step, testing::policy};

// R43: while one platform does not answer, a post to another one goes out; the sends of a swarm are side by side.
#[tokio::test]
async fn r43_a_platform_that_hangs_holds_up_no_other() {
    let h = house();
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    let platforms = Arc::new(Platforms {
        hanging: ["twitter"].into(),
        wait_for: 1,
        ..Platforms::default()
    });
    let swarm = Swarm {
        store: h.store(),
        tools: platforms.clone(),
        resources: platforms.clone(),
        skills: vec![],
        personas: Arc::new(Personas::new(vec![])),
        policy: Arc::new(policy()),
        ambient: h.ambient.clone(),
        treasury: crate::treasurer::Treasury::default(),
        settings: Settings {
            idle: Span::from_millis(20),
            stop_grace: Span::from_millis(20),
            ..Settings::default()
        },
    };
    let lease = Lease {
        fence,
        until: h.ambient.now().plus(Span::from_secs(30)),
    };
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(swarm.run(lease, stopped));
    let published = async {
        while h.store().publications(&first()).await.unwrap().total == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let published = timeout(PATIENCE, published).await;
    assert!(published.is_ok(), "{:?}", platforms.calls());
    stop.send_replace(true);
    let ended = running.await.unwrap().unwrap();
    assert_eq!(ended.cut_off, 1, "the one that hangs, and only it");
    assert_eq!(
        platforms.calls()[..2],
        ["twitter/post_content", "bluesky/post_content"]
    );
    let open = h.store().open_effects(&first()).await.unwrap().rows;
    let open: Vec<_> = open.iter().map(|e| (e.server.as_str(), e.state)).collect();
    assert_eq!(
        open,
        [("twitter", chimera_domain::effect::EffectState::Sent)]
    );
}

// R6, R182: while a send hangs, what another process left is asked for and settled; what is just being sent
// is nothing to ask for, however little patience there is.
#[tokio::test]
async fn r182_asking_waits_for_no_send_and_leaves_what_is_being_sent_alone() {
    let h = house();
    let before = begin_with_two(&h).await;
    one_due_of_each(&h, before).await;
    let store = h.store();
    let other = store.take_effect(before).await.unwrap().unwrap();
    let left = store.take_effect(before).await.unwrap().unwrap();
    assert_eq!(
        (other.call.server.as_str(), left.call.server.as_str()),
        ("twitter", "bluesky")
    );
    let at = h.ambient.now();
    let not_sent = Settlement::NotSent {
        why: "no route".into(),
        at,
    };
    let settled = store.settle_effect(other.effect_id, other.version, not_sent);
    done(settled.await.unwrap());
    h.clock.advance(Span::from_secs(31));
    let fence = h.lease(2).await.fence;

    let platforms = Arc::new(Platforms {
        hanging: ["twitter"].into(),
        silent: std::sync::Mutex::new(["bluesky"].into()),
        wait_for: 1,
        ..Platforms::default()
    });
    let executor = executor(&h, fence, &platforms);
    let sender = executor.clone();
    let hangs = tokio::spawn(async move { sender.step().await.map(|_| ()) });
    timeout(PATIENCE, platforms.until_hung()).await.unwrap();
    // No answer at first, so that there is a second round while the send hangs.
    let asked = timeout(PATIENCE, executor.read_back()).await.unwrap();
    assert_eq!(asked.unwrap(), Step::Progress);
    assert_eq!(h.state(left.task_id).await, "uncertain");
    platforms.silent.lock().unwrap().clear();
    h.clock.advance(Span::from_secs(6));
    let asked = timeout(PATIENCE, executor.read_back()).await.unwrap();
    assert_eq!(asked.unwrap(), Step::Progress);
    assert_eq!(h.state(left.task_id).await, "published");
    assert_eq!(h.state(other.task_id).await, "publishing");
    let calls = platforms.calls();
    assert_eq!(
        calls,
        [
            "twitter/post_content",
            "bluesky/get_post",
            "bluesky/get_post"
        ]
    );

    // Cut off, it is one to ask for like any other.
    hangs.abort();
    assert!(hangs.await.unwrap_err().is_cancelled());
    h.clock.advance(Span::from_secs(6));
    let asked = timeout(PATIENCE, executor.read_back()).await.unwrap();
    assert_eq!(asked.unwrap(), Step::Progress);
    assert_eq!(h.state(other.task_id).await, "published");
}

fn first() -> chimera_domain::views::PageRequest {
    chimera_domain::views::PageRequest::first(10)
}
