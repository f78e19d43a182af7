//! What people answered to what the judge was so sure of, made up.

use chimera_domain::{
    Safe, Score, Span, Timestamp,
    ids::{CampaignId, SignalId},
    testing::uuid_of,
    ticket::TicketState,
    views::{Judged, JudgedRow, ProbeAnswer, SettledBy, Weighed, Weighing, WentAlone},
};

use super::Voice;

/// A month of answers: enough of them below the line to advise another one.
pub(super) fn judged(now: Timestamp) -> Judged {
    use TicketState::{Approved, EditedApproved, Rejected};
    let answers = [
        (12, 40, Rejected),
        (20, 72, Rejected),
        (31, 72, Approved),
        (8, 78, EditedApproved),
        (44, 82, Approved),
        (9, 82, Rejected),
        (217, 88, Approved),
        (1, 88, Rejected),
        (2, 88, EditedApproved),
        (30, 95, Approved),
    ];
    let each = answers.iter().flat_map(|(n, percent, answer)| {
        let row = JudgedRow {
            at: now,
            confidence: Some(Score::from_percent(*percent)),
            answer: *answer,
            sampled: *percent >= 90,
            waits_for_score_alone: (70..90).contains(percent),
        };
        std::iter::repeat_n(row, *n)
    });
    let mut rows: Vec<JudgedRow> = each.collect();
    if let Some(first) = rows.first_mut() {
        first.at = now.minus(Span::from_hours(24 * 7));
    }
    Judged {
        rows,
        alone: WentAlone {
            published: 214,
            taken_down: 2,
        },
        reversed: 3,
        probes: vec![
            ProbeAnswer {
                by: Safe::line("ana"),
                caught: true,
                looked_us: Some(9_000_000),
            },
            ProbeAnswer {
                by: Safe::line("ana"),
                caught: false,
                looked_us: Some(1_000_000),
            },
        ],
        window: Some(chimera_domain::testing::window()),
    }
}

/// A day of scored signals of two campaigns: a few carry their score, most only lack it.
pub(super) fn weighing(voice: &Voice<'_>) -> Weighing {
    let titles = [
        "Linen is back",
        "A mill opens again",
        "Looms at night",
        "Wool from the north",
        "Old radios, new parts",
    ];
    let rows = (0_u32..60).map(|n| {
        let percent = 20 + (n * 37) % 71;
        let campaign = uuid_of(u128::from(0xc1 + n % 2));
        let nth = usize::try_from(n).unwrap_or(0) % titles.len();
        Weighed {
            signal: SignalId::from_uuid(uuid_of(u128::from(900 + n))),
            title: voice.line(titles.get(nth).copied().unwrap_or_default()),
            campaign: CampaignId::from_uuid(campaign),
            persona: voice.line(if n % 2 == 0 { "fae" } else { "leo" }),
            score: Score::from_percent(percent),
            planned: percent >= 75,
            settled: SettledBy::Score,
        }
    });
    Weighing {
        rows: rows.collect(),
        untold: 0,
        is_cut: false,
        tasks_per_plan: 4,
        in_force: Some(Score::from_percent(75)),
    }
}
