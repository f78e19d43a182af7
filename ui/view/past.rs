//! The past of a task: its versions, and one of them in full with whom it lost to.
//!
//! What is not kept is said and never made up.

use chimera_domain::views::{LostTo, TaskMove};
use ratatui::text::{Line, Span};

use super::parts::{col, gap, labelled, when};
use crate::{
    keymap::{Action, Context},
    model::{Model, past::Past},
    text::{cut, wrap},
};

/// So many versions are listed at once, the chosen one among them.
const LISTED: usize = 6;

pub(super) fn lines(model: &Model, past: &Past, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    let mut say = |text: &str, style| {
        for text in wrap(text, columns.saturating_sub(1)) {
            lines.push(Line::from(vec![gap(1), Span::styled(text, style)]));
        }
    };
    let versions = past.versions();
    let name = format!("{} {}", past.task.short(), past.what);
    say(
        &cut(&name, columns.saturating_sub(1), theme.marks().cut),
        theme.strong(),
    );
    match &past.read {
        None => say("Reading…", theme.quiet()),
        Some(Err(why)) => say(&format!("Could not be read: {why}"), theme.danger()),
        Some(Ok(_)) if versions.is_empty() => {
            say("Nothing of it is kept in the audit.", theme.warning());
        }
        Some(Ok(history)) => {
            let lost = versions.iter().filter(|version| version.lost.is_some());
            let place = format!(
                "{} of {} versions, {} conflicts lost",
                past.at + 1,
                versions.len(),
                lost.count()
            );
            say(&place, theme.quiet());
            let from = past
                .at
                .saturating_sub(LISTED / 2)
                .min(versions.len().saturating_sub(LISTED));
            let listed = versions.iter().enumerate().skip(from).take(LISTED);
            lines.extend(
                listed.map(|(i, version)| listed_line(model, version, i == past.at, columns)),
            );
            lines.push(Line::default());
            if let Some(version) = versions.get(past.at) {
                detail(model, version, columns, &mut lines);
            }
            let mut note = "not kept: its other fields as they were in each version, and writes that were refused at once".to_owned();
            if history.left_out > 0 {
                note = format!("{} later versions are not shown; {note}", history.left_out);
            }
            labelled(theme, "", &note, theme.quiet(), columns, &mut lines);
        }
    }
    let key = |action| {
        let keys = &model.settings.keys;
        keys.key_of(&[Context::Versions], action)
            .unwrap_or_default()
            .to_owned()
    };
    let foot = format!(
        " {} older, {} newer, {} closes",
        key(Action::Up),
        key(Action::Down),
        key(Action::Back)
    );
    lines.push(Line::styled(foot, theme.quiet()));
    lines
}

fn went(version: &TaskMove) -> String {
    if version.from.is_empty() {
        format!("begins as {}", version.to)
    } else {
        format!("{} to {}", version.from, version.to)
    }
}

fn listed_line(model: &Model, version: &TaskMove, here: bool, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let mark = if here { theme.marks().cursor } else { " " };
    let style = if here { theme.selected() } else { theme.text() };
    let (lost, lost_style) = match version.lost {
        Some(_) => ("LOST", theme.danger()),
        None => ("", style),
    };
    let at = version.at.clock_in(&model.settings.zone);
    let room = columns.saturating_sub(34);
    Line::from(vec![
        Span::styled(format!("{mark} "), theme.accent()),
        col(theme, &format!("v{}", version.version), 5, style),
        col(theme, &at, 7, style),
        col(theme, &went(version), room, style),
        gap(1),
        col(theme, version.by.as_str(), 12, style),
        gap(1),
        Span::styled(lost, lost_style),
    ])
}

fn detail(model: &Model, version: &TaskMove, columns: usize, lines: &mut Vec<Line<'static>>) {
    let theme = model.theme;
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, lines);
    };
    let number = version.version;
    add(
        "version",
        &format!("v{number}: {}", went(version)),
        theme.strong(),
    );
    add("when", &when(model, version.at), theme.text());
    add(
        "who",
        &format!("{}, {}", version.by, version.verb),
        theme.text(),
    );
    let why: Vec<&str> = [&version.reason, &version.note]
        .into_iter()
        .map(|word| word.as_str())
        .filter(|word| !word.is_empty())
        .collect();
    if why.is_empty() {
        add("why", "no reason is kept with it", theme.quiet());
    } else {
        add("why", &why.join(": "), theme.text());
    }
    if let Some(verdict) = version.verdict {
        let text = format!("{verdict} (`chimera replay` makes it again)");
        add("verdict", &text, theme.text());
    }
    if let Some(lost) = &version.lost {
        add("LOST", &lost_to(model, lost), theme.danger());
    }
}

fn lost_to(model: &Model, lost: &LostTo) -> String {
    let stale = lost.stale.map_or_else(
        || "; of its work nothing was kept".to_owned(),
        |stale| format!("; {stale} came too late and is kept unused"),
    );
    format!(
        "to {} at {}: {}{stale}",
        lost.by,
        when(model, lost.at),
        lost.what
    )
}
