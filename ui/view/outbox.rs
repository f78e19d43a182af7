//! The outbox: what is on its way out, and what nobody knows the fate of.

use chimera_domain::{
    effect::{EffectKind, EffectState},
    views::{By, EffectRow, READINGS, mark_after, short_mark},
};
use ratatui::{Frame, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, list_title, rows, title},
};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

/// What says each reading, in their order.
const SAYS: [Action; 3] = [Action::SayPublic, Action::SendAgain, Action::GiveUp];

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let doubted = model.effects.rows.iter();
    let doubted = doubted.filter(|row| row.state == EffectState::Uncertain);
    let note = match doubted.count() {
        0 => String::new(),
        n => format!("{n} uncertain"),
    };
    let head = list_title(model, part, &note, &model.effects);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.effects, frame, |_, row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "Nothing is on its way. What is approved waits here for its fuse, and what nobody knows the fate of stays here until it is known.".into()
}

fn waits(row: &EffectRow) -> bool {
    matches!(row.state, EffectState::Held | EffectState::Prepared)
}

pub(super) const COLUMNS: &[Column<EffectRow>] = &[
    by(
        By::Due,
        &figure("due", Shown::Always, &[(0, 7)], |model, row| {
            let time = if waits(row) {
                model.until(row.due_at)
            } else {
                model.age(row.moved_at)
            };
            (time, model.theme.quiet())
        }),
    ),
    text("state", Shown::Always, &[(0, 10)], |model, row| {
        let (_, style) = model.theme.effect(row.state);
        (row.state.to_string(), style)
    }),
    text("reach", Shown::Always, &[(0, 4)], |model, row| {
        let mark = short_mark(row.simulated, row.dry);
        (mark.to_owned(), model.theme.simulated())
    }),
    text("takes", Shown::Always, &[(0, 5)], |model, row| {
        let takes = match row.kind {
            EffectKind::Publish => "",
            EffectKind::Withdraw => "DOWN",
        };
        (takes.to_owned(), model.theme.warning())
    }),
    by(
        By::Moved,
        &figure("moved", Shown::Asked, &[(0, 7)], |model, row| {
            (model.age(row.moved_at), model.theme.quiet())
        }),
    ),
    figure("sent", Shown::Asked, &[(0, 5)], |model, row| {
        (row.attempt.to_string(), model.theme.text())
    }),
    text("server", Shown::Asked, &[(0, 12)], |model, row| {
        (row.server.to_string(), model.theme.quiet())
    }),
    text("account", Shown::Usually, &[(62, 15)], |model, row| {
        (row.account.to_string(), model.theme.accent())
    }),
    rest("text", |model, row| {
        (row.text.to_string(), model.theme.text())
    }),
];

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
                for (action, reading) in SAYS.into_iter().zip(&READINGS) {
                    add(
                        &model.key(action),
                        &format!("{}: {}", reading.seen, reading.then),
                        theme.text(),
                    );
                }
            }
            EffectKind::Withdraw => add(
                "knows",
                &format!(
                    "nobody; the platform is asked for it. If the post is down, {} under published ({}) says so",
                    model.key_on(Pane::Published, Action::WithdrawnByHand),
                    model.way(Pane::Published)
                ),
                theme.danger(),
            ),
        }
    } else if row.state == EffectState::Held {
        let (key, does) = match row.ticket_id {
            Some(_) => (
                model.key(Action::Undo),
                "takes the decision back while the fuse burns",
            ),
            None => (
                model.key(Action::Emergency),
                "nobody was asked: to keep it from leaving, pause its campaign before the fuse has burnt down",
            ),
        };
        add(&key, does, theme.text());
    }
    if row.attempt > 0 {
        let times = if row.attempt == 1 { "time" } else { "times" };
        add("sent", &format!("{} {times}", row.attempt), theme.text());
    }
    add("key", row.idempotency_key.as_str(), theme.quiet());
    add("id", &row.id.to_string(), theme.quiet());
    out
}
