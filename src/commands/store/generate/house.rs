//! Walks every role through a day in a minute: perceive and plan here, the rest in `work.rs` and `outbox.rs`.
//!
//! Verbs are called many at once, so that the store's writer commits them in large groups; the clock is
//! set, and goes on a little with every step.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use chimera_domain::{
    Ambient, ContentHash, Outcome, Score, Span, StateVersion, Timestamp, Usd,
    campaign::{CampaignSpec, Channel},
    ids::{TaskId, TraceId},
    persona::Persona,
    plan::{Node, TaskGraph},
    policy::Policy,
    ports::{
        Acquired, DeskStore, Lease, LeaseRequest, PlanCaps, PlanDecision, PlannerStore,
        RuntimeStore, Setup,
    },
    resource::{FeedItem, Poll, ResourceSpec},
    signal::{Relevance, Signal},
    task::{Modality, Priority, TaskKind, TaskSpec},
};
use chimera_store::{Settings, SqliteStore};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    Made, NODES,
    fate::{End, Fate, Quotas},
    texts,
};
use crate::{
    cli::GenerateArgs,
    clock,
    config::Config,
    fault::{Fault, chain},
    machine,
    sim::chance::{Chance, SimClock, SimIds},
};

/// The feed everything comes from, and the stand-ins it is made and published with.
const FEED: (&str, &str) = ("feeds", "feed://generated");
pub(super) const PLATFORM: &str = "twitter";
pub(super) const STUDIO: &str = "studio";
/// Over how long the house is spread, and how much of that belongs to the later half of what is perceived:
/// what waits for a person is recent, or its deadline would be over.
const PAST: Span = Span::from_hours(24);
const RECENT: Span = Span::from_mins(90);
/// Verbs under way at the same time.
pub(super) const AT_ONCE: usize = 256;
/// How long claims and the lease hold: longer than all of it.
pub(super) const LEASE: Span = Span::from_hours(48);

/// A house that is being filled.
pub(super) struct House {
    pub(super) store: Arc<SqliteStore>,
    clock: Arc<SimClock>,
    pub(super) ambient: Ambient,
    pub(super) policy: Policy,
    pub(super) lease: Lease,
    personas: HashMap<String, Persona>,
    quotas: Quotas,
    /// What becomes of the plans that go on.
    ends: Mutex<HashMap<TraceId, End>>,
    texts: Mutex<Chance>,
    pub(super) end: Timestamp,
    round: u64,
    rounds: u64,
    /// How much the clock goes on with a step.
    pace: AtomicI64,
    pub(super) posts: AtomicU64,
}

pub(super) fn score(chance: &mut Chance, from: u32, to: u32) -> Score {
    let width = u64::from(to.saturating_sub(from))
        .saturating_mul(10_000)
        .max(1);
    let above = u32::try_from(chance.next() % width).unwrap_or(0);
    Score::from_ppm(from * 10_000 + above).unwrap_or(Score::ONE)
}

/// What a verb must have done: nobody else is there to be faster.
pub(super) fn done<T>(doing: &str, outcome: Outcome<T>) -> Result<(T, StateVersion), Fault> {
    match outcome {
        Outcome::Done(value, version) => Ok((value, version)),
        Outcome::Conflict(conflict) => Err(Fault::Failed(format!("cannot {doing}: {conflict}"))),
        Outcome::NotFound => Err(Fault::Failed(format!("cannot {doing}: it is not there"))),
    }
}

impl House {
    /// Makes the database, with agents and campaigns.
    pub(super) async fn begin(
        database: &Path,
        config: &Config,
        args: &GenerateArgs,
    ) -> Result<Self, Fault> {
        let end = clock::system().now();
        let begin = end.minus(PAST);
        let clock = Arc::new(SimClock(AtomicI64::new(begin.micros())));
        let ids = Arc::new(SimIds(AtomicU64::new(args.seed << 32)));
        let ambient = Ambient::new(clock.clone(), ids);
        let settings = Settings {
            batch_max: AT_ONCE,
            ..Settings::file(database)
        };
        let store = chimera_store::open(settings, ambient.clone())
            .map_err(|error| Fault::Database(chain(&error)))?;
        let policy = config.policy_at(end);
        let setup = setup(config, &policy, args.agents)?;
        let request = LeaseRequest {
            holder: "chimera store generate".to_owned(),
            host: machine::host(),
            pid: std::process::id(),
            known_dead_pid: None,
            ttl: LEASE,
        };
        let lease = match store.acquire_lease(&request).await? {
            Acquired::Ours(lease) => lease,
            Acquired::Held(_) => return Err(Fault::Conflict("somebody runs it".to_owned())),
        };
        store.install(&setup).await?;
        let agents = u64::from(args.agents);
        let rounds = u64::from(args.signals).div_ceil(agents);
        let plans = u64::from(args.tasks.div_ceil(NODES));
        let tickets = u64::from(args.tickets);
        Ok(Self {
            store,
            clock,
            ambient,
            policy,
            lease,
            personas: setup
                .personas
                .into_iter()
                .map(|p| (p.slug.clone(), p))
                .collect(),
            quotas: Quotas {
                chance: Chance::new(args.seed),
                signals: rounds * agents,
                plans,
                tickets,
                late: false,
            },
            ends: Mutex::default(),
            texts: Mutex::new(Chance::new(args.seed ^ 0x7465_7874)),
            end,
            round: 0,
            rounds,
            pace: AtomicI64::new(0),
            posts: AtomicU64::new(0),
        })
    }

    /// How much of it is done.
    pub(super) fn percent(&self) -> u64 {
        (self.round * 100).checked_div(self.rounds).unwrap_or(100)
    }

    /// Brings the next item and all that comes of it; whether there are more.
    pub(super) async fn round(&mut self) -> Result<bool, Fault> {
        let (from, until) = (self.moment(self.round), self.moment(self.round + 1));
        self.clock.0.store(from.micros(), Ordering::SeqCst);
        let steps = (self.quotas.plans * 6 + self.quotas.signals)
            .checked_div(self.rounds - self.round)
            .unwrap_or(1);
        let room = until.since(from).micros() / 2;
        let pace = room.checked_div(steps.max(1)).unwrap_or(0);
        self.pace
            .store(i64::try_from(pace).unwrap_or(0), Ordering::SeqCst);
        self.quotas.late = self.round >= self.rounds / 2;
        self.perceive().await?;
        self.plan().await?;
        self.round += 1;
        self.work().await?;
        self.give_up().await?;
        // The fuse of what was approved is over.
        self.clock
            .0
            .fetch_max(until.minus(Span::from_secs(1)).micros(), Ordering::SeqCst);
        self.send().await?;
        if self.round.is_multiple_of(10) {
            self.look().await?;
        }
        Ok(self.round < self.rounds)
    }

    /// Puts things in order at the present moment; what there is.
    pub(super) async fn end(self) -> Result<Made, Fault> {
        self.clock.0.store(self.end.micros(), Ordering::SeqCst);
        self.store.sweep().await?;
        self.store.release_lease(&self.lease).await?;
        let overview = self.store.overview().await?;
        Ok(Made {
            agents: u32::try_from(self.personas.len()).unwrap_or(u32::MAX),
            signals: overview.signals.iter().map(|(_, n)| n).sum(),
            tasks: overview.tasks.iter().map(|(_, n)| n).sum(),
            tickets_waiting: overview.tickets_waiting,
        })
    }

    /// When a round begins: the later half of them lies in the last one and a half.
    fn moment(&self, round: u64) -> Timestamp {
        let half = (self.rounds / 2).max(1);
        let left = self.rounds.saturating_sub(round);
        let before_end = if left <= half {
            RECENT.micros() / half * left
        } else {
            let early = self.rounds.saturating_sub(half).max(1);
            RECENT.micros() + (PAST.micros() - RECENT.micros()) / early * (left - half)
        };
        self.end.minus(Span::from_micros(before_end))
    }

    /// A step takes a while.
    pub(super) fn tick(&self) {
        let pace = self.pace.load(Ordering::SeqCst);
        self.clock.0.fetch_add(pace, Ordering::SeqCst);
    }

    pub(super) fn texts(&self) -> MutexGuard<'_, Chance> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ends(&self) -> MutexGuard<'_, HashMap<TraceId, End>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn perceive(&self) -> Result<(), Fault> {
        let due = self.store.due_resources(1).await?;
        let resource = due
            .first()
            .ok_or_else(|| Fault::Failed("the generated feed is not due".to_owned()))?;
        let n = self.round + 1;
        let title = texts::title(n, &mut self.texts());
        let now = self.ambient.now();
        let poll = Poll::Read {
            items: vec![FeedItem {
                key: format!("generated-{n}"),
                summary: format!("Generated item {n}: nothing of this happened."),
                link: format!("https://example.org/generated/{n}"),
                title,
                published_at: Some(now.minus(Span::from_mins(3))),
                source: "Generated".to_owned(),
                authors: Vec::new(),
                recorded: true,
            }],
            cursor: Some(n.to_string()),
            note: None,
            next_poll_at: now,
        };
        done("perceive", self.store.commit_poll(resource, poll).await?).map(drop)
    }

    async fn plan(&mut self) -> Result<(), Fault> {
        loop {
            let signals = self.store.next_signals(500).await?;
            if signals.is_empty() {
                return Ok(());
            }
            let fated: Vec<_> = signals
                .into_iter()
                .map(|(signal, campaign)| (signal, campaign.spec, self.quotas.next()))
                .collect();
            let house = &*self;
            stream::iter(fated)
                .map(|(signal, campaign, fate)| house.plan_one(signal, campaign, fate))
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
        }
    }

    async fn plan_one(
        &self,
        signal: Signal,
        campaign: CampaignSpec,
        fate: Fate,
    ) -> Result<(), Fault> {
        self.tick();
        let (from, to) = match fate {
            Fate::Planned(_) => (75, 99),
            Fate::Ignored | Fate::Unscored => (10, 74),
        };
        let relevance = Relevance {
            score: score(&mut self.texts(), from, to),
            method: "generated/1".to_owned(),
            reason: "generated".to_owned(),
            basis: None,
        };
        let (decision, relevance) = match fate {
            Fate::Ignored => {
                let why = format!("relevance {} is below 0.75", relevance.score);
                (PlanDecision::Ignore { why }, Some(relevance))
            }
            Fate::Unscored => {
                let why = "the scorer gave no number (generated)".to_owned();
                (PlanDecision::Unscored { why }, None)
            }
            Fate::Planned(end) => {
                self.ends().insert(signal.trace_id, end);
                (self.graph(&signal, &campaign)?, Some(relevance))
            }
        };
        let planned = self.store.commit_plan(&signal, relevance, decision).await?;
        done("plan", planned).map(drop)
    }

    fn graph(&self, signal: &Signal, campaign: &CampaignSpec) -> Result<PlanDecision, Fault> {
        let persona = self
            .personas
            .get(&campaign.persona)
            .ok_or_else(|| Fault::Failed(format!("there is no persona {}", campaign.persona)))?;
        let node = |name: &str, kind, modality, after: &[&str]| Node {
            id: TaskId::from_uuid(self.ambient.fresh()),
            name: name.to_owned(),
            spec: TaskSpec {
                kind,
                modality,
                goal: format!("{name}: {}", signal.item.title),
                acceptance: vec!["names the trend".to_owned()],
                notes: Vec::new(),
                priority: Priority::Medium,
                persona_lock: persona.lock(),
                confidence_window: self.policy.judge.window,
                budget_usd_max: self.policy.planner.plan_budget_usd_max,
                due_at: None,
                payment: None,
            },
            after: after.iter().map(|&name| name.to_owned()).collect(),
        };
        let content = TaskKind::GenerateContent;
        let nodes = vec![
            node("research", TaskKind::ResearchTrend, None, &[]),
            node("text", content, Some(Modality::Text), &["research"]),
            node("image", content, Some(Modality::Image), &["text"]),
            node("publish", TaskKind::Publish, None, &["text", "image"]),
        ];
        Ok(PlanDecision::Plan {
            graph: TaskGraph::new("generated/1", nodes)
                .map_err(|error| Fault::Failed(error.to_string()))?,
            lock: persona.lock(),
            caps: PlanCaps {
                per_hour: u32::MAX / 2,
                per_day: u32::MAX / 2,
                queue_depth: u32::MAX,
                review_depth: u32::MAX,
            },
        })
    }
}

/// As many agents as were asked for, each a copy of a shipped persona under its own name, with one campaign.
fn setup(config: &Config, policy: &Policy, agents: u32) -> Result<Setup, Fault> {
    let like = config
        .personas
        .first()
        .ok_or_else(|| Fault::Usage("there is no persona to copy".to_owned()))?;
    let personas: Vec<Persona> = (0..agents)
        .map(|n| {
            let slug = texts::agent(n);
            Persona {
                name: slug.clone(),
                hash: ContentHash::of_bytes(slug.as_bytes()),
                slug,
                ..like.clone()
            }
        })
        .collect();
    let channels = Channel::ALL.iter().cycle();
    let campaigns = personas
        .iter()
        .zip(channels)
        .map(|(persona, channel)| CampaignSpec {
            name: format!("{}-reads", persona.slug),
            goal: "Generated: point out work that is made to last".to_owned(),
            persona: persona.slug.clone(),
            channel: *channel,
            account: format!("@{}", persona.slug),
            publish_server: PLATFORM.to_owned(),
            budget_usd_max: Usd::from_micros(100_000_000),
        });
    let campaigns = campaigns.collect();
    Ok(Setup {
        personas,
        campaigns,
        resources: vec![ResourceSpec {
            server: FEED.0.to_owned(),
            uri: FEED.1.to_owned(),
            interval: Span::from_mins(5),
            age_max: None,
        }],
        policy: policy.clone(),
        simulated_servers: vec![PLATFORM.to_owned(), STUDIO.to_owned()],
    })
}
