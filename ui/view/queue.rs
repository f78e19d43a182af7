//! The review list: what waits for a person, and what was just decided.

use chimera_domain::{
    Safe, Span as Time,
    effect::EffectState,
    task::TaskState,
    views::{About, By, TicketRow, short_mark},
};
use ratatui::{Frame, style::Style};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{list_title, rows, title},
};
use crate::{
    layout::Part,
    model::{Model, Pane},
};

/// A deadline nearer than this is coloured.
const NEAR: Time = Time::from_mins(30);

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let note = match model
        .overview
        .as_ref()
        .map(|o| (o.tickets_waiting, o.oldest_ticket_at))
    {
        Some((n, Some(at))) if n > 0 => format!("{n} waiting, oldest {}", model.age(at)),
        Some((0, _)) => "none waiting".into(),
        Some(_) | None => String::new(),
    };
    // The header says how old the oldest is, too.
    let note = forecast(model).unwrap_or(note);
    let head = list_title(model, part, &note, &model.queue);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.queue, frame, |_, row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    let mut text = String::from("No tickets.");
    let Some(overview) = &model.overview else {
        return text;
    };
    if let Some(at) = overview.last_decision_at {
        text += &format!(" Last decision {}.", at.clock_in(&model.settings.zone));
    }
    let judged: u64 = overview
        .tasks
        .iter()
        .filter(|(state, _)| *state == TaskState::Review)
        .map(|(_, n)| n)
        .sum();
    match judged {
        0 => {}
        1 => text += &format!(" 1 task is with the judge ({}).", model.way(Pane::Tasks)),
        n => {
            text += &format!(
                " {n} tasks are with the judge ({}).",
                model.way(Pane::Tasks)
            )
        }
    }
    if overview.swarm.is_none() {
        text += " No swarm is running: nothing new will come.";
    } else if judged == 0 {
        let way = model.way(Pane::Trends);
        text += &format!(" New ones appear here by themselves; the trends are under {way}.");
    }
    text
}

/// When the queue is empty at the pace of this console, and how many deadlines pass before.
fn forecast(model: &Model) -> Option<String> {
    let waiting = model.overview.as_ref()?.tickets_waiting;
    let pace = &model.review.pace;
    let forecast = pace.forecast(model.now, waiting, &model.queue.rows)?;
    let at = forecast.done_at.clock_in(&model.settings.zone);
    Some(match (waiting, forecast.late) {
        (0, _) => format!("none waiting, {} decided", pace.decided),
        (n, 0) => format!("{n} waiting, clear {at}"),
        (n, late) => format!("{n} waiting, clear {at}, {late} late"),
    })
}

/// How a ticket stands, and when: its sign, its age or what became of it, and how its text looks.
fn stands(model: &Model, row: &TicketRow) -> ((&'static str, Style), (String, Style), Style) {
    let theme = model.theme;
    let followed = model.review.followed.iter().find(|f| f.ticket == row.id);
    let late = model.now.plus(NEAR) >= row.sla_at;
    let mark = theme.ticket(row.state);
    let style = if late { theme.danger() } else { theme.quiet() };
    let when = (model.age(row.created_at), style);
    if let Some(f) = followed {
        let mark = if f.lets_out() {
            (theme.marks().yes, theme.good())
        } else {
            (theme.marks().no, theme.quiet())
        };
        let (word, style) = match f.effect {
            Some(EffectState::Confirmed) if row.dry => ("dry", theme.simulated()),
            Some(EffectState::Confirmed) => ("out", theme.good()),
            Some(EffectState::Failed) => ("FAILED", theme.danger()),
            Some(EffectState::Uncertain) => ("UNSURE", theme.danger()),
            Some(EffectState::Withdrawn) => ("taken", theme.quiet()),
            Some(EffectState::Held | EffectState::Prepared | EffectState::Sent) | None => {
                let word = if f.lets_out() { "held" } else { "no" };
                (word, theme.warning())
            }
        };
        return (mark, (word.to_owned(), style), theme.quiet());
    }
    if let Some(until) = row.snoozed_until {
        let when = until.clock_in(&model.settings.zone);
        return (("z", theme.quiet()), (when, theme.quiet()), theme.quiet());
    }
    if model.review.skipped.contains(&row.id) {
        return (mark, when, theme.quiet());
    }
    if row.about == About::Payment {
        return (("$", theme.danger()), when, theme.text());
    }
    let is_sensitive = |reason: &Safe| reason.as_str().starts_with("sensitive");
    if row.reasons.first().is_some_and(is_sensitive) {
        return (("!", theme.danger()), when, theme.text());
    }
    (mark, when, theme.text())
}

pub(super) const COLUMNS: &[Column<TicketRow>] = &[
    text("stands", Shown::Always, &[(0, 2)], |model, row| {
        let ((mark, style), _, _) = stands(model, row);
        (mark.to_owned(), style)
    }),
    by(
        By::Asked,
        &figure("asked", Shown::Always, &[(0, 7)], |model, row| {
            stands(model, row).1
        }),
    ),
    by(
        By::Deadline,
        &figure("deadline", Shown::Asked, &[(0, 7)], |model, row| {
            let late = model.now.plus(NEAR) >= row.sla_at;
            let theme = model.theme;
            let style = if late { theme.danger() } else { theme.quiet() };
            (model.until(row.sla_at), style)
        }),
    ),
    text(
        "reason",
        Shown::Always,
        &[(44, 13), (70, 19)],
        |model, row| {
            let reason = row.reasons.first().map_or("", |r| r.as_str());
            (reason.to_owned(), model.theme.warning())
        },
    ),
    text("account", Shown::Usually, &[(60, 9)], |model, row| {
        (row.account.to_string(), model.theme.accent())
    }),
    text("campaign", Shown::Asked, &[(0, 13)], |model, row| {
        (row.campaign.to_string(), model.theme.accent())
    }),
    text("channel", Shown::Asked, &[(0, 9)], |model, row| {
        (row.channel.to_string(), model.theme.quiet())
    }),
    rest("text", |model, row| {
        let mut text = row.text.as_str().replace('\n', "⏎");
        if !row.assigned_to.as_str().is_empty() {
            text = format!("[{}] {text}", row.assigned_to);
        }
        (text, stands(model, row).2)
    }),
    figure("score", Shown::Usually, &[(36, 5)], |model, row| {
        let none = || model.theme.marks().none.to_owned();
        let score = row.confidence.map_or_else(none, |score| score.to_string());
        (score, model.theme.quiet())
    }),
    text("reach", Shown::Always, &[(36, 4)], |model, row| {
        let mark = short_mark(row.simulated, row.dry);
        (mark.to_owned(), model.theme.simulated())
    }),
];
