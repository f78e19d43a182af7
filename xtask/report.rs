//! A report as a table for people and as JSON for programs.

use std::fmt::Write as _;

use crate::check::{Report, Row};
use crate::id::Kind;
use crate::spec::Mark;

impl Report {
    /// One line per list: `R: 12 done, 5 partial, 180 open; 40 named by tests`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        for kind in Kind::ALL {
            let rows: Vec<&Row> = self
                .rows
                .iter()
                .filter(|row| row.item.id.kind == kind)
                .collect();
            if rows.is_empty() {
                continue;
            }
            let marked: Vec<String> = Mark::ALL
                .iter()
                .map(|mark| {
                    let count = rows.iter().filter(|row| row.item.mark == *mark).count();
                    format!("{count} {mark}")
                })
                .collect();
            let named = rows.iter().filter(|row| !row.tests.is_empty()).count();
            line(
                &mut out,
                &format!(
                    "{}: {}; {named} named by tests",
                    kind.letters(),
                    marked.join(", ")
                ),
            );
        }
        out
    }

    /// The table, the summary and the problems.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = format!("{:<8} {:<8} tests\n", "id", "mark");
        for row in &self.rows {
            let tests = match (row.tests.as_slice(), row.item.via.as_slice()) {
                ([], []) => "none".to_owned(),
                ([], via) => {
                    let via: Vec<String> = via.iter().map(ToString::to_string).collect();
                    format!("none of its own; see {}", via.join(", "))
                }
                (tests, _) => tests.join("\n                  "),
            };
            line(
                &mut out,
                &format!(
                    "{:<8} {:<8} {tests}",
                    row.item.id.to_string(),
                    row.item.mark
                ),
            );
        }
        line(&mut out, "");
        out.push_str(&self.summary());
        line(
            &mut out,
            &format!(
                "{} tests read, {} problems",
                self.tests,
                self.problems.len()
            ),
        );
        for problem in &self.problems {
            line(&mut out, &format!("problem: {problem}"));
        }
        out
    }

    /// The same as one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                format!(
                    "{{\"id\":{},\"priority\":{},\"mark\":{},\"text\":{},\"place\":{},\"via\":{},\"tests\":{}}}",
                    quoted(&row.item.id.to_string()),
                    row.item.priority.map_or("null".to_owned(), |p| quoted(&p.to_string())),
                    quoted(&row.item.mark.to_string()),
                    quoted(&row.item.text),
                    quoted(&row.item.place),
                    list(row.item.via.iter().map(ToString::to_string)),
                    list(row.tests.iter().cloned()),
                )
            })
            .collect();
        format!(
            "{{\"tests\":{},\"problems\":{},\"items\":[{}]}}\n",
            self.tests,
            list(self.problems.iter().cloned()),
            rows.join(",")
        )
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = texts.map(|text| quoted(&text)).collect();
    format!("[{}]", quoted.join(","))
}

/// A JSON string. Written here because this package depends on nothing.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_texts;

    fn report() -> Report {
        check_texts(
            &[(
                "specs/a.md".to_owned(),
                "- **R5** (M) [done] Say \"a\\b\".\n- **R6** (S) [open] B.\n- **T001** [partial] C. → R6\n".to_owned(),
            )],
            &[("a.rs".to_owned(), "#[test]\nfn r5_x() {}\n#[test]\nfn r9_y() {}\n".to_owned())],
        )
    }

    // The table names each line's tests, or says that there are none.
    #[test]
    fn table_is_honest_about_none() {
        assert_eq!(
            report().table(),
            "id       mark     tests\n\
             R5       done     a.rs::r5_x\n\
             R6       open     none\n\
             T001     partial  none of its own; see R6\n\
             \n\
             R: 1 done, 0 partial, 1 open; 1 named by tests\n\
             T: 0 done, 1 partial, 0 open; 0 named by tests\n\
             2 tests read, 1 problems\n\
             problem: a.rs:4: the test names R9, which no file in specs/ defines; mend the name or add the line\n"
        );
    }

    // The JSON escapes what it must.
    #[test]
    fn json_is_escaped() {
        let json = report().json();
        assert!(
            json.starts_with("{\"tests\":2,\"problems\":[\"a.rs:4: "),
            "{json}"
        );
        assert!(
            json.contains(r#""id":"R5","priority":"M","mark":"done","text":"Say \"a\\b\".""#),
            "{json}"
        );
        assert!(
            json.contains(r#""priority":null,"mark":"partial""#),
            "{json}"
        );
        assert_eq!(quoted("a\u{1b}b"), "\"a\\u001bb\"");
    }
}
