//! What the database needs over time: purging.

use crate::support::{Home, until};

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
