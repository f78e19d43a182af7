//! kill -9 at random moments: no signal lost, no task doubled, no post published twice.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::support::{Home, breathe, quiet, shared_data, until};

/// How often the daemon is killed.
const KILLS: u32 = 50;
/// Looks in the made stream, and of how many of its titles one is relevant: about as in the real one.
const LOOKS: usize = 640;
const ONE_RELEVANT_IN: usize = 8;

/// A budget under which posts go out by themselves and no governor binds.
pub(crate) fn liberal(budget: &str) -> String {
    let mut out = String::new();
    for line in budget.lines() {
        let key = line.trim_start().split(':').next().unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        match key {
            "auto_approve" => out.push_str(&format!("{indent}auto_approve: 0.70\n")),
            "plans_per_hour" | "plans_per_day" | "queue_depth" | "review_depth" => {
                out.push_str(&format!("{indent}{key}: 10000\n"))
            }
            "undo_fuse" => out.push_str(&format!("{indent}undo_fuse: 0s\n")),
            "agent_day_usd" | "campaign_usd" => out.push_str(&format!("{indent}{key}: 100000\n")),
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// The real stream, or a made one of the same shape where it is not there.
fn recording() -> (String, HashSet<String>) {
    let snapshots: Vec<Vec<Value>> = match shared_data("trends") {
        Some(folder) => {
            let text = std::fs::read_to_string(folder.join("hn_stories.jsonl")).unwrap();
            let stories: HashMap<String, Value> = text.split('\n').filter(|l| !l.is_empty()).map(|l| {
                let story: Value = serde_json::from_str(l).unwrap();
                (story["id"].to_string(), json!({"id": story["id"].to_string(), "title": story["title"], "link": story["url"]}))
            }).collect();
            let mut at = HashMap::<String, Vec<Value>>::new();
            let mut order = Vec::new();
            for line in std::fs::read_to_string(folder.join("hn_observations.csv"))
                .unwrap()
                .lines()
                .skip(1)
            {
                let fields: Vec<&str> = line.split(',').collect();
                if !at.contains_key(fields[0]) {
                    order.push(fields[0].to_owned());
                }
                at.entry(fields[0].to_owned())
                    .or_default()
                    .push(stories[fields[2]].clone());
            }
            order
                .into_iter()
                .map(|ts| at.remove(&ts).unwrap())
                .collect()
        }
        None => {
            let item = |id: usize| {
                let title = if id.is_multiple_of(ONE_RELEVANT_IN) {
                    format!("Open source database number {id} released")
                } else {
                    format!("Harbour ferry number {id} sails")
                };
                json!({"id": id.to_string(), "title": title, "link": format!("https://example.org/{id}")})
            };
            let look = |n: usize| (n..n + 30).map(item).collect();
            (0..LOOKS).map(look).collect()
        }
    };
    let ids = snapshots
        .iter()
        .flatten()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    let lines: Vec<String> = snapshots.into_iter().enumerate().map(|(n, items)| json!({"at": format!("2021-09-06T{:02}:{:02}:00Z", n / 60 % 24, n % 60), "items": items}).to_string()).collect();
    (lines.join("\n") + "\n", ids)
}

/// A post that three kills in a row met between sending and landing is not sent a fourth time by itself: the
/// person it waits for has looked at the platform, and lets it go again.
fn look_at_uncertain(home: &Home, looked_at: &mut HashSet<String>) {
    for effect in home.json(&["effect", "list"]) {
        let id = effect["effect_id"].as_str().unwrap();
        let given_up = effect["why"]
            .as_str()
            .is_some_and(|why| why.starts_with("sent 3 times"));
        if effect["state"] == "uncertain" && given_up && looked_at.insert(id.to_owned()) {
            let again = home.run(&["effect", "resolve", id, "--send-again"]);
            assert_eq!(again.code, 0, "{}", again.stderr);
        }
    }
}

// R5, R14, R22, R182: fifty kills at random moments of a replay of the real stream lose no signal, double no task, publish nothing twice.
#[test]
fn r5_fifty_kills_lose_nothing_and_publish_nothing_twice() {
    let _quiet = quiet();
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    home.write("budget.yaml", &liberal(&budget));
    let (recording, stories) = recording();
    home.write("stream.jsonl", &recording);
    home.write("chimera.yaml", "feeds:\n  - {name: stream, recording: stream.jsonl, every: 1h, max_age: none}\ncampaigns:\n  - {name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100000}\n");
    assert_eq!(
        home.run(&["config", "check"]).code,
        0,
        "{}",
        home.run(&["config", "check"]).stderr
    );
    // A persona's first post waits for a person; after it the others go out by themselves.
    let daemon = home.daemon(&[]);
    let first = until("the first ticket", || home.tickets().into_iter().next());
    let id = first["ticket_id"].as_str().unwrap();
    assert_eq!(home.run(&["review", "approve", id]).code, 0);
    until("the first post", || {
        (!home.journal().is_empty()).then_some(())
    });
    daemon.kill_9();
    // A fixed sequence: what fails, fails again at the same lengths of life.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..KILLS {
        let daemon = home.daemon(&[]);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // From before it is up to well into its work.
        for _ in 0..random % 45 + 1 {
            breathe();
        }
        daemon.kill_9();
    }
    let before = home.journal().len();
    assert!(before > 0, "the kills must hit a swarm that publishes");
    let daemon = home.daemon(&[]);
    let mut looked_at = HashSet::new();
    until("the replay to end", || {
        look_at_uncertain(&home, &mut looked_at);
        let status = home.status();
        let busy = [
            "pending",
            "claimed",
            "review",
            "replan",
            "publishing",
            "uncertain",
        ];
        let tasks = &status["tasks"];
        let open: u64 = busy.iter().filter_map(|state| tasks[state].as_u64()).sum();
        let known: u64 = status["signals"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_u64)
            .sum();
        (known == stories.len() as u64 && open == 0 && status["signals"]["new"].is_null())
            .then_some(())
    });
    // Let the executor finish what is approved and due.
    until("everything approved to be out", || {
        let published = home.status()["tasks"]["published"].as_u64().unwrap_or(0);
        (usize::try_from(published).unwrap() == home.journal().len()).then_some(())
    });
    daemon.signal("TERM");
    assert!(daemon.wait().success());

    let mut signals = HashSet::new();
    let mut offset = 0;
    loop {
        let rows = home.json(&[
            "planner",
            "view-signals",
            "--limit",
            "200",
            "--offset",
            &offset.to_string(),
        ]);
        if rows.is_empty() {
            break;
        }
        offset += rows.len();
        signals.extend(
            rows.into_iter()
                .map(|row| row["signal_id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(signals.len(), stories.len(), "every story is one signal");

    let mut nodes = HashSet::new();
    let mut tasks = 0;
    loop {
        let rows = home.json(&[
            "worker",
            "check-queue",
            "--limit",
            "200",
            "--offset",
            &tasks.to_string(),
        ]);
        if rows.is_empty() {
            break;
        }
        tasks += rows.len();
        for row in rows {
            let node = format!(
                "{}/{}/{}",
                row["trace_id"], row["node"], row["plan_attempt"]
            );
            assert!(nodes.insert(node.clone()), "{node} was made twice");
        }
    }
    let posts = home.journal();
    let keys: HashSet<String> = posts
        .iter()
        .map(|post| post["idempotency_key"].to_string())
        .collect();
    assert_eq!(keys.len(), posts.len(), "a post was published twice");
    let texts: HashSet<String> = posts
        .iter()
        .map(|post| post["text_content"].to_string())
        .collect();
    assert_eq!(texts.len(), posts.len(), "a text was published twice");
    assert!(
        posts.len() >= 20,
        "the test must publish something: {}",
        posts.len()
    );
    assert_eq!(
        home.json(&["engagement", "view-metrics", "--limit", "200"])
            .len(),
        posts.len().min(200)
    );
    // R93: what the dead had reserved counts as uncertain, and nothing is set aside for ever.
    assert_eq!(home.status()["money"]["reserved_usd"], "0.00");
    assert_eq!(home.run(&["store", "verify"]).code, 0);
    eprintln!(
        "{KILLS} kills: {} signals, {tasks} tasks, {} posts ({before} between kills, {} sent again by a person), none twice",
        signals.len(),
        posts.len(),
        looked_at.len()
    );
}
