//! The tree of a proposal as lines: what each node is, what stands beside it, and what is wrong with it.

use chimera_domain::{
    Safe, Timestamp,
    goal::{Branch, Cost, Tree, Wrong},
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    super::parts::{col, gap, num},
    looked,
};
use crate::{
    keymap::{Action, Context},
    model::{
        Model,
        proposal::{Node, Opened},
    },
    text::{width, wrap},
};

/// How wide the cost of a node is.
const COST: usize = 8;
/// How wide its due time is.
const DUE: usize = 11;
/// How wide its priority is.
const PRIORITY: usize = 6;
/// How wide who speaks and where is.
const WHO: usize = 16;

/// Which columns there is room for beside the tree: who and where, when, how urgent; what it costs always.
#[derive(Clone, Copy)]
struct Room {
    tree: usize,
    who: bool,
    due: bool,
    priority: bool,
}

impl Room {
    fn of(columns: usize) -> Self {
        let (priority, due, who) = (columns >= 42, columns >= 56, columns >= 76);
        let mut taken = 2 + COST;
        for (shown, wide) in [(priority, PRIORITY), (due, DUE), (who, WHO)] {
            taken += if shown { wide + 1 } else { 0 };
        }
        Self {
            tree: columns.saturating_sub(taken),
            who,
            due,
            priority,
        }
    }

    /// Whether something is left out, which the node in full says.
    const fn leaves_out(self) -> bool {
        !(self.who && self.due && self.priority)
    }
}

pub(super) fn column_names(model: &Model, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let room = Room::of(columns);
    let mut name = "what".to_owned();
    if room.leaves_out() {
        // What is not shown here is one key away.
        let open = model
            .settings
            .keys
            .key_of(&[Context::Proposal], Action::Open);
        name.push_str(&format!(
            "  {} {} more",
            theme.marks().cut,
            open.unwrap_or(":open")
        ));
    }
    let mut spans = vec![gap(2), col(theme, &name, room.tree, theme.quiet())];
    for (shown, name, wide) in [
        (room.who, "who, where", WHO),
        (room.due, "due", DUE),
        (room.priority, "urgent", PRIORITY),
    ] {
        if shown {
            spans.extend([gap(1), col(theme, name, wide, theme.quiet())]);
        }
    }
    spans.push(num(theme, "USD max", COST, theme.quiet()));
    Line::from(spans)
}

/// What stands beside a node.
struct Beside {
    who: String,
    due: String,
    priority: String,
    cost: (String, Style),
}

/// The lines of the tree, and which of them the cursor is on.
pub(super) fn rows(model: &Model, opened: &Opened, columns: usize) -> (Vec<Line<'static>>, usize) {
    let Some(tree) = opened.tree() else {
        return (Vec::new(), 0);
    };
    let wrongs = opened.wrongs();
    let (mut lines, mut here) = (Vec::new(), 0);
    let cursor = opened.node();
    for node in opened.nodes() {
        let of_it: Vec<&Wrong> = wrongs
            .iter()
            .filter(|wrong| is_at(tree, wrong, node))
            .collect();
        if node == cursor {
            here = lines.len();
        }
        let is_here = node == cursor && !opened.detail;
        lines.push(line(
            model,
            opened,
            tree,
            node,
            (!of_it.is_empty(), is_here),
            columns,
        ));
        let guide = guide_below(model, tree, node);
        for wrong in of_it {
            let room = columns.saturating_sub(4 + width(&guide)).max(8);
            for (i, text) in wrap(Safe::line(&wrong.what).as_str(), room)
                .into_iter()
                .enumerate()
            {
                let sign = if i == 0 { "! " } else { "  " };
                lines.push(Line::from(vec![
                    gap(2),
                    Span::styled(guide.clone(), model.theme.quiet()),
                    Span::styled(sign, model.theme.danger()),
                    Span::styled(text, model.theme.warning()),
                ]));
            }
        }
    }
    if tree.branches.is_empty() {
        let add = model
            .settings
            .keys
            .key_of(&[Context::Proposal], Action::AddPost);
        let told = format!("  {} adds a post", add.unwrap_or(":add-post"));
        lines.push(Line::styled(told, model.theme.quiet()));
    }
    (lines, here)
}

/// Whether something that is wrong stands at a node.
fn is_at(tree: &Tree, wrong: &Wrong, node: Node) -> bool {
    let Some(branch) = wrong.branch.filter(|branch| *branch < tree.branches.len()) else {
        return node == Node::Goal;
    };
    let tasks = &tree.branches[branch].tasks;
    match tasks.iter().position(|task| task.name == wrong.task) {
        Some(task) => node == Node::Task(branch, task),
        None => node == Node::Post(branch),
    }
}

/// The lines that lead to a node, as far as they stand before it.
fn guide(model: &Model, tree: &Tree, node: Node) -> String {
    let marks = model.theme.marks();
    let (tee, corner, through) = (marks.tee, marks.joints[6], marks.vertical);
    let is_last = |at: usize, all: usize| at + 1 >= all;
    match node {
        Node::Goal => String::new(),
        Node::Post(at) if is_last(at, tree.branches.len()) => format!("{corner} "),
        Node::Post(_) => format!("{tee} "),
        Node::Task(at, task) => {
            let above = if is_last(at, tree.branches.len()) {
                " "
            } else {
                through
            };
            let tasks = tree.branches.get(at).map_or(0, |post| post.tasks.len());
            let own = if is_last(task, tasks) { corner } else { tee };
            format!("{above} {own} ")
        }
    }
}

/// The lines that go on past a node, before what is said below it.
fn guide_below(model: &Model, tree: &Tree, node: Node) -> String {
    let through = model.theme.marks().vertical;
    let goes_on = |at: usize, all: usize| if at + 1 < all { through } else { " " };
    match node {
        Node::Goal => String::new(),
        Node::Post(at) => {
            let tasks = tree.branches.get(at).map_or(0, |post| post.tasks.len());
            let own = if tasks > 0 { through } else { " " };
            format!("{} {own} ", goes_on(at, tree.branches.len()))
        }
        Node::Task(at, task) => {
            let tasks = tree.branches.get(at).map_or(0, |post| post.tasks.len());
            let posts = goes_on(at, tree.branches.len());
            format!("{posts} {}   ", goes_on(task, tasks))
        }
    }
}

fn line(
    model: &Model,
    opened: &Opened,
    tree: &Tree,
    node: Node,
    (is_wrong, is_here): (bool, bool),
    columns: usize,
) -> Line<'static> {
    let theme = model.theme;
    let room = Room::of(columns);
    let (label, beside) = match node {
        Node::Goal => (Safe::line(&tree.goal).to_string(), whole(model, opened)),
        Node::Post(at) => {
            let post = &tree.branches[at];
            let label = format!("{} {}", at + 1, Safe::line(&post.title));
            (label, of_post(model, opened, at, post))
        }
        Node::Task(at, of) => {
            let task = &tree.branches[at].tasks[of];
            let mut label = Safe::line(&task.name).to_string();
            if task.name != task.part.as_str() {
                label.push_str(&format!(" ({})", task.part));
            }
            if !task.after.is_empty() {
                let after = Safe::line(&task.after.join(", "));
                label.push_str(&format!(" {} {after}", theme.marks().arrow));
            }
            if !task.wish.is_empty() {
                label.push_str(&format!(": {}", Safe::line(&task.wish)));
            }
            (label, of_task(model, opened, at, of))
        }
    };
    let sign = if is_wrong { "!" } else { " " };
    let cursor = if is_here { theme.marks().cursor } else { " " };
    let guide = guide(model, tree, node);
    let rest = room.tree.saturating_sub(width(&guide));
    let style = match node {
        _ if is_here => theme.selected(),
        Node::Goal | Node::Post(_) => theme.strong(),
        Node::Task(..) => theme.text(),
    };
    let mut spans = vec![
        Span::styled(sign, theme.danger()),
        Span::styled(cursor, theme.accent()),
        Span::styled(guide, theme.quiet()),
        col(theme, &label, rest, style),
    ];
    if room.who {
        spans.extend([gap(1), col(theme, &beside.who, WHO, theme.accent())]);
    }
    if room.due {
        spans.extend([gap(1), col(theme, &beside.due, DUE, theme.text())]);
    }
    if room.priority {
        spans.extend([gap(1), col(theme, &beside.priority, PRIORITY, theme.text())]);
    }
    let (cost, style) = beside.cost;
    spans.push(num(theme, &cost, COST, style));
    Line::from(spans)
}

fn of_post(model: &Model, opened: &Opened, at: usize, post: &Branch) -> Beside {
    let theme = model.theme;
    let looked = looked(opened, at);
    let who = looked.map_or_else(String::new, |looked| match looked.place {
        Some((channel, _)) => format!("{} {channel}", Safe::line(&looked.persona)),
        None => format!("? {}", Safe::line(&looked.campaign)),
    });
    let due = post
        .due_at
        .map_or_else(|| "at once".to_owned(), |due| short(model, due));
    let cost = match looked {
        None => (theme.marks().none.to_owned(), theme.quiet()),
        Some(looked) => {
            let most = looked.estimate.most;
            let most = most.map_or_else(|| "?".to_owned(), |most| most.to_string());
            let sign = if looked.estimate.unpriced.is_empty() {
                ""
            } else {
                "+?"
            };
            (format!("{most}{sign}"), theme.text())
        }
    };
    Beside {
        who,
        due,
        priority: post.priority.to_string(),
        cost,
    }
}

/// A day of this year with its hour, or the day of another year; all of it stands in the post in full.
fn short(model: &Model, due: Timestamp) -> String {
    let zone = &model.settings.zone;
    let (due, now) = (due.day_and_clock_in(zone), model.now.day_and_clock_in(zone));
    let year = |day: &str| day.split_once('-').map(|(year, _)| year.to_owned());
    if year(&due) == year(&now) {
        due.split_once('-')
            .map_or_else(String::new, |(_, rest)| rest.to_owned())
    } else {
        due.split_once(' ')
            .map_or_else(String::new, |(day, _)| day.to_owned())
    }
}

fn of_task(model: &Model, opened: &Opened, at: usize, of: usize) -> Beside {
    let theme = model.theme;
    let cost = looked(opened, at).and_then(|looked| looked.costs.get(of));
    Beside {
        who: String::new(),
        due: String::new(),
        priority: String::new(),
        cost: match cost {
            None => (theme.marks().none.to_owned(), theme.quiet()),
            Some(Cost::Free) => ("free".to_owned(), theme.quiet()),
            Some(Cost::Most(most)) => (most.to_string(), theme.text()),
            Some(Cost::Unpriced) => ("no price".to_owned(), theme.warning()),
        },
    }
}

fn whole(model: &Model, opened: &Opened) -> Beside {
    let theme = model.theme;
    let estimate = opened.preview.as_ref().filter(|_| opened.is_settled());
    let most = estimate.and_then(|preview| preview.estimate.most);
    Beside {
        who: String::new(),
        due: String::new(),
        priority: String::new(),
        cost: match most {
            Some(most) => (most.to_string(), theme.strong()),
            None => (theme.marks().none.to_owned(), theme.quiet()),
        },
    }
}
