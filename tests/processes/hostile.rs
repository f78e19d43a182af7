//! What was typed and stored with bad intent, and every way in which the program prints it again.

use std::{io::Write, process::Stdio};

use serde_json::Value;

use crate::support::{Home, Ran, until, walk};

/// Orders to a terminal in both forms, what turns the reading round, and what hides.
const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{90}q\u{9c}\u{7f}\u{202e}\u{2066}\u{200b}\u{e0041}\u{fe0f}evil";

/// Nothing in what was printed or written could steer the terminal of whoever looks at it.
fn check(what: &str, text: &str) {
    for c in text.chars() {
        let steers = c.is_control() && c != '\n';
        let hides = matches!(c as u32, 0x202a..=0x202e | 0x2066..=0x2069 | 0x200b | 0xfeff | 0xe0000..=0xe0fff);
        assert!(!steers && !hides, "{what}: U+{:04X} in {text:?}", c as u32);
    }
}

/// How often the text was met, made visible.
fn met(text: &str) -> usize {
    text.matches("␛]0;owned").count() + text.matches("\\u001b]0;owned").count()
}

// R138, R139: neither what is stored nor what is typed steers the terminal that a command prints to: as lines, as JSON,
// as the review line by line, as the log, or as an export.
#[test]
fn r138_no_command_prints_what_steers_a_terminal() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    let tickets = until("tickets", || {
        Some(home.tickets()).filter(|tickets| tickets.len() >= 3)
    });
    let id = |n: usize| tickets[n]["ticket_id"].as_str().unwrap();
    let mut said = 0;
    let mut run = |args: &[&str], input: Option<&str>| {
        let mut command = home.command(args);
        command.env("USER", format!("ann{EVIL}"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut keys = child.stdin.take().unwrap();
        // One that asks nothing may be gone by then.
        let _gone = keys.write_all(input.unwrap_or_default().as_bytes());
        drop(keys);
        let ran = Ran::of(child.wait_with_output().unwrap());
        check(&format!("{args:?}"), &ran.stdout);
        check(&format!("{args:?}"), &ran.stderr);
        said += met(&ran.stdout) + met(&ran.stderr);
        ran
    };
    // In: notes, names and reasons of people.
    for args in [
        &["review", "escalate", id(0), "--note", EVIL][..],
        &["review", "assign", id(1), "--to", EVIL],
        &["review", "reject", id(2), "--note", EVIL],
        &["halt", "--spending", "--why", EVIL],
        &["resume", "--stage", "spend"],
        &["halt", "--publishing", "--why", EVIL],
    ] {
        let ran = run(args, None);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
    }
    // Arguments that mean nothing, and come back in a complaint.
    for args in [
        &["review", "show", EVIL][..],
        &["review", "list", "--limit", EVIL],
        &["campaign", "pause", EVIL],
        &[EVIL],
        &["status", &format!("--{EVIL}")],
        &["--feed", EVIL, "--daemon"],
    ] {
        assert_ne!(run(args, None).code, 0, "{args:?}");
    }
    // Out, by every verb that prints what others wrote.
    let verbs = [
        &["status"][..],
        &["halt", "status"],
        &["handover"],
        &["alert", "list"],
        &["review", "list"],
        &["review", "show", id(0)],
        &["review", "show", id(2)],
        &["review", "stats"],
        &["review", "calibration"],
        &["planner", "view-signals"],
        &["planner", "view-resources"],
        &["worker", "check-queue"],
        &["effect", "list"],
        &["cfo", "view-ledger"],
        &["cfo", "check-budget"],
        &["campaign", "list"],
        &["live", "status"],
        &["audit", "verify"],
        &["config", "check"],
    ];
    for verb in verbs {
        run(verb, None);
        for line in run(&[verb, &["--json"]].concat(), None).stdout.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
    }
    let plain = run(&["review", "--plain"], Some("5\n3\n5\n3\n6\n"));
    assert!(met(&plain.stdout) > 1, "{}", plain.stdout);
    let export = home.path().join("export");
    let out = export.to_str().unwrap();
    assert_eq!(run(&["store", "export", out], None).code, 0);
    run(&["store", "export", "-"], None);
    assert!(said > 20, "met only {said} times");
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let mut kept = 0;
    for folder in [home.path().join("logs"), export] {
        for file in walk(&folder) {
            let text = std::fs::read_to_string(&file).unwrap();
            check(&file.display().to_string(), &text);
            kept += met(&text);
        }
    }
    assert!(kept > 5, "{kept} in the files");
    // The values are exact all the same.
    let card = home.json(&["review", "show", id(0)]).remove(0);
    let audit = std::fs::read_to_string(home.path().join("export/audit.jsonl")).unwrap();
    let exact = audit.lines().any(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        row["actor"]
            .as_str()
            .is_some_and(|actor| actor.contains(EVIL))
    });
    assert!(exact, "{card}");
}
