//! What a card says, from what goes out to what is behind it.

use chimera_domain::{
    Safe,
    views::{Asks, PostAsked, TicketCard, mark},
};
use ratatui::text::{Line, Span};

use super::{
    card_payment as payment,
    parts::{gap, labelled},
};
use crate::{
    keymap::Action,
    model::Model,
    text::{cut, wrap},
};

/// Below this width there is only room for the short forms.
pub(super) const NARROW: usize = 40;

/// The part of the card that scrolls.
pub(super) struct Body {
    pub(super) lines: Vec<Line<'static>>,
    /// How many of them, from the top, hold what goes out.
    pub(super) text: usize,
}

/// The card for this width.
pub(super) fn body(model: &Model, card: &TicketCard, columns: usize) -> Body {
    let (mut lines, why, behind) = match &card.asks {
        Asks::Post(post) => (
            outgoing(model, card, post, columns),
            why(model, card, post, columns),
            behind(model, card, post, columns),
        ),
        Asks::Payment(payment) => (
            payment::outgoing(model, card, payment, columns),
            payment::why(model, card, payment, columns),
            payment::behind(model, card, payment, columns),
        ),
    };
    let text = lines.len();
    lines.push(Line::default());
    lines.extend(why);
    lines.push(Line::default());
    lines.extend(behind);
    Body { lines, text }
}

/// What goes out: the text verbatim, the pictures, the label, the tool.
fn outgoing(
    model: &Model,
    card: &TicketCard,
    post: &PostAsked,
    columns: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let (used, limit) = post.graphemes;
    // The whole account is in the consequence line; here it must not push the rest off the edge.
    let account = cut(
        card.row.account.as_str(),
        (columns / 3).max(6),
        theme.marks().cut,
    );
    let (sign, sign_style) = match mark(card.row.simulated, card.row.dry) {
        "" => ("LIVE", theme.danger()),
        sign => (sign, theme.simulated()),
    };
    if columns < NARROW {
        let sign = sign.get(..3).filter(|_| card.row.simulated).unwrap_or(sign);
        let mut lines = vec![Line::from(vec![
            gap(1),
            Span::styled(sign, sign_style),
            Span::styled(format!(" {account}"), theme.accent()),
            Span::styled(format!(" {used}/{limit}"), theme.quiet()),
        ])];
        lines.extend(verbatim(model, card, columns));
        return with_media(model, post, columns, lines);
    }
    let mut head = vec![
        gap(1),
        Span::styled(card.row.channel.to_string(), theme.strong()),
        gap(1),
        Span::styled(account, theme.accent()),
        gap(2),
    ];
    let count = format!("{used} of {limit}");
    let style = if used > limit {
        theme.danger()
    } else {
        theme.quiet()
    };
    head.push(Span::styled(count, style));
    if used > limit {
        head.push(Span::styled(" TOO LONG", theme.danger()));
    }
    head.push(Span::styled(format!("  {sign}"), sign_style));
    let mut lines = vec![Line::from(head)];
    lines.extend(verbatim(model, card, columns));
    with_media(model, post, columns, lines)
}

/// The text, wrapped and otherwise untouched, beside a bar that is ours.
fn verbatim(model: &Model, card: &TicketCard, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let bar = Span::styled(format!(" {} ", theme.marks().vertical), theme.accent());
    wrap(card.text.as_str(), columns.saturating_sub(4))
        .into_iter()
        .map(|text| Line::from(vec![bar.clone(), Span::raw(text)]))
        .collect()
}

/// Adds what goes out besides the text.
fn with_media(
    model: &Model,
    post: &PostAsked,
    columns: usize,
    mut lines: Vec<Line<'static>>,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    for m in &post.media {
        let (w, h) = m.size;
        let size = kibibytes(m.bytes);
        let times = theme.marks().times;
        let text = format!("{} {w}{times}{h} {size} sha {}", m.mime, m.sha256.short());
        labelled(theme, "media", &text, theme.text(), columns, &mut lines);
        let alt = if m.alt_text.is_empty() {
            (
                "no text for those who cannot see it".to_owned(),
                theme.warning(),
            )
        } else {
            (m.alt_text.to_string(), theme.text())
        };
        labelled(theme, "  alt", &alt.0, alt.1, columns, &mut lines);
        if let Some((told, is_doubtful)) = &m.likeness {
            let style = if *is_doubtful {
                theme.warning()
            } else {
                theme.quiet()
            };
            let both = match m.reference {
                Some(_) => format!("; {} shows both", model.key(Action::Picture)),
                None => String::new(),
            };
            let text = format!("{told}{both}");
            labelled(theme, "  look", &text, style, columns, &mut lines);
        }
    }
    let by = format!("label {}, by {}", post.disclosure, post.tool);
    labelled(theme, "sent as", &by, theme.text(), columns, &mut lines);
    lines
}

fn kibibytes(bytes: u64) -> String {
    if bytes < 1024 {
        format!("{bytes} B")
    } else {
        format!("{} KiB", bytes / 1024)
    }
}

/// Why a person is asked, who else looks at it, and what was said with its last move.
pub(super) fn asked_for(
    model: &Model,
    card: &TicketCard,
    columns: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let theme = model.theme;
    for (i, reason) in card.row.reasons.iter().enumerate() {
        let label = if i == 0 { "asked for" } else { "" };
        labelled(
            theme,
            label,
            reason.as_str(),
            theme.warning(),
            columns,
            lines,
        );
    }
    for (i, ground) in card.two.iter().enumerate() {
        let label = if i == 0 { "two for" } else { "" };
        let text = ground.as_str();
        labelled(theme, label, text, theme.warning(), columns, lines);
    }
    let other = card.looked_at_by.as_ref();
    if let Some(other) = other.filter(|by| by.as_str() != model.settings.actor) {
        let text = format!("{other} has it on screen, too");
        labelled(theme, "open at", &text, theme.warning(), columns, lines);
    }
    if card.row.state.is_waiting() && !card.note.as_str().is_empty() {
        let note = card.note.as_str();
        labelled(theme, "note", note, theme.warning(), columns, lines);
    }
}

/// Why a person is asked: reasons, sensitive places, confidences, checks.
fn why(model: &Model, card: &TicketCard, post: &PostAsked, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    asked_for(model, card, columns, &mut lines);
    if let Some(edited) = &post.edited {
        let text = edited.as_str();
        labelled(theme, "written", text, theme.text(), columns, &mut lines);
    }
    for s in &post.sensitive {
        let span = Safe::line(&s.span);
        let (field, rule) = (Safe::line(&s.field), Safe::line(&s.rule));
        let text = format!("! {}: \"{span}\" in {field} (rule {rule})", s.topic);
        labelled(
            theme,
            "sensitive",
            &text,
            theme.danger(),
            columns,
            &mut lines,
        );
    }
    let judge = post
        .judge_confidence
        .map_or_else(|| "unscored".to_owned(), |s| s.to_string());
    let sure = format!(
        "worker {}, judge {judge}; the lower one counts",
        post.worker_confidence
    );
    labelled(theme, "sure", &sure, theme.text(), columns, &mut lines);
    for model in &post.models {
        labelled(
            theme,
            "model",
            model.as_str(),
            theme.text(),
            columns,
            &mut lines,
        );
    }
    for made in &post.made {
        labelled(
            theme,
            "made",
            made.as_str(),
            theme.text(),
            columns,
            &mut lines,
        );
    }
    for check in &post.checks {
        let (score, style) = match &check.score {
            Ok(score) => (score.to_string(), theme.text()),
            Err(why) => (format!("unscored: {}", Safe::line(why)), theme.danger()),
        };
        let block = if check.hard_block { "  BLOCKS" } else { "" };
        let style = if check.hard_block {
            theme.danger()
        } else {
            style
        };
        let text = format!("{score}{block}");
        labelled(
            theme,
            check.check.as_str(),
            &text,
            style,
            columns,
            &mut lines,
        );
        for finding in &check.findings {
            let text = format!("{} {}", theme.marks().dot, Safe::line(finding));
            labelled(theme, "", &text, theme.quiet(), columns, &mut lines);
        }
    }
    lines
}

/// Until when it sleeps, whose it is to decide, and since when it waits.
pub(super) fn put_by(
    model: &Model,
    card: &TicketCard,
    columns: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let theme = model.theme;
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, lines);
    };
    if let Some(until) = card.row.snoozed_until {
        let text = format!("until {}", until.clock_in(&model.settings.zone));
        add("snoozed", &text, theme.warning());
    }
    if !card.row.assigned_to.as_str().is_empty() {
        add("given to", card.row.assigned_to.as_str(), theme.text());
    }
    let opened = format!("{} ago", model.age(card.row.created_at));
    add("opened", &opened, theme.text());
}

/// What is behind it: campaign, trend, sources, cost, deadline.
fn behind(
    model: &Model,
    card: &TicketCard,
    post: &PostAsked,
    columns: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut lines);
    };
    let place = format!("campaign {}, persona {}", card.row.campaign, post.persona);
    add("for", &place, theme.text());
    match &post.trend {
        Some(trend) => add("trend", trend.as_str(), theme.text()),
        None => add("trend", "none behind it", theme.quiet()),
    }
    for (title, url) in &post.citations {
        add("source", &format!("{title}  {url}"), theme.text());
    }
    if post.citations.is_empty() {
        add("source", "none cited", theme.warning());
    }
    for line in &post.redacted {
        add("redacted", line.as_str(), theme.text());
    }
    if !post.attempts.is_empty() {
        let (nth, max) = post.attempt;
        let of = max.map_or_else(String::new, |max| format!(" of {max}, then it is given up"));
        let text = format!(
            "{nth}{of}; {} shows what changed",
            model.key(Action::Before)
        );
        add("attempt", &text, theme.text());
        for older in &post.attempts {
            let text = format!("{} was refused: {}", older.attempt, older.told());
            add("", &text, theme.warning());
        }
    }
    add("cost", &format!("{} USD so far", post.spent), theme.text());
    let zone = &model.settings.zone;
    let at = card.row.sla_at.clock_in(zone);
    if card.row.sla_at > model.now {
        let left = model.until(card.row.sla_at);
        let text = format!("in {left} ({at}), then escalated; time never approves");
        add("due", &text, theme.text());
    } else {
        add("due", &format!("since {at}: overdue"), theme.danger());
    }
    put_by(model, card, columns, &mut lines);
    let mut add = |label: &str, text: &str| {
        labelled(theme, label, text, theme.quiet(), columns, &mut lines);
    };
    add("hash", &card.content_hash.to_string());
    add("id", &card.row.id.to_string());
    add("task", &post.task_id.to_string());
    add("trace", &card.trace_id.to_string());
    lines
}
