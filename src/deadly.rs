//! `CHIMERA_DIE_AT=what:moment:n` ends this process by SIGKILL at the n-th pass of a named point.
//!
//! For the crash matrix (`make crash-matrix`). This file is not in a release build.

use std::io::Write as _;

use chimera_domain::death;

use crate::fault::Fault;

/// Arms the point that the environment names, if it names one.
///
/// # Errors
/// `Usage` when it cannot be read: a test must not take a process without a point for one that survived it.
#[expect(
    clippy::disallowed_methods,
    reason = "no setting: only tests ask for it, and no release build reads it"
)]
pub(crate) fn arm() -> Result<(), Fault> {
    let Ok(text) = std::env::var("CHIMERA_DIE_AT") else {
        return Ok(());
    };
    let appointment = text
        .parse()
        .map_err(|why| Fault::Usage(format!("CHIMERA_DIE_AT: {why}")))?;
    death::arm(appointment, end);
    Ok(())
}

/// Says so, for whoever must tell this death from another, and is gone: nothing is flushed, unlocked or unwound.
fn end(point: &str) {
    let _ = writeln!(std::io::stderr(), "died at {point}");
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGKILL);
    std::process::abort();
}
