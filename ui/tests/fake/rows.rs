//! The rows of made-up plans and of a made-up ledger.

use chimera_domain::{
    Span, Timestamp,
    ids::{AlertId, EntryId, IntentId, TaskId, TraceId},
    spend::{Account, BudgetCategory, IntentState},
    task::{Modality, Reason, TaskKind, TaskState},
    testing::uuid_of,
    views::{AlertRow, EntryRow, LedgerRow, Severity, TaskRow},
};

use super::{Voice, usd, version};

pub(super) fn tasks(voice: &Voice<'_>, now: Timestamp) -> Vec<TaskRow> {
    use TaskState::{Approved, Claimed, Pending, Published, Rejected, Ticketed};
    let plans: [(&str, u32, [TaskState; 4]); 3] = [
        (
            "Grid storage rules published",
            1,
            [Approved, Approved, Approved, Ticketed],
        ),
        (
            "A garden planner in 200 lines",
            2,
            [Approved, Claimed, Approved, Pending],
        ),
        (
            "Modular synths are back",
            1,
            [Approved, Approved, Rejected, Published],
        ),
    ];
    let mut out = Vec::new();
    for (p, (title, plan_attempt, states)) in (0u128..).zip(plans) {
        let id = |n: u128| TaskId::from_uuid(uuid_of(0x800 + p * 8 + n));
        let nodes: [(&str, TaskKind, Option<Modality>, Vec<TaskId>); 4] = [
            ("research", TaskKind::ResearchTrend, None, vec![]),
            (
                "text",
                TaskKind::GenerateContent,
                Some(Modality::Text),
                vec![id(0)],
            ),
            (
                "image",
                TaskKind::GenerateContent,
                Some(Modality::Image),
                vec![id(0)],
            ),
            ("publish", TaskKind::Publish, None, vec![id(1), id(2)]),
        ];
        for ((n, (node, kind, modality, after)), state) in (0u128..).zip(nodes).zip(states) {
            out.push(TaskRow {
                id: id(n),
                node: voice.line(node),
                kind,
                modality,
                state,
                reason: Reason::Ordinary,
                why: voice.line(if state == Claimed { "writing" } else { "" }),
                after,
                attempt: if n == 1 { 2 } else { 1 },
                plan_attempt,
                conflicts: 0,
                blocked_by: None,
                campaign: voice.line("synth-fae"),
                title: voice.line(title),
                trace_id: TraceId::from_uuid(uuid_of(0x300 + p)),
                version: version(3),
                created_at: now.minus(Span::from_mins(50)),
                moved_at: now.minus(Span::from_mins(4)),
                ready_at: now.minus(Span::from_mins(4)),
                spent: usd(12_500),
                simulated: true,
                dry: false,
                recorded: p == 2,
            });
        }
    }
    out
}

pub(super) fn alerts(voice: &Voice<'_>, now: Timestamp) -> Vec<AlertRow> {
    let row = |n: u128, severity, text, minutes, count| AlertRow {
        id: AlertId::from_uuid(uuid_of(0xa1e0 + n)),
        severity,
        code: voice.line("made_up"),
        text: voice.line(text),
        at: now.minus(Span::from_mins(minutes)),
        count,
        trace_id: (n == 0).then(|| TraceId::from_uuid(uuid_of(0x300))),
    };
    vec![
        row(
            0,
            Severity::Error,
            "nobody knows whether ef-17 was published: no answer within 30 s; look at the platform before anything is sent again",
            3,
            1,
        ),
        row(
            1,
            Severity::Warning,
            "bluesky/feed failed 4 times in a row: timed out",
            12,
            4,
        ),
    ]
}

pub(super) fn ledger(voice: &Voice<'_>, now: Timestamp) -> Vec<LedgerRow> {
    use BudgetCategory::{MediaGeneration, Publishing};
    use IntentState::{Pending, Posted, Refused, Uncertain, Voided};
    let rows = [
        (
            Pending,
            400_000,
            None,
            MediaGeneration,
            "image for the garden planner",
        ),
        (
            Posted,
            20_000,
            Some(12_500),
            MediaGeneration,
            "text draft, 412 tokens",
        ),
        (
            Uncertain,
            10_000,
            None,
            Publishing,
            "post to @leo, no answer",
        ),
        (Voided, 10_000, None, Publishing, "post to @fae, taken back"),
        (Refused, 9_000_000, None, MediaGeneration, "video, 30 s"),
    ];
    (0u128..)
        .zip(rows)
        .map(|(n, (state, estimate, actual, category, memo))| {
            let at = now.minus(Span::from_mins(3 * u64::try_from(n).unwrap_or(0) + 1));
            let entry = |seq, debit, credit, amount| EntryRow {
                id: EntryId::from_uuid(uuid_of(0xa00 + n)),
                seq,
                debit,
                credit,
                amount: usd(amount),
                at,
                hash: voice.line("3fa9c1d2e4f5"),
            };
            let mut entries = vec![entry(40, Account::Reserved, Account::Budget, estimate)];
            if let Some(actual) = actual {
                entries.push(entry(41, Account::Expense, Account::Reserved, actual));
            }
            LedgerRow {
                intent_id: IntentId::from_uuid(uuid_of(0x900 + n)),
                state,
                memo: voice.line(memo),
                category,
                campaign: voice.line("synth-fae"),
                task_id: TaskId::from_uuid(uuid_of(0x800 + n)),
                trace_id: TraceId::from_uuid(uuid_of(0x300 + n)),
                estimate: usd(estimate),
                actual: actual.map(usd),
                why: voice.line(if state == Refused {
                    "agent_day: 42.90 of 50.00 used"
                } else {
                    ""
                }),
                simulated: true,
                at,
                entries: if state == Refused { vec![] } else { entries },
            }
        })
        .collect()
}
