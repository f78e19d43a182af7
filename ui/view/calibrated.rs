//! Whether the judge is as sure as it should be: answers by how sure it was, what goes out alone, and what another threshold
//! would have meant.
//!
//! What nobody answered is told as no data, in the quiet style and never in that of something good.

use chimera_domain::views::{Advice, Calibration, Share, Tally};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::parts::{col, gap, labelled, unreadable};
use crate::{
    keymap::{Action, Context},
    model::{Model, calibrated::Calibrated},
    theme::Theme,
};

/// The columns of the answers, in the order of their header.
const COUNTS: [&str; 4] = ["n", "as is", "edited", "refused"];

pub(crate) fn lines(model: &Model, shown: &Calibrated, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    match &shown.read {
        None => lines.push(Line::styled(" Reading…", theme.quiet())),
        Some(Err(why)) => lines.extend(unreadable(theme, why, columns)),
        Some(Ok(found)) => {
            buckets(theme, found, &mut lines);
            lines.push(Line::default());
            alone(theme, found, columns, &mut lines);
            lines.push(Line::default());
            advice(theme, found, columns, &mut lines);
        }
    }
    let keys = &model.settings.keys;
    let key = |action| {
        keys.key_of(&[Context::Menu], action)
            .unwrap_or_default()
            .to_owned()
    };
    let foot = format!(
        " {} and {} scroll, {} closes",
        key(Action::Down),
        key(Action::Up),
        key(Action::Back)
    );
    lines.push(Line::styled(foot, theme.quiet()));
    lines
}

/// A share is text; none is quiet.
fn of(theme: Theme, share: Share) -> Style {
    if share.n == 0 {
        theme.quiet()
    } else {
        theme.text()
    }
}

fn buckets(theme: Theme, found: &Calibration, lines: &mut Vec<Line<'static>>) {
    let head: String = COUNTS.iter().map(|name| format!("{name:>8}")).collect();
    lines.push(Line::styled(
        format!(" {:<13}{head}  let out as it was", "last 30 d"),
        theme.quiet(),
    ));
    let mut add = |name: &str, tally: &Tally| {
        let share = tally.kept_share();
        let counts = [tally.n(), tally.kept, tally.edited, tally.refused];
        let counts: String = counts.iter().map(|n| format!("{n:>8}")).collect();
        let style = of(theme, share);
        let told = match (share.percent(), share.interval()) {
            (Some(percent), Some((low, high))) => {
                let (low, high) = (low.ppm() / 10_000, high.ppm().div_ceil(10_000));
                format!("{percent} %, 95 %: {low} to {high} %")
            }
            (_, _) => "no data".to_owned(),
        };
        lines.push(Line::from(vec![
            gap(1),
            col(theme, name, 13, style),
            Span::styled(counts, style),
            gap(2),
            Span::styled(told, style),
        ]));
    };
    for bucket in &found.buckets {
        add(&format!("{} to {}", bucket.from, bucket.to), &bucket.tally);
    }
    add("unscored", &found.unscored);
}

fn alone(theme: Theme, found: &Calibration, columns: usize, lines: &mut Vec<Line<'static>>) {
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, lines);
    };
    let wrong = found.sampled.not_kept_share();
    let text = if wrong.n == 0 {
        "no data (n = 0): `thresholds: sample` in budget.yaml shows a share of it to a person"
            .into()
    } else {
        format!("not let out as it was by whoever saw it as a sample: {wrong}")
    };
    add("alone", &text, of(theme, wrong));
    let down = found.alone.down_share();
    let text = format!("alone, and taken down since: {down}");
    add("went out", &text, of(theme, down));
    let text = format!("of all answers, taken back: {}", found.reversed);
    add("undone", &text, of(theme, found.reversed));
    for (i, person) in found.probes.iter().enumerate() {
        let label = if i == 0 { "probes" } else { "" };
        add(label, &person.to_string(), of(theme, person.caught));
    }
}

fn advice(theme: Theme, found: &Calibration, columns: usize, lines: &mut Vec<Line<'static>>) {
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, lines);
    };
    let style = match found.advice {
        Advice::NoThreshold | Advice::Unknown { .. } => theme.quiet(),
        Advice::Stay { .. } | Advice::Lower(_) => theme.text(),
        Advice::Raise(_) | Advice::TooOften(_) => theme.warning(),
    };
    add("advice", &found.advice.to_string(), style);
    for (i, step) in found.tried.iter().enumerate() {
        let label = if i == 0 { "tried" } else { "" };
        let style = if step.moved == 0 {
            theme.quiet()
        } else {
            theme.text()
        };
        add(label, &step.to_string(), style);
    }
    if found.window.is_some() {
        let text = "nothing is saved here: write `thresholds: auto_approve:` in budget.yaml and start again; `chimera replay --threshold auto_approve=SCORE` makes every stored verdict again with one";
        add("to move it", text, theme.quiet());
    }
}
