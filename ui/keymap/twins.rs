//! What does the same on the command line. A test of the whole program holds it against the verbs there are.

use super::{Action, BINDINGS};
use crate::model::Pane;

/// Which command does what an action does; words in capitals are to be filled in.
const TWINS: &[(Action, &str)] = &[
    (Action::Approve, "review approve TICKET"),
    (Action::Reject, "review reject TICKET --reason REASON"),
    (Action::Edit, "review edit TICKET --text TEXT"),
    (
        Action::RequestChanges,
        "review request-changes TICKET --notes NOTES",
    ),
    (Action::Escalate, "review escalate TICKET"),
    (Action::Snooze, "review snooze TICKET --for TIME"),
    (Action::Assign, "review assign TICKET --to NAME"),
    (Action::Undo, "review undo TICKET"),
    (Action::SayPublic, "effect resolve EFFECT --published PLACE"),
    (Action::SendAgain, "effect resolve EFFECT --send-again"),
    (Action::GiveUp, "effect resolve EFFECT --give-up WHY"),
    (Action::Withdraw, "effect withdraw PUBLICATION --why WHY"),
    (
        Action::WithdrawnByHand,
        "effect withdraw PUBLICATION --by-hand",
    ),
    (Action::Modes, "live --campaign NAME"),
    (Action::NewGoal, "campaign compose GOAL --campaign NAME"),
    (Action::Proposals, "campaign proposals"),
    (Action::Words, "campaign revise PROPOSAL FILE"),
    (Action::Launch, "campaign launch PROPOSAL --confirm WORD"),
    (Action::Discard, "campaign discard PROPOSAL"),
    (Action::Emergency, "halt --why WHY"),
    (Action::Calibration, "review calibration"),
    (Action::Hindsight, "planner threshold --at SCORE"),
    (Action::Handover, "handover"),
    (Action::Replay, "worker retry-failed TASK"),
    (Action::Versions, "worker history TASK"),
    (Action::Go(Pane::Alerts), "alert list"),
    (Action::Acknowledge, "alert acknowledge ALERT"),
    (Action::KeepTrend, "planner keep SIGNAL"),
    (Action::DropTrend, "planner drop SIGNAL"),
    (Action::Go(Pane::Grouped), "trend list"),
    (Action::ConvertTrend, "trend convert TREND"),
    (Action::SnoozeTrend, "trend snooze TREND --for TIME"),
    (Action::Mute, "trend mute TREND --words WORDS"),
    (Action::Unmute, "trend unmute MUTE"),
    (Action::Go(Pane::Mutes), "trend mutes"),
    (Action::Go(Pane::Trends), "planner view-signals"),
    (Action::Go(Pane::Dag), "worker check-queue"),
    (Action::Go(Pane::Review), "review list"),
    (Action::Go(Pane::Ledger), "cfo view-ledger"),
    (Action::Go(Pane::Payments), "cfo payments"),
    (Action::Go(Pane::Breaks), "cfo reconcile-wallet"),
    (Action::CloseBreak, "cfo close-break NUMBER --why WHY"),
    (Action::Go(Pane::Outbox), "effect list"),
    (Action::Go(Pane::Published), "engagement view-metrics"),
    (Action::Go(Pane::Campaigns), "live status"),
];

/// The command that does what an action does.
pub(crate) fn twin(action: Action) -> Option<&'static str> {
    TWINS
        .iter()
        .find(|(own, _)| *own == action)
        .map(|(_, command)| *command)
}

/// Every action of the console that has a twin on the command line, with it.
pub fn twins() -> impl Iterator<Item = (String, &'static str)> {
    let bound = |action: &Action| BINDINGS.iter().any(|line| line.action == *action);
    TWINS
        .iter()
        .filter(move |(action, _)| bound(action))
        .map(|(action, command)| (action.to_string(), *command))
}
