//! A ticket as lines. Outside text keeps to lines of its own that begin with `>`: it can neither pose as a
//! question nor as an answer.

use chimera_domain::{
    Safe, Timestamp,
    views::{TicketCard, mark_after},
};

/// Everything a decision needs, on a screenful.
pub(super) fn lines(card: &TicketCard, now: Timestamp, waiting: u64) -> Vec<String> {
    let row = &card.row;
    let mut lines = vec![
        String::new(),
        format!("Ticket {} {}, {waiting} waiting.", row.id, row.version),
    ];
    lines.push(match row.sla_at > now {
        true => format!("Due in {}.", row.sla_at.since(now)),
        false => format!("OVERDUE for {}.", now.since(row.sla_at)),
    });
    lines.push(format!(
        "Goes to {} on {} through {}{}.",
        row.account,
        row.channel,
        card.tool,
        mark_after(row.simulated, row.dry)
    ));
    lines.push(format!(
        "Text, {} of {} characters:",
        card.graphemes.0, card.graphemes.1
    ));
    lines.extend(quoted(&card.text));
    for (what, text) in [
        ("What a person wrote instead:", card.edited.as_ref()),
        (
            "A note on it:",
            Some(&card.note).filter(|note| !note.is_empty()),
        ),
        (
            "Approved already, as the first of two people, by:",
            row.first.as_ref().map(|first| &first.by),
        ),
        ("Somebody has it on screen:", card.looked_at_by.as_ref()),
        (
            "It is meant for:",
            Some(&row.assigned_to).filter(|to| !to.is_empty()),
        ),
    ] {
        if let Some(text) = text {
            lines.push(what.to_owned());
            lines.extend(quoted(text));
        }
    }
    for older in &card.attempts {
        lines.push(format!(
            "This is attempt {}. Attempt {} was refused for:",
            card.attempt.0, older.attempt
        ));
        lines.extend(older.issues.iter().flat_map(quoted));
        lines.push("It said:".to_owned());
        lines.extend(quoted(&older.text));
    }
    for media in &card.media {
        lines.push(format!(
            "Picture, {} by {}, {}:",
            media.size.0, media.size.1, media.mime
        ));
        lines.extend(quoted(&media.alt_text));
        if let Some((likeness, _)) = &media.likeness {
            lines.push("How like its reference it is:".to_owned());
            lines.extend(quoted(likeness));
        }
    }
    if !card.made.is_empty() {
        lines.push("How it was made:".to_owned());
        lines.extend(card.made.iter().flat_map(quoted));
    }
    lines.push(format!("Label: {}.", card.disclosure));
    for (title, url) in &card.citations {
        lines.push("Source:".to_owned());
        lines.extend(quoted(title));
        lines.extend(quoted(url));
    }
    lines.push(format!(
        "By {} for the campaign {}.",
        card.persona, row.campaign
    ));
    if !card.models.is_empty() {
        lines.push("Language models:".to_owned());
        lines.extend(card.models.iter().flat_map(quoted));
    }
    if !card.redacted.is_empty() {
        lines.push("Kept from the tools that made it:".to_owned());
        lines.extend(card.redacted.iter().flat_map(quoted));
    }
    if !row.reasons.is_empty() {
        lines.push("Why a person is asked:".to_owned());
        lines.extend(row.reasons.iter().flat_map(quoted));
    }
    if !card.two.is_empty() {
        lines.push("Why two people must approve it:".to_owned());
        lines.extend(card.two.iter().flat_map(quoted));
    }
    for span in &card.sensitive {
        let found = format!("{} in {}", Safe::line(&span.span), Safe::line(&span.field));
        lines.push(format!("Sensitive, {}:", span.topic));
        lines.extend(quoted(&Safe::line(&found)));
    }
    lines.push(match row.confidence {
        Some(score) => format!("Confidence {score}."),
        None => "Confidence unknown: a check could not be scored.".to_owned(),
    });
    lines.push(consequence(card));
    lines
}

/// What each check found.
pub(super) fn checks(card: &TicketCard) -> Vec<String> {
    let mut lines = Vec::new();
    for check in &card.checks {
        let blocks = if check.hard_block { ", blocks" } else { "" };
        lines.push(match &check.score {
            Ok(score) => format!("Check {}: {score}{blocks}.", check.check),
            Err(_) => format!("Check {}: not scored{blocks}.", check.check),
        });
        lines.extend(
            check
                .score
                .as_ref()
                .err()
                .into_iter()
                .flat_map(|why| quoted(&Safe::block(why))),
        );
        for finding in &check.findings {
            lines.extend(quoted(&Safe::block(finding)));
        }
    }
    let judge = card
        .judge_confidence
        .map_or_else(|| "unknown".to_owned(), |score| score.to_string());
    lines.push(format!(
        "Worker {}, judge {judge}. Spent so far {} USD.",
        card.worker_confidence, card.spent
    ));
    lines
}

/// What approving does, before it is done.
fn consequence(card: &TicketCard) -> String {
    let row = &card.row;
    if !card.two.is_empty() && row.first.is_none() {
        return "Approving is the first of two approvals: nothing goes out until another person approves it, too.".to_owned();
    }
    if row.dry {
        return format!(
            "Approving rehearses it in {} and sends nothing: this is a dry run.",
            card.fuse
        );
    }
    let cost = card.send_cost.map_or_else(
        || "for nobody knows how much".to_owned(),
        |cost| format!("for at most {cost} USD"),
    );
    format!(
        "Approving publishes 1 post{} in {}, {cost}.",
        mark_after(row.simulated, row.dry),
        card.fuse
    )
}

/// Outside text, line by line.
fn quoted(text: &Safe) -> Vec<String> {
    text.as_str()
        .split('\n')
        .map(|line| format!("> {line}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        ContentHash, Score, Span, StateVersion, Usd,
        campaign::Channel,
        ids::{TaskId, TicketId, TraceId},
        ticket::TicketState,
        verdict::{Check, CheckResult, SensitiveSpan, SensitiveTopic},
        views::{AttemptRow, FirstApproval, MediaRow, TicketRow},
    };
    use uuid::Uuid;

    use super::*;

    const EVIL: &str = "\u{1b}[2J\u{202e}1 approve\nAnswer, 1 to 6:\r\n1\u{9b}31m\u{7}";

    fn hostile() -> TicketCard {
        let (line, block) = (Safe::line(EVIL), Safe::block(EVIL));
        TicketCard {
            row: TicketRow {
                id: TicketId::from_uuid(Uuid::nil()),
                version: StateVersion::FIRST,
                state: TicketState::Open,
                text: line.clone(),
                reasons: vec![line.clone()],
                confidence: None,
                account: line.clone(),
                channel: Channel::Twitter,
                campaign: line.clone(),
                created_at: Timestamp::from_micros(0),
                sla_at: Timestamp::from_micros(0),
                assigned_to: line.clone(),
                snoozed_until: None,
                first: Some(FirstApproval {
                    by: line.clone(),
                    at: Timestamp::from_micros(0),
                }),
                simulated: false,
                dry: false,
            },
            task_id: TaskId::from_uuid(Uuid::nil()),
            trace_id: TraceId::from_uuid(Uuid::nil()),
            content_hash: ContentHash::of_bytes(b""),
            two: vec![line.clone()],
            text: block.clone(),
            edited: Some(block.clone()),
            looked_at_by: Some(line.clone()),
            note: line.clone(),
            attempt: (2, Some(3)),
            attempts: vec![AttemptRow {
                attempt: 1,
                text: block,
                issues: vec![line.clone()],
            }],
            graphemes: (9, 280),
            media: vec![MediaRow {
                sha256: ContentHash::of_bytes(b""),
                mime: line.clone(),
                bytes: 3,
                size: (1, 1),
                alt_text: Safe::block(EVIL),
                likeness: Some((line.clone(), true)),
                reference: None,
            }],
            disclosure: line.clone(),
            tool: line.clone(),
            citations: vec![(line.clone(), line.clone())],
            trend: Some(line.clone()),
            models: vec![line.clone()],
            redacted: vec![line.clone()],
            made: vec![line.clone()],
            persona: line,
            checks: vec![CheckResult {
                check: Check::Persona,
                score: Err(EVIL.to_owned()),
                findings: vec![EVIL.to_owned()],
                hard_block: false,
            }],
            sensitive: vec![SensitiveSpan {
                topic: SensitiveTopic::Health,
                span: EVIL.to_owned(),
                field: EVIL.to_owned(),
                rule: EVIL.to_owned(),
            }],
            worker_confidence: Score::ONE,
            judge_confidence: None,
            spent: Usd::ZERO,
            send_cost: None,
            left_day: None,
            fuse: Span::from_secs(10),
            decided: None,
            effect: None,
            published: None,
        }
    }

    // R138, R139: nothing from outside steers the terminal, and none of it begins a line as a question does.
    #[test]
    fn r138_outside_text_is_quoted_and_safe() {
        let card = hostile();
        let mut lines = lines(&card, Timestamp::from_micros(5), 1);
        lines.extend(checks(&card));
        for line in &lines {
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(!line.contains('\u{202e}'), "{line:?}");
            assert!(
                !line.starts_with("Answer") && !line.starts_with(|c: char| c.is_ascii_digit()),
                "poses as ours: {line:?}"
            );
        }
        assert!(lines.iter().filter(|line| line.starts_with("> ")).count() >= 10);
    }
}
