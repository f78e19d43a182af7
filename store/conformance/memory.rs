//! What the store promises a writer about its agent's past.

use chimera_domain::{
    Span,
    memory::{Past, STRUCTURES_MAX},
    plan::TaskGraph,
    ticket::Choice,
    views::PageRequest,
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, submission},
};

async fn published(h: &Harness, fence: i64, text: &str) {
    let card = h.ticketed(fence, text).await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    h.clock.advance(TIMES.fuse);
    let order = take(h, fence).await;
    h.confirm(&order).await;
}

/// The past that a task which writes a text gets; the text is handed in with this structure.
async fn written(h: &Harness, fence: i64, key: &str, structure: &str) -> Past {
    let signals = h.perceive(&[key]).await;
    let (signal, _) = signals.iter().find(|(s, _)| s.item.key == key).unwrap();
    let graph = TaskGraph::new("texts", vec![h.node("text", &[])]).unwrap();
    h.plan(signal, graph).await;
    let work = h.claim(fence).await;
    let mut result = submission(None);
    result.provenance.structure = Some(structure.to_owned());
    done(h.store().submit_result(&work.claim, result).await.unwrap());
    work.past
}

/// A writer remembers what its agent published and how it put its last texts, the newest first; a post that was taken down is
/// forgotten, and what does not write a text is told nothing.
/// Proves: R122.
pub async fn r122_a_writer_remembers_what_its_agent_published(h: Harness) {
    let fence = h.begin().await;
    assert_eq!(written(&h, fence, "first", "one").await, Past::default());
    published(&h, fence, "old").await;
    h.clock.advance(Span::from_secs(30));
    published(&h, fence, "new").await;
    h.reopen();
    let past = written(&h, fence, "second", "two").await;
    let texts: Vec<&str> = past.posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(
        (texts, past.structures),
        (vec!["new", "old"], vec!["one".to_owned()])
    );
    assert!(past.posts[0].published_at > past.posts[1].published_at);

    let rows = h
        .store()
        .publications(&PageRequest::first(9))
        .await
        .unwrap();
    let newest = rows
        .rows
        .iter()
        .find(|row| row.text.as_str() == "new")
        .unwrap();
    done(h.store().withdraw(newest.id, "wrong", "ana").await.unwrap());
    let order = take(&h, fence).await;
    h.confirm(&order).await;
    let past = written(&h, fence, "third", "three").await;
    assert_eq!(past.posts.len(), 1, "what was taken down is forgotten");
    assert_eq!(past.structures, ["two", "one"]);

    h.pending("publishes").await;
    assert_eq!(h.claim(fence).await.past, Past::default());
}

/// So many structures are told, and no more.
/// Proves: R122.
pub async fn r122_only_the_last_structures_are_told(h: Harness) {
    let fence = h.begin().await;
    let most = usize::try_from(STRUCTURES_MAX).unwrap();
    for n in 0..most + 3 {
        written(&h, fence, &format!("key {n}"), &format!("structure {n}")).await;
        h.clock.advance(Span::from_secs(1));
    }
    let past = written(&h, fence, "last", "last").await;
    assert_eq!(past.structures.len(), most);
    assert_eq!(past.structures[0], format!("structure {}", most + 2));
}
