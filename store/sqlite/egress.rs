//! The last look before an effect leaves, in the transaction that takes it: whether it may reach a
//! platform at all. What may not ends here, as a rehearsal, and no sender ever holds it.

use chimera_domain::{
    effect::EffectState,
    ids::EffectId,
    mode::Reach,
    task::{Reason, TaskState},
};

use super::{
    db::{Db, Fault, Verb},
    heads::{EffectHead, TaskHead},
    moves::Move,
    rows::Cells,
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
