//! A database that was gone back to: what it does not know of the time between, it asks for.

use chimera_domain::{
    StoreError,
    effect::{EffectKind, EffectState},
    halt::{Halt, Scope},
    ids::EffectId,
    task::{Reason, TaskState},
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{Db, Fault, Verb},
    desk::halt,
    moves::Move,
    rows::Cells,
};

impl SqliteStore {
    /// Puts a database in order that was gone back to: what it thinks has not left may have left since,
    /// so every such effect is asked for before anything is sent, and all stands still until a person
    /// resumes. How many effects are asked for. Repeatable.
    ///
    /// # Errors
    /// As any verb of the store.
    pub async fn put_in_order_after_restore(&self, actor: &str) -> Result<u64, StoreError> {
        let actor = actor.to_owned();
        self.write("put a restored database in order", move |db| {
            after_restore(db, &actor)
        })
        .await
    }
}

fn after_restore(db: &Db<'_>, actor: &str) -> Verb<u64> {
    let why = "the database was restored";
    let waiting: Vec<EffectId> = db.all(
        "SELECT effect_id FROM effects WHERE state IN ('held', 'prepared')",
        [],
        |row| row.id("effect_id"),
    )?;
    let mut asked = 0;
    for id in waiting {
        let missing = || Fault::corrupt(format!("{id} is missing"));
        let effect = db.effect_head(id)?.ok_or_else(missing)?;
        let task = db.task_head(effect.task)?.ok_or_else(missing)?;
        db.move_effect(&effect, EffectState::Sent, actor, why)?;
        db.exec_one(
            "UPDATE effects SET fence = 0, sent_at = ?2 WHERE effect_id = ?1",
            params![id.as_bytes(), db.now.micros()],
        )?;
        asked += 1;
        // What takes a post down leaves its task published until it is down.
        if effect.kind == EffectKind::Withdraw {
            continue;
        }
        db.move_task(
            &task,
            &Move {
                to: TaskState::Publishing,
                reason: Reason::Ordinary,
                why,
                actor,
            },
        )?;
    }
    let _ = halt(db, &Scope::Fleet, Halt::Pause, actor, why)?;
    Ok(asked)
}
