//! Payments: wish, decision, money set aside and signed bytes move in one transaction or not at all.
//!
//! `facts.rs` counts what the CFO is told, `wishes.rs` hears wishes, `people.rs` people, `again.rs` asks the
//! CFO once more, `attempts.rs` keeps signed bytes, `outcomes.rs` what
//! became of them, `entries.rs` is the ledger in the assets' own units, `reconcile.rs` keeps what the chain was found to say,
//! `policies.rs` which policy is in force.

mod again;
mod attempts;
mod entries;
pub(super) mod facts;
mod outcomes;
pub(super) mod people;
pub(super) mod policies;
pub(super) mod reconcile;
mod wishes;

/// How payments are counted, for whoever shows what is left.
pub(super) mod counting {
    pub(in crate::sqlite) use super::{
        entries::units,
        facts::{Counting, OPEN, ever, open, steady_now, used},
    };
}

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, StateVersion, Usd,
    cfo::{Decision, Facts, Line, PaymentPolicy, Quote},
    chain::{Hash32, Units},
    ids::{AgentId, PaymentId},
    payment::{Attempt, OnChain, Payment, PaymentRequest, PaymentState, Terms},
    policy::Policy,
    ports::{Cleared, NewAttempt, PaymentStore, Proposed, Receipt, Recorded, Result},
    wallet::{Break, BreakKind, LedgerBalance, Reconciled, Reconciliation},
};
use rusqlite::{Row, params};

use self::people::Approved;
use super::{
    SqliteStore,
    db::{AuditLine, Db, Fault, Verb, count},
    rows::{Cells, json},
};

/// Who moves payments when nobody else does.
const CFO: &str = "cfo";

#[async_trait]
impl PaymentStore for SqliteStore {
    async fn propose_payment(
        &self,
        request: &PaymentRequest,
        quote: Option<&Quote>,
    ) -> Result<Proposed> {
        let (request, quote) = (request.clone(), quote.cloned());
        self.write("propose a payment", move |db| {
            wishes::propose(db, &request, quote.as_ref())
        })
        .await
    }

    async fn weigh_payment(
        &self,
        request: &PaymentRequest,
        quote: Option<&Quote>,
    ) -> Result<Proposed> {
        let (request, quote) = (request.clone(), quote.cloned());
        self.read("weigh a payment", move |db| {
            wishes::weigh(db, &request, quote.as_ref())
        })
        .await
    }

    async fn approve_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        digest: ContentHash,
        actor: &str,
    ) -> Result<Outcome<PaymentState>> {
        let actor = actor.to_owned();
        self.write("approve a payment", move |db| {
            Ok(
                match people::approve(db, payment, version, digest, &actor)? {
                    Outcome::Done(Approved::Held { .. }, version) => {
                        Outcome::Done(PaymentState::Approved, version)
                    }
                    Outcome::Done(Approved::OneMore, version) => {
                        Outcome::Done(PaymentState::Review, version)
                    }
                    Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
                    Outcome::NotFound => Outcome::NotFound,
                },
            )
        })
        .await
    }

    async fn reject_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>> {
        let (actor, why) = (actor.to_owned(), why.to_owned());
        self.write("reject a payment", move |db| {
            people::reject(db, payment, version, &actor, &why)
        })
        .await
    }

    async fn payment(&self, payment: PaymentId) -> Result<Option<Payment>> {
        self.read("read a payment", move |db| {
            Ok(kept(db, payment)?.map(|kept| kept.payment))
        })
        .await
    }

    async fn payments(&self, limit: u32) -> Result<Vec<Payment>> {
        self.read("list payments", move |db| {
            let found = db.all(
                "SELECT p.*, g.slug FROM payments p JOIN agents g ON g.agent_id = p.agent_id
                 WHERE p.terms IS NOT NULL ORDER BY p.at DESC, p.payment_id DESC LIMIT ?1",
                [limit],
                kept_row,
            )?;
            Ok(found.into_iter().map(|kept| kept.payment).collect())
        })
        .await
    }

    async fn payment_lines(&self, payment: PaymentId) -> Result<Vec<Line>> {
        self.read("read a decision on a payment", move |db| {
            let found = db.one(
                "SELECT lines FROM payment_decisions WHERE payment_id = ?1 ORDER BY decision_id DESC LIMIT 1",
                [payment.as_bytes()],
                |row| row.doc("lines"),
            )?;
            Ok(found.unwrap_or_default())
        })
        .await
    }

    async fn open_payments(&self) -> Result<Vec<(Payment, Vec<Attempt>)>> {
        // Nothing is written as long as nobody is late: who looks every moment would wake everybody else.
        if self.read("look for late payments", wishes::is_late).await? {
            self.write("end late payments", wishes::expire).await?;
        }
        self.read("look for open payments", attempts::open).await
    }

    async fn clear_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        quote: &Quote,
        chain_nonce: u64,
    ) -> Result<Outcome<Cleared>> {
        let quote = quote.clone();
        self.write("clear a payment", move |db| {
            attempts::clear(db, payment, version, &quote, chain_nonce)
        })
        .await
    }

    async fn record_attempt(
        &self,
        payment: PaymentId,
        version: StateVersion,
        attempt: &NewAttempt,
        quote: &Quote,
    ) -> Result<Outcome<Recorded>> {
        let (attempt, quote) = (attempt.clone(), quote.clone());
        self.write("keep signed bytes", move |db| {
            attempts::record(db, payment, version, &attempt, &quote)
        })
        .await
    }

    async fn note_sent(&self, payment: PaymentId, hash: Hash32) -> Result<()> {
        self.write("note that bytes were handed in", move |db| {
            outcomes::sent(db, payment, hash)
        })
        .await
    }

    async fn note_mined(&self, payment: PaymentId, receipt: &Receipt) -> Result<()> {
        let receipt = receipt.clone();
        self.write("note that a payment is in a block", move |db| {
            outcomes::mined(db, payment, &receipt)
        })
        .await
    }

    async fn note_unmined(&self, payment: PaymentId, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write("note that a block is no more", move |db| {
            outcomes::unmined(db, payment, &why)
        })
        .await
    }

    async fn post_payment(&self, payment: PaymentId, receipt: &Receipt, gas: Units) -> Result<()> {
        let receipt = receipt.clone();
        self.write("post a payment", move |db| {
            outcomes::end(db, payment, PaymentState::Posted, &receipt, gas)
        })
        .await
    }

    async fn end_payment(
        &self,
        payment: PaymentId,
        end: PaymentState,
        receipt: &Receipt,
    ) -> Result<()> {
        let receipt = receipt.clone();
        self.write("end a payment", move |db| {
            outcomes::end(db, payment, end, &receipt, receipt.fee)
        })
        .await
    }

    async fn doubt_payment(&self, payment: PaymentId, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write("doubt a payment", move |db| {
            outcomes::doubt(db, payment, &why)
        })
        .await
    }

    async fn agent_named(&self, slug: &str) -> Result<Option<AgentId>> {
        let slug = slug.to_owned();
        self.read("read an agent", move |db| {
            db.one(
                "SELECT agent_id FROM agents WHERE slug = ?1",
                [slug],
                |row| row.id("agent_id"),
            )
        })
        .await
    }

    async fn reconciled(&self, agent: AgentId, asset: &str) -> Result<Option<Reconciled>> {
        let asset = asset.to_owned();
        self.read("read where a reconciliation ended", move |db| {
            reconcile::cursor(db, agent, &asset)
        })
        .await
    }

    async fn ledger_of(&self, agent: AgentId, asset: &str) -> Result<LedgerBalance> {
        let asset = asset.to_owned();
        self.read("read the ledger of a wallet", move |db| {
            reconcile::ledger(db, agent, &asset)
        })
        .await
    }

    async fn record_reconciliation(
        &self,
        agent: AgentId,
        asset: &str,
        found: &Reconciliation,
    ) -> Result<bool> {
        let (asset, found) = (asset.to_owned(), found.clone());
        self.write("keep a reconciliation", move |db| {
            reconcile::record(db, agent, &asset, &found)
        })
        .await
    }

    async fn report_breaks(&self, agent: AgentId, breaks: &[(BreakKind, String)]) -> Result<()> {
        let breaks = breaks.to_vec();
        self.write("report breaks", move |db| {
            for (kind, detail) in &breaks {
                reconcile::break_found(db, agent, *kind, detail)?;
            }
            Ok(())
        })
        .await
    }

    async fn breaks(&self) -> Result<Vec<Break>> {
        self.read("list breaks", reconcile::breaks).await
    }

    async fn verify_wallets(&self) -> Result<u64> {
        self.read_at_length("check the ledger of the wallets", entries::verify)
            .await
    }
}

/// A payment with what only the store looks at.
pub(super) struct Kept {
    pub(super) payment: Payment,
    pub(super) terms: Terms,
    pub(super) wish: chimera_domain::cfo::Wish,
}

pub(super) fn kept(db: &Db<'_>, id: PaymentId) -> Verb<Option<Kept>> {
    db.one(
        "SELECT * FROM payments WHERE payment_id = ?1 AND terms IS NOT NULL",
        [id.as_bytes()],
        kept_row,
    )
}

fn must(db: &Db<'_>, id: PaymentId) -> Verb<Kept> {
    kept(db, id)?.ok_or_else(|| Fault::refused(format!("there is no {id}")))
}

pub(super) fn kept_row(row: &Row<'_>) -> Verb<Kept> {
    let terms: Terms = row.doc("terms")?;
    Ok(Kept {
        payment: Payment {
            terms: terms.clone(),
            version: row.version("version")?,
            agent_id: row.id("agent_id")?,
            campaign_id: row.maybe_id("campaign_id")?,
            trace_id: row.id("trace_id")?,
            source: row.word("source")?,
            proposer: row.text("proposer")?,
            category: row.word("category")?,
            state: row.word("state")?,
            why: row.text("why")?,
            counted: row.usd("counted")?,
            at: row.time("at")?,
            expires_at: row.time("expires_at")?,
            found: found(row)?,
        },
        terms,
        wish: row.doc("wish")?,
    })
}

fn found(row: &Row<'_>) -> Verb<Option<OnChain>> {
    let transaction: Option<[u8; 32]> = row.get("chain_hash")?;
    let block: Option<i64> = row.get("chain_block")?;
    let block_hash: Option<[u8; 32]> = row.get("chain_block_hash")?;
    Ok(transaction
        .zip(block)
        .zip(block_hash)
        .map(|((transaction, block), block_hash)| OnChain {
            transaction: Hash32::from_bytes(transaction),
            block: count(block),
            block_hash: Hash32::from_bytes(block_hash),
        }))
}

/// The policy in force, and its part on payments.
pub(super) fn policy(db: &Db<'_>) -> Verb<Option<(Policy, PaymentPolicy)>> {
    let Some(whole) = db.policy()? else {
        return Ok(None);
    };
    Ok(policies::in_force(db, &whole)?.map(|payments| (whole, payments)))
}

/// Keeps a decision with what it was made from.
fn keep_decision(
    db: &Db<'_>,
    payment: PaymentId,
    policy: ContentHash,
    step: &str,
    decision: &Decision,
    facts: &Facts,
) -> Verb<()> {
    db.exec_one(
        "INSERT INTO payment_decisions (payment_id, policy_hash, step, verdict, risk, people, lines, facts, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            payment.as_bytes(),
            policy.as_bytes(),
            step,
            decision.verdict().as_str(),
            decision.risk().score.map(|score| score.ppm()),
            decision.people(),
            json(&decision.lines())?,
            json(facts)?,
            db.now.micros(),
        ],
    )
}

/// Moves a payment on: new version, what it counts now, an audit line.
fn shift(
    db: &Db<'_>,
    payment: &Payment,
    to: PaymentState,
    counted: Usd,
    why: &str,
    actor: &str,
) -> Verb<()> {
    let id = payment.terms.payment_id;
    let next = payment.version.next();
    db.exec_one(
        "UPDATE payments SET state = ?3, version = ?4, counted = ?5, why = ?6 WHERE payment_id = ?1 AND version = ?2",
        params![
            id.as_bytes(),
            payment.version.get(),
            to.as_str(),
            next.get(),
            counted.micros(),
            why,
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: id.to_string(),
        verb: "move_payment",
        from: payment.state.as_str(),
        to: to.as_str(),
        versions: (payment.version.get(), next.get()),
        trace: Some(payment.trace_id),
        note: why,
        ..AuditLine::default()
    })
}
