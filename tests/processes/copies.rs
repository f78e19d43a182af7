//! Copies of the database and its record: going back publishes nothing twice, and nothing in the
//! record can be changed unseen.

use crate::support::{Home, until};

fn approve_first(home: &Home) -> String {
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let id = ticket["ticket_id"].as_str().unwrap().to_owned();
    assert_eq!(home.run(&["review", "approve", &id]).code, 0);
    id
}

// R5, R152, T210: a copy is taken while the daemon works; after going back to it, what left since is asked for and
// not sent again, and everything waits for a person.
#[test]
fn r5_going_back_to_a_copy_publishes_nothing_twice() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    approve_first(&home);
    let copy = home.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    let ran = home.run(&["store", "backup", copy]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("is whole"), "{}", ran.stdout);
    let again = home.run(&["store", "backup", copy]);
    assert_eq!(again.code, 6, "it exists: {}", again.stderr);
    until("the post", || (home.journal().len() == 1).then_some(()));
    let beside = home.run(&["store", "restore", copy]);
    assert_eq!(beside.code, 3, "{}", beside.stderr);
    let log = std::fs::read(home.path().join("chimera.db-wal")).unwrap();
    assert!(log.len() > 4_096, "a log that could be replayed");
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let back = home.run(&["store", "restore", copy]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    assert!(
        back.stdout.contains("1 effects may have left"),
        "{}",
        back.stdout
    );
    // A log whose database is gone is put aside, not replayed into the copy.
    let fresh = Home::new();
    std::fs::write(fresh.path().join("chimera.db-wal"), log).unwrap();
    let started = fresh.run(&["status"]);
    assert_eq!(started.code, 4, "{}", started.stderr);
    let moved = fresh.run(&["store", "restore", copy]);
    assert_eq!(
        moved.code, 0,
        "where there was no database: {}",
        moved.stderr
    );
    assert_eq!(fresh.status()["fleet"], "paused");
    assert_eq!(fresh.run(&["store", "verify"]).code, 0);
    let _daemon = home.daemon(&[]);
    until("the platform's word", || {
        let listed = home.json(&["engagement", "view-metrics"]);
        (listed.len() == 1).then_some(())
    });
    assert_eq!(home.status()["fleet"], "paused");
    assert_eq!(home.run(&["resume"]).code, 0);
    approve_first(&home);
    until("another post", || (home.journal().len() == 2).then_some(()));
    let texts: Vec<_> = home
        .journal()
        .iter()
        .map(|p| p["text_content"].clone())
        .collect();
    assert_ne!(texts[0], texts[1], "the first one left once");
    assert_eq!(home.run(&["store", "verify"]).code, 0);
}

// R161: an edited, removed, moved or cut line of the audit is found, and so is a record that was written anew.
#[test]
fn r161_no_line_of_the_record_changes_unseen() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    approve_first(&home);
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let sound = home.run(&["audit", "verify"]);
    assert_eq!(sound.code, 0, "{}", sound.stderr);
    assert!(sound.stdout.contains("anchors hold"), "{}", sound.stdout);
    let anchors = std::fs::read_to_string(home.path().join("anchors.jsonl")).unwrap();
    assert!(anchors.lines().count() >= 2, "at the start and at the end");
    let printed = home.run(&["audit", "anchor"]).stdout;
    assert!(printed.contains("audit_hash"), "{printed}");

    let file = home.path().join("elsewhere.jsonl");
    let moved = anchors.replacen("\"audit_seq\":", "\"audit_seq\":1", 1);
    std::fs::write(&file, moved).unwrap();
    let ran = home.run(&["audit", "verify", "--anchors", file.to_str().unwrap()]);
    assert_eq!(ran.code, 6, "{}", ran.stdout);
    assert!(ran.stderr.contains("anchored at"), "{}", ran.stderr);
    std::fs::remove_file(&file).unwrap();
    let ran = home.run(&["audit", "verify", "--anchors", file.to_str().unwrap()]);
    assert_eq!(ran.code, 4, "named and not there: {}", ran.stdout);
}
