//! `payments` of `budget.yaml`: who may pay whom in what, and how much. Without it nothing is ever paid from a wallet.
//!
//! Every cap is written out. What an agent or a counterparty has of its own can only be tighter than what holds for all.

mod caps;
mod risk;
mod whole;

use chimera_domain::{
    Span,
    cfo::{
        AgentPayments, ChainPolicy, Counterparty, Finality, HouseCaps, LOOSEN_AFTER, PaymentCaps,
        PaymentPolicy, PaymentReview, Rule, is_test_chain,
    },
    chain::{Asset, EvmAddress, Hash32, Rail, Token},
    payment::Source,
};

use self::caps::{optional_cap, read_caps};
use super::{
    problem::{Log, Wrong, quote},
    section::Section,
    values,
};

/// Gwei of nine digits are the coin's base units.
const GWEI_DECIMALS: u8 = 9;
/// What is looser can be seen by others for at least so long before it holds.
const LOOSEN_AFTER_MIN: Span = Span::from_secs(60);

/// Reads the group, if it is there.
pub(super) fn read(top: &mut Section<'_>, log: &mut Log) -> Option<PaymentPolicy> {
    let mut group = top.group("payments", log)?;
    let at = group.at;
    let chains = named(&mut group, "chains", log, read_chain);
    let assets = named(&mut group, "assets", log, |name, section, log| {
        read_asset(name, section, &chains, log)
    });
    let caps = group
        .group_required("caps", log)
        .and_then(|caps| read_caps(caps, None, log));
    let house = group
        .group_required("house", log)
        .and_then(|house| read_house(house, log));
    let risk = risk::read(group.group("risk", log), log);
    let review = group
        .group_required("review", log)
        .and_then(|review| read_review(review, log));
    let sources = group
        .group_required("sources", log)
        .map(|sources| read_sources(sources, log));
    let agents = match &caps {
        Some(caps) => named(&mut group, "agents", log, |name, section, log| {
            read_agent(name, section, caps, &assets, log)
        }),
        None => Vec::new(),
    };
    let counterparties = named(&mut group, "counterparties", log, |name, section, log| {
        read_counterparty(name, section, &assets, caps.as_ref(), log)
    });
    let deny = group.values("deny", log, address).unwrap_or_default();
    let loosen_after = group
        .value("loosen_after", log, values::span_from(LOOSEN_AFTER_MIN))
        .unwrap_or(LOOSEN_AFTER);
    group.finish(log);
    let policy = PaymentPolicy {
        chains,
        assets,
        caps: caps?,
        house: house?,
        risk: risk?,
        review: review?,
        sources: sources?,
        agents,
        counterparties,
        deny,
        loosen_after,
    };
    whole::check(&policy, at, log);
    Some(policy)
}

/// A group whose keys are names, each with a group of its own.
fn named<'n, T>(
    group: &mut Section<'n>,
    key: &'static str,
    log: &mut Log,
    read: impl Fn(&str, Section<'n>, &mut Log) -> Option<T>,
) -> Vec<T> {
    let Some(section) = group.group_required(key, log) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for entry in section.entries() {
        let path = section.path(&entry.key);
        if let Err(wrong) = values::name(&entry.key) {
            log.problem(entry.at, wrong.message, wrong.hint);
        } else if let Some(one) =
            Section::of(&entry.value, &path, log).and_then(|one| read(&entry.key, one, log))
        {
            out.push(one);
        }
    }
    out
}

fn address(text: &str) -> Result<EvmAddress, Wrong> {
    text.parse().map_err(|error| {
        Wrong::new(
            format!("{error}"),
            "copy the whole address, with its upper and lower case, and compare every digit",
        )
    })
}

fn hash(text: &str) -> Result<Hash32, Wrong> {
    text.parse()
        .map_err(|error| Wrong::new(format!("{error}"), "copy the whole hash"))
}

/// Gwei with up to nine decimals, as base units of the coin.
fn gwei(text: &str) -> Result<u128, Wrong> {
    chimera_domain::chain::Units::parse(text, GWEI_DECIMALS)
        .map(|units| units.base())
        .map_err(|error| Wrong::new(error.to_string(), "write gwei as in 1.5"))
}

fn read_chain(name: &str, mut section: Section<'_>, log: &mut Log) -> Option<ChainPolicy> {
    let id_at = section.node("chain_id").map_or(section.at, |node| node.at);
    let chain_id = section.required("chain_id", log, values::whole(1, u32::MAX));
    let finality = section.required("final", log, |text| {
        if text == "finalized" {
            return Ok(Finality::Finalized);
        }
        values::whole(1, 100_000)(text)
            .map(|depth| Finality::Depth(u64::from(depth)))
            .map_err(|_| {
                Wrong::new(
                    format!("{} says not when a block stays", quote(text)),
                    "write `finalized`, or how many blocks must be above it",
                )
            })
    });
    let fee_max = section.required("fee_gwei", log, gwei);
    let tip_max = section.required("tip_gwei", log, gwei);
    section.finish(log);
    let chain_id = u64::from(chain_id?);
    if !is_test_chain(chain_id) {
        log.problem(
            id_at,
            format!(
                "on chain {chain_id} money is real, and this version pays on test chains alone"
            ),
            "use a local chain or a public test network",
        );
        return None;
    }
    Some(ChainPolicy {
        name: name.to_owned(),
        chain_id,
        finality: finality?,
        fee_max: fee_max?,
        tip_max: tip_max?,
        real: false,
    })
}

fn read_asset(
    name: &str,
    mut section: Section<'_>,
    chains: &[ChainPolicy],
    log: &mut Log,
) -> Option<Asset> {
    let chain_at = section.node("chain").map_or(section.at, |node| node.at);
    let chain = section.required("chain", log, values::name);
    let rail_at = section.node("rail").map_or(section.at, |node| node.at);
    let rail = section.required("rail", log, values::word(Rail::ALL));
    let decimals = section.required("decimals", log, values::whole(0, 30));
    let token = section.value("address", log, address);
    let code_hash = section.value("code_hash", log, hash);
    let signing_name = section.value("name", log, values::line(100));
    let signing_version = section.value("version", log, values::line(20));
    let price_usd = section.required("usd", log, values::usd_positive);
    let until = section.required("until", log, values::date);
    section.finish(log);
    let (chain, rail) = (chain?, rail?);
    if !chains.iter().any(|known| known.name == chain) {
        log.problem(
            chain_at,
            format!("{} is no chain of `payments.chains`", quote(&chain)),
            "name one of them",
        );
        return None;
    }
    let missing = match rail {
        Rail::Native => token.map(|_| "the chain's own coin has no `address`"),
        Rail::Transfer if token.is_none() => Some("a token has an `address`"),
        Rail::Authorization
            if token.is_none() || signing_name.is_none() || signing_version.is_none() =>
        {
            Some("a token that takes authorizations has `address`, `name` and `version`")
        }
        Rail::Transfer | Rail::Authorization => None,
    };
    if let Some(missing) = missing {
        log.problem(rail_at, missing, "see docs/wallets.md for each rail");
        return None;
    }
    Some(Asset {
        name: name.to_owned(),
        chain,
        rail,
        decimals: u8::try_from(decimals?).ok()?,
        token: token.map(|address| Token {
            address,
            code_hash,
            signing_name,
            signing_version,
        }),
        price_usd: price_usd?,
        price_until: values::midnight(&until?)?,
    })
}

fn read_house(mut house: Section<'_>, log: &mut Log) -> Option<HouseCaps> {
    let hour_at = house.node("hour_usd").map_or(house.at, |node| node.at);
    let hour = house.required("hour_usd", log, values::usd_positive);
    let day = house.required("day_usd", log, values::usd_positive);
    let in_flight = house.required("in_flight", log, values::whole(1, 10_000));
    house.finish(log);
    let house = HouseCaps {
        hour: hour?,
        day: day?,
        in_flight: in_flight?,
    };
    if house.hour > house.day {
        log.problem(
            hour_at,
            format!(
                "`hour_usd` ({}) is above `day_usd` ({})",
                house.hour, house.day
            ),
            "the shorter the time, the smaller the cap",
        );
        return None;
    }
    Some(house)
}

fn read_review(mut review: Section<'_>, log: &mut Log) -> Option<PaymentReview> {
    let new = review.required("new_counterparty", log, values::word(Rule::ALL));
    let two_at = review
        .node("two_above_usd")
        .map_or(review.at, |node| node.at);
    let one_above = review.required("one_above_usd", log, values::usd);
    let two_above = review.required("two_above_usd", log, values::usd);
    let ttl = review.required("ttl", log, values::span_from(Span::from_secs(60)));
    review.finish(log);
    let review = PaymentReview {
        new_counterparty: new?,
        one_above: one_above?,
        two_above: two_above?,
        ttl: ttl?,
    };
    if review.two_above < review.one_above {
        log.problem(
            two_at,
            format!(
                "`two_above_usd` ({}) is below `one_above_usd` ({})",
                review.two_above, review.one_above
            ),
            "two people are asked for more than one is",
        );
        return None;
    }
    Some(review)
}

/// What is not named is refused. Words that were read are refused whatever is written.
fn read_sources(mut sources: Section<'_>, log: &mut Log) -> Vec<(Source, Rule)> {
    let mut out = Vec::new();
    for source in Source::ALL {
        let at = sources
            .node(source.as_str())
            .map_or(sources.at, |node| node.at);
        let Some(rule) = sources.value(source.as_str(), log, values::word(Rule::ALL)) else {
            continue;
        };
        if *source == Source::Inbound && rule != Rule::Refuse {
            log.problem(
                at,
                "words that were read never move money",
                "write `inbound: refuse`, or leave the line out",
            );
        }
        out.push((*source, rule));
    }
    sources.finish(log);
    out
}

fn read_agent(
    name: &str,
    mut section: Section<'_>,
    of_all: &PaymentCaps,
    assets: &[Asset],
    log: &mut Log,
) -> Option<AgentPayments> {
    let wallet = section.required("address", log, address);
    let named = read_asset_names(&mut section, assets, log);
    let caps = match section.group("caps", log) {
        Some(caps) => read_caps(caps, Some(of_all), log),
        None => Some(of_all.clone()),
    };
    section.finish(log);
    Some(AgentPayments {
        agent: name.to_owned(),
        address: wallet?,
        assets: named?,
        caps: caps?,
    })
}

fn read_asset_names(
    section: &mut Section<'_>,
    assets: &[Asset],
    log: &mut Log,
) -> Option<Vec<String>> {
    let Some(node) = section.node("assets") else {
        section.missing("assets", log);
        return None;
    };
    let names = section.values("assets", log, values::name)?;
    for name in &names {
        if !assets.iter().any(|asset| asset.name == *name) {
            log.problem(
                node.at,
                format!("{} is no asset of `payments.assets`", quote(name)),
                "name one of them",
            );
        }
    }
    Some(names)
}

fn read_counterparty(
    name: &str,
    mut section: Section<'_>,
    assets: &[Asset],
    caps: Option<&PaymentCaps>,
    log: &mut Log,
) -> Option<Counterparty> {
    let chain = section.required("chain", log, values::name);
    let at = section.required("address", log, address);
    let named = read_asset_names(&mut section, assets, log);
    let payment = optional_cap(
        &mut section,
        "payment_usd",
        caps.map(|caps| caps.payment),
        log,
    );
    let day = optional_cap(&mut section, "day_usd", caps.map(|caps| caps.day), log);
    section.finish(log);
    Some(Counterparty {
        label: name.to_owned(),
        chain: chain?,
        address: at?,
        assets: named?,
        payment,
        day,
    })
}
