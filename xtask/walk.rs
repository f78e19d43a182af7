//! Reads the files of the tree, in a stable order.

use std::fs;
use std::io;
use std::path::Path;

/// Folders that hold no source of ours. `target` also by prefix, for a second target folder.
const SKIPPED: [&str; 3] = [".git", "out", "node_modules"];

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
