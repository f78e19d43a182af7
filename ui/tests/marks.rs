//! Marks: ids that stay whatever is read, filtered or sorted, and what is done with them.

use chimera_domain::{
    Safe,
    ticket::Choice,
    views::{IDS_MAX, Page},
};

use super::{Rig, keys_to, page, pictures::check, reviewing::alike};
use crate::{
    event::{Event, Loaded, Looked, Request, Size},
    fake::{politics, ticket},
    model::{Model, Pane, list::AnyList, overlay::Overlay},
    remember,
};

fn press(rig: &mut Rig, keys: &str) {
    for key in keys.split(' ') {
        rig.press(key);
    }
    rig.serve();
}

fn marks(rig: &Rig) -> Vec<String> {
    rig.model.list(rig.model.focus.pane).marked().ids()
}

/// What of the marked rows the store is asked about, taken out.
fn looked(rig: &mut Rig) -> (Pane, String, Vec<String>) {
    rig.serve();
    let asked = std::mem::take(&mut rig.asked);
    let marked = asked.into_iter().rev().find_map(|request| {
        let Request::Marked(pane, filter, ids) = request else {
            return None;
        };
        Some((pane, filter, ids))
    });
    marked.expect("the store was asked")
}

// R74: marking goes down, a second time takes the mark away, and `U` takes all; the cursor has its own sign.
#[test]
fn r74_rows_are_marked_and_unmarked() {
    let mut rig = Rig::ready();
    press(&mut rig, "1 Space Space");
    let ids = rig.model.trends.ids();
    assert_eq!(marks(&rig).len(), 2);
    assert!(rig.model.trends.marked.has(&ids[0]) && rig.model.trends.marked.has(&ids[1]));
    assert_eq!(rig.model.trends.selected_id(), Some(ids[2].clone()));
    assert!(rig.picture().contains("2 marked"));
    press(&mut rig, "k Space");
    assert_eq!(marks(&rig), [ids[0].clone()]);
    press(&mut rig, "U");
    assert_eq!(marks(&rig), [] as [String; 0]);
    press(&mut rig, "U");
    assert!(
        rig.message().contains("nothing is marked here"),
        "{}",
        rig.message()
    );
}

// R74: a range is shown while it grows, marks all of it from either side, and Esc leaves it without a mark.
#[test]
fn r74_a_range_is_marked() {
    let mut rig = Rig::ready();
    press(&mut rig, "1 j j v j j");
    assert!(rig.picture().contains("RANGE"), "{}", rig.picture());
    assert_eq!(rig.picture().matches('•').count(), 3, "{}", rig.picture());
    press(&mut rig, "Esc");
    assert!(rig.picture().contains("NORMAL"));
    assert_eq!(marks(&rig).len(), 0);
    press(&mut rig, "v k k v");
    let ids = rig.model.trends.ids();
    let mut three = ids[2..5].to_vec();
    three.sort();
    assert_eq!(marks(&rig), three);
}

// R74: all that is filtered is marked: what is not at hand is asked for by the same filter, up to a bound that is told.
#[test]
fn r74_all_that_is_filtered_is_marked() {
    let mut rig = Rig::ready();
    press(&mut rig, "1 *");
    assert_eq!(marks(&rig).len(), rig.model.trends.rows.len());
    press(&mut rig, "U");
    let request = rig.model.trends.request();
    let long = Page {
        total: 9_000,
        ..page(&rig.world.trends)
    };
    rig.event(Event::Loaded(Loaded::Trends(request.clone(), Ok(long))));
    rig.press("*");
    assert!(
        rig.asked
            .contains(&Request::Ids(Pane::Trends, request.clone()))
    );
    assert_eq!(marks(&rig).len(), 0);
    let ids: Vec<String> = (0..IDS_MAX).map(|n| format!("sig_{n}")).collect();
    let answer = Loaded::Ids(Pane::Trends, request, Ok((ids, 9_000)));
    rig.event(Event::Loaded(answer));
    assert_eq!(marks(&rig).len(), IDS_MAX);
    assert!(
        rig.message().contains("1000 rows can be marked"),
        "{}",
        rig.message()
    );
}

// R74, R134: marks survive reading again, another order and a filter; those out of sight are counted, and those whose
// rows left the list go with a word.
#[test]
fn r74_marks_survive_and_are_counted() {
    let mut rig = Rig::ready();
    press(&mut rig, "Space Space Space");
    let three = marks(&rig);
    rig.press("/");
    rig.type_text("fae");
    press(&mut rig, "Enter");
    let (pane, filter, ids) = looked(&mut rig);
    assert_eq!((pane, filter.as_str(), &ids), (Pane::Review, "fae", &three));
    let found = Looked {
        there: ids.clone(),
        shown: 1,
    };
    rig.event(Event::Loaded(Loaded::Marked(pane, filter, ids, Ok(found))));
    assert!(
        rig.picture().contains("3 marked (2 hidden by filter)"),
        "{}",
        rig.picture()
    );
    // An answer about another filter is none.
    let old = Looked {
        there: Vec::new(),
        shown: 0,
    };
    rig.event(Event::Loaded(Loaded::Marked(
        pane,
        "old".into(),
        three.clone(),
        Ok(old),
    )));
    assert_eq!(marks(&rig), three);
    press(&mut rig, "o");
    rig.reread();
    assert_eq!(marks(&rig), three);
    let (pane, filter, ids) = looked(&mut rig);
    let found = Looked {
        there: ids[1..].to_vec(),
        shown: 2,
    };
    rig.event(Event::Loaded(Loaded::Marked(pane, filter, ids, Ok(found))));
    assert_eq!(marks(&rig), three[1..]);
    assert!(
        rig.message().contains("1 marked row left review"),
        "{}",
        rig.message()
    );
}

// R134: Esc goes one step back: sheet, range, marks, filter, screen.
#[test]
fn r134_esc_goes_back_step_by_step() {
    let mut rig = Rig::ready();
    press(&mut rig, "1 /");
    rig.type_text("a");
    press(&mut rig, "Enter Space v f");
    assert!(rig.model.overlay.is_some());
    press(&mut rig, "Esc");
    assert!(rig.model.overlay.is_none() && rig.model.trends.marked.from.is_some());
    press(&mut rig, "Esc");
    assert!(rig.model.trends.marked.from.is_none());
    assert_eq!(marks(&rig).len(), 1);
    press(&mut rig, "Esc");
    assert_eq!(marks(&rig).len(), 0);
    assert_eq!(rig.model.trends.filter(), "a");
    press(&mut rig, "Esc");
    assert_eq!(rig.model.trends.filter(), "");
    assert_eq!(rig.model.exit, None);
}

// R134: an export is of what is marked, hidden or not, as long as something is.
#[test]
fn r134_marks_are_exported() {
    let mut rig = Rig::ready();
    rig.model.settings.exports_dir = Some("made-up".into());
    press(&mut rig, "1 Space Space E");
    assert!(
        rig.picture().contains("EXPORT WHAT IS MARKED AS"),
        "{}",
        rig.picture()
    );
    rig.press("Enter");
    let wanted = rig.orders().into_iter().find_map(|request| {
        let Request::Export(wanted) = request else {
            return None;
        };
        Some(wanted)
    });
    assert_eq!(wanted.unwrap().only, marks(&rig));
}

// R134: marks outlive the console.
#[test]
fn r134_marks_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = Rig::ready();
    rig.model.settings.state_file = Some(folder.path().join("console.json"));
    press(&mut rig, "Space Space");
    let (path, text) = remember::due(&mut rig.model, true).unwrap();
    remember::write(&path, &text).unwrap();
    let mut next = Model::new(rig.model.settings.clone(), Size::new(120, 40), rig.start);
    remember::read(&path).unwrap().unwrap().restore(&mut next);
    assert_eq!(next.queue.marked.ids(), marks(&rig));
}

// R131: where nothing can be done with several rows none is marked.
#[test]
fn r134_screens_without_use_for_marks_say_so() {
    let mut rig = Rig::ready();
    let way = keys_to(Pane::Config);
    press(&mut rig, &way);
    press(&mut rig, "Space");
    assert!(
        rig.message().contains("several rows of config"),
        "{}",
        rig.message()
    );
    assert_eq!(marks(&rig).len(), 0);
}

// R74, R184: with marks the batch is of the marked tickets: what is sensitive, goes elsewhere or moved drops out with
// its reason, and the rest is approved by its number, each by version and content.
#[test]
fn r74_marked_tickets_are_approved_together() {
    let mut rig = Rig::ready();
    alike(&mut rig);
    crate::fake::post_of(rig.card(2)).sensitive = vec![politics(str::to_owned)];
    rig.card(3).row.account = Safe::line("@somebody");
    rig.reread();
    press(&mut rig, "*");
    assert_eq!(marks(&rig).len(), rig.model.queue.rows.len());
    rig.paint();
    rig.wait(2_000);
    press(&mut rig, "b");
    let picture = rig.picture();
    assert!(picture.contains("a sensitive topic"), "{picture}");
    assert!(picture.contains("it goes to another account"), "{picture}");
    assert!(picture.contains("it differs too much"), "{picture}");
    assert!(picture.contains("approve these 2"), "{picture}");
    rig.wait(500);
    rig.press("2");
    rig.press("Enter");
    let sent = rig.orders().into_iter().find_map(|request| {
        let Request::DecideAll(decides) = request else {
            return None;
        };
        Some(decides)
    });
    let sent = sent.unwrap();
    assert_eq!(sent.len(), 2);
    for decide in &sent {
        let card = rig
            .world
            .cards
            .iter()
            .find(|c| c.row.id == decide.ticket_id);
        let card = card.unwrap();
        assert_eq!(
            (decide.version, decide.content_hash, &decide.choice),
            (card.row.version, card.content_hash, &Choice::Approve)
        );
    }
}

// R74: only what is marked is taken, although others are nearly the same, and the specimen must be one of them.
#[test]
fn r74_only_what_is_marked_is_taken() {
    let mut rig = Rig::ready();
    alike(&mut rig);
    press(&mut rig, "Space Space");
    rig.paint();
    rig.wait(2_000);
    press(&mut rig, "b");
    assert_eq!(rig.model.overlay, None);
    assert!(rig.message().contains("is not marked"), "{}", rig.message());
    press(&mut rig, "k");
    rig.paint();
    rig.wait(2_000);
    press(&mut rig, "b");
    let Some(Overlay::Batch(batch)) = &rig.model.overlay else {
        panic!("{}", rig.message())
    };
    assert_eq!(batch.approves().len(), 2);
    assert_eq!(batch.items[0].ticket(), ticket(0));
    check("120x40_batch_marked", &rig);
}

// R74: what it looks like, the marks and their number.
#[test]
fn r74_marked_pictures() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut rig = Rig::ready();
        rig.event(Event::Resize(Size::new(columns, rows)));
        press(&mut rig, "1 Space j Space v j");
        rig.wait(10_000);
        check(&format!("{columns}x{rows}_trends_marked"), &rig);
    }
}
