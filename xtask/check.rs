//! Joins what is asked with what shows it, and says where the two disagree.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::id::Id;
use crate::proofs::{self, Proof};
use crate::spec::{self, Item, Mark};
use crate::walk;

/// One spec line and the tests that name it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line.
    pub item: Item,
    /// `file::function` of every test naming it.
    pub tests: Vec<String>,
}

/// The whole of a check.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In order of id.
    pub rows: Vec<Row>,
    /// What must be mended; empty when all is well.
    pub problems: Vec<String>,
    /// How many tests were read, naming something or not.
    pub tests: usize,
}

/// Checks the tree under `root`.
///
/// # Errors
/// When a file or folder cannot be read.
pub fn check_tree(root: &Path) -> io::Result<Report> {
    let specs = walk::read(root, &root.join("specs"), "md")?;
    let sources = walk::read(root, root, "rs")?;
    Ok(check_texts(&specs, &sources))
}

/// Checks texts given as `(path, content)`.
#[must_use]
pub fn check_texts(specs: &[(String, String)], sources: &[(String, String)]) -> Report {
    let mut problems = Vec::new();
    let mut rows: BTreeMap<Id, Row> = BTreeMap::new();
    for (file, text) in specs {
        let (items, malformed) = spec::parse(file, text);
        problems.extend(malformed);
        for item in items {
            if let Some(first) = rows.get(&item.id) {
                problems.push(format!(
                    "{}: {} is defined twice; first at {}",
                    item.place, item.id, first.item.place
                ));
                continue;
            }
            let tests = Vec::new();
            rows.insert(item.id, Row { item, tests });
        }
    }
    let proofs: Vec<Proof> = sources
        .iter()
        .flat_map(|(file, source)| proofs::parse(file, source))
        .collect();
    for proof in &proofs {
        for id in &proof.ids {
            match rows.get_mut(id) {
                Some(row) => row.tests.push(proof.test.clone()),
                None => problems.push(format!(
                    "{}: the test names {id}, which no file in specs/ defines; mend the name or add the line",
                    proof.place
                )),
            }
        }
    }
    for row in rows.values() {
        let Item { id, place, via, .. } = &row.item;
        for carried in via.iter().filter(|carried| !rows.contains_key(carried)) {
            problems.push(format!(
                "{place}: {id} points to {carried}, which is not defined"
            ));
        }
        if row.item.mark == Mark::Done && !is_proved(row, &rows) {
            problems.push(format!(
                "{place}: {id} is marked done and no test names it; name it in a test (`fn {}_…` or a comment above) or mark it [partial]",
                spelled_in_name(*id)
            ));
        }
    }
    Report {
        rows: rows.into_values().collect(),
        problems,
        tests: proofs.len(),
    }
}

/// A line is proved by a test that names it; a task also when every requirement it was carried into is.
fn is_proved(row: &Row, rows: &BTreeMap<Id, Row>) -> bool {
    let named = |id: &Id| rows.get(id).is_some_and(|row| !row.tests.is_empty());
    !row.tests.is_empty() || (!row.item.via.is_empty() && row.item.via.iter().all(named))
}

fn spelled_in_name(id: Id) -> String {
    id.to_string().to_ascii_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spec: &str, source: &str) -> Report {
        let file = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
        check_texts(&file("specs/a.md", spec), &file("src/a.rs", source))
    }

    fn problem(spec: &str, source: &str) -> String {
        check(spec, source).problems.join("\n")
    }

    const TEST_OF_R5: &str = "#[test]\nfn r5_holds() {}\n";

    // A done line with its test, and open lines without, are well.
    #[test]
    fn what_is_proved_may_be_done() {
        let report = check(
            "- **R5** (M) [done] A.\n- **R6** (S) [open] B.\n",
            TEST_OF_R5,
        );
        assert_eq!(report.problems, Vec::<String>::new());
        assert_eq!(report.rows[0].tests, ["src/a.rs::r5_holds"]);
        assert_eq!(report.rows[1].tests, Vec::<String>::new());
    }

    // Done without a test is refused; partial without one is not.
    #[test]
    fn done_needs_a_test() {
        assert!(
            problem("- **R5** (M) [done] A.\n", "")
                .contains("R5 is marked done and no test names it")
        );
        assert_eq!(problem("- **R5** (M) [partial] A.\n", ""), "");
    }

    // A task stands on its own test or on all the requirements it became.
    #[test]
    fn a_task_is_proved_by_what_it_became() {
        let spec = "- **R5** (M) [open] A.\n- **R6** (M) [open] B.\n- **T001** [done] C. → R5\n";
        assert_eq!(problem(spec, TEST_OF_R5), "");
        assert!(
            problem(&spec.replace("→ R5", "→ R5, R6"), TEST_OF_R5).contains("T001 is marked done")
        );
        assert!(problem(&spec.replace("→ R5", "→ R7"), TEST_OF_R5).contains("points to R7"));
    }

    // A test cannot name what nobody asked for, and a line has one place.
    #[test]
    fn unknown_and_double_ids_are_refused() {
        assert!(
            problem("- **R6** (M) [open] A.\n", TEST_OF_R5).contains("names R5, which no file")
        );
        assert!(
            problem("- **R5** (M) [open] A.\n- **R5** (M) [open] B.\n", "")
                .contains("specs/a.md:2: R5 is defined twice")
        );
    }
}
