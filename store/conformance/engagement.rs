//! What the engagement sampler's store promises.

use chimera_domain::{Span, effect::Settlement, publication::Sample, views::PageRequest};

use super::{
    Harness, done,
    executor::{receipt, take},
    lost,
};

/// A look is recorded once per version and comes due again when it says; counters that fell are
/// kept as they are and raise an alert; an unreadable look only moves the time.
pub async fn samples_are_versioned_and_a_fall_raises_an_alert(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    let settled = Settlement::Confirmed(receipt());
    done(
        h.store()
            .settle_effect(order.effect_id, order.version, settled)
            .await
            .unwrap(),
    );
    let minute = Span::from_mins(1);
    let sample = |likes| Sample {
        at: h.ambient.now(),
        likes,
        shares: 0,
        comments: 0,
        views: None,
        simulated: false,
    };
    for (likes, alerts) in [(Some(5), 0), (None, 0), (Some(9), 0), (Some(7), 1)] {
        let due = h.store().due_publications(10).await.unwrap().remove(0);
        let next = h.ambient.now().plus(minute);
        let sample = likes.map(sample);
        done(
            h.store()
                .commit_sample(due.id, due.version, sample, next)
                .await
                .unwrap(),
        );
        lost(
            h.store()
                .commit_sample(due.id, due.version, sample, next)
                .await
                .unwrap(),
        );
        assert!(h.store().due_publications(10).await.unwrap().is_empty());
        assert_eq!(h.alerts("engagement_fell").await.0, alerts);
        h.clock.advance(minute);
    }
    let rows = h
        .store()
        .publications(&PageRequest::first(10))
        .await
        .unwrap()
        .rows;
    assert_eq!(rows[0].last.map(|s| s.likes), Some(7));
}
