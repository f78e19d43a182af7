//! Lists: the cursor is an id, nothing moves by itself, and filters ask the store.

use chimera_domain::views::{PAGE_MAX, Page, PageRequest, Severity};

use super::{Rig, page};
use crate::{
    event::{Event, Loaded, Request},
    fake::ticket,
    model::{Pane, list::AnyList},
    settings::Notify,
};

fn queue(rig: &Rig) -> Vec<chimera_domain::ids::TicketId> {
    rig.model.queue.rows.iter().map(|r| r.id).collect()
}

// R73: a new ticket takes neither the focus nor the cursor, and what is on screen keeps its order.
#[test]
fn r73_new_tickets_come_last_and_are_counted() {
    let mut rig = Rig::ready();
    let before = queue(&rig);
    let mut new = rig.world.cards[0].clone();
    new.row.id = ticket(99);
    rig.world.cards.insert(0, new);
    rig.reread();
    let after = queue(&rig);
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!(after.last(), Some(&ticket(99)));
    assert_eq!(rig.model.queue.selected, Some(ticket(0)));
    assert!(rig.picture().contains("+1 new"));
    rig.press("R");
    rig.serve();
    assert_eq!(queue(&rig).first(), Some(&ticket(99)));
}

// R73, R181: when the row under the cursor goes, the neighbour gets it and must be looked at first.
#[test]
fn r73_a_vanished_row_gives_the_cursor_to_its_neighbour_and_locks() {
    let mut rig = Rig::ready();
    rig.press("j");
    rig.serve();
    rig.paint();
    rig.wait(2_000);
    rig.world.cards.remove(1);
    rig.reread();
    assert_eq!(
        rig.model.queue.selected,
        Some(ticket(1)),
        "it stays while it is looked at"
    );
    rig.press("R");
    rig.serve();
    assert_eq!(rig.model.queue.selected, Some(ticket(2)));
    rig.press("a");
    assert_eq!(rig.orders(), []);
    rig.world.cards.truncate(1);
    rig.press("R");
    rig.serve();
    assert_eq!(rig.model.queue.selected, Some(ticket(0)));
}

// R134: rows that come in above do not move the row under the cursor on the screen.
#[test]
fn r134_the_cursor_keeps_its_line_when_rows_come_in_above() {
    let mut rig = Rig::ready();
    rig.press("1");
    rig.press("j");
    let selected = rig.model.trends.selected;
    let line = |rig: &Rig| rig.model.trends.index().unwrap() - rig.model.trends.top;
    let before = line(&rig);
    for n in 0..3 {
        let mut new = rig.world.trends[0].clone();
        new.id =
            chimera_domain::ids::SignalId::from_uuid(chimera_domain::testing::uuid_of(0x5f0 + n));
        rig.world.trends.insert(0, new);
    }
    rig.reread();
    assert_eq!((rig.model.trends.selected, line(&rig)), (selected, before));
    assert!(rig.picture().contains("+3 new"));
}

// A frozen list stays as it is and counts what it does not show.
#[test]
fn a_frozen_list_does_not_change() {
    let mut rig = Rig::ready();
    rig.press("1");
    rig.press("F");
    rig.world.trends.remove(0);
    rig.reread();
    assert_eq!(rig.model.trends.rows.len(), 6);
    assert!(rig.picture().contains("FROZEN"));
    rig.press("F");
    rig.serve();
    assert_eq!(rig.model.trends.rows.len(), 5);
}

// R134: the filter is asked of the store after a pause in typing; Enter keeps it, Esc clears it.
#[test]
fn r134_a_filter_is_typed_asked_kept_and_cleared() {
    let mut rig = Rig::ready();
    rig.press("/");
    rig.type_text("aq"); // decides nothing, quits nothing
    rig.event(Event::Paste(" fae".into()));
    assert_eq!(rig.orders(), []);
    rig.mono = chimera_domain::Span::from_micros(rig.mono.micros() + 150_000);
    rig.event(Event::Deadline);
    let asked = |rig: &Rig| {
        rig.asked
            .iter()
            .find_map(|r| {
                let Request::Queue(p) = r else {
                    return None;
                };
                Some(p.filter.clone())
            })
            .unwrap_or_default()
    };
    assert_eq!(asked(&rig), "aq fae");
    rig.asked.clear();
    // The answer to the question before this one is not shown.
    let old = PageRequest::first(PAGE_MAX);
    rig.event(Event::Loaded(Loaded::Queue(old, Ok(Page::default()))));
    assert_eq!(rig.model.queue.rows.len(), 5);
    let new = rig.model.queue.request();
    rig.event(Event::Loaded(Loaded::Queue(new, Ok(Page::default()))));
    rig.press("Enter");
    assert!(
        rig.picture()
            .contains("Nothing matches `aq fae`. Esc clears the filter.")
    );
    rig.press("Esc");
    rig.serve();
    assert_eq!(rig.model.queue.filter, "");
    assert_eq!(rig.model.queue.rows.len(), 5);
}

// R137: a list is a window: the last row of a long list is reached by asking for its window.
#[test]
fn r137_long_lists_are_windows() {
    let mut rig = Rig::ready();
    rig.press("1");
    let request = rig.model.trends.request();
    let long = Page {
        total: 10_000,
        ..page(&rig.world.trends)
    };
    rig.event(Event::Loaded(Loaded::Trends(request, Ok(long))));
    rig.press("G");
    let asked = rig.asked.iter().find_map(|r| {
        let Request::Trends(p) = r else {
            return None;
        };
        Some(p.offset)
    });
    assert_eq!(asked, Some(9_999 - PAGE_MAX / 2));
}

// R193: at the edge the list scrolls half a page, so that a held key does not redraw it every time.
#[test]
fn r193_the_edge_scrolls_half_a_page() {
    let mut rig = Rig::ready();
    rig.press("2");
    let mut tops = Vec::new();
    for _ in 0..11 {
        rig.press("j");
        tops.push(rig.model.tasks.top);
    }
    tops.dedup();
    assert!(tops.len() <= 3, "{tops:?}");
}

// R133: a silent store is told at once and stays visible, and a failed read says so in its pane.
#[test]
fn r133_silence_and_failure_look_different_from_empty() {
    let mut rig = Rig::ready();
    let why = chimera_domain::Safe::line("the disk is full");
    rig.event(Event::BellLost(why.clone()));
    assert!(rig.picture().contains("STALE"));
    assert!(rig.message().starts_with("error the store is silent"));
    rig.reread();
    assert!(rig.picture().contains("LIVE"));
    rig.model.trends.rows.clear();
    let request = rig.model.trends.request();
    rig.event(Event::Loaded(Loaded::Trends(request, Err(why))));
    assert!(
        rig.picture()
            .contains("Could not be read: the disk is full"),
        "{}",
        rig.picture()
    );
}

// R193: every view is asked for once at a time, and once more when something changed meanwhile.
#[test]
fn r193_reads_are_coalesced() {
    let mut rig = Rig::ready();
    for _ in 0..50 {
        rig.event(Event::Changed);
        rig.wait(500);
    }
    let reads = |rig: &Rig| {
        rig.asked
            .iter()
            .filter(|r| **r == Request::Overview)
            .count()
    };
    assert_eq!(reads(&rig), 1);
    let overview = rig.world.overview.clone();
    rig.event(Event::Loaded(Loaded::Overview(Ok(overview))));
    assert_eq!(reads(&rig), 2);
}

// R75: a new ticket is told only where it was asked for, when nobody looks, and once a minute at most.
#[test]
fn r75_only_those_who_are_away_are_told() {
    let mut rig = Rig::ready();
    rig.model.settings.notify = Notify::Bell;
    let arrive = |rig: &mut Rig, n: u128| {
        let mut new = rig.world.cards[0].clone();
        new.row.id = ticket(n);
        new.row.created_at = rig.model.now;
        rig.world.cards.push(new);
        rig.reread();
        std::mem::take(&mut rig.model.ring)
    };
    assert!(!arrive(&mut rig, 50));
    rig.event(Event::Focus(false));
    assert!(arrive(&mut rig, 51));
    assert!(!arrive(&mut rig, 52));
    rig.wait(60_000);
    assert!(arrive(&mut rig, 53));
    rig.wait(60_000);
    rig.event(Event::Focus(true));
    assert!(!arrive(&mut rig, 54));
    rig.event(Event::Focus(false));
    rig.model.settings.notify = Notify::Off;
    assert!(!arrive(&mut rig, 55));
}

// R75: what is told, and at the end, is how many wait and for how long the oldest has.
#[test]
fn r75_what_waits_is_said_in_words() {
    let mut rig = Rig::ready();
    let says = |rig: &Rig| rig.model.waits().map(|text| text.to_string());
    assert_eq!(
        says(&rig),
        Some("5 wait for a person, the oldest for 41m".into())
    );
    rig.world.overview.tickets_waiting = 1;
    rig.world.overview.oldest_ticket_at = None;
    rig.reread();
    assert_eq!(says(&rig), Some("1 waits for a person".into()));
    rig.world.overview.tickets_waiting = 0;
    rig.reread();
    assert_eq!(says(&rig), None);
}

// Messages: good news goes by itself, a warning with the next key, an error when it was seen.
#[test]
fn messages_leave_in_their_own_time() {
    let mut rig = Rig::ready();
    rig.model.say(Severity::Error, "lost");
    rig.model.say(Severity::Warning, "careful");
    rig.model.say(Severity::Info, "fine");
    assert_eq!(rig.message(), "info fine");
    rig.wait(6_000);
    assert_eq!(rig.message(), "warning careful");
    rig.press("j");
    assert_eq!(rig.message(), "error lost");
    rig.press("Ctrl-E");
    assert_eq!(rig.message(), "");
    let picture = rig.picture();
    assert!(picture.contains("lost") && picture.contains("careful") && picture.contains("fine"));
}

// R131: numbers, letters and Tab lead to every pane, Esc leads back and never out.
#[test]
fn r131_every_pane_is_reached_and_esc_never_quits() {
    let mut rig = Rig::ready();
    for (keys, pane) in [
        (vec!["1"], Pane::Trends),
        (vec!["g", "d"], Pane::Dag),
        (vec!["g", "l"], Pane::Ledger),
        (vec!["g", "r"], Pane::Review),
        (vec!["Tab", "Tab"], Pane::Trends),
        (vec!["S-Tab"], Pane::Review),
    ] {
        for key in keys {
            rig.press(key);
        }
        assert_eq!(rig.model.focus.pane, pane);
    }
    rig.press("z");
    assert!(rig.model.zoom);
    for _ in 0..5 {
        rig.press("Esc");
    }
    assert_eq!((rig.model.exit, rig.model.zoom), (None, false));
}

// R133: a swarm that died rings no bell; when its lease has run out the header says so all the same.
#[test]
fn r133_a_swarm_that_died_is_noticed() {
    let mut rig = Rig::ready();
    assert!(!rig.says("no swarm running"));
    rig.world.overview.swarm = None;
    rig.wait(15_000);
    rig.serve();
    assert!(!rig.says("no swarm running"), "its lease still holds");
    rig.wait(10_000);
    rig.serve();
    assert!(rig.says("no swarm running"));
    assert!(!rig.says("· running ·"), "nothing runs");
}

// R134: clearing a filter shows the list from its start again.
#[test]
fn r134_a_cleared_filter_shows_the_whole_list() {
    let mut rig = Rig::new(
        80,
        24,
        crate::fake::normal(
            chimera_domain::Clock::now(&*chimera_domain::testing::ManualClock::new()),
            None,
        ),
    );
    rig.press("4");
    rig.press("G");
    rig.press("/");
    rig.type_text("gen");
    rig.press("Enter");
    rig.serve();
    rig.press("g");
    rig.press("g");
    rig.press("Esc");
    rig.serve();
    assert_eq!(rig.model.ledger.top, 0);
}

// R193: nothing wakes the console but the minute; while a fuse burns it is the second.
#[test]
fn r193_it_wakes_only_when_a_shown_time_changes() {
    let mut rig = Rig::ready();
    let left = |rig: &Rig| {
        let at = rig.model.deadline().unwrap();
        at.micros().saturating_sub(rig.mono.micros()) / 1_000
    };
    // The lease that was read ends in 20 s; unless it was renewed, the header is not true any more.
    assert_eq!(left(&rig), 19_000);
    rig.world.overview.swarm = None;
    rig.reread();
    assert_eq!(left(&rig), 57_500); // two and a half seconds past the minute
    let until = rig.model.now.plus(chimera_domain::Span::from_millis(8_500));
    rig.world.overview.fuses = vec![chimera_domain::views::Fuse {
        effect_id: Some(chimera_domain::ids::EffectId::from_uuid(
            chimera_domain::testing::uuid_of(1),
        )),
        ticket_id: Some(ticket(0)),
        ticket_version: Some(chimera_domain::StateVersion::FIRST),
        until,
        label: chimera_domain::Safe::line("post"),
    }];
    rig.reread();
    assert!(left(&rig) <= 1_000);
    rig.model.settings.low_bandwidth = true;
    assert!(left(&rig) > 10_000, "no seconds on a slow line");
}

// R134: a field the list does not have is told in the list, and no rows of another question stand below it.
#[test]
fn r134_a_filter_that_cannot_be_asked_is_told_in_the_list() {
    let mut rig = Rig::ready();
    rig.press("/");
    rig.type_text("re:zero");
    rig.press("Enter");
    let asked = rig.asked.drain(..).find_map(|request| {
        let Request::Queue(page) = request else {
            return None;
        };
        Some(page)
    });
    let why = chimera_domain::Safe::line("no field `re` here: campaign, state");
    rig.event(Event::Loaded(Loaded::Queue(asked.unwrap(), Err(why))));
    let told = "no field `re` here: campaign, state. Esc clears the filter";
    assert!(rig.says(told), "{}", rig.picture());
    assert!(rig.model.queue.rows.is_empty());
    rig.press("Esc");
    rig.serve();
    assert!(!rig.model.queue.rows.is_empty());
}
