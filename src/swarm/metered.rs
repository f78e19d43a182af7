//! The till: no tool call that costs is made before its money is set aside, and none is forgotten after.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chimera_domain::{
    Ambient, ContentHash, Span, StoreError, Timestamp, ToolError, Usd, death,
    effect::EffectKind,
    halt::ScopeKind,
    ids::{AgentId, CampaignId, IntentId, TaskId, TraceId},
    model,
    policy::{Policy, Price},
    ports::{Store, ToolCall, ToolCaller, ToolReply},
    spend::{BudgetCategory, Reservation, SpendRequest},
};
use tracing::error;

/// How long the till waits between tries at a store that does not answer.
const PATIENCE: [Span; 3] = [
    Span::from_millis(50),
    Span::from_millis(200),
    Span::from_millis(1_000),
];

/// After so long what frozen money stands in the way of is looked at again, once it is not frozen.
const FROZEN: Span = Span::from_mins(1);

/// Where tools are called and paid for.
#[derive(Clone)]
pub(crate) struct Till {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tools: Arc<dyn ToolCaller>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) ambient: Ambient,
}

/// On whose behalf money is spent.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    pub(crate) agent_id: AgentId,
    pub(crate) campaign_id: CampaignId,
    pub(crate) task_id: TaskId,
    pub(crate) trace_id: TraceId,
    pub(crate) task_cap: Usd,
    /// The claim or the attempt to send that makes the calls. Part of what a reservation is known by:
    /// the same call under another claim is another call, and is paid for again.
    pub(crate) scope: String,
    pub(crate) errand: Errand,
}

/// What a payer calls tools for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To make something: whatever has an effect outside is refused, because nobody decided on it.
    Work,
    /// To carry out an effect that was decided on.
    Effect,
}

/// Calls tools for one payer, and remembers what they cost.
pub(crate) struct Metered<'a> {
    till: &'a Till,
    payer: Payer,
    costs: Mutex<HashMap<String, Option<Usd>>>,
}

impl Till {
    pub(crate) fn on_behalf_of(&self, payer: Payer) -> Metered<'_> {
        Metered {
            till: self,
            payer,
            costs: Mutex::default(),
        }
    }
}

impl Metered<'_> {
    /// What calls of `server/tool` cost so far; `None` is unknown.
    pub(crate) fn cost_of(&self, tool: &str) -> Option<Usd> {
        self.costs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(tool)
            .copied()
            .flatten()
    }

    fn remember(&self, tool: String, cost: Option<Usd>) {
        self.costs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tool, cost);
    }

    async fn reserve(&self, call: &ToolCall, price: &Price) -> Result<IntentId, ToolError> {
        let estimate = price.estimate().ok_or_else(|| ToolError::Budget {
            why: "the price does not fit".into(),
            frees_at: None,
        })?;
        let arguments = ContentHash::of_json(&call.arguments);
        let request = SpendRequest {
            intent_id: IntentId::from_uuid(self.till.ambient.fresh()),
            key: format!(
                "{}/{}/{}/{arguments}",
                self.payer.scope, call.server, call.tool
            ),
            agent_id: self.payer.agent_id,
            campaign_id: self.payer.campaign_id,
            task_id: self.payer.task_id,
            trace_id: self.payer.trace_id,
            category: price.category,
            memo: format!("{}/{}", call.server, call.tool),
            estimate,
            task_cap: self.payer.task_cap,
            simulated: price.simulated,
        };
        let (store, budget) = (&self.till.store, &self.till.policy.budget);
        let mut reserved = store.reserve(&request, budget).await;
        for wait in PATIENCE {
            if !matches!(reserved, Err(StoreError::Unavailable { .. })) {
                break;
            }
            tokio::time::sleep(wait.to_std()).await;
            // The same key gives the same intent, also when only the answer was lost.
            reserved = store.reserve(&request, budget).await;
        }
        match reserved.map_err(|error| unpaid(&error))? {
            Reservation::Reserved(intent) => Ok(intent),
            Reservation::Halted { scope, why } => Err(halted(scope, why, self.till.ambient.now())),
            Reservation::Refused {
                limit,
                cap,
                used,
                frees_at,
            } => {
                let frees = frees_at.map_or(String::new(), |at| {
                    format!(", frees at {}", at.to_rfc3339_seconds())
                });
                Err(ToolError::Budget {
                    why: format!(
                        "{estimate} USD more would pass {limit}: {used} of {cap} USD{frees}"
                    ),
                    frees_at,
                })
            }
        }
    }

    /// Books what became of a paid call. A booking that fails is not the call's failure: the
    /// reservation stands and goes on counting, the error is loud, and what is still open when the
    /// task is handed in becomes uncertain.
    async fn book(
        &self,
        intent: IntentId,
        price: &Price,
        result: &Result<ToolReply, ToolError>,
    ) -> Option<Usd> {
        let (booking, cost) = match result {
            Ok(reply) => match price.actual(&reply.usage) {
                Some(actual) => (Booking::Settle(actual), Some(actual)),
                None => (Booking::Doubt("the server reported no usage".into()), None),
            },
            // A publishing server may refuse after its platform has taken the call; the executor asks.
            Err(error @ ToolError::Refused { .. })
                if price.category == BudgetCategory::Publishing =>
            {
                (Booking::Doubt(error.to_string()), None)
            }
            Err(
                error @ (ToolError::NotSent { .. }
                | ToolError::RateLimited { .. }
                | ToolError::Refused { .. }
                | ToolError::Budget { .. }),
            ) => (Booking::Void(error.to_string()), Some(Usd::ZERO)),
            Err(error @ (ToolError::Contract { .. } | ToolError::Ambiguous { .. })) => {
                (Booking::Doubt(error.to_string()), None)
            }
        };
        let booked = booking.make(self.till.store.as_ref(), intent).await;
        if let Err(problem) = booked {
            error!(%intent, error = &problem as &dyn std::error::Error, "a cost could not be booked; it stays reserved");
        }
        cost
    }
}

#[async_trait]
impl ToolCaller for Metered<'_> {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        let name = format!("{}/{}", call.server, call.tool);
        let price = self.till.policy.budget.price(&call.server, &call.tool);
        if self.payer.errand == Errand::Work && publishes(&call.tool, price) {
            return Err(ToolError::Refused {
                server: call.server,
                tool: call.tool,
                why: "work makes proposals; only what was approved is published".to_owned(),
            });
        }
        let Some(price) = price else {
            if call.server == model::SERVER {
                return Err(ToolError::Refused {
                    server: call.server,
                    tool: call.tool,
                    why: "it has no price in force, so nobody knows what it costs".to_owned(),
                });
            }
            return self.till.tools.call(call).await;
        };
        let intent = self.reserve(&call, price).await?;
        death::at(&name, "before-call");
        let result = self.till.tools.call(call).await;
        death::at(&name, "after-call");
        let cost = self.book(intent, price, &result).await;
        self.remember(name, cost);
        result
    }
}

/// Whether a tool has an effect outside: it carries one out, or its price says that it publishes.
fn publishes(tool: &str, price: Option<&Price>) -> bool {
    EffectKind::ALL.iter().any(|kind| kind.tool() == tool)
        || price.is_some_and(|price| price.category == BudgetCategory::Publishing)
}

/// What is to be booked for an intent.
enum Booking {
    Settle(Usd),
    Doubt(String),
    Void(String),
}

impl Booking {
    /// Books, and asks again a few times: every verb of the till may be repeated, and one that was
    /// lost leaves money reserved that nobody spends.
    async fn make(&self, store: &dyn Store, intent: IntentId) -> Result<(), StoreError> {
        for wait in PATIENCE {
            match self.once(store, intent).await {
                Err(StoreError::Unavailable { .. }) => tokio::time::sleep(wait.to_std()).await,
                answered => return answered,
            }
        }
        self.once(store, intent).await
    }

    async fn once(&self, store: &dyn Store, intent: IntentId) -> Result<(), StoreError> {
        match self {
            Self::Settle(actual) => store.settle(intent, *actual).await,
            Self::Doubt(why) => store.doubt(intent, why).await,
            Self::Void(why) => store.void(intent, why).await,
        }
    }
}

/// Nothing was called: the store may answer again soon.
fn unpaid(error: &StoreError) -> ToolError {
    ToolError::NotSent {
        server: "the till".to_owned(),
        why: format!("the reservation could not be written: {error}"),
    }
}

/// Nothing was called: what waits for frozen money is taken up again when there may be some, and the rest,
/// whose claim a halt of its own keeps from being taken, is just later.
fn halted(scope: ScopeKind, why: String, now: Timestamp) -> ToolError {
    if scope == ScopeKind::Spending {
        return ToolError::Budget {
            why,
            frees_at: Some(now.plus(FROZEN)),
        };
    }
    ToolError::NotSent {
        server: "the till".to_owned(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        policy::{PriceUnit, Usage},
        testing::{ambient, uuid_of},
    };
    use serde_json::json;

    use super::*;
    use crate::testing::policy;

    /// Answers every call, and remembers which it was asked for.
    #[derive(Default)]
    struct Willing(Mutex<Vec<String>>);

    #[async_trait]
    impl ToolCaller for Willing {
        async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
            self.0.lock().unwrap().push(call.tool);
            Ok(ToolReply {
                structured: json!({}),
                usage: Usage::default(),
                simulated: true,
                latency: Span::ZERO,
            })
        }
    }

    fn payer(errand: Errand) -> Payer {
        Payer {
            agent_id: AgentId::from_uuid(uuid_of(1)),
            campaign_id: CampaignId::from_uuid(uuid_of(2)),
            task_id: TaskId::from_uuid(uuid_of(3)),
            trace_id: TraceId::from_uuid(uuid_of(4)),
            task_cap: Usd::ZERO,
            scope: "claim".to_owned(),
            errand,
        }
    }

    // R1: whatever a skill asks for, no tool that publishes is called for work, by its name or by its price;
    // what was approved may call them.
    #[tokio::test]
    async fn r1_work_reaches_no_tool_that_publishes() {
        let (ambient, _) = ambient(1);
        let mut policy = policy();
        policy.budget.prices.push(Price {
            server: "twitter".into(),
            tool: "shout".into(),
            unit: PriceUnit::Call,
            category: BudgetCategory::Publishing,
            ..policy.budget.prices[0].clone()
        });
        let platform = Arc::new(Willing::default());
        let till = Till {
            store: chimera_store::open(chimera_store::Settings::memory(), ambient.clone()).unwrap(),
            tools: platform.clone(),
            policy: Arc::new(policy),
            ambient,
        };
        let ask = |errand, tool: &'static str| {
            let tools = till.on_behalf_of(payer(errand));
            async move {
                let call = ToolCall {
                    server: "twitter".into(),
                    tool: tool.into(),
                    arguments: json!({}),
                    deadline: None,
                    trace_id: TraceId::from_uuid(uuid_of(4)),
                };
                tools.call(call).await
            }
        };
        for tool in ["post_content", "delete_post", "shout"] {
            let answer = ask(Errand::Work, tool).await;
            assert!(matches!(answer, Err(ToolError::Refused { .. })), "{tool}");
        }
        assert_eq!(*platform.0.lock().unwrap(), [""; 0]);
        // R48: a model whose price nobody knows is not asked.
        let unpriced = ToolCall {
            server: model::SERVER.into(),
            tool: "small".into(),
            arguments: json!({}),
            deadline: None,
            trace_id: TraceId::from_uuid(uuid_of(4)),
        };
        let answer = till.on_behalf_of(payer(Errand::Work)).call(unpriced).await;
        assert!(matches!(answer, Err(ToolError::Refused { .. })));
        ask(Errand::Work, "get_metrics").await.unwrap();
        ask(Errand::Effect, "post_content").await.unwrap();
        assert_eq!(*platform.0.lock().unwrap(), ["get_metrics", "post_content"]);
    }

    // R148: frozen money blocks a task until it is freed; any other halt costs it no more than a try, which
    // is safe because nothing of it can be claimed meanwhile.
    #[test]
    fn r148_only_frozen_money_blocks_a_task() {
        let now = Timestamp::from_micros(1);
        for scope in ScopeKind::ALL {
            let why = "paused".to_owned();
            let error = halted(*scope, why, now);
            if let ToolError::Budget { frees_at, .. } = error {
                assert_eq!(*scope, ScopeKind::Spending);
                assert!(
                    frees_at.is_some_and(|at| at > now),
                    "the sweep must find it"
                );
            } else {
                assert!(matches!(error, ToolError::NotSent { .. }), "{error}");
                assert_ne!(*scope, ScopeKind::Spending);
            }
        }
    }
}
