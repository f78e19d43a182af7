//! The houses in which processes die: a small one at several stages of its walk, copied for every run, and the
//! way from whatever is left to rest.

use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::table::Outcome;
use crate::support::{Daemon, Home, PATIENCE, breathe, until};

/// Longer than the swarm waits before it asks a platform again.
const ASKED_AGAIN: Duration = Duration::from_secs(15);
/// The copies that stand beside the database in [`Stages::sent`].
pub(super) const COPY_OF_TICKETS: &str = "tickets.db";
pub(super) const COPY_OF_APPROVED: &str = "approved.db";

/// One house at several moments.
pub(super) struct Stages {
    /// The trends of its feed, and the posts that must be out in the end.
    pub(super) posts: usize,
    /// Configured; there is no database.
    pub(super) fresh: Home,
    /// Everything is made and waits for a person.
    pub(super) tickets: Home,
    /// Everything is approved and due.
    pub(super) approved: Home,
    /// Everything is out; two copies of earlier stages stand beside the database.
    pub(super) sent: Home,
}

impl Stages {
    pub(super) fn build(posts: usize) -> Self {
        let fresh = configured(posts, &[("undo_fuse", "0s")]);
        let tickets = copy(&fresh);
        let daemon = tickets.daemon(&[]);
        until("the tickets", || {
            (tickets.tickets().len() == posts).then_some(())
        });
        stop(daemon);
        let approved = copy(&tickets);
        approve_all(&approved);
        let sent = copy(&approved);
        back_up(&tickets, &sent, COPY_OF_TICKETS);
        back_up(&approved, &sent, COPY_OF_APPROVED);
        let daemon = sent.daemon(&[]);
        until("the posts", || {
            (sent.journal().len() == posts).then_some(())
        });
        until("their bookings", || {
            (published(&sent) == posts).then_some(())
        });
        stop(daemon);
        Self {
            posts,
            fresh,
            tickets,
            approved,
            sent,
        }
    }
}

/// A home whose feed has so many trends, and a budget with some keys set otherwise.
pub(super) fn configured(trends: usize, settings: &[(&str, &str)]) -> Home {
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    let mut written = String::new();
    for line in budget.lines() {
        let (key, _) = line.trim_start().split_once(':').unwrap_or_default();
        match settings.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                written.push_str(&format!("{indent}{key}: {value}\n"));
            }
            None => written.push_str(&format!("{line}\n")),
        }
    }
    home.write("budget.yaml", &written);
    let items: Vec<Value> = (0..trends)
        .map(|n| json!({"id": n.to_string(), "title": title(n), "link": format!("https://example.org/{n}")}))
        .collect();
    home.write(
        "stream.jsonl",
        &format!(
            "{}\n",
            json!({"at": "2021-09-06T00:00:00Z", "items": items})
        ),
    );
    home.write("chimera.yaml", "feeds:\n  - {name: stream, recording: stream.jsonl, every: 1h, max_age: none}\ncampaigns:\n  - {name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100}\n");
    home
}

fn title(n: usize) -> String {
    format!("Open source database number {n} released")
}

/// A house like another, file by file; nobody may work in it meanwhile.
pub(super) fn copy(from: &Home) -> Home {
    copy_without(from, &[])
}

/// A house like another, but for some files.
pub(super) fn copy_without(from: &Home, left_out: &[&str]) -> Home {
    let home = Home::new();
    copy_folder(from.path(), home.path(), left_out);
    home
}

fn copy_folder(from: &Path, to: &Path, left_out: &[&str]) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
        if path.is_dir() {
            std::fs::create_dir_all(to.join(&name)).unwrap();
            copy_folder(&path, &to.join(&name), left_out);
        } else if !left_out.iter().any(|out| name == *out) {
            std::fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

fn back_up(home: &Home, into: &Home, name: &str) {
    let file = into.path().join(name);
    let ran = home.run(&["store", "backup", file.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn stop(daemon: Daemon) {
    daemon.signal("TERM");
    assert!(daemon.wait().success());
}

/// Approves whatever asks.
pub(super) fn approve_all(home: &Home) {
    for ticket in home.tickets() {
        approve(home, &ticket);
    }
}

fn approve(home: &Home, ticket: &Value) {
    let id = ticket["ticket_id"].as_str().unwrap();
    let ran = home.run(&["review", "approve", id]);
    // Somebody else may have been faster, if only a process that is dead by now.
    assert!([0, 3, 4].contains(&ran.code), "{id}: {}", ran.stderr);
}

fn published(home: &Home) -> usize {
    number(&home.status()["tasks"]["published"])
}

/// A daemon that has taken over.
pub(super) fn running(home: &Home) -> Daemon {
    let daemon = home.daemon(&[]);
    let pid = daemon.pid();
    until("the daemon", || home.is_run_by(pid).then_some(()));
    daemon
}

/// Starts the binary with a point to die at.
pub(super) fn doomed(home: &Home, args: &[&str], point: &str) -> Child {
    home.command(args)
        .env("CHIMERA_DIE_AT", point)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for the end of a process that is to die; whether it died where it was to.
pub(super) fn died(mut child: Child, point: &str) -> Result<(), String> {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(format!("{point} was not reached in {PATIENCE:?}"));
        }
        breathe();
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (name, _) = point.rsplit_once(':').unwrap();
    if output.status.signal() == Some(9) && said.contains(&format!("died at {name}\n")) {
        Ok(())
    } else {
        Err(format!(
            "{point} was not reached: {}, {said}",
            output.status
        ))
    }
}

/// Runs what is left until every post is out or in the hands of a person, who approves whatever asks, and says
/// what came of it.
pub(super) fn to_rest(home: &Home, posts: usize) -> Outcome {
    let mut outcome = Outcome::default();
    let daemon = home.daemon(&[]);
    let begun = Instant::now();
    let mut unknown = None;
    loop {
        let status = home.run(&["status", "--json"]);
        let seen: Value = serde_json::from_str(&status.stdout).unwrap_or_default();
        if seen["tickets_waiting"].as_u64().unwrap_or(0) > 0 {
            approve_all(home);
        }
        let tasks = |state: &str| number(&seen["tasks"][state]);
        // It must have taken over: what it finds may be at rest before it has even begun.
        let up = seen["swarm"]["pid"] == daemon.pid();
        if up && tasks("published") >= posts {
            break;
        }
        // Uncertain is an end only when the platform was asked again and still nobody knows.
        if up && tasks("published") + tasks("uncertain") >= posts {
            if unknown.get_or_insert_with(Instant::now).elapsed() > ASKED_AGAIN {
                outcome.uncertain = tasks("uncertain");
                break;
            }
        } else {
            unknown = None;
        }
        if begun.elapsed() > PATIENCE {
            let why = format!("no rest after {PATIENCE:?}: {seen} {}", status.stderr);
            outcome.wrong.push(why);
            break;
        }
        // Every look is a process; a few of them are enough.
        (0..3).for_each(|_| breathe());
    }
    daemon.signal("TERM");
    let ended = daemon.wait();
    if !ended.success() {
        outcome.wrong.push(format!("the daemon ended with {ended}"));
    }
    count_posts(home, posts, &mut outcome);
    check(home, &mut outcome);
    outcome
}

/// Whether a person is told of an effect nobody knows the fate of.
pub(super) fn is_told(home: &Home) -> bool {
    let alerts = home.json(&["alert", "list"]);
    alerts
        .iter()
        .any(|alert| alert["code"] == "effect_uncertain")
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or(0)).unwrap()
}

/// Counts by what a post is about, not by its key: two keys for one trend are two posts all the same.
fn count_posts(home: &Home, posts: usize, outcome: &mut Outcome) {
    let journal = home.journal();
    let mut nowhere = 0;
    for n in 0..posts {
        let about = journal
            .iter()
            .filter(|post| post["text_content"].as_str().unwrap().contains(&title(n)));
        match about.count() {
            0 => nowhere += 1,
            1 => outcome.once += 1,
            _ => outcome.twice += 1,
        }
    }
    outcome.lost = usize::saturating_sub(nowhere, outcome.uncertain);
    let counted = outcome.once + 2 * outcome.twice;
    if outcome.twice == 0 && journal.len() != counted {
        outcome
            .wrong
            .push(format!("{} posts, {counted} expected", journal.len()));
    }
}

/// What holds at rest whatever happened before.
fn check(home: &Home, outcome: &mut Outcome) {
    let mut wrong = Vec::new();
    let status = home.status();
    let money = &status["money"];
    if money["reserved_usd"] != "0.00" {
        wrong.push(format!("{} USD are still set aside", money["reserved_usd"]));
    }
    let micros = |value: &Value| {
        let (whole, part) = value.as_str().unwrap().split_once('.').unwrap();
        format!("{whole}{part:0<6}").parse::<i64>().unwrap()
    };
    let spent = micros(&money["spent_day_usd"]) + micros(&money["uncertain_day_usd"]);
    if spent > micros(&money["cap_day_usd"]) {
        wrong.push(format!("more spent than allowed: {money}"));
    }
    if outcome.uncertain > 0 && !is_told(home) {
        wrong.push("nobody is told of what is uncertain".to_owned());
    }
    for verb in [["store", "verify"], ["audit", "verify"]] {
        let ran = home.run(&verb);
        if ran.code != 0 {
            wrong.push(format!("{} {}: {}", verb[0], verb[1], ran.stderr));
        }
    }
    outcome.wrong.append(&mut wrong);
}
