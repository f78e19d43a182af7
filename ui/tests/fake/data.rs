//! Made-up views for tests and for `examples/console_fake.rs`. Nothing here is real, and it says so.

mod answers;
#[cfg(test)]
pub(crate) mod asked;
mod halts;
mod money;
mod outside;
mod payments;
pub(crate) mod proposals;
mod record;
mod rows;
mod trends;

use std::cell::Cell;

use chimera_domain::{
    ContentHash, Safe, Score, Span, StateVersion, Timestamp, Usd,
    campaign::{CampaignState, Channel, FleetState},
    effect::EffectState,
    ids::{AgentId, CampaignId, SignalId, TaskId, TicketId, TraceId},
    signal::SignalState,
    task::{TaskKind, TaskState},
    testing::uuid_of,
    ticket::TicketState,
    verdict::{Check, CheckResult, SensitiveSpan, SensitiveTopic},
    views::{
        About, AgentRow, AlertRow, Asks, AttemptRow, AuditRow, BreakRow, CampaignRow, EffectRow,
        Judged, LedgerRow, LinkRow, Measures, MediaRow, MuteRow, Overview, Page, PaymentRow,
        PersonaRow, PostAsked, PublicationRow, ReachRow, ReviewerRow, Series, SettingRow,
        SignalRow, StepRow, SwarmOwner, TaskHistory, TaskMove, TaskRow, TicketCard, TicketRow,
        TrendRow, Weighing,
        handover::{DecidedRow, Handover},
        headroom::Headroom,
    },
};

pub(crate) use money::wallets_of;

/// Everything a console can be shown.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) overview: Overview,
    pub(crate) headroom: Headroom,
    pub(crate) trends: Vec<SignalRow>,
    pub(crate) tasks: Vec<TaskRow>,
    pub(crate) cards: Vec<TicketCard>,
    pub(crate) ledger: Vec<LedgerRow>,
    pub(crate) alerts: Vec<AlertRow>,
    pub(crate) grouped: Vec<TrendRow>,
    pub(crate) mutes: Vec<MuteRow>,
    pub(crate) payments: Vec<PaymentRow>,
    pub(crate) breaks: Vec<BreakRow>,
    pub(crate) effects: Vec<EffectRow>,
    pub(crate) publications: Vec<PublicationRow>,
    pub(crate) reaches: Vec<ReachRow>,
    pub(crate) agents: Vec<AgentRow>,
    pub(crate) all_tasks: Vec<TaskRow>,
    pub(crate) audit: Vec<AuditRow>,
    pub(crate) steps: Vec<StepRow>,
    pub(crate) links: Vec<LinkRow>,
    pub(crate) measures: (Measures, Series),
    pub(crate) reviewers: Vec<ReviewerRow>,
    /// What people answered to what the judge was so sure of.
    pub(crate) judged: Judged,
    /// How signals were decided on.
    pub(crate) weighing: Weighing,
    /// The versions of every task: whichever is asked for.
    pub(crate) past: Vec<TaskMove>,
    pub(crate) personas: Vec<PersonaRow>,
    pub(crate) settings: Vec<SettingRow>,
    pub(crate) proposals: proposals::Proposals,
}

/// Where texts come from: as written, or with something hostile in every one of them, one after the other.
pub(crate) struct Voice<'a>(&'a [&'a str], Cell<usize>);

impl Voice<'_> {
    fn raw(&self, text: &str) -> String {
        let nth = self.1.replace(self.1.get() + 1);
        let evil = self.0.get(nth % self.0.len().max(1)).unwrap_or(&"");
        format!("{evil}{text}{evil}")
    }
    fn line(&self, text: &str) -> Safe {
        Safe::line(&self.raw(text))
    }
    fn block(&self, text: &str) -> Safe {
        Safe::block(&self.raw(text))
    }
}

/// As written.
fn plain() -> Voice<'static> {
    Voice(&[], Cell::new(0))
}

pub(crate) fn ticket(n: u128) -> TicketId {
    TicketId::from_uuid(uuid_of(0x7100 + n))
}

fn version(n: i64) -> StateVersion {
    StateVersion::new(n).unwrap_or(StateVersion::FIRST)
}

fn usd(micros: i64) -> Usd {
    Usd::from_micros(micros)
}

/// A world where nothing has happened.
pub(crate) fn empty(now: Timestamp) -> World {
    World {
        overview: Overview {
            at: now,
            fleet: FleetState::Running,
            halted: None,
            halts: vec![],
            swarm: None,
            campaigns: vec![],
            tickets_waiting: 0,
            oldest_ticket_at: None,
            last_decision_at: Some(now.minus(Span::from_mins(18))),
            tasks: vec![(TaskState::Review, 3)],
            signals: vec![],
            fuses: vec![],
            spent_day: Usd::ZERO,
            uncertain_day: Usd::ZERO,
            simulated_money: Usd::ZERO,
            reserved: Usd::ZERO,
            cap_day: Some(usd(50_000_000)),
            simulated: true,
            dry: false,
            resources_failing: vec![Safe::line("bluesky/feed")],
            resources_stale: vec![],
            resources: 4,
            alerts_open: 0,
            conflicts: 0,
            conflicts_by: vec![],
        },
        headroom: Headroom {
            agents: vec![],
            ..money::tools(&plain(), now)
        },
        trends: vec![],
        tasks: vec![],
        cards: vec![],
        ledger: vec![],
        alerts: vec![],
        grouped: vec![],
        mutes: vec![],
        payments: vec![],
        breaks: vec![],
        effects: vec![],
        publications: vec![],
        reaches: vec![],
        agents: vec![],
        all_tasks: vec![],
        audit: vec![],
        steps: vec![],
        links: vec![],
        measures: record::nothing_measured(),
        reviewers: vec![],
        judged: Judged::default(),
        weighing: Weighing::default(),
        past: vec![],
        personas: vec![],
        settings: vec![],
        proposals: proposals::Proposals::default(),
    }
}

/// An ordinary evening, with `evil` around every text from outside when there is some.
pub(crate) fn normal(now: Timestamp, evil: Option<&str>) -> World {
    full_of(now, evil.as_slice())
}

/// One of these around each text.
pub(crate) fn full_of(now: Timestamp, evil: &[&str]) -> World {
    let voice = Voice(evil, Cell::new(0));
    let cards = (0..).zip(TEXTS);
    let cards: Vec<_> = cards.map(|(n, t)| card(&voice, now, n, t)).collect();
    let mut world = empty(now);
    world.overview = Overview {
        swarm: Some(SwarmOwner {
            holder: voice.line("night-box:4711"),
            pid: 4711,
            host: voice.line("night-box"),
            since: now.minus(Span::from_hours(5)),
            until: now.plus(Span::from_secs(20)),
            fence: 3,
        }),
        campaigns: vec![
            campaign(&voice, 1, "synth-fae"),
            campaign(&voice, 2, "garden-leo"),
        ],
        tickets_waiting: u64::try_from(cards.len()).unwrap_or(0),
        oldest_ticket_at: cards.iter().map(|c| c.row.created_at).min(),
        tasks: vec![(TaskState::Claimed, 2), (TaskState::Ticketed, 5)],
        signals: vec![(SignalState::Planned, 5), (SignalState::Ignored, 41)],
        spent_day: usd(42_900_000),
        reserved: usd(1_250_000),
        simulated_money: usd(44_150_000),
        resources_failing: vec![voice.line("bluesky/feed")],
        alerts_open: 2,
        ..world.overview
    };
    world.headroom = if evil.is_empty() {
        money::tools(&voice, now)
    } else {
        money::wallets(&voice, now, 14_000_000)
    };
    world.trends = (0..)
        .zip(TRENDS)
        .map(|(n, t)| trend(&voice, now, n, t))
        .collect();
    world.tasks = rows::tasks(&voice, now);
    world.ledger = rows::ledger(&voice, now);
    world.alerts = rows::alerts(&voice, now);
    world.grouped = trends::trends(&voice, now);
    world.mutes = trends::mutes(&voice, now);
    world.payments = payments::all(now, |text| voice.line(text));
    world.breaks = payments::breaks(now, |text| voice.line(text));
    world.effects = outside::effects(&voice, now);
    world.publications = outside::publications(&voice, now);
    world.reaches = outside::reaches(&voice, now);
    world.agents = record::agents(&voice, now);
    world.all_tasks = record::all_tasks(&voice, &world.tasks);
    world.audit = record::audit(&voice, now);
    world.steps = record::steps(&voice, now);
    world.links = record::links(&voice, now);
    world.measures = record::measures();
    world.reviewers = record::reviewers(&voice);
    world.judged = answers::judged(now);
    world.past = record::past(&voice, now);
    world.personas = record::personas(&voice, now);
    world.settings = record::settings(&voice);
    world.weighing = answers::weighing(&voice);
    world.cards = cards;
    world
}

/// The past of a task.
pub(crate) fn past(world: &World, task: TaskId) -> TaskHistory {
    TaskHistory {
        id: task,
        kind: TaskKind::Publish,
        trace_id: TraceId::from_uuid(uuid_of(0x500)),
        moves: world.past.clone(),
        left_out: 0,
    }
}

fn campaign(voice: &Voice<'_>, n: u128, name: &str) -> CampaignRow {
    CampaignRow {
        id: CampaignId::from_uuid(uuid_of(0xc0 + n)),
        version: version(1),
        agent_id: AgentId::from_uuid(uuid_of(0xa0)),
        name: voice.line(name),
        persona: voice.line("fae"),
        channel: Channel::Twitter,
        account: voice.line("@fae"),
        server: voice.line("twitter"),
        state: CampaignState::Running,
        halted: None,
        simulated: true,
        dry: false,
        spent: usd(12_000_000),
        spent_simulated: usd(12_000_000),
        budget: usd(200_000_000),
    }
}

type Text = (&'static str, &'static [&'static str], Option<u32>, u64);

const TEXTS: &[Text] = &[
    (
        "The new grid storage rules are out and they are 212 pages. The short version: batteries \
         may bid into the evening market from March. Sources below. #grid #storage\n\n(automated)",
        &["sensitive: politics", "confidence 0.82 is below 0.90"],
        Some(82),
        41,
    ),
    (
        "Rain barrels, ranked by how much the neighbours talk about them. 日本語 too. (automated)",
        &["confidence 0.79 is below 0.90"],
        Some(79),
        23,
    ),
    (
        "A modular synth patch that sounds like a fridge falling in love 👩‍👩‍👧 (automated)",
        &["factual check has no score"],
        None,
        12,
    ),
    (
        "Tomatoes again. This time with numbers: 14 plants, 61 kg, one happy gardener. (automated)",
        &["confidence 0.88 is below 0.90"],
        Some(88),
        9,
    ),
    (
        "مرحبا from the night shift: three feeds, two storms, one very calm cat. (automated)",
        &["confidence 0.71 is below 0.90"],
        Some(71),
        3,
    ),
];

/// What makes one key too few.
pub(crate) fn politics(say: impl Fn(&str) -> String) -> SensitiveSpan {
    SensitiveSpan {
        topic: SensitiveTopic::Politics,
        span: say("rules"),
        field: say("text"),
        rule: say("keyword/politics"),
    }
}

/// The post that a card asks about.
#[cfg(test)]
pub(crate) fn post_of(card: &mut TicketCard) -> &mut PostAsked {
    match &mut card.asks {
        Asks::Post(post) => post,
        Asks::Payment(_) => panic!("{} asks about a payment", card.row.id),
    }
}

fn card(voice: &Voice<'_>, now: Timestamp, n: u128, text: &Text) -> TicketCard {
    let (words, reasons, score, age) = text;
    let body = voice.block(words);
    let created_at = now.minus(Span::from_mins(*age));
    let confidence = score.map(Score::from_percent);
    let sensitive = if n == 0 {
        vec![politics(|text| voice.raw(text))]
    } else {
        vec![]
    };
    let check = |check, score: Result<Score, String>, finding: &str| CheckResult {
        check,
        score,
        findings: if finding.is_empty() {
            vec![]
        } else {
            vec![voice.raw(finding)]
        },
        hard_block: false,
    };
    let factual = match confidence {
        Some(score) => Ok(score),
        None => Err(voice.raw("the source did not answer")),
    };
    TicketCard {
        row: TicketRow {
            id: ticket(n),
            version: version(1),
            state: TicketState::Open,
            text: Safe::line(&body.as_str().chars().take(80).collect::<String>()),
            reasons: reasons.iter().map(|r| voice.line(r)).collect(),
            confidence,
            account: voice.line(if n.is_multiple_of(2) { "@fae" } else { "@leo" }),
            about: About::Post,
            channel: Safe::line("twitter"),
            campaign: voice.line("synth-fae"),
            created_at,
            sla_at: created_at.plus(Span::from_hours(2)),
            assigned_to: voice.line(""),
            snoozed_until: None,
            first: None,
            simulated: true,
            dry: false,
        },
        trace_id: TraceId::from_uuid(uuid_of(0x300 + n)),
        content_hash: ContentHash::of_bytes(body.as_str().as_bytes()),
        two: vec![],
        looked_at_by: None,
        note: voice.line(""),
        fuse: Span::from_secs(10),
        decided: None,
        effect: None,
        published: None,
        text: body,
        asks: Asks::Post(Box::new(PostAsked {
            task_id: TaskId::from_uuid(uuid_of(0x200 + n)),
            graphemes: (words.chars().count(), 280),
            edited: None,
            attempt: (2, Some(3)),
            attempts: vec![AttemptRow {
                attempt: 1,
                text: voice.line("Grid storage rules are out. Two years, said the ministry."),
                issues: vec![voice.line("the source is not linked")],
            }],
            media: vec![MediaRow {
                sha256: ContentHash::of_bytes(b"png"),
                mime: voice.line("image/png"),
                bytes: 48_211,
                size: (1200, 675),
                alt_text: voice.line("A card with the headline in large letters on dark blue."),
                likeness: None,
                reference: None,
            }],
            disclosure: voice.line("automated"),
            tool: voice.line("twitter/post_content"),
            citations: vec![(
                voice.line("Grid storage rules, second reading"),
                voice.line("https://example.org/grid-storage"),
            )],
            trend: Some(voice.line("Grid storage rules published after two years of waiting")),
            persona: voice.line("fae"),
            models: vec![],
            redacted: vec![],
            made: vec![],
            checks: vec![
                check(Check::Persona, Ok(Score::from_percent(94)), ""),
                check(Check::Safety, Ok(Score::from_percent(99)), ""),
                check(Check::Factual, factual, "one number is not in the source"),
                check(Check::Platform, Ok(Score::ONE), ""),
            ],
            sensitive,
            worker_confidence: Score::from_percent(86),
            judge_confidence: confidence,
            spent: usd(21_500),
            send_cost: Some(usd(10_000)),
            left_day: Some(usd(5_850_000)),
        })),
    }
}

const TRENDS: &[(&str, &str, Option<u32>, SignalState, u64)] = &[
    (
        "Grid storage rules published after two years of waiting",
        "hn/front",
        Some(91),
        SignalState::Planned,
        2,
    ),
    (
        "Show HN: a garden planner in 200 lines",
        "hn/front",
        Some(78),
        SignalState::Planned,
        6,
    ),
    (
        "Celebrity wears a hat",
        "news/world",
        Some(12),
        SignalState::Ignored,
        9,
    ),
    (
        "Storm front reaches the coast on Sunday",
        "mastodon/tag",
        None,
        SignalState::Unscored,
        11,
    ),
    (
        "日本語のトレンド: 秋の庭",
        "bluesky/feed",
        Some(81),
        SignalState::Held,
        17,
    ),
    (
        "Modular synths are back, again",
        "reddit/synth",
        Some(76),
        SignalState::New,
        21,
    ),
];

fn trend(
    voice: &Voice<'_>,
    now: Timestamp,
    n: u128,
    t: &(&str, &str, Option<u32>, SignalState, u64),
) -> SignalRow {
    SignalRow {
        id: SignalId::from_uuid(uuid_of(0x500 + n)),
        title: voice.line(t.0),
        summary: voice.line("What the source says, in its own words, cleaned and short."),
        source: voice.line(t.1),
        link: voice.line("https://example.org/item"),
        campaign: voice.line("synth-fae"),
        published_at: Some(now.minus(Span::from_mins(t.4 + 3))),
        ingested_at: now.minus(Span::from_mins(t.4)),
        recorded: !n.is_multiple_of(3),
        state: t.3,
        why: voice.line("lexical/1: grid, storage, market"),
        score: t.2.map(Score::from_percent),
        method: voice.line("lexical/1 after decisions: 34"),
        reason: voice.line("names `grid`; +0.12 by 34 decisions (30 kept, 4 dropped)"),
        said: None,
        version: StateVersion::FIRST,
        trace_id: TraceId::from_uuid(uuid_of(0x300 + n)),
    }
}

impl World {
    /// What a hand-over note of this world says.
    pub(crate) fn handover(&self, house: Overview, since: Option<Timestamp>) -> Handover {
        let waiting = self.cards.iter().map(|card| card.row.clone());
        let waiting: Vec<TicketRow> = waiting.filter(|row| row.state.is_waiting()).collect();
        let uncertain = |row: &&EffectRow| row.state == EffectState::Uncertain;
        let unknown: Vec<EffectRow> = self.effects.iter().filter(uncertain).cloned().collect();
        let decided = [(TicketState::Approved, 12), (TicketState::Rejected, 3)];
        let decided = decided.map(|(state, n)| DecidedRow {
            by: Safe::line("op@fake"),
            state,
            n,
        });
        Handover {
            since: since.unwrap_or(house.at.minus(Span::from_hours(4))),
            before: Some(Safe::line("ana@desk")),
            decided: decided.to_vec(),
            expiring: whole(waiting),
            alerts: whole(self.alerts.clone()),
            unknown: whole(unknown),
            house,
        }
    }
}

fn whole<T>(rows: Vec<T>) -> Page<T> {
    Page {
        total: u64::try_from(rows.len()).unwrap_or(0),
        rows,
    }
}
