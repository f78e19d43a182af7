//! What is outside the program in a simulation: time, chance, faults, and the witness of everything.

mod witness;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use chimera_domain::{
    Ambient, ContentHash, Span, Timestamp,
    halt::{Halt, Scope},
    ids::{AgentId, CampaignId, TaskId, TicketId},
    mode::ModeScope,
};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    Mutation, Settings, Tally,
    chance::{Chance, SimClock, SimIds},
};

/// Where simulated time begins: 2026-11-21T12:00:00Z.
const BEGIN: i64 = 1_795_262_400_000_000;
/// The most broken promises a report lists.
const VIOLATIONS_MAX: usize = 20;
/// How many of the last events a report shows beside a broken promise.
const TRAIL: usize = 60;

/// Where something belongs; every post of the simulation goes through one server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) agent: AgentId,
    pub(super) campaign: CampaignId,
}

/// What a decision allowed to leave.
#[derive(Debug, Clone)]
pub(super) struct Approval {
    pub(super) place: Place,
    pub(super) ticket: Option<TicketId>,
    /// Who let it out; nobody where the judge did alone.
    pub(super) people: BTreeSet<String>,
    /// Whether it took two people when it was let out.
    pub(super) two: bool,
}

/// One post as the platform has it.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) id: String,
    pub(super) text: String,
    /// It was taken down.
    pub(super) down: bool,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    tally: Tally,
    violations: Vec<String>,
    trail: VecDeque<String>,
    digest: ContentHash,
    dead: BTreeSet<u32>,
    frozen: BTreeMap<u32, Instant>,
    holder: Option<u32>,
    approvals: BTreeMap<(TaskId, ContentHash), Approval>,
    /// Who approved as the first of two, and what.
    firsts: BTreeMap<TicketId, (ContentHash, String)>,
    /// Who has a post on the platform.
    posted: BTreeSet<AgentId>,
    tasks: BTreeMap<TaskId, Place>,
    halts: BTreeMap<Scope, Halt>,
    live: BTreeSet<ModeScope>,
    orders: BTreeMap<String, (TaskId, String)>,
    doubt: BTreeSet<String>,
    posts: BTreeMap<String, Post>,
    /// How many posts of each task; none is of no order.
    landed: BTreeMap<Option<TaskId>, u32>,
    /// Posts a person wants down, by the platform's id.
    unwanted: BTreeSet<String>,
    /// What every call that was made can have cost at most, in micro-dollars.
    billed: i64,
    jump: i64,
    quiet: bool,
}

/// The outside.
#[derive(Debug)]
pub(super) struct World {
    pub(super) settings: Settings,
    clock: Arc<SimClock>,
    ids: Arc<SimIds>,
    began: Instant,
    state: Mutex<State>,
    seq: AtomicU64,
    /// Wakes whoever waits, in the order in which they began to wait: a `watch` wakes in any order.
    bell: Notify,
    /// The process that was killed or suspended last.
    struck: watch::Sender<Option<u32>>,
}

impl World {
    pub(super) fn new(settings: Settings) -> Arc<Self> {
        let seed = settings.seed;
        Arc::new(Self {
            settings,
            clock: Arc::new(SimClock(AtomicI64::new(BEGIN))),
            ids: Arc::new(SimIds(AtomicU64::new(seed << 24))),
            began: Instant::now(),
            state: Mutex::new(State {
                chance: Chance::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d)),
                tally: Tally::default(),
                violations: Vec::new(),
                trail: VecDeque::new(),
                digest: ContentHash::of_bytes(b"sim"),
                dead: BTreeSet::new(),
                frozen: BTreeMap::new(),
                holder: None,
                approvals: BTreeMap::new(),
                firsts: BTreeMap::new(),
                posted: BTreeSet::new(),
                tasks: BTreeMap::new(),
                halts: BTreeMap::new(),
                live: BTreeSet::new(),
                orders: BTreeMap::new(),
                doubt: BTreeSet::new(),
                posts: BTreeMap::new(),
                landed: BTreeMap::new(),
                unwanted: BTreeSet::new(),
                billed: 0,
                jump: 0,
                quiet: false,
            }),
            seq: AtomicU64::new(0),
            bell: Notify::new(),
            struck: watch::channel(None).0,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ambient(&self) -> Ambient {
        Ambient::new(self.clock.clone(), self.ids.clone())
    }

    /// How long the simulation has run, whatever the wall clock says.
    pub(super) fn elapsed(&self) -> Span {
        let micros = self.began.elapsed().as_micros();
        Span::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Brings the wall clock up to date.
    pub(super) fn sync(&self) -> Timestamp {
        let elapsed = i64::try_from(self.elapsed().micros()).unwrap_or(i64::MAX);
        let now = BEGIN + elapsed + self.lock().jump;
        self.clock.0.store(now, Ordering::SeqCst);
        Timestamp::from_micros(now)
    }

    /// The wall clock jumps, also backwards.
    pub(super) fn jump(&self, micros: i64) {
        let mut state = self.lock();
        state.jump += micros;
        state.tally.clock_jumps += 1;
        drop(state);
        self.sync();
    }

    pub(super) fn below(&self, n: u64) -> u64 {
        self.lock().chance.next().checked_rem(n).unwrap_or(0)
    }

    /// A fault with this probability in a million, while there are faults.
    pub(super) fn fault(&self, ppm: u64) -> bool {
        self.has_faults() && self.below(1_000_000) < ppm
    }

    pub(super) fn has_faults(&self) -> bool {
        self.settings.faults && !self.lock().quiet
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn be_quiet(&self) {
        self.lock().quiet = true;
    }

    pub(super) fn mutates(&self, mutation: Mutation) -> bool {
        self.settings.mutation == Some(mutation) && !self.lock().quiet
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Tally)) {
        count(&mut self.lock().tally);
    }

    /// Notes an event: for the trail, and for the digest that two runs of one seed share.
    pub(super) fn note(&self, event: impl AsRef<str>) {
        let at = self.elapsed().micros();
        let line = format!("{at} {}", event.as_ref());
        let mut state = self.lock();
        let chained = format!("{} {line}", state.digest);
        state.digest = ContentHash::of_bytes(chained.as_bytes());
        if state.trail.len() == TRAIL {
            state.trail.pop_front();
        }
        state.trail.push_back(line);
    }

    /// Something untrue happened.
    pub(super) fn violation(&self, what: impl AsRef<str>) {
        self.note(format!("VIOLATION {}", what.as_ref()));
        let mut state = self.lock();
        if state.violations.len() < VIOLATIONS_MAX {
            state.violations.push(what.as_ref().to_owned());
        }
    }

    pub(super) fn result(&self) -> (Tally, Vec<String>, Vec<String>, ContentHash) {
        let state = self.lock();
        let mut tally = state.tally.clone();
        tally.posts = u64::try_from(state.posts.len()).unwrap_or(u64::MAX);
        (
            tally,
            state.violations.clone(),
            state.trail.iter().cloned().collect(),
            state.digest,
        )
    }

    // --- processes

    pub(super) fn struck(&self) -> watch::Receiver<Option<u32>> {
        self.struck.subscribe()
    }

    pub(super) fn kill(&self, process: u32) {
        let mut state = self.lock();
        if !state.dead.insert(process) {
            return;
        }
        state.tally.crashes += 1;
        drop(state);
        self.note(format!("process {process} is killed"));
        self.struck.send_replace(Some(process));
    }

    fn freeze(&self, process: u32, span: Span) {
        let until = Instant::now() + span.to_std();
        let mut state = self.lock();
        state.frozen.insert(process, until);
        state.tally.freezes += 1;
        drop(state);
        self.note(format!("process {process} is suspended for {span}"));
        self.struck.send_replace(Some(process));
    }

    pub(super) fn is_dead(&self, process: u32) -> bool {
        self.lock().dead.contains(&process)
    }

    fn frozen_until(&self, process: u32) -> Option<Instant> {
        self.lock()
            .frozen
            .get(&process)
            .copied()
            .filter(|until| *until > Instant::now())
    }

    /// A place where a process may be slow, killed or suspended. People (`None`) are only slow.
    pub(super) async fn point(&self, process: Option<u32>) {
        if !self.has_faults() {
            self.stay_dead(process).await;
            self.sync();
            return;
        }
        let wait = match self.below(1_000) {
            0 => Span::from_millis(self.below(4_000)),
            1..=20 => Span::from_millis(self.below(200)),
            _ => Span::from_micros(self.below(2_000)),
        };
        tokio::time::sleep(wait.to_std()).await;
        if let Some(process) = process {
            if self.fault(self.settings.crash_ppm) {
                self.kill(process);
            } else if self.fault(self.settings.crash_ppm / 4) {
                self.freeze(process, Span::from_secs(30 + self.below(200)));
            }
        }
        self.stay_dead(process).await;
        self.sync();
    }

    /// A killed process never gets on; a suspended one gets on later.
    async fn stay_dead(&self, process: Option<u32>) {
        let Some(process) = process else { return };
        loop {
            if self.is_dead(process) {
                std::future::pending::<()>().await;
            }
            match self.frozen_until(process) {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    // --- the bell

    /// The store is at this change now.
    pub(super) fn ring(&self, now: u64) {
        if self.seq.fetch_max(now, Ordering::SeqCst) < now {
            self.bell.notify_waiters();
        }
    }

    pub(super) fn seq(&self) -> u64 {
        self.seq.load(Ordering::SeqCst)
    }

    pub(super) async fn rung(&self, seq: u64, patience: Span) -> u64 {
        let end = Instant::now() + patience.to_std();
        while self.seq() <= seq {
            let rung = self.bell.notified();
            if tokio::time::timeout_at(end, rung).await.is_err() {
                break;
            }
        }
        self.sync();
        self.seq()
    }
}
