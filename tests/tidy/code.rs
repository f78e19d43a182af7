//! Rules for Rust files.

use xtask::source::Line;

use super::tree::{assert_none, rust, words};

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
fn imports_are_found_in_every_form() {
    let names = named_under_crate(
        "usecrate::{judge::{a,b},runtime::Step};crate::planner::x();super::super::worker",
    );
    assert_eq!(names, ["judge", "runtime", "planner", "worker"]);
}
