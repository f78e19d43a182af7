//! Who runs the swarm of a database.

use crate::support::{Home, until};

// R27: a second swarm on one database is refused with the owner named, and it changes nothing.
#[test]
fn r27_a_second_swarm_is_refused_with_the_owner_named() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    let pid = daemon.pid();
    until("the swarm to run", || home.is_run_by(pid).then_some(()));
    let second = home.run(&["--daemon"]);
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert!(
        second.stderr.contains("already run by") && second.stderr.contains(&pid.to_string()),
        "{}",
        second.stderr
    );
    assert_eq!(home.status()["swarm"]["pid"], pid);
}

// R26, R14: after a kill the next start takes over at once, without waiting for the lease; after SIGTERM nobody owns it.
#[test]
fn r26_a_killed_owner_is_replaced_at_once() {
    let home = Home::new();
    let running = |pid: u32| until("the swarm to run", || home.is_run_by(pid).then_some(()));
    let first = home.daemon(&[]);
    running(first.pid());
    first.kill_9();
    assert_eq!(home.status()["swarm"]["gone"], true);
    let second = home.daemon(&[]);
    running(second.pid());
    second.signal("TERM");
    assert!(second.wait().success());
    assert!(home.status()["swarm"].is_null());
}

// R148, R18: a halt from one process stops the swarm of another, keeps the queue, and survives a restart.
#[test]
fn r148_a_halt_reaches_the_daemon_keeps_queues_and_survives_a_restart() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    let waiting = until("a ticket", || Some(home.tickets().len()).filter(|n| *n > 0));
    assert_eq!(home.run(&["kill", "--why", "a test"]).code, 0);
    let ticket = home.tickets().remove(0);
    let refused = home.run(&["review", "approve", ticket["ticket_id"].as_str().unwrap()]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("killed"), "{}", refused.stderr);
    daemon.kill_9();
    let daemon = home.daemon(&[]);
    until("the swarm to run", || {
        home.is_run_by(daemon.pid()).then_some(())
    });
    let status = home.status();
    assert_eq!(status["fleet"], "killed");
    assert!(status["tickets_waiting"].as_u64().unwrap() >= waiting as u64);
    assert!(home.journal().is_empty());
    assert_eq!(home.run(&["resume"]).code, 0);
    until("tickets under the new epoch", || {
        home.tickets()
            .into_iter()
            .find(|now| now["ticket_id"] != ticket["ticket_id"])
    });
    assert_eq!(home.status()["fleet"], "running");
}

// R148: one campaign is paused and resumed by the words the command itself gives.
#[test]
fn r148_a_paused_campaign_names_the_way_back() {
    let home = Home::new();
    let _daemon = home.daemon(&[]);
    let name = until("a campaign", || {
        let ran = home.run(&["campaign", "list", "--json"]);
        let first = ran.stdout.lines().next()?;
        let row: serde_json::Value = serde_json::from_str(first).ok()?;
        Some(row["name"].as_str()?.to_owned())
    });
    let ran = home.run(&["campaign", "pause", &name, "--why", "a look"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let verb = ran.stdout.split('`').nth(1).unwrap().to_owned();
    let words: Vec<&str> = verb.split(' ').skip(1).collect();
    let listed = home.run(&["campaign", "list"]).stdout;
    assert!(
        listed.contains("paused") && listed.contains("a look"),
        "{listed}"
    );
    assert!(home.run(&["resume"]).stdout.contains(&name));
    let ran = home.run(&words);
    assert_eq!(ran.code, 0, "{verb}: {}", ran.stderr);
    assert!(!home.run(&["campaign", "list"]).stdout.contains("paused"));
}
