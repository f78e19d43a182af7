//! Payments through the ports of the store, beside a raw commit of this disk in the same process: what the CFO takes to decide
//! and set aside, to be asked once more and keep the bytes (`synchronous=FULL`), and what the console reads, with a thousand and
//! half a million payments made before.
//!
//! `make bench-money` prints one JSON value a line, times in microseconds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on should stop, prints, and reads the clock"
)]

#[path = "../support/raw.rs"]
mod raw;
#[path = "../support/mod.rs"]
mod support;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chimera_domain::{
    Ambient, Outcome, Span, Timestamp, Usd,
    cfo::{PaymentPolicy, Quote, Rule},
    chain::{Hash32, Units},
    ids::{AgentId, PaymentId, TraceId},
    payment::{AttemptKind, Call, PaymentRequest, PaymentState, Source, Transaction},
    ports::{Cleared, DeskStore, NewAttempt, PaymentStore, RuntimeStore},
    spend::BudgetCategory,
    testing::{self, PAYEE, TOKEN, WALLET, payment_policy},
    views::PageRequest,
    wallet::{Reconciled, Reconciliation},
};
use chimera_store::SqliteStore;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

/// How many payments were made before.
const SIZES: [i64; 2] = [1_000, 500_000];
/// How often each verb is measured.
const ROUNDS: usize = 400;
/// The past reaches back so far, in microseconds.
const PAST: i64 = 30 * 24 * 3_600_000_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for size in SIZES {
        let directory = tempfile::tempdir().unwrap();
        let raw = raw::commits(&directory.path().join("raw.db"), ROUNDS);
        runtime.block_on(measure(directory.path(), size, raw));
    }
}

async fn measure(directory: &Path, past: i64, mut raw: Vec<Duration>) {
    let path = directory.join("store.db");
    let ambient = support::ambient(1);
    let (store, _, mut setup) = support::open(&path, &ambient, 1).await;
    let slug = setup.personas[0].slug.clone();
    setup.policy.payments = Some(policy(&ambient, &slug));
    setup.policy.hash = chimera_domain::ContentHash::of_bytes(b"with payments");
    store.install(&setup).await.unwrap();
    let agent = store.overview().await.unwrap().campaigns[0].agent_id;
    open_wallet(&store, agent).await;
    let first = decide(&store, &ambient, agent, "the pattern").await;
    fill(&path, past, first.1, &ambient);

    let mut line = json!({
        "workload": "money", "synchronous": "FULL", "past": past, "rounds": ROUNDS,
        "raw_commit_p50_us": micros(&mut raw, 500), "raw_commit_p99_us": micros(&mut raw, 990),
    });
    let (mut decided, mut cleared, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (took, id) = decide(&store, &ambient, agent, &format!("wish {round}")).await;
        decided.push(took);
        let (clear, keep) = sign(&store, &ambient, id, round).await;
        cleared.push(clear);
        kept.push(keep);
    }
    quantiles(&mut line, "decide", &mut decided);
    quantiles(&mut line, "clear", &mut cleared);
    quantiles(&mut line, "keep_bytes", &mut kept);
    let page = PageRequest::first(200);
    let (mut listed, mut house, mut queue) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS / 10 {
        let begun = Instant::now();
        assert!(store.payment_list(&page).await.unwrap().total > 0);
        listed.push(begun.elapsed());
        let begun = Instant::now();
        store.overview().await.unwrap();
        house.push(begun.elapsed());
        let begun = Instant::now();
        store.review_queue(&page).await.unwrap();
        queue.push(begun.elapsed());
    }
    quantiles(&mut line, "payments_page", &mut listed);
    quantiles(&mut line, "overview", &mut house);
    quantiles(&mut line, "review_queue", &mut queue);
    println!("{line}");
}

fn quantiles(line: &mut Value, name: &str, times: &mut [Duration]) {
    for (quantile, per_mille) in [("p50", 500), ("p99", 990)] {
        line[format!("{name}_{quantile}_us")] = json!(micros(times, per_mille));
    }
}

fn micros(times: &mut [Duration], per_mille: usize) -> u64 {
    u64::try_from(support::quantile(times, per_mille).as_micros()).unwrap()
}

/// Caps that a past of this length does not meet.
fn policy(ambient: &Ambient, slug: &str) -> PaymentPolicy {
    let mut policy = payment_policy(ambient.now().plus(Span::from_hours(24 * 365)));
    let much = Usd::from_micros(1_000_000_000_000_000);
    policy.agents[0].agent = slug.to_owned();
    for caps in [&mut policy.caps, &mut policy.agents[0].caps] {
        caps.hour = much;
        caps.day = much;
        caps.week = Some(much);
        caps.month = Some(much);
        caps.lifetime = much;
        caps.payments_per_hour = u32::MAX;
        caps.categories = vec![(BudgetCategory::MediaGeneration, much)];
    }
    policy.house.hour = much;
    policy.house.day = much;
    policy.house.in_flight = u32::MAX;
    policy.counterparties[0].day = Some(much);
    policy.review.new_counterparty = Rule::Allow;
    policy
}

async fn open_wallet(store: &Arc<SqliteStore>, agent: AgentId) {
    for asset in ["USDC", "ETH"] {
        let found = Reconciliation {
            seen: store.ledger_of(agent, asset).await.unwrap().seen,
            up_to: Reconciled {
                block: 1,
                block_hash: Hash32::from_bytes([200; 32]),
                at: Timestamp::from_micros(0),
            },
            income: vec![(
                Hash32::from_bytes([1; 32]),
                Units::from_base(10u128.pow(24)),
            )],
            breaks: Vec::new(),
            compared: 0,
        };
        let kept = store.record_reconciliation(agent, asset, &found);
        assert!(kept.await.unwrap());
    }
}

/// A wallet that no number of rounds empties.
fn quote(ambient: &Ambient) -> Quote {
    let much = Units::from_base(10u128.pow(24));
    Quote {
        balance: much,
        coin: much,
        ..testing::quote(ambient.now())
    }
}

/// From the wish to the commit of decision and reservation.
async fn decide(
    store: &Arc<SqliteStore>,
    ambient: &Ambient,
    agent: AgentId,
    key: &str,
) -> (Duration, PaymentId) {
    let request = PaymentRequest {
        payment_id: PaymentId::from_uuid(ambient.fresh()),
        key: key.to_owned(),
        agent_id: agent,
        campaign_id: None,
        task_id: None,
        trace_id: TraceId::from_uuid(ambient.fresh()),
        source: Source::Manual,
        proposer: "zoe@host".to_owned(),
        counterparty: "images".to_owned(),
        asset: "USDC".to_owned(),
        amount: "1".to_owned(),
        category: BudgetCategory::MediaGeneration,
        memo: "an image".to_owned(),
        opinion: None,
        forced: false,
    };
    let quote = quote(ambient);
    let begun = Instant::now();
    let proposed = store.propose_payment(&request, Some(&quote)).await.unwrap();
    let took = begun.elapsed();
    assert_eq!(proposed.state, PaymentState::Approved, "{}", proposed.why);
    (took, request.payment_id)
}

/// The CFO asked again before it is signed, and once more in the commit that keeps the bytes.
async fn sign(
    store: &Arc<SqliteStore>,
    ambient: &Ambient,
    id: PaymentId,
    round: usize,
) -> (Duration, Duration) {
    let payment = store.payment(id).await.unwrap().unwrap();
    let quote = quote(ambient);
    let begun = Instant::now();
    let cleared = store.clear_payment(id, payment.version, &quote, 0).await;
    let clear = begun.elapsed();
    let Outcome::Done(Cleared::Sign { nonce, .. }, _) = cleared.unwrap() else {
        unreachable!("nothing stands in its way")
    };
    let mut hash = [7; 32];
    hash[..8].copy_from_slice(&u64::try_from(round).unwrap().to_be_bytes());
    let attempt = NewAttempt {
        kind: AttemptKind::Pay,
        hash: Hash32::from_bytes(hash),
        sender: WALLET,
        transaction: Transaction {
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
        },
        raw: vec![1; 300],
    };
    let begun = Instant::now();
    let kept = store.record_attempt(id, payment.version, &attempt, &quote);
    assert!(kept.await.unwrap().is_done());
    (clear, begun.elapsed())
}

/// Puts payments that were made into the file past the verbs, like one that went through them, over the last thirty days.
fn fill(path: &Path, past: i64, like: PaymentId, ambient: &Ambient) {
    let db = Connection::open(path).unwrap();
    let now = ambient.now().micros();
    let start: String = db
        .query_row(
            "SELECT sql FROM sqlite_master WHERE name = 'payments_start'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    db.execute_batch("BEGIN IMMEDIATE; DROP TRIGGER payments_start;")
        .unwrap();
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO payments (payment_id, version, key, request_hash, agent_id, trace_id, state, source, proposer, counterparty,
           asset, category, memo, wish, terms, digest, chain_id, to_address, counted, settled_at, why, at, expires_at, simulated)
         SELECT randomblob(16), 4, 'past ' || n, p.request_hash, p.agent_id, randomblob(16), 'posted', p.source, p.proposer,
           p.counterparty, p.asset, p.category, p.memo, p.wish, p.terms, p.digest, p.chain_id, p.to_address, 1000000 + n % 7,
           ?2 - (?1 - n) * (?3 / ?1), 'in a block that stays', ?2 - (?1 - n) * (?3 / ?1), ?2, 1
         FROM n, payments p WHERE p.payment_id = ?4",
        params![past, now, PAST, like.as_bytes()],
    )
    .unwrap();
    // As the store sums them when they are settled.
    for scope in [
        "'house'",
        "'counterparty/images'",
        "(SELECT 'agt_' || lower(hex(agent_id)) FROM payments LIMIT 1)",
        "(SELECT 'agt_' || lower(hex(agent_id)) || '/media_generation' FROM payments LIMIT 1)",
    ] {
        for hour in ["settled_at / 3600000000", "-1"] {
            db.execute(
                &format!(
                    "INSERT INTO payment_hours SELECT {scope}, {hour}, sum(counted), count(*) FROM payments
                     WHERE settled_at IS NOT NULL GROUP BY 2"
                ),
                [],
            )
            .unwrap();
        }
    }
    db.execute_batch(&format!("{start}; COMMIT; ANALYZE;"))
        .unwrap();
}
