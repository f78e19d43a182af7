//! Points git at `.githooks`, so that the gate runs before a commit is made.

use std::io;
use std::path::Path;
use std::process::Command;

/// Sets `core.hooksPath` in the repository at `root` and returns the sentence to print.
///
/// A tree without git (an unpacked archive) has no commits to guard, and says so.
///
/// # Errors
/// When git is there and refuses.
pub fn install(root: &Path) -> io::Result<String> {
    if !root.join(".git").exists() {
        return Ok("no git repository here: hooks not installed".to_owned());
    }
    let status = Command::new("git")
        .current_dir(root)
        .args(["config", "core.hooksPath", ".githooks"])
        .status()?;
    if status.success() {
        Ok("hooks installed: git runs .githooks/pre-commit before each commit".to_owned())
    } else {
        Err(io::Error::other(format!(
            "git config core.hooksPath: {status}"
        )))
    }
}
