//! What the specs claim is held to the tests; `make spec-check` prints the same as a table.

// R180: no line is marked done without a test that names it, and no test names a line that is not there.
#[test]
fn r180_specs_and_tests_agree() {
    let report = xtask::check_tree(&xtask::walk::root().unwrap()).unwrap();
    assert!(
        report.problems.is_empty(),
        "specs and tests disagree (make spec-check):\n{}",
        report.problems.join("\n")
    );
}

// R180: nothing fell out of the lists: every requirement, criterion and task has its line.
#[test]
fn r180_every_id_is_addressable() {
    let report = xtask::check_tree(&xtask::walk::root().unwrap()).unwrap();
    let defined: Vec<String> = report
        .rows
        .iter()
        .map(|row| row.item.id.to_string())
        .collect();
    let expected: Vec<String> = (1..=197)
        .map(|n| format!("R{n}"))
        .chain((1..=10).map(|n| format!("SC-{n:03}")))
        .chain((1..=5).map(|n| format!("OM-{n:03}")))
        .chain((1..=217).map(|n| format!("T{n:03}")))
        .collect();
    for id in &expected {
        assert!(defined.contains(id), "no file in specs/ defines {id}");
    }
}
