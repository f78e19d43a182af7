//! The ticket card: exactly what goes out, why a person is asked, and what Approve would do.

use chimera_domain::{
    Safe,
    effect::EffectState,
    halt::{Act, Scope},
    views::{Asks, HaltRow, TicketCard, mark_after, short_mark},
};
use ratatui::{
    Frame,
    text::{Line, Span},
};

use super::{
    card_body::{NARROW, body},
    card_payment, empty, header,
    parts::{Title, gap, scroll_mark, title},
    put,
};
use crate::{
    keymap::Action,
    layout::Part,
    model::{
        Model, Pane,
        list::Fetch,
        review::{CardKey, Painted},
    },
    text::{width, wrap},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let theme = model.theme;
    let focused = model.focus.pane == Pane::Review && model.focus.detail;
    let area = part.inside();
    let Some(card) = &model.review.card else {
        title(
            model,
            part.area,
            focused,
            &heading("", String::new()),
            frame,
        );
        for (row, text) in absent(model, usize::from(area.width))
            .into_iter()
            .enumerate()
        {
            put(frame, area, row, &Line::styled(text, theme.quiet()));
        }
        return;
    };
    let columns = usize::from(area.width);
    let body = body(model, card, columns);
    let foot = foot(model, card, columns, usize::from(area.height));
    let height = usize::from(area.height).saturating_sub(foot.len());
    let scroll = model.review.scroll;
    let note = note(model, card);
    let mark = scroll_mark(body.lines.len(), scroll, height);
    title(model, part.area, focused, &heading(&note, mark), frame);
    for (row, line) in body.lines.iter().skip(scroll).take(height).enumerate() {
        put(frame, area, row, line);
    }
    for (row, line) in foot.iter().enumerate() {
        put(frame, area, height + row, line);
    }
}

/// Which ticket, and how long it may wait.
fn note(model: &Model, card: &TicketCard) -> String {
    let row = &card.row;
    let due = match row.state.is_waiting() {
        false => String::new(),
        true if row.sla_at > model.now => format!(", due in {}", model.until(row.sla_at)),
        true => ", OVERDUE".into(),
    };
    format!("{} {} {}{due}", row.id.short(), row.version, row.state)
}

fn heading(note: &str, right: String) -> Title {
    Title {
        name: "TICKET".into(),
        note: note.to_owned(),
        right,
    }
}

fn absent(model: &Model, columns: usize) -> Vec<String> {
    match (&model.review.fetch, model.queue.selected) {
        (Fetch::Failed(why), Some(_)) => wrap(&format!(" Could not be read: {why}"), columns),
        (_, Some(_)) => vec![" Reading…".into()],
        (_, None) if columns >= NARROW => vec![" Nothing to decide.".into()],
        (_, None) => empty::lines(model, Pane::Review, columns),
    }
}

/// The first line after what goes out.
pub(super) fn why_line(model: &Model, part: Part) -> Option<usize> {
    let columns = usize::from(part.inside().width);
    let card = model.review.card.as_ref()?;
    Some(body(model, card, columns).text + 1)
}

/// How many lines the card has, and how many of them are visible.
pub(super) fn size(model: &Model, part: Part) -> (usize, usize) {
    let columns = usize::from(part.inside().width);
    model.review.card.as_ref().map_or((0, 0), |card| {
        let lines = body(model, card, columns).lines.len();
        (lines, height(model, card, part))
    })
}

/// How many of its lines are visible.
fn height(model: &Model, card: &TicketCard, part: Part) -> usize {
    let area = part.inside();
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    rows.saturating_sub(foot(model, card, columns, rows).len())
}

/// Which card a drawing shows, and which of its lines.
pub(super) fn painted(model: &Model, part: Part) -> Option<Painted> {
    let card = model.review.card.as_ref()?;
    let height = height(model, card, part);
    if height == 0 {
        return None;
    }
    let columns = usize::from(part.area.width);
    let from = model.review.scroll;
    Some(Painted {
        key: CardKey::of(card),
        lines: (from, from + height),
        text: body(model, card, columns).text,
        columns,
    })
}

/// Always visible, at the bottom: what the key would do, or what became of it.
fn foot(model: &Model, card: &TicketCard, columns: usize, height: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let room = columns.saturating_sub(2);
    let (mut text, style) = verdict(model, card);
    if columns < NARROW
        && (text.starts_with("Approve = 1 post") || text.starts_with("Approve = rehearsed"))
    {
        let sign = match short_mark(card.row.simulated, card.row.dry) {
            "" => "LIVE",
            sign => sign,
        };
        text = format!("a = {sign} post, {}", card.fuse);
    }
    let most = (height / 2).max(1);
    let mut lines: Vec<Line<'static>> = wrap(&text, room)
        .into_iter()
        .map(|line| Line::from(vec![gap(1), Span::styled(line, style)]))
        .collect();
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let text: String = last.spans.iter().map(|s| s.content.as_ref()).collect();
            let cut = crate::text::cut(&format!("{} …", text.trim_end()), room, theme.marks().cut);
            *last = Line::styled(cut, style);
        }
    }
    if lines.len() < most && height > 6 {
        let rule = theme.marks().horizontal.repeat(columns.saturating_sub(2));
        debug_assert!(width(&rule) <= columns);
        lines.insert(
            0,
            Line::from(vec![gap(1), Span::styled(rule, theme.quiet())]),
        );
    }
    lines
}

fn verdict(model: &Model, card: &TicketCard) -> (String, ratatui::style::Style) {
    let theme = model.theme;
    let ticket = card.row.id;
    if let Some((_, told)) = model.review.conflict.as_ref().filter(|(t, _)| *t == ticket) {
        return (
            format!("Your decision did not count: {told}"),
            theme.danger(),
        );
    }
    if model.review.deciding == Some(ticket) {
        return ("Deciding…".into(), theme.accent());
    }
    if card.row.state.is_waiting() {
        return waiting(model, card);
    }
    let by = card
        .decided
        .clone()
        .unwrap_or_else(|| Safe::line(card.row.state.as_str()));
    let Some(effect) = card.effect else {
        let undo = model
            .undoable()
            .into_iter()
            .find(|u| u.ticket == ticket)
            .map_or_else(String::new, |u| {
                let key = model.key_on(Pane::Review, Action::Undo);
                format!(" · {key} takes it back for {}", model.until(u.until))
            });
        return (format!("{by}{undo}"), theme.strong());
    };
    if card.row.dry && effect == EffectState::Confirmed {
        let text = format!("REHEARSED (DRY RUN), nothing was sent · {by}");
        return (text, theme.simulated());
    }
    let (word, style) = match card.payment() {
        Some(asked) => card_payment::became(model, asked.row.state),
        None => theme.effect(effect),
    };
    let simulated = mark_after(card.row.simulated, card.row.dry);
    let rest = match effect {
        EffectState::Held => model
            .undoable()
            .into_iter()
            .find(|u| u.ticket == ticket)
            .map_or_else(
                || " · leaves at any moment".to_owned(),
                |u| {
                    let key = model.key_on(Pane::Review, Action::Undo);
                    format!(
                        " · leaves in {} · {key} takes it back",
                        model.until(u.until)
                    )
                },
            ),
        EffectState::Confirmed => card
            .published
            .as_ref()
            .map_or_else(String::new, |url| format!(" {url}")),
        EffectState::Uncertain => " · it may or may not be out; nothing is repeated blindly".into(),
        EffectState::Prepared
        | EffectState::Sent
        | EffectState::Failed
        | EffectState::Withdrawn => String::new(),
    };
    (format!("{word}{simulated}{rest} · {by}"), style)
}

fn waiting(model: &Model, card: &TicketCard) -> (String, ratatui::style::Style) {
    let theme = model.theme;
    let post = match &card.asks {
        Asks::Post(post) => post,
        Asks::Payment(asked) => {
            let halt = stopping(model, card, Act::Spend);
            return card_payment::waiting(model, card, asked, halt);
        }
    };
    if let Some(halt) = stopping(model, card, Act::Work) {
        let what = halt.what.as_str();
        let name = what.strip_prefix("campaign ").unwrap_or(what);
        let text = format!(
            "Approve = refused while {name} is {} (! resumes)",
            header::done(halt)
        );
        return (text, theme.danger());
    }
    if let Some(halt) = stopping(model, card, Act::Publish) {
        let text = format!(
            "Approve = kept, and not sent while {} is {} (! resumes)",
            halt.what,
            header::done(halt)
        );
        return (text, theme.warning());
    }
    if let Some(told) = approved_first(model) {
        return (told, theme.warning());
    }
    if !card.two.is_empty() && card.row.first.is_none() {
        let why: Vec<&str> = card.two.iter().map(Safe::as_str).collect();
        let text = format!(
            "Approve = first of two; nothing goes out before another person approves it, too ({})",
            why.join("; ")
        );
        return (text, theme.warning());
    }
    if card.row.dry {
        let text = format!(
            "Approve = rehearsed in {} and NOT sent (DRY RUN); live it would be 1 post to {} on {}",
            card.fuse, card.row.account, card.row.channel
        );
        return (text, theme.simulated());
    }
    let simulated = mark_after(card.row.simulated, card.row.dry);
    let cost = post.send_cost.map_or_else(
        || "sends cost nobody knows what".to_owned(),
        |c| format!("sends cost at most {c}"),
    );
    let left = post.left_day.map_or_else(
        || "; no cap is known".to_owned(),
        |l| format!(" of {l} USD left today"),
    );
    let second = match (&card.row.first, card.two.is_empty()) {
        (Some(first), false) => format!("second of two, after {} = ", first.by),
        (_, _) => String::new(),
    };
    let text = format!(
        "Approve = {second}1 post to {} on {}{simulated} in {}, {cost}{left}",
        card.row.account, card.row.channel, card.fuse
    );
    let style = if card.row.simulated {
        theme.strong()
    } else {
        theme.warning()
    };
    (text, style)
}

/// What somebody is told who approved the ticket on screen as the first of two.
pub(super) fn approved_first(model: &Model) -> Option<String> {
    let first = model.first_by_me()?;
    Some(format!(
        "You approved it at {} as the first of two; {} takes it back. Another person must approve it, too",
        first.at.clock_in(&model.settings.zone),
        model.key(Action::Undo)
    ))
}

/// The widest live halt that stops such an act for this card.
fn stopping<'a>(model: &'a Model, card: &TicketCard, act: Act) -> Option<&'a HaltRow> {
    let campaigns = model.overview.iter().flat_map(|o| &o.campaigns);
    // A payment may be for no campaign; then its wallet says whose it is.
    let mut of_card = campaigns.filter(|c| match card.payment() {
        Some(asked) => c.persona == asked.row.agent,
        None => c.name == card.row.campaign,
    });
    let campaign = of_card.next();
    let reaches = |scope: &Scope| match scope {
        Scope::Fleet | Scope::Publishing | Scope::Spending => true,
        Scope::Agent(agent) => campaign.is_some_and(|c| c.agent_id == *agent),
        Scope::Campaign(id) => campaign.is_some_and(|c| c.id == *id),
        Scope::Platform(name) => campaign.is_some_and(|c| c.server.as_str() == name),
    };
    model
        .halts()
        .find(|halt| halt.scope.stops(act) && reaches(&halt.scope))
}
