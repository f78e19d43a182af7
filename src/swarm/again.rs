//! Decisions made again: from what was stored with them, by the same pure functions, under the same
//! rule or another one. Nothing here reads a store, a clock or what holds today.

mod lines;

use std::sync::Arc;

use chimera_domain::{
    ContentHash, Score,
    basis::{self, StoredDecision, StoredRelevance, StoredSpend, StoredVerdict, VerdictBasis},
    lesson::Lessons,
    persona::Persona,
    policy::{ConfidenceWindow, PlannerPolicy, Policy},
    signal::{Relevance, SignalState},
    spend::{IntentState, Limit},
    text::plain,
    verdict::{Route, Verdict},
};
use chimera_minds::relevance::{self as scorer, Learned, Unscorable};

use self::lines::Lines;
use crate::{
    judge::{self, Detectors},
    planner::{
        decide::{self, Course, Screen},
        plan,
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
    if !scorer::has(&found.method) {
        return Again::Impossible(format!(
            "it was scored by `{}`, which this build no longer has",
            found.method
        ));
    }
    let (Some(persona), Some(policy)) = (&stored.persona, &stored.policy) else {
        let missing = if stored.persona.is_none() {
            format!("persona {}", basis.persona.short())
        } else {
            format!("policy {}", basis.policy.short())
        };
        return Again::Impossible(format!("{missing} is not stored any more"));
    };
    let screen = match Screen::named(basis.screen.as_deref()) {
        Ok(screen) => screen,
        Err(other) => return Again::Impossible(unknown("screened", other)),
    };
    let learned = match learned(stored, persona) {
        Ok(learned) => learned,
        Err(why) => return Again::Impossible(why),
    };
    let (again, course) = decide::decide_with(
        &stored.signal,
        persona,
        &policy.planner,
        learned.as_deref(),
        (screen, &stored.mutes),
    );
    let again = again.map(|again| Relevance {
        basis: found.basis.clone(),
        ..again
    });
    if stored.mutes.len() != basis.mutes.len() {
        return Again::Impossible("a mute that was in force is not stored any more".to_owned());
    }
    let mut lines = Lines::default();
    let digest = |lessons: Option<ContentHash>| lessons.map(|digest| digest.to_string());
    lines.texts(
        "lessons",
        digest(basis.lessons.map(|named| named.digest)).as_deref(),
        digest(stored.lessons.as_ref().map(Lessons::digest)).as_deref(),
    );
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

/// What people's decisions had taught when it was made, from exactly those.
fn learned(stored: &StoredRelevance, persona: &Persona) -> Result<Option<Arc<Learned>>, String> {
    let lessons = stored.lessons.as_ref();
    let learned = lessons.map(|lessons| scorer::learned(persona, lessons));
    let learned = learned.transpose().map_err(|error| error.to_string())?;
    Ok(learned.flatten())
}

fn unknown(verb: &str, by: &str) -> String {
    format!(
        "it was {verb} by `{}`, which this version does not have",
        plain(by, 80)
    )
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
    let detectors = match Detectors::named(basis.detectors.as_deref()) {
        Ok(detectors) => detectors,
        Err(other) => return Again::Impossible(unknown("read", other)),
    };
    let mut lines = Lines::default();
    if basis.v == VerdictBasis::SHAPE {
        let digest = basis::digest(case, persona, &inputs.policy);
        lines.texts(
            "inputs",
            Some(&basis.digest.to_string()),
            Some(&digest.to_string()),
        );
    }
    let again = Verdict {
        basis: stored.verdict.basis.clone(),
        ..judge::decide_with(case, persona, &inputs.policy, detectors)
    };
    lines.texts(
        "taken route",
        Some(stored.routed.as_str()),
        Some(again.route.as_str()),
    );
    lines.values("verdict", &stored.verdict, &again);
    lines.end()
}

fn spend(stored: &StoredSpend) -> Again {
    let Some(limits) = &stored.limits else {
        return Again::Impossible(
            "a halt refused it, or what it was held against was not kept".to_owned(),
        );
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
        let basis = stored
            .relevance
            .as_ref()
            .and_then(|found| found.basis.as_ref());
        let screen = Screen::named(basis.and_then(|basis| basis.screen.as_deref()))
            .map_err(|other| unknown("screened", other))?;
        let planner = self.planner(&policy.planner);
        let learned = learned(stored, persona)?;
        let (_, course) = decide::decide_with(
            &stored.signal,
            persona,
            &planner,
            learned.as_deref(),
            (screen, &stored.mutes),
        );
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
        let basis = stored.verdict.basis.as_ref();
        let detectors = Detectors::named(basis.and_then(|basis| basis.detectors.as_deref()))
            .map_err(|other| unknown("read", other))?;
        let verdict = judge::decide_with(&case, inputs.persona.as_ref(), policy, detectors);
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

#[cfg(test)]
mod tests {
    use chimera_domain::{
        StateVersion, Timestamp, Usd,
        basis::{JudgeInputs, RelevanceBasis},
        ids::{AgentId, IntentId, SignalId, VerdictId},
        lesson::Lesson,
        signal::Said,
        testing::uuid_of,
        verdict::Case,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{case, persona, policy, signal};

    fn kept(case: Case, persona: Option<Persona>, policy: Policy) -> StoredVerdict {
        let verdict = Verdict {
            basis: Some(VerdictBasis {
                detectors: Some(judge::DETECTORS.to_owned()),
                ..VerdictBasis::of(&case, persona.as_ref(), &policy)
            }),
            ..judge::decide(&case, persona.as_ref(), &policy)
        };
        StoredVerdict {
            id: VerdictId::from_uuid(uuid_of(1)),
            at: Timestamp::from_micros(0),
            task: case.task.id,
            routed: verdict.route,
            verdict,
            inputs: Ok(JudgeInputs {
                case,
                persona,
                policy,
            }),
            ticket: None,
        }
    }

    fn again_of(stored: StoredVerdict) -> Again {
        again(&StoredDecision::Verdict(Box::new(stored)))
    }

    fn sure(ppm: u32) -> Case {
        let mut case = case();
        for artifact in &mut case.artifacts {
            artifact.confidence = Score::from_ppm(ppm).unwrap();
        }
        case
    }

    fn parts(again: &Again) -> Vec<&str> {
        match again {
            Again::Different(lines) => lines.iter().map(|line| line.part.as_str()).collect(),
            Again::Same | Again::Impossible(_) => Vec::new(),
        }
    }

    type Tamper = fn(&mut JudgeInputs);

    // R167: whatever of the inputs was changed since is found, also where it changes no route.
    #[test]
    fn r167_a_changed_input_is_found() {
        let tampers: &[Tamper] = &[
            |i| i.case.artifacts[1].confidence = Score::from_percent(96),
            |i| i.case.artifacts.truncate(2),
            |i| i.case.first_post = true,
            |i| i.case.was_asked = true,
            |i| i.case.moved = Some("budget: no room".into()),
            |i| i.case.campaign.goal.push('!'),
            |i| i.case.call.post.text.push('!'),
            |i| i.case.task.spec.acceptance.clear(),
            |i| i.case.signal.as_mut().unwrap().item.title.push('!'),
            |i| i.persona.as_mut().unwrap().directives.push("x".into()),
            |i| i.policy.judge.blocked_phrases.clear(),
        ];
        let stored = kept(case(), Some(persona()), policy());
        assert_eq!(again_of(stored.clone()), Again::Same);
        for (n, tamper) in tampers.iter().enumerate() {
            let mut stored = stored.clone();
            tamper(stored.inputs.as_mut().unwrap());
            let again = again_of(stored);
            assert!(parts(&again).contains(&"inputs"), "{n}: {again:?}");
        }
        // What changes nothing the judge looks at is no difference.
        let mut later = stored;
        let inputs = later.inputs.as_mut().unwrap();
        inputs.case.task.version = StateVersion::new(9).unwrap();
        inputs.policy.planner.plans_per_day_max = 1;
        assert_eq!(again_of(later), Again::Same);
    }

    // R167: a verdict that was edited differs in exactly the lines that were, and a route that was not
    // the verdict's is found too.
    #[test]
    fn r167_an_edited_verdict_differs_in_its_lines() {
        let mut stored = kept(sure(800_000), Some(persona()), policy());
        stored.verdict.route = Route::Approve;
        stored.verdict.reasons[0] = "trust me".into();
        let again = again_of(stored.clone());
        assert_eq!(parts(&again), ["verdict.reasons[0]", "verdict.route"]);
        stored.routed = Route::Approve;
        let again = again_of(stored.clone());
        assert_eq!(parts(&again)[0], "taken route");
        stored.verdict.basis = None;
        assert!(matches!(again_of(stored), Again::Impossible(_)));
    }

    fn scored(relevance_min: u32) -> StoredRelevance {
        taught(relevance_min, None)
    }

    fn taught(relevance_min: u32, lessons: Option<Lessons>) -> StoredRelevance {
        let (signal, persona, mut policy) = (signal(), persona(), policy());
        policy.planner.relevance_min = Score::from_percent(relevance_min);
        let learned = lessons.as_ref();
        let learned = learned.and_then(|lessons| scorer::learned(&persona, lessons).unwrap());
        let (relevance, course) =
            decide::decide(&signal, &persona, &policy.planner, learned.as_deref(), &[]);
        let basis = RelevanceBasis {
            persona: persona.hash,
            policy: policy.hash,
            screen: Some(decide::SCREEN.to_owned()),
            lessons: lessons.as_ref().and_then(Lessons::named),
            mutes: vec![],
        };
        let (state, why) = match course {
            Course::Ignore(why) => (SignalState::Ignored, why),
            Course::Plan | Course::Unscored(_) => (SignalState::Planned, String::new()),
        };
        StoredRelevance {
            signal,
            state,
            why,
            relevance: relevance.map(|relevance| Relevance {
                basis: Some(basis),
                ..relevance
            }),
            persona: Some(persona),
            policy: Some(policy),
            lessons,
            mutes: vec![],
        }
    }

    // R30, R167: a score that was learned is learned again from exactly the lessons it names: with one of them more,
    // fewer or turned round it is told to differ, as is one whose lessons are not there.
    #[test]
    fn r167_what_was_learned_is_learned_again_from_the_same_lessons() {
        let agent = AgentId::from_uuid(uuid_of(5));
        let of = |said: &[(u128, Said)]| {
            let line = |(n, said): &(u128, Said)| Lesson {
                signal: SignalId::from_uuid(uuid_of(*n)),
                said: *said,
                title: format!("Sneaker number {n} in linen"),
                summary: String::new(),
            };
            Lessons::new(agent, 2, said.iter().map(line).collect())
        };
        let stored = taught(75, Some(of(&[(1, Said::Dropped), (2, Said::Dropped)])));
        let found = stored.relevance.as_ref().unwrap();
        assert!(found.method.ends_with("after decisions: 2"), "{found:?}");
        assert!(found.score < scored(75).relevance.unwrap().score);
        let again_of = |lessons: Option<Lessons>| {
            let mut stored = stored.clone();
            stored.lessons = lessons;
            again(&StoredDecision::Relevance(Box::new(stored)))
        };
        assert_eq!(again_of(stored.lessons.clone()), Again::Same);
        for other in [
            None,
            Some(of(&[(1, Said::Dropped)])),
            Some(of(&[(1, Said::Dropped), (2, Said::Kept)])),
            Some(of(&[(1, Said::Dropped), (3, Said::Dropped)])),
        ] {
            let again = again_of(other.clone());
            assert!(parts(&again).contains(&"lessons"), "{other:?}: {again:?}");
        }
        // One that was made before anything was learned has none, and is made again without.
        let before = scored(75);
        assert_eq!(
            before
                .relevance
                .as_ref()
                .unwrap()
                .basis
                .as_ref()
                .unwrap()
                .lessons,
            None
        );
        let before = StoredDecision::Relevance(Box::new(before));
        assert_eq!(again(&before), Again::Same);
    }

    // R167: a signal is scored and left or planned again as it was; another score, another reason or
    // another item is a difference, and what has no basis is told to have none.
    #[test]
    fn r167_a_signal_is_decided_again() {
        let again_of =
            |stored: &StoredRelevance| again(&StoredDecision::Relevance(Box::new(stored.clone())));
        for least in [75, 100] {
            let stored = scored(least);
            assert_eq!(again_of(&stored), Again::Same, "{least}");
            let mut held = stored.clone();
            held.state = SignalState::Held;
            let same = stored.state == SignalState::Planned;
            assert_eq!(again_of(&held) == Again::Same, same);
            let mut other = stored.clone();
            other.signal.item.title = "Nothing of interest".into();
            assert!(matches!(again_of(&other), Again::Different(_)));
            let mut other = stored.clone();
            other.relevance.as_mut().unwrap().score = Score::ZERO;
            assert_eq!(parts(&again_of(&other)), ["relevance.score"]);
            let mut old = stored.clone();
            old.relevance.as_mut().unwrap().method = "lexical/2".into();
            assert!(matches!(again_of(&old), Again::Impossible(_)));
            old = stored.clone();
            old.relevance.as_mut().unwrap().basis = None;
            assert!(matches!(again_of(&old), Again::Impossible(_)));
            old = stored;
            old.persona = None;
            assert!(matches!(again_of(&old), Again::Impossible(_)));
        }
    }

    // R167: a refusal of money is the same comparison again; a limit that was changed since is found.
    #[test]
    fn r167_a_refusal_of_money_is_made_again() {
        let limit = Limit {
            limit: "agent_day".into(),
            cap: Usd::from_micros(100),
            used: Usd::from_micros(60),
        };
        let estimate = Usd::from_micros(41);
        let stored = StoredSpend {
            id: IntentId::from_uuid(uuid_of(1)),
            at: Timestamp::from_micros(0),
            state: IntentState::Refused,
            why: limit.refusal(estimate),
            estimate,
            limits: Some(vec![limit]),
        };
        assert_eq!(again(&StoredDecision::Spend(stored.clone())), Again::Same);
        let mut raised = stored.clone();
        raised.limits.as_mut().unwrap()[0].cap = Usd::from_micros(101);
        let again_raised = again(&StoredDecision::Spend(raised));
        assert_eq!(parts(&again_raised), ["route", "why"]);
        let unkept = StoredSpend {
            limits: None,
            ..stored
        };
        assert!(matches!(
            again(&StoredDecision::Spend(unkept)),
            Again::Impossible(_)
        ));
    }

    // R54, R167: a decision is made again by the detectors that made it: without any where there were none, and not at all
    // by those that this build does not have.
    #[test]
    fn r167_a_decision_is_made_again_by_its_own_detectors() {
        let mut case = sure(950_000);
        case.call.post.text.push_str(" chemotherapy");
        let now = kept(case.clone(), Some(persona()), policy());
        assert!(!now.verdict.sensitive.is_empty());
        assert_eq!(again_of(now.clone()), Again::Same);
        let (persona, policy) = (persona(), policy());
        let mut before = now.clone();
        before.verdict = Verdict {
            basis: Some(VerdictBasis::of(&case, Some(&persona), &policy)),
            ..judge::decide_with(&case, Some(&persona), &policy, Detectors::None)
        };
        before.routed = before.verdict.route;
        assert_eq!(before.verdict.sensitive, vec![]);
        assert_eq!(again_of(before), Again::Same);
        let mut other = now;
        other.verdict.basis.as_mut().unwrap().detectors = Some("subjects/0".into());
        assert!(matches!(again_of(other), Again::Impossible(why) if why.contains("`subjects/0`")));
    }

    // R187: a lower bar lets out what a person was asked about, and nothing that is sensitive, first or
    // was asked about before; the thresholds cannot stand the wrong way round.
    #[test]
    fn r187_another_threshold_sends_it_elsewhere_and_only_what_it_may() {
        let lower = Change {
            auto_approve: Some(Score::from_percent(86)),
            ..Change::default()
        };
        let route = |case: Case| {
            let stored = kept(case, Some(persona()), policy());
            let was = stored.routed;
            let decision = StoredDecision::Verdict(Box::new(stored));
            (was.as_str(), lower.of(&decision).unwrap().route)
        };
        assert_eq!(route(sure(870_000)), ("hitl_queue", "approve"));
        assert_eq!(route(sure(850_000)), ("hitl_queue", "hitl_queue"));
        let spoil: [fn(&mut Case); 4] = [
            |case| case.first_post = true,
            |case| case.was_asked = true,
            |case| case.moved = Some("budget: no room".into()),
            |case| case.call.post.text.push_str(" vaccine"),
        ];
        for spoil in spoil {
            let mut case = sure(870_000);
            spoil(&mut case);
            assert_eq!(route(case), ("hitl_queue", "hitl_queue"));
        }
        let wrong = Change {
            human_review: Some(Score::from_percent(95)),
            ..Change::default()
        };
        assert!(wrong.window(policy().judge.window).is_err());
        let higher = Change {
            relevance: Some(Score::ONE),
            ..Change::default()
        };
        let planned = StoredDecision::Relevance(Box::new(scored(75)));
        assert_eq!(higher.of(&planned).unwrap().route, "ignore");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        // R167, R187: every verdict comes out as it did, under its own rule and under a changed one that
        // changes nothing; and a lower bar never asks about more.
        #[test]
        fn r187_an_unchanged_rule_changes_nothing(ppm in 0u32..=1_000_000, lower in 700_000u32..=900_000, first: bool, asked: bool, loaded: bool, more in "\\PC{0,40}") {
            let mut case = sure(ppm);
            (case.first_post, case.was_asked) = (first, asked);
            case.call.post.text.push_str(&more);
            let stored = kept(case, loaded.then(persona), policy());
            prop_assert_eq!(again_of(stored.clone()), Again::Same);
            let was = stored.routed.as_str();
            let decision = StoredDecision::Verdict(Box::new(stored));
            let same = Change { policy: Some(policy()), ..Change::default() };
            prop_assert_eq!(same.of(&decision).unwrap().route, was);
            let lower = Change { auto_approve: Score::from_ppm(lower), ..Change::default() };
            let then = lower.of(&decision).unwrap().route;
            prop_assert!(then == was || (was, then) == ("hitl_queue", "approve"), "{} became {}", was, then);
        }
    }
}
