//! Which test names which id.
//!
//! A test is a function under `#[test]`, `#[tokio::test]` or the like. It names an id in the leading words of
//! its name, in the comment lines above its attributes, in the comment above the `proptest!` block that holds it,
//! or in the comment lines its body opens with. Functions in a `conformance` folder, which a macro runs once per
//! backend, name theirs in a doc line `Proves: R14, R16`.

use std::path::Path;

use crate::id::Id;
use crate::source::{Line, lines};

/// A test and what it says it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// `file::function`.
    pub test: String,
    /// `file:line`, for messages.
    pub place: String,
    /// What it names, in order, without repeats.
    pub ids: Vec<Id>,
}

/// Reads the tests of one source file, also those that name nothing.
#[must_use]
pub fn parse(file: &str, source: &str) -> Vec<Proof> {
    let lines = lines(source);
    let conformance = Path::new(file)
        .components()
        .any(|part| part.as_os_str() == "conformance");
    let mut proofs = Vec::new();
    for at in 0..lines.len() {
        let Some(name) = function_name(&lines[at].code) else {
            continue;
        };
        let head = Head::above(&lines, at);
        let mut ids = Vec::new();
        if head.is_test {
            ids.extend(Id::all_in_name(name));
            ids.extend(Id::all_in(&head.comment));
            if let Some(block) = block_comment(&lines, head.first) {
                ids.extend(Id::all_in(&block));
            }
            ids.extend(Id::all_in(&opening_comment(&lines, at)));
        } else if conformance && let Some((_, named)) = head.comment.split_once("Proves:") {
            ids.extend(Id::all_in(named));
        } else {
            continue;
        }
        let mut unique = Vec::with_capacity(ids.len());
        for id in ids {
            if !unique.contains(&id) {
                unique.push(id);
            }
        }
        proofs.push(Proof {
            test: format!("{file}::{name}"),
            place: format!("{file}:{}", at + 1),
            ids: unique,
        });
    }
    proofs
}

/// What stands above a function.
struct Head {
    is_test: bool,
    comment: String,
    /// The first line of its attributes and comments.
    first: usize,
}

impl Head {
    fn above(lines: &[Line], function: usize) -> Self {
        let mut head = Self {
            is_test: false,
            comment: String::new(),
            first: function,
        };
        let mut comments = Vec::new();
        for at in (0..function).rev() {
            let line = &lines[at];
            let code = line.code.trim();
            let attribute = code.starts_with("#[") && code.ends_with(']');
            if !attribute && !line.is_comment() {
                break;
            }
            head.is_test |= attribute && is_test(code);
            if line.is_comment() {
                comments.push(line.comment.as_str());
            }
            head.first = at;
        }
        comments.reverse();
        head.comment = comments.join("\n");
        head
    }
}

/// `#[test]`, `#[tokio::test]`, `#[tokio::test(flavor = "…")]`.
fn is_test(attribute: &str) -> bool {
    let path = attribute
        .trim_start_matches("#[")
        .split(['(', ']'])
        .next()
        .unwrap_or_default();
    path.rsplit("::").next() == Some("test")
}

/// The name in `pub(crate) async fn name…`.
fn function_name(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("fn ")?;
    let introduces = before
        .split_whitespace()
        .all(|word| word.starts_with("pub") || ["async", "const", "unsafe"].contains(&word));
    let name = after.split(['(', '<']).next()?.trim();
    (introduces && !name.is_empty()).then_some(name)
}

/// The comment directly above the `proptest! {` that opens before this line, if the line lies inside one.
fn block_comment(lines: &[Line], inside: usize) -> Option<String> {
    let indent = |line: &Line| line.code.len() - line.code.trim_start().len();
    let own = indent(&lines[inside]);
    let open = (0..inside).rev().find(|at| {
        let code = &lines[*at].code;
        !code.trim().is_empty() && indent(&lines[*at]) < own
    })?;
    let code = lines[open].code.trim();
    (code.starts_with("proptest!") || code.starts_with("proptest::proptest!"))
        .then(|| Head::above(lines, open).comment)
}

/// The comment lines a function's body opens with.
fn opening_comment(lines: &[Line], function: usize) -> String {
    let body = (function..lines.len())
        .take_while(|at| *at == function || !lines[*at].code.contains("fn "))
        .find(|at| lines[*at].code.trim_end().ends_with('{'));
    let Some(body) = body else {
        return String::new();
    };
    lines[body + 1..]
        .iter()
        .take_while(|line| line.is_comment())
        .map(|line| line.comment.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, source: &str, expected: &[&str]) {
        let told: Vec<String> = parse(file, source)
            .iter()
            .map(|proof| {
                let ids: Vec<String> = proof.ids.iter().map(ToString::to_string).collect();
                let name = proof.test.rsplit("::").next().unwrap_or_default();
                format!("{name}: {}", ids.join(" ")).trim_end().to_owned()
            })
            .collect();
        assert_eq!(told, expected, "{source}");
    }

    // A test names ids in its name, above it and at the head of its body, each once.
    #[test]
    fn a_test_names_ids_in_three_places() {
        check("a.rs", "#[test]\nfn r5_x() {}", &["r5_x: R5"]);
        check(
            "a.rs",
            "// R5, R6: so.\n#[test]\nfn r5_x() {\n}",
            &["r5_x: R5 R6"],
        );
        check(
            "a.rs",
            "/// T045.\n#[tokio::test(start_paused = true)]\n#[cfg(unix)]\nasync fn x() {\n}",
            &["x: T045"],
        );
        check(
            "a.rs",
            "#[test]\nfn x() {\n    // SC-004: bands.\n    // R53 as well.\n    go();\n    // R1 too late\n}",
            &["x: SC-004 R53"],
        );
        check("a.rs", "#[test]\n// R7.\nfn x() {}", &["x: R7"]);
    }

    // A property test also has what its block says.
    #[test]
    fn a_property_test_has_its_blocks_comment() {
        let source = "// R92: exact.\nproptest! {\n    #![proptest_config(few())]\n\n    #[test]\n    fn a(x in 0..9,\n        y in 0..9) {\n        // R93.\n    }\n\n    // R94.\n    #[test]\n    fn b(x in 0..9) {\n    }\n}\n#[test]\nfn c() {}\n";
        check("a.rs", source, &["a: R92 R93", "b: R94 R92", "c:"]);
    }

    // A conformance function counts where a macro runs it, by an explicit line only.
    #[test]
    fn conformance_functions_say_proves() {
        let source = "/// A claim is one worker's.\n///\n/// Proves: R14, R16\npub async fn one_claim(store: &dyn Store) {}\n\n/// R15 in passing.\npub async fn helper() {}\n";
        check(
            "store/conformance/worker.rs",
            source,
            &["one_claim: R14 R16"],
        );
        check("store/sqlite/worker.rs", source, &[]);
    }

    // What is no test proves nothing: helpers, strings, commented-out code.
    #[test]
    fn only_tests_prove() {
        check("a.rs", "// R5.\nfn helper() {}", &[]);
        check(
            "a.rs",
            "const S: &str = \"\n// R5\n#[test]\nfn r5_x() {}\n\";",
            &[],
        );
        check("a.rs", "// #[test]\n// fn r5_x() {}", &[]);
        check("a.rs", "// R5 far above.\n\n#[test]\nfn x() {}", &["x:"]);
    }
}
