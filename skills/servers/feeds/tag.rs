//! One start tag, read forgivingly: unquoted, unclosed and run-together attributes included.

use super::entity;

/// A start tag as written, taken as complete however it ends.
pub(super) struct StartTag {
    /// Lower case, with its prefix.
    pub(super) name: String,
    /// Decoded values, names in lower case with their prefix.
    pub(super) attributes: Vec<(String, String)>,
    /// Whether it ends in `/>`.
    pub(super) closed: bool,
    /// Bytes it takes.
    pub(super) length: usize,
}

impl StartTag {
    /// The start tag at the beginning of `from`, which begins with `<`; `None` when that is text.
    pub(super) fn read(from: &str) -> Option<Self> {
        let body = from.get(1..)?;
        if !body.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let name_end =
            body.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '<' | '='))?;
        let name = body.get(..name_end)?.to_lowercase();
        let mut tag = Self {
            name,
            attributes: Vec::new(),
            closed: false,
            length: 1 + name_end,
        };
        loop {
            let rest = from.get(tag.length..)?;
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace());
            tag.length += rest.len() - trimmed.len();
            match trimmed.chars().next() {
                // A tag that runs into the next one or into the end is taken as complete.
                None | Some('<') => return Some(tag),
                Some('>') => {
                    tag.length += 1;
                    return Some(tag);
                }
                Some('/') => {
                    tag.closed = trimmed.starts_with("/>");
                    tag.length += 1;
                }
                Some(_) => tag.attribute(trimmed),
            }
        }
    }

    fn attribute(&mut self, text: &str) {
        let end = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '=' | '<');
        let name_end = text.find(end).unwrap_or(text.len());
        let name = text.get(..name_end).unwrap_or_default().to_lowercase();
        let after = text.get(name_end..).unwrap_or_default();
        let Some(value) = after.trim_start().strip_prefix('=') else {
            // At least one byte, or a stray quote would stop all progress.
            self.length += name_end.max(1);
            return;
        };
        let value = value.trim_start();
        let before_value = text.len() - value.len();
        let (raw, taken) = quoted(value).unwrap_or_else(|| {
            let end = value
                .find(|c: char| c.is_whitespace() || matches!(c, '>' | '<'))
                .unwrap_or(value.len());
            (
                value.get(..end).unwrap_or_default().trim_end_matches('/'),
                end,
            )
        });
        self.length += (before_value + taken).max(1);
        self.attributes.push((name, entity::decode(raw)));
    }
}

/// A quoted value and the bytes it takes with its quotes. A quote that closes only after a later tag began is not one.
fn quoted(value: &str) -> Option<(&str, usize)> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let body = value.get(1..)?;
    let end = body.find(quote)?;
    let raw = body.get(..end)?;
    let runs_over = raw
        .find('>')
        .is_some_and(|close| raw.get(close..).is_some_and(|tail| tail.contains("<")));
    (!runs_over).then_some((raw, end + 2))
}
