use proptest::prelude::*;

use super::*;
use crate::{
    Span,
    chain::{EvmAddress, Hash32},
    ids::PaymentId,
    payment::Call,
    testing::{PAYEE, TOKEN, WALLET},
};

pub(super) const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

pub(super) const fn usd(cents: i64) -> Usd {
    Usd::from_micros(cents * 10_000)
}

pub(super) fn policy() -> PaymentPolicy {
    crate::testing::payment_policy(NOON.plus(Span::from_hours(1)))
}

fn terms(amount: u128) -> Terms {
    Terms {
        payment_id: PaymentId::from_uuid(uuid::Uuid::from_u128(7)),
        agent: "fae".to_owned(),
        from: WALLET,
        chain_id: 31_337,
        asset: "USDC".to_owned(),
        token: Some(TOKEN),
        counterparty: "images".to_owned(),
        to: PAYEE,
        amount: Units::from_base(amount),
        memo: "an image".to_owned(),
    }
}

pub(super) fn wish(amount: u128) -> Wish {
    Wish {
        terms: Some(terms(amount)),
        agent: "fae".to_owned(),
        asset: "USDC".to_owned(),
        counterparty: "images".to_owned(),
        amount: Units::from_base(amount).show(6),
        category: BudgetCategory::Other,
        memo: "an image".to_owned(),
        source: Source::Worker,
        proposer: "fae".to_owned(),
        has_task: true,
        opinion: None,
        forced: false,
    }
}

const COUNTED: [&str; 9] = [
    "hour",
    "day",
    "calendar_day",
    "week",
    "lifetime",
    "house_hour",
    "house_day",
    "house_calendar_day",
    "counterparty_day",
];

pub(super) fn facts() -> Facts {
    Facts {
        now: NOON,
        hour: Some(12),
        halted: None,
        frozen: None,
        used: COUNTED
            .iter()
            .map(|name| ((*name).to_owned(), Usd::ZERO))
            .collect(),
        payments_hour: 0,
        in_flight: 0,
        history: Some(History {
            to_counterparty: 3,
            typical: Some(usd(200)),
        }),
        quote: Some(Quote {
            at: NOON,
            block: 9,
            fees: Fees { base: 1, tip: 1 },
            balance: Units::from_base(100_000_000),
            coin: Units::from_base(10u128.pow(18)),
            to_contract: false,
            code_as_pinned: true,
            simulation: Simulation::Passes { gas: 70_000 },
        }),
        approvals: Vec::new(),
    }
}

fn check(wish: &Wish, policy: &PaymentPolicy, facts: &Facts, verdict: Rule, code: &str) {
    let decision = decide(wish, policy, facts);
    let binding = decision.binding().map_or("", |line| line.code.as_str());
    assert_eq!(
        (decision.verdict(), binding),
        (verdict, code),
        "{:#?}",
        decision.lines()
    );
}

/// One field of something, moved.
pub(super) fn with<T: Clone>(thing: &T, change: impl FnOnce(&mut T)) -> T {
    let mut thing = thing.clone();
    change(&mut thing);
    thing
}

#[test]
fn r95_an_ordinary_payment_is_allowed_and_every_rule_says_so() {
    let decision = decide(&wish(2_000_000), &policy(), &facts());
    assert_eq!(decision.verdict(), Rule::Allow, "{:#?}", decision.lines());
    assert!(decision.lines().iter().all(|line| line.says == Rule::Allow));
    assert_eq!(decision.usd(), Some(usd(200)));
    // 84,000 gas at 2 gwei are 0.000168 of the coin, at 3,000 dollars.
    assert_eq!(decision.fee(), Some(Usd::from_micros(504_000)));
}

#[test]
fn r95_each_rule_refuses_with_its_own_code() {
    let (w, p, f) = (wish(2_000_000), policy(), facts());
    let refused = |w: &Wish, p: &PaymentPolicy, f: &Facts, code| check(w, p, f, Rule::Refuse, code);
    refused(&with(&w, |w| w.memo = " ".into()), &p, &f, "request.memo");
    refused(&with(&w, |w| w.terms = None), &p, &f, "request.terms");
    refused(&wish(0), &p, &f, "request.amount");
    refused(
        &w,
        &p,
        &with(&f, |f| f.halted = Some("fleet".into())),
        "frozen.halt",
    );
    refused(
        &w,
        &p,
        &with(&f, |f| f.frozen = Some("a break".into())),
        "frozen.wallet",
    );
    refused(
        &with(&w, |w| w.source = Source::Inbound),
        &p,
        &f,
        "source.not_authorized",
    );
    refused(
        &w,
        &with(&p, |p| p.sources.clear()),
        &f,
        "source.not_authorized",
    );
    refused(&w, &with(&p, |p| p.agents.clear()), &f, "wallet.known");
    refused(
        &w,
        &with(&p, |p| p.agents[0].assets.clear()),
        &f,
        "asset.allowed",
    );
    refused(
        &w,
        &with(&p, |p| p.counterparties.clear()),
        &f,
        "counterparty.unknown",
    );
    refused(
        &w,
        &with(&p, |p| p.counterparties[0].assets.clear()),
        &f,
        "counterparty.asset",
    );
    refused(
        &w,
        &with(&p, |p| p.deny.push(PAYEE)),
        &f,
        "counterparty.denied",
    );
    for (address, code) in [
        (EvmAddress::ZERO, "counterparty.zero"),
        (WALLET, "counterparty.self"),
        (TOKEN, "counterparty.token"),
    ] {
        refused(
            &w,
            &with(&p, |p| p.counterparties[0].address = address),
            &f,
            code,
        );
    }
    let mut twin = [0xaa; 20];
    twin[9] = 0;
    let twin = EvmAddress::from_bytes(twin);
    refused(
        &w,
        &with(&p, |p| p.counterparties[0].address = twin),
        &f,
        "counterparty.look_alike",
    );
    let never = with(&f, |f| f.history.as_mut().unwrap().to_counterparty = 0);
    refused(
        &w,
        &with(&p, |p| p.review.new_counterparty = Rule::Refuse),
        &never,
        "counterparty.new",
    );
    refused(
        &w,
        &with(&p, |p| p.assets[0].price_until = NOON),
        &f,
        "price.fresh",
    );
    refused(&w, &with(&p, |p| drop(p.assets.pop())), &f, "price.gas");
    refused(
        &w,
        &p,
        &with(&f, |f| f.payments_hour = 20),
        "cap.payments_hour",
    );
    refused(&w, &p, &with(&f, |f| f.in_flight = 50), "cap.in_flight");
    refused(
        &w,
        &with(&p, |p| p.agents[0].caps.fee = usd(50)),
        &f,
        "cap.fee",
    );
    refused(&w, &p, &with(&f, |f| f.history = None), "risk.unscored");
    refused(
        &w,
        &p,
        &with(&f, |f| {
            f.quote.as_mut().unwrap().at = NOON.minus(Span::from_secs(61))
        }),
        "balance.fresh",
    );
    refused(
        &w,
        &p,
        &with(&f, |f| {
            f.quote.as_mut().unwrap().balance = Units::from_base(1_999_999)
        }),
        "balance.insufficient",
    );
    refused(
        &w,
        &p,
        &with(&f, |f| f.quote.as_mut().unwrap().coin = Units::ZERO),
        "balance.gas",
    );
    refused(
        &w,
        &p,
        &with(&f, |f| f.quote.as_mut().unwrap().code_as_pinned = false),
        "asset.code",
    );
}

#[test]
fn r94_each_cap_holds_to_the_micro_dollar_and_names_itself() {
    let (w, p) = (wish(2_000_000), policy());
    let total = decide(&w, &p, &facts()).counted().unwrap();
    for name in COUNTED {
        let limit = decide(&w, &p, &facts());
        let cap = limit.limits().iter().find(|l| l.limit == name).unwrap().cap;
        let at = |used: Usd| {
            with(&facts(), |f| {
                f.used.iter_mut().find(|(n, _)| n == name).unwrap().1 = used;
            })
        };
        let room = cap.checked_sub(total).unwrap();
        check(&w, &p, &at(room), Rule::Allow, "");
        let over = Usd::from_micros(room.micros() + 1);
        check(&w, &p, &at(over), Rule::Refuse, &format!("cap.{name}"));
    }
    // What the store did not count is refused, not free.
    for name in COUNTED {
        let missing = with(&facts(), |f| f.used.retain(|(n, _)| n != name));
        check(&w, &p, &missing, Rule::Refuse, &format!("cap.{name}"));
    }
}

#[test]
fn r95_risk_above_seven_tenths_is_refused_and_exactly_seven_tenths_is_not() {
    let (w, p, f) = (wish(2_000_000), policy(), facts());
    let opinion = |ppm| with(&w, |w| w.opinion = Score::from_ppm(ppm));
    check(&opinion(400_000), &p, &f, Rule::Allow, "");
    check(&opinion(400_001), &p, &f, Rule::Review, "approval.people");
    check(&opinion(700_000), &p, &f, Rule::Review, "approval.people");
    check(
        &opinion(700_001),
        &p,
        &f,
        Rule::Refuse,
        "risk.above_threshold",
    );
}

#[test]
fn r96_the_score_is_the_sum_of_what_is_named() {
    let risky = with(&facts(), |f| {
        f.history = Some(History {
            to_counterparty: 0,
            typical: Some(usd(50)),
        });
        f.hour = Some(3);
    });
    let decision = decide(&wish(2_000_000), &policy(), &risky);
    let named: Vec<_> = decision
        .risk()
        .contributions
        .iter()
        .map(|c| c.factor)
        .collect();
    assert_eq!(
        named,
        [
            RiskFactor::NewCounterparty,
            RiskFactor::LargeAmount,
            RiskFactor::Night
        ]
    );
    assert_eq!(decision.risk().score, Some(Score::from_percent(45)));
    // A factor without a weight is not free.
    let forgotten = with(&policy(), |p| {
        p.risk.weights.retain(|(f, _)| *f != RiskFactor::Night)
    });
    check(
        &wish(2_000_000),
        &forgotten,
        &risky,
        Rule::Refuse,
        "risk.above_threshold",
    );
}

#[test]
fn r97_people_are_asked_where_the_policy_says_so_and_counted_by_name() {
    let p = policy();
    let said = |by: &[&str], amount| {
        with(&facts(), |f| {
            f.approvals = by
                .iter()
                .map(|by| Approval {
                    by: (*by).to_owned(),
                    digest: terms(amount).digest(),
                    at: NOON,
                })
                .collect();
        })
    };
    let (small, one, two) = (wish(2_000_000), wish(6_000_000), wish(9_000_000));
    check(&small, &p, &said(&[], 2_000_000), Rule::Allow, "");
    check(
        &one,
        &p,
        &said(&[], 6_000_000),
        Rule::Review,
        "approval.people",
    );
    check(&one, &p, &said(&["ana@a"], 6_000_000), Rule::Allow, "");
    check(
        &two,
        &p,
        &said(&["ana@a", "ana@b"], 9_000_000),
        Rule::Review,
        "approval.people",
    );
    check(
        &two,
        &p,
        &said(&["ana@a", "ben@b"], 9_000_000),
        Rule::Allow,
        "",
    );
    // What was said of other terms, by who asks, or too long ago, is not said.
    check(
        &one,
        &p,
        &said(&["ana@a"], 6_000_001),
        Rule::Review,
        "approval.people",
    );
    let own = with(&one, |w| w.proposer = "ana@c".to_owned());
    check(
        &own,
        &p,
        &said(&["ana@a"], 6_000_000),
        Rule::Review,
        "approval.people",
    );
    let stale = with(&said(&["ana@a"], 6_000_000), |f| {
        f.approvals[0].at = NOON.minus(Span::from_mins(31));
    });
    check(&one, &p, &stale, Rule::Review, "approval.people");
    // A person who forces it is the first of those who approve, and no more than that.
    let forced = with(&own, |w| (w.forced, w.source) = (true, Source::Manual));
    check(&forced, &p, &said(&[], 6_000_000), Rule::Allow, "");
    let forced = with(&two, |w| (w.forced, w.source) = (true, Source::Manual));
    check(
        &forced,
        &p,
        &said(&[], 9_000_000),
        Rule::Review,
        "approval.people",
    );
    let over = with(&wish(11_000_000), |w| {
        (w.forced, w.source) = (true, Source::Manual)
    });
    check(
        &over,
        &p,
        &said(&["ana@a", "ben@b"], 11_000_000),
        Rule::Refuse,
        "cap.payment",
    );
}

fn transaction(call: Call) -> Transaction {
    Transaction {
        chain_id: 31_337,
        nonce: 4,
        gas_limit: 84_000,
        fee_max: 2_000_000_000,
        tip_max: 1,
        call,
    }
}

fn authorized(to: EvmAddress, amount: u128, nonce: Hash32) -> Transaction {
    transaction(Call::Authorized {
        token: TOKEN,
        signing_name: "USDC".to_owned(),
        signing_version: "2".to_owned(),
        to,
        amount: Units::from_base(amount),
        nonce,
        valid_before: 1,
    })
}

#[test]
fn r93_nothing_is_cleared_but_what_was_decided_on() {
    let decision = decide(&wish(2_000_000), &policy(), &facts());
    let nonce = terms(2_000_000).authorization_nonce();
    let clear = |terms: &Terms, transaction| decision.clear(terms, transaction).is_ok();
    let right = terms(2_000_000);
    assert!(clear(&right, authorized(PAYEE, 2_000_000, nonce)));
    assert!(clear(&right, transaction(Call::Nothing)));
    assert!(!clear(&right, authorized(PAYEE, 2_000_001, nonce)));
    assert!(!clear(&right, authorized(TOKEN, 2_000_000, nonce)));
    assert!(!clear(
        &right,
        authorized(PAYEE, 2_000_000, Hash32::from_bytes([1; 32]))
    ));
    assert!(!clear(
        &terms(2_000_001),
        authorized(PAYEE, 2_000_001, nonce)
    ));
    let elsewhere = with(&authorized(PAYEE, 2_000_000, nonce), |t| t.chain_id = 1);
    assert!(!clear(&right, elsewhere));
    let refused = decide(&wish(20_000_000), &policy(), &facts());
    assert!(
        refused
            .clear(&terms(20_000_000), authorized(PAYEE, 20_000_000, nonce))
            .is_err()
    );
    let asked = decide(&wish(6_000_000), &policy(), &facts());
    assert!(
        asked
            .clear(&terms(6_000_000), authorized(PAYEE, 6_000_000, nonce))
            .is_err()
    );
}

prop_compose! {
    pub(super) fn some_facts()(
        used in prop::collection::vec(0i64..60_000_000, COUNTED.len()),
        payments_hour in 0u32..25,
        in_flight in 0u32..60,
        hour in prop::option::of(0u8..24),
        paid in prop::option::of(0u64..3),
        typical in prop::option::of(0i64..5_000_000),
        quoted in prop::bool::weighted(0.9),
        contract: bool,
        passes in prop::bool::weighted(0.9),
        approvals in 0usize..3,
        amount in 0u128..12_000_000,
    ) -> (u128, Facts) {
        let names = ["ana", "ben", "eve"];
        let facts = with(&facts(), |f| {
            for ((_, there), used) in f.used.iter_mut().zip(used) {
                *there = Usd::from_micros(used);
            }
            (f.payments_hour, f.in_flight, f.hour) = (payments_hour, in_flight, hour);
            f.history = paid.map(|n| History { to_counterparty: n, typical: typical.map(Usd::from_micros) });
            let quote = f.quote.as_mut().unwrap();
            quote.to_contract = contract;
            if !passes {
                quote.simulation = Simulation::Fails { why: "no".to_owned() };
            }
            if !quoted {
                f.quote = None;
            }
            f.approvals = names[..approvals]
                .iter()
                .map(|by| Approval { by: (*by).to_owned(), digest: terms(amount).digest(), at: NOON })
                .collect();
        });
        (amount, facts)
    }
}

/// Every way to make a policy stricter by one step.
pub(super) fn tightened(policy: &PaymentPolicy, which: usize) -> PaymentPolicy {
    let halve = |usd: &mut Usd| *usd = Usd::from_micros(usd.micros() / 2);
    with(policy, |p| {
        let caps = &mut p.agents[0].caps;
        match which {
            0 => halve(&mut caps.payment),
            1 => halve(&mut caps.hour),
            2 => halve(&mut caps.day),
            3 => halve(&mut caps.lifetime),
            4 => caps.payments_per_hour /= 2,
            5 => halve(&mut caps.fee),
            6 => halve(&mut p.house.hour),
            7 => halve(&mut p.house.day),
            8 => p.house.in_flight /= 2,
            9 => p.risk.refuse_above = Score::from_percent(30),
            10 => p.risk.review_above = Score::from_percent(10),
            11 => p.review.new_counterparty = Rule::Refuse,
            12 => halve(&mut p.review.one_above),
            13 => halve(&mut p.review.two_above),
            14 => p.sources.retain(|(source, _)| *source != Source::Worker),
            15 => p.deny.push(PAYEE),
            16 => caps.month = Some(usd(1)),
            _ => p
                .risk
                .weights
                .iter_mut()
                .for_each(|(_, weight)| *weight = Score::ONE),
        }
    })
}

proptest! {
    // R95: no path pays what is riskier than 0.7 or could not be scored, forced or not.
    #[test]
    fn r95_nothing_risky_or_unscored_is_ever_allowed((amount, facts) in some_facts(), opinion in prop::option::of(0u32..=1_000_000), forced: bool) {
        let wish = with(&wish(amount), |w| {
            w.opinion = opinion.and_then(Score::from_ppm);
            if forced {
                (w.forced, w.source, w.proposer) = (true, Source::Manual, "zoe".to_owned());
            }
        });
        let decision = decide(&wish, &policy(), &facts);
        let risky = decision.risk().score.is_none_or(|score| score > Score::from_percent(70));
        prop_assert!(!risky || decision.verdict() == Rule::Refuse);
    }

    // R94: what is stricter in the policy, or more in the wish, never turns a no into a yes.
    #[test]
    fn r94_tightening_and_raising_never_allow_more((amount, facts) in some_facts(), which in 0usize..18, more in 1u128..3_000_000) {
        let before = decide(&wish(amount), &policy(), &facts).verdict();
        let stricter = decide(&wish(amount), &tightened(&policy(), which), &facts).verdict();
        prop_assert!(stricter >= before, "tightening {which}: {before} became {stricter}");
        if amount > 0 {
            let dearer = decide(&wish(amount + more), &policy(), &facts).verdict();
            prop_assert!(dearer >= before, "more: {before} became {dearer}");
        }
    }

    // R167: the same wish, policy and facts give the same decision; facts come back from their stored form.
    #[test]
    fn r167_a_decision_can_be_made_again((amount, facts) in some_facts()) {
        let stored = serde_json::to_string(&facts).unwrap();
        let again: Facts = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(decide(&wish(amount), &policy(), &facts), decide(&wish(amount), &policy(), &again));
    }

    // R93: allowed is never over a cap, whatever is used.
    #[test]
    fn r93_what_is_allowed_fits_under_every_cap((amount, facts) in some_facts()) {
        let decision = decide(&wish(amount), &policy(), &facts);
        if decision.verdict() != Rule::Refuse {
            let total = decision.counted().unwrap();
            for limit in decision.limits() {
                prop_assert!(limit.used.checked_add(total).unwrap() <= limit.cap, "{}", limit.limit);
            }
        }
    }
}
