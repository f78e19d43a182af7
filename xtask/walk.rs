//! Reads the files of the tree, in a stable order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold no source of ours. `target` also by prefix, for a second target folder.
const SKIPPED: [&str; 3] = [".git", "out", "node_modules"];

/// The top of the repository that this run is about: the first folder upwards that has `specs/`.
///
/// Asked at run time: a path fixed by the compiler would be another checkout's when two share a target folder.
///
/// # Errors
/// When the run was not started inside a checkout.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo's own variable, which says where it runs; no setting of the program"
)]
pub fn root() -> io::Result<PathBuf> {
    let here = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(package) => PathBuf::from(package),
        None => std::env::current_dir()?,
    };
    here.ancestors()
        .find(|dir| dir.join("specs").is_dir() && dir.join("Cargo.toml").is_file())
        .map(Path::to_owned)
        .ok_or_else(|| {
            io::Error::other(format!(
                "{} is in no checkout: no specs/ above it",
                here.display()
            ))
        })
}

/// Every file under `dir` that ends in `.ext`, as `(path relative to root, content)`. A missing folder is empty.
///
/// # Errors
/// When a folder or file that is there cannot be read.
pub fn read(root: &Path, dir: &Path, ext: &str) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    if dir.is_dir() {
        collect(root, dir, ext, &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn collect(
    root: &Path,
    dir: &Path,
    ext: &str,
    files: &mut Vec<(String, String)>,
) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?; // Symbolic links are neither followed nor read.
        if kind.is_dir() {
            if !SKIPPED.contains(&name.as_ref()) && !name.starts_with("target") {
                collect(root, &path, ext, files)?;
            }
        } else if kind.is_file() && path.extension().is_some_and(|found| found == ext) {
            let shown = path.strip_prefix(root).unwrap_or(&path);
            files.push((
                shown.to_string_lossy().replace('\\', "/"),
                fs::read_to_string(&path)?,
            ));
        }
    }
    Ok(())
}
