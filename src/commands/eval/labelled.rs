//! Labelled lines from a file: JSON Lines, or CSV with a header line.

use std::{fs::File, io::Read, path::Path};

use chimera_domain::{Safe, Score};
use serde_json::{Map, Value};

use crate::fault::Fault;

/// The largest file that is read.
const BYTES_MAX: u64 = 256 << 20;

/// One line of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Where it begins, from 1.
    line: usize,
    fields: Map<String, Value>,
}

/// The lines of a file, and its name for what is wrong with them.
#[derive(Debug)]
pub(super) struct Labels {
    file: String,
    pub(super) rows: Vec<Row>,
}

impl Labels {
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let file = path.display().to_string();
        let cannot = |error: &std::io::Error| Fault::failed(&format!("cannot read {file}"), error);
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|open| open.take(BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(|error| cannot(&error))?;
        if u64::try_from(bytes.len()).is_ok_and(|read| read > BYTES_MAX) {
            return Err(Fault::Usage(format!(
                "{file} is larger than {} MiB; measure it in parts",
                BYTES_MAX >> 20
            )));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| Fault::Usage(format!("{file} is not UTF-8 text")))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let is_csv = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let rows = if is_csv { csv(text) } else { json_lines(text) };
        let rows = rows.map_err(|(line, what)| Fault::Usage(format!("{file}:{line}: {what}")))?;
        if rows.is_empty() {
            return Err(Fault::Usage(format!("{file} has no labelled line")));
        }
        Ok(Self { file, rows })
    }

    /// The text of a column that must be there.
    pub(super) fn text<'r>(&self, row: &'r Row, column: &str) -> Result<&'r str, Fault> {
        row.text(column)
            .ok_or_else(|| self.wrong(row, &format!("there is no text in the column `{column}`")))
    }
}

impl Labels {
    /// The text of a detector's line: of the column that was named, or of `text` or `title`.
    pub(super) fn text_of<'r>(&self, row: &'r Row, named: Option<&str>) -> Result<&'r str, Fault> {
        match named {
            Some(column) => self.text(row, column),
            None => row.text("text").map_or_else(|| self.text(row, "title"), Ok),
        }
    }

    /// The text of the first of these columns that is there.
    pub(super) fn first_of<'r>(&self, row: &'r Row, columns: &[&str]) -> Result<&'r str, Fault> {
        let found = columns.iter().find_map(|column| row.text(column));
        found.ok_or_else(|| {
            let columns: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
            self.wrong(
                row,
                &format!("there is no text in {}", columns.join(" or ")),
            )
        })
    }

    /// The label of a line, a number too, as a word in lower case.
    pub(super) fn label(&self, row: &Row) -> Result<String, Fault> {
        self.word(row, "label")
    }

    /// What stands in a column, a number too, as a word in lower case.
    pub(super) fn word(&self, row: &Row, column: &str) -> Result<String, Fault> {
        let word = match row.fields.get(column) {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(yes)) => u8::from(*yes).to_string(),
            Some(Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_)) | None => {
                self.text(row, column)?.to_owned()
            }
        };
        Ok(word.trim().to_lowercase())
    }

    /// A score from 0 to 1, a number or the text of one; `None` where the column is not there or is empty.
    pub(super) fn score(&self, row: &Row, column: &str) -> Result<Option<Score>, Fault> {
        let wrong = |given: &str| {
            let told =
                format!("`{given}` in the column `{column}` is no score (a number from 0 to 1)");
            self.wrong(row, &told)
        };
        let number = match row.fields.get(column) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().parse().map_err(|_| wrong(text))?,
            Some(Value::Number(number)) => {
                number.as_f64().ok_or_else(|| wrong(&number.to_string()))?
            }
            Some(other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))) => {
                return Err(wrong(&other.to_string()));
            }
        };
        Score::from_unit(number)
            .map(Some)
            .map_err(|_| wrong(&number.to_string()))
    }

    /// Yes or no, as 1 or 0; `None` where the column is not there or is empty.
    pub(super) fn flag(&self, row: &Row, column: &str) -> Result<Option<bool>, Fault> {
        let word = match row.fields.get(column) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_lowercase(),
            Some(
                other @ (Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_)),
            ) => other.to_string(),
        };
        match word.as_str() {
            "" => Ok(None),
            "1" | "true" => Ok(Some(true)),
            "0" | "false" => Ok(Some(false)),
            other => {
                let told = format!("`{other}` in the column `{column}` is neither 1 nor 0");
                Err(self.wrong(row, &told))
            }
        }
    }

    /// What is wrong with a line, with its place.
    pub(super) fn wrong(&self, row: &Row, what: &str) -> Fault {
        let what = Safe::line(what);
        Fault::Usage(format!("{}:{}: {}", self.file, row.line, what.as_str()))
    }
}

impl Row {
    /// Where it begins, from 1.
    pub(super) const fn line(&self) -> usize {
        self.line
    }

    /// The text of a column; `None` when it is not there, holds no text, or only blanks.
    pub(super) fn filled(&self, column: &str) -> Option<&str> {
        self.text(column).filter(|text| !text.trim().is_empty())
    }

    /// Whether a column holds anything.
    pub(super) fn has(&self, column: &str) -> bool {
        self.fields.get(column).is_some_and(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
        })
    }

    /// The text of a column; `None` when it is not there or holds no text.
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        self.fields.get(column).and_then(Value::as_str)
    }
}

type Wrong = (usize, String);

fn json_lines(text: &str) -> Result<Vec<Row>, Wrong> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| match serde_json::from_str(line) {
            Ok(Value::Object(fields)) => Ok(Row {
                line: at + 1,
                fields,
            }),
            Ok(_) => Err((at + 1, "expected an object, `{\"column\": …}`".to_owned())),
            Err(error) => Err((at + 1, Safe::line(&error.to_string()).to_string())),
        })
        .collect()
}

/// CSV as spreadsheets write it: fields in quotes may hold commas, line ends and doubled quotes.
fn csv(text: &str) -> Result<Vec<Row>, Wrong> {
    let mut records = records(text)?.into_iter();
    let Some((_, header)) = records.next() else {
        return Ok(Vec::new());
    };
    let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    records
        .map(|(line, record)| {
            if record.len() != header.len() {
                return Err((
                    line,
                    format!(
                        "{} fields where the header has {}",
                        record.len(),
                        header.len()
                    ),
                ));
            }
            let fields = record.into_iter().map(Value::String);
            Ok(Row {
                line,
                fields: header.iter().cloned().zip(fields).collect(),
            })
        })
        .collect()
}

fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, Wrong> {
    let (mut out, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut began, mut quoted) = (1, 1, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        line += usize::from(c == '\n');
        match c {
            '"' if quoted.is_some() => {
                if chars.next_if_eq(&'"').is_some() {
                    field.push('"');
                } else {
                    quoted = None;
                }
            }
            '"' if field.is_empty() => quoted = Some(line),
            c if quoted.is_some() => field.push(c),
            ',' => record.push(std::mem::take(&mut field)),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                if !(record.is_empty() && field.is_empty()) {
                    record.push(std::mem::take(&mut field));
                    out.push((began, std::mem::take(&mut record)));
                }
                began = line;
            }
            c => field.push(c),
        }
    }
    if let Some(opened) = quoted {
        return Err((
            opened,
            "the quote that opens here is never closed".to_owned(),
        ));
    }
    if !(record.is_empty() && field.is_empty()) {
        record.push(field);
        out.push((began, record));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_csv(text: &str, expected: &Value) {
        let got = match csv(text) {
            Ok(rows) => json!(
                rows.into_iter()
                    .map(|row| json!([row.line, row.fields]))
                    .collect::<Vec<_>>()
            ),
            Err((line, what)) => json!({"line": line, "what": what}),
        };
        assert_eq!(got, *expected, "{text:?}");
    }

    // CSV is read as spreadsheets write it, and what is wrong is told with its line.
    #[test]
    fn csv_is_read_as_spreadsheets_write_it() {
        check_csv(
            "title,topic\n\"a, \"\"b\"\"\nc\",x\r\n,none",
            &json!([
                [2, {"title": "a, \"b\"\nc", "topic": "x"}],
                [4, {"title": "", "topic": "none"}],
            ]),
        );
        check_csv("", &json!([]));
        check_csv("title,topic\n", &json!([]));
        check_csv(
            "a,b\n1\n",
            &json!({"line": 2, "what": "1 fields where the header has 2"}),
        );
        check_csv(
            "a\nx\n\"y\nz",
            &json!({"line": 3, "what": "the quote that opens here is never closed"}),
        );
    }

    // A line that is no object, and a column that is missing, are told with the line.
    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = json_lines("{\"a\":\"b\"}\n\n[1]").unwrap_err();
        assert_eq!(wrong.0, 3);
        let rows = json_lines("\n{\"title\":\"b\",\"n\":1}").unwrap();
        let labels = Labels {
            file: "f".into(),
            rows,
        };
        let row = &labels.rows[0];
        assert_eq!(labels.text(row, "title").unwrap(), "b");
        let told = labels.text(row, "n").unwrap_err().to_string();
        assert_eq!(told, "f:2: there is no text in the column `n`");
    }
}
