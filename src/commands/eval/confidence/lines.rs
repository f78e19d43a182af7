//! From a line of the file to the case the judge would get.

use chimera_domain::{
    ContentHash, Score, Timestamp, Usd,
    artifact::{Artifact, Body, Citation, Disclosure, Draft, Media, Post, Provenance, Research},
    campaign::{CampaignSpec, Channel},
    effect::{EffectKind, OutgoingCall},
    goal::Part,
    ids::{AgentId, ArtifactId, CampaignId, SignalId, TaskId, TraceId},
    model::{Opinion, Remark},
    persona::Persona,
    policy::Policy,
    resource::FeedItem,
    signal::Signal,
    task::{Priority, Reason, Task, TaskKind, TaskSpec, TaskState},
    verdict::{Case, Check, Route},
    version::StateVersion,
};
use uuid::Uuid;

use super::Right;
use crate::{
    cli::ConfidenceArgs,
    commands::eval::labelled::{Labels, Row},
    fault::Fault,
};

/// The word for a score that nobody has.
const UNSCORED: &str = "unscored";
/// The column that gives all checks one score.
const ALL: &str = "judge_score";
/// The side of a picture that no check finds fault with.
const PIXELS: u32 = 1_080;

/// One post of the file, with what it stands on.
#[derive(Debug)]
pub(super) struct Posted<'r> {
    text: String,
    /// `None` where it stands on nothing.
    title: Option<&'r str>,
    summary: &'r str,
    source: &'r str,
    link: &'r str,
    alt_text: Option<&'r str>,
    channel: Channel,
    first_post: bool,
    pub(super) persona: &'r Persona,
    pub(super) worker: Option<Score>,
    /// What a second reader gives each check; an error where it has no answer.
    scores: Result<Vec<(Check, Score)>, String>,
    pub(super) right: Right,
}

impl<'r> Posted<'r> {
    pub(super) fn read(
        labels: &Labels,
        row: &'r Row,
        args: &ConfidenceArgs,
        personas: &'r [Persona],
    ) -> Result<Self, Fault> {
        let field = |names: &[&str]| names.iter().find_map(|name| row.filled(name));
        let slug = row.filled("persona").or(args.persona.as_deref());
        let slug = slug.ok_or_else(|| {
            labels.wrong(
                row,
                "no persona: name one in the column `persona`, or all with --persona",
            )
        })?;
        let persona = personas
            .iter()
            .find(|persona| persona.slug == slug)
            .ok_or_else(|| labels.wrong(row, &format!("there is no persona `{slug}`")))?;
        let channel = match row.filled("platform") {
            Some(word) => word.parse().map_err(|error: chimera_domain::UnknownWord| {
                labels.wrong(row, &error.to_string())
            })?,
            None => args.channel,
        };
        let mut text = labels.text(row, "text")?.to_owned();
        if args.add_label && !text.contains(&persona.disclosure) {
            text = format!("{} {}", text.trim_end(), persona.disclosure);
        }
        Ok(Self {
            text,
            title: field(&["title", "headline"]),
            summary: field(&["summary"]).unwrap_or_default(),
            source: field(&["source"]).unwrap_or_default(),
            link: field(&["link", "url"]).unwrap_or_default(),
            alt_text: field(&["alt_text"]),
            channel,
            first_post: labels.flag(row, "first_post")?.unwrap_or(false),
            persona,
            worker: labels.score(row, "worker")?,
            scores: scores(labels, row)?,
            right: right(labels, row)?,
        })
    }

    pub(super) const fn is_unanswered(&self) -> bool {
        self.scores.is_err()
    }

    /// Everything the judge looks at: the post, the research it stands on, and the task that a plan would have made.
    pub(super) fn case(&self, policy: &Policy) -> Case {
        let citations: Vec<Citation> = self
            .title
            .map(|title| Citation {
                title: title.to_owned(),
                url: self.link.to_owned(),
            })
            .into_iter()
            .collect();
        let campaign = self.campaign();
        let post = Post {
            channel: self.channel,
            account: campaign.account.clone(),
            text: self.text.clone(),
            media: self
                .alt_text
                .map(|alt| self.picture(alt))
                .into_iter()
                .collect(),
            disclosure: Disclosure::Automated,
            citations: citations.clone(),
        };
        let call = OutgoingCall {
            server: campaign.publish_server.clone(),
            tool: EffectKind::Publish.tool().to_owned(),
            post: post.clone(),
        };
        let mut bodies = Vec::new();
        bodies.extend(self.title.map(|title| {
            Body::Research(Research {
                title: title.to_owned(),
                summary: self.summary.to_owned(),
                source: self.source.to_owned(),
                citations: citations.clone(),
                redacted: Vec::new(),
                relevance: None,
            })
        }));
        bodies.push(Body::Text(Draft {
            text: self.text.clone(),
            hashtags: Vec::new(),
            citations,
        }));
        bodies.extend(post.media.iter().cloned().map(Body::Media));
        bodies.push(Body::Post(post));
        let opinion = self.opinion(call.content_hash());
        let artifacts = bodies.into_iter().map(|body| self.artifact(body, &opinion));
        Case {
            task: self.task(policy),
            artifacts: artifacts.collect(),
            call,
            campaign,
            signal: self.title.map(|title| self.signal(title)),
            first_post: self.first_post,
            was_asked: false,
            moved: None,
            edited: false,
        }
    }

    /// The scores of the line as what they are to the judge: another reader's, which take away and never add.
    fn opinion(&self, content: ContentHash) -> Option<Opinion> {
        let remarks = match &self.scores {
            Ok(scores) if scores.is_empty() => return None,
            Ok(scores) => Ok(scores
                .iter()
                .map(|(check, score)| Remark {
                    check: *check,
                    score: *score,
                    why: "the score of the line".to_owned(),
                })
                .collect()),
            Err(why) => Err(why.clone()),
        };
        Some(Opinion {
            content,
            reader: "the file".to_owned(),
            remarks,
        })
    }

    fn artifact(&self, body: Body, opinion: &Option<Opinion>) -> Artifact {
        let is_post = matches!(body, Body::Post(_));
        Artifact {
            id: ArtifactId::from_uuid(Uuid::nil()),
            task_id: TaskId::from_uuid(Uuid::nil()),
            body,
            // Where nobody says how sure the worker was, the judge alone is measured.
            confidence: self.worker.unwrap_or(Score::ONE),
            provenance: Provenance {
                model: "the file".to_owned(),
                opinion: opinion.clone().filter(|_| is_post),
                ..Provenance::default()
            },
            created_at: Timestamp::from_micros(0),
        }
    }

    fn picture(&self, alt_text: &str) -> Media {
        let look = self.persona.character_reference_id.as_ref();
        Media {
            sha256: ContentHash::of_bytes(alt_text.as_bytes()),
            mime: "image/png".to_owned(),
            bytes: 1,
            width: PIXELS,
            height: PIXELS,
            alt_text: alt_text.to_owned(),
            character_reference_id: look.cloned().unwrap_or_default(),
        }
    }

    fn campaign(&self) -> CampaignSpec {
        CampaignSpec {
            name: "eval".to_owned(),
            goal: String::new(),
            persona: self.persona.slug.clone(),
            channel: self.channel,
            account: format!("@{}", self.persona.slug),
            publish_server: self.channel.as_str().to_owned(),
            budget_usd_max: Usd::ZERO,
        }
    }

    fn signal(&self, title: &str) -> Signal {
        Signal {
            id: SignalId::from_uuid(Uuid::nil()),
            version: StateVersion::FIRST,
            campaign_id: CampaignId::from_uuid(Uuid::nil()),
            trace_id: TraceId::from_uuid(Uuid::nil()),
            item: FeedItem {
                key: "eval".to_owned(),
                title: title.to_owned(),
                summary: self.summary.to_owned(),
                link: self.link.to_owned(),
                published_at: None,
                source: self.source.to_owned(),
                authors: Vec::new(),
                recorded: false,
            },
            ingested_at: Timestamp::from_micros(0),
            stale: false,
            near_duplicate_of: None,
            said: None,
        }
    }

    fn task(&self, policy: &Policy) -> Task {
        Task {
            id: TaskId::from_uuid(Uuid::nil()),
            version: StateVersion::FIRST,
            agent_id: AgentId::from_uuid(Uuid::nil()),
            campaign_id: CampaignId::from_uuid(Uuid::nil()),
            epoch: StateVersion::FIRST,
            signal_id: self.title.map(|_| SignalId::from_uuid(Uuid::nil())),
            trace_id: TraceId::from_uuid(Uuid::nil()),
            plan_attempt: 1,
            attempt: 1,
            spec: TaskSpec {
                kind: TaskKind::Publish,
                modality: None,
                goal: String::new(),
                acceptance: Part::Publish.acceptance(),
                notes: Vec::new(),
                priority: Priority::Medium,
                persona_lock: self.persona.lock(),
                confidence_window: policy.judge.window,
                budget_usd_max: policy.planner.plan_budget_usd_max,
                due_at: None,
                payment: None,
            },
            state: TaskState::Review,
            reason: Reason::Ordinary,
            created_at: Timestamp::from_micros(0),
        }
    }
}

/// The scores a line gives the checks, by name, or all of them by [`ALL`].
fn scores(labels: &Labels, row: &Row) -> Result<Result<Vec<(Check, Score)>, String>, Fault> {
    let mut scores = Vec::new();
    for check in Check::ALL {
        let own = format!("{check}_score");
        let column = if row.has(&own) { own } else { ALL.to_owned() };
        if row.filled(&column) == Some(UNSCORED) {
            return Ok(Err(format!("`{column}` is unscored")));
        }
        let given = labels.score(row, &column)?;
        scores.extend(given.map(|score| (*check, score)));
    }
    Ok(Ok(scores))
}

fn right(labels: &Labels, row: &Row) -> Result<Right, Fault> {
    let route = match row.filled("route").map(str::to_lowercase).as_deref() {
        Some("approve" | "publish") => Some(Route::Approve),
        Some("human" | "review" | "hitl_queue") => Some(Route::HitlQueue),
        Some("reject" | "refuse") => Some(Route::Reject),
        Some(other) => {
            let told = format!("`{other}` is no route (approve, human or reject)");
            return Err(labels.wrong(row, &told));
        }
        None => None,
    };
    let label = labels.flag(row, "label")?;
    if label.is_none() && route.is_none() {
        return Err(labels.wrong(
            row,
            "neither `label` (1: a person would let it out, 0: not) nor `route` (approve, human or reject)",
        ));
    }
    Ok(Right { label, route })
}
