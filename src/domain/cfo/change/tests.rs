use proptest::prelude::*;

use super::{
    super::{
        ChainPolicy, Counterparty, Finality, LOOSEN_AFTER, RiskFactor, Rule, decide,
        tests::{NOON, policy, some_facts, tightened, usd, wish, with},
    },
    *,
};
use crate::{
    Score, Span,
    chain::{EvmAddress, Hash32, Rail},
    payment::Source,
    spend::BudgetCategory,
};

/// The ways to make a policy stricter that `cfo/tests.rs` holds the decision against.
const DECIDED: usize = 18;

type Step = fn(&mut PaymentPolicy);

/// The others: every field that can be stricter has its step here or there.
const STEPS: &[(&str, Step)] = &[
    ("chains.local.final", |p| {
        p.chains[0].finality = Finality::Depth(4);
    }),
    ("chains.local.final", |p| {
        p.chains[0].finality = Finality::Finalized;
    }),
    ("chains.local.fee_gwei", |p| p.chains[0].fee_max /= 2),
    ("chains.local.tip_gwei", |p| p.chains[0].tip_max /= 2),
    ("chains.local", |p| p.chains.clear()),
    ("assets.ETH", |p| drop(p.assets.pop())),
    ("assets.USDC.usd", |p| p.assets[0].price_usd = usd(101)),
    ("assets.USDC.until", |p| {
        p.assets[0].price_until = NOON.plus(Span::from_mins(1));
    }),
    ("assets.USDC.code_hash", |p| {
        p.assets[0].token.as_mut().unwrap().code_hash = Some(Hash32::from_bytes([1; 32]));
    }),
    ("caps.payment_usd", |p| p.caps.payment = usd(1)),
    ("caps.hour_usd", |p| p.caps.hour = usd(1)),
    ("caps.day_usd", |p| p.caps.day = usd(1)),
    ("caps.week_usd", |p| p.caps.week = Some(usd(1))),
    ("caps.month_usd", |p| p.caps.month = Some(usd(1))),
    ("caps.lifetime_usd", |p| p.caps.lifetime = usd(1)),
    ("caps.payments_per_hour", |p| p.caps.payments_per_hour = 1),
    ("caps.fee_usd", |p| p.caps.fee = usd(1)),
    ("caps.categories.other", |p| {
        p.caps.categories.push((BudgetCategory::Other, usd(1)));
    }),
    ("agents.fae.caps.week_usd", |p| {
        p.agents[0].caps.week = Some(usd(1));
    }),
    ("agents.fae.caps.categories.other", |p| {
        p.agents[0]
            .caps
            .categories
            .push((BudgetCategory::Other, usd(1)));
    }),
    ("agents.fae.assets", |p| p.agents[0].assets.clear()),
    ("agents.fae", |p| p.agents.clear()),
    ("counterparties.images.assets", |p| {
        p.counterparties[0].assets.clear();
    }),
    ("counterparties.images.payment_usd", |p| {
        p.counterparties[0].payment = Some(usd(1));
    }),
    ("counterparties.images.day_usd", |p| {
        p.counterparties[0].day = Some(usd(1));
    }),
    ("counterparties.images", |p| p.counterparties.clear()),
    ("review.ttl", |p| p.review.ttl = Span::from_mins(1)),
    ("sources.worker", |p| p.sources[1].1 = Rule::Review),
    ("risk.weights.night", |p| {
        p.risk.weights.retain(|(f, _)| *f != RiskFactor::Night);
    }),
    ("loosen_after", |p| p.loosen_after = Span::from_hours(1)),
];

fn ways(old: &PaymentPolicy, new: &PaymentPolicy) -> Vec<Way> {
    change(old, new).iter().map(|change| change.way).collect()
}

/// A step makes it stricter, its reverse looser, and only the reverse waits.
fn check_step(old: &PaymentPolicy, new: &PaymentPolicy) {
    let there = ways(old, new);
    assert!(
        !there.is_empty() && there.iter().all(|way| *way == Way::Tightening),
        "{there:?}"
    );
    let back = change(new, old);
    assert!(
        !back.is_empty() && back.iter().all(|one| one.way == Way::Loosening),
        "{back:?}"
    );
    let stands = stand(Some(old), Some(new));
    assert_eq!((stands.holds.as_ref(), stands.waits.len()), (Some(new), 0));
    let stands = stand(Some(new), Some(old));
    assert_eq!(stands.waits, back);
    assert_eq!(change(new, &stands.holds.unwrap()), []);
}

#[test]
fn r103_what_the_decision_is_stricter_by_is_called_tightening_and_its_reverse_loosening() {
    for which in 0..DECIDED {
        check_step(&policy(), &tightened(&policy(), which));
    }
}

#[test]
fn r103_each_field_that_can_be_stricter_is_named_by_its_place_in_the_file() {
    for (field, step) in STEPS {
        let new = with(&policy(), step);
        check_step(&policy(), &new);
        let fields: Vec<String> = change(&policy(), &new)
            .into_iter()
            .map(|c| c.field)
            .collect();
        assert_eq!(fields, [*field]);
    }
}

#[test]
fn r103_what_is_something_else_waits_in_both_directions_and_the_old_one_stays() {
    let other = EvmAddress::from_bytes([9; 20]);
    type Other = fn(&mut PaymentPolicy, EvmAddress);
    let steps: &[(&str, Other)] = &[
        ("agents.fae.address", |p, other| p.agents[0].address = other),
        ("counterparties.images.address", |p, other| {
            p.counterparties[0].address = other
        }),
        ("counterparties.images.chain", |p, _| {
            p.counterparties[0].chain = "base".to_owned()
        }),
        ("chains.local.chain_id", |p, _| p.chains[0].chain_id = 1_337),
        ("chains.local.real", |p, _| p.chains[0].real = true),
        ("assets.USDC", |p, other| {
            p.assets[0].token.as_mut().unwrap().address = other
        }),
        ("assets.USDC", |p, _| p.assets[0].decimals = 5),
        ("assets.USDC", |p, _| p.assets[0].rail = Rail::Transfer),
        ("assets.USDC", |p, _| p.assets[0].chain = "base".to_owned()),
        ("assets.USDC", |p, _| {
            p.assets[0].token.as_mut().unwrap().signing_version = None
        }),
        ("assets.ETH", |p, _| {
            p.assets[1].token = p.assets[0].token.clone()
        }),
    ];
    for (field, step) in steps {
        let new = with(&policy(), |p| step(p, other));
        for (old, new) in [(&policy(), &new), (&new, &policy())] {
            let changes = change(old, new);
            assert_eq!(changes.len(), 1, "{changes:?}");
            assert_eq!(
                (changes[0].field.as_str(), changes[0].way),
                (*field, Way::Loosening)
            );
            assert_eq!(hold_back(old, new), with(old, |_| {}), "{field}");
        }
    }
    // A code that is pinned to another one is another one.
    let pinned = |n| {
        with(&policy(), |p| {
            p.assets[0].token.as_mut().unwrap().code_hash = Some(Hash32::from_bytes([n; 32]))
        })
    };
    assert_eq!(ways(&pinned(1), &pinned(2)), [Way::Loosening]);
    assert_eq!(
        hold_back(&pinned(1), &pinned(2)),
        hold_back(&pinned(1), &pinned(1))
    );
    // What nothing is signed by may be called anything.
    let plain = with(&policy(), |p| p.assets[0].rail = Rail::Transfer);
    let renamed = with(&plain, |p| {
        p.assets[0].token.as_mut().unwrap().signing_name = None
    });
    assert_eq!(ways(&plain, &renamed), [Way::Neither]);
    assert_eq!(stand(Some(&plain), Some(&renamed)).holds, Some(renamed));
}

#[test]
fn r103_somebody_new_waits_while_what_is_stricter_holds_at_once() {
    let new = with(&policy(), |p| {
        p.counterparties.push(Counterparty {
            label: "voices".to_owned(),
            address: EvmAddress::from_bytes([7; 20]),
            ..p.counterparties[0].clone()
        });
        p.agents[0].caps.day = usd(9_000);
        p.agents[0].caps.hour = usd(100);
        p.house.in_flight = 2;
        p.deny.push(EvmAddress::from_bytes([8; 20]));
        p.loosen_after = Span::from_mins(1);
        p.chains.push(ChainPolicy {
            name: "base".to_owned(),
            ..p.chains[0].clone()
        });
        p.sources = vec![
            (Source::Openclaw, Rule::Allow),
            (Source::Manual, Rule::Review),
        ];
    });
    let Standing { holds, waits } = stand(Some(&policy()), Some(&new));
    let waits: Vec<String> = waits
        .iter()
        .map(|one| format!("{}: {} -> {}", one.field, one.from, one.to))
        .collect();
    assert_eq!(
        waits,
        [
            "chains.base: nothing -> chain 31337",
            "sources.openclaw: review -> allow",
            "agents.fae.caps.day_usd: 50.00 -> 90.00",
            "counterparties.voices: nothing -> 0x0707070707070707070707070707070707070707 on local",
            "loosen_after: 15m -> 1m",
        ]
    );
    let expected = with(&policy(), |p| {
        p.agents[0].caps.hour = usd(100);
        p.house.in_flight = 2;
        p.deny.push(EvmAddress::from_bytes([8; 20]));
        p.sources = vec![
            (Source::Planner, Rule::Refuse),
            (Source::Worker, Rule::Refuse),
            (Source::Openclaw, Rule::Review),
            (Source::Manual, Rule::Review),
        ];
    });
    assert_eq!(holds, Some(expected));
}

#[test]
fn r103_no_policy_is_the_strictest_and_one_out_of_nothing_waits_as_a_whole() {
    assert_eq!(
        stand(Some(&policy()), None),
        Standing {
            holds: None,
            waits: Vec::new()
        }
    );
    let stands = stand(None, Some(&policy()));
    assert_eq!(stands.holds, None);
    assert_eq!(stands.waits.len(), 1);
    assert_eq!(stands.waits[0].way, Way::Loosening);
    assert_eq!(policy().loosen_after, LOOSEN_AFTER);
}

#[test]
fn r103_a_cap_of_all_is_said_once_and_a_different_one_of_an_agent_beside_it() {
    let all = with(&policy(), |p| {
        p.caps.day = usd(6_000);
        p.agents[0].caps.day = usd(6_000);
    });
    let fields = |new: &PaymentPolicy| -> Vec<String> {
        change(&policy(), new)
            .into_iter()
            .map(|c| c.field)
            .collect()
    };
    assert_eq!(fields(&all), ["caps.day_usd"]);
    let more = with(&all, |p| p.counterparties[0].payment = Some(usd(1_000)));
    let all_more = with(&more, |p| {
        p.caps.payment = usd(1_100);
        p.counterparties[0].payment = Some(usd(1_100));
    });
    let fields_of = |old: &PaymentPolicy, new: &PaymentPolicy| -> Vec<String> {
        change(old, new).into_iter().map(|c| c.field).collect()
    };
    assert_eq!(fields_of(&more, &all_more), ["caps.payment_usd"]);
    let own = with(&all, |p| p.agents[0].caps.day = usd(7_000));
    assert_eq!(fields(&own), ["caps.day_usd", "agents.fae.caps.day_usd"]);
    // It is said once, and held everywhere.
    assert_eq!(
        stand(Some(&policy()), Some(&all)).holds.unwrap().agents[0].caps,
        policy().agents[0].caps
    );
}

/// Every leaf of a policy, each moved a little.
fn moved(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::Value;
    match value {
        Value::Null => Vec::new(),
        Value::Bool(is) => vec![Value::Bool(!is)],
        Value::Number(n) => match n.as_i64() {
            Some(n) => vec![serde_json::json!(n + 1)],
            None => vec![serde_json::json!(0.5)],
        },
        Value::String(text) => {
            let mut others: Vec<String> = Rule::ALL.iter().map(ToString::to_string).collect();
            others.extend(Rail::ALL.iter().map(ToString::to_string));
            others.extend([
                "0x0101010101010101010101010101010101010101".to_owned(),
                "3000000000".to_owned(),
                "777".to_owned(),
                "somebody".to_owned(),
            ]);
            others.retain(|other| other != text);
            others.into_iter().map(Value::String).collect()
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (n, item) in items.iter().enumerate() {
                for other in moved(item) {
                    let mut items = items.clone();
                    items[n] = other;
                    all.push(Value::Array(items));
                }
            }
            all
        }
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (key, item) in fields {
                for other in moved(item) {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), other);
                    all.push(Value::Object(fields));
                }
            }
            all
        }
    }
}

// No field can move unseen: each leaf of the stored form, moved to anything that can be read, is a difference, but for the
// order in which things are named and a source or a factor that is named twice.
#[test]
fn r103_no_field_moves_unseen() {
    let whole = with(&policy(), |p| {
        p.caps.month = Some(usd(1_000));
        p.caps.categories = vec![(BudgetCategory::Trends, usd(5))];
        p.agents[0].caps.week = Some(usd(9));
        p.counterparties[0].payment = Some(usd(2));
        p.assets[0].token.as_mut().unwrap().code_hash = Some(Hash32::from_bytes([3; 32]));
        p.deny.push(EvmAddress::from_bytes([8; 20]));
    });
    let mut seen = 0;
    for other in moved(&serde_json::to_value(&whole).unwrap()) {
        let Ok(other) = serde_json::from_value::<PaymentPolicy>(other) else {
            continue;
        };
        let changes = change(&whole, &other);
        assert!(!changes.is_empty(), "{other:#?}");
        let held = hold_back(&whole, &other);
        assert!(!ways(&whole, &held).contains(&Way::Loosening));
        assert!(ways(&held, &other).iter().all(|way| *way == Way::Loosening));
        seen += 1;
    }
    assert!(seen > 60, "{seen} leaves were moved");
}

/// A policy some steps away from the usual one.
fn stepped(steps: &[usize]) -> PaymentPolicy {
    let mut made = policy();
    for step in steps {
        if *step < DECIDED {
            // Those of `cfo/tests.rs` name the first agent, who may be gone.
            if !made.agents.is_empty() {
                made = tightened(&made, *step);
            }
        } else {
            let safe = !made.agents.is_empty()
                && !made.counterparties.is_empty()
                && !made.chains.is_empty()
                && made.assets.len() == 2
                && made.sources.len() == 4;
            if safe {
                STEPS[*step - DECIDED].1(&mut made);
            }
        }
    }
    made
}

fn some_policy() -> impl Strategy<Value = PaymentPolicy> {
    prop::collection::vec(0..DECIDED + STEPS.len(), 0..5).prop_map(|steps| stepped(&steps))
}

proptest! {
    // R103: nothing differs from itself, and what is held is itself held.
    #[test]
    fn r103_a_policy_does_not_differ_from_itself(one in some_policy()) {
        prop_assert_eq!(change(&one, &one), []);
        prop_assert_eq!(change(&hold_back(&one, &one), &one), []);
        prop_assert_eq!(stand(Some(&one), Some(&one)).holds, Some(one));
    }

    // R103: of any two policies, what holds loosens nothing of the old one, what waits is all that is looser, and looking
    // again changes nothing. A policy that is reached so lets nothing through that the old one would not.
    #[test]
    fn r103_what_is_held_back_is_never_looser_than_what_was((old, new) in (some_policy(), some_policy()), (amount, facts) in some_facts()) {
        let held = hold_back(&old, &new);
        prop_assert!(!ways(&old, &held).contains(&Way::Loosening));
        prop_assert!(ways(&held, &new).iter().all(|way| *way == Way::Loosening));
        prop_assert_eq!(change(&held, &hold_back(&held, &new)), []);
        let verdict = |policy: &PaymentPolicy| decide(&wish(amount), policy, &facts).verdict();
        // What gas may cost at most is counted for it: less of it leaves more of the caps, and less money can leave.
        let same_gas = old.chains == new.chains;
        prop_assert!(!same_gas || verdict(&held) >= verdict(&old));
        prop_assert!(!same_gas || verdict(&held) >= verdict(&new));
    }

    // R103: what one step tightens, wherever it starts, its reverse loosens.
    #[test]
    fn r103_which_way_a_difference_goes_turns_with_the_direction((old, new) in (some_policy(), some_policy())) {
        let (there, back) = (change(&old, &new), change(&new, &old));
        prop_assert_eq!(there.len(), back.len());
        for one in &there {
            let other = back.iter().find(|other| other.field == one.field && other.from == one.to && other.to == one.from);
            prop_assert!(other.is_some(), "{one:?}");
            prop_assert!(one.way == Way::Loosening || other.unwrap().way == Way::Loosening);
        }
    }
}

#[test]
fn r103_a_policy_from_before_the_delay_could_be_said_has_the_usual_one() {
    let mut stored = serde_json::to_value(policy()).unwrap();
    stored.as_object_mut().unwrap().remove("loosen_after");
    let read: PaymentPolicy = serde_json::from_value(stored).unwrap();
    assert_eq!(read, policy());
    assert_eq!(read.hash(), policy().hash());
    let other = with(&policy(), |p| p.risk.review_above = Score::from_percent(41));
    assert_ne!(other.hash(), policy().hash());
}
