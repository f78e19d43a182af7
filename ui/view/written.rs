//! A post that is being written, and what it changes, word by word.

use chimera_domain::{Safe, views::handover::LABEL};
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use similar::{ChangeTag, TextDiff};

use super::parts::{gap, labelled};
use crate::{
    keymap::{Action, Context},
    model::{
        Model,
        note::Note,
        overlay::Written,
        writing::{Writing, row_of, rows},
    },
    text::{width, wrap},
    theme::Theme,
};

/// So many lines stay in sight above the cursor when the text is longer than the screen.
const ABOVE: usize = 6;

/// What is left for the text beside its margin and the cursor behind its end.
pub(super) fn columns(sheet: usize) -> usize {
    sheet.saturating_sub(3).max(1)
}

/// The text with its cursor; and the line that must be in sight.
pub(super) fn writing(
    model: &Model,
    writing: &Writing,
    sheet: usize,
) -> (Vec<Line<'static>>, usize) {
    let mut lines = vec![count(model, writing.graphemes())];
    let here = area(model.theme, writing, sheet, &mut lines);
    let key = |action| {
        let keys = &model.settings.keys;
        keys.key_of(&[Context::Writing], action).unwrap_or_default()
    };
    let hint = format!(
        " {} shows what it changes, {} your editor, {} drops it",
        key(Action::Ready),
        key(Action::Editor),
        key(Action::Back)
    );
    lines.push(Line::styled(hint, model.theme.quiet()));
    (lines, (here + 1).saturating_sub(ABOVE))
}

/// The text alone with its cursor, and in which of its rows that stands.
pub(super) fn area(
    theme: Theme,
    writing: &Writing,
    sheet: usize,
    lines: &mut Vec<Line<'static>>,
) -> usize {
    let text = writing.text();
    let rows = rows(text, columns(sheet));
    let here = row_of(&rows, writing.cursor());
    for (at, row) in rows.iter().enumerate() {
        let mut spans = vec![gap(1)];
        if at == here {
            let (left, rest) = (
                &text[row.start..writing.cursor().min(row.end)],
                &text[writing.cursor().min(row.end)..row.end],
            );
            let under = first_of(rest);
            spans.push(Span::styled(left.to_owned(), theme.text()));
            let shown = if under.is_empty() { " " } else { under };
            spans.push(Span::styled(shown.to_owned(), theme.selected()));
            spans.push(Span::styled(rest[under.len()..].to_owned(), theme.text()));
        } else {
            spans.push(Span::styled(text[row.clone()].to_owned(), theme.text()));
        }
        lines.push(Line::from(spans));
    }
    here
}

fn first_of(text: &str) -> &str {
    unicode_segmentation::UnicodeSegmentation::graphemes(text, true)
        .next()
        .unwrap_or_default()
}

/// How long it is, and how long it may be.
fn count(model: &Model, used: usize) -> Line<'static> {
    let theme = model.theme;
    let Some(card) = &model.review.card else {
        return Line::default();
    };
    let Some(post) = card.post() else {
        return Line::default();
    };
    let limit = post.graphemes.1;
    let text = format!(" {used} of {limit} on {}", card.row.channel);
    if used > limit {
        Line::styled(format!("{text}, {} TOO LONG", used - limit), theme.danger())
    } else {
        Line::styled(text, theme.quiet())
    }
}

/// What was written, beside what was asked about, and what follows.
pub(super) fn ready(model: &Model, ready: &Written, sheet: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = vec![count(model, ready.writing.graphemes())];
    lines.extend(diff(
        theme,
        ready.before.as_str(),
        ready.writing.text(),
        sheet,
    ));
    let mut say = |text: &str, style: Style| {
        for line in wrap(text, sheet.saturating_sub(1)) {
            lines.push(Line::from(vec![gap(1), Span::styled(line, style)]));
        }
    };
    if let Some(card) = &model.review.card {
        let mark = chimera_domain::views::mark_after(card.row.simulated, card.row.dry);
        let text = format!(
            "The judge looks at it once more; if nothing stands in its way it is held for {} and goes to {} on {}{mark}.",
            card.fuse, card.row.account, card.row.channel
        );
        say(&text, theme.text());
    }
    match &ready.word {
        Some((word, why)) => {
            say(&format!("Not routine: {why}."), theme.warning());
            say(
                &format!("Type {word} to approve; Esc cancels:"),
                theme.text(),
            );
        }
        None => say("Enter approves it, Esc cancels", theme.quiet()),
    }
    lines
}

/// This attempt beside the one before.
pub(super) fn before(model: &Model, sheet: usize) -> Vec<Line<'static>> {
    let Some(card) = &model.review.card else {
        return Vec::new();
    };
    let Some(post) = card.post() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut lines = Vec::new();
    let (mut nth, mut now) = (post.attempt.0, card.text.as_str());
    for older in &post.attempts {
        let head = format!(
            "attempt {nth} against {}, which was refused for:",
            older.attempt
        );
        lines.push(Line::styled(format!(" {head}"), theme.strong()));
        for text in wrap(&older.told(), sheet.saturating_sub(3)) {
            lines.push(Line::styled(format!("   {text}"), theme.warning()));
        }
        lines.extend(diff(theme, older.text.as_str(), now, sheet));
        (nth, now) = (older.attempt, older.text.as_str());
    }
    lines.push(Line::styled(
        " [-what was-] {+what is+}; Esc closes",
        theme.quiet(),
    ));
    lines
}

/// Word by word: what went is in `[- -]`, what came in `{+ +}`, so that it can be read without colours.
fn diff(theme: Theme, before: &str, after: &str, sheet: usize) -> Vec<Line<'static>> {
    let columns = columns(sheet);
    let diff = TextDiff::from_unicode_words(before, after);
    let mut pieces: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match pieces.last_mut() {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            Some(_) | None => pieces.push((change.tag(), change.value().to_owned())),
        }
    }
    let mut flow = Flow::new(columns);
    for (tag, text) in pieces {
        let text = Safe::block(&text);
        match tag {
            ChangeTag::Equal => flow.push(text.as_str(), theme.text()),
            ChangeTag::Delete => flow.push(&format!("[-{text}-]"), theme.danger()),
            ChangeTag::Insert => flow.push(&format!("{{+{text}+}}"), theme.good()),
        }
    }
    flow.lines()
}

/// Styled words that run on from line to line.
struct Flow {
    columns: usize,
    lines: Vec<Vec<Span<'static>>>,
    used: usize,
}

impl Flow {
    fn new(columns: usize) -> Self {
        Self {
            columns,
            lines: vec![vec![gap(1)]],
            used: 0,
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.break_line();
            }
            for word in line.split_inclusive(' ') {
                let wide = width(word.trim_end());
                if self.used > 0 && self.used + wide > self.columns {
                    self.break_line();
                }
                for piece in wrap(word, self.columns) {
                    if self.used > 0 && self.used + width(piece.trim_end()) > self.columns {
                        self.break_line();
                    }
                    self.used += width(&piece);
                    if let Some(line) = self.lines.last_mut() {
                        line.push(Span::styled(piece, style));
                    }
                }
            }
        }
    }

    fn break_line(&mut self) {
        self.lines.push(vec![gap(1)]);
        self.used = 0;
    }

    fn lines(self) -> Vec<Line<'static>> {
        self.lines.into_iter().map(Line::from).collect()
    }
}

/// A hand-over note: whose it is where it was left, what was made, and what was added.
pub(super) fn note(model: &Model, note: &Note, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    let say = |lines: &mut Vec<Line<'static>>, text: &str, style: Style| {
        for line in wrap(text, columns.saturating_sub(1)) {
            lines.push(Line::from(vec![gap(1), Span::styled(line, style)]));
        }
    };
    if let Some(by) = &note.from {
        say(&mut lines, &format!("{by} left this:"), theme.strong());
    }
    match &note.made {
        Some(made) => {
            for line in made.as_str().lines() {
                // What stands beside a word stays beside it.
                let at = line
                    .char_indices()
                    .nth(LABEL + 1)
                    .map_or(line.len(), |(at, _)| at);
                let (word, text) = line.split_at(at);
                labelled(
                    theme,
                    word.trim_end(),
                    text,
                    theme.text(),
                    columns,
                    &mut lines,
                );
            }
        }
        None => say(&mut lines, "reading…", theme.quiet()),
    }
    for line in &note.lines {
        say(&mut lines, line.as_str(), theme.accent());
    }
    lines
}
