//! Text from outside that speaks to a machine instead of telling something: orders to forget orders, to play a part, to
//! give away what it was told, to use its tools.
//!
//! A flag is a reason to show a person, not a wall: what holds is that outside text has no rights here at all
//! (`docs/adr/0003-safe-text.md`). So precision comes first, and a headline about such attacks is no attack. Rules (`rules.txt`) are
//! sequences of word groups with small gaps; a strong one flags alone, of weak ones it takes two.

mod rules;

use chimera_domain::text::plain;

use self::rules::{RULES, Strength};
use crate::{
    lexicon::Words,
    sensitive,
    tokens::{Token, tokens},
};

/// The rules; it rises with them.
pub const VERSION: &str = "injection/1";

/// Why a text is held apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The rule.
    pub rule: &'static str,
    /// The words, as they are written.
    pub span: String,
}

/// The first reason to hold the text apart, if there is one.
#[must_use]
pub fn flag(text: &str) -> Option<Flag> {
    let as_written = tokens(text);
    if let Some(flag) = among(text, &as_written) {
        return Some(flag);
    }
    // What hides in look-alikes or behind invisible characters is read as it looks.
    if !sensitive::is_disguised(text) {
        return None;
    }
    let seen = plain(text, usize::MAX);
    let folded: String = Words::of(&seen).folded().join(" ");
    among(&seen, &tokens(&seen)).or_else(|| among(&folded, &tokens(&folded)))
}

fn among(text: &str, tokens: &[Token]) -> Option<Flag> {
    let lower = text.to_lowercase();
    let mark = RULES.marks.iter().find(|(_, mark)| lower.contains(*mark));
    if let Some((rule, span)) = mark {
        let span = (*span).to_owned();
        return Some(Flag { rule, span });
    }
    let mut weak: Option<Flag> = None;
    for rule in &RULES.sequences {
        let Some((from, to)) = (0..tokens.len()).find_map(|at| Some((at, rule.ends(tokens, at)?)))
        else {
            continue;
        };
        let span = tokens
            .get(from)
            .zip(tokens.get(to))
            .and_then(|(from, to)| text.get(from.start..to.end))
            .unwrap_or_default()
            .to_owned();
        let found = Flag {
            rule: rule.name,
            span,
        };
        match rule.strength {
            Strength::Alone => return Some(found),
            Strength::WithAnother => match &weak {
                Some(first) if first.rule != found.rule => return weak,
                Some(_) => {}
                None => weak = Some(found),
            },
        }
    }
    None
}

#[cfg(test)]
mod tests;
