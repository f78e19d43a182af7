//! What was read of a persona so far, and how it becomes one.

use chimera_domain::{
    ContentHash,
    persona::{Lists, Motif, Persona, Topic, VisualIdentity},
    text::plain,
};

use crate::config::problem::{Log, Place, quote};

/// Characters of one line that are kept.
const LINE_CHARS_MAX: usize = 500;
/// Lines of one kind that are kept.
const LINES_MAX: usize = 300;
/// Said by every persona that says nothing of its own.
pub(super) const DISCLOSURE: &str = "Made by an AI agent.";
/// Paper, ink and one warm tone, for personas without colours.
const PALETTE: [&str; 3] = ["#f5f1ea", "#2b2b2b", "#c9735b"];

/// A line of text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) at: Place,
}

/// A topic and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftTopic {
    pub(super) name: Line,
    pub(super) keywords: Vec<String>,
}

/// Everything a SOUL.md may say that we use.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Option<Line>,
    pub(super) name: Option<Line>,
    pub(super) voice_traits: Vec<Line>,
    pub(super) directives: Vec<Line>,
    pub(super) topics: Vec<DraftTopic>,
    pub(super) banned_topics: Vec<Line>,
    pub(super) lists: Lists,
    pub(super) openers: Vec<Line>,
    pub(super) closers: Vec<Line>,
    pub(super) hashtags: Vec<Line>,
    pub(super) language: Option<Line>,
    pub(super) disclosure: Option<Line>,
    pub(super) character: Option<Line>,
    pub(super) palette: Vec<Line>,
    pub(super) motif: Option<Line>,
}

impl Line {
    /// Cleans a text; `None` when nothing is left, or a placeholder was never filled in.
    pub(super) fn new(text: &str, at: Place, log: &mut Log) -> Option<Self> {
        if text.contains("{{") && text.contains("}}") {
            log.notice(
                at,
                format!(
                    "the placeholder in {} was not filled in; the line is left out",
                    quote(text)
                ),
                "write the text that belongs there",
            );
            return None;
        }
        if text.chars().count() > LINE_CHARS_MAX {
            log.notice(
                at,
                format!("only the first {LINE_CHARS_MAX} characters of this line are used"),
                "say it shorter",
            );
        }
        let text = plain(text, LINE_CHARS_MAX);
        (!text.is_empty()).then_some(Self { text, at })
    }
}

/// Takes `#` and blanks from a hashtag; what is left must be one word.
fn hashtag(line: &Line, log: &mut Log) -> Option<String> {
    let tag = line.text.trim_start_matches('#');
    if !tag.is_empty() && tag.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Some(tag.to_owned());
    }
    log.notice(
        line.at,
        format!("{} is not a hashtag and is left out", quote(&line.text)),
        "use letters, digits and `_` only",
    );
    None
}

/// `#rgb` or `#rrggbb` as `#rrggbb`.
pub(super) fn colour(text: &str) -> Option<String> {
    let digits = text.trim().strip_prefix('#')?;
    if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_lowercase();
    match digits.len() {
        6 => Some(format!("#{digits}")),
        3 => Some(digits.chars().fold("#".to_owned(), |mut out, c| {
            out.extend([c, c]);
            out
        })),
        _ => None,
    }
}

/// A BCP 47 tag, or the English name of a language that is written often.
pub(super) fn language(text: &str) -> Option<String> {
    const NAMES: [(&str, &str); 12] = [
        ("english", "en"),
        ("german", "de"),
        ("french", "fr"),
        ("spanish", "es"),
        ("italian", "it"),
        ("portuguese", "pt"),
        ("dutch", "nl"),
        ("polish", "pl"),
        ("turkish", "tr"),
        ("japanese", "ja"),
        ("chinese", "zh"),
        ("korean", "ko"),
    ];
    let text = text.trim();
    if let Some((_, tag)) = NAMES
        .iter()
        .find(|(name, _)| text.eq_ignore_ascii_case(name))
    {
        return Some((*tag).to_owned());
    }
    let mut parts = text.split('-');
    let first = parts.next()?;
    let fits = (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    fits.then(|| text.to_owned())
}

fn texts(lines: &[Line]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for line in lines {
        if texts.len() < LINES_MAX && !texts.contains(&line.text) {
            texts.push(line.text.clone());
        }
    }
    texts
}

impl Draft {
    /// The persona, with defaults where the file says nothing; each default is noted.
    pub(super) fn finish(
        &self,
        slug: &str,
        hash: ContentHash,
        body: String,
        log: &mut Log,
    ) -> Persona {
        if let Some(id) = self.id.as_ref().filter(|id| id.text != slug) {
            log.notice(
                id.at,
                format!(
                    "the id {} differs from the folder `{slug}`, which counts",
                    quote(&id.text)
                ),
                "rename one of the two",
            );
        }
        let missing = [
            (
                "voice traits",
                "add `voice_traits:`, one trait per line",
                self.voice_traits.is_empty(),
            ),
            (
                "directives",
                "add `directives:`, one rule per line",
                self.directives.is_empty(),
            ),
            (
                "topics, so nothing it sees can be scored for it",
                "add `topics:` with keywords",
                self.topics.is_empty(),
            ),
        ];
        for (what, hint, _) in missing.iter().filter(|(.., missing)| *missing) {
            log.notice(Place::FILE, format!("the persona has no {what}"), *hint);
        }
        let disclosure = match &self.disclosure {
            Some(line) => line.text.clone(),
            None => {
                log.notice(
                    Place::FILE,
                    format!("no disclosure is given; posts carry `{DISCLOSURE}`"),
                    "add `disclosure:` with a label that says a machine made this",
                );
                DISCLOSURE.to_owned()
            }
        };
        if self.character.is_none() {
            log.notice(
                Place::FILE,
                "no character_reference_id is given, so no pictures are made",
                "add `character_reference_id:`",
            );
        }
        Persona {
            slug: slug.to_owned(),
            name: self
                .name
                .as_ref()
                .map_or_else(|| titled(slug), |name| name.text.clone()),
            hash,
            voice_traits: texts(&self.voice_traits),
            directives: texts(&self.directives),
            topics: self.topics(),
            banned_topics: texts(&self.banned_topics)
                .into_iter()
                .map(|topic| topic.to_lowercase())
                .collect(),
            lists: self.lists.clone(),
            openers: texts(&self.openers),
            closers: texts(&self.closers),
            hashtags: self
                .hashtags
                .iter()
                .take(LINES_MAX)
                .filter_map(|line| hashtag(line, log))
                .collect(),
            language: self
                .language
                .as_ref()
                .map_or_else(|| "en".to_owned(), |line| line.text.clone()),
            disclosure,
            character_reference_id: self.character.as_ref().map(|line| line.text.clone()),
            visual: self.visual(),
            body,
        }
    }

    /// Topics of the same name joined, keywords in lower case and each once.
    fn topics(&self) -> Vec<Topic> {
        let mut topics: Vec<Topic> = Vec::new();
        for draft in &self.topics {
            let keywords = draft.keywords.iter().map(|word| word.to_lowercase());
            if let Some(topic) = topics
                .iter_mut()
                .find(|topic| topic.name.eq_ignore_ascii_case(&draft.name.text))
            {
                topic.keywords.extend(keywords);
            } else if topics.len() < LINES_MAX {
                topics.push(Topic {
                    name: draft.name.text.clone(),
                    keywords: keywords.collect(),
                });
            }
        }
        for topic in &mut topics {
            let mut seen = std::collections::BTreeSet::new();
            topic
                .keywords
                .retain(|word| !word.is_empty() && seen.insert(word.clone()));
            topic.keywords.truncate(LINES_MAX);
        }
        topics
    }

    fn visual(&self) -> VisualIdentity {
        let palette: Vec<String> = self
            .palette
            .iter()
            .filter_map(|line| colour(&line.text))
            .take(8)
            .collect();
        VisualIdentity {
            palette: if palette.is_empty() {
                PALETTE.map(str::to_owned).to_vec()
            } else {
                palette
            },
            motif: self
                .motif
                .as_ref()
                .and_then(|line| line.text.to_lowercase().parse().ok())
                .unwrap_or(Motif::Rays),
        }
    }
}

/// `night-owl` as `Night Owl`.
fn titled(slug: &str) -> String {
    let words = slug.split('-').filter(|word| !word.is_empty()).map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}
