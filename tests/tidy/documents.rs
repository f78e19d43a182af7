//! Rules for documents, data and what is checked in at all.

use std::path::{Path, PathBuf};

use super::tree::{TREE, assert_none, root, words};

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
        // A noun may end in an s and be no plural.
        .filter(|noun| {
            !words(&glossary).any(|word| word == *noun || word.strip_suffix('s') == Some(*noun))
        })
        .map(str::to_owned)
        .collect();
    assert_none("Say in docs/glossary.md what these words mean.", &missing);
}

#[test]
fn links_paths_and_migrations_are_told_from_look_alikes() {
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
