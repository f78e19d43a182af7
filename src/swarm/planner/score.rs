//! How relevant a signal is to a persona: lexical, explained, without a model.
//!
//! Each distinct keyword of the persona's topics that stands in the title or summary is evidence with
//! a weight; the score is the noisy-or `1 - Π(1 - weight)`. One word in a title alone (0.70) is not
//! enough at the usual threshold of 0.75; a phrase (0.80), or a word that the summary supports, is.

use chimera_domain::{Score, persona::Persona, resource::FeedItem, signal::Relevance};

use chimera_minds::lexicon::Words;

/// Method and version, stored with every score.
const METHOD: &str = "lexical/2";

const TITLE_WORD: Score = Score::from_percent(70);
const TITLE_PHRASE: Score = Score::from_percent(80);
const SUMMARY_WORD: Score = Score::from_percent(35);
const SUMMARY_PHRASE: Score = Score::from_percent(45);

/// Why a signal has no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unscorable {
    /// Nothing to read.
    #[error("the item has neither title nor summary")]
    NoText,
    /// Nothing to compare with.
    #[error("persona `{0}` has no topics to compare with")]
    NoTopics(String),
}

/// Scores one item for one persona.
///
/// # Errors
/// When there is nothing to score; never a default number.
pub fn relevance(item: &FeedItem, persona: &Persona) -> Result<Relevance, Unscorable> {
    if item.title.trim().is_empty() && item.summary.trim().is_empty() {
        return Err(Unscorable::NoText);
    }
    if persona.topics.iter().all(|topic| topic.keywords.is_empty()) {
        return Err(Unscorable::NoTopics(persona.slug.clone()));
    }
    let (title, summary) = (Words::of(&item.title), Words::of(&item.summary));
    let mut miss = Score::ONE;
    let mut found: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for topic in &persona.topics {
        for keyword in &topic.keywords {
            if seen.contains(&keyword.as_str()) {
                continue;
            }
            seen.push(keyword);
            let phrase = keyword.contains([' ', '-']);
            let mut places = Vec::new();
            if title.find(keyword).is_some() {
                miss = miss.times(if phrase { TITLE_PHRASE } else { TITLE_WORD }.complement());
                places.push("title");
            }
            if summary.find(keyword).is_some() {
                miss = miss.times(if phrase { SUMMARY_PHRASE } else { SUMMARY_WORD }.complement());
                places.push("summary");
            }
            if !places.is_empty() {
                found.push(format!(
                    "`{keyword}` ({}) in {}",
                    topic.name,
                    places.join(" and ")
                ));
            }
        }
    }
    let reason = if found.is_empty() {
        "no keyword of the persona's topics".to_owned()
    } else {
        found.join(", ")
    };
    Ok(Relevance {
        score: miss.complement(),
        method: METHOD.to_owned(),
        reason,
        basis: None,
    })
}

/// The first banned topic of the persona that the item touches.
pub(crate) fn banned_topic<'p>(item: &FeedItem, persona: &'p Persona) -> Option<&'p str> {
    let (title, summary) = (Words::of(&item.title), Words::of(&item.summary));
    persona
        .banned_topics
        .iter()
        .find(|topic| title.find(topic).is_some() || summary.find(topic).is_some())
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{item, persona};

    fn check(title: &str, summary: &str, percent: u32, reason: &str) {
        let got = relevance(&item(title, summary), &persona()).unwrap();
        assert_eq!(
            (got.score, got.reason.as_str()),
            (Score::from_percent(percent), reason),
            "{title}"
        );
    }

    // R30, T055: the score follows from the words and says which; equal input gives equal output.
    #[test]
    fn r30_score_follows_from_the_words_and_says_which() {
        check(
            "Weather in Oslo",
            "Rain.",
            0,
            "no keyword of the persona's topics",
        );
        check("A new sneaker", "", 70, "`sneaker` (drops) in title");
        check(
            "Capsule collection announced",
            "",
            80,
            "`capsule collection` (drops) in title",
        );
        let both = relevance(
            &item("A new sneaker", "The sneaker is made of linen."),
            &persona(),
        )
        .unwrap();
        assert_eq!(both.score, Score::from_ppm(805_000 + 68_250).unwrap());
        assert_eq!(
            both,
            relevance(
                &item("A new sneaker", "The sneaker is made of linen."),
                &persona()
            )
            .unwrap()
        );
    }

    // R30: what cannot be scored is an error.
    #[test]
    fn r30_what_cannot_be_scored_is_an_error() {
        assert_eq!(
            relevance(&item(" ", ""), &persona()),
            Err(Unscorable::NoText)
        );
        let mut blank = persona();
        blank.topics.clear();
        assert_eq!(
            relevance(&item("x", ""), &blank),
            Err(Unscorable::NoTopics("fae".into()))
        );
    }
}
