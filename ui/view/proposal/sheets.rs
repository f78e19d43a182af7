//! The sheets over a proposal, and those on the way to one: a goal that is written, and what waits.

use chimera_domain::{Safe, goal::WORDS_MAX};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    super::{
        parts::{col, gap},
        sheets::{ABOVE, choice, line_of},
        written,
    },
    node,
};
use crate::{
    keymap::{Action, Context},
    model::{
        Model,
        proposal::{Choosing, Field, Node, Opened, Over},
        writing::Writing,
    },
    text::{cut, wrap},
    update::proposal_edit,
};

/// How wide the keys are beside what they do.
const KEYS: usize = 14;

/// A sheet: its name, its lines, and how far it is scrolled.
pub(in crate::view) type Laid = (&'static str, Vec<Line<'static>>, usize);

/// What lies over a proposal.
pub(in crate::view) fn over(model: &Model, opened: &Opened, columns: usize) -> Option<Laid> {
    let theme = model.theme;
    let mut lines = Vec::new();
    let mut say = |text: &str, style: Style| {
        for line in wrap(text, columns.saturating_sub(1)) {
            lines.push(Line::from(vec![gap(1), Span::styled(line, style)]));
        }
    };
    match opened.over.as_ref()? {
        Over::Typing { field, typed } => {
            say(prompt(opened, *field), theme.text());
            lines.push(line_of(model, typed, columns));
            lines.push(Line::styled(" Enter stores it, Esc cancels", theme.quiet()));
            Some((name(*field), lines, 0))
        }
        Over::Choosing { what, cursor } => {
            let (name, hint) = match what {
                Choosing::Kind => ("add a task", " Enter adds it, Esc cancels"),
                Choosing::Campaign => ("who and where", " Enter chooses, Esc cancels"),
                Choosing::After => ("waits for", " Enter ties or unties, Esc closes"),
                Choosing::Discard => ("discard this proposal", " Enter chooses, Esc keeps it"),
            };
            for (i, (holds, label)) in proposal_edit::lines(model, opened, *what)
                .iter()
                .enumerate()
            {
                let sign = match what {
                    Choosing::Kind | Choosing::Discard => "",
                    Choosing::After | Choosing::Campaign if *holds => "[x] ",
                    Choosing::After | Choosing::Campaign => "[ ] ",
                };
                let label = format!("{sign}{label}");
                lines.push(choice(model, i == *cursor, &label, columns));
            }
            if lines.is_empty() {
                lines.push(Line::styled(
                    " There is nothing to choose from.",
                    theme.quiet(),
                ));
            }
            lines.push(Line::styled(hint, theme.quiet()));
            Some((name, lines, cursor.saturating_sub(ABOVE)))
        }
        Over::Launch { typed } => {
            let preview = opened.preview.as_ref()?;
            let tree = opened.tree()?;
            let (first, then) = node::launch(preview, tree);
            for (text, is_loud) in first {
                say(
                    &text,
                    if is_loud {
                        theme.danger()
                    } else {
                        theme.text()
                    },
                );
            }
            // What is typed stands before what may not fit.
            let told = format!("Type `{}` to launch; empty Enter cancels:", preview.word());
            say(&told, theme.strong());
            lines.push(line_of(model, typed, columns));
            for text in then {
                for line in wrap(&text, columns.saturating_sub(1)) {
                    lines.push(Line::from(vec![gap(1), Span::styled(line, theme.quiet())]));
                }
            }
            Some(("launch", lines, 0))
        }
        Over::Keys { scroll } => Some(("keys of a proposal", keys(model, columns), *scroll)),
    }
}

/// Every key of a proposal.
pub(super) fn keys(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    for bound in model.settings.keys.active(&[Context::Proposal]) {
        let names: Vec<&str> = bound.keys.iter().map(|keys| keys.name.as_str()).collect();
        let help = wrap(bound.help, columns.saturating_sub(KEYS + 2).max(8));
        for (i, help) in help.into_iter().enumerate() {
            let names = if i == 0 {
                names.join(" ")
            } else {
                String::new()
            };
            let names = col(theme, &names, KEYS, theme.key());
            lines.push(Line::from(vec![
                gap(1),
                names,
                Span::styled(help, theme.text()),
            ]));
        }
    }
    lines
}

const fn name(field: Field) -> &'static str {
    match field {
        Field::NewPost => "add a post",
        Field::Words => "words",
        Field::Known => "what is known",
        Field::Source => "source",
        Field::Budget => "budget",
        Field::Due => "due",
    }
}

fn prompt(opened: &Opened, field: Field) -> &'static str {
    match (field, opened.node()) {
        (Field::NewPost, _) => "What the new post is about:",
        (Field::Words, Node::Goal) => "The goal in words; the posts stay as they are:",
        (Field::Words, Node::Post(_)) => "What this post is about:",
        (Field::Words, Node::Task(..)) => {
            "What this task is asked for beyond what its kind says; may be empty:"
        }
        (Field::Known, _) => {
            "What is known about it, which the text is written from; may be empty:"
        }
        (Field::Source, _) => "The address that the post links (https://…):",
        (Field::Budget, _) => {
            "The most that one making of this post may cost, in USD; empty is what the rules allow:"
        }
        (Field::Due, _) => {
            "When it is to leave once it is approved: 14:30, 2026-11-28 14:30 or +3h; empty is at once:"
        }
    }
}

/// What a sheet says, in as many lines as it takes.
fn told(text: &str, style: Style, sheet: usize) -> impl Iterator<Item = Line<'static>> {
    let lines = wrap(text, sheet.saturating_sub(1)).into_iter();
    lines.map(move |line| Line::from(vec![gap(1), Span::styled(line, style)]))
}

/// A goal that is being written.
pub(in crate::view) fn goal(
    model: &Model,
    label: &Safe,
    writing: &Writing,
    is_sent: bool,
    sheet: usize,
) -> (Vec<Line<'static>>, usize) {
    let theme = model.theme;
    let mut lines = Vec::new();
    let mut say = |text: &str, style: Style| lines.extend(told(text, style, sheet));
    say(
        &format!("What {label} is to reach, in words."),
        theme.text(),
    );
    let hint =
        "`;` separates posts, each with what stands before a colon. Name the source: https://…";
    say(hint, theme.quiet());
    let used = writing.text().chars().count();
    let before = lines.len();
    let here = written::area(theme, writing, sheet, &mut lines);
    let key = |action| {
        let keys = &model.settings.keys;
        keys.key_of(&[Context::Writing], action).unwrap_or_default()
    };
    let told = if is_sent {
        " being kept…".to_owned()
    } else {
        format!(
            " {} makes a proposal of it, {} your editor, {} drops it; {used} of {WORDS_MAX}",
            key(Action::Ready),
            key(Action::Editor),
            key(Action::Back)
        )
    };
    let style = if used > WORDS_MAX {
        theme.danger()
    } else {
        theme.quiet()
    };
    for line in wrap(&told, sheet) {
        lines.push(Line::styled(line, style));
    }
    (lines, (before + here).saturating_sub(ABOVE + 3))
}

/// The proposals that wait to be launched.
pub(in crate::view) fn waiting(
    model: &Model,
    cursor: usize,
    sheet: usize,
) -> (Vec<Line<'static>>, usize) {
    let theme = model.theme;
    let mut lines = Vec::new();
    let mut say = |text: &str, style: Style| lines.extend(told(text, style, sheet));
    let new = model.key(Action::NewGoal);
    match &model.proposals.read {
        None => say("Reading…", theme.quiet()),
        Some(Err(why)) => say(&format!("Could not be read: {why}"), theme.danger()),
        Some(Ok(all)) if all.is_empty() => {
            let told =
                format!("No proposal waits to be launched. Esc, then {new} makes one of a goal.");
            say(&told, theme.quiet());
        }
        Some(Ok(all)) => {
            let campaigns = || model.overview.iter().flat_map(|o| &o.campaigns);
            for (at, opened) in all.iter().enumerate() {
                let name = campaigns().find(|row| row.id == opened.campaign_id);
                let name = name.map_or_else(String::new, |row| format!("{}: ", row.name));
                let label = format!("{name}{}", Safe::line(&opened.tree.goal));
                lines.push(choice(model, at == cursor, &label, sheet));
                if at == cursor {
                    let told = format!(
                        "     {} posts, {} tasks; {} by {} {} ago",
                        opened.tree.branches.len(),
                        opened.tree.tasks(),
                        opened.version,
                        Safe::line(&opened.moved_by),
                        model.age(opened.moved_at)
                    );
                    lines.push(Line::styled(
                        cut(&told, sheet, theme.marks().cut),
                        theme.quiet(),
                    ));
                }
            }
            lines.push(Line::styled(" Enter opens it, Esc closes", theme.quiet()));
        }
    }
    (lines, cursor.saturating_sub(ABOVE))
}
