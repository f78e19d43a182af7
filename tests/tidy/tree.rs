//! The tree the rules look at: every text file that git knows or would take.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use xtask::source::{self, Line};

pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is tests: an integration test, a `tests.rs`, test doubles, a conformance function.
    pub(super) fn is_test(&self) -> bool {
        let folder = |name| self.path.split('/').rev().skip(1).any(|part| part == name);
        folder("tests")
            || folder("conformance")
            || ["tests.rs", "testing.rs"].contains(&self.name())
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        source::lines(&self.text)
    }

    /// The lines before the tests at the bottom of the file.
    pub(super) fn program(&self) -> Vec<Line> {
        let mut lines = self.lines();
        let tests = lines.windows(2).position(|pair| {
            pair[0].code.trim() == "#[cfg(test)]"
                && pair[1].code.trim_start().starts_with("mod tests")
        });
        lines.truncate(tests.unwrap_or(lines.len()));
        lines
    }
}

pub(super) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| xtask::walk::root().unwrap());
    &ROOT
}

/// Every text file in the tree: what git tracks or would take, or, in an unpacked archive, what is there.
pub(super) static TREE: LazyLock<Vec<File>> = LazyLock::new(|| {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .ok()
        .filter(|output| output.status.success() && !output.stdout.is_empty());
    let paths: Vec<String> = match listed {
        Some(output) => String::from_utf8_lossy(&output.stdout)
            .split_terminator('\0')
            .map(str::to_owned)
            .collect(),
        None => {
            let mut paths = Vec::new();
            walk(root(), &mut paths);
            paths
        }
    };
    let read = |path: String| {
        // What is deleted and not yet committed, and what is not text, has no rules here.
        let text = std::fs::read_to_string(root().join(&path)).ok()?;
        Some(File { path, text })
    };
    let files: Vec<File> = paths.into_iter().filter_map(read).collect();
    assert!(
        files.len() > 20,
        "the tree was not found; every rule would hold for nothing"
    );
    files
});

fn walk(dir: &Path, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let skipped =
            name == ".git" || name == "out" || name == "node_modules" || name.starts_with("target");
        if path.is_dir() && !skipped {
            walk(&path, paths);
        } else if path.is_file() {
            paths.push(
                path.strip_prefix(root())
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/"),
            );
        }
    }
}

pub(super) fn rust() -> impl Iterator<Item = &'static File> {
    TREE.iter().filter(|file| file.is_rust())
}

pub(super) fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n{}\n", found.join("\n"));
}

/// `words` of one line, so that a rule does not match inside a longer name.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}
