//! `cargo run -q -p xtask -- <command>`.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: xtask <command>

  spec-check [--json]   which test proves which line of specs/; fails when they disagree
  install-hooks         let git run .githooks/pre-commit before each commit
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        // A reader that went away (`| head`) is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> io::Result<ExitCode> {
    let root = xtask::walk::root()?;
    let root = root.as_path();
    match words {
        ["spec-check"] => spec_check(root, xtask::Report::table),
        ["spec-check", "--json"] => spec_check(root, xtask::Report::json),
        ["install-hooks"] => {
            writeln!(io::stdout(), "{}", xtask::hooks::install(root)?)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            write!(io::stderr(), "{USAGE}")?;
            Ok(ExitCode::from(2))
        }
    }
}

fn spec_check(root: &Path, show: fn(&xtask::Report) -> String) -> io::Result<ExitCode> {
    let report = xtask::check_tree(root)?;
    // The verdict must not depend on whether anybody reads the table to its end.
    let verdict = match report.problems.as_slice() {
        [] => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    };
    match io::stdout().write_all(show(&report).as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(verdict),
    }
}
