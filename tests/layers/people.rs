//! What only people do has no way in from where agents work.

use xtask::walk;

use super::{assert_none, root};

/// Where what a person lets in may be named: the port, its backend and promises, and the verb of the command line.
const MAY: &[&str] = &[
    "src/domain/ports/",
    "store/sqlite/",
    "store/conformance/",
    "src/commands/policy/",
    "tests/",
];

// R103: raising a limit is no part of what the swarm, a skill, a server or a model is handed: the port is not in the sum of
// the store's ports, and nothing there names it.
#[test]
fn r103_nothing_an_agent_works_with_names_what_raises_a_limit() {
    let mut found = Vec::new();
    let mut seen = 0;
    for (path, text) in walk::read(&root(), &root(), "rs").unwrap() {
        let named = ["PolicyDesk", "confirm_loosening"]
            .iter()
            .any(|word| text.contains(word));
        seen += usize::from(named);
        if named && !MAY.iter().any(|may| path.starts_with(may)) {
            found.push(format!("{path} names what only a person does"));
        }
    }
    assert!(seen > 3, "the words are still these");
    assert_none(&found);
    let ports = std::fs::read_to_string(root().join("src/domain/ports/mod.rs")).unwrap();
    let sum = ports.split("pub trait Store:").nth(1).unwrap();
    assert!(
        !sum.contains("PolicyDesk"),
        "the swarm is handed the sum of the ports"
    );
}
