//! Whether the judge is as sure as it should be, over the panes.

use chimera_domain::{Outcome, Safe, probe::Flaw, ticket::Decided, views::Judged};
use ratatui::{layout::Size, style::Color};

use super::Rig;
use crate::{
    event::{Done, Event, Loaded, Request},
    fake,
    keymap::twins,
    model::overlay::Overlay,
};

fn opened(judged: Option<Judged>, columns: u16, rows: u16) -> Rig {
    let now = chimera_domain::Clock::now(&*chimera_domain::testing::ManualClock::new());
    let mut world = fake::normal(now, None);
    if let Some(judged) = judged {
        world.judged = judged;
    }
    let mut rig = Rig::new(columns, rows, world);
    rig.press("g");
    rig.press("i");
    rig.serve();
    rig
}

fn snapshot(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

// R63, R187: the sheet tells agreement by how sure the judge was, what goes out alone with its interval, and what another
// threshold would have meant; it is scrolled, closed, and found by its name, and it has a twin on the command line.
#[test]
fn r63_the_sheet_tells_what_people_answered() {
    let mut rig = opened(None, 80, 24);
    snapshot("80x24_calibration", &rig);
    for _ in 0..30 {
        rig.press("j");
    }
    snapshot("80x24_calibration_end", &rig);
    snapshot("200x50_calibration", &opened(None, 200, 50));
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);
    // An answer that comes after it was closed opens nothing.
    rig.event(Event::Loaded(Loaded::Calibration(Err(Safe::line("late")))));
    assert_eq!(rig.model.overlay, None);
    rig.press(":");
    rig.type_text("calibration");
    rig.press("Enter");
    assert!(matches!(rig.model.overlay, Some(Overlay::Calibration(_))));
    let read = |r: &Request| matches!(r, Request::Calibration(_));
    assert_eq!(rig.asked.iter().filter(|r| read(r)).count(), 1);
    let twin = twins().find(|(action, _)| action == "calibration");
    assert_eq!(twin.map(|(_, line)| line), Some("review calibration"));
}

// R63: what nobody answered is told as no data and nothing of it is green; what cannot be read says so.
#[test]
fn r63_no_data_is_said_and_never_looks_good() {
    let mut rig = opened(Some(Judged::default()), 80, 24);
    snapshot("80x24_calibration_no_data", &rig);
    for said in ["no data (n = 0)", "no data: no policy is installed yet"] {
        assert!(rig.says(said), "no `{said}`");
    }
    let lines = match &rig.model.overlay {
        Some(Overlay::Calibration(shown)) => crate::view::calibrated_lines(&rig.model, shown, 76),
        other => panic!("{other:?}"),
    };
    let good = rig.model.theme.good();
    for line in &lines {
        let styles = line.spans.iter().map(|span| span.style).chain([line.style]);
        for style in styles {
            assert!(style == Default::default() || style != good, "{line:?}");
            assert_ne!(style.fg, Some(Color::Green), "{line:?}");
        }
    }
    rig.event(Event::Loaded(Loaded::Calibration(Err(Safe::line(
        "the disk does not answer",
    )))));
    assert!(rig.says("Could not be read: the disk does not answer"));
    rig.event(Event::Resize(Size::new(20, 6)));
    assert!(!rig.picture().is_empty());
}

// R191: whoever decides a probe is told what it was where they decided it; nothing of it is followed or can be taken back.
#[test]
fn r191_a_probe_is_revealed_where_it_was_decided() {
    for (caught, told) in [
        (
            false,
            "WARNING this was a probe, and it would have gone out: the number was not in the source; nothing goes out",
        ),
        (
            true,
            "INFO this was a probe, and you caught it: the number was not in the source; nothing goes out",
        ),
    ] {
        let mut rig = Rig::ready();
        rig.press("a");
        let orders = rig.orders();
        let Some(Request::Decide(decide)) =
            orders.into_iter().find(|r| matches!(r, Request::Decide(_)))
        else {
            panic!("it was approved");
        };
        let flaw = Flaw::Number;
        let done = Ok(Outcome::Done(
            Decided::Probe { flaw, caught },
            decide.version.next(),
        ));
        rig.event(Event::Done(Done::Decided(decide, done)));
        assert_eq!(rig.message().to_lowercase(), told.to_lowercase());
        assert!(rig.model.undoable().is_empty() && rig.model.review.followed.is_empty());
    }
}

// R191: what is risky and was hardly looked at gets a word of warning where its word is asked for, and nothing is held back.
#[test]
fn r191_a_hasty_approval_of_what_is_risky_is_told() {
    for (millis, hasty) in [(0, true), (4_000, false)] {
        let mut rig = Rig::sensitive();
        rig.wait(millis);
        rig.press("a");
        assert!(matches!(rig.model.overlay, Some(Overlay::Confirm { .. })));
        let told = rig
            .message()
            .contains("on screen for 2s only: read it before you type");
        assert_eq!(told, hasty, "{}", rig.message());
    }
}
