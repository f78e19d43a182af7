//! The review queue line by line, as a pipe or a screen reader meets it.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use super::generate::SMALL;
use serde_json::json;

use crate::support::{Home, Ran};

/// A house with tickets that wait, and nobody who runs it.
fn house() -> Home {
    let home = Home::new();
    let made = home.run(&SMALL);
    assert_eq!(made.code, 0, "{}", made.stderr);
    home
}

/// The whole review with these bytes as all that is typed.
pub(super) fn review(home: &Home, typed: &[u8], env: Option<(&str, &str)>) -> Ran {
    let args: &[&str] = if env.is_some() {
        &["review"]
    } else {
        &["review", "--plain"]
    };
    let mut command = home.command(args);
    command.env("TERM", "dumb").envs(env);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that ends before it has read everything is fine.
    let _ended = child.stdin.take().unwrap().write_all(typed);
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!ran.stdout.contains(control), "{:?}", ran.stdout);
    ran
}

/// The ticket that the review begins with.
fn first(home: &Home) -> String {
    let ran = review(home, b"6\n", None);
    let id = ran
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Ticket "));
    id.unwrap().split(' ').next().unwrap().to_owned()
}

/// What is typed where one number is not enough: the end of the ticket's id.
fn word_of(ticket: &str) -> &str {
    &ticket[ticket.len() - 4..]
}

/// How many answers a calibration is made of.
fn answers(calibration: &serde_json::Value) -> u64 {
    let buckets = calibration["buckets"].as_array().unwrap();
    let tallies = buckets.iter().map(|bucket| &bucket["answers"]);
    tallies
        .chain([&calibration["unscored"]])
        .map(|tally| tally["n"].as_u64().unwrap())
        .sum()
}

// R73, R139, R79, R181: numbers approve, reject with a reason and a note, skip and take back; each prints what became of it.
#[test]
fn r139_the_queue_is_cleared_with_numbers() {
    let home = house();
    let waiting = home.tickets().len();
    let answered = answers(&home.json(&["review", "calibration"])[0]);
    let ticket = first(&home);
    let word = word_of(&ticket);
    // The first one is on a sensitive topic: an empty line leaves it, its word approves it.
    let typed = format!("1\n\n1\n{word}\n2\n1\ntoo loud\n3\n4\n5\n6\n");
    let ran = review(&home, typed.as_bytes(), None);
    for said in [
        "9 waiting.",
        "Approving publishes 1 post (SIMULATED)",
        "One number is not enough: a sensitive topic.",
        "Not approved; nothing was decided.",
        "Approved. It is held until",
        "1 off brand",
        "A note, or an empty line:",
        "Done: rejected. Nothing goes out.",
        "Taken back: that ticket is open again.",
        "Check persona: ",
        "End of the review: 1 decided, 1 skipped.",
    ] {
        assert!(ran.stdout.contains(said), "no `{said}` in:\n{}", ran.stdout);
    }
    // R79: what was done here is what the figures say, with how many they are of.
    let stats = home.json(&["review", "stats"]);
    let of = |row: &&serde_json::Value| row["window"] == "24h" && row["reviewer"] == "tester";
    let mine = stats.iter().find(of).unwrap();
    assert_eq!(
        [
            &mine["answers"],
            &mine["approved"],
            &mine["reversed"],
            &mine["approved_percent"],
            &mine["on_screen"]["n"]
        ],
        [2, 1, 1, 50, 0],
        "{mine}"
    );
    let told = home.run(&["review", "stats"]).stdout;
    let line = "  tester: 2 answers, 50 % approved, 1 taken back (50 %), on screen no times kept (n = 0), waited median ";
    assert!(told.contains(line), "{told}");
    // The answer that stands is one more, and where nobody answered there is no figure.
    let judged = home.json(&["review", "calibration"]).remove(0);
    assert_eq!(
        (answers(&judged), &judged["sampled"]["kept_percent"]),
        (answered + 1, &json!(null))
    );
    let told = home.run(&["review", "calibration"]).stdout;
    for said in [
        "no data",
        "Nobody saw a sample of what goes out alone (n = 0)",
    ] {
        assert!(told.contains(said), "{told}");
    }
    assert_eq!(home.tickets().len(), waiting - 1);
    // A screen reader's setting asks for the same.
    let again = review(&home, b"6\n", Some(("ACCESSIBLE", "1")));
    assert!(again.stdout.contains("8 waiting."), "{}", again.stdout);
}

// R139: no input, half a line, nonsense, escape sequences and a pasted text decide nothing.
#[test]
fn r139_nothing_is_decided_by_accident() {
    let home = house();
    let waiting = home.tickets().len();
    for typed in [
        &b""[..],
        b"1",
        b"2\n1",
        b"2\n9\n",
        b"2\n1\n",
        b"a\nyes\napprove\n\n\n 1 2\n\x1b[2J1\n\xff\xfe\n-1\n01\n",
        b"11\n1.0\n",
    ] {
        let ran = review(&home, typed, None);
        assert!(
            ran.stdout.contains("0 decided"),
            "{typed:?}:\n{}",
            ran.stdout
        );
    }
    assert_eq!(home.tickets().len(), waiting);
}

// R139, R69: somebody else decides between the question and the answer: the loser is told who won, and what was
// printed never counts for what is there now.
#[test]
fn r139_who_loses_a_race_is_told_who_won() {
    let home = house();
    let mut command = home.command(&["review", "--plain"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ticket = String::new();
    for line in lines.by_ref() {
        let line = line.unwrap();
        if let Some(id) = line.strip_prefix("Ticket ") {
            ticket = id.split(' ').next().unwrap().to_owned();
        }
        if line.starts_with("Answer") {
            break;
        }
    }
    let mut other = home.command(&["review", "reject", &ticket, "--reason", "timing"]);
    assert!(other.env("USER", "ann").output().unwrap().status.success());
    let typed = format!("1\n{}\n6\n", word_of(&ticket));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success());
    let rest = rest.join("\n");
    assert!(
        rest.contains("Your decision did not count: already rejected by ann@"),
        "{rest}"
    );
    assert!(rest.contains("0 decided"), "{rest}");
}

// R192, R142: the note of the command line is that of the console: words, or one JSON value, since when one says.
#[test]
fn r192_a_note_for_whoever_comes_next() {
    let home = house();
    let waiting = home.tickets().len();
    let _decided = review(&home, b"3\n1\n\n", None);
    let words = home.run(&["handover"]);
    assert_eq!(words.code, 0, "{}", words.stderr);
    assert!(
        words.stdout.contains(" for a person, the oldest for "),
        "{}",
        words.stdout
    );
    let note = home.json(&["handover", "--since", "1h"]);
    let note = &note[0];
    let decided = note["decided"].as_array().unwrap();
    let rejected: u64 = decided
        .iter()
        .filter(|row| row["state"] == "rejected")
        .map(|row| row["n"].as_u64().unwrap())
        .sum();
    assert!(rejected >= 1, "{note}");
    assert_eq!(
        note["tickets_waiting"].as_u64().unwrap(),
        u64::try_from(waiting).unwrap() - 1
    );
    assert!(note["simulated"].as_bool().unwrap());
    let wrong = home.run(&["handover", "--since", "yesterday"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
}
