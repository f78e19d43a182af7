//! How long it takes to say what is left, to read the ledger's page, and to sum both budgets, with ten thousand payments and a
//! hundred thousand intents in the file: spread over thirty days, and all within one.
//!
//! `make bench-books` prints one JSON value a line, times in microseconds. The ledger pane asks the first two whenever
//! something changes: together below 100 ms.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on should stop, prints, and reads the clock"
)]

#[path = "../support/mod.rs"]
mod support;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use chimera_domain::{
    ContentHash, Span, Timestamp,
    ports::{BooksStore, DeskStore, RuntimeStore},
    testing::payment_policy,
    views::{PageRequest, books::Budget},
};
use chimera_store::SqliteStore;
use rusqlite::{Connection, params};
use serde_json::json;

const PAYMENTS: i64 = 10_000;
const INTENTS: i64 = 100_000;
const CAMPAIGNS: usize = 20;
const ROUNDS: usize = 20;
/// Over how many hours all of it is spread.
const SPREADS: [u64; 2] = [30 * 24, 23];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for hours in SPREADS {
        let directory = tempfile::tempdir().unwrap();
        runtime.block_on(measure(directory.path(), hours));
    }
}

async fn measure(directory: &Path, hours: u64) {
    let path = directory.join("store.db");
    let ambient = support::ambient(1);
    let (store, _, mut setup) = support::open(&path, &ambient, CAMPAIGNS).await;
    let mut payments = payment_policy(ambient.now().plus(Span::from_hours(24)));
    payments.agents[0].agent.clone_from(&setup.personas[0].slug);
    setup.policy.payments = Some(payments);
    setup.policy.hash = ContentHash::of_bytes(b"with payments");
    store.install(&setup).await.unwrap();
    fill(&path, ambient.now(), hours);
    let since = ambient.now().minus(Span::from_hours(30 * 24));
    // They come to what was put in, or the times are of something else.
    let books = store.books(since).await.unwrap();
    let count = |budget| {
        books
            .lines
            .iter()
            .filter(|l| l.budget == budget)
            .map(|l| l.sums.count)
            .sum::<u64>()
    };
    let counted = (count(Budget::Tools), count(Budget::Payments));
    assert_eq!(counted, (INTENTS.unsigned_abs(), PAYMENTS.unsigned_abs()));
    let (mut headroom, mut page, mut overview) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        headroom.push(timed(async || drop(store.headroom().await.unwrap())).await);
        page.push(timed(async || first_page(&store).await).await);
        overview.push(timed(async || drop(store.books(since).await.unwrap())).await);
    }
    println!(
        "{}",
        json!({
            "workload": "books", "payments": PAYMENTS, "intents": INTENTS, "spread_hours": hours, "rounds": ROUNDS,
            "headroom_p50_us": micros(&mut headroom, 500), "headroom_max_us": micros(&mut headroom, 999),
            "ledger_page_p50_us": micros(&mut page, 500), "ledger_page_max_us": micros(&mut page, 999),
            "overview_p50_us": micros(&mut overview, 500), "overview_max_us": micros(&mut overview, 999),
        })
    );
}

async fn first_page(store: &SqliteStore) {
    let page = store.ledger(&PageRequest::first(200)).await.unwrap();
    assert_eq!(page.rows.len(), 200);
}

async fn timed(run: impl AsyncFnOnce()) -> Duration {
    let begun = Instant::now();
    run().await;
    begun.elapsed()
}

fn micros(times: &mut [Duration], per_mille: usize) -> u128 {
    support::quantile(times, per_mille).as_micros()
}

/// Puts them in as the verbs would leave them: through the moves that the tables let pass, without the audit.
fn fill(path: &Path, now: Timestamp, hours: u64) {
    let db = Connection::open(path).unwrap();
    let spread = i64::try_from(Span::from_hours(hours).micros()).unwrap();
    let now = now.micros();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    let campaigns = "(SELECT campaign_id, agent_id, row_number() OVER () AS nth FROM campaigns)";
    let run = |sql: &str, args: &[&dyn rusqlite::ToSql]| db.execute(sql, args).unwrap();
    run(
        "INSERT INTO plans (trace_id, agent_id, nth, campaign_id, title, search, created_at, moved_at)
         SELECT x'00000000000000000000000000000001', agent_id, 1, campaign_id, '', '', ?1, ?1 FROM campaigns LIMIT 1",
        &[&now],
    );
    run(
        &format!(
            "INSERT INTO tasks (task_id, version, agent_id, campaign_id, epoch, trace_id, template, node, node_order,
               plan_attempt, attempt, kind, state, reason, why, waiting_on, claim_order, ready_at, issues, created_at, moved_at)
             SELECT randomblob(16), 1, agent_id, campaign_id, 1, x'00000000000000000000000000000001', 'bench', 'text', nth, 1, 0,
               'publish', 'pending', 'ordinary', '', 0, ?1, ?1, '[]', ?1, ?1 FROM {campaigns}"
        ),
        &[&now],
    );
    let limits = r#"[{"limit":"task","cap":"1.00","used":"0.10"},{"limit":"campaign_total","cap":"1000.00","used":"12.00"},{"limit":"agent_day","cap":"50.00","used":"3.20"}]"#;
    run(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO spend_intents (intent_id, key, state, agent_id, campaign_id, task_id, trace_id, category, memo, search,
           estimate, counted, counted_at, why, simulated, at, limits)
         SELECT randomblob(16), 'key ' || n, 'pending', t.agent_id, t.campaign_id, t.task_id, t.trace_id,
           CASE n % 3 WHEN 0 THEN 'publishing' WHEN 1 THEN 'media_generation' ELSE 'trends' END,
           'studio/generate_text', 'studio/generate_text', 4000, 1000, ?2 - (?3 / ?1) * (?1 - n), '', n % 2,
           ?2 - (?3 / ?1) * (?1 - n), ?4
         FROM n JOIN tasks t ON t.node_order = n % ?5 + 1",
        params![INTENTS, now, spread, limits, i64::try_from(CAMPAIGNS).unwrap()],
    );
    run(
        "UPDATE spend_intents SET state = 'posted', actual = 1000",
        &[],
    );
    for (seq, debit, credit) in [(0, "reserved", "budget"), (1, "expense", "reserved")] {
        run(
            "INSERT INTO ledger_entries
             SELECT row_number() OVER (ORDER BY at) + ?1, randomblob(16), intent_id, ?2, ?3, 1000, at, simulated, zeroblob(32),
               randomblob(32) FROM spend_intents ORDER BY at",
            params![seq * INTENTS, debit, credit],
        );
    }
    let terms = serde_json::to_string(&json!({"filler": "x".repeat(400)})).unwrap();
    let wish = serde_json::to_string(&json!({"filler": "x".repeat(700)})).unwrap();
    run(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO payments (payment_id, version, key, request_hash, agent_id, campaign_id, task_id, trace_id, state, source,
           proposer, counterparty, asset, category, memo, wish, terms, digest, chain_id, to_address, counted, why, at,
           expires_at, simulated)
         SELECT randomblob(16), 1, 'key ' || n, randomblob(32), t.agent_id, t.campaign_id, t.task_id, t.trace_id, 'approved',
           'worker', 'fae', 'images', 'USDC', 'media_generation', 'an image', ?4, ?5, randomblob(32), 31337, randomblob(20),
           1300, '', ?2 - (?3 / ?1) * (?1 - n), ?2, 1
         FROM n JOIN tasks t ON t.node_order = n % ?6 + 1",
        params![PAYMENTS, now, spread, wish, terms, i64::try_from(CAMPAIGNS).unwrap()],
    );
    for (nth, state) in ["signed", "broadcast", "mined", "posted"]
        .into_iter()
        .enumerate()
    {
        let version = i64::try_from(nth).unwrap() + 2;
        run(
            "UPDATE payments SET state = ?1, version = ?2, settled_at = CASE ?1 WHEN 'posted' THEN at END",
            params![state, version],
        );
    }
    for (seq, asset, debit, credit, usd) in [
        (0, "USDC", "reserved", "wallet", 1_300),
        (1, "USDC", "paid", "reserved", 1_000),
        (2, "ETH", "fees", "wallet", 300),
    ] {
        run(
            "INSERT INTO wallet_entries
             SELECT row_number() OVER (ORDER BY at) + ?1, randomblob(16), agent_id, payment_id, ?2, ?3, ?4,
               x'000000000000000000000000000003e8', ?5, NULL, NULL, at, zeroblob(32), randomblob(32)
             FROM payments ORDER BY at",
            params![seq * PAYMENTS, asset, debit, credit, usd],
        );
    }
    run(
        "INSERT INTO wallet_balances SELECT DISTINCT agent_id, asset, x'00000000000000000000000077359400' FROM wallet_entries",
        &[],
    );
    for scope in [
        "'house'",
        "(SELECT 'agt_' || lower(hex(agent_id)) FROM agents LIMIT 1)",
    ] {
        run(
            &format!(
                "INSERT INTO payment_hours
                 SELECT {scope}, settled_at / 3600000000, sum(counted), count(*) FROM payments GROUP BY 2
                 UNION ALL SELECT {scope}, -1, sum(counted), count(*) FROM payments"
            ),
            &[],
        );
    }
    db.execute_batch("COMMIT").unwrap();
}
