//! The simulation: seeds that must break no promise, and planted bugs that must be found.

use crate::support::{Home, Ran};

fn sim(args: &[&str]) -> Ran {
    let home = Home::new();
    let world = ["--minutes", "60", "--items-per-hour", "24", "--faults"];
    home.run(&[&["sim"], args, &world].concat())
}

// R171, R5, R6, R78, R92: under kills, suspensions, lost answers, clock jumps, halts, edits and racing reviewers
// nothing is lost, nothing is published twice or without a decision (of two people, where it takes two), and no money is
// left reserved.
#[test]
fn r171_no_seed_breaks_a_promise() {
    let ran = sim(&["--seed", "100", "--seeds", "6"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("6 seeds") && ran.stdout.contains("0 broken"),
        "{}",
        ran.stdout
    );
}

// R171: a seed is one history, to the last event.
#[test]
fn r171_a_seed_is_one_history() {
    let digest = || {
        let ran = sim(&["--seed", "7", "--json"]);
        assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
        let report: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
        report["digest"].as_str().unwrap().to_owned()
    };
    assert_eq!(digest(), digest());
}

// R171, R148, R8, R78: the simulation can fail: bugs that are planted on purpose are found, by name.
#[test]
fn r171_planted_bugs_are_found() {
    for (bug, from, told) in [
        ("skip-hash-check", "1", "other words than were decided on"),
        ("send-twice", "1", "published twice"),
        ("time-approves", "4", "without a decision that holds"),
        ("ignore-halt", "1", "while halted"),
        ("ignore-dry", "21", "while dry"),
        (
            "one-is-enough",
            "1",
            "one person's approval, and it takes two",
        ),
    ] {
        let ran = sim(&["--seed", from, "--seeds", "5", "--mutation", bug]);
        assert_eq!(ran.code, 1, "{bug} was not found:\n{}", ran.stdout);
        assert!(ran.stdout.contains(told), "{bug}:\n{}", ran.stdout);
    }
}
