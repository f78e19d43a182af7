//! What was made ready lately: the same topics give the same interest, and the same lessons teach it the same, so
//! both are kept and not made again for every signal. What is remembered changes no answer.

use std::sync::{Arc, Mutex, PoisonError};

use chimera_domain::{
    ContentHash,
    lesson::Lessons,
    persona::{Persona, Topic},
    signal::Said,
};

use super::{Decided, Interest, Learned, Reading, Unscorable};

/// How many of each are kept.
const KEPT_MAX: usize = 64;

/// What was made of a key, the oldest first.
struct Memo<K, V>(Mutex<Vec<(K, Arc<V>)>>);

impl<K: PartialEq, V> Memo<K, V> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn find(&self, is: impl Fn(&K) -> bool) -> Option<Arc<V>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(key, _)| is(key));
        found.map(|(_, value)| value.clone())
    }

    fn keep(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.remove(0);
        }
        kept.push((key, value.clone()));
        value
    }
}

static INTERESTS: Memo<Vec<Topic>, Interest> = Memo::new();
static LEARNED: Memo<(ContentHash, Vec<Topic>), Learned> = Memo::new();

/// What a persona cares about, made ready once for as long as its topics stay as they are.
///
/// # Errors
/// When it has no keywords.
pub fn interest(persona: &Persona) -> Result<Arc<Interest>, Unscorable> {
    if let Some(interest) = INTERESTS.find(|topics| *topics == persona.topics) {
        return Ok(interest);
    }
    Ok(INTERESTS.keep(persona.topics.clone(), Interest::of(persona)?))
}

/// What people's decisions teach of a persona, once for as long as neither changes; `None` where there are none.
///
/// # Errors
/// When the persona has no keywords.
pub fn learned(persona: &Persona, lessons: &Lessons) -> Result<Option<Arc<Learned>>, Unscorable> {
    let digest = lessons.digest();
    let known = LEARNED.find(|(of, topics)| *of == digest && *topics == persona.topics);
    if known.is_some() {
        return Ok(known);
    }
    let interest = interest(persona)?;
    let readings: Vec<(Reading, bool)> = lessons
        .lines()
        .iter()
        .map(|line| {
            let kept = match line.said {
                Said::Kept => true,
                Said::Dropped => false,
            };
            (Reading::of(&line.title, &line.summary), kept)
        })
        .collect();
    let decided: Vec<Decided<'_>> = readings
        .iter()
        .map(|(reading, kept)| Decided {
            reading,
            kept: *kept,
        })
        .collect();
    let learned = Learned::of(&interest, &decided);
    Ok(learned.map(|learned| LEARNED.keep((digest, persona.topics.clone()), learned)))
}
