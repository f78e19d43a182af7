//! The power fails: everything is copied at one instant of a swarm at work, with whatever the disk had by then.

use std::{path::Path, time::Duration};

use super::{
    house::{approve_all, configured, copy_without, to_rest},
    table::Outcome,
};
use crate::support::{Daemon, Home, breathe, until};

/// What is left of a database: the file and its log. The third file beside them is memory and dies with the power.
const DATABASE: &str = "chimera.db";
const LOG: &str = "chimera.db-wal";
const SHARED: &str = "chimera.db-shm";
/// How long after some post, or after the first trend, the power fails at the latest.
const WINDOW_MICROS: u64 = 250_000;

/// How the copies are taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cut {
    /// All at one instant.
    Instant,
    /// All at one instant, and the log ends at a random byte of its last commit, as if that had not reached the disk.
    Torn,
    /// While it works: the database, then its log.
    LogLast,
    /// While it works: the log, then its database.
    LogFirst,
}

pub(super) const CUTS: [Cut; 4] = [Cut::Instant, Cut::Torn, Cut::LogLast, Cut::LogFirst];

impl Cut {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Instant => "power cut",
            Self::Torn => "power cut, last commit torn at a random byte",
            Self::LogLast => "live copy, database then log",
            Self::LogFirst => "live copy, log then database",
        }
    }

    /// Lets a swarm work, takes the copies, and looks what they are worth.
    pub(super) fn run(self, house: &Home, posts: usize, run: u32) -> Outcome {
        let mut random = Random::new(run, self.name());
        let home = copy_without(house, &[]);
        let mut daemon = home.daemon(&[]);
        until("the first trends", || {
            if let Some(ended) = daemon.ended() {
                panic!("the daemon ended by itself, {ended}");
            }
            let ran = home.run(&["status", "--json"]);
            ran.stdout.contains("\"signals\":{\"").then_some(())
        });
        let after = usize::try_from(random.below(u64::try_from(posts).unwrap())).unwrap();
        until("the posts before the cut", || {
            approve_all(&home);
            (home.journal().len() >= after).then_some(())
        });
        // Nothing is waited for: any instant will do, and this picks one.
        std::thread::park_timeout(Duration::from_micros(random.below(WINDOW_MICROS)));
        match self {
            Self::Instant | Self::Torn => {
                let left = freeze(&home, &daemon);
                drop(daemon);
                let cut = !matches!(self, Self::Torn) || tear(&left, &mut random);
                let mut outcome = to_rest(&left, posts);
                outcome.died = cut;
                keep_if_wrong(left, &mut outcome);
                outcome
            }
            Self::LogLast | Self::LogFirst => {
                let left = self.live(&home);
                let mut outcome = Outcome {
                    died: true,
                    ..Outcome::default()
                };
                for verb in [["store", "verify"], ["audit", "verify"]] {
                    let ran = left.run(&verb);
                    if ran.code != 0 {
                        outcome.wrong.push(format!("{verb:?}: {}", ran.stderr));
                    }
                }
                keep_if_wrong(left, &mut outcome);
                outcome
            }
        }
    }

    /// Copies file by file beside a swarm that works. Only an instant that the disk could really have held is taken:
    /// one in which the log was not begun anew and, when the log was copied first, nothing was folded into the file.
    fn live(self, home: &Home) -> Home {
        let left = copy_without(home, &[DATABASE, LOG, SHARED]);
        let read = |name: &str| std::fs::read(home.path().join(name)).unwrap();
        let (database, log) = until("an instant between two foldings of the log", || {
            let (before, generation) = (read(DATABASE), Log(&read(LOG)).generation());
            let (database, log) = match self {
                Self::LogFirst => {
                    let log = read(LOG);
                    (read(DATABASE), log)
                }
                Self::Instant | Self::Torn | Self::LogLast => (read(DATABASE), read(LOG)),
            };
            let folded = matches!(self, Self::LogFirst) && before != database;
            let same = Log(&log).generation() == generation && !folded;
            same.then_some((database, log))
        });
        std::fs::write(left.path().join(DATABASE), database).unwrap();
        std::fs::write(left.path().join(LOG), log).unwrap();
        // What is beside the database was copied before it: what is anchored was written down before.
        left
    }
}

fn keep_if_wrong(home: Home, outcome: &mut Outcome) {
    if !outcome.wrong.is_empty() || outcome.twice + outcome.lost > 0 {
        let kept = home.keep();
        outcome.wrong.push(format!("kept in {}", kept.display()));
    }
}

/// Stops a daemon in the middle of whatever it does and copies everything, the platform included.
fn freeze(home: &Home, daemon: &Daemon) -> Home {
    daemon.signal("STOP");
    // What the kernel had begun for it ends after the signal; two equal looks mean that it has.
    let look = || {
        let read = |path: &Path| std::fs::read(path).unwrap_or_default();
        let platform = home.path().join("platform").join("platform.jsonl");
        [
            read(&home.path().join(DATABASE)),
            read(&home.path().join(LOG)),
            read(&platform),
        ]
    };
    until("the daemon to stand still", || {
        let first = look();
        breathe();
        (first == look()).then_some(())
    });
    copy_without(home, &[SHARED])
}

/// Cuts the log somewhere in its last commit: all before it was on the disk when that one began. Whether there was
/// something to cut.
fn tear(home: &Home, random: &mut Random) -> bool {
    let path = home.path().join(LOG);
    let bytes = std::fs::read(&path).unwrap_or_default();
    let (from, to) = Log(&bytes).last_commit().unwrap_or_default();
    if from == to {
        return false;
    }
    let span = u64::try_from(to - from).unwrap();
    let at = from + usize::try_from(random.below(span)).unwrap();
    std::fs::write(&path, &bytes[..at]).unwrap();
    true
}

/// A write-ahead log (<https://www.sqlite.org/fileformat2.html#walformat>).
struct Log<'a>(&'a [u8]);

impl Log<'_> {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;

    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().unwrap()))
    }

    /// The salts: new ones each time the log is begun anew.
    fn generation(&self) -> Option<(u32, u32)> {
        Some((self.word(16)?, self.word(20)?))
    }

    /// Where the last commit begins and where what was written ends.
    fn last_commit(&self) -> Option<(usize, usize)> {
        let generation = self.generation()?;
        let frame = Self::FRAME_HEADER + usize::try_from(self.word(8)?).unwrap();
        let (mut commits, mut at) = (vec![Self::HEADER], Self::HEADER);
        while self.0.len() >= at + frame && (self.word(at + 8)?, self.word(at + 12)?) == generation
        {
            let ends_a_commit = self.word(at + 4)? != 0;
            at += frame;
            if ends_a_commit {
                commits.push(at);
            }
        }
        let last = commits.pop()?;
        // A commit that is being written comes after the last whole one, which may not be on the disk yet.
        Some((commits.pop().unwrap_or(last), at))
    }
}

/// A fixed sequence for each run: what fails, fails again.
struct Random(u64);

impl Random {
    fn new(run: u32, what: &str) -> Self {
        let seed = what.bytes().fold(0x2545_f491_4f6c_dd1d_u64, |seed, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ (u64::from(run) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A house with some work in it.
pub(super) fn house(posts: usize) -> Home {
    configured(posts, &[("undo_fuse", "0s")])
}
