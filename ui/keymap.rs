//! Every key, as data: where it works, what it does, and the words that help and footer show.

use crate::{key::Key, model::Pane};

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Context {
    Everywhere,
    Lists,
    Detail,
    Review,
    Outbox,
    Published,
    Campaigns,
    Menu,
    Typing,
}

impl Context {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Lists => "lists",
            Self::Detail => "detail",
            Self::Review => "review",
            Self::Outbox => "outbox",
            Self::Published => "published",
            Self::Campaigns => "campaigns",
            Self::Menu => "menus and sheets",
            Self::Typing => "while typing",
        }
    }
}

/// What a key can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Help,
    Messages,
    Alerts,
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
    Approve,
    Reject,
    Undo,
    SayPublic,
    SendAgain,
    GiveUp,
    Withdraw,
    WithdrawnByHand,
    Modes,
    Next,
    Prev,
    Skip,
    CardDown,
    Accept,
    Rubout,
    RuboutWord,
    RuboutLine,
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
    use Context::{Campaigns, Detail, Everywhere, Lists, Menu, Outbox, Published, Review, Typing};
    &[
        bind(Review, &["a"], A::Approve, "approve", "approve exactly what the card shows; it is held for the undo fuse", 1),
        bind(Review, &["r"], A::Reject, "reject", "reject: one letter for the reason, then a note", 2),
        bind(Review, &["u"], A::Undo, "undo", "take a decision back while its fuse burns", 3),
        bind(Review, &["s"], A::Skip, "skip", "skip: leave this ticket and go to the next that waits", 4),
        bind(Review, &["Space"], A::CardDown, "read on", "read on: half a card down, from the list too", 5),
        bind(Review, &["n"], A::Next, "next", "next ticket", 7),
        bind(Review, &["p"], A::Prev, "previous", "previous ticket", 10),

        bind(Outbox, &["P"], A::SayPublic, "it is out", "you looked: it is public; its address is asked for", 1),
        bind(Outbox, &["S"], A::SendAgain, "send again", "you looked: it is not out; it is sent once more under the same key", 2),
        bind(Outbox, &["D"], A::GiveUp, "drop", "you looked: it is not out and shall not be", 3),
        bind(Outbox, &["u"], A::Undo, "undo", "take a decision back while its fuse burns", 4),

        bind(Published, &["W"], A::Withdraw, "withdraw", "take this post down through its platform", 1),
        bind(Published, &["B"], A::WithdrawnByHand, "down by hand", "you took it down yourself: note it, nothing is sent", 2),

        bind(Campaigns, &["L"], A::Modes, "live or dry", "let it publish for real, or make it dry: server, agent and campaign", 1),

        bind(Lists, &["j", "Down"], A::Down, "down", "one row down", 0),
        bind(Lists, &["k", "Up"], A::Up, "up", "one row up", 0),
        bind(Lists, &["Ctrl-D"], A::HalfDown, "half down", "half a page down", 0),
        bind(Lists, &["Ctrl-U"], A::HalfUp, "half up", "half a page up", 0),
        bind(Lists, &["PgDn"], A::PageDown, "page down", "a page down", 0),
        bind(Lists, &["PgUp"], A::PageUp, "page up", "a page up", 0),
        bind(Lists, &["g g", "Home"], A::Top, "top", "first row", 0),
        bind(Lists, &["G", "End"], A::Bottom, "bottom", "last row", 0),
        bind(Lists, &["Enter", "l", "Right"], A::Open, "detail", "into the detail", 6),
        bind(Lists, &["h", "Left"], A::Close, "back", "back from the detail, or out of the zoom", 0),
        bind(Lists, &["F"], A::Freeze, "freeze", "freeze this list, or follow it again", 9),

        bind(Detail, &["j", "Down"], A::Down, "down", "scroll down", 0),
        bind(Detail, &["k", "Up"], A::Up, "up", "scroll up", 0),
        bind(Detail, &["Ctrl-D"], A::HalfDown, "half down", "half a page down", 0),
        bind(Detail, &["Ctrl-U"], A::HalfUp, "half up", "half a page up", 0),
        bind(Detail, &["PgDn"], A::PageDown, "page down", "a page down", 0),
        bind(Detail, &["PgUp"], A::PageUp, "page up", "a page up", 0),
        bind(Detail, &["g g", "Home"], A::Top, "top", "to the start", 0),
        bind(Detail, &["G", "End"], A::Bottom, "bottom", "to the end", 0),
        bind(Detail, &["h", "Left"], A::Close, "back", "back to the list", 6),

        bind(Everywhere, &["/"], A::Filter, "filter", "filter this list as you type; Enter keeps it, Esc clears it", 8),
        bind(Everywhere, &["?"], A::Help, "keys", "the keys that work here", 5),
        bind(Everywhere, &["1", "g t"], A::Go(Pane::Trends), "trends", "go to trends", 0),
        bind(Everywhere, &["2", "g d"], A::Go(Pane::Dag), "dag", "go to the task DAG", 0),
        bind(Everywhere, &["3", "g r"], A::Go(Pane::Review), "review", "go to review", 0),
        bind(Everywhere, &["4", "g l"], A::Go(Pane::Ledger), "ledger", "go to the ledger", 0),
        bind(Everywhere, &["5", "g e"], A::Go(Pane::Outbox), "outbox", "go to what is on its way out, and what nobody knows the fate of", 0),
        bind(Everywhere, &["6", "g p"], A::Go(Pane::Published), "published", "go to what was published", 0),
        bind(Everywhere, &["7", "g c"], A::Go(Pane::Campaigns), "campaigns", "go to the campaigns: what is live, dry or simulated", 0),
        bind(Everywhere, &["g a"], A::Alerts, "alerts", "what you should look at; Enter acknowledges", 0),
        bind(Everywhere, &["Tab"], A::NextPane, "pane", "next pane", 12),
        bind(Everywhere, &["S-Tab"], A::PrevPane, "previous pane", "previous pane", 0),
        bind(Everywhere, &["z"], A::Zoom, "zoom", "zoom this pane, or show all panes again", 13),
        bind(Everywhere, &["!"], A::Emergency, "emergency", "pause a campaign, pause or kill everything, resume; the word must be typed", 5),
        bind(Everywhere, &["R"], A::ReadAgain, "read again", "read everything again and put the review list in order", 0),
        bind(Everywhere, &["y i"], A::CopyId, "copy id", "send the id of the selected row to your terminal's clipboard", 0),
        bind(Everywhere, &["Ctrl-E"], A::Messages, "messages", "the last messages", 0),
        bind(Everywhere, &["Esc"], A::Back, "back", "one step back; never quits", 0),
        bind(Everywhere, &["Ctrl-C"], A::Interrupt, "back", "as Esc; twice within a second quits", 0),
        bind(Everywhere, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),
        bind(Everywhere, &["Ctrl-Z"], A::Suspend, "suspend", "suspend, when the swarm is not in this process", 0),
        bind(Everywhere, &["q"], A::Quit, "quit", "close what is open; else quit; a swarm inside this console stops with it", 14),

        bind(Menu, &["j", "Down"], A::Down, "down", "down", 0),
        bind(Menu, &["k", "Up"], A::Up, "up", "up", 0),
        bind(Menu, &["PgDn", "Ctrl-D"], A::PageDown, "page down", "a page down", 0),
        bind(Menu, &["PgUp", "Ctrl-U"], A::PageUp, "page up", "a page up", 0),
        bind(Menu, &["Enter"], A::Accept, "choose", "choose the marked line", 1),
        bind(Menu, &["Esc", "q", "h", "Left"], A::Back, "cancel", "close, nothing happens", 2),
        bind(Menu, &["Ctrl-C"], A::Interrupt, "cancel", "close; twice within a second quits", 0),
        bind(Menu, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),

        bind(Typing, &["Enter"], A::Accept, "accept", "accept what is typed", 1),
        bind(Typing, &["Esc"], A::Back, "cancel", "cancel", 2),
        bind(Typing, &["Ctrl-C"], A::Interrupt, "cancel", "cancel; twice within a second quits", 0),
        bind(Typing, &["Backspace"], A::Rubout, "delete", "delete the last character", 0),
        bind(Typing, &["Ctrl-W"], A::RuboutWord, "delete word", "delete the last word", 3),
        bind(Typing, &["Ctrl-U"], A::RuboutLine, "delete line", "delete everything typed", 4),
        bind(Typing, &["Ctrl-L"], A::Redraw, "redraw", "draw everything again", 0),
    ]
};

/// What a key means after the keys before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This.
    Action(Action),
    /// A sequence goes on.
    Begun,
    /// Nothing.
    Nothing,
}

/// The bindings of these contexts, in the order of the table.
pub(crate) fn active(contexts: &[Context]) -> impl Iterator<Item = &'static Binding> {
    BINDINGS
        .iter()
        .filter(move |b| contexts.contains(&b.context))
}

fn is(name: &str, keys: &[Key]) -> bool {
    let mut names = name.split(' ');
    keys.iter()
        .all(|key| names.next().is_some_and(|n| n.parse() == Ok(*key)))
        && names.next().is_none()
}

fn begins(name: &str, keys: &[Key]) -> bool {
    let mut names = name.split(' ');
    keys.iter()
        .all(|key| names.next().is_some_and(|n| n.parse() == Ok(*key)))
        && names.next().is_some()
}

/// Looks keys up.
pub(crate) fn meaning(contexts: &[Context], keys: &[Key]) -> Meaning {
    for binding in active(contexts) {
        if binding.keys.iter().any(|name| is(name, keys)) {
            return Meaning::Action(binding.action);
        }
    }
    let begun = active(contexts).any(|b| b.keys.iter().any(|name| begins(name, keys)));
    if begun {
        Meaning::Begun
    } else {
        Meaning::Nothing
    }
}

/// How a started sequence can go on: the key, and what it does.
pub(crate) fn continuations(
    contexts: &[Context],
    keys: &[Key],
) -> Vec<(&'static str, &'static str)> {
    active(contexts)
        .flat_map(|b| b.keys.iter().map(move |name| (*name, b.help)))
        .filter(|(name, _)| begins(name, keys))
        .filter_map(|(name, help)| name.rsplit(' ').next().map(|last| (last, help)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sets of contexts that are ever active together.
    fn together() -> impl Iterator<Item = &'static [Context]> {
        let screens = Pane::ALL.into_iter().flat_map(|pane| pane.about().contexts);
        screens.chain([[Context::Menu].as_slice(), [Context::Typing].as_slice()])
    }

    // R134: no key means two things at the same place, and no key hides the start of a sequence.
    #[test]
    fn r134_no_two_keys_conflict() {
        for contexts in together() {
            let names: Vec<_> = active(contexts).flat_map(|b| b.keys.iter()).collect();
            for (i, one) in names.iter().enumerate() {
                for other in &names[i + 1..] {
                    assert_ne!(one, other, "bound twice in {contexts:?}");
                    let hides = |a: &str, b: &str| b.starts_with(&format!("{a} "));
                    assert!(
                        !hides(one, other) && !hides(other, one),
                        "{one} hides {other}"
                    );
                }
            }
        }
    }

    // Keys that people's multiplexers, flow control and fingers already own stay free.
    #[test]
    fn keys_others_own_stay_free() {
        let forbidden = [
            "Ctrl-A", "Ctrl-B", "Ctrl-S", "Ctrl-Q", "Ctrl-H", "Ctrl-I", "Ctrl-J", "Ctrl-M",
        ];
        for name in BINDINGS
            .iter()
            .flat_map(|b| b.keys)
            .flat_map(|k| k.split(' '))
        {
            assert!(name.parse::<Key>().is_ok(), "{name} is no key");
            assert!(
                !forbidden.contains(&name) && !name.starts_with("Alt-"),
                "{name}"
            );
        }
    }

    // R73: modifiers match exactly, and a sequence shows how it goes on.
    #[test]
    fn r73_lookup_is_exact() {
        let [contexts, _] = Pane::Review.about().contexts;
        let key = |name: &str| name.parse::<Key>().unwrap();
        assert_eq!(
            meaning(contexts, &[key("a")]),
            Meaning::Action(Action::Approve)
        );
        assert_eq!(meaning(contexts, &[key("Ctrl-A")]), Meaning::Nothing);
        assert_eq!(meaning(contexts, &[key("g")]), Meaning::Begun);
        assert_eq!(
            meaning(contexts, &[key("g"), key("l")]),
            Meaning::Action(Action::Go(Pane::Ledger))
        );
        assert_eq!(meaning(contexts, &[key("g"), key("!")]), Meaning::Nothing);
        assert!(
            continuations(contexts, &[key("g")])
                .iter()
                .any(|(k, _)| *k == "t")
        );
        assert_eq!(meaning(&[Context::Lists], &[key("a")]), Meaning::Nothing);
    }
}
