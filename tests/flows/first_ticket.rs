//! How long a newcomer waits for something to decide.

use std::time::Duration;

use crate::support::{Home, quiet, until};

// R177, OM-004: from a fresh home to the first ticket in at most five seconds, as the database's own times say.
#[test]
fn r177_a_fresh_home_has_its_first_ticket_within_five_seconds() {
    let _quiet = quiet();
    let home = Home::new();
    let begun = std::time::Instant::now();
    let _daemon = home.daemon(&[]);
    until("a ticket", || home.tickets().into_iter().next());
    let took = begun.elapsed();
    assert!(took <= Duration::from_secs(5), "{took:?}");
    eprintln!("first ticket after {took:?}");
}
