//! A publication is taken down again: through the platform's own tool, and where there is none, by hand.

use serde_json::{Value, json};

use crate::support::{Home, until, walk};

/// A home whose only campaign publishes through `server`, with one post out.
fn one_post(servers: &str, server: &str) -> (Home, crate::support::Daemon, Value) {
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    home.write(
        "budget.yaml",
        &budget.replace("undo_fuse: 10s", "undo_fuse: 0s"),
    );
    let items = [
        json!({"id": "1", "title": "Open source database number 1 released", "link": "https://example.org/1"}),
    ];
    let line = json!({"at": "2021-09-06T00:00:00Z", "items": items});
    home.write("stream.jsonl", &format!("{line}\n"));
    home.write("chimera.yaml", &format!("feeds:\n  - {{name: stream, recording: stream.jsonl, every: 1h, max_age: none}}\n{servers}campaigns:\n  - {{name: code, persona: leo, channel: mastodon, account: \"@leo\", goal: talk about code, publish_server: {server}}}\n"));
    let daemon = home.daemon(&[]);
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let id = ticket["ticket_id"].as_str().unwrap();
    assert_eq!(home.run(&["review", "approve", id]).code, 0);
    let public = until("a publication", || public(&home));
    (home, daemon, public)
}

fn public(home: &Home) -> Option<Value> {
    home.json(&["engagement", "view-metrics"])
        .into_iter()
        .next()
}

// R9: a publication is withdrawn from the command line: the platform takes it down, and list, task and audit say so with the
// reason; once is enough.
#[test]
fn r9_a_publication_is_taken_down_through_its_platform() {
    let (home, _daemon, made) = one_post("", "twitter");
    let id = made["publication_id"].as_str().unwrap();
    assert_eq!(
        home.run(&["effect", "withdraw", id]).code,
        2,
        "without a reason"
    );
    let ran = home.run(&["effect", "withdraw", id, "--why", "wrong picture"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let down = until("the withdrawal", || {
        public(&home).filter(|row| row["state"] == "withdrawn")
    });
    assert_eq!(down["withdrawn_why"], "wrong picture");
    let tasks = home.json(&["worker", "check-queue"]);
    assert!(tasks.iter().any(|task| task["state"] == "withdrawn"));
    let shown = home.run(&["engagement", "view-metrics"]).stdout;
    assert!(
        shown.contains(id) && shown.contains("WITHDRAWN at"),
        "{shown}"
    );
    let journal = std::fs::read_to_string(journal(&home)).unwrap();
    assert!(journal.contains("wrong picture"), "{journal}");
    let again = home.run(&["effect", "withdraw", id, "--why", "again"]);
    assert_eq!(again.code, 3, "{}", again.stderr);
    let nobody = "pub_019a0000000070008000000000000000";
    let nobody = home.run(&["effect", "withdraw", nobody, "--why", "x"]);
    assert_eq!(nobody.code, 4, "{}", nobody.stderr);
    assert_eq!(home.run(&["audit", "verify"]).code, 0);
}

// R9: a platform without such a tool says so, and what to do by hand; done by hand, that is noted and nothing is sent.
#[test]
fn r9_a_platform_without_a_tool_for_it_is_told_by_hand() {
    let platform = Home::new();
    let (binary, elsewhere) = (env!("CARGO_BIN_EXE_chimera"), platform.path().display());
    let servers = format!(
        "servers:\n  mine:\n    stdio: {{command: {binary}, args: [mcp, serve, twitter, --home, {elsewhere}]}}\n    tools: [post_content, get_post, get_metrics]\n    simulated: true\n"
    );
    let (home, _daemon, made) = one_post(&servers, "mine");
    let id = made["publication_id"].as_str().unwrap();
    let ran = home.run(&["effect", "withdraw", id, "--why", "wrong picture"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let alert = until("the alert", || {
        let alerts = home.json(&["alert", "list"]);
        alerts
            .into_iter()
            .find(|alert| alert["code"] == "not_withdrawn")
    });
    let text = alert["text"].as_str().unwrap();
    assert!(
        text.contains("delete_post") && text.contains("by hand at"),
        "{text}"
    );
    assert_eq!(public(&home).unwrap()["state"], "published");
    let by_hand = [
        "effect",
        "withdraw",
        id,
        "--by-hand",
        "--why",
        "took it down myself",
    ];
    let ran = home.run(&by_hand);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(public(&home).unwrap()["state"], "withdrawn");
    let alerts = home.json(&["alert", "list"]);
    assert!(alerts.iter().all(|alert| alert["code"] != "not_withdrawn"));
    assert_eq!(home.run(&by_hand).code, 3);
}

fn journal(home: &Home) -> std::path::PathBuf {
    let mut files = walk(home.path()).into_iter();
    let found = files.find(|path| path.ends_with("platform.jsonl"));
    found.expect("a journal in the home")
}
