//! Decisions made again: from what was stored with them, by the same pure functions, under the same
//! rule or another one. Nothing here reads a store, a clock or what holds today.

use std::collections::BTreeMap;

use chimera_domain::{
    Score,
    basis::{self, StoredDecision, StoredRelevance, StoredSpend, StoredVerdict},
    policy::{ConfidenceWindow, PlannerPolicy, Policy},
    signal::{Relevance, SignalState},
    spend::{IntentState, Limit},
    verdict::{Route, Verdict},
};
use serde_json::Value;

use crate::{
    judge,
    planner::{
        decide::{self, Course},
        plan,
        score::Unscorable,
    },
};

/// What became of making a decision again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Route, scores and reasons are the same.
    Same,
    /// Something is not.
    Different(Vec<Difference>),
    /// It cannot be made again, for this reason.
    Impossible(String),
}

/// One line in which the two differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Which part of the decision.
    pub part: String,
    /// What is stored; `None` when nothing is.
    pub stored: Option<String>,
    /// What came out now; `None` when nothing did.
    pub again: Option<String>,
}

/// Makes a decision again under the rule it was made under.
#[must_use]
pub fn again(decision: &StoredDecision) -> Again {
    match decision {
        StoredDecision::Relevance(stored) => relevance(stored),
        StoredDecision::Verdict(stored) => verdict(stored),
        StoredDecision::Spend(stored) => spend(stored),
    }
}

/// The word for where a decision led.
#[must_use]
pub fn route_of(decision: &StoredDecision) -> &'static str {
    match decision {
        StoredDecision::Relevance(stored) => match stored.state {
            SignalState::Planned | SignalState::Held => PLAN,
            SignalState::Ignored => IGNORE,
            SignalState::Unscored => "unscored",
            SignalState::New => "undecided",
        },
        StoredDecision::Verdict(stored) => stored.routed.as_str(),
        StoredDecision::Spend(stored) => set_aside(stored.state != IntentState::Refused),
    }
}

const PLAN: &str = "plan";
const IGNORE: &str = "ignore";

const fn set_aside(yes: bool) -> &'static str {
    if yes { "reserve" } else { "refuse" }
}

fn relevance(stored: &StoredRelevance) -> Again {
    let Some(found) = &stored.relevance else {
        return unscored(stored);
    };
    let Some(basis) = &found.basis else {
        return Again::Impossible("what it was scored by was not kept with it".to_owned());
    };
    let (Some(persona), Some(policy)) = (&stored.persona, &stored.policy) else {
        let missing = if stored.persona.is_none() {
            format!("persona {}", basis.persona.short())
        } else {
            format!("policy {}", basis.policy.short())
        };
        return Again::Impossible(format!("{missing} is not stored any more"));
    };
    let (again, course) = decide::decide(&stored.signal, persona, &policy.planner);
    let again = again.map(|again| Relevance {
        basis: found.basis.clone(),
        ..again
    });
    let mut lines = Lines::default();
    lines.values("relevance", &Some(found), &again.as_ref());
    let (state, why) = (stored.state, stored.why.as_str());
    match &course {
        Course::Ignore(again) if state == SignalState::Ignored => {
            lines.texts("why", Some(why), Some(again));
        }
        // Which cap held it is not made again: the counts of that moment are not stored.
        Course::Plan if matches!(state, SignalState::Planned | SignalState::Held) => {}
        Course::Plan => lines.texts("route", Some(state.as_str()), Some(PLAN)),
        Course::Ignore(again) => {
            lines.texts("route", Some(state.as_str()), Some(IGNORE));
            lines.texts("why", Some(why), Some(again));
        }
        Course::Unscored(again) => {
            lines.texts("route", Some(state.as_str()), Some("unscored"));
            lines.texts("why", Some(why), Some(again));
        }
    }
    lines.end()
}

/// Without a score there is no basis; what has no words has none under any persona.
fn unscored(stored: &StoredRelevance) -> Again {
    let item = &stored.signal.item;
    if stored.state == SignalState::New {
        return Again::Impossible("nothing was decided on it yet".to_owned());
    }
    if !(item.title.trim().is_empty() && item.summary.trim().is_empty()) {
        return Again::Impossible(
            "a signal without a score does not say which persona it was held against".to_owned(),
        );
    }
    let mut lines = Lines::default();
    lines.texts(
        "why",
        Some(&stored.why),
        Some(&Unscorable::NoText.to_string()),
    );
    lines.end()
}

fn verdict(stored: &StoredVerdict) -> Again {
    let inputs = match &stored.inputs {
        Ok(inputs) => inputs,
        Err(why) => return Again::Impossible(why.clone()),
    };
    let Some(basis) = &stored.verdict.basis else {
        return Again::Impossible("what it was made from was not kept with it".to_owned());
    };
    let (case, persona) = (&inputs.case, inputs.persona.as_ref());
    let mut lines = Lines::default();
    let digest = basis::digest(case, persona, &inputs.policy);
    lines.texts(
        "inputs",
        Some(&basis.digest.to_string()),
        Some(&digest.to_string()),
    );
    let again = Verdict {
        basis: stored.verdict.basis.clone(),
        ..judge::decide(case, persona, &inputs.policy)
    };
    if stored.routed != stored.verdict.route {
        lines.texts(
            "taken route",
            Some(stored.routed.as_str()),
            Some(again.route.as_str()),
        );
    }
    lines.values("verdict", &stored.verdict, &again);
    lines.end()
}

fn spend(stored: &StoredSpend) -> Again {
    let Some(limits) = &stored.limits else {
        return Again::Impossible("what it was held against was not kept with it".to_owned());
    };
    let binding = Limit::binding(limits, stored.estimate);
    let mut lines = Lines::default();
    lines.texts(
        "route",
        Some(set_aside(stored.state != IntentState::Refused)),
        Some(set_aside(binding.is_none())),
    );
    if stored.state == IntentState::Refused {
        let why = binding.map(|limit| limit.refusal(stored.estimate));
        lines.texts("why", Some(&stored.why), why.as_deref());
    }
    lines.end()
}

/// Gathers what differs.
#[derive(Default)]
struct Lines(Vec<Difference>);

impl Lines {
    fn texts(&mut self, part: &str, stored: Option<&str>, again: Option<&str>) {
        if stored != again {
            self.0.push(Difference {
                part: part.to_owned(),
                stored: stored.map(str::to_owned),
                again: again.map(str::to_owned),
            });
        }
    }

    /// Compares two documents leaf by leaf, so that a difference names the line it is in.
    fn values(
        &mut self,
        part: &str,
        stored: &impl serde::Serialize,
        again: &impl serde::Serialize,
    ) {
        let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
        flatten(part, &document(stored), &mut left);
        flatten(part, &document(again), &mut right);
        for (part, was) in &left {
            self.texts(part, Some(was), right.get(part).map(String::as_str));
        }
        for (part, is) in &right {
            if !left.contains_key(part) {
                self.texts(part, None, Some(is));
            }
        }
    }

    fn end(self) -> Again {
        if self.0.is_empty() {
            Again::Same
        } else {
            Again::Different(self.0)
        }
    }
}

/// What cannot be written down differs from everything, so it is told as itself.
fn document(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| Value::String(error.to_string()))
}

fn flatten(at: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                flatten(&format!("{at}.{name}"), field, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (n, item) in items.iter().enumerate() {
                flatten(&format!("{at}[{n}]"), item, out);
            }
        }
        Value::String(text) => {
            out.insert(at.to_owned(), text.clone());
        }
        other => {
            out.insert(at.to_owned(), other.to_string());
        }
    }
}

/// A rule to try on the past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Everything by this policy instead of the one it was decided by.
    pub policy: Option<Policy>,
    /// `thresholds.relevance`.
    pub relevance: Option<Score>,
    /// `thresholds.auto_approve`.
    pub auto_approve: Option<Score>,
    /// `thresholds.human_review`.
    pub human_review: Option<Score>,
}

/// What a decision would have been under another rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// Where it would have led.
    pub route: &'static str,
    /// Why.
    pub why: String,
}

impl Change {
    /// Whether it says anything about what the planner does.
    #[must_use]
    pub const fn is_about_relevance(&self) -> bool {
        self.policy.is_some() || self.relevance.is_some()
    }

    /// Whether it says anything about what the judge does.
    #[must_use]
    pub const fn is_about_verdicts(&self) -> bool {
        self.policy.is_some() || self.auto_approve.is_some() || self.human_review.is_some()
    }

    /// The thresholds of the judge that would have applied in place of these.
    ///
    /// # Errors
    /// When they stand the wrong way round.
    pub fn window(&self, was: ConfidenceWindow) -> Result<ConfidenceWindow, String> {
        let base = self
            .policy
            .as_ref()
            .map_or(was, |policy| policy.judge.window);
        let window = ConfidenceWindow {
            auto_min: self.auto_approve.unwrap_or(base.auto_min),
            human_min: self.human_review.unwrap_or(base.human_min),
        };
        if window.human_min > window.auto_min {
            return Err(format!(
                "human_review {} would be above auto_approve {}",
                window.human_min, window.auto_min
            ));
        }
        Ok(window)
    }

    fn planner(&self, was: &PlannerPolicy) -> PlannerPolicy {
        let base = self.policy.as_ref().map_or(was, |policy| &policy.planner);
        PlannerPolicy {
            relevance_min: self.relevance.unwrap_or(base.relevance_min),
            ..base.clone()
        }
    }

    /// Decides by this rule what was decided by another. Each decision for itself: what would have
    /// followed from a different one before it is not played out.
    ///
    /// # Errors
    /// In words, when it cannot be made again at all, or comes out differently under its own rule.
    pub fn of(&self, decision: &StoredDecision) -> Result<Otherwise, String> {
        match again(decision) {
            Again::Same => {}
            Again::Different(_) => {
                return Err("it comes out differently under its own rule".to_owned());
            }
            Again::Impossible(why) => return Err(why),
        }
        match decision {
            StoredDecision::Relevance(stored) => self.of_relevance(stored),
            StoredDecision::Verdict(stored) => self.of_verdict(stored),
            StoredDecision::Spend(_) => Err("the caps are not tried".to_owned()),
        }
    }

    fn of_relevance(&self, stored: &StoredRelevance) -> Result<Otherwise, String> {
        let (Some(persona), Some(policy)) = (&stored.persona, &stored.policy) else {
            return Err("it has no score under any rule".to_owned());
        };
        let (_, course) = decide::decide(&stored.signal, persona, &self.planner(&policy.planner));
        Ok(match course {
            Course::Plan => Otherwise {
                route: PLAN,
                why: String::new(),
            },
            Course::Ignore(why) => Otherwise { route: IGNORE, why },
            Course::Unscored(why) => return Err(why),
        })
    }

    fn of_verdict(&self, stored: &StoredVerdict) -> Result<Otherwise, String> {
        let inputs = stored.inputs.as_ref().map_err(Clone::clone)?;
        let mut case = inputs.case.clone();
        case.task.spec.confidence_window = self.window(case.task.spec.confidence_window)?;
        let policy = self.policy.as_ref().unwrap_or(&inputs.policy);
        let verdict = judge::decide(&case, inputs.persona.as_ref(), policy);
        Ok(Otherwise {
            route: verdict.route.as_str(),
            why: verdict.reasons.first().cloned().unwrap_or_default(),
        })
    }
}

/// The routes of verdicts and of signals, in the order tables show them.
pub const ROUTES: [&str; 3] = [
    Route::Approve.as_str(),
    Route::HitlQueue.as_str(),
    Route::Reject.as_str(),
];
/// How many tasks a signal becomes.
pub const TASKS_PER_PLAN: u64 = plan::NODES;
/// Where a signal goes.
pub const COURSES: [&str; 2] = [PLAN, IGNORE];
