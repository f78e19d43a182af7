//! What is wrong with a tree, and the plans that a sound one becomes.

use uuid::Uuid;

use super::{BRANCHES_MAX, Branch, NAME_MAX, Part, TEMPLATE, Tree, TreeTask, WORDS_MAX};
use crate::{
    campaign::CampaignSpec,
    ids::TaskId,
    persona::Persona,
    plan::{Link, Node, TaskGraph, order},
    policy::Policy,
    resource::FeedItem,
    task::TaskSpec,
};

/// What a tree is bound to when it becomes plans.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The campaign it is for.
    pub campaign: &'a CampaignSpec,
    /// The persona that acts.
    pub persona: &'a Persona,
    /// Thresholds, caps and prices.
    pub policy: &'a Policy,
}

/// One thing that is wrong with a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", place(*.branch, .task))]
pub struct Wrong {
    /// Which branch, from 0; `None` for the tree.
    pub branch: Option<usize>,
    /// Which task of it, by name; empty for the branch.
    pub task: String,
    /// What.
    pub what: String,
}

fn place(branch: Option<usize>, task: &str) -> String {
    match branch {
        None => String::new(),
        Some(branch) if task.is_empty() => format!("post {}: ", branch + 1),
        Some(branch) => format!("post {}, `{task}`: ", branch + 1),
    }
}

/// A branch that is sound: what it answers, and its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sprout {
    /// What stands for it in the feed of what was perceived.
    pub item: FeedItem,
    /// Its tasks.
    pub graph: TaskGraph,
}

impl Tree {
    /// Everything that is wrong with it, whatever it is launched for.
    #[must_use]
    pub fn wrongs(&self) -> Vec<Wrong> {
        let mut found = Vec::new();
        let mut tree = |what: String| {
            found.push(Wrong {
                branch: None,
                task: String::new(),
                what,
            });
        };
        if let Err(what) = words("goal", &self.goal, 1) {
            tree(what);
        }
        match self.branches.len() {
            0 => tree("there is no post in it".into()),
            1..=BRANCHES_MAX => {}
            n => tree(format!("it has {n} posts (at most {BRANCHES_MAX})")),
        }
        for (at, branch) in self.branches.iter().enumerate() {
            found.extend(branch.wrongs().into_iter().map(|(task, what)| Wrong {
                branch: Some(at),
                task,
                what,
            }));
        }
        found
    }

    /// The plans of a sound tree, one a branch, each task bound to these terms.
    ///
    /// # Errors
    /// Everything that is wrong with it, or that these terms do not allow.
    pub fn sprouts(
        &self,
        terms: Terms<'_>,
        mut fresh: impl FnMut() -> Uuid,
    ) -> Result<Vec<Sprout>, Vec<Wrong>> {
        let mut wrong = self.wrongs();
        let mut sprouts = Vec::new();
        for (at, branch) in self.branches.iter().enumerate() {
            let mut no = |what: String| {
                wrong.push(Wrong {
                    branch: Some(at),
                    task: String::new(),
                    what,
                });
            };
            let pictured = |task: &TreeTask| matches!(task.part, Part::Image | Part::Video);
            let faceless = terms.persona.character_reference_id.is_none();
            if faceless && branch.tasks.iter().any(pictured) {
                let name = &terms.persona.name;
                no(format!(
                    "{name} has no locked look, so no picture can be made"
                ));
            }
            let cap = terms.policy.planner.plan_budget_usd_max;
            let estimate = branch.estimate(terms.policy, &terms.campaign.publish_server);
            if estimate.most.is_none_or(|most| most > cap) {
                let most = estimate
                    .most
                    .map_or_else(|| "too much".into(), |m| m.to_string());
                no(format!(
                    "it may cost {most} USD, and one plan at most {cap}"
                ));
            }
            let nodes = branch.tasks.iter().map(|task| Node {
                id: TaskId::from_uuid(fresh()),
                name: task.name.clone(),
                spec: spec(terms, branch, task),
                after: task.after.clone(),
            });
            if let Ok(graph) = TaskGraph::new(TEMPLATE, nodes.collect()) {
                sprouts.push(Sprout {
                    item: item(branch),
                    graph,
                });
            }
        }
        if wrong.is_empty() {
            Ok(sprouts)
        } else {
            Err(wrong)
        }
    }
}

impl Branch {
    fn wrongs(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut branch = |what: String| found.push((String::new(), what));
        for (name, text, least) in [
            ("title", &self.title, 1),
            ("summary", &self.summary, 0),
            ("link", &self.link, 0),
        ] {
            if let Err(what) = words(name, text, least) {
                branch(what);
            }
        }
        let addressed = ["https://", "http://"];
        if self.link.is_empty() {
            branch("it has no link, and the judge refuses what cites nothing".into());
        } else if !addressed.iter().any(|way| self.link.starts_with(way)) {
            branch("its link is no address (https://…)".into());
        }
        let publish: Vec<&TreeTask> = self.of(Part::Publish).collect();
        if publish.len() != 1 {
            branch(format!(
                "it publishes {} times, and a post goes out once",
                publish.len()
            ));
        }
        // The rules of every plan: no cycle, nothing missing, nothing twice, not too deep.
        let links: Vec<Link<'_>> = self
            .tasks
            .iter()
            .map(|task| (task.name.as_str(), &*task.after))
            .collect();
        if let Err(no_plan) = order(&links) {
            branch(no_plan.to_string());
            return found;
        }
        for task in &self.tasks {
            let mut no = |what: &str| found.push((task.name.clone(), what.to_owned()));
            if let Err(what) = words("wish", &task.wish, 0) {
                no(&what);
            }
            if words("name", &task.name, 1).is_err() || task.name.chars().count() > NAME_MAX {
                no("its name is empty or too long");
            }
            let waited = self
                .tasks
                .iter()
                .any(|other| other.after.contains(&task.name));
            if task.part == Part::Publish && waited {
                no("nothing can wait for what goes out");
            }
            for needed in needs(task.part) {
                if !self.is_after(task, *needed) {
                    no(&format!(
                        "it must wait for a `{needed}`, which it is made from"
                    ));
                }
            }
        }
        found
    }

    fn of(&self, part: Part) -> impl Iterator<Item = &TreeTask> {
        self.tasks.iter().filter(move |task| task.part == part)
    }

    /// Whether a task waits, through whatever lies between, for one of this kind.
    fn is_after(&self, task: &TreeTask, part: Part) -> bool {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&TreeTask> = vec![task];
        while let Some(next) = open.pop() {
            for name in &next.after {
                if seen.contains(&name.as_str()) {
                    continue;
                }
                seen.push(name);
                let Some(parent) = self.tasks.iter().find(|task| task.name == *name) else {
                    continue;
                };
                if parent.part == part {
                    return true;
                }
                open.push(parent);
            }
        }
        false
    }
}

/// What a task of a kind is made from.
const fn needs(part: Part) -> &'static [Part] {
    match part {
        Part::Research => &[],
        Part::Text | Part::Image | Part::Video => &[Part::Research],
        Part::Publish => &[Part::Text],
    }
}

fn words(name: &str, text: &str, least: usize) -> Result<(), String> {
    let count = text.trim().chars().count();
    if count < least {
        return Err(format!("its {name} is empty"));
    }
    if count > WORDS_MAX {
        return Err(format!(
            "its {name} has {count} characters (at most {WORDS_MAX})"
        ));
    }
    Ok(())
}

fn spec(terms: Terms<'_>, branch: &Branch, task: &TreeTask) -> TaskSpec {
    let Terms {
        campaign,
        persona,
        policy,
    } = terms;
    let mut goal = task.part.wish(
        &branch.title,
        &persona.name,
        campaign.channel,
        &campaign.account,
    );
    // What a person asks for goes to the tools where they look for what to mind.
    let wish = task.wish.trim();
    let notes = if wish.is_empty() {
        Vec::new()
    } else {
        goal.push_str(". ");
        goal.push_str(wish);
        vec![wish.to_owned()]
    };
    TaskSpec {
        kind: task.part.kind(),
        modality: task.part.modality(),
        goal,
        acceptance: task.part.acceptance(),
        notes,
        priority: branch.priority,
        persona_lock: persona.lock(),
        confidence_window: policy.judge.window,
        budget_usd_max: policy.planner.plan_budget_usd_max,
    }
}

fn item(branch: &Branch) -> FeedItem {
    FeedItem {
        key: String::new(),
        title: branch.title.trim().to_owned(),
        summary: branch.summary.trim().to_owned(),
        link: branch.link.trim().to_owned(),
        published_at: None,
        source: "operator".to_owned(),
        recorded: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{campaign::Channel, goal::draft};

    fn sound() -> Tree {
        draft(
            "Announce linen: mended; woven https://example.org/linen",
            Channel::Twitter,
        )
        .tree
    }

    fn task(name: &str, part: Part, after: &[&str]) -> TreeTask {
        TreeTask {
            name: name.into(),
            part,
            wish: String::new(),
            after: after.iter().map(|&name| name.into()).collect(),
        }
    }

    fn told(tree: &Tree) -> Vec<String> {
        tree.wrongs().iter().map(ToString::to_string).collect()
    }

    // R13, R36: an edited tree is held against the rules of every plan and against what each kind is made from, and says
    // where it breaks which.
    #[test]
    fn r36_what_is_wrong_with_a_tree_is_said_with_its_place() {
        assert_eq!(told(&sound()), [""; 0]);
        let check = |edit: fn(&mut Tree), wanted: &[&str]| {
            let mut tree = sound();
            edit(&mut tree);
            assert_eq!(told(&tree), wanted);
        };
        check(|tree| tree.goal = "  ".into(), &["its goal is empty"]);
        check(|tree| tree.branches.clear(), &["there is no post in it"]);
        check(
            |tree| tree.branches[1].tasks[0].after = vec!["publish".into()],
            &["post 2: the plan has a cycle: research -> publish -> text -> research"],
        );
        check(
            |tree| tree.branches[0].tasks[1].after = vec!["ghost".into()],
            &["post 1: node `text` waits for `ghost`, which is not in the plan"],
        );
        check(
            |tree| tree.branches[0].tasks[1].after.clear(),
            &[
                "post 1, `text`: it must wait for a `research`, which it is made from",
                "post 1, `image`: it must wait for a `research`, which it is made from",
            ],
        );
        check(
            |tree| {
                let tasks = &mut tree.branches[0].tasks;
                tasks.retain(|task| task.part != Part::Publish);
            },
            &["post 1: it publishes 0 times, and a post goes out once"],
        );
        check(
            |tree| {
                let late = task("late", Part::Image, &["research", "publish"]);
                tree.branches[0].tasks.push(late);
            },
            &["post 1, `publish`: nothing can wait for what goes out"],
        );
        check(
            |tree| tree.branches[0].link = "javascript:alert(1)".into(),
            &["post 1: its link is no address (https://…)"],
        );
        check(
            |tree| tree.branches[0].link.clear(),
            &["post 1: it has no link, and the judge refuses what cites nothing"],
        );
        check(
            |tree| tree.branches[0].title = "x".repeat(WORDS_MAX + 1),
            &["post 1: its title has 501 characters (at most 500)"],
        );
        check(
            |tree| tree.branches[0].tasks[0].name = "n".repeat(NAME_MAX + 1),
            &["post 1: node `text` waits for `research`, which is not in the plan"],
        );
    }
}
