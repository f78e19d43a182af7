//! The emergency sheet, and the letters that choose in sheets.

use chimera_domain::{
    Safe,
    halt::{Halt, Scope, Stage},
    views::{HaltRow, Severity},
};

use super::{keys::Press, review};
use crate::{
    event::Request,
    model::{
        Model,
        ask::word_and_why,
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

/// Opens the sheet, the widest scopes first. The marked line is Cancel.
pub(super) fn open(model: &mut Model) {
    let mut items = vec![Choice {
        order: None,
        label: Safe::line("cancel"),
        effect: "nothing happens".to_owned(),
    }];
    for (scope, what) in scopes(model) {
        let live = model.halts().find(|halt| halt.scope == scope);
        let stop = |halt: Halt| Choice {
            order: Some(Order::Halt(scope.clone(), halt)),
            label: Safe::line(&format!("{halt} {what}")),
            effect: would_stop(&scope, halt).to_owned(),
        };
        match live {
            Some(halt) => {
                items.push(Choice {
                    order: Some(Order::Resume(scope.clone())),
                    label: Safe::line(&format!("resume {what}")),
                    effect: would_go_on(halt),
                });
                if scope == Scope::Fleet {
                    items.push(Choice {
                        order: Some(Order::Stage(Stage::Work)),
                        label: Safe::line("resume work only"),
                        effect: "planning, free work and decisions; publishing and spending stay paused until they are resumed here".to_owned(),
                    });
                }
            }
            None => items.push(stop(Halt::Pause)),
        }
        // The console kills what concerns the whole house; a part of it is paused here.
        let whole = matches!(scope, Scope::Fleet | Scope::Publishing);
        if whole && live.is_none_or(|halt| halt.level == Halt::Pause) {
            items.push(stop(Halt::Kill));
        }
    }
    model.overlay = Some(Overlay::Emergency { items, cursor: 0 });
}

/// What can be halted, with its name, each once.
fn scopes(model: &Model) -> Vec<(Scope, String)> {
    let mut all = vec![
        (Scope::Fleet, "everything".to_owned()),
        (Scope::Publishing, "publishing".to_owned()),
        (Scope::Spending, "spending".to_owned()),
    ];
    let campaigns = || model.overview.iter().flat_map(|o| &o.campaigns);
    let platforms = campaigns().map(|c| {
        let scope = Scope::Platform(c.server.to_string());
        (scope, format!("platform {}", c.server))
    });
    let agents = campaigns().map(|c| (Scope::Agent(c.agent_id), format!("agent {}", c.persona)));
    let each = campaigns().map(|c| (Scope::Campaign(c.id), format!("campaign {}", c.name)));
    for (scope, what) in platforms.chain(agents).chain(each) {
        if all.iter().all(|(known, _)| *known != scope) {
            all.push((scope, what));
        }
    }
    all
}

const fn would_stop(scope: &Scope, halt: Halt) -> &'static str {
    match (scope, halt) {
        (Scope::Fleet, Halt::Pause) => "nothing starts, nothing leaves; queues are kept",
        (Scope::Fleet, Halt::Kill) => "as pause, and only a typed resume ends it",
        (Scope::Publishing, Halt::Kill) => {
            "as pause, and what was approved before is judged again after it"
        }
        (Scope::Publishing, Halt::Pause) => {
            "nothing leaves; work and decisions go on, what is approved waits as it is"
        }
        (Scope::Platform(_), _) => "nothing leaves through it; what is approved waits as it is",
        (Scope::Spending, _) => "nothing that costs is begun; what is free goes on",
        (Scope::Agent(_), _) => {
            "nothing of any of its campaigns starts or leaves; its queues are kept"
        }
        (Scope::Campaign(_), _) => "nothing of it starts or leaves; its queues are kept",
    }
}

/// What a resume does, and the proof of the halt.
fn would_go_on(halt: &HaltRow) -> String {
    let effect = if halt.scope.voids(halt.level) {
        "what was approved before goes back to the judge".to_owned()
    } else if halt.scope == Scope::Spending {
        "what waits for money goes on".to_owned()
    } else if halt.keeps == 1 {
        "1 approved post that waits may leave".to_owned()
    } else {
        format!("{} approved posts that wait may leave", halt.keeps)
    };
    format!("{effect}. {}", proof(halt))
}

/// What was in flight at the halt, and what became of it.
fn proof(halt: &HaltRow) -> String {
    let p = halt.proof;
    if p.in_flight == 0 {
        return "Nothing was in flight at the halt".to_owned();
    }
    let last = p.last_effect_ended.map_or_else(String::new, |at| {
        format!(", last effect ended {} after it", at.since(halt.by.at))
    });
    format!(
        "In flight at the halt: {}, still under way: {}{last}, slipped past: {}",
        p.in_flight, p.under_way, p.slipped
    )
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
    let (first, why) = word_and_why(typed.text());
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
    out.push(match order {
        Order::Halt(scope, halt) => Request::Halt(scope, halt, why),
        Order::Resume(scope) => Request::Resume(scope),
        Order::Stage(stage) => Request::Stage(stage),
    });
}
