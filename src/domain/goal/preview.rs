//! What launching a tree would do, before anybody does it: what it costs, how long it takes, how far its posts get.

use super::{Branch, Part, Tree, TreeTask, Wrong};
use crate::{
    Usd, campaign::Channel, mode::Reach, policy::Policy, version::StateVersion, views::Quantiles,
};

/// What one task may cost at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// It pays nobody.
    Free,
    /// What is reserved for its call.
    Most(Usd),
    /// Its tool has no price: nothing is reserved for it, and nothing is known of what it costs.
    Unpriced,
}

/// What something may cost at most, by the prices there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The sum of what is reserved for each call; `None` where it does not fit.
    pub most: Option<Usd>,
    /// What has no price.
    pub unpriced: Vec<Part>,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            most: Some(Usd::ZERO),
            unpriced: Vec::new(),
        }
    }
}

impl Estimate {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.most = self.most.and_then(|sum| sum.checked_add(other.most?));
        self.unpriced.extend(other.unpriced);
        self.unpriced.sort_unstable();
        self.unpriced.dedup();
    }
}

impl TreeTask {
    /// What it may cost at most, published through this server.
    #[must_use]
    pub fn cost(&self, policy: &Policy, publish_server: &str) -> Cost {
        let Some(tool) = self.part.tool() else {
            return Cost::Free;
        };
        let mut prices = policy.budget.prices.iter();
        let price = prices.find(|price| {
            let here = self.part != Part::Publish || price.server == publish_server;
            price.tool == tool && here
        });
        match price {
            // A price that is no amount counts as the largest there is: no cap lets it through.
            Some(price) => Cost::Most(price.estimate().unwrap_or(Usd::from_micros(i64::MAX))),
            None => Cost::Unpriced,
        }
    }
}

impl Branch {
    /// What it may cost at most.
    #[must_use]
    pub fn estimate(&self, policy: &Policy, publish_server: &str) -> Estimate {
        let mut estimate = Estimate::default();
        for task in &self.tasks {
            match task.cost(policy, publish_server) {
                Cost::Free => {}
                Cost::Most(most) => {
                    estimate.most = estimate.most.and_then(|sum| sum.checked_add(most));
                }
                Cost::Unpriced => estimate.unpriced.push(task.part),
            }
        }
        estimate
    }
}

/// What one post would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostPreview {
    /// Its campaign by name.
    pub campaign: String,
    /// Who speaks; empty where there is no such campaign.
    pub persona: String,
    /// As which account.
    pub account: String,
    /// On which platform, and how far that gets; `None` where there is no such campaign.
    pub place: Option<(Channel, Reach)>,
    /// What it may cost at most.
    pub estimate: Estimate,
    /// What each of its tasks may, in their order.
    pub costs: Vec<Cost>,
}

/// How long things took here lately. Nothing is made up where nothing was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lasts {
    /// From the start of a post's first task to its verdict.
    pub to_verdict: Option<Quantiles>,
    /// From a question to its answer by a person.
    pub to_answer: Option<Quantiles>,
}

impl Lasts {
    /// In words, as medians with what they were measured on.
    #[must_use]
    pub fn told(&self) -> String {
        let of = |q: Quantiles| {
            let time = crate::views::objectives::time(q.p50_us);
            format!("{time} (the median of {})", q.n)
        };
        let verdict = self.to_verdict.map_or_else(
            || "how long a post takes is not known: none was judged here lately".to_owned(),
            |q| format!("a post takes {} from its start to its verdict", of(q)),
        );
        match self.to_answer {
            Some(q) => format!(
                "{verdict}; an answer by a person, where one is asked, {}",
                of(q)
            ),
            None => format!("{verdict}; an answer by a person is not counted in"),
        }
    }
}

/// What launching would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The version of the proposal that was looked at.
    pub version: StateVersion,
    /// The campaign by name.
    pub campaign: String,
    /// Each post, in their order.
    pub posts: Vec<PostPreview>,
    /// What it may cost at most.
    pub estimate: Estimate,
    /// The caps it is held against: name, cap, and what is left of it now.
    pub caps: Vec<(String, Usd, Usd)>,
    /// How long it takes.
    pub lasts: Lasts,
    /// How far the post that gets farthest gets.
    pub reach: Reach,
    /// What is decided about each post, in words.
    pub approval: String,
    /// Why it cannot be launched now, with the place; empty when it can.
    pub wrong: Vec<Wrong>,
}

impl Preview {
    /// What must be typed to launch it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        super::word(self.reach)
    }
}

impl Tree {
    /// The campaigns it names beside the proposal's own, each once.
    #[must_use]
    pub fn campaigns(&self) -> Vec<&str> {
        let mut named: Vec<&str> = Vec::new();
        for branch in &self.branches {
            let name = branch.campaign.trim();
            if !name.is_empty() && !named.contains(&name) {
                named.push(name);
            }
        }
        named
    }
}
