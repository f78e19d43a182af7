//! A fresh database with a clock to move, and the steps most promises begin with.

use std::sync::{Arc, Mutex};

use chimera_domain::{
    Ambient, Outcome, Span, StoreError,
    campaign::Campaign,
    effect::{SendOrder, Settlement},
    ids::{TaskId, TicketId},
    mode::{self, Mode, ModeChange, ModeScope},
    plan::{Node, TaskGraph},
    ports::{Acquired, Lease, PlanDecision, Planned, PolicyDesk, Setup, Store},
    resource::{Poll, Resource, ResourceSpec},
    signal::Signal,
    task::{ClaimedTask, TaskKind},
    testing::{self, ManualClock},
    ticket::{Choice, Decided},
    verdict::{Case, Route},
    views::{CampaignRow, PageRequest, TicketCard},
};

use super::fixtures::{
    CAPS, LEASE, TIMES, call, campaign, decide, done, item, lease_request, persona, policy,
    relevance, submission, verdict,
};

/// The three modes that decide about a campaign: of its server, its agent and its own.
#[must_use]
pub fn scopes_of(campaign: &CampaignRow) -> [ModeScope; 3] {
    [
        ModeScope::Server(campaign.server.to_string()),
        ModeScope::Agent(campaign.agent_id),
        ModeScope::Campaign(campaign.id),
    ]
}

/// What must be typed to let a scope go live.
#[must_use]
pub fn typed_for(campaigns: &[CampaignRow], scope: &ModeScope) -> String {
    let concerned = campaigns.iter().filter(|c| scopes_of(c).contains(scope));
    mode::confirmation(
        concerned.map(|c| mode::place(c.account.as_str(), c.channel, c.server.as_str())),
    )
}

/// Opens the same database once more; in memory it gives the one there is.
pub type Opener = Arc<dyn Fn(Ambient) -> Arc<dyn Backend> + Send + Sync>;

/// What a backend is: the swarm's store, and what only people do.
pub trait Backend: Store + PolicyDesk {}

impl<T: Store + PolicyDesk> Backend for T {}

/// A backend under test.
pub struct Harness {
    store: Mutex<Option<Arc<dyn Backend>>>,
    opener: Opener,
    /// The store's time.
    pub clock: Arc<ManualClock>,
    /// The store's time and ids.
    pub ambient: Ambient,
}

impl std::fmt::Debug for Harness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Harness")
    }
}

impl Harness {
    /// Opens a fresh database.
    #[must_use]
    pub fn new(opener: Opener) -> Self {
        let (ambient, clock) = testing::ambient(1);
        Self {
            store: Mutex::new(Some(opener(ambient.clone()))),
            opener,
            clock,
            ambient,
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        self.store.lock().unwrap().clone().unwrap()
    }

    /// What only people do there.
    #[must_use]
    pub fn people(&self) -> Arc<dyn PolicyDesk> {
        self.store.lock().unwrap().clone().unwrap()
    }

    /// Closes the database and opens it again, as after a restart.
    pub fn reopen(&self) {
        let mut store = self.store.lock().unwrap();
        *store = None;
        *store = Some((self.opener)(self.ambient.clone()));
    }

    /// One more store on the same database.
    #[must_use]
    pub fn another(&self) -> Arc<dyn Store> {
        (self.opener)(self.ambient.clone())
    }

    /// A persona, a campaign, a resource and a policy.
    #[must_use]
    pub fn setup(&self) -> Setup {
        Setup {
            personas: vec![persona()],
            campaigns: vec![campaign("main")],
            resources: vec![ResourceSpec {
                server: "feeds".into(),
                uri: "feed://news".into(),
                interval: Span::from_mins(5),
                age_max: Some(Span::from_hours(24)),
            }],
            policy: policy(),
            simulated_servers: vec![],
        }
    }

    /// Installs the setup, lets everything go live and takes the lease; its fence.
    pub async fn begin(&self) -> i64 {
        self.store().install(&self.setup()).await.unwrap();
        self.go_live().await;
        self.lease(1).await.fence
    }

    /// Lets every campaign go live that does not publish through a stand-in.
    pub async fn go_live(&self) {
        let campaigns = self.store().overview().await.unwrap().campaigns;
        for campaign in &campaigns {
            for scope in scopes_of(campaign) {
                let typed = typed_for(&campaigns, &scope);
                let changed = self.set_mode(scope, Mode::Live, &typed).await;
                assert!(
                    campaign.simulated && !campaign.dry || matches!(changed, Ok(Outcome::Done(..))),
                    "{changed:?}"
                );
            }
        }
    }

    /// Changes a mode.
    ///
    /// # Errors
    /// As the store says.
    pub async fn set_mode(
        &self,
        scope: ModeScope,
        mode: Mode,
        typed: &str,
    ) -> Result<Outcome<u64>, StoreError> {
        let change = ModeChange {
            scope,
            mode,
            confirmed: typed.to_owned(),
            actor: "ana".into(),
            why: "a test".into(),
        };
        self.store().set_mode(&change).await
    }

    /// Takes the lease for a process.
    pub async fn lease(&self, pid: u32) -> Lease {
        match self
            .store()
            .acquire_lease(&lease_request(pid))
            .await
            .unwrap()
        {
            Acquired::Ours(lease) => lease,
            Acquired::Held(owner) => panic!("held by {owner:?}"),
        }
    }

    /// The only resource.
    pub async fn resource(&self) -> Resource {
        let due = self.store().due_resources(10).await.unwrap();
        due.into_iter().next().expect("a due resource")
    }

    /// Perceives items by key; the signals that wait.
    pub async fn perceive(&self, keys: &[&str]) -> Vec<(Signal, Campaign)> {
        let resource = self.resource().await;
        let poll = Poll::Read {
            note: None,
            items: keys.iter().map(|key| item(key)).collect(),
            cursor: Some("1".into()),
            next_poll_at: self.ambient.now(),
        };
        done(self.store().commit_poll(&resource, poll).await.unwrap());
        self.store().next_signals(500).await.unwrap()
    }

    /// A node of a plan.
    #[must_use]
    pub fn node(&self, name: &str, after: &[&str]) -> Node {
        let mut spec = testing::task_spec();
        if name == "publish" {
            spec.kind = TaskKind::Publish;
            spec.modality = None;
        }
        Node {
            id: TaskId::from_uuid(self.ambient.fresh()),
            name: name.into(),
            spec,
            after: after.iter().map(|&a| a.to_owned()).collect(),
        }
    }

    /// A plan of one node that publishes.
    #[must_use]
    pub fn short_plan(&self) -> TaskGraph {
        TaskGraph::new("short", vec![self.node("publish", &[])]).unwrap()
    }

    /// Plans a signal.
    pub async fn plan(&self, signal: &Signal, graph: TaskGraph) -> Planned {
        let decision = PlanDecision::Plan {
            graph,
            lock: persona().lock(),
            caps: CAPS,
        };
        done(
            self.store()
                .commit_plan(signal, Some(relevance()), decision)
                .await
                .unwrap(),
        )
    }

    /// Perceives one thing and plans it as one publishing task.
    pub async fn pending(&self, key: &str) -> TaskId {
        let signals = self.perceive(&[key]).await;
        let (signal, _) = signals
            .iter()
            .find(|(s, _)| s.item.key == key)
            .expect("the signal");
        let graph = self.short_plan();
        let id = graph.nodes()[0].id;
        self.plan(signal, graph).await;
        id
    }

    /// Claims the next task.
    pub async fn claim(&self, fence: i64) -> ClaimedTask {
        let claimed = self.store().claim_task(fence, LEASE).await.unwrap();
        claimed.expect("a task to claim")
    }

    /// A task in review that proposes this text.
    pub async fn in_review(&self, fence: i64, text: &str) -> Case {
        self.pending(text).await;
        let work = self.claim(fence).await;
        let result = submission(Some(call(text)));
        done(
            self.store()
                .submit_result(&work.claim, result)
                .await
                .unwrap(),
        );
        let case = self.store().next_case().await.unwrap().expect("a case");
        assert_eq!(case.post().text, text);
        case
    }

    /// A task that a person is asked about.
    pub async fn ticketed(&self, fence: i64, text: &str) -> TicketCard {
        let case = self.in_review(fence, text).await;
        let ticket = self.judge(&case, Route::HitlQueue).await.expect("a ticket");
        self.card(ticket).await
    }

    /// Records a verdict.
    pub async fn judge(&self, case: &Case, route: Route) -> Option<TicketId> {
        let verdict = verdict(route, case.call.content_hash());
        done(
            self.store()
                .commit_verdict(case.task.id, case.task.version, &verdict, TIMES)
                .await
                .unwrap(),
        )
    }

    /// A ticket.
    pub async fn card(&self, ticket: TicketId) -> TicketCard {
        self.store()
            .ticket_card(ticket)
            .await
            .unwrap()
            .expect("a ticket")
    }

    /// Decides a ticket as it is shown.
    pub async fn decide(&self, card: &TicketCard, choice: Choice, actor: &str) -> Outcome<Decided> {
        self.store()
            .decide_ticket(&decide(card, choice, actor))
            .await
            .unwrap()
    }

    /// An effect whose fuse has burnt down, approved by the judge alone.
    pub async fn due_effect(&self, fence: i64, text: &str) {
        let case = self.in_review(fence, text).await;
        self.judge(&case, Route::Approve).await;
        self.clock.advance(TIMES.fuse);
    }

    /// Writes down that an effect landed.
    pub async fn confirm(&self, order: &SendOrder) {
        let landed = Settlement::Confirmed(super::executor::receipt());
        let store = self.store();
        let settled = store.settle_effect(order.effect_id, order.version, landed);
        done(settled.await.unwrap());
    }

    /// The state of a task, in words.
    pub async fn state(&self, task: TaskId) -> String {
        let page = self
            .store()
            .task_list(&PageRequest::first(200), None)
            .await
            .unwrap();
        let row = page
            .rows
            .iter()
            .find(|row| row.id == task)
            .expect("the task");
        row.state.to_string()
    }

    /// How many open alerts there are with this code, and how often the first was raised.
    pub async fn alerts(&self, code: &str) -> (usize, u64) {
        let page = self.store().alerts(&PageRequest::first(200)).await.unwrap();
        let of: Vec<_> = page
            .rows
            .iter()
            .filter(|a| a.code.as_str() == code)
            .collect();
        (of.len(), of.first().map_or(0, |a| a.count))
    }
}
