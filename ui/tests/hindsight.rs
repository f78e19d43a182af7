//! What another threshold of relevance would have meant, over the panes.

use chimera_domain::{Safe, Score, views::Weighing};
use ratatui::layout::Size;

use super::Rig;
use crate::{
    event::{Event, Loaded, Request},
    fake,
    keymap::twins,
    model::overlay::Overlay,
};

fn opened(weighing: Option<Weighing>, columns: u16, rows: u16) -> Rig {
    let now = chimera_domain::Clock::now(&*chimera_domain::testing::ManualClock::new());
    let mut world = fake::normal(now, None);
    if let Some(weighing) = weighing {
        world.weighing = weighing;
    }
    let mut rig = Rig::new(columns, rows, world);
    rig.press("g");
    rig.press("h");
    rig.serve();
    rig
}

fn snapshot(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

// R31: before a threshold is changed the console says what it would have meant: the slider begins at what is in force, each
// step tells how many more or fewer and what lies closest, the last line says what to write where; nothing is written by it.
#[test]
fn r31_the_slider_says_what_a_threshold_would_have_meant() {
    let mut rig = opened(None, 80, 24);
    let first = "at 0.75 you would have planned no trend more or fewer in the";
    assert!(rig.says(first), "{}", rig.picture());
    snapshot("80x24_threshold", &rig);
    for key in ["h", "-", "Left", "h", "h"] {
        rig.press(key);
    }
    assert!(rig.says("at 0.70 you would have planned 5 trends more (20 tasks)"));
    assert!(rig.says("write `relevance: 0.70` under"));
    snapshot("80x24_threshold_lower", &rig);
    for _ in 0..30 {
        rig.press("j");
    }
    snapshot("80x24_threshold_end", &rig);
    for key in ["L", "+", "l"] {
        rig.press(key);
    }
    assert!(rig.says("at 0.82 you would have planned 5 trends fewer (20 tasks)"));
    rig.press("=");
    assert!(rig.says(first));
    let mut wide = opened(None, 200, 50);
    wide.press("H");
    snapshot("200x50_threshold", &wide);
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);
    // An answer that comes after it was closed opens nothing.
    rig.event(Event::Loaded(Loaded::Hindsight(Err(Safe::line("late")))));
    assert_eq!(rig.model.overlay, None);
    assert_eq!(rig.orders(), []);
    rig.press(":");
    rig.type_text("threshold");
    rig.press("Enter");
    assert!(matches!(rig.model.overlay, Some(Overlay::Hindsight(_))));
    let read = |r: &&Request| matches!(r, Request::Hindsight(_));
    assert_eq!(rig.asked.iter().filter(read).count(), 1);
    let twin = twins().find(|(action, _)| action == "threshold");
    assert_eq!(
        twin.map(|(_, line)| line),
        Some("planner threshold --at SCORE")
    );
}

// R31: what nobody scored, what was left out and what cannot be read is said, on a small screen too; keys before anything
// was read change nothing.
#[test]
fn r31_what_the_figures_leave_out_is_said() {
    let mut rig = opened(Some(Weighing::default()), 80, 24);
    assert!(rig.says("no signal was scored in that time, so this says nothing"));
    assert!(rig.says("no policy is installed yet"));
    assert!(rig.says("at 0.50 you would have planned"));
    let mut weighing = rig.world.weighing.clone();
    (weighing.untold, weighing.is_cut) = (3, true);
    weighing.in_force = Score::from_ppm(755_000);
    let mut rig = opened(Some(weighing), 80, 24);
    assert!(rig.says("3 do not say by what they were decided, and are left out"));
    assert!(rig.says("only the first 0 signals were looked at"));
    rig.event(Event::Loaded(Loaded::Hindsight(Err(Safe::line(
        "the disk does not answer",
    )))));
    rig.press("h");
    assert!(rig.says("Could not be read: the disk does not answer"));
    rig.event(Event::Resize(Size::new(20, 6)));
    assert!(!rig.picture().is_empty());
}

// R31: the screen of values names the key where the threshold is looked up.
#[test]
fn r31_the_screen_of_values_names_the_key() {
    let now = chimera_domain::Clock::now(&*chimera_domain::testing::ManualClock::new());
    let mut rig = Rig::new(200, 50, fake::normal(now, None));
    rig.press("g");
    rig.press("x");
    rig.serve();
    assert!(!rig.picture().contains("g h shows what another one"));
    rig.press("j");
    assert!(rig.picture().contains("g h shows what another one"));
}
