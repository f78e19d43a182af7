//! The gate itself: one name for it, and every way in leads to the same.

use std::fs;

use super::tree::{assert_none, root, rust};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

// T007, T003: each job has its target, the two without a job included.
#[test]
fn t007_t003_every_job_has_a_make_target() {
    let makefile = read("Makefile");
    let missing: Vec<String> = [
        "setup",
        "run",
        "test",
        "lint",
        "fmt",
        "spec-check",
        "core",
        "deny",
        "demo",
        "deploy-local",
        "infra-up",
        "infra-down",
        "clean",
    ]
    .into_iter()
    .filter(|target| {
        !makefile
            .lines()
            .any(|line| line.starts_with(&format!("{target}:")))
    })
    .map(str::to_owned)
    .collect();
    assert_none("The Makefile lost these targets.", &missing);
}

// T005: a person, a hook and continuous integration run the same gate.
#[test]
fn t005_every_way_in_runs_the_same_gate() {
    assert!(read(".ci/run").contains("make test"));
    assert!(read(".github/workflows/ci.yml").contains("run: .ci/run"));
    let makefile = read("Makefile");
    let (_, test) = makefile.split_once("\ntest:").unwrap();
    let test: Vec<&str> = test.lines().take(2).collect();
    for step in ["fmt-check", "lint", "layers", "spec-check"] {
        assert!(test[0].contains(step), "make test skips {step}");
    }
    assert!(
        test[1].contains("test --workspace"),
        "the runner comes last: {}",
        test[1]
    );
    let hook = read(".githooks/pre-commit");
    for step in ["cargo fmt --all --check", "spec-check", "-D warnings"] {
        assert!(hook.contains(step), "the hook skips {step}");
    }
}

// T006: a variable that the program reads is in the example, where an operator finds it.
#[test]
fn t006_the_example_shows_every_variable() {
    let example = read(".env.example");
    let mut missing = Vec::new();
    for file in rust().filter(|file| !file.is_test()) {
        // Every second piece between quotes is a literal; a stray quote only costs a line, not the rule.
        for literal in file
            .text
            .lines()
            .flat_map(|line| line.split('"').skip(1).step_by(2))
        {
            let ours = literal.starts_with("CHIMERA_")
                && literal.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            if ours
                && literal.len() > "CHIMERA_".len()
                && !example.contains(&format!("#{literal}="))
            {
                missing.push(format!("{}: {literal}", file.path));
            }
        }
    }
    assert_none("Add these variables to .env.example.", &missing);
}

// T002, T004: one file names every version, one table every lint, one toolchain builds it.
#[test]
fn t002_t004_versions_lints_and_toolchain_are_pinned() {
    let manifest = read("Cargo.toml");
    for table in [
        "[workspace.dependencies]",
        "[workspace.lints.rust]",
        "[workspace.lints.clippy]",
    ] {
        assert!(manifest.contains(table), "Cargo.toml lost {table}");
    }
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    let toolchain = read("rust-toolchain.toml");
    let pinned = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = \""));
    let stated = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""));
    let (pinned, stated) = (pinned.unwrap(), stated.unwrap().trim_end_matches('"'));
    assert!(
        pinned.starts_with(stated),
        "rust-toolchain.toml pins {pinned}, Cargo.toml states {stated}"
    );
}
