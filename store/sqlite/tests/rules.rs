//! What the tables themselves refuse, whoever writes.

use chimera_domain::{
    StoreError, Usd,
    effect::EffectState,
    ids::IntentId,
    ports::SpendStore,
    signal::SignalState,
    spend::{BudgetCategory, IntentState, SpendRequest},
    task::TaskState,
    testing::ambient,
    ticket::TicketState,
};

use super::super::db::{Db, Verb};
use crate::{
    Settings, SqliteStore,
    conformance::{Harness, done},
    open,
};

/// A store with one row of everything, and the harness that made it.
async fn furnished() -> (std::sync::Arc<SqliteStore>, Harness) {
    let (_, clock) = ambient(1);
    drop(clock);
    let slot = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = slot.clone();
    let h = Harness::new(std::sync::Arc::new(move |ambient| {
        let store = open(Settings::memory(), ambient).unwrap();
        *keep.lock().unwrap() = Some(store.clone());
        store
    }));
    let store: std::sync::Arc<SqliteStore> = slot.lock().unwrap().clone().unwrap();
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(
        h.decide(&card, chimera_domain::ticket::Choice::Approve, "ana")
            .await,
    );
    h.pending("spender").await;
    let task = h.claim(fence).await.task;
    for key in ["a", "b"] {
        let request = SpendRequest {
            intent_id: IntentId::from_uuid(h.ambient.fresh()),
            key: key.into(),
            agent_id: task.agent_id,
            campaign_id: task.campaign_id,
            task_id: task.id,
            trace_id: task.trace_id,
            category: BudgetCategory::Other,
            memo: "memo".into(),
            estimate: Usd::from_micros(5),
            task_cap: Usd::from_micros(100),
            simulated: true,
        };
        let budget = chimera_domain::policy::BudgetPolicy {
            zone: "UTC".into(),
            agent_day_usd_max: Usd::from_micros(100),
            prices: vec![],
        };
        store.reserve(&request, &budget).await.unwrap();
    }
    (store, h)
}

pub(super) async fn run(store: &SqliteStore, sql: &'static str) -> Result<(), StoreError> {
    store
        .write("try", move |db: &Db<'_>| -> Verb<()> {
            Ok(db.conn.execute_batch(sql)?)
        })
        .await
}

/// What a row must also have in some states.
fn beside(table: &str, claim: &str) -> String {
    match table {
        "tasks" => format!(", claim_id = {claim}"),
        "effects" => ", sent_at = 1".to_owned(),
        "tickets" => ", edited_call = '{}', edited_hash = zeroblob(32)".to_owned(),
        _ => String::new(),
    }
}

// R11: every move that is not in the domain's table is refused by the database itself, and every one that is goes through.
#[tokio::test]
async fn r11_only_the_domains_moves_are_possible() {
    let (store, _h) = furnished().await;
    let mut checked = 0;
    macro_rules! machine {
        ($state:ty, $table:literal, $key:literal, $version:literal) => {
            for from in <$state>::ALL {
                for to in <$state>::ALL {
                    let legal = from == to || <$state>::TRANSITIONS.contains(&(*from, *to));
                    let moved = store
                        .write("try a move", move |db: &Db<'_>| -> Verb<bool> {
                            // Without the triggers the row is put where the move begins, then they are back.
                            let triggers: Vec<(String, String)> = db.all(
                                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1",
                                [$table],
                                |row| Ok((row.get(0)?, row.get(1)?)),
                            )?;
                            for (name, _) in &triggers {
                                db.conn.execute_batch(&format!("DROP TRIGGER {name}"))?;
                            }
                            let claim = if from.as_str() == "claimed" { "zeroblob(16)" } else { "NULL" };
                            let set = beside($table, claim);
                            let row = format!("rowid = (SELECT min(rowid) FROM {})", $table);
                            db.conn.execute_batch(&format!("UPDATE {} SET state = '{from}'{set} WHERE {row}", $table))?;
                            for (_, sql) in &triggers {
                                db.conn.execute_batch(sql)?;
                            }
                            let claim = if to.as_str() == "claimed" { "zeroblob(16)" } else { "NULL" };
                            let set = beside($table, claim);
                            let moved = db.conn.execute(
                                &format!("UPDATE {} SET state = '{to}'{}{set} WHERE {row}", $table, $version),
                                [],
                            );
                            Ok(moved.is_ok())
                        })
                        .await
                        .unwrap();
                    assert_eq!(moved, legal, "{} {from} -> {to}", $table);
                    checked += 1;
                }
            }
        };
    }
    machine!(TaskState, "tasks", "task_id", ", version = version + 1");
    machine!(
        TicketState,
        "tickets",
        "ticket_id",
        ", version = version + 1"
    );
    machine!(
        EffectState,
        "effects",
        "effect_id",
        ", version = version + 1"
    );
    machine!(SignalState, "trend_signals", "signal_id", "");
    machine!(IntentState, "spend_intents", "intent_id", "");
    assert_eq!(checked, 16 * 16 + 7 * 7 + 7 * 7 + 5 * 5 + 5 * 5);
}

// R11, R100: illegal moves, moves without a new version, and every change of what is append-only are `Refused`.
#[tokio::test]
async fn r100_what_is_append_only_cannot_be_changed() {
    let (store, _h) = furnished().await;
    for sql in [
        "UPDATE ledger_entries SET amount = 1",
        "DELETE FROM ledger_entries",
        "INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries WHERE seq = 1",
        "INSERT INTO ledger_entries SELECT seq + 7, randomblob(16), intent_id, debit, credit, amount, at,
           simulated, prev_hash, hash FROM ledger_entries WHERE seq = 1",
        "INSERT OR REPLACE INTO ledger_entries SELECT seq + 2, entry_id, intent_id, debit, credit, amount, at,
           simulated, prev_hash, hash FROM ledger_entries WHERE seq = 1",
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit WHERE seq = 1",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
        "UPDATE verdicts SET route = 'approve'",
        "DELETE FROM verdicts",
        "INSERT OR REPLACE INTO verdicts SELECT * FROM verdicts",
        "UPDATE effects SET call = '{}'",
        "UPDATE tasks SET state = 'cancelled' WHERE state = 'pending'",
        "UPDATE effects SET state = 'confirmed', version = version + 1",
        "INSERT INTO effects SELECT randomblob(16), version, task_id, ticket_id, campaign_id, agent_id, trace_id,
           epoch, state, why, call, content_hash, idempotency_key, server, lane, due_at, attempt, fence, sent_at,
           simulated, kind, publication_id, note, dry, receipt, created_at, moved_at FROM effects",
        // Nothing that was not sent is confirmed, and nothing that is dry is sent.
        "UPDATE effects SET dry = 1",
        "UPDATE effects SET dry = 1, simulated = 1, state = 'sent', version = version + 1",
    ] {
        let result = run(&store, sql).await;
        // A task that waits for nothing is not in the list: that statement touches no row here.
        if sql.contains("'pending'") && result.is_ok() {
            continue;
        }
        assert!(matches!(result, Err(StoreError::Refused { .. })), "{sql}: {result:?}");
    }
    assert_eq!(store.verify_ledger().await.unwrap(), 2);
    store.integrity_check().await.unwrap();
}

// R100: whoever goes around the triggers is found by the chain: an amount, an order, a missing entry, an intent, a running sum, an audit line.
#[tokio::test]
async fn r100_tampering_is_found() {
    for (sql, found) in [
        (
            "DROP TRIGGER entries_fixed; UPDATE ledger_entries SET amount = 4 WHERE seq = 1",
            "ledger entry 1: its hash",
        ),
        (
            "DROP TRIGGER entries_kept; DELETE FROM ledger_entries WHERE seq = 1",
            "ledger entry 1: it is missing",
        ),
        (
            "DROP TRIGGER entries_kept; DELETE FROM ledger_entries WHERE seq = 2",
            "do not come to",
        ),
        ("UPDATE spend_intents SET estimate = 1", "do not come to"),
        (
            "UPDATE campaigns SET counted = 0, counted_simulated = 0",
            "campaigns do not carry",
        ),
        (
            "UPDATE campaigns SET counted_simulated = counted - counted_simulated",
            "campaigns do not carry",
        ),
    ] {
        let (store, _h) = furnished().await;
        run(&store, sql).await.unwrap();
        let error = store.verify_ledger().await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }));
        assert!(error.to_string().contains(found), "{sql}: {error}");
    }
    let (store, _h) = furnished().await;
    run(
        &store,
        "DROP TRIGGER audit_fixed; UPDATE audit SET actor = 'x' WHERE seq = 3",
    )
    .await
    .unwrap();
    let error = store.integrity_check().await.unwrap_err();
    assert!(error.to_string().contains("audit line 3"), "{error}");
}

/// How SQLite means to run a statement.
async fn plan_of(store: &SqliteStore, sql: &'static str) -> Vec<String> {
    let explained = store.read("explain", move |db| {
        db.all(
            &format!(
                "EXPLAIN QUERY PLAN {}",
                sql.replace("?1", "5")
                    .replace("?2", "'[]'")
                    .replace("?3", "5")
            ),
            [],
            |row| Ok(row.get::<_, String>("detail")?),
        )
    });
    explained.await.unwrap()
}

// What runs all the time reads an index of just the rows it is about: its cost does not grow with what is finished.
#[tokio::test]
async fn hot_questions_read_only_the_rows_they_are_about() {
    let (store, _h) = furnished().await;
    for (sql, indexes) in [
        (super::super::worker::NEXT, &["tasks_next"][..]),
        (super::super::worker::BEYOND, &["tasks_next"]),
        (super::super::worker::CLAIMABLE, &["tasks_claimable"]),
        (
            super::super::executor::NEXT,
            &["effects_next", "effects_open"],
        ),
        (super::super::executor::BEYOND, &["effects_next"]),
        (
            super::super::executor::DUE,
            &["effects_due", "effects_open"],
        ),
        (super::super::judge::NEXT, &["tasks_open"]),
        (
            "SELECT * FROM tasks WHERE state = 'claimed' AND lease_until <= 5",
            &["tasks_open"],
        ),
        (
            "SELECT * FROM tasks WHERE state = 'blocked' AND reason = 'budget_blocked' AND blocked_by IS NULL",
            &["tasks_open"],
        ),
        (
            "SELECT * FROM tickets WHERE state = 'open' AND sla_at <= 5",
            &["tickets_sla"],
        ),
        (
            "SELECT * FROM trend_signals INDEXED BY signals_waiting WHERE state IN ('new', 'held') ORDER BY ingested_at, signal_id LIMIT 5",
            &["signals_waiting"],
        ),
        (
            "SELECT sum(counted) FROM spend_intents WHERE agent_id = x'00' AND state IN ('posted', 'uncertain') AND counted_at >= 5",
            &["intents_window"],
        ),
        (
            super::super::spend::DAY_SPENT,
            &["COVERING INDEX intents_window (agent_id=? AND counted_at>?)"],
        ),
        (
            super::super::books::TOOLS,
            &["COVERING INDEX intents_window (agent_id=? AND counted_at>?)"],
        ),
        (
            super::super::books::PACE,
            &["COVERING INDEX intents_window (agent_id=? AND counted_at>?)"],
        ),
        (
            super::super::books::GONE,
            &["payments_settled (settled_at>?)", "wallet_entries_payment"],
        ),
        (
            "SELECT t.* FROM plans p CROSS JOIN tasks t ON t.trace_id = p.trace_id
             ORDER BY p.moved_at DESC, p.trace_id DESC, t.plan_attempt, t.node_order LIMIT 5",
            &["plans_moved", "(trace_id=?)"],
        ),
        (
            "SELECT * FROM audit WHERE trace_id = x'00' AND subject = 'a' AND verb <> 'b' ORDER BY seq LIMIT 5",
            &["audit_trace"],
        ),
        (
            "SELECT * FROM audit WHERE trace_id IS NULL AND subject = 'a' AND seq < 5 ORDER BY seq DESC LIMIT 1",
            &["audit_house"],
        ),
        (super::super::desk::record::FROM_END, &["PRIMARY KEY"]),
        (
            super::super::desk::record::OF_WALK,
            &["audit_trace", "audit_house"],
        ),
        (
            "SELECT campaign_id, count(*) FROM tasks WHERE state = 'claimed' GROUP BY campaign_id",
            &["tasks_open"],
        ),
        (
            "SELECT campaign_id, count(*) FROM tasks WHERE state = 'pending' AND waiting_on = 0 GROUP BY campaign_id",
            &["tasks_claimable"],
        ),
        ("SELECT count(*) FROM tasks t", &["COVERING INDEX"]),
        // The orders a person can ask a long list for: along an index, from either end.
        (
            "SELECT s.*, c.name FROM trend_signals s JOIN campaigns c ON c.campaign_id = s.campaign_id
             WHERE 1 = 1 ORDER BY s.score DESC, s.rowid DESC LIMIT 5",
            &["signals_scored"],
        ),
        (
            "SELECT t.* FROM tasks t WHERE 1 = 1 ORDER BY t.moved_at, t.rowid LIMIT 5",
            &["tasks_moved"],
        ),
        (
            "SELECT * FROM publications WHERE 1 = 1 ORDER BY json_extract(last_sample, '$.likes') DESC, rowid DESC LIMIT 5",
            &["publications_liked"],
        ),
        (
            "SELECT k.*, v.doc FROM tickets k JOIN tasks t ON t.task_id = k.task_id JOIN task_specs x ON x.task_id = k.task_id
             JOIN verdicts v ON v.verdict_id = k.verdict_id JOIN campaigns c ON c.campaign_id = k.campaign_id
             WHERE k.state IN ('open', 'escalated') ORDER BY k.sla_at, k.rowid LIMIT 5",
            &["tickets_deadline"],
        ),
        (
            "SELECT k.* FROM tickets k WHERE k.state IN ('open', 'escalated') ORDER BY k.created_at DESC, k.rowid DESC LIMIT 5",
            &["tickets_asked"],
        ),
    ] {
        let plan = plan_of(&store, sql).await;
        for index in indexes {
            assert!(
                plan.iter().any(|line| line.contains(index)),
                "{sql}: {plan:#?}"
            );
        }
        let sorts = plan
            .iter()
            .any(|line| line.contains("TEMP B-TREE FOR ORDER BY"));
        // A claim sorts one row per campaign, a send one row per account of which something waits, a list the
        // few rows of one plan, a walk the lines on its publications.
        let few = [
            super::super::worker::CLAIMABLE,
            super::super::executor::DUE,
            super::super::desk::record::OF_WALK,
        ];
        assert!(!sorts || few.contains(&sql), "{sql}: {plan:#?}");
        let scans = |line: &&String| {
            let small = ["SCAN lanes", "SCAN soonest", "SCAN CONSTANT ROW"];
            line.starts_with("SCAN") && !line.contains("INDEX") && !small.contains(&line.as_str())
        };
        let scanned: Vec<_> = plan.iter().filter(scans).collect();
        assert!(
            scanned.is_empty() || sql == super::super::worker::CLAIMABLE,
            "{sql}: {plan:#?}"
        );
    }
}

/// R78: whoever writes, an effect of a ticket whose first of two people is known needs another person's approval of that
/// very content.
#[tokio::test]
async fn r78_one_person_twice_makes_no_effect() {
    let (store, _h) = furnished().await;
    let first = |person: &'static str, content: &'static str| {
        format!(
            "DELETE FROM first_approvals;
             INSERT INTO first_approvals SELECT ticket_id, version, {content}, '{person}', '{person}@one', 1 FROM tickets;
             INSERT INTO effects SELECT randomblob(16), 1, task_id, ticket_id, campaign_id, agent_id, trace_id, epoch, 'held',
               '', call, content_hash, 'another key', server, lane, due_at, 0, NULL, NULL, NULL, 'publish', NULL, '', 0, NULL,
               created_at, moved_at FROM effects WHERE kind = 'publish' LIMIT 1"
        )
    };
    let run = async |sql: String| {
        store
            .write("try", move |db: &Db<'_>| -> Verb<()> {
                Ok(db.conn.execute_batch(&sql)?)
            })
            .await
    };
    for wrong in [first("ana", "content_hash"), first("ben", "zeroblob(32)")] {
        let refused = run(wrong).await;
        assert!(
            matches!(&refused, Err(StoreError::Refused { what }) if what.contains("two different people")),
            "{refused:?}"
        );
    }
    run(first("ben", "content_hash")).await.unwrap();
}

// R191: an effect that says what a probe says, or names one as its ticket, is refused by the database itself, whoever writes
// it; and what a probe says cannot be changed into something else.
#[tokio::test]
async fn r191_a_probe_has_no_effect_whoever_writes() {
    let (store, _h) = furnished().await;
    run(
        &store,
        "INSERT INTO probes (ticket_id, version, host_id, flaw, call, content_hash, created_at, sla_at, expires_at)
         SELECT randomblob(16), 1, ticket_id, 'claim', call, (SELECT content_hash FROM effects), 1, 2, 3 FROM tickets LIMIT 1",
    )
    .await
    .unwrap();
    for refused in [
        "INSERT INTO effects SELECT * FROM effects",
        "UPDATE probes SET content_hash = zeroblob(32)",
        "UPDATE probes SET call = '{}'",
    ] {
        let told = format!("{:?}", run(&store, refused).await.unwrap_err());
        assert!(
            told.contains("a probe never leaves")
                || told.contains("what a probe says does not change"),
            "{refused}: {told}"
        );
    }
}
