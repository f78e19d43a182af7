//! What keys change in a proposal: each change is one edit of the tree, stored at once by the version it was made on.

use chimera_domain::{
    Safe, Usd,
    goal::{Edit, Part, due},
    task::Priority,
    views::Severity,
};

use crate::{
    event::Request,
    keymap::Action,
    model::{
        Model,
        overlay::{Overlay, Typed},
        proposal::{Choosing, Field, Node, Opened, Over},
    },
};

/// A key over a proposal; `false` where it is none that changes one.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "of all that a key can do few things are done to a proposal"
)]
pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Request>) -> bool {
    match action {
        Action::Words => ask(model, Field::Words),
        Action::Known => ask(model, Field::Known),
        Action::Source => ask(model, Field::Source),
        Action::Budget => ask(model, Field::Budget),
        Action::Due => ask(model, Field::Due),
        Action::AddPost => ask(model, Field::NewPost),
        Action::AddTask => pick(model, Choosing::Kind),
        Action::Campaign => pick(model, Choosing::Campaign),
        Action::WaitsFor => pick(model, Choosing::After),
        Action::Remove => remove(model, out),
        Action::MoveUp => change(model, Edit::Up, out),
        Action::MoveDown => change(model, Edit::Down, out),
        Action::Priority => priority(model, out),
        Action::UndoEdit => undo(model, out),
        _ => return false,
    }
    true
}

fn proposal(model: &mut Model) -> Option<&mut Opened> {
    match &mut model.overlay {
        Some(Overlay::Proposal(opened)) => Some(opened),
        Some(_) | None => None,
    }
}

/// Whether the proposal can be changed at this node; says why not.
fn may(model: &mut Model, of_a_post: bool) -> bool {
    let Some(opened) = proposal(model) else {
        return false;
    };
    let why = opened.is_fixed().or_else(|| {
        let on_goal = of_a_post && opened.node() == Node::Goal;
        on_goal.then(|| "this is the goal: choose a post or a task".to_owned())
    });
    match why {
        Some(why) => {
            model.say(Severity::Info, &why);
            false
        }
        None => true,
    }
}

/// Changes the tree at the cursor.
fn change(model: &mut Model, edit: Edit, out: &mut Vec<Request>) {
    let anywhere = matches!(edit, Edit::Goal(_) | Edit::AddPost(_));
    if !may(model, !anywhere) {
        return;
    }
    let keeps_place = matches!(edit, Edit::Goal(_));
    let Some(opened) = proposal(model) else {
        return;
    };
    let (place, before) = (opened.place(), opened.node());
    let Some(edited) = opened.tree().map(|tree| tree.edited(place, edit)) else {
        return;
    };
    match edited {
        Ok((tree, place)) => {
            let wish = opened.change(tree);
            opened.go_to(if keeps_place { before } else { Node::of(place) });
            out.extend(wish.map(Request::Propose));
        }
        Err(why) => model.say(Severity::Info, &why),
    }
}

fn remove(model: &mut Model, out: &mut Vec<Request>) {
    let told = proposal(model)
        .filter(|opened| opened.node() != Node::Goal && opened.is_fixed().is_none())
        .and_then(|opened| Some(opened.tree()?.goes_with(opened.place())));
    change(model, Edit::Remove, out);
    if let Some(told) = told {
        let told = Safe::line(&format!("{told}; u takes it back"));
        model.say(Severity::Warning, told.as_str());
    }
}

fn priority(model: &mut Model, out: &mut Vec<Request>) {
    let Some(opened) = proposal(model) else {
        return;
    };
    let branch = opened.place().branch;
    let now = opened
        .tree()
        .and_then(|tree| tree.branches.get(branch))
        .map(|post| post.priority);
    let Some(now) = now else {
        may(model, true);
        return;
    };
    let next = match now {
        Priority::High => Priority::Medium,
        Priority::Medium => Priority::Low,
        Priority::Low => Priority::High,
    };
    change(model, Edit::Priority(next), out);
}

fn undo(model: &mut Model, out: &mut Vec<Request>) {
    if !may(model, false) {
        return;
    }
    let Some(opened) = proposal(model) else {
        return;
    };
    match opened.take_back() {
        Ok(wish) => {
            out.extend(wish.map(Request::Propose));
            model.say(Severity::Info, "taken back");
        }
        Err(()) => model.say(
            Severity::Info,
            "nothing to take back: nothing was changed here since it was read",
        ),
    }
}

/// Opens the line for a field, with what stands in it.
fn ask(model: &mut Model, field: Field) {
    if !may(model, !matches!(field, Field::Words | Field::NewPost)) {
        return;
    }
    let zone = model.settings.zone.clone();
    let Some(opened) = proposal(model) else {
        return;
    };
    let text = text_of(opened, field, &zone);
    opened.over = Some(Over::Typing {
        field,
        typed: Typed::of(Safe::line(&text).as_str()),
    });
}

/// What stands in a field.
fn text_of(opened: &Opened, field: Field, zone: &str) -> String {
    let Some(tree) = opened.tree() else {
        return String::new();
    };
    let place = opened.place();
    let post = tree.branches.get(place.branch);
    let of = |what: fn(&chimera_domain::goal::Branch) -> String| post.map(what).unwrap_or_default();
    match field {
        Field::NewPost => String::new(),
        Field::Words => match opened.node() {
            Node::Goal => tree.goal.clone(),
            Node::Post(_) => of(|post| post.title.clone()),
            Node::Task(_, task) => post
                .and_then(|post| post.tasks.get(task))
                .map(|task| task.wish.clone())
                .unwrap_or_default(),
        },
        Field::Known => of(|post| post.summary.clone()),
        Field::Source => of(|post| post.link.clone()),
        Field::Budget => of(|post| {
            post.budget_usd_max
                .map_or_else(String::new, |usd| usd.to_string())
        }),
        Field::Due => post
            .and_then(|post| post.due_at)
            .map_or_else(String::new, |due| due.day_and_clock_in(zone)),
    }
}

/// Enter after a field. What cannot be is said, and stays to be mended.
pub(super) fn typed(model: &mut Model, field: Field, typed: Typed, out: &mut Vec<Request>) {
    let (now, zone) = (model.now, model.settings.zone.clone());
    let Some(opened) = proposal(model) else {
        return;
    };
    let text = typed.text().trim().to_owned();
    // Untouched, it stays byte by byte what it is, also where it cannot be shown as it is.
    if Safe::line(&text_of(opened, field, &zone)).as_str().trim() == text {
        return;
    }
    let edit = match (field, opened.node()) {
        (Field::NewPost, _) => Ok(Edit::AddPost(text)),
        (Field::Words, Node::Goal) => Ok(Edit::Goal(text)),
        (Field::Words, Node::Post(_)) => Ok(Edit::Title(text)),
        (Field::Words, Node::Task(..)) => Ok(Edit::Wish(text)),
        (Field::Known, _) => Ok(Edit::Summary(text)),
        (Field::Source, _) => Ok(Edit::Link(text)),
        (Field::Due, _) => due(&text, now, &zone).map(Edit::Due),
        (Field::Budget, _) if text.is_empty() => Ok(Edit::Budget(None)),
        (Field::Budget, _) => text
            .parse::<Usd>()
            .map(|usd| Edit::Budget(Some(usd)))
            .map_err(|why| why.to_string()),
    };
    match edit {
        Ok(edit) => change(model, edit, out),
        Err(why) => {
            opened.over = Some(Over::Typing { field, typed });
            model.say(Severity::Warning, &why);
        }
    }
}

/// Opens a menu.
fn pick(model: &mut Model, what: Choosing) {
    if !may(model, true) {
        return;
    }
    let Some(opened) = proposal(model) else {
        return;
    };
    if what == Choosing::After && !matches!(opened.node(), Node::Task(..)) {
        model.say(
            Severity::Info,
            "a post waits for nothing: choose one of its tasks",
        );
        return;
    }
    opened.over = Some(Over::Choosing { what, cursor: 0 });
}

/// The lines of a menu, each with whether it holds now.
pub(crate) fn lines(model: &Model, opened: &Opened, what: Choosing) -> Vec<(bool, Safe)> {
    let place = opened.place();
    let post = opened
        .tree()
        .and_then(|tree| tree.branches.get(place.branch));
    match what {
        Choosing::Kind => Part::ALL
            .iter()
            .map(|part| (false, Safe::line(part.as_str())))
            .collect(),
        Choosing::Campaign => {
            let own = opened
                .preview
                .as_ref()
                .map_or("", |preview| &preview.campaign);
            let name = post.map_or("", |post| post.campaign.trim());
            let name = if name.is_empty() { own } else { name };
            let campaigns = model.overview.iter().flat_map(|o| &o.campaigns);
            campaigns
                .map(|row| {
                    let label = format!(
                        "{}: {} as {} on {}",
                        row.name, row.persona, row.account, row.channel
                    );
                    (row.name.as_str() == name, Safe::line(&label))
                })
                .collect()
        }
        Choosing::After => {
            let here = place.task;
            let after = here.and_then(|at| Some(&post?.tasks.get(at)?.after));
            let tasks = post.iter().flat_map(|post| &post.tasks).enumerate();
            tasks
                .filter(|(at, _)| Some(*at) != here)
                .map(|(_, task)| {
                    let waits = after.is_some_and(|after| after.contains(&task.name));
                    (waits, Safe::line(&task.name))
                })
                .collect()
        }
        Choosing::Discard => vec![
            (false, Safe::line("keep it")),
            (
                false,
                Safe::line("discard it: it is listed no more and cannot be launched"),
            ),
        ],
    }
}

/// Enter on a line of a menu.
pub(super) fn choose(model: &mut Model, what: Choosing, cursor: usize, out: &mut Vec<Request>) {
    let Some(opened) = proposal(model) else {
        return;
    };
    match what {
        Choosing::Kind => {
            if let Some(part) = Part::ALL.get(cursor) {
                change(model, Edit::AddTask(*part), out);
            }
        }
        Choosing::Campaign => {
            let own = opened
                .preview
                .as_ref()
                .map(|preview| preview.campaign.clone());
            let mut campaigns = model.overview.iter().flat_map(|o| &o.campaigns);
            let name = campaigns.nth(cursor).map(|row| row.name.to_string());
            if let Some(name) = name {
                let name = if Some(&name) == own.as_ref() {
                    String::new()
                } else {
                    name
                };
                change(model, Edit::Campaign(name), out);
            }
        }
        Choosing::After => {
            // What it may wait for is all tasks of its post but itself.
            let here = opened.place().task.unwrap_or_default();
            let other = if cursor < here { cursor } else { cursor + 1 };
            opened.over = Some(Over::Choosing { what, cursor });
            change(model, Edit::After(other), out);
        }
        Choosing::Discard => {}
    }
}
