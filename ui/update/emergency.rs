//! The emergency sheet, and the letters that choose in sheets.

use chimera_domain::{
    Safe,
    campaign::{CampaignState, FleetState, Halt, Scope},
    views::Severity,
};

use super::{keys::Press, review};
use crate::{
    event::Request,
    model::{
        Model,
        overlay::{Choice, Order, Overlay, Typed},
    },
    settings::Exit,
};

/// Sheets whose lines are chosen by a letter. `true` when the letter was for them.
pub(super) fn on_letter(model: &mut Model, letter: char, press: Press) -> bool {
    match model.overlay {
        Some(Overlay::Reason { card }) => {
            review::reason(model, card, letter, press);
            true
        }
        Some(Overlay::Quit) if letter == 'y' => {
            model.exit = Some(Exit::Quit);
            true
        }
        Some(_) | None => false,
    }
}

/// Opens the sheet. The marked line is Cancel.
pub(super) fn open(model: &mut Model) {
    let line = |order, label: &str, effect| Choice {
        order: Some(order),
        label: Safe::line(label),
        effect,
    };
    let mut items = vec![Choice {
        order: None,
        label: Safe::line("cancel"),
        effect: "nothing happens",
    }];
    for c in model.overview.iter().flat_map(|o| &o.campaigns) {
        items.push(match c.state {
            CampaignState::Running => line(
                Order::Halt(Scope::Campaign(c.id), Halt::Pause),
                &format!("pause campaign {}", c.name),
                "nothing of it starts or leaves; its queues are kept",
            ),
            CampaignState::Paused => line(
                Order::Resume(Scope::Campaign(c.id)),
                &format!("resume campaign {}", c.name),
                "what was approved before goes back to the judge",
            ),
        });
    }
    let pause = line(
        Order::Halt(Scope::Fleet, Halt::Pause),
        "pause everything",
        "nothing starts, nothing leaves; queues are kept",
    );
    let kill = line(
        Order::Halt(Scope::Fleet, Halt::Kill),
        "kill everything",
        "as pause, and only a typed resume ends it",
    );
    let resume = line(
        Order::Resume(Scope::Fleet),
        "resume everything",
        "what was approved before goes back to the judge",
    );
    match model.fleet() {
        None | Some(FleetState::Running) => items.extend([pause, kill]),
        Some(FleetState::Paused) => items.extend([resume, kill]),
        Some(FleetState::Killed) => items.push(resume),
    }
    model.overlay = Some(Overlay::Emergency { items, cursor: 0 });
}

/// Enter on a line of the sheet.
pub(super) fn choose(model: &mut Model, items: &[Choice], cursor: usize) {
    match items.get(cursor) {
        Some(choice) if choice.order.is_some() => {
            model.overlay = Some(Overlay::Word {
                choice: choice.clone(),
                typed: Typed::default(),
            });
        }
        Some(_) | None => model.say(Severity::Info, "cancelled: nothing was stopped"),
    }
}

/// Enter after the word. What follows the word is the reason that is stored.
pub(super) fn word(model: &mut Model, choice: Choice, typed: &Typed, out: &mut Vec<Request>) {
    let Some(order) = choice.order.clone() else {
        return;
    };
    let text = typed.text().trim();
    let (first, why) = text.split_once(' ').unwrap_or((text, ""));
    if first.is_empty() {
        model.say(Severity::Info, "cancelled: nothing was changed");
        return;
    }
    if first != order.word() {
        model.say(
            Severity::Warning,
            &format!("not done: type `{}`, or Esc to cancel", order.word()),
        );
        model.overlay = Some(Overlay::Word {
            choice,
            typed: Typed::default(),
        });
        return;
    }
    let why = match why.trim() {
        "" => "by key in the console",
        why => why,
    };
    out.push(match order {
        Order::Halt(scope, halt) => Request::Halt(scope, halt, why.to_owned()),
        Order::Resume(scope) => Request::Resume(scope),
    });
}
