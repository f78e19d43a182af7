//! What the store promises the people at the desk.

use chimera_domain::{
    ContentHash, Outcome, Span, StoreError,
    effect::{EffectState, Settlement},
    ids::TicketId,
    resource::Poll,
    task::{Failure, Reason},
    ticket::{Choice, Decided, RejectClass, TicketState},
    verdict::{Route, SensitiveSpan, SensitiveTopic},
    views::{PageRequest, TicketCard},
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, call, decide, item, submission, verdict},
    lost,
};

fn reject() -> Choice {
    Choice::Reject {
        class: RejectClass::OffBrand,
        note: "not us".into(),
    }
}

/// Two reviewers decide at the same instant: one decision stands, and the other is told who
/// decided what and when.
/// Proves: R69, R181.
pub async fn r69_one_of_two_deciders_wins_and_the_other_is_told(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let (one, two) = (h.store(), h.another());
    let approve = decide(&card, Choice::Approve, "ana");
    let refuse = decide(&card, reject(), "ben");
    let (a, b) = tokio::join!(one.decide_ticket(&approve), two.decide_ticket(&refuse));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a.is_done() ^ b.is_done(), "{a:?} {b:?}");
    let (winner, word, loser) = if a.is_done() {
        ("ana", "approved", b)
    } else {
        ("ben", "rejected", a)
    };
    let conflict = lost(loser);
    assert_eq!(conflict.by.as_deref(), Some(winner));
    assert_eq!(conflict.now, word);
    assert_eq!(conflict.at, Some(h.ambient.now()));
    assert_eq!(conflict.actual, card.row.version.next());
    let decided = h.card(card.row.id).await.decided.unwrap();
    assert!(decided.as_str().starts_with(&format!("{word} by {winner}")));
    assert!(h.store().overview().await.unwrap().conflicts >= 1);
}

/// A decision on other content than the ticket asks about is a conflict, and nothing is written.
/// Proves: R181.
pub async fn r181_a_decision_names_the_content_it_saw(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let mut wrong = decide(&card, Choice::Approve, "ana");
    wrong.content_hash = ContentHash::of_bytes(b"other");
    lost(h.store().decide_ticket(&wrong).await.unwrap());
    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Open);
    let mut nobody = decide(&card, Choice::Approve, "ana");
    nobody.ticket_id = TicketId::from_uuid(h.ambient.fresh());
    assert_eq!(
        h.store().decide_ticket(&nobody).await.unwrap(),
        Outcome::NotFound
    );
}

/// An edit of the campaign supersedes its tickets; the task goes back to the judge.
/// Proves: R70.
pub async fn r70_a_ticket_whose_campaign_was_edited_cannot_be_approved(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let mut setup = h.setup();
    setup.campaigns[0].goal = "something else".into();
    h.store().install(&setup).await.unwrap();
    let conflict = lost(h.decide(&card, Choice::Approve, "ana").await);
    assert_eq!(conflict.now, "superseded");
    assert_eq!(h.state(card.post().unwrap().task_id).await, "review");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
}

/// Approving sends nothing: the effect is held for the installed fuse, then leaves.
/// Proves: R71.
pub async fn r71_approving_holds_the_effect_for_the_fuse(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let decided = done(h.decide(&card, Choice::Approve, "ana").await);
    let Decided::Held { effect_id, until } = decided else {
        panic!("{decided:?}")
    };
    assert_eq!(until, h.ambient.now().plus(TIMES.fuse));
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    h.clock.set(until);
    let order = take(&h, fence).await;
    assert_eq!(
        (order.effect_id, order.content_hash),
        (effect_id, card.content_hash)
    );
}

/// While the fuse burns a decision can be taken back: the ticket is open at a new version and
/// nothing leaves. Once it left, it cannot.
pub async fn undo_opens_the_ticket_again_and_nothing_leaves(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    let version = card.row.version.next();
    lost(
        h.store()
            .undo_decision(card.row.id, card.row.version, "ana")
            .await
            .unwrap(),
    );
    done(
        h.store()
            .undo_decision(card.row.id, version, "ana")
            .await
            .unwrap(),
    );
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let card = h.card(card.row.id).await;
    assert_eq!((card.row.state, card.effect), (TicketState::Open, None));
    assert_eq!(card.decided, None);
    done(h.decide(&card, Choice::Approve, "ben").await);
    h.clock.advance(TIMES.fuse);
    let _ = take(&h, fence).await;
    let version = card.row.version.next();
    let late = lost(
        h.store()
            .undo_decision(card.row.id, version, "ben")
            .await
            .unwrap(),
    );
    assert_eq!(late.now, "approved: its effect is on its way");
}

/// A post that could not be sent and waits for another try can still be taken back.
pub async fn what_waits_for_another_try_can_be_taken_back(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    let store = h.store();
    let undo = async || {
        let version = card.row.version.next();
        store
            .undo_decision(card.row.id, version, "ana")
            .await
            .unwrap()
    };
    assert_eq!(lost(undo().await).now, "approved: its effect is on its way");
    let not_sent = Settlement::NotSent {
        why: "the server is dead".into(),
        at: h.ambient.now(),
    };
    let settled = store.settle_effect(order.effect_id, order.version, not_sent);
    done(settled.await.unwrap());
    done(undo().await);
    assert!(store.take_effect(fence).await.unwrap().is_none());
    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Open);
}

/// A card shows the effect of the decision that holds, not of one that was taken back before it.
pub async fn a_reject_after_an_undone_approval_has_no_effect(h: Harness) {
    let fence = h.begin().await;
    let mut card = h.ticketed(fence, "x").await;
    for choice in [Choice::Approve, reject()] {
        done(h.decide(&card, choice, "ana").await);
        let version = card.row.version.next();
        let undo = h.store().undo_decision(card.row.id, version, "ana").await;
        done(undo.unwrap());
        card = h.card(card.row.id).await;
        assert_eq!(card.effect, None);
    }
    done(h.decide(&card, reject(), "ana").await);
    assert_eq!(h.card(card.row.id).await.effect, None);
    let again = h.card(card.row.id).await.row.version;
    done(
        h.store()
            .undo_decision(card.row.id, again, "ana")
            .await
            .unwrap(),
    );
    card = h.card(card.row.id).await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    assert_eq!(h.card(card.row.id).await.effect, Some(EffectState::Held));
}

/// A refusal can be taken back within the fuse, and not after.
pub async fn undo_of_a_reject_works_within_the_fuse_only(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    assert_eq!(
        done(h.decide(&card, reject(), "ana").await),
        Decided::Rejected
    );
    assert_eq!(h.state(card.post().unwrap().task_id).await, "rejected");
    let version = card.row.version.next();
    done(
        h.store()
            .undo_decision(card.row.id, version, "ana")
            .await
            .unwrap(),
    );
    assert_eq!(h.state(card.post().unwrap().task_id).await, "ticketed");
    let card = h.card(card.row.id).await;
    done(h.decide(&card, reject(), "ana").await);
    h.clock.advance(
        TIMES
            .fuse
            .to_std()
            .as_secs()
            .checked_add(1)
            .map(Span::from_secs)
            .unwrap(),
    );
    let version = card.row.version.next();
    lost(
        h.store()
            .undo_decision(card.row.id, version, "ana")
            .await
            .unwrap(),
    );
}

/// After an edit of the campaign a decision of before cannot be taken back into a ticket nobody
/// could decide.
/// Proves: R70.
pub async fn r70_an_undo_after_the_campaign_moved_on_is_a_conflict(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, reject(), "ana").await);
    let mut setup = h.setup();
    setup.campaigns[0].goal = "something else".into();
    h.store().install(&setup).await.unwrap();
    let version = card.row.version.next();
    let id = card.row.id;
    lost(h.store().undo_decision(id, version, "ana").await.unwrap());
    assert_eq!(h.state(card.post().unwrap().task_id).await, "rejected");
}

/// What was approved, taken back and approved again leaves once, under the key it had before.
pub async fn undone_content_may_be_approved_again_under_the_same_key(h: Harness) {
    let fence = h.begin().await;
    let mut card = h.ticketed(fence, "x").await;
    for _ in 0..3 {
        done(h.decide(&card, Choice::Approve, "ana").await);
        let version = card.row.version.next();
        done(
            h.store()
                .undo_decision(card.row.id, version, "ana")
                .await
                .unwrap(),
        );
        card = h.card(card.row.id).await;
    }
    done(h.decide(&card, Choice::Approve, "ana").await);
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    assert_eq!(
        order.idempotency_key,
        call("x").idempotency_key(card.post().unwrap().task_id)
    );
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
}

/// Who decided, what, why and when is kept with the ticket and over a restart.
/// Proves: R76.
pub async fn r76_the_first_decision_stays_on_record(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, reject(), "ana@host:tty1").await);
    h.reopen();
    lost(h.decide(&card, Choice::Approve, "ben").await);
    let decided = h.card(card.row.id).await.decided.unwrap();
    let at = h.ambient.now().to_rfc3339_seconds();
    assert_eq!(
        decided.as_str(),
        format!("rejected by ana@host:tty1 at {at} (off_brand) not us")
    );
}

/// Pages are bounded, their words filter whatever the case, patterns are words, and outside text is safe.
pub async fn lists_are_bounded_filtered_and_safe(h: Harness) {
    h.begin().await;
    let resource = h.resource().await;
    let mut items: Vec<_> = (0..250).map(|i| item(&format!("k{i}"))).collect();
    items[7].title = "ÜBER 100% \u{1b}[31mred\nline".into();
    let poll = Poll::Read {
        note: None,
        items,
        cursor: None,
        next_poll_at: h.ambient.now(),
    };
    done(h.store().commit_poll(&resource, poll).await.unwrap());
    let all = h
        .store()
        .signal_feed(&PageRequest::first(10_000))
        .await
        .unwrap();
    assert_eq!((all.rows.len(), all.total), (200, 250));
    let find = async |filter: &str| {
        let page = PageRequest {
            filter: filter.into(),
            ..PageRequest::first(5)
        };
        h.store().signal_feed(&page).await.unwrap()
    };
    let found = find("über 100%").await;
    assert_eq!(
        (found.total, found.rows[0].title.as_str()),
        (1, "ÜBER 100% ␛[31mred⏎line")
    );
    assert_eq!(find("k11 nowhere").await.total, 0);
    assert_eq!(find("of k11 NEW").await.total, 11);
    assert_eq!(find("%").await.total, 1);
    assert_eq!(find("_").await.total, 0);
    let page = PageRequest {
        offset: 249,
        ..PageRequest::first(5)
    };
    assert_eq!(h.store().signal_feed(&page).await.unwrap().rows.len(), 1);
}

/// Lists are filtered by the fields they name, by what must not be, by alternatives and by letters in order; a
/// field nobody has is refused with those there are, and each of those can be asked for. Proves: R134.
pub async fn r134_lists_are_filtered_by_their_fields(h: Harness) {
    let fence = h.begin().await;
    h.ticketed(fence, "linen").await;
    h.ticketed(fence, "wool").await;
    let queue = async |filter: &str| {
        let page = PageRequest {
            filter: filter.into(),
            ..PageRequest::first(5)
        };
        h.store().review_queue(&page).await
    };
    let total = async |filter: &str| queue(filter).await.unwrap().total;
    let row = queue("").await.unwrap().rows[0].clone();
    let (campaign, account) = (row.campaign.as_str(), row.account.as_str());
    for (filter, found) in [
        (format!("campaign:\"{campaign}\""), 2),
        (format!("-campaign:\"{campaign}\""), 0),
        (format!("account:{account} state:open"), 2),
        (format!("state:escalated OR account:{account}"), 2),
        (format!("platform:{} -state:open", row.channel), 0),
        (format!("channel:~{}", row.channel), 2),
        ("agent:nobody OR persona:nobody".to_owned(), 0),
        ("-agent:nobody".to_owned(), 2),
        ("agent:%".to_owned(), 0),
        ("agent:~%".to_owned(), 0),
    ] {
        assert_eq!(total(&filter).await, found, "{filter}");
    }
    let both = "linen OR wool";
    assert_eq!(total(both).await, 2);
    assert_eq!(total("~lnen -wool").await, total("linen -wool").await);

    let nobody = |filter: String| PageRequest {
        filter,
        ..PageRequest::first(5)
    };
    macro_rules! every_field_of {
        ($($list:ident($($more:expr)?)),+) => {$(
            let page = nobody("nosuch:x".to_owned());
            let what = match h.store().$list(&page $(, $more)?).await {
                Err(StoreError::Refused { what }) => what,
                other => panic!("{other:?}"),
            };
            let (told, names) = what.split_once(": ").unwrap();
            assert_eq!(told, "no field `nosuch` here");
            for name in names.split(", ") {
                let page = nobody(format!("-{name}:x OR {name}:~yz word"));
                h.store().$list(&page $(, $more)?).await.unwrap();
            }
        )+};
    }
    every_field_of!(
        signal_feed(),
        task_list(None),
        review_queue(),
        ledger(),
        publications(),
        open_effects(),
        alerts(),
        resource_health(),
        fleet(),
        tasks(),
        audit(),
        links(),
        personas(),
        settings()
    );
    let long = nobody("x ".repeat(100));
    assert!(matches!(
        h.store().signal_feed(&long).await,
        Err(StoreError::Refused { .. })
    ));
}

/// Sensitive tickets come first, whatever their deadline; decided ones are gone.
pub async fn the_queue_is_sensitive_first_then_by_deadline(h: Harness) {
    let fence = h.begin().await;
    let early = h.ticketed(fence, "early").await;
    h.clock.advance(Span::from_mins(1));
    let late = h.ticketed(fence, "late").await;
    h.clock.advance(Span::from_mins(1));
    let case = h.in_review(fence, "sensitive").await;
    let mut careful = verdict(Route::HitlQueue, case.call.content_hash());
    careful.sensitive = vec![SensitiveSpan {
        topic: SensitiveTopic::Health,
        span: "cure".into(),
        field: "text".into(),
        rule: "words".into(),
    }];
    let (id, version) = (case.task.id, case.task.version);
    let sensitive = done(
        h.store()
            .commit_verdict(id, version, &careful, TIMES)
            .await
            .unwrap(),
    )
    .unwrap();
    let order = async || {
        let page = h
            .store()
            .review_queue(&PageRequest::first(10))
            .await
            .unwrap();
        page.rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [sensitive, early.row.id, late.row.id]);
    done(h.decide(&early, reject(), "ana").await);
    assert_eq!(order().await, [sensitive, late.row.id]);
    assert_eq!(h.store().overview().await.unwrap().tickets_waiting, 2);
}

/// A card names the hash to decide on, the whole text, the pictures, the tool, the trend and the verdict.
pub async fn a_card_shows_everything_a_decision_needs(h: Harness) {
    let fence = h.begin().await;
    let mut setup = h.setup();
    setup.simulated_servers = vec!["twitter".into()];
    h.store().install(&setup).await.unwrap();
    let card = h.ticketed(fence, "one\ntwo").await;
    assert_eq!(
        (card.text.as_str(), card.row.text.as_str()),
        ("one\ntwo", "one⏎two")
    );
    assert_eq!(card.content_hash, call("one\ntwo").content_hash());
    assert_eq!(
        (
            card.post().unwrap().graphemes,
            card.post().unwrap().media.len()
        ),
        ((7, 280), 1)
    );
    assert_eq!(card.post().unwrap().tool.as_str(), "twitter/post_content");
    assert_eq!(
        card.post().unwrap().trend.as_ref().unwrap().as_str(),
        "Title of one⏎two"
    );
    assert_eq!(card.row.reasons[0].as_str(), "because");
    assert_eq!((card.fuse, card.row.simulated), (TIMES.fuse, true));
    assert_eq!(card.post().unwrap().left_day.unwrap().to_string(), "50.00");
    let overview = h.store().overview().await.unwrap();
    assert!(overview.simulated);
    assert_eq!(
        overview.swarm.unwrap().holder.as_str(),
        "host:1 (chimera --daemon)"
    );
}

/// A dead task runs again with fresh attempts; a task that lives cannot be replayed.
/// Proves: R20.
pub async fn r20_a_dead_task_is_replayed_with_fresh_attempts(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    let work = h.claim(fence).await;
    let version = work.task.version;
    assert!(h.store().replay_task(id, version, "op").await.is_err());
    let dead = Failure::Dead {
        reason: Reason::ToolFailed,
        why: "x".into(),
    };
    done(h.store().fail_task(&work.claim, dead).await.unwrap());
    lost(h.store().replay_task(id, version, "op").await.unwrap());
    let version = h.store().task_version(id).await.unwrap().unwrap();
    done(h.store().replay_task(id, version, "op").await.unwrap());
    assert_eq!(h.alerts("task_dead").await.0, 0);
    assert_eq!(h.claim(fence).await.task.attempt, 1);
}

/// Measures are what the rows say, and without rows there is no number.
pub async fn measures_come_from_rows_and_no_data_is_none(h: Harness) {
    let fence = h.begin().await;
    let since = h.ambient.now();
    let none = h.store().measures(since).await.unwrap();
    assert_eq!(
        (none.signals, none.signal_to_task, none.ticket_to_decision),
        (0, None, None)
    );
    let signals = h.perceive(&["a", "b"]).await;
    h.clock.advance(Span::from_secs(3));
    h.plan(&signals[0].0, h.short_plan()).await;
    let work = h.claim(fence).await;
    h.clock.advance(Span::from_secs(5));
    done(
        h.store()
            .submit_result(&work.claim, submission(Some(call("a"))))
            .await
            .unwrap(),
    );
    let case = h.store().next_case().await.unwrap().unwrap();
    let ticket = h.judge(&case, Route::HitlQueue).await.unwrap();
    h.clock.advance(Span::from_secs(7));
    done(
        h.decide(&h.card(ticket).await, Choice::Approve, "ana")
            .await,
    );
    let measures = h.store().measures(since).await.unwrap();
    assert_eq!((measures.signals, measures.signals_planned), (2, 1));
    assert_eq!(measures.signal_to_task.unwrap().p50_us, 3_000_000);
    assert_eq!(measures.work_to_verdict.unwrap().p50_us, 5_000_000);
    assert_eq!(measures.ticket_to_decision.unwrap().max_us, 7_000_000);
    assert_eq!(measures.routes, (0, 1, 0));
}

/// A ticket shows what was asked about, for ever: also when its task is composed anew, proposes nothing
/// meanwhile, or proposes something else after.
/// Proves: R65, R70, R76.
pub async fn r65_a_ticket_goes_on_showing_what_was_asked(h: Harness) {
    let fence = h.begin().await;
    let asked = h.ticketed(fence, "first").await;
    let mut setup = h.setup();
    setup.campaigns[0].account = "@other".into();
    h.store().install(&setup).await.unwrap();
    assert_eq!(h.state(asked.post().unwrap().task_id).await, "pending");
    let shown = |card: &TicketCard| {
        (
            card.text.clone(),
            card.row.account.clone(),
            card.content_hash,
        )
    };
    assert_eq!(shown(&h.card(asked.row.id).await), shown(&asked));
    let work = h.claim(fence).await;
    let mut other = call("second");
    other.post.account = "@other".into();
    let result = submission(Some(other));
    done(h.store().submit_result(&work.claim, result).await.unwrap());
    let card = h.card(asked.row.id).await;
    assert_eq!(shown(&card), shown(&asked));
    assert_eq!(card.row.state.as_str(), "superseded");
}
