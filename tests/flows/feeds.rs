//! Real feeds of other people, in every encoding and state of repair.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Home, shared_data, until};

/// Splits a line of the manifest: fields may be quoted, and quotes doubled inside.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    out.push(field);
    out
}

// R28: started on a folder of real feeds, the swarm reads every one that can be read, keeps every item once, and reports the others by name with the reason.
#[test]
fn r28_every_real_feed_is_read_or_reported_by_name() {
    let Some(folder) = shared_data("feeds") else {
        return;
    };
    let manifest = std::fs::read_to_string(folder.join("manifest.csv")).unwrap();
    let mut lines = manifest.lines();
    let header = fields(lines.next().unwrap());
    let column = |name: &str| header.iter().position(|field| field == name).unwrap();
    let (file, entries) = (column("file"), column("entries"));
    let expected: BTreeMap<String, u64> = lines
        .map(fields)
        .map(|row| (row[file].clone(), row[entries].parse().unwrap_or(0)))
        .collect();
    assert!(expected.len() >= 40, "{}", expected.len());

    let home = Home::new();
    let files = folder.join("files");
    let daemon = home.daemon(&["--feed", files.to_str().unwrap()]);
    let resources = until("every feed to be polled", || {
        let rows = home.run(&["planner", "view-resources", "--limit", "200", "--json"]);
        let rows: Vec<serde_json::Value> = rows
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let polled = rows
            .iter()
            .filter(|row| !row["last_success_at"].is_null() || !row["last_error"].is_null())
            .count();
        (polled == expected.len()).then_some(rows)
    });
    drop(daemon);
    let mut failing = BTreeSet::new();
    let mut seen = 0;
    for row in &resources {
        let uri = row["uri"].as_str().unwrap();
        match row["last_error"].as_str() {
            Some(reason) => {
                assert!(!reason.is_empty(), "{uri} fails without a reason");
                failing.insert(uri.to_owned());
            }
            None => seen += row["seen"].as_u64().unwrap(),
        }
    }
    let parseable: u64 = expected.values().sum();
    let unparseable = expected.values().filter(|entries| **entries == 0).count();
    assert_eq!(seen, parseable, "items of all feeds; failing: {failing:?}");
    assert!(
        failing.len() <= unparseable,
        "{} fail, {unparseable} may: {failing:?}",
        failing.len()
    );
    eprintln!(
        "{} feeds: {seen} items of {parseable}, {} reported as unreadable: {failing:?}",
        expected.len(),
        failing.len()
    );
}
