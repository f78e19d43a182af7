//! A house with a wallet on a chain of its own.

use std::{path::PathBuf, sync::Arc};

use chimera::{clock, compose, config};
use chimera_domain::{
    Ambient,
    chain::{EvmAddress, Units},
    ids::{AgentId, PaymentId, TraceId},
    payment::{Payment, PaymentRequest, PaymentState, Source},
    policy::Policy,
    ports::{Chain, PaymentStore as _, RuntimeStore as _, Signer, Store},
    spend::BudgetCategory,
};
use chimera_store::SqliteStore;
use chimera_swarm::treasurer::{Treasurer, Treasury};
use chimera_wallet::{
    KeystoreSigner, RpcChain, RpcSettings, Secret, SigningDomain,
    testing::{TestChain, signer},
};

use crate::support::Payments;

/// What the wallet begins with, in base units of the token and of the coin.
pub(super) const DOLLARS: u128 = 400_000_000;
pub(super) const COINS: u128 = 10_000_000_000_000_000_000;

/// Which token the house pays in.
pub(super) enum Pays {
    /// The honest one, by authorization.
    Authorized,
    /// The honest one, by `transfer`.
    Transfer,
    /// The coin.
    Coin,
    /// Whatever stands at this address, by `transfer`.
    Token(EvmAddress),
}

pub(super) struct House {
    pub(super) folder: tempfile::TempDir,
    pub(super) chain: TestChain,
    pub(super) store: Arc<SqliteStore>,
    pub(super) token: EvmAddress,
    pub(super) wallet: EvmAddress,
    pub(super) to: EvmAddress,
    pub(super) agent: AgentId,
    pub(super) policy: Arc<Policy>,
    pub(super) ambient: Ambient,
}

impl House {
    pub(super) async fn new(pays: Pays) -> Self {
        let chain = TestChain::start(&[]).unwrap();
        Self::on(chain, pays).await
    }

    pub(super) async fn on(chain: TestChain, pays: Pays) -> Self {
        let honest = chain.token().await.unwrap();
        let token = match pays {
            Pays::Authorized | Pays::Transfer | Pays::Coin => honest,
            Pays::Token(token) => token,
        };
        let (wallet, to) = (key("leo").address(), key("images").address());
        chain.fund(wallet, Units::from_base(COINS)).await.unwrap();
        chain
            .mint(token, wallet, Units::from_base(DOLLARS))
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let home = config::Home::in_folder(folder.path());
        home.ensure().unwrap();
        let rail = match pays {
            Pays::Authorized => "eip3009, name: Test USD, version: \"2\"",
            Pays::Transfer | Pays::Coin | Pays::Token(_) => "transfer",
        };
        let paid = if matches!(pays, Pays::Coin) {
            "ETH"
        } else {
            "USDC"
        };
        let shipped = std::fs::read_to_string(home.budget_yaml()).unwrap();
        let payments = Payments {
            token,
            rail,
            wallet,
            to,
            asset: paid,
            blocks: 3,
        };
        std::fs::write(home.budget_yaml(), format!("{shipped}{payments}")).unwrap();
        std::fs::write(
            home.chimera_yaml(),
            "campaigns:\n  - {name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100}\n",
        )
        .unwrap();
        let loaded = config::Config::load_from(&home, |_| None).unwrap();
        let ambient = clock::system();
        let store = compose::open_store(&home.db_file(), ambient.clone()).unwrap();
        store.install(&loaded.setup(ambient.now())).await.unwrap();
        let agent = store.agent_named("leo").await.unwrap().unwrap();
        let policy = Arc::new(loaded.policy_at(ambient.now()));
        let house = Self {
            folder,
            chain,
            store,
            token,
            wallet,
            to,
            agent,
            policy,
            ambient,
        };
        house.chain.mine(4).await.unwrap();
        house.treasurer().reconcile("leo").await.unwrap();
        house
    }

    /// The database's file.
    pub(super) fn file(&self) -> PathBuf {
        config::Home::in_folder(self.folder.path()).db_file()
    }

    /// Asks the chain through some endpoint.
    pub(super) fn rpc(&self, url: &str) -> RpcChain {
        let domain = SigningDomain {
            token: self.token,
            name: "Test USD".to_owned(),
            version: "2".to_owned(),
        };
        let url = Secret::new(url.to_owned());
        RpcChain::new(RpcSettings::new(url, TestChain::CHAIN_ID, vec![domain])).unwrap()
    }

    pub(super) fn treasurer(&self) -> Treasurer {
        self.treasurer_through(self.store.clone(), self.chain.url())
    }

    pub(super) fn treasurer_through(&self, store: Arc<dyn Store>, url: &str) -> Treasurer {
        let chain: Arc<dyn Chain> = Arc::new(self.rpc(url));
        let signer: Arc<dyn Signer> = Arc::new(key("leo"));
        let treasury = Treasury {
            chains: [("local".to_owned(), chain)].into(),
            signers: [("leo".to_owned(), signer)].into(),
        };
        Treasurer::new(store, treasury, self.ambient.clone())
    }

    pub(super) fn wish(&self, key: &str, asset: &str, amount: &str) -> PaymentRequest {
        PaymentRequest {
            payment_id: PaymentId::from_uuid(self.ambient.fresh()),
            key: key.to_owned(),
            agent_id: self.agent,
            campaign_id: None,
            task_id: None,
            trace_id: TraceId::from_uuid(self.ambient.fresh()),
            source: Source::Manual,
            proposer: "ana@host".to_owned(),
            counterparty: "images".to_owned(),
            asset: asset.to_owned(),
            amount: amount.to_owned(),
            category: BudgetCategory::MediaGeneration,
            memo: "an image".to_owned(),
            opinion: None,
            forced: false,
        }
    }

    /// Asks for a payment that must be let through.
    pub(super) async fn approved(
        &self,
        treasurer: &Treasurer,
        key: &str,
        amount: &str,
    ) -> PaymentId {
        let asset = match self.policy.payments.as_ref().unwrap().agents[0].assets[0].as_str() {
            "ETH" => "ETH",
            _ => "USDC",
        };
        let wish = self.wish(key, asset, amount);
        let proposed = treasurer.propose("leo", &wish).await.unwrap();
        assert_eq!(proposed.state, PaymentState::Approved, "{}", proposed.why);
        proposed.payment_id
    }

    pub(super) async fn payment(&self, id: PaymentId) -> Payment {
        self.store.payment(id).await.unwrap().unwrap()
    }

    /// Steps, with a block after each, until every payment is at its end or `most` steps are over.
    pub(super) async fn settle(&self, treasurer: &Treasurer, most: u32) {
        for _ in 0..most {
            while treasurer.tick().await.unwrap() {}
            self.chain.mine(1).await.unwrap();
            if self.store.open_payments().await.unwrap().is_empty() {
                return;
            }
        }
    }

    /// What the recipient has of the token, by the chain.
    pub(super) async fn paid(&self) -> u128 {
        let rpc = self.rpc(self.chain.url());
        let has = rpc.balance(self.to, Some(self.token), None).await.unwrap();
        has.base()
    }

    /// What does not fit, by kind.
    pub(super) async fn breaks(&self) -> Vec<String> {
        let breaks = self.store.breaks().await.unwrap();
        breaks
            .iter()
            .map(|one| format!("{}: {}", one.kind, one.detail))
            .collect()
    }
}

pub(super) fn key(name: &str) -> KeystoreSigner {
    signer(name).unwrap()
}

/// What `transfer(to, amount)` is in bytes.
pub(super) fn transfer(to: EvmAddress, amount: u128) -> String {
    let to = to.to_string().to_lowercase();
    format!("0xa9059cbb{:0>64}{amount:064x}", &to[2..])
}
