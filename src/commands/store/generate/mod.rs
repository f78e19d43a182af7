//! `chimera store generate`: a new database as a large house would have it, made up and marked as simulated.
//!
//! It writes nothing by itself: the verbs of the roles are called under a clock that is set, many at once,
//! so that whatever holds of a database that a swarm filled holds of this one too. `house.rs` goes
//! through the day, `fate.rs` says what becomes of each plan, `texts.rs` makes up what is said.

mod fate;
mod house;
mod outbox;
mod texts;
mod work;

use std::time::Instant;

use serde_json::json;

use self::house::House;
use super::alone;
use crate::{
    cli::GenerateArgs,
    config::{Config, Home},
    fault::{Fault, chain},
    out,
};

/// Tasks of one plan: research, text, picture, publish.
const NODES: u32 = 4;

/// Makes the database.
///
/// # Errors
/// `Conflict` when there is a database already; `Usage` when the numbers cannot be had together.
pub(super) fn run(home: &Home, args: &GenerateArgs, as_json: bool) -> Result<(), Fault> {
    possible(args)?;
    home.ensure()
        .map_err(|error| Fault::Failed(chain(&error)))?;
    let _alive = alone(home)?;
    let database = home.db_file();
    if database.exists() {
        return Err(Fault::Conflict(format!(
            "there is a database at {}, and generated data do not mix with any other; name a new --home",
            database.display()
        )));
    }
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    let begun = Instant::now();
    let made = runtime.block_on(async {
        let mut house = House::begin(&database, &config, args).await?;
        while house.round().await? {
            out::note(format!(
                "{:>3} %, {} s",
                house.percent(),
                begun.elapsed().as_secs()
            ));
        }
        house.end().await
    })?;
    let secs = begun.elapsed().as_secs();
    if as_json {
        out::json(
            &json!({"file": database, "secs": secs, "simulated": true, "agents": made.agents, "signals": made.signals,
            "tasks": made.tasks, "tickets_waiting": made.tickets_waiting}),
        );
    } else {
        out::line(format!(
            "{} agents, {} signals, {} tasks and {} tickets that wait, all SIMULATED, are in {} after {secs} s.",
            made.agents,
            made.signals,
            made.tasks,
            made.tickets_waiting,
            database.display()
        ));
        out::line(
            "`chimera --attach` looks at them. A swarm that is started here ends them: its configuration does not know these campaigns.",
        );
    }
    Ok(())
}

/// Every plan comes of a signal, and every ticket of a plan.
fn possible(args: &GenerateArgs) -> Result<(), Fault> {
    let plans = args.tasks.div_ceil(NODES);
    let told = if args.signals < plans {
        format!(
            "{} tasks are {plans} plans, each of a signal of its own: ask for as many --signals",
            args.tasks
        )
    } else if args.tickets > plans {
        format!(
            "{} tickets need as many plans of {NODES} tasks: ask for more --tasks",
            args.tickets
        )
    } else {
        return Ok(());
    };
    Err(Fault::Usage(told))
}

/// What was made, as the store counts it.
struct Made {
    agents: u32,
    signals: u64,
    tasks: u64,
    tickets_waiting: u64,
}
