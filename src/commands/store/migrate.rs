//! `chimera store migrate`: the schema brought up to date, or a rehearsal of it on a copy.

use chimera_store::Schema;
use serde_json::json;

use super::{Passing, whole};
use crate::{
    clock,
    config::Home,
    fault::{Fault, chain},
    machine, on_store, out,
};

pub(super) fn run(home: &Home, rehearse: bool, as_json: bool) -> Result<(), Fault> {
    let database = home.db_file();
    if !database.exists() {
        return Err(Fault::NotFound(format!(
            "there is no database at {}; `chimera` or `chimera --daemon` makes one with the newest schema",
            database.display()
        )));
    }
    let before =
        chimera_store::schema(&database).map_err(|error| Fault::Database(chain(&error)))?;
    if rehearse {
        return on_copy(home, as_json);
    }
    if before.missing.is_empty() {
        if as_json {
            out::json(&told(&before, false, false));
        } else {
            out::line(format!(
                "Schema {} is the newest this program knows; nothing was done.",
                before.has
            ));
        }
        return Ok(());
    }
    // Opening it is what migrates it.
    on_store(&database, async |store| {
        let entries = whole(&store).await?;
        if as_json {
            out::json(&told(&before, false, true));
        } else {
            out::line(format!(
                "{}. The database is whole, and so is the chain of the ledger's {entries} entries. The copy of before lies beside it as {}.schema-{}-…; with the program of before, `chimera store restore COPY` goes back to it.",
                steps(&before),
                database.display(),
                before.has
            ));
        }
        Ok(())
    })
}

fn on_copy(home: &Home, as_json: bool) -> Result<(), Fault> {
    let database = home.db_file();
    let copy = Passing::beside(&database);
    let rehearsal = chimera_store::rehearse(&database, &copy.0, clock::system())
        .map_err(|error| Fault::Database(chain(&error)))?;
    let (schema, took) = (rehearsal.schema, rehearsal.took);
    drop(rehearsal.store);
    on_store(&copy.0, async |store| {
        whole(&store).await?;
        store.put_in_order_after_restore(&machine::actor()).await?;
        if as_json {
            let mut value = told(&schema, true, true);
            value["took_ms"] = json!(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            out::json(&value);
            return Ok(());
        }
        out::line(format!(
            "{} on a copy, in {} ms; the copy was opened again and is whole. The database was left as it is.",
            steps(&schema),
            took.as_millis()
        ));
        out::line(
            "The way back: a migration copies the database first, beside it; with the program of before, `chimera store restore COPY` goes back to that copy. A restore of the copy was rehearsed as well.",
        );
        Ok(())
    })
}

fn steps(schema: &Schema) -> String {
    match schema.missing.last() {
        None => format!(
            "Schema {} is the newest this program knows: no step was made",
            schema.has
        ),
        Some((to, _)) => {
            let names: Vec<&str> = schema.missing.iter().map(|(_, name)| *name).collect();
            format!(
                "The schema goes from {} to {to} ({})",
                schema.has,
                names.join(", ")
            )
        }
    }
}

fn told(schema: &Schema, rehearsed: bool, verified: bool) -> serde_json::Value {
    let steps: Vec<_> = schema
        .missing
        .iter()
        .map(|(number, name)| json!({"number": number, "name": name}))
        .collect();
    json!({"rehearsed": rehearsed, "schema": schema.has, "steps": steps, "verified": verified})
}
