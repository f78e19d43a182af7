//! Asking: what was sent and has no known end is asked for at its platform, by its key.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use chimera_domain::{
    Span, StoreError, ToolError,
    effect::{EffectState, Receipt, Settlement, Unresolved, Withdrawal},
    ids::TraceId,
    ports::ToolCall,
};
use futures::future::join_all;
use tracing::info;

use super::{Executor, wire};
use crate::drive::{Step, StepResult};

/// Unresolved effects asked for in one step.
const READ_BACKS_MAX: usize = 16;
/// How often a call is sent before a person must look.
const SENDS_MAX: u32 = 3;
/// How long a call of this process without an answer may still be carried out.
const OWN_PATIENCE: Span = Span::from_secs(30);
/// How long a platform that could not answer is left alone.
const ASK_AGAIN: Span = Span::from_secs(5);

/// What the platform says of a key.
pub(super) enum ReadBack {
    /// It has it.
    Landed(Receipt),
    /// It does not.
    Absent,
}

impl Executor {
    /// Asks the platforms for what has no known fate.
    pub(crate) async fn read_back(&self) -> StepResult {
        let now = self.ambient.now();
        if now.micros() < self.ask_at.load(Ordering::Relaxed) {
            return Ok(Step::Idle);
        }
        let mut by_server: BTreeMap<String, Vec<Unresolved>> = BTreeMap::new();
        for effect in self.unresolved().await? {
            by_server
                .entry(effect.server.clone())
                .or_default()
                .push(effect);
        }
        // Side by side: a platform that does not answer keeps no other from being asked.
        let rounds = by_server.values().map(|effects| self.ask_for_all(effects));
        let moved: Result<Vec<bool>, StoreError> = join_all(rounds).await.into_iter().collect();
        // From the end of the round: one that was slow is not followed by another at once.
        let next = self.ambient.now().plus(ASK_AGAIN);
        self.ask_at.store(next.micros(), Ordering::Relaxed);
        Ok(if moved?.contains(&true) {
            Step::Progress
        } else {
            Step::Idle
        })
    }

    /// What has no known fate and is not just being sent.
    async fn unresolved(&self) -> Result<Vec<Unresolved>, StoreError> {
        let _turn = self.lanes.turn().await;
        let limit = READ_BACKS_MAX.saturating_add(self.lanes.count());
        let mut found = self
            .store
            .unresolved_effects(
                self.fence,
                self.read_back_patience,
                u32::try_from(limit).unwrap_or(u32::MAX),
            )
            .await?;
        found.retain(|effect| !self.lanes.sends(effect.effect_id));
        Ok(found)
    }

    /// Asks one platform for each of these. Whether anything moved.
    async fn ask_for_all(&self, effects: &[Unresolved]) -> Result<bool, StoreError> {
        let mut moved = false;
        for effect in effects {
            moved |= self.ask_for(effect).await?;
        }
        Ok(moved)
    }

    async fn ask_for(&self, effect: &Unresolved) -> Result<bool, StoreError> {
        let asked = self
            .ask(
                &effect.server,
                &effect.idempotency_key,
                effect.withdraws.as_ref(),
                effect.trace_id,
            )
            .await;
        let settlement = match asked {
            Ok(ReadBack::Landed(receipt)) => Settlement::Confirmed(receipt),
            Ok(ReadBack::Absent) if self.may_still_land(effect) => return Ok(false),
            Ok(ReadBack::Absent) if effect.attempt < SENDS_MAX => Settlement::NotSent {
                why: "the platform does not know the key".into(),
                at: self.ambient.now(),
            },
            Ok(ReadBack::Absent) | Err(_) if effect.state == EffectState::Uncertain => {
                return Ok(false);
            }
            // Written down, so that the operator sees it; asked again later all the same.
            Ok(ReadBack::Absent) => Settlement::Uncertain {
                why: format!(
                    "sent {} times, and the platform does not know it",
                    effect.attempt
                ),
            },
            Err(error) => Settlement::Uncertain {
                why: format!("asking for the key failed: {error}"),
            },
        };
        info!(effect = %effect.effect_id, trace = %effect.trace_id, ?settlement, "resolved by asking the platform");
        self.compare(effect.effect_id, &effect.call, &settlement)
            .await?;
        let settled = self
            .store
            .settle_effect(effect.effect_id, effect.version, settlement)
            .await?;
        Ok(settled.is_done())
    }

    /// A call without an answer may still be on its way to a platform. A bundled one died with the
    /// process that called it, so only calls of this very process can be.
    fn may_still_land(&self, effect: &Unresolved) -> bool {
        let patience = if effect.ours {
            self.read_back_patience.max(OWN_PATIENCE)
        } else {
            self.read_back_patience
        };
        self.ambient.now().since(effect.since) < patience
    }

    pub(super) async fn ask(
        &self,
        server: &str,
        idempotency_key: &str,
        withdraws: Option<&Withdrawal>,
        trace_id: TraceId,
    ) -> Result<ReadBack, ToolError> {
        let call = ToolCall {
            server: server.to_owned(),
            tool: "get_post".to_owned(),
            arguments: match withdraws {
                // Down is a state of the post, whatever key took it there.
                Some(withdrawal) => serde_json::json!({"post_id": withdrawal.external_id}),
                None => serde_json::json!({"idempotency_key": idempotency_key}),
            },
            deadline: None,
            trace_id,
        };
        let reply = self.till.tools.call(call).await?;
        let found = match withdraws {
            Some(withdrawal) => wire::is_down(&reply, withdrawal),
            None => wire::read_back(&reply),
        };
        found
            .map(|found| found.map_or(ReadBack::Absent, ReadBack::Landed))
            .map_err(|why| ToolError::Contract {
                server: server.to_owned(),
                tool: "get_post".to_owned(),
                why,
            })
    }
}
