//! The last look before an effect leaves, in the transaction that takes it: whether it is still what was
//! approved, and whether it may reach a platform at all. What may not ends here; no sender ever holds it.

use chimera_domain::{
    ContentHash, StateVersion, Timestamp,
    effect::{EffectState, OutgoingCall},
    ids::EffectId,
    mode::{self, Reach},
    spend::{BudgetCategory, Limit},
    task::{Reason, TaskSpec, TaskState},
};
use rusqlite::params;

use super::{
    db::{Db, Fault, Verb},
    heads::{EffectHead, TaskHead},
    moves::Move,
    rows::Cells,
    spend,
};

/// What a rehearsal says of itself.
const REHEARSED: &str = "dry run: nothing was sent";

impl Db<'_> {
    /// Ends an effect that reaches nobody as the rehearsal it was; `false` for one that may be sent.
    pub(super) fn rehearses(
        &self,
        effect: &EffectHead,
        task: &TaskHead,
        actor: &str,
    ) -> Verb<bool> {
        let server = self.server_of(effect.id)?;
        match self.reach(effect.campaign, &server)? {
            Reach::Live | Reach::StandIn => return Ok(false),
            Reach::DryRun => {}
        }
        self.exec_one(
            "UPDATE effects SET dry = 1, simulated = 1 WHERE effect_id = ?1",
            [effect.id.as_bytes()],
        )?;
        self.move_effect(effect, EffectState::Confirmed, actor, REHEARSED)?;
        self.move_task(
            task,
            &Move {
                to: TaskState::Rehearsed,
                reason: Reason::Ordinary,
                why: REHEARSED,
                actor,
            },
        )?;
        Ok(true)
    }

    /// What is no longer as it was when this was approved, in one line. Most of what could move takes its
    /// campaign to another epoch and is not even due; this is what remains, and what nobody thought of.
    pub(super) fn moved_before_its_slot(
        &self,
        effect: &EffectHead,
        task: &TaskHead,
    ) -> Verb<Option<String>> {
        let (call, decided): (OutgoingCall, ContentHash) = self
            .one(
                "SELECT call, content_hash FROM effects WHERE effect_id = ?1",
                [effect.id.as_bytes()],
                |row| Ok((row.doc(0)?, row.hash(1)?)),
            )?
            .ok_or_else(|| Fault::corrupt(format!("{} is missing", effect.id)))?;
        if call.content_hash() != decided || task.content_hash != Some(decided) {
            let line = "content: what would go out is not what was decided on";
            return Ok(Some(line.to_owned()));
        }
        let spec = self.spec_of(effect.campaign)?;
        if !call.is_for(&spec) {
            let post = &call.post;
            return Ok(Some(format!(
                "account: approved for {}, the campaign publishes as {}",
                mode::place(&post.account, post.channel, &call.server),
                mode::place(&spec.account, spec.channel, &spec.publish_server),
            )));
        }
        // What nobody was asked about waits until there is room; a person wants to know.
        if effect.ticket.is_none() || self.reach(effect.campaign, &call.server)? == Reach::DryRun {
            return Ok(None);
        }
        self.no_room_for(effect, &call)
    }

    /// Which limit no longer has room for what sending costs at most.
    fn no_room_for(&self, effect: &EffectHead, call: &OutgoingCall) -> Verb<Option<String>> {
        let Some(budget) = self.policy()?.map(|policy| policy.budget) else {
            return Ok(None);
        };
        let price = budget.price(&call.server, &call.tool);
        let Some(estimate) = price
            .filter(|price| price.category == BudgetCategory::Publishing)
            .and_then(chimera_domain::policy::Price::estimate)
        else {
            return Ok(None);
        };
        let cap = self
            .one(
                "SELECT spec FROM task_specs WHERE task_id = ?1",
                [effect.task.as_bytes()],
                |row| row.doc::<TaskSpec>("spec"),
            )?
            .ok_or_else(|| Fault::corrupt(format!("the task of {} is missing", effect.id)))?
            .budget_usd_max;
        let spender = spend::Spender {
            agent: effect.agent,
            campaign: effect.campaign,
            task: effect.task,
            task_cap: cap,
        };
        let (limits, _) = spend::limits(
            self,
            &spender,
            (&budget.zone, budget.agent_day_usd_max),
            estimate,
        )?;
        Ok(Limit::binding(&limits, estimate)
            .map(|limit| format!("budget: {} USD", limit.refusal(estimate))))
    }

    /// Puts an approved task before the judge once more, with the one line that changed.
    pub(super) fn send_back(&self, task: &TaskHead, line: &str, actor: &str) -> Verb<()> {
        let epoch = self.epoch_of(task.campaign)?;
        self.return_because(task, epoch, (Reason::Moved, line), actor)
    }

    /// What was written down as sent provably was not: it waits until `at`.
    pub(super) fn unsend(
        &self,
        effect: &EffectHead,
        at: Timestamp,
        actor: &str,
        why: &str,
    ) -> Verb<StateVersion> {
        let next = self.move_effect(effect, EffectState::Prepared, actor, why)?;
        self.exec_one(
            "UPDATE effects SET due_at = ?2, fence = NULL, sent_at = NULL WHERE effect_id = ?1",
            params![effect.id.as_bytes(), at.micros()],
        )?;
        Ok(next)
    }

    /// The server an effect goes through.
    pub(super) fn server_of(&self, effect: EffectId) -> Verb<String> {
        self.one(
            "SELECT server FROM effects WHERE effect_id = ?1",
            [effect.as_bytes()],
            |row| row.text("server"),
        )?
        .ok_or_else(|| Fault::corrupt(format!("{effect} is missing")))
    }
}
