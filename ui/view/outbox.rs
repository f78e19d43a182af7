//! The outbox: what is on its way out, and what nobody knows the fate of.

use chimera_domain::{
    effect::{EffectKind, EffectState},
    views::{EffectRow, READINGS, mark_after, short_mark},
};
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, list_title, num, rows, title, whose};
use crate::{layout::Part, model::Model};

/// The keys that say each reading, in their order.
const KEYS: [&str; 3] = ["P", "S", "D"];

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let doubted = model.effects.rows.iter();
    let doubted = doubted.filter(|row| row.state == EffectState::Uncertain);
    let note = match doubted.count() {
        0 => String::new(),
        n => format!("{n} uncertain"),
    };
    let head = list_title(model, "outbox", &note, &model.effects);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.effects, frame, |_, row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "Nothing is on its way. What is approved waits here for its fuse, and what nobody knows the fate of stays here until it is known.".into()
}

fn waits(row: &EffectRow) -> bool {
    matches!(row.state, EffectState::Held | EffectState::Prepared)
}

fn line(model: &Model, row: &EffectRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (_, style) = theme.effect(row.state);
    let time = if waits(row) {
        model.until(row.due_at)
    } else {
        model.age(row.moved_at)
    };
    let takes = match row.kind {
        EffectKind::Publish => "",
        EffectKind::Withdraw => "DOWN",
    };
    let mut spans = vec![
        num(theme, &time, 6, theme.quiet()),
        gap(1),
        col(theme, row.state.as_str(), 10, style),
        col(
            theme,
            short_mark(row.simulated, row.dry),
            4,
            theme.simulated(),
        ),
        col(theme, takes, 5, theme.warning()),
    ];
    let room = columns.saturating_sub(26);
    spans.extend(whose(theme, &row.account, &row.text, room));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.effects.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (words, style) = theme.effect(row.state);
    let marked = mark_after(row.simulated, row.dry);
    let when = match row.state {
        EffectState::Held => format!(", leaves in {}", model.until(row.due_at)),
        EffectState::Prepared if row.due_at > model.now => {
            format!(", not before {} from now", model.until(row.due_at))
        }
        EffectState::Prepared => ", leaves as soon as it can".to_owned(),
        EffectState::Sent
        | EffectState::Confirmed
        | EffectState::Failed
        | EffectState::Uncertain
        | EffectState::Withdrawn => format!(" since {}", model.age(row.moved_at)),
    };
    add("state", &format!("{words}{marked}{when}"), style);
    if !row.why.is_empty() {
        add("why", row.why.as_str(), theme.warning());
    }
    let does = match row.kind {
        EffectKind::Publish => "publishes as",
        EffectKind::Withdraw => "takes down a post of",
    };
    let place = format!(
        "{does} {} on {} through {}",
        row.account, row.channel, row.server
    );
    add("does", &place, theme.text());
    add("text", row.text.as_str(), theme.strong());
    if row.state == EffectState::Uncertain {
        match row.kind {
            EffectKind::Publish => {
                let what = "nobody. Look at the platform and say what you saw; until then it is asked for by its key and never repeated:";
                add("knows", what, theme.danger());
                for (key, reading) in KEYS.iter().zip(&READINGS) {
                    add(
                        key,
                        &format!("{}: {}", reading.seen, reading.then),
                        theme.text(),
                    );
                }
            }
            EffectKind::Withdraw => add(
                "knows",
                "nobody; the platform is asked for it. If the post is down, B under published (gp) says so",
                theme.danger(),
            ),
        }
    } else if row.state == EffectState::Held {
        let (key, does) = match row.ticket_id {
            Some(_) => ("u", "takes the decision back while the fuse burns"),
            None => (
                "!",
                "nobody was asked: to keep it from leaving, pause its campaign before the fuse has burnt down",
            ),
        };
        add(key, does, theme.text());
    }
    if row.attempt > 0 {
        let times = if row.attempt == 1 { "time" } else { "times" };
        add("sent", &format!("{} {times}", row.attempt), theme.text());
    }
    add("key", row.idempotency_key.as_str(), theme.quiet());
    add("id", &row.id.to_string(), theme.quiet());
    out
}
