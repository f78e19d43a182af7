//! The screens beside home: each shows its rows, says why it has none, and keeps its place; and the way
//! from any row to its trace and back.

use chimera_domain::{
    Clock, Conflict, Outcome, Safe, Span,
    ids::TraceId,
    signal::{Said, SignalState},
    testing::{ManualClock, uuid_of},
    views::PAGE_MAX,
};

use super::{Rig, keys_to, page};
use crate::{
    event::{Done, Event, Loaded, Request, Size, Wish},
    fake,
    model::{Pane, list::AnyList},
};

fn press(rig: &mut Rig, keys: &str) {
    for key in keys.split(' ') {
        rig.press(key);
        rig.serve();
    }
}

fn small(world: fake::World) -> Rig {
    let mut rig = Rig::new(80, 24, world);
    rig.paint();
    rig.wait(2_000);
    rig
}

fn ordinary() -> Rig {
    small(fake::normal(ManualClock::new().now(), None))
}

/// Every screen, and the keys that lead there.
fn reachable() -> impl Iterator<Item = (Pane, String)> {
    Pane::ALL.into_iter().map(|pane| (pane, keys_to(pane)))
}

// R131: every screen has a key of its own, is read when it is gone to, and shows its rows.
#[test]
fn r131_every_screen_is_reached_and_shows_its_rows() {
    let mut rig = ordinary();
    for (pane, keys) in reachable() {
        press(&mut rig, &keys);
        assert_eq!(rig.model.focus.pane, pane);
        // No walk was chosen yet: that screen says how one is.
        let has_rows = rig.model.list(pane).selected_id().is_some();
        assert_eq!(has_rows, pane != Pane::Trace, "{pane:?}");
        let name = pane.name().to_uppercase();
        assert!(rig.picture().contains(&name), "{pane:?}");
    }
}

// R131: a screen with nothing in it says why in words, one that could not be read says that, and one whose filter
// finds nothing how to clear it.
#[test]
fn r131_no_screen_is_just_empty() {
    let mut rig = small(fake::empty(ManualClock::new().now()));
    for (pane, keys) in reachable() {
        press(&mut rig, &keys);
        let shown = rig.picture();
        let says = shown.lines().skip(3).any(|line| line.contains('.'));
        let has_rows = rig.model.list(pane).selected_id().is_some();
        assert!(says || has_rows, "{pane:?} says nothing:\n{shown}");
        rig.event(Event::Resize(Size::new(80, 24)));
    }
    press(&mut rig, "g u");
    let asked = rig.model.audit.request();
    let failed = Err(Safe::line("the disk is gone"));
    rig.event(Event::Loaded(Loaded::Audit(asked, failed)));
    let shown = rig.picture();
    assert!(shown.contains("Could not be read: the disk is gone. R reads again."));
    rig.press("/");
    rig.type_text("nobody");
    rig.press("Enter");
    rig.serve();
    let shown = rig.picture();
    assert!(shown.contains("Nothing matches `nobody`. Esc clears the filter."));
}

// R134: cursor, filter and frozen state of a screen survive going away, reading again and another size.
#[test]
fn r134_a_screen_keeps_its_place() {
    let mut rig = ordinary();
    press(&mut rig, "g u j j");
    let selected = rig.model.audit.selected;
    rig.press("/");
    rig.type_text("judge");
    press(&mut rig, "Enter");
    press(&mut rig, "F 8 g u");
    rig.event(Event::Resize(Size::new(200, 50)));
    rig.reread();
    assert_eq!(rig.model.audit.selected, selected);
    assert_eq!(rig.model.audit.filter, "judge");
    assert!(rig.picture().contains("FROZEN"));
}

// R137: a screen that is not looked at is not read again, whatever changes.
#[test]
fn r137_only_the_screen_in_sight_is_read() {
    let mut rig = ordinary();
    press(&mut rig, "8");
    rig.event(Event::Changed);
    rig.wait(500);
    let asked = std::mem::take(&mut rig.asked);
    assert!(asked.iter().any(|r| matches!(r, Request::Fleet(_))));
    let others = asked.iter().any(|r| {
        matches!(
            r,
            Request::Audit(_) | Request::AllTasks(_) | Request::Alerts(_) | Request::Links(_)
        )
    });
    assert!(!others, "{asked:?}");
}

// R140: what looks through a whole day is read at most every ten seconds while it is looked at, and then again.
#[test]
fn r140_measures_are_read_seldom() {
    let mut rig = ordinary();
    press(&mut rig, "g o");
    let reads = |rig: &mut Rig| {
        let asked = std::mem::take(&mut rig.asked);
        let n = asked
            .iter()
            .filter(|r| matches!(r, Request::Measures(..)))
            .count();
        rig.asked = asked;
        rig.serve();
        n
    };
    for _ in 0..8 {
        rig.event(Event::Changed);
        rig.wait(1_000);
        assert_eq!(reads(&mut rig), 0);
    }
    rig.wait(2_500);
    assert_eq!(reads(&mut rig), 1);
}

// R137: while words are looked for in the whole audit it is read at most every three seconds; without, at once.
#[test]
fn r137_a_search_through_everything_rests() {
    let mut rig = ordinary();
    press(&mut rig, "g u");
    let reads = |rig: &mut Rig| {
        rig.event(Event::Changed);
        rig.wait(600);
        let asked = rig.asked.iter();
        let n = asked.filter(|r| matches!(r, Request::Audit(_))).count();
        rig.serve();
        n
    };
    assert_eq!((reads(&mut rig), reads(&mut rig)), (1, 1));
    rig.press("/");
    rig.type_text("judge");
    press(&mut rig, "Enter");
    let found: usize = (0..10).map(|_| reads(&mut rig)).sum();
    assert!((1..=2).contains(&found), "{found} in six seconds");
    rig.press("R");
    let asked = rig.asked.iter().any(|r| matches!(r, Request::Audit(_)));
    assert!(asked, "who asks for it gets it at once");
    rig.serve();
    press(&mut rig, "Esc");
    assert_eq!(rig.model.audit.filter, "");
}

// R132: t leads from a row of any screen to its whole walk, [ back to the row, ] to the walk again.
#[test]
fn r132_t_leads_to_the_trace_and_back() {
    let trace = |n: u128| TraceId::from_uuid(uuid_of(0x300 + n));
    let mut rig = ordinary();
    for (keys, of) in [
        ("1 j", trace(1)),
        ("2", trace(0)),
        ("3", trace(0)),
        ("4 j", trace(1)),
        ("5", trace(0)),
        ("6 j", trace(1)),
        ("9", trace(2)),
        ("g a", trace(0)),
        ("g u", trace(0)),
    ] {
        press(&mut rig, keys);
        let (pane, id) = {
            let pane = rig.model.focus.pane;
            (pane, rig.model.list(pane).selected_id())
        };
        press(&mut rig, "t");
        assert_eq!(
            (rig.model.focus.pane, rig.model.traced),
            (Pane::Trace, Some(of)),
            "{keys}"
        );
        assert!(rig.picture().contains("perceived: Grid storage"), "{keys}");
        press(&mut rig, "[");
        assert_eq!(rig.model.focus.pane, pane);
        assert_eq!(rig.model.list(pane).selected_id(), id);
        press(&mut rig, "]");
        assert_eq!(
            (rig.model.focus.pane, rig.model.traced),
            (Pane::Trace, Some(of))
        );
        press(&mut rig, "Esc");
        assert_eq!(rig.model.focus.pane, pane, "Esc leads back to the row");
    }
    for keys in ["8", "g m", "g x", "g b", "g u G", "g a j"] {
        press(&mut rig, keys);
        let before = rig.model.focus.pane;
        press(&mut rig, "t");
        assert_eq!(rig.model.focus.pane, before, "{keys}");
        assert!(
            rig.message().contains("no single walk"),
            "{}",
            rig.message()
        );
    }
}

// R132: an answer about another walk than the one that is looked at is not shown.
#[test]
fn r132_a_late_walk_is_not_shown() {
    let mut rig = ordinary();
    press(&mut rig, "1 t");
    let steps = rig.world.steps.clone();
    let (old, asked) = (rig.model.traced.unwrap(), rig.model.walk.request());
    press(&mut rig, "[ j t");
    assert_ne!(rig.model.traced, Some(old));
    let before = rig.model.walk.rows.len();
    let late = page(&steps[..1]);
    rig.event(Event::Loaded(Loaded::Walk(old, asked, Ok(late))));
    assert_eq!(rig.model.walk.rows.len(), before);
}

// R132: back and forward lead over screens as they were come to.
#[test]
fn r132_screens_are_walked_back_and_forward() {
    let mut rig = ordinary();
    press(&mut rig, "8 9 g u");
    press(&mut rig, "[ [");
    assert_eq!(rig.model.focus.pane, Pane::Fleet);
    press(&mut rig, "[");
    assert_eq!(rig.model.focus.pane, Pane::Review);
    press(&mut rig, "[");
    assert!(rig.message().contains("no way back"), "{}", rig.message());
    press(&mut rig, "] ] ]");
    assert_eq!(rig.model.focus.pane, Pane::Audit);
    press(&mut rig, "]");
    assert!(rig.message().contains("no way forward"));
}

// R20: a task that was given up runs again by a typed word, bound to the version on screen; another does not.
#[test]
fn r20_a_task_runs_again_by_a_typed_word() {
    let mut rig = ordinary();
    press(&mut rig, "9 j");
    let row = rig.world.all_tasks[1].clone();
    assert!(rig.says("lets it run again"));
    press(&mut rig, "A");
    rig.type_text("yes");
    rig.press("Enter");
    assert_eq!(rig.orders(), []);
    rig.type_text("again");
    rig.press("Enter");
    let wish = Wish::Replay(row.id, row.version);
    assert_eq!(rig.orders(), [Request::Wish(wish)]);
    press(&mut rig, "j j A");
    assert_eq!(rig.model.overlay, None);
    assert!(rig.message().contains("only what is dead or blocked"));
    // In the graph it is the row under the cursor there.
    rig.world.tasks[0].state = chimera_domain::task::TaskState::Dead;
    let row = rig.world.tasks[0].clone();
    rig.reread();
    press(&mut rig, "2 A");
    rig.type_text("again");
    rig.press("Enter");
    let wish = Wish::Replay(row.id, row.version);
    assert_eq!(rig.orders(), [Request::Wish(wish)]);
}

// R197: the critical path of the plan under the cursor is marked by a sign, and only while it is asked for.
#[test]
fn r197_the_critical_path_is_marked() {
    let mut rig = ordinary();
    press(&mut rig, "2 j j j j");
    assert!(!rig.picture().contains("*publish"));
    press(&mut rig, "P");
    let shown = rig.picture();
    assert_eq!(shown.matches("*publish").count(), 1, "{shown}");
    assert!(shown.contains("critical  research > text > publish"));
    press(&mut rig, "P");
    assert!(!rig.picture().contains("*publish"));
}

// What an operator should look at is one sequence away, in full, and Enter acknowledges it.
#[test]
fn alerts_are_read_and_acknowledged() {
    let mut rig = Rig::ready();
    assert!(rig.says("2 alerts (ga)"));
    press(&mut rig, "g a");
    let shown = rig.picture();
    assert!(shown.contains("look at the platform"), "{shown}");
    rig.press("j");
    rig.press("Enter");
    let second = rig.world.alerts[1].id;
    assert_eq!(rig.orders(), [Request::Acknowledge(second)]);
    rig.world.alerts.remove(1);
    rig.event(Event::Done(Done::Acknowledged(Ok(true))));
    rig.serve();
    assert_eq!(rig.model.alerts.rows.len(), 1);
    rig.world.alerts.clear();
    rig.reread();
    assert!(rig.picture().contains("Nothing to look at."));
    rig.press("Enter");
    assert_eq!(rig.orders(), []);
    rig.press("a");
    assert_eq!(rig.orders(), []);
    rig.press("Esc");
    assert_eq!(rig.model.focus.pane, Pane::Review);
}

// R32: in the trends a person plans what was left and leaves what waits; what became tasks is decided in review, and
// the answer says what follows.
#[test]
fn r32_a_trend_is_kept_or_dropped_as_it_is_shown() {
    let mut rig = ordinary();
    press(&mut rig, "1 p");
    assert_eq!(rig.orders(), []);
    assert!(rig.says("planned already: decide its ticket"));
    press(&mut rig, "j j");
    let left = rig.world.trends[2].clone();
    assert_eq!(left.state, SignalState::Ignored);
    for (key, said) in [("p", Said::Kept), ("x", Said::Dropped)] {
        press(&mut rig, key);
        assert_eq!(rig.orders(), [Request::SayOf(left.id, left.version, said)]);
    }
    rig.world.trends[2].said = Some(Said::Kept);
    let done = Outcome::Done((), left.version.next());
    rig.event(Event::Done(Done::SaidOf(Said::Kept, Ok(done))));
    rig.serve();
    assert!(rig.says("what is like it scores higher"));
    press(&mut rig, "p");
    assert!(rig.says("it was kept already"));
    let shown = rig.picture();
    assert!(shown.contains("+0.12 by 34 decisions"), "{shown}");
    assert!(shown.contains("kept by a person"), "{shown}");
    let lost = Conflict {
        actual: left.version,
        now: "planned: decide its ticket".into(),
        by: None,
        at: None,
    };
    let lost = Outcome::Conflict(lost);
    rig.event(Event::Done(Done::SaidOf(Said::Dropped, Ok(lost))));
    assert!(rig.says("not said: it is planned: decide its ticket by now"));
}

// R133: a resource nobody polls any more is said to be stale, one that fails how often, one never read that.
#[test]
fn r133_a_resource_that_is_not_polled_is_stale() {
    let mut rig = ordinary();
    press(&mut rig, "g m");
    let shown = rig.picture();
    for word in ["FAILING", "ok", "STALE", "NEVER READ", "STAND-IN"] {
        assert!(shown.contains(word), "{word} in\n{shown}");
    }
    press(&mut rig, "j j j");
    assert!(rig.says("4 times in a row"));
    press(&mut rig, "g g");
    assert!(rig.says("none of these is kept in the database yet"));
}

// R169: an objective without data is neither met nor missed.
#[test]
fn r169_no_data_is_not_good() {
    let mut rig = small(fake::empty(ManualClock::new().now()));
    press(&mut rig, "g o");
    let shown = rig.picture();
    assert!(shown.contains("no data") && shown.contains("not measured"));
    assert!(
        !shown.contains("MET") && !shown.contains("MISSED"),
        "{shown}"
    );
    rig.world = fake::normal(ManualClock::new().now(), None);
    rig.wait(Span::from_mins(1).millis());
    rig.serve();
    let shown = rig.picture();
    assert!(shown.contains("MET") && shown.contains("MISSED"), "{shown}");
}

// R137: the audit is a window: its last line is reached by asking for its window.
#[test]
fn r137_the_audit_is_a_window() {
    let mut rig = ordinary();
    press(&mut rig, "g u");
    let asked = rig.model.audit.request();
    let mut long = page(&rig.world.audit);
    long.total = 100_000;
    rig.event(Event::Loaded(Loaded::Audit(asked, Ok(long))));
    rig.press("G");
    let offset = rig.asked.iter().find_map(|r| {
        let Request::Audit(page) = r else {
            return None;
        };
        Some(page.offset)
    });
    assert_eq!(offset, Some(99_999 - PAGE_MAX / 2));
}

// R136: the menu after `g` names every screen, however small the window.
#[test]
fn r136_every_way_is_told_on_a_small_screen() {
    let mut rig = small(fake::normal(ManualClock::new().now(), None));
    rig.event(Event::Resize(Size::new(40, 12)));
    rig.press("g");
    let shown = rig.picture();
    for pane in Pane::ALL {
        let name = pane.name();
        assert!(shown.contains(name), "no {name} in:\n{shown}");
    }
}

// R79: the objectives tell what each reviewer did, with how many each figure is of; where nobody did anything they say so.
#[test]
fn r79_reviewers_are_told_with_sample_sizes() {
    let mut rig = Rig::ready();
    rig.press("g");
    rig.press("o");
    rig.serve();
    let line = "ana: 21 answers, 85 % approved, 1 taken back (4 %), on screen median 6200 ms (n = 17), waited median 14m (n = 21)";
    for said in [
        line,
        "3 waiting are given to them",
        "ben: 4 answers",
        "on screen no times kept (n = 0)",
    ] {
        assert!(rig.says(said), "no `{said}`");
    }
    rig.world.reviewers.clear();
    rig.press("R");
    rig.serve();
    assert!(rig.says("nobody reviewed anything (n = 0)"));
}
