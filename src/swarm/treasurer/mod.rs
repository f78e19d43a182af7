//! The treasurer: drives payments from the wish to the block that stays, and compares the chain with the ledger.
//!
//! It decides nothing: the CFO decides in the store, twice for each payment, and no signer signs without its clearance.
//! Whatever it was doing when it died it finds again in the store and goes on; what the chain says is read from the chain
//! and never remembered. `quote.rs` reads what the CFO is told, `pay.rs` signs and hands in, `receipts.rs` judges what was
//! found, `reconcile.rs` and `compare.rs` compare,
//! `write_off.rs` says what can never be made any more.

mod compare;
mod pay;
mod quote;
mod receipts;
mod reconcile;
mod write_off;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chimera_domain::{
    Ambient, Span, StoreError, Timestamp,
    cfo::{ChainPolicy, Finality, PaymentPolicy, Quote},
    chain::{Asset, Hash32},
    ids::PaymentId,
    payment::{Payment, PaymentRequest, PaymentState},
    ports::{AskPayment, Chain, Head, Proposed, Signer, Store, WalletError},
};
use tracing::{debug, warn};

use crate::drive::{Step, StepResult};

/// So long nothing is asked of a payment again while its chain stands still: what was handed in may have been lost, and a chain
/// of one's own makes no block for nothing.
const LOOK_AGAIN: Span = Span::from_secs(15);
/// How often the chain is compared with the ledger.
const RECONCILE_EVERY: Span = Span::from_secs(60);

/// The chains by the policy's names, and the signers by the agents' slugs.
#[derive(Debug, Clone, Default)]
pub struct Treasury {
    /// The chains that can be reached.
    pub chains: BTreeMap<String, Arc<dyn Chain>>,
    /// The wallets whose keys are here.
    pub signers: BTreeMap<String, Arc<dyn Signer>>,
}

/// Drives payments.
#[derive(Debug)]
pub struct Treasurer {
    store: Arc<dyn Store>,
    treasury: Treasury,
    ambient: Ambient,
    compared: Mutex<Compared>,
    /// How each payment and its chain stood when it was looked at last, and when: an endpoint is asked once a block and not all the time.
    looked: Mutex<HashMap<PaymentId, (Look, Timestamp)>>,
    /// Since which height something has looked wrong: one look at one endpoint is no proof.
    suspected: Mutex<HashMap<Hash32, Suspicion>>,
}

/// The newest block of each chain, by name; none where it did not answer.
type Heads = BTreeMap<String, Option<Hash32>>;

/// How a payment and its chain stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    state: PaymentState,
    attempts: usize,
    head: Option<Hash32>,
}

/// When the chains are compared next, and where they stood the last time.
#[derive(Debug, Default)]
struct Compared {
    next_at: Timestamp,
    heads: Heads,
}

/// Since when a place looks taken by somebody else.
#[derive(Debug, Clone, Copy)]
struct Suspicion {
    block: u64,
    at: Timestamp,
}

/// Why something could not be done now.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The chain or the key.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// Somebody else compares the same wallet, and was faster.
    #[error("somebody else is comparing this wallet")]
    Overtaken,
    /// Something is not configured.
    #[error("{0}")]
    Missing(String),
}

#[async_trait]
impl AskPayment for Treasurer {
    async fn ask(&self, agent: &str, request: &PaymentRequest) -> Result<Proposed, StoreError> {
        self.propose(agent, request).await
    }
}

impl Treasurer {
    /// A treasurer over a store, with whatever chains and keys there are.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, treasury: Treasury, ambient: Ambient) -> Self {
        Self {
            store,
            treasury,
            ambient,
            compared: Mutex::default(),
            looked: Mutex::default(),
            suspected: Mutex::default(),
        }
    }

    /// The policy in force. The store says which, for every process: what a file says beyond it does not hold yet.
    async fn payments(&self) -> Result<Option<PaymentPolicy>, StoreError> {
        let standing = self.store.payment_policy().await?;
        Ok(standing.policy().cloned())
    }

    /// Asks for a payment, with what the chain says now. Where it does not answer the CFO is told so, and refuses.
    ///
    /// # Errors
    /// As the store says.
    pub async fn propose(
        &self,
        agent: &str,
        request: &PaymentRequest,
    ) -> Result<Proposed, StoreError> {
        let quote = self.told(agent, request).await;
        self.store.propose_payment(request, quote.as_ref()).await
    }

    /// What would become of it, with what the chain says now. Nothing of it is kept.
    ///
    /// # Errors
    /// As the store says.
    pub async fn weigh_payment(
        &self,
        agent: &str,
        request: &PaymentRequest,
    ) -> Result<Proposed, StoreError> {
        let quote = self.told(agent, request).await;
        self.store.weigh_payment(request, quote.as_ref()).await
    }

    async fn told(&self, agent: &str, request: &PaymentRequest) -> Option<Quote> {
        match self.quote_of_request(agent, request).await {
            Ok(quote) => Some(quote),
            Err(trouble) => {
                warn!(error = %trouble, "the chain could not be asked about a payment");
                None
            }
        }
    }

    /// One look at everything that is open, and at the chain when it is time.
    pub(crate) async fn step(&self) -> StepResult {
        let Some(policy) = self.payments().await? else {
            return Ok(Step::Rest);
        };
        let policy = &policy;
        let mut progress = false;
        let mut heads = Heads::new();
        let open = self.store.open_payments().await?;
        let is_open = |id: &PaymentId| open.iter().any(|(one, _)| one.terms.payment_id == *id);
        self.looked().retain(|id, _| is_open(id));
        for (payment, attempts) in open {
            let id = payment.terms.payment_id;
            let head = self.head_of(policy, &payment, &mut heads).await;
            let look = Look {
                state: payment.state,
                attempts: attempts.len(),
                head,
            };
            if self.saw_already(id, look) {
                continue;
            }
            match self.drive(policy, &payment, &attempts).await {
                Ok(state) => {
                    progress |= state != payment.state;
                    self.looked().insert(id, (look, self.ambient.now()));
                }
                Err(Trouble::Store(error @ StoreError::Fenced { .. })) => return Err(error),
                Err(trouble) => {
                    debug!(payment = %id, error = %trouble, "a payment waits");
                }
            }
        }
        self.compare_when_due(policy, heads).await?;
        // Blocks come by time and ring no bell.
        Ok(if progress { Step::Progress } else { Step::Rest })
    }

    /// One step, for callers who set the pace themselves: whether something moved.
    ///
    /// # Errors
    /// As the store says.
    pub async fn tick(&self) -> Result<bool, StoreError> {
        Ok(self.step().await? == Step::Progress)
    }

    /// The newest block of a payment's chain, asked for once a step; none where it does not answer.
    async fn head_of(
        &self,
        policy: &PaymentPolicy,
        payment: &Payment,
        heads: &mut Heads,
    ) -> Option<Hash32> {
        let (asset, _) = Self::asset(policy, &payment.terms.asset).ok()?;
        if let Some(known) = heads.get(&asset.chain) {
            return *known;
        }
        let head = self.chain(&asset.chain).ok()?.head().await;
        let head = head.ok().map(|head| head.hash);
        heads.insert(asset.chain.clone(), head);
        head
    }

    /// Whether nothing can be new of a payment: it stands where it stood, and so does its chain. What waits to be signed is
    /// looked at each time, for people and halts move it, too.
    fn saw_already(&self, id: PaymentId, look: Look) -> bool {
        let waits = look.state == PaymentState::Approved || look.head.is_none();
        let now = self.ambient.now();
        let is_same = |(seen, at): &(Look, Timestamp)| *seen == look && now < at.plus(LOOK_AGAIN);
        !waits && self.looked().get(&id).is_some_and(is_same)
    }

    fn looked(&self) -> std::sync::MutexGuard<'_, HashMap<PaymentId, (Look, Timestamp)>> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn compare_when_due(
        &self,
        policy: &PaymentPolicy,
        heads: Heads,
    ) -> Result<(), StoreError> {
        let now = self.ambient.now();
        // What is in a block waits for its height, and that comes before the minute is over.
        let open = self.store.open_payments().await?;
        let mined = open
            .iter()
            .any(|(payment, _)| payment.state == PaymentState::Mined);
        {
            let mut compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = mined && compared.heads != heads;
            if now < compared.next_at && !is_new {
                return Ok(());
            }
            *compared = Compared {
                next_at: now.plus(RECONCILE_EVERY),
                heads,
            };
        }
        for wallet in &policy.agents {
            match self.reconcile(&wallet.agent).await {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Overtaken) => {}
                Err(trouble) => {
                    warn!(agent = %wallet.agent, error = %trouble, "a wallet could not be compared with the chain");
                }
            }
        }
        Ok(())
    }

    /// An asset of the policy with its chain.
    fn asset<'a>(
        policy: &'a PaymentPolicy,
        name: &str,
    ) -> Result<(&'a Asset, &'a ChainPolicy), Trouble> {
        policy
            .asset(name)
            .and_then(|asset| Some((asset, policy.chain(&asset.chain)?)))
            .ok_or_else(|| Trouble::Missing(format!("{name} is not in the policy")))
    }

    fn chain(&self, name: &str) -> Result<&Arc<dyn Chain>, Trouble> {
        self.treasury
            .chains
            .get(name)
            .ok_or_else(|| Trouble::Missing(format!("no endpoint is configured for {name}")))
    }
}

/// The newest block that stays.
fn final_height(chain: &ChainPolicy, head: &Head) -> Option<u64> {
    match chain.finality {
        Finality::Depth(depth) => head.number.checked_sub(depth),
        Finality::Finalized => head.finalized,
    }
}
