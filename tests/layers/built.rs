//! What is really built: one TLS stack, and of alloy nothing that talks to anybody.
//!
//! The lock file also names packages that no feature asks for, as `cargo metadata` does; `cargo tree` names what the compiler
//! gets. So the program of this platform is read from the tree, and the lock file keeps watch over the other platforms.

use std::{path::Path, process::Command};

use super::{assert_none, root};

/// A second TLS stack: we use rustls with ring.
const TLS: &[&str] = &[
    "openssl",
    "openssl-sys",
    "native-tls",
    "aws-lc-rs",
    "aws-lc-sys",
];

/// The parts of alloy that ask endpoints, choose nonces and fees, or hold keys: all of that is ours (adr/0012).
const ALLOY: &[&str] = &[
    "alloy-contract",
    "alloy-ens",
    "alloy-json-rpc",
    "alloy-network",
    "alloy-node-bindings",
    "alloy-provider",
    "alloy-pubsub",
    "alloy-rpc-client",
    "alloy-rpc-types",
    "alloy-signer",
    "alloy-signer-aws",
    "alloy-signer-gcp",
    "alloy-signer-ledger",
    "alloy-signer-local",
    "alloy-signer-trezor",
    "alloy-signer-turnkey",
    "alloy-transport",
    "alloy-transport-http",
    "alloy-transport-ipc",
    "alloy-transport-ws",
];

/// The names of all packages that the compiler gets for a workspace, its tests and its build scripts included.
fn built(workspace: &Path, features: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--workspace"])
        .args(["--edges", "normal,build,dev"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(features)
        .current_dir(workspace)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {said}");
    let mut names: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn refused(names: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        if TLS.contains(&name.as_str()) {
            found.push(format!(
                "{name} is built, through a dependency's features; trim them in [workspace.dependencies] (we use rustls with ring)"
            ));
        }
        if ALLOY.contains(&name.as_str()) {
            found.push(format!(
                "{name} is built: the way to a chain is ours; trim the features of alloy (docs/adr/0012)"
            ));
        }
    }
    found
}

// One TLS stack and no way to a chain but ours in what the compiler gets, with every feature of ours on, whoever brings it.
#[test]
fn one_tls_stack_is_built_and_nothing_of_alloy_that_talks() {
    let names = built(&root(), &["--all-features"]);
    for known in ["alloy", "alloy-consensus", "rustls", "ring", "chimera"] {
        assert!(names.iter().any(|name| name == known), "{known} is built");
    }
    assert_none(&refused(&names));
}

// What another platform would build is in the lock file, which names more than that.
#[test]
fn the_lock_file_has_one_tls_stack() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in TLS {
        assert!(
            !lock.contains(&format!("name = \"{name}\"\n")),
            "{name} came in through a dependency's features; trim them in [workspace.dependencies] (we use rustls with ring)"
        );
    }
}

// The check bites: a stack that only the lock file names is not found, one that a feature builds is, for programs, tests and
// build scripts alike.
#[test]
fn a_second_stack_is_found_when_it_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let package = |name: &str, rest: &str| {
        let at = folder.path().join(name);
        std::fs::create_dir_all(at.join("src")).unwrap();
        std::fs::write(at.join("src/lib.rs"), "").unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}"
        );
        std::fs::write(at.join("Cargo.toml"), manifest).unwrap();
    };
    std::fs::write(
        folder.path().join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\nexclude = [\"facade\", \"aws-lc-sys\"]\n",
    )
    .unwrap();
    // As a facade does it: a feature that asks something of a package only where another feature brings it.
    package(
        "facade",
        "[features]\nstd = [\"aws-lc-sys?/std\"]\ntls = [\"dep:aws-lc-sys\"]\n\
         [dependencies]\naws-lc-sys = { path = \"../aws-lc-sys\", optional = true }\n",
    );
    package("aws-lc-sys", "[features]\nstd = []\n");
    let app = |kind: &str, features: &str| {
        package(
            "app",
            &format!("[{kind}]\nfacade = {{ path = \"../facade\", features = [{features}] }}\n"),
        );
        refused(&built(folder.path(), &[])).len()
    };
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        assert_eq!(app(kind, "\"std\""), 0, "{kind}");
        let lock = std::fs::read_to_string(folder.path().join("Cargo.lock")).unwrap();
        assert!(
            lock.contains("aws-lc-sys"),
            "the lock file names it all the same"
        );
        assert_eq!(app(kind, "\"std\", \"tls\""), 1, "{kind}");
    }
    assert_eq!(refused(&["alloy-provider".to_owned()]).len(), 1);
    assert_eq!(refused(&["rustls".to_owned(), "alloy".to_owned()]).len(), 0);
}
