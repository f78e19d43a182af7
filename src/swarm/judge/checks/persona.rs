//! The persona: banned topics, its own hashtags, and a voice that does not shout.

use chimera_domain::{Score, persona::Persona, verdict::Case};

use super::Finding;
use chimera_minds::lexicon::Words;

pub(super) fn check(case: &Case, persona: &Persona) -> Finding {
    let mut found = Finding::clean();
    let text = &case.post().text;
    let words = Words::of(text);
    for topic in &persona.banned_topics {
        if let Some(span) = words.find(topic) {
            found.block(format!(
                "`{span}` touches `{topic}`, which {} never does",
                persona.name
            ));
        }
    }
    for tag in text
        .split_whitespace()
        .filter_map(|word| word.strip_prefix('#'))
    {
        let tag = tag.trim_end_matches(|c: char| !c.is_alphanumeric());
        if !persona
            .hashtags
            .iter()
            .any(|own| own.eq_ignore_ascii_case(tag))
        {
            found.fault(
                Score::from_percent(15),
                format!("#{tag} is not one of {}'s hashtags", persona.name),
            );
        }
    }
    let exclamations = text.matches('!').count();
    if exclamations > 2 {
        found.fault(
            Score::from_percent(15),
            format!("{exclamations} exclamation marks"),
        );
    }
    let shouted = text
        .split_whitespace()
        .filter(|word| is_shouted(word))
        .count();
    if shouted > 2 {
        found.fault(
            Score::from_percent(20),
            format!("{shouted} words in capitals"),
        );
    }
    found
}

fn is_shouted(word: &str) -> bool {
    let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
    letters.len() >= 4 && letters.iter().all(|c| c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, persona};

    fn found(text: &str) -> Finding {
        let mut case = case();
        case.call.post.text = text.to_owned();
        check(&case, &persona())
    }

    // R60, T073: banned topics block, strange hashtags and shouting cost, the persona's own words do not.
    #[test]
    fn r60_the_persona_is_held_to_its_own_rules() {
        assert_eq!(found("Linen, again. #slowfashion").score, Score::ONE);
        assert!(found("Real fur, real warm").hard_block);
        assert_eq!(found("Linen #crypto").score, Score::from_percent(85));
        assert_eq!(
            found("BUY THIS LINEN JACKET TODAY").score,
            Score::from_percent(80)
        );
        assert_eq!(found("Wow!!! Linen").score, Score::from_percent(85));
    }
}
