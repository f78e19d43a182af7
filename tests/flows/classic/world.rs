//! One whole swarm in this process, role after role, under a clock that is set by hand: the real store on
//! disk, the bundled servers behind the real client, and a hand between the two that can spoil an answer.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use chimera::{
    clock,
    compose::{self, Servers},
    config::{self, Config},
    outside,
};
use chimera_domain::{
    Ambient, Clock, IdSource, Outcome, Span, Timestamp, ToolError,
    ports::{
        Acquired, DeskStore, Lease, LeaseRequest, ResourceInfo, ResourceReader, ResourceText,
        RuntimeStore, ToolCall, ToolCaller, ToolReply,
    },
    task::TaskState,
    ticket::{Choice, Decide, Decided, RejectClass},
    views::{Overview, PageRequest, TaskRow, TicketCard},
};
use chimera_mcp::Hub;
use chimera_store::SqliteStore;
use chimera_swarm::Lockstep;
use serde_json::{Value, json};

use crate::support::Home;

/// Where the clock of a world begins: 2026-11-21T12:00:00Z.
const BEGIN: i64 = 1_795_262_400_000_000;
/// A page with everything on it.
pub(in crate::flows) const ALL: PageRequest = PageRequest::first(200);

/// A title and a summary.
pub(in crate::flows) type Story = (&'static str, &'static str);
/// Stories that concern the persona, and say nothing a rule would stop at.
pub(in crate::flows) const LINEN: Story = (
    "Aro brings its linen sneaker back",
    "The sneaker comes in three colours and is mended for free at Zanderoo, whose owner promises to keep doing so for ten years.",
);
pub(in crate::flows) const HEMP: Story = (
    "A capsule collection woven from hemp",
    "Twelve weavers of Porto show a hemp textile on Friday, and the mill that spun it opens its doors to whoever wants to look on.",
);
pub(in crate::flows) const WOOL: Story = (
    "Visible mending comes to the wool archive",
    "The atelier opens its archive of wool and darning, with a bench in the middle of the room where visitors bring what is torn.",
);
pub(in crate::flows) const DENIM: Story = (
    "Offcuts of denim become patchwork",
    "Upcycling of denim fills a hall in Ghent: forty makers, one long table, and every seam of what they sew is written down.",
);

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

struct Ids(Ambient);

impl IdSource for Ids {
    fn fresh(&self) -> uuid::Uuid {
        self.0.fresh()
    }

    fn pick(&self, _: u64) -> u64 {
        0
    }
}

/// What is done to the answer of a call: before it is made (`None`), and when it has one.
type Spoil = Box<dyn FnMut(&ToolCall, Option<&mut ToolReply>) -> Option<ToolError> + Send>;

/// Between the swarm and its servers: keeps every call, and may spoil some.
pub(in crate::flows) struct Outside {
    world: Arc<outside::Outside>,
    calls: Mutex<Vec<ToolCall>>,
    spoil: Mutex<Option<Spoil>>,
    hangs_at: Mutex<Option<&'static str>>,
    mute_feeds: Mutex<bool>,
}

#[async_trait]
impl ToolCaller for Outside {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        self.calls.lock().unwrap().push(call.clone());
        let hangs = *self.hangs_at.lock().unwrap() == Some(call.tool.as_str());
        if hangs {
            std::future::pending::<()>().await;
        }
        let spoil = |reply: Option<&mut ToolReply>| {
            let mut spoil = self.spoil.lock().unwrap();
            spoil.as_mut().and_then(|spoil| spoil(&call, reply))
        };
        if let Some(error) = spoil(None) {
            return Err(error);
        }
        let mut reply = self.world.call(call.clone()).await?;
        spoil(Some(&mut reply)).map_or(Ok(reply), Err)
    }
}

#[async_trait]
impl ResourceReader for Outside {
    async fn list(&self, server: &str) -> Result<Vec<ResourceInfo>, ToolError> {
        self.world.hub.list(server).await
    }

    async fn read(&self, server: &str, uri: &str) -> Result<ResourceText, ToolError> {
        if *self.mute_feeds.lock().unwrap() {
            return Err(ToolError::NotSent {
                server: server.to_owned(),
                why: "the line is dead".to_owned(),
            });
        }
        self.world.hub.read(server, uri).await
    }
}

/// A swarm with its surroundings.
pub(in crate::flows) struct World {
    pub(in crate::flows) home: Home,
    pub(in crate::flows) store: Arc<SqliteStore>,
    pub(in crate::flows) outside: Arc<Outside>,
    pub(in crate::flows) config: Config,
    pub(in crate::flows) ambient: Ambient,
    clock: Arc<Hand>,
    swarm: Lockstep,
    pid: u32,
}

impl World {
    /// These stories, under the shipped rules.
    pub(in crate::flows) async fn new(stories: &[Story]) -> Self {
        Self::with(&[stories], |_| {}).await
    }

    /// A feed that holds these stories at one reading after the other, under rules that this changes.
    pub(in crate::flows) async fn with(
        readings: &[&[Story]],
        edit: impl FnOnce(&mut Config),
    ) -> Self {
        let home = Home::new();
        let of = config::Home::in_folder(home.path());
        of.ensure().unwrap();
        let lines: Vec<String> = readings.iter().map(|stories| line(stories)).collect();
        home.write("drop.jsonl", &lines.join("\n"));
        home.write("chimera.yaml", "feeds:\n  - {name: drop, recording: drop.jsonl, every: 1m, max_age: none}\ncampaigns:\n  - {name: drops, persona: fae, channel: twitter, account: \"@fae\", goal: Sell nothing at all, budget_usd: 25.00}\n");
        let mut config = Config::load(&of).unwrap();
        edit(&mut config);
        let clock = Arc::new(Hand(AtomicI64::new(BEGIN)));
        let ambient = Ambient::new(clock.clone(), Arc::new(Ids(clock::system())));
        let store = compose::open_store(&of.db_file(), ambient.clone()).unwrap();
        let journal = home.path().join("platform.jsonl");
        let hub = hub(&config, &journal, &ambient);
        let world = outside::Outside::new(hub, &config.minds, &of, ambient.clone()).unwrap();
        let outside = Arc::new(Outside {
            world: Arc::new(world),
            calls: Mutex::default(),
            spoil: Mutex::default(),
            hangs_at: Mutex::default(),
            mute_feeds: Mutex::default(),
        });
        store.install(&config.setup(ambient.now())).await.unwrap();
        let lease = lease(&store, 1).await;
        let swarm = roles(&store, &outside, &config, &ambient, &lease).await;
        Self {
            home,
            store,
            outside,
            config,
            clock,
            ambient,
            swarm,
            pid: 1,
        }
    }

    /// The swarm's process is gone and another one begins, on the same file and later.
    pub(in crate::flows) async fn restart(&mut self) {
        self.pid += 1;
        *self.outside.hangs_at.lock().unwrap() = None;
        self.wait(Span::from_mins(2));
        let path = config::Home::in_folder(self.home.path()).db_file();
        self.store = compose::open_store(&path, self.ambient.clone()).unwrap();
        let lease = lease(&self.store, self.pid).await;
        self.swarm = roles(
            &self.store,
            &self.outside,
            &self.config,
            &self.ambient,
            &lease,
        )
        .await;
    }

    /// Lets time pass and nobody work.
    pub(in crate::flows) fn wait(&self, span: Span) {
        let micros = i64::try_from(span.micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Reads what is due, and works until there is nothing to do at this moment.
    pub(in crate::flows) async fn turn(&self) {
        self.swarm.perceive().await.unwrap();
        self.swarm.settle().await.unwrap();
    }

    /// Works after so much time.
    pub(in crate::flows) async fn later(&self, span: Span) {
        self.wait(span);
        self.turn().await;
    }

    /// Works after so much time, and reads nothing.
    pub(in crate::flows) async fn deaf_later(&self, span: Span) {
        self.wait(span);
        self.swarm.settle().await.unwrap();
    }

    /// Works until a call of this tool, in which the process dies.
    pub(in crate::flows) async fn die_in(&self, tool: &'static str) {
        *self.outside.hangs_at.lock().unwrap() = Some(tool);
        self.die_when(async || !self.calls(tool).is_empty()).await;
    }

    /// Works until something is so; then the process dies.
    pub(in crate::flows) async fn die_when(&self, so: impl AsyncFn() -> bool) {
        self.swarm.perceive().await.unwrap();
        let mut work = std::pin::pin!(self.swarm.settle());
        while !so().await {
            let poll = futures::poll!(&mut work);
            assert!(poll.is_pending(), "there is nothing left to do: {poll:?}");
            tokio::task::yield_now().await;
        }
    }

    /// From now on this is done to calls and their answers.
    pub(in crate::flows) fn spoil(
        &self,
        spoil: impl FnMut(&ToolCall, Option<&mut ToolReply>) -> Option<ToolError> + Send + 'static,
    ) {
        *self.outside.spoil.lock().unwrap() = Some(Box::new(spoil));
    }

    /// From now on this is done to what the studio answers about a story, by its title.
    pub(in crate::flows) fn studio(
        &self,
        mut tamper: impl FnMut(&str, &str, &mut Value) + Send + 'static,
    ) {
        self.spoil(move |call, reply| {
            let title = &call.arguments["trend"]["title"];
            let title = title.as_str().or(call.arguments["title"].as_str());
            if let (Some(reply), Some(title)) = (reply, title) {
                tamper(call.tool.as_str(), title, &mut reply.structured);
            }
            None
        });
    }

    pub(in crate::flows) fn mute_feeds(&self, mute: bool) {
        *self.outside.mute_feeds.lock().unwrap() = mute;
    }

    /// Every call of this tool so far.
    pub(in crate::flows) fn calls(&self, tool: &str) -> Vec<ToolCall> {
        let calls = self.outside.calls.lock().unwrap();
        calls.iter().filter(|c| c.tool == tool).cloned().collect()
    }

    /// Every post that was sent, in the words that were sent.
    pub(in crate::flows) fn sent(&self) -> Vec<String> {
        let sent = self.calls("post_content").into_iter();
        sent.map(|call| call.arguments["text_content"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(in crate::flows) async fn tickets(&self) -> Vec<TicketCard> {
        let mut cards = Vec::new();
        for row in self.store.review_queue(&ALL).await.unwrap().rows {
            cards.push(self.store.ticket_card(row.id).await.unwrap().unwrap());
        }
        cards
    }

    /// The one ticket that waits.
    pub(in crate::flows) async fn ticket(&self) -> TicketCard {
        let mut waiting = self.tickets().await;
        assert_eq!(waiting.len(), 1, "{:?}", self.tasks().await);
        waiting.remove(0)
    }

    pub(in crate::flows) async fn decide(
        &self,
        card: &TicketCard,
        choice: Choice,
    ) -> Outcome<Decided> {
        let decide = Decide {
            ticket_id: card.row.id,
            version: card.row.version,
            content_hash: card.content_hash,
            choice,
            actor: "ana".to_owned(),
        };
        self.store.decide_ticket(&decide).await.unwrap()
    }

    pub(in crate::flows) async fn approve(&self, card: &TicketCard) -> Outcome<Decided> {
        self.decide(card, Choice::Approve).await
    }

    pub(in crate::flows) async fn reject(&self, card: &TicketCard) -> Outcome<Decided> {
        let class = RejectClass::OffBrand;
        let note = String::new();
        self.decide(card, Choice::Reject { class, note }).await
    }

    pub(in crate::flows) async fn tasks(&self) -> Vec<TaskRow> {
        self.store.task_list(&ALL, None).await.unwrap().rows
    }

    /// Where the tasks with this name stand.
    pub(in crate::flows) async fn states(&self, node: &str) -> Vec<TaskState> {
        let rows = self.tasks().await.into_iter();
        rows.filter(|row| row.node.as_str() == node)
            .map(|row| row.state)
            .collect()
    }

    pub(in crate::flows) async fn overview(&self) -> Overview {
        self.store.overview().await.unwrap()
    }

    /// Whether an alert with this code is open.
    pub(in crate::flows) async fn alerts(&self, code: &str) -> Vec<String> {
        let rows = self.store.alerts(&ALL).await.unwrap().rows.into_iter();
        rows.filter(|row| row.code.as_str() == code)
            .map(|row| row.text.as_str().to_owned())
            .collect()
    }
}

fn line(stories: &[Story]) -> String {
    let items: Vec<Value> = stories
        .iter()
        .map(|(title, summary)| {
            json!({"id": title, "title": title, "summary": summary, "link": "https://example.org/1"})
        })
        .collect();
    json!({"at": "2026-11-20T09:00:00Z", "items": items}).to_string()
}

fn hub(config: &Config, journal: &Path, ambient: &Ambient) -> Arc<Hub> {
    let servers = Servers {
        feeds: &config.feeds,
        journal,
        ambient,
    };
    compose::hub(&servers, &config.servers, Vec::new()).unwrap()
}

async fn lease(store: &SqliteStore, pid: u32) -> Lease {
    let request = LeaseRequest {
        holder: "test".to_owned(),
        host: "test".to_owned(),
        pid,
        known_dead_pid: Some(pid - 1),
        ttl: Span::from_hours(24 * 365),
    };
    match store.acquire_lease(&request).await.unwrap() {
        Acquired::Ours(lease) => lease,
        Acquired::Held(owner) => panic!("held by {owner:?}"),
    }
}

async fn roles(
    store: &Arc<SqliteStore>,
    outside: &Arc<Outside>,
    config: &Config,
    ambient: &Ambient,
    lease: &Lease,
) -> Lockstep {
    let policy = config.policy_at(ambient.now());
    let world = outside.world.clone();
    let mut swarm = compose::swarm(
        store.clone(),
        world,
        config,
        policy,
        chimera_swarm::treasurer::Treasury::default(),
        ambient.clone(),
    );
    swarm.tools = outside.clone();
    swarm.resources = outside.clone();
    swarm.lockstep(lease).await.unwrap()
}
