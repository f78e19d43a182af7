//! What can be run from here, as lines to choose from: command line, palette and help are made of it.

use super::{Model, fuzzy, overlay::Typed, possible};
use crate::keymap::{Action, Bound, Context, SHEETS, twin};

/// How a line is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By its exact name, with completion.
    Command,
    /// By some of its letters.
    Find,
    /// By words of its key, name or help, below the places where keys work.
    Help,
}

/// The sheet with the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette {
    pub(crate) kind: Kind,
    pub(crate) typed: Typed,
    /// The marked line; none is marked on the command line, where the name is typed.
    pub(crate) cursor: usize,
    /// How far back in what was run before.
    pub(crate) back: usize,
}

/// One line.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) context: Context,
    pub(crate) action: Action,
    pub(crate) name: String,
    pub(crate) keys: String,
    pub(crate) help: &'static str,
    /// The command that does the same.
    pub(crate) twin: Option<&'static str>,
    /// Why it does nothing now.
    pub(crate) refused: Option<String>,
}

impl Palette {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            typed: Typed::default(),
            cursor: 0,
            back: 0,
        }
    }

    /// Another text finds other lines: the best is marked.
    pub(crate) const fn retyped(&mut self) {
        self.cursor = 0;
        self.back = 0;
    }

    /// The name that is typed on the command line, and what follows it.
    pub(crate) fn words(&self) -> (&str, &str) {
        let text = self.typed.text().trim_start();
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        (name, rest.trim())
    }

    /// The lines that what is typed finds, in the order they are shown.
    pub(crate) fn entries(&self, model: &Model) -> Vec<Entry> {
        let all = self.all(model);
        let typed = self.typed.text();
        match self.kind {
            Kind::Command => {
                let (name, _) = self.words();
                all.filter(|entry| entry.name.starts_with(name)).collect()
            }
            Kind::Find => {
                let score = |entry: &Entry| {
                    if entry.name == typed.trim() {
                        return Some(i32::MAX);
                    }
                    let name = fuzzy::score(typed, &entry.name);
                    // Some letters in order are in every sentence: of the help the words count.
                    name.or_else(|| says(entry.help, typed).then_some(i32::MIN))
                };
                let scored = all.filter_map(|entry| Some((score(&entry)?, entry)));
                let mut scored: Vec<_> = scored.collect();
                scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
                scored.into_iter().map(|(_, entry)| entry).collect()
            }
            Kind::Help => {
                let is_key = |entry: &Entry| entry.keys.split("  ").any(|key| key == typed.trim());
                let says = |entry: &Entry| says(&format!("{} {}", entry.name, entry.help), typed);
                all.filter(|entry| is_key(entry) || says(entry)).collect()
            }
        }
    }

    /// Everything that can be found: what works in the focused pane, for the help also what works in sheets.
    fn all<'m>(&self, model: &'m Model) -> impl Iterator<Item = Entry> + use<'m> {
        let sheets: &[Context] = match self.kind {
            Kind::Help => SHEETS,
            Kind::Command | Kind::Find => &[],
        };
        let contexts = model.pane_contexts().iter().chain(sheets);
        let lines = contexts.flat_map(|c| model.settings.keys.active(std::slice::from_ref(c)));
        // What is here by key and everywhere by name is one thing to find.
        let here = |bound: &&Bound| {
            let keyed = model
                .settings
                .keys
                .key_of(model.pane_contexts(), bound.action);
            bound.key().is_some() || keyed.is_none()
        };
        lines.filter(here).map(|bound| entry(model, bound))
    }

    /// What Enter runs, with what follows its name; or why it runs nothing.
    pub(crate) fn chosen(&self, model: &Model) -> Result<(Entry, String), String> {
        if self.kind != Kind::Command {
            let found = self.entries(model).into_iter().nth(self.cursor);
            let entry = found.ok_or("nothing is found by what is typed")?;
            return Ok((entry, String::new()));
        }
        let (name, rest) = self.words();
        if let Some(entry) = self.all(model).find(|entry| entry.name == name) {
            if !rest.is_empty() && entry.action != Action::Filter {
                return Err(format!("`{name}` takes nothing after it"));
            }
            return Ok((entry, rest.to_owned()));
        }
        let elsewhere = |bound: &&Bound| bound.action.to_string() == name;
        Err(match model.settings.keys.all().find(elsewhere) {
            Some(bound) => format!("`{name}` works in {}, not here", bound.context.name()),
            None => format!("there is no command `{name}`; Tab completes"),
        })
    }

    /// The longest text that all found names begin with.
    pub(crate) fn complete(&mut self, model: &Model) {
        let entries = self.entries(model);
        let mut names = entries.iter().map(|entry| entry.name.as_str());
        let Some(first) = names.next() else { return };
        let shared = names.fold(first, |shared, name| {
            let same = shared.bytes().zip(name.bytes()).take_while(|(a, b)| a == b);
            shared.get(..same.count()).unwrap_or_default()
        });
        if shared.len() > self.words().0.len() {
            self.typed = Typed::of(shared);
        }
    }

    /// Moves the mark, or on the command line goes through what was run before.
    pub(crate) fn step(&mut self, by: i64, found: usize, history: &[String]) {
        if self.kind != Kind::Command {
            let last = found.saturating_sub(1);
            let by = isize::try_from(by).unwrap_or(if by < 0 { isize::MIN } else { isize::MAX });
            self.cursor = self.cursor.saturating_add_signed(by).min(last);
            return;
        }
        self.back = if by < 0 {
            (self.back + 1).min(history.len())
        } else {
            self.back.saturating_sub(1)
        };
        let text = history.iter().rev().nth(self.back.wrapping_sub(1));
        self.typed = Typed::of(text.map_or("", String::as_str));
    }
}

/// Whether all words occur in a text.
fn says(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = words.split_whitespace().map(str::to_lowercase);
    words.all(|word| text.contains(&word))
}

fn entry(model: &Model, bound: &Bound) -> Entry {
    let keys: Vec<&str> = bound.keys.iter().map(|keys| keys.name.as_str()).collect();
    Entry {
        context: bound.context,
        action: bound.action,
        name: bound.action.to_string(),
        keys: keys.join("  "),
        help: bound.help,
        twin: twin(bound.action),
        refused: refused(model, bound),
    }
}

fn refused(model: &Model, bound: &Bound) -> Option<String> {
    if SHEETS.contains(&bound.context) {
        return Some(format!("it works in {} only", bound.context.name()));
    }
    if bound.action.decides() {
        // The guard counts from when the card was painted, and here it is covered.
        let key = model.key(bound.action);
        return Some(format!(
            "this sheet covers the card; Esc, read it, then {key}"
        ));
    }
    possible::refused(model, bound.action)
}
