//! Sheets: the emergency words, leaving, help, and what is shown while a sequence is typed.

use chimera_domain::{
    Outcome, Safe, Span, StateVersion,
    halt::{Halt, Scope, Stage},
    ids::CampaignId,
    views::{CampaignRow, Fuse, HaltedBy},
};

use super::Rig;
use crate::{
    event::{Done, Event, Request},
    fake::ticket,
    keymap::Context,
    model::overlay::Overlay,
    settings::Exit,
};

/// Opens the sheet, goes to the line with these words, and types.
fn order(rig: &mut Rig, label: &str, typed: &str) -> Vec<Request> {
    rig.press("!");
    let at = match &rig.model.overlay {
        Some(Overlay::Emergency { items, .. }) => items
            .iter()
            .position(|i| i.label.as_str() == label)
            .unwrap_or_else(|| panic!("no line {label}")),
        other => panic!("no sheet but {other:?}"),
    };
    for _ in 0..at {
        rig.press("j");
    }
    rig.press("Enter");
    rig.type_text(typed);
    rig.press("Enter");
    rig.orders()
}

// R135: nothing is stopped by Enter alone or a wrong word; only by the word itself.
#[test]
fn r135_the_word_must_be_typed() {
    let mut rig = Rig::ready();
    rig.press("!");
    rig.press("Enter"); // the marked line is Cancel
    assert_eq!(rig.orders(), []);
    assert_eq!(rig.model.overlay, None);
    let campaign = rig.world.overview.campaigns[1].id;
    for (label, typed, expected) in [
        ("kill everything", "", None),
        ("kill everything", "pause", None),
        ("kill everything", "KILL", None),
        (
            "kill everything",
            "kill wrong account",
            Some(Request::Halt(
                Scope::Fleet,
                Halt::Kill,
                "wrong account".into(),
            )),
        ),
        (
            "pause everything",
            "pause",
            Some(Request::Halt(
                Scope::Fleet,
                Halt::Pause,
                "by key in the console".into(),
            )),
        ),
        (
            "pause campaign garden-leo",
            "pause",
            Some(Request::Halt(
                Scope::Campaign(campaign),
                Halt::Pause,
                "by key in the console".into(),
            )),
        ),
    ] {
        let got = order(&mut rig, label, typed);
        assert_eq!(got, Vec::from_iter(expected), "{label} {typed}");
        rig.press("Esc");
    }
}

// R135: the sheet opens from every pane, and the proof tells the time and what could not be stopped.
#[test]
fn r135_the_emergency_key_works_everywhere_and_shows_proof() {
    let mut rig = Rig::ready();
    for pane in ["1", "2", "3", "4"] {
        rig.press(pane);
        rig.press("!");
        assert!(matches!(rig.model.overlay, Some(Overlay::Emergency { .. })));
        rig.press("Esc");
    }
    rig.event(Event::Done(Done::Halted {
        scope: Scope::Fleet,
        halt: Halt::Kill,
        took: Span::from_millis(7),
        result: Ok(Outcome::Done(2, StateVersion::FIRST)),
    }));
    assert_eq!(
        rig.message(),
        "warning everything killed: halted in 7 ms; 2 effects were already on their way (! tells their end)"
    );
}

// R135: a halt is a full line of words with who, when and why, and Approve says it is refused.
#[test]
fn r135_a_halt_is_a_banner_of_words() {
    let mut rig = Rig::ready();
    let by = HaltedBy {
        by: Safe::line("mia@desk"),
        at: rig.model.now,
        why: Safe::line("wrong account"),
    };
    rig.world.halt(Scope::Fleet, Halt::Kill, by);
    rig.reread();
    let picture = rig.picture();
    assert!(
        picture.contains("KILLED by mia@desk at 12:00: wrong account"),
        "{picture}"
    );
    assert!(picture.contains("Approve = refused while everything is KILLED"));
    assert_eq!(
        order(&mut rig, "resume everything", "resume"),
        [Request::Resume(Scope::Fleet)]
    );
}

// R133, R183: leaving never stops the swarm, and asks only while a fuse burns.
#[test]
fn r133_q_leaves_and_asks_while_a_fuse_burns() {
    let mut rig = Rig::ready();
    rig.press("q");
    assert_eq!(rig.model.exit, Some(Exit::Quit));
    let mut rig = Rig::ready();
    rig.world.overview.fuses = vec![Fuse {
        effect_id: Some(chimera_domain::ids::EffectId::from_uuid(
            chimera_domain::testing::uuid_of(1),
        )),
        ticket_id: Some(ticket(0)),
        ticket_version: Some(StateVersion::FIRST),
        until: rig.model.now.plus(Span::from_secs(8)),
        label: Safe::line("post to @fae"),
    }];
    rig.reread();
    rig.press("q");
    assert_eq!(
        (rig.model.exit, &rig.model.overlay),
        (None, &Some(Overlay::Quit))
    );
    assert!(
        rig.picture().contains("post to @fae leaves in 8s"),
        "{}",
        rig.picture()
    );
    rig.press("Enter");
    assert_eq!((rig.model.exit, &rig.model.overlay), (None, &None));
    rig.press("q");
    rig.press("y");
    assert_eq!(rig.model.exit, Some(Exit::Quit));
}

// Ctrl-C is a step back; only twice within a second it leaves.
#[test]
fn ctrl_c_twice_within_a_second_quits() {
    let mut rig = Rig::ready();
    rig.press("Ctrl-C");
    rig.wait(1_100);
    rig.press("Ctrl-C");
    assert_eq!(rig.model.exit, None);
    rig.wait(900);
    rig.press("Ctrl-C");
    assert_eq!(rig.model.exit, Some(Exit::Quit));
}

// Ctrl-Z says why not when the swarm is in this process, and suspends when it is not.
#[test]
fn ctrl_z_suspends_only_when_the_swarm_is_elsewhere() {
    let mut rig = Rig::ready();
    rig.press("Ctrl-Z");
    assert_eq!(rig.orders(), []);
    assert!(rig.message().contains("the swarm runs in this process"));
    rig.model.settings.attached = true;
    rig.press("Ctrl-Z");
    assert_eq!(rig.orders(), [Request::Suspend]);
}

// R134: help is made from the key table, so it names every key; a begun sequence shows how it goes on.
#[test]
fn r134_help_and_continuations_come_from_the_table() {
    let mut rig = Rig::ready();
    rig.model.size.height = 200;
    rig.press("?");
    let help = rig.picture();
    let shown = [Context::Review, Context::Lists, Context::Everywhere];
    for bound in rig.model.settings.keys.active(&shown) {
        for keys in &bound.keys {
            assert!(help.contains(&keys.name), "{keys:?} are not in the help");
        }
    }
    rig.press("Esc");
    rig.press("g");
    let picture = rig.picture();
    assert!(
        picture.contains("go to the ledger") && picture.contains("AND THEN"),
        "{picture}"
    );
    rig.press("Esc");
    assert!(rig.model.pending.is_empty());
}

// Copying an id says where it went, and nothing hostile can ride on it.
#[test]
fn copying_is_honest() {
    let mut rig = Rig::ready();
    rig.press("y");
    rig.press("i");
    let id = ticket(0).to_string();
    assert_eq!(rig.model.copy.as_ref().map(Safe::as_str), Some(id.as_str()));
    assert!(rig.message().contains("sent to your terminal"));
}

// R148: every scope is on the sheet under its own name, takes its own word, and is offered the way back.
#[test]
fn r148_each_scope_is_stopped_and_resumed_from_the_sheet() {
    let mut rig = Rig::ready();
    let agent = rig.world.overview.campaigns[0].agent_id;
    let name = rig.world.overview.campaigns[0].persona.clone();
    let platform = Scope::Platform("twitter".to_owned());
    let why = "by key in the console".to_owned();
    for (what, scope, said) in [
        ("publishing", Scope::Publishing, "publishing PAUSED"),
        ("spending", Scope::Spending, "spending PAUSED"),
        ("platform twitter", platform, "platform twitter PAUSED"),
        (
            &format!("agent {name}"),
            Scope::Agent(agent),
            "agent fae PAUSED",
        ),
    ] {
        let asked = Request::Halt(scope.clone(), Halt::Pause, why.clone());
        assert_eq!(order(&mut rig, &format!("pause {what}"), "pause"), [asked]);
        let by = HaltedBy {
            by: Safe::line("ana"),
            at: rig.model.now,
            why: Safe::line("look"),
        };
        rig.world.halt(scope.clone(), Halt::Pause, by);
        rig.reread();
        assert!(rig.says(said), "{}", rig.picture());
        let back = order(&mut rig, &format!("resume {what}"), "resume");
        assert_eq!(back, [Request::Resume(scope.clone())]);
        rig.world.resume(&scope);
        rig.reread();
        assert!(!rig.says(said));
    }
    let kill = order(&mut rig, "kill publishing", "kill storm");
    let asked = Request::Halt(Scope::Publishing, Halt::Kill, "storm".into());
    assert_eq!(kill, [asked]);
}

// R148, R135, R190: what is halted for the whole house is a banner, also when the fleet runs; the card says what
// Approve would do then, the sheet what became of what was in flight, and a fleet may go on with work alone.
#[test]
fn r148_a_banner_names_what_is_halted_and_the_card_what_approve_does() {
    let mut rig = Rig::ready();
    let by = |rig: &Rig| HaltedBy {
        by: Safe::line("mia"),
        at: rig.model.now,
        why: Safe::line("storm"),
    };
    for scope in [Scope::Spending, Scope::Publishing] {
        let by = by(&rig);
        rig.world.halt(scope, Halt::Pause, by);
    }
    rig.reread();
    let shown = rig.picture();
    assert!(
        shown.contains("PUBLISHING PAUSED, SPENDING PAUSED by mia at 12:00: storm"),
        "{shown}"
    );
    assert!(rig.says("Approve = kept, and not sent while publishing is PAUSED"));
    rig.press("!");
    for _ in 0..3 {
        rig.press("j");
    }
    assert!(
        rig.says("3 approved posts that wait may leave"),
        "{}",
        rig.picture()
    );
    assert!(rig.says("last effect ended 36ms after it"));
    assert!(rig.says("slipped past: 1"));
    rig.press("Esc");
    let agent = rig.world.overview.campaigns[0].agent_id;
    let mia = by(&rig);
    rig.world.halt(Scope::Agent(agent), Halt::Kill, mia);
    let mia = by(&rig);
    rig.world.halt(Scope::Fleet, Halt::Kill, mia);
    rig.reread();
    assert!(rig.says("Approve = refused while everything is KILLED"));
    let staged = order(&mut rig, "resume work only", "resume");
    assert_eq!(staged, [Request::Stage(Stage::Work)]);
    rig.world.resume(&Scope::Fleet);
    rig.reread();
    assert!(rig.says("Approve = refused while agent fae is KILLED"));
}

// R148: one paused campaign is said in the header and on its cards, as a paused fleet is.
#[test]
fn r148_a_paused_campaign_is_said() {
    let mut rig = Rig::ready();
    let name = rig.card(0).row.campaign.clone();
    let by = HaltedBy {
        by: Safe::line("ana"),
        at: rig.model.now,
        why: Safe::line("look"),
    };
    let mut campaigns = rig.world.overview.campaigns.iter();
    let id = campaigns.find(|c| c.name == name).unwrap().id;
    rig.world.halt(Scope::Campaign(id), Halt::Pause, by);
    rig.reread();
    assert!(rig.says(&format!("{name} PAUSED")));
    assert!(rig.says("Approve = refused while"));
}

// R135: with more campaigns than the screen has lines, the marked line and what it does are in sight.
#[test]
fn r135_a_long_emergency_sheet_follows_its_cursor() {
    let mut world = crate::fake::normal(
        chimera_domain::Clock::now(&*chimera_domain::testing::ManualClock::new()),
        None,
    );
    let one = world.overview.campaigns[0].clone();
    let numbered = |n: u128| CampaignRow {
        id: CampaignId::from_uuid(chimera_domain::testing::uuid_of(n)),
        name: Safe::line(&n.to_string()),
        ..one.clone()
    };
    world.overview.campaigns = (0..30).map(numbered).collect();
    let mut rig = Rig::new(80, 24, world);
    rig.press("!");
    assert!(!rig.picture().contains("campaign 29"));
    rig.press("PgDn");
    for _ in 0..40 {
        rig.press("j");
    }
    let shown = rig.picture();
    assert!(
        shown.contains("campaign 29") && shown.contains("its queues are kept"),
        "{shown}"
    );
}
