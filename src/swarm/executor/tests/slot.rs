//! The last look of the sender itself: words that must not go out, by the policy of now.

use std::sync::Arc;

use super::{Platforms, executor, house};
use crate::{drive::Step, testing::policy};

// R195: what was approved before a phrase was blocked is not sent: nothing is called, and it is judged again with the line.
#[tokio::test]
async fn r195_words_that_are_blocked_by_now_are_not_sent() {
    let h = house();
    let fence = h.begin().await;
    let blocked = policy().judge.blocked_phrases.remove(0);
    let fine = "nothing is guaranteed here";
    for text in [
        format!("Fae says: {}!", blocked.to_uppercase()),
        fine.to_owned(),
    ] {
        h.due_effect(fence, &text).await;
    }
    let platforms = Arc::new(Platforms::default());
    let executor = executor(&h, fence, &platforms);
    assert_eq!(executor.step().await.unwrap(), Step::Progress);
    assert!(platforms.calls().is_empty(), "{:?}", platforms.calls());
    let case = h.store().next_case().await.unwrap().unwrap();
    let line = "words: `GUARANTEED RETURNS` is a blocked phrase now";
    assert_eq!(case.moved.as_deref(), Some(line));
    assert_eq!(executor.step().await.unwrap(), Step::Progress);
    assert_eq!(platforms.calls(), ["twitter/post_content"]);
}
