//! Every key, as data: where it works, what it does, and the words that help and footer show.
//!
//! `keymap/table.rs` is the table of what holds unless an operator says otherwise, `keymap/bound.rs` the keymap as it
//! works, `keymap/change.rs` takes the operator's `console.keys` over it, `keymap/names.rs` has the names he
//! calls actions by, `keymap/twins.rs` the commands that do the same.

mod bound;
mod change;
mod names;
mod table;
mod twins;

use self::table::BINDINGS;
pub use self::{
    bound::Keymap,
    change::{KeyChange, KeyPart, KeyProblem},
    twins::twins,
};
pub(crate) use self::{
    bound::{
        Bound, DRAWN, Meaning, NOTE, PALETTE, PICTURE, PROPOSAL, SHEETS, SLIDER, TYPING, VERSIONS,
        WRITING,
    },
    twins::twin,
};
use crate::model::Pane;

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Context {
    Everywhere,
    Lists,
    /// Lists whose rows open with Enter.
    Opens,
    Detail,
    Trends,
    /// Trends: signals put together.
    Grouped,
    Mutes,
    Breaks,
    Review,
    Outbox,
    Published,
    Campaigns,
    Dag,
    /// The graph as boxes and lines, where the arrows follow its edges.
    Drawn,
    Tasks,
    /// The walk of one trace.
    Walk,
    Alerts,
    Menu,
    Palette,
    Typing,
    Writing,
    Note,
    /// A proposal that is edited before anything of it runs.
    Proposal,
    /// The past of a task, version by version.
    Versions,
    /// A threshold that is tried on the past.
    Slider,
    /// The pictures of a ticket.
    Picture,
}

impl Context {
    /// What it is called in the help and in `console.keys`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Lists => "lists",
            Self::Opens => "rows",
            Self::Detail => "detail",
            Self::Trends => "trends",
            Self::Grouped => "grouped",
            Self::Mutes => "mutes",
            Self::Breaks => "breaks",
            Self::Review => "review",
            Self::Outbox => "outbox",
            Self::Published => "published",
            Self::Campaigns => "campaigns",
            Self::Dag => "dag",
            Self::Drawn => "drawn",
            Self::Tasks => "tasks",
            Self::Walk => "walk",
            Self::Alerts => "alerts",
            Self::Menu => "menus",
            Self::Palette => "palette",
            Self::Typing => "typing",
            Self::Writing => "writing",
            Self::Note => "note",
            Self::Proposal => "proposal",
            Self::Versions => "versions",
            Self::Slider => "threshold",
            Self::Picture => "pictures",
        }
    }

    /// Whether a character typed there is text, and never a key.
    pub(crate) const fn types(self) -> bool {
        matches!(self, Self::Typing | Self::Writing)
    }
}

/// What a key can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Help,
    Command,
    Find,
    Complete,
    Messages,
    Calibration,
    Hindsight,
    Lower,
    Raise,
    FarLower,
    FarRaise,
    InForce,
    Handover,
    AddLine,
    CopyNote,
    WriteNote,
    Acknowledge,
    KeepTrend,
    DropTrend,
    ConvertTrend,
    SnoozeTrend,
    Mute,
    Unmute,
    Replay,
    Critical,
    Versions,
    Drawn,
    Parent,
    Child,
    SiblingAbove,
    SiblingBelow,
    Centre,
    MoreHops,
    FewerHops,
    Trace,
    WasBack,
    WasForward,
    Go(Pane),
    NextPane,
    PrevPane,
    Zoom,
    Back,
    Interrupt,
    Quit,
    Suspend,
    Redraw,
    Emergency,
    ReadAgain,
    CopyId,
    CopyText,
    Mouse,
    CopyUrl,
    CopyJson,
    Export,
    Filters,
    Down,
    Up,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Open,
    Close,
    Filter,
    Freeze,
    Sort,
    Turn,
    Columns,
    Mark,
    MarkRange,
    MarkAll,
    Unmark,
    Approve,
    Reject,
    Edit,
    RequestChanges,
    Escalate,
    Snooze,
    Assign,
    Batch,
    Why,
    Before,
    Picture,
    Undo,
    SayPublic,
    SendAgain,
    GiveUp,
    Withdraw,
    CloseBreak,
    WithdrawnByHand,
    Modes,
    NewGoal,
    Proposals,
    AddPost,
    AddTask,
    Remove,
    MoveUp,
    MoveDown,
    WaitsFor,
    Priority,
    Campaign,
    Budget,
    Due,
    Words,
    Known,
    Source,
    UndoEdit,
    Launch,
    Discard,
    Next,
    Prev,
    Skip,
    CardDown,
    Accept,
    Rubout,
    RuboutWord,
    RuboutLine,
    Delete,
    NewLine,
    Left,
    Right,
    LineStart,
    LineEnd,
    Ready,
    Editor,
}

/// One line of the key table.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) context: Context,
    /// Alternatives; a space separates the keys of a sequence.
    pub(crate) keys: &'static [&'static str],
    pub(crate) action: Action,
    /// One word for the footer.
    pub(crate) word: &'static str,
    pub(crate) help: &'static str,
    /// Place in the footer, 0 for none.
    pub(crate) footer: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    // R134: the README names no key that is not bound, nor one that other programs own.
    #[test]
    fn r134_the_table_of_the_readme_is_true() {
        let keymap = Keymap::default();
        let readme = include_str!("../README.md");
        let keys = readme.split("\n## ").find(|part| part.starts_with("Keys"));
        let rows = keys
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix("| `"));
        let mut looked_at = 0;
        for row in rows {
            let cell = format!("`{}", row.split(" |").next().unwrap());
            for name in cell.split('`').skip(1).step_by(2) {
                // The arrows as a reader knows them.
                let name = match name {
                    "↓" => "Down",
                    "↑" => "Up",
                    name => name,
                };
                assert!(keymap.begins_or_is(name), "{name} is in the README only");
                looked_at += 1;
            }
        }
        assert!(looked_at > 20, "{looked_at}");
    }

    // R134: within a context an action stands once, so that `console.keys` can name it.
    #[test]
    fn r134_an_action_stands_once_in_a_context() {
        for (i, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[i + 1..] {
                let same = (one.context, one.action) == (other.context, other.action);
                assert!(!same, "{} twice in {}", one.action, one.context.name());
            }
        }
    }
}
