use super::{
    super::{
        AgentPayments, Counterparty, PaymentPolicy, RiskFactor,
        tests::{NOON, policy, usd, with},
    },
    *,
};
use crate::{
    chain::{Asset, EvmAddress},
    spend::BudgetCategory,
    testing::{PAYEE, TOKEN, WALLET},
};

/// The usual policy with prices that hold for long.
fn fine() -> PaymentPolicy {
    with(&policy(), |p| {
        for asset in &mut p.assets {
            asset.price_until = NOON.plus(Span::from_hours(60 * 24));
        }
    })
}

fn codes(policy: &PaymentPolicy) -> Vec<(&'static str, String)> {
    lint(policy, NOON)
        .into_iter()
        .map(|lint| (lint.code, lint.at))
        .collect()
}

fn check(change: impl FnOnce(&mut PaymentPolicy), expected: &[(&'static str, &str)]) {
    let found = codes(&with(&fine(), change));
    let expected: Vec<(&str, String)> = expected
        .iter()
        .map(|(code, at)| (*code, (*at).to_owned()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn r189_a_policy_that_leaves_nothing_open_has_nothing_to_say() {
    check(|_| {}, &[]);
}

#[test]
fn r189_each_thing_left_open_is_named_with_its_place() {
    check(
        |p| p.sources.retain(|(source, _)| *source != Source::Openclaw),
        &[("source.unnamed", "sources.openclaw")],
    );
    check(
        |p| p.agents[0].assets.clear(),
        &[
            ("asset.unused", "assets.USDC"),
            ("agent.no_assets", "agents.fae.assets"),
            ("counterparty.unreachable", "counterparties.images.assets"),
        ],
    );
    check(
        |p| {
            p.assets.push(Asset {
                name: "GOLD".to_owned(),
                ..p.assets[0].clone()
            });
        },
        &[("asset.unused", "assets.GOLD")],
    );
    check(
        |p| p.counterparties[0].assets = vec!["ETH".to_owned()],
        &[
            ("agent.pays_nobody", "agents.fae.assets"),
            ("counterparty.unreachable", "counterparties.images.assets"),
        ],
    );
    check(
        |p| p.caps.categories = vec![(BudgetCategory::Trends, usd(500))],
        &[("category.uncapped", "caps.categories")],
    );
    check(
        |p| {
            p.chains.push(super::super::ChainPolicy {
                name: "base".to_owned(),
                ..p.chains[0].clone()
            });
        },
        &[("chain.unused", "chains.base")],
    );
    check(
        |p| drop(p.assets.pop()),
        &[("chain.no_coin", "chains.local")],
    );
    check(
        |p| p.risk.weights[5].1 = Score::from_percent(0),
        &[("risk.weightless", "risk.weights.night")],
    );
    check(
        |p| {
            p.risk
                .weights
                .retain(|(factor, _)| *factor != RiskFactor::Contract)
        },
        &[("risk.unweighed", "risk.weights.contract")],
    );
    check(
        |p| p.counterparties.clear(),
        &[("counterparty.none", "counterparties")],
    );
    check(
        |p| p.agents.clear(),
        &[
            ("asset.unused", "assets.USDC"),
            ("agent.none", "agents"),
            ("counterparty.unreachable", "counterparties.images.assets"),
        ],
    );
}

#[test]
fn r189_each_contradiction_is_named_with_its_place() {
    let address = "counterparties.images.address";
    for one in [EvmAddress::ZERO, WALLET, TOKEN] {
        check(
            |p| p.counterparties[0].address = one,
            &[("counterparty.never_paid", address)],
        );
    }
    check(
        |p| p.deny.push(PAYEE),
        &[("counterparty.never_paid", address)],
    );
    let mut twin = *PAYEE.as_bytes();
    twin[9] = 0;
    let label = |p: &PaymentPolicy, address| Counterparty {
        label: "images2".to_owned(),
        address,
        ..p.counterparties[0].clone()
    };
    check(
        |p| {
            p.counterparties
                .push(label(p, EvmAddress::from_bytes(twin)))
        },
        &[
            ("counterparty.look_alike", address),
            ("counterparty.look_alike", "counterparties.images2.address"),
        ],
    );
    check(
        |p| {
            p.assets.push(Asset {
                name: "EURC".to_owned(),
                chain: "base".to_owned(),
                ..p.assets[0].clone()
            });
            p.agents[0].assets.push("EURC".to_owned());
            p.counterparties[0].assets.push("EURC".to_owned());
        },
        &[(
            "counterparty.asset_elsewhere",
            "counterparties.images.assets",
        )],
    );
}

#[test]
fn r189_what_never_binds_is_named_and_a_cap_a_cent_below_is_not() {
    let never = |at| [("cap.never_binds", at)];
    type Step = (&'static str, fn(&mut PaymentPolicy, i64));
    // The last step of each is the first that never binds.
    let steps: [(Step, i64); 7] = [
        (("caps.week_usd", |p, n| p.caps.week = Some(usd(n))), 35_000),
        (
            ("caps.categories.other", |p, n| {
                p.caps.categories = BudgetCategory::ALL
                    .iter()
                    .map(|which| (*which, usd(100)))
                    .collect();
                p.caps.categories[5].1 = usd(n);
            }),
            5_000,
        ),
        (
            ("caps.month_usd", |p, n| p.caps.month = Some(usd(n))),
            100_000,
        ),
        (("caps.fee_usd", |p, n| p.caps.fee = usd(n)), 1_000),
        (("caps.day_usd", |p, n| p.caps.day = usd(n)), 48_000),
        (("caps.hour_usd", |p, n| p.caps.hour = usd(n)), 20_000),
        (
            ("counterparties.images.payment_usd", |p, n| {
                p.counterparties[0].payment = Some(usd(n))
            }),
            1_001,
        ),
    ];
    for ((at, step), first) in steps {
        // A day of 480 leaves the house's 500 alone, and the week's 200 without effect on it.
        check(|p| step(p, first - 1), &[]);
        check(|p| step(p, first), &never(at));
    }
    check(
        |p| p.review.two_above = usd(1_000),
        &[("review.never_reached", "review.two_above_usd")],
    );
    check(|p| p.review.two_above = usd(999), &[]);
    check(
        |p| p.risk.review_above = p.risk.refuse_above,
        &[("risk.nobody_asked", "risk.review_above")],
    );
    // What an agent has tighter is looked at for itself.
    check(
        |p| {
            p.agents.push(AgentPayments {
                agent: "leo".to_owned(),
                address: EvmAddress::from_bytes([4; 20]),
                ..p.agents[0].clone()
            });
            p.agents[1].caps.payment = usd(100);
        },
        &[("cap.never_binds", "agents.leo.caps.fee_usd")],
    );
}

#[test]
fn r189_a_price_is_named_two_weeks_before_it_ends_and_when_it_has() {
    let at = |until| {
        let made = with(&fine(), |p| p.assets[0].price_until = until);
        codes(&made)
            .into_iter()
            .map(|(code, _)| code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        at(NOON.plus(PRICE_ENDS_WITHIN).plus(Span::from_secs(1))),
        [""; 0]
    );
    assert_eq!(at(NOON.plus(PRICE_ENDS_WITHIN)), ["price.ends"]);
    assert_eq!(at(NOON), ["price.ended"]);
}
