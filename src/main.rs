//! The `chimera` binary: reads the command line, runs it, and turns how it ended into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = chimera::cli::Cli::parse();
    match chimera::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            chimera::out::complain(&fault);
            ExitCode::from(fault.code())
        }
    }
}
