//! Values the tests of several roles start from.

use chimera_domain::{
    ContentHash, Score, Span, Timestamp, Usd,
    artifact::{Artifact, Body, Citation, Draft, Provenance, Research},
    campaign::{CampaignSpec, Channel},
    effect::OutgoingCall,
    ids::{AgentId, ArtifactId, CampaignId, SignalId, TaskId, TraceId},
    persona::Persona,
    policy::{BudgetPolicy, JudgePolicy, PlannerPolicy, Policy, Price, PriceUnit},
    resource::FeedItem,
    second::SecondApprover,
    signal::Signal,
    spend::BudgetCategory,
    task::{Reason, Task, TaskKind, TaskState},
    testing::{self, post, task_spec, uuid_of, window},
    verdict::{Case, Check, SensitiveTopic},
    version::StateVersion,
};

pub(crate) fn item(title: &str, summary: &str) -> FeedItem {
    FeedItem {
        key: "k1".into(),
        title: title.into(),
        summary: summary.into(),
        link: "https://example.org/1".into(),
        published_at: None,
        source: "Wire".into(),
        authors: Vec::new(),
        recorded: false,
    }
}

pub(crate) fn persona() -> Persona {
    Persona {
        banned_topics: vec!["fur".into()],
        lists: Default::default(),
        openers: vec!["Look at this:".into()],
        closers: vec!["What do you think?".into()],
        hashtags: vec!["slowfashion".into()],
        ..testing::persona(&[("drops", &["sneaker", "linen", "capsule collection"])])
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        hash: ContentHash::of_bytes(b"policy"),
        planner: PlannerPolicy {
            relevance_min: Score::from_percent(75),
            plans_per_hour_max: 10,
            plans_per_day_max: 40,
            queue_depth_max: 100,
            review_depth_max: 50,
            plan_attempts_max: 3,
            plan_budget_usd_max: Usd::from_micros(500_000),
        },
        judge: JudgePolicy {
            sample: None,
            probes: None,
            window: window(),
            weights: Check::ALL.iter().map(|check| (*check, 1)).collect(),
            sensitive: vec![
                (
                    SensitiveTopic::Health,
                    vec!["vaccine".into(), "cancer".into()],
                ),
                (SensitiveTopic::Finance, vec!["stock price".into()]),
            ],
            blocked_phrases: vec!["guaranteed returns".into()],
            sla: Span::from_hours(2),
            sla_expire: Span::from_hours(4),
            undo_fuse: Span::from_secs(10),
            second_approver: SecondApprover::default(),
        },
        payments: None,
        budget: BudgetPolicy {
            zone: "UTC".into(),
            agent_day_usd_max: Usd::from_micros(50_000_000),
            prices: vec![Price {
                server: "studio".into(),
                tool: "generate_image".into(),
                unit: PriceUnit::Image,
                usd: Usd::from_micros(20_000),
                usd_out: None,
                units_max: 1,
                since: "2026-11-01".into(),
                category: BudgetCategory::MediaGeneration,
                simulated: true,
            }],
        },
    }
}

pub(crate) fn campaign() -> CampaignSpec {
    CampaignSpec {
        name: "autumn".into(),
        goal: "Talk about slow fashion".into(),
        persona: "fae".into(),
        channel: Channel::Twitter,
        account: "@fae".into(),
        publish_server: "twitter".into(),
        budget_usd_max: Usd::from_micros(100_000_000),
    }
}

pub(crate) fn signal() -> Signal {
    Signal {
        id: SignalId::from_uuid(uuid_of(1)),
        version: StateVersion::FIRST,
        campaign_id: CampaignId::from_uuid(uuid_of(2)),
        trace_id: TraceId::from_uuid(uuid_of(3)),
        item: item(
            "Linen sneaker returns",
            "Studio Aro brings back its linen sneaker in three colours.",
        ),
        ingested_at: Timestamp::from_micros(0),
        stale: false,
        near_duplicate_of: None,
        said: None,
    }
}

pub(crate) fn task() -> Task {
    let mut spec = task_spec();
    spec.kind = TaskKind::Publish;
    spec.modality = None;
    spec.persona_lock = persona().lock();
    Task {
        id: TaskId::from_uuid(uuid_of(4)),
        version: StateVersion::FIRST,
        agent_id: AgentId::from_uuid(uuid_of(5)),
        campaign_id: CampaignId::from_uuid(uuid_of(2)),
        epoch: StateVersion::FIRST,
        signal_id: Some(signal().id),
        trace_id: signal().trace_id,
        plan_attempt: 1,
        attempt: 1,
        spec,
        state: TaskState::Review,
        reason: Reason::Ordinary,
        created_at: Timestamp::from_micros(0),
    }
}

/// A clean post on the signal above, with its whole plan, ready for the judge.
pub(crate) fn case() -> Case {
    let text = "Look at this: Studio Aro brings back its linen sneaker in three colours. https://example.org/1 #slowfashion Made by an AI agent.";
    let citations = vec![Citation {
        title: "Linen sneaker returns".into(),
        url: "https://example.org/1".into(),
    }];
    let mut outgoing = post(text);
    outgoing.citations = citations.clone();
    let item = signal().item;
    let bodies = vec![
        Body::Research(Research {
            title: item.title,
            summary: item.summary,
            source: item.source,
            citations: citations.clone(),
            redacted: vec![],
            relevance: None,
        }),
        Body::Text(Draft {
            text: text.into(),
            hashtags: vec!["slowfashion".into()],
            citations,
        }),
        Body::Media(outgoing.media[0].clone()),
        Body::Post(outgoing.clone()),
    ];
    let artifacts = bodies
        .into_iter()
        .zip(10u128..)
        .map(|(body, n)| Artifact {
            id: ArtifactId::from_uuid(uuid_of(n)),
            task_id: task().id,
            body,
            confidence: Score::from_percent(95),
            provenance: Provenance {
                model: "template/1".into(),
                ..Provenance::default()
            },
            created_at: Timestamp::from_micros(0),
        })
        .collect();
    Case {
        task: task(),
        call: OutgoingCall {
            server: "twitter".into(),
            tool: "post_content".into(),
            post: outgoing,
        },
        campaign: campaign(),
        signal: Some(signal()),
        artifacts,
        first_post: false,
        was_asked: false,
        moved: None,
        edited: false,
    }
}
