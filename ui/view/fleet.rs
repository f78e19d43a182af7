//! The fleet: every agent with what it does, what waits for it, what it spent and what went wrong last.

use chimera_domain::{
    mode::Reach,
    views::{AgentRow, By, Doing, Work, mark_after},
};
use ratatui::{Frame, style::Style, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, screen, when},
};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let waiting = model.overview.as_ref().map_or(0, |o| o.tickets_waiting);
    let note = match waiting {
        0 => String::new(),
        n => format!("{n} waiting for a person"),
    };
    screen(model, part, &model.fleet, &note, frame, |row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
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

/// Its columns; what waits for an agent and what went wrong with it last stands in the last.
pub(super) const COLUMNS: &[Column<AgentRow>] = &[
    by(
        By::State,
        &text("state", Shown::Always, &[(0, 9)], |model, row| {
            (row.doing.to_string(), style(model, row.doing))
        }),
    ),
    text("reach", Shown::Always, &[(0, 5)], |model, row| {
        let (reach, live) = reach(row);
        let theme = model.theme;
        let style = if live {
            theme.danger()
        } else {
            theme.simulated()
        };
        (reach.to_owned(), style)
    }),
    by(
        By::Name,
        &text("name", Shown::Always, &[(0, 17)], |model, row| {
            (row.slug.to_string(), model.theme.strong())
        }),
    ),
    figure("spent", Shown::Usually, &[(55, 18)], |model, row| {
        let money = match row.cap_day {
            Some(cap) => format!("{} of {cap}", row.spent_day),
            None => format!("{}, no cap", row.spent_day),
        };
        (money, model.theme.text())
    }),
    figure("moved", Shown::Usually, &[(79, 12)], |model, row| {
        let moved = row.moved_at.map_or_else(
            || model.theme.marks().none.to_owned(),
            |at| format!("{} ago", model.age(at)),
        );
        (moved, model.theme.quiet())
    }),
    by(
        By::Tickets,
        &figure("tickets", Shown::Asked, &[(0, 6)], |model, row| {
            (row.work.tickets.to_string(), model.theme.text())
        }),
    ),
    by(
        By::Work,
        &figure("work", Shown::Asked, &[(0, 6)], |model, row| {
            let work = row.work.claimed + row.work.judged + row.work.ready;
            (work.to_string(), model.theme.text())
        }),
    ),
    figure("reserved", Shown::Asked, &[(0, 10)], |model, row| {
        (row.reserved.to_string(), model.theme.text())
    }),
    rest("waits", |model, row| {
        let told = waits(row.work);
        match &row.last_error {
            Some((_, why)) => (format!("{told}; {why}"), model.theme.warning()),
            None => (told, model.theme.text()),
        }
    }),
];

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

fn means(model: &Model, doing: Doing) -> String {
    let stop = model.key(Action::Emergency);
    let told = match doing {
        Doing::Killed => return format!("only a typed resume lets it go on ({stop})"),
        Doing::Paused => return format!("it is halted, or each of its campaigns is ({stop})"),
        Doing::Working => "a worker holds a task of it",
        Doing::Judging => "the judge has a result of it",
        Doing::Queued => "tasks are ready and nobody holds one",
        Doing::Asking => {
            return format!(
                "all that it has waits for you ({})",
                model.way(Pane::Review)
            );
        }
        Doing::Sleeping => "there is nothing for it to do",
    };
    told.to_owned()
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
    let text = format!("{}: {}", row.doing, means(model, row.doing));
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
