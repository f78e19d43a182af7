//! The columns of a list as data: which are shown at which width, which a person can hide or add, and which of
//! them its rows can be ordered by.

use chimera_domain::views::By;
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use super::parts::{col, gap, num};
use crate::model::{Model, Pane};

/// What is left for the last column, however many a person adds.
const REST_MIN: usize = 16;

/// When a column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Whatever a person chooses: without it a row would mislead.
    Always,
    /// Unless a person hides it.
    Usually,
    /// Where a person adds it.
    Asked,
}

/// A column of rows of one kind.
pub(super) struct Column<R> {
    pub(super) name: &'static str,
    pub(super) shown: Shown,
    /// What the rows are ordered by when it is said to be ordered by this column.
    pub(super) by: Option<By>,
    /// From how many columns on it is how wide, with the gap after it; it is not shown where there are fewer. None
    /// for the column that gets what is left.
    pub(super) wide: &'static [(usize, usize)],
    /// Its text stands at the right: numbers and times.
    pub(super) right: bool,
    pub(super) cell: fn(&Model, &R) -> (String, Style),
}

/// A column of text.
pub(super) const fn text<R>(
    name: &'static str,
    shown: Shown,
    wide: &'static [(usize, usize)],
    cell: fn(&Model, &R) -> (String, Style),
) -> Column<R> {
    Column {
        name,
        shown,
        by: None,
        wide,
        right: false,
        cell,
    }
}

/// A column of numbers or times.
pub(super) const fn figure<R>(
    name: &'static str,
    shown: Shown,
    wide: &'static [(usize, usize)],
    cell: fn(&Model, &R) -> (String, Style),
) -> Column<R> {
    Column {
        right: true,
        ..text(name, shown, wide, cell)
    }
}

/// The column that gets what is left.
pub(super) const fn rest<R>(
    name: &'static str,
    cell: fn(&Model, &R) -> (String, Style),
) -> Column<R> {
    text(name, Shown::Always, &[], cell)
}

/// A column that rows can be ordered by.
pub(super) const fn by<R>(by: By, column: &Column<R>) -> Column<R> {
    Column {
        by: Some(by),
        ..*column
    }
}

impl<R> Column<R> {
    fn is_rest(&self) -> bool {
        self.wide.is_empty()
    }

    fn width(&self, columns: usize) -> usize {
        let fits = self.wide.iter().rev().find(|(from, _)| *from <= columns);
        fits.map_or(0, |(_, wide)| *wide)
    }
}

/// How wide each column is, none where it is not shown, and what is left for the last.
fn widths<R>(
    model: &Model,
    pane: Pane,
    table: &[Column<R>],
    columns: usize,
) -> (Vec<usize>, usize) {
    let mut left = columns;
    let widths = table
        .iter()
        .map(|column| {
            let wide = column.width(columns);
            let must = column.shown == Shown::Always;
            let fits = must || left >= wide + REST_MIN || column.shown == Shown::Usually;
            if !is_wanted(model, pane, column) || !fits || wide > left {
                return 0;
            }
            left -= wide;
            wide
        })
        .collect();
    (widths, left)
}

/// Whether it is to be shown where there is room.
fn is_wanted<R>(model: &Model, pane: Pane, column: &Column<R>) -> bool {
    let all = model.switched.get(&pane);
    let is_switched = all.is_some_and(|all| all.contains(column.name));
    match column.shown {
        Shown::Always => true,
        Shown::Usually => !is_switched,
        Shown::Asked => is_switched,
    }
}

/// The columns that there is no room for among so many, although they are to be shown.
pub(super) fn left_out<R>(
    model: &Model,
    pane: Pane,
    table: &[Column<R>],
    columns: usize,
) -> Vec<&'static str> {
    let (widths, _) = widths(model, pane, table, columns);
    let hidden = |(column, wide): &(&Column<R>, usize)| {
        *wide == 0 && !column.is_rest() && is_wanted(model, pane, column)
    };
    let all = table.iter().zip(widths).filter(hidden);
    all.map(|(column, _)| column.name).collect()
}

/// A row under these columns.
pub(super) fn line<R>(
    model: &Model,
    pane: Pane,
    table: &[Column<R>],
    row: &R,
    columns: usize,
) -> Line<'static> {
    let theme = model.theme;
    let (widths, left) = widths(model, pane, table, columns);
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (i, (column, wide)) in table.iter().zip(widths).enumerate() {
        let (text, style) = (column.cell)(model, row);
        if column.is_rest() && i + 1 == table.len() {
            spans.push(col(theme, &text, left, style));
        } else if column.is_rest() {
            let text = col(theme, &text, left.saturating_sub(1), style);
            spans.extend([text, gap(left.min(1))]);
        } else if wide > 0 {
            let draw = if column.right { num } else { col };
            // Of a mark and its word the mark stays where there is room for one of them.
            let mark = text.graphemes(true).next().filter(|_| wide == 2);
            let text = mark.unwrap_or(&text);
            spans.extend([draw(theme, text, wide - 1, style), gap(1)]);
        }
    }
    Line::from(spans)
}

/// What there is to say of a column where a person chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    /// It is always shown.
    pub(crate) fixed: bool,
    /// It is shown unless switched.
    pub(crate) usual: bool,
    /// What the list is ordered by for it.
    pub(crate) by: Option<By>,
}

pub(super) fn about<R>(table: &[Column<R>]) -> Vec<About> {
    let all = table.iter().map(|column| About {
        name: column.name,
        fixed: column.shown == Shown::Always,
        usual: column.shown != Shown::Asked,
        by: column.by,
    });
    all.collect()
}

/// A line of the sheet: whether it is shown, and whether the list can be ordered by it.
pub(super) fn label(model: &Model, pane: Pane, column: &About) -> String {
    let all = model.switched.get(&pane);
    let switched = all.is_some_and(|all| all.contains(column.name));
    let sign = match (column.fixed, column.usual != switched) {
        (true, _) => "[=]",
        (false, true) => "[x]",
        (false, false) => "[ ]",
    };
    let always = if column.fixed { "always shown" } else { "" };
    let own = pane.orders().first().copied();
    let now = model.list(pane).order();
    let by = now.map(|order| order.by).or(own);
    let is_left_out = crate::layout::areas(model)
        .part(pane, false)
        .is_some_and(|part| super::left_out(model, part).contains(&column.name));
    let order = match column.by {
        _ if is_left_out => "there is no room for it here",
        Some(by_this) if by == Some(by_this) => "the list is ordered by it",
        Some(_) => "the list can be ordered by it",
        None => "",
    };
    format!("{sign} {:<12} {always:<14} {order}", column.name)
}
