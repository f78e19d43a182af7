//! Which of the persona's hashtags a text carries.

use super::source::Facts;
use crate::wire::clean;

/// At most `max` distinct hashtags: those that the trend speaks of first, then the persona's others in their order.
/// What cannot be a hashtag (blank, only digits, with inner punctuation) is left out.
pub(super) fn choose(tags: &[String], facts: &Facts, max: u32) -> Vec<String> {
    let mut usable: Vec<String> = Vec::new();
    for tag in tags {
        let tag = clean::line(tag.trim().trim_start_matches('#'), 100);
        let valid = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
            && tag.chars().any(char::is_alphabetic);
        if valid
            && !usable
                .iter()
                .any(|known| known.to_lowercase() == tag.to_lowercase())
        {
            usable.push(tag);
        }
    }
    usable.sort_by_key(|tag| !facts.all_words.contains(&tag.to_lowercase()));
    usable.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    usable
}
