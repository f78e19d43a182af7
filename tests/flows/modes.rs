//! A fresh home with somebody else's server: everything but the call, until a person types what goes public.

use serde_json::{Value, json};

use super::plain::review;
use crate::support::{Home, Ran, until};

fn reach(home: &Home) -> Value {
    home.json(&["live", "status"]).remove(0)["reach"].clone()
}

fn tasks(home: &Home, state: &str) -> usize {
    let tasks = home.json(&["worker", "check-queue", "--limit", "200"]);
    let of = tasks.iter().filter(|task| task["state"] == state);
    of.count()
}

/// Approves the next ticket.
fn approve(home: &Home) {
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let id = ticket["ticket_id"].as_str().unwrap().to_owned();
    let ran = home.run(&["review", "approve", &id]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

// R8, R7, R78: with a real server nothing is called and nothing shows as published until server, agent and campaign were let go
// live, each by its typed account and network; then it goes out, and dry again it does not.
#[test]
fn r8_nothing_reaches_a_server_until_a_person_types_what_goes_public() {
    let (home, platform) = (Home::new(), Home::new());
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    home.write(
        "budget.yaml",
        &budget.replace("undo_fuse: 10s", "undo_fuse: 0s"),
    );
    let items: Vec<Value> = (0..4).map(|id| json!({"id": id.to_string(), "title": format!("Open source database number {id} released"), "link": format!("https://example.org/{id}")})).collect();
    let line = json!({"at": "2021-09-06T00:00:00Z", "items": items});
    home.write("stream.jsonl", &format!("{line}\n"));
    let binary = env!("CARGO_BIN_EXE_chimera");
    let elsewhere = platform.path().display();
    home.write("chimera.yaml", &format!("feeds:\n  - {{name: stream, recording: stream.jsonl, every: 1h, max_age: none}}\nservers:\n  mine:\n    stdio: {{command: {binary}, args: [mcp, serve, twitter, --home, {elsewhere}]}}\ncampaigns:\n  - {{name: code, persona: leo, channel: mastodon, account: \"@leo\", goal: talk about code, publish_server: mine}}\n"));
    let check = home.run(&["config", "check"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    let _daemon = home.daemon(&[]);
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    assert_eq!(
        (&ticket["simulated"], &ticket["dry_run"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(reach(&home), "dry_run");
    approve(&home);
    until("a rehearsal", || {
        (tasks(&home, "rehearsed") == 1).then_some(())
    });
    assert!(platform.journal().is_empty());
    assert!(home.json(&["engagement", "view-metrics"]).is_empty());
    let status = home.run(&["status"]).stdout;
    assert!(
        status.contains("DRY RUN: nothing is published for real"),
        "{status}"
    );

    let typed = "@leo on mastodon through mine";
    let flags = [
        ["--server", "mine"],
        ["--agent", "leo"],
        ["--campaign", "code"],
    ];
    for flags in flags {
        let live = [&["live"], &flags[..]].concat();
        let shown = home.run(&[&live[..], &["--dry-run"]].concat());
        assert!(
            shown.code == 0 && shown.stdout.contains(&format!("--confirm '{typed}'")),
            "{}",
            format!("{}{}", shown.stdout, shown.stderr)
        );
        for wrong in [
            &[][..],
            &["--confirm", "yes"],
            &["--confirm", "@leo on twitter through mine"],
        ] {
            let ran = home.run(&[&live[..], wrong].concat());
            assert!(
                ran.code == 5 && ran.stderr.contains(typed),
                "{}: {}",
                ran.code,
                ran.stderr
            );
        }
        assert_eq!(reach(&home), "dry_run");
        let ran = home.run(&[&live[..], &["--confirm", typed, "--why", "we begin"]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert_eq!(reach(&home), "live");
    // What was asked under the other reach is asked again.
    let live = until("a ticket that is live", || {
        home.tickets().into_iter().find(|t| t["dry_run"] == false)
    });
    // R139, checklist 4: line by line, too, the first live post needs more than a number.
    let id = live["ticket_id"].as_str().unwrap();
    let word = &id[id.len() - 4..];
    for typed in ["1\n", "1\n\n", "1\n1\n", "1\nyes\n"] {
        let ran = review(&home, typed.as_bytes(), None);
        let asked = ran.stdout.contains(&format!("Type {word} to approve"));
        assert!(asked && ran.stdout.contains("0 decided"), "{}", ran.stdout);
    }
    let ran = review(&home, format!("1\n{word}\n").as_bytes(), None);
    assert!(ran.stdout.contains("1 decided"), "{}", ran.stdout);
    // R78: and it needs two people. The same one is refused with their name, another one lets it out.
    let asked = "Approving is the first of two approvals";
    let waits = "Approved as the first of two";
    for said in [asked, waits] {
        assert!(ran.stdout.contains(said), "no `{said}` in:\n{}", ran.stdout);
    }
    let approves = |who: &str, machine: &[&str]| {
        let mut command = home.command(&[&["review", "approve", id], machine].concat());
        Ran::of(command.env("USER", who).output().unwrap())
    };
    let ran = approves("tester", &[]);
    assert!(
        ran.code == 5
            && ran.stderr.contains("by tester@")
            && ran.stderr.contains("must be another"),
        "{}: {}",
        ran.code,
        ran.stderr
    );
    let card = home.json(&["review", "show", id]).remove(0);
    let first = card["first_approval"]["by"].as_str().unwrap();
    assert!(first.starts_with("tester@"), "{card}");
    let why = &card["two_people"];
    assert!(why.to_string().contains("the first live post"), "{why}");
    assert!(platform.journal().is_empty());
    let told = approves("second", &["--dry-run"]);
    assert!(
        told.stdout.contains("would publish to @leo"),
        "{}",
        told.stdout
    );
    let ran = approves("second", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    until("a post", || (platform.journal().len() == 1).then_some(()));
    until("its confirmation", || {
        (tasks(&home, "published") == 1).then_some(())
    });
    // The server says of itself that it is a stand-in: the publication says so too.
    let public = home.json(&["engagement", "view-metrics"]);
    assert_eq!((public.len(), &public[0]["simulated"]), (1, &json!(true)));

    let ran = home.run(&["dry", "--agent", "leo", "--why", "enough"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    until("a ticket that is dry", || {
        home.tickets().into_iter().find(|t| t["dry_run"] == true)
    });
    approve(&home);
    until("another rehearsal", || {
        (tasks(&home, "rehearsed") == 2).then_some(())
    });
    assert_eq!(platform.journal().len(), 1);
    let nobody = home.run(&["live", "--server", "twitter", "--confirm", typed]);
    assert!(
        nobody.code == 4 && nobody.stderr.contains("mine"),
        "{}: {}",
        nobody.code,
        nobody.stderr
    );
    assert_eq!(home.run(&["live"]).code, 2);
}
