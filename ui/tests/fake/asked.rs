//! The card of a payment that waits for a person, on a test network.

use chimera_domain::{
    Safe, Score, Span, StateVersion, Timestamp,
    cfo::{RiskFactor, Rule},
    chain::EvmAddress,
    ids::{PaymentId, TicketId, TraceId},
    spend::Limit,
    ticket::TicketState,
    views::{About, Asks, CallRow, FactorRow, PaymentAsked, RuleRow, TicketCard, TicketRow},
};

use super::{
    payments::{MEMO, PAYMENT, waiting},
    usd, uuid_of,
};

pub(crate) fn payment_ticket() -> TicketId {
    TicketId::of_payment(PaymentId::from_uuid(uuid_of(PAYMENT)))
}

/// A card on 12.5 USDC for pictures, with whatever words there are from outside given by `say`.
pub(crate) fn payment(now: Timestamp, say: impl Fn(&str) -> Safe) -> TicketCard {
    let created_at = now.minus(Span::from_mins(3));
    let address = |digit: u8| EvmAddress::from_bytes([digit; 20]);
    let limit = |limit: &str, used: i64, cap: i64| Limit {
        limit: limit.to_owned(),
        cap: usd(cap),
        used: usd(used),
    };
    let rule = |code: &str, says, observed: &str, limit: &str| RuleRow {
        code: Safe::line(code),
        says,
        observed: say(observed),
        limit: Safe::line(limit),
    };
    let memo = say(MEMO);
    let row = waiting(now, &say);
    let asked = PaymentAsked {
        from: address(0x11),
        to: address(0x5a),
        chain_id: 84_532,
        token: Some(address(0x03)),
        call: CallRow {
            method: Safe::line("transferWithAuthorization (0xe3ee160e)"),
            arguments: vec![
                ("contract", Safe::line(&address(0x03).to_string())),
                ("to", Safe::line(&address(0x5a).to_string())),
                ("value", Safe::line("12500000 base units")),
            ],
        },
        fee: Some(usd(30_000)),
        balance: Some((Safe::line("80 USDC"), created_at)),
        known: Some(0),
        risk: Some(Score::from_percent(35)),
        factors: vec![FactorRow {
            factor: RiskFactor::NewCounterparty,
            adds: Score::from_percent(35),
            observed: say("never paid before"),
        }],
        rules: vec![
            rule(
                "request.memo",
                Rule::Allow,
                "forty pictures",
                "one line that says what for",
            ),
            rule("cap.day", Rule::Allow, "30.00 and 12.53 USD", "50.00 USD"),
        ],
        limits: vec![
            limit("day", 30_000_000, 50_000_000),
            limit("payment", 0, 15_000_000),
        ],
        decided_at: Some(created_at),
        people: 1,
        approvals: vec![],
        task_id: None,
        trend: None,
        row,
    };
    TicketCard {
        row: TicketRow {
            id: payment_ticket(),
            version: StateVersion::FIRST,
            state: TicketState::Open,
            text: say("12.5 USDC to image-api for forty pictures for the autumn campaign"),
            reasons: vec![say("nobody was ever paid at the address of image-api")],
            confidence: None,
            account: Safe::line("fae"),
            about: About::Payment,
            channel: Safe::line("base-sepolia"),
            campaign: Safe::line("synth-fae"),
            created_at,
            sla_at: created_at.plus(Span::from_mins(30)),
            assigned_to: Safe::default(),
            snoozed_until: None,
            first: None,
            simulated: true,
            dry: false,
        },
        trace_id: TraceId::from_uuid(uuid_of(0x901)),
        content_hash: chimera_domain::ContentHash::of_bytes(b"terms"),
        two: vec![],
        text: memo,
        looked_at_by: None,
        note: Safe::default(),
        fuse: Span::from_secs(10),
        decided: None,
        effect: None,
        published: None,
        asks: Asks::Payment(Box::new(asked)),
    }
}
