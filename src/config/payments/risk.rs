//! How risk is scored, and what follows: above 0.7 nothing is ever paid, whatever the file says.

use chimera_domain::{
    Score,
    cfo::{RiskFactor, RiskPolicy},
};

use super::super::{problem::Log, section::Section, values};

/// A score above which nothing is ever paid, whatever the file says.
const REFUSE_ABOVE_MAX: Score = Score::from_percent(70);
/// What each factor adds where the file does not say: no two of the ordinary ones refuse alone, three ask a person.
const WEIGHTS: [(RiskFactor, u32); 10] = [
    (RiskFactor::NewCounterparty, 25),
    (RiskFactor::LargeAmount, 20),
    (RiskFactor::Velocity, 15),
    (RiskFactor::Openclaw, 25),
    (RiskFactor::Inbound, 100),
    (RiskFactor::Night, 10),
    (RiskFactor::Contract, 15),
    (RiskFactor::Simulation, 50),
    (RiskFactor::NoTask, 10),
    (RiskFactor::Opinion, 100),
];

fn usual_risk() -> RiskPolicy {
    RiskPolicy {
        refuse_above: REFUSE_ABOVE_MAX,
        review_above: Score::from_percent(40),
        weights: WEIGHTS
            .iter()
            .map(|(factor, percent)| (*factor, Score::from_percent(*percent)))
            .collect(),
    }
}

/// Reads the group; what is usual where it is not there.
pub(super) fn read(group: Option<Section<'_>>, log: &mut Log) -> Option<RiskPolicy> {
    let usual = usual_risk();
    let Some(mut risk) = group else {
        return Some(usual);
    };
    let refuse_at = risk.node("refuse_above").map_or(risk.at, |node| node.at);
    let refuse_above = risk.required("refuse_above", log, values::score)?;
    let review_at = risk.node("review_above").map_or(risk.at, |node| node.at);
    let review_above = risk.required("review_above", log, values::score)?;
    let mut weights = usual.weights;
    if let Some(mut group) = risk.group("weights", log) {
        for (factor, weight) in &mut weights {
            if let Some(own) = group.value(factor.as_str(), log, values::score) {
                *weight = own;
            }
        }
        group.finish(log);
    }
    risk.finish(log);
    if refuse_above > REFUSE_ABOVE_MAX {
        log.problem(
            refuse_at,
            format!("`refuse_above` ({refuse_above}) is above {REFUSE_ABOVE_MAX}"),
            "what is riskier than 0.7 is never paid: write 0.7 or less",
        );
        return None;
    }
    if review_above > refuse_above {
        log.problem(
            review_at,
            format!("`review_above` ({review_above}) is above `refuse_above` ({refuse_above})"),
            "a person must be asked at a lower risk than is refused",
        );
        return None;
    }
    Some(RiskPolicy {
        refuse_above,
        review_above,
        weights,
    })
}
