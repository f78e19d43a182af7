//! From approved to handed in: cleared, signed, taken apart again, kept, and only then given to anybody.

use chimera_domain::{
    Outcome, Span,
    cfo::{ChainPolicy, PaymentPolicy, Quote},
    chain::{Asset, Hash32},
    death,
    payment::{Attempt, AttemptKind, AttemptState, Payment, PaymentState, Transaction},
    ports::{Chain, Cleared, Fees, NewAttempt, Recorded},
};
use tracing::{info, warn};

use super::{Suspicion, Treasurer, Trouble, quote::call_of};

/// A transaction that is in no block after so many of them is helped on.
const STUCK_BLOCKS: u64 = 5;
/// What takes another's place offers an eighth more.
const BUMP: (u128, u128) = (1_125, 1_000);
/// So long a place must look taken by somebody else before it is said to be.
const SUSPECTED_FOR: Span = Span::from_secs(30);
/// And over so many blocks.
const SUSPECTED_BLOCKS: u64 = 3;

impl Treasurer {
    /// Does the next thing for one payment; where it stands then.
    pub(super) async fn drive(
        &self,
        policy: &PaymentPolicy,
        payment: &Payment,
        attempts: &[Attempt],
    ) -> Result<PaymentState, Trouble> {
        let (asset, chain_policy) = Self::asset(policy, &payment.terms.asset)?;
        let chain = self.chain(&asset.chain)?.as_ref();
        match payment.state {
            PaymentState::Approved => self.sign(policy, asset, chain_policy, chain, payment).await,
            PaymentState::Signed | PaymentState::Broadcast | PaymentState::Uncertain => {
                self.follow(policy, asset, chain_policy, chain, payment, attempts)
                    .await
            }
            PaymentState::Mined => self.still_there(chain, payment, attempts).await,
            PaymentState::Review
            | PaymentState::Refused
            | PaymentState::Posted
            | PaymentState::Rejected
            | PaymentState::Expired
            | PaymentState::Cancelled
            | PaymentState::Reverted => Ok(payment.state),
        }
    }

    async fn sign(
        &self,
        policy: &PaymentPolicy,
        asset: &Asset,
        chain_policy: &ChainPolicy,
        chain: &dyn Chain,
        payment: &Payment,
    ) -> Result<PaymentState, Trouble> {
        let terms = &payment.terms;
        let quote = self.quote_of_terms(policy, terms).await?;
        let nonce = chain.nonce(terms.from, None).await?;
        let cleared = self
            .store
            .clear_payment(terms.payment_id, payment.version, &quote, nonce)
            .await?;
        let (decision, nonce) = match cleared {
            Outcome::Done(Cleared::Sign { decision, nonce }, _) => (decision, nonce),
            Outcome::Done(Cleared::Wait { why }, _) => return Err(Trouble::Missing(why)),
            Outcome::Done(Cleared::Stopped { state, .. }, _) => return Ok(state),
            Outcome::Conflict(_) | Outcome::NotFound => return Ok(payment.state),
        };
        let gas = quote
            .gas_limit()
            .ok_or_else(|| Trouble::Missing("nobody knows how much gas it takes".to_owned()))?;
        let (fee_max, tip_max) = offer(chain_policy, &quote.fees);
        let transaction = Transaction {
            chain_id: terms.chain_id,
            nonce,
            gas_limit: gas,
            fee_max,
            tip_max,
            call: call_of(chain, asset, terms).await?,
        };
        let clearance = decision
            .clear(terms, transaction)
            .map_err(Trouble::Missing)?;
        self.keep_and_send(chain, payment, AttemptKind::Pay, &clearance, &quote)
            .await
    }

    /// Signs what was cleared, takes the bytes apart again, keeps them, and only then hands them in.
    async fn keep_and_send(
        &self,
        chain: &dyn Chain,
        payment: &Payment,
        kind: AttemptKind,
        clearance: &chimera_domain::cfo::Clearance,
        quote: &Quote,
    ) -> Result<PaymentState, Trouble> {
        let terms = &payment.terms;
        let signer =
            self.treasury.signers.get(&terms.agent).ok_or_else(|| {
                Trouble::Missing(format!("the key of {} is not here", terms.agent))
            })?;
        if signer.address() != terms.from {
            return Err(Trouble::Missing(format!(
                "the key of {} is of another wallet than budget.yaml says",
                terms.agent
            )));
        }
        let signed = signer.sign(clearance).await?;
        let (sender, transaction) = chain.decode(&signed.raw)?;
        if sender != terms.from || transaction != *clearance.transaction() {
            return Err(Trouble::Missing(
                "the signer signed something else than it was given".to_owned(),
            ));
        }
        death::at("payment", "signed");
        let new = NewAttempt {
            kind,
            hash: signed.hash,
            sender,
            transaction,
            raw: signed.raw,
        };
        let kept = self
            .store
            .record_attempt(terms.payment_id, payment.version, &new, quote)
            .await?;
        match kept {
            Outcome::Done(Recorded::Kept, _) => {}
            Outcome::Done(Recorded::Refused { why }, _) => return Err(Trouble::Missing(why)),
            Outcome::Conflict(_) | Outcome::NotFound => return Ok(payment.state),
        }
        death::at("payment", "kept");
        info!(payment = %terms.payment_id, hash = %new.hash, kind = %kind, "a payment is handed in");
        self.hand_in(chain, payment, new.hash, &new.raw).await
    }

    /// Whatever the endpoint answers, the bytes may be out: what became of them is read from the chain.
    async fn hand_in(
        &self,
        chain: &dyn Chain,
        payment: &Payment,
        hash: chimera_domain::chain::Hash32,
        raw: &[u8],
    ) -> Result<PaymentState, Trouble> {
        let id = payment.terms.payment_id;
        let answer = chain.send(raw).await;
        death::at("payment", "sent");
        if let Err(error) = answer {
            warn!(payment = %id, %error, "handing in a payment");
        }
        self.store.note_sent(id, hash).await?;
        let was_kept = matches!(payment.state, PaymentState::Approved | PaymentState::Signed);
        Ok(if was_kept {
            PaymentState::Broadcast
        } else {
            payment.state
        })
    }

    /// Looks for what became of a payment whose bytes are out, and helps it on.
    async fn follow(
        &self,
        policy: &PaymentPolicy,
        asset: &Asset,
        chain_policy: &ChainPolicy,
        chain: &dyn Chain,
        payment: &Payment,
        attempts: &[Attempt],
    ) -> Result<PaymentState, Trouble> {
        if let Some(receipt) = self.find(chain, payment, attempts).await? {
            return self
                .judge(chain_policy, chain, (payment, attempts), &receipt)
                .await;
        }
        let live = attempts.iter().find(|attempt| {
            matches!(
                attempt.state,
                AttemptState::Signed | AttemptState::Broadcast
            )
        });
        let Some(live) = live else {
            return Ok(payment.state);
        };
        let head = chain.head().await?;
        let nonce = chain.nonce(payment.terms.from, None).await?;
        if nonce > live.transaction.nonce {
            return self.suspect(payment, live, head.number).await;
        }
        self.unsuspect(live.hash);
        if payment.state != PaymentState::Uncertain
            && head.number > live.signed_at_block.saturating_add(STUCK_BLOCKS)
            && let Some(state) = self
                .bump(policy, asset, chain_policy, chain, payment, live)
                .await?
        {
            return Ok(state);
        }
        self.hand_in(chain, payment, live.hash, &live.raw).await
    }

    /// Its place is used and none of its transactions is in a block: somebody else has the key, or the endpoint lags. Only
    /// when it stays so it is said.
    async fn suspect(
        &self,
        payment: &Payment,
        live: &Attempt,
        head: u64,
    ) -> Result<PaymentState, Trouble> {
        let since = self.suspected_since(live.hash, head);
        let stays = head >= since.block.saturating_add(SUSPECTED_BLOCKS)
            && self.ambient.now() >= since.at.plus(SUSPECTED_FOR);
        if stays {
            let why = format!(
                "place {} of its wallet is used, and by none of its transactions",
                live.transaction.nonce
            );
            self.store
                .doubt_payment(payment.terms.payment_id, &why)
                .await?;
        }
        Ok(payment.state)
    }

    /// Since when something about a transaction looks wrong.
    fn suspected_since(&self, hash: Hash32, head: u64) -> Suspicion {
        *self
            .suspected
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .entry(hash)
            .or_insert(Suspicion {
                block: head,
                at: self.ambient.now(),
            })
    }

    /// Whether something has looked wrong over enough blocks to be believed.
    pub(super) fn looked_long_enough(&self, hash: Hash32, head: u64) -> bool {
        let since = self.suspected_since(hash, head);
        head >= since.block.saturating_add(SUSPECTED_BLOCKS)
    }

    pub(super) fn unsuspect(&self, hash: Hash32) {
        self.suspected
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .remove(&hash);
    }

    /// The same payment at the same place for a higher fee, as far as the policy lets it; none where nothing more can be
    /// offered, or the fee is not what it waits for.
    async fn bump(
        &self,
        policy: &PaymentPolicy,
        asset: &Asset,
        chain_policy: &ChainPolicy,
        chain: &dyn Chain,
        payment: &Payment,
        live: &Attempt,
    ) -> Result<Option<PaymentState>, Trouble> {
        let fees = chain.fees().await?;
        let old = &live.transaction;
        let raised = |fee: u128| fee.saturating_mul(BUMP.0).div_ceil(BUMP.1);
        let (fair_fee, fair_tip) = offer(chain_policy, &fees);
        let fee_max = raised(old.fee_max).max(fair_fee);
        let tip_max = raised(old.tip_max).max(fair_tip);
        if fee_max > chain_policy.fee_max || tip_max > chain_policy.tip_max {
            return Ok(None);
        }
        let quote = self.quote_of_terms(policy, &payment.terms).await?;
        let terms = &payment.terms;
        let cleared = self
            .store
            .clear_payment(terms.payment_id, payment.version, &quote, old.nonce)
            .await?;
        let Outcome::Done(Cleared::Sign { decision, nonce }, _) = cleared else {
            return Ok(None);
        };
        let transaction = Transaction {
            nonce,
            fee_max,
            tip_max,
            call: call_of(chain, asset, terms).await?,
            ..old.clone()
        };
        let clearance = decision
            .clear(terms, transaction)
            .map_err(Trouble::Missing)?;
        self.keep_and_send(chain, payment, AttemptKind::Bump, &clearance, &quote)
            .await
            .map(Some)
    }
}

/// What is offered for gas: twice the base fee, so that it holds for six full blocks, and the usual tip; never more than
/// the policy lets.
fn offer(chain: &ChainPolicy, fees: &Fees) -> (u128, u128) {
    let tip = fees.tip.max(1).min(chain.tip_max);
    let fee = fees
        .base
        .saturating_mul(2)
        .saturating_add(tip)
        .min(chain.fee_max);
    (fee, tip.min(fee))
}
