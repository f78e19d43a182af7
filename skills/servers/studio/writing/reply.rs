//! An answer to somebody: the sentence of the summary that has the words of the question, or that there is none.
//!
//! What was asked is only compared with the source. No word of it comes into the answer, so that nobody can make the
//! persona say something by asking.

use std::collections::BTreeSet;

use super::book::{REPLY, REPLY_UNKNOWN};
use super::shape::Structure;
use super::source::Sentence;
use super::{Desk, Draft, join};
use crate::studio::brief::WrittenText;
use crate::wire::{Refusal, clean, words};

/// So many words of the question stand in a sentence that answers it.
const SHARED_LEAST: usize = 2;

pub(super) fn write(desk: &Desk<'_>) -> Result<WrittenText, Refusal> {
    let asked = words::topical(&clean::line(&desk.args.reply_to, 2_000));
    if asked.is_empty() {
        return Err(Refusal::new(
            "invalid_argument",
            "reply_to holds no word; a reply needs what it answers",
        ));
    }
    let answers: Vec<&Sentence> = answers(desk, &asked);
    let max = usize::try_from(desk.args.constraints.graphemes_max).unwrap_or(usize::MAX);
    let fit = |section: &str, sentences: &[Option<&Sentence>]| {
        let structures = desk.book.apart(section);
        let first = desk.turn().checked_rem(structures.len()).unwrap_or(0);
        let turned = structures.iter().cycle().skip(first).take(structures.len());
        let turned: Vec<&Structure> = turned.collect();
        sentences
            .iter()
            .flat_map(|sentence| turned.iter().map(move |structure| (*structure, *sentence)))
            .find_map(|(structure, sentence)| desk.answer(structure, sentence, max))
    };
    let some: Vec<Option<&Sentence>> = answers.into_iter().map(Some).collect();
    let draft = fit(REPLY, &some)
        .or_else(|| fit(REPLY_UNKNOWN, &[None]))
        .ok_or_else(|| {
            Refusal::new(
                "over_limit",
                format!("no answer with the disclosure fits {max} characters"),
            )
        })?;
    Ok(desk.finish(draft, Vec::new(), Vec::new()))
}

/// The sentences that have words of the question, those with most first. The book's words would not fit another language.
fn answers<'a>(desk: &Desk<'a>, asked: &BTreeSet<String>) -> Vec<&'a Sentence> {
    if !desk.speaks_english() {
        return Vec::new();
    }
    let shared = |sentence: &Sentence| words::topical(&sentence.text).intersection(asked).count();
    let mut found: Vec<&Sentence> = desk
        .facts
        .whole
        .iter()
        .filter(|sentence| shared(sentence) >= SHARED_LEAST && sentence.stands(false))
        .collect();
    found.sort_by_key(|sentence| std::cmp::Reverse(shared(sentence)));
    found
}

impl Desk<'_> {
    /// Short: no opener, no link, no hashtag.
    fn answer(
        &self,
        structure: &Structure,
        sentence: Option<&Sentence>,
        max: usize,
    ) -> Option<Draft> {
        let body = structure.fill(self.facts, &self.phrases, sentence, false)?;
        let text = join(
            &[&body.text, self.args.constraints.disclosure.trim()],
            "\n\n",
        );
        (clean::graphemes(&text) <= max).then(|| Draft {
            body,
            hashtags: Vec::new(),
            text,
            structure: structure.id.clone(),
            tier: 0,
        })
    }
}
