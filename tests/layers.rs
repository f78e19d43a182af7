//! Who may import whom: the hub knows none of ours, a room of the ring knows the hub, the roof knows all.
//!
//! Reads `cargo metadata` and compares it with the tables below. A new row is the rarest kind of change and comes
//! with a page in `docs/adr/`; the reasons for the present ones are in `docs/adr/0001-hub-ring-roof.md`.

mod built;
mod people;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Every package of ours: its name, and which others of ours it may use in the program and in tests.
const ROOMS: &[(&str, Own, Own)] = &[
    ("chimera", Own::All, Own::All),
    ("chimera-domain", Own::Only(&[]), Own::Only(&[])),
    ("chimera-minds", HUB, HUB),
    (
        "chimera-swarm",
        Own::Only(&["chimera-domain", "chimera-minds"]),
        Own::Only(&["chimera-domain", "chimera-minds", "chimera-store"]),
    ), // SQLite in memory is its fake
    ("chimera-store", HUB, HUB),
    ("chimera-ui", HUB, HUB),
    ("chimera-skills", HUB, HUB),
    ("chimera-servers", HUB, HUB),
    ("chimera-mcp", HUB, HUB),
    ("chimera-models", HUB, HUB),
    ("chimera-wallet", HUB, HUB),
    ("xtask", Own::Only(&[]), Own::Only(&[])),
];

const HUB: Own = Own::Only(&["chimera-domain"]);

/// Heavy or far-reaching libraries, and the rooms that may use them in the program. Tests of those rooms may too.
const FENCES: &[(&str, &[&str])] = &[
    ("rusqlite", &["chimera-store"]),
    ("ratatui", &["chimera-ui"]),
    ("crossterm", &["chimera-ui"]),
    ("rmcp", &["chimera-mcp", "chimera-servers"]),
    (
        "reqwest",
        &[
            "chimera-mcp",
            "chimera-models",
            "chimera-servers",
            "chimera-wallet",
        ],
    ),
    ("rig-core", &["chimera-models"]),
    ("feed-rs", &["chimera-servers"]),
    ("resvg", &["chimera-servers"]),
    // The studio draws them, the console shows them.
    ("gif", &["chimera-servers", "chimera-ui"]),
    ("png", &["chimera-ui"]),
    ("alloy", &["chimera-wallet"]),
    // Its parts come through it and have no room of their own; which of them are built is in `layers/built.rs`.
    ("alloy-consensus", &[]),
    ("alloy-primitives", &[]),
    ("alloy-sol-types", &[]),
    ("k256", &["chimera-wallet"]),
    ("p256", &["chimera-wallet"]),
    ("scrypt", &["chimera-wallet"]),
    ("wasmtime", &["chimera-plugins"]),
    ("axum", &["chimera-api"]),
    ("clap", &["chimera"]),
    ("serde-saphyr", &["chimera"]),
    ("anyhow", &["chimera"]), // rooms say what a caller can do; only the roof may be vague
    ("tracing-subscriber", &["chimera"]),
    ("tracing-appender", &["chimera"]),
    // One TLS stack, one time library, one YAML parser: these have no room.
    ("openssl", &[]),
    ("native-tls", &[]),
    ("chrono", &[]),
    ("time", &[]),
    ("serde_yaml", &[]),
];

/// The whole of what the rooms without I/O may use in the program, beside rooms of ours.
const PURE: &[(&str, &[&str])] = &[
    (
        "chimera-domain",
        &[
            "async-trait",
            "jiff",
            "serde",
            "serde_json",
            "sha2",
            "sha3",
            "thiserror",
            "unicode-segmentation",
            "unicode-width",
            "uuid",
        ],
    ),
    (
        "chimera-minds",
        &[
            "aho-corasick",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "unicode-normalization",
            "unicode-segmentation",
        ],
    ),
];

#[derive(Clone, Copy)]
enum Own {
    All,
    Only(&'static [&'static str]),
}

impl Own {
    fn allows(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(&name),
        }
    }
}

struct Member {
    name: String,
    dependencies: Vec<(String, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Program,
    Tests,
}

fn root() -> PathBuf {
    xtask::walk::root().unwrap()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> &[Value] {
    list(&metadata["packages"])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn members(metadata: &Value) -> Vec<Member> {
    packages(metadata)
        .iter()
        .map(|package| Member {
            name: text(&package["name"]),
            dependencies: list(&package["dependencies"])
                .iter()
                .map(|dependency| {
                    let kind = match dependency["kind"].as_str() {
                        Some("dev") => Kind::Tests,
                        _ => Kind::Program, // what a build script uses runs on every developer's machine
                    };
                    (text(&dependency["name"]), kind)
                })
                .collect(),
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn forbidden_edges(members: &[Member]) -> Vec<String> {
    let mut found = Vec::new();
    for member in members {
        let name = member.name.as_str();
        let Some((_, in_program, in_tests)) = ROOMS.iter().find(|(room, ..)| *room == name) else {
            found.push(format!(
                "`{name}` is in no table: a new room needs a page in docs/adr/ and a row in ROOMS (tests/layers.rs)"
            ));
            continue;
        };
        for (dependency, kind) in &member.dependencies {
            let own = match kind {
                Kind::Program => in_program,
                Kind::Tests => in_tests,
            };
            if ROOMS.iter().any(|(room, ..)| room == dependency) && !own.allows(dependency) {
                found.push(format!(
                    "`{name}` must not import `{dependency}`: move the shared type to src/domain, or ask for it through a port in src/domain/ports"
                ));
            }
        }
    }
    found
}

fn broken_fences(members: &[Member]) -> Vec<String> {
    let mut found = Vec::new();
    for member in members {
        for (dependency, kind) in &member.dependencies {
            let fence = FENCES.iter().find(|(library, _)| library == dependency);
            if let Some((library, homes)) = fence
                && !homes.contains(&member.name.as_str())
            {
                let homes = match homes {
                    [] => "nowhere".to_owned(),
                    homes => format!("in {}", homes.join(", ")),
                };
                found.push(format!(
                    "`{}` uses `{library}`, which is at home {homes}: you need a port, not an import",
                    member.name
                ));
            }
            let pure = PURE.iter().find(|(room, _)| *room == member.name);
            if let Some((room, uses)) = pure
                && *kind == Kind::Program
                && !uses.contains(&dependency.as_str())
                && !ROOMS.iter().any(|(room, ..)| room == dependency)
            {
                found.push(format!(
                    "`{room}` uses `{dependency}`: it does no I/O and its list is fixed; wrap the foreign type in the room where it enters"
                ));
            }
        }
    }
    found
}

/// What a member's manifest says for itself instead of inheriting it from the workspace.
fn own_settings(path: &str, manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lints = false;
    let mut table = String::new();
    // `[dependencies.name]` spreads one entry over lines; it inherits if one of them says so.
    let mut spread: Option<(String, bool)> = None;
    let mut depth = 0usize;
    let refuse = |entry: &str| {
        format!(
            "{path}: `{entry}` states its own version or source; state it once in [workspace.dependencies] and write `.workspace = true` here"
        )
    };
    for line in manifest.lines().map(str::trim) {
        let continued = depth > 0;
        depth += line.matches(['[', '{']).count();
        depth = depth.saturating_sub(line.matches([']', '}']).count());
        if continued || line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if let Some((name, false)) = spread.take() {
                found.push(refuse(&name));
            }
            table = header.split(']').next().unwrap_or_default().to_owned();
            spread = table
                .split_once("dependencies.")
                .map(|(_, name)| (name.to_owned(), false));
            continue;
        }
        let inherits = line.replace(' ', "").contains("workspace=true");
        if table == "lints" {
            lints |= inherits;
        } else if let Some((_, says_so)) = &mut spread {
            *says_so |= inherits;
        } else if table.ends_with("dependencies") && table != "workspace.dependencies" && !inherits
        {
            found.push(refuse(line));
        }
    }
    if let Some((name, false)) = spread {
        found.push(refuse(&name));
    }
    if !lints {
        found.push(format!("{path}: add `[lints]` with `workspace = true`"));
    }
    found
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

// The hub imports none of ours, a ring room the hub alone, in tests `swarm` also `store`.
#[test]
fn rooms_import_only_the_hub() {
    assert_none(&forbidden_edges(&members(&metadata())));
}

// Each heavy library has one home, and the hub's own list is fixed.
#[test]
fn libraries_stay_in_their_rooms() {
    assert_none(&broken_fences(&members(&metadata())));
}

// Versions, features and lints are stated once, for all.
#[test]
fn members_inherit_versions_and_lints() {
    let metadata = metadata();
    let mut found = Vec::new();
    for package in packages(&metadata) {
        let path = text(&package["manifest_path"]);
        let manifest = std::fs::read_to_string(&path).unwrap();
        let shown = PathBuf::from(&path)
            .strip_prefix(root())
            .map_or(path.clone(), |short| short.display().to_string());
        found.extend(own_settings(&shown, &manifest));
    }
    assert_none(&found);
}

// The tables bite: each kind of wrong edge is found, each allowed one is not.
#[test]
fn wrong_edges_are_found() {
    let member = |name: &str, dependency: &str, kind| Member {
        name: name.to_owned(),
        dependencies: vec![(dependency.to_owned(), kind)],
    };
    let edges = |name, dependency, kind| forbidden_edges(&[member(name, dependency, kind)]).len();
    assert_eq!(edges("chimera-swarm", "chimera-domain", Kind::Program), 0);
    assert_eq!(edges("chimera-swarm", "chimera-store", Kind::Tests), 0);
    assert_eq!(edges("chimera", "chimera-store", Kind::Program), 0);
    assert_eq!(edges("chimera-swarm", "chimera-store", Kind::Program), 1);
    assert_eq!(edges("chimera-swarm", "chimera-mcp", Kind::Tests), 1);
    assert_eq!(edges("chimera-ui", "chimera-store", Kind::Tests), 1);
    assert_eq!(edges("chimera-domain", "xtask", Kind::Tests), 1);
    assert_eq!(edges("chimera-newroom", "serde", Kind::Program), 1);

    let fences = |name, dependency, kind| broken_fences(&[member(name, dependency, kind)]).len();
    assert_eq!(fences("chimera-store", "rusqlite", Kind::Program), 0);
    assert_eq!(fences("chimera-domain", "tokio", Kind::Tests), 0);
    assert_eq!(fences("chimera-domain", "tokio", Kind::Program), 1);
    assert_eq!(fences("chimera-swarm", "rusqlite", Kind::Tests), 1);
    assert_eq!(fences("chimera", "native-tls", Kind::Program), 1);
}

// A manifest that speaks for itself is found, in every form TOML has for it.
#[test]
fn own_versions_are_found() {
    let lints = "[lints]\nworkspace = true\n";
    let count = |manifest: &str| own_settings("x", &format!("{manifest}\n{lints}")).len();
    assert_eq!(
        count(
            "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\n  \"x\",\n] }\n"
        ),
        0
    );
    assert_eq!(
        count("[dependencies.a]\nworkspace = true\nfeatures = [\"x\"]\n"),
        0
    );
    assert_eq!(
        count("[workspace.dependencies]\na = \"1\"\n[package]\nname = \"x\"\n"),
        0
    );
    assert_eq!(count("[dependencies]\na = \"1\"\n"), 1);
    assert_eq!(count("[dev-dependencies]\na = { path = \"../a\" }\n"), 1);
    assert_eq!(count("[target.'cfg(unix)'.dependencies]\na = \"1\"\n"), 1);
    assert_eq!(count("[dependencies.a]\nversion = \"1\"\n"), 1);
    assert_eq!(own_settings("x", "[package]\nname = \"x\"\n").len(), 1);
}
