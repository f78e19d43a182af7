//! What can lie over the panes, and what is typed into it.

use chimera_domain::{
    Safe, StateVersion, Timestamp,
    campaign::Channel,
    halt::{Halt, Scope, Stage},
    ids::{CampaignId, TicketId},
    ticket::RejectClass,
    views::MediaRow,
};
use unicode_segmentation::UnicodeSegmentation;

use crate::picture::Picture;

use super::{
    Pane,
    ask::Asked,
    batch::Batch,
    calibrated::Calibrated,
    hindsight::Hindsight,
    note::Note,
    palette::{Kind, Palette},
    past::Past,
    pick::Item,
    proposal::{Opened, Over},
    review::CardKey,
    writing::Writing,
};

/// The most characters a line of input takes.
const TYPED_MAX: usize = 400;

/// One line being typed; always clean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed(String);

impl Typed {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Adds what was typed or pasted, made safe, as far as there is room.
    pub(crate) fn push(&mut self, text: &str) {
        let room = TYPED_MAX.saturating_sub(self.0.chars().count());
        self.0.extend(Safe::line(text).as_str().chars().take(room));
    }

    pub(crate) fn rubout(&mut self) {
        if let Some((at, _)) = self.0.grapheme_indices(true).next_back() {
            self.0.truncate(at);
        }
    }

    pub(crate) fn rubout_word(&mut self) {
        let kept = self.0.trim_end();
        let at = kept.rfind(' ').map_or(0, |i| i + 1);
        self.0.truncate(at);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// What the emergency sheet can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    /// Stop.
    Halt(Scope, Halt),
    /// Go on.
    Resume(Scope),
    /// Let a halted fleet go on with one stage.
    Stage(Stage),
}

impl Order {
    /// What must be typed.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Halt(_, Halt::Pause) => "pause",
            Self::Halt(_, Halt::Kill) => "kill",
            Self::Resume(_) | Self::Stage(_) => "resume",
        }
    }
}

/// One line of the emergency sheet; the first one is to cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) order: Option<Order>,
    pub(crate) label: Safe,
    pub(crate) effect: String,
}

/// A decision that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undoable {
    pub(crate) ticket: TicketId,
    pub(crate) version: StateVersion,
    pub(crate) until: Timestamp,
    pub(crate) label: Safe,
}

/// What is said about a ticket in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saying {
    /// What is to be changed.
    Changes,
    /// Why it is escalated.
    Escalate,
    /// Whose it is.
    Assign,
}

impl Saying {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Changes => "request changes",
            Self::Escalate => "escalate",
            Self::Assign => "assign",
        }
    }

    /// What to type, and what follows.
    pub(crate) const fn prompt(self) -> &'static str {
        match self {
            Self::Changes => {
                "Nothing goes out; it is made once more with what you type here. Empty Enter cancels:"
            }
            Self::Escalate => {
                "It waits before the others and an alert names you. Why, may be empty:"
            }
            Self::Assign => "Whose it is to decide; empty gives it back to everybody:",
        }
    }
}

/// A picture on screen, or on its way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) media: MediaRow,
    /// It is what another is held against, and goes nowhere.
    pub(crate) is_reference: bool,
    /// Which of how many.
    pub(crate) place: (usize, usize),
    /// `None` while it is read.
    pub(crate) picture: Option<Result<Picture, Safe>>,
    /// Which of its frames.
    pub(crate) frame: usize,
}

/// A text that is ready, before it is let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) card: CardKey,
    /// What was asked about.
    pub(crate) before: Safe,
    pub(crate) writing: Writing,
    /// What must be typed where one key is not enough, and why.
    pub(crate) word: Option<(String, &'static str)>,
    pub(crate) typed: Typed,
}

/// A moment to be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Later {
    pub(crate) at: Timestamp,
    pub(crate) label: String,
}

/// The campaign a goal is for, and what it is called.
pub(crate) type GoalFor = (CampaignId, Channel, Safe);

/// What lies over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// Command line, palette or help.
    Palette(Palette),
    /// The last messages.
    Messages { scroll: usize },
    /// `r` was pressed: the reason.
    Reason { card: CardKey },
    /// The reason was chosen: a note.
    Note {
        card: CardKey,
        class: RejectClass,
        typed: Typed,
    },
    /// Not a routine ticket: the end of its id must be typed.
    Confirm {
        card: CardKey,
        word: String,
        why: &'static str,
        typed: Typed,
    },
    /// Another text for the post.
    Write {
        card: CardKey,
        before: Safe,
        writing: Writing,
        /// Esc was pressed, and something was changed.
        leaving: bool,
    },
    /// It is ready: what it changes.
    Written(Written),
    /// Something said about the ticket.
    Say {
        card: CardKey,
        saying: Saying,
        typed: Typed,
    },
    /// When to ask again.
    Later {
        card: CardKey,
        items: Vec<Later>,
        cursor: usize,
    },
    /// What the attempt before was.
    Before { scroll: usize },
    /// Several that are nearly the same.
    Batch(Batch),
    /// The versions of a task.
    Past(Past),
    /// What people answered, by how sure the judge was.
    Calibration(Calibrated),
    /// What another threshold would have meant.
    Hindsight(Hindsight),
    /// A picture that would go out.
    Picture(Shown),
    /// Which decision to take back.
    Undo { items: Vec<Undoable>, cursor: usize },
    /// What to stop or to start again.
    Emergency { items: Vec<Choice>, cursor: usize },
    /// The word for it.
    Word { choice: Choice, typed: Typed },
    /// Which mode to change.
    Modes { items: Vec<Asked>, cursor: usize },
    /// The note for whoever comes next.
    Handover { note: Note, scroll: usize },
    /// A line is added to it.
    HandoverLine { note: Note, typed: Typed },
    /// A goal in words, for a campaign.
    Goal {
        campaign: GoalFor,
        writing: Writing,
        /// Esc was pressed, and something was written.
        leaving: bool,
        /// It is being kept.
        sent: bool,
    },
    /// For which campaign.
    GoalFor { items: Vec<GoalFor>, cursor: usize },
    /// The proposals that wait to be launched.
    Proposals { cursor: usize },
    /// One of them, as a tree.
    Proposal(Box<Opened>),
    /// The columns of a list.
    Columns { pane: Pane, cursor: usize },
    /// A short menu over the list.
    Pick {
        title: &'static str,
        items: Vec<Item>,
        cursor: usize,
    },
    /// What a filter is to be called.
    Name {
        pane: Pane,
        filter: String,
        typed: Typed,
    },
    /// Something else that must be typed.
    Asked { asked: Asked, typed: Typed },
    /// A fuse burns: really leave?
    Quit,
}

impl Overlay {
    /// What the status line calls it.
    pub(crate) const fn mode(&self) -> &'static str {
        match self {
            Self::Palette(palette) => match palette.kind {
                Kind::Command => "COMMAND",
                Kind::Find => "FIND",
                Kind::Help => "HELP",
            },
            Self::Messages { .. } => "MESSAGES",
            Self::Handover { .. } => "NOTE",
            Self::Before { .. } => "DIFF",
            Self::Picture(_) => "PICTURE",
            Self::Past(_) => "VERSIONS",
            Self::Calibration(_) => "CALIBRATION",
            Self::Hindsight(_) => "THRESHOLD",
            Self::HandoverLine { .. }
            | Self::Name { .. }
            | Self::Note { .. }
            | Self::Write { .. }
            | Self::Goal { .. }
            | Self::Say { .. } => "EDIT",
            Self::Proposal(opened) => match &opened.over {
                None => "PROPOSAL",
                Some(Over::Typing { .. }) => "EDIT",
                Some(Over::Choosing { .. }) => "CHOOSE",
                Some(Over::Launch { .. }) => "CONFIRM",
                Some(Over::Keys { .. }) => "HELP",
            },
            Self::Proposals { .. } => "PROPOSALS",
            Self::Pick { .. } | Self::Columns { .. } | Self::GoalFor { .. } => "CHOOSE",
            Self::Reason { .. } => "REJECT",
            Self::Confirm { .. }
            | Self::Undo { .. }
            | Self::Emergency { .. }
            | Self::Modes { .. }
            | Self::Asked { .. }
            | Self::Word { .. }
            | Self::Written(_)
            | Self::Batch(_)
            | Self::Later { .. }
            | Self::Quit => "CONFIRM",
        }
    }

    /// The line that is being typed, where there is one.
    pub(crate) const fn typed(&mut self) -> Option<&mut Typed> {
        match self {
            Self::Note { typed, .. }
            | Self::Confirm { typed, .. }
            | Self::Word { typed, .. }
            | Self::Say { typed, .. }
            | Self::Written(Written { typed, .. })
            | Self::Name { typed, .. }
            | Self::HandoverLine { typed, .. }
            | Self::Asked { typed, .. } => Some(typed),
            Self::Palette(palette) => Some(&mut palette.typed),
            Self::Batch(batch) => Some(&mut batch.typed),
            Self::Proposal(opened) => match &mut opened.over {
                Some(Over::Typing { typed, .. } | Over::Launch { typed }) => Some(typed),
                Some(Over::Choosing { .. } | Over::Keys { .. }) | None => None,
            },
            Self::Write { .. }
            | Self::Handover { .. }
            | Self::Later { .. }
            | Self::Before { .. }
            | Self::Past(_)
            | Self::Calibration(_)
            | Self::Hindsight(_)
            | Self::Picture(_)
            | Self::Messages { .. }
            | Self::Reason { .. }
            | Self::Undo { .. }
            | Self::Emergency { .. }
            | Self::Modes { .. }
            | Self::Pick { .. }
            | Self::Columns { .. }
            | Self::Goal { .. }
            | Self::GoalFor { .. }
            | Self::Proposals { .. }
            | Self::Quit => None,
        }
    }

    pub(crate) const fn is_typing(&self) -> bool {
        if let Self::Proposal(opened) = self {
            return matches!(opened.over, Some(Over::Typing { .. } | Over::Launch { .. }));
        }
        matches!(
            self,
            Self::Note { .. }
                | Self::Confirm { .. }
                | Self::Word { .. }
                | Self::Say { .. }
                | Self::Written(_)
                | Self::Asked { .. }
                | Self::Name { .. }
                | Self::HandoverLine { .. }
                | Self::Palette(_)
                | Self::Batch(_)
        )
    }

    /// The text that is being written, where there is one, and whether Esc was pressed over it.
    pub(crate) const fn writing(&mut self) -> Option<(&mut Writing, &mut bool)> {
        match self {
            Self::Write {
                writing, leaving, ..
            }
            | Self::Goal {
                writing, leaving, ..
            } => Some((writing, leaving)),
            Self::Palette(_)
            | Self::Handover { .. }
            | Self::HandoverLine { .. }
            | Self::Past(_)
            | Self::Calibration(_)
            | Self::Hindsight(_)
            | Self::Picture(_)
            | Self::Batch(_)
            | Self::Messages { .. }
            | Self::Reason { .. }
            | Self::Note { .. }
            | Self::Confirm { .. }
            | Self::Written(_)
            | Self::Say { .. }
            | Self::Later { .. }
            | Self::Before { .. }
            | Self::Undo { .. }
            | Self::Emergency { .. }
            | Self::Word { .. }
            | Self::Modes { .. }
            | Self::Asked { .. }
            | Self::Pick { .. }
            | Self::Columns { .. }
            | Self::GoalFor { .. }
            | Self::Proposals { .. }
            | Self::Proposal(_)
            | Self::Name { .. }
            | Self::Quit => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // What is typed is clean, bounded, and rubbed out by what a person sees as one character.
    #[test]
    fn typed_text_is_clean_and_bounded() {
        let mut typed = Typed::default();
        typed.push("one two\u{1b}[31m e\u{301}");
        assert_eq!(typed.text(), "one two␛[31m e\u{301}");
        typed.rubout();
        assert_eq!(typed.text(), "one two␛[31m ");
        typed.rubout_word();
        assert_eq!(typed.text(), "one ");
        typed.push(&"x".repeat(1000));
        assert_eq!(typed.text().chars().count(), TYPED_MAX);
        typed.clear();
        assert_eq!(typed.text(), "");
    }
}
