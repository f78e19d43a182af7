//! Claims and their sources: how much of the text stands in what it cites.
//!
//! The score is the share of the text's content words that occur in the sources, leaving out what the
//! persona brings itself (openers, closers, hashtags, label) and links. A text that cites nothing, or
//! whose link is not among its sources, loses more.

use chimera_domain::{Score, artifact::Body, persona::Persona, verdict::Case};

use super::Finding;
use chimera_minds::lexicon::Words;

/// A persona may say a little of its own; beyond this share every unsupported word counts.
const OWN_SHARE: Score = Score::from_percent(25);

pub(super) fn check(case: &Case, persona: &Persona) -> Result<Finding, String> {
    let sources: Vec<String> = case
        .artifacts
        .iter()
        .filter_map(|artifact| match &artifact.body {
            Body::Research(research) => Some(format!(
                "{} {} {}",
                research.title, research.summary, research.source
            )),
            Body::Text(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => None,
        })
        .collect();
    if sources.is_empty() {
        return Err("the plan has no research to compare with".to_owned());
    }
    let source = sources.join(" ");
    let source = Words::of(&source);
    let own = [
        persona.openers.join(" "),
        persona.closers.join(" "),
        persona.hashtags.join(" "),
        persona.disclosure.clone(),
    ]
    .join(" ");
    let own = Words::of(&own);
    let post = case.post();
    let claims: String = post
        .text
        .split_whitespace()
        .filter(|word| !is_link(word))
        .collect::<Vec<_>>()
        .join(" ");
    let claims = Words::of(&claims);
    let words: Vec<&str> = claims
        .content()
        .into_iter()
        .filter(|word| !own.has(word))
        .collect();
    let mut found = Finding::clean();
    let unsupported: Vec<&str> = words
        .iter()
        .filter(|word| !source.has(word))
        .copied()
        .collect();
    if words.is_empty() {
        found.fault(
            Score::from_percent(50),
            "the text says nothing of its own sources".to_owned(),
        );
    } else if !unsupported.is_empty() {
        let share = ratio(unsupported.len(), words.len())?;
        if share > OWN_SHARE {
            let named: Vec<&str> = unsupported.iter().take(5).copied().collect();
            found.fault(
                share,
                format!(
                    "{} of {} words are not in the sources: {}",
                    unsupported.len(),
                    words.len(),
                    named.join(", ")
                ),
            );
        }
    }
    if post.citations.is_empty() {
        found.fault(Score::from_percent(40), "nothing is cited".to_owned());
    }
    for link in post.text.split_whitespace().filter(|word| is_link(word)) {
        if !post.citations.iter().any(|citation| citation.url == link) {
            found.fault(
                Score::from_percent(50),
                format!(
                    "the link {} is not among the sources",
                    chimera_domain::text::plain(link, 80)
                ),
            );
        }
    }
    Ok(found)
}

fn is_link(word: &str) -> bool {
    word.starts_with("https://") || word.starts_with("http://")
}

fn ratio(part: usize, whole: usize) -> Result<Score, String> {
    let convert = |n: usize| u64::try_from(n).map_err(|e| e.to_string());
    Score::from_ratio(convert(part)?, convert(whole)?)
        .ok_or_else(|| "more unsupported words than words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, persona};

    fn score(edit: impl FnOnce(&mut Case)) -> Score {
        let mut case = case();
        edit(&mut case);
        check(&case, &persona()).unwrap().score
    }

    // R52: what is not in the sources costs, what is does not.
    #[test]
    fn r52_unsupported_claims_cost() {
        assert_eq!(score(|_| {}), Score::ONE);
        let invented = score(|c| {
            c.call.post.text =
                "Linen sneaker costs ninety dollars, sold out worldwide within minutes".into()
        });
        assert!(invented < Score::from_percent(50), "{invented}");
        assert!(score(|c| c.call.post.citations.clear()) < Score::from_percent(70));
        assert_eq!(
            score(|c| c.call.post.text.push_str(" https://evil.example/x")),
            Score::from_percent(50)
        );
    }

    // R53: without research there is nothing to compare with, which is no score.
    #[test]
    fn r53_without_research_there_is_no_score() {
        let mut case = case();
        case.artifacts.clear();
        assert!(check(&case, &persona()).is_err());
    }
}
