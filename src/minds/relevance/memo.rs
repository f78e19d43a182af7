//! Interests that were made ready lately: the same topics give the same one, so it is kept and not made again
//! for every signal. What is remembered changes no answer.

use std::sync::{Arc, Mutex, PoisonError};

use chimera_domain::persona::{Persona, Topic};

use super::{Interest, Unscorable};

/// How many are kept.
const KEPT_MAX: usize = 64;

static KEPT: Mutex<Vec<(Vec<Topic>, Arc<Interest>)>> = Mutex::new(Vec::new());

/// What a persona cares about, made ready once for as long as its topics stay as they are.
///
/// # Errors
/// When it has no keywords.
pub fn interest(persona: &Persona) -> Result<Arc<Interest>, Unscorable> {
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, interest)) = kept().iter().find(|(topics, _)| *topics == persona.topics) {
        return Ok(interest.clone());
    }
    let interest = Arc::new(Interest::of(persona)?);
    let mut kept = kept();
    if kept.len() >= KEPT_MAX {
        kept.remove(0);
    }
    kept.push((persona.topics.clone(), interest.clone()));
    Ok(interest)
}
