//! What an agent remembers when it writes: its posts of the last hour, those before that are most like the subject, and how
//! it put its last ones. A pure choice from what the store has of its past.

use chimera_domain::{
    Timestamp,
    memory::{LATELY, LATELY_MAX, LIKE_MAX, Memory, Past, Remembered},
};
use chimera_minds::recall;

/// What of the past counts for a text about `subject` that is written now.
pub(crate) fn of(past: &Past, subject: &str, now: Timestamp) -> Memory {
    let since = now.minus(LATELY);
    let (mut lately, before): (Vec<&Remembered>, Vec<&Remembered>) = past
        .posts
        .iter()
        .partition(|post| post.published_at > since);
    lately.truncate(LATELY_MAX);
    let texts: Vec<&str> = before.iter().map(|post| post.text.as_str()).collect();
    let like = recall::like(subject, &texts, LIKE_MAX)
        .into_iter()
        .filter_map(|(at, alike)| Some((alike, (*before.get(at)?).clone())))
        .collect();
    Memory {
        lately: lately.into_iter().cloned().collect(),
        like,
        structures: past.structures.clone(),
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::{Span, ids::PublicationId, testing::uuid_of};

    use super::*;

    // R122: an hour whatever it was about, and before that five that are like it.
    #[test]
    fn r122_an_hour_of_everything_and_five_of_what_is_like_it() {
        let now = Timestamp::from_micros(10 * 3_600_000_000);
        let ago = |minutes, n, text: &str| Remembered {
            publication: PublicationId::from_uuid(uuid_of(n)),
            text: text.to_owned(),
            published_at: now.minus(Span::from_mins(minutes)),
        };
        let mut posts: Vec<Remembered> = (0..7)
            .map(|n| ago(5, n, "Batteries bid into the evening market"))
            .collect();
        posts.push(ago(59, 20, "A zoo opens"));
        posts.extend((0..8u64).map(|n| ago(60 + n, 30 + u128::from(n), "Linen is mended")));
        posts.push(ago(200, 50, "Wool is spun"));
        let past = Past {
            posts,
            structures: vec!["a".into(), "b".into()],
        };
        let memory = of(&past, "Linen sneakers come back", now);
        assert_eq!(memory.lately.len(), LATELY_MAX);
        assert_eq!(memory.like.len(), LIKE_MAX);
        assert!(
            memory
                .like
                .iter()
                .all(|(_, post)| post.text.starts_with("Linen"))
        );
        assert_eq!(memory.structures, past.structures);
        assert_eq!(memory.recalled().len(), LATELY_MAX + LIKE_MAX);
        let nothing = of(&Past::default(), "Linen", now);
        assert_eq!(nothing, Memory::default());
    }
}
