//! The fleet: every agent with what it does, what waits for it, what it spent and what went wrong last.

use chimera_domain::{
    mode::Reach,
    views::{AgentRow, Doing, Work, mark_after},
};
use ratatui::{Frame, style::Style, text::Line};

use super::parts::{col, gap, labelled, num, screen, when};
use crate::{layout::Part, model::Model};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let waiting = model.overview.as_ref().map_or(0, |o| o.tickets_waiting);
    let note = match waiting {
        0 => String::new(),
        n => format!("{n} waiting for a person"),
    };
    screen(model, part, &model.fleet, &note, frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "No agents. An agent comes with the first campaign of its persona in chimera.yaml.".into()
}

fn style(model: &Model, doing: Doing) -> Style {
    let theme = model.theme;
    match doing {
        Doing::Killed => theme.danger(),
        Doing::Paused | Doing::Asking => theme.warning(),
        Doing::Working | Doing::Judging => theme.good(),
        Doing::Queued => theme.accent(),
        Doing::Sleeping => theme.quiet(),
    }
}

/// How far its posts get, the farthest first.
fn reach(row: &AgentRow) -> (&'static str, bool) {
    let has = |reach| row.campaigns.iter().any(|c| c.reach == reach);
    if has(Reach::Live) {
        ("LIVE", true)
    } else if has(Reach::DryRun) {
        ("DRY", false)
    } else if has(Reach::StandIn) {
        ("SIM", false)
    } else {
        ("", false)
    }
}

fn line(model: &Model, row: &AgentRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (reach, live) = reach(row);
    let far = if live {
        theme.danger()
    } else {
        theme.simulated()
    };
    let money = match row.cap_day {
        Some(cap) => format!("{} of {cap}", row.spent_day),
        None => format!("{}, no cap", row.spent_day),
    };
    let mut spans = vec![
        col(theme, row.doing.as_str(), 9, style(model, row.doing)),
        col(theme, reach, 5, far),
        col(theme, row.slug.as_str(), 16, theme.strong()),
        gap(1),
    ];
    let mut room = columns.saturating_sub(31);
    if room >= 24 {
        spans.extend([num(theme, &money, 16, theme.text()), gap(2)]);
        room -= 18;
    }
    if room >= 30 {
        let moved = row.moved_at.map_or_else(
            || theme.marks().none.to_owned(),
            |at| format!("{} ago", model.age(at)),
        );
        spans.extend([num(theme, &moved, 10, theme.quiet()), gap(2)]);
        room -= 12;
    }
    let (text, style) = match &row.last_error {
        Some((_, why)) if room >= 60 => (format!("{}; {why}", waits(row.work)), theme.warning()),
        Some(_) | None => (waits(row.work), theme.text()),
    };
    spans.push(col(theme, &text, room, style));
    Line::from(spans)
}

/// What is under way and what waits, in words; nothing of which there is none.
fn waits(work: Work) -> String {
    let parts = [
        (work.claimed, "at work"),
        (work.judged, "judged"),
        (work.ready, "queued"),
        (work.tickets, "asked"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if told.is_empty() {
        "nothing to do".into()
    } else {
        told.join(", ")
    }
}

fn means(doing: Doing) -> &'static str {
    match doing {
        Doing::Killed => "only a typed resume lets it go on (!)",
        Doing::Paused => "it is halted, or each of its campaigns is (!)",
        Doing::Working => "a worker holds a task of it",
        Doing::Judging => "the judge has a result of it",
        Doing::Queued => "tasks are ready and nobody holds one",
        Doing::Asking => "all that it has waits for you (gr)",
        Doing::Sleeping => "there is nothing for it to do",
    }
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.fleet.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let text = format!("{}: {}", row.doing, means(row.doing));
    add("state", &text, style(model, row.doing));
    if let Some(by) = &row.halted {
        let text = format!("by {} at {}: {}", by.by, when(model, by.at), by.why);
        add("halted", &text, theme.warning());
    }
    add("work", &waits(row.work), theme.text());
    let cap = row.cap_day.map_or_else(
        || "no policy is installed".to_owned(),
        |cap| format!("of {cap} USD"),
    );
    let simulated = if row.spent_simulated.is_positive() {
        format!(", {} of it SIMULATED", row.spent_simulated)
    } else {
        String::new()
    };
    let text = format!(
        "{} {cap} today{simulated}; {} reserved",
        row.spent_day, row.reserved
    );
    add("spent", &text, theme.text());
    match row.moved_at {
        Some(at) => add("moved", &when(model, at), theme.text()),
        None => add("moved", "it has planned nothing yet", theme.quiet()),
    }
    match &row.last_error {
        Some((at, why)) => {
            let text = format!("{}: {why}", when(model, *at));
            add("error", &text, theme.warning());
        }
        None => add("error", "none in its newest plans", theme.quiet()),
    }
    for campaign in &row.campaigns {
        let (dry, simulated) = (
            campaign.reach == Reach::DryRun,
            campaign.reach != Reach::Live,
        );
        let real = match campaign.reach {
            Reach::Live => " FOR REAL",
            Reach::DryRun | Reach::StandIn => mark_after(simulated, dry),
        };
        let paused = if campaign.paused { ", paused" } else { "" };
        let text = format!("{}{real}{paused}", campaign.name);
        let style = if dry || simulated {
            theme.simulated()
        } else {
            theme.danger()
        };
        add("campaign", &text, style);
    }
    if row.campaigns.is_empty() {
        add("campaign", "none is configured", theme.quiet());
    }
    add("id", &row.id.to_string(), theme.quiet());
    out
}
