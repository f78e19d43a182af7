//! In what order a list is shown, and which of its columns.

use chimera_domain::{
    Clock,
    testing::ManualClock,
    views::{By, Order},
};

use super::{Rig, deciding::decide, keys_to, pictures::check};
use crate::{
    event::{Event, Request, Size},
    fake,
    model::{Model, Pane, list::AnyList},
    remember,
    settings::Settings,
    view,
};

fn go(rig: &mut Rig, pane: Pane) {
    for key in keys_to(pane).split(' ') {
        rig.press(key);
    }
    rig.serve();
}

/// What the store was asked for last about tasks.
fn asked(rig: &Rig) -> Option<Order> {
    let tasks = rig.asked.iter().rev().find_map(|request| {
        let Request::AllTasks(page) = request else {
            return None;
        };
        Some(page.order)
    });
    tasks.expect("tasks were asked for")
}

// R134: `o` asks the store for the next order and `O` for its other end; the title says which, and after the last
// comes the own one.
#[test]
fn r134_a_list_is_sorted_by_the_store() {
    let mut rig = Rig::ready();
    go(&mut rig, Pane::Tasks);
    rig.asked.clear();
    rig.press("o");
    let moved = |turned| {
        Some(Order {
            by: By::Moved,
            turned,
        })
    };
    assert_eq!(asked(&rig), moved(false));
    rig.serve();
    assert!(rig.says("by moved, newest first"), "{}", rig.picture());
    rig.press("O");
    assert_eq!(asked(&rig), moved(true));
    rig.serve();
    assert!(rig.says("by moved, oldest first"));
    rig.press("o");
    assert_eq!(asked(&rig), None);
    rig.serve();
    assert!(!rig.says("oldest first ·"));
    rig.press("O");
    let planned = Order {
        by: By::Planned,
        turned: true,
    };
    assert_eq!(
        asked(&rig),
        Some(planned),
        "its own order has two ends, too"
    );
}

// R134: a list that only one index carries says so, and so does one that has its order from elsewhere.
#[test]
fn r134_an_order_that_would_read_every_row_is_not_offered() {
    let mut rig = Rig::ready();
    go(&mut rig, Pane::Audit);
    rig.asked.clear();
    rig.press("o");
    assert!(
        rig.message().contains("ordered by line only"),
        "{}",
        rig.message()
    );
    rig.press("O");
    assert!(rig.model.audit.order.is_some_and(|order| order.turned));
    go(&mut rig, Pane::Dag);
    rig.press("o");
    assert!(
        rig.message().contains("dag has one order"),
        "{}",
        rig.message()
    );
    go(&mut rig, Pane::Review);
    rig.press("O");
    assert!(
        rig.message().contains("not turned round"),
        "{}",
        rig.message()
    );
    assert_eq!(rig.model.queue.order, None);
}

// R73, R134: in an order in which rows change places, what is on screen keeps its own until it is read again.
#[test]
fn r134_nothing_is_reordered_by_itself() {
    let mut rig = Rig::ready();
    go(&mut rig, Pane::Tasks);
    rig.press("o");
    rig.serve();
    let ids = |rig: &Rig| rig.model.all_tasks.ids();
    let before = ids(&rig);
    rig.world.all_tasks.reverse();
    rig.reread();
    assert_eq!(ids(&rig), before);
    rig.press("R");
    rig.serve();
    let turned: Vec<String> = before.iter().rev().cloned().collect();
    assert_eq!(ids(&rig), turned);
}

// R73: another order of the queue takes no decision along: the card must have been on screen as ever.
#[test]
fn r73_sorting_the_queue_decides_nothing() {
    let mut rig = Rig::ready();
    let selected = rig.model.queue.selected;
    rig.press("o");
    rig.world.cards.reverse();
    rig.serve();
    assert_eq!(rig.model.queue.selected, selected, "the cursor is an id");
    assert!(rig.says("by deadline, soonest first"));
    rig.press("g");
    rig.press("g");
    rig.serve();
    rig.press("a");
    assert_eq!(
        decide(&mut rig),
        None,
        "another ticket, that was not painted"
    );
}

// R134: columns are hidden and added by a person; what a row would mislead without stays.
#[test]
fn r134_columns_are_chosen() {
    let mut rig = Rig::ready();
    go(&mut rig, Pane::Published);
    let names: Vec<&str> = view::columns(Pane::Published)
        .iter()
        .map(|c| c.name)
        .collect();
    let switch = |rig: &mut Rig, name: &str| {
        rig.press("C");
        let at = names.iter().position(|n| *n == name).unwrap();
        for _ in 0..at {
            rig.press("j");
        }
        rig.press("Enter");
        let told = rig.message();
        rig.press("Esc");
        told
    };
    let row = |rig: &Rig| {
        let account = rig.world.publications[0].account.to_string();
        rig.picture().lines().nth(3).unwrap().contains(&account)
    };
    assert!(row(&rig), "{}", rig.picture());
    switch(&mut rig, "account");
    assert!(!row(&rig), "{}", rig.picture());
    switch(&mut rig, "account");
    assert!(row(&rig));
    let before = rig.picture();
    switch(&mut rig, "channel");
    assert_ne!(rig.picture(), before);
    let told = switch(&mut rig, "down");
    assert!(told.contains("down is always shown"), "{told}");
    assert!(rig.picture().contains("DOWN"), "{}", rig.picture());
}

// R9, R134: no screen lets a person hide what is not real, whatever is switched and however small the window.
#[test]
fn r134_what_is_not_real_cannot_be_hidden() {
    let mut rig = Rig::ready();
    for pane in Pane::ALL {
        let columns = view::columns(pane);
        for column in columns
            .iter()
            .filter(|c| ["reach", "bill", "recorded"].contains(&c.name))
        {
            assert!(column.fixed, "{pane:?} {}", column.name);
        }
        let all = columns.iter().map(|column| column.name);
        rig.model.switched.insert(pane, all.collect());
    }
    for (columns, rows) in [(20, 6), (40, 12), (80, 24), (120, 40), (300, 60)] {
        rig.event(Event::Resize(Size::new(columns, rows)));
        for pane in Pane::ALL {
            go(&mut rig, pane);
            drop(rig.picture());
        }
    }
    go(&mut rig, Pane::Fleet);
    assert!(rig.picture().contains("SIM"));
}

// R134: orders and columns outlive the console; what a file says that is no order or column is passed over.
#[test]
fn r134_orders_and_columns_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("console.json");
    let settings = Settings {
        state_file: Some(path.clone()),
        ..Settings::new("op@test:tty")
    };
    let world = fake::normal(ManualClock::new().now(), None);
    let mut rig = Rig::with(120, 40, world, settings.clone());
    go(&mut rig, Pane::Tasks);
    for key in ["o", "O", "C", "j", "j", "Enter", "Esc"] {
        rig.press(key);
    }
    let (path, text) = remember::due(&mut rig.model, true).unwrap();
    let strange = text.replace("\"tasks\": [", "\"tasks\": [\"no such column\", ");
    assert_ne!(strange, text);
    remember::write(&path, &strange).unwrap();
    let mut next = Model::new(settings, Size::new(120, 40), rig.start);
    remember::read(&path).unwrap().unwrap().restore(&mut next);
    let moved = Order {
        by: By::Moved,
        turned: true,
    };
    assert_eq!(next.all_tasks.order, Some(moved));
    assert_eq!(next.all_tasks.request().order, Some(moved));
    assert_eq!(next.switched, rig.model.switched);
    remember::write(&path, &text.replace("-moved", "-deadline")).unwrap();
    let mut other = Model::new(next.settings.clone(), Size::new(120, 40), rig.start);
    remember::read(&path).unwrap().unwrap().restore(&mut other);
    assert_eq!(other.all_tasks.order, None);
}

// R134: what it looks like, on a small screen and on a large one.
#[test]
fn r134_sorted_and_chosen_pictures() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut rig = Rig::ready();
        rig.event(Event::Resize(Size::new(columns, rows)));
        go(&mut rig, Pane::Tasks);
        for key in ["o", "O"] {
            rig.press(key);
        }
        rig.serve();
        rig.wait(10_000);
        check(&format!("{columns}x{rows}_tasks_sorted"), &rig);
        for key in ["C", "j", "j", "Enter"] {
            rig.press(key);
        }
        check(&format!("{columns}x{rows}_tasks_columns"), &rig);
    }
}

// R136: a column that there is no room for is not left out in silence: the title counts what is missing, by a sign alone
// where it has no room for words, and the sheet of columns says which.
#[test]
fn r136_columns_without_room_are_counted() {
    let mut rig = Rig::new(80, 24, fake::normal(ManualClock::new().now(), None));
    go(&mut rig, Pane::Fleet);
    let title = |rig: &Rig| {
        let shown = rig.picture();
        shown.lines().nth(2).unwrap().to_owned()
    };
    let narrow = title(&rig);
    assert!(narrow.contains(" …1 column 1/"), "{narrow}");
    rig.press("C");
    assert!(rig.picture().contains("there is no room for it here"));
    rig.press("Esc");
    rig.event(Event::Resize(Size::new(40, 12)));
    assert!(title(&rig).contains(" …1/"), "{}", title(&rig));
    rig.event(Event::Resize(Size::new(400, 60)));
    assert!(!title(&rig).contains("column"), "{}", title(&rig));
    let mut none = Rig::new(80, 24, fake::empty(ManualClock::new().now()));
    go(&mut none, Pane::Fleet);
    assert!(
        !title(&none).contains('…'),
        "without rows nothing is left out"
    );
}
