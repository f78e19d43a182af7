//! Sensitive topics: where in what goes out, or in what it answers, which rule fired.

use chimera_domain::{
    policy::JudgePolicy,
    verdict::{Case, SensitiveSpan},
};

use chimera_minds::lexicon::Words;

/// Every sensitive place in the text, the alternative texts and the source behind them.
pub(in crate::judge) fn sensitive(case: &Case, policy: &JudgePolicy) -> Vec<SensitiveSpan> {
    let post = case.post();
    let mut fields = vec![("text", post.text.as_str())];
    fields.extend(
        post.media
            .iter()
            .map(|media| ("alt_text", media.alt_text.as_str())),
    );
    if let Some(signal) = &case.signal {
        fields.push(("source", &signal.item.title));
        fields.push(("source", &signal.item.summary));
    }
    let mut spans = Vec::new();
    for (field, text) in fields {
        let words = Words::of(text);
        for (topic, phrases) in &policy.sensitive {
            for phrase in phrases {
                if let Some(span) = words.find(phrase) {
                    let found = SensitiveSpan {
                        topic: *topic,
                        span: span.to_owned(),
                        field: field.to_owned(),
                        rule: format!("{topic}/{phrase}"),
                    };
                    if !spans.contains(&found) {
                        spans.push(found);
                    }
                }
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use chimera_domain::verdict::SensitiveTopic;

    use super::*;
    use crate::testing::{case, policy};

    // R55, R56: the source behind a post counts too, and the span and the rule are named.
    #[test]
    fn r56_span_and_rule_are_named_in_every_field() {
        let mut case = case();
        assert_eq!(sensitive(&case, &policy().judge), vec![]);
        if let Some(signal) = &mut case.signal {
            signal.item.summary = "The stock prices fell".into();
        }
        let spans = sensitive(&case, &policy().judge);
        assert_eq!(spans.len(), 1);
        assert_eq!(
            (
                spans[0].topic,
                spans[0].span.as_str(),
                spans[0].field.as_str(),
                spans[0].rule.as_str()
            ),
            (
                SensitiveTopic::Finance,
                "stock prices",
                "source",
                "finance/stock price"
            )
        );
    }
}
