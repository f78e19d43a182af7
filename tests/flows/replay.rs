//! The fourteen-day stream at full speed, and what must be true of its figures.

use crate::support::{Home, quiet, shared_data};

// SC-001, SC-002, R22: on the real stream every relevant signal becomes tasks in time, once per story, and the machine's share of a post is short.
#[test]
fn sc_001_sc_002_hold_on_the_real_stream() {
    let _quiet = quiet();
    let Some(folder) = shared_data("trends") else {
        return;
    };
    let home = Home::new();
    let ran = home.run(&["replay", "--json", "--hn", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let value: serde_json::Value =
        serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    let m = &value["measures"];
    let number = |value: &serde_json::Value| {
        value
            .as_u64()
            .unwrap_or_else(|| panic!("no number in {ran}", ran = ran.stdout))
    };
    assert_eq!(number(&m["signals"]), 1_371, "each story is one signal");
    let (relevant, planned) = (
        number(&m["signals_relevant"]),
        number(&m["signals_planned"]),
    );
    assert!(relevant >= 50, "{relevant} relevant signals");
    assert_eq!(planned, relevant, "every relevant signal became tasks");
    assert!(number(&m["signal_to_task"]["p95_us"]) <= 5_000_000, "{m}");
    assert!(number(&m["work_to_verdict"]["p50_us"]) < 10_000_000, "{m}");
    eprintln!("{}", ran.stdout);
    // R167: each decision of it is made again from the closed file, and comes out the same.
    let again = home.run(&["replay", "--all", "--since", "1d", "--json"]);
    assert_eq!(again.code, 0, "{}\n{}", again.stdout, again.stderr);
    let again: serde_json::Value = serde_json::from_str(again.stdout.trim()).unwrap();
    let kinds = &again["kinds"];
    assert_eq!(number(&kinds["relevance"]["same"]), 1_371, "{kinds}");
    let (approve, person, reject) = (&m["routes"][0], &m["routes"][1], &m["routes"][2]);
    let verdicts = number(approve) + number(person) + number(reject);
    assert_eq!(number(&kinds["verdict"]["same"]), verdicts, "{kinds}");
}
