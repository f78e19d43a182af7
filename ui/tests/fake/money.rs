//! What is left of made-up caps.

use chimera_domain::{
    Safe, Span, Timestamp, Usd,
    chain::Units,
    ids::AgentId,
    spend::Limit,
    testing::uuid_of,
    views::headroom::{AgentHeadroom, CapRow, Headroom, Holding, Pace, Purse},
};

use super::{Voice, usd};

fn cap(name: &str, of: Safe, cap: i64, used: i64, open: i64) -> CapRow {
    CapRow {
        limit: Limit {
            limit: name.into(),
            cap: usd(cap),
            used: usd(used),
        },
        of,
        open: usd(open),
        is_day: name.ends_with("day") && name != "counterparty_day",
    }
}

/// What tools may cost, and no wallets.
pub(crate) fn tools(voice: &Voice<'_>, now: Timestamp) -> Headroom {
    let purse = |name: &str| Purse {
        caps: vec![cap(
            name,
            Safe::default(),
            50_000_000,
            44_150_000,
            1_250_000,
        )],
        simulated: usd(42_900_000),
        uncertain: Usd::ZERO,
        pace: Pace::<Usd>::of(usd(11_700_000), Span::from_hours(6)),
    };
    let mut own = purse("agent_day");
    own.caps.push(cap(
        "campaign_total",
        voice.line("synth-fae"),
        200_000_000,
        12_000_000,
        0,
    ));
    Headroom {
        at: now,
        zone: Some("UTC".into()),
        tools: purse("agents_day"),
        payments: None,
        agents: vec![AgentHeadroom {
            agent_id: AgentId::from_uuid(uuid_of(0xa0)),
            slug: voice.line("fae"),
            tools: own,
            payments: None,
            holdings: vec![],
        }],
    }
}

/// The same with a wallet that has paid, so much of the 50 dollars a day.
pub(crate) fn wallets(voice: &Voice<'_>, now: Timestamp, paid: i64) -> Headroom {
    let mut headroom = tools(voice, now);
    headroom.payments = Some(Purse {
        caps: vec![
            cap(
                "house_hour",
                Safe::default(),
                200_000_000,
                14_000_000,
                2_000_000,
            ),
            cap("house_day", Safe::default(), 60_000_000, paid, 2_000_000),
        ],
        simulated: usd(paid),
        uncertain: Usd::ZERO,
        pace: None,
    });
    if let Some(agent) = headroom.agents.first_mut() {
        agent.payments = Some(Purse {
            caps: vec![
                cap("hour", Safe::default(), 20_000_000, 14_000_000, 2_000_000),
                cap("day", Safe::default(), 50_000_000, paid, 2_000_000),
                cap(
                    "counterparty_day",
                    voice.line("images"),
                    30_000_000,
                    1_000_000,
                    0,
                ),
            ],
            simulated: usd(paid),
            uncertain: Usd::ZERO,
            pace: Pace::<Usd>::of(usd(6_000_000), Span::from_hours(6)),
        });
        agent.holdings = vec![Holding {
            asset: voice.line("USDC"),
            decimals: Some(6),
            held: Units::from_base(498_500_000),
            worth: Some(usd(498_500_000)),
            pace: Some(Pace {
                spent: Units::from_base(6_000_000),
                over: Span::from_hours(6),
            }),
        }];
    }
    headroom
}

/// The same in plain words.
pub(crate) fn wallets_of(now: Timestamp, paid: i64) -> Headroom {
    wallets(&super::plain(), now, paid)
}
