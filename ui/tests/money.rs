//! What is left of the caps: bars over the ledger and beside an entry, and the header when a day is nearly used up.

use chimera_domain::{Clock, testing::ManualClock, views::headroom::Headroom};

use super::Rig;
use crate::{fake, settings::Settings};

fn world(headroom: Headroom) -> fake::World {
    let mut world = fake::normal(ManualClock::new().now(), None);
    world.headroom = headroom;
    world
}

fn rig(columns: u16, rows: u16, ascii: bool, paid: i64) -> Rig {
    let settings = Settings {
        ascii,
        ..Settings::new("op@test:tty")
    };
    let world = world(fake::wallets_of(ManualClock::new().now(), paid));
    let mut rig = Rig::with(columns, rows, world, settings);
    rig.press("4");
    rig.press("j");
    rig.serve();
    rig
}

fn shot(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

// R94, R99: the ledger shows what is left of both budgets, for the agent of the entry under the cursor, and names the cap that
// binds; small, large, and in plain signs.
#[test]
fn r99_the_ledger_shows_what_is_left_of_both_budgets() {
    let mut small = rig(80, 24, false, 14_000_000);
    shot("80x24_headroom", &small);
    small.press("Enter");
    for _ in 0..40 {
        small.press("j");
    }
    shot("80x24_headroom_entry", &small);
    let mut large = rig(200, 50, false, 46_000_000);
    shot("200x50_headroom_home", &large);
    large.press("z");
    shot("200x50_headroom", &large);
    shot("80x24_ascii_headroom", &rig(80, 24, true, 54_500_000));
}

// R99: from 80 of a hundred on the header says that the day of payments is nearly used up, and not before.
#[test]
fn r99_the_header_tells_of_a_day_of_payments_that_is_nearly_used_up() {
    for (paid, told) in [
        (47_999_999, None),
        (48_000_000, Some("pays 80%")),
        (60_000_000, Some("pays 100%")),
    ] {
        let picture = rig(80, 24, false, paid).picture();
        let header = picture.lines().next().unwrap_or_default();
        match told {
            Some(told) => assert!(header.contains(told), "{header}"),
            None => assert!(!header.contains("pays"), "{header}"),
        }
    }
    let wide = rig(200, 50, false, 48_000_000).picture();
    assert!(wide.contains("48.00 of 60.00 USD of payments"), "{wide}");
}

// R99: as long as nobody has a wallet there is one bar, and nothing of payments.
#[test]
fn r99_without_wallets_nothing_is_said_of_payments() {
    let mut rig = Rig::new(80, 24, fake::normal(ManualClock::new().now(), None));
    rig.press("4");
    rig.serve();
    let picture = rig.picture();
    assert!(picture.contains("reserved of 50.00 USD") && !picture.contains("pays"));
}
