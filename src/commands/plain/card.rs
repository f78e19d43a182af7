//! A ticket as lines. Outside text keeps to lines of its own that begin with `>`: it can neither pose as a
//! question nor as an answer.

use chimera_domain::{
    Safe, Timestamp,
    views::{Asks, PostAsked, TicketCard, mark_after},
};

use crate::{commands::review::payment, machine};

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
    match &card.asks {
        Asks::Post(post) => lines.extend(post_lines(card, post)),
        Asks::Payment(asked) => {
            lines.push("Asks whether money may go out:".to_owned());
            for (label, text) in payment::parts(card, asked) {
                let text = format!("{label} {text}");
                lines.extend(quoted(&Safe::line(text.trim_start())));
            }
        }
    }
    for (what, text) in [
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
    if !row.reasons.is_empty() {
        lines.push("Why a person is asked:".to_owned());
        lines.extend(row.reasons.iter().flat_map(quoted));
    }
    if !card.two.is_empty() {
        lines.push("Why two people must approve it:".to_owned());
        lines.extend(card.two.iter().flat_map(quoted));
    }
    lines.push(consequence(card));
    lines
}

/// What only a post has.
fn post_lines(card: &TicketCard, post: &PostAsked) -> Vec<String> {
    let row = &card.row;
    let mut lines = Vec::new();
    lines.push(format!(
        "Goes to {} on {} through {}{}.",
        row.account,
        row.channel,
        post.tool,
        mark_after(row.simulated, row.dry)
    ));
    lines.push(format!(
        "Text, {} of {} characters:",
        post.graphemes.0, post.graphemes.1
    ));
    lines.extend(quoted(&card.text));
    if let Some(edited) = &post.edited {
        lines.push("What a person wrote instead:".to_owned());
        lines.extend(quoted(edited));
    }
    for older in &post.attempts {
        lines.push(format!(
            "This is attempt {}. Attempt {} was refused for:",
            post.attempt.0, older.attempt
        ));
        lines.extend(older.issues.iter().flat_map(quoted));
        lines.push("It said:".to_owned());
        lines.extend(quoted(&older.text));
    }
    for media in &post.media {
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
    if !post.made.is_empty() {
        lines.push("How it was made:".to_owned());
        lines.extend(post.made.iter().flat_map(quoted));
    }
    lines.push(format!("Label: {}.", post.disclosure));
    for (title, url) in &post.citations {
        lines.push("Source:".to_owned());
        lines.extend(quoted(title));
        lines.extend(quoted(url));
    }
    lines.push(format!(
        "By {} for the campaign {}.",
        post.persona, row.campaign
    ));
    if !post.models.is_empty() {
        lines.push("Language models:".to_owned());
        lines.extend(post.models.iter().flat_map(quoted));
    }
    if !post.redacted.is_empty() {
        lines.push("Kept from the tools that made it:".to_owned());
        lines.extend(post.redacted.iter().flat_map(quoted));
    }
    for span in &post.sensitive {
        let found = format!("{} in {}", Safe::line(&span.span), Safe::line(&span.field));
        lines.push(format!("Sensitive, {}:", span.topic));
        lines.extend(quoted(&Safe::line(&found)));
    }
    lines.push(match row.confidence {
        Some(score) => format!("Confidence {score}."),
        None => "Confidence unknown: a check could not be scored.".to_owned(),
    });
    lines
}

/// What each check found.
pub(super) fn checks(card: &TicketCard) -> Vec<String> {
    let Some(post) = card.post() else {
        return vec!["A payment has no checks but the CFO's rules, which are above.".to_owned()];
    };
    let mut lines = Vec::new();
    for check in &post.checks {
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
    let judge = post
        .judge_confidence
        .map_or_else(|| "unknown".to_owned(), |score| score.to_string());
    lines.push(format!(
        "Worker {}, judge {judge}. Spent so far {} USD.",
        post.worker_confidence, post.spent
    ));
    lines
}

/// What approving does, before it is done.
fn consequence(card: &TicketCard) -> String {
    let row = &card.row;
    let post = match &card.asks {
        Asks::Post(post) => post,
        Asks::Payment(asked) => {
            let told = payment::consequence(card, asked, &machine::actor());
            return format!("Approving {told}.");
        }
    };
    if !card.two.is_empty() && row.first.is_none() {
        return "Approving is the first of two approvals: nothing goes out until another person approves it, too.".to_owned();
    }
    if row.dry {
        return format!(
            "Approving rehearses it in {} and sends nothing: this is a dry run.",
            card.fuse
        );
    }
    let cost = post.send_cost.map_or_else(
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
        ids::{TaskId, TicketId, TraceId},
        ticket::TicketState,
        verdict::{Check, CheckResult, SensitiveSpan, SensitiveTopic},
        views::{About, AttemptRow, FirstApproval, MediaRow, TicketRow},
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
                about: About::Post,
                channel: line.clone(),
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
            trace_id: TraceId::from_uuid(Uuid::nil()),
            content_hash: ContentHash::of_bytes(b""),
            two: vec![line.clone()],
            text: block.clone(),
            looked_at_by: Some(line.clone()),
            note: line.clone(),
            fuse: Span::from_secs(10),
            decided: None,
            effect: None,
            published: None,
            asks: Asks::Post(Box::new(PostAsked {
                task_id: TaskId::from_uuid(Uuid::nil()),
                edited: Some(block.clone()),
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
            })),
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
