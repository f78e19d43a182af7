//! Every key, as data: where it works, what it does, and the words that help and footer show.
//!
//! This is the table of what holds unless an operator says otherwise. `keymap/bound.rs` is the keymap as it
//! works, `keymap/change.rs` takes the operator's `console.keys` over it, `keymap/names.rs` has the names he
//! calls actions by, `keymap/twins.rs` the commands that do the same.

mod bound;
mod change;
mod names;
mod twins;

pub use self::{
    bound::Keymap,
    change::{KeyChange, KeyPart, KeyProblem},
    twins::twins,
};
pub(crate) use self::{
    bound::{Bound, DRAWN, Meaning, NOTE, PALETTE, PROPOSAL, TYPING, WRITING},
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
}

impl Context {
    /// What it is called in the help and in `console.keys`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Lists => "lists",
            Self::Opens => "rows",
            Self::Detail => "detail",
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
    Handover,
    AddLine,
    CopyNote,
    WriteNote,
    Acknowledge,
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

const fn bind(
    context: Context,
    keys: &'static [&'static str],
    action: Action,
    word: &'static str,
    help: &'static str,
    footer: u8,
) -> Binding {
    Binding {
        context,
        keys,
        action,
        word,
        help,
        footer,
    }
}

/// The key table.
#[rustfmt::skip]
pub(crate) const BINDINGS: &[Binding] = {
    use Action as A;
    use Context::{Alerts, Campaigns, Dag, Detail, Drawn, Everywhere, Lists, Menu, Note, Opens, Outbox, Palette, Proposal, Published, Review, Tasks, Typing, Walk, Writing};
    &[
        bind(Review, &["a"], A::Approve, "approve", "approve exactly what the card shows; it is held for the undo fuse", 1),
        bind(Review, &["r"], A::Reject, "reject", "reject: one letter for the reason, then a note", 2),
        bind(Review, &["e"], A::Edit, "edit", "write another text and let that out; the judge looks at it first", 3),
        bind(Review, &["c"], A::RequestChanges, "changes", "request changes: it is made once more with your notes", 0),
        bind(Review, &["x"], A::Escalate, "escalate", "escalate: it waits before the others, and an alert names you", 0),
        bind(Review, &["w"], A::Snooze, "wait", "snooze: out of the way for a while, never past its deadline", 0),
        bind(Review, &["m"], A::Assign, "assign", "give it to somebody, or back to everybody", 0),
        bind(Review, &["b"], A::Batch, "batch", "approve several that are nearly the same; what differs is shown first", 0),
        bind(Review, &["i"], A::Why, "why", "why it is here: what the judge found", 0),
        bind(Review, &["V"], A::Picture, "picture", "the pictures that go out, in the terminal; again: the next one, j and k: its frames", 0),
        bind(Review, &["d"], A::Before, "diff", "what changed against the attempt before", 0),
        bind(Review, &["u"], A::Undo, "undo", "take a decision back while its fuse burns", 3),
        bind(Review, &["s"], A::Skip, "skip", "skip: leave this ticket and go to the next that waits", 4),
        bind(Review, &["J"], A::CardDown, "read on", "read on: half a card down, from the list too", 5),
        bind(Review, &["n"], A::Next, "next", "next ticket", 7),
        bind(Review, &["p"], A::Prev, "previous", "previous ticket", 10),

        bind(Outbox, &["P"], A::SayPublic, "it is out", "you looked: it is public; its address is asked for", 1),
        bind(Outbox, &["S"], A::SendAgain, "send again", "you looked: it is not out; it is sent once more under the same key", 2),
        bind(Outbox, &["D"], A::GiveUp, "drop", "you looked: it is not out and shall not be", 3),
        bind(Outbox, &["u"], A::Undo, "undo", "take a decision back while its fuse burns", 4),

        bind(Published, &["W"], A::Withdraw, "withdraw", "take this post down through its platform", 1),
        bind(Published, &["B"], A::WithdrawnByHand, "down by hand", "you took it down yourself: note it, nothing is sent", 2),

        bind(Campaigns, &["L"], A::Modes, "live or dry", "let it publish for real, or make it dry: server, agent and campaign", 1),
        bind(Campaigns, &["N"], A::NewGoal, "new goal", "a goal in words becomes a proposal that you edit before anything runs", 2),
        bind(Campaigns, &["P"], A::Proposals, "proposals", "the proposals that wait to be launched", 3),

        bind(Dag, &["P"], A::Critical, "critical path", "mark what the end of this plan waits for, or waited for longest", 1),
        bind(Dag, &["A"], A::Replay, "run again", "let a task that was given up or blocked run again", 2),

        bind(Dag, &["L"], A::Drawn, "drawn or list", "draw what is around this task as boxes and lines, or list all tasks again", 3),

        bind(Drawn, &["Left", "h"], A::Parent, "before", "to what this task waits for", 0),
        bind(Drawn, &["Right", "l"], A::Child, "after", "to what waits for this task", 0),
        bind(Drawn, &["Up", "k"], A::SiblingAbove, "above", "to the task above, in the same column", 0),
        bind(Drawn, &["Down", "j"], A::SiblingBelow, "below", "to the task below, in the same column", 0),
        bind(Drawn, &["Enter"], A::Centre, "centre", "put this task into the middle", 4),
        bind(Drawn, &["+"], A::MoreHops, "more", "show what is one edge farther away", 6),
        bind(Drawn, &["-"], A::FewerHops, "less", "show one edge less far", 7),

        bind(Tasks, &["A"], A::Replay, "run again", "let a task that was given up or blocked run again", 1),

        bind(Dag, &["S"], A::Versions, "versions", "the past of this task, version by version: who, why, and whom it lost to", 0),
        bind(Tasks, &["S"], A::Versions, "versions", "the past of this task, version by version: who, why, and whom it lost to", 2),
        bind(Walk, &["S"], A::Versions, "versions", "the past of the task this step is about, version by version", 1),

        bind(Alerts, &["Enter", "A"], A::Acknowledge, "acknowledge", "you have read it: it is listed no more, unless it comes back after an hour of quiet", 1),

        bind(Lists, &["j", "Down"], A::Down, "down", "one row down", 0),
        bind(Lists, &["k", "Up"], A::Up, "up", "one row up", 0),
        bind(Lists, &["Ctrl-D"], A::HalfDown, "half down", "half a page down", 0),
        bind(Lists, &["Ctrl-U"], A::HalfUp, "half up", "half a page up", 0),
        bind(Lists, &["PgDn"], A::PageDown, "page down", "a page down", 0),
        bind(Lists, &["PgUp"], A::PageUp, "page up", "a page up", 0),
        bind(Lists, &["g g", "Home"], A::Top, "top", "first row", 0),
        bind(Lists, &["G", "End"], A::Bottom, "bottom", "last row", 0),
        bind(Opens, &["Enter"], A::Open, "detail", "into the detail", 6),
        bind(Lists, &["l", "Right"], A::Open, "detail", "into the detail", 0),
        bind(Lists, &["h", "Left"], A::Close, "back", "back from the detail, or out of the zoom", 0),
        bind(Lists, &["F"], A::Freeze, "freeze", "freeze this list, or follow it again", 9),
        bind(Lists, &["o"], A::Sort, "sort", "order this list by its next column", 0),
        bind(Lists, &["O"], A::Turn, "turn round", "the other end of this order first", 0),
        bind(Lists, &["C"], A::Columns, "columns", "choose the columns of this list", 0),
        bind(Lists, &["Space"], A::Mark, "mark", "mark this row, or take its mark away, and go down", 0),
        bind(Lists, &["v"], A::MarkRange, "mark range", "begin a range here; again: mark all from there to here", 0),
        bind(Lists, &["*"], A::MarkAll, "mark all", "mark all that is filtered", 0),
        bind(Lists, &["U"], A::Unmark, "unmark", "take all marks of this list away", 0),

        bind(Detail, &["j", "Down"], A::Down, "down", "scroll down", 0),
        bind(Detail, &["k", "Up"], A::Up, "up", "scroll up", 0),
        bind(Detail, &["Ctrl-D", "Space"], A::HalfDown, "half down", "half a page down", 0),
        bind(Detail, &["Ctrl-U"], A::HalfUp, "half up", "half a page up", 0),
        bind(Detail, &["PgDn"], A::PageDown, "page down", "a page down", 0),
        bind(Detail, &["PgUp"], A::PageUp, "page up", "a page up", 0),
        bind(Detail, &["g g", "Home"], A::Top, "top", "to the start", 0),
        bind(Detail, &["G", "End"], A::Bottom, "bottom", "to the end", 0),
        bind(Detail, &["h", "Left"], A::Close, "back", "back to the list", 6),

        bind(Everywhere, &["/"], A::Filter, "filter", "filter this list as you type; Enter keeps it, Esc clears it", 8),
        bind(Everywhere, &["?"], A::Help, "keys", "the keys that work here; type to find one, Enter does it", 5),
        bind(Everywhere, &[":"], A::Command, "command", "type a command by its name; Tab completes, Up is what was run before", 5),
        bind(Everywhere, &["Ctrl-P"], A::Find, "find", "find a command by some of its letters", 0),
        bind(Everywhere, &["1", "g t"], A::Go(Pane::Trends), "trends", "go to trends", 0),
        bind(Everywhere, &["2", "g d"], A::Go(Pane::Dag), "dag", "go to the task DAG", 0),
        bind(Everywhere, &["3", "g r"], A::Go(Pane::Review), "review", "go to review", 0),
        bind(Everywhere, &["4", "g l"], A::Go(Pane::Ledger), "ledger", "go to the ledger", 0),
        bind(Everywhere, &["5", "g e"], A::Go(Pane::Outbox), "outbox", "go to what is on its way out, and what nobody knows the fate of", 0),
        bind(Everywhere, &["6", "g p"], A::Go(Pane::Published), "published", "go to what was published", 0),
        bind(Everywhere, &["7", "g c"], A::Go(Pane::Campaigns), "campaigns", "go to the campaigns: what is live, dry or simulated", 0),
        bind(Everywhere, &["8", "g f"], A::Go(Pane::Fleet), "fleet", "go to the fleet: every agent, its work, money and last error", 0),
        bind(Everywhere, &["9", "g k"], A::Go(Pane::Tasks), "tasks", "go to all tasks by themselves", 0),
        bind(Everywhere, &["g a"], A::Go(Pane::Alerts), "alerts", "go to what you should look at", 0),
        bind(Everywhere, &["g u"], A::Go(Pane::Audit), "audit", "go to the record of all that was done", 0),
        bind(Everywhere, &["g w"], A::Go(Pane::Trace), "trace", "go to the walk that was looked at last", 0),
        bind(Everywhere, &["g m"], A::Go(Pane::Servers), "servers", "go to the MCP servers and the resources read from them", 0),
        bind(Everywhere, &["g o"], A::Go(Pane::Measures), "measures", "go to the objectives, and to what happened in the last day", 0),
        bind(Everywhere, &["g s"], A::Go(Pane::Personas), "personas", "go to the personas", 0),
        bind(Everywhere, &["g b"], A::Go(Pane::Presence), "presence", "go to presence: the swarm, and later its neighbours", 0),
        bind(Everywhere, &["g x"], A::Go(Pane::Config), "config", "go to the values the swarm decides by", 0),
        bind(Everywhere, &["t"], A::Trace, "trace", "the whole walk of this row, from perception to ledger; [ returns", 11),
        bind(Everywhere, &["["], A::WasBack, "back", "back to where you were", 0),
        bind(Everywhere, &["]"], A::WasForward, "forward", "forward again", 0),
        bind(Everywhere, &["Tab"], A::NextPane, "pane", "next pane", 12),
        bind(Everywhere, &["S-Tab"], A::PrevPane, "previous pane", "previous pane", 0),
        bind(Everywhere, &["z"], A::Zoom, "zoom", "zoom this pane, or show all panes again", 13),
        bind(Everywhere, &["!"], A::Emergency, "emergency", "pause a campaign, pause or kill everything, resume; the word must be typed", 5),
        bind(Everywhere, &["R"], A::ReadAgain, "read again", "read everything again and put the review list in order", 0),
        bind(Everywhere, &["y i"], A::CopyId, "copy id", "send the id of the selected row to your terminal's clipboard", 0),
        bind(Everywhere, &["y t"], A::CopyText, "copy text", "send its text to your terminal's clipboard", 0),
        bind(Everywhere, &["y u"], A::CopyUrl, "copy URL", "send its address to your terminal's clipboard", 0),
        bind(Everywhere, &["y j"], A::CopyJson, "copy JSON", "send all of it as JSON to your terminal's clipboard", 0),
        bind(Everywhere, &["M"], A::Mouse, "mouse", "let the mouse move and point here, or give it back to your terminal", 0),
        bind(Everywhere, &["E"], A::Export, "export", "write what is marked, else all that is filtered, to a file: CSV or JSON Lines", 0),
        bind(Everywhere, &["f"], A::Filters, "filters", "saved filters, and what these rows can be narrowed by", 0),
        bind(Everywhere, &["H"], A::Handover, "hand-over", "the note for whoever comes next: what waits, burns, is stopped or unknown, and who decided what", 0),
        bind(Everywhere, &[], A::NewGoal, "new goal", "a goal in words becomes a proposal that you edit before anything runs", 0),
        bind(Everywhere, &["Ctrl-E"], A::Messages, "messages", "the last messages", 0),
        bind(Everywhere, &["Esc"], A::Back, "back", "one step back; never quits", 0),
        bind(Everywhere, &["Ctrl-C"], A::Interrupt, "back", "as Esc; twice within a second quits", 0),
        bind(Everywhere, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),
        bind(Everywhere, &["Ctrl-Z"], A::Suspend, "suspend", "suspend, when the swarm is not in this process", 0),
        bind(Everywhere, &["q"], A::Quit, "quit", "close what is open; else quit; a swarm inside this console stops with it", 14),

        bind(Menu, &["j", "Down", "."], A::Down, "down", "down", 0),
        bind(Menu, &["k", "Up", ","], A::Up, "up", "up", 0),
        bind(Menu, &["PgDn", "Ctrl-D"], A::PageDown, "page down", "a page down", 0),
        bind(Menu, &["PgUp", "Ctrl-U"], A::PageUp, "page up", "a page up", 0),
        bind(Menu, &["Enter"], A::Accept, "choose", "choose the marked line", 1),
        bind(Menu, &["V"], A::Picture, "next picture", "over a picture: the next one", 0),
        bind(Menu, &["Esc", "q", "h", "Left"], A::Back, "cancel", "close, nothing happens", 2),
        bind(Menu, &["Ctrl-C"], A::Interrupt, "cancel", "close; twice within a second quits", 0),
        bind(Menu, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),

        bind(Note, &["a"], A::AddLine, "add a line", "add a line to the note", 1),
        bind(Note, &["y"], A::CopyNote, "copy", "send the note to your terminal's clipboard", 2),
        bind(Note, &["E"], A::WriteNote, "to a file", "write the note to a file in the home", 3),
        bind(Note, &["Enter"], A::Accept, "hand over", "leave it: the console of whoever comes next opens on it; a note that was left: take over", 4),
        bind(Note, &["Esc", "q", "H"], A::Back, "close", "close; a note of somebody else stays for the next time", 5),
        bind(Note, &["j", "Down"], A::Down, "down", "scroll down", 0),
        bind(Note, &["k", "Up"], A::Up, "up", "scroll up", 0),
        bind(Note, &["PgDn", "Space"], A::PageDown, "page down", "a page down", 0),
        bind(Note, &["PgUp"], A::PageUp, "page up", "a page up", 0),
        bind(Note, &["Ctrl-C"], A::Interrupt, "close", "close; twice within a second quits", 0),
        bind(Note, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),

        bind(Proposal, &["e"], A::Words, "words", "other words: of the goal, the title of the post, what the task is asked for", 1),
        bind(Proposal, &["a"], A::AddPost, "post", "add a post below, made as this one is", 2),
        bind(Proposal, &["A"], A::AddTask, "task", "add a task to this post", 4),
        bind(Proposal, &["D"], A::Remove, "remove", "remove this node: a post with its tasks; what waited for a task waits for what that waited for", 3),
        bind(Proposal, &["K"], A::MoveUp, "up", "move this node up", 12),
        bind(Proposal, &["J"], A::MoveDown, "move", "move this node down", 11),
        bind(Proposal, &["w"], A::WaitsFor, "waits for", "choose what this task waits for", 9),
        bind(Proposal, &["p"], A::Priority, "priority", "the next priority: medium, low, high", 10),
        bind(Proposal, &["c"], A::Campaign, "who and where", "choose the campaign of this post: who speaks, on which platform", 8),
        bind(Proposal, &["b"], A::Budget, "budget", "the most this post may cost; nothing is what the rules allow", 13),
        bind(Proposal, &["d"], A::Due, "due", "when this post is to leave, once it is approved; nothing is at once", 7),
        bind(Proposal, &["i"], A::Known, "what is known", "what is known about it: what the text is written from", 14),
        bind(Proposal, &["o"], A::Source, "source", "the address that the post links", 15),
        bind(Proposal, &["u"], A::UndoEdit, "undo", "take the last change back", 6),
        bind(Proposal, &["L"], A::Launch, "launch", "make its tasks; a word must be typed, and what it costs and how far it gets is shown before", 1),
        bind(Proposal, &["X"], A::Discard, "discard", "put the proposal away", 16),
        bind(Proposal, &["?"], A::Help, "keys", "the keys of a proposal", 5),
        bind(Proposal, &["j", "Down"], A::Down, "down", "the next node", 0),
        bind(Proposal, &["k", "Up"], A::Up, "up", "the node before", 0),
        bind(Proposal, &["PgDn", "Ctrl-D"], A::PageDown, "page down", "a page down", 0),
        bind(Proposal, &["PgUp", "Ctrl-U"], A::PageUp, "page up", "a page up", 0),
        bind(Proposal, &["g", "Home"], A::Top, "top", "to the goal", 0),
        bind(Proposal, &["G", "End"], A::Bottom, "bottom", "to the last node", 0),
        bind(Proposal, &["Enter", "l", "Right"], A::Open, "detail", "this node in full", 5),
        bind(Proposal, &["h", "Left"], A::Close, "back", "back to the tree", 0),
        bind(Proposal, &["Esc", "q"], A::Back, "close", "close; the proposal is kept and waits", 17),
        bind(Proposal, &["Ctrl-C"], A::Interrupt, "close", "close; twice within a second quits", 0),
        bind(Proposal, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),

        bind(Palette, &["Up"], A::Up, "up", "the line above; on the command line what was run before", 0),
        bind(Palette, &["Down", "Ctrl-N"], A::Down, "down", "the line below", 0),
        bind(Palette, &["PgUp"], A::PageUp, "page up", "a page up", 0),
        bind(Palette, &["PgDn"], A::PageDown, "page down", "a page down", 0),
        bind(Palette, &["Tab"], A::Complete, "complete", "complete the name", 1),

        bind(Typing, &["Enter"], A::Accept, "accept", "accept what is typed", 1),
        bind(Typing, &["Esc"], A::Back, "cancel", "cancel", 2),
        bind(Typing, &["Ctrl-C"], A::Interrupt, "cancel", "cancel; twice within a second quits", 0),
        bind(Typing, &["Backspace"], A::Rubout, "delete", "delete the last character", 0),
        bind(Typing, &["Ctrl-W"], A::RuboutWord, "delete word", "delete the last word", 3),
        bind(Typing, &["Ctrl-U"], A::RuboutLine, "delete line", "delete everything typed", 4),
        bind(Typing, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),

        bind(Writing, &["Ctrl-D"], A::Ready, "ready", "ready: shows what it changes, before anything goes out", 1),
        bind(Writing, &["Ctrl-O"], A::Editor, "editor", "go on in your own editor ($VISUAL or $EDITOR)", 2),
        bind(Writing, &["Esc"], A::Back, "drop", "drop what was written; twice where something was changed", 3),
        bind(Writing, &["Enter"], A::NewLine, "new line", "a new line", 0),
        bind(Writing, &["Left"], A::Left, "left", "one character left", 0),
        bind(Writing, &["Right"], A::Right, "right", "one character right", 0),
        bind(Writing, &["Up"], A::Up, "up", "one line up", 0),
        bind(Writing, &["Down"], A::Down, "down", "one line down", 0),
        bind(Writing, &["Home"], A::LineStart, "start", "to the start of the line", 0),
        bind(Writing, &["End"], A::LineEnd, "end", "to the end of the line", 0),
        bind(Writing, &["Backspace"], A::Rubout, "delete", "delete the character before", 0),
        bind(Writing, &["Del"], A::Delete, "delete", "delete the character after", 0),
        bind(Writing, &["Ctrl-W"], A::RuboutWord, "delete word", "delete the word before", 0),
        bind(Writing, &["Ctrl-U"], A::RuboutLine, "delete line", "delete to the start of the line", 0),
        bind(Writing, &["Ctrl-C"], A::Interrupt, "drop", "as Esc; twice within a second quits", 0),
        bind(Writing, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),
    ]
};

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
