//! Sheets whose word must be typed: uncertain effects, withdrawals, live and dry.

use chimera_domain::{
    Clock, Safe, Span,
    effect::Resolution,
    mode::{Mode, ModeScope},
    testing::ManualClock,
    trend::NewMute,
};

use super::Rig;
use crate::{
    event::{Done, Event, Request, Said, Wish},
    fake,
    model::Pane,
};

/// Keys one after the other, then a line of text and Enter.
fn asked(rig: &mut Rig, keys: &str, typed: &str) -> Vec<Request> {
    for key in keys.split(' ') {
        rig.press(key);
        rig.serve();
    }
    rig.type_text(typed);
    rig.press("Enter");
    rig.orders()
}

// R5: an uncertain effect is shown with each reading, and only what a person typed settles it, bound to the
// version that was on screen.
#[test]
fn r5_an_uncertain_effect_is_settled_by_a_typed_word() {
    let mut rig = Rig::ready();
    rig.press("5");
    rig.serve();
    for words in [
        "it is out:",
        "it is not out:",
        "shall not be:",
        "never repeated",
    ] {
        assert!(rig.says(words), "{words}");
    }
    let (effect, version) = (rig.world.effects[0].id, rig.world.effects[0].version);
    assert_eq!(asked(&mut rig, "S", ""), []);
    assert_eq!(asked(&mut rig, "S", "yes"), []);
    rig.press("Esc");
    let wish = |resolution| vec![Request::Wish(Wish::Resolve(effect, version, resolution))];
    assert_eq!(asked(&mut rig, "S", "again"), wish(Resolution::SendAgain));
    let place = "https://mine.example/1".to_owned();
    assert_eq!(
        asked(&mut rig, "P", &place),
        wish(Resolution::Published { place })
    );
    let why = "not worth it".to_owned();
    assert_eq!(
        asked(&mut rig, "D", "drop not worth it"),
        wish(Resolution::GiveUp { why })
    );
    // A withdrawal is settled where posts are, and what is not uncertain not at all.
    for _ in 0..2 {
        rig.press("j");
        rig.press("S");
        assert_eq!(rig.model.overlay, None, "{}", rig.message());
    }
    // Only what a person decided can be taken back.
    assert!(rig.says("takes the decision back"));
    rig.world.effects[2].ticket_id = None;
    rig.reread();
    assert!(rig.says("pause its campaign") && !rig.says("takes the decision back"));
}

// R9: a post comes down from the console by a typed word with its reason; one that is down stays so.
#[test]
fn r9_a_post_is_withdrawn_by_a_typed_word() {
    let mut rig = Rig::ready();
    let id = rig.world.publications[0].id;
    assert_eq!(asked(&mut rig, "6 W", "down"), []);
    rig.press("Esc");
    assert_eq!(
        asked(&mut rig, "W", "withdraw wrong photo"),
        [Request::Wish(Wish::Withdraw(id, "wrong photo".into()))]
    );
    assert_eq!(
        asked(&mut rig, "B", "down"),
        [Request::Wish(Wish::ByHand(
            id,
            "by key in the console".into()
        ))]
    );
    rig.press("G");
    rig.press("W");
    assert!(rig.message().contains("wrong photo"), "{}", rig.message());
    assert_eq!(rig.model.overlay, None);
}

// R8: going live takes exactly the account, network and server; going dry a word; a stand-in neither.
#[test]
fn r8_going_live_names_account_and_network() {
    let now = ManualClock::new().now();
    let mut world = fake::normal(now, None);
    world.overview.campaigns[0].server = Safe::line("mine");
    world.overview.campaigns[0].dry = true;
    let campaign = world.reaches[0].campaign_id;
    let mut rig = Rig::new(120, 40, world);
    assert_eq!(asked(&mut rig, "7 L j j Enter", "live"), []);
    rig.press("Esc");
    let typed = "@fae on twitter through mine";
    let live = |scope| Wish::Mode {
        scope,
        mode: Mode::Live,
        confirmed: typed.into(),
        why: "by key in the console".into(),
    };
    assert_eq!(
        asked(&mut rig, "L j j Enter", typed),
        [Request::Wish(live(ModeScope::Campaign(campaign)))]
    );
    let dry = Wish::Mode {
        scope: ModeScope::Server("mine".into()),
        mode: Mode::DryRun,
        confirmed: String::new(),
        why: "storm".into(),
    };
    assert_eq!(
        asked(&mut rig, "L Enter", "dry storm"),
        [Request::Wish(dry.clone())]
    );
    rig.event(Event::Done(Done::Typed(
        dry,
        Said::Refused(Safe::line("no")),
    )));
    assert!(rig.message().contains("not done: no"), "{}", rig.message());
    rig.press("j");
    rig.press("L");
    assert!(rig.message().contains("stand-in"), "{}", rig.message());
    assert_eq!(rig.model.overlay, None);
}

// R131, R133: a screen of its own is left by Esc and by q, never the program.
#[test]
fn r133_a_screen_leads_back_home() {
    for key in ["Esc", "q"] {
        let mut rig = Rig::ready();
        rig.press("5");
        rig.press("Enter");
        assert!(rig.model.focus.detail);
        rig.press("Esc");
        assert_eq!(rig.model.focus.pane, Pane::Outbox);
        rig.press(key);
        assert_eq!(rig.model.focus.pane, Pane::Review, "{key}");
        assert_eq!(rig.model.exit, None, "{key}");
    }
}

// R32: a trend is converted, snoozed and muted by what is typed, each bound to the version on screen; what does not wait any
// more is refused before, and the answer says how to take a mute back.
#[test]
fn r32_a_trend_is_decided_on_as_it_is_shown() {
    let mut rig = Rig::ready();
    for key in ["1", "L"] {
        rig.press(key);
        rig.serve();
    }
    let row = rig.world.grouped[0].clone();
    let now = rig.model.now;
    let wish = |wish| vec![Request::Wish(wish)];
    assert_eq!(asked(&mut rig, "c", "yes"), []);
    rig.press("Esc");
    assert_eq!(
        asked(&mut rig, "c", "convert"),
        wish(Wish::Convert(row.id, row.version))
    );
    let until = now.plus(Span::from_hours(4));
    assert_eq!(
        asked(&mut rig, "w", "4h"),
        wish(Wish::SnoozeTrend(row.id, row.version, until))
    );
    let mute = NewMute {
        agent: None,
        words: "grid storage".into(),
        until: None,
    };
    let muted = Wish::Mute(Some((row.id, row.version)), mute);
    assert_eq!(asked(&mut rig, "m", "mute"), wish(muted.clone()));
    rig.event(Event::Done(Done::Typed(muted, Said::Done(()))));
    assert!(rig.says("what has all of `grid storage` is left; gz takes it back"));
    for _ in 0..3 {
        rig.press("j");
    }
    assert_eq!(asked(&mut rig, "c", ""), []);
    assert!(rig.says("nothing to do: it is muted, by op@fake"));
}

// R32: a topic is muted in words of one's own, a mute is taken back by its word, and one that was is not once more.
#[test]
fn r32_a_mute_is_taken_back_by_its_word() {
    let mut rig = Rig::ready();
    for key in ["g", "z"] {
        rig.press(key);
        rig.serve();
    }
    let now = rig.model.now;
    let mute = NewMute {
        agent: None,
        words: "world cup".into(),
        until: Some(now.plus(Span::from_hours(24))),
    };
    assert_eq!(asked(&mut rig, "m", "mute"), []);
    rig.press("Esc");
    assert_eq!(
        asked(&mut rig, "m", "mute 24h world cup"),
        vec![Request::Wish(Wish::Mute(None, mute))]
    );
    let first = rig.world.mutes[0].id;
    assert_eq!(asked(&mut rig, "u", "undo"), []);
    rig.press("Esc");
    assert_eq!(
        asked(&mut rig, "u", "unmute"),
        vec![Request::Wish(Wish::Unmute(first))]
    );
    rig.press("j");
    rig.press("j");
    assert_eq!(asked(&mut rig, "u", ""), []);
    assert!(rig.says("ana@fake took it back at"));
}
