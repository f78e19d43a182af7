//! What people answered to what the judge was so sure of, made up.

use chimera_domain::{
    Safe, Score, Span, Timestamp,
    ticket::TicketState,
    views::{Judged, JudgedRow, ProbeAnswer, WentAlone},
};

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
