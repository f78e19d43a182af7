//! A proposal over the whole screen: its tree with what each node costs, and what is wrong with it in its place.
//!
//! The tree is in `tree.rs`, the node under the cursor in full in `node.rs`, and what lies over both in `sheets.rs`.

mod node;
mod sheets;
mod tree;

use chimera_domain::{Safe, goal::PostPreview, mode::Reach, views::mark};
use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Clear,
};

pub(super) use self::sheets::{goal, over, waiting};
use super::{
    parts::{Title, divider, gap, title},
    put, sheets as laid,
};
use crate::{
    keymap::{Action, Context},
    layout::{Areas, Class},
    model::{
        Model,
        overlay::Overlay,
        proposal::{Opened, Over},
    },
    text::{cut, wrap},
};

/// Where the tree goes, and where the node in full; one of them only where there is little room.
fn parts(opened: &Opened, areas: &Areas) -> (Option<Rect>, Option<Rect>) {
    let body = areas.body;
    match areas.class {
        Class::Wide => {
            let left = body.width * 13 / 20;
            let detail = Rect {
                x: body.x + left + 1,
                width: body.width - left - 1,
                ..body
            };
            (
                Some(Rect {
                    width: left,
                    ..body
                }),
                Some(detail),
            )
        }
        Class::Middle => {
            let above = body.height * 6 / 10;
            let detail = Rect {
                y: body.y + above,
                height: body.height - above,
                ..body
            };
            let tree = Rect {
                height: above,
                ..body
            };
            (Some(tree), Some(detail))
        }
        Class::Narrow | Class::Tiny | Class::Line if opened.detail => (None, Some(body)),
        Class::Narrow | Class::Tiny | Class::Line => (Some(body), None),
    }
}

pub(super) fn draw(model: &Model, opened: &Opened, areas: &Areas, frame: &mut Frame<'_>) {
    frame.render_widget(Clear, areas.body);
    let (tree, detail) = parts(opened, areas);
    if let Some(area) = tree {
        draw_tree(model, opened, area, frame);
    }
    if let Some(area) = detail {
        if areas.class == Class::Wide {
            let line = Rect {
                x: area.x.saturating_sub(1),
                width: 1,
                ..area
            };
            divider(model, line, frame);
        }
        node::draw(model, opened, area, frame);
    }
}

/// How far down the node in full, or the keys over it, can be scrolled.
pub(super) fn last_line(model: &Model, areas: &Areas) -> usize {
    let Some(Overlay::Proposal(opened)) = &model.overlay else {
        return 0;
    };
    if let Some(Over::Keys { .. }) = &opened.over {
        return sheets::keys(model, laid::columns(model.size.width))
            .len()
            .saturating_sub(1);
    }
    let (_, Some(area)) = parts(opened, areas) else {
        return 0;
    };
    let lines = node::lines(model, opened, usize::from(area.width)).len();
    lines.saturating_sub(usize::from(area.height.saturating_sub(1)))
}

/// The place, the posts, what it may cost and how far it gets: always in sight.
fn head(model: &Model, opened: &Opened) -> Title {
    let dot = model.theme.marks().dot;
    let Some(proposal) = opened.proposal() else {
        return Title {
            name: "PROPOSAL".into(),
            ..Title::default()
        };
    };
    let mut notes = Vec::new();
    if let Some(preview) = &opened.preview {
        notes.push(Safe::line(&preview.campaign).to_string());
        notes.push(reach(preview.reach).to_owned());
    }
    Title {
        name: "PROPOSAL".into(),
        note: notes.join(&format!(" {dot} ")),
        right: proposal.version.to_string(),
    }
}

/// How far posts get, in a word.
const fn reach(reach: Reach) -> &'static str {
    let (simulated, dry) = (
        !matches!(reach, Reach::Live),
        matches!(reach, Reach::DryRun),
    );
    let word = mark(simulated, dry);
    if word.is_empty() { "FOR REAL" } else { word }
}

/// What it comes to, and whether it can be launched.
fn summary(model: &Model, opened: &Opened, columns: usize) -> Vec<(String, Style)> {
    let theme = model.theme;
    let mut lines = Vec::new();
    if let Some(told) = &opened.told {
        for line in wrap(told.as_str(), columns.saturating_sub(1)) {
            lines.push((line, theme.danger()));
        }
    }
    let Some(tree) = opened.tree() else {
        return lines;
    };
    let (posts, tasks) = (tree.branches.len(), tree.tasks());
    let mut told = format!("{posts} posts, {tasks} tasks");
    if let Some(preview) = &opened.preview {
        let most = preview.estimate.most;
        let most = most.map_or_else(|| "no amount".into(), |most| format!("{most} USD"));
        told.push_str(&format!(", at most {most}"));
        // Of all caps the one that leaves least is the one that counts.
        if let Some((name, cap, left)) = preview.caps.iter().min_by_key(|(_, _, left)| *left) {
            told.push_str(&format!("; {left} of {cap} left of {name}"));
        }
    }
    lines.push((told, theme.text()));
    let wrongs = opened.wrongs().len();
    let launch = model
        .settings
        .keys
        .key_of(&[Context::Proposal], Action::Launch);
    let launch = launch.unwrap_or("the command line");
    lines.push(if let Some(why) = opened.is_fixed() {
        (why, theme.quiet())
    } else if !opened.is_settled() {
        (
            "storing, and looking at what it comes to…".into(),
            theme.quiet(),
        )
    } else if wrongs == 0 {
        let told = format!("nothing runs yet; {launch} launches it");
        (told, theme.good())
    } else {
        let s = if wrongs == 1 { "" } else { "s" };
        let told = format!("{wrongs} thing{s} to mend before it can be launched, each marked !");
        (told, theme.warning())
    });
    lines
}

fn draw_tree(model: &Model, opened: &Opened, area: Rect, frame: &mut Frame<'_>) {
    title(model, area, !opened.detail, &head(model, opened), frame);
    let columns = usize::from(area.width);
    let mut row = 1;
    for (text, style) in summary(model, opened, columns) {
        let text = cut(&text, columns.saturating_sub(1), model.theme.marks().cut);
        put(
            frame,
            area,
            row,
            &Line::from(vec![gap(1), Span::styled(text, style)]),
        );
        row += 1;
    }
    let say = match &opened.read {
        None => Some("Reading…".to_owned()),
        Some(Err(why)) => Some(format!("Could not be read: {why}. Esc leaves.")),
        Some(Ok(_)) => None,
    };
    if let Some(say) = say {
        for line in wrap(&say, columns.saturating_sub(2)) {
            let line = Line::styled(format!(" {line}"), model.theme.quiet());
            put(frame, area, row, &line);
            row += 1;
        }
        return;
    }
    put(frame, area, row, &tree::column_names(model, columns));
    row += 1;
    let height = usize::from(area.height).saturating_sub(row);
    let (rows, here) = tree::rows(model, opened, columns);
    let top = here
        .saturating_sub(height / 2)
        .min(rows.len().saturating_sub(height));
    for line in rows.iter().skip(top).take(height) {
        put(frame, area, row, line);
        row += 1;
    }
}

/// What was found of a post, where that was of what is on screen.
fn looked(opened: &Opened, at: usize) -> Option<&PostPreview> {
    let preview = opened.preview.as_ref().filter(|_| opened.is_settled())?;
    preview.posts.get(at)
}
