//! From a relevant signal to a task graph: research, text, picture, publish.

use chimera_domain::{
    Ambient, Usd,
    campaign::{CampaignSpec, Channel},
    goal,
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

/// The tasks that a person launched, once more: the same tree under the present persona and rules, with what was wrong.
pub(crate) fn again(
    launched: &[Node],
    persona: &Persona,
    notes: &[String],
    policy: &Policy,
    ambient: &Ambient,
) -> Result<TaskGraph, InvalidGraph> {
    let nodes = launched.iter().map(|node| {
        let mut spec = node.spec.clone();
        spec.notes.extend(notes.iter().cloned());
        spec.persona_lock = persona.lock();
        spec.confidence_window = policy.judge.window;
        // A person may have allowed less than the rules do.
        spec.budget_usd_max = spec.budget_usd_max.min(policy.planner.plan_budget_usd_max);
        Node {
            id: TaskId::from_uuid(ambient.fresh()),
            spec,
            ..node.clone()
        }
    });
    TaskGraph::new(goal::TEMPLATE, nodes.collect())
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
        due_at: None,
        payment: None,
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        goal::{Terms, draft},
        testing::ambient,
    };

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

    // R36: a sound tree becomes one plan a branch, bound to persona, thresholds and caps, in an order that runs; what a
    // person wished for goes with its task, and what the terms do not allow is said.
    #[test]
    fn r36_a_sound_tree_becomes_plans_and_is_made_again_as_it_is() {
        let (ambient, _) = ambient(1);
        let (campaign, persona, policy) = (campaign(), persona(), policy());
        let terms = Terms {
            campaign: &campaign,
            persona: &persona,
            policy: &policy,
            now: ambient.now(),
        };
        let mut tree = draft(
            "Announce linen: mended; woven https://example.org/linen",
            Channel::Twitter,
        )
        .tree;
        tree.branches[0].priority = Priority::High;
        tree.branches[0].tasks[1].wish = "say the price".into();
        let sprouts = tree.sprouts(|_| Ok(terms), || ambient.fresh()).unwrap();
        assert_eq!(sprouts.len(), 2);
        let first = &sprouts[0];
        assert_eq!(first.item.title, "Announce linen: mended");
        let names = |graph: &TaskGraph| -> Vec<String> {
            graph.nodes().iter().map(|n| n.name.clone()).collect()
        };
        assert_eq!(
            names(&first.graph),
            ["research", "text", "image", "publish"]
        );
        for node in first.graph.nodes() {
            assert_eq!(node.spec.persona_lock, persona.lock());
            assert_eq!(node.spec.confidence_window, policy.judge.window);
            assert_eq!(node.spec.priority, Priority::High);
        }
        assert_eq!(first.graph.nodes()[1].spec.notes, ["say the price"]);
        let notes = ["too long".to_owned()];
        let again = again(first.graph.nodes(), &persona, &notes, &policy, &ambient).unwrap();
        assert_eq!(
            (again.template(), names(&again)),
            (goal::TEMPLATE, names(&first.graph))
        );
        assert_ne!(again.nodes()[0].id, first.graph.nodes()[0].id);
        let told: Vec<&String> = again.nodes()[1].spec.notes.iter().collect();
        assert_eq!(told, ["say the price", "too long"]);
        // No look, no picture; and a plan that may cost more than one may is none.
        let told = |persona: &Persona, policy: &Policy| {
            let terms = Terms {
                persona,
                policy,
                ..terms
            };
            let wrong = tree.sprouts(|_| Ok(terms), || ambient.fresh()).unwrap_err();
            wrong[0].to_string()
        };
        let mut faceless = persona.clone();
        faceless.character_reference_id = None;
        assert!(told(&faceless, &policy).contains("no locked look"));
        let mut poor = policy.clone();
        poor.planner.plan_budget_usd_max = Usd::ZERO;
        let cost = tree.branches[0].estimate(&policy, &campaign.publish_server);
        assert!(cost.most.is_some_and(Usd::is_positive), "{cost:?}");
        assert!(told(&persona, &poor).contains("one plan at most 0.00"));
    }

    // R36: with a budget of its own all tasks of a post together stay within it, also when they are made again; a due time
    // goes with what is put out. What cannot be is said.
    #[test]
    fn r36_a_post_has_a_budget_and_a_due_time_of_its_own() {
        let (ambient, _) = ambient(1);
        let (campaign, persona, policy) = (campaign(), persona(), policy());
        let terms = Terms {
            campaign: &campaign,
            persona: &persona,
            policy: &policy,
            now: ambient.now(),
        };
        let mut tree = draft("Say hello https://example.org", Channel::Twitter).tree;
        let estimate = tree.branches[0].estimate(&policy, &campaign.publish_server);
        let least = estimate.most.unwrap();
        let budget = least.checked_add(Usd::from_micros(1_000)).unwrap();
        let due = ambient.now().plus(chimera_domain::Span::from_hours(3));
        tree.branches[0].budget_usd_max = Some(budget);
        tree.branches[0].due_at = Some(due);
        let sprouts = tree.sprouts(|_| Ok(terms), || ambient.fresh()).unwrap();
        let made = again(sprouts[0].graph.nodes(), &persona, &[], &policy, &ambient).unwrap();
        for nodes in [sprouts[0].graph.nodes(), made.nodes()] {
            let caps = nodes.iter().map(|node| node.spec.budget_usd_max.micros());
            let sum: i64 = caps.sum();
            assert!(sum > least.micros() && sum <= budget.micros(), "{sum}");
            let due_of = |name: &str| {
                let node = nodes.iter().find(|node| node.name == name);
                node.and_then(|node| node.spec.due_at)
            };
            assert_eq!((due_of("publish"), due_of("text")), (Some(due), None));
        }
        let told = |budget: Usd, due: chimera_domain::Timestamp| {
            let mut tree = tree.clone();
            tree.branches[0].budget_usd_max = Some(budget);
            tree.branches[0].due_at = Some(due);
            let wrong = tree.sprouts(|_| Ok(terms), || ambient.fresh()).unwrap_err();
            wrong
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        };
        assert!(told(Usd::ZERO, due).contains("and its budget is 0.00"));
        let much = policy.planner.plan_budget_usd_max;
        let much = much.checked_add(Usd::from_micros(1)).unwrap();
        assert!(told(much, due).contains("one plan may cost at most"));
        assert!(told(budget, ambient.now()).contains("post 1: it is due at"));
        let nowhere = tree.sprouts(
            |_| Err("there is no campaign `x`".into()),
            || ambient.fresh(),
        );
        assert_eq!(
            nowhere.unwrap_err()[0].to_string(),
            "post 1: there is no campaign `x`"
        );
    }
}
