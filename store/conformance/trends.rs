//! What the store promises of trends and mutes.

use chimera_domain::{
    Outcome, Span, StateVersion, StoreError,
    ids::{MuteId, TrendId},
    ports::PlanDecision,
    signal::{Said, SignalState},
    trend::{
        ConvertFor, ItemName, Mute, NewMute, PerHour, Sighting, Spotted, Standing, Told,
        TrendState, Velocity,
    },
    views::{MuteRow, PageRequest, TrendRow},
};

use super::{Harness, done, fixtures::relevance, lost};

async fn seen(h: &Harness) -> Vec<Sighting> {
    let since = h.ambient.now().minus(Span::from_hours(4));
    h.store().sightings(since).await.unwrap()
}

fn told(seen: &[Sighting], title: &str) -> Told {
    let at = seen.first().expect("a sighting").at;
    Told {
        title: title.to_owned(),
        words: vec!["grid".into(), "storage".into()],
        standing: Standing {
            volume: u32::try_from(seen.len()).unwrap(),
            sources: 1,
            velocity: Velocity {
                now: PerHour::from_hundredths(300),
                before: PerHour::ZERO,
            },
            sentiment: None,
            first_at: at,
            last_at: at,
        },
        method: "any/1".into(),
    }
}

fn names(seen: &[Sighting]) -> Vec<ItemName> {
    seen.iter().map(|sighting| sighting.item.clone()).collect()
}

async fn commit(h: &Harness, spotted: Spotted) -> u32 {
    h.store().commit_spotted(&[spotted]).await.unwrap()
}

async fn trends(h: &Harness) -> Vec<TrendRow> {
    let page = PageRequest::first(10);
    h.store().trends(&page).await.unwrap().rows
}

/// Perceives these and has them told as one trend.
async fn trend(h: &Harness, keys: &[&str]) -> TrendRow {
    h.perceive(keys).await;
    let new = seen(h).await;
    let new: Vec<Sighting> = new.into_iter().filter(|s| s.trend.is_none()).collect();
    let spotted = Spotted::Found {
        told: told(&new, keys[0]),
        items: names(&new),
    };
    assert_eq!(commit(h, spotted).await, 1);
    let found = trends(h).await;
    let found = found.into_iter().find(|row| row.title.as_str() == keys[0]);
    found.expect("the trend")
}

async fn mutes(h: &Harness) -> Vec<MuteRow> {
    let page = PageRequest::first(10);
    h.store().mute_list(&page).await.unwrap().rows
}

fn topic(words: &str) -> NewMute {
    NewMute {
        agent: None,
        words: words.to_owned(),
        until: None,
    }
}

/// What was seen is kept once however often it is polled, a trend of it is made once however often a look is written
/// down, and measuring it anew moves no version: a person decided on the trend and not on its numbers.
/// Proves: R32, R22.
pub async fn r32_what_was_spotted_is_kept_once(h: Harness) {
    h.begin().await;
    let row = trend(&h, &["a", "b", "c"]).await;
    h.perceive(&["a", "b", "c"]).await;
    let all = seen(&h).await;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|s| s.trend == Some(row.id)), "{all:?}");
    assert_eq!(
        (row.state, row.version),
        (TrendState::Open, StateVersion::FIRST)
    );
    assert_eq!((row.items.len(), row.standing.volume), (3, 3));
    let again = Spotted::Found {
        told: told(&all, "a"),
        items: names(&all),
    };
    assert_eq!(commit(&h, again).await, 0);

    h.perceive(&["d"]).await;
    let new = seen(&h).await.into_iter().filter(|s| s.trend.is_none());
    let new: Vec<Sighting> = new.collect();
    let measured = |version| Spotted::Measured {
        id: row.id,
        version,
        told: told(&all, "another headline"),
        items: names(&new),
        to: None,
    };
    assert_eq!(commit(&h, measured(row.version.next())).await, 0);
    assert_eq!(commit(&h, measured(row.version)).await, 1);
    h.reopen();
    let now = trends(&h).await;
    assert_eq!(now.len(), 1);
    let told = (now[0].title.as_str(), now[0].items.len(), now[0].version);
    assert_eq!(told, ("another headline", 4, row.version));

    let faded = Spotted::Moved {
        id: row.id,
        version: row.version,
        to: TrendState::Faded,
    };
    assert_eq!(commit(&h, faded.clone()).await, 1);
    assert_eq!(commit(&h, faded).await, 0);
    let heads = h.store().trend_heads(h.ambient.now()).await.unwrap();
    assert!(heads.is_empty(), "{heads:?}");
}

/// What a person does with a trend is bound to the version they saw: of two one counts, and the other is told by whom.
/// A snooze ends, and no sleeping or ended trend is moved as if it waited.
/// Proves: R32, R2.
pub async fn r32_a_trend_is_moved_by_its_version(h: Harness) {
    h.begin().await;
    let row = trend(&h, &["a"]).await;
    let store = h.store();
    let later = h.ambient.now().plus(Span::from_hours(1));
    let past = store.snooze_trend(row.id, row.version, h.ambient.now(), "ana");
    assert!(matches!(past.await, Err(StoreError::Refused { .. })));
    let slept = store.snooze_trend(row.id, row.version, later, "ana").await;
    done(slept.unwrap());
    let slow = store.snooze_trend(row.id, row.version, later, "ben").await;
    let conflict = lost(slow.unwrap());
    assert_eq!(
        (conflict.now.as_str(), conflict.by.as_deref()),
        ("snoozed", Some("ana"))
    );
    let asleep = trends(&h).await.remove(0);
    assert_eq!(
        (asleep.state, asleep.snoozed_until),
        (TrendState::Snoozed, Some(later))
    );

    let awake = Spotted::Moved {
        id: row.id,
        version: asleep.version,
        to: TrendState::Open,
    };
    assert_eq!(commit(&h, awake).await, 1);
    let awake = trends(&h).await.remove(0);
    assert_eq!((awake.state, awake.snoozed_until), (TrendState::Open, None));
    let faded = Spotted::Moved {
        id: row.id,
        version: awake.version,
        to: TrendState::Faded,
    };
    commit(&h, faded).await;
    let over = trends(&h).await.remove(0);
    let late = store.snooze_trend(row.id, over.version, later, "ben").await;
    assert_eq!(lost(late.unwrap()).now, "faded");
    let nobody = TrendId::from_uuid(h.ambient.fresh());
    let nothing = store.snooze_trend(nobody, row.version, later, "ben").await;
    assert!(matches!(nothing.unwrap(), Outcome::NotFound));
}

/// A conversion keeps the best signal of each campaign it fits, as a person would have kept it, and of none where it
/// fits nobody; a campaign that is named counts whatever its scores.
/// Proves: R32.
pub async fn r32_a_conversion_keeps_the_best_of_each_campaign(h: Harness) {
    h.begin().await;
    let row = trend(&h, &["a", "b"]).await;
    let store = h.store();
    let unfit = store
        .convert_trend(row.id, row.version, &ConvertFor::Fitting, "ana")
        .await;
    assert!(
        matches!(unfit, Err(StoreError::Refused { .. })),
        "{unfit:?}"
    );
    let named = |name: &str| ConvertFor::Named(vec![name.to_owned()]);
    let unknown = store
        .convert_trend(row.id, row.version, &named("nobody"), "ana")
        .await;
    assert!(
        matches!(unknown, Err(StoreError::Refused { .. })),
        "{unknown:?}"
    );
    for (signal, _) in store.next_signals(10).await.unwrap() {
        let why = "too little".to_owned();
        let mut scored = relevance();
        if signal.item.key == "a" {
            scored.score = chimera_domain::Score::from_percent(80);
        }
        let decision = PlanDecision::Ignore { why };
        done(
            store
                .commit_plan(&signal, Some(scored), decision)
                .await
                .unwrap(),
        );
    }
    let converted = store
        .convert_trend(row.id, row.version, &ConvertFor::Fitting, "ana")
        .await;
    assert_eq!(done(converted.unwrap()), 1);
    let rows = store
        .signal_feed(&PageRequest::first(10))
        .await
        .unwrap()
        .rows;
    let kept: Vec<_> = rows
        .iter()
        .filter(|row| row.state == SignalState::New)
        .map(|row| (row.title.as_str(), row.said))
        .collect();
    let best = rows.iter().max_by_key(|row| row.score).unwrap();
    assert_eq!(kept, [(best.title.as_str(), Some(Said::Kept))]);
    let over = trends(&h).await.remove(0);
    assert_eq!(
        (over.state, over.moved_by.as_str()),
        (TrendState::Converted, "ana")
    );
    let twice = store
        .convert_trend(row.id, over.version, &named("main"), "ben")
        .await;
    assert_eq!(lost(twice.unwrap()).now, "converted");

    let other = trend(&h, &["c"]).await;
    let named = store
        .convert_trend(other.id, other.version, &named("main"), "ana")
        .await;
    assert_eq!(done(named.unwrap()), 1);
}

/// A mute is in force until its end or until somebody takes it back, once; the trend it was made of is put away with it
/// and comes back with it. What was muted is found again by its name, also afterwards.
/// Proves: R32.
pub async fn r32_a_mute_is_taken_back_once_and_is_never_changed(h: Harness) {
    h.begin().await;
    let row = trend(&h, &["a"]).await;
    let store = h.store();
    let muted = store
        .mute_trend(row.id, row.version, &topic(" grid   storage "), "ana")
        .await;
    let id = done(muted.unwrap());
    let slow = store
        .mute_trend(row.id, row.version, &topic("grid"), "ben")
        .await;
    assert_eq!(lost(slow.unwrap()).now, "muted");
    let in_force = store.mutes().await.unwrap();
    let named: Vec<_> = in_force.iter().map(|m| (m.id, m.words.as_str())).collect();
    assert_eq!(named, [(id, "grid storage")], "who lost made none");
    assert_eq!(trends(&h).await[0].state, TrendState::Muted);

    done(store.unmute(id, "ben").await.unwrap());
    drop(store);
    h.reopen();
    let store = h.store();
    assert!(store.mutes().await.unwrap().is_empty());
    assert_eq!(trends(&h).await[0].state, TrendState::Open);
    let conflict = lost(store.unmute(id, "ana").await.unwrap());
    assert_eq!(conflict.by.as_deref(), Some("ben"));
    let nobody = MuteId::from_uuid(h.ambient.fresh());
    assert!(matches!(
        store.unmute(nobody, "ana").await.unwrap(),
        Outcome::NotFound
    ));
    let row = mutes(&h).await.remove(0);
    assert!(!row.in_force && row.lifted.is_some(), "{row:?}");

    let until = Some(h.ambient.now().plus(Span::from_hours(1)));
    let agent = Some(store.overview().await.unwrap().campaigns[0].agent_id);
    let short = NewMute {
        until,
        agent,
        ..topic("cup")
    };
    store.mute_topic(&short, "ana").await.unwrap();
    assert_eq!(store.mutes().await.unwrap().len(), 1);
    assert_eq!(mutes(&h).await[0].agent.as_ref().unwrap().as_str(), "fae");
    h.clock.advance(Span::from_hours(1));
    assert!(store.mutes().await.unwrap().is_empty());
    let page = PageRequest {
        filter: "mute_topic".into(),
        ..PageRequest::first(10)
    };
    assert_eq!(store.audit(&page).await.unwrap().total, 3);
}

/// A mute says something, ends later if it ends, is about somebody there is, and there are never more in force than a
/// decision can be held against.
/// Proves: R32.
pub async fn r32_mutes_are_bounded(h: Harness) {
    h.begin().await;
    let store = h.store();
    let nobody = chimera_domain::ids::AgentId::from_uuid(h.ambient.fresh());
    for wrong in [
        topic("  "),
        topic("…"),
        topic(&"a".repeat(Mute::WORDS_CHARS_MAX + 1)),
        NewMute {
            until: Some(h.ambient.now()),
            ..topic("cup")
        },
        NewMute {
            agent: Some(nobody),
            ..topic("cup")
        },
    ] {
        let refused = store.mute_topic(&wrong, "ana").await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{wrong:?}"
        );
    }
    for n in 0..Mute::IN_FORCE_MAX {
        store
            .mute_topic(&topic(&format!("cup {n}")), "ana")
            .await
            .unwrap();
    }
    let refused = store.mute_topic(&topic("one more"), "ana").await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })));
    let first = store.mutes().await.unwrap()[0].id;
    done(store.unmute(first, "ana").await.unwrap());
    store.mute_topic(&topic("one more"), "ana").await.unwrap();
}
