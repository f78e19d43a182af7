//! Made-up payments, and what does not fit between them and the chain.

use chimera_domain::{
    Safe, Span, StateVersion, Timestamp,
    ids::{PaymentId, TraceId},
    payment::{AttemptKind, AttemptState, PaymentState, Source},
    spend::BudgetCategory,
    views::{AttemptLine, BreakRow, PaymentRow, WalletEntryRow},
    wallet::{BreakKind, WalletAccount},
};

use super::{usd, uuid_of};

/// The payment's number among the fake ones.
pub(super) const PAYMENT: u128 = 0x900;
pub(super) const MEMO: &str = "forty pictures for the autumn campaign";

/// One that waits.
pub(super) fn waiting(now: Timestamp, say: impl Fn(&str) -> Safe) -> PaymentRow {
    let created_at = now.minus(Span::from_mins(3));
    PaymentRow {
        id: PaymentId::from_uuid(uuid_of(PAYMENT)),
        version: StateVersion::FIRST,
        state: PaymentState::Review,
        why: say("approval.people: nobody yet, allowed: 1 of another name than fae"),
        agent: Safe::line("fae"),
        amount: Safe::line("12.5 USDC"),
        counted: usd(12_530_000),
        counterparty: Safe::line("image-api"),
        chain: Safe::line("base-sepolia"),
        memo: say(MEMO),
        category: BudgetCategory::MediaGeneration,
        source: Source::Planner,
        proposer: Safe::line("fae"),
        campaign: Safe::line("synth-fae"),
        trace_id: TraceId::from_uuid(uuid_of(0x901)),
        at: created_at,
        expires_at: created_at.plus(Span::from_mins(30)),
        digest: None,
        transaction: None,
        simulated: true,
        attempts: vec![],
        entries: vec![],
    }
}

/// One that waits, one that was made, one nobody knows the end of, one that was refused.
pub(crate) fn all(now: Timestamp, say: impl Fn(&str) -> Safe) -> Vec<PaymentRow> {
    let older = |n: u128, mins: u64| PaymentRow {
        id: PaymentId::from_uuid(uuid_of(PAYMENT + n)),
        at: now.minus(Span::from_mins(mins)),
        ..waiting(now, &say)
    };
    let hash = "0x7d4f0a51c2c5f0a1b6a0de2f1f6f1f7a2d3d1f9cb8a7e6d5c4b3a29180706050";
    let attempt = |state, at: Timestamp| AttemptLine {
        hash: Safe::line(hash),
        kind: AttemptKind::Pay,
        state,
        nonce: 7,
        block: Some(1_204),
        at,
    };
    let entry = |seq, debit, credit, at| WalletEntryRow {
        seq,
        debit,
        credit,
        amount: Safe::line("4 USDC"),
        at,
        hash: Safe::line("5be1f0aa01c2"),
    };
    let made = older(1, 12);
    let unsure = older(2, 40);
    vec![
        waiting(now, &say),
        PaymentRow {
            state: PaymentState::Posted,
            why: Safe::line("in block 1204, which stays"),
            amount: Safe::line("4 USDC"),
            counted: usd(4_012_000),
            transaction: Some(Safe::line(hash)),
            attempts: vec![attempt(AttemptState::Final, made.at)],
            entries: vec![
                entry(11, WalletAccount::Reserved, WalletAccount::Wallet, made.at),
                entry(12, WalletAccount::Paid, WalletAccount::Reserved, made.at),
            ],
            ..made
        },
        PaymentRow {
            state: PaymentState::Uncertain,
            why: say("its place was taken by a transaction that nobody signed here"),
            attempts: vec![attempt(AttemptState::Broadcast, unsure.at)],
            ..unsure
        },
        PaymentRow {
            state: PaymentState::Refused,
            why: say("cap.day: 48.10 USD used and 12.53 asked for, allowed: 50.00 USD"),
            counted: usd(0),
            ..older(3, 55)
        },
    ]
}

/// One that is open, and one that somebody closed.
pub(crate) fn breaks(now: Timestamp, say: impl Fn(&str) -> Safe) -> Vec<BreakRow> {
    let open = BreakRow {
        id: 2,
        agent: Safe::line("fae"),
        kind: BreakKind::ALL[0],
        detail: say("2 USDC left the wallet in 0x91ab and no payment says so"),
        at: now.minus(Span::from_mins(6)),
        closed: None,
    };
    let closed = BreakRow {
        id: 1,
        at: now.minus(Span::from_hours(30)),
        closed: Some((
            Safe::line("ana@desk"),
            now.minus(Span::from_hours(29)),
            say("I moved it by hand, to the new wallet"),
        )),
        ..open.clone()
    };
    vec![open, closed]
}
