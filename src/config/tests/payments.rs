//! `payments` of `budget.yaml`: nothing assumed, nothing looser than what holds for all.

use chimera_domain::{Score, Span, Usd, cfo::Finality, chain::Rail};

use super::*;

const PAYMENTS: &str = r#"
payments:
  chains:
    local: {chain_id: 31337, final: 3, fee_gwei: 2.5, tip_gwei: 1}
  assets:
    USDC: {chain: local, rail: eip3009, address: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", decimals: 6, name: USD Coin, version: "2", usd: 1.00, until: 2027-01-01}
    ETH: {chain: local, rail: native, decimals: 18, usd: 3000.00, until: 2027-01-01}
  caps: {payment_usd: 10.00, hour_usd: 20.00, day_usd: 50.00, lifetime_usd: 1000.00, payments_per_hour: 20, fee_usd: 1.00, categories: {trends: 5.00}}
  house: {hour_usd: 200.00, day_usd: 500.00, in_flight: 50}
  risk: {refuse_above: 0.7, review_above: 0.4, weights: {night: 0.2}}
  review: {new_counterparty: review, one_above_usd: 10.00, two_above_usd: 50.00, ttl: 30m}
  sources: {planner: allow, worker: allow, openclaw: review, manual: allow, inbound: refuse}
  agents:
    fae: {address: "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", assets: [USDC], caps: {day_usd: 25.00}}
  counterparties:
    images: {chain: local, address: "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", assets: [USDC], payment_usd: 0.50}
  deny: ["0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"]
"#;

fn with(from: &str, to: &str) -> String {
    assert!(PAYMENTS.contains(from), "{from}");
    format!("{BUDGET}{}", PAYMENTS.replacen(from, to, 1))
}

fn loaded(budget: &str) -> chimera_domain::cfo::PaymentPolicy {
    let config = load("budget.yaml", budget.as_bytes()).unwrap();
    config.policy.payments.unwrap()
}

// R94, R92: every line of the group means what it says; what an agent has of its own is tighter.
#[test]
fn r94_the_group_is_read_exactly() {
    let policy = loaded(&with("", ""));
    let chain = policy.chain("local").unwrap();
    assert_eq!(
        (chain.chain_id, chain.finality),
        (31_337, Finality::Depth(3))
    );
    assert_eq!(
        (chain.fee_max, chain.tip_max),
        (2_500_000_000, 1_000_000_000)
    );
    assert_eq!(policy.asset("USDC").unwrap().rail, Rail::Authorization);
    assert_eq!(policy.coin("local").unwrap().name, "ETH");
    let fae = policy.agent("fae").unwrap();
    assert_eq!(fae.caps.day, Usd::from_micros(25_000_000));
    assert_eq!(fae.caps.hour, policy.caps.hour);
    assert_eq!(fae.caps.categories.len(), 1);
    assert_eq!(policy.loosen_after, Span::from_mins(15));
    let slow = loaded(&with("  deny:", "  loosen_after: 2h\n  deny:"));
    assert_eq!(slow.loosen_after, Span::from_hours(2));
    let night = policy
        .risk
        .weights
        .iter()
        .find(|(f, _)| f.as_str() == "night");
    assert_eq!(night.unwrap().1, Score::from_percent(20));
    assert_eq!(
        policy.counterparty("images").unwrap().payment,
        Some(Usd::from_micros(500_000))
    );
}

// R94, R102, T036: each mistake is told with its line, and none of them is read as something else.
#[test]
fn r94_mistakes_in_the_group_are_told_with_their_line() {
    let check = |from: &str, to: &str, message: &str| {
        let text = with(from, to);
        let line = line_of(&text, to);
        let error = load("budget.yaml", text.as_bytes()).expect_err(message);
        let right = |told: &str| {
            told.starts_with(&format!("budget.yaml:{line}:")) && told.contains(message)
        };
        assert!(error.lines().any(right), "{message}\n{error}");
    };
    check("chain_id: 31337", "chain_id: 1", "money is real");
    check("chain_id: 31337", "chain_id: 8453", "money is real");
    check("final: 3", "final: soon", "says not when a block stays");
    check("rail: native", "rail: cash", "is not a rail");
    check(
        "name: USD Coin, version",
        "version",
        "has `address`, `name` and `version`",
    );
    check(
        "chain: local, rail: native",
        "chain: elsewhere, rail: native",
        "no chain of",
    );
    check("1BeAed", "1BeAeD", "its checksum is wrong");
    check(
        "day_usd: 25.00",
        "day_usd: 60.00",
        "looser than what holds for all",
    );
    check(
        "payment_usd: 0.50",
        "payment_usd: 11.00",
        "looser than what holds for all",
    );
    check("hour_usd: 20.00", "hour_usd: 60.00", "is above `day_usd`");
    check("refuse_above: 0.7", "refuse_above: 0.71", "is above 0.7");
    check(
        "review_above: 0.4",
        "review_above: 0.8",
        "is above `refuse_above`",
    );
    check(
        "two_above_usd: 50.00",
        "two_above_usd: 5.00",
        "is below `one_above_usd`",
    );
    check("inbound: refuse", "inbound: allow", "never move money");
    check(
        "payment_usd: 10.00",
        "payment_usd: .nan",
        "not an exact amount",
    );
    check("fee_gwei: 2.5", "fee_gwei: 1e9", "is not an amount");
    check("in_flight: 50", "in_fligth: 50", "is not known");
    check("assets: [USDC], caps", "assets: [DAI], caps", "no asset of");
}

// R96: an address that can be taken for another one is not let in.
#[test]
fn r96_two_addresses_with_the_same_ends_are_refused() {
    let twin = format!("0xfb69{}d359", "0".repeat(32));
    let text = with("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", &twin);
    let error = load("budget.yaml", text.as_bytes()).unwrap_err();
    assert!(error.contains("the same ends"), "{error}");
}

// R103: what is looser is seen by others for at least a minute. R189: a chain has one coin, whose price is that of its gas.
#[test]
fn r103_a_delay_and_a_second_coin_that_cannot_be_are_refused() {
    for (from, to, line, message) in [
        (
            "  deny:",
            "  loosen_after: 59s\n  deny:",
            "loosen_after: 59s",
            "59s",
        ),
        (
            "  caps:",
            "    GAS: {chain: local, rail: native, decimals: 18, usd: 1.00, until: 2027-01-01}\n  caps:",
            "chains:",
            "more than one coin",
        ),
    ] {
        let text = with(from, to);
        let error = load("budget.yaml", text.as_bytes()).expect_err(message);
        let at = format!("budget.yaml:{}:", line_of(&text, line));
        let right = |told: &str| told.starts_with(&at) && told.contains(message);
        assert!(error.lines().any(right), "{message} at {at}\n{error}");
    }
}
