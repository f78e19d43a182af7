//! The `chimera` binary: reads the command line, runs it, and turns how it ended into an exit code.

use std::process::ExitCode;

use chimera::fault::Fault;
use clap::Parser;

fn main() -> ExitCode {
    let cli = chimera::cli::Cli::parse();
    match chimera::run(cli) {
        Ok(()) if chimera::out::lost() => {
            let fault = Fault::Failed("what was to be printed could not be written".into());
            chimera::out::complain(&fault);
            ExitCode::from(fault.code())
        }
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            chimera::out::complain(&fault);
            ExitCode::from(fault.code())
        }
    }
}
