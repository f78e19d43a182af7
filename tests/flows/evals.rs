//! `chimera eval`: what it prints of labelled lines, and the bars of the methods on real ones.

use serde_json::Value;

use crate::support::{Home, Ran};

/// Titles that two of the shipped personas would and would not want, written for this test.
pub(super) const LINES: [(&str, &str); 8] = [
    ("Upcycled denim: a capsule collection from deadstock", "fae"),
    ("Visible mending, the sashiko way", "fae"),
    ("What linen, hemp and wool do to a supply chain", "fae"),
    ("The Rust compiler gets a faster borrow checker", "leo"),
    ("Show HN: an open source linter for Python", "leo"),
    ("A WebAssembly garbage collector, explained", "leo"),
    ("Striker misses a penalty in the last minute", "none"),
    ("Ten soups for a cold evening", "none"),
];

pub(super) fn personas() -> String {
    let root = xtask::walk::root().unwrap();
    root.join("personas").display().to_string()
}

fn eval(home: &Home, file: &str, more: &[&str]) -> Ran {
    let data = home.path().join(file).display().to_string();
    let personas = personas();
    let args = [
        "eval",
        "relevance",
        "--data",
        &data,
        "--personas",
        &personas,
    ];
    home.run(&[&args, more].concat())
}

pub(super) fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    serde_json::from_str(ran.stdout.trim()).unwrap()
}

// R32: titles of a file come out put together by story, window by window, in either form; pairs that were judged are counted
// against that, and what has no time is told with its line.
#[test]
fn r32_titles_are_put_together_by_story_and_counted_against_judged_pairs() {
    let home = Home::new();
    let titles = [
        ("12:00:00", "Intuit to acquire Mailchimp for $12b"),
        ("12:10:00", "Lisbon opens a museum of tiles"),
        ("12:20:00", "Chess grandmaster loses to a school class"),
        ("15:50:00", "Intuit to buy Mailchimp for $12B in cash"),
        ("16:00:00", "Mailchimp goes to Intuit for $12b"),
    ];
    let line = |(time, title): (&str, &str)| {
        serde_json::json!({"time": format!("2026-11-21T{time}Z"), "title": title}).to_string()
    };
    home.write("titles.jsonl", &titles.map(line).join("\n"));
    let pair = |a: usize, b: usize, same: u8| {
        serde_json::json!({"a": titles[a].1, "b": titles[b].1, "same": same}).to_string()
    };
    let pairs = [pair(0, 3, 1), pair(0, 4, 1), pair(1, 2, 0)];
    home.write("pairs.jsonl", &pairs.join("\n"));
    let file = |name: &str| home.path().join(name).display().to_string();
    let of = |window: &str| {
        json(&home.run(&[
            "eval",
            "clusters",
            "--data",
            &file("titles.jsonl"),
            "--window",
            window,
            "--judged",
            &file("pairs.jsonl"),
            "--json",
        ]))
    };
    let (four, eight) = (of("4h"), of("8h"));
    // The last one falls into the next window of four hours.
    assert_eq!(
        (&four["windows"], &four["clusters"], &four["together"]),
        (&2.into(), &1.into(), &2.into())
    );
    assert_eq!(
        (&four["judged"]["hits"], &four["judged"]["misses"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&eight["judged"]["hits"], &eight["judged"]["precision"]),
        (&2.into(), &1.0.into())
    );
    assert_eq!(eight["shown"][0]["standing"]["volume"], 3);
    home.write("titles.csv", "title\nNo time\n");
    let ran = home.run(&["eval", "clusters", "--data", &file("titles.csv")]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("titles.csv:2: there is no text in `time` or"),
        "{}",
        ran.stderr
    );
}

// R32: moods that are told are counted against labels, and a label that is none is refused.
#[test]
fn r32_moods_are_counted_against_labels() {
    let home = Home::new();
    home.write(
        "moods.csv",
        "title,label\nA great win,glad\nThree dead in a crash,gloomy\nA victory,gloomy\n",
    );
    let data = home.path().join("moods.csv").display().to_string();
    let told = json(&home.run(&["eval", "sentiment", "--data", &data, "--json"]));
    assert_eq!(
        (&told["right"], &told["glad"]["precision"]),
        (&2.into(), &0.5.into())
    );
    home.write("moods.csv", "title,label\nA great win,fine\n");
    assert_eq!(home.run(&["eval", "sentiment", "--data", &data]).code, 2);
}

// R30: JSON Lines and CSV give the same figures, the same seed the same ones again, and the table says what the
// JSON says; the shipped personas tell eight plain lines apart.
#[test]
fn r30_labelled_lines_are_measured_from_either_form() {
    let home = Home::new();
    let lines =
        LINES.map(|(title, topic)| serde_json::json!({"title": title, "topic": topic}).to_string());
    home.write("lines.jsonl", &lines.join("\n"));
    let rows = LINES.map(|(title, topic)| format!("{topic},\"{title}\""));
    home.write(
        "lines.csv",
        &format!("topic,title\r\n{}\r\n", rows.join("\r\n")),
    );
    let strip = |mut value: Value| {
        value["seconds"] = Value::Null;
        value
    };
    let from_lines = strip(json(&eval(&home, "lines.jsonl", &["--json"])));
    assert_eq!(
        strip(json(&eval(&home, "lines.csv", &["--json"]))),
        from_lines
    );
    for persona in ["fae", "leo"] {
        assert_eq!(from_lines["personas"][persona]["auc"], 1.0, "{from_lines}");
        assert_eq!(from_lines["personas"][persona]["right"], 3);
    }
    let table = eval(&home, "lines.jsonl", &[]).stdout;
    for part in [
        "fae",
        "leo",
        "all pairs",
        "expected calibration error",
        "0.9 to 1.0",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
}

// R30: what is wrong with a file is told with its line, and ends with the code of a wrong command line.
#[test]
fn r30_a_wrong_file_is_told_with_its_line() {
    let home = Home::new();
    for (file, text, told) in [
        (
            "a.jsonl",
            "{\"title\":\"x\",\"topic\":\"fae\"}\n{\"title\":\"y\"}",
            "a.jsonl:2: there is no text in the column `topic`",
        ),
        ("b.jsonl", "[]", "b.jsonl:1: expected an object"),
        (
            "c.csv",
            "title,topic\na,b,c\n",
            "c.csv:2: 3 fields where the header has 2",
        ),
        ("d.csv", "title,topic\n", "d.csv has no labelled line"),
        ("e.csv", "title,topic\nx,fae\n", "has not for fae, leo"),
    ] {
        home.write(file, text);
        let ran = eval(&home, file, &[]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.stdout);
        assert!(ran.stderr.contains(told), "{file}: {}", ran.stderr);
    }
}

// R30: on real titles of 26 subjects the score means something at 0.75. The titles are no part of the tree;
// where they are not beside it, nothing is measured, and the test says so.
#[test]
fn r30_the_score_means_something_at_its_threshold() {
    let root = xtask::walk::root().unwrap();
    let data = root.join("../shared/data/topics/reddit_topics.jsonl");
    if !data.exists() {
        println!("not measured: {} is not there", data.display());
        return;
    }
    let (data, personas) = (
        data.display().to_string(),
        root.join("tests/evals/personas"),
    );
    let personas = personas.display().to_string();
    let home = Home::new();
    let of = |decisions: &str| {
        let args = [
            "eval",
            "relevance",
            "--draws",
            "0",
            "--json",
            "--data",
            &data,
        ];
        json(
            &home.run(
                &[
                    &args[..],
                    &["--personas", &personas, "--decisions", decisions],
                ]
                .concat(),
            ),
        )
    };
    let (before, after) = (of("0"), of("80"));
    let value = |report: &Value, key: &str| report["measures"][key]["value"].as_f64().unwrap();
    assert!(value(&before, "auc") >= 0.80, "{before}");
    assert!(value(&before, "precision") >= 0.72, "{before}");
    assert!(value(&after, "auc") >= 0.90, "{after}");
    assert!(value(&after, "precision") >= 0.80, "{after}");
    assert!(value(&after, "recall") >= 0.45, "{after}");
    for report in [before, after] {
        assert!(value(&report, "calibration_error") <= 0.05, "{report}");
        assert!(
            report["reliability"]["error_at_base_rate"]
                .as_f64()
                .unwrap()
                <= 0.02,
            "{report}"
        );
    }
}

// R51: posts of several structures stand side by side, each with its confidence, and what a feed repeats is counted; nothing
// is stored and nothing is posted.
#[test]
fn r51_posts_are_shown_side_by_side() {
    let home = Home::new();
    let lines = LINES.map(|(title, _)| {
        serde_json::json!({"title": title, "url": "https://example.org/1"}).to_string()
    });
    home.write("lines.jsonl", &lines.join("\n"));
    let data = home.path().join("lines.jsonl").display().to_string();
    let personas = personas();
    let args = [
        "eval",
        "writing",
        "--data",
        &data,
        "--personas",
        &personas,
        "--persona",
        "leo",
    ];
    let shown = home.run(&[&args[..], &["--variants", "3", "--show", "2"]].concat());
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert_eq!(
        shown.stdout.matches("── leo · ").count(),
        2,
        "{}",
        shown.stdout
    );
    assert_eq!(
        shown.stdout.matches("   or · ").count(),
        4,
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("Posted by Leo, an AI agent."));
    let counted = json(&home.run(&[&args[..], &["--json", "--remember", "10"]].concat()));
    let leo = &counted["personas"][0];
    assert_eq!(leo["written"], 8, "{counted}");
    assert_eq!(leo["shares"]["structure_of_ten_before"], 0, "{counted}");
    let nobody = home.run(&[&args[..7], &["nobody"]].concat());
    assert_eq!(nobody.code, 4, "{}", nobody.stderr);
}

// R84: whether somebody asks if a machine answers is measured on lines of one's own, as text that speaks to a machine is.
#[test]
fn r84_the_question_is_measured_on_labelled_lines() {
    let home = Home::new();
    let lines = [
        ("Are you a bot?", 1),
        ("Bist du ein Mensch oder eine KI?", 1),
        ("Is this coat made of wool?", 0),
        ("The robots of the dye works are for sale", 0),
    ];
    let lines =
        lines.map(|(text, label)| serde_json::json!({"text": text, "label": label}).to_string());
    home.write("asked.jsonl", &lines.join("\n"));
    let data = home.path().join("asked.jsonl").display().to_string();
    let measured = json(&home.run(&[
        "eval",
        "disclosure",
        "--data",
        &data,
        "--draws",
        "0",
        "--json",
    ]));
    assert_eq!(measured["what"], "disclosure", "{measured}");
    assert_eq!(
        measured["measures"]["precision"]["value"], 1.0,
        "{measured}"
    );
    assert_eq!(measured["measures"]["recall"]["value"], 1.0, "{measured}");
    let other = json(&home.run(&[
        "eval",
        "injection",
        "--data",
        &data,
        "--draws",
        "0",
        "--json",
    ]));
    assert_eq!(
        (&other["what"], &other["hits"]),
        (&"injection".into(), &0.into()),
        "{other}"
    );
}
