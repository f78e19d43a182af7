//! The operator's own keys over the table: taken whole, or refused with what would be right.

use super::{
    Action, Context,
    bound::{Keymap, Sequence, together},
};
use crate::key::{Code, Key};

/// How many free keys a refusal names.
const PROPOSED: usize = 3;

/// What an operator wants: these keys, and no others, for an action in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// The context by name.
    pub context: String,
    /// The action by name.
    pub action: String,
    /// Its keys; none unbinds it. A space separates the keys of a sequence.
    pub keys: Vec<String>,
}

/// Which part of a change is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPart {
    /// The name of the context.
    Context,
    /// The name of the action.
    Action,
    /// All of its keys.
    Keys,
    /// One of its keys, counted from 0.
    Key(usize),
}

/// Why a change cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProblem {
    /// Which of the changes.
    pub change: usize,
    /// Which part of it.
    pub part: KeyPart,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub hint: String,
    /// The words that are known, where one was not.
    pub known: Vec<String>,
}

/// Keys that other programs, terminals and fingers already own, and who that is.
const OWNED: &[(&str, &str)] = &[
    ("Ctrl-A", "belongs to screen"),
    ("Ctrl-B", "belongs to tmux"),
    ("Ctrl-S", "stops the output of many terminals"),
    ("Ctrl-Q", "starts the output of many terminals"),
    ("Ctrl-H", "is the same byte as Backspace"),
    ("Ctrl-I", "is the same byte as Tab"),
    ("Ctrl-J", "is the same byte as a line feed"),
    ("Ctrl-M", "is the same byte as Enter"),
];

/// Why a key stays free.
fn owned(key: Key) -> Option<&'static str> {
    let name = key.to_string();
    if key.alt {
        return Some("cannot be told from Esc on a slow line");
    }
    OWNED
        .iter()
        .find(|(owned, _)| *owned == name)
        .map(|(_, why)| *why)
}

/// Without these nobody gets out again.
const KEPT: &[(Context, Action)] = &[
    (Context::Everywhere, Action::Interrupt),
    (Context::Menu, Action::Back),
    (Context::Menu, Action::Accept),
    (Context::Typing, Action::Back),
    (Context::Typing, Action::Accept),
    (Context::Writing, Action::Back),
    (Context::Writing, Action::Ready),
    (Context::Note, Action::Back),
    (Context::Proposal, Action::Back),
    (Context::Versions, Action::Back),
    (Context::Slider, Action::Back),
    (Context::Picture, Action::Back),
];

impl Keymap {
    /// The table with these changes.
    ///
    /// # Errors
    /// Everything that is wrong with them: a name or a key nobody knows, a key that others own, and two
    /// meanings at one place.
    pub fn with(changes: &[KeyChange]) -> Result<Self, Vec<KeyProblem>> {
        let mut keymap = Self::default();
        let mut problems = Vec::new();
        let mut taken = Vec::new();
        for (at, change) in changes.iter().enumerate() {
            match keymap.take(change) {
                Ok(line) => taken.push((at, line)),
                Err(refused) => problems.extend(refused.into_iter().map(|r| r.at(at))),
            }
        }
        for (at, line) in taken {
            problems.extend(keymap.clashes(line).into_iter().map(|r| r.at(at)));
        }
        if problems.is_empty() {
            Ok(keymap)
        } else {
            Err(problems)
        }
    }

    /// Takes one change in, and says which line it was of.
    fn take(&mut self, change: &KeyChange) -> Result<usize, Vec<Refused>> {
        let contexts = || self.lines.iter().map(|line| line.context);
        let Some(context) = contexts().find(|c| c.name() == change.context) else {
            let known = once_each(contexts().map(|c| c.name().to_owned()));
            let told = format!("`{}` is no place where keys work", change.context);
            return Err(vec![Refused::unknown(KeyPart::Context, told, known)]);
        };
        let here = |line: &&super::Bound| line.context == context;
        let names = |line: &super::Bound| line.action.to_string() == change.action;
        let Some(at) = self
            .lines
            .iter()
            .position(|line| here(&line) && names(line))
        else {
            let elsewhere = once_each(
                self.lines
                    .iter()
                    .filter(|line| names(line))
                    .map(|line| line.context.name().to_owned()),
            );
            let told = format!("`{}` has no action `{}`", context.name(), change.action);
            if !elsewhere.is_empty() {
                let hint = format!("it is one of: {}", elsewhere.join(", "));
                return Err(vec![Refused::new(KeyPart::Action, told, hint)]);
            }
            let known = self.lines.iter().filter(here);
            let known = once_each(known.map(|line| line.action.to_string()));
            return Err(vec![Refused::unknown(KeyPart::Action, told, known)]);
        };
        let action = self.lines[at].action;
        if change.keys.is_empty() && KEPT.contains(&(context, action)) {
            let told = format!("`{action}` needs a key: without one nobody gets out");
            let hint = self.propose(context);
            return Err(vec![Refused::new(KeyPart::Keys, told, hint)]);
        }
        let mut keys = Vec::new();
        let mut refused = Vec::new();
        for (n, name) in change.keys.iter().enumerate() {
            match self.allowed(context, name) {
                Ok(sequence) => keys.push(sequence),
                Err((told, hint)) => refused.push(Refused::new(KeyPart::Key(n), told, hint)),
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        self.lines[at].keys = keys;
        Ok(at)
    }

    /// A key that may be bound in a context, or why not and what may.
    fn allowed(&self, context: Context, name: &str) -> Result<Sequence, (String, String)> {
        let sequence = Sequence::parse(name).map_err(|told| {
            let hint = "write one character, Ctrl- with a letter, or one of: Space, Enter, Esc, Tab, S-Tab, Backspace, Del, Left, Right, Up, Down, Home, End, PgUp, PgDn; a space separates the keys of a sequence";
            (told, hint.to_owned())
        })?;
        for key in &sequence.keys {
            if let Some(why) = owned(*key) {
                return Err((format!("`{key}` {why}"), self.propose(context)));
            }
            if context.types() && key.typed().is_some() {
                let told = format!("`{key}` could not be typed any more");
                return Err((told, self.propose(context)));
            }
        }
        Ok(sequence)
    }

    /// What the keys of a line clash with, wherever it is active.
    fn clashes(&self, at: usize) -> Vec<Refused> {
        let own = &self.lines[at];
        let mut all: Vec<Refused> = Vec::new();
        for (n, keys) in own.keys.iter().enumerate() {
            let other = self.lines.iter().enumerate().find(|(i, line)| {
                let twice = line
                    .keys
                    .iter()
                    .enumerate()
                    .any(|(m, other)| (at, n) != (*i, m) && keys.clashes(other));
                twice
                    && together()
                        .any(|set| set.contains(&own.context) && set.contains(&line.context))
            });
            let Some((_, other)) = other else { continue };
            let theirs = other.keys.iter().find(|k| keys.clashes(k));
            let theirs = theirs.map_or("", |k| k.name.as_str());
            let told = if keys.name == theirs {
                format!(
                    "`{theirs}` is `{}` in `{}` already",
                    other.action,
                    other.context.name()
                )
            } else {
                format!(
                    "`{}` cannot be told from `{theirs}`, which is `{}` in `{}`",
                    keys.name,
                    other.action,
                    other.context.name()
                )
            };
            all.push(Refused::new(
                KeyPart::Key(n),
                told,
                self.propose(own.context),
            ));
        }
        all
    }

    /// Keys that are free wherever this context is active, in words.
    fn propose(&self, context: Context) -> String {
        let plain = ('a'..='z')
            .chain('A'..='Z')
            .chain("@#%^&*()-+=;,.<>'".chars());
        let plain = plain.map(|c| Key::plain(Code::Char(c)));
        let all = plain.chain(('a'..='z').map(Key::ctrl));
        let typed = |key: &Key| context.types() && key.typed().is_some();
        let free = all
            .filter(|key| owned(*key).is_none() && !typed(key))
            .filter(|key| {
                let own = [*key];
                let sets = together().filter(|set| set.contains(&context));
                let mut lines = sets.flat_map(|set| self.active(set));
                lines.all(|line| line.keys.iter().all(|k| !k.keys.starts_with(&own)))
            });
        let names: Vec<String> = free.take(PROPOSED).map(|key| format!("`{key}`")).collect();
        format!("free here: {}", names.join(", "))
    }
}

/// A refusal before it is known of which change.
struct Refused {
    part: KeyPart,
    message: String,
    hint: String,
    known: Vec<String>,
}

impl Refused {
    fn new(part: KeyPart, message: String, hint: impl Into<String>) -> Self {
        Self {
            part,
            message,
            hint: hint.into(),
            known: Vec::new(),
        }
    }

    fn unknown(part: KeyPart, message: String, known: Vec<String>) -> Self {
        Self {
            part,
            message,
            hint: format!("known here: {}", known.join(", ")),
            known,
        }
    }

    fn at(self, change: usize) -> KeyProblem {
        KeyProblem {
            change,
            part: self.part,
            message: self.message,
            hint: self.hint,
            known: self.known,
        }
    }
}

fn once_each(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(context: &str, action: &str, keys: &[&str]) -> KeyChange {
        KeyChange {
            context: context.to_owned(),
            action: action.to_owned(),
            keys: keys.iter().map(|&key| key.to_owned()).collect(),
        }
    }

    /// What is said, without what changes whenever a line is added to the table.
    fn refused(changes: &[KeyChange]) -> Vec<String> {
        let problems = Keymap::with(changes).unwrap_err();
        let told = problems.iter().map(|p| {
            let hint = match p.hint.split_once(": `") {
                Some((before, _)) => before,
                None if p.known.is_empty() => &p.hint,
                None => "(what is known)",
            };
            format!("{} {:?}: {}; {hint}", p.change, p.part, p.message)
        });
        told.collect()
    }

    // R134: no key of the table means two things at one place, hides a sequence, or belongs to others.
    #[test]
    fn r134_the_table_would_be_taken_as_a_change() {
        let usual = Keymap::default();
        let as_changes = usual.lines.iter().map(|line| KeyChange {
            context: line.context.name().to_owned(),
            action: line.action.to_string(),
            keys: line.keys.iter().map(|keys| keys.name.clone()).collect(),
        });
        let changes: Vec<KeyChange> = as_changes.collect();
        assert_eq!(Keymap::with(&changes), Ok(usual));
    }

    // R134: keys are changed per context; none unbinds; two may swap theirs.
    #[test]
    fn r134_keys_are_the_operators() {
        let swapped = Keymap::with(&[
            change("review", "approve", &["s", "Ctrl-Y"]),
            change("review", "skip", &["a"]),
            change("everywhere", "redraw", &[]),
        ])
        .unwrap();
        let review = &[Context::Review, Context::Lists, Context::Everywhere];
        let key = |action| swapped.key_of(review, action);
        assert_eq!(key(Action::Approve), Some("s"));
        assert_eq!(key(Action::Skip), Some("a"));
        assert_eq!(key(Action::Redraw), None);
        assert_eq!(
            swapped.key_of(&[Context::Typing], Action::Redraw),
            Some("Ctrl-L")
        );
    }

    // R134: what cannot be is refused with what would be right, all of it at once.
    #[test]
    fn r134_what_cannot_be_is_refused_with_a_proposal() {
        let problems = refused(&[
            change("revew", "approve", &["y"]),
            change("review", "freeze", &["y"]),
            change("review", "aprove", &["y"]),
            change("review", "skip", &["Ctrl-B", "Hyper-X", "Alt-x"]),
            change("review", "approve", &["s"]),
            change("review", "next", &["g"]),
            change("typing", "accept", &["x"]),
            change("menus", "back", &[]),
            change("lists", "freeze", &["Y", "Y"]),
        ]);
        insta::with_settings!({snapshot_path => "../tests/snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!("keys_refused", problems.join("\n"));
        });
    }

    // R134: what is proposed is free: bound instead, it is taken.
    #[test]
    fn r134_what_is_proposed_would_be_taken() {
        for (context, action) in [
            ("review", "approve"),
            ("typing", "accept"),
            ("lists", "open"),
        ] {
            let problems = Keymap::with(&[change(context, action, &["Ctrl-A"])]).unwrap_err();
            let free = problems[0].hint.strip_prefix("free here: ").unwrap();
            let names: Vec<&str> = free.split(", ").map(|key| key.trim_matches('`')).collect();
            assert_eq!(names.len(), PROPOSED);
            let taken = Keymap::with(&[change(context, action, &names)]);
            assert!(taken.is_ok(), "{taken:?}");
        }
    }
}
