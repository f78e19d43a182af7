//! The task graph drawn: pictures at three sizes, keys along its edges, and text of every width in its boxes.

use chimera_domain::{
    Clock, Safe,
    ids::TaskId,
    task::TaskState,
    testing::{ManualClock, uuid_of},
    views::TaskRow,
};

use super::Rig;
use crate::{
    event::{Event, Mouse, Size},
    fake, layout,
    model::Pane,
    settings::Settings,
};

fn id(n: u128) -> TaskId {
    TaskId::from_uuid(uuid_of(0xd00 + n))
}

/// A plan of nine tasks: three drafts from one research, pictures of two, a check of all, and what goes out.
fn large() -> fake::World {
    use TaskState::{Approved, Claimed, Dead, Pending, Review};
    let mut world = fake::normal(ManualClock::new().now(), None);
    let one = world.tasks[0].clone();
    let rows: [(&str, TaskState, &[u128]); 9] = [
        ("research", Approved, &[]),
        ("draft-long", Approved, &[0]),
        ("draft-short", Claimed, &[0]),
        ("draft-thread", Review, &[0]),
        ("picture", Approved, &[1]),
        ("clip", Dead, &[2]),
        ("check", Pending, &[1, 2, 3]),
        ("post", Pending, &[4, 6]),
        ("story", Pending, &[5, 6, 0]),
    ];
    world.tasks = (0u128..)
        .zip(rows)
        .map(|(n, (node, state, after))| TaskRow {
            id: id(n),
            node: Safe::line(node),
            state,
            after: after.iter().map(|n| id(*n)).collect(),
            blocked_by: (n == 8).then(|| id(5)),
            ..one.clone()
        })
        .collect();
    world
}

fn press(rig: &mut Rig, keys: &str) {
    for key in keys.split(' ').filter(|key| !key.is_empty()) {
        rig.press(key);
        rig.serve();
    }
}

fn check(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

fn node(rig: &Rig) -> String {
    let row = rig.model.tasks.row();
    row.map_or_else(String::new, |row| row.node.to_string())
}

// R131, R197: the drawn graph at three sizes, zoomed and among the other panes, in ASCII, and with its critical path.
#[test]
fn r197_drawn_at_every_size() {
    for (name, (columns, rows), keys) in [
        ("80x24_drawn", (80, 24), "2 L"),
        ("80x24_drawn_end", (80, 24), "2 G L"),
        ("120x40_drawn_home", (120, 40), "2 L l l"),
        ("120x40_drawn_zoomed", (120, 40), "2 z L l P"),
        ("200x50_drawn", (200, 50), "2 z L"),
        ("40x12_drawn", (40, 12), "2 L"),
    ] {
        let mut rig = Rig::new(columns, rows, large());
        press(&mut rig, keys);
        check(name, &rig);
    }
    let settings = Settings {
        ascii: true,
        ..Settings::new("op@test:tty")
    };
    let mut rig = Rig::with(120, 40, large(), settings);
    press(&mut rig, "2 z L + +");
    check("120x40_drawn_ascii", &rig);
    let mut rig = Rig::new(80, 24, fake::normal(ManualClock::new().now(), None));
    press(&mut rig, "2 L");
    check("80x24_drawn_plan", &rig);
}

// R197: left and right follow edges, up and down go from box to box of a column, and what is not on screen is shown from
// its own middle; where no edge leads, that is said and nothing moves.
#[test]
fn r197_arrows_follow_the_edges() {
    let mut rig = Rig::new(80, 24, large());
    press(&mut rig, "2 L");
    let walk = [
        ("Right", "draft-short"),
        ("Up", "draft-long"),
        ("Down", "draft-short"),
        ("j", "draft-thread"),
        ("l", "check"),
        ("Right", "story"),
        ("Left", "check"),
        ("Up", "clip"),
        ("h", "draft-short"),
        ("Left", "research"),
        ("Right", "draft-short"),
        ("k", "draft-long"),
        ("Right", "picture"),
        // Three edges from where it began, so not on screen before.
        ("Right", "post"),
        ("Left", "picture"),
        ("Left", "draft-long"),
        ("Left", "research"),
    ];
    for (key, to) in walk {
        press(&mut rig, key);
        let shown = rig.picture();
        assert_eq!(node(&rig), to, "{key}\n{shown}");
        assert!(
            shown.contains(&format!("›{}", sign_and_name(&rig))),
            "{shown}"
        );
    }
    press(&mut rig, "Left");
    assert_eq!(node(&rig), "research");
    assert!(
        rig.message().contains("waits for nothing"),
        "{}",
        rig.message()
    );
    press(&mut rig, "Up");
    assert!(
        rig.message().contains("nothing is above"),
        "{}",
        rig.message()
    );
}

fn sign_and_name(rig: &Rig) -> String {
    let row = rig.model.tasks.row().unwrap();
    let (sign, _) = rig.model.theme.task(row.state);
    format!("{sign} {}", row.node)
}

// R197: Enter puts the task under the cursor into the middle, plus and minus show more or less around it, and what is left
// out is counted.
#[test]
fn r197_the_middle_and_how_far_around_it() {
    let mut rig = Rig::new(200, 50, large());
    press(&mut rig, "2 z L");
    assert!(rig.picture().contains("2 hops, +1 more"));
    press(&mut rig, "-");
    let shown = rig.picture();
    assert!(shown.contains("1 hop, +4 more"), "{shown}");
    assert!(!shown.contains("picture"), "{shown}");
    press(&mut rig, "Right");
    assert!(!rig.picture().contains("✗ clip"), "the middle stays");
    press(&mut rig, "Enter");
    let shown = rig.picture();
    assert!(shown.contains("✗ clip"), "{shown}");
    press(&mut rig, "- -");
    assert!(rig.message().contains("stays in sight"));
    press(&mut rig, "+ + + + + + +");
    assert!(rig.message().contains("no plan reaches farther"));
    assert!(rig.picture().contains("6 hops "));
    press(&mut rig, "L");
    let shown = rig.picture();
    assert!(
        !shown.contains("hops") && shown.contains("waits for check"),
        "{shown}"
    );
    assert_eq!(node(&rig), "draft-short", "the cursor stays");
}

// R197: below the drawing stands in words what the task under the cursor waits for and what it holds up.
#[test]
fn r197_what_blocks_is_said_in_words() {
    let mut rig = Rig::new(200, 50, large());
    press(&mut rig, "2 z L + + + +");
    let said = |rig: &mut Rig, n: u128, words: &str| {
        rig.model.tasks.select(id(n));
        let shown = rig.picture();
        assert!(shown.contains(words), "{words} in\n{shown}");
    };
    said(&mut rig, 0, "research approved  ");
    said(&mut rig, 2, "draft-short claimed: holds up 2: clip, check");
    said(
        &mut rig,
        6,
        "check pending: waits for 2: draft-short, draft-thread; holds up 2: post, story",
    );
    said(
        &mut rig,
        8,
        "story pending: stuck behind clip; waits for 2: clip, check",
    );
}

// R134: a press of the mouse puts the cursor on the box that was pointed at, and between boxes nothing moves.
#[test]
fn r134_the_mouse_points_at_boxes() {
    let mut rig = Rig::new(200, 50, large());
    press(&mut rig, "2 z L + M");
    let part = layout::areas(&rig.model).part(Pane::Dag, false).unwrap();
    let mut found = std::collections::BTreeSet::new();
    for row in part.rows().rows() {
        for column in row.columns() {
            let (column, row) = (column.x, column.y);
            rig.event(Event::Mouse(Mouse::Press { column, row }));
            found.insert(node(&rig));
        }
    }
    assert_eq!(found.len(), 9, "{found:?}");
}

// R136: names of any width and any direction leave every line as wide as the screen, and every frame closed.
#[test]
fn r136_wide_text_keeps_the_columns() {
    for name in [
        "日本語テキスト日本語テキスト日本語テキスト",
        "עברית ועוד",
        "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
        "👩‍👩‍👧👩‍👩‍👧",
        "",
    ] {
        let mut world = large();
        for task in &mut world.tasks {
            task.node = Safe::line(name);
        }
        for (columns, rows) in [(80, 24), (120, 40), (200, 50), (40, 12)] {
            let mut rig = Rig::new(columns, rows, world.clone());
            press(&mut rig, "2 L");
            let shown = rig.picture();
            let open = shown.matches('╭').count() + shown.matches('[').count();
            assert!(open > 0, "{shown}");
            for line in shown.lines() {
                let line = line.split("\" Hidden by").next().unwrap_or(line);
                let line = line.trim_matches('"');
                assert_eq!(crate::text::width(line), usize::from(columns), "{shown}");
            }
        }
    }
}

// R136: drawn at any size nothing panics, and nothing hostile in a name reaches the frame.
#[test]
fn r136_drawn_at_any_size() {
    let mut world = large();
    for task in &mut world.tasks {
        task.node = Safe::line("\u{1b}[2J\u{202e}日\r\n");
    }
    let mut rig = Rig::new(120, 40, world);
    press(&mut rig, "2 L");
    for columns in (1..=130).step_by(3) {
        for rows in 1..=34 {
            rig.event(Event::Resize(Size::new(columns, rows)));
            let shown = rig.picture();
            assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
        }
        rig.press("l");
        rig.press("j");
    }
}
