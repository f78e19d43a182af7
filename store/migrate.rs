//! Migrations: forward only, each recorded with the hash of its text; a newer database is refused.
//!
//! All that are missing are one transaction: a death leaves the old schema or the new one. The copy that
//! is made before, and how a migration is rehearsed, is in `upgrade.rs`.
//! Does not know what the tables mean. The tables of moves are filled here as well, from the
//! domain's own lists, because they too must agree with the program before the first verb.

use chimera_domain::{
    Ambient, ContentHash, death, effect::EffectState, payment::PaymentState, signal::SignalState,
    spend::IntentState, task::TaskState, ticket::TicketState, trend::TrendState,
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::OpenError;

/// One step of the schema.
pub(crate) struct Migration {
    /// 1, 2, 3 without gaps.
    pub number: u32,
    /// What it is called.
    pub name: &'static str,
    /// What it does.
    pub sql: &'static str,
}

/// Every step this program knows.
pub(crate) const ALL: &[Migration] = &[
    Migration {
        number: 1,
        name: "init",
        sql: include_str!("migrations/sqlite/0001_init.sql"),
    },
    Migration {
        number: 2,
        name: "memory",
        sql: include_str!("migrations/sqlite/0002_memory.sql"),
    },
    Migration {
        number: 3,
        name: "trends",
        sql: include_str!("migrations/sqlite/0003_trends.sql"),
    },
    Migration {
        number: 4,
        name: "probes",
        sql: include_str!("migrations/sqlite/0004_probes.sql"),
    },
    Migration {
        number: 5,
        name: "payments",
        sql: include_str!("migrations/sqlite/0005_payments.sql"),
    },
    Migration {
        number: 6,
        name: "payment_desk",
        sql: include_str!("migrations/sqlite/0006_payment_desk.sql"),
    },
    Migration {
        number: 7,
        name: "payment_policies",
        sql: include_str!("migrations/sqlite/0007_payment_policies.sql"),
    },
];

/// The number of the last one, from which tests go on.
#[cfg(test)]
pub(crate) const NEWEST: u32 = ALL[ALL.len() - 1].number;

/// The schema a database has, 0 before the first step; and the steps it lacks.
pub(crate) fn missing<'a>(
    db: &Connection,
    all: &'a [Migration],
) -> rusqlite::Result<(u32, Vec<&'a Migration>)> {
    let known: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migrations')",
        [],
        |row| row.get(0),
    )?;
    let has = if known {
        let newest = "SELECT coalesce(max(number), 0) FROM migrations";
        db.query_row(newest, [], |row| row.get(0))?
    } else {
        0
    };
    Ok((has, all.iter().filter(|step| step.number > has).collect()))
}

/// Brings the schema up to date in one transaction; two processes that start at once do it once.
pub(crate) fn run(
    db: &mut Connection,
    all: &[Migration],
    ambient: &Ambient,
    file: &str,
) -> Result<(), OpenError> {
    let sql = |e: rusqlite::Error| OpenError::of_sql(file, &e);
    let tx = db
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
           number INTEGER PRIMARY KEY, name TEXT NOT NULL,
           sha256 BLOB NOT NULL CHECK (length(sha256) = 32), applied_at INTEGER NOT NULL
         ) STRICT",
    )
    .map_err(sql)?;
    let applied = applied(&tx).map_err(sql)?;
    let known = all.last().map_or(0, |m| m.number);
    if let Some((found, _)) = applied.last().filter(|(found, _)| *found > known) {
        return Err(OpenError::NewerSchema {
            file: file.to_owned(),
            found: *found,
            known,
        });
    }
    for migration in all {
        let hash = ContentHash::of_bytes(migration.sql.as_bytes());
        match applied.iter().find(|(n, _)| *n == migration.number) {
            Some((_, recorded)) if *recorded == hash => {}
            Some(_) => {
                return Err(OpenError::NotADatabase {
                    file: file.to_owned(),
                    why: format!(
                        "migration {} `{}` was applied in another form than this program has; use the build that made it, or start with another --home",
                        migration.number, migration.name
                    ),
                });
            }
            None => {
                apply(&tx, migration, hash, ambient).map_err(sql)?;
                death::at("migrate", "after-step");
            }
        }
    }
    fill_moves(&tx).map_err(sql)?;
    if mark(&tx).map_err(sql)? != mark_of(all) {
        tx.pragma_update(None, "user_version", mark_of(all))
            .map_err(sql)?;
    }
    death::at("migrate", "before-commit");
    tx.commit().map_err(sql)?;
    death::at("migrate", "after-commit");
    Ok(())
}

/// What the header of a database says was last done to it by [`run`].
pub(crate) fn mark(db: &Connection) -> rusqlite::Result<i32> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// What [`run`] leaves in the header: it stands for these steps and for the moves of this program.
pub(crate) fn mark_of(all: &[Migration]) -> i32 {
    let steps: Vec<_> = all
        .iter()
        .map(|step| (step.number, step.name, step.sql))
        .collect();
    let hash = ContentHash::of_json(&serde_json::json!([steps, moves()]));
    let [a, b, c, d, ..] = *hash.as_bytes();
    i32::from_be_bytes([a, b, c, d])
}

/// The domain's moves by the table that holds them.
fn moves() -> [(&'static str, Vec<(&'static str, &'static str)>); 7] {
    macro_rules! words {
        ($state:ty) => {{
            let mut words: Vec<_> = <$state>::TRANSITIONS
                .iter()
                .map(|(from, to)| (from.as_str(), to.as_str()))
                .collect();
            words.sort_unstable();
            words.dedup();
            words
        }};
    }
    [
        ("task_transitions", words!(TaskState)),
        ("signal_transitions", words!(SignalState)),
        ("ticket_transitions", words!(TicketState)),
        ("effect_transitions", words!(EffectState)),
        ("intent_transitions", words!(IntentState)),
        ("trend_transitions", words!(TrendState)),
        ("payment_transitions", words!(PaymentState)),
    ]
}

fn applied(tx: &Transaction<'_>) -> rusqlite::Result<Vec<(u32, ContentHash)>> {
    let mut rows = tx.prepare("SELECT number, sha256 FROM migrations ORDER BY number")?;
    rows.query_map([], |row| {
        Ok((row.get(0)?, ContentHash::from_bytes(row.get(1)?)))
    })?
    .collect()
}

fn apply(
    tx: &Transaction<'_>,
    migration: &Migration,
    hash: ContentHash,
    ambient: &Ambient,
) -> rusqlite::Result<()> {
    tx.execute_batch(migration.sql)?;
    tx.execute(
        "INSERT INTO migrations VALUES (?1, ?2, ?3, ?4)",
        params![
            migration.number,
            migration.name,
            hash.as_bytes(),
            ambient.now().micros()
        ],
    )?;
    Ok(())
}

/// Writes the domain's moves where the triggers look; touches nothing when they agree already.
fn fill_moves(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    for (table, wanted) in moves() {
        // A schema in the middle of its steps has fewer of them.
        let there: bool = tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)",
            [table],
            |row| row.get(0),
        )?;
        if !there {
            continue;
        }
        let mut stored: Vec<(String, String)> = tx
            .prepare(&format!("SELECT from_state, to_state FROM {table}"))?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        stored.sort();
        let same = stored
            .iter()
            .map(|(from, to)| (from.as_str(), to.as_str()))
            .eq(wanted.iter().copied());
        if same {
            continue;
        }
        tx.execute(&format!("DELETE FROM {table}"), [])?;
        for (from, to) in wanted {
            tx.execute(
                &format!("INSERT INTO {table} VALUES (?1, ?2)"),
                params![from, to],
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chimera_domain::testing::ambient;

    use super::*;

    /// What there is, and one more.
    fn more() -> Vec<Migration> {
        let mut more: Vec<Migration> = ALL.iter().map(|step| Migration { ..*step }).collect();
        more.push(Migration {
            number: NEWEST + 1,
            name: "more",
            sql: "CREATE TABLE more (a INTEGER) STRICT;",
        });
        more
    }

    fn schema(db: &Connection) -> Vec<String> {
        db.prepare("SELECT type || name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    // R152: a fresh database and one brought up step by step have the same schema, and running again changes nothing.
    #[test]
    fn r152_fresh_equals_upgraded() {
        let (ambient, _) = ambient(1);
        let more = more();
        let mut fresh = Connection::open_in_memory().unwrap();
        run(&mut fresh, &more, &ambient, "fresh").unwrap();
        let mut upgraded = Connection::open_in_memory().unwrap();
        for steps in 1..=more.len() {
            run(&mut upgraded, &more[..steps], &ambient, "upgraded").unwrap();
        }
        let before = upgraded.total_changes();
        run(&mut upgraded, &more, &ambient, "upgraded").unwrap();
        assert_eq!(upgraded.total_changes(), before);
        assert_eq!(schema(&fresh), schema(&upgraded));
    }

    // R152: a newer schema and a migration that was edited after its release are refused.
    #[test]
    fn r152_newer_and_edited_schemas_are_refused() {
        let (ambient, _) = ambient(1);
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db, &more(), &ambient, "x.db").unwrap();
        let newer = run(&mut db, ALL, &ambient, "x.db").unwrap_err();
        assert!(
            matches!(
                newer,
                OpenError::NewerSchema { found, known, .. }
                    if (found, known) == (NEWEST + 1, NEWEST)
            ),
            "{newer}"
        );
        let mut edited = more();
        edited[0].sql = "SELECT 1";
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db, ALL, &ambient, "x.db").unwrap();
        let refused = run(&mut db, &edited, &ambient, "x.db").unwrap_err();
        assert!(refused.to_string().contains("another form"), "{refused}");
    }
}
