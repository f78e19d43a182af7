//! The roof: joins the rooms into the program, and is the only place that sees them all.
//!
//! It decides nothing the rooms could decide themselves. Start with [`start`] (the modes) and
//! [`compose`] (who gets which port); the verbs of the command line are in [`commands`].

pub mod cli;
pub mod clock;
pub mod commands;
pub mod compose;
pub mod config;
#[cfg(debug_assertions)]
mod deadly;
mod embedded;
pub mod fault;
pub mod machine;
pub mod out;
pub mod outside;
mod sandbox;
pub mod sim;
pub mod start;
pub mod telemetry;
mod treasury;
mod upkeep;

use std::{path::Path, sync::Arc};

use chimera_domain::{cfo, halt::Halt};
use chimera_store::SqliteStore;
use clap::CommandFactory;

use crate::{
    cli::{Cli, Command, ConfigCommand, HaltLook, Start},
    clock::SystemClock,
    commands::{
        books, campaign, demo, effect, eval, halt, handover, lists, mcp, mode, model, payment,
        plain, policy, replay, review, sim as simulate, status, store, trend, wallet,
    },
    config::{Config, Home},
    fault::{Fault, chain},
};

/// Runs the command line.
///
/// # Errors
/// As [`Fault`] says; its code is the exit code.
pub fn run(cli: Cli) -> Result<(), Fault> {
    #[cfg(debug_assertions)]
    deadly::arm()?;
    let home = || Home::resolve(cli.home.as_deref()).map_err(|error| Fault::Usage(chain(&error)));
    let Some(command) = cli.command else {
        if machine::accessible() && !cli.start.daemon {
            return review_plain(&home()?);
        }
        return start::run(&home()?, &cli.start);
    };
    if cli.start != Start::default() {
        return Err(Fault::Usage(
            "--daemon, --attach, --feed, --ascii, --low-bandwidth and --theme start the console or the daemon; leave them out of other commands".to_owned(),
        ));
    }
    let json = cli.json;
    match command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "chimera", &mut script);
            out::raw(&script);
            Ok(())
        }
        Command::Demo => demo::run(cli.home.as_deref(), json),
        Command::Sim(args) => simulate::run(&args, json),
        Command::Eval(verb) => eval::run(&verb, cli.home.as_deref(), json),
        Command::Replay(args) if replay::is_about_the_past(&args) => {
            on_store(&home()?.db_file(), async |db| {
                replay::past(db.as_ref(), &args, json).await
            })
        }
        Command::Replay(args) => replay::play(&args, cli.home.as_deref(), json),
        Command::Mcp(verb) => mcp::run(&home()?, verb, json),
        Command::Model(verb) => model::run(&home()?, verb, json),
        Command::Config(ConfigCommand::Check) => check_config(&home()?, json),
        Command::Store(verb) => store::run(&home()?, verb, json),
        Command::Audit(verb) => store::audit(&home()?, verb, json),
        Command::Status => status::on_home(&home()?, json),
        Command::Review(args) => match args.verb {
            Some(verb) => on_store(&home()?.db_file(), async |db| {
                review::run(db.as_ref(), verb, json).await
            }),
            None if args.plain || machine::accessible() => review_plain(&home()?),
            None => Err(Fault::Usage(
                "say what to do with the queue: `chimera review list`, or `--plain` for all of it line by line".to_owned(),
            )),
        },
        Command::Handover(args) => {
            let home = home()?;
            let since = args.since.as_deref().map(config::given::span).transpose();
            let since = since.map_err(Fault::Usage)?;
            // A configuration that cannot be read keeps nobody from handing over; the note says whose clock it has.
            let zone = Config::load(&home).map_or_else(|_| "UTC".to_owned(), |config| config.zone);
            let since = since.map(|back| chimera_domain::Clock::now(&SystemClock).minus(back));
            on_store(&home.db_file(), async |db| {
                handover::run(db.as_ref(), &zone, since, json).await
            })
        }
        Command::Planner(verb) => on_store(&home()?.db_file(), async |db| {
            lists::planner(db.as_ref(), verb, json).await
        }),
        Command::Trend(verb) => on_store(&home()?.db_file(), async |db| {
            trend::run(db.as_ref(), verb, json).await
        }),
        Command::Worker(verb) => on_store(&home()?.db_file(), async |db| {
            lists::worker(db.as_ref(), verb, json).await
        }),
        Command::Cfo(cli::Cfo::Books(verb)) => on_store(&home()?.db_file(), async |db| {
            books::run(db.as_ref(), verb, json).await
        }),
        Command::Cfo(cli::Cfo::Payment(verb)) => payment::run(&home()?, verb, json),
        Command::Cfo(cli::Cfo::Policy(verb)) => policy::run(&home()?, verb, json),
        Command::Wallet(verb) => wallet::run(&home()?, verb, json),
        Command::Cfo(cli::Cfo::Spend(verb)) => on_store(&home()?.db_file(), async |db| {
            lists::cfo(db.as_ref(), verb, json).await
        }),
        Command::Engagement(verb) => on_store(&home()?.db_file(), async |db| {
            lists::engagement(db.as_ref(), verb, json).await
        }),
        Command::Effect(verb) => on_store(&home()?.db_file(), async |db| {
            effect::run(db.as_ref(), verb, json).await
        }),
        Command::Alert(verb) => on_store(&home()?.db_file(), async |db| {
            lists::alert(db.as_ref(), verb, json).await
        }),
        Command::Campaign(verb) => on_store(&home()?.db_file(), async |db| {
            campaign::run(db.as_ref(), verb, json).await
        }),
        Command::Halt(args) => on_store(&home()?.db_file(), async |db| match args.look {
            Some(HaltLook::Status) => halt::status(db.as_ref(), json).await,
            None => halt::order(db.as_ref(), &args.order, Halt::Pause, json).await,
        }),
        Command::Kill(order) => on_store(&home()?.db_file(), async |db| {
            halt::order(db.as_ref(), &order, Halt::Kill, json).await
        }),
        Command::Live(args) => on_store(&home()?.db_file(), async |db| {
            mode::live(db.as_ref(), args, json).await
        }),
        Command::Dry(args) => on_store(&home()?.db_file(), async |db| {
            mode::dry(db.as_ref(), args, json).await
        }),
        Command::Resume(args) => on_store(&home()?.db_file(), async |db| {
            halt::resume(db.as_ref(), &args, json).await
        }),
    }
}

/// Runs one verb on a database that is there.
fn on_store(
    path: &Path,
    verb: impl AsyncFnOnce(Arc<SqliteStore>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if !path.exists() {
        return Err(Fault::NotFound(format!(
            "there is no database at {}; `chimera` or `chimera --daemon` makes one",
            path.display()
        )));
    }
    let store = compose::open_store(path, clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    runtime.block_on(verb(store))
}

/// The queue line by line, beside whoever runs the swarm.
fn review_plain(home: &Home) -> Result<(), Fault> {
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    on_store(&home.db_file(), async |db| {
        plain::run(db.as_ref(), &config.zone).await
    })
}

fn check_config(home: &Home, json: bool) -> Result<(), Fault> {
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    let now = clock::system().now();
    let payments = config.policy.payments.as_ref();
    let open = payments.map_or_else(Vec::new, |payments| cfo::lint(payments, now));
    if json {
        out::json(
            &serde_json::json!({"personas": config.personas.len(), "campaigns": config.campaigns.len(), "feeds": config.feeds.len(),
            "servers": config.servers.len(), "notices": config.notices.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "payments": open}),
        );
        return Ok(());
    }
    for notice in &config.notices {
        out::line(format!("notice: {notice}"));
    }
    for lint in &open {
        out::line(format!("notice: {}", policy::told(lint)));
    }
    out::line(format!(
        "{} personas, {} campaigns, {} feeds, {} servers of others: fine.",
        config.personas.len(),
        config.campaigns.len(),
        config.feeds.len(),
        config.servers.len()
    ));
    Ok(())
}
