//! Verdicts: what the judge found and how it routes a result.

use crate::{
    ContentHash, Score,
    artifact::{Artifact, Body, Post},
    basis::VerdictBasis,
    campaign::CampaignSpec,
    effect::OutgoingCall,
    look::Likeness,
    signal::Signal,
    task::Task,
    words::words,
};

words! {
    /// What the judge looks at, one score each.
    pub enum Check as "check" {
        /// Voice, banned topics, directives.
        Persona = "persona",
        /// Hard blocks.
        Safety = "safety",
        /// Claims and their sources.
        Factual = "factual",
        /// Length, media and label rules of the platform.
        Platform = "platform",
        /// The acceptance criteria of the plan.
        Constraints = "constraints",
        /// The picture.
        Visual = "visual",
    }
}

words! {
    /// Topics on which always a person decides.
    pub enum SensitiveTopic as "sensitive topic" {
        /// Politics.
        Politics = "politics",
        /// Health.
        Health = "health",
        /// Finance.
        Finance = "finance",
        /// Legal.
        Legal = "legal",
        /// Violence, tragedy, breaking disasters.
        Violence = "violence",
        /// Faith and churches.
        Religion = "religion",
        /// Sexual content.
        Sexual = "sexual",
        /// Children where harm, law or sex are near.
        Minors = "minors",
        /// Suicide and self-harm.
        SelfHarm = "self_harm",
        /// Drugs, alcohol, tobacco, gambling, weapons for sale.
        Regulated = "regulated",
        /// Disasters and breaking tragedy.
        Tragedy = "tragedy",
    }
}

words! {
    /// Where a result goes.
    pub enum Route as "route" {
        /// It may go out.
        Approve = "approve",
        /// A person decides.
        HitlQueue = "hitl_queue",
        /// It does not go out.
        Reject = "reject",
    }
}

/// The score of one check, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CheckResult {
    /// Which check.
    pub check: Check,
    /// Its score; `Err` text when it could not be computed, which sends the result to a person.
    pub score: Result<Score, String>,
    /// What was found, one short sentence each; also the issues a new attempt receives.
    pub findings: Vec<String>,
    /// Whether this alone forbids publishing, whatever the scores.
    pub hard_block: bool,
}

/// A picture that would go out, and how like its persona's reference it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Look {
    /// The picture.
    pub picture: ContentHash,
    /// How like it is.
    pub likeness: Likeness,
}

/// A place in the text that touches a sensitive topic.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SensitiveSpan {
    /// The topic.
    pub topic: SensitiveTopic,
    /// The words that fired.
    pub span: String,
    /// Where: `text`, `alt_text`, `source`.
    pub field: String,
    /// The rule that fired.
    pub rule: String,
}

/// What the judge decided on one exact content.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// Where it goes.
    pub route: Route,
    /// The lower of the two; `None` when a check could not be scored.
    pub confidence: Option<Score>,
    /// How sure the worker was: the lowest of the plan.
    pub worker_confidence: Score,
    /// How sure the judge is.
    pub judge_confidence: Option<Score>,
    /// One result per check.
    pub checks: Vec<CheckResult>,
    /// Sensitive places.
    pub sensitive: Vec<SensitiveSpan>,
    /// Why it is routed so, at most five lines.
    pub reasons: Vec<String>,
    /// Whether it could have gone out alone, and a person sees it as a sample of what does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sampled: bool,
    /// Which language models wrote and read it, by which prompt, and what the reader thought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// What of the material no tool was shown, as the text that they were shown says it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<String>,
    /// Under which conditions its pictures were made: the tier of a moving one, and why that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<String>,
    /// How like each picture is to the reference of its look, as far as that was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
    /// The policy it was judged by.
    pub policy: ContentHash,
    /// The content it holds for.
    pub content_hash: ContentHash,
    /// What it was made from; `None` in one that was not kept to be made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<VerdictBasis>,
}

impl Verdict {
    /// Whether nothing but its score kept it from going out alone: under a threshold at or below its confidence it would
    /// have. What only the store knows, that two people must approve it, is not in a verdict.
    #[must_use]
    pub fn waits_for_score_alone(&self) -> bool {
        let scored = |check: &CheckResult| check.score.is_ok() && !check.hard_block;
        self.route == Route::HitlQueue
            && self.confidence.is_some()
            && self.sensitive.is_empty()
            && self.checks.iter().all(scored)
            && self
                .reasons
                .first()
                .is_some_and(|reason| reason.starts_with("confidence "))
            && !self
                .reasons
                .iter()
                .any(|reason| reason.starts_with("it stands in for "))
            && self
                .basis
                .as_ref()
                .is_some_and(|basis| !basis.first_post && !basis.was_asked)
    }

    /// The rule that brought it before a person, the same words for all that it brought.
    #[must_use]
    pub fn rule(&self) -> String {
        if let Some(found) = self.sensitive.first() {
            return format!("the sensitive topic {} ({})", found.topic, found.rule);
        }
        if let Some(unscored) = self.checks.iter().find(|check| check.score.is_err()) {
            return format!("the check {}, which could not be scored", unscored.check);
        }
        if self.looks.iter().any(|look| look.likeness.is_low()) {
            return "a picture that is not like enough to the reference of its look".to_owned();
        }
        let reason = self.reasons.first().map_or("no reason", String::as_str);
        let by_score = reason.starts_with("confidence ");
        if by_score
            && self
                .judge_confidence
                .is_none_or(|judge| self.worker_confidence < judge)
        {
            return "a confidence held down by the worker".to_owned();
        }
        let scored =
            |check: &CheckResult| check.score.clone().ok().map(|score| (score, check.check));
        match self
            .checks
            .iter()
            .filter_map(scored)
            .min_by_key(|(score, _)| *score)
        {
            Some((_, check)) if by_score => {
                format!("a confidence held down by the check {check}")
            }
            Some(_) | None => reason.to_owned(),
        }
    }
}

/// A result that waits for the judge, with everything a decision needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The task, in review.
    pub task: Task,
    /// The call its approval would make.
    pub call: OutgoingCall,
    /// Its campaign.
    pub campaign: CampaignSpec,
    /// The signal behind it.
    pub signal: Option<Signal>,
    /// Every result of the plan, the post last.
    pub artifacts: Vec<Artifact>,
    /// Whether it would be the persona's first post from this account. Simulated posts do not count
    /// for a real one, nor the other way round.
    pub first_post: bool,
    /// Whether a person was asked about this plan before: neither a pause, an edit, a deadline nor a new
    /// attempt may let the judge decide what waited for a person.
    pub was_asked: bool,
    /// What was no longer so when its slot came, in one line: it was approved before, and a person
    /// decides again.
    pub moved: Option<String>,
    /// A person wrote exactly this and let it out: only what must never go out stands in its way.
    pub edited: bool,
}

impl Case {
    /// The post that would go out.
    #[must_use]
    pub fn post(&self) -> &Post {
        &self.call.post
    }

    /// How like its pictures are to the references of their looks, where that was looked at when they were made.
    #[must_use]
    pub fn looks(&self) -> Vec<Look> {
        let of = |picture: ContentHash| {
            self.artifacts.iter().find_map(|artifact| {
                let is_it = matches!(&artifact.body, Body::Media(media) if media.sha256 == picture);
                let likeness = artifact.provenance.likeness.clone().filter(|_| is_it)?;
                Some(Look { picture, likeness })
            })
        };
        let pictures = self.post().media.iter().map(|media| media.sha256);
        pictures.filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R79: what was asked for by the same rule says the same, whatever words and numbers it found.
    #[test]
    fn r79_a_rule_is_the_same_for_all_it_brought() {
        let scored = |check, percent| CheckResult {
            check,
            score: Ok(Score::from_percent(percent)),
            findings: vec![],
            hard_block: false,
        };
        let asked = |reason: &str| Verdict {
            route: Route::HitlQueue,
            confidence: None,
            worker_confidence: Score::from_percent(95),
            judge_confidence: Some(Score::from_percent(80)),
            checks: vec![scored(Check::Persona, 90), scored(Check::Factual, 60)],
            sensitive: vec![],
            reasons: vec![reason.into()],
            sampled: false,
            models: vec![],
            redacted: vec![],
            made: vec![],
            looks: vec![],
            policy: ContentHash::of_bytes(b"policy"),
            content_hash: ContentHash::of_bytes(b"content"),
            basis: None,
        };
        let check = |verdict: &Verdict, expected: &str| assert_eq!(verdict.rule(), expected);
        for reason in [
            "confidence 0.80 is between 0.70 and 0.90",
            "confidence 0.71 is between 0.70 and 0.90",
        ] {
            check(
                &asked(reason),
                "a confidence held down by the check factual",
            );
        }
        let mut worker = asked("confidence 0.75 is between 0.70 and 0.90");
        worker.worker_confidence = Score::from_percent(75);
        check(&worker, "a confidence held down by the worker");
        check(
            &asked("the persona's first post on this platform"),
            "the persona's first post on this platform",
        );
        let mut unscored = asked("visual could not be scored: no answer");
        unscored.checks[0].score = Err("no answer".into());
        check(&unscored, "the check persona, which could not be scored");
        unscored.sensitive = vec![SensitiveSpan {
            topic: SensitiveTopic::Health,
            span: "vaccine".into(),
            field: "text".into(),
            rule: "keyword/health".into(),
        }];
        check(&unscored, "the sensitive topic health (keyword/health)");
    }
}
