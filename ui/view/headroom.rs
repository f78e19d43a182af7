//! What is left of the caps, as bars: what tools may cost, and what wallets may pay. Always with the numbers: a bar alone says
//! little.

use chimera_domain::{
    Safe, Usd,
    views::headroom::{
        AgentHeadroom, CapRow, Headroom, Level, Purse, RunsOut, binding, economy_says,
    },
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::parts::{gap, labelled};
use crate::{model::Model, text::width, theme::Theme};

/// The widest bar, and the narrowest that is drawn.
const BAR_MAX: usize = 40;
const BAR_MIN: usize = 6;
/// From here on the cap that binds has room beside the bars.
const ROOMY: usize = 150;

/// What is used of a day.
#[derive(Debug, Clone, Copy)]
struct Day {
    spent: Usd,
    uncertain: Usd,
    open: Usd,
    cap: Option<Usd>,
}

impl Day {
    /// As tools have it, of all agents.
    fn of_tools(model: &Model) -> Option<Self> {
        let o = model.overview.as_ref()?;
        Some(Self {
            spent: o.spent_day,
            uncertain: o.uncertain_day,
            open: o.reserved,
            cap: o.cap_day,
        })
    }

    fn of(purse: &Purse) -> Option<Self> {
        let day = purse.day()?;
        let gone = minus(day.limit.used, day.open);
        Some(Self {
            spent: gone,
            uncertain: Usd::ZERO,
            open: day.open,
            cap: Some(day.limit.cap),
        })
    }

    fn gone(&self) -> Usd {
        self.spent.checked_add(self.uncertain).unwrap_or(self.spent)
    }

    /// How near its end is, with what is set aside.
    fn level(&self) -> Level {
        let used = self.gone().checked_add(self.open);
        match (self.cap, used) {
            (None, _) => Level::Room,
            (Some(_), None) => Level::Spent,
            (Some(cap), Some(used)) => Level::of(cap, used),
        }
    }
}

fn minus(a: Usd, b: Usd) -> Usd {
    a.checked_sub(b).unwrap_or(Usd::ZERO)
}

/// The colour of a level; its number stands beside it.
fn style_of(theme: Theme, level: Level) -> Style {
    match level {
        Level::Room => theme.accent(),
        Level::Near => theme.warning(),
        Level::Tight | Level::Spent => theme.danger(),
    }
}

/// How the day's money is written in the header: by the budget that is nearer to its end.
pub(super) fn day_style(model: &Model) -> Style {
    let tools = Day::of_tools(model).map_or(Level::Room, |day| day.level());
    match payments_day(model)
        .map_or(Level::Room, CapRow::level)
        .max(tools)
    {
        Level::Room => model.theme.text(),
        level @ (Level::Near | Level::Tight | Level::Spent) => style_of(model.theme, level),
    }
}

/// What the header says besides of the day of all payments once it is nearly used up, long and short.
pub(super) fn payments_near(model: &Model) -> Option<(String, String)> {
    let day = payments_day(model).filter(|day| day.level() != Level::Room)?;
    let (used, cap) = (day.limit.used, day.limit.cap);
    let long = format!(", {used} of {cap} USD of payments");
    Some((long, format!(" pays {}%", day.percent())))
}

fn payments_day(model: &Model) -> Option<&CapRow> {
    model.headroom.as_ref()?.payments.as_ref()?.day()
}

/// One line over the ledger: what tools cost today, and beside it what wallets paid where there are any.
pub(super) fn gauge(model: &Model, columns: usize) -> Line<'static> {
    let Some(tools) = Day::of_tools(model) else {
        return Line::styled(" reading…", model.theme.quiet());
    };
    let payments = model.headroom.as_ref().and_then(|h| h.payments.as_ref());
    let Some((purse, day)) = payments.and_then(|purse| Some((purse, Day::of(purse)?))) else {
        return whole(model.theme, &tools, columns);
    };
    let binds = binding(&purse.caps).filter(|_| columns >= ROOMY);
    let binds = binds.map_or_else(String::new, |cap| format!(" {} binds", cap.name()));
    let half = columns / 2;
    let mut spans = part(model.theme, "tools", &tools, half);
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    spans.push(gap(half.saturating_sub(used)));
    let room = columns.saturating_sub(half + width(&binds));
    spans.extend(part(model.theme, "pays", &day, room));
    spans.push(Span::styled(binds, model.theme.quiet()));
    Line::from(spans)
}

/// What tools cost, over the whole width.
fn whole(theme: Theme, day: &Day, columns: usize) -> Line<'static> {
    let cap = day
        .cap
        .map_or_else(|| "no cap".to_owned(), |cap| format!("{cap} USD"));
    let doubt = if day.uncertain.is_positive() {
        format!("{} unsure + ", day.uncertain)
    } else {
        String::new()
    };
    let mut spans = vec![
        gap(1),
        Span::styled(day.spent.to_string(), theme.strong()),
        Span::styled(" spent + ", theme.quiet()),
        Span::styled(doubt, theme.danger()),
        Span::styled(day.open.to_string(), theme.text()),
        Span::styled(" reserved of ", theme.quiet()),
        Span::styled(cap, theme.strong()),
    ];
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    let Some(percent) = percent(day) else {
        return Line::from(spans);
    };
    let tail = format!(" {percent}%");
    let room = columns.saturating_sub(used + tail.len() + 3).min(BAR_MAX);
    if room > BAR_MIN {
        spans.push(gap(2));
        spans.extend(bar(theme, day, room));
    }
    spans.push(Span::styled(tail, theme.text()));
    Line::from(spans)
}

/// The same shorter, under a name, within so many columns.
fn part(theme: Theme, name: &'static str, day: &Day, columns: usize) -> Vec<Span<'static>> {
    let cap = day
        .cap
        .map_or_else(|| "no cap".to_owned(), |cap| cap.to_string());
    let open = if day.open.is_positive() {
        format!("+{}", day.open)
    } else {
        String::new()
    };
    let doubt = if day.uncertain.is_positive() {
        format!("+{}?", day.uncertain)
    } else {
        String::new()
    };
    let mut spans = vec![
        gap(1),
        Span::styled(name, theme.quiet()),
        gap(1),
        Span::styled(day.spent.to_string(), theme.strong()),
        Span::styled(doubt, theme.danger()),
        Span::styled(open, theme.text()),
        Span::styled(" of ", theme.quiet()),
        Span::styled(cap, theme.strong()),
    ];
    let with_open = Day {
        uncertain: day.uncertain.checked_add(day.open).unwrap_or(day.open),
        ..*day
    };
    let Some(percent) = percent(&with_open) else {
        return spans;
    };
    let tail = format!(" {percent}%");
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    let room = columns.saturating_sub(used + tail.len() + 2).min(BAR_MAX);
    if room >= BAR_MIN {
        spans.push(gap(1));
        spans.extend(bar(theme, day, room));
    }
    spans.push(Span::styled(tail, style_of(theme, day.level())));
    spans
}

/// What is gone of the cap, in hundredths.
fn percent(day: &Day) -> Option<usize> {
    let cap = day.cap.filter(|cap| cap.is_positive())?;
    Some(share(day.gone(), cap, 100))
}

/// Gone, set aside, left.
fn bar(theme: Theme, day: &Day, room: usize) -> [Span<'static>; 3] {
    let cap = day.cap.unwrap_or(Usd::ZERO);
    let spent = share(day.gone(), cap, room).min(room);
    let reserved = share(day.open, cap, room).min(room - spent);
    let marks = theme.marks();
    [
        Span::styled(marks.spent.repeat(spent), style_of(theme, day.level())),
        Span::styled(marks.reserved.repeat(reserved), theme.warning()),
        Span::styled(marks.left.repeat(room - spent - reserved), theme.quiet()),
    ]
}

fn share(part: Usd, whole: Usd, of: usize) -> usize {
    let part = u128::try_from(part.micros()).unwrap_or(0);
    let whole = u128::try_from(whole.micros()).unwrap_or(0).max(1);
    let of = u128::try_from(of).unwrap_or(0);
    usize::try_from(part * of / whole).unwrap_or(usize::MAX)
}

/// What is left for whom a row is about, or for the house: both budgets as bars, which cap binds, and when it runs out.
pub(super) fn lines(model: &Model, campaign: Option<&Safe>, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let Some(headroom) = &model.headroom else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let agent = campaign.and_then(|name| whose(model, headroom, name));
    let name = agent.map_or("all agents", |agent| agent.slug.as_str());
    labelled(
        theme,
        "left",
        &format!("of {name}"),
        theme.strong(),
        columns,
        &mut out,
    );
    let (tools, payments) = match agent {
        Some(agent) => (&agent.tools, agent.payments.as_ref()),
        None => (&headroom.tools, headroom.payments.as_ref()),
    };
    for (label, purse) in [("tools", Some(tools)), ("payments", payments)] {
        let Some(purse) = purse else { continue };
        let Some(day) = Day::of(purse) else { continue };
        let mut line = Line::from(vec![
            gap(1),
            Span::styled(format!("{label:<10}"), theme.quiet()),
        ]);
        let room = columns.saturating_sub(60).clamp(10, 24);
        line.spans.extend(bar(theme, &day, room));
        let (told, style) = left(purse).map_or_else(
            || (String::new(), theme.text()),
            |cap| (binds(cap), style_of(theme, cap.level())),
        );
        line.spans.push(gap(1));
        line.spans.push(Span::styled(told, style));
        out.push(line);
    }
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    for (label, purse) in [("tools", Some(tools)), ("payments", payments)] {
        let Some(purse) = purse else { continue };
        let Some(runs_out) = purse.runs_out(headroom.at) else {
            continue;
        };
        let at = runs_out.says(headroom.at, &model.settings.zone);
        let pace = purse
            .pace
            .map_or_else(String::new, |pace| format!(", {}", pace.says()));
        let style = match runs_out {
            RunsOut::Gone => theme.danger(),
            RunsOut::At(_) => theme.text(),
            RunsOut::NoData | RunsOut::NotToday => theme.quiet(),
        };
        add("runs out", &format!("{label}: {at}{pace}"), style);
    }
    let Some(agent) = agent else { return out };
    for held in &agent.holdings {
        let worth = held.worth.map_or_else(
            || "worth unknown".to_owned(),
            |usd| format!("worth {usd} USD"),
        );
        let at = held
            .runs_out(headroom.at)
            .says(headroom.at, &model.settings.zone);
        let text = format!("{}, {worth}, runs out {at}", held.amount(held.held));
        add("wallet", &text, theme.text());
    }
    if let Some(cap) = agent.economy() {
        add("economy", &economy_says(cap), theme.warning());
    }
    out
}

fn left(purse: &Purse) -> Option<&CapRow> {
    binding(&purse.caps)
}

/// `hour binds: 8.00 of 20.00 USD left (60%)`
fn binds(cap: &CapRow) -> String {
    format!(
        "{} binds: {} of {} USD left ({}%)",
        cap.name(),
        cap.left(),
        cap.limit.cap,
        cap.percent()
    )
}

/// The agent of a campaign, by the campaign's name.
fn whose<'a>(model: &Model, headroom: &'a Headroom, campaign: &Safe) -> Option<&'a AgentHeadroom> {
    let campaigns = &model.overview.as_ref()?.campaigns;
    let found = campaigns.iter().find(|of| of.name == *campaign)?;
    headroom.agent(found.agent_id)
}
