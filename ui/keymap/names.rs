//! What each action is called: in `console.keys`, in the palette and in the help. Names are kept, as
//! configurations have them.

use std::fmt;

use super::Action;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Go(pane) => return write!(f, "go-{}", pane.name()),
            Self::Help => "help",
            Self::Command => "command",
            Self::Find => "find-command",
            Self::Complete => "complete",
            Self::Messages => "messages",
            Self::Calibration => "calibration",
            Self::Hindsight => "threshold",
            Self::Lower => "lower",
            Self::Raise => "raise",
            Self::FarLower => "far-lower",
            Self::FarRaise => "far-raise",
            Self::InForce => "in-force",
            Self::Handover => "hand-over",
            Self::AddLine => "add-line",
            Self::CopyNote => "copy-note",
            Self::WriteNote => "write-note",
            Self::Acknowledge => "acknowledge",
            Self::KeepTrend => "keep-trend",
            Self::DropTrend => "drop-trend",
            Self::ConvertTrend => "convert-trend",
            Self::SnoozeTrend => "snooze-trend",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::Replay => "run-again",
            Self::Critical => "critical-path",
            Self::Versions => "versions",
            Self::Drawn => "drawn",
            Self::Parent => "to-parent",
            Self::Child => "to-child",
            Self::SiblingAbove => "to-sibling-above",
            Self::SiblingBelow => "to-sibling-below",
            Self::Centre => "centre",
            Self::MoreHops => "more-hops",
            Self::FewerHops => "fewer-hops",
            Self::Trace => "trace",
            Self::WasBack => "go-back",
            Self::WasForward => "go-forward",
            Self::NextPane => "next-pane",
            Self::PrevPane => "previous-pane",
            Self::Zoom => "zoom",
            Self::Back => "back",
            Self::Interrupt => "interrupt",
            Self::Quit => "quit",
            Self::Suspend => "suspend",
            Self::Redraw => "redraw",
            Self::Emergency => "emergency",
            Self::ReadAgain => "read-again",
            Self::CopyId => "copy-id",
            Self::Mouse => "mouse",
            Self::CopyText => "copy-text",
            Self::CopyUrl => "copy-url",
            Self::CopyJson => "copy-json",
            Self::Export => "export",
            Self::Filters => "filters",
            Self::Down => "down",
            Self::Up => "up",
            Self::HalfDown => "half-down",
            Self::HalfUp => "half-up",
            Self::PageDown => "page-down",
            Self::PageUp => "page-up",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Open => "open",
            Self::Close => "close",
            Self::Filter => "filter",
            Self::Freeze => "freeze",
            Self::Sort => "sort",
            Self::Turn => "turn-order",
            Self::Columns => "columns",
            Self::Mark => "mark",
            Self::MarkRange => "mark-range",
            Self::MarkAll => "mark-all",
            Self::Unmark => "unmark",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Undo => "undo",
            Self::SayPublic => "say-public",
            Self::SendAgain => "send-again",
            Self::GiveUp => "give-up",
            Self::Withdraw => "withdraw",
            Self::CloseBreak => "close-break",
            Self::WithdrawnByHand => "withdrawn-by-hand",
            Self::Modes => "modes",
            Self::NewGoal => "new-goal",
            Self::Proposals => "proposals",
            Self::AddPost => "add-post",
            Self::AddTask => "add-task",
            Self::Remove => "remove",
            Self::MoveUp => "move-up",
            Self::MoveDown => "move-down",
            Self::WaitsFor => "waits-for",
            Self::Priority => "priority",
            Self::Campaign => "campaign",
            Self::Budget => "budget",
            Self::Due => "due",
            Self::Words => "words",
            Self::Known => "known",
            Self::Source => "source",
            Self::UndoEdit => "undo-edit",
            Self::Launch => "launch",
            Self::Discard => "discard",
            Self::Next => "next",
            Self::Prev => "previous",
            Self::Skip => "skip",
            Self::CardDown => "read-on",
            Self::Accept => "accept",
            Self::Rubout => "delete",
            Self::RuboutWord => "delete-word",
            Self::RuboutLine => "delete-line",
            Self::Edit => "edit",
            Self::RequestChanges => "request-changes",
            Self::Escalate => "escalate",
            Self::Snooze => "snooze",
            Self::Assign => "assign",
            Self::Batch => "batch",
            Self::Why => "why",
            Self::Before => "diff",
            Self::Picture => "picture",
            Self::Delete => "delete-after",
            Self::NewLine => "new-line",
            Self::Left => "left",
            Self::Right => "right",
            Self::LineStart => "line-start",
            Self::LineEnd => "line-end",
            Self::Ready => "ready",
            Self::Editor => "editor",
        })
    }
}

impl Action {
    /// Whether it decides on the card on screen: the guard on deciding asks by this and never by a letter, so
    /// that it holds wherever the operator has put the key.
    pub(crate) const fn decides(self) -> bool {
        matches!(
            self,
            Self::Approve
                | Self::Reject
                | Self::Edit
                | Self::RequestChanges
                | Self::Escalate
                | Self::Snooze
                | Self::Assign
                | Self::Batch
        )
    }

    /// Whether it sends out what the card shows, so that all of it must have been read.
    pub(crate) const fn lets_out(self) -> bool {
        matches!(self, Self::Approve | Self::Edit | Self::Batch)
    }
}
