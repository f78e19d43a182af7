//! A structure: lines of words and slots, and how it is filled with what a source says.

use super::source::{Facts, Sentence};
use super::title::capital;

/// One way to tell something.
#[derive(Debug, Clone)]
pub(super) struct Structure {
    /// The pattern and its number in it.
    pub(super) id: String,
    /// Which voices like it.
    pub(super) voices: Vec<String>,
    lines: Vec<Vec<Part>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Slot {
        slot: Slot,
        large: bool,
    },
    /// The only part of its line, which is left out when it stays empty.
    Maybe(Slot),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Opener,
    Closer,
    Ask,
    Say,
    Title,
    Sentence,
    More,
    Lead,
    Number,
    Said,
    Name,
    What,
    Task,
    Figure,
    Year,
    Medium,
    Source,
    Topic,
}

const SLOTS: [(&str, Slot); 18] = [
    ("opener", Slot::Opener),
    ("closer", Slot::Closer),
    ("ask", Slot::Ask),
    ("say", Slot::Say),
    ("title", Slot::Title),
    ("sentence", Slot::Sentence),
    ("more", Slot::More),
    ("lead", Slot::Lead),
    ("number", Slot::Number),
    ("said", Slot::Said),
    ("name", Slot::Name),
    ("what", Slot::What),
    ("task", Slot::Task),
    ("figure", Slot::Figure),
    ("year", Slot::Year),
    ("medium", Slot::Medium),
    ("source", Slot::Source),
    ("topic", Slot::Topic),
];

/// The persona's phrases that suit what is told; empty when there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Phrases {
    pub(super) opener: String,
    pub(super) closer: String,
    pub(super) ask: String,
    pub(super) say: String,
    /// A topic of the persona that the source names.
    pub(super) topic: String,
}

/// A filled structure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) opener: bool,
    pub(super) closer: bool,
    /// Topic words that its sentences add to the title.
    pub(super) new_words: usize,
    pub(super) sentences: usize,
}

impl Structure {
    /// Reads `(short) {opener} {title}. / {sentence}`.
    pub(super) fn read(id: String, text: &str) -> Result<Self, String> {
        let (voices, text) = match text
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(") "))
        {
            Some((voices, text)) => (voices.split(' ').map(str::to_owned).collect(), text),
            None => (Vec::new(), text),
        };
        let lines = text
            .split(" / ")
            .map(parts)
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Self { id, voices, lines })
    }

    /// The words it adds of its own.
    pub(super) fn words(&self) -> String {
        self.parts()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Slot { .. } | Part::Maybe(_) => None,
            })
            .collect()
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.lines.iter().flatten()
    }

    /// The text with this sentence in its place; `None` when a slot stays empty or the sentence cannot stand there.
    /// `full` fills the lines, too, that may be left out.
    pub(super) fn fill(
        &self,
        facts: &Facts,
        phrases: &Phrases,
        sentence: Option<&Sentence>,
        full: bool,
    ) -> Option<Body> {
        let mut body = Body::default();
        let mut told_title = false;
        let mut lines = Vec::with_capacity(self.lines.len());
        for parts in &self.lines {
            let mut line = String::new();
            if let [Part::Maybe(slot)] = parts.as_slice() {
                if full || *slot == Slot::Sentence {
                    let found = body.slot(*slot, facts, phrases, sentence, (told_title, false));
                    lines.extend(found.filter(|found| !found.is_empty()));
                }
                continue;
            }
            for part in parts {
                match part {
                    Part::Maybe(_) => {}
                    Part::Text(text) => push(&mut line, text),
                    Part::Slot { slot, large } => {
                        let after_colon = line.ends_with(": ");
                        let found =
                            body.slot(*slot, facts, phrases, sentence, (told_title, after_colon))?;
                        if found.is_empty() {
                            return None;
                        }
                        told_title |= *slot == Slot::Title;
                        if *large {
                            line.push_str(&capital(&found));
                        } else {
                            line.push_str(&found);
                        }
                    }
                }
            }
            lines.push(line.trim().to_owned());
        }
        body.text = lines.join("\n");
        Some(body)
    }
}

impl Body {
    fn slot(
        &mut self,
        slot: Slot,
        facts: &Facts,
        phrases: &Phrases,
        sentence: Option<&Sentence>,
        (told_title, after_colon): (bool, bool),
    ) -> Option<String> {
        let title = &facts.title;
        let some = |text: &str| Some(text.to_owned());
        let half = |first: bool| {
            let (name, what) = title.halves.as_ref()?;
            some(if first { name } else { what })
        };
        Some(match slot {
            Slot::Opener => {
                self.opener = true;
                opened(&phrases.opener)
            }
            Slot::Closer => self.close(&phrases.closer),
            Slot::Ask => self.close(&phrases.ask),
            Slot::Say => self.close(&phrases.say),
            Slot::Title if after_colon => title.after_colon(),
            Slot::Title => title.said(),
            Slot::Sentence => self.quote(sentence, told_title)?,
            Slot::Number => self.quote(sentence.filter(|s| s.figure), told_title)?,
            Slot::Said => self.quote(sentence.filter(|s| s.said), told_title)?,
            Slot::More => {
                let next = facts.after(sentence?)?;
                self.new_words += next.new_words;
                self.sentences += 1;
                next.text.clone()
            }
            Slot::Lead => self.quote(facts.lead.as_ref(), told_title)?,
            Slot::Name => half(true)?,
            Slot::What => half(false)?,
            Slot::Task => title.task.clone(),
            Slot::Figure => facts.figure.clone(),
            Slot::Year => title.year.clone(),
            Slot::Medium => title.medium.clone(),
            Slot::Source => facts.source.clone(),
            Slot::Topic => phrases.topic.clone(),
        })
    }

    fn close(&mut self, phrase: &str) -> String {
        self.closer |= !phrase.is_empty();
        phrase.to_owned()
    }

    fn quote(&mut self, sentence: Option<&Sentence>, told_title: bool) -> Option<String> {
        let sentence = sentence.filter(|sentence| sentence.stands(told_title))?;
        self.new_words += sentence.new_words;
        self.sentences += 1;
        Some(sentence.text.clone())
    }
}

/// An opener that leads over to what follows.
fn opened(phrase: &str) -> String {
    if phrase.ends_with(char::is_alphanumeric) {
        format!("{phrase}:")
    } else {
        phrase.to_owned()
    }
}

/// Adds words of the structure; a full stop after what already ends is left out.
fn push(line: &mut String, text: &str) {
    let ended = |c: char| matches!(c, '.' | '?' | '!' | '…' | '。' | '？' | '！' | '؟' | '।');
    let mut back = line.chars().rev();
    let ends = match back.next() {
        Some('”' | '"' | '’' | '»' | ')') => back.next().is_some_and(ended),
        Some(last) => ended(last),
        None => false,
    };
    let text = if ends {
        text.strip_prefix(['.', ',', ':']).unwrap_or(text)
    } else {
        text
    };
    line.push_str(text);
}

fn parts(line: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some((text, tail)) = rest.split_once('{') {
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        let (name, after) = tail.split_once('}').ok_or("no `}`")?;
        let may = name.strip_suffix('?');
        let folded = may.unwrap_or(name).to_lowercase();
        let (_, slot) = SLOTS
            .iter()
            .find(|(known, _)| *known == folded)
            .ok_or_else(|| format!("no slot {name}"))?;
        parts.push(match may {
            Some(_) => Part::Maybe(*slot),
            None => Part::Slot {
                slot: *slot,
                large: name != folded,
            },
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    let stray = parts.len() > 1 && parts.iter().any(|part| matches!(part, Part::Maybe(_)));
    if stray {
        return Err("what may be left out stands on a line of its own".to_owned());
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::studio::brief::TrendBrief;
    use crate::studio::writing::book::book;

    fn filled(structure: &str, title: &str, summary: &str) -> Option<String> {
        let trend = TrendBrief {
            title: title.into(),
            summary: summary.into(),
            link: String::new(),
            source: "Loom Weekly".into(),
        };
        let facts = Facts::of(&trend, book().unwrap()).unwrap();
        let phrases = Phrases {
            opener: "Worth a look".into(),
            closer: "Mend it.".into(),
            ..Phrases::default()
        };
        Structure::read("t-1".into(), structure)
            .unwrap()
            .fill(&facts, &phrases, facts.sentences.first(), true)
            .map(|body| body.text)
    }

    /// Seams have one sign, articles fit after a colon, and what has nothing to say is not said.
    #[test]
    fn sentences_fit_together() {
        for (structure, title, expected) in [
            (
                "{opener} {title}. / {closer}",
                "Why mend?",
                "Worth a look: why mend?\nMend it.",
            ),
            (
                "{opener} {title}.",
                "A mill closes",
                "Worth a look: a mill closes.",
            ),
            ("{opener} {title}.", "The Turn", "Worth a look: The Turn."),
            ("{title}.", "My first darn!!!", "“My first darn”."),
            (
                "{title}.",
                "“We will mend,” they say…",
                "“We will mend,” they say…",
            ),
            (
                "{What}. / It is {name}.",
                "Weft – a ledger of yarn",
                "A ledger of yarn.\nIt is Weft.",
            ),
            ("To {task}.", "How to darn a heel", "To darn a heel."),
            ("At {source}: {title}.", "Wool", "At Loom Weekly: Wool."),
            (
                "{title}. / {sentence?} / {closer?}",
                "Wool",
                "Wool.\nMend it.",
            ),
        ] {
            assert_eq!(filled(structure, title, "").as_deref(), Some(expected));
        }
        for structure in ["{ask}", "{year}", "{name}", "{sentence}", "{topic}"] {
            assert_eq!(
                filled(structure, "Wool prices rise", ""),
                None,
                "{structure}"
            );
        }
    }

    /// A sentence that speaks of what stood before it does not stand alone; one in the first person is quoted.
    #[test]
    fn sentences_stand_where_they_can_be_understood() {
        let he = "It was dyed with madder root and weld from the valley.";
        assert_eq!(filled("{sentence} / {title}.", "A coat returns", he), None);
        assert!(filled("{title}. / {sentence}", "A coat returns", he).is_some());
        let we = "We measured fibre loss over forty washes of linen.";
        assert_eq!(
            filled("{sentence}", "Washing linen", we).as_deref(),
            Some("“We measured fibre loss over forty washes of linen.”")
        );
    }
}
