//! Payments as the simulation passes them on.

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, StateVersion,
    cfo::{Line, Quote},
    chain::{Hash32, Units},
    ids::{AgentId, PaymentId},
    payment::{Attempt, Payment, PaymentRequest, PaymentState},
    ports::{Cleared, NewAttempt, PaymentStore, Proposed, Receipt, Recorded, Result},
    wallet::{Break, BreakKind, LedgerBalance, Reconciled, Reconciliation},
};

use super::{SimStore, block_on};

#[async_trait]
impl PaymentStore for SimStore {
    async fn propose_payment(
        &self,
        request: &PaymentRequest,
        quote: Option<&Quote>,
    ) -> Result<Proposed> {
        plain!(self.propose_payment(request, quote))
    }

    async fn weigh_payment(
        &self,
        request: &PaymentRequest,
        quote: Option<&Quote>,
    ) -> Result<Proposed> {
        read!(self.weigh_payment(request, quote))
    }

    async fn approve_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        digest: ContentHash,
        actor: &str,
    ) -> Result<Outcome<PaymentState>> {
        plain!(self.approve_payment(payment, version, digest, actor))
    }

    async fn reject_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.reject_payment(payment, version, actor, why))
    }

    async fn payment(&self, payment: PaymentId) -> Result<Option<Payment>> {
        read!(self.payment(payment))
    }

    async fn payments(&self, limit: u32) -> Result<Vec<Payment>> {
        read!(self.payments(limit))
    }

    async fn payment_lines(&self, payment: PaymentId) -> Result<Vec<Line>> {
        read!(self.payment_lines(payment))
    }

    async fn open_payments(&self) -> Result<Vec<(Payment, Vec<Attempt>)>> {
        plain!(self.open_payments())
    }

    async fn clear_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        quote: &Quote,
        chain_nonce: u64,
    ) -> Result<Outcome<Cleared>> {
        plain!(self.clear_payment(payment, version, quote, chain_nonce))
    }

    async fn record_attempt(
        &self,
        payment: PaymentId,
        version: StateVersion,
        attempt: &NewAttempt,
        quote: &Quote,
    ) -> Result<Outcome<Recorded>> {
        plain!(self.record_attempt(payment, version, attempt, quote))
    }

    async fn note_sent(&self, payment: PaymentId, hash: Hash32) -> Result<()> {
        plain!(self.note_sent(payment, hash))
    }

    async fn note_mined(&self, payment: PaymentId, receipt: &Receipt) -> Result<()> {
        plain!(self.note_mined(payment, receipt))
    }

    async fn note_unmined(&self, payment: PaymentId, why: &str) -> Result<()> {
        plain!(self.note_unmined(payment, why))
    }

    async fn post_payment(&self, payment: PaymentId, receipt: &Receipt, gas: Units) -> Result<()> {
        plain!(self.post_payment(payment, receipt, gas))
    }

    async fn end_payment(
        &self,
        payment: PaymentId,
        end: PaymentState,
        receipt: &Receipt,
    ) -> Result<()> {
        plain!(self.end_payment(payment, end, receipt))
    }

    async fn doubt_payment(&self, payment: PaymentId, why: &str) -> Result<()> {
        plain!(self.doubt_payment(payment, why))
    }

    async fn agent_named(&self, slug: &str) -> Result<Option<AgentId>> {
        read!(self.agent_named(slug))
    }

    async fn reconciled(&self, agent: AgentId, asset: &str) -> Result<Option<Reconciled>> {
        read!(self.reconciled(agent, asset))
    }

    async fn ledger_of(&self, agent: AgentId, asset: &str) -> Result<LedgerBalance> {
        read!(self.ledger_of(agent, asset))
    }

    async fn record_reconciliation(
        &self,
        agent: AgentId,
        asset: &str,
        found: &Reconciliation,
    ) -> Result<bool> {
        plain!(self.record_reconciliation(agent, asset, found))
    }

    async fn report_breaks(&self, agent: AgentId, breaks: &[(BreakKind, String)]) -> Result<()> {
        plain!(self.report_breaks(agent, breaks))
    }

    async fn breaks(&self) -> Result<Vec<Break>> {
        read!(self.breaks())
    }

    async fn verify_wallets(&self) -> Result<u64> {
        read!(self.verify_wallets())
    }
}
