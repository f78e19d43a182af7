//! Decisions made again from a real file: by the program that made them, by another start, and after
//! somebody else had a hand in the file.

use serde_json::{Value, json};

use crate::support::Home;

/// Longer ago than any recording.
const EVER: &str = "36500d";

/// A recording of two moments, three stories of which two concern the persona.
fn recording(home: &Home) -> String {
    let item = |id: &str, title: &str, summary: &str| {
        json!({"id": id, "title": title, "summary": summary, "link": format!("https://example.org/{id}"),
            "published": "2026-11-20T08:00:00Z"})
    };
    let aro = item(
        "1",
        "Aro brings its linen sneaker back",
        "The sneaker comes in three colours and is mended for free at Zanderoo.",
    );
    let lines = [
        json!({"at": "2026-11-20T09:00:00Z", "items": [aro, item("2", "Rain on Sunday", "Take a coat.")]}),
        json!({"at": "2026-11-20T09:00:10Z", "items": [aro, item("3", "A sneaker drop made of cork comes to Porto", "The soles are natural rubber, and the weaver who sews them mends each pair for ten years.")]}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    home.write("drop.jsonl", &text.join("\n"));
    home.path().join("drop.jsonl").to_str().unwrap().to_owned()
}

fn play(home: &Home, recording: &str, more: &[&str]) -> Value {
    let args = ["replay", "--recording", recording, "--persona", "fae"];
    let found = home.json(&[&args[..], &["--fixed-clock"], more].concat());
    found.into_iter().next().unwrap()
}

/// The one line that `replay` prints with these arguments, and how it ended.
fn replay(home: &Home, args: &[&str]) -> (i32, Value) {
    let ran = home.run(&[&["replay", "--json"], args].concat());
    let line = ran.stdout.lines().next().unwrap_or("null");
    (ran.code, serde_json::from_str(line).unwrap())
}

// R167, R187, R197: the same recording under a fixed clock gives the same history at any speed; every
// decision of it comes out as it did; an unchanged rule changes nothing; a changed file is found.
#[test]
fn r167_every_decision_of_a_recording_is_made_again() {
    let desk = Home::new();
    let recording = recording(&desk);
    let (home, other) = (Home::new(), Home::new());
    let played = play(&home, &recording, &[]);
    assert_eq!(
        (&played["signals"], &played["signals_planned"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(played, play(&other, &recording, &["--speed", "100"]));

    let (code, all) = replay(&home, &["--all", "--since", EVER]);
    assert_eq!(code, 0, "{all}");
    let count = |kind: &str| {
        let kind = &all["kinds"][kind];
        assert_eq!(
            (&kind["different"], &kind["not_replayable"]),
            (&json!(0), &json!(0))
        );
        kind["same"].as_u64().unwrap()
    };
    assert_eq!((count("relevance"), count("verdict")), (3, 2));
    assert!(count("spend") >= 4, "{all}");
    // In the window that is usual the recording is long over.
    assert_eq!(replay(&home, &["--all"]).1["kinds"]["verdict"]["same"], 0);

    let tickets = home.tickets();
    let name = |at: usize, field: &str| {
        let shown = home.json(&["review", "show", tickets[at]["ticket_id"].as_str().unwrap()]);
        shown[0][field].as_str().unwrap().to_owned()
    };
    let (ticket, task) = (name(0, "ticket_id"), name(0, "task_id"));
    let (code, one) = replay(&home, &[&ticket]);
    assert_eq!(
        (code, &one["result"], &one["route"]),
        (0, &json!("same"), &json!("hitl_queue"))
    );
    assert_eq!(replay(&home, &[one["decision"].as_str().unwrap()]).0, 0);
    assert_eq!(replay(&home, &[&task]).0, 0);
    let nobody = format!("vrd_{}", "0".repeat(32));
    assert_eq!(replay(&home, &[&nobody]).0, 4);
    assert_eq!(replay(&home, &["vrd_1"]).0, 2);

    let file = home.path().join("chimera.db");
    let before = std::fs::read(&file).unwrap();
    r187_a_rule_is_tried(&home);
    r197_a_task_is_walked(&home, &task);

    // Looking at the past changes no byte of it.
    let mut bytes = std::fs::read(&file).unwrap();
    assert!(bytes == before);
    // Another hand in the file: a name in one story is another wherever it stands.
    let places: Vec<usize> = (0..bytes.len() - 8)
        .filter(|at| bytes[*at..].starts_with(b"Zanderoo"))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 8].copy_from_slice(b"Zanderax");
    }
    std::fs::write(&file, bytes).unwrap();
    let (code, all) = replay(&home, &["--all", "--since", EVER]);
    assert_eq!(code, 8, "{all}");
    let found = all["different"].as_array().unwrap();
    let is_about = |name: &Value| {
        found
            .iter()
            .any(|row| row["decision"] == *name && row["differences"][0]["part"] == "inputs")
    };
    assert_eq!(
        tickets.len(),
        2,
        "one of them is about the story, one is not"
    );
    let verdicts: Vec<Value> = tickets
        .iter()
        .map(|row| replay(&home, &[row["ticket_id"].as_str().unwrap()]).1)
        .collect();
    let touched = verdicts
        .iter()
        .filter(|v| v["result"] == "different" && is_about(&v["decision"]))
        .count();
    let whole = verdicts.iter().filter(|v| v["result"] == "same").count();
    assert_eq!((touched, whole), (1, 1), "{all}");
}

fn r187_a_rule_is_tried(home: &Home) {
    let rule = home.path().join("budget.yaml");
    let rule = rule.to_str().unwrap();
    let (code, same) = replay(home, &["--policy", rule, "--since", EVER]);
    assert_eq!(code, 0, "{same}");
    for kind in ["signals", "verdicts"] {
        assert_eq!(same[kind]["changed"], json!([]), "{kind}");
        assert!(same[kind]["compared"].as_u64().unwrap() >= 2, "{kind}");
    }
    // A word of one story becomes sensitive, and every bar unreachable: one by a file, one by name.
    let text = std::fs::read_to_string(rule).unwrap();
    assert!(text.contains("blocked_phrases:\n"));
    home.write(
        "changed.yaml",
        &text.replace("blocked_phrases:\n", "blocked_phrases:\n  - cork\n"),
    );
    let changed = home.path().join("changed.yaml");
    let (_, blocked) = replay(
        home,
        &["--policy", changed.to_str().unwrap(), "--since", EVER],
    );
    let moved = &blocked["verdicts"]["changed"];
    assert_eq!(moved.as_array().unwrap().len(), 1, "{blocked}");
    assert_eq!(
        (&moved[0]["from"], &moved[0]["to"]),
        (&json!("hitl_queue"), &json!("reject"))
    );
    assert_eq!(blocked["verdicts"]["reviews"]["after"], 1);
    let (_, none) = replay(home, &["--threshold", "relevance=1", "--since", EVER]);
    assert_eq!(none["signals"]["plans"]["before"], 2);
    assert_eq!(none["signals"]["plans"]["after"], 0);
    for wrong in [
        "relevance",
        "relevance=2",
        "certainty=0.9",
        "auto_approve=0.1",
    ] {
        let (code, _) = replay(home, &["--threshold", wrong, "--since", EVER]);
        assert_eq!(code, 2, "{wrong}");
    }
}

fn r197_a_task_is_walked(home: &Home, task: &str) {
    let lines = home.json(&["worker", "history", task, "--judge-now"]);
    let (now, past) = lines.split_last().unwrap();
    let versions: Vec<i64> = past
        .iter()
        .map(|step| step["state_version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, (1..=4).collect::<Vec<i64>>());
    let states: Vec<&str> = past
        .iter()
        .map(|step| step["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["pending", "claimed", "review", "ticketed"]);
    assert!(past[3]["verdict_id"].as_str().unwrap().starts_with("vrd_"));
    assert_eq!(now["judge_now"]["route"], "hitl_queue");
    let nobody = format!("tsk_{}", "0".repeat(32));
    assert_eq!(home.run(&["worker", "history", &nobody]).code, 4);
}
