//! The first line: who runs what, what waits, what it cost today. And the banner when all stands still.

use chimera_domain::{
    campaign::FleetState,
    halt::{Halt, Scope},
    views::{HaltRow, mark, short_mark},
};
use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{headroom, put};
use crate::{
    keymap::Action,
    model::{Model, Pane},
    text::{cut, fit, width},
};

/// One piece of the header: what it says long and short, and how early it may go.
struct Piece {
    long: String,
    short: String,
    style: Style,
    /// The highest goes first when there is no room.
    rank: u8,
}

pub(super) fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = model.theme;
    let clock = model.now.clock_in(&model.settings.zone);
    let all = usize::from(area.width);
    let mut pieces = pieces(model);
    let room = all.saturating_sub(width(&clock) + 3);
    let total = |pieces: &[Piece]| -> usize {
        pieces
            .iter()
            .map(|p| width(&p.long) + 3)
            .sum::<usize>()
            .saturating_sub(3)
    };
    // First say it shorter, the least important first; then leave it out.
    let mut order: Vec<u8> = pieces.iter().map(|p| p.rank).collect();
    order.sort_unstable_by(|a, b| b.cmp(a));
    for rank in &order {
        if total(&pieces) > room
            && let Some(piece) = pieces.iter_mut().find(|p| p.rank == *rank)
        {
            piece.long = piece.short.clone();
        }
    }
    for rank in &order {
        if total(&pieces) > room {
            pieces.retain(|p| p.rank != *rank || p.rank == 0);
        }
    }
    let mut spans = Vec::new();
    for piece in pieces.into_iter().filter(|p| !p.long.is_empty()) {
        if !spans.is_empty() {
            let dot = format!(" {} ", theme.marks().dot);
            spans.push(Span::styled(dot, theme.quiet()));
        }
        spans.push(Span::styled(piece.long, piece.style));
    }
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    let fill = all.saturating_sub(used + width(&clock) + 2);
    spans.insert(0, Span::raw(" "));
    spans.push(Span::raw(" ".repeat(fill)));
    spans.push(Span::styled(clock, theme.quiet()));
    put(frame, area, 0, &Line::from(spans));
}

fn pieces(model: &Model) -> Vec<Piece> {
    let theme = model.theme;
    let piece = |rank, long: String, short: &str, style| Piece {
        short: short.to_owned(),
        long,
        style,
        rank,
    };
    let mut out = vec![piece(0, "chimera".into(), "chimera", theme.strong())];
    let Some(o) = &model.overview else {
        out.push(piece(1, "reading…".into(), "…", theme.quiet()));
        return out;
    };
    let (mode, style) = match &o.swarm {
        None => ("no swarm running".to_owned(), theme.warning()),
        Some(_) if !model.settings.attached => ("embedded".to_owned(), theme.text()),
        Some(s) => (format!("attached to {}:{}", s.host, s.pid), theme.text()),
    };
    let short = if o.swarm.is_none() {
        "no swarm"
    } else if model.settings.attached {
        "attached"
    } else {
        "embedded"
    };
    // Who runs it is the least of the line, that nobody does is not.
    let rank = if o.swarm.is_none() { 2 } else { 7 };
    out.push(piece(rank, mode, short, style));
    let (fleet, style) = match o.fleet {
        FleetState::Running => ("running", theme.good()),
        FleetState::Paused => ("PAUSED", theme.danger()),
        FleetState::Killed => ("KILLED", theme.danger()),
    };
    // "running" beside "no swarm running" would be a riddle.
    if o.swarm.is_some() || o.fleet != FleetState::Running {
        out.push(piece(2, fleet.into(), fleet, style));
    }
    let mut halts = o.halts.iter().filter(|halt| halt.scope != Scope::Fleet);
    if let Some(first) = halts.next() {
        let what = first.what.as_str();
        let name = what.strip_prefix("campaign ").unwrap_or(what);
        let more = match halts.count() {
            0 => String::new(),
            n => format!(" +{n}"),
        };
        let word = done(first);
        let long = format!("{} {word}{more}", cut(name, 20, theme.marks().cut));
        out.push(piece(2, long, &format!("{word}{more}"), theme.danger()));
    }
    if o.simulated {
        let (long, short) = (mark(true, o.dry), short_mark(true, o.dry));
        out.push(piece(1, long.into(), short, theme.simulated()));
    }
    let waiting = match (o.tickets_waiting, o.oldest_ticket_at) {
        (0, _) => "none waiting".to_owned(),
        (n, Some(at)) => format!("{n} waiting, oldest {}", model.age(at)),
        (n, None) => format!("{n} waiting"),
    };
    let (short, style) = match o.tickets_waiting {
        0 => (String::new(), theme.quiet()),
        n => (format!("{}{n}", theme.marks().flag), theme.warning()),
    };
    out.push(piece(3, waiting, &short, style));
    let doubt = if o.uncertain_day.is_positive() {
        format!(" + {} unsure", o.uncertain_day)
    } else {
        String::new()
    };
    let (spend, short) = match o.cap_day {
        Some(cap) => (
            format!("{}{doubt} of {cap} USD today{}", o.spent_day, o.money()),
            format!("{}/{cap}", o.spent_day),
        ),
        None => (
            format!("{}{doubt} USD today, no policy{}", o.spent_day, o.money()),
            format!("{} no cap", o.spent_day),
        ),
    };
    let (paid, paid_short) = headroom::payments_near(model).unwrap_or_default();
    let style = headroom::day_style(model);
    out.push(piece(4, spend + &paid, &(short + &paid_short), style));
    if o.alerts_open > 0 {
        let word = if o.alerts_open == 1 {
            "alert"
        } else {
            "alerts"
        };
        let short = format!("{} {word}", o.alerts_open);
        out.push(piece(
            6,
            format!("{short} ({})", model.way(Pane::Alerts)),
            &short,
            theme.warning(),
        ));
    }
    if let Some(first) = o.resources_failing.first() {
        let n = o.resources_failing.len();
        let word = if n == 1 { "feed" } else { "feeds" };
        let name = cut(first.as_str(), 16, theme.marks().cut);
        let more = if n > 1 { ", …" } else { "" };
        let long = format!("{n} {word} failing: {name}{more}");
        out.push(piece(
            5,
            long,
            &format!("{n} {word} failing"),
            theme.danger(),
        ));
    }
    out
}

/// Words over the full width, not only a colour.
pub(super) fn banner(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let halts: Vec<_> = model.banner_halts().collect();
    let Some(first) = halts.first() else {
        return;
    };
    let words: Vec<String> = halts.iter().map(|halt| words(halt)).collect();
    let at = first.by.at.clock_in(&model.settings.zone);
    let (word, by) = (words.join(", "), &first.by);
    let who = format!(" by {} at {at}: {}", by.by, by.why);
    let columns = usize::from(area.width);
    let hint = format!(
        "  {} resumes ",
        model.key_on(Pane::Review, Action::Emergency)
    );
    let text = format!(" {word}{who}");
    let room = columns.saturating_sub(width(&hint));
    let line = fit(&text, room, model.theme.marks().cut) + &hint;
    put(
        frame,
        area,
        0,
        &Line::styled(fit(&line, columns, ""), model.theme.banner()),
    );
}

/// `PAUSED` or `KILLED`.
pub(super) fn done(halt: &HaltRow) -> &'static str {
    match halt.level {
        Halt::Pause => "PAUSED",
        Halt::Kill => "KILLED",
    }
}

/// `KILLED` where everything is, else `PUBLISHING PAUSED`.
pub(super) fn words(halt: &HaltRow) -> String {
    match halt.scope {
        Scope::Fleet => done(halt).to_owned(),
        Scope::Publishing
        | Scope::Spending
        | Scope::Agent(_)
        | Scope::Campaign(_)
        | Scope::Platform(_) => format!("{} {}", halt.what.as_str().to_uppercase(), done(halt)),
    }
}
