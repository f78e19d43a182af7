//! A node of a proposal in full, and what is said before a proposal is launched.

use chimera_domain::{
    Safe, Usd,
    goal::{Cost, Estimate, Preview, Tree, Wrong},
    mode::Reach,
};
use ratatui::{Frame, layout::Rect, style::Style, text::Line};

use super::{
    super::{
        parts::{Title, labelled, scroll_mark, title, when},
        put,
    },
    looked, reach,
};
use crate::model::{
    Model,
    proposal::{Node, Opened},
};

pub(super) fn draw(model: &Model, opened: &Opened, area: Rect, frame: &mut Frame<'_>) {
    let lines = lines(model, opened, usize::from(area.width));
    let height = usize::from(area.height.saturating_sub(1));
    let scroll = opened.scroll.min(lines.len().saturating_sub(height));
    let name = match opened.node() {
        Node::Goal => "GOAL".to_owned(),
        Node::Post(at) => format!("POST {}", at + 1),
        Node::Task(at, _) => format!("TASK OF POST {}", at + 1),
    };
    let head = Title {
        name,
        right: scroll_mark(lines.len(), scroll, height),
        ..Title::default()
    };
    title(model, area, opened.detail, &head, frame);
    for (row, line) in lines.iter().skip(scroll).take(height).enumerate() {
        put(frame, area, row + 1, line);
    }
}

pub(super) fn lines(model: &Model, opened: &Opened, columns: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let Some(tree) = opened.tree() else {
        return out;
    };
    let mut add = |label: &str, text: &str, style: Style| {
        labelled(model.theme, label, text, style, columns, &mut out);
    };
    match opened.node() {
        Node::Goal => goal(model, opened, tree, &mut add),
        Node::Post(at) => post(model, opened, tree, at, &mut add),
        Node::Task(at, of) => task(model, opened, tree, (at, of), &mut add),
    }
    out
}

type Add<'a> = dyn FnMut(&str, &str, Style) + 'a;

fn or_none(text: &str, none: &str) -> String {
    let text = Safe::line(text);
    if text.as_str().trim().is_empty() {
        none.to_owned()
    } else {
        text.to_string()
    }
}

/// An amount, and what it does not say.
fn most(estimate: &Estimate) -> String {
    let mut told = estimate.most.map_or_else(
        || "no amount".to_owned(),
        |most| format!("at most {most} USD"),
    );
    if !estimate.unpriced.is_empty() {
        let parts: Vec<&str> = estimate.unpriced.iter().map(|part| part.as_str()).collect();
        told.push_str(&format!(
            ", and no price is known for: {}",
            parts.join(", ")
        ));
    }
    told
}

fn wrongs(model: &Model, wrong: &[&Wrong], add: &mut Add<'_>) {
    for wrong in wrong {
        add(
            "WRONG",
            Safe::line(&wrong.what).as_str(),
            model.theme.danger(),
        );
    }
}

fn goal(model: &Model, opened: &Opened, tree: &Tree, add: &mut Add<'_>) {
    let theme = model.theme;
    let all = opened.wrongs();
    let of_whole: Vec<&Wrong> = all.iter().filter(|wrong| wrong.branch.is_none()).collect();
    wrongs(model, &of_whole, add);
    add("goal", &or_none(&tree.goal, "(empty)"), theme.strong());
    if let Some(preview) = &opened.preview {
        add(
            "campaign",
            Safe::line(&preview.campaign).as_str(),
            theme.text(),
        );
        add(
            "its posts",
            &gets(preview.reach),
            loud(model, preview.reach),
        );
        if opened.is_settled() {
            add("costs", &most(&preview.estimate), theme.text());
        }
        for (at, cap) in caps(preview).iter().enumerate() {
            add(if at == 0 { "caps" } else { "" }, cap, theme.text());
        }
        add("lasts", &preview.lasts.told(), theme.text());
        add("decided", &preview.approval, theme.text());
    }
    if let Some(proposal) = opened.proposal() {
        for (at, rule) in proposal.rules.iter().enumerate() {
            let rule = Safe::line(rule);
            add(
                if at == 0 { "drafted" } else { "" },
                rule.as_str(),
                theme.quiet(),
            );
        }
        let moved = format!(
            "by {}, {}; {}, tree {}",
            Safe::line(&proposal.moved_by),
            when(model, proposal.moved_at),
            proposal.version,
            proposal.tree.hash().short()
        );
        add("changed", &moved, theme.quiet());
        add("id", &proposal.id.to_string(), theme.quiet());
    }
}

/// How far posts get, in words.
fn gets(how_far: Reach) -> String {
    let word = reach(how_far);
    match how_far {
        Reach::Live => format!("{word}: what is approved goes out"),
        Reach::DryRun => format!("{word}: what is approved ends as a rehearsal"),
        Reach::StandIn => {
            format!("{word}: their server is a stand-in, nothing leaves this machine")
        }
    }
}

fn loud(model: &Model, reach: Reach) -> Style {
    match reach {
        Reach::Live => model.theme.danger(),
        Reach::DryRun | Reach::StandIn => model.theme.simulated(),
    }
}

fn caps(preview: &Preview) -> Vec<String> {
    let caps = preview.caps.iter();
    caps.map(|(name, cap, left)| format!("{}: {left} of {cap} USD left", Safe::line(name)))
        .collect()
}

fn post(model: &Model, opened: &Opened, tree: &Tree, at: usize, add: &mut Add<'_>) {
    let theme = model.theme;
    let Some(post) = tree.branches.get(at) else {
        return;
    };
    let all = opened.wrongs();
    let of_it = |wrong: &&Wrong| wrong.branch == Some(at) && wrong.task.is_empty();
    let of_it: Vec<&Wrong> = all.iter().filter(of_it).collect();
    wrongs(model, &of_it, add);
    add("about", &or_none(&post.title, "(empty)"), theme.strong());
    add(
        "known",
        &or_none(&post.summary, "nothing beside its title"),
        theme.text(),
    );
    add("source", &or_none(&post.link, "none"), theme.accent());
    if let Some(looked) = looked(opened, at) {
        match looked.place {
            Some((channel, reach)) => {
                let who = format!(
                    "{} as {} on {channel}, for {}",
                    Safe::line(&looked.persona),
                    Safe::line(&looked.account),
                    Safe::line(&looked.campaign)
                );
                add("who", &who, theme.text());
                add("gets", &gets(reach), loud(model, reach));
            }
            None => {
                let who = format!("no campaign `{}`", Safe::line(&looked.campaign));
                add("who", &who, theme.danger());
            }
        }
        add("costs", &most(&looked.estimate), theme.text());
    }
    let budget = post.budget_usd_max.map_or_else(
        || "what the rules allow one proposal".to_owned(),
        |budget: Usd| format!("{budget} USD for one making, all its tasks together"),
    );
    add("budget", &budget, theme.text());
    add("urgent", post.priority.as_str(), theme.text());
    let due = post.due_at.map_or_else(
        || "at once, when it is approved".to_owned(),
        |due| {
            let zone = &model.settings.zone;
            let left = model.until(due);
            format!(
                "{} {zone} (in {left}), and not before",
                due.day_and_clock_in(zone)
            )
        },
    );
    add("due", &due, theme.text());
}

fn task(model: &Model, opened: &Opened, tree: &Tree, (at, of): (usize, usize), add: &mut Add<'_>) {
    let theme = model.theme;
    let Some(task) = tree.branches.get(at).and_then(|post| post.tasks.get(of)) else {
        return;
    };
    let all = opened.wrongs();
    let of_it = |wrong: &&Wrong| wrong.branch == Some(at) && wrong.task == task.name;
    let of_it: Vec<&Wrong> = all.iter().filter(of_it).collect();
    wrongs(model, &of_it, add);
    add("task", Safe::line(&task.name).as_str(), theme.strong());
    add("makes", task.part.as_str(), theme.text());
    let after = or_none(&task.after.join(", "), "nothing: it starts at once");
    add("waits for", &after, theme.text());
    let wish = or_none(&task.wish, "nothing beyond what its kind says");
    add("asked for", &wish, theme.text());
    let cost = looked(opened, at).and_then(|looked| looked.costs.get(of));
    let told = match cost {
        None => "being looked at…".to_owned(),
        Some(Cost::Free) => "nothing".to_owned(),
        Some(Cost::Most(most)) => format!("at most {most} USD"),
        Some(Cost::Unpriced) => {
            "its tool has no price: nothing is known of what it costs".to_owned()
        }
    };
    add("costs", &told, theme.text());
    let tool = task.part.tool().unwrap_or("none that is paid for");
    add("tool", tool, theme.quiet());
    for (at, criterion) in task.part.acceptance().iter().enumerate() {
        add(
            if at == 0 { "held to" } else { "" },
            criterion,
            theme.quiet(),
        );
    }
}

/// What is said before a proposal is launched: what it is and how far it gets, the loud part of it marked, and then what
/// holds it.
pub(super) fn launch(preview: &Preview, tree: &Tree) -> (Vec<(String, bool)>, Vec<String>) {
    let is_live = preview.reach == Reach::Live;
    let what = format!(
        "{} tasks for {} posts of {}, {}.",
        tree.tasks(),
        tree.branches.len(),
        Safe::line(&preview.campaign),
        most(&preview.estimate)
    );
    let first = vec![
        (what, false),
        (format!("{}.", gets(preview.reach)), is_live),
    ];
    let mut then = caps(preview);
    then.push(format!("{}.", preview.lasts.told()));
    if !preview.approval.is_empty() {
        then.push(format!("{}.", preview.approval));
    }
    (first, then)
}
