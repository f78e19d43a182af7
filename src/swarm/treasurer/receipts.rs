//! What was found on the chain, judged: a receipt that says yes is no payment yet.
//!
//! Exactly one movement of exactly the amount from the wallet to the counterparty, by the token itself, and balances that
//! moved by what the movements say. A token that lies in its events is found by its balances.

use chimera_domain::{
    cfo::ChainPolicy,
    chain::{EvmAddress, Units},
    death,
    payment::{Attempt, Payment, PaymentState},
    ports::{Chain, Movement, Receipt},
};
use tracing::info;

use super::{Treasurer, Trouble, final_height};

/// So long after its time an authorization is still taken to hold: clocks of chains differ, and blocks are put in others' place.
pub(super) const HOLDS_ON_SECS: u64 = 120;

/// What a receipt shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shows {
    /// Exactly the payment.
    Paid,
    /// Nothing happened but that gas was spent.
    Failed,
    /// Something else than was meant.
    Other(String),
}

/// What a receipt shows of a payment, by its movements alone.
pub(super) fn shows(payment: &Payment, receipt: &Receipt) -> Shows {
    if !receipt.succeeded {
        return Shows::Failed;
    }
    let terms = &payment.terms;
    let Some(token) = terms.token else {
        // A coin moves by the transaction itself, which was taken apart before it was kept.
        return Shows::Paid;
    };
    let exact = |moved: &&Movement| {
        (moved.token, moved.from, moved.to, moved.amount)
            == (token, terms.from, terms.to, terms.amount)
    };
    // Anybody can have a token say that nothing moved.
    let from_us = |moved: &&Movement| moved.from == terms.from && moved.amount > Units::ZERO;
    let paid = receipt.movements.iter().filter(exact).count();
    if receipt.sender != terms.from {
        // Somebody else handed in our authorization, perhaps among other things: the token must say that it was this one.
        let used = (token, terms.from, terms.authorization_nonce());
        return if paid > 0 && receipt.authorizations.contains(&used) {
            Shows::Paid
        } else {
            Shows::Other("somebody else's transaction, which did not pay it".to_owned())
        };
    }
    let ours: Vec<_> = receipt.movements.iter().filter(from_us).collect();
    match ours.as_slice() {
        [_] if paid == 1 => Shows::Paid,
        [] => Shows::Other("it is in a block and moved nothing".to_owned()),
        [one] => Shows::Other(format!(
            "it moved {} of {} from {} to {}",
            one.amount, one.token, one.from, one.to
        )),
        more => Shows::Other(format!("it made {} movements instead of one", more.len())),
    }
}

impl Treasurer {
    /// The transaction that made the payment, or was meant to: one of ours, or whoever's used its authorization.
    pub(super) async fn find(
        &self,
        chain: &dyn Chain,
        payment: &Payment,
        attempts: &[Attempt],
    ) -> Result<Option<Receipt>, Trouble> {
        let mut failed = None;
        for attempt in attempts {
            match chain.receipt(attempt.hash).await? {
                Some(receipt) if receipt.succeeded => return Ok(Some(receipt)),
                Some(receipt) => failed = Some(receipt),
                None => {}
            }
        }
        let terms = &payment.terms;
        let authorized = attempts.first().filter(|attempt| {
            matches!(
                attempt.transaction.call,
                chimera_domain::payment::Call::Authorized { .. }
            )
        });
        if let (Some(first), Some(token)) = (authorized, terms.token) {
            let nonce = terms.authorization_nonce();
            if chain.authorization_used(token, terms.from, nonce).await? {
                let from = first.signed_at_block;
                let used = chain
                    .authorization_used_in(token, terms.from, nonce, from)
                    .await?;
                if let Some(hash) = used
                    && let Some(receipt) = chain.receipt(hash).await?
                {
                    return Ok(Some(receipt));
                }
            }
        }
        Ok(failed)
    }

    /// What follows from a transaction that was found.
    pub(super) async fn judge(
        &self,
        chain_policy: &ChainPolicy,
        chain: &dyn Chain,
        (payment, attempts): (&Payment, &[Attempt]),
        receipt: &Receipt,
    ) -> Result<PaymentState, Trouble> {
        let id = payment.terms.payment_id;
        if payment.state == PaymentState::Signed {
            // Somebody handed it in: we did, and died before that was written down.
            self.store.note_sent(id, receipt.hash).await?;
        }
        match shows(payment, receipt) {
            Shows::Paid => {
                if let Some(why) = self.unbalanced(chain, payment, receipt).await? {
                    // An endpoint may have a block before it has all that is in it.
                    let head = chain.head().await?.number;
                    if !self.looked_long_enough(receipt.hash, head) {
                        return Ok(payment.state);
                    }
                    self.store.doubt_payment(id, &why).await?;
                    return Ok(PaymentState::Uncertain);
                }
                self.unsuspect(receipt.hash);
                self.store.note_mined(id, receipt).await?;
                death::at("payment", "mined");
                info!(payment = %id, hash = %receipt.hash, block = receipt.block, "a payment is in a block");
                Ok(PaymentState::Mined)
            }
            Shows::Other(why) => {
                self.store.doubt_payment(id, &why).await?;
                Ok(PaymentState::Uncertain)
            }
            Shows::Failed => {
                let head = chain.head().await?;
                // What it was to carry out is public now: while its authorization holds, anybody may hand that in.
                let holds = attempts
                    .iter()
                    .filter_map(|attempt| attempt.valid_before())
                    .max();
                if holds.is_some_and(|until| head.seconds <= until.saturating_add(HOLDS_ON_SECS)) {
                    return Ok(payment.state);
                }
                // It may be in another block tomorrow, and pass there.
                let stays =
                    final_height(chain_policy, &head).is_some_and(|height| receipt.block <= height);
                if !stays || chain.block_hash(receipt.block).await? != Some(receipt.block_hash) {
                    return Ok(payment.state);
                }
                self.store
                    .end_payment(id, PaymentState::Reverted, receipt)
                    .await?;
                Ok(PaymentState::Reverted)
            }
        }
    }

    /// Whether the recipient's balance moved in that block by anything else than the movements say.
    async fn unbalanced(
        &self,
        chain: &dyn Chain,
        payment: &Payment,
        receipt: &Receipt,
    ) -> Result<Option<String>, Trouble> {
        let (Some(token), Some(before)) = (payment.terms.token, receipt.block.checked_sub(1))
        else {
            return Ok(None);
        };
        let to = payment.terms.to;
        let had = chain.balance(to, Some(token), Some(before)).await?;
        let has = chain.balance(to, Some(token), Some(receipt.block)).await?;
        let moved = chain.movements(to, receipt.block..=receipt.block).await?;
        let sum = |of: &dyn Fn(EvmAddress, EvmAddress) -> bool| {
            moved
                .iter()
                .filter(|one| one.token == token && of(one.from, one.to))
                .try_fold(Units::ZERO, |sum, one| sum.checked_add(one.amount))
        };
        let came = sum(&|from, into| into == to && from != to);
        let went = sum(&|from, into| from == to && into != to);
        let should = came
            .and_then(|came| had.checked_add(came))
            .zip(went)
            .and_then(|(all, went)| all.checked_sub(went));
        Ok((should != Some(has)).then(|| {
            format!(
                "the token says that it moved {}, and the recipient had {had} and has {has}",
                payment.terms.amount
            )
        }))
    }

    /// A payment in a block: still in it, or not.
    pub(super) async fn still_there(
        &self,
        chain: &dyn Chain,
        payment: &Payment,
        attempts: &[Attempt],
    ) -> Result<PaymentState, Trouble> {
        let Some(found) = payment.found else {
            return Ok(payment.state);
        };
        if chain.block_hash(found.block).await? == Some(found.block_hash) {
            let ours = attempts
                .iter()
                .any(|attempt| attempt.hash == found.transaction);
            if !ours && let Some(last) = attempts.last() {
                // Somebody else handed in its authorization. Ours does nothing any more, and yet its place must be used, or
                // nothing after it gets through.
                let _ = chain.send(&last.raw).await;
            }
            return Ok(payment.state);
        }
        let why = format!("block {} is another one now", found.block);
        self.store
            .note_unmined(payment.terms.payment_id, &why)
            .await?;
        Ok(PaymentState::Broadcast)
    }
}
