//! A task with its inputs, and tools that give one canned answer.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Score, Span, Timestamp, ToolError,
    artifact::{Artifact, Body, Citation, Draft, Provenance, Research},
    campaign::{CampaignSpec, Channel},
    ids::{AgentId, ArtifactId, CampaignId, ClaimId, SignalId, TaskId, TraceId},
    memory::Memory,
    model,
    persona::{Motif, Persona, VisualIdentity},
    ports::{SkillInput, ToolCall, ToolCaller, ToolReply},
    resource::FeedItem,
    signal::Signal,
    task::{Claim, ClaimedTask, Reason, Task, TaskState},
    testing::{post, task_spec, uuid_of},
    tier::TierChoice,
    version::StateVersion,
};
use serde_json::Value;

pub(crate) struct Tools {
    answer: Value,
    /// What each tool of the models answers, in turn.
    models: Mutex<HashMap<String, VecDeque<Result<Value, ToolError>>>>,
    calls: Mutex<Vec<ToolCall>>,
}

impl Tools {
    pub(crate) fn answer(answer: Value) -> Self {
        Self {
            answer,
            models: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// And the model `name` says this next.
    pub(crate) fn model(self, name: &str, says: Result<Value, ToolError>) -> Self {
        self.models
            .lock()
            .unwrap()
            .entry(name.to_owned())
            .or_default()
            .push_back(says);
        self
    }

    pub(crate) fn calls(&self) -> Vec<ToolCall> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn taken(&self) -> ToolCall {
        self.calls().pop().unwrap()
    }
}

#[async_trait]
impl ToolCaller for Tools {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        let structured = if call.server == model::SERVER {
            let mut models = self.models.lock().unwrap();
            models.get_mut(&call.tool).unwrap().pop_front().unwrap()
        } else {
            Ok(self.answer.clone())
        };
        self.calls.lock().unwrap().push(call);
        Ok(ToolReply {
            structured: structured?,
            usage: Default::default(),
            simulated: false,
            latency: Span::ZERO,
        })
    }
}

pub(crate) fn item(title: &str, summary: &str) -> FeedItem {
    FeedItem {
        key: "1".into(),
        title: title.into(),
        summary: summary.into(),
        link: "https://example.org/1".into(),
        published_at: None,
        source: "Wire".into(),
        authors: Vec::new(),
        recorded: false,
    }
}

pub(crate) struct Fixture {
    pub(crate) work: ClaimedTask,
    pub(crate) persona: Persona,
    pub(crate) memory: Memory,
    pub(crate) tier: Option<TierChoice>,
}

impl Fixture {
    pub(crate) fn input(&self) -> SkillInput<'_> {
        SkillInput {
            work: &self.work,
            persona: &self.persona,
            memory: &self.memory,
            tier: self.tier.as_ref(),
        }
    }
}

/// A task of the given plan attempt, with research, a draft and a picture behind it.
pub(crate) fn work(plan_attempt: u32) -> Fixture {
    let persona = Persona {
        slug: "fae".into(),
        name: "Fae".into(),
        hash: ContentHash::of_bytes(b"fae"),
        voice_traits: vec![],
        directives: vec![],
        topics: vec![],
        banned_topics: vec![],
        lists: Default::default(),
        openers: vec!["Look:".into()],
        closers: vec![],
        hashtags: vec!["linen".into()],
        language: "en".into(),
        disclosure: "AI".into(),
        character_reference_id: Some("fae-v1".into()),
        visual: VisualIdentity {
            palette: vec!["#000000".into()],
            motif: Motif::Grid,
        },
        body: String::new(),
    };
    let (task_id, trace_id, at) = (
        TaskId::from_uuid(uuid_of(1)),
        TraceId::from_uuid(uuid_of(2)),
        Timestamp::default(),
    );
    let citations = vec![Citation {
        title: "Linen".into(),
        url: "https://example.org/1".into(),
    }];
    let bodies = [
        Body::Research(Research {
            title: "Linen".into(),
            summary: "It is back.".into(),
            source: "Wire".into(),
            citations: citations.clone(),
            redacted: vec![],
            relevance: None,
        }),
        Body::Text(Draft {
            text: "Look: linen.\n".into(),
            hashtags: vec![],
            citations,
        }),
        Body::Media(post("").media[0].clone()),
    ];
    let inputs = bodies
        .into_iter()
        .map(|body| Artifact {
            id: ArtifactId::from_uuid(uuid_of(9)),
            task_id,
            body,
            confidence: Score::from_percent(90),
            provenance: Provenance {
                model: "m".into(),
                ..Provenance::default()
            },
            created_at: at,
        })
        .collect();
    let campaign_id = CampaignId::from_uuid(uuid_of(3));
    let signal = Signal {
        id: SignalId::from_uuid(uuid_of(4)),
        version: StateVersion::FIRST,
        campaign_id,
        trace_id,
        item: item("Linen", "It is back."),
        ingested_at: at,
        stale: false,
        near_duplicate_of: None,
        said: None,
    };
    let work = ClaimedTask {
        claim: Claim {
            id: ClaimId::from_uuid(uuid_of(5)),
            task_id,
            version: StateVersion::FIRST,
            fence: 1,
            until: at,
        },
        task: Task {
            id: task_id,
            version: StateVersion::FIRST,
            agent_id: AgentId::from_uuid(uuid_of(6)),
            campaign_id,
            epoch: StateVersion::FIRST,
            signal_id: Some(signal.id),
            trace_id,
            plan_attempt,
            attempt: 1,
            spec: task_spec(),
            state: TaskState::Claimed,
            reason: Reason::Ordinary,
            created_at: at,
        },
        signal: Some(signal),
        relevance: None,
        campaign: CampaignSpec {
            name: "autumn".into(),
            goal: String::new(),
            persona: "fae".into(),
            channel: Channel::Twitter,
            account: "@fae".into(),
            publish_server: "twitter".into(),
            budget_usd_max: chimera_domain::Usd::from_micros(1),
        },
        inputs,
        past: chimera_domain::memory::Past::default(),
    };
    Fixture {
        work,
        persona,
        memory: Memory::default(),
        tier: None,
    }
}
