//! What the store promises about dry and live.

use chimera_domain::{
    Outcome, StoreError,
    mode::{Mode, ModeScope, Reach},
    ports::Setup,
    ticket::{Choice, TicketState},
    verdict::Route,
    views::{CampaignRow, PageRequest},
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, campaign},
    harness::{scopes_of, typed_for},
};

/// A fresh install: nobody let anything go live.
async fn begin_dry(h: &Harness) -> i64 {
    h.store().install(&h.setup()).await.unwrap();
    h.lease(1).await.fence
}

async fn house(h: &Harness) -> Vec<CampaignRow> {
    h.store().overview().await.unwrap().campaigns
}

async fn reach(h: &Harness) -> Reach {
    h.store().reaches().await.unwrap()[0].reach
}

async fn live(h: &Harness, scope: &ModeScope) -> u64 {
    let typed = typed_for(&house(h).await, scope);
    done(h.set_mode(scope.clone(), Mode::Live, &typed).await.unwrap())
}

async fn dry(h: &Harness, scope: &ModeScope) -> u64 {
    done(h.set_mode(scope.clone(), Mode::DryRun, "").await.unwrap())
}

/// What a fresh install approves ends as a rehearsal: confirmed, marked, nobody gets an order to send it, no
/// publication comes of it, and the same content may go out later under the same key.
/// Proves: R7, R8.
pub async fn r8_a_fresh_install_is_dry_and_rehearses(h: Harness) {
    let fence = begin_dry(&h).await;
    let card = h.ticketed(fence, "x").await;
    assert!(card.row.dry && card.row.simulated);
    done(h.decide(&card, Choice::Approve, "ben").await);
    let waits = h
        .store()
        .open_effects(&PageRequest::first(9))
        .await
        .unwrap();
    assert!(waits.rows[0].dry && waits.rows[0].simulated);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(
        h.state(card.post().unwrap().task_id).await,
        "approved",
        "the fuse burns as it would"
    );
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    h.reopen();
    assert_eq!(h.state(card.post().unwrap().task_id).await, "rehearsed");
    let page = PageRequest::first(9);
    assert_eq!(h.store().publications(&page).await.unwrap().total, 0);
    assert_eq!(h.store().open_effects(&page).await.unwrap().total, 0);
    // It stays a rehearsal on its card, also when everything is live.
    h.go_live().await;
    let card = h.card(card.row.id).await;
    assert!(card.row.dry && card.row.simulated && card.published.is_none());
    let overview = h.store().overview().await.unwrap();
    assert!(!overview.simulated && !overview.dry);
}

/// Only what is typed as it is goes live; it is written down, taken back, and nothing else counts for it. A
/// stand-in has nothing to go live.
/// Proves: R8.
pub async fn r8_going_live_is_typed_logged_and_taken_back(h: Harness) {
    begin_dry(&h).await;
    let campaigns = house(&h).await;
    let scopes = scopes_of(&campaigns[0]);
    let wanted = "@fae on twitter through twitter";
    for scope in &scopes {
        assert_eq!(typed_for(&campaigns, scope), wanted);
        for typed in [
            "",
            "yes",
            "@fae on twitter",
            "@leo on twitter through twitter",
        ] {
            let refused = h.set_mode(scope.clone(), Mode::Live, typed).await;
            let Err(StoreError::Refused { what }) = refused else {
                panic!("{typed}: {refused:?}")
            };
            assert!(what.contains(wanted), "{what}");
        }
    }
    for scope in &scopes {
        assert_eq!(reach(&h).await, Reach::DryRun);
        live(&h, scope).await;
    }
    h.reopen();
    assert_eq!(reach(&h).await, Reach::Live);
    let row = h.store().reaches().await.unwrap().remove(0);
    let (by, at) = row.of_campaign.set.clone().unwrap();
    assert_eq!((by.as_str(), at), ("ana", h.ambient.now()));
    assert_eq!(row.of_campaign.confirmed.as_str(), wanted);
    for scope in &scopes {
        dry(&h, scope).await;
        assert_eq!(reach(&h).await, Reach::DryRun);
        live(&h, scope).await;
        assert_eq!(reach(&h).await, Reach::Live);
    }
    let nobody = ModeScope::Server("nobody".into());
    let gone = h.set_mode(nobody, Mode::Live, wanted).await.unwrap();
    assert!(matches!(gone, Outcome::NotFound));
    let mut setup = h.setup();
    setup.simulated_servers = vec!["twitter".into()];
    h.store().install(&setup).await.unwrap();
    assert_eq!(reach(&h).await, Reach::StandIn);
    let refused = h.set_mode(scopes[0].clone(), Mode::Live, wanted).await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
}

/// Approved while it was dry, or while it was live, or for a stand-in: when that changes it is judged again,
/// and what a person was asked goes back to a person. A change that lets nothing further through moves nothing.
/// Proves: R8, R18.
pub async fn r18_what_was_approved_for_another_reach_is_judged_again(h: Harness) {
    let fence = begin_dry(&h).await;
    let [server, agent, own] = scopes_of(&house(&h).await[0]);
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ben").await);
    h.clock.advance(TIMES.fuse);
    for still_dry in [&server, &agent] {
        assert_eq!(live(&h, still_dry).await, 0);
        assert_eq!(h.state(card.post().unwrap().task_id).await, "approved");
    }
    assert_eq!(live(&h, &own).await, 1);
    assert_eq!(live(&h, &own).await, 0, "it is live already");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(h.state(card.post().unwrap().task_id).await, "review");
    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Superseded);

    let approve = async || {
        let case = h.store().next_case().await.unwrap().unwrap();
        assert!(case.was_asked, "a person decides again");
        h.judge(&case, Route::Approve).await;
        h.clock.advance(TIMES.fuse);
    };
    approve().await;
    assert_eq!(dry(&h, &agent).await, 1);
    approve().await;
    assert_eq!(live(&h, &agent).await, 1);
    // The stand-in it was approved for is one no longer, or has become one.
    let mut setup = h.setup();
    for stand_ins in [vec!["twitter".to_owned()], vec![]] {
        approve().await;
        setup.simulated_servers = stand_ins;
        h.store().install(&setup).await.unwrap();
        assert!(h.store().take_effect(fence).await.unwrap().is_none());
        assert_eq!(h.state(card.post().unwrap().task_id).await, "review");
    }
    approve().await;
    assert_eq!(take(&h, fence).await.task_id, card.post().unwrap().task_id);
}

/// A campaign that was let go live for one account, network or server is dry for every other.
/// Proves: R8.
pub async fn r8_another_account_was_not_typed(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let elsewhere = |edit: fn(&mut Setup)| {
        let mut setup = h.setup();
        edit(&mut setup);
        setup
    };
    for setup in [
        elsewhere(|s| s.campaigns[0].account = "@other".into()),
        elsewhere(|s| s.campaigns[0].channel = chimera_domain::campaign::Channel::Bluesky),
    ] {
        h.store().install(&setup).await.unwrap();
        assert_eq!(reach(&h).await, Reach::DryRun);
        let row = h.store().reaches().await.unwrap().remove(0);
        assert_eq!(
            (row.of_server.mode, row.of_campaign.mode),
            (Mode::Live, Mode::DryRun)
        );
        assert!(h.store().take_effect(fence).await.unwrap().is_none());
    }
    // Back where it was let go live, that counts again; a new campaign beside it begins dry.
    let mut setup = h.setup();
    setup.campaigns.push(campaign("second"));
    h.store().install(&setup).await.unwrap();
    let reaches: Vec<_> = h.store().reaches().await.unwrap();
    let reaches: Vec<_> = reaches.iter().map(|row| row.reach).collect();
    assert_eq!(reaches, [Reach::Live, Reach::DryRun]);
}

/// Rehearsals are not the first real post: while it is dry the first rehearsal is asked about, and live the
/// first post is.
/// Proves: R7.
pub async fn r7_a_rehearsal_is_no_first_post(h: Harness) {
    let fence = begin_dry(&h).await;
    let case = h.in_review(fence, "a").await;
    assert!(case.first_post);
    h.judge(&case, Route::Approve).await;
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let case = h.in_review(fence, "b").await;
    assert!(!case.first_post);
    h.go_live().await;
    let case = h.store().next_case().await.unwrap().unwrap();
    assert!(case.first_post);
}
