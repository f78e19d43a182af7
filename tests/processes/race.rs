//! Two people decide the same ticket in two processes at the same instant.

use std::process::Stdio;

use crate::support::{Home, Ran, until};

// R69, R181: of two processes that decide one ticket at once, exactly one wins and the other is told who.
#[test]
fn r69_one_of_two_processes_wins_and_the_other_is_told_who() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    let tickets = until("tickets", || {
        Some(home.tickets()).filter(|tickets| tickets.len() >= 3)
    });
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    for ticket in tickets.iter().take(3) {
        let id = ticket["ticket_id"].as_str().unwrap();
        let version = ticket["state_version"].to_string();
        let decide = |verb: &str, user: &str| {
            let mut command = home.command(&["review", verb, id, "--if-version", &version]);
            command
                .env("USER", user)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        // Both are started before either is waited for.
        let (approve, reject) = (decide("approve", "ann"), decide("reject", "ben"));
        let ran = [
            ("ann", Ran::of(approve.wait_with_output().unwrap())),
            ("ben", Ran::of(reject.wait_with_output().unwrap())),
        ];
        let winners: Vec<_> = ran
            .iter()
            .filter(|(_, ran)| ran.code == 0)
            .map(|(user, _)| *user)
            .collect();
        let [winner] = winners.as_slice() else {
            panic!(
                "winners {winners:?}: {} {}",
                ran[0].1.stderr, ran[1].1.stderr
            )
        };
        let (_, loser) = ran.iter().find(|(_, ran)| ran.code != 0).unwrap();
        assert_eq!(loser.code, 3, "{}", loser.stderr);
        assert!(
            loser.stderr.contains(&format!("by {winner}@")),
            "{}",
            loser.stderr
        );
        let word = if *winner == "ann" {
            "approved"
        } else {
            "rejected"
        };
        assert!(loser.stderr.contains(word), "{}", loser.stderr);
        let card = home.json(&["review", "show", id]).remove(0);
        assert_eq!(card["state"], word);
    }
}

// R2, R181: a decision on other content or another version than there is, is refused.
#[test]
fn r2_a_decision_names_what_it_was_made_on() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let id = ticket["ticket_id"].as_str().unwrap();
    let other = "0".repeat(64);
    assert_eq!(
        home.run(&["review", "approve", id, "--if-hash", &other])
            .code,
        3
    );
    assert_eq!(
        home.run(&["review", "approve", id, "--if-version", "99"])
            .code,
        3
    );
    assert_eq!(
        home.run(&["review", "approve", "tkt_00000000000000000000000000000000"])
            .code,
        4
    );
    assert_eq!(home.run(&["review", "approve", "nonsense"]).code, 2);
    let dry = home.run(&["review", "approve", id, "--dry-run"]);
    assert!(
        dry.code == 0 && dry.stdout.contains("SIMULATED"),
        "{}",
        dry.stdout
    );
    assert_eq!(
        home.json(&["review", "show", id]).remove(0)["state"],
        "open"
    );
    drop(daemon);
}
