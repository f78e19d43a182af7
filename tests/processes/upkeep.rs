//! What the database needs over time: purging, room on its disk, a newer schema, a way out of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chimera_domain::ContentHash;
use serde_json::{Value, json};

use crate::support::{Home, breathe, until};

/// A home whose approved posts are held for a second only.
fn hasty() -> Home {
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    let quick = budget.replace("undo_fuse: 10s", "undo_fuse: 1s ");
    assert_ne!(budget, quick);
    home.write("budget.yaml", &quick);
    home
}

// R152: purging on demand says what it would end, ends it, and tells what cannot be a time; nothing that counts is old here.
#[test]
fn r152_purging_on_demand_says_counts_and_bytes() {
    let home = Home::new();
    let none = home.run(&["store", "purge"]);
    assert_eq!(none.code, 2, "no configuration yet: {}", none.stderr);
    let daemon = home.daemon(&[]);
    until("a ticket", || home.tickets().into_iter().next());
    let said = home.json(&["store", "purge", "--dry-run"]).remove(0);
    assert_eq!(said["dry_run"], true);
    for kind in ["signals", "media", "alerts", "samples"] {
        assert_eq!(said["purged"][kind]["rows"], 0, "{said}");
        assert_eq!(said["purged"][kind]["bytes"], 0, "{said}");
    }
    assert!(said["file"]["file_bytes"].as_u64() > said["file"]["free_bytes"].as_u64());
    let ran = home.run(&["store", "purge", "--older-than", "1d"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("nothing to purge"), "{}", ran.stdout);
    for wrong in ["2h", "soon", "-3d"] {
        let ran = home.run(&["store", "purge", &format!("--older-than={wrong}")]);
        assert_eq!(ran.code, 2, "{wrong}: {}", ran.stderr);
    }
    assert!(!home.tickets().is_empty());
    let vacuum = ["store", "purge", "--vacuum"];
    assert_eq!(home.run(&vacuum).code, 3, "not while a swarm runs");
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let fill = home.json(&vacuum).remove(0)["file"].take();
    assert_eq!(fill["free_bytes"], 0, "{fill}");
    assert_eq!(home.run(&["store", "verify"]).code, 0);
    assert!(!home.tickets().is_empty());
}

// R152: a disk below the reserve stops effects and new work, decisions are still written, `status` and an alert say so; with room again what was approved goes out.
#[test]
fn r152_a_disk_below_the_reserve_stops_effects_first() {
    let home = hasty();
    let daemon = home.daemon(&[]);
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let usual = std::fs::read_to_string(home.path().join("chimera.yaml")).unwrap();
    let reserve = |mb: &str| usual.replace("reserve_mb: 64 ", &format!("reserve_mb: {mb} "));
    // More than any disk has: the real disk is short of it.
    home.write("chimera.yaml", &reserve("1000000000"));
    let daemon = home.daemon(&[]);
    until("the alert", || {
        let alerts = home.json(&["alert", "list"]);
        alerts.iter().any(|a| a["code"] == "disk_low").then_some(())
    });
    let disk = home.status()["disk"].take();
    assert_eq!(disk["short"], true, "{disk}");
    let said = home.run(&["status"]).stdout;
    assert!(said.contains("below the reserve"), "{said}");
    let before = home.status()["tasks"].take();
    let id = ticket["ticket_id"].as_str().unwrap();
    assert_eq!(
        home.run(&["review", "approve", id]).code,
        0,
        "decided all the same"
    );
    // The fuse burns down, and the executor has had its turn more than once.
    let decided = Instant::now();
    while decided.elapsed() < Duration::from_millis(2_500) {
        assert!(home.journal().is_empty(), "it was sent without room");
        breathe();
    }
    let after = home.status()["tasks"].take();
    assert_eq!(
        after["approved"].as_u64(),
        before["approved"].as_u64().map(|n| n + 1)
    );
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    home.write("chimera.yaml", &reserve("1"));
    let _daemon = home.daemon(&[]);
    until("the post", || (home.journal().len() == 1).then_some(()));
    let alerts = home.json(&["alert", "list"]);
    assert!(alerts.iter().all(|a| a["code"] != "disk_low"), "{alerts:?}");
    assert_eq!(home.status()["disk"]["short"], false);
}

// R152: a rehearsal says what a migration would do and leaves the database and nothing beside it; a newest schema needs nothing.
#[test]
fn r152_a_migration_is_rehearsed_on_a_copy() {
    let home = Home::new();
    assert_eq!(home.run(&["store", "migrate", "--rehearse"]).code, 4);
    let daemon = home.daemon(&[]);
    until("a ticket", || home.tickets().into_iter().next());
    let said = home.json(&["store", "migrate", "--rehearse"]).remove(0);
    assert_eq!(
        (&said["rehearsed"], &said["verified"]),
        (&true.into(), &true.into())
    );
    assert_eq!(said["steps"], json!([]), "{said}");
    assert_eq!(
        home.status()["fleet"],
        "running",
        "the rehearsal paused only its copy"
    );
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let ran = home.run(&["store", "migrate"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("is the newest"), "{}", ran.stdout);
    let left: Vec<String> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("passing") || name.contains("schema-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Checks exported lines of audit as `docs/export.md` says, and nothing else; the hash of the last.
fn chained(lines: &[Value]) -> String {
    let mut prev = ContentHash::of_bytes(b"chimera audit").to_string();
    for (place, line) in (1..).zip(lines) {
        assert_eq!(line["seq"], json!(place));
        assert_eq!(line["prev_hash"], json!(prev));
        let content = json!([
            line["seq"],
            line["at"],
            line["actor"],
            line["subject"],
            line["verb"],
            line["from_state"],
            line["to_state"],
            line["reason"],
            line["from_version"],
            line["to_version"],
            line["trace_id"],
            line["note"],
            line["prev_hash"],
        ]);
        prev = ContentHash::of_bytes(content.to_string().as_bytes()).to_string();
        assert_eq!(line["hash"], json!(prev), "line {place}");
    }
    prev
}

// R152, R161: beside a daemon everything is exported as lines of the documented shape: counted, marked as simulated, without secrets; and the audit is checked from its lines alone.
#[test]
fn r152_r161_an_export_is_read_back_and_its_audit_verifies() {
    let home = hasty();
    let config = std::fs::read_to_string(home.path().join("chimera.yaml")).unwrap();
    let server =
        "\nservers:\n  mastodon:\n    stdio: {command: /bin/false, env: {TOKEN: 'hush-hush-42'}}\n";
    home.write("chimera.yaml", &config.replace("\nservers: {}\n", server));
    let folder = home.path().join("out");
    let to = folder.to_str().unwrap();
    assert_eq!(
        home.run(&["store", "export", to]).code,
        4,
        "no database yet"
    );
    assert!(!folder.exists());
    let _daemon = home.daemon(&[]);
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let id = ticket["ticket_id"].as_str().unwrap().to_owned();
    assert_eq!(home.run(&["review", "approve", &id]).code, 0);
    until("the post", || (home.journal().len() == 1).then_some(()));
    until("the publication", || {
        let ran = home.json(&["engagement", "view-metrics"]);
        (!ran.is_empty()).then_some(())
    });
    let ran = home.run(&["store", "export", to]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        home.run(&["store", "export", to]).code,
        2,
        "nothing is written over"
    );

    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["format"], "chimera.export/1");
    let documented =
        std::fs::read_to_string(xtask::walk::root().unwrap().join("docs/export.md")).unwrap();
    let mut records: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (record, count) in manifest["records"].as_object().unwrap() {
        let row = documented
            .lines()
            .find_map(|line| line.strip_prefix(&format!("| `{record}` | ")));
        let mut fields: Vec<&str> = row.unwrap().trim_end_matches(" |").split(' ').collect();
        fields.sort_unstable();
        let text =
            std::fs::read_to_string(folder.join(format!("{record}.jsonl"))).unwrap_or_default();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(json!(lines.len()), *count, "{record}");
        for line in &lines {
            assert_eq!(line["record"], json!(record));
            let mut keys: Vec<&str> = line
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            keys.retain(|key| *key != "record");
            keys.sort_unstable();
            assert_eq!(keys, fields, "{record} as documented");
        }
        assert!(!text.contains("hush-hush-42"), "{record} holds a secret");
        records.insert(record.clone(), lines);
    }
    for record in [
        "signal",
        "task",
        "verdict",
        "ticket",
        "effect",
        "publication",
        "ledger",
        "audit",
    ] {
        assert!(!records[record].is_empty(), "no {record}");
    }
    for record in [
        "task",
        "ticket",
        "effect",
        "publication",
        "intent",
        "ledger",
    ] {
        let marked = records[record].iter().all(|line| line["simulated"] == true);
        assert!(marked, "a {record} does not say that it is simulated");
    }
    let decided = records["ticket"]
        .iter()
        .find(|line| line["ticket_id"] == json!(id));
    assert_eq!(decided.unwrap()["state"], "approved");
    let audit = &records["audit"];
    let end = chained(audit);
    assert!(
        audit.iter().any(|line| line["verb"] == "export"),
        "it was written down"
    );
    // The daemon wrote on meanwhile; the end of the export is a line of the audit there is.
    let anchor = json!({"at": 0, "audit_seq": audit.len(), "audit_hash": end, "ledger_seq": 0, "ledger_hash": end});
    home.write("anchor.jsonl", &format!("{anchor}\n"));
    let file = home.path().join("anchor.jsonl");
    let verified = home.run(&["audit", "verify", "--anchors", file.to_str().unwrap()]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);

    let printed = home.json(&["store", "export", "-"]);
    let last = printed.last().unwrap();
    assert_eq!(last["record"], "manifest");
    let lines: u64 = last["records"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(json!(printed.len() - 1), json!(lines));
    let audit: Vec<Value> = printed
        .into_iter()
        .filter(|line| line["record"] == "audit")
        .collect();
    chained(&audit);
    let left = std::fs::read_dir(home.path()).unwrap();
    assert!(
        left.flatten()
            .all(|entry| !entry.file_name().to_string_lossy().contains("passing"))
    );
}
