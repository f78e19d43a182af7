//! The desk's verbs: what the faces show, and what people decide.
//!
//! `queue.rs`, `lists.rs`, `tasks.rs`, `fleet.rs`, `links.rs`, `record.rs` and `settings.rs` and `trends.rs` are the pages, `card.rs` one ticket,
//! `asked.rs` and `answer.rs` payments among the tickets, `payments.rs` all of them,
//! `probes.rs` the texts that are known to be bad, `overview.rs` and `measures.rs` the whole house, `reviewers.rs` and `calibration.rs` what people answered, `decide.rs`, `wait.rs` and `halt.rs` what a person does,
//! `in_flight.rs` the proof of a halt, `handover.rs` the note for whoever comes next. All outside text leaves here as `Safe`.

mod answer;
mod asked;
mod calibration;
mod card;
mod decide;
mod filter;
mod fleet;
mod halt;
mod handover;
mod in_flight;
mod links;
mod lists;
mod measures;
mod overview;
mod page;
mod payments;
pub(super) mod probes;
mod queue;
pub(super) mod record;
pub(super) mod reviewers;
mod settings;
mod tasks;
mod terms;
pub(super) mod trends;
mod wait;

pub(super) use self::{decide::open_again, halt::halt, wait::wake};

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, Span, StateVersion, Timestamp,
    artifact::Blob,
    effect::Resolution,
    halt::{Halt, Scope, Stage},
    ids::{AlertId, EffectId, PaymentId, PublicationId, SignalId, TaskId, TicketId, TraceId},
    mode::ModeChange,
    ports::{DeskStore, Result},
    resource::ResourceHealth,
    signal::Said,
    ticket::{Decide, Decided},
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, HaltReport, Judged, LedgerRow, LinkRow,
        Measures, Overview, Page, PageRequest, PaymentRow, PersonaRow, PublicationRow, ReachRow,
        ReviewerRow, Series, SettingRow, SignalRow, StepRow, TaskHistory, TaskRow, TicketCard,
        TicketRow, handover::Handover,
    },
};

use super::{
    SqliteStore, lessons, modes,
    payments::{people, reconcile},
    replay::history,
    resolve, withdraw,
};

macro_rules! page {
    ($self:ident, $doing:literal, $page:ident, $list:expr) => {{
        let page = $page.clone();
        $self.read($doing, move |db| $list(db, &page)).await
    }};
}

#[async_trait]
impl DeskStore for SqliteStore {
    async fn overview(&self) -> Result<Overview> {
        self.read("read the overview", overview::read).await
    }

    async fn signal_feed(&self, page: &PageRequest) -> Result<Page<SignalRow>> {
        page!(self, "read the trend feed", page, lists::trends)
    }

    async fn say_of_signal(
        &self,
        signal: SignalId,
        version: StateVersion,
        said: Said,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("say something of a signal", move |db| {
            lessons::say(db, signal, version, said, &actor)
        })
        .await
    }

    async fn task_list(&self, page: &PageRequest, trace: Option<TraceId>) -> Result<Page<TaskRow>> {
        let page = page.clone();
        self.read("read the tasks", move |db| tasks::by_plan(db, &page, trace))
            .await
    }

    async fn review_queue(&self, page: &PageRequest) -> Result<Page<TicketRow>> {
        page!(self, "read the review queue", page, queue::read)
    }

    async fn ticket_card(&self, ticket: TicketId) -> Result<Option<TicketCard>> {
        self.read("read a ticket", move |db| card::read(db, ticket))
            .await
    }

    async fn ledger(&self, page: &PageRequest) -> Result<Page<LedgerRow>> {
        page!(self, "read the ledger", page, lists::ledger)
    }

    async fn payment_list(&self, page: &PageRequest) -> Result<Page<PaymentRow>> {
        page!(self, "read the payments", page, payments::read)
    }

    async fn break_list(&self, page: &PageRequest) -> Result<Page<BreakRow>> {
        page!(self, "read what does not fit", page, payments::breaks)
    }

    async fn close_break(&self, id: i64, actor: &str, why: &str) -> Result<Outcome<()>> {
        let (actor, why) = (actor.to_owned(), why.to_owned());
        self.write("close a break", move |db| {
            reconcile::close(db, id, &actor, &why)
        })
        .await
    }

    async fn write_off_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>> {
        let (actor, why) = (actor.to_owned(), why.to_owned());
        self.write("write a payment off", move |db| {
            people::write_off(db, payment, version, &actor, &why)
        })
        .await
    }

    async fn publications(&self, page: &PageRequest) -> Result<Page<PublicationRow>> {
        page!(self, "read the publications", page, lists::publications)
    }

    async fn alerts(&self, page: &PageRequest) -> Result<Page<AlertRow>> {
        page!(self, "read the alerts", page, lists::alerts)
    }

    async fn acknowledge_alert(&self, alert: AlertId, actor: &str) -> Result<bool> {
        let actor = actor.to_owned();
        self.write("acknowledge an alert", move |db| {
            db.acknowledge_alert(alert, &actor)
        })
        .await
    }

    async fn fleet(&self, page: &PageRequest) -> Result<Page<AgentRow>> {
        page!(self, "read the fleet", page, fleet::read)
    }

    async fn tasks(&self, page: &PageRequest) -> Result<Page<TaskRow>> {
        page!(self, "read the newest tasks", page, tasks::newest)
    }

    async fn audit(&self, page: &PageRequest) -> Result<Page<AuditRow>> {
        page!(self, "read the audit", page, record::audit)
    }

    async fn walk(&self, trace: TraceId, page: &PageRequest) -> Result<Page<StepRow>> {
        let page = page.clone();
        self.read("read a walk", move |db| record::walk(db, trace, &page))
            .await
    }

    async fn links(&self, page: &PageRequest) -> Result<Page<LinkRow>> {
        page!(self, "read the servers", page, links::read)
    }

    async fn personas(&self, page: &PageRequest) -> Result<Page<PersonaRow>> {
        page!(self, "read the personas", page, settings::personas)
    }

    async fn settings(&self, page: &PageRequest) -> Result<Page<SettingRow>> {
        page!(self, "read the settings", page, settings::read)
    }

    async fn series(&self, since: Timestamp, step: Span) -> Result<Series> {
        self.read("measure over time", move |db| {
            measures::series(db, since, step)
        })
        .await
    }

    async fn resource_health(&self, page: &PageRequest) -> Result<Page<ResourceHealth>> {
        page!(self, "read the resources", page, lists::resources)
    }

    async fn measures(&self, since: Timestamp) -> Result<Measures> {
        self.read("measure", move |db| measures::read(db, since))
            .await
    }

    async fn handover(&self, actor: &str, since: Option<Timestamp>) -> Result<Handover> {
        let actor = actor.to_owned();
        self.read("make a hand-over note", move |db| {
            handover::read(db, &actor, since)
        })
        .await
    }

    async fn reviewers(&self, since: Timestamp) -> Result<Vec<ReviewerRow>> {
        self.read("read what the reviewers did", move |db| {
            reviewers::read(db, since)
        })
        .await
    }

    async fn judged(&self, since: Timestamp) -> Result<Judged> {
        self.read("read what people answered", move |db| {
            calibration::read(db, since)
        })
        .await
    }

    async fn media(&self, sha256: ContentHash) -> Result<Option<Blob>> {
        self.read("read a blob", move |db| db.blob(sha256)).await
    }

    async fn look_at_ticket(&self, ticket: TicketId, actor: &str) -> Result<()> {
        let actor = actor.to_owned();
        self.beat("look at a ticket", move |db| wait::look(db, ticket, &actor))
            .await
    }

    async fn decide_ticket(&self, decide: &Decide) -> Result<Outcome<Decided>> {
        let decide = decide.clone();
        self.write("decide a ticket", move |db| {
            decide::decide(db, &decide, false)
        })
        .await
    }

    async fn decide_tickets(&self, decides: &[Decide]) -> Result<Vec<Outcome<Decided>>> {
        let decides = decides.to_vec();
        self.write("decide several tickets", move |db| {
            decides
                .iter()
                .map(|one| decide::decide(db, one, true))
                .collect()
        })
        .await
    }

    async fn undo_decision(
        &self,
        ticket: TicketId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("undo a decision", move |db| {
            decide::undo(db, ticket, version, &actor)
        })
        .await
    }

    async fn open_effects(&self, page: &PageRequest) -> Result<Page<EffectRow>> {
        page!(self, "read the open effects", page, lists::effects)
    }

    async fn resolve_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        resolution: Resolution,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("resolve an effect", move |db| {
            resolve::resolve(db, effect, version, &resolution, &actor)
        })
        .await
    }

    async fn withdraw(
        &self,
        publication: PublicationId,
        why: &str,
        actor: &str,
    ) -> Result<Outcome<EffectId>> {
        let (why, actor) = (why.to_owned(), actor.to_owned());
        self.write("order a withdrawal", move |db| {
            withdraw::order(db, publication, &why, &actor)
        })
        .await
    }

    async fn withdrawn_by_hand(
        &self,
        publication: PublicationId,
        why: &str,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let (why, actor) = (why.to_owned(), actor.to_owned());
        self.write("note a withdrawal", move |db| {
            withdraw::by_hand(db, publication, &why, &actor)
        })
        .await
    }

    async fn halt(&self, scope: Scope, halt: Halt, actor: &str, why: &str) -> Result<Outcome<u64>> {
        let (actor, why) = (actor.to_owned(), why.to_owned());
        self.write("halt", move |db| halt::halt(db, &scope, halt, &actor, &why))
            .await
    }

    async fn resume(&self, scope: Scope, actor: &str) -> Result<Outcome<u64>> {
        let actor = actor.to_owned();
        self.write("resume", move |db| halt::resume(db, &scope, &actor))
            .await
    }

    async fn resume_stage(&self, stage: Stage, actor: &str) -> Result<Outcome<u64>> {
        let actor = actor.to_owned();
        self.write("resume a stage", move |db| {
            halt::resume_stage(db, stage, &actor)
        })
        .await
    }

    async fn halt_reports(&self) -> Result<Vec<HaltReport>> {
        self.read("read the halts", in_flight::reports).await
    }

    async fn set_mode(&self, change: &ModeChange) -> Result<Outcome<u64>> {
        let change = change.clone();
        self.write("set a mode", move |db| modes::set(db, &change))
            .await
    }

    async fn reaches(&self) -> Result<Vec<ReachRow>> {
        self.read("read the modes", modes::list).await
    }

    async fn leaving(&self, limit: u32) -> Result<Vec<EffectRow>> {
        self.read("find what leaves next", move |db| {
            in_flight::leaving(db, limit)
        })
        .await
    }

    async fn task_history(&self, task: TaskId) -> Result<Option<TaskHistory>> {
        self.read("read the past of a task", move |db| history::read(db, task))
            .await
    }

    async fn task_version(&self, task: TaskId) -> Result<Option<StateVersion>> {
        self.read("read a task's version", move |db| {
            Ok(db.task_head(task)?.map(|head| head.version))
        })
        .await
    }

    async fn replay_task(
        &self,
        task: TaskId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("replay a task", move |db| {
            decide::replay(db, task, version, &actor)
        })
        .await
    }
}
