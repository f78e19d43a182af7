//! What an agent may look at, and what it never does: its lists, held against one item.

use chimera_domain::{
    persona::{Listed, Persona},
    resource::FeedItem,
};
use chimera_minds::lexicon::Words;

/// An item taken apart for the lists.
struct Told<'a> {
    item: &'a FeedItem,
    title: Words<'a>,
    summary: Words<'a>,
    host: String,
}

/// The first entry that denies an item, in words; deny goes before everything a person or a score says.
pub(crate) fn denied(item: &FeedItem, persona: &Persona) -> Option<String> {
    let deny = &persona.lists.deny;
    if *deny == Listed::default() {
        return None;
    }
    let told = Told::of(item);
    told.hits(deny, persona)
        .into_iter()
        .find_map(|(kind, _, hit)| hit.map(|entry| format!("denied: {kind} `{entry}`")))
}

/// What it is not, where only some are allowed.
pub(crate) fn not_allowed(item: &FeedItem, persona: &Persona) -> Option<String> {
    let allow = &persona.lists.allow;
    if *allow == Listed::default() {
        return None;
    }
    let told = Told::of(item);
    told.hits(allow, persona)
        .into_iter()
        .find(|(_, list, hit)| !list.is_empty() && hit.is_none())
        .map(|(kind, list, _)| match list {
            [only] => format!("not allowed: its {kind} is not `{only}`"),
            all => format!(
                "not allowed: its {kind} is none of the {} allowed",
                all.len()
            ),
        })
}

impl<'a> Told<'a> {
    fn of(item: &'a FeedItem) -> Self {
        Self {
            item,
            title: Words::of(&item.title),
            summary: Words::of(&item.summary),
            host: host(&item.link),
        }
    }

    /// Each kind with its list and the first entry that is so.
    fn hits<'l>(
        &self,
        lists: &'l Listed,
        persona: &Persona,
    ) -> [(&'static str, &'l [String], Option<&'l str>); 4] {
        let first = |list: &'l [String], is: &dyn Fn(&str) -> bool| {
            list.iter().map(String::as_str).find(|entry| is(entry))
        };
        let (sources, authors) = (lists.sources.as_slice(), lists.authors.as_slice());
        let (topics, keywords) = (lists.topics.as_slice(), lists.keywords.as_slice());
        [
            (
                "source",
                sources,
                first(sources, &|entry| self.is_from(entry)),
            ),
            (
                "author",
                authors,
                first(authors, &|entry| self.is_by(entry)),
            ),
            (
                "topic",
                topics,
                first(topics, &|entry| self.is_about(entry, persona)),
            ),
            (
                "keyword",
                keywords,
                first(keywords, &|entry| self.says(entry)),
            ),
        ]
    }

    /// The feed of that name, or a host and what is below it.
    fn is_from(&self, entry: &str) -> bool {
        let below = self.host.strip_suffix(entry);
        self.item.source.to_lowercase() == entry
            || below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    fn is_by(&self, entry: &str) -> bool {
        let mut authors = self.item.authors.iter();
        authors.any(|author| author.trim().to_lowercase() == entry)
    }

    fn says(&self, phrase: &str) -> bool {
        self.title.find(phrase).is_some() || self.summary.find(phrase).is_some()
    }

    /// One of the persona's own topics by any of its keywords, another by its words.
    fn is_about(&self, entry: &str, persona: &Persona) -> bool {
        let own = persona
            .topics
            .iter()
            .find(|topic| topic.name.to_lowercase() == entry);
        match own {
            Some(topic) => topic.keywords.iter().any(|keyword| self.says(keyword)),
            None => self.says(entry),
        }
    }
}

/// The host of a web address, lower case; empty where there is none.
fn host(link: &str) -> String {
    let rest = link.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{persona, signal};

    fn item() -> FeedItem {
        FeedItem {
            title: "The Cup of tea that won a prize".to_owned(),
            summary: "From the hills".to_owned(),
            link: "https://news.example.org:443/tea?x=1".to_owned(),
            source: "The Wire".to_owned(),
            authors: vec!["Ana Lima".to_owned(), "Bo".to_owned()],
            ..signal().item
        }
    }

    fn check(lists: &[(&str, &str)], expected: Option<&str>, deny: bool) {
        let mut persona = persona();
        let list = if deny {
            &mut persona.lists.deny
        } else {
            &mut persona.lists.allow
        };
        for (kind, entry) in lists {
            let of = match *kind {
                "source" => &mut list.sources,
                "author" => &mut list.authors,
                "topic" => &mut list.topics,
                _ => &mut list.keywords,
            };
            of.push((*entry).to_owned());
        }
        let got = if deny {
            denied(&item(), &persona)
        } else {
            not_allowed(&item(), &persona)
        };
        assert_eq!(got.as_deref(), expected, "{lists:?}");
    }

    // R33: what is denied is told by kind and entry; a host counts with what is below it and no other that only ends so, a
    // word only as a whole one.
    #[test]
    fn r33_what_is_denied_is_left_and_named() {
        for (kind, entry, hit) in [
            ("source", "the wire", true),
            ("source", "example.org", true),
            ("source", "news.example.org", true),
            ("source", "ample.org", false),
            ("source", "wire", false),
            ("author", "ana lima", true),
            ("author", "ana", false),
            ("keyword", "cups", true),
            ("keyword", "tea that won", true),
            ("keyword", "priz", false),
            ("topic", "hills", true),
            ("topic", "mountains", false),
        ] {
            let why = format!("denied: {kind} `{entry}`");
            check(&[(kind, entry)], hit.then_some(why.as_str()), true);
        }
        check(&[], None, true);
    }

    // R33: where some are allowed, of each kind one must be so; what names no author is not of an allowed one.
    #[test]
    fn r33_only_what_is_allowed_is_looked_at() {
        check(&[], None, false);
        check(&[("source", "other"), ("source", "the wire")], None, false);
        check(
            &[("source", "the wire"), ("author", "cy")],
            Some("not allowed: its author is not `cy`"),
            false,
        );
        check(
            &[("keyword", "coffee"), ("keyword", "milk")],
            Some("not allowed: its keyword is none of the 2 allowed"),
            false,
        );
    }

    // R33: one of the persona's own topics stands for its keywords.
    #[test]
    fn r33_a_topic_of_the_persona_is_its_keywords() {
        let mut persona = persona();
        let topic = persona.topics[0].clone();
        persona.lists.deny.topics = vec![topic.name.to_lowercase()];
        let mut item = item();
        assert_eq!(denied(&item, &persona), None);
        item.title = format!("All of {}", topic.keywords[0]);
        assert!(denied(&item, &persona).is_some());
    }
}
