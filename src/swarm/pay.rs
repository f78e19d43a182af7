//! A task that moves money: it asks for its payment, once, and is done when the CFO has not said no.
//!
//! What is asked for goes its own way from there: people, the chain, the ledger. A task that waits for it would hold up its plan
//! for as long as people think and blocks take.

use chimera_domain::{
    Ambient, Score, StoreError,
    artifact::{AskedPayment, Body, Provenance},
    ids::PaymentId,
    payment::PaymentOrder,
    payment::{PaymentRequest, PaymentState, Source},
    ports::{AskPayment, Submission},
    spend::BudgetCategory,
    task::{Failure, Reason, Task, retry_delay},
};

/// What it is made by, in its provenance.
const MAKER: &str = "treasurer/1";

/// Asks for what a task pays, under a key of the task, so that whoever does it again asks for nothing more.
pub(crate) async fn ask(
    asks: Option<&dyn AskPayment>,
    ambient: &Ambient,
    task: &Task,
) -> Result<Submission, Failure> {
    let blocked = |why: String| Failure::Blocked {
        reason: Reason::BudgetBlocked,
        why,
        until: None,
    };
    let Some(order) = &task.spec.payment else {
        return Err(Failure::Dead {
            reason: Reason::ToolFailed,
            why: "it moves money, and nothing says how much to whom".to_owned(),
        });
    };
    let Some(asks) = asks else {
        return Err(blocked(
            "budget.yaml says nothing about payments; docs/wallets.md says what to write"
                .to_owned(),
        ));
    };
    let agent = &task.spec.persona_lock.slug;
    let proposed = asks.ask(agent, &request(ambient, task, order)).await;
    let proposed = proposed.map_err(|error| match error {
        StoreError::Refused { .. } => blocked(error.to_string()),
        StoreError::Unavailable { .. } | StoreError::Corrupt { .. } | StoreError::Fenced { .. } => {
            Failure::Retry {
                why: error.to_string(),
                at: ambient.now().plus(retry_delay(task.attempt)),
            }
        }
    })?;
    if proposed.state == PaymentState::Refused {
        return Err(Failure::Dead {
            reason: Reason::BudgetBlocked,
            why: format!("{} was refused: {}", proposed.payment_id, proposed.why),
        });
    }
    Ok(Submission {
        body: Body::Payment(AskedPayment {
            payment_id: proposed.payment_id,
            order: order.clone(),
            state: proposed.state,
            why: proposed.why,
        }),
        blobs: Vec::new(),
        // That it was asked for is no guess; whether it should have been is the CFO's to say, and people's.
        confidence: Score::ONE,
        provenance: Provenance {
            model: MAKER.to_owned(),
            ..Provenance::default()
        },
        proposes: None,
    })
}

fn request(ambient: &Ambient, task: &Task, order: &PaymentOrder) -> PaymentRequest {
    PaymentRequest {
        payment_id: PaymentId::from_uuid(ambient.fresh()),
        key: task.id.to_string(),
        agent_id: task.agent_id,
        campaign_id: Some(task.campaign_id),
        task_id: Some(task.id),
        trace_id: task.trace_id,
        source: Source::Planner,
        proposer: task.spec.persona_lock.slug.clone(),
        counterparty: order.counterparty.clone(),
        asset: order.asset.clone(),
        amount: order.amount.clone(),
        category: BudgetCategory::Other,
        memo: order.memo.clone(),
        opinion: None,
        forced: false,
    }
}
