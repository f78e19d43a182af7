//! Whether an uncertain payment can still be made: a person may write it off only when the chain says that it cannot.

use chimera_domain::{
    ids::PaymentId,
    payment::{Attempt, Payment, PaymentState},
};

use super::{Treasurer, Trouble, final_height, receipts::HOLDS_ON_SECS};

impl Treasurer {
    /// Why a payment could still be made, or was; none where its bytes are worth nothing any more, in a block that stays.
    ///
    /// # Errors
    /// When chain or store do not answer: nobody knows then, and nothing is written off.
    pub async fn may_still_be_made(&self, id: PaymentId) -> Result<Option<String>, Trouble> {
        let open = self.store.open_payments().await?;
        let found = open.iter().find(|(one, _)| one.terms.payment_id == id);
        let Some((payment, attempts)) = found else {
            return Ok(Some("it is not under way".to_owned()));
        };
        if payment.state != PaymentState::Uncertain {
            let told = format!(
                "it is {}, and the swarm goes on with it by itself",
                payment.state
            );
            return Ok(Some(told));
        }
        self.standing(payment, attempts).await
    }

    async fn standing(
        &self,
        payment: &Payment,
        attempts: &[Attempt],
    ) -> Result<Option<String>, Trouble> {
        let terms = &payment.terms;
        let missing = || Trouble::Missing("budget.yaml says nothing about payments".to_owned());
        let in_force = self.payments().await?.ok_or_else(missing)?;
        let (asset, policy) = Self::asset(&in_force, &terms.asset)?;
        let chain = self.chain(&asset.chain)?.as_ref();
        if let Some(receipt) = self.find(chain, payment, attempts).await? {
            let told = format!(
                "{} is in block {}: look at what it did",
                receipt.hash, receipt.block
            );
            return Ok(Some(told));
        }
        let head = chain.head().await?;
        let Some(stays) = final_height(policy, &head) else {
            return Ok(Some("the chain has no block that stays yet".to_owned()));
        };
        let used = chain.nonce(terms.from, Some(stays)).await?;
        let last = attempts.iter().map(|one| one.transaction.nonce).max();
        if let Some(place) = last.filter(|place| used <= *place) {
            return Ok(Some(format!(
                "its place {place} is not used by another transaction in a block that stays"
            )));
        }
        let holds = attempts.iter().filter_map(Attempt::valid_before).max();
        if let Some(until) =
            holds.filter(|until| head.seconds <= until.saturating_add(HOLDS_ON_SECS))
        {
            let left = until.saturating_add(HOLDS_ON_SECS) - head.seconds;
            return Ok(Some(format!(
                "its authorization can be handed in by anybody for {left} s of the chain's time yet"
            )));
        }
        Ok(None)
    }
}
