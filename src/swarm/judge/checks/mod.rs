//! The checks, one file each. A check scores one side of a post and says what it found.
//!
//! A check that cannot be computed says why instead of giving a number.

mod constraints;
mod factual;
mod persona;
mod platform;
mod safety;
mod sensitive;
mod visual;

use chimera_domain::{
    Score,
    persona::Persona,
    policy::Policy,
    verdict::{Case, Check, CheckResult},
};

pub(super) use self::sensitive::sensitive;

/// Everything the judge reads texts with beside the words of the policy. A verdict names it; a test holds it to the
/// versions of its parts.
pub(crate) const DETECTORS: &str = "subjects/1 blocks/3";

/// Which detectors read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detectors {
    /// Those of [`DETECTORS`].
    All,
    /// Only the words of the policy.
    None,
}

impl Detectors {
    /// Those that a verdict names; `Err` with the name of those that this build does not have.
    pub(crate) fn named(name: Option<&str>) -> Result<Self, &str> {
        match name {
            None => Ok(Self::None),
            Some(DETECTORS) => Ok(Self::All),
            Some(other) => Err(other),
        }
    }
}

/// What a check gives back: a score, what it found, and whether that alone forbids publishing.
struct Finding {
    score: Score,
    findings: Vec<String>,
    hard_block: bool,
}

impl Finding {
    /// Starts without a fault.
    fn clean() -> Self {
        Self {
            score: Score::ONE,
            findings: Vec::new(),
            hard_block: false,
        }
    }

    /// Takes away a share of the score for a fault.
    fn fault(&mut self, cost: Score, what: String) {
        self.score = self.score.times(cost.complement());
        self.findings.push(what);
    }

    /// Forbids publishing.
    fn block(&mut self, what: String) {
        self.score = Score::ZERO;
        self.hard_block = true;
        self.findings.push(what);
    }
}

/// What a second reader thinks of exactly this content, if one was asked. It may take away from a check, never add.
/// `Err` says why nobody knows what it thinks.
pub(super) fn heed(case: &Case, checks: &mut [CheckResult]) -> Result<(), String> {
    let content = case.call.content_hash();
    let opinions = case
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.provenance.opinion.as_ref());
    for opinion in opinions.filter(|opinion| opinion.content == content) {
        let remarks = opinion.remarks.as_ref().map_err(Clone::clone)?;
        for check in checks.iter_mut() {
            let Some(remark) = remarks.iter().find(|remark| remark.check == check.check) else {
                continue;
            };
            if let Ok(score) = &mut check.score
                && remark.score < *score
            {
                *score = remark.score;
                check
                    .findings
                    .push(format!("{}: {}", opinion.reader, remark.why));
            }
        }
    }
    Ok(())
}

/// Runs every check.
pub(super) fn run(
    case: &Case,
    persona: Option<&Persona>,
    policy: &Policy,
    detectors: Detectors,
) -> Vec<CheckResult> {
    Check::ALL
        .iter()
        .map(|check| {
            let found = match (check, persona) {
                (Check::Safety, _) => Ok(safety::check(case, &policy.judge, detectors)),
                (Check::Factual, Some(persona)) => factual::check(case, persona),
                (Check::Platform, Some(persona)) => Ok(platform::check(case, persona)),
                (Check::Constraints, _) => constraints::check(case),
                (Check::Persona, Some(persona)) => Ok(persona::check(case, persona)),
                (Check::Visual, Some(persona)) => visual::check(case, persona),
                (Check::Factual | Check::Platform | Check::Persona | Check::Visual, None) => {
                    Err(format!(
                        "persona `{}` is not loaded in the version the task is bound to",
                        case.task.spec.persona_lock.slug
                    ))
                }
            };
            match found {
                Ok(found) => CheckResult {
                    check: *check,
                    score: Ok(found.score),
                    findings: found.findings,
                    hard_block: found.hard_block,
                },
                Err(why) => CheckResult {
                    check: *check,
                    score: Err(why),
                    findings: Vec::new(),
                    hard_block: false,
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chimera_minds::{blocks, sensitive};

    use super::*;

    // R54, R167: a verdict names the very versions that read its texts, and no others are taken for them.
    #[test]
    fn r167_a_verdict_names_the_detectors_of_this_build() {
        assert_eq!(
            DETECTORS,
            format!("{} {}", sensitive::VERSION, blocks::VERSION)
        );
        assert_eq!(Detectors::named(Some(DETECTORS)), Ok(Detectors::All));
        assert_eq!(Detectors::named(None), Ok(Detectors::None));
        assert_eq!(Detectors::named(Some("subjects/0")), Err("subjects/0"));
    }
}
