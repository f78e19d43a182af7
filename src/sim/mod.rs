//! Deterministic simulation: the whole swarm over the real store, under a seeded clock, seeded chance
//! and faults, with people who decide, halt and edit. One seed is one history, every time.
//!
//! What is real: planner, judge, workers, executor, sampler, skills, policy, store and ledger. What is
//! simulated: time, the MCP servers behind their ports, processes and people. `world.rs` is the
//! outside and the witness, `store.rs` and `tools.rs` the ports with their faults, `people.rs` the
//! people. After the given time the faults end, everything is put in order, and nothing may be left.

mod audit;
pub(crate) mod chance;
mod people;
mod report;
mod store;
mod tools;
mod weight;
mod world;

use std::{path::PathBuf, sync::Arc, time::Duration};

use chimera_domain::{
    ContentHash, Span, Usd,
    campaign::{CampaignSpec, Channel},
    persona::{Persona, Topic},
    policy::Policy,
    ports::{Acquired, LeaseRequest, RuntimeStore, Setup},
    resource::ResourceSpec,
    second::SecondApprover,
};
use chimera_store::SqliteStore;
use chimera_swarm::{Personas, Swarm};
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use self::{audit::REST_MAX, people::Person, store::SimStore, tools::SimTools, world::World};
pub use self::{
    report::{Report, Tally},
    weight::Weight,
};
use crate::fault::{Fault, chain};

/// What the simulated world talks about; every persona cares about one of these.
const TOPICS: [&str; 8] = [
    "linen",
    "sourdough",
    "synthesizers",
    "bouldering",
    "beekeeping",
    "typography",
    "kayaks",
    "bonsai",
];
/// The server everything is published through.
const PLATFORM: &str = "twitter";
/// The feed as a resource.
const FEED: &str = "feed://sim";

/// A bug that is planted on purpose, to see whether the simulation finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[value(rename_all = "kebab-case")]
pub enum Mutation {
    /// What is sent is edited after the decision, and the hash with it.
    SkipHashCheck,
    /// A process that lost the lease goes on taking effects.
    DropFence,
    /// Each post is delivered a second time under another key.
    SendTwice,
    /// A call without an answer is repeated without asking what became of it.
    RetryBlindly,
    /// A halt is confirmed and not done.
    IgnoreHalt,
    /// A decision counts for whatever the ticket is now, not for what was seen.
    LoseUpdate,
    /// An undo is confirmed and not done.
    ForgetUndo,
    /// A ticket that waits is approved by the sweeper.
    TimeApproves,
    /// What should go to a person is approved by the judge.
    ApproveUnscored,
    /// The last item of each read of a feed is lost.
    LoseItem,
    /// What a tool call cost is booked twice over.
    BookTwice,
    /// The cap of the day is not looked at.
    IgnoreCap,
    /// Going dry is confirmed and not done.
    IgnoreDry,
    /// The approval of one person counts for two.
    OneIsEnough,
}

/// One simulation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Decides everything that chance decides.
    pub seed: u64,
    /// Personas, each with one campaign.
    pub agents: u32,
    /// How long, with faults if there are any.
    pub span: Span,
    /// Items a feed brings per hour.
    pub items_per_hour: u64,
    /// Whether anything goes wrong.
    pub faults: bool,
    /// How likely a process is killed at one point, in a million.
    pub crash_ppm: u64,
    /// A planted bug.
    pub mutation: Option<Mutation>,
    /// A new database on a disk, weighed all along; without it the store is in memory.
    pub database: Option<PathBuf>,
}

impl Settings {
    /// A small world with faults: a few agents, a few hours.
    #[must_use]
    pub const fn small(seed: u64) -> Self {
        Self {
            seed,
            agents: 3,
            span: Span::from_hours(3),
            items_per_hour: 12,
            faults: true,
            crash_ppm: 300,
            mutation: None,
            database: None,
        }
    }

    /// Whether the platform is a real one, dry until a person lets it go live; else it is a stand-in. Every
    /// other world has one.
    const fn is_real(&self) -> bool {
        self.seed % 2 == 1
    }

    /// Whether every post that reaches the platform needs two people, in every other of those worlds; else only the
    /// first of an account does.
    const fn needs_two(&self) -> bool {
        self.seed % 4 == 3
    }

    /// How many items the feed has brought by then.
    fn items_by(&self, elapsed: Span) -> u64 {
        elapsed.min(self.span).micros() * self.items_per_hour / 3_600_000_000
    }
}

/// Runs one simulation to its end. Blocks; time inside is not time outside.
///
/// # Errors
/// When the machine cannot give a runtime or a store in memory.
pub fn run(settings: &Settings, policy: &Policy, like: &Persona) -> Result<Report, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    runtime.block_on(simulate(settings, policy, like))
}

#[derive(Clone)]
struct Sim {
    world: Arc<World>,
    inner: Arc<SqliteStore>,
    setup: Setup,
}

async fn simulate(settings: &Settings, policy: &Policy, like: &Persona) -> Result<Report, Fault> {
    let world = World::new(settings.clone());
    let place = settings.database.as_ref().map_or_else(
        chimera_store::Settings::memory,
        chimera_store::Settings::file,
    );
    let inner = chimera_store::open(place, world.ambient())
        .map_err(|error| Fault::Database(chain(&error)))?;
    let sim = Sim {
        world: world.clone(),
        inner,
        setup: setup(settings, policy, like),
    };
    let people = sim.people();
    let fleet = tokio::spawn(sim.processes());
    let mut weights = Vec::new();
    let end = Instant::now() + settings.span.to_std();
    while Instant::now() < end {
        tokio::time::sleep_until(end.min(Instant::now() + weight::EVERY)).await;
        weights.extend(
            settings
                .database
                .as_deref()
                .map(|file| weight::now(file, world.elapsed())),
        );
    }
    world.be_quiet();
    world.note("the faults end");
    let rested = sim.rest().await;
    if let Some(left) = rested {
        world.violation(format!("not at rest after {REST_MAX}: {left}"));
    }
    fleet.abort();
    for person in people {
        person.abort();
    }
    sim.audit().await;
    let (tally, violations, trail, digest) = world.result();
    let trail = if violations.is_empty() {
        Vec::new()
    } else {
        trail
    };
    Ok(Report {
        seed: settings.seed,
        tally,
        violations,
        trail,
        digest,
        weights,
    })
}

/// The shipped policy with wide governors, and as many personas as were asked for.
fn setup(settings: &Settings, policy: &Policy, like: &Persona) -> Setup {
    let mut policy = policy.clone();
    policy.planner.plans_per_hour_max = 10_000;
    policy.planner.plans_per_day_max = 100_000;
    policy.planner.queue_depth_max = 1_000_000;
    policy.planner.review_depth_max = 1_000_000;
    // Every fourth world is poor: its cap binds within hours.
    let cap = if settings.seed.is_multiple_of(4) {
        150_000
    } else {
        5_000_000
    };
    policy.budget.agent_day_usd_max = Usd::from_micros(cap);
    policy.judge.second_approver = SecondApprover {
        money_over: settings.needs_two().then_some(Usd::ZERO),
        sensitive_audience_over: None,
        first_live_post: true,
    };
    let personas: Vec<Persona> = (0..settings.agents)
        .map(|n| {
            let topic = TOPICS[n as usize % TOPICS.len()];
            Persona {
                slug: format!("sim-{n:04}"),
                name: format!("Sim {n}"),
                hash: ContentHash::of_bytes(format!("sim-{n}").as_bytes()),
                topics: vec![Topic {
                    name: topic.to_owned(),
                    keywords: vec![topic.to_owned(), format!("{topic} makers")],
                }],
                ..like.clone()
            }
        })
        .collect();
    let campaigns = personas
        .iter()
        .map(|persona| CampaignSpec {
            name: format!("{}-drops", persona.slug),
            goal: "goal 0".to_owned(),
            persona: persona.slug.clone(),
            channel: Channel::Bluesky,
            account: format!("@{}", persona.slug),
            publish_server: PLATFORM.to_owned(),
            budget_usd_max: Usd::from_micros(1_000_000_000),
        })
        .collect();
    Setup {
        personas,
        campaigns,
        resources: vec![ResourceSpec {
            server: "feeds".to_owned(),
            uri: FEED.to_owned(),
            interval: Span::from_mins(5),
            age_max: None,
        }],
        policy,
        simulated_servers: if settings.is_real() {
            vec!["studio".to_owned()]
        } else {
            vec![PLATFORM.to_owned(), "studio".to_owned()]
        },
    }
}

impl Sim {
    fn store(&self, process: Option<u32>) -> SimStore {
        SimStore {
            inner: self.inner.clone(),
            world: self.world.clone(),
            process,
        }
    }

    fn people(&self) -> Vec<JoinHandle<()>> {
        let busy = u64::from(self.world.settings.agents.max(1));
        let person = |name: &str| Person {
            store: self.store(None),
            world: self.world.clone(),
            name: name.to_owned(),
            pace: Span::from_micros(Span::from_secs(90).micros() / busy),
        };
        vec![
            tokio::spawn(person("ana").review()),
            tokio::spawn(person("ben").review()),
            tokio::spawn(person("mia").operate(self.setup.clone())),
        ]
    }

    /// One process after the other: a new one begins when the last was killed, was suspended, or ended.
    fn processes(&self) -> impl Future<Output = ()> + Send + 'static {
        let sim = self.clone();
        async move {
            let mut struck = sim.world.struck();
            // A suspended one gets on later beside its successor, until it finds that the lease is gone.
            let mut suspended: Vec<(u32, JoinHandle<()>)> = Vec::new();
            for process in 1.. {
                struck.borrow_and_update();
                let mut task = tokio::spawn(sim.process(process));
                let ended = tokio::select! {
                    biased;
                    _ = struck.changed() => false,
                    _ = &mut task => true,
                };
                if sim.world.is_dead(process) {
                    task.abort();
                } else if !ended {
                    suspended.push((process, task));
                }
                // One that is killed later never gets on again: without an end it would keep all it held.
                suspended.retain(|(process, task)| {
                    if sim.world.is_dead(*process) {
                        task.abort();
                    }
                    !task.is_finished()
                });
                let down = Span::from_millis(sim.world.below(40_000));
                tokio::time::sleep(down.to_std()).await;
            }
        }
    }

    fn process(&self, process: u32) -> impl Future<Output = ()> + Send + 'static {
        let store = self.store(Some(process));
        let (world, setup) = (self.world.clone(), self.setup.clone());
        async move {
            // How it ends is seen from outside: by the store, and by the next process.
            let _ = live(process, &world, store, &setup).await;
        }
    }
}

/// One process from its start to its end.
async fn live(
    process: u32,
    world: &Arc<World>,
    store: SimStore,
    setup: &Setup,
) -> Result<(), chimera_domain::StoreError> {
    let settings = chimera_swarm::Settings {
        workers: 2,
        idle: Span::from_mins(2),
        lease_ttl: Span::from_secs(60),
        claim_ttl: Span::from_secs(60),
        ..Default::default()
    };
    let known_dead_pid = (1..process).rev().find(|p| world.is_dead(*p));
    let lease = loop {
        let request = LeaseRequest {
            holder: "sim".to_owned(),
            host: "sim".to_owned(),
            pid: process,
            known_dead_pid,
            ttl: settings.lease_ttl,
        };
        match store.acquire_lease(&request).await {
            Ok(Acquired::Ours(lease)) => break lease,
            Ok(Acquired::Held(_)) | Err(_) => tokio::time::sleep(Duration::from_secs(5)).await,
        }
    };
    world.note(format!("process {process} begins"));
    store.install(setup).await?;
    let tools = Arc::new(SimTools {
        world: world.clone(),
        process,
        budget: setup.policy.budget.clone(),
    });
    let swarm = Swarm {
        store: Arc::new(store),
        tools: tools.clone(),
        resources: tools,
        skills: chimera_skills::all(chimera_skills::Minds::default()),
        personas: Arc::new(Personas::new(setup.personas.clone())),
        policy: Arc::new(setup.policy.clone()),
        ambient: world.ambient(),
        treasury: chimera_swarm::treasurer::Treasury::default(),
        settings,
    };
    let (_stop, stopped) = watch::channel(false);
    let ended = swarm.run(lease, stopped).await;
    world.note(format!("process {process} ends: {ended:?}"));
    Ok(())
}
