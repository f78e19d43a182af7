//! Made-up trends and mutes.

use chimera_domain::{
    Safe, Span, Timestamp,
    ids::{MuteId, TrendId},
    testing::uuid_of,
    trend::{PerHour, Sentiment, Standing, TrendState, Velocity},
    views::{MuteRow, TrendItem, TrendRow},
};

use super::{Voice, version};

type Told = (
    &'static str,
    &'static str,
    TrendState,
    u32,
    u32,
    u32,
    (u32, u32),
);

const TRENDS: [Told; 4] = [
    (
        "Grid storage rules published",
        "grid storage rules",
        TrendState::Open,
        9,
        1_200,
        133,
        (1, 4),
    ),
    (
        "Modular synths are back on stage",
        "modular synths",
        TrendState::Open,
        5,
        300,
        300,
        (3, 0),
    ),
    (
        "Seed swap at the town hall",
        "seed swap hall",
        TrendState::Snoozed,
        4,
        100,
        150,
        (0, 0),
    ),
    (
        "A celebrity gardens",
        "celebrity gardens",
        TrendState::Muted,
        6,
        0,
        200,
        (1, 1),
    ),
];

pub(super) fn trends(voice: &Voice<'_>, now: Timestamp) -> Vec<TrendRow> {
    let ago = |minutes| now.minus(Span::from_mins(minutes));
    (0..)
        .zip(TRENDS)
        .map(
            |(n, (title, words, state, volume, speed, before, mood))| TrendRow {
                id: TrendId::from_uuid(uuid_of(0xd00 + n)),
                version: version(2),
                state,
                title: voice.line(title),
                words: voice.line(words),
                standing: Standing {
                    volume,
                    sources: volume.min(3),
                    velocity: Velocity {
                        now: PerHour::from_hundredths(speed),
                        before: PerHour::from_hundredths(before),
                    },
                    sentiment: Sentiment::of(mood.0, mood.1),
                    first_at: ago(200),
                    last_at: ago(4),
                },
                method: Safe::line("stories/1"),
                found_at: ago(50),
                measured_at: ago(1),
                snoozed_until: (state == TrendState::Snoozed)
                    .then(|| now.plus(Span::from_hours(3))),
                moved_by: voice.line(if n < 2 { "spotter" } else { "op@fake" }),
                items: [("wire", 4), ("garden news", 61)]
                    .map(|(source, minutes)| TrendItem {
                        title: voice.line(title),
                        source: voice.line(source),
                        at: ago(minutes),
                    })
                    .to_vec(),
            },
        )
        .collect()
}

pub(super) fn mutes(voice: &Voice<'_>, now: Timestamp) -> Vec<MuteRow> {
    let ago = |minutes| now.minus(Span::from_mins(minutes));
    let row = |n: u128, words: &str, agent: Option<&str>, until: Option<Timestamp>| MuteRow {
        id: MuteId::from_uuid(uuid_of(0xe00 + n)),
        agent: agent.map(|agent| voice.line(agent)),
        words: voice.line(words),
        until,
        by: voice.line("op@fake"),
        at: ago(90),
        lifted: None,
        in_force: true,
    };
    let mut lifted = row(3, "transfer window", None, None);
    lifted.lifted = Some((voice.line("ana@fake"), ago(30)));
    lifted.in_force = false;
    vec![
        row(1, "celebrity gardens", None, None),
        row(
            2,
            "world cup",
            Some("leo"),
            Some(now.plus(Span::from_hours(30))),
        ),
        lifted,
    ]
}
