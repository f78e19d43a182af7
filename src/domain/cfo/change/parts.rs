//! Field by field, which way each goes.

use crate::{
    Score,
    chain::{Asset, Rail, Token, Units},
    payment::Source,
    spend::BudgetCategory,
};

use super::{
    super::{
        AgentPayments, ChainPolicy, Counterparty, Finality, HouseCaps, PaymentCaps, PaymentPolicy,
        PaymentReview, RiskFactor, RiskPolicy, Rule,
    },
    Walk, Way,
};

/// Gwei of nine digits are the coin's base units.
const GWEI_DECIMALS: u8 = 9;

impl Walk {
    pub(super) fn policy(&mut self, old: &PaymentPolicy, new: &PaymentPolicy) -> PaymentPolicy {
        let PaymentPolicy {
            chains,
            assets,
            caps,
            house,
            risk,
            review,
            sources,
            agents,
            counterparties,
            deny,
            loosen_after,
        } = new;
        PaymentPolicy {
            chains: self.named(
                "chains",
                (&old.chains, chains),
                |it| &it.name,
                |it| format!("chain {}", it.chain_id),
                Self::chain,
            ),
            assets: self.named(
                "assets",
                (&old.assets, assets),
                |it| &it.name,
                moves,
                Self::asset,
            ),
            caps: self.inside("caps", |walk| walk.caps(&old.caps, caps)),
            house: self.inside("house", |walk| walk.house(&old.house, house)),
            risk: self.inside("risk", |walk| walk.risk(&old.risk, risk)),
            review: self.inside("review", |walk| walk.review(&old.review, review)),
            sources: self.inside("sources", |walk| walk.sources(&old.sources, sources)),
            agents: self.named(
                "agents",
                (&old.agents, agents),
                |it| &it.agent,
                |it| it.address.to_string(),
                Self::agent,
            ),
            counterparties: self.named(
                "counterparties",
                (&old.counterparties, counterparties),
                |it| &it.label,
                |it| format!("{} on {}", it.address, it.chain),
                Self::counterparty,
            ),
            deny: self.forbidden("deny", &old.deny, deny),
            loosen_after: self.most("loosen_after", &old.loosen_after, loosen_after),
        }
    }

    fn chain(&mut self, old: &ChainPolicy, new: &ChainPolicy) -> ChainPolicy {
        let ChainPolicy {
            name,
            chain_id,
            finality,
            fee_max,
            tip_max,
            real,
        } = new;
        let gwei = |wei: &u128| format!("{} gwei", Units::from_base(*wei).show(GWEI_DECIMALS));
        let lower = |wei: &u128| std::cmp::Reverse(*wei);
        ChainPolicy {
            name: name.clone(),
            chain_id: self.same("chain_id", &old.chain_id, chain_id),
            finality: self.ordered(
                "final",
                (&old.finality, finality),
                // What the chain itself calls final is believed later than any number of blocks one writes down.
                |finality| match finality {
                    Finality::Depth(blocks) => (0, *blocks),
                    Finality::Finalized => (1, 0),
                },
                |finality| match finality {
                    Finality::Depth(blocks) => format!("{blocks} blocks above"),
                    Finality::Finalized => "finalized".to_owned(),
                },
            ),
            // Less may leave for gas. That less is counted for it, too, is the same thing said of the caps.
            fee_max: self.ordered("fee_gwei", (&old.fee_max, fee_max), lower, gwei),
            tip_max: self.ordered("tip_gwei", (&old.tip_max, tip_max), lower, gwei),
            real: self.same("real", &old.real, real),
        }
    }

    fn asset(&mut self, old: &Asset, new: &Asset) -> Asset {
        let Asset {
            name,
            chain,
            rail,
            decimals,
            token,
            price_usd,
            price_until,
        } = new;
        // What it is holds together: half of one token and half of another is neither.
        let known = moves(old) == moves(new);
        self.same("", &moves(old), &moves(new));
        Asset {
            name: name.clone(),
            chain: if known { chain } else { &old.chain }.clone(),
            rail: if known { *rail } else { old.rail },
            decimals: if known { *decimals } else { old.decimals },
            token: match (&old.token, token) {
                (Some(old), Some(new)) if known => Some(self.token(old, new)),
                (old, _) => old.clone(),
            },
            // What is worth less counts for less, and so does what is believed for longer.
            price_usd: self.most("usd", &old.price_usd, price_usd),
            price_until: self.ordered(
                "until",
                (&old.price_until, price_until),
                |at| std::cmp::Reverse(*at),
                |at| at.to_rfc3339_seconds(),
            ),
        }
    }

    /// Two descriptions of one token: only what pins its code can be stricter.
    fn token(&mut self, old: &Token, new: &Token) -> Token {
        let Token {
            address,
            code_hash,
            signing_name,
            signing_version,
        } = new;
        let shown = |hash: Option<crate::chain::Hash32>| {
            hash.map_or_else(|| "any code".to_owned(), |hash| hash.to_string())
        };
        let code_hash = match (old.code_hash, *code_hash) {
            (old, new) if old == new => new,
            (None, new) => {
                self.say("code_hash", Way::Tightening, shown(None), shown(new));
                new
            }
            (old, new) => {
                self.say("code_hash", Way::Loosening, shown(old), shown(new));
                old
            }
        };
        // They differ here only where nothing is signed for the token: otherwise they are part of what it is.
        for (field, old, new) in [
            ("name", &old.signing_name, signing_name),
            ("version", &old.signing_version, signing_version),
        ] {
            if old != new {
                let shown = |text: &Option<String>| text.clone().unwrap_or_default();
                self.say(field, Way::Neither, shown(old), shown(new));
            }
        }
        Token {
            address: *address,
            code_hash,
            signing_name: signing_name.clone(),
            signing_version: signing_version.clone(),
        }
    }

    fn caps(&mut self, old: &PaymentCaps, new: &PaymentCaps) -> PaymentCaps {
        let PaymentCaps {
            payment,
            hour,
            day,
            week,
            month,
            lifetime,
            payments_per_hour,
            fee,
            categories,
        } = new;
        PaymentCaps {
            payment: self.least("payment_usd", &old.payment, payment),
            hour: self.least("hour_usd", &old.hour, hour),
            day: self.least("day_usd", &old.day, day),
            week: self.cap("week_usd", old.week, *week),
            month: self.cap("month_usd", old.month, *month),
            lifetime: self.least("lifetime_usd", &old.lifetime, lifetime),
            payments_per_hour: self.least(
                "payments_per_hour",
                &old.payments_per_hour,
                payments_per_hour,
            ),
            fee: self.least("fee_usd", &old.fee, fee),
            categories: self.inside("categories", |walk| {
                let on = |all: &[(BudgetCategory, crate::Usd)], which: BudgetCategory| {
                    let mut all = all.iter();
                    all.find(|(known, _)| *known == which).map(|(_, cap)| *cap)
                };
                let mut held = Vec::new();
                for which in BudgetCategory::ALL {
                    let (old, new) = (on(&old.categories, *which), on(categories, *which));
                    let cap = walk.cap(which.as_str(), old, new);
                    held.extend(cap.map(|cap| (*which, cap)));
                }
                held
            }),
        }
    }

    fn house(&mut self, old: &HouseCaps, new: &HouseCaps) -> HouseCaps {
        let HouseCaps {
            hour,
            day,
            in_flight,
        } = new;
        HouseCaps {
            hour: self.least("hour_usd", &old.hour, hour),
            day: self.least("day_usd", &old.day, day),
            in_flight: self.least("in_flight", &old.in_flight, in_flight),
        }
    }

    fn risk(&mut self, old: &RiskPolicy, new: &RiskPolicy) -> RiskPolicy {
        let RiskPolicy {
            refuse_above,
            review_above,
            weights,
        } = new;
        RiskPolicy {
            refuse_above: self.least("refuse_above", &old.refuse_above, refuse_above),
            review_above: self.least("review_above", &old.review_above, review_above),
            weights: self.inside("weights", |walk| {
                // What has no weight counts as much as any.
                let of = |all: &[(RiskFactor, Score)], which: RiskFactor| {
                    let mut all = all.iter();
                    all.find(|(known, _)| *known == which)
                        .map_or(Score::ONE, |(_, weight)| *weight)
                };
                let weigh = |which: &RiskFactor| {
                    let (old, new) = (of(&old.weights, *which), of(weights, *which));
                    (*which, walk.most(which.as_str(), &old, &new))
                };
                RiskFactor::ALL.iter().map(weigh).collect()
            }),
        }
    }

    fn review(&mut self, old: &PaymentReview, new: &PaymentReview) -> PaymentReview {
        let PaymentReview {
            new_counterparty,
            one_above,
            two_above,
            ttl,
        } = new;
        PaymentReview {
            new_counterparty: self.most(
                "new_counterparty",
                &old.new_counterparty,
                new_counterparty,
            ),
            one_above: self.least("one_above_usd", &old.one_above, one_above),
            two_above: self.least("two_above_usd", &old.two_above, two_above),
            ttl: self.least("ttl", &old.ttl, ttl),
        }
    }

    fn sources(&mut self, old: &[(Source, Rule)], new: &[(Source, Rule)]) -> Vec<(Source, Rule)> {
        // What is not named is refused.
        let of = |all: &[(Source, Rule)], which: Source| {
            let mut all = all.iter();
            all.find(|(known, _)| *known == which)
                .map_or(Rule::Refuse, |(_, rule)| *rule)
        };
        let mut held = Vec::new();
        for which in Source::ALL {
            let mut named = old.iter().chain(new);
            if named.any(|(known, _)| known == which) {
                let (old, new) = (of(old, *which), of(new, *which));
                held.push((*which, self.most(which.as_str(), &old, &new)));
            }
        }
        held
    }

    fn agent(&mut self, old: &AgentPayments, new: &AgentPayments) -> AgentPayments {
        let AgentPayments {
            agent,
            address,
            assets,
            caps,
        } = new;
        AgentPayments {
            agent: agent.clone(),
            address: self.same("address", &old.address, address),
            assets: self.allowed("assets", &old.assets, assets),
            caps: self.inside("caps", |walk| walk.caps(&old.caps, caps)),
        }
    }

    fn counterparty(&mut self, old: &Counterparty, new: &Counterparty) -> Counterparty {
        let Counterparty {
            label,
            chain,
            address,
            assets,
            payment,
            day,
        } = new;
        Counterparty {
            label: label.clone(),
            chain: self.same("chain", &old.chain, chain),
            address: self.same("address", &old.address, address),
            assets: self.allowed("assets", &old.assets, assets),
            payment: self.cap("payment_usd", old.payment, *payment),
            day: self.cap("day_usd", old.day, *day),
        }
    }
}

/// What is moved, and how, in words that differ where it does.
fn moves(asset: &Asset) -> String {
    let what = match &asset.token {
        None => "the coin".to_owned(),
        Some(token) => match asset.rail {
            Rail::Authorization => {
                let part = |text: &Option<String>| text.clone().unwrap_or_default();
                let (name, version) = (part(&token.signing_name), part(&token.signing_version));
                format!("{} signed as {name:?} {version:?}", token.address)
            }
            Rail::Native | Rail::Transfer => token.address.to_string(),
        },
    };
    format!(
        "{} of {what} on {}, {} decimals",
        asset.rail, asset.chain, asset.decimals
    )
}
