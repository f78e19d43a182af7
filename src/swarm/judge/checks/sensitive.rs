//! Sensitive topics: where in what goes out, or in what it answers, which rule fired.
//!
//! The operator's own words and, for the topics that the policy lists words for, the detector of the house.

use chimera_domain::{
    policy::JudgePolicy,
    verdict::{Case, SensitiveSpan, SensitiveTopic},
};
use chimera_minds::{lexicon::Words, sensitive};

use super::Detectors;

/// Every sensitive place in the text, the alternative texts and the source behind them.
pub(in crate::judge) fn sensitive(
    case: &Case,
    policy: &JudgePolicy,
    detectors: Detectors,
) -> Vec<SensitiveSpan> {
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
        by_policy(field, text, policy, &mut spans);
        if detectors == Detectors::All {
            by_detector(field, text, policy, &mut spans);
        }
    }
    spans
}

fn by_policy(field: &str, text: &str, policy: &JudgePolicy, spans: &mut Vec<SensitiveSpan>) {
    let words = Words::of(text);
    for (topic, phrases) in &policy.sensitive {
        for phrase in phrases {
            if let Some(span) = words.find(phrase) {
                push(field, *topic, span, format!("{topic}/{phrase}"), spans);
            }
        }
    }
}

/// A topic without words is one that the operator turned off.
fn by_detector(field: &str, text: &str, policy: &JudgePolicy, spans: &mut Vec<SensitiveSpan>) {
    let is_on = |topic: SensitiveTopic| {
        let listed = policy.sensitive.iter().find(|(listed, _)| *listed == topic);
        listed.is_some_and(|(_, phrases)| !phrases.is_empty())
    };
    for found in sensitive::detect(text) {
        // What names a topic outright is shown; the words of the model only where nothing does.
        let by_name = |span: &SensitiveSpan| {
            found.is_by_model() && !span.rule.ends_with(sensitive::BY_MODEL)
                || span.span == found.span
        };
        let told = spans
            .iter()
            .any(|span| span.topic == found.topic && span.field == field && by_name(span));
        if is_on(found.topic) && !told {
            push(field, found.topic, &found.span, found.rule, spans);
        }
    }
}

fn push(
    field: &str,
    topic: SensitiveTopic,
    span: &str,
    rule: String,
    spans: &mut Vec<SensitiveSpan>,
) {
    let found = SensitiveSpan {
        topic,
        span: span.to_owned(),
        field: field.to_owned(),
        rule,
    };
    if !spans.contains(&found) {
        spans.push(found);
    }
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
        assert_eq!(sensitive(&case, &policy().judge, Detectors::None), vec![]);
        if let Some(signal) = &mut case.signal {
            signal.item.summary = "The stock prices fell".into();
        }
        let spans = sensitive(&case, &policy().judge, Detectors::None);
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

    // R55, R56: the detector finds what no word of the policy names, in the topics that the policy lists, and says by
    // which rule; in a topic that is turned off it is silent.
    #[test]
    fn r55_the_detector_finds_what_no_word_of_the_policy_names() {
        let mut case = case();
        case.call.post.text =
            "Her chemotherapy starts on Monday, the earthquake was last week".into();
        let found = sensitive(&case, &policy().judge, Detectors::All);
        let rules: Vec<&str> = found.iter().map(|span| span.rule.as_str()).collect();
        assert!(rules.contains(&"health/en/chemotherapy"), "{rules:?}");
        assert!(
            found
                .iter()
                .all(|span| span.topic != SensitiveTopic::Tragedy),
            "{rules:?}"
        );
        let mut with = policy().judge;
        with.sensitive
            .push((SensitiveTopic::Tragedy, vec!["breaking".into()]));
        let found = sensitive(&case, &with, Detectors::All);
        assert!(
            found
                .iter()
                .any(|span| span.topic == SensitiveTopic::Tragedy && span.span == "earthquake")
        );
        let none = sensitive(&case, &with, Detectors::None);
        assert_eq!(none, vec![]);
    }
}
