//! A generated house: as many of each thing as was asked for, whole, simulated, and never mixed with another.

use crate::support::Home;

pub(super) const SMALL: [&str; 10] = [
    "store",
    "generate",
    "--agents",
    "7",
    "--tasks",
    "80",
    "--tickets",
    "9",
    "--signals",
    "70",
];

// R137: the database the console is measured on keeps every promise of one that a swarm filled.
#[test]
fn r137_a_generated_house_is_whole_and_simulated() {
    let home = Home::new();
    let made = home.json(&SMALL).remove(0);
    assert_eq!(
        [
            &made["agents"],
            &made["signals"],
            &made["tasks"],
            &made["tickets_waiting"]
        ],
        [7, 70, 80, 9]
    );
    assert_eq!(home.run(&["store", "verify"]).code, 0);
    assert_eq!(home.run(&["audit", "verify"]).code, 0);
    let tickets = home.tickets();
    assert_eq!(tickets.len(), 9);
    assert!(tickets.iter().all(|ticket| ticket["simulated"] == true));
    let published = home.json(&["engagement", "view-metrics"]);
    assert!(!published.is_empty());
    assert!(published.iter().all(|row| row["simulated"] == true));
}

// R137: what is there is never written over, and numbers that cannot be had together are refused in words.
#[test]
fn r137_generating_needs_a_new_database() {
    let home = Home::new();
    let few = home.run(&["store", "generate", "--tasks", "400", "--signals", "3"]);
    assert_eq!(few.code, 2, "{}", few.stderr);
    assert!(few.stderr.contains("--signals"), "{}", few.stderr);
    assert_eq!(home.run(&SMALL).code, 0);
    let again = home.run(&SMALL);
    assert_eq!(again.code, 3, "{}", again.stderr);
    assert!(again.stderr.contains("new --home"), "{}", again.stderr);
}
