//! The review queue: tickets, and among them what is kept elsewhere and asks like one: payments, and a probe.

use chimera_domain::{
    Timestamp,
    filter::Filter,
    ticket::TicketState,
    views::{About, By, PAGE_MAX, Page, PageRequest, TicketRow},
};

use super::{
    super::db::{Db, Verb, count},
    asked, lists, probes,
};

/// A page of everything that waits for a person.
pub(super) fn read(db: &Db<'_>, page: &PageRequest) -> Verb<Page<TicketRow>> {
    let mut more = asked::waiting(db)?;
    more.extend(probes::row(db)?);
    more.retain(|row| {
        let asked = page.only.is_empty() || page.only.contains(&row.id.to_string());
        asked && holds(row, &page.filter)
    });
    if more.is_empty() {
        return lists::tickets(db, page);
    }
    let key = |row: &TicketRow| Key::of(row, page);
    more.sort_by_key(key);
    let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (offset, limit) = (size(page.offset), size(page.limit.min(PAGE_MAX)));
    // Each of them moves what comes after down by one: so far before the page a ticket of the page can stand.
    let from = offset.saturating_sub(more.len());
    let mut window = Window::read(db, page, from, offset + limit)?;
    let before = match window.rows.first() {
        Some(first) if from > 0 => more.partition_point(|row| key(row) < key(first)),
        Some(_) | None => 0,
    };
    window.total += count(i64::try_from(more.len()).unwrap_or(i64::MAX));
    for row in more.drain(before..) {
        let at = window
            .rows
            .iter()
            .rposition(|ticket| key(ticket) <= key(&row));
        window.rows.insert(at.map_or(0, |at| at + 1), row);
    }
    let first = offset - (from + before);
    Ok(Page {
        rows: window.rows.into_iter().skip(first).take(limit).collect(),
        total: window.total,
    })
}

/// The tickets from one place of their list to another.
struct Window {
    rows: Vec<TicketRow>,
    total: u64,
}

impl Window {
    fn read(db: &Db<'_>, page: &PageRequest, from: usize, to: usize) -> Verb<Self> {
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut window = Self {
            rows: Vec::new(),
            total: 0,
        };
        loop {
            let done = from + window.rows.len();
            let part = PageRequest {
                offset: place(done),
                limit: place(to.saturating_sub(done)).min(PAGE_MAX),
                ..page.clone()
            };
            let found = lists::tickets(db, &part)?;
            window.total = found.total;
            let is_last = found.rows.len() < usize::try_from(part.limit).unwrap_or(0);
            window.rows.extend(found.rows);
            if is_last || from + window.rows.len() >= to {
                return Ok(window);
            }
        }
    }
}

/// Where a row stands in the order that was asked for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    asleep: bool,
    /// What may hurt most comes first: sensitive subjects and money.
    ordinary: bool,
    open: bool,
    at: i64,
}

impl Key {
    fn of(row: &TicketRow, page: &PageRequest) -> Self {
        let turned = page.order.is_some_and(|order| order.turned);
        let signed = |at: Timestamp| if turned { -at.micros() } else { at.micros() };
        let at = |at| Self {
            asleep: false,
            ordinary: false,
            open: false,
            at: signed(at),
        };
        match page.order.map(|order| order.by) {
            Some(By::Deadline) => at(row.sla_at),
            Some(By::Asked) => at(row.created_at),
            Some(_) | None => Self {
                asleep: row.snoozed_until.is_some(),
                ordinary: row.about == About::Post
                    && !row
                        .reasons
                        .first()
                        .is_some_and(|reason| reason.as_str().starts_with("sensitive")),
                open: row.state == TicketState::Open,
                at: row.sla_at.micros(),
            },
        }
    }
}

/// Whether a filter lets it through: by the words that a ticket is found by.
fn holds(row: &TicketRow, filter: &str) -> bool {
    let reasons: Vec<&str> = row.reasons.iter().map(|reason| reason.as_str()).collect();
    let text = format!(
        "{} {} {} {} {} {}",
        row.text, row.account, row.channel, row.campaign, row.state, row.assigned_to
    );
    let value = |name: &str| {
        let value = match name {
            "about" => row.about.to_string(),
            "agent" | "persona" if row.about == About::Payment => row.account.to_string(),
            "campaign" => row.campaign.to_string(),
            "account" => row.account.to_string(),
            "channel" | "platform" => row.channel.to_string(),
            "state" => row.state.to_string(),
            "reason" => reasons.join("; "),
            "assigned" | "assignee" => row.assigned_to.to_string(),
            "text" => row.text.to_string(),
            _ => String::new(),
        };
        Some(value.to_lowercase())
    };
    Filter::parse(filter).holds(&text.to_lowercase(), value)
}
