//! The people of a simulation: reviewers who race each other, and an operator who halts, edits,
//! takes back, and puts in order what nobody knows.

use std::sync::Arc;

use chimera_domain::{
    Outcome, Span, StoreError,
    effect::{EffectKind, EffectState, Resolution},
    halt::{Halt, Scope, Stage},
    mode::{self, Mode, ModeChange, ModeScope},
    ports::{DeskStore, RuntimeStore, Setup, SpendStore},
    spend::IntentState,
    ticket::{Choice, Decide, RejectClass, TicketState},
    views::{CampaignRow, PageRequest, TicketCard},
};

use super::{PLATFORM, store::SimStore, world::World};

/// A person with a program of their own.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) store: SimStore,
    pub(super) world: Arc<World>,
    pub(super) name: String,
    /// How long after one ticket comes the next, at most.
    pub(super) pace: Span,
}

impl Person {
    async fn rest(&self, at_most: Span) {
        let wait = Span::from_micros(self.world.below(at_most.micros().max(1)));
        tokio::time::sleep(wait.to_std()).await;
    }

    /// Decides for ever.
    pub(super) async fn review(self) {
        let idle = Span::from_micros(self.pace.micros() * 20).min(Span::from_secs(90));
        let mut pause = self.pace;
        loop {
            self.rest(pause).await;
            // A store that does not answer is asked again later; a person does not give up.
            pause = match self.decide_one().await {
                Ok(false) => idle,
                Ok(true) | Err(_) => self.pace,
            };
        }
    }

    /// Whether there was anything to decide.
    async fn decide_one(&self) -> Result<bool, StoreError> {
        let queue = self.store.review_queue(&PageRequest::first(20)).await?;
        let choices = u64::try_from(queue.rows.len()).unwrap_or(0);
        // Often the first, so that two reviewers look at the same.
        let pick = if self.world.below(2) == 0 {
            0
        } else {
            self.world.below(choices.max(1))
        };
        let Some(row) = queue.rows.get(usize::try_from(pick).unwrap_or(0)) else {
            return Ok(false);
        };
        let Some(card) = self.store.ticket_card(row.id).await? else {
            return Ok(true);
        };
        self.rest(Span::from_secs(20)).await;
        let choice = self.choose(&card);
        let decide = Decide {
            ticket_id: row.id,
            version: card.row.version,
            content_hash: card.content_hash,
            choice,
            actor: self.name.clone(),
        };
        let answers = decide.choice.decides();
        let outcome = match self.store.decide_ticket(&decide).await {
            // It stands differently by now: an answer, and nothing was done.
            Err(StoreError::Refused { .. }) => return Ok(true),
            outcome => outcome?,
        };
        match outcome {
            Outcome::Done(decided, version) => {
                self.world
                    .note(format!("{} {} {decided:?}", self.name, row.id));
                if answers && self.world.below(10) == 0 {
                    self.rest(Span::from_secs(12)).await;
                    // Too late is an answer like any other.
                    let _ = self
                        .store
                        .undo_decision(row.id, version, &self.name)
                        .await?;
                }
            }
            Outcome::Conflict(conflict) => {
                self.world.count(|t| t.losers_told += 1);
                if conflict.now.is_empty() {
                    self.world.violation("a loser was not told what stands");
                }
            }
            Outcome::NotFound => {}
        }
        Ok(true)
    }

    /// Mostly lets it out; now and then writes it anew, has it made anew, or leaves it for later.
    fn choose(&self, card: &TicketCard) -> Choice {
        let nap = self.world.sync().plus(Span::from_mins(20));
        match self.world.below(20) {
            0..=2 => Choice::Reject {
                class: RejectClass::Timing,
                note: "not now".to_owned(),
            },
            // The label stays in it; a text that is too long by now is stopped by the judge.
            3..=4 => Choice::Edit {
                text: format!("{} (as {} put it)", card.text, self.name),
            },
            // Without its label the judge must stop it.
            5 => Choice::Edit {
                text: format!("{} said so", self.name),
            },
            6 => Choice::RequestChanges {
                notes: "shorter".to_owned(),
            },
            7 if nap < card.row.sla_at => Choice::Snooze { until: nap },
            8 if card.row.state == TicketState::Open => Choice::Escalate {
                note: "not mine to say".to_owned(),
            },
            9 => Choice::Assign {
                to: self.name.clone(),
            },
            _ => Choice::Approve,
        }
    }

    /// Operates for ever.
    pub(super) async fn operate(self, setup: Setup) {
        let mut edits = 0;
        while self.world.settings.is_real() && self.go_live().await.is_err() {
            self.rest(Span::from_secs(30)).await;
        }
        loop {
            self.rest(Span::from_mins(30)).await;
            let _ = self.put_in_order().await;
            if !self.world.has_faults() {
                let _ = self.resume_all().await;
                continue;
            }
            let done = match self.world.below(13) {
                0 => self.halt(Scope::Fleet, Halt::Pause).await,
                1 => self.halt(Scope::Fleet, Halt::Kill).await,
                2 => self.halt_one().await,
                6 => self.halt_some().await,
                7 => self.halt(Scope::Publishing, Halt::Kill).await,
                8 | 9 => self.take_down_one().await,
                10..=12 => self.go_dry_for_a_while().await,
                3 => {
                    edits += 1;
                    self.edit(&setup, edits).await
                }
                4 => {
                    let hours = i64::try_from(self.world.below(7)).unwrap_or(0) - 3;
                    self.world.jump(hours * 3_600_000_000 + 1);
                    self.world.note(format!("the clock jumps by {hours} h"));
                    Ok(())
                }
                _ => Ok(()),
            };
            if done.is_ok() {
                self.rest(Span::from_mins(10)).await;
            }
            while self.resume_all().await.is_err() {
                self.rest(Span::from_secs(30)).await;
            }
        }
    }

    /// Lets everything go live, in the words it asks for; an error while there is nothing yet.
    async fn go_live(&self) -> Result<(), StoreError> {
        let campaigns = self.store.overview().await?.campaigns;
        if campaigns.is_empty() {
            let why = "there are no campaigns yet".to_owned();
            return Err(StoreError::Refused { what: why });
        }
        let mut scopes = vec![ModeScope::Server(PLATFORM.to_owned())];
        scopes.extend(campaigns.iter().map(|row| ModeScope::Agent(row.agent_id)));
        scopes.extend(campaigns.iter().map(|row| ModeScope::Campaign(row.id)));
        for scope in scopes {
            self.go_live_at_last(scope, &campaigns).await;
        }
        Ok(())
    }

    /// Asks until it is live.
    async fn go_live_at_last(&self, scope: ModeScope, campaigns: &[CampaignRow]) {
        while self
            .set_mode(scope.clone(), Mode::Live, campaigns)
            .await
            .is_err()
        {
            self.rest(Span::from_secs(30)).await;
        }
    }

    async fn set_mode(
        &self,
        scope: ModeScope,
        mode: Mode,
        campaigns: &[CampaignRow],
    ) -> Result<(), StoreError> {
        let concerned = campaigns.iter().filter(|row| match &scope {
            ModeScope::Server(_) => true,
            ModeScope::Agent(id) => row.agent_id == *id,
            ModeScope::Campaign(id) => row.id == *id,
        });
        let confirmed = mode::confirmation(
            concerned.map(|row| mode::place(row.account.as_str(), row.channel, PLATFORM)),
        );
        let change = ModeChange {
            scope,
            mode,
            confirmed,
            actor: self.name.clone(),
            why: "sim".to_owned(),
        };
        self.store.set_mode(&change).await.map(drop)
    }

    /// Something goes dry, and live again later.
    async fn go_dry_for_a_while(&self) -> Result<(), StoreError> {
        let campaigns = self.store.overview().await?.campaigns;
        let one = usize::try_from(self.world.below(16)).unwrap_or(0);
        let Some(row) = campaigns.get(one % campaigns.len().max(1)) else {
            return Ok(());
        };
        if !self.world.settings.is_real() {
            return Ok(());
        }
        let scope = match self.world.below(3) {
            0 => ModeScope::Server(PLATFORM.to_owned()),
            1 => ModeScope::Agent(row.agent_id),
            _ => ModeScope::Campaign(row.id),
        };
        let dry = self.set_mode(scope.clone(), Mode::DryRun, &campaigns);
        let dry = dry.await;
        self.world.note(format!("{scope:?} goes dry"));
        self.rest(Span::from_mins(10)).await;
        self.go_live_at_last(scope, &campaigns).await;
        dry
    }

    /// Wants one of the last posts down.
    async fn take_down_one(&self) -> Result<(), StoreError> {
        let public = self.store.publications(&PageRequest::first(20)).await?;
        let choices = u64::try_from(public.rows.len()).unwrap_or(0);
        let pick = usize::try_from(self.world.below(choices.max(1))).unwrap_or(0);
        let Some(row) = public.rows.get(pick) else {
            return Ok(());
        };
        if row.withdrawn.is_none() {
            // Known before it is asked for: the answer may be lost, and the wish may stand all the same.
            self.world.wants_down(row.external_id.as_str());
            let asked = self.store.withdraw(row.id, "sim", &self.name).await;
            self.world
                .note(format!("{} is to come down", row.external_id));
            // Out of its reach is an answer like any other.
            if let Err(error @ StoreError::Unavailable { .. }) = asked {
                return Err(error);
            }
        }
        Ok(())
    }

    async fn halt(&self, scope: Scope, halt: Halt) -> Result<(), StoreError> {
        let what = format!("{scope:?}");
        let outcome = self.store.halt(scope, halt, &self.name, "sim").await?;
        self.world.note(format!("{what} {halt:?} {outcome:?}"));
        Ok(())
    }

    async fn halt_one(&self) -> Result<(), StoreError> {
        let campaigns = self.store.overview().await?.campaigns;
        let pick = self
            .world
            .below(u64::try_from(campaigns.len()).unwrap_or(1).max(1));
        match campaigns.get(usize::try_from(pick).unwrap_or(0)) {
            Some(row) => self.halt(Scope::Campaign(row.id), Halt::Pause).await,
            None => Ok(()),
        }
    }

    /// One after the other, so that several are live at once.
    async fn halt_some(&self) -> Result<(), StoreError> {
        let campaigns = self.store.overview().await?.campaigns;
        for _ in 0..=self.world.below(2) {
            let one = usize::try_from(self.world.below(16)).unwrap_or(0);
            let row = campaigns.get(one % campaigns.len().max(1));
            let scope = match (self.world.below(4), row) {
                (0, Some(row)) => Scope::Agent(row.agent_id),
                (1, Some(row)) => Scope::Platform(row.server.to_string()),
                (2, _) => Scope::Spending,
                (_, _) => Scope::Publishing,
            };
            let hard = self.world.below(3) == 0 && scope.may_be(Halt::Kill);
            let how = if hard { Halt::Kill } else { Halt::Pause };
            self.halt(scope, how).await?;
            self.rest(Span::from_mins(2)).await;
        }
        Ok(())
    }

    async fn edit(&self, setup: &Setup, edits: u32) -> Result<(), StoreError> {
        let mut setup = setup.clone();
        let pick = self
            .world
            .below(u64::try_from(setup.campaigns.len()).unwrap_or(1).max(1));
        if let Some(campaign) = setup.campaigns.get_mut(usize::try_from(pick).unwrap_or(0)) {
            campaign.goal = format!("goal {edits}");
            self.world.note(format!("{} is edited", campaign.name));
        }
        self.store.install(&setup).await
    }

    /// Lets everything run again, now and then in stages.
    pub(super) async fn resume_all(&self) -> Result<(), StoreError> {
        let stages = [Stage::Work, Stage::Spend, Stage::Publish];
        let staged = self.world.has_faults() && self.world.below(2) == 0;
        if self.world.is_halted() && staged {
            for stage in stages {
                let _ = self.store.resume_stage(stage, &self.name).await?;
                self.rest(Span::from_mins(2)).await;
            }
        }
        for scope in self.world.halts() {
            let _ = self.store.resume(scope, &self.name).await?;
        }
        Ok(())
    }

    /// Looks at the platform and at the bills, and says what became of what nobody knows.
    pub(super) async fn put_in_order(&self) -> Result<(), StoreError> {
        let page = PageRequest::first(200);
        for row in self.store.open_effects(&page).await?.rows {
            // What became of a withdrawal the platform says itself.
            if row.state != EffectState::Uncertain || row.kind == EffectKind::Withdraw {
                continue;
            }
            let resolution = match self.world.post(row.idempotency_key.as_str()) {
                Some(post) => Resolution::Published { place: post.id },
                None => {
                    // What is still on its way would be public after all.
                    self.rest(Span::from_secs(60)).await;
                    if self.world.post(row.idempotency_key.as_str()).is_some() {
                        continue;
                    }
                    self.world.answered(row.idempotency_key.as_str());
                    Resolution::SendAgain
                }
            };
            let settled = self
                .store
                .resolve_effect(row.id, row.version, resolution, &self.name)
                .await?;
            if settled.is_done() {
                self.world.count(|t| t.resolved_by_hand += 1);
            }
        }
        let uncertain = PageRequest {
            filter: "uncertain".to_owned(),
            ..page
        };
        for row in self.store.ledger(&uncertain).await?.rows {
            if row.state == IntentState::Uncertain {
                self.store.settle(row.intent_id, row.estimate).await?;
            }
        }
        Ok(())
    }
}
