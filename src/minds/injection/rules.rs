//! The rules of `rules.txt`, taken apart once.

use std::sync::LazyLock;

use crate::tokens::Token;

const LIST: &str = include_str!("rules.txt");

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(LIST));

/// All of them.
pub(super) struct Rules {
    pub(super) sequences: Vec<Rule>,
    /// Name and text of what is found as it stands.
    pub(super) marks: Vec<(&'static str, &'static str)>,
}

/// A sequence of groups of words, each within a few words of the one before.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) strength: Strength,
    groups: Vec<Vec<&'static str>>,
    /// So many other words may stand between two groups.
    gap: usize,
}

/// What a rule is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// It flags by itself.
    Alone,
    /// It takes a second one.
    WithAnother,
}

impl Rules {
    pub(super) fn of(list: &'static str) -> Self {
        let mut rules = Self {
            sequences: Vec::new(),
            marks: Vec::new(),
        };
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, groups)) = line.split_once(": ") else {
                continue;
            };
            let groups = groups.split(" | ").map(str::trim);
            match *head.split(' ').collect::<Vec<_>>() {
                ["mark", name] => rules.marks.extend(groups.map(|mark| (name, mark))),
                [kind, name, gap] => rules.sequences.push(Rule {
                    name,
                    strength: if kind == "alone" {
                        Strength::Alone
                    } else {
                        Strength::WithAnother
                    },
                    groups: groups
                        .map(|group| group.split_whitespace().collect())
                        .collect(),
                    gap: gap.parse().unwrap_or(0),
                }),
                _ => {}
            }
        }
        rules
    }
}

impl Rule {
    /// The last word of the sequence when it begins here.
    pub(super) fn ends(&self, tokens: &[Token], at: usize) -> Option<usize> {
        let (first, rest) = self.groups.split_first()?;
        let mut last = at;
        if !is_in(tokens.get(at)?, first) {
            return None;
        }
        for group in rest {
            last = tokens
                .iter()
                .enumerate()
                .skip(last + 1)
                .take(self.gap + 1)
                .find(|(_, token)| is_in(token, group))?
                .0;
        }
        Some(last)
    }
}

fn is_in(token: &Token, group: &[&str]) -> bool {
    group.contains(&token.word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    // R34: every line of the list is a rule; none is lost for how it is written.
    #[test]
    fn r34_every_line_is_a_rule() {
        let lines = LIST
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (marks, sequences): (Vec<&str>, Vec<&str>) =
            lines.partition(|line| line.starts_with("mark "));
        assert_eq!(RULES.sequences.len(), sequences.len());
        assert!(RULES.marks.len() > marks.len() && sequences.len() > 40);
        for rule in &RULES.sequences {
            assert!(
                rule.groups.iter().all(|group| !group.is_empty()),
                "{}",
                rule.name
            );
        }
    }
}
