//! What the CFO is told of the chain: read here, never taken from whoever wants to be paid.

use chimera_domain::{
    cfo::{PaymentPolicy, Quote},
    chain::{Asset, EvmAddress, Units},
    payment::{Call, PaymentRequest, Terms},
    ports::Chain,
};

use super::{Treasurer, Trouble};

/// An authorization passes for so long after the newest block; it is signed anew when it has not passed by then.
const AUTHORIZED_SECS: u64 = 600;

impl Treasurer {
    pub(super) async fn quote_of_request(
        &self,
        agent: &str,
        request: &PaymentRequest,
    ) -> Result<Quote, Trouble> {
        let missing = |what: &str| Trouble::Missing(format!("{what} is not in the policy"));
        let policy = self.payments().await?;
        let policy = policy.as_ref().ok_or_else(|| missing("any payment"))?;
        let (asset, _) = Self::asset(policy, &request.asset)?;
        let wallet = policy.agent(agent).ok_or_else(|| missing(agent))?;
        let counterparty = policy
            .counterparty(&request.counterparty)
            .ok_or_else(|| missing(&request.counterparty))?;
        let amount = Units::parse(&request.amount, asset.decimals)
            .map_err(|error| Trouble::Missing(error.to_string()))?;
        let call = Call::moving(asset, counterparty.address, amount);
        self.quote(asset, wallet.address, &call).await
    }

    pub(super) async fn quote_of_terms(
        &self,
        policy: &PaymentPolicy,
        terms: &Terms,
    ) -> Result<Quote, Trouble> {
        let (asset, _) = Self::asset(policy, &terms.asset)?;
        let call = Call::moving(asset, terms.to, terms.amount);
        self.quote(asset, terms.from, &call).await
    }

    async fn quote(&self, asset: &Asset, from: EvmAddress, call: &Call) -> Result<Quote, Trouble> {
        let chain = self.chain(&asset.chain)?;
        let head = chain.head().await?;
        let token = asset.token.as_ref();
        let code_as_pinned = match token {
            None => true,
            Some(token) => {
                let code = chain.code_hash(token.address).await?;
                code.is_some() && token.code_hash.is_none_or(|pinned| code == Some(pinned))
            }
        };
        let to = call.moves().map(|(_, to, _)| to);
        let to_contract = match to {
            Some(to) => chain.code_hash(to).await?.is_some(),
            None => false,
        };
        let coin = chain.balance(from, None, None).await?;
        let balance = match token {
            None => coin,
            Some(token) => chain.balance(from, Some(token.address), None).await?,
        };
        Ok(Quote {
            at: self.ambient.now(),
            block: head.number,
            fees: chain.fees().await?,
            balance,
            coin,
            to_contract,
            code_as_pinned,
            simulation: chain.simulate(from, call).await?,
        })
    }
}

/// The call that pays these terms, ready to be signed.
pub(super) async fn call_of(
    chain: &dyn Chain,
    asset: &Asset,
    terms: &Terms,
) -> Result<Call, Trouble> {
    let head = chain.head().await?;
    Ok(match Call::moving(asset, terms.to, terms.amount) {
        Call::Authorized {
            token,
            signing_name,
            signing_version,
            to,
            amount,
            ..
        } => Call::Authorized {
            token,
            signing_name,
            signing_version,
            to,
            amount,
            nonce: terms.authorization_nonce(),
            valid_before: head.seconds.saturating_add(AUTHORIZED_SECS),
        },
        call @ (Call::Native { .. } | Call::Transfer { .. } | Call::Nothing) => call,
    })
}
