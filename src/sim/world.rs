//! What is outside the program in a simulation: time, chance, faults, and the witness of everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use chimera_domain::{
    Ambient, Clock, ContentHash, IdSource, Span, StoreError, Timestamp,
    ids::{CampaignId, TaskId, TicketId},
};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::{Mutation, Settings};

/// Where simulated time begins: 2026-11-21T12:00:00Z.
const BEGIN: i64 = 1_795_262_400_000_000;
/// The most broken promises a report lists.
const VIOLATIONS_MAX: usize = 20;
/// How many of the last events a report shows beside a broken promise.
const TRAIL: usize = 60;

/// A number from a seed: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

/// The simulated wall clock. It is set before every call, so that the store's own threads see it too.
#[derive(Debug)]
struct SimClock(AtomicI64);

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Ids in order and numbers in sequence.
#[derive(Debug)]
struct SimIds(AtomicU64);

impl IdSource for SimIds {
    fn fresh(&self) -> Uuid {
        let n = u128::from(self.0.fetch_add(1, Ordering::SeqCst));
        Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 | (n & 0xffff_ffff_ffff))
    }

    fn pick(&self, below: u64) -> u64 {
        let mut chance = Chance::new(self.0.fetch_add(1, Ordering::SeqCst));
        chance.next().checked_rem(below).unwrap_or(0)
    }
}

/// What a decision allowed to leave.
#[derive(Debug, Clone)]
pub(super) struct Approval {
    pub(super) campaign: CampaignId,
    pub(super) ticket: Option<TicketId>,
}

/// One post as the platform has it.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) id: String,
    pub(super) text: String,
}

/// Counters of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Calls of the store.
    pub verbs: u64,
    /// Calls of tools.
    pub tool_calls: u64,
    /// Processes that were killed.
    pub crashes: u64,
    /// Processes that were suspended while another took over.
    pub freezes: u64,
    /// Store calls that failed or whose answer was lost.
    pub store_faults: u64,
    /// Tool calls that failed, lied or whose answer was lost.
    pub tool_faults: u64,
    /// Jumps of the wall clock.
    pub clock_jumps: u64,
    /// Items the feeds brought.
    pub items: u64,
    /// Decisions of people that counted.
    pub decisions: u64,
    /// Decisions that came too late and were told so.
    pub losers_told: u64,
    /// Decisions taken back.
    pub undone: u64,
    /// Halts.
    pub halts: u64,
    /// Effects a person had to settle.
    pub resolved_by_hand: u64,
    /// Posts on the platform.
    pub posts: u64,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    tally: Tally,
    violations: Vec<String>,
    trail: std::collections::VecDeque<String>,
    digest: ContentHash,
    dead: BTreeSet<u32>,
    frozen: BTreeMap<u32, Instant>,
    holder: Option<u32>,
    approvals: BTreeMap<(TaskId, ContentHash), Approval>,
    campaigns: BTreeMap<TaskId, CampaignId>,
    fleet_halted: bool,
    halted: BTreeSet<CampaignId>,
    orders: BTreeMap<String, (TaskId, String)>,
    doubt: BTreeSet<String>,
    posts: BTreeMap<String, Post>,
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
    bell: watch::Sender<u64>,
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
                trail: std::collections::VecDeque::new(),
                digest: ContentHash::of_bytes(b"sim"),
                dead: BTreeSet::new(),
                frozen: BTreeMap::new(),
                holder: None,
                approvals: BTreeMap::new(),
                campaigns: BTreeMap::new(),
                fleet_halted: false,
                halted: BTreeSet::new(),
                orders: BTreeMap::new(),
                doubt: BTreeSet::new(),
                posts: BTreeMap::new(),
                jump: 0,
                quiet: false,
            }),
            bell: watch::channel(0).0,
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
                self.freeze(process, Span::from_secs(15 + self.below(90)));
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
        self.bell.send_if_modified(|seq| {
            let rises = now > *seq;
            *seq = (*seq).max(now);
            rises
        });
    }

    pub(super) fn seq(&self) -> u64 {
        *self.bell.borrow()
    }

    pub(super) async fn rung(&self, seq: u64, patience: Span) -> u64 {
        let mut bell = self.bell.subscribe();
        let rung = bell.wait_for(|now| *now > seq);
        // Patience that ends is an answer too.
        let _ = tokio::time::timeout(patience.to_std(), rung).await;
        self.sync();
        self.seq()
    }

    // --- what the witness knows

    pub(super) fn knows_task(&self, task: TaskId, campaign: CampaignId) {
        self.lock().campaigns.insert(task, campaign);
    }

    pub(super) fn took_lease(&self, process: u32) {
        self.lock().holder = Some(process);
    }

    pub(super) fn approved(&self, task: TaskId, content: ContentHash, ticket: Option<TicketId>) {
        let mut state = self.lock();
        let Some(campaign) = state.campaigns.get(&task).copied() else {
            drop(state);
            self.violation(format!("{task} was approved and nobody worked on it"));
            return;
        };
        state
            .approvals
            .insert((task, content), Approval { campaign, ticket });
    }

    pub(super) fn undone(&self, ticket: TicketId) {
        self.lock()
            .approvals
            .retain(|_, approval| approval.ticket != Some(ticket));
    }

    /// What was approved before may not leave after.
    pub(super) fn void(&self, campaign: Option<CampaignId>) {
        self.lock()
            .approvals
            .retain(|_, approval| campaign.is_some_and(|c| approval.campaign != c));
    }

    pub(super) fn halted(&self, campaign: Option<CampaignId>, halted: bool) {
        let mut state = self.lock();
        match (campaign, halted) {
            (None, _) => state.fleet_halted = halted,
            (Some(campaign), true) => {
                state.halted.insert(campaign);
            }
            (Some(campaign), false) => {
                state.halted.remove(&campaign);
            }
        }
        if halted {
            state.tally.halts += 1;
        }
    }

    pub(super) fn is_halted(&self) -> bool {
        let state = self.lock();
        state.fleet_halted || !state.halted.is_empty()
    }

    /// An effect was taken to be sent: is it allowed to?
    pub(super) fn taken(
        &self,
        process: u32,
        order: &chimera_domain::effect::SendOrder,
        bound: ContentHash,
    ) {
        let text = order.call.post.text.clone();
        let mut state = self.lock();
        let allowed = state.approvals.contains_key(&(order.task_id, bound));
        let halted = state.fleet_halted || state.halted.contains(&order.campaign_id);
        let stranger = state.holder != Some(process);
        state
            .orders
            .insert(order.idempotency_key.clone(), (order.task_id, text));
        drop(state);
        let id = order.effect_id;
        if !allowed {
            self.violation(format!(
                "{id} was taken to be sent without a decision that holds"
            ));
        }
        if halted {
            self.violation(format!("{id} was taken to be sent while halted"));
        }
        if stranger {
            self.violation(format!("{id} was taken by a process without the lease"));
        }
    }

    /// A call to publish begins.
    pub(super) fn sends(&self, key: &str, text: &str) {
        let mut state = self.lock();
        let order = state.orders.get(key).cloned();
        let blind = !state.doubt.insert(key.to_owned());
        drop(state);
        match order {
            None => self.violation("something is sent that nobody took from the outbox"),
            Some((task, bound)) if bound != text => {
                self.violation(format!("{task} sends other words than were decided on"));
            }
            Some(_) => {}
        }
        if blind {
            self.violation("a call without an answer was repeated without asking first");
        }
    }

    /// The caller knows what became of its call.
    pub(super) fn answered(&self, key: &str) {
        self.lock().doubt.remove(key);
    }

    /// A post is public. The platform keeps one per key.
    pub(super) fn lands(&self, key: &str, text: &str) -> String {
        let mut state = self.lock();
        if let Some(post) = state.posts.get(key) {
            return post.id.clone();
        }
        let id = format!("post-{}", state.posts.len() + 1);
        let post = Post {
            id: id.clone(),
            text: text.to_owned(),
        };
        state.posts.insert(key.to_owned(), post);
        let task = state.orders.get(key).map(|(task, _)| *task);
        let of_task = state
            .posts
            .keys()
            .filter(|k| state.orders.get(*k).map(|(task, _)| *task) == task)
            .count();
        drop(state);
        self.note(format!("public {id}"));
        if of_task > 1 {
            self.violation(format!("{task:?} was published twice"));
        }
        id
    }

    pub(super) fn post(&self, key: &str) -> Option<Post> {
        self.lock().posts.get(key).cloned()
    }

    pub(super) fn posts(&self) -> BTreeMap<String, Post> {
        self.lock().posts.clone()
    }

    /// Holds every answer of the store against what it may never say.
    pub(super) fn inspect<T>(&self, verb: &str, answer: &Result<T, StoreError>) {
        match answer {
            // A person may have settled what a late answer would settle differently.
            Err(StoreError::Refused { .. }) if verb == "settle" => {}
            Err(error @ (StoreError::Corrupt { .. } | StoreError::Refused { .. })) => {
                self.violation(format!("{verb}: {error}"));
            }
            Ok(_) | Err(StoreError::Unavailable { .. } | StoreError::Fenced { .. }) => {}
        }
    }
}
