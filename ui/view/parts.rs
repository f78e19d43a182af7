//! What all panes are made of: a title rule, columns, rows under a cursor, a detail that scrolls.

use chimera_domain::{Safe, Timestamp};
use ratatui::{
    Frame,
    layout::Rect,
    style::{Style, Styled},
    text::{Line, Span},
};

use super::{empty, put};
use crate::{
    layout::Part,
    model::{
        Model,
        list::{AnyList, List, Row},
    },
    text::{cut, fit, fit_right, width, wrap},
    theme::Theme,
};

/// A column to the left.
pub(super) fn col(theme: Theme, text: &str, columns: usize, style: Style) -> Span<'static> {
    Span::styled(fit(text, columns, theme.marks().cut), style)
}

/// A column to the right, for numbers.
pub(super) fn num(theme: Theme, text: &str, columns: usize, style: Style) -> Span<'static> {
    Span::styled(fit_right(text, columns, theme.marks().cut), style)
}

pub(super) fn gap(columns: usize) -> Span<'static> {
    Span::raw(" ".repeat(columns))
}

/// What of a title is rule and space around its words, with some rule left to be seen.
const TITLE_RULES: usize = 14;

/// What a title line says.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub(super) name: String,
    pub(super) note: String,
    pub(super) right: String,
}

/// `─ NAME note ───────── right ─`
pub(super) fn title(
    model: &Model,
    area: Rect,
    focused: bool,
    title: &Title,
    frame: &mut Frame<'_>,
) {
    let theme = model.theme;
    let marks = theme.marks();
    let all = usize::from(area.width);
    let rule = theme.rule(focused);
    let name = cut(&format!(" {} ", title.name), all, marks.cut);
    let mut spans = vec![
        Span::styled(marks.horizontal, rule),
        Span::styled(name, theme.title(focused)),
    ];
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    let right = if title.right.is_empty() {
        String::new()
    } else {
        format!(" {} {}", title.right, marks.horizontal)
    };
    let room = all.saturating_sub(used + width(&right) + 2);
    let note = cut(&title.note, room.saturating_sub(1), marks.cut);
    if !note.is_empty() {
        spans.push(Span::styled(format!(" {note} "), theme.text()));
    }
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    let fill = all.saturating_sub(used + width(&right));
    spans.push(Span::styled(marks.horizontal.repeat(fill), rule));
    spans.push(Span::styled(right, theme.quiet()));
    put(frame, area, 0, &Line::from(spans));
}

pub(super) fn divider(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let line = Line::styled(model.theme.marks().vertical, model.theme.quiet());
    for row in 0..area.height {
        put(frame, area, usize::from(row), &line);
    }
}

/// `12/340`, what is filtered, what is new, whether it is frozen.
pub(super) fn list_title<R: Row>(model: &Model, part: Part, note: &str, list: &List<R>) -> Title {
    let marks = model.theme.marks();
    let mut notes = Vec::new();
    if !note.is_empty() {
        notes.push(note.to_owned());
    }
    if !list.filter.is_empty() {
        notes.push(format!("/{}", list.filter));
    }
    if let Some(order) = list.order {
        notes.push(order.says());
    }
    if list.fresh > 0 {
        notes.push(format!("+{} new", list.fresh));
    }
    if list.frozen {
        notes.push("FROZEN".into());
    }
    let mut right = match list.place() {
        Some(place) => {
            let here = u64::try_from(list.rows.len()).unwrap_or(0);
            format!("{place}/{}", list.total.max(place).max(here))
        }
        None => String::new(),
    };
    let name = part.pane.name().to_uppercase();
    let note = notes.join(&format!(" {} ", marks.dot));
    let left_out = super::left_out(model, part).len();
    if left_out > 0 && !list.rows.is_empty() {
        let s = if left_out == 1 { "" } else { "s" };
        let told = format!("{}{left_out} column{s} {right}", marks.cut);
        // In words where nothing else has to go for them.
        let all = width(&name) + width(&note) + width(&told) + TITLE_RULES;
        right = if all <= usize::from(part.area.width) {
            told
        } else {
            format!("{}{right}", marks.cut)
        };
    }
    Title { name, note, right }
}

/// Marks have a column of their own as long as there are any.
fn shows_marks(model: &Model, part: Part) -> bool {
    let marked = model.list(part.pane).marked();
    !marked.is_empty() || marked.from.is_some()
}

/// How many columns a row has beside the cursor and its mark.
pub(super) fn inner(model: &Model, part: Part) -> usize {
    let beside = if shows_marks(model, part) { 3 } else { 2 };
    usize::from(part.rows().width).saturating_sub(beside)
}

/// The visible rows of a list, with the cursor, or why there are none.
pub(super) fn rows<R: Row>(
    model: &Model,
    part: Part,
    list: &List<R>,
    frame: &mut Frame<'_>,
    line: impl Fn(usize, &R, usize) -> Line<'static>,
) {
    let area = part.rows();
    let theme = model.theme;
    if list.rows.is_empty() {
        for (row, text) in empty::lines(model, part.pane, usize::from(area.width))
            .iter()
            .enumerate()
        {
            put(frame, area, row, &Line::styled(text.clone(), theme.quiet()));
        }
        return;
    }
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    let marked = list.marked();
    let range = list.range().unwrap_or_default();
    let shows_marks = shows_marks(model, part);
    let inner = inner(model, part);
    let visible = list
        .rows
        .iter()
        .enumerate()
        .skip(list.top)
        .take(usize::from(area.height));
    for (at, (index, row)) in visible.enumerate() {
        let selected = list.selected == Some(row.id());
        let mut content = line(index, row, inner);
        if shows_marks {
            let id = row.id().to_string();
            let is_marked = marked.has(&id) || range.contains(&id);
            let mark = if is_marked { theme.marks().marked } else { " " };
            content.spans.insert(0, Span::styled(mark, theme.key()));
        }
        let mark = if selected { theme.marks().cursor } else { " " };
        content.spans.insert(0, Span::styled(mark, theme.accent()));
        if selected && focused {
            content = plain(&content, usize::from(area.width)).set_style(theme.selected());
        }
        put(frame, area, at, &content);
    }
}

/// A screen whose title says no more than its name and a note: the title and the rows.
pub(super) fn screen<R: Row>(
    model: &Model,
    part: Part,
    list: &List<R>,
    note: &str,
    frame: &mut Frame<'_>,
    line: impl Fn(&R, usize) -> Line<'static>,
) {
    let head = list_title(model, part, note, list);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, list, frame, |_, row, columns| {
        line(row, columns)
    });
}

/// One style for the whole row: colours inside a reversed row are hard to read.
fn plain(line: &Line<'static>, columns: usize) -> Line<'static> {
    let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
    Line::from(fit(&text, columns, ""))
}

/// The detail of the selected row, scrolled when it has the focus.
pub(super) fn detail(model: &Model, part: Part, lines: &[Line<'static>], frame: &mut Frame<'_>) {
    let focused = model.focus.pane == part.pane && model.focus.detail;
    let scroll = if focused { model.detail_scroll } else { 0 };
    let area = part.inside();
    let height = usize::from(area.height);
    let head = Title {
        name: part.pane.about().thing.to_uppercase(),
        right: scroll_mark(lines.len(), scroll, height),
        ..Title::default()
    };
    title(model, part.area, focused, &head, frame);
    for (row, line) in lines.iter().skip(scroll).take(height).enumerate() {
        put(frame, area, row, line);
    }
}

/// `12/40` when there is more than is visible.
pub(super) fn scroll_mark(lines: usize, scroll: usize, height: usize) -> String {
    if lines > height {
        format!("{}/{lines}", (scroll + height).min(lines))
    } else {
        String::new()
    }
}

/// How wide the names in front of a detail are.
const LABEL: usize = 10;

/// `label    text`, the text wrapped beside it.
pub(super) fn labelled(
    theme: Theme,
    label: &str,
    text: &str,
    style: Style,
    columns: usize,
    out: &mut Vec<Line<'static>>,
) {
    let room = columns.saturating_sub(LABEL + 2).max(1);
    for (i, line) in crate::text::wrap(text, room).into_iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        out.push(Line::from(vec![
            gap(1),
            col(theme, label, LABEL - 1, theme.quiet()),
            gap(1),
            Span::styled(line, style),
        ]));
    }
}

/// What a sheet says when what it shows could not be read.
pub(super) fn unreadable(theme: Theme, why: &Safe, columns: usize) -> Vec<Line<'static>> {
    wrap(
        &format!("Could not be read: {why}"),
        columns.saturating_sub(1),
    )
    .into_iter()
    .map(|text| Line::from(vec![gap(1), Span::styled(text, theme.danger())]))
    .collect()
}

/// When something was: the clock, and how long ago.
pub(super) fn when(model: &Model, at: Timestamp) -> String {
    let zone = &model.settings.zone;
    format!("{} ({} ago)", at.clock_in(zone), model.age(at))
}
