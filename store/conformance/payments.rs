//! Payments: no cap is passed by whatever races, no wish is paid twice, no bytes exist that were not kept before.

use std::sync::Arc;

use chimera_domain::{
    ContentHash, Outcome, Span, StateVersion, Timestamp, Usd,
    cfo::{PaymentPolicy, Quote, Rule},
    chain::{Hash32, Units},
    halt::{Halt, Scope},
    ids::{AgentId, PaymentId, TraceId},
    payment::{AttemptKind, Call, Payment, PaymentRequest, PaymentState, Source, Transaction},
    ports::{Cleared, NewAttempt, Proposed, Receipt, Recorded, Store},
    spend::BudgetCategory,
    testing::{self, PAYEE, TOKEN, WALLET, payment_policy},
    views::PageRequest,
    wallet::{BreakKind, Reconciled, Reconciliation},
};

use super::{Harness, done, lost};

pub(super) const DOLLAR: u128 = 1_000_000;

/// A house whose agent has a wallet with 500 dollars that were seen on the chain.
pub(super) async fn begin(h: &Harness) -> AgentId {
    begin_with(h, policy(h)).await
}

/// The same under these rules.
pub(super) async fn begin_with(h: &Harness, rules: PaymentPolicy) -> AgentId {
    let mut setup = h.setup();
    setup.policy.payments = Some(rules);
    setup.policy.hash = ContentHash::of_bytes(b"with payments");
    h.store().install(&setup).await.unwrap();
    let agent = h.store().overview().await.unwrap().campaigns[0].agent_id;
    for (asset, amount) in [("USDC", 500 * DOLLAR), ("ETH", 10u128.pow(18))] {
        let income = vec![(hash(0), Units::from_base(amount))];
        let found = look(h, agent, asset, 1, income).await;
        let store = h.store();
        let kept = store.record_reconciliation(agent, asset, &found).await;
        assert!(kept.unwrap());
        // Somebody else found the same at the same moment.
        let late = store.record_reconciliation(agent, asset, &found).await;
        assert!(!late.unwrap());
    }
    agent
}

pub(super) fn policy(h: &Harness) -> PaymentPolicy {
    let mut policy = payment_policy(h.ambient.now().plus(Span::from_hours(24 * 365)));
    policy.agents[0].agent = h.setup().personas[0].slug.clone();
    policy.review.new_counterparty = Rule::Allow;
    policy
}

pub(super) async fn look(
    h: &Harness,
    agent: AgentId,
    asset: &str,
    block: u64,
    income: Vec<(Hash32, Units)>,
) -> Reconciliation {
    Reconciliation {
        seen: h.store().ledger_of(agent, asset).await.unwrap().seen,
        up_to: Reconciled {
            block,
            block_hash: hash(200),
            at: Timestamp::from_micros(0),
        },
        income,
        breaks: Vec::new(),
        compared: 0,
    }
}

pub(super) const fn hash(n: u8) -> Hash32 {
    Hash32::from_bytes([n; 32])
}

pub(super) fn wish(h: &Harness, agent: AgentId, key: &str, dollars: &str) -> PaymentRequest {
    PaymentRequest {
        payment_id: PaymentId::from_uuid(h.ambient.fresh()),
        key: key.to_owned(),
        agent_id: agent,
        campaign_id: None,
        task_id: None,
        trace_id: TraceId::from_uuid(h.ambient.fresh()),
        source: Source::Manual,
        proposer: "zoe@host".to_owned(),
        counterparty: "images".to_owned(),
        asset: "USDC".to_owned(),
        amount: dollars.to_owned(),
        category: BudgetCategory::MediaGeneration,
        memo: "an image".to_owned(),
        opinion: None,
        forced: false,
    }
}

pub(super) fn quote(h: &Harness) -> Quote {
    testing::quote(h.ambient.now())
}

pub(super) const FEE: i64 = 504_000;

pub(super) async fn propose(h: &Harness, wish: &PaymentRequest) -> Proposed {
    let store = h.store();
    store.propose_payment(wish, Some(&quote(h))).await.unwrap()
}

pub(super) async fn payment(h: &Harness, id: PaymentId) -> Payment {
    h.store().payment(id).await.unwrap().unwrap()
}

fn transaction(payment: &Payment, nonce: u64) -> Transaction {
    Transaction {
        chain_id: 31_337,
        nonce,
        gas_limit: 84_000,
        fee_max: 1_000,
        tip_max: 100,
        call: Call::Authorized {
            token: TOKEN,
            signing_name: "Test USD".to_owned(),
            signing_version: "1".to_owned(),
            to: PAYEE,
            amount: payment.terms.amount,
            nonce: payment.terms.authorization_nonce(),
            valid_before: 1,
        },
    }
}

fn attempt(kind: AttemptKind, name: u8, transaction: Transaction) -> NewAttempt {
    NewAttempt {
        kind,
        hash: hash(name),
        sender: WALLET,
        transaction,
        raw: vec![name],
    }
}

async fn record(h: &Harness, payment: &Payment, new: &NewAttempt) -> Recorded {
    let store = h.store();
    let (id, quote) = (payment.terms.payment_id, quote(h));
    let recorded = store.record_attempt(id, payment.version, new, &quote);
    done(recorded.await.unwrap())
}

/// An approved payment whose first bytes are kept and handed in.
async fn handed_in(h: &Harness, agent: AgentId, name: u8, dollars: &str) -> PaymentId {
    let id = propose(h, &wish(h, agent, &format!("key {name}"), dollars))
        .await
        .payment_id;
    let found = payment(h, id).await;
    let cleared = h
        .store()
        .clear_payment(id, found.version, &quote(h), 0)
        .await;
    let Cleared::Sign { nonce, .. } = done(cleared.unwrap()) else {
        panic!("not cleared");
    };
    let new = attempt(AttemptKind::Pay, name, transaction(&found, nonce));
    assert_eq!(record(h, &found, &new).await, Recorded::Kept);
    h.store().note_sent(id, new.hash).await.unwrap();
    id
}

fn receipt(name: u8, block: u64) -> Receipt {
    Receipt {
        hash: hash(name),
        sender: WALLET,
        succeeded: true,
        block,
        block_hash: hash(100),
        fee: Units::from_base(100_000_000_000_000),
        movements: Vec::new(),
        authorizations: Vec::new(),
    }
}

/// A payment that was made.
pub(super) async fn posted(h: &Harness, agent: AgentId, name: u8, dollars: &str) -> PaymentId {
    let id = handed_in(h, agent, name, dollars).await;
    let receipt = receipt(name, 5);
    h.store().note_mined(id, &receipt).await.unwrap();
    let gas = receipt.fee;
    h.store().post_payment(id, &receipt, gas).await.unwrap();
    id
}

/// A house that has paid twice and set a third aside, for tests of what somebody did to its tables.
pub async fn used(h: &Harness) {
    let agent = begin(h).await;
    for name in [1, 2] {
        let id = handed_in(h, agent, name, "2").await;
        h.store().note_mined(id, &receipt(name, 5)).await.unwrap();
        h.store()
            .post_payment(id, &receipt(name, 5), receipt(name, 5).fee)
            .await
            .unwrap();
    }
    propose(h, &wish(h, agent, "third", "2")).await;
    h.store().verify_wallets().await.unwrap();
}

/// Of many wishes at once from several stores on one database only as many are let through as fit under the cap, to the
/// micro-dollar.
/// Proves: R93, R94.
pub async fn r93_racing_wishes_never_pass_a_cap_together(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let others: Vec<Arc<dyn Store>> = (0..4).map(|_| h.another()).collect();
    let mut racing = Vec::new();
    for n in 0..64usize {
        let (store, quote) = (others[n % 4].clone(), quote(h));
        let wish = wish(h, agent, &format!("race {n}"), "1.50");
        racing.push(tokio::spawn(async move {
            store.propose_payment(&wish, Some(&quote)).await.unwrap()
        }));
    }
    let mut through = 0;
    for one in racing {
        through += i64::from(one.await.unwrap().state == PaymentState::Approved);
    }
    // 20 dollars an hour hold nine of 1.50 and the gas of each.
    assert_eq!(through, 20_000_000 / (1_500_000 + FEE));
    let refused = propose(h, &wish(h, agent, "one more", "1.50")).await;
    assert_eq!(refused.state, PaymentState::Refused);
    assert!(refused.why.starts_with("cap.hour:"), "{}", refused.why);
    h.store().verify_wallets().await.unwrap();
}

/// A key is one payment for ever: repeated it sets nothing more aside, and another wish under it is refused.
/// Proves: R4, R93.
pub async fn r93_a_key_is_one_payment_for_ever(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let first = propose(h, &wish(h, agent, "key", "2")).await;
    let again = propose(h, &wish(h, agent, "key", "2")).await;
    assert!(again.repeated && again.payment_id == first.payment_id);
    let other = wish(h, agent, "key", "3");
    assert!(
        h.store()
            .propose_payment(&other, Some(&quote(h)))
            .await
            .is_err()
    );
    h.reopen();
    assert_eq!(
        propose(h, &wish(h, agent, "key", "2")).await.payment_id,
        first.payment_id
    );
    assert_eq!(h.store().payments(10).await.unwrap().len(), 1);
}

/// What was paid frees its window when the window has passed, and not by a clock that is set back.
/// Proves: R93, R94.
pub async fn r94_a_window_frees_what_is_past_and_a_clock_set_back_frees_nothing(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    for name in 1..=9 {
        let id = handed_in(h, agent, name, "1.50").await;
        h.store().note_mined(id, &receipt(name, 5)).await.unwrap();
        h.store()
            .post_payment(id, &receipt(name, 5), receipt(name, 5).fee)
            .await
            .unwrap();
    }
    // Posted: 1.50 and what the gas cost, 0.30. 20 dollars hold two more.
    let state = |h: &Harness, key: &str| {
        let wish = wish(h, agent, key, "3.40");
        let (store, quote) = (h.store(), quote(h));
        async move { store.propose_payment(&wish, Some(&quote)).await.unwrap() }
    };
    let over = state(h, "a").await;
    assert!(over.why.starts_with("cap.hour: 16.20"), "{}", over.why);
    let now = h.ambient.now();
    h.clock.set(now.minus(Span::from_hours(48)));
    let back = state(h, "b").await;
    assert_eq!(back.state, PaymentState::Refused);
    assert!(back.why.starts_with("cap.hour"), "{}", back.why);
    h.clock.set(now.plus(Span::from_mins(59)));
    assert_eq!(state(h, "c").await.state, PaymentState::Refused);
    h.clock.set(now.plus(Span::from_mins(60)));
    assert_eq!(state(h, "d").await.state, PaymentState::Approved);
    h.store().verify_wallets().await.unwrap();
}

/// A refusal keeps every line, raises an alert with its reason and sets nothing aside.
/// Proves: R95.
pub async fn r95_a_refusal_is_kept_with_its_lines_and_raises_an_alert(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let refused = propose(h, &wish(h, agent, "key", "10.01")).await;
    assert_eq!(refused.state, PaymentState::Refused);
    assert!(refused.why.starts_with("cap.payment:"), "{}", refused.why);
    let lines = h.store().payment_lines(refused.payment_id).await.unwrap();
    assert_eq!(lines, refused.lines);
    let alerts = h.store().alerts(&PageRequest::first(10)).await.unwrap();
    let alert = alerts
        .rows
        .iter()
        .find(|alert| alert.code.as_str() == "payment_refused");
    assert!(alert.unwrap().text.as_str().contains("cap.payment"));
    // Weighing says the same and keeps nothing: neither a payment nor an alert nor a cent.
    let weighed = wish(h, agent, "weighed", "1");
    let (told, page) = (quote(h), PageRequest::first(10));
    let before = (
        h.store().payments(9).await.unwrap().len(),
        h.store().alerts(&page).await.unwrap().total,
    );
    let would = h
        .store()
        .weigh_payment(&weighed, Some(&told))
        .await
        .unwrap();
    assert_eq!(would.state, PaymentState::Approved, "{}", would.why);
    assert!(!would.lines.is_empty());
    let after = (
        h.store().payments(9).await.unwrap().len(),
        h.store().alerts(&page).await.unwrap().total,
    );
    assert_eq!(before, after);
    // The chain did not answer: refused, never let through.
    let store = h.store();
    let blind = store
        .propose_payment(&wish(h, agent, "blind", "1"), None)
        .await
        .unwrap();
    assert_eq!(blind.state, PaymentState::Refused);
}

/// People approve exactly what they saw, each once, and never what they asked for themselves.
/// Proves: R97, R103, R181.
pub async fn r97_people_approve_what_they_saw_each_once_and_not_their_own(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = propose(h, &wish(h, agent, "key", "9")).await.payment_id;
    let found = payment(h, id).await;
    assert_eq!(found.state, PaymentState::Review);
    let store = h.store();
    let digest = found.terms.digest();
    let approve = |digest, version, by: &'static str| {
        let store = store.clone();
        async move { store.approve_payment(id, version, digest, by).await }
    };
    let other = ContentHash::of_bytes(b"something else");
    assert!(approve(other, found.version, "ana@a").await.is_err());
    assert!(
        approve(digest, found.version, "zoe@elsewhere")
            .await
            .is_err()
    );
    for by in ["ana@a", "ana@b"] {
        let state = done(approve(digest, found.version, by).await.unwrap());
        assert_eq!(state, PaymentState::Review, "one person is not two");
    }
    let state = done(approve(digest, found.version, "ben@b").await.unwrap());
    assert_eq!(state, PaymentState::Approved);
    assert_eq!(
        lost(approve(digest, found.version, "eve@c").await.unwrap()).now,
        "approved"
    );
    let newer = payment(h, id).await;
    let taken = store
        .reject_payment(id, found.version, "eve@c", "no")
        .await
        .unwrap();
    assert!(matches!(taken, Outcome::Conflict(_)));
    done(
        store
            .reject_payment(id, newer.version, "eve@c", "no")
            .await
            .unwrap(),
    );
    assert_eq!(payment(h, id).await.counted, Usd::ZERO);
    store.verify_wallets().await.unwrap();
}

/// Bytes are kept for the wallet's next place and for what was decided on alone; whoever is second is told so and keeps nothing.
/// Proves: R2, R5, R93.
pub async fn r5_only_bytes_for_what_was_decided_on_are_kept_and_only_once(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = propose(h, &wish(h, agent, "key", "2")).await.payment_id;
    let found = payment(h, id).await;
    let wrong = |change: &dyn Fn(&mut NewAttempt)| {
        let mut new = attempt(AttemptKind::Pay, 1, transaction(&found, 0));
        change(&mut new);
        new
    };
    let refusals: [&dyn Fn(&mut NewAttempt); 6] = [
        &|new| new.transaction.chain_id = 1,
        &|new| new.sender = PAYEE,
        &|new| new.transaction.call = Call::Nothing,
        &|new| new.transaction.fee_max = 2_000_000_001,
        &|new| new.transaction.gas_limit = 200_000_000_000,
        &|new| {
            if let Call::Authorized { amount, .. } = &mut new.transaction.call {
                *amount = Units::from_base(3 * DOLLAR);
            }
        },
    ];
    for change in refusals {
        let said = record(h, &found, &wrong(change)).await;
        assert!(matches!(said, Recorded::Refused { .. }), "{said:?}");
    }
    let right = attempt(AttemptKind::Pay, 1, transaction(&found, 0));
    assert_eq!(record(h, &found, &right).await, Recorded::Kept);
    // Another process had it signed too: it learns that it was overtaken, and its bytes are nowhere.
    let second = attempt(AttemptKind::Pay, 2, transaction(&found, 0));
    let store = h.another();
    let late = store
        .record_attempt(id, found.version, &second, &quote(h))
        .await
        .unwrap();
    assert!(matches!(late, Outcome::Conflict(_)));
    let open = store.open_payments().await.unwrap();
    let attempts = &open
        .iter()
        .find(|(p, _)| p.terms.payment_id == id)
        .unwrap()
        .1;
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].raw, vec![1]);
    // The place is its own for ever: the next payment gets the next one.
    let next = propose(h, &wish(h, agent, "next", "2")).await.payment_id;
    let next = payment(h, next).await;
    let taken = attempt(AttemptKind::Pay, 3, transaction(&next, 0));
    assert!(matches!(
        record(h, &next, &taken).await,
        Recorded::Refused { .. }
    ));
    let cleared = h
        .store()
        .clear_payment(next.terms.payment_id, next.version, &quote(h), 0)
        .await;
    assert!(matches!(
        done(cleared.unwrap()),
        Cleared::Sign { nonce: 1, .. }
    ));
}

/// A higher fee takes the place of a transaction that waits: the same payment at the same place, within what was set aside.
/// Proves: R93.
pub async fn r93_a_higher_fee_takes_the_same_place_and_no_more_money(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = handed_in(h, agent, 1, "2").await;
    let found = payment(h, id).await;
    let bump = |name, nonce, fee_max, tip_max| {
        let mut new = attempt(AttemptKind::Bump, name, transaction(&found, nonce));
        (new.transaction.fee_max, new.transaction.tip_max) = (fee_max, tip_max);
        new
    };
    for too in [
        bump(2, 0, 1_124, 113),
        bump(2, 1, 1_200, 120),
        bump(2, 0, 3_000_000_000, 120),
    ] {
        assert!(
            matches!(record(h, &found, &too).await, Recorded::Refused { .. }),
            "{too:?}"
        );
    }
    assert_eq!(
        record(h, &found, &bump(2, 0, 1_125, 113)).await,
        Recorded::Kept
    );
    // The old one got through after all: it is the one that counts.
    h.store().note_mined(id, &receipt(1, 7)).await.unwrap();
    h.store()
        .post_payment(id, &receipt(1, 7), receipt(1, 7).fee)
        .await
        .unwrap();
    assert_eq!(payment(h, id).await.state, PaymentState::Posted);
    h.store().verify_wallets().await.unwrap();
}

/// A posted payment counts what it cost and no more; the wallet's ledger gives it and its gas away, once.
/// Proves: R93, R100.
pub async fn r100_a_posted_payment_is_entered_once_with_what_its_gas_cost(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = handed_in(h, agent, 1, "2").await;
    let store = h.store();
    assert_eq!(
        payment(h, id).await.counted,
        Usd::from_micros(2_000_000 + FEE)
    );
    store.note_mined(id, &receipt(1, 7)).await.unwrap();
    // The block vanishes, and comes again.
    store
        .note_unmined(id, "its block is no more")
        .await
        .unwrap();
    assert_eq!(payment(h, id).await.state, PaymentState::Broadcast);
    for _ in 0..2 {
        store.note_mined(id, &receipt(1, 8)).await.unwrap();
    }
    for _ in 0..2 {
        store
            .post_payment(id, &receipt(1, 8), receipt(1, 8).fee)
            .await
            .unwrap();
    }
    let found = payment(h, id).await;
    assert_eq!(
        (found.state, found.counted),
        (PaymentState::Posted, Usd::from_micros(2_300_000))
    );
    let usdc = store.ledger_of(agent, "USDC").await.unwrap();
    assert_eq!(usdc.balance, Units::from_base(498 * DOLLAR));
    assert_eq!(
        (
            usdc.posted.len(),
            usdc.posted[0].transaction,
            usdc.posted[0].block
        ),
        (1, hash(1), 8)
    );
    let coin = store.ledger_of(agent, "ETH").await.unwrap();
    assert_eq!(
        coin.balance,
        Units::from_base(10u128.pow(18) - 100_000_000_000_000)
    );
    store.verify_wallets().await.unwrap();
}

/// What was not made gives its money back and keeps its fee.
/// Proves: R93.
pub async fn r93_a_reverted_payment_counts_its_fee_alone(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = handed_in(h, agent, 1, "2").await;
    h.store()
        .end_payment(id, PaymentState::Reverted, &receipt(1, 8))
        .await
        .unwrap();
    let found = payment(h, id).await;
    assert_eq!(
        (found.state, found.counted),
        (PaymentState::Reverted, Usd::from_micros(300_000))
    );
    let usdc = h.store().ledger_of(agent, "USDC").await.unwrap();
    assert_eq!(usdc.balance, Units::from_base(500 * DOLLAR));
    h.store().verify_wallets().await.unwrap();
}

/// A break freezes the wallet: nothing is let through or signed until a person has closed it and said why.
/// Proves: R100, R188.
pub async fn r100_a_break_freezes_the_wallet_until_a_person_closes_it(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let store = h.store();
    let approved = propose(h, &wish(h, agent, "before", "2")).await.payment_id;
    for _ in 0..2 {
        let mut found = look(h, agent, "USDC", 2, Vec::new()).await;
        let what = "a movement that no payment made".to_owned();
        found.breaks = vec![(BreakKind::Foreign, what)];
        let kept = store.record_reconciliation(agent, "USDC", &found).await;
        assert!(kept.unwrap());
    }
    let breaks = store.breaks().await.unwrap();
    assert_eq!(breaks.len(), 1, "the same thing is told once");
    let refused = propose(h, &wish(h, agent, "after", "2")).await;
    assert!(
        refused.why.starts_with("frozen.wallet: foreign_movement"),
        "{}",
        refused.why
    );
    let waiting = payment(h, approved).await;
    let cleared = store
        .clear_payment(approved, waiting.version, &quote(h), 0)
        .await
        .unwrap();
    assert!(matches!(done(cleared), Cleared::Wait { .. }));
    let new = attempt(AttemptKind::Pay, 1, transaction(&waiting, 0));
    assert!(matches!(
        record(h, &waiting, &new).await,
        Recorded::Refused { .. }
    ));
    assert!(store.close_break(breaks[0].id, "ana@a", " ").await.is_err());
    done(
        store
            .close_break(breaks[0].id, "ana@a", "it was ours")
            .await
            .unwrap(),
    );
    let late = store
        .close_break(breaks[0].id, "ben@b", "mine")
        .await
        .unwrap();
    assert_eq!(lost(late).by.as_deref(), Some("ana@a"));
    assert_eq!(record(h, &waiting, &new).await, Recorded::Kept);
}

/// A spending halt stops what is approved and not signed, and says who halted.
/// Proves: R148.
pub async fn r148_halted_spending_signs_nothing(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = propose(h, &wish(h, agent, "key", "2")).await.payment_id;
    let found = payment(h, id).await;
    let store = h.store();
    done(
        store
            .halt(Scope::Spending, Halt::Pause, "ana", "a look")
            .await
            .unwrap(),
    );
    let cleared = store
        .clear_payment(id, found.version, &quote(h), 0)
        .await
        .unwrap();
    assert!(matches!(done(cleared), Cleared::Wait { why } if why.starts_with("frozen.halt")));
    let new = attempt(AttemptKind::Pay, 1, transaction(&found, 0));
    assert!(matches!(
        record(h, &found, &new).await,
        Recorded::Refused { .. }
    ));
}

/// More transactions on the chain than were signed here are somebody else's: the wallet is frozen.
/// Proves: R100.
pub async fn r100_a_place_taken_by_somebody_else_freezes_the_wallet(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    handed_in(h, agent, 1, "2").await;
    let id = propose(h, &wish(h, agent, "next", "2")).await.payment_id;
    let found = payment(h, id).await;
    let store = h.store();
    let cleared = store
        .clear_payment(id, found.version, &quote(h), 2)
        .await
        .unwrap();
    assert!(matches!(done(cleared), Cleared::Wait { .. }));
    assert_eq!(store.breaks().await.unwrap()[0].kind, BreakKind::Nonce);
}

/// What nobody approves or signs in time ends, and its money is free again.
/// Proves: R93, R97.
pub async fn r97_time_approves_nothing_and_frees_what_it_ends(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = propose(h, &wish(h, agent, "key", "9")).await.payment_id;
    h.clock.advance(Span::from_mins(30));
    h.store().open_payments().await.unwrap();
    let found = payment(h, id).await;
    assert_eq!(
        (found.state, found.counted),
        (PaymentState::Expired, Usd::ZERO)
    );
    assert_eq!(found.version, StateVersion::FIRST.next());
    h.store().verify_wallets().await.unwrap();
}

/// Nobody knows what happened: the money counts, the wallet is frozen, and both end when the end is known.
/// Proves: R6, R93.
pub async fn r6_a_doubted_payment_counts_and_freezes_until_its_end_is_known(h: Harness) {
    let h = &h;
    let agent = begin(h).await;
    let id = handed_in(h, agent, 1, "2").await;
    let store = h.store();
    store
        .doubt_payment(id, "its place was taken")
        .await
        .unwrap();
    store
        .doubt_payment(id, "its place was taken")
        .await
        .unwrap();
    assert_eq!(
        payment(h, id).await.counted,
        Usd::from_micros(2_000_000 + FEE)
    );
    assert_eq!(
        propose(h, &wish(h, agent, "next", "1")).await.state,
        PaymentState::Refused
    );
    store
        .post_payment(id, &receipt(1, 9), receipt(1, 9).fee)
        .await
        .unwrap();
    assert!(store.breaks().await.unwrap().is_empty());
    assert_eq!(
        propose(h, &wish(h, agent, "then", "1")).await.state,
        PaymentState::Approved
    );
}
