//! What people ask of the store, watched by the witness.

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, Span, StateVersion, Timestamp,
    artifact::Blob,
    effect::Resolution,
    halt::{Halt, Scope, Stage},
    ids::{AlertId, EffectId, PaymentId, PublicationId, SignalId, TaskId, TicketId, TraceId},
    mode::{Mode, ModeChange},
    ports::{DeskStore, Result},
    resource::ResourceHealth,
    signal::Said,
    ticket::{Choice, Decide, Decided},
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, HaltReport, Judged, LedgerRow, LinkRow,
        Measures, Overview, Page, PageRequest, PaymentRow, PersonaRow, PublicationRow, ReachRow,
        ReviewerRow, Series, SettingRow, SignalRow, StepRow, TaskHistory, TaskRow, TicketCard,
        TicketRow, handover::Handover,
    },
};

use super::{Mutation, SimStore, block_on};
#[async_trait]
impl DeskStore for SimStore {
    async fn overview(&self) -> Result<Overview> {
        read!(self.overview())
    }

    async fn signal_feed(&self, page: &PageRequest) -> Result<Page<SignalRow>> {
        read!(self.signal_feed(page))
    }

    async fn say_of_signal(
        &self,
        signal: SignalId,
        version: StateVersion,
        said: Said,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.say_of_signal(signal, version, said, actor))
    }

    async fn task_list(&self, page: &PageRequest, trace: Option<TraceId>) -> Result<Page<TaskRow>> {
        read!(self.task_list(page, trace))
    }

    async fn review_queue(&self, page: &PageRequest) -> Result<Page<TicketRow>> {
        read!(self.review_queue(page))
    }

    async fn ticket_card(&self, ticket: TicketId) -> Result<Option<TicketCard>> {
        read!(self.ticket_card(ticket))
    }

    async fn ledger(&self, page: &PageRequest) -> Result<Page<LedgerRow>> {
        read!(self.ledger(page))
    }

    async fn payment_list(&self, page: &PageRequest) -> Result<Page<PaymentRow>> {
        read!(self.payment_list(page))
    }

    async fn break_list(&self, page: &PageRequest) -> Result<Page<BreakRow>> {
        read!(self.break_list(page))
    }

    async fn close_break(&self, id: i64, actor: &str, why: &str) -> Result<Outcome<()>> {
        plain!(self.close_break(id, actor, why))
    }

    async fn write_off_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.write_off_payment(payment, version, actor, why))
    }

    async fn publications(&self, page: &PageRequest) -> Result<Page<PublicationRow>> {
        read!(self.publications(page))
    }

    async fn alerts(&self, page: &PageRequest) -> Result<Page<AlertRow>> {
        read!(self.alerts(page))
    }

    async fn acknowledge_alert(&self, alert: AlertId, actor: &str) -> Result<bool> {
        plain!(self.acknowledge_alert(alert, actor))
    }

    async fn fleet(&self, page: &PageRequest) -> Result<Page<AgentRow>> {
        read!(self.fleet(page))
    }

    async fn tasks(&self, page: &PageRequest) -> Result<Page<TaskRow>> {
        read!(self.tasks(page))
    }

    async fn audit(&self, page: &PageRequest) -> Result<Page<AuditRow>> {
        read!(self.audit(page))
    }

    async fn walk(&self, trace: TraceId, page: &PageRequest) -> Result<Page<StepRow>> {
        read!(self.walk(trace, page))
    }

    async fn links(&self, page: &PageRequest) -> Result<Page<LinkRow>> {
        read!(self.links(page))
    }

    async fn personas(&self, page: &PageRequest) -> Result<Page<PersonaRow>> {
        read!(self.personas(page))
    }

    async fn settings(&self, page: &PageRequest) -> Result<Page<SettingRow>> {
        read!(self.settings(page))
    }

    async fn series(&self, since: Timestamp, step: Span) -> Result<Series> {
        read!(self.series(since, step))
    }

    async fn resource_health(&self, page: &PageRequest) -> Result<Page<ResourceHealth>> {
        read!(self.resource_health(page))
    }

    async fn measures(&self, since: Timestamp) -> Result<Measures> {
        read!(self.measures(since))
    }

    async fn handover(&self, actor: &str, since: Option<Timestamp>) -> Result<Handover> {
        read!(self.handover(actor, since))
    }

    async fn reviewers(&self, since: Timestamp) -> Result<Vec<ReviewerRow>> {
        read!(self.reviewers(since))
    }

    async fn judged(&self, since: Timestamp) -> Result<Judged> {
        read!(self.judged(since))
    }

    async fn media(&self, sha256: ContentHash) -> Result<Option<Blob>> {
        read!(self.media(sha256))
    }

    async fn look_at_ticket(&self, ticket: TicketId, actor: &str) -> Result<()> {
        plain!(self.look_at_ticket(ticket, actor))
    }

    async fn decide_ticket(&self, decide: &Decide) -> Result<Outcome<Decided>> {
        let mut decide = decide.clone();
        self.pass("decide_ticket", || {
            let card = block_on(self.inner.ticket_card(decide.ticket_id))?;
            let Some(card) = card else {
                return Ok(Outcome::NotFound);
            };
            let stale =
                (decide.version, decide.content_hash) != (card.row.version, card.content_hash);
            if self.mutates(Mutation::LoseUpdate) {
                decide.version = card.row.version;
                decide.content_hash = card.content_hash;
            }
            let seen = decide.content_hash;
            let mut outcome = block_on(self.inner.decide_ticket(&decide))?;
            let (ticket, by) = (decide.ticket_id, decide.actor.clone());
            if let Outcome::Done(Decided::FirstOfTwo, version) = outcome
                && self.mutates(Mutation::OneIsEnough)
            {
                decide.version = version;
                decide.actor = "nobody".to_owned();
                outcome = block_on(self.inner.decide_ticket(&decide))?;
            }
            if outcome.is_done() {
                if stale {
                    let id = decide.ticket_id;
                    self.world
                        .violation(format!("{id} was decided as it was not seen"));
                }
                self.world.count(|t| t.decisions += 1);
                if let Outcome::Done(Decided::FirstOfTwo, _) = outcome {
                    self.world.approved_first(ticket, seen, &by);
                } else if decide.choice.decides() && decide.choice != Choice::Approve {
                    self.world.answered_otherwise(ticket);
                }
                // What goes out is what was seen, or what was written instead.
                let out = match &outcome {
                    Outcome::Done(Decided::Held { .. }, _) => Some(seen),
                    Outcome::Done(Decided::Edited { content_hash }, _) => Some(*content_hash),
                    Outcome::Done(..) | Outcome::Conflict(_) | Outcome::NotFound => None,
                };
                if let (Some(content), Some(post)) = (out, card.post()) {
                    let by = Some((ticket, by.as_str()));
                    self.world.approved(post.task_id, content, by);
                }
            }
            Ok(outcome)
        })
        .await
    }

    async fn decide_tickets(&self, decides: &[Decide]) -> Result<Vec<Outcome<Decided>>> {
        // To the witness each is a decision of its own.
        let mut outcomes = Vec::new();
        for decide in decides {
            outcomes.push(self.decide_ticket(decide).await?);
        }
        Ok(outcomes)
    }

    async fn undo_decision(
        &self,
        ticket: TicketId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        self.pass("undo_decision", || {
            if self.mutates(Mutation::ForgetUndo) {
                self.world.undone(ticket);
                return Ok(Outcome::Done((), version.next()));
            }
            let outcome = block_on(self.inner.undo_decision(ticket, version, actor))?;
            if outcome.is_done() {
                self.world.count(|t| t.undone += 1);
                self.world.undone(ticket);
            }
            Ok(outcome)
        })
        .await
    }

    async fn open_effects(&self, page: &PageRequest) -> Result<Page<EffectRow>> {
        read!(self.open_effects(page))
    }

    async fn resolve_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        resolution: Resolution,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.resolve_effect(effect, version, resolution, actor))
    }

    async fn halt(&self, scope: Scope, halt: Halt, actor: &str, why: &str) -> Result<Outcome<u64>> {
        self.pass("halt", || {
            let outcome = if self.mutates(Mutation::IgnoreHalt) {
                Outcome::Done(0, StateVersion::FIRST)
            } else {
                block_on(self.inner.halt(scope.clone(), halt, actor, why))?
            };
            if outcome.is_done() {
                self.world.halted(scope, halt);
            }
            Ok(outcome)
        })
        .await
    }

    async fn resume(&self, scope: Scope, actor: &str) -> Result<Outcome<u64>> {
        self.pass("resume", || {
            let outcome = block_on(self.inner.resume(scope.clone(), actor))?;
            if outcome.is_done() {
                self.world.resumed(&scope);
            }
            Ok(outcome)
        })
        .await
    }

    async fn resume_stage(&self, stage: Stage, actor: &str) -> Result<Outcome<u64>> {
        self.pass("resume_stage", || {
            let outcome = block_on(self.inner.resume_stage(stage, actor))?;
            if outcome.is_done() {
                self.world.staged(stage);
            }
            Ok(outcome)
        })
        .await
    }

    async fn halt_reports(&self) -> Result<Vec<HaltReport>> {
        read!(self.halt_reports())
    }

    async fn withdraw(
        &self,
        publication: PublicationId,
        why: &str,
        actor: &str,
    ) -> Result<Outcome<EffectId>> {
        plain!(self.withdraw(publication, why, actor))
    }

    async fn withdrawn_by_hand(
        &self,
        publication: PublicationId,
        why: &str,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.withdrawn_by_hand(publication, why, actor))
    }

    async fn set_mode(&self, change: &ModeChange) -> Result<Outcome<u64>> {
        self.pass("set_mode", || {
            let outcome = if change.mode == Mode::DryRun && self.mutates(Mutation::IgnoreDry) {
                Outcome::Done(0, StateVersion::FIRST)
            } else {
                block_on(self.inner.set_mode(change))?
            };
            if outcome.is_done() {
                self.world.mode_set(&change.scope, change.mode);
            }
            Ok(outcome)
        })
        .await
    }

    async fn reaches(&self) -> Result<Vec<ReachRow>> {
        read!(self.reaches())
    }

    async fn leaving(&self, limit: u32) -> Result<Vec<EffectRow>> {
        read!(self.leaving(limit))
    }

    async fn task_history(&self, task: TaskId) -> Result<Option<TaskHistory>> {
        read!(self.task_history(task))
    }

    async fn task_version(&self, task: TaskId) -> Result<Option<StateVersion>> {
        read!(self.task_version(task))
    }

    async fn replay_task(
        &self,
        task: TaskId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.replay_task(task, version, actor))
    }
}
