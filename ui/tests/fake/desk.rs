//! A desk that answers from memory, for the example and the pty tests. It stores nothing anywhere.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chimera_domain::{
    Clock, Conflict, ContentHash, Outcome, Safe, Span, StateVersion, StoreError, Timestamp,
    artifact::Blob,
    effect::{EffectState, Resolution},
    goal::{Launch, Launched, Preview, Proposal, Tree},
    halt::{Halt, Scope, Stage},
    ids::{
        AlertId, CampaignId, EffectId, MuteId, PaymentId, ProposalId, PublicationId, SignalId,
        TaskId, TicketId, TraceId, TrendId,
    },
    mode::ModeChange,
    ports::{BellStore, BooksStore, DeskStore, GoalStore, Hindsight, Result, TrendStore},
    signal::Said,
    ticket::{Choice, Decide, Decided, TicketState},
    trend::{ConvertFor, NewMute, TrendState},
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, FirstApproval, Fuse, HaltReport,
        HaltedBy, Judged, LedgerRow, LinkRow, Measures, MuteRow, Overview, Page, PageRequest,
        PaymentRow, PersonaRow, PublicationRow, ReachRow, ReviewerRow, Series, SettingRow,
        SignalRow, StepRow, TaskHistory, TaskRow, TicketCard, TicketRow, TrendRow, Weighing,
        books::{Books, Budget},
        handover::Handover,
        headroom::Headroom,
        journal::{Booked, BookedSubject, BooksEnd, WhyPaid},
    },
};
use tokio::sync::watch;

use chimera_domain::resource::ResourceHealth;

use crate::data::World;

pub(crate) struct FakeDesk {
    world: Mutex<World>,
    clock: Arc<dyn Clock>,
    seq: watch::Sender<u64>,
    fuses: Mutex<Vec<(TicketId, Timestamp)>>,
}

fn page<T: Clone>(rows: &[T], asked: &PageRequest, text: impl Fn(&T) -> String) -> Page<T> {
    let words: Vec<_> = asked
        .filter
        .to_lowercase()
        .split(' ')
        .map(String::from)
        .collect();
    let found: Vec<T> = rows
        .iter()
        .filter(|r| {
            words
                .iter()
                .all(|w| text(r).to_lowercase().contains(w.as_str()))
        })
        .cloned()
        .collect();
    let offset = usize::try_from(asked.offset).unwrap_or(0);
    let limit = usize::try_from(asked.limit).unwrap_or(0);
    Page {
        total: u64::try_from(found.len()).unwrap_or(0),
        rows: found.into_iter().skip(offset).take(limit).collect(),
    }
}

impl FakeDesk {
    pub(crate) fn new(world: World, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(world),
            clock,
            seq: watch::channel(1).0,
            fuses: Mutex::new(Vec::new()),
        })
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fuses(&self) -> MutexGuard<'_, Vec<(TicketId, Timestamp)>> {
        self.fuses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        self.seq.send_modify(|n| *n += 1);
    }

    /// Lets one more ticket come.
    pub(crate) fn arrive(&self, nth: u128) {
        let mut world = self.world();
        if let Some(mut card) = world.cards.first().cloned() {
            card.row.id = TicketId::from_uuid(chimera_domain::testing::uuid_of(0xa000 + nth));
            card.row.created_at = self.clock.now();
            world.cards.push(card);
        }
        drop(world);
        self.ring();
    }

    fn take_down(&self, publication: PublicationId, why: &str) {
        let at = self.clock.now();
        let mut world = self.world();
        for row in world
            .publications
            .iter_mut()
            .filter(|r| r.id == publication)
        {
            row.withdrawn = Some((at, Safe::line(why)));
        }
        drop(world);
        self.ring();
    }

    fn move_trend(&self, id: TrendId, version: StateVersion, to: TrendState) -> Outcome<()> {
        let mut world = self.world();
        let Some(row) = world.grouped.iter_mut().find(|row| row.id == id) else {
            return Outcome::NotFound;
        };
        row.state = to;
        row.version = version.next();
        drop(world);
        self.ring();
        Outcome::Done((), version.next())
    }

    /// Lets what is held go out when its fuse has burnt down.
    fn burn(&self) {
        let now = self.clock.now();
        let mut fuses = self.fuses();
        for (ticket, _) in fuses.iter().filter(|(_, until)| *until <= now) {
            let mut world = self.world();
            if let Some(card) = world.cards.iter_mut().find(|c| c.row.id == *ticket) {
                card.effect = Some(EffectState::Confirmed);
                card.published = Some(Safe::line("https://fake.invalid/status/1"));
            }
        }
        fuses.retain(|(_, until)| *until > now);
    }
}

#[async_trait]
impl DeskStore for FakeDesk {
    async fn overview(&self) -> Result<Overview> {
        self.burn();
        let world = self.world();
        let waiting = || world.cards.iter().filter(|c| c.row.state.is_waiting());
        let fuses = self.fuses();
        Ok(Overview {
            tickets_waiting: u64::try_from(waiting().count()).unwrap_or(0),
            oldest_ticket_at: waiting().map(|c| c.row.created_at).min(),
            fuses: fuses
                .iter()
                .filter_map(|(ticket, until)| {
                    let card = world.cards.iter().find(|c| c.row.id == *ticket)?;
                    Some(Fuse {
                        effect_id: Some(EffectId::from_uuid(chimera_domain::testing::uuid_of(1))),
                        ticket_id: Some(*ticket),
                        ticket_version: Some(card.row.version),
                        until: *until,
                        label: card.row.text.clone(),
                    })
                })
                .collect(),
            ..world.overview.clone()
        })
    }

    async fn signal_feed(&self, asked: &PageRequest) -> Result<Page<SignalRow>> {
        Ok(page(&self.world().trends, asked, |r| r.title.to_string()))
    }

    async fn say_of_signal(
        &self,
        signal: SignalId,
        version: StateVersion,
        said: Said,
        _: &str,
    ) -> Result<Outcome<()>> {
        let mut world = self.world();
        let Some(row) = world.trends.iter_mut().find(|r| r.id == signal) else {
            return Ok(Outcome::NotFound);
        };
        (row.said, row.version) = (Some(said), version.next());
        Ok(Outcome::Done((), row.version))
    }

    async fn task_list(&self, asked: &PageRequest, _: Option<TraceId>) -> Result<Page<TaskRow>> {
        Ok(page(&self.world().tasks, asked, |r| {
            format!("{} {}", r.node, r.title)
        }))
    }

    async fn review_queue(&self, asked: &PageRequest) -> Result<Page<TicketRow>> {
        let world = self.world();
        let rows: Vec<_> = world
            .cards
            .iter()
            .map(|c| c.row.clone())
            .filter(|r| r.state.is_waiting())
            .collect();
        Ok(page(&rows, asked, |r| format!("{} {}", r.text, r.account)))
    }

    async fn ticket_card(&self, ticket: TicketId) -> Result<Option<TicketCard>> {
        self.burn();
        Ok(self
            .world()
            .cards
            .iter()
            .find(|c| c.row.id == ticket)
            .cloned())
    }

    async fn ledger(&self, asked: &PageRequest) -> Result<Page<LedgerRow>> {
        Ok(page(&self.world().ledger, asked, |r| r.memo.to_string()))
    }

    async fn payment_list(&self, asked: &PageRequest) -> Result<Page<PaymentRow>> {
        Ok(page(&self.world().payments, asked, |r| r.memo.to_string()))
    }

    async fn break_list(&self, asked: &PageRequest) -> Result<Page<BreakRow>> {
        Ok(page(&self.world().breaks, asked, |r| r.detail.to_string()))
    }

    async fn close_break(&self, id: i64, actor: &str, why: &str) -> Result<Outcome<()>> {
        let at = self.clock.now();
        let mut world = self.world();
        let Some(row) = world.breaks.iter_mut().find(|row| row.id == id) else {
            return Ok(Outcome::NotFound);
        };
        row.closed = Some((Safe::line(actor), at, Safe::line(why)));
        Ok(Outcome::Done((), StateVersion::FIRST))
    }

    async fn write_off_payment(
        &self,
        _: PaymentId,
        _: StateVersion,
        _: &str,
        _: &str,
    ) -> Result<Outcome<()>> {
        // The console has no key for it: it takes a look at the chain.
        Ok(Outcome::NotFound)
    }

    async fn publications(&self, asked: &PageRequest) -> Result<Page<PublicationRow>> {
        Ok(page(&self.world().publications, asked, |r| {
            r.text.to_string()
        }))
    }

    async fn fleet(&self, asked: &PageRequest) -> Result<Page<AgentRow>> {
        Ok(page(&self.world().agents, asked, |r| r.slug.to_string()))
    }

    async fn tasks(&self, asked: &PageRequest) -> Result<Page<TaskRow>> {
        Ok(page(&self.world().all_tasks, asked, |r| {
            format!("{} {} {}", r.node, r.title, r.state)
        }))
    }

    async fn audit(&self, asked: &PageRequest) -> Result<Page<AuditRow>> {
        Ok(page(&self.world().audit, asked, |r| {
            format!("{} {} {}", r.actor, r.subject, r.verb)
        }))
    }

    async fn walk(&self, _: TraceId, asked: &PageRequest) -> Result<Page<StepRow>> {
        Ok(page(&self.world().steps, asked, |r| r.what.to_string()))
    }

    async fn links(&self, asked: &PageRequest) -> Result<Page<LinkRow>> {
        Ok(page(&self.world().links, asked, |r| match r {
            LinkRow::Server(server) => server.name.to_string(),
            LinkRow::Resource(resource) => resource.uri.to_string(),
        }))
    }

    async fn personas(&self, asked: &PageRequest) -> Result<Page<PersonaRow>> {
        Ok(page(&self.world().personas, asked, |r| r.slug.to_string()))
    }

    async fn settings(&self, asked: &PageRequest) -> Result<Page<SettingRow>> {
        Ok(page(&self.world().settings, asked, |r| r.name.to_string()))
    }

    async fn series(&self, _: Timestamp, _: Span) -> Result<Series> {
        Ok(self.world().measures.1.clone())
    }

    async fn reviewers(&self, _: Timestamp) -> Result<Vec<ReviewerRow>> {
        Ok(self.world().reviewers.clone())
    }

    async fn judged(&self, _: Timestamp) -> Result<Judged> {
        Ok(self.world().judged.clone())
    }

    async fn resource_health(&self, _: &PageRequest) -> Result<Page<ResourceHealth>> {
        Ok(Page::default())
    }

    async fn task_history(&self, task: TaskId) -> Result<Option<TaskHistory>> {
        Ok(Some(crate::data::past(&self.world(), task)))
    }

    async fn task_version(&self, _: TaskId) -> Result<Option<StateVersion>> {
        Ok(None)
    }

    async fn alerts(&self, asked: &PageRequest) -> Result<Page<AlertRow>> {
        Ok(page(&self.world().alerts, asked, |r| r.text.to_string()))
    }

    async fn open_effects(&self, asked: &PageRequest) -> Result<Page<EffectRow>> {
        Ok(page(&self.world().effects, asked, |r| r.text.to_string()))
    }

    async fn resolve_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        _: Resolution,
        _: &str,
    ) -> Result<Outcome<()>> {
        self.world().effects.retain(|r| r.id != effect);
        self.ring();
        Ok(Outcome::Done((), version.next()))
    }

    async fn acknowledge_alert(&self, alert: AlertId, _: &str) -> Result<bool> {
        let mut world = self.world();
        let before = world.alerts.len();
        world.alerts.retain(|r| r.id != alert);
        Ok(world.alerts.len() < before)
    }

    async fn measures(&self, _: Timestamp) -> Result<Measures> {
        Ok(self.world().measures.0.clone())
    }

    async fn handover(&self, _: &str, since: Option<Timestamp>) -> Result<Handover> {
        let house = self.overview().await?;
        Ok(self.world().handover(house, since))
    }

    async fn media(&self, _: ContentHash) -> Result<Option<Blob>> {
        Ok(None)
    }

    async fn look_at_ticket(&self, _: TicketId, _: &str) -> Result<()> {
        Ok(())
    }

    async fn decide_ticket(&self, decide: &Decide) -> Result<Outcome<Decided>> {
        let until = self.clock.now().plus(Span::from_secs(10));
        let (decided, version) = {
            let mut world = self.world();
            world.overview.last_decision_at = Some(self.clock.now());
            let Some(card) = world
                .cards
                .iter_mut()
                .find(|c| c.row.id == decide.ticket_id)
            else {
                return Ok(Outcome::NotFound);
            };
            if card.row.version != decide.version || card.content_hash != decide.content_hash {
                return Ok(Outcome::Conflict(Conflict {
                    actual: card.row.version,
                    now: card.row.state.to_string(),
                    by: Some("somebody@elsewhere".into()),
                    at: Some(self.clock.now()),
                }));
            }
            card.row.version = card.row.version.next();
            let decided = match &decide.choice {
                Choice::Approve if !card.two.is_empty() && card.row.first.is_none() => {
                    card.row.first = Some(FirstApproval {
                        by: Safe::line(&decide.actor),
                        at: self.clock.now(),
                    });
                    Decided::FirstOfTwo
                }
                Choice::Approve => {
                    card.row.state = TicketState::Approved;
                    card.effect = Some(EffectState::Held);
                    Decided::Held {
                        effect_id: EffectId::from_uuid(chimera_domain::testing::uuid_of(1)),
                        until,
                    }
                }
                Choice::Reject { .. } => {
                    card.row.state = TicketState::Rejected;
                    Decided::Rejected
                }
                Choice::Edit { text } => {
                    card.row.state = TicketState::EditedApproved;
                    if let chimera_domain::views::Asks::Post(post) = &mut card.asks {
                        post.edited = Some(Safe::block(text));
                    }
                    Decided::Edited {
                        content_hash: ContentHash::of_bytes(text.as_bytes()),
                    }
                }
                Choice::RequestChanges { .. } => {
                    card.row.state = TicketState::Rejected;
                    Decided::ChangesRequested { at: until }
                }
                Choice::Escalate { note } => {
                    card.row.state = TicketState::Escalated;
                    card.note = Safe::line(note);
                    Decided::Escalated
                }
                Choice::Snooze { until } => {
                    card.row.snoozed_until = Some(*until);
                    Decided::Snoozed { until: *until }
                }
                Choice::Assign { to } => {
                    card.row.assigned_to = Safe::line(to);
                    Decided::Assigned
                }
            };
            if card.row.state.is_waiting() {
                return Ok(Outcome::Done(decided, card.row.version));
            }
            card.decided = Some(Safe::line(&format!(
                "{} by {}",
                card.row.state, decide.actor
            )));
            (decided, card.row.version)
        };
        if matches!(decided, Decided::Held { .. }) {
            self.fuses().push((decide.ticket_id, until));
            let seq = self.seq.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(10_050)).await;
                seq.send_modify(|n| *n += 1);
            });
        }
        self.ring();
        Ok(Outcome::Done(decided, version))
    }

    async fn decide_tickets(&self, decides: &[Decide]) -> Result<Vec<Outcome<Decided>>> {
        let mut outcomes = Vec::new();
        for decide in decides {
            outcomes.push(self.decide_ticket(decide).await?);
        }
        Ok(outcomes)
    }

    async fn undo_decision(
        &self,
        ticket: TicketId,
        _: StateVersion,
        _: &str,
    ) -> Result<Outcome<()>> {
        self.fuses().retain(|(t, _)| *t != ticket);
        let mut world = self.world();
        let Some(card) = world.cards.iter_mut().find(|c| c.row.id == ticket) else {
            return Ok(Outcome::NotFound);
        };
        card.row.state = TicketState::Open;
        card.row.version = card.row.version.next();
        card.effect = None;
        card.decided = None;
        let version = card.row.version;
        drop(world);
        self.ring();
        Ok(Outcome::Done((), version))
    }

    async fn halt(&self, scope: Scope, halt: Halt, actor: &str, why: &str) -> Result<Outcome<u64>> {
        let mut world = self.world();
        let by = HaltedBy {
            by: Safe::line(actor),
            at: self.clock.now(),
            why: Safe::line(why),
        };
        world.halt(scope, halt, by);
        drop(world);
        self.ring();
        Ok(Outcome::Done(1, StateVersion::FIRST))
    }

    async fn resume(&self, scope: Scope, _: &str) -> Result<Outcome<u64>> {
        self.world().resume(&scope);
        self.ring();
        Ok(Outcome::Done(2, StateVersion::FIRST))
    }

    async fn resume_stage(&self, _: Stage, _: &str) -> Result<Outcome<u64>> {
        Ok(Outcome::NotFound)
    }

    async fn halt_reports(&self) -> Result<Vec<HaltReport>> {
        Ok(vec![])
    }

    async fn withdraw(
        &self,
        publication: PublicationId,
        why: &str,
        _: &str,
    ) -> Result<Outcome<EffectId>> {
        let effect = EffectId::from_uuid(chimera_domain::testing::uuid_of(2));
        self.take_down(publication, why);
        Ok(Outcome::Done(effect, StateVersion::FIRST))
    }

    async fn withdrawn_by_hand(
        &self,
        publication: PublicationId,
        why: &str,
        _: &str,
    ) -> Result<Outcome<()>> {
        self.take_down(publication, why);
        Ok(Outcome::Done((), StateVersion::FIRST))
    }

    async fn set_mode(&self, _: &ModeChange) -> Result<Outcome<u64>> {
        Ok(Outcome::NotFound)
    }

    async fn reaches(&self) -> Result<Vec<ReachRow>> {
        Ok(self.world().reaches.clone())
    }

    async fn leaving(&self, _: u32) -> Result<Vec<EffectRow>> {
        Ok(vec![])
    }

    async fn replay_task(&self, _: TaskId, _: StateVersion, _: &str) -> Result<Outcome<()>> {
        Ok(Outcome::NotFound)
    }
}

#[async_trait]
impl BooksStore for FakeDesk {
    async fn headroom(&self) -> Result<Headroom> {
        Ok(self.world().headroom.clone())
    }

    async fn books(&self, since: Timestamp) -> Result<Books> {
        let headroom = self.world().headroom.clone();
        Ok(Books {
            at: headroom.at,
            since,
            headroom,
            lines: vec![],
            income: vec![],
        })
    }

    async fn books_end(&self) -> Result<BooksEnd> {
        Ok(BooksEnd {
            at: self.clock.now(),
            tools: 0,
            payments: 0,
            balances: vec![],
        })
    }

    async fn booked(&self, _: Budget, _: i64, _: i64) -> Result<Vec<Booked>> {
        Ok(vec![])
    }

    async fn why_paid(&self, _: BookedSubject) -> Result<Option<WhyPaid>> {
        Ok(None)
    }
}

#[async_trait]
impl GoalStore for FakeDesk {
    async fn propose(
        &self,
        campaign: CampaignId,
        tree: &Tree,
        rules: &[String],
        actor: &str,
    ) -> Result<Outcome<ProposalId>> {
        let by = (actor, self.clock.now());
        let kept = self.world().proposals.propose(campaign, tree, rules, by);
        self.ring();
        Ok(kept)
    }

    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>> {
        Ok(self.world().proposals.get(id).cloned())
    }

    async fn open_proposals(&self) -> Result<Vec<Proposal>> {
        Ok(self.world().proposals.open())
    }

    async fn revise(
        &self,
        id: ProposalId,
        version: StateVersion,
        tree: &Tree,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let by = (actor, self.clock.now());
        let revised = self.world().proposals.revise(id, version, tree, by);
        self.ring();
        Ok(revised)
    }

    async fn discard(
        &self,
        id: ProposalId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let by = (actor, self.clock.now());
        let discarded = self.world().proposals.discard(id, version, by);
        self.ring();
        Ok(discarded)
    }

    async fn preview(&self, id: ProposalId) -> Result<Option<Preview>> {
        let world = self.world();
        Ok(world.proposals.preview(id, &world.overview.campaigns))
    }

    async fn launch(&self, launch: &Launch) -> Result<Outcome<Launched>> {
        let now = self.clock.now();
        let mut world = self.world();
        let campaigns = world.overview.campaigns.clone();
        let launched = world.proposals.launch(launch, &campaigns, now);
        drop(world);
        self.ring();
        launched.map_err(|what| StoreError::Refused { what })
    }
}

#[async_trait]
impl TrendStore for FakeDesk {
    async fn trends(&self, asked: &PageRequest) -> Result<Page<TrendRow>> {
        Ok(page(&self.world().grouped, asked, |r| r.title.to_string()))
    }

    async fn convert_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        _: &ConvertFor,
        _: &str,
    ) -> Result<Outcome<u32>> {
        Ok(self
            .move_trend(trend, version, TrendState::Converted)
            .map(|()| 1))
    }

    async fn snooze_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        _: Timestamp,
        _: &str,
    ) -> Result<Outcome<()>> {
        Ok(self.move_trend(trend, version, TrendState::Snoozed))
    }

    async fn mute_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        mute: &NewMute,
        actor: &str,
    ) -> Result<Outcome<MuteId>> {
        let id = self.mute_topic(mute, actor).await?;
        Ok(self
            .move_trend(trend, version, TrendState::Muted)
            .map(|()| id))
    }

    async fn mute_topic(&self, mute: &NewMute, actor: &str) -> Result<MuteId> {
        let mut world = self.world();
        let n = u128::try_from(world.mutes.len()).unwrap_or(0);
        let id = MuteId::from_uuid(chimera_domain::testing::uuid_of(0xf00 + n));
        world.mutes.insert(
            0,
            MuteRow {
                id,
                agent: None,
                words: Safe::line(&mute.words),
                until: mute.until,
                by: Safe::line(actor),
                at: self.clock.now(),
                lifted: None,
                in_force: true,
            },
        );
        drop(world);
        self.ring();
        Ok(id)
    }

    async fn unmute(&self, mute: MuteId, actor: &str) -> Result<Outcome<()>> {
        let now = self.clock.now();
        let mut world = self.world();
        let Some(row) = world.mutes.iter_mut().find(|row| row.id == mute) else {
            return Ok(Outcome::NotFound);
        };
        row.lifted = Some((Safe::line(actor), now));
        row.in_force = false;
        drop(world);
        self.ring();
        Ok(Outcome::Done((), StateVersion::FIRST))
    }

    async fn mute_list(&self, asked: &PageRequest) -> Result<Page<MuteRow>> {
        Ok(page(&self.world().mutes, asked, |r| r.words.to_string()))
    }
}

#[async_trait]
impl BellStore for FakeDesk {
    async fn change_seq(&self) -> Result<u64> {
        Ok(*self.seq.borrow())
    }

    async fn changed_since(&self, seq: u64, patience: Span) -> Result<u64> {
        let mut heard = self.seq.subscribe();
        let changed = heard.wait_for(|now| *now > seq);
        let _late = tokio::time::timeout(patience.to_std(), changed).await;
        Ok(*self.seq.borrow())
    }
}

#[async_trait]
impl Hindsight for FakeDesk {
    async fn weighed_since(&self, _: Timestamp) -> Result<Weighing> {
        Ok(self.world().weighing.clone())
    }
}
