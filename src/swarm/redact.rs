//! What a stranger wrote is given to skills without private data and secrets: no tool and no model needs them. A sentence of
//! the summary that had some is left out whole, for a post would repeat what is left of it; a title keeps its place. What was
//! taken out is told with the words around it, so that a reviewer sees it in its place.

use std::borrow::Cow;

use chimera_domain::{task::ClaimedTask, text::plain};
use chimera_minds::blocks::{Redacted, redact, redaction_mark};

/// So many characters of the text are shown around the first place, and before it.
const AROUND_CHARS: usize = 120;
const BEFORE_CHARS: usize = 40;

/// The work with its material redacted, and what was taken out of it.
pub(crate) fn material(work: &ClaimedTask) -> (Cow<'_, ClaimedTask>, Vec<String>) {
    let Some(signal) = &work.signal else {
        return (Cow::Borrowed(work), Vec::new());
    };
    let title = redact(&signal.item.title);
    let summary = redact(&signal.item.summary);
    if title.taken.is_empty() && summary.taken.is_empty() {
        return (Cow::Borrowed(work), Vec::new());
    }
    let told = [("title", &title), ("summary", &summary)]
        .into_iter()
        .filter(|(_, redacted)| !redacted.taken.is_empty())
        .map(|(field, redacted)| told(field, redacted))
        .collect();
    let mut work = work.clone();
    if let Some(signal) = &mut work.signal {
        signal.item.title = title.text;
        signal.item.summary = summary.whole_sentences();
    }
    (Cow::Owned(work), told)
}

/// `an e-mail address (2), a telephone number in the summary: … write to [e-mail address] or …`
fn told(field: &str, redacted: &Redacted) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for what in &redacted.taken {
        match kinds.iter_mut().find(|(kind, _)| kind == what) {
            Some((_, count)) => *count += 1,
            None => kinds.push((what, 1)),
        }
    }
    let list: Vec<String> = kinds
        .iter()
        .map(|(what, count)| match count {
            1 => (*what).to_owned(),
            _ => format!("{what} ({count})"),
        })
        .collect();
    format!("{} in the {field}: {}", list.join(", "), around(redacted))
}

/// The text around the first place that something was taken from.
fn around(redacted: &Redacted) -> String {
    let marks = redacted.taken.iter().map(|what| redaction_mark(what));
    let first = marks
        .filter_map(|mark| redacted.text.find(&mark))
        .min()
        .unwrap_or(0);
    let before = redacted.text.get(..first).unwrap_or_default();
    let skipped = before.chars().count().saturating_sub(BEFORE_CHARS);
    let shown: String = redacted.text.chars().skip(skipped).collect();
    let cut = if skipped > 0 { "… " } else { "" };
    format!("{cut}{}", plain(&shown, AROUND_CHARS))
}

#[cfg(test)]
mod tests {
    use chimera_domain::task::Claim;

    use super::*;
    use crate::testing::{campaign, signal, task};

    fn work(title: &str, summary: &str) -> ClaimedTask {
        let (mut signal, task) = (signal(), task());
        signal.item.title = title.to_owned();
        signal.item.summary = summary.to_owned();
        ClaimedTask {
            claim: Claim {
                id: chimera_domain::ids::ClaimId::from_uuid(chimera_domain::testing::uuid_of(9)),
                task_id: task.id,
                version: task.version,
                fence: 1,
                until: chimera_domain::Timestamp::from_micros(1),
            },
            task,
            signal: Some(signal),
            relevance: None,
            campaign: campaign(),
            inputs: vec![],
            past: chimera_domain::memory::Past::default(),
        }
    }

    // R160: skills see neither address nor key, and a reviewer is told what was there, in its place.
    #[test]
    fn r160_skills_get_material_without_private_data() {
        let long = "Linen is back. ".repeat(10);
        let summary = format!("{long}Ask jo@example.org or ann@example.org, +49 151 12345678.");
        let private = work("Write to jo@example.org", &summary);
        let (shown, told) = material(&private);
        let item = &shown.signal.as_ref().unwrap().item;
        assert_eq!(item.title, "Write to [e-mail address]");
        assert_eq!(item.summary, long.trim());
        assert_eq!(
            told,
            [
                "an e-mail address in the title: Write to [e-mail address]",
                "an e-mail address (2), a telephone number in the summary: … back. Linen is back. Linen is back. Ask [e-mail address] or [e-mail address], [telephone number].",
            ]
        );
        assert!(
            private.signal.unwrap().item.title.contains('@'),
            "what came is kept"
        );
    }

    #[test]
    fn r160_what_has_none_is_given_as_it_is() {
        let clean = work("Linen is back", "In three colours for 90 dollars.");
        let (shown, told) = material(&clean);
        assert!(matches!(shown, Cow::Borrowed(_)) && told.is_empty());
    }
}
