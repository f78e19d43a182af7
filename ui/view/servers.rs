//! MCP servers and what is read from them, as far as the database knows; what it does not know is said.

use chimera_domain::{
    mode::Mode,
    resource::ResourceHealth,
    views::{LinkRow, ServerRow},
};
use ratatui::{Frame, style::Style, text::Line};

use super::parts::{col, gap, labelled, num, screen, when};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let failing = model
        .overview
        .as_ref()
        .map_or(0, |o| o.resources_failing.len());
    let note = match failing {
        0 => String::new(),
        n => format!("{n} failing"),
    };
    screen(
        model,
        part,
        &model.links,
        &note,
        frame,
        |row, columns| match row {
            LinkRow::Server(server) => server_line(model, server, columns),
            LinkRow::Resource(resource) => resource_line(model, resource, columns),
        },
    );
}

pub(super) fn empty(_: &Model) -> String {
    "No servers. They are written in chimera.yaml and taken over at the next start.".into()
}

/// What a resource is, in a word: it fails, it was never read, nobody came when it was due, or it is well.
fn health(model: &Model, row: &ResourceHealth) -> (&'static str, Style) {
    let theme = model.theme;
    if row.failures > 0 {
        ("FAILING", theme.danger())
    } else if row.last_success_at.is_none() {
        ("NEVER READ", theme.warning())
    } else if row.is_stale(model.now) {
        ("STALE", theme.warning())
    } else {
        ("ok", theme.good())
    }
}

fn kind(model: &Model, row: &ServerRow) -> (&'static str, Style) {
    let theme = model.theme;
    match row.mode.as_ref().map(|mode| mode.mode) {
        _ if row.stand_in => ("STAND-IN", theme.simulated()),
        Some(Mode::Live) => ("live", theme.danger()),
        Some(Mode::DryRun) => ("dry", theme.simulated()),
        None => ("server", theme.text()),
    }
}

fn server_line(model: &Model, row: &ServerRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (word, style) = kind(model, row);
    let mut told = Vec::new();
    let mut tell = |n: u64, what: &str, many: &str| {
        if n > 0 {
            told.push(format!("{n} {}", if n == 1 { what } else { many }));
        }
    };
    tell(row.resources, "resource", "resources");
    tell(row.failing, "failing", "failing");
    tell(row.campaigns, "campaign", "campaigns");
    tell(row.unanswered, "call unanswered", "calls unanswered");
    if let Some(at) = row.answered_at {
        told.push(format!("answered {} ago", model.age(at)));
    }
    let bad = row.failing > 0 || row.unanswered > 0;
    Line::from(vec![
        col(theme, word, 11, style),
        col(theme, row.name.as_str(), 14, theme.strong()),
        gap(1),
        col(
            theme,
            &told.join(", "),
            columns.saturating_sub(26),
            if bad { theme.warning() } else { theme.text() },
        ),
    ])
}

fn resource_line(model: &Model, row: &ResourceHealth, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (word, style) = health(model, row);
    let read = row
        .last_success_at
        .map_or_else(|| theme.marks().none.to_owned(), |at| model.age(at));
    let numbers = format!("{}/{}/{}", row.seen, row.kept, row.converted);
    let mut spans = vec![
        gap(1),
        col(theme, word, 10, style),
        num(theme, &read, 6, theme.quiet()),
        gap(1),
    ];
    let mut room = columns.saturating_sub(18);
    if room >= 40 {
        spans.extend([num(theme, &numbers, 14, theme.text()), gap(1)]);
        room -= 15;
    }
    let text = match &row.last_error {
        Some(why) => format!("{}: {why}", row.uri),
        None => row.uri.to_string(),
    };
    spans.push(col(theme, &text, room, theme.text()));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    match model.links.row() {
        Some(LinkRow::Server(server)) => server_detail(model, server, columns),
        Some(LinkRow::Resource(resource)) => resource_detail(model, resource, columns),
        None => Vec::new(),
    }
}

fn server_detail(model: &Model, row: &ServerRow, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("server", row.name.as_str(), theme.strong());
    let (word, style) = kind(model, row);
    if row.stand_in {
        add(
            "kind",
            "STAND-IN: what it is asked to do happens on this machine only",
            style,
        );
    } else if let Some(mode) = &row.mode {
        let by = match &mode.set {
            Some((by, at)) => format!("{word} by {by}, {}: {}", when(model, *at), mode.why),
            None => format!("{word}, as it began"),
        };
        let (key, way) = (
            model.key_on(Pane::Campaigns, Action::Modes),
            model.way(Pane::Campaigns),
        );
        add("mode", &format!("{by} ({key} under {way})"), style);
    }
    let text = match (row.resources, row.failing) {
        (0, _) => "nothing is read from it".to_owned(),
        (n, failing) => format!("resources: {n}, failing: {failing}"),
    };
    add("read", &text, theme.text());
    let text = match row.campaigns {
        0 => "no campaign publishes through it".to_owned(),
        1 => "1 campaign publishes through it".to_owned(),
        n => format!("{n} campaigns publish through it"),
    };
    add("publishes", &text, theme.text());
    if row.unanswered > 0 {
        let text = format!(
            "{} calls were sent and have no answer ({})",
            row.unanswered,
            model.way(Pane::Outbox)
        );
        add("open", &text, theme.warning());
    }
    match row.answered_at {
        Some(at) => add("answered", &when(model, at), theme.text()),
        None => add("answered", "never, as far as is stored", theme.quiet()),
    }
    for tool in &row.tools {
        let simulated = if tool.simulated {
            " (SIMULATED bill)"
        } else {
            ""
        };
        let text = format!("{}: {} USD a {}{simulated}", tool.tool, tool.usd, tool.unit);
        add("tool", &text, theme.text());
    }
    add(
        "not known",
        "whether its process runs, its circuit breaker and its protocol log: none of these is kept in the database yet",
        theme.quiet(),
    );
    out
}

fn resource_detail(model: &Model, row: &ResourceHealth, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (word, style) = health(model, row);
    let means = match (row.failures, &row.last_success_at) {
        (0, None) => ": it was not due yet, or no swarm runs".to_owned(),
        (0, Some(_)) if row.is_stale(model.now) => {
            ": it was due longer ago than it is polled; does a swarm run?".to_owned()
        }
        (0, Some(_)) => String::new(),
        (n, _) => format!(": {n} times in a row"),
    };
    add("health", &format!("{word}{means}"), style);
    if let Some(why) = &row.last_error {
        add("error", why.as_str(), theme.danger());
    }
    if let Some(note) = &row.note {
        add("note", note.as_str(), theme.warning());
    }
    let text = format!("{} of server {}", row.uri, row.server);
    add("resource", &text, theme.strong());
    match row.last_success_at {
        Some(at) => add("read", &when(model, at), theme.text()),
        None => add("read", "never", theme.quiet()),
    }
    let next = if row.next_poll_at > model.now {
        format!("in {}", model.until(row.next_poll_at))
    } else {
        format!("due since {}", model.age(row.next_poll_at))
    };
    let text = format!("{next}, every {}", row.interval);
    add("next", &text, theme.text());
    let text = row.age_max.map_or_else(
        || "items of every age are converted".to_owned(),
        |age| format!("items older than {age} are not converted"),
    );
    add("age", &text, theme.text());
    let text = format!(
        "items seen: {}, kept: {}, became tasks: {}",
        row.seen, row.kept, row.converted
    );
    add("brought", &text, theme.text());
    add("id", &row.id.to_string(), theme.quiet());
    out
}
