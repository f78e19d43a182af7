//! The `chimera` binary: reads the command line, runs it, and turns how it ended into an exit code.

use std::process::ExitCode;

use chimera::{cli::Cli, fault::Fault, out};
use clap::Parser;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(out::panicked));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version; they hold nothing from outside.
        Err(told) if !told.use_stderr() => told.exit(),
        Err(wrong) => {
            let code = u8::try_from(wrong.exit_code()).unwrap_or(2);
            out::note(wrong.to_string().trim_end());
            return ExitCode::from(code);
        }
    };
    match chimera::run(cli) {
        Ok(()) if out::lost() => {
            let fault = Fault::Failed("what was to be printed could not be written".into());
            out::complain(&fault);
            ExitCode::from(fault.code())
        }
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            out::complain(&fault);
            ExitCode::from(fault.code())
        }
    }
}
