//! The values most promises begin with, and two ways to take an outcome apart.

use chimera_domain::{
    ContentHash, Outcome, Score, Span, Usd,
    artifact::{Blob, Body, Draft, Provenance},
    campaign::{CampaignSpec, Channel},
    effect::OutgoingCall,
    persona::Persona,
    policy::{BudgetPolicy, JudgePolicy, PlannerPolicy, Policy},
    ports::{LeaseRequest, PlanCaps, Submission, VerdictTimes},
    resource::FeedItem,
    second::SecondApprover,
    signal::Relevance,
    testing,
    ticket::{Choice, Decide},
    verdict::{Route, Verdict},
    version::Conflict,
    views::TicketCard,
};

/// The value of a write that must have happened.
#[track_caller]
pub fn done<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Done(value, _) => value,
        Outcome::Conflict(conflict) => panic!("expected a write, got {conflict:?}"),
        Outcome::NotFound => panic!("expected a write, found nothing"),
    }
}

/// The conflict of a write that must have lost.
#[track_caller]
pub fn lost<T: std::fmt::Debug>(outcome: Outcome<T>) -> Conflict {
    match outcome {
        Outcome::Conflict(conflict) => conflict,
        Outcome::Done(value, _) => panic!("expected a conflict, wrote {value:?}"),
        Outcome::NotFound => panic!("expected a conflict, found nothing"),
    }
}

/// How long decisions and fuses take in these tests.
pub(super) const TIMES: VerdictTimes = VerdictTimes {
    fuse: Span::from_secs(10),
    sla: Span::from_hours(2),
    sla_expire: Span::from_hours(4),
};
/// Caps that do not bind.
pub(super) const CAPS: PlanCaps = PlanCaps {
    per_hour: 1_000,
    per_day: 10_000,
    queue_depth: 10_000,
    review_depth: 10_000,
};
/// The lease of claims.
pub(super) const LEASE: Span = Span::from_secs(60);

pub(super) fn lease_request(pid: u32) -> LeaseRequest {
    LeaseRequest {
        holder: "chimera --daemon".into(),
        host: "host".into(),
        pid,
        known_dead_pid: None,
        ttl: Span::from_secs(30),
    }
}

pub(super) fn decide(card: &TicketCard, choice: Choice, actor: &str) -> Decide {
    Decide {
        ticket_id: card.row.id,
        version: card.row.version,
        content_hash: card.content_hash,
        choice,
        actor: actor.into(),
    }
}

/// The call that would post this text.
#[must_use]
pub fn call(text: &str) -> OutgoingCall {
    OutgoingCall {
        server: "twitter".into(),
        tool: "post_content".into(),
        post: testing::post(text),
    }
}

fn picture() -> Blob {
    Blob {
        bytes: b"png".to_vec(),
        mime: "image/png".into(),
    }
}

/// A result, with what it proposes to send.
#[must_use]
pub fn submission(proposes: Option<OutgoingCall>) -> Submission {
    Submission {
        body: match &proposes {
            Some(call) => Body::Post(call.post.clone()),
            None => Body::Text(Draft {
                text: "a draft".into(),
                hashtags: vec![],
                citations: vec![],
            }),
        },
        // The picture of `testing::post`.
        blobs: proposes.iter().map(|_| picture()).collect(),
        confidence: Score::from_percent(95),
        provenance: Provenance {
            model: "model/1".into(),
            ..Provenance::default()
        },
        proposes,
    }
}

/// A verdict by this route on this content.
#[must_use]
pub fn verdict(route: Route, content_hash: ContentHash) -> Verdict {
    Verdict {
        route,
        confidence: Some(Score::from_percent(80)),
        worker_confidence: Score::from_percent(95),
        judge_confidence: Some(Score::from_percent(80)),
        checks: vec![],
        sensitive: vec![],
        sampled: false,
        models: vec![],
        redacted: vec![],
        made: vec![],
        looks: vec![],
        reasons: vec!["because".into()],
        policy: ContentHash::of_bytes(b"policy"),
        content_hash,
        basis: None,
    }
}

pub(super) fn relevance() -> Relevance {
    Relevance {
        score: Score::from_percent(90),
        method: "lexical/1".into(),
        reason: "it fits".into(),
        basis: None,
    }
}

/// One item of a feed.
#[must_use]
pub fn item(key: &str) -> FeedItem {
    FeedItem {
        key: key.into(),
        title: format!("Title of {key}"),
        summary: "A summary".into(),
        link: "https://example.org".into(),
        published_at: None,
        source: "News".into(),
        authors: Vec::new(),
        recorded: false,
    }
}

pub(super) fn campaign(name: &str) -> CampaignSpec {
    CampaignSpec {
        name: name.into(),
        goal: "be heard".into(),
        persona: "fae".into(),
        channel: Channel::Twitter,
        account: "@fae".into(),
        publish_server: "twitter".into(),
        budget_usd_max: Usd::from_micros(100_000_000),
    }
}

pub(super) fn persona() -> Persona {
    testing::persona::<&str>(&[])
}

pub(super) fn policy() -> Policy {
    Policy {
        hash: ContentHash::of_bytes(b"policy"),
        planner: PlannerPolicy {
            relevance_min: Score::from_percent(75),
            plans_per_hour_max: 10,
            plans_per_day_max: 50,
            queue_depth_max: 100,
            review_depth_max: 20,
            plan_attempts_max: 2,
            plan_budget_usd_max: Usd::from_micros(1_000_000),
        },
        judge: JudgePolicy {
            sample: None,
            probes: None,
            window: testing::window(),
            weights: vec![],
            sensitive: vec![],
            blocked_phrases: vec![],
            sla: TIMES.sla,
            sla_expire: TIMES.sla_expire,
            undo_fuse: TIMES.fuse,
            second_approver: SecondApprover::default(),
        },
        payments: None,
        budget: BudgetPolicy {
            zone: "UTC".into(),
            agent_day_usd_max: Usd::from_micros(50_000_000),
            prices: vec![],
        },
    }
}
