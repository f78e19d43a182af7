//! The review list: what waits for a person, and what was just decided.

use chimera_domain::{
    Span as Time,
    effect::EffectState,
    task::TaskState,
    views::{TicketRow, short_mark},
};
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, list_title, num, rows, title};
use crate::{layout::Part, model::Model};

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
    let head = list_title(model, "review", &note, &model.queue);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.queue, frame, |_, row, columns| {
        line(model, row, columns)
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
        1 => text += " 1 task is with the judge (gk).",
        n => text += &format!(" {n} tasks are with the judge (gk)."),
    }
    if overview.swarm.is_none() {
        text += " No swarm is running: nothing new will come.";
    } else if judged == 0 {
        text += " New ones appear here by themselves; the trends are under gt.";
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

fn line(model: &Model, row: &TicketRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let followed = model.review.followed.iter().find(|f| f.ticket == row.id);
    let (mut mark, mut mark_style) = theme.ticket(row.state);
    let late = model.now.plus(NEAR) >= row.sla_at;
    let mut when = model.age(row.created_at);
    let mut when_style = if late { theme.danger() } else { theme.quiet() };
    let mut body = theme.text();
    if let Some(f) = followed {
        (mark, mark_style) = if f.lets_out() {
            (theme.marks().yes, theme.good())
        } else {
            (theme.marks().no, theme.quiet())
        };
        (when, when_style) = match f.effect {
            Some(EffectState::Confirmed) if row.dry => ("dry".into(), theme.simulated()),
            Some(EffectState::Confirmed) => ("out".into(), theme.good()),
            Some(EffectState::Failed) => ("FAILED".into(), theme.danger()),
            Some(EffectState::Uncertain) => ("UNSURE".into(), theme.danger()),
            Some(EffectState::Withdrawn) => ("taken".into(), theme.quiet()),
            Some(EffectState::Held | EffectState::Prepared | EffectState::Sent) | None => {
                let word = if f.lets_out() { "held" } else { "no" };
                (word.into(), theme.warning())
            }
        };
        body = theme.quiet();
    } else if let Some(until) = row.snoozed_until {
        (mark, mark_style) = ("z", theme.quiet());
        when = until.clock_in(&model.settings.zone);
        (when_style, body) = (theme.quiet(), theme.quiet());
    } else if model.review.skipped.contains(&row.id) {
        body = theme.quiet();
    } else if row
        .reasons
        .first()
        .is_some_and(|r| r.as_str().starts_with("sensitive"))
    {
        (mark, mark_style) = ("!", theme.danger());
    }
    let mut spans = vec![
        col(theme, mark, 2, mark_style),
        num(theme, &when, 6, when_style),
        gap(1),
    ];
    let mut room = columns.saturating_sub(9);
    if columns >= 44 {
        let reason = row.reasons.first().map_or("", |r| r.as_str());
        let wide = if columns >= 70 { 18 } else { 12 };
        spans.extend([col(theme, reason, wide, theme.warning()), gap(1)]);
        room = room.saturating_sub(wide + 1);
    }
    if columns >= 60 {
        spans.extend([col(theme, row.account.as_str(), 8, theme.accent()), gap(1)]);
        room = room.saturating_sub(9);
    }
    let tail = if columns >= 36 { 9 } else { 0 };
    let mut text = row.text.as_str().replace('\n', "⏎");
    if !row.assigned_to.as_str().is_empty() {
        text = format!("[{}] {text}", row.assigned_to);
    }
    spans.push(col(theme, &text, room.saturating_sub(tail), body));
    if tail > 0 {
        let score = row
            .confidence
            .map_or_else(|| theme.marks().none.to_owned(), |s| s.to_string());
        spans.push(num(theme, &score, 5, theme.quiet()));
        let simulated = format!(" {}", short_mark(row.simulated, row.dry));
        spans.push(col(theme, simulated.trim_end(), 4, theme.simulated()));
    }
    Line::from(spans)
}
