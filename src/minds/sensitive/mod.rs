//! Sensitive subjects: what a text is about that a person should look at before it goes out.
//!
//! Two ways of finding, each with the place and its name: rules by hand (`rules.txt`), for every topic and in several
//! languages, and a model of single words (`model`), for English text that names nothing outright. Both read through
//! disguise. Which topics count is not known here: the policy says.

mod disguise;
mod harmless;
mod model;
mod rules;

use chimera_domain::verdict::SensitiveTopic;

use crate::{
    lexicon::Words,
    tokens::{Token, tokens},
};

/// The detector, its table and its list: a decision names what it was made by. It rises with each of them.
pub const VERSION: &str = "subjects/1";

/// The margin from which the model says that a text is about a subject, in thousandths.
pub const MARGIN_MIN: i64 = model::MARGIN_MIN;

/// A place in a text that touches a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic.
    pub topic: SensitiveTopic,
    /// What found it: `health/en/insulin` of the list, `health/model` of the model.
    pub rule: String,
    /// The words, as they are written in the text.
    pub span: String,
}

/// How the rule of a finding of the model ends.
pub const BY_MODEL: &str = "/model";

impl Finding {
    /// Whether the model found it, and no rule that names the topic.
    #[must_use]
    pub fn is_by_model(&self) -> bool {
        self.rule.ends_with(BY_MODEL)
    }
}

/// Everything in the text that touches a topic.
#[must_use]
pub fn detect(text: &str) -> Vec<Finding> {
    let tokens = tokens(text);
    let seen = seen(text);
    let mut found = Vec::new();
    rules::find(text, &tokens, seen.as_ref(), &mut found);
    by_model(text, &tokens, seen.as_ref(), &mut found);
    found
}

/// How much the text speaks for each of the subjects of the model, in thousandths, against
/// everyday text. For measuring; what counts is [`detect`].
#[must_use]
pub fn margins(text: &str) -> Vec<(SensitiveTopic, i64)> {
    let tokens = tokens(text);
    let seen = seen(text);
    let reading = model::read(words(&tokens, seen.as_ref()).into_iter());
    model::SUBJECTS.into_iter().zip(reading.margins).collect()
}

/// Whether letters of the text may stand for others. It errs on the side of yes.
pub(crate) fn is_disguised(text: &str) -> bool {
    disguise::may_be(text)
}

/// The words of a text as they look, where that may differ from how they are written.
fn seen(text: &str) -> Option<Words<'_>> {
    is_disguised(text).then(|| Words::of(text))
}

fn by_model(text: &str, tokens: &[Token], seen: Option<&Words<'_>>, out: &mut Vec<Finding>) {
    let reading = model::read(words(tokens, seen).into_iter());
    for subject in reading.subjects() {
        let Some(topic) = model::SUBJECTS.get(subject) else {
            continue;
        };
        for word in reading.witnesses(subject) {
            let Some(span) = as_written(text, tokens, seen, word) else {
                continue;
            };
            out.push(Finding {
                topic: *topic,
                rule: format!("{topic}{BY_MODEL}"),
                span,
            });
        }
    }
}

/// The words the model reads: without those that mean something harmless here, and as they look where they are disguised.
fn words<'w>(tokens: &'w [Token], seen: Option<&'w Words<'_>>) -> Vec<&'w str> {
    let mut words: Vec<&str> = harmless::without(tokens)
        .into_iter()
        .map(|token| token.word.as_str())
        .collect();
    let as_seen = seen.into_iter().flat_map(|seen| seen.folded());
    words.extend(
        as_seen
            .map(String::as_str)
            .filter(|word| tokens.iter().all(|token| token.word != **word)),
    );
    words
}

fn as_written(
    text: &str,
    tokens: &[Token],
    seen: Option<&Words<'_>>,
    word: &str,
) -> Option<String> {
    if let Some(token) = tokens.iter().find(|token| token.word == word) {
        return text.get(token.start..token.end).map(str::to_owned);
    }
    seen?.find(word).map(str::to_owned)
}

#[cfg(test)]
mod tests;
