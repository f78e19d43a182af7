//! Why an action cannot be done now. Keys, palette and help ask here, so that all three say the same.

use chimera_domain::{
    effect::{EffectKind, EffectState},
    signal::{Said, SignalState},
};

use super::{Model, Pane, past, places};
use crate::{keymap::Action, layout::Class};

/// Why not now; `None` when it can be tried. Whether a card may be decided on, the guard says.
pub(crate) fn refused(model: &Model, action: Action) -> Option<String> {
    let (_, why) = RULES.iter().find(|(of, _)| *of == action)?;
    why(model)
}

type Why = fn(&Model) -> Option<String>;

/// What is not always possible.
const RULES: &[(Action, Why)] = &[
    (Action::Undo, undo),
    (Action::SayPublic, doubt),
    (Action::SendAgain, doubt),
    (Action::GiveUp, doubt),
    (Action::Withdraw, withdraw),
    (Action::WithdrawnByHand, withdraw),
    (Action::Modes, modes),
    (Action::NewGoal, new_goal),
    (Action::CopyId, selected),
    (Action::CopyText, selected),
    (Action::CopyUrl, selected),
    (Action::CopyJson, selected),
    (Action::Export, export),
    (Action::Sort, one_order),
    (Action::Turn, turn),
    (Action::Columns, columns),
    (Action::Mark, mark),
    (Action::MarkRange, mark),
    (Action::MarkAll, mark),
    (Action::Unmark, |model| {
        let none = model.list(model.focus.pane).marked().is_empty();
        none.then(|| "nothing is marked here".into())
    }),
    (Action::Zoom, zoom),
    (Action::Why, card),
    (Action::Before, before),
    (Action::Picture, picture),
    (Action::Edit, rewrite),
    (Action::RequestChanges, rewrite),
    (Action::Editor, editor),
    (Action::Replay, replay),
    (Action::Acknowledge, acknowledge),
    (Action::KeepTrend, |model| trend(model, Said::Kept)),
    (Action::DropTrend, |model| trend(model, Said::Dropped)),
    (Action::ConvertTrend, waits),
    (Action::SnoozeTrend, waits),
    (Action::Mute, |model| {
        let grouped = model.focus.pane == Pane::Grouped;
        if grouped { waits(model) } else { None }
    }),
    (Action::Unmute, unmute),
    (Action::CloseBreak, close_break),
    (Action::Versions, |model| past::task_of(model).err()),
    (Action::Trace, |model| places::trace_of(model).err()),
    (Action::WasBack, |model| {
        let none = !model.places.has_back();
        none.then(|| "there is no way back from here".into())
    }),
    (Action::WasForward, |model| {
        let none = !model.places.has_forward();
        none.then(|| "there is no way forward from here".into())
    }),
    (Action::Suspend, suspend),
];

fn undo(model: &Model) -> Option<String> {
    let none = model.undoable().is_empty() && model.first_by_me().is_none();
    none.then(|| "nothing to take back: no fuse burns".into())
}

fn selected(model: &Model) -> Option<String> {
    let none = model.list(model.focus.pane).selected_id().is_none();
    none.then(|| "no row is selected".into())
}

fn card(model: &Model) -> Option<String> {
    let none = model.review.card.is_none();
    none.then(|| "no ticket is on screen".into())
}

/// A payment is taken or left: what it pays is fixed when it is asked for.
fn rewrite(model: &Model) -> Option<String> {
    let payment = model.review.card.as_ref()?.payment()?;
    let (key, who) = (model.key(Action::Reject), &payment.row.proposer);
    Some(format!(
        "a payment is not rewritten: {key} rejects it, and {who} asks anew"
    ))
}

fn picture(model: &Model) -> Option<String> {
    let of_payment = || {
        let card = model.review.card.as_ref()?;
        card.payment()
            .map(|_| "a payment has no pictures".to_owned())
    };
    card(model).or_else(of_payment)
}

fn before(model: &Model) -> Option<String> {
    let first = || {
        model
            .review
            .card
            .as_ref()?
            .post()?
            .attempts
            .is_empty()
            .then_some(())
    };
    let of_payment = || {
        let card = model.review.card.as_ref()?;
        card.payment()
            .map(|_| "a payment has no attempts".to_owned())
    };
    card(model)
        .or_else(of_payment)
        .or_else(|| first().map(|()| "this is the first attempt".into()))
}

fn close_break(model: &Model) -> Option<String> {
    let Some(row) = model.breaks.row() else {
        return Some("no break is selected".into());
    };
    let (by, ..) = row.closed.as_ref()?;
    Some(format!("{by} has closed it already"))
}

fn editor(model: &Model) -> Option<String> {
    let none = model.settings.editor.is_none();
    none.then(|| "no editor is set: set VISUAL or EDITOR before you start the console".into())
}

fn export(model: &Model) -> Option<String> {
    if model.settings.exports_dir.is_none() {
        return Some("this console was given no folder for exports".into());
    }
    model
        .exporting
        .then(|| "the export before is still being written".into())
}

fn one_order(model: &Model) -> Option<String> {
    let pane = model.focus.pane;
    match pane.orders() {
        [] => Some(format!("{} has one order", pane.name())),
        [by] => {
            let key = model.key(Action::Turn);
            Some(format!(
                "{} is ordered by {by} only: another order would read every row; {key} turns it round",
                pane.name()
            ))
        }
        [_, _, ..] => None,
    }
}

fn turn(model: &Model) -> Option<String> {
    let pane = model.focus.pane;
    let own = pane.orders().first().copied();
    let by = model.list(pane).order().map(|order| order.by).or(own);
    let turns = by.is_some_and(|by| by.ends().1.is_some());
    (!turns).then(|| {
        let by = by.map_or_else(String::new, |by| format!(" by {by}"));
        format!("{}{by} is not turned round", pane.name())
    })
}

fn columns(model: &Model) -> Option<String> {
    let pane = model.focus.pane;
    let none = crate::view::columns(pane).is_empty();
    none.then(|| format!("{} has no columns to choose from", pane.name()))
}

fn mark(model: &Model) -> Option<String> {
    let pane = model.focus.pane;
    if !pane.can_be_marked() {
        return Some(format!(
            "nothing is done with several rows of {}",
            pane.name()
        ));
    }
    selected(model)
}

fn zoom(model: &Model) -> Option<String> {
    let wide = Class::of(model.size.width, model.size.height) == Class::Wide;
    (!wide).then(|| "this window shows one screen at a time already".into())
}

fn suspend(model: &Model) -> Option<String> {
    let here = !model.settings.attached;
    here.then(|| "not suspended: the swarm runs in this process and would stop with it".into())
}

fn replay(model: &Model) -> Option<String> {
    let Some(row) = model.task() else {
        return Some("no task is selected".into());
    };
    (!row.can_run_again()).then(|| {
        format!(
            "it is {}: only what is dead or blocked runs again",
            row.state
        )
    })
}

fn acknowledge(model: &Model) -> Option<String> {
    let none = model.alerts.selected.is_none();
    none.then(|| "no alert is selected".into())
}

fn trend(model: &Model, said: Said) -> Option<String> {
    let Some(row) = model.trends.row() else {
        return Some("no signal is selected".into());
    };
    match row.state {
        SignalState::Planned => Some("it is planned already: decide its ticket".into()),
        SignalState::Unscored => Some("it could not be scored, so nothing is like it".into()),
        SignalState::New | SignalState::Held | SignalState::Ignored => {
            (row.said == Some(said)).then(|| format!("it was {said} already"))
        }
    }
}

fn waits(model: &Model) -> Option<String> {
    let Some(row) = model.grouped.row() else {
        return Some("no trend is selected".into());
    };
    (!row.state.waits()).then(|| format!("nothing to do: it is {}, by {}", row.state, row.moved_by))
}

fn unmute(model: &Model) -> Option<String> {
    let Some(row) = model.mutes.row() else {
        return Some("no mute is selected".into());
    };
    let (by, at) = row.lifted.as_ref()?;
    let at = at.clock_in(&model.settings.zone);
    Some(format!("{by} took it back at {at}"))
}

fn doubt(model: &Model) -> Option<String> {
    let Some(row) = model.effects.row() else {
        return Some("no effect is selected".into());
    };
    if row.state != EffectState::Uncertain {
        return Some(format!(
            "nothing to say: it is {}, not uncertain",
            row.state
        ));
    }
    (row.kind == EffectKind::Withdraw).then(|| {
        format!(
            "it takes a post down: if the post is down, say so under published ({}) with {}",
            model.way(Pane::Published),
            model.key_on(Pane::Published, Action::WithdrawnByHand)
        )
    })
}

fn withdraw(model: &Model) -> Option<String> {
    let Some(row) = model.publications.row() else {
        return Some("no post is selected".into());
    };
    let (at, why) = row.withdrawn.as_ref()?;
    let at = at.clock_in(&model.settings.zone);
    Some(format!("it is down since {at}: {why}"))
}

fn new_goal(model: &Model) -> Option<String> {
    let none = model
        .overview
        .as_ref()
        .is_none_or(|o| o.campaigns.is_empty());
    none.then(|| "a goal is for a campaign, and there is none".into())
}

fn modes(model: &Model) -> Option<String> {
    let Some(row) = model.campaigns.row() else {
        return Some("no campaign is selected".into());
    };
    (row.reach == chimera_domain::mode::Reach::StandIn).then(|| {
        format!(
            "{} is a stand-in: nothing of it leaves this machine, so nothing can go live",
            row.server
        )
    })
}
