//! From a relevant signal to a task graph: research, text, picture, publish.

use chimera_domain::{
    Ambient, Usd,
    campaign::{CampaignSpec, Channel},
    ids::TaskId,
    persona::Persona,
    plan::{InvalidGraph, Node, TaskGraph},
    policy::Policy,
    resource::FeedItem,
    task::{Modality, Priority, TaskKind, TaskSpec},
};

/// The template's name and version; part of a plan's identity.
const TEMPLATE: &str = "post/1";

/// How many tasks a plan has.
pub(crate) const NODES: u64 = 4;

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief<'a> {
    pub(crate) item: &'a FeedItem,
    pub(crate) campaign: &'a CampaignSpec,
    pub(crate) persona: &'a Persona,
    /// What was wrong with the attempt before.
    pub(crate) notes: &'a [String],
}

/// The tasks for one post.
pub(crate) fn plan(
    brief: Brief<'_>,
    policy: &Policy,
    ambient: &Ambient,
) -> Result<TaskGraph, InvalidGraph> {
    let picture = match brief.campaign.channel {
        Channel::Tiktok => ("video", Modality::Video),
        Channel::Twitter
        | Channel::Instagram
        | Channel::Threads
        | Channel::Bluesky
        | Channel::Mastodon
        | Channel::Blog => ("image", Modality::Image),
    };
    let budget = policy.planner.plan_budget_usd_max;
    let node =
        |name: &str, kind, modality, goal: String, acceptance: Vec<String>, after: &[&str]| Node {
            id: TaskId::from_uuid(ambient.fresh()),
            name: name.to_owned(),
            spec: spec(brief, policy, budget, kind, modality, goal, acceptance),
            after: after.iter().map(|&name| name.to_owned()).collect(),
        };
    let title = &brief.item.title;
    let channel = brief.campaign.channel;
    TaskGraph::new(
        TEMPLATE,
        vec![
            node(
                "research",
                TaskKind::ResearchTrend,
                None,
                format!("Gather facts and sources on: {title}"),
                vec!["cites its source".into()],
                &[],
            ),
            node(
                "text",
                TaskKind::GenerateContent,
                Some(Modality::Text),
                format!(
                    "Write a {channel} post as {} on: {title}",
                    brief.persona.name
                ),
                vec![
                    "names the trend".into(),
                    "links the source".into(),
                    "carries the disclosure".into(),
                ],
                &["research"],
            ),
            node(
                picture.0,
                TaskKind::GenerateContent,
                Some(picture.1),
                format!(
                    "Make a picture in {}'s visual identity for: {title}",
                    brief.persona.name
                ),
                vec![
                    "has an alternative text".into(),
                    "keeps the character reference".into(),
                ],
                &["text"],
            ),
            node(
                "publish",
                TaskKind::Publish,
                None,
                format!("Publish to {} on {channel}", brief.campaign.account),
                vec![
                    "names the trend".into(),
                    "links the source".into(),
                    "carries the disclosure".into(),
                ],
                &["text", picture.0],
            ),
        ],
    )
}

fn spec(
    brief: Brief<'_>,
    policy: &Policy,
    budget_usd_max: Usd,
    kind: TaskKind,
    modality: Option<Modality>,
    goal: String,
    acceptance: Vec<String>,
) -> TaskSpec {
    TaskSpec {
        kind,
        modality,
        goal,
        acceptance,
        notes: brief.notes.to_vec(),
        priority: Priority::Medium,
        persona_lock: brief.persona.lock(),
        confidence_window: policy.judge.window,
        budget_usd_max,
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::testing::ambient;

    use super::*;
    use crate::testing::{campaign, item, persona, policy};

    // T048, T056: a trend becomes research, text, picture, publish, all bound to the persona version and the thresholds.
    #[test]
    fn t048_a_trend_becomes_research_text_picture_publish() {
        let (ambient, _) = ambient(1);
        let (item, persona, policy) = (item("Linen", ""), persona(), policy());
        for (channel, picture) in [(Channel::Twitter, "image"), (Channel::Tiktok, "video")] {
            let campaign = CampaignSpec {
                channel,
                ..campaign()
            };
            let notes = vec!["too long".to_owned()];
            let graph = plan(
                Brief {
                    item: &item,
                    campaign: &campaign,
                    persona: &persona,
                    notes: &notes,
                },
                &policy,
                &ambient,
            )
            .unwrap();
            let names: Vec<_> = graph.nodes().iter().map(|n| n.name.as_str()).collect();
            assert_eq!(names, ["research", "text", picture, "publish"]);
            assert_eq!(names.len() as u64, NODES);
            for node in graph.nodes() {
                assert_eq!(node.spec.persona_lock, persona.lock());
                assert_eq!(node.spec.confidence_window, policy.judge.window);
                assert_eq!(node.spec.budget_usd_max, policy.planner.plan_budget_usd_max);
                assert_eq!(node.spec.notes, notes);
            }
        }
    }
}
