//! The campaigns: where each publishes, and how far that gets.

use chimera_domain::{
    Safe,
    goal::Proposal,
    mode::{Mode, Reach},
    views::{ModeRow, ReachRow},
};
use ratatui::{Frame, style::Style, text::Line};

use super::parts::{col, gap, labelled, list_title, rows, title};
use crate::{keymap::Action, layout::Part, model::Model};

/// So many of the proposals that wait are named.
const SHOWN: usize = 3;

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let note = match model.proposals.all().len() {
        0 => String::new(),
        1 => "1 proposal waits".to_owned(),
        n => format!("{n} proposals wait"),
    };
    let head = list_title(model, part, &note, &model.campaigns);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.campaigns, frame, |_, row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "No campaigns. They are written in chimera.yaml and taken over at the next start.".into()
}

fn word(model: &Model, reach: Reach) -> (&'static str, Style) {
    match reach {
        Reach::Live => ("FOR REAL", model.theme.danger()),
        Reach::DryRun => ("DRY RUN", model.theme.simulated()),
        Reach::StandIn => ("SIMULATED", model.theme.simulated()),
    }
}

fn line(model: &Model, row: &ReachRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (words, style) = word(model, row.reach);
    let wide = (columns.saturating_sub(30) / 2).clamp(8, 24);
    Line::from(vec![
        col(theme, words, 10, style),
        col(theme, row.campaign.as_str(), wide, theme.strong()),
        gap(1),
        col(theme, row.account.as_str(), wide, theme.accent()),
        gap(1),
        col(
            theme,
            &format!("{} through {}", row.channel, row.server),
            columns.saturating_sub(12 + 2 * wide),
            theme.text(),
        ),
    ])
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.campaigns.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (words, style) = word(model, row.reach);
    let means = match row.reach {
        Reach::Live => "what is approved goes out",
        Reach::DryRun => "what is approved ends as a rehearsal; L lets it go live",
        Reach::StandIn => "its server is a stand-in: nothing leaves this machine",
    };
    add("reach", &format!("{words}: {means}"), style);
    add("campaign", row.campaign.as_str(), theme.strong());
    let mine = |proposal: &&Proposal| proposal.campaign_id == row.campaign_id;
    let (new, list) = (model.key(Action::NewGoal), model.key(Action::Proposals));
    match &model.proposals.read {
        None => add("proposals", "reading…", theme.quiet()),
        Some(Err(why)) => add(
            "proposals",
            &format!("could not be read: {why}"),
            theme.danger(),
        ),
        Some(Ok(all)) if all.iter().filter(mine).count() == 0 => {
            let told = format!("none waits; {new} makes one of a goal in words");
            add("proposals", &told, theme.quiet());
        }
        Some(Ok(all)) => {
            let n = all.iter().filter(mine).count();
            let told = format!("{n} to be launched; {list} opens them, {new} makes another");
            add("proposals", &told, theme.warning());
            for proposal in all.iter().filter(mine).take(SHOWN) {
                add("", Safe::line(&proposal.tree.goal).as_str(), theme.text());
            }
            if n > SHOWN {
                add("", &format!("and {} more", n - SHOWN), theme.quiet());
            }
        }
    }
    add("persona", row.persona.as_str(), theme.text());
    let place = format!("{} on {} through {}", row.account, row.channel, row.server);
    add("as", &place, theme.text());
    if row.reach != Reach::StandIn {
        for (label, mode) in [
            ("server", &row.of_server),
            ("agent", &row.of_agent),
            ("itself", &row.of_campaign),
        ] {
            let style = match mode.mode {
                Mode::Live => theme.danger(),
                Mode::DryRun => theme.simulated(),
            };
            add(label, &told(model, mode), style);
        }
    }
    let mine = model.overview.iter().flat_map(|o| &o.campaigns);
    if let Some(row) = mine.into_iter().find(|c| c.id == row.campaign_id) {
        let stopped = row.halted.as_ref().map_or_else(String::new, |halt| {
            format!(", halted by {}: {}", halt.by, halt.why)
        });
        add("state", &format!("{}{stopped}", row.state), theme.text());
        let spent = format!("{} of {} USD", row.spent, row.budget);
        let simulated = if row.spent_simulated.is_positive() {
            format!(", {} of it SIMULATED", row.spent_simulated)
        } else {
            String::new()
        };
        add("spent", &format!("{spent}{simulated}"), theme.text());
    }
    add("id", &row.campaign_id.to_string(), theme.quiet());
    out
}

fn told(model: &Model, row: &ModeRow) -> String {
    let mode = match row.mode {
        Mode::Live => "live",
        Mode::DryRun => "dry",
    };
    match &row.set {
        None => format!("{mode}, as it began"),
        Some((by, at)) => format!(
            "{mode} by {by} at {}: {}",
            at.clock_in(&model.settings.zone),
            row.why
        ),
    }
}
