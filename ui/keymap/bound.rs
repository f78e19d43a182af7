//! The keymap as it works: the table, with what the operator changed.

use super::{Action, BINDINGS, Binding, Context};
use crate::{key::Key, model::Pane};

/// Keys pressed one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) name: String,
    pub(super) keys: Vec<Key>,
}

impl Sequence {
    /// Reads `g t`: a space separates the keys.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let keys: Vec<Key> = name.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self {
            name: name.to_owned(),
            keys,
        })
    }

    /// Whether both cannot be bound at one place: they are the same, or one hides how the other goes on.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        self.keys.starts_with(&other.keys) || other.keys.starts_with(&self.keys)
    }
}

/// A line of the table with the keys that hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) context: Context,
    pub(crate) action: Action,
    pub(crate) word: &'static str,
    pub(crate) help: &'static str,
    pub(crate) footer: u8,
    pub(crate) keys: Vec<Sequence>,
}

impl Bound {
    fn of(line: &Binding) -> Self {
        let keys = line.keys.iter().map(|name| Sequence::parse(name));
        Self {
            context: line.context,
            action: line.action,
            word: line.word,
            help: line.help,
            footer: line.footer,
            keys: keys.filter_map(Result::ok).collect(),
        }
    }

    /// The first of its keys, where it has one.
    pub(crate) fn key(&self) -> Option<&str> {
        self.keys.first().map(|keys| keys.name.as_str())
    }
}

/// Which keys do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    pub(super) lines: Vec<Bound>,
}

impl Default for Keymap {
    /// What holds unless the operator says otherwise.
    fn default() -> Self {
        Self {
            lines: BINDINGS.iter().map(Bound::of).collect(),
        }
    }
}

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

/// Where text is typed, and where what is typed finds lines.
pub(crate) const TYPING: &[Context] = &[Context::Typing];
pub(crate) const PALETTE: &[Context] = &[Context::Palette, Context::Typing];
pub(crate) const WRITING: &[Context] = &[Context::Writing];
pub(crate) const NOTE: &[Context] = &[Context::Note];
pub(crate) const PROPOSAL: &[Context] = &[Context::Proposal];
pub(crate) const VERSIONS: &[Context] = &[Context::Versions];
pub(crate) const SLIDER: &[Context] = &[Context::Slider];
pub(crate) const PICTURE: &[Context] = &[Context::Picture];
/// What lies over the panes and has keys of its own.
pub(crate) const SHEETS: &[Context] = &[
    Context::Menu,
    Context::Palette,
    Context::Typing,
    Context::Writing,
    Context::Note,
    Context::Proposal,
    Context::Versions,
    Context::Slider,
    Context::Picture,
];
/// Where the graph is drawn: no rows, so none of the keys of a list.
pub(crate) const DRAWN: &[Context] = &[Context::Drawn, Context::Dag, Context::Everywhere];

/// Every set of contexts that is ever active together.
pub(super) fn together() -> impl Iterator<Item = &'static [Context]> {
    let panes = Pane::ALL.into_iter().flat_map(|pane| pane.about().contexts);
    panes.chain([
        &[Context::Menu][..],
        TYPING,
        PALETTE,
        WRITING,
        DRAWN,
        NOTE,
        PROPOSAL,
        VERSIONS,
        SLIDER,
        PICTURE,
    ])
}

impl Keymap {
    /// Every line.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Bound> {
        self.lines.iter()
    }

    /// The lines of these contexts, in the order of the table.
    pub(crate) fn active(&self, contexts: &[Context]) -> impl Iterator<Item = &Bound> {
        self.lines
            .iter()
            .filter(move |line| contexts.contains(&line.context))
    }

    /// Looks keys up.
    pub(crate) fn meaning(&self, contexts: &[Context], pressed: &[Key]) -> Meaning {
        let mut begun = false;
        for line in self.active(contexts) {
            for keys in &line.keys {
                if keys.keys == pressed {
                    return Meaning::Action(line.action);
                }
                begun |= keys.keys.starts_with(pressed);
            }
        }
        if begun {
            Meaning::Begun
        } else {
            Meaning::Nothing
        }
    }

    /// How a started sequence can go on: the next key, and its line.
    pub(crate) fn continuations(
        &self,
        contexts: &[Context],
        pressed: &[Key],
    ) -> Vec<(String, &Bound)> {
        let mut all = Vec::new();
        for line in self.active(contexts) {
            for keys in &line.keys {
                let rest = keys.keys.strip_prefix(pressed);
                if let Some(next) = rest.and_then(<[Key]>::first) {
                    all.push((next.to_string(), line));
                }
            }
        }
        all
    }

    /// The first key of an action where these contexts are active, as a message names it.
    pub(crate) fn key_of(&self, contexts: &[Context], action: Action) -> Option<&str> {
        self.active(contexts)
            .filter(|line| line.action == action)
            .find_map(Bound::key)
    }

    /// Whether something is bound to these keys, or to a sequence that begins with them.
    #[cfg(test)]
    pub(super) fn begins_or_is(&self, name: &str) -> bool {
        let wanted = Sequence::parse(name);
        let mut bound = self.lines.iter().flat_map(|line| &line.keys);
        wanted.is_ok_and(|wanted| bound.any(|keys| keys.keys.starts_with(&wanted.keys)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R73: modifiers match exactly, and a sequence shows how it goes on.
    #[test]
    fn r73_lookup_is_exact() {
        let keymap = Keymap::default();
        let contexts = &[Context::Review, Context::Lists, Context::Everywhere][..];
        let key = |name: &str| name.parse::<Key>().unwrap();
        let meaning = |keys: &[Key]| keymap.meaning(contexts, keys);
        assert_eq!(meaning(&[key("a")]), Meaning::Action(Action::Approve));
        assert_eq!(meaning(&[key("Ctrl-A")]), Meaning::Nothing);
        assert_eq!(meaning(&[key("g")]), Meaning::Begun);
        assert_eq!(
            meaning(&[key("g"), key("l")]),
            Meaning::Action(Action::Go(Pane::Ledger))
        );
        assert_eq!(meaning(&[key("g"), key("!")]), Meaning::Nothing);
        let then = keymap.continuations(contexts, &[key("g")]);
        assert!(then.iter().any(|(next, _)| next == "t"));
        assert_eq!(
            keymap.meaning(&[Context::Lists], &[key("a")]),
            Meaning::Nothing
        );
    }

    // R134: every key of the table is a key, so that none is lost on the way here.
    #[test]
    fn r134_every_key_of_the_table_is_one() {
        for (line, bound) in BINDINGS.iter().zip(&Keymap::default().lines) {
            let names: Vec<&str> = bound.keys.iter().map(|keys| keys.name.as_str()).collect();
            assert_eq!(names, line.keys);
        }
    }
}
