//! What is wrong with a tree, and the plans that a sound one becomes.

use uuid::Uuid;

use super::{BRANCHES_MAX, Branch, Cost, NAME_MAX, Part, TEMPLATE, Tree, TreeTask, WORDS_MAX};
use crate::{
    Usd,
    campaign::CampaignSpec,
    cfo::PaymentPolicy,
    chain::Units,
    clock::Timestamp,
    ids::TaskId,
    payment::PaymentOrder,
    persona::Persona,
    plan::{Link, Node, TaskGraph, order},
    policy::Policy,
    resource::FeedItem,
    task::TaskSpec,
};

/// What a branch is bound to when it becomes a plan.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The campaign it is for.
    pub campaign: &'a CampaignSpec,
    /// The persona that acts.
    pub persona: &'a Persona,
    /// Thresholds, caps and prices.
    pub policy: &'a Policy,
    /// The present moment: nothing is due before it.
    pub now: Timestamp,
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

    /// The plans of a sound tree, one a branch, each bound to the terms of its campaign.
    ///
    /// # Errors
    /// Everything that is wrong with it, or that these terms do not allow; a branch without terms says why.
    pub fn sprouts<'a>(
        &self,
        terms: impl Fn(&Branch) -> Result<Terms<'a>, String>,
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
            let terms = match terms(branch) {
                Ok(terms) => terms,
                Err(what) => {
                    no(what);
                    continue;
                }
            };
            for what in branch.not_allowed(terms) {
                no(what);
            }
            let caps = branch.caps(terms);
            let nodes = branch.tasks.iter().zip(caps).map(|(task, cap)| Node {
                id: TaskId::from_uuid(fresh()),
                name: task.name.clone(),
                spec: spec(terms, branch, task, cap),
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
    /// What these terms do not allow.
    fn not_allowed(&self, terms: Terms<'_>) -> Vec<String> {
        let mut found = Vec::new();
        let pictured = |task: &TreeTask| matches!(task.part, Part::Image | Part::Video);
        let faceless = terms.persona.character_reference_id.is_none();
        if faceless && self.tasks.iter().any(pictured) {
            let name = &terms.persona.name;
            found.push(format!(
                "{name} has no locked look, so no picture can be made"
            ));
        }
        let most = self
            .estimate(terms.policy, &terms.campaign.publish_server)
            .most;
        let told = most.map_or_else(|| "too much".into(), |most| most.to_string());
        let cap = terms.policy.planner.plan_budget_usd_max;
        if most.is_none_or(|most| most > cap) {
            found.push(format!(
                "it may cost {told} USD, and one plan at most {cap}"
            ));
        }
        if let Some(budget) = self.budget_usd_max {
            if budget > cap {
                found.push(format!(
                    "its budget is {budget} USD, and one plan may cost at most {cap}"
                ));
            } else if most.is_none_or(|most| most > budget) {
                found.push(format!(
                    "it may cost {told} USD, and its budget is {budget}"
                ));
            }
        }
        for task in self.of(Part::Pay) {
            if let Err(what) = payable(&terms.persona.slug, terms.policy.payments.as_ref(), task) {
                found.push(format!("`{}` cannot be paid: {what}", task.name));
            }
        }
        if let Some(due) = self.due_at.filter(|due| *due <= terms.now) {
            let (due, now) = (due.to_rfc3339_seconds(), terms.now.to_rfc3339_seconds());
            found.push(format!("it is due at {due}, and it is {now} now"));
        }
        found
    }

    /// The most each of its tasks may cost, in their order. With a budget of its own, each task that pays has its estimate
    /// and an equal share of the rest, so that all together stay within it.
    fn caps(&self, terms: Terms<'_>) -> Vec<Usd> {
        let Some(budget) = self.budget_usd_max else {
            return vec![terms.policy.planner.plan_budget_usd_max; self.tasks.len()];
        };
        let costs = self.tasks.iter();
        let costs: Vec<Cost> = costs
            .map(|task| task.cost(terms.policy, &terms.campaign.publish_server))
            .collect();
        let paying = costs.iter().filter(|cost| !matches!(cost, Cost::Free));
        let paying = i64::try_from(paying.count()).unwrap_or(i64::MAX).max(1);
        let estimated = self.estimate(terms.policy, &terms.campaign.publish_server);
        let rest = estimated.most.and_then(|most| budget.checked_sub(most));
        let rest = rest.filter(|rest| rest.is_positive()).unwrap_or(Usd::ZERO);
        let share = Usd::from_micros(rest.micros() / paying);
        let cap = |cost: Cost| match cost {
            Cost::Free => Usd::ZERO,
            Cost::Unpriced => share,
            Cost::Most(most) => most.checked_add(share).unwrap_or(most),
        };
        costs.into_iter().map(cap).collect()
    }

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
            if task.part == Part::Pay
                && let Err(what) = PaymentOrder::parse(&task.wish)
            {
                no(&what);
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
        Part::Research | Part::Pay => &[],
        Part::Text | Part::Image | Part::Video => &[Part::Research],
        Part::Publish => &[Part::Text],
    }
}

/// Whether the policy knows what an order means. Whether it may be paid is asked when it is time to.
fn payable(slug: &str, policy: Option<&PaymentPolicy>, task: &TreeTask) -> Result<(), String> {
    let order = PaymentOrder::parse(&task.wish)?;
    let Some(policy) = policy else {
        return Err("budget.yaml says nothing about payments".to_owned());
    };
    let Some(wallet) = policy.agent(slug) else {
        return Err(format!("{slug} has no wallet in budget.yaml"));
    };
    let (asset, label) = (&order.asset, &order.counterparty);
    let known = policy
        .asset(asset)
        .filter(|_| wallet.assets.contains(asset));
    let Some(known) = known else {
        return Err(format!("{slug} may not pay in {asset}"));
    };
    let who = policy.counterparty(label);
    let Some(who) = who else {
        return Err(format!("nobody in budget.yaml is called {label}"));
    };
    if !who.assets.contains(asset) || who.chain != known.chain {
        return Err(format!("{label} takes no {asset}"));
    }
    Units::parse(&order.amount, known.decimals)
        .map(drop)
        .map_err(|error| error.to_string())
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

fn spec(terms: Terms<'_>, branch: &Branch, task: &TreeTask, budget_usd_max: Usd) -> TaskSpec {
    let Terms {
        campaign,
        persona,
        policy,
        now: _,
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
        budget_usd_max,
        due_at: branch.due_at.filter(|_| task.part == Part::Publish),
        payment: (task.part == Part::Pay)
            .then(|| PaymentOrder::parse(&task.wish).ok())
            .flatten(),
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
        authors: Vec::new(),
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

    // R97: a payment in a tree is written as one, and is for somebody whom the policy knows, in something that its agent may pay in.
    #[test]
    fn r97_a_payment_in_a_tree_is_held_against_the_policy_before_it_is_launched() {
        let mut tree = sound();
        tree.branches[0].tasks.push(task("licence", Part::Pay, &[]));
        let told = told(&tree);
        assert!(
            told[0].starts_with("post 1, `licence`: say what is paid:"),
            "{told:?}"
        );
        let payments = crate::testing::payment_policy(Timestamp::from_micros(i64::MAX));
        let wrongs = |slug: &str, policy: Option<&PaymentPolicy>, wish: &str| {
            let mut pays = task("licence", Part::Pay, &[]);
            pays.wish = wish.to_owned();
            payable(slug, policy, &pays)
        };
        let sound = "0.25 USDC to images for a licence";
        assert_eq!(wrongs("fae", Some(&payments), sound), Ok(()));
        let silent = wrongs("fae", None, sound).unwrap_err();
        assert!(silent.contains("says nothing about payments"));
        let poor = wrongs("leo", Some(&payments), sound).unwrap_err();
        assert!(poor.contains("leo has no wallet"));
        for (wish, why) in [
            ("0.25 GOLD to images for a licence", "may not pay in GOLD"),
            (
                "0.25 USDC to nobody for a licence",
                "nobody in budget.yaml is called nobody",
            ),
            ("0.2500001 USDC to images for a licence", "decimals"),
            ("-1 USDC to images for a licence", ""),
        ] {
            let told = wrongs("fae", Some(&payments), wish).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
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
