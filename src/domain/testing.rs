//! Test doubles that several rooms share: a clock that is set by hand and ids in order.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use uuid::Uuid;

use crate::{
    ContentHash, Score, Usd,
    artifact::{Disclosure, Media, Post},
    campaign::Channel,
    cfo::{
        AgentPayments, ChainPolicy, Counterparty, Finality, HouseCaps, PaymentCaps, PaymentPolicy,
        PaymentReview, Quote, RiskFactor, RiskPolicy, Rule,
    },
    chain::{Asset, EvmAddress, Rail, Token, Units},
    clock::{Ambient, Clock, IdSource, Span, Timestamp},
    payment::Source,
    persona::{Motif, Persona, PersonaLock, Topic, VisualIdentity},
    policy::ConfidenceWindow,
    ports::{Fees, Simulation},
    task::{Modality, Priority, TaskKind, TaskSpec},
};

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Starts at 2026-11-21T12:00:00Z.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_795_262_400_000_000)))
    }

    /// Moves on.
    pub fn advance(&self, span: Span) {
        let micros = i64::try_from(span.micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Jumps, also backwards.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Ids in order, and a seeded sequence of numbers.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    /// Starts after `seed`; different seeds give different ids.
    #[must_use]
    pub fn new(seed: u32) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(u64::from(seed) << 32)))
    }

    fn step(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

impl IdSource for SeededIds {
    fn fresh(&self) -> Uuid {
        uuid_of(u128::from(self.step()))
    }

    fn pick(&self, below: u64) -> u64 {
        // SplitMix64 over the counter: even, and the same for the same seed.
        let mut x = self.step().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)).checked_rem(below).unwrap_or(0)
    }
}

/// An ambient with a clock to move, and ids in order.
#[must_use]
pub fn ambient(seed: u32) -> (Ambient, Arc<ManualClock>) {
    let clock = ManualClock::new();
    (Ambient::new(clock.clone(), SeededIds::new(seed)), clock)
}

/// A valid `UUIDv7` that sorts by `n`.
#[must_use]
pub fn uuid_of(n: u128) -> Uuid {
    Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 | (n & 0xffff_ffff_ffff))
}

/// The thresholds of the product's own rulings.
#[must_use]
pub fn window() -> ConfidenceWindow {
    ConfidenceWindow {
        auto_min: Score::from_percent(90),
        human_min: Score::from_percent(70),
    }
}

/// A text task without anything special.
#[must_use]
pub fn task_spec() -> TaskSpec {
    TaskSpec {
        kind: TaskKind::GenerateContent,
        modality: Some(Modality::Text),
        goal: "Write a post".into(),
        acceptance: vec!["names the trend".into()],
        notes: vec![],
        priority: Priority::Medium,
        persona_lock: PersonaLock {
            slug: "fae".into(),
            hash: ContentHash::of_bytes(b"fae"),
        },
        confidence_window: window(),
        budget_usd_max: Usd::from_micros(1_000_000),
        due_at: None,
        payment: None,
    }
}

/// A post with one picture.
#[must_use]
pub fn post(text: &str) -> Post {
    Post {
        channel: Channel::Twitter,
        account: "@fae".into(),
        text: text.into(),
        media: vec![Media {
            sha256: ContentHash::of_bytes(b"png"),
            mime: "image/png".into(),
            bytes: 3,
            width: 1200,
            height: 675,
            alt_text: "A card".into(),
            character_reference_id: "fae-v1".into(),
        }],
        disclosure: Disclosure::Automated,
        citations: vec![],
    }
}

/// A persona with a face, and these topics: each a name with its keywords.
#[must_use]
pub fn persona<K: AsRef<str>>(topics: &[(&str, &[K])]) -> Persona {
    let topics = topics.iter().map(|(name, keywords)| Topic {
        name: (*name).to_owned(),
        keywords: keywords.iter().map(|k| k.as_ref().to_owned()).collect(),
    });
    Persona {
        slug: "fae".into(),
        name: "Fae".into(),
        hash: ContentHash::of_bytes(b"fae"),
        voice_traits: vec!["curious".into()],
        directives: vec![],
        topics: topics.collect(),
        banned_topics: vec![],
        lists: Default::default(),
        openers: vec![],
        closers: vec![],
        hashtags: vec![],
        language: "en".into(),
        disclosure: "Made by an AI agent.".into(),
        character_reference_id: Some("fae-v1".into()),
        visual: VisualIdentity {
            palette: vec!["#101010".into()],
            motif: Motif::Rays,
        },
        body: String::new(),
    }
}

/// A token of the payment policy for tests.
pub const TOKEN: EvmAddress = EvmAddress::from_bytes([0xcc; 20]);
/// Who may be paid in it.
pub const PAYEE: EvmAddress = EvmAddress::from_bytes([0xbb; 20]);
/// The wallet that may pay.
pub const WALLET: EvmAddress = EvmAddress::from_bytes([0xaa; 20]);

/// What a quiet chain says: 500 dollars and a whole coin in the wallet, and a call that goes through. With a fifth more gas at
/// 2 gwei and 3,000 dollars a coin its gas counts half a dollar and 4,000 millionths.
#[must_use]
pub const fn quote(at: Timestamp) -> Quote {
    Quote {
        at,
        block: 9,
        fees: Fees { base: 1, tip: 1 },
        balance: Units::from_base(500_000_000),
        coin: Units::from_base(1_000_000_000_000_000_000),
        to_contract: false,
        code_as_pinned: true,
        simulation: Simulation::Passes { gas: 70_000 },
    }
}

/// A policy that lets `fae` pay `images` in USDC on the local chain, with prices that hold until a moment.
#[must_use]
pub fn payment_policy(until: Timestamp) -> PaymentPolicy {
    let usd = |dollars: i64| Usd::from_micros(dollars * 1_000_000);
    let asset = |name: &str, rail, token: Option<EvmAddress>, decimals, price_usd| Asset {
        name: name.to_owned(),
        chain: "local".to_owned(),
        rail,
        decimals,
        token: token.map(|address| Token {
            address,
            code_hash: None,
            signing_name: Some("Test USD".to_owned()),
            signing_version: Some("1".to_owned()),
        }),
        price_usd,
        price_until: until,
    };
    let caps = PaymentCaps {
        payment: usd(10),
        hour: usd(20),
        day: usd(50),
        week: Some(usd(200)),
        month: None,
        lifetime: usd(1_000),
        payments_per_hour: 20,
        fee: usd(1),
        categories: Vec::new(),
    };
    PaymentPolicy {
        chains: vec![ChainPolicy {
            name: "local".to_owned(),
            chain_id: 31_337,
            finality: Finality::Depth(3),
            fee_max: 2_000_000_000,
            tip_max: 1_000_000_000,
            real: false,
        }],
        assets: vec![
            asset("USDC", Rail::Authorization, Some(TOKEN), 6, usd(1)),
            asset("ETH", Rail::Native, None, 18, usd(3_000)),
        ],
        caps: caps.clone(),
        house: HouseCaps {
            hour: usd(200),
            day: usd(500),
            in_flight: 50,
        },
        risk: RiskPolicy {
            refuse_above: Score::from_percent(70),
            review_above: Score::from_percent(40),
            weights: RiskFactor::ALL
                .iter()
                .map(|factor| (*factor, Score::from_percent(15)))
                .collect(),
        },
        review: PaymentReview {
            new_counterparty: Rule::Review,
            one_above: usd(5),
            two_above: usd(8),
            ttl: Span::from_mins(30),
        },
        sources: vec![
            (Source::Planner, Rule::Allow),
            (Source::Worker, Rule::Allow),
            (Source::Openclaw, Rule::Review),
            (Source::Manual, Rule::Allow),
        ],
        agents: vec![AgentPayments {
            agent: "fae".to_owned(),
            address: WALLET,
            assets: vec!["USDC".to_owned()],
            caps,
        }],
        counterparties: vec![Counterparty {
            label: "images".to_owned(),
            chain: "local".to_owned(),
            address: PAYEE,
            assets: vec!["USDC".to_owned()],
            payment: None,
            day: Some(usd(30)),
        }],
        deny: Vec::new(),
        loosen_after: Span::from_mins(15),
    }
}
