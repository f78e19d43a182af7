//! The audit: every move, decision, halt and install, newest first, each line chained to the one before.

use chimera_domain::views::{AuditRow, By};
use ratatui::{Frame, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, screen},
};
use crate::{layout::Part, model::Model, theme::Theme};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.audit, "", frame, |row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "Nothing is on record yet. The first line is written when a configuration is taken over.".into()
}

/// What a line says: what was done, and why. What moved says so itself; else the verb does.
pub(super) fn says(row: &AuditRow) -> String {
    let moved = match (row.from.is_empty(), row.to.is_empty()) {
        (false, false) => format!("{} > {}", row.from, row.to),
        (true, false) => format!("{} {}", row.verb, row.to),
        (false, true) => format!("{} ended", row.from),
        (true, true) => row.verb.to_string(),
    };
    let reason = match row.reason.as_str() {
        "" | "ordinary" => String::new(),
        reason => format!(" ({reason})"),
    };
    let note = match row.note.as_str() {
        "" => String::new(),
        note => format!(": {note}"),
    };
    format!("{moved}{reason}{note}")
}

/// An id as it can be told apart on a screen: its kind and its last digits. Other subjects as they are.
pub(super) fn short(subject: &str) -> String {
    match subject.split_once('_') {
        Some((kind, hex)) if hex.len() == 32 && hex.is_ascii() => {
            format!("{kind} {}", &hex[24..])
        }
        Some(_) | None => subject.to_owned(),
    }
}

pub(super) const COLUMNS: &[Column<AuditRow>] = &[
    by(
        By::Line,
        &figure("line", Shown::Always, &[(0, 8)], |model, row| {
            (row.seq.to_string(), model.theme.quiet())
        }),
    ),
    text("time", Shown::Usually, &[(0, 6)], |model, row| {
        (row.at.clock_in(&model.settings.zone), model.theme.text())
    }),
    text("actor", Shown::Usually, &[(0, 10)], |model, row| {
        (row.actor.to_string(), model.theme.accent())
    }),
    text("subject", Shown::Usually, &[(0, 13)], |model, row| {
        (short(row.subject.as_str()), model.theme.text())
    }),
    text("verb", Shown::Asked, &[(0, 16)], |model, row| {
        (row.verb.to_string(), model.theme.text())
    }),
    text("trace", Shown::Asked, &[(0, 13)], |model, row| {
        let trace = row.trace_id.map(|trace| trace.to_string());
        (
            trace.map_or_else(String::new, |id| short(&id)),
            model.theme.quiet(),
        )
    }),
    rest("says", |model, row| (says(row), model.theme.text())),
];

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    if let Some(row) = model.audit.row() {
        of_line(model.theme, row, columns, &mut out);
    }
    out
}

/// All of one line of the audit.
pub(super) fn of_line(theme: Theme, row: &AuditRow, columns: usize, out: &mut Vec<Line<'static>>) {
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, out);
    };
    add("what", &says(row), theme.strong());
    let text = format!("{} by {}", row.verb, row.actor);
    add("done", &text, theme.text());
    add("on", row.subject.as_str(), theme.text());
    add("at", &row.at.to_rfc3339(), theme.text());
    let (before, after) = row.versions;
    if before != after {
        let text = match before {
            0 => format!("begins at {after}"),
            _ => format!("{before} before, {after} after"),
        };
        add("version", &text, theme.text());
    }
    if !row.reason.is_empty() {
        add("reason", row.reason.as_str(), theme.text());
    }
    if !row.note.is_empty() {
        add("note", row.note.as_str(), theme.text());
    }
    let text = format!("line {}, {}", row.seq, row.hash);
    add("hash", &text, theme.quiet());
    if let Some(trace) = row.trace_id {
        add("trace", &trace.to_string(), theme.quiet());
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    // R132: an id is told by its kind and its last digits; whatever else is a subject stays as it is.
    #[test]
    fn r132_ids_are_short_and_words_stay() {
        let id = "tsk_019212345678700080000000deadbeef";
        assert_eq!(short(id), "tsk deadbeef");
        for word in ["policy", "server mine_too", "tsk_1", "", "_"] {
            assert_eq!(short(word), word);
        }
        let odd = format!("x_{}", "é".repeat(16));
        assert_eq!(short(&odd), odd);
    }
}
