//! A thread: the title, then sentence by sentence what the summary says, in posts that each stand alone.
//!
//! Every part carries the label, because every part is a post of its own and may be seen alone. Hashtags are in the
//! first, the link is in the last. Parts are broken between sentences; one that has no room is left out, never cut.

use super::shape::Body;
use super::{Desk, Draft, join};
use crate::studio::brief::WrittenText;
use crate::wire::{Refusal, clean};

const PARTS_MAX: u32 = 10;
const PARTS_USUAL: u32 = 5;
/// Room for `10/10 `.
const NUMBER: usize = 6;

pub(super) fn write(desk: &Desk<'_>) -> Result<WrittenText, Refusal> {
    let args = desk.args;
    let parts_max = match args.parts_max {
        0 => PARTS_USUAL,
        2..=PARTS_MAX => args.parts_max,
        _ => {
            return Err(Refusal::new(
                "invalid_argument",
                format!("parts_max must be 2 to {PARTS_MAX}"),
            ));
        }
    };
    let parts_max = usize::try_from(parts_max).unwrap_or(2);
    let max = usize::try_from(args.constraints.graphemes_max).unwrap_or(usize::MAX);
    let disclosure = args.constraints.disclosure.trim();
    let foot = clean::graphemes(disclosure) + 2;
    let link = clean::graphemes(&desk.facts.link) + 1;
    let tags = join(
        &desk
            .tags
            .iter()
            .map(|tag| format!("#{tag}"))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        " ",
    );
    let mut body = Body::default();
    let first = match desk.phrases.opener.as_str() {
        "" => ended(&desk.facts.title.said()),
        opener => {
            body.opener = true;
            let colon = if opener.ends_with(char::is_alphanumeric) {
                ":"
            } else {
                ""
            };
            format!("{opener}{colon} {}", ended(&desk.facts.title.after_colon()))
        }
    };
    // The link may come to stand in any part that is the last, so that every part keeps room for it.
    let room = max.saturating_sub(NUMBER + foot + link);
    let mut texts = vec![first];
    let mut last = None;
    for sentence in &desk.facts.whole {
        // What points back is understood right behind what it points to.
        if !sentence.follows(last) {
            continue;
        }
        let length = clean::graphemes(&sentence.text);
        let count = texts.len();
        let Some(text) = texts.last_mut() else { break };
        let used = if count == 1 {
            clean::graphemes(&tags) + 1
        } else {
            0
        };
        if clean::graphemes(text) + 1 + length + used <= room && count > 1 {
            text.push(' ');
            text.push_str(&sentence.text);
        } else if length <= room && count < parts_max {
            texts.push(sentence.text.clone());
        } else {
            continue;
        }
        last = Some(sentence);
        body.sentences += 1;
        body.new_words += sentence.new_words;
    }
    if texts.len() < 2 {
        return Err(Refusal::new(
            "too_thin",
            "the trend does not hold enough for a thread; ask for a post",
        ));
    }
    if let Some(text) = texts.last_mut() {
        let closer = &desk.phrases.closer;
        if !closer.is_empty() && clean::graphemes(text) + 1 + clean::graphemes(closer) <= room {
            body.closer = true;
            text.push('\n');
            text.push_str(closer);
        }
    }
    let count = texts.len();
    let parts: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let tags = if at == 0 { tags.as_str() } else { "" };
            let link = if at + 1 == count {
                desk.facts.link.as_str()
            } else {
                ""
            };
            let foot = join(&[link, tags, disclosure], "\n");
            join(&[&format!("{}/{count} {text}", at + 1), &foot], "\n\n")
        })
        .collect();
    if let Some(long) = parts.iter().find(|part| clean::graphemes(part) > max) {
        return Err(Refusal::new(
            "over_limit",
            format!(
                "a part with title, link and disclosure has {} characters, allowed are {max}",
                clean::graphemes(long)
            ),
        ));
    }
    body.text = texts.join(" ");
    let draft = Draft {
        body,
        hashtags: desk.tags.clone(),
        text: parts.first().cloned().unwrap_or_default(),
        structure: "thread".to_owned(),
        tier: 0,
    };
    Ok(desk.finish(draft, Vec::new(), parts))
}

fn ended(text: &str) -> String {
    let inner = text.trim_end_matches(['”', '"', '’']);
    if inner.ends_with(['?', '!', '…', '.']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
