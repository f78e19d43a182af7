//! What the database needs over time: purging, and room on its disk.

use std::time::{Duration, Instant};

use crate::support::{Home, breathe, until};

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
    drop(daemon);
}

// R152: a disk below the reserve stops effects and new work, decisions are still written, `status` and an alert say so; with room again what was approved goes out.
#[test]
fn r152_a_disk_below_the_reserve_stops_effects_first() {
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    let quick = budget.replace("undo_fuse: 10s", "undo_fuse: 1s ");
    assert_ne!(budget, quick);
    home.write("budget.yaml", &quick);
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
    assert_eq!(said["steps"], serde_json::json!([]), "{said}");
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
