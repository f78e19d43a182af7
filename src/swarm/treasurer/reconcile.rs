//! Payments, ledger and chain side by side, up to the newest block that stays. What does not fit freezes the wallet.

use chimera_domain::{
    cfo::{AgentPayments, ChainPolicy, PaymentPolicy},
    chain::{Asset, EvmAddress, Hash32, Units},
    death,
    ids::AgentId,
    payment::{Attempt, Payment, PaymentState},
    ports::{Chain, Movement},
    wallet::{BreakKind, LedgerBalance, PostedPayment, Reconciled, Reconciliation},
};

use super::{Treasurer, Trouble, compare::compare, final_height, receipts};

/// How often a look is begun anew where somebody else looks too.
const TRIES: u32 = 5;
/// Blocks whose movements are asked for at once.
const BLOCKS_MAX: u64 = 5_000;

/// A payment that is not at its end, with its transactions.
type Open = (Payment, Vec<Attempt>);

/// Whether a movement may be that of a payment of which nobody has looked yet what became.
fn may_be(mine: &[Open], moved: &Movement) -> bool {
    mine.iter().any(|(payment, _)| {
        payment.state.is_in_flight()
            && payment.found.is_none()
            && (payment.terms.to, payment.terms.amount) == (moved.to, moved.amount)
    })
}

/// One wallet on one chain, up to one height.
struct Look<'a> {
    agent: AgentId,
    wallet: &'a AgentPayments,
    chain: &'a dyn Chain,
    up_to: Reconciled,
}

impl Treasurer {
    /// Compares one wallet with the chain: what came in is entered, what is in a block that stays is posted, and what does
    /// not fit is told.
    ///
    /// # Errors
    /// When the chain or the store does not answer: then nothing is known, and nothing is said.
    pub async fn reconcile(&self, slug: &str) -> Result<(), Trouble> {
        let policy = self
            .payments()
            .await?
            .ok_or_else(|| Trouble::Missing("no policy of payments is in force".to_owned()))?;
        let policy = &policy;
        let wallet = policy
            .agent(slug)
            .ok_or_else(|| Trouble::Missing(format!("{slug} has no wallet")))?;
        let Some(agent) = self.store.agent_named(slug).await? else {
            return Err(Trouble::Missing(format!("there is no agent {slug}")));
        };
        let mut trouble: Option<Trouble> = None;
        for chain_policy in &policy.chains {
            let held = policy.assets.iter().any(|asset| {
                asset.chain == chain_policy.name && wallet.assets.contains(&asset.name)
            });
            if !held {
                continue;
            }
            for _ in 0..TRIES {
                let looked = self.reconcile_on(policy, wallet, agent, chain_policy).await;
                if !matches!(looked, Err(Trouble::Overtaken)) {
                    trouble = trouble.or(looked.err());
                    break;
                }
            }
        }
        if let Err(error) = self.store.verify_wallets().await {
            self.tell(agent, vec![(BreakKind::Ledger, error.to_string())])
                .await?;
        }
        trouble.map_or(Ok(()), Err)
    }

    async fn reconcile_on(
        &self,
        policy: &PaymentPolicy,
        wallet: &AgentPayments,
        agent: AgentId,
        chain_policy: &ChainPolicy,
    ) -> Result<(), Trouble> {
        let chain = self.chain(&chain_policy.name)?.as_ref();
        let head = chain.head().await?;
        let Some(height) = final_height(chain_policy, &head) else {
            return Ok(());
        };
        let Some(block_hash) = chain.block_hash(height).await? else {
            return Ok(());
        };
        let look = Look {
            agent,
            wallet,
            chain,
            up_to: Reconciled {
                block: height,
                block_hash,
                at: self.ambient.now(),
            },
        };
        let mine = self.open_of(agent, chain_policy.chain_id).await?;
        let on_it = |asset: &&Asset| asset.chain == chain_policy.name;
        for asset in policy.assets.iter().filter(on_it) {
            if asset.token.is_some() && wallet.assets.contains(&asset.name) {
                self.tokens(policy, &look, asset, &mine).await?;
            }
        }
        let Some(coin) = policy.coin(&chain_policy.name) else {
            return Ok(());
        };
        self.coin(&look, coin, chain_policy.chain_id).await?;
        for open in &mine {
            self.post_if_final(&look, open).await?;
        }
        for asset in policy.assets.iter().filter(on_it) {
            if asset.token.is_none() || wallet.assets.contains(&asset.name) {
                self.weigh(&look, asset).await?;
            }
        }
        Ok(())
    }

    /// The payments of a wallet on a chain that are not at their end.
    async fn open_of(&self, agent: AgentId, chain_id: u64) -> Result<Vec<Open>, Trouble> {
        let open = self.store.open_payments().await?;
        Ok(open
            .into_iter()
            .filter(|(payment, _)| payment.agent_id == agent && payment.terms.chain_id == chain_id)
            .collect())
    }

    /// What came in and went out of one token since the last look.
    async fn tokens(
        &self,
        policy: &PaymentPolicy,
        look: &Look<'_>,
        asset: &Asset,
        mine: &[Open],
    ) -> Result<(), Trouble> {
        let Some(token) = asset.token.as_ref().map(|token| token.address) else {
            return Ok(());
        };
        let Some((since, ledger)) = self.since(look, asset).await? else {
            return Ok(());
        };
        let address = look.wallet.address;
        let mut from = since.block.saturating_add(1);
        let mut seen = ledger.seen;
        while from <= look.up_to.block {
            let to = look.up_to.block.min(from.saturating_add(BLOCKS_MAX - 1));
            let moved = look.chain.movements(address, from..=to).await?;
            let posted: Vec<PostedPayment> = ledger
                .posted
                .iter()
                .filter(|payment| (from..=to).contains(&payment.block))
                .cloned()
                .collect();
            let out = moved
                .iter()
                .filter(|one| one.from == address && one.token == token);
            let mut unknown = out.filter(|one| {
                let known = |payment: &PostedPayment| payment.transaction == one.transaction;
                !ledger.posted.iter().any(known)
            });
            if unknown.any(|one| may_be(mine, one)) {
                // A payment of ours whose end was not looked for yet: the next look knows more.
                return Ok(());
            }
            let (income, mut breaks) = compare(address, token, &moved, &posted);
            breaks.extend(self.deeds(policy, look, &moved, from..=to).await?);
            let block_hash = match to == look.up_to.block {
                true => Some(look.up_to.block_hash),
                false => look.chain.block_hash(to).await?,
            };
            let Some(block_hash) = block_hash else {
                return Ok(());
            };
            let found = Reconciliation {
                seen,
                up_to: Reconciled {
                    block: to,
                    block_hash,
                    at: look.up_to.at,
                },
                income,
                breaks,
                compared: u64::try_from(moved.len()).unwrap_or(u64::MAX),
            };
            self.keep(look, asset, &found).await?;
            seen = self.store.ledger_of(look.agent, &asset.name).await?.seen;
            if seen.block != Some(to) {
                return Err(Trouble::Overtaken);
            }
            from = to.saturating_add(1);
        }
        Ok(())
    }

    /// What the wallet itself did beside its payments: sent out a token that is in no policy, gave somebody power over what
    /// it has. Any contract can say so of anybody; only a transaction that the wallet signed is its deed.
    async fn deeds(
        &self,
        policy: &PaymentPolicy,
        look: &Look<'_>,
        moved: &[Movement],
        blocks: std::ops::RangeInclusive<u64>,
    ) -> Result<Vec<(BreakKind, String)>, Trouble> {
        let address = look.wallet.address;
        let known = |token: EvmAddress| {
            let mut tokens = policy
                .assets
                .iter()
                .filter_map(|asset| asset.token.as_ref());
            tokens.any(|known| known.address == token)
        };
        let strange = moved
            .iter()
            .filter(|one| one.from == address && !known(one.token))
            .map(|one| {
                let what = format!("{} moved a token that is in no policy", one.transaction);
                (one.transaction, BreakKind::Foreign, what)
            });
        let given = look.chain.allowances(address, blocks).await?;
        let given = given.into_iter().map(|hash| {
            let what = format!("{hash} gave somebody power over its tokens");
            (hash, BreakKind::Allowance, what)
        });
        let mut breaks = Vec::new();
        for (hash, kind, what) in strange.chain(given) {
            let receipt = look.chain.receipt(hash).await?;
            if receipt.is_none_or(|receipt| receipt.sender == address) {
                breaks.push((kind, what));
            }
        }
        Ok(breaks)
    }

    /// Where the last look ended, and what the ledger has since. The first look enters what is there, and there is nothing to
    /// compare.
    async fn since(
        &self,
        look: &Look<'_>,
        asset: &Asset,
    ) -> Result<Option<(Reconciled, LedgerBalance)>, Trouble> {
        let ledger = self.store.ledger_of(look.agent, &asset.name).await?;
        if let Some(since) = self.store.reconciled(look.agent, &asset.name).await? {
            let still = look.chain.block_hash(since.block).await?;
            if still != Some(since.block_hash) && since.block <= look.up_to.block {
                let what = format!(
                    "block {}, which was to stay, is another one now",
                    since.block
                );
                self.tell(look.agent, vec![(BreakKind::Balance, what)])
                    .await?;
            }
            return Ok(Some((since, ledger)));
        }
        let opening = self.balance(look, asset).await?;
        let found = Reconciliation {
            seen: ledger.seen,
            up_to: look.up_to,
            income: vec![(Hash32::from_bytes([0; 32]), opening)],
            breaks: Vec::new(),
            compared: 0,
        };
        self.keep(look, asset, &found).await?;
        Ok(None)
    }

    /// Keeps what was found, unless somebody else was faster: then the whole look is of another moment, and nothing may follow
    /// from it.
    async fn keep(
        &self,
        look: &Look<'_>,
        asset: &Asset,
        found: &Reconciliation,
    ) -> Result<(), Trouble> {
        let kept = self
            .store
            .record_reconciliation(look.agent, &asset.name, found)
            .await?;
        if kept {
            Ok(())
        } else {
            Err(Trouble::Overtaken)
        }
    }

    async fn balance(&self, look: &Look<'_>, asset: &Asset) -> Result<Units, Trouble> {
        let token = asset.token.as_ref().map(|token| token.address);
        let balance = look
            .chain
            .balance(look.wallet.address, token, Some(look.up_to.block));
        Ok(balance.await?)
    }

    /// Coins come in without a word of their own: what is there beyond what should be came in.
    async fn coin(&self, look: &Look<'_>, coin: &Asset, coin_chain: u64) -> Result<(), Trouble> {
        // Before the ledger: what is signed meanwhile is known to it then.
        let nonce = look.chain.nonce(look.wallet.address, None).await?;
        let Some((_, ledger)) = self.since(look, coin).await? else {
            return Ok(());
        };
        let there = self.balance(look, coin).await?;
        // After the ledger: what is posted in between is missing here and still in there, and is never taken for income.
        let mine = self.open_of(look.agent, coin_chain).await?;
        // What these cost is gone from the chain and not yet from the ledger.
        let mut gone = Units::ZERO;
        for (payment, attempts) in &mine {
            let in_it = payment
                .found
                .is_some_and(|found| found.block <= look.up_to.block);
            let paid = match payment.terms.token {
                None if in_it => payment.terms.amount,
                None | Some(_) => Units::ZERO,
            };
            let gas = self.gas(look, attempts).await?.unwrap_or(Units::ZERO);
            gone = [gas, paid]
                .into_iter()
                .try_fold(gone, Units::checked_add)
                .unwrap_or(Units::MAX);
        }
        let beyond = there
            .checked_add(gone)
            .and_then(|all| all.checked_sub(ledger.balance))
            .filter(|beyond| *beyond > Units::ZERO);
        let mut breaks = Vec::new();
        if let Some(next) = ledger.next_place
            && nonce > next
        {
            let what = format!(
                "the chain has {nonce} transactions of the wallet, {next} were signed here"
            );
            breaks.push((BreakKind::Nonce, what));
        }
        if look.chain.code_hash(look.wallet.address).await?.is_some() {
            breaks.push((BreakKind::Code, "the wallet has code".to_owned()));
        }
        let found = Reconciliation {
            seen: ledger.seen,
            up_to: look.up_to,
            income: beyond
                .map(|beyond| (look.up_to.block_hash, beyond))
                .into_iter()
                .collect(),
            breaks,
            compared: 0,
        };
        self.keep(look, coin, &found).await?;
        Ok(())
    }

    /// What our own transactions of a payment cost in blocks that stay; none while none of them is in one. Who else hands in an
    /// authorization of ours pays for that, and ours costs gas all the same.
    async fn gas(&self, look: &Look<'_>, attempts: &[Attempt]) -> Result<Option<Units>, Trouble> {
        let mut spent: Option<Units> = None;
        for attempt in attempts {
            let receipt = look.chain.receipt(attempt.hash).await?;
            if let Some(receipt) = receipt.filter(|receipt| receipt.block <= look.up_to.block) {
                let sum = spent.unwrap_or(Units::ZERO).checked_add(receipt.fee);
                spent = Some(sum.unwrap_or(Units::MAX));
            }
        }
        Ok(spent)
    }

    /// In a block that stays, exactly as meant: the money is spent.
    async fn post_if_final(
        &self,
        look: &Look<'_>,
        (payment, attempts): &Open,
    ) -> Result<(), Trouble> {
        let Some(found) = payment.found else {
            return Ok(());
        };
        if payment.state != PaymentState::Mined || found.block > look.up_to.block {
            return Ok(());
        }
        let Some(receipt) = look.chain.receipt(found.transaction).await? else {
            return Ok(());
        };
        let canonical = look.chain.block_hash(receipt.block).await? == Some(receipt.block_hash);
        if !canonical || receipts::shows(payment, &receipt) != receipts::Shows::Paid {
            return Ok(());
        }
        let Some(gas) = self.gas(look, attempts).await? else {
            return Ok(());
        };
        death::at("payment", "before-post");
        self.store
            .post_payment(payment.terms.payment_id, &receipt, gas)
            .await?;
        death::at("payment", "after-post");
        Ok(())
    }

    /// What should be there and what is.
    async fn weigh(&self, look: &Look<'_>, asset: &Asset) -> Result<(), Trouble> {
        let ledger = self.store.ledger_of(look.agent, &asset.name).await?;
        let open = self.store.open_payments().await?;
        let waits = open.iter().any(|(payment, attempts)| {
            // In a later block by our own transaction: nothing of it is in these. By somebody else's, ours may be.
            let later = payment.found.is_some_and(|found| {
                found.block > look.up_to.block
                    && attempts.iter().any(|one| one.hash == found.transaction)
            });
            payment.agent_id == look.agent && payment.state.is_in_flight() && !later
        });
        // What is out and in no block yet may be in one of these by now: the next look will tell.
        if waits {
            return Ok(());
        }
        let there = self.balance(look, asset).await?;
        // Somebody else looks too, or posted meanwhile: both were read of different moments, and say nothing.
        let still = self.store.ledger_of(look.agent, &asset.name).await?.seen;
        if still != ledger.seen || ledger.seen.block != Some(look.up_to.block) {
            return Ok(());
        }
        if there != ledger.balance {
            let what = format!(
                "{} should be {} and is {}",
                asset.name,
                ledger.balance.show(asset.decimals),
                there.show(asset.decimals)
            );
            self.tell(look.agent, vec![(BreakKind::Balance, what)])
                .await?;
        }
        Ok(())
    }

    async fn tell(&self, agent: AgentId, breaks: Vec<(BreakKind, String)>) -> Result<(), Trouble> {
        Ok(self.store.report_breaks(agent, &breaks).await?)
    }
}
