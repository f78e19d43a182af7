//! House rules as tests, over every text file that git knows or would take.
//!
//! A rule that is wrong for a case gets an exception with its reason in the list beside it, not a workaround.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use xtask::source::{self, Line};

/// Past this a file holds more than one idea; look for the seam long before.
const FILE_LINES_MAX: usize = 450;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[(
    "src/domain/views.rs",
    "rows without behaviour, one per screen: split along the screens once they stop changing together",
)];

/// The roles of the swarm: none may name another; the database row is the hand-off.
const ROLES: &[&str] = &[
    "planner",
    "worker",
    "judge",
    "executor",
    "engagement",
    "cfo",
    "presence",
];

/// Words the glossary must explain beside the nouns that `src/domain` has modules for.
const NOUNS: &[&str] = &[
    "signal",
    "task",
    "artifact",
    "verdict",
    "ticket",
    "decision",
    "intent",
    "entry",
    "beacon",
    "ack",
    "publication",
    "sample",
    "claim",
    "lease",
    "fence",
    "campaign",
    "epoch",
    "persona",
    "policy",
    "rule",
    "finding",
    "skill",
    "port",
    "resource",
    "cursor",
    "bell",
    "effect",
    "fuse",
    "uncertain",
    "simulated",
    "recorded",
];

/// Modules of `src/domain` that are means and not nouns.
const MEANS: &[&str] = &["error", "ids", "testing", "words"];

struct File {
    path: String,
    text: String,
}

impl File {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is tests: an integration test, a `tests.rs`, test doubles, a conformance function.
    fn is_test(&self) -> bool {
        let folder = |name| self.path.split('/').rev().skip(1).any(|part| part == name);
        folder("tests")
            || folder("conformance")
            || ["tests.rs", "testing.rs"].contains(&self.name())
    }

    fn lines(&self) -> Vec<Line> {
        source::lines(&self.text)
    }

    /// The lines before the tests at the bottom of the file.
    fn program(&self) -> Vec<Line> {
        let mut lines = self.lines();
        let tests = lines.windows(2).position(|pair| {
            pair[0].code.trim() == "#[cfg(test)]"
                && pair[1].code.trim_start().starts_with("mod tests")
        });
        lines.truncate(tests.unwrap_or(lines.len()));
        lines
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file in the tree: what git tracks or would take, or, in an unpacked archive, what is there.
static TREE: LazyLock<Vec<File>> = LazyLock::new(|| {
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
        let skipped = name == ".git" || name == "out" || name.starts_with("target");
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

fn rust() -> impl Iterator<Item = &'static File> {
    TREE.iter().filter(|file| file.is_rust())
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n{}\n", found.join("\n"));
}

/// `words` of one line, so that a rule does not match inside a longer name.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn files_hold_one_idea() {
    let mut found = Vec::new();
    for file in rust().filter(|file| !file.is_test() && !file.path.contains("/snapshots/")) {
        let count = file.program().len();
        let excused = LONG_FILES.iter().any(|(path, _)| *path == file.path);
        if count > FILE_LINES_MAX && !excused {
            found.push(format!("{}: {count} lines before its tests", file.path));
        }
        if count <= FILE_LINES_MAX && excused {
            found.push(format!(
                "{}: is short again; take it out of LONG_FILES",
                file.path
            ));
        }
    }
    assert_none(
        "A file is one idea, at most 450 lines: give each rule, pane, verb or command its own file.",
        &found,
    );
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for file in rust() {
        for (number, line) in file.lines().iter().enumerate() {
            let code = line.code.replace(' ', "");
            for banned in ["todo!", "unimplemented!", "dbg!", "#[ignore"] {
                let own_word =
                    |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                if code.match_indices(banned).any(|(at, _)| own_word(at)) {
                    found.push(format!("{}:{}: `{banned}`", file.path, number + 1));
                }
            }
            for banned in [
                concat!("TO", "DO"),
                concat!("FIX", "ME"),
                concat!("XX", "X"),
            ] {
                if words(&line.comment).any(|word| word == banned) {
                    found.push(format!("{}:{}: `{banned}`", file.path, number + 1));
                }
            }
        }
    }
    assert_none(
        "Finish it, or write a line in specs/ that says it is open.",
        &found,
    );
}

#[test]
fn every_exception_to_a_lint_has_a_reason() {
    let mut found = Vec::new();
    for file in rust() {
        let lines = file.lines();
        for at in 0..lines.len() {
            let code = lines[at].code.replace(' ', "");
            if !["#[allow(", "#![allow(", "#[expect(", "#![expect("]
                .iter()
                .any(|open| code.contains(open))
            {
                continue;
            }
            let whole: String = lines[at..]
                .iter()
                .map(|line| line.code.replace(' ', ""))
                .scan(false, |closed, code| {
                    let go_on = !*closed;
                    *closed = code.contains(")]");
                    go_on.then_some(code)
                })
                .collect();
            if !whole.contains("reason=") {
                found.push(format!(
                    "{}:{}: {}",
                    file.path,
                    at + 1,
                    lines[at].code.trim()
                ));
            }
        }
    }
    assert_none("Say why: `#[expect(lint, reason = \"…\")]`.", &found);
}

#[test]
fn every_module_has_a_front_page() {
    let mut found = Vec::new();
    for file in rust().filter(|file| !file.is_test() && ["lib.rs", "mod.rs"].contains(&file.name()))
    {
        let opening = file
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count();
        if opening < 2 {
            found.push(format!("{}: {opening} lines of `//!`", file.path));
        }
    }
    assert_none(
        "A lib.rs or mod.rs opens with at least two lines of `//!`: what it is for, what it does not know, where to start.",
        &found,
    );
}

#[test]
fn roles_do_not_call_roles() {
    let mut found = Vec::new();
    for file in rust() {
        let role = ROLES.iter().copied().find(|role| {
            file.path.starts_with(&format!("src/swarm/{role}/"))
                || file.path == format!("src/swarm/{role}.rs")
        });
        let Some(own) = role else { continue };
        let code: String = file
            .lines()
            .iter()
            .map(|line| line.code.replace(' ', ""))
            .collect();
        for named in named_under_crate(&code) {
            if named != own && ROLES.contains(&named.as_str()) {
                found.push(format!("{}: `crate::{named}`", file.path));
            }
        }
    }
    assert_none(
        "Roles meet in the database row; what two of them need goes beside them or into the hub.",
        &found,
    );
}

/// The first names after `crate::`, in paths and in groups, and after a `super` that leaves a role's folder.
fn named_under_crate(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for prefix in ["crate::", "super::super::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            let Some(group) = rest.strip_prefix('{') else {
                names.extend(words(rest).next().map(str::to_owned));
                continue;
            };
            let (mut depth, mut start) = (0usize, true);
            for (inside, c) in group.char_indices() {
                if start && depth == 0 {
                    names.extend(words(&group[inside..]).next().map(str::to_owned));
                }
                start = c == ',';
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
            }
        }
    }
    names
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut found = Vec::new();
    for file in TREE.iter().filter(|file| file.path.ends_with(".md")) {
        for target in link_targets(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let base = match path.strip_prefix('/') {
                Some(_) => root().to_owned(),
                None => root()
                    .join(&file.path)
                    .parent()
                    .map_or_else(PathBuf::new, Path::to_owned),
            };
            if !base.join(path.trim_start_matches('/')).exists() {
                found.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert_none("These links lead nowhere.", &found);
}

fn link_targets(markdown: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut fenced = false;
    for line in markdown.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        // Every second piece between backticks is code.
        let prose: String = line.split('`').step_by(2).collect();
        for (at, _) in prose.match_indices("](") {
            let rest = &prose[at + 2..];
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            targets.push(target.to_owned());
        }
    }
    targets
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut found = Vec::new();
    let mut dialects: Vec<&str> = TREE
        .iter()
        .filter_map(|file| migration(&file.path))
        .map(|(d, _)| d)
        .collect();
    dialects.dedup();
    for dialect in dialects {
        let mut names: Vec<&str> = TREE
            .iter()
            .filter_map(|file| migration(&file.path))
            .filter(|(of, _)| *of == dialect)
            .map(|(_, name)| name)
            .collect();
        names.sort_unstable();
        for (index, name) in names.iter().enumerate() {
            if !name.starts_with(&format!("{:04}_", index + 1)) {
                found.push(format!(
                    "{dialect}/{name}: expected number {:04}",
                    index + 1
                ));
            }
        }
    }
    assert_none(
        "Migrations are 0001_name.sql, 0002_name.sql and so on, each number once.",
        &found,
    );
}

fn migration(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("store/migrations/")?
        .split_once('/')
        .filter(|(_, name)| name.ends_with(".sql"))
}

#[test]
fn no_machine_is_named() {
    // Spelled in two halves, so that this file keeps its own rule.
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/tmp/", "bash_jobs"),
    ];
    let registries = [
        concat!("replace", "-with"),
        concat!("sparse", "+http"),
        concat!("CARGO_REGI", "STRIES_"),
    ];
    let crates_io = "registry+https://github.com/rust-lang/crates.io-index";
    let mut found = Vec::new();
    for file in TREE.iter() {
        for (number, line) in file.text.lines().enumerate() {
            let place = places.iter().any(|place| names_path(line, place));
            let registry = registries.iter().any(|word| line.contains(word))
                || (file.name() == "Cargo.lock"
                    && line.starts_with("source = ")
                    && !line.contains(crates_io));
            if place || registry {
                let shown: String = line.trim().chars().take(100).collect();
                found.push(format!("{}:{}: {shown}", file.path, number + 1));
            }
        }
    }
    assert_none(
        "No absolute path of a machine and no registry but crates.io: what is checked in works anywhere.",
        &found,
    );
}

/// Made-up users in examples and tests of path rules.
const NOBODY: &[&str] = &["op", "user"];

/// Whether a line has this absolute path, and not an address or a longer path that contains the same letters.
fn names_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let rest = &line[at + place.len()..];
        let starts = before.is_none_or(|c| !c.is_alphanumeric() && !"./~_-}$".contains(c));
        let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || c == '.');
        let nobody = words(rest)
            .next()
            .is_some_and(|name| NOBODY.contains(&name));
        starts && !nobody && (goes_on || !place.ends_with('/'))
    })
}

#[test]
fn r92_money_is_never_a_float() {
    let is_float = |line: &Line| words(&line.code).any(|word| word == "f64" || word == "f32");
    let mut found = Vec::new();
    for file in rust().filter(|file| !file.is_test()) {
        let about_money = ["money", "spend", "ledger", "budget"]
            .iter()
            .any(|word| file.name().contains(word));
        for (number, line) in file.program().iter().enumerate() {
            let names_money = words(&line.code).any(|word| {
                let word = word.to_ascii_lowercase();
                word == "usd" || word.starts_with("usd_") || word.contains("_usd")
            });
            if is_float(line) && (about_money || names_money) {
                found.push(format!(
                    "{}:{}: {}",
                    file.path,
                    number + 1,
                    line.code.trim()
                ));
            }
        }
    }
    assert_none(
        "Money is `Usd`, whole micro-dollars; scale integers instead.",
        &found,
    );
}

#[test]
fn every_persona_has_a_soul() {
    let mut found = Vec::new();
    for file in TREE.iter() {
        let Some((slug, _)) = file
            .path
            .strip_prefix("personas/")
            .and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        if !root().join("personas").join(slug).join("SOUL.md").is_file() {
            found.push(format!("personas/{slug}"));
        }
    }
    found.dedup();
    assert_none("A persona is a folder with a SOUL.md.", &found);
}

#[test]
fn the_glossary_knows_every_noun() {
    let glossary = std::fs::read_to_string(root().join("docs/glossary.md"))
        .unwrap()
        .to_lowercase();
    let hub = std::fs::read_to_string(root().join("src/domain/lib.rs")).unwrap();
    let modules = hub
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(|module| module.trim_end_matches('s'))
        .filter(|module| {
            !MEANS
                .iter()
                .any(|means| means.trim_end_matches('s') == *module)
        });
    let missing: Vec<String> = NOUNS
        .iter()
        .copied()
        .chain(modules)
        .filter(|noun| !words(&glossary).any(|word| word == *noun))
        .map(str::to_owned)
        .collect();
    assert_none("Say in docs/glossary.md what these words mean.", &missing);
}

#[test]
fn the_rules_bite() {
    let names = named_under_crate(
        "usecrate::{judge::{a,b},runtime::Step};crate::planner::x();super::super::worker",
    );
    assert_eq!(names, ["judge", "runtime", "planner", "worker"]);
    assert_eq!(
        link_targets("[a](b.md#c) `[x](y)`\n```\n[n](o)\n```\n[d](e)"),
        ["b.md#c", "e"]
    );
    let place = concat!("/ho", "me/");
    assert!(names_path(&format!("cd {place}ann"), place));
    assert!(names_path(&format!("\"{place}ann\""), place));
    assert!(!names_path(
        &format!("https://example.org{place}ann"),
        place
    ));
    assert!(!names_path(&format!("a folder below {place}"), place));
    assert!(!names_path(&format!("{place}op/.config"), place));
    assert_eq!(
        migration("store/migrations/sqlite/0001_init.sql"),
        Some(("sqlite", "0001_init.sql"))
    );
    assert_eq!(migration("store/migrations/README.md"), None);
}
