//! Two consoles on one database: what one person decides the other sees at once, and what the other decides on an older
//! card never counts.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{console::Console, deciders};
use crate::support::{breathe, quiet, until};

/// So soon the other console shows a decision.
const SEEN_WITHIN: Duration = Duration::from_secs(1);
/// A key that decides is held for its own echo for a second.
const BETWEEN_KEYS: Duration = Duration::from_millis(1_300);
/// So many decisions are looked at; one of them may meet a busy machine.
const WATCHED: usize = 5;
/// So many more may be needed until a key comes before the news of the decision it is too late for.
const LATE: usize = 4;

/// Lets the guard time pass, and more.
fn read(console: &Console, short: &str) {
    let begun = Instant::now();
    while begun.elapsed() < BETWEEN_KEYS {
        assert_eq!(deciders::on_screen(console).as_deref(), Some(short));
        breathe();
    }
}

/// Both have the same ticket on screen; whoever has another goes on to the next.
fn same_card(ann: &Console, ben: &mut Console, decided: &BTreeSet<String>) -> String {
    let open =
        |console: &Console| deciders::on_screen(console).filter(|short| !decided.contains(short));
    let wanted = until("an open card", || open(ann));
    until("the same card on the other console", || {
        let arrived = |ben: &Console| open(ben).as_ref() == Some(&wanted);
        if arrived(ben) {
            return Some(());
        }
        ben.press("n");
        (0..25)
            .any(|_| {
                breathe();
                arrived(ben)
            })
            .then_some(())
    });
    wanted
}

/// The console says who decided the ticket on its screen.
fn told(console: &Console, short: &str) -> Option<String> {
    let text = console.text();
    let (_, card) = text.split_once(&format!("TICKET  {short} "))?;
    card.contains("by ann@").then(|| card.to_owned())
}

// R69, R181, checklist 1 and 44: with two consoles on one queue, what one approves the other shows within a second, who
// and what; and a key on a card that was decided meanwhile decides nothing and is told who won.
#[test]
fn r181_two_consoles_see_each_other_and_a_stale_card_decides_nothing() {
    let _quiet = quiet();
    let home = deciders::home(WATCHED + LATE + 1);
    let _daemon = home.daemon(&[]);
    let tickets = until("the tickets", || {
        Some(home.tickets()).filter(|tickets| tickets.len() == WATCHED + LATE + 1)
    });
    let mut ann = Console::open_as("ann", &home, &["--attach"], 40, 160);
    let mut ben = Console::open_as("ben", &home, &["--attach"], 40, 160);
    let first = |console: &Console| until("a card", || deciders::on_screen(console));
    assert_eq!(first(&ann), first(&ben), "one queue, one first ticket");
    let mut decided = BTreeSet::new();
    let mut seen_after = Vec::new();
    for _ in 0..WATCHED {
        let short = same_card(&ann, &mut ben, &decided);
        read(&ann, &short);
        ann.press("a");
        until("the decision", || {
            deciders::on_screen(&ann).filter(|next| *next != short)
        });
        let begun = Instant::now();
        let card = until("the other console to tell", || told(&ben, &short));
        seen_after.push(begun.elapsed());
        assert!(card.contains("approved by ann@"), "{card}");
        decided.insert(short);
    }
    let soon = seen_after.iter().filter(|after| **after <= SEEN_WITHIN);
    assert!(soon.count() + 1 >= WATCHED, "seen after {seen_after:?}");
    let mut conflict = None;
    while conflict.is_none() && decided.len() < WATCHED + LATE {
        let short = same_card(&ann, &mut ben, &decided);
        read(&ann, &short);
        // The key waits in the terminal while the other decides: it is about a card that is old by then.
        ben.signal("STOP");
        ann.press("a");
        until("the decision", || {
            deciders::on_screen(&ann).filter(|next| *next != short)
        });
        ben.press("a");
        ben.signal("CONT");
        let card = until("the late one to be told", || told(&ben, &short));
        conflict = card
            .contains("Your decision did not count: already approved by ann@")
            .then_some(card);
        decided.insert(short);
    }
    eprintln!("seen after {seen_after:?}, {} decided", decided.len());
    assert!(conflict.is_some(), "no key ever came too late");
    until("every effect to be settled", || {
        let tasks = &home.status()["tasks"];
        (tasks["published"] == decided.len() && tasks["publishing"].is_null()).then_some(())
    });
    let posts = home.journal();
    assert_eq!(posts.len(), decided.len(), "one post for each decision");
    for id in tickets.iter().map(|t| t["ticket_id"].as_str().unwrap()) {
        let card = home.json(&["review", "show", id]).remove(0);
        let by_ann = card["decided"].as_str().unwrap_or_default();
        let was = decided.iter().any(|short| id.ends_with(short));
        assert_eq!(by_ann.contains("by ann@"), was, "{card}");
    }
}
