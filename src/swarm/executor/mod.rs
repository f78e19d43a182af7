//! The executor: the only egress. Sends exactly what was decided, at most once, and asks before it repeats.
//!
//! An effect is written down as sent before the call. Whatever ends the wait for the answer, the
//! platform is asked for the idempotency key before anything is sent again.

#[cfg(test)]
mod tests;
mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chimera_domain::{
    Ambient, Outcome, Span, StoreError, ToolError,
    artifact::Blob,
    effect::{EffectState, OutgoingCall, Receipt, SendOrder, Settlement, Unresolved},
    ids::{EffectId, TraceId},
    ports::{Store, ToolCall, ToolCaller},
    task::retry_delay,
    views::Severity,
};
use tracing::{error, info, warn};

use crate::{
    drive::{Step, StepResult},
    metered::{Payer, Till},
};

/// Unresolved effects asked for in one step.
const READ_BACKS_MAX: u32 = 16;
/// How often a call is sent before a person must look.
const SENDS_MAX: u32 = 3;
/// How long a call of this process without an answer may still be carried out.
const OWN_PATIENCE: Span = Span::from_secs(30);
/// How long a platform that could not answer is left alone.
const ASK_AGAIN: Span = Span::from_secs(5);

/// The executor's ports.
pub(crate) struct Executor {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) till: Till,
    pub(crate) ambient: Ambient,
    pub(crate) fence: i64,
    pub(crate) read_back_patience: Span,
    /// When the unresolved are asked for again, UTC microseconds; 0 asks at once.
    pub(crate) ask_at: AtomicI64,
}

/// What the platform says of a key.
enum ReadBack {
    /// It has it.
    Landed(Receipt),
    /// It does not.
    Absent,
}

impl Executor {
    pub(crate) async fn step(&self) -> StepResult {
        let resolved = self.resolve().await?;
        let Some(order) = self.store.take_effect(self.fence).await? else {
            return Ok(if resolved { Step::Progress } else { Step::Idle });
        };
        let settlement = self.send(&order).await;
        self.settle(&order, settlement).await?;
        Ok(Step::Progress)
    }

    /// Sends one order. Everything that is checked before the call can still be "not sent".
    async fn send(&self, order: &SendOrder) -> Settlement {
        if order.call.content_hash() != order.content_hash {
            error!(effect = %order.effect_id, "what would go out is not what was decided on");
            return Settlement::Failed {
                why: "the content is not the one that was decided on".into(),
            };
        }
        let mut media = Vec::new();
        for item in &order.call.post.media {
            match self.store.blob(item.sha256).await {
                Ok(Some(blob)) => media.push(blob),
                Ok(None) | Err(StoreError::Corrupt { .. }) => {
                    return Settlement::Failed {
                        why: format!(
                            "the bytes of {} are missing or changed",
                            item.sha256.short()
                        ),
                    };
                }
                Err(error) => {
                    return Settlement::NotSent {
                        why: error.to_string(),
                        at: self.ambient.now().plus(retry_delay(order.attempt + 1)),
                    };
                }
            }
        }
        self.call(order, &media).await
    }

    async fn call(&self, order: &SendOrder, media: &[Blob]) -> Settlement {
        let payer = Payer {
            agent_id: order.agent_id,
            campaign_id: order.campaign_id,
            task_id: order.task_id,
            trace_id: order.trace_id,
            task_cap: order.task_cap,
            scope: format!("{}/{}", order.effect_id, order.attempt),
        };
        let tools = self.till.on_behalf_of(payer);
        let call = wire::publish_call(order, media);
        let name = format!("{}/{}", call.server, call.tool);
        let later = |after: Span| self.ambient.now().plus(after);
        match tools.call(call).await {
            Ok(reply) => match wire::receipt(&reply, tools.cost_of(&name)) {
                Ok(receipt) => Settlement::Confirmed(receipt),
                // The answer cannot be read, but the call was made.
                Err(why) => Settlement::Uncertain { why },
            },
            Err(error @ ToolError::NotSent { .. }) => Settlement::NotSent {
                why: error.to_string(),
                at: later(retry_delay(order.attempt + 1)),
            },
            Err(ToolError::RateLimited {
                retry_after, why, ..
            }) => Settlement::NotSent {
                why,
                at: later(retry_after.unwrap_or_else(|| retry_delay(order.attempt + 1))),
            },
            Err(error @ ToolError::Budget { .. }) => Settlement::NotSent {
                why: error.to_string(),
                at: later(Span::from_mins(5)),
            },
            Err(error @ ToolError::Refused { .. }) => self.refused(order, &error).await,
            Err(error @ (ToolError::Contract { .. } | ToolError::Ambiguous { .. })) => {
                Settlement::Uncertain {
                    why: error.to_string(),
                }
            }
        }
    }

    /// A server may say no after its platform said yes (an upstream that timed out): the platform is
    /// asked for the key before the refusal is believed.
    async fn refused(&self, order: &SendOrder, error: &ToolError) -> Settlement {
        let why = error.to_string();
        let asked = self
            .ask(&order.call.server, &order.idempotency_key, order.trace_id)
            .await;
        match asked {
            Ok(ReadBack::Landed(receipt)) => Settlement::Confirmed(receipt),
            Ok(ReadBack::Absent) => Settlement::Failed { why },
            Err(silent) => Settlement::Uncertain {
                why: format!("{why}; asking for the key failed: {silent}"),
            },
        }
    }

    async fn settle(&self, order: &SendOrder, settlement: Settlement) -> Result<(), StoreError> {
        match &settlement {
            Settlement::Confirmed(receipt) => {
                info!(effect = %order.effect_id, trace = %order.trace_id, simulated = receipt.simulated, external_id = receipt.external_id, "published");
            }
            Settlement::NotSent { .. }
            | Settlement::Failed { .. }
            | Settlement::Uncertain { .. } => {
                warn!(effect = %order.effect_id, trace = %order.trace_id, ?settlement, "not published")
            }
        }
        self.compare(order.effect_id, &order.call, &settlement)
            .await?;
        match self
            .store
            .settle_effect(order.effect_id, order.version, settlement)
            .await?
        {
            Outcome::Done(..) => {}
            // Somebody resolved it meanwhile (a person, or a successor of this process); their word stands.
            Outcome::Conflict(conflict) => {
                warn!(effect = %order.effect_id, %conflict, "the effect was settled elsewhere")
            }
            Outcome::NotFound => error!(effect = %order.effect_id, "the effect is gone"),
        }
        Ok(())
    }

    /// Holds what is public against what was approved, and tells a person of any difference.
    async fn compare(
        &self,
        effect: EffectId,
        call: &OutgoingCall,
        settlement: &Settlement,
    ) -> Result<(), StoreError> {
        let Settlement::Confirmed(receipt) = settlement else {
            return Ok(());
        };
        let Some(difference) = wire::difference(&call.post, receipt) else {
            return Ok(());
        };
        let text = format!("{effect} is public, but {difference}");
        self.store
            .raise_alert(
                Severity::Error,
                "published_differs",
                &effect.to_string(),
                &text,
            )
            .await
    }

    /// Asks the platforms for what has no known fate. Whether anything moved.
    async fn resolve(&self) -> Result<bool, StoreError> {
        let now = self.ambient.now();
        if now.micros() < self.ask_at.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let mut moved = false;
        for effect in self
            .store
            .unresolved_effects(self.fence, self.read_back_patience, READ_BACKS_MAX)
            .await?
        {
            let asked = self
                .ask(&effect.server, &effect.idempotency_key, effect.trace_id)
                .await;
            let settlement = match asked {
                Ok(ReadBack::Landed(receipt)) => Settlement::Confirmed(receipt),
                Ok(ReadBack::Absent) if self.may_still_land(&effect) => continue,
                Ok(ReadBack::Absent) if effect.attempt < SENDS_MAX => Settlement::NotSent {
                    why: "the platform does not know the key".into(),
                    at: self.ambient.now(),
                },
                Ok(ReadBack::Absent) | Err(_) if effect.state == EffectState::Uncertain => continue,
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
            moved |= self
                .store
                .settle_effect(effect.effect_id, effect.version, settlement)
                .await?
                .is_done();
        }
        // From the end of the round: one that was slow is not followed by another at once.
        let next = self.ambient.now().plus(ASK_AGAIN);
        self.ask_at.store(next.micros(), Ordering::Relaxed);
        Ok(moved)
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

    async fn ask(
        &self,
        server: &str,
        idempotency_key: &str,
        trace_id: TraceId,
    ) -> Result<ReadBack, ToolError> {
        let call = ToolCall {
            server: server.to_owned(),
            tool: "get_post".to_owned(),
            arguments: serde_json::json!({"idempotency_key": idempotency_key}),
            deadline: None,
            trace_id,
        };
        let reply = self.till.tools.call(call).await?;
        wire::read_back(&reply)
            .map(|found| found.map_or(ReadBack::Absent, ReadBack::Landed))
            .map_err(|why| ToolError::Contract {
                server: server.to_owned(),
                tool: "get_post".to_owned(),
                why,
            })
    }
}
