//! SOUL.md to a [`Persona`], in every shape people write it.
//!
//! Taken are: YAML front matter, the same YAML in a fenced block, keys nested under `persona:` or
//! `policy:`, and files with headings only. Keys that mean nothing to us stay in the file and are noted.
//! Start with [`parse`]; [`document`] splits the file, [`keys`] reads YAML, [`prose`] reads headings.

mod contradiction;
mod document;
mod draft;
mod keys;
mod lists;
mod prose;
#[cfg(test)]
mod tests;
mod topics;

use std::path::Path;

use chimera_domain::{ContentHash, persona::Persona};

use super::{
    problem::{ConfigError, Log, Place, Problem},
    read::{self, SOUL_BYTES_MAX},
};
use draft::Draft;

/// A longer file is taken, but a prompt will not hold all of it.
const SOUL_BYTES_USUAL: usize = 64 << 10;

/// A persona as its file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedPersona {
    /// The persona.
    pub persona: Persona,
    /// What the writer should know: keys without a meaning, defaults that were put in, contradictions.
    pub notices: Vec<Problem>,
}

/// Reads the bytes of a SOUL.md. `slug` is the name of its folder, `file` its path for messages.
///
/// # Errors
/// Everything that is wrong, with its lines.
pub fn parse_persona(slug: &str, file: &Path, bytes: &[u8]) -> Result<ParsedPersona, ConfigError> {
    let mut log = Log::new(file);
    let persona = parse(slug, bytes, &mut log);
    let log = log.sorted();
    match persona {
        Some(persona) if log.problems.is_empty() => Ok(ParsedPersona {
            persona,
            notices: log.notices,
        }),
        _ => Err(ConfigError {
            problems: log.problems,
        }),
    }
}

/// Whether a folder name can be a persona's slug.
pub(super) fn is_slug(text: &str) -> bool {
    (3..=100).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Reads the bytes; `None` only with a problem in the log.
fn parse(slug: &str, bytes: &[u8], log: &mut Log) -> Option<Persona> {
    if !is_slug(slug) {
        log.problem(
            Place::FILE,
            format!(
                "the folder name {} cannot name a persona",
                super::problem::quote(slug)
            ),
            "use 3 to 100 of a-z, 0-9 and `-`",
        );
    }
    if bytes.len() > SOUL_BYTES_MAX {
        log.problem(
            Place::FILE,
            format!(
                "the file has {} KiB, the most is {}",
                bytes.len() >> 10,
                SOUL_BYTES_MAX >> 10
            ),
            "keep the voice and move reference text elsewhere",
        );
        return None;
    }
    if bytes.len() > SOUL_BYTES_USUAL {
        log.notice(
            Place::FILE,
            format!(
                "the file has {} KiB; of more than {} only a part reaches a prompt",
                bytes.len() >> 10,
                SOUL_BYTES_USUAL >> 10
            ),
            "shorten it",
        );
    }
    let text = read::text(bytes, log)?;
    let document = document::split(text, log)?;
    if document.is_blank() {
        log.problem(Place::line(1), "the file says nothing", "write at least a name, voice_traits, directives and topics; personas/fae/SOUL.md is an example");
        return None;
    }
    let mut draft = Draft::default();
    if let Some(matter) = &document.matter {
        keys::read(matter, &mut draft, log);
    }
    prose::read(&document, &mut draft, log);
    let persona = draft.finish(
        slug,
        ContentHash::of_bytes(bytes),
        document.body_text(),
        log,
    );
    lists::cross_check(&persona.lists, log);
    contradiction::report(&persona, &draft, log);
    Some(persona)
}
