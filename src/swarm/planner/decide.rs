//! From a score to a course: a pure function, so that every decision can be made again from its inputs.

use chimera_domain::{
    persona::Persona,
    policy::PlannerPolicy,
    signal::{Relevance, Signal},
};

use super::score;

/// What a signal is worth, before any cap is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Course {
    /// It becomes tasks.
    Plan,
    /// It is left, for this reason.
    Ignore(String),
    /// It cannot be scored, for this reason.
    Unscored(String),
}

/// Decides on one signal for one persona.
pub(crate) fn decide(
    signal: &Signal,
    persona: &Persona,
    policy: &PlannerPolicy,
) -> (Option<Relevance>, Course) {
    let relevance = match score::relevance(&signal.item, persona) {
        Ok(relevance) => relevance,
        Err(error) => return (None, Course::Unscored(error.to_string())),
    };
    let course = course(signal, persona, policy, &relevance);
    (Some(relevance), course)
}

fn course(
    signal: &Signal,
    persona: &Persona,
    policy: &PlannerPolicy,
    relevance: &Relevance,
) -> Course {
    if let Some(topic) = score::banned_topic(&signal.item, persona) {
        return Course::Ignore(format!(
            "touches `{topic}`, which {} never does",
            persona.name
        ));
    }
    if relevance.score < policy.relevance_min {
        return Course::Ignore(format!(
            "{} is below {}: {}",
            relevance.score, policy.relevance_min, relevance.reason
        ));
    }
    if signal.stale {
        return Course::Ignore("too old when first seen".to_owned());
    }
    if let Some(other) = signal.near_duplicate_of {
        return Course::Ignore(format!("same story as {other}"));
    }
    Course::Plan
}

#[cfg(test)]
mod tests {
    use chimera_domain::Score;

    use super::*;
    use crate::testing::{persona, policy, signal};

    // R30: the threshold is inclusive, and what is stale, banned or a duplicate is left whatever its score.
    #[test]
    fn r30_a_score_at_the_threshold_is_planned_and_one_below_is_not() {
        let (persona, mut policy) = (persona(), policy().planner);
        let (relevance, _) = decide(&signal(), &persona, &policy);
        let score = relevance.unwrap().score;
        policy.relevance_min = score;
        assert_eq!(decide(&signal(), &persona, &policy).1, Course::Plan);
        for spoil in [
            |s: &mut Signal| s.stale = true,
            |s: &mut Signal| s.near_duplicate_of = Some(s.id),
            |s: &mut Signal| s.item.summary.push_str(" with fur"),
        ] {
            let mut spoilt = signal();
            spoil(&mut spoilt);
            assert!(matches!(
                decide(&spoilt, &persona, &policy).1,
                Course::Ignore(_)
            ));
        }
        policy.relevance_min = Score::from_ppm(score.ppm() + 1).unwrap();
        assert!(matches!(
            decide(&signal(), &persona, &policy).1,
            Course::Ignore(_)
        ));
    }
}
