//! The executor: the only egress. Sends exactly what was decided, at most once, and asks before it repeats.
//!
//! An effect is written down as sent before the call. Whatever ends the wait for the answer, the
//! platform is asked for the idempotency key before anything is sent again. Several senders work side
//! by side, and asking is a role of its own: one slow platform holds up neither the others nor the asking.

mod lanes;
mod read_back;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use lanes::Lanes;

use std::sync::{Arc, atomic::AtomicI64};

use chimera_domain::{
    Ambient, Outcome, Span, StoreError, ToolError,
    artifact::{Blob, Post},
    effect::{OutgoingCall, SendOrder, Settlement},
    ids::EffectId,
    ports::{Store, ToolCaller},
    task::retry_delay,
    views::Severity,
};
use chimera_minds::lexicon::Words;
use tracing::{error, info, warn};

use crate::{
    drive::{Step, StepResult},
    metered::{Errand, Payer, Till},
};

use lanes::Sending;
use read_back::ReadBack;

/// The executor's ports.
pub(crate) struct Executor {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) till: Till,
    pub(crate) ambient: Ambient,
    pub(crate) fence: i64,
    pub(crate) read_back_patience: Span,
    /// What is being sent now, by all senders of this process.
    pub(crate) lanes: Lanes,
    /// When the unresolved are asked for again, UTC microseconds; 0 asks at once.
    pub(crate) ask_at: AtomicI64,
}

impl Executor {
    /// One sender's step: takes what may leave next, sends it, and writes down what became of it.
    pub(crate) async fn step(&self) -> StepResult {
        let Some((order, _sending)) = self.take().await? else {
            return Ok(Step::Idle);
        };
        let settlement = self.send(&order).await;
        self.settle(&order, settlement).await?;
        Ok(Step::Progress)
    }

    async fn take(&self) -> Result<Option<(SendOrder, Sending<'_>)>, StoreError> {
        let _turn = self.lanes.turn().await;
        let full = self.lanes.full();
        let order = self.store.take_effect_beside(self.fence, &full).await?;
        Ok(order.map(|order| {
            let sending = self.lanes.begin(&order);
            (order, sending)
        }))
    }

    /// Sends one order. Everything that is checked before the call can still be "not sent".
    async fn send(&self, order: &SendOrder) -> Settlement {
        if order.call.content_hash() != order.content_hash {
            error!(effect = %order.effect_id, "what would go out is not what was decided on");
            return Settlement::Failed {
                why: "the content is not the one that was decided on".into(),
            };
        }
        if order.withdraws.is_some() {
            return self.call(order, &[]).await;
        }
        if let Some(why) = self.blocked(&order.call.post) {
            return Settlement::Moved { why };
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

    /// A phrase with which nothing is published, whoever asked for it and whenever, as the policy of now has
    /// them.
    fn blocked(&self, post: &Post) -> Option<String> {
        let alt_texts = post.media.iter().map(|media| &media.alt_text);
        let phrases = &self.till.policy.judge.blocked_phrases;
        std::iter::once(&post.text)
            .chain(alt_texts)
            .find_map(|text| {
                let words = Words::of(text);
                let span = phrases.iter().find_map(|phrase| words.find(phrase))?;
                Some(format!("words: `{span}` is a blocked phrase now"))
            })
    }

    async fn call(&self, order: &SendOrder, media: &[Blob]) -> Settlement {
        let payer = Payer {
            agent_id: order.agent_id,
            campaign_id: order.campaign_id,
            task_id: order.task_id,
            trace_id: order.trace_id,
            task_cap: order.task_cap,
            scope: format!("{}/{}", order.effect_id, order.attempt),
            errand: Errand::Effect,
        };
        let tools = self.till.on_behalf_of(payer);
        let call = wire::call(order, media);
        let name = format!("{}/{}", call.server, call.tool);
        let later = |after: Span| self.ambient.now().plus(after);
        match tools.call(call).await {
            Ok(reply) => {
                match wire::receipt(order.withdraws.as_ref(), &reply, tools.cost_of(&name)) {
                    Ok(receipt) => Settlement::Confirmed(receipt),
                    // The answer cannot be read, but the call was made.
                    Err(why) => Settlement::Uncertain { why },
                }
            }
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
            .ask(
                &order.call.server,
                &order.idempotency_key,
                order.withdraws.as_ref(),
                order.trace_id,
            )
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
                let done = if order.withdraws.is_some() {
                    "withdrawn"
                } else {
                    "published"
                };
                info!(effect = %order.effect_id, trace = %order.trace_id, simulated = receipt.simulated, external_id = receipt.external_id, done, "it landed");
            }
            Settlement::NotSent { .. }
            | Settlement::Moved { .. }
            | Settlement::Failed { .. }
            | Settlement::Uncertain { .. } => {
                warn!(effect = %order.effect_id, trace = %order.trace_id, ?settlement, "it did not land")
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
}
