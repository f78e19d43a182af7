//! Where a process dies, in which house, and what is to be true of it right after.

use std::{
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    house::{
        COPY_OF_APPROVED, COPY_OF_TICKETS, Stages, copy, died, doomed, is_told, running, to_rest,
    },
    table::Outcome,
};
use crate::support::{Home, until};

/// The six points around the effect: from the decision to send to the fact that it is settled.
pub(super) const AROUND_THE_EFFECT: [&str; 6] = [
    "take an effect:before-commit",
    "take an effect:after-commit",
    "platform:after-write",
    "twitter/post_content:after-call",
    "settle an effect:before-commit",
    "settle an effect:after-commit",
];

/// Who dies.
#[derive(Debug, Clone, Copy)]
enum Victim {
    /// The daemon, in a house without a database.
    FreshDaemon,
    /// The daemon, with everything waiting for a person.
    Daemon,
    /// The daemon, with everything approved and due.
    Sender,
    /// `chimera review approve`, beside a daemon that lives.
    Approve,
    /// `chimera store backup`, beside a daemon that lives.
    Backup,
    /// `chimera store restore`; another copy is restored afterwards.
    Restore,
}

/// One line of the matrix.
pub(super) struct Point {
    /// The step of the walk.
    pub(super) row: &'static str,
    victim: Victim,
    /// The deaths, one after the other.
    deaths: Vec<&'static str>,
    /// How often a walk passes the first point for each post; the runs take these passes by turns. None
    /// where it is passed once.
    passes: u32,
    /// Whether the platform cannot be asked at the first start after the death.
    deaf: bool,
}

/// Every line.
pub(super) fn all() -> Vec<Point> {
    use Victim::{Approve, Backup, Daemon, FreshDaemon, Restore, Sender};
    let mut points = Vec::new();
    let mut add = |row, victim, passes, deaths: &[&'static str]| {
        let deaths = deaths.to_vec();
        points.push(Point {
            row,
            victim,
            deaths,
            passes,
            deaf: row == "deaf",
        });
    };
    for (row, verb, passes) in [
        // Most tasks are claimed with the result before them; how often one is claimed by itself is chance.
        ("claim", "claim a task", 0),
        ("execute", "reserve money", 2),
        ("execute", "settle a reservation", 2),
        ("execute", "submit a result and claim a task", 3),
        ("judge", "record a verdict", 1),
    ] {
        for moment in ["before-commit", "after-commit"] {
            add(row, FreshDaemon, passes, &[point(verb, moment)]);
        }
    }
    for tool in ["studio/generate_text", "studio/generate_image"] {
        for moment in ["before-call", "after-call"] {
            add("execute", FreshDaemon, 1, &[point(tool, moment)]);
        }
    }
    for moment in ["before-commit", "after-commit"] {
        add("approve", Approve, 0, &[point("decide a ticket", moment)]);
    }
    for around in AROUND_THE_EFFECT {
        add("effect", Sender, 1, &[around]);
    }
    for (what, moment) in [
        ("reserve money", "before-commit"),
        ("reserve money", "after-commit"),
        ("twitter/post_content", "before-call"),
        ("settle a reservation", "before-commit"),
        ("settle a reservation", "after-commit"),
    ] {
        add("send", Sender, 1, &[point(what, moment)]);
    }
    // Dead again while the platform is asked what became of it, or when it is sent again.
    for first in ["take an effect:after-commit", "platform:after-write"] {
        for second in [
            "settle an effect:before-commit",
            "settle an effect:after-commit",
        ] {
            add("again", Sender, 1, &[first, second]);
        }
    }
    // Nobody can say what became of it: a person is told, and nothing is sent until the platform answers.
    for death in ["take an effect:after-commit", "platform:after-write"] {
        add("deaf", Sender, 1, &[death]);
    }
    for moment in ["after-step", "before-commit", "after-commit"] {
        add("migrate", FreshDaemon, 0, &[point("migrate", moment)]);
    }
    for moment in ["before-commit", "after-commit"] {
        add("migrate", Daemon, 0, &[point("migrate", moment)]);
    }
    for moment in ["before-name", "after-name"] {
        add("migrate", FreshDaemon, 0, &[point("create", moment)]);
    }
    for moment in ["after-step", "before-name", "after-name"] {
        add("backup", Backup, 0, &[point("backup", moment)]);
    }
    add("restore", Restore, 0, &["backup:after-step"]);
    for moment in ["before-commit", "after-commit"] {
        let verb = "put a restored database in order";
        add("restore", Restore, 0, &[point(verb, moment)]);
    }
    for moment in ["before-name", "after-name"] {
        add("restore", Restore, 0, &[point("restore", moment)]);
    }
    points
}

/// Points are made once and live as long as the test.
fn point(what: &str, moment: &str) -> &'static str {
    format!("{what}:{moment}").leak()
}

/// Leaves the database as another program would: what it says of itself in its header is not what this one leaves there, so
/// that the next start looks for what is missing. The bytes are the user version of SQLite's file format.
fn age(home: &Home) {
    const USER_VERSION: u64 = 60;
    let path = home.path().join("chimera.db");
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(USER_VERSION)).unwrap();
    file.write_all(&[0; 4]).unwrap();
}

impl Point {
    pub(super) fn name(&self) -> String {
        let who = match self.victim {
            Victim::Daemon => " (old database)",
            Victim::Sender if self.row == "send" => " (to send)",
            Victim::Sender if self.deaf => " (platform cannot be asked)",
            Victim::FreshDaemon
            | Victim::Sender
            | Victim::Approve
            | Victim::Backup
            | Victim::Restore => "",
        };
        format!("{}{who}", self.deaths.join(" + "))
    }

    /// Dies at the points one after the other, looks at what was left, and lets it come to rest.
    pub(super) fn run(&self, stages: &Stages, run: u32) -> Outcome {
        let home = copy(match self.victim {
            Victim::FreshDaemon => &stages.fresh,
            Victim::Daemon | Victim::Approve | Victim::Backup => &stages.tickets,
            Victim::Sender => &stages.approved,
            Victim::Restore => &stages.sent,
        });
        if self.row == "migrate" && matches!(self.victim, Victim::Daemon) {
            age(&home);
        }
        let mut wrong = Vec::new();
        for (n, death) in self.deaths.iter().enumerate() {
            let passes = self.passes * u32::try_from(stages.posts).unwrap();
            let pass = if n == 0 { 1 + run % passes.max(1) } else { 1 };
            let dead = self.die(&home, &format!("{death}:{pass}"));
            wrong.extend(dead.err());
        }
        let died = wrong.is_empty();
        if died && self.deaf {
            wrong.extend(stay_uncertain(&home).err());
        }
        wrong.extend(self.look(&home, stages.posts).err());
        let mut outcome = to_rest(&home, stages.posts);
        outcome.died = died;
        outcome.wrong.extend(wrong);
        if !outcome.wrong.is_empty() || outcome.twice + outcome.lost > 0 {
            let kept = home.keep();
            outcome
                .wrong
                .push(format!("run {run}, kept in {}", kept.display()));
        }
        outcome
    }

    fn die(&self, home: &Home, point: &str) -> Result<(), String> {
        let path = |name: &str| home.path().join(name).display().to_string();
        match self.victim {
            Victim::FreshDaemon | Victim::Daemon | Victim::Sender => {
                died(doomed(home, &["--daemon"], point), point)
            }
            Victim::Approve => {
                let _daemon = running(home);
                let first = home.tickets().remove(0);
                let id = first["ticket_id"].as_str().unwrap();
                died(doomed(home, &["review", "approve", id], point), point)
            }
            Victim::Backup => {
                let _daemon = running(home);
                let args = ["store", "backup", &path("copy.db")];
                died(doomed(home, &args, point), point)
            }
            Victim::Restore => {
                let args = ["store", "restore", &path(COPY_OF_APPROVED)];
                died(doomed(home, &args, point), point)
            }
        }
    }

    /// What the one who comes after the dead meets.
    fn look(&self, home: &Home, posts: usize) -> Result<(), String> {
        match self.victim {
            Victim::FreshDaemon | Victim::Daemon | Victim::Sender | Victim::Approve => Ok(()),
            Victim::Backup => {
                let file = home.path().join("copy.db");
                // Either nothing has the name, or a whole copy has.
                let again = home.run(&["store", "backup", file.to_str().unwrap()]);
                let expected = if self.deaths == ["backup:after-name"] {
                    6
                } else {
                    0
                };
                if again.code != expected {
                    return Err(format!(
                        "the next backup ended with {}: {}",
                        again.code, again.stderr
                    ));
                }
                is_whole(&file)
            }
            Victim::Restore => {
                // Not the copy that the dead had begun with: nothing of that one may shine through.
                let file = home.path().join(COPY_OF_TICKETS);
                let again = home.run(&["store", "restore", file.to_str().unwrap()]);
                if again.code != 0 {
                    return Err(format!("the next restore failed: {}", again.stderr));
                }
                let waiting = home.tickets().len();
                if waiting != posts {
                    return Err(format!(
                        "the copy has {posts} tickets, the database {waiting}"
                    ));
                }
                let resumed = home.run(&["resume"]);
                (resumed.code == 0).then_some(()).ok_or(resumed.stderr)
            }
        }
    }
}

/// Runs the swarm while the platform cannot be asked: what was sent becomes uncertain, is shown, and stays there.
fn stay_uncertain(home: &Home) -> Result<(), String> {
    let platform = home.path().join("platform");
    std::fs::create_dir_all(&platform).unwrap();
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    // The stand-in keeps its journal locked and does not start while somebody else does.
    let held = options.open(platform.join("platform.jsonl")).unwrap();
    held.try_lock().unwrap();
    let before = home.journal().len();
    let daemon = running(home);
    until("the effect to be uncertain", || {
        let open = home.json(&["effect", "list"]);
        let uncertain = |row: &serde_json::Value| row["state"] == "uncertain";
        open.iter().any(uncertain).then_some(())
    });
    drop(daemon);
    let told = is_told(home);
    let silent = home.journal().len() == before;
    (told && silent)
        .then_some(())
        .ok_or(format!("told {told}, nothing sent meanwhile {silent}"))
}

/// Whether a copy can be gone back to and is whole.
fn is_whole(file: &Path) -> Result<(), String> {
    let home = Home::new();
    for args in [
        ["store", "restore", file.to_str().unwrap()].as_slice(),
        &["store", "verify"],
    ] {
        let ran = home.run(args);
        if ran.code != 0 {
            return Err(format!("{args:?}: {}", ran.stderr));
        }
    }
    Ok(())
}
