//! `chimera eval confidence`: the judge on labelled posts, ours at every boundary and those that the writer makes.

use serde_json::Value;

use super::evals::{LINES, json, personas};
use crate::support::{Home, Ran};

/// Posts of our own with what is right by the shipped rules, one for each boundary and each kind of refusal.
const CONFIDENCE: &str = "tests/evals/confidence.jsonl";

/// `chimera eval confidence` on a file, by the shipped personas and these rules.
fn confidence(home: &Home, data: &str, policy: &str, more: &[&str]) -> Ran {
    let personas = personas();
    let args = [
        "eval",
        "confidence",
        "--data",
        data,
        "--policy",
        policy,
        "--personas",
        &personas,
    ];
    home.run(&[&args, more].concat())
}

fn shipped(file: &str) -> String {
    xtask::walk::root()
        .unwrap()
        .join(file)
        .display()
        .to_string()
}

// SC-004, R53, R54, R57, R59: every labelled line of ours, at every boundary, is routed as a person read it off the rules;
// a line without a score is counted apart, and the table says what the JSON says.
#[test]
fn sc_004_every_labelled_post_is_routed_right() {
    let home = Home::new();
    let (data, policy) = (shipped(CONFIDENCE), shipped("budget.yaml"));
    let measured = json(&confidence(&home, &data, &policy, &["--json"]));
    let routes = &measured["routes"];
    assert_eq!(routes["wrong"], serde_json::json!([]), "{routes}");
    assert_eq!(routes["lines"], measured["lines"]);
    assert_eq!(routes["right"], routes["lines"]);
    for route in ["approve", "human", "reject"] {
        let count = routes["said_where_right_is"][route][route].as_u64();
        assert!(count.unwrap() >= 15, "{routes}");
    }
    assert_eq!(measured["unscored"], 4);
    // Of those that have a label, none without a score is given one.
    let (labels, lines) = (&measured["labels"], measured["lines"].as_u64().unwrap());
    assert_eq!(labels["scored"].as_u64().unwrap(), lines - 4);
    assert_eq!(labels["measures"]["false_auto_rate"]["value"], 0.0);
    let printed = confidence(&home, &data, &policy, &[]).stdout;
    let told = format!("routed right {lines} of {lines}, wrong 0");
    assert!(printed.contains(&told), "{printed}");
}

// R54, SC-004: another threshold than the rules name is seen, by the lines it sends elsewhere.
#[test]
fn r54_a_threshold_that_is_wrong_shows_as_wrong_lines() {
    let home = Home::new();
    let rules = std::fs::read_to_string(shipped("budget.yaml")).unwrap();
    let data = shipped(CONFIDENCE);
    let notes: Vec<Value> = std::fs::read_to_string(&data)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (was, planted, sent_elsewhere) in [
        ("auto_approve: 0.90", "auto_approve: 0.91", "worker 0.9001"),
        ("auto_approve: 0.90", "auto_approve: 0.900001", "worker 0.9"),
        (
            "auto_approve: 0.90",
            "auto_approve: 0.899999",
            "worker 0.899999",
        ),
        ("human_review: 0.70", "human_review: 0.700001", "worker 0.7"),
        (
            "human_review: 0.70",
            "human_review: 0.699999",
            "worker 0.699999",
        ),
    ] {
        assert!(rules.contains(was));
        home.write("planted.yaml", &rules.replace(was, planted));
        let planted_file = home.path().join("planted.yaml").display().to_string();
        let measured = json(&confidence(
            &home,
            &data,
            &planted_file,
            &["--draws", "0", "--json"],
        ));
        let wrong = measured["routes"]["wrong"].as_array().unwrap();
        let named = wrong.iter().map(|line| {
            let at = usize::try_from(line["line"].as_u64().unwrap()).unwrap();
            notes[at - 1]["note"].as_str().unwrap()
        });
        let named: Vec<&str> = named.collect();
        assert!(named.contains(&sent_elsewhere), "{planted}: {named:?}");
        assert!(named.len() < notes.len() / 4, "{planted}: {named:?}");
    }
}

// R53: what is wrong with a labelled line is told with its number, and nothing is taken for something else.
#[test]
fn r53_a_line_that_cannot_be_read_is_told_by_its_number() {
    let home = Home::new();
    let policy = shipped("budget.yaml");
    let good = r#"{"text":"a","persona":"fae","label":1}"#;
    for (line, told) in [
        (
            r#"{"text":"a","persona":"fae","label":"maybe"}"#,
            ":2: `maybe` in the column `label` is neither 1 nor 0",
        ),
        (r#"{"text":"a","persona":"fae"}"#, ":2: neither `label`"),
        (
            r#"{"text":"a","persona":"fae","route":"up"}"#,
            ":2: `up` is no route",
        ),
        (
            r#"{"text":"a","persona":"fae","label":1,"worker":1.2}"#,
            ":2: `1.2` in the column `worker` is no score",
        ),
        (
            r#"{"text":"a","persona":"fae","label":1,"safety_score":"high"}"#,
            ":2: `high` in the column `safety_score`",
        ),
        (
            r#"{"text":"a","persona":"nobody","label":1}"#,
            ":2: there is no persona `nobody`",
        ),
        (r#"{"text":"a","label":1}"#, ":2: no persona"),
        (
            r#"{"text":"a","persona":"fae","label":1,"platform":"pigeon"}"#,
            ":2: `pigeon` is not a channel",
        ),
        (
            r#"{"persona":"fae","label":1}"#,
            ":2: there is no text in the column `text`",
        ),
        ("nothing", ":2: "),
    ] {
        home.write("lines.jsonl", &format!("{good}\n{line}\n"));
        let data = home.path().join("lines.jsonl").display().to_string();
        let ran = confidence(&home, &data, &policy, &[]);
        assert_eq!(ran.code, 2, "{line}: {}", ran.stdout);
        assert!(ran.stderr.contains(told), "{line}: {}", ran.stderr);
    }
}

// R53, R63: posts of the writer are read as they were written, a label is all that a person adds, and CSV says the same.
#[test]
fn r63_what_the_writer_makes_is_judged_with_its_labels() {
    let home = Home::new();
    let lines = LINES.map(|(title, _)| {
        serde_json::json!({"title": title, "url": "https://example.org/1"}).to_string()
    });
    home.write("lines.jsonl", &lines.join("\n"));
    let path = |name: &str| home.path().join(name).display().to_string();
    let (from, posts, personas) = (path("lines.jsonl"), path("posts.jsonl"), personas());
    let ran = home.run(&[
        "eval",
        "writing",
        "--data",
        &from,
        "--personas",
        &personas,
        "--persona",
        "leo",
        "--posts",
        &posts,
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let written = std::fs::read_to_string(&posts).unwrap();
    let labelled: Vec<Value> = written
        .lines()
        .zip(0..)
        .map(|(line, n)| {
            let mut post: Value = serde_json::from_str(line).unwrap();
            post["label"] = (n % 2).into();
            post
        })
        .collect();
    assert_eq!(labelled.len(), 8);
    let text: Vec<String> = labelled.iter().map(Value::to_string).collect();
    home.write("labelled.jsonl", &text.join("\n"));
    let columns = ["text", "title", "link", "persona", "worker", "label"];
    let mut csv = columns.join(",");
    for post in &labelled {
        let cells = columns.map(|column| match post[column].as_str() {
            Some(text) => format!("\"{}\"", text.replace('"', "\"\"")),
            None => post[column].to_string(),
        });
        csv = format!("{csv}\r\n{}", cells.join(","));
    }
    home.write("labelled.csv", &csv);
    let of = |file: &str| {
        let mut measured = json(&confidence(
            &home,
            &path(file),
            &shipped("budget.yaml"),
            &["--json"],
        ));
        measured["seconds"] = Value::Null;
        measured
    };
    let measured = of("labelled.jsonl");
    assert_eq!(measured, of("labelled.csv"));
    assert_eq!(
        (&measured["lines"], &measured["routes"]),
        (&8.into(), &Value::Null)
    );
    assert_eq!(measured["labels"]["scored"], 8, "{measured}");
    assert_eq!(measured["without_worker"], 0);
}
