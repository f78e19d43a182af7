use chimera_domain::{Span, Timestamp, trend::PerHour};
use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600_000_000;

fn at(minutes_ago: i64) -> Timestamp {
    Timestamp::from_micros(1_000 * HOUR - minutes_ago * 60_000_000)
}

fn window() -> Window {
    Window {
        until: at(0),
        span: Span::from_hours(4),
    }
}

fn item<'a>(minutes_ago: i64, title: &'a str, source: &'a str) -> Item<'a> {
    Item {
        at: at(minutes_ago),
        title,
        source,
    }
}

fn titles<'a>(items: &[Item<'a>], found: &[Cluster]) -> Vec<Vec<&'a str>> {
    let of = |cluster: &Cluster| cluster.members.iter().map(|at| items[*at].title).collect();
    found.iter().map(of).collect()
}

/// What stands around the stories: a window has more than one subject.
const AROUND: &[&str] = &[
    "Rust programs written in Rust",
    "A Go package for building progressive web apps",
    "Upside-down rhino research honoured in Cambridge",
    "Lisbon opens a museum of tiles",
    "How to bake bread without an oven",
    "Chess grandmaster loses to a school class",
];

fn with_around<'a>(mut items: Vec<Item<'a>>) -> Vec<Item<'a>> {
    items.extend(
        (1..)
            .zip(AROUND)
            .map(|(n, title)| item(n * 7, title, "around")),
    );
    items
}

// R32: titles of one story come together although no two are equal, and what only shares a name or a word does not.
#[test]
fn r32_titles_of_one_story_come_together() {
    let items = with_around(vec![
        item(9, "Intuit to Acquire Mailchimp for $12b", "wire"),
        item(8, "Intuit to buy Mailchimp for $12B in cash", "news"),
        item(5, "Mailchimp goes to Intuit in a 12 billion deal", "blog"),
        item(
            4,
            "Germany wants smartphone makers to offer 7 years of updates",
            "wire",
        ),
        item(
            3,
            "Germany wants smartphones to get seven years of support",
            "news",
        ),
        item(2, "Smartphone sales fall in India", "news"),
        item(1, "Berlin, Germany: a walk along the river", "blog"),
    ]);
    let found = clusters(&items, window());
    assert_eq!(
        titles(&items, &found),
        [
            vec![items[0].title, items[1].title, items[2].title],
            vec![items[3].title, items[4].title],
        ]
    );
    let first = &found[0];
    assert_eq!(first.words[..2], ["mailchimp", "intuit"]);
    assert_eq!((first.standing.volume, first.standing.sources), (3, 3));
    assert_eq!(
        (first.standing.first_at, first.standing.last_at),
        (at(9), at(5))
    );
}

// R32: what grows fastest comes first, although another story is larger; the rate is told for now and for before.
#[test]
fn r32_velocity_goes_before_level() {
    let old: Vec<String> = (0..9)
        .map(|n| format!("Wildfire near Athens spreads, day report {n}"))
        .collect();
    let new: Vec<String> = (0..4)
        .map(|n| format!("Payments outage at Northbank, update {n}"))
        .collect();
    let mut items: Vec<Item<'_>> = old.iter().map(|title| item(120, title, "wire")).collect();
    items.extend(new.iter().map(|title| item(10, title, "wire")));
    let items = with_around(items);
    let found = clusters(&items, window());
    let told: Vec<_> = found
        .iter()
        .map(|cluster| (cluster.standing.volume, cluster.standing.velocity))
        .collect();
    let per_hour = PerHour::from_hundredths;
    assert_eq!(
        told,
        [
            (
                4,
                Velocity {
                    now: per_hour(400),
                    before: per_hour(0)
                }
            ),
            (
                9,
                Velocity {
                    now: per_hour(0),
                    before: per_hour(300)
                }
            ),
        ]
    );
    assert!(found[0].standing.sentiment.unwrap().thousandths() < 0);
}

// R32: what lies before the window or after it is not of it, nor is an item without a word; nothing is no story.
#[test]
fn r32_only_the_window_counts() {
    let of = |ago: [i64; 2]| {
        let items = [
            item(ago[0], "Intuit to acquire Mailchimp", "a"),
            item(ago[1], "Intuit to buy Mailchimp", "b"),
            item(1, "…", "c"),
            item(1, "…", "d"),
        ];
        clusters(&items, window()).len()
    };
    assert_eq!(
        (of([1, 239]), of([1, 240]), of([1, -1]), of([0, 2])),
        (1, 0, 0, 1)
    );
    assert!(clusters(&[], window()).is_empty());
}

proptest! {
    // R32: the order in which items come changes nothing.
    #[test]
    fn r32_order_changes_nothing(
        mut picked in prop::collection::vec((0_i64..300, 0_usize..5, 0_usize..6), 0..40),
        turn in 0_usize..40,
    ) {
        const SUBJECTS: [&str; 5] = ["Intuit buys Mailchimp", "Athens wildfire spreads north",
            "Northbank payments outage", "Kavanaugh hearing delayed", "Bahamas hurricane toll"];
        const ENDINGS: [&str; 6] = ["", "as markets close", "again", "in new twist", "say sources", "at night"];
        let told = |picked: &[(i64, usize, usize)]| {
            let titles: Vec<String> =
                picked.iter().map(|(_, s, e)| format!("{} {}", SUBJECTS[*s], ENDINGS[*e])).collect();
            let items: Vec<Item<'_>> = picked.iter().zip(&titles).map(|((ago, ..), t)| item(*ago, t, "s")).collect();
            clusters(&items, window())
                .into_iter()
                .map(|c| {
                    let of: Vec<_> = c.members.iter().map(|m| (items[*m].at, items[*m].title.to_owned())).collect();
                    (of, items[c.headline].title.to_owned(), c.words, c.standing)
                })
                .collect::<Vec<_>>()
        };
        let before = told(&picked);
        let turn = turn.min(picked.len());
        picked.rotate_left(turn);
        picked.reverse();
        prop_assert_eq!(told(&picked), before);
    }
}
