//! From findings to a route: a pure function, so that every decision can be made again from its inputs.

use chimera_domain::{
    Score,
    artifact::Body,
    persona::Persona,
    policy::{ConfidenceWindow, JudgePolicy, Policy},
    tier::TierChoice,
    verdict::{Case, CheckResult, Route, SensitiveSpan, Verdict},
};

use chimera_minds::blocks::find_redaction;

use super::checks;

/// A strong mean must not hide a weak check: the judge's confidence is at most the weakest check
/// plus this.
const SLACK: Score = Score::from_percent(20);

/// Judges one case. `persona` is the version the task is bound to; without it the case cannot be
/// scored and goes to a person.
#[must_use]
pub fn decide(case: &Case, persona: Option<&Persona>, policy: &Policy) -> Verdict {
    decide_with(case, persona, policy, checks::Detectors::All)
}

/// Judges with these detectors: a verdict from before there were any is made again without.
#[must_use]
pub(crate) fn decide_with(
    case: &Case,
    persona: Option<&Persona>,
    policy: &Policy,
    detectors: checks::Detectors,
) -> Verdict {
    let mut checks = checks::run(case, persona, policy, detectors);
    let heard = checks::heed(case, &mut checks);
    let sensitive = checks::sensitive(case, &policy.judge, detectors);
    let worker_confidence = worker_confidence(case);
    let judge_confidence = judge_confidence(&checks, &policy.judge);
    let confidence = judge_confidence.map(|judge| held_down(case, judge.min(worker_confidence)));
    let (route, reasons) = route(case, &checks, &sensitive, heard, confidence);
    let sampled = route == Route::Approve && !case.edited && is_sampled(case, policy.judge.sample);
    let (route, reasons) = match (sampled, policy.judge.sample) {
        (true, Some(share)) => (
            Route::HitlQueue,
            vec![format!(
                "a sample: of what could go out alone a share of {share} is shown to a person"
            )],
        ),
        (true, None) | (false, _) => (route, reasons),
    };
    let (route, reasons) = told_what_moved(case, route, reasons);
    Verdict {
        route,
        confidence,
        worker_confidence,
        judge_confidence,
        checks,
        sensitive,
        reasons,
        sampled,
        models: models(case),
        redacted: redacted(case),
        made: made(case),
        looks: case.looks(),
        policy: policy.hash,
        content_hash: case.call.content_hash(),
        basis: None,
    }
}

/// The least sure step of the plan counts.
fn worker_confidence(case: &Case) -> Score {
    case.artifacts
        .iter()
        .filter(|artifact| !matches!(artifact.body, Body::Post(_)))
        .map(|artifact| artifact.confidence)
        .min()
        // A post without any work behind it has nothing to be sure of.
        .unwrap_or(Score::ZERO)
}

/// What stands in for what the first choice could not make is never sure enough to go out by itself.
fn held_down(case: &Case, confidence: Score) -> Score {
    match stands_in(case) {
        Some(_) => confidence.min(just_below(case.task.spec.confidence_window.auto_min)),
        None => confidence,
    }
}

fn just_below(score: Score) -> Score {
    Score::from_ppm(score.ppm().saturating_sub(1)).unwrap_or(Score::ZERO)
}

/// Whether this content is one of the share: its hash says so, the same every time it is asked.
fn is_sampled(case: &Case, share: Option<Score>) -> bool {
    let hash = case.call.content_hash();
    let [a, b, c, d, ..] = *hash.as_bytes();
    let drawn = (u64::from(u32::from_be_bytes([a, b, c, d])) * 1_000_000) >> 32;
    share.is_some_and(|share| drawn < u64::from(share.ppm()))
}

/// Which language models had a hand in it.
fn models(case: &Case) -> Vec<String> {
    let content = case.call.content_hash();
    let mut models = Vec::new();
    for artifact in &case.artifacts {
        let provenance = &artifact.provenance;
        if let Body::Research(research) = &artifact.body
            && let Some(asked) = &research.relevance
        {
            models.push(format!("relevance {} by {}", asked.score, asked.by));
        }
        if let Some(prompt) = &provenance.prompt {
            models.push(format!("written by {}, {prompt}", provenance.model));
        }
        let Some(opinion) = provenance.opinion.as_ref().filter(|o| o.content == content) else {
            continue;
        };
        let thought = match &opinion.remarks {
            Ok(remarks) => remarks
                .iter()
                .map(|remark| format!("{} {}", remark.check, remark.score))
                .collect::<Vec<_>>()
                .join(", "),
            Err(_) => "no answer".to_owned(),
        };
        models.push(format!("read by {}: {thought}", opinion.reader));
    }
    models
}

/// What was kept from the tools that made it.
fn redacted(case: &Case) -> Vec<String> {
    let of = |artifact: &chimera_domain::artifact::Artifact| match &artifact.body {
        Body::Research(research) => Some(research.redacted.clone()),
        Body::Text(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => None,
    };
    case.artifacts.iter().filter_map(of).flatten().collect()
}

/// How much went into its moving pictures, and why no more.
fn made(case: &Case) -> Vec<String> {
    let tiers = case.artifacts.iter().filter_map(|artifact| {
        let tier = artifact.provenance.tier.as_ref();
        tier.map(TierChoice::why)
    });
    tiers.collect()
}

/// Pictures that are not like enough to the reference of their look.
fn unlike(case: &Case) -> Vec<String> {
    let looks = case.looks();
    let low = looks.iter().filter(|look| look.likeness.is_low());
    low.map(|look| {
        format!(
            "visual: picture {} is {}",
            look.picture.short(),
            look.likeness.told()
        )
    })
    .collect()
}

/// Places of the post that say that something was taken out of the material.
fn gaps(case: &Case) -> Vec<String> {
    let post = case.post();
    let pictures = post.media.iter().map(|media| media.alt_text.as_str());
    std::iter::once(post.text.as_str())
        .chain(pictures)
        .filter_map(find_redaction)
        .map(|mark| format!("`{mark}` stands where private data was taken out"))
        .take(1)
        .collect()
}

/// In whose place a part of it was made, and why.
fn stands_in(case: &Case) -> Option<&str> {
    case.artifacts
        .iter()
        .find_map(|artifact| artifact.provenance.instead_of.as_deref())
}

/// The weighted mean of the checks, held down by the weakest; `None` when one could not be scored.
fn judge_confidence(checks: &[CheckResult], policy: &JudgePolicy) -> Option<Score> {
    let mut parts = Vec::with_capacity(checks.len());
    for result in checks {
        let weight = policy
            .weights
            .iter()
            .find(|(check, _)| *check == result.check)
            .map_or(0, |(_, weight)| *weight);
        parts.push((*result.score.as_ref().ok()?, weight));
    }
    let weakest = parts.iter().map(|(score, _)| *score).min()?;
    let bound = Score::from_ppm(weakest.ppm() + SLACK.ppm()).unwrap_or(Score::ONE);
    Some(Score::weighted_mean(&parts)?.min(bound))
}

fn route(
    case: &Case,
    checks: &[CheckResult],
    sensitive: &[SensitiveSpan],
    heard: Result<(), String>,
    confidence: Option<Score>,
) -> (Route, Vec<String>) {
    let ConfidenceWindow {
        auto_min,
        human_min,
    } = case.task.spec.confidence_window;
    let blocks: Vec<String> = checks
        .iter()
        .filter(|c| c.hard_block)
        .flat_map(|c| c.findings.iter().cloned())
        .collect();
    if !blocks.is_empty() {
        return (Route::Reject, first_lines("blocked", blocks));
    }
    let mut asks: Vec<String> = Vec::new();
    for result in checks {
        if let Err(why) = &result.score {
            asks.push(format!("{} could not be scored: {why}", result.check));
        }
    }
    // Its author has decided; what no score may let out was looked for, and whatever could not be looked for asks.
    if case.edited && asks.is_empty() {
        let reason = "a person wrote it and let it out".to_owned();
        return (Route::Approve, vec![reason]);
    }
    if !sensitive.is_empty() {
        let mut spans: Vec<String> = sensitive
            .iter()
            .map(|s| format!("{}: `{}` in {}", s.topic, s.span, s.field))
            .collect();
        spans.dedup();
        asks.extend(first_lines("sensitive", spans));
    }
    asks.extend(gaps(case));
    asks.extend(unlike(case));
    if let Err(why) = heard {
        asks.push(format!("the second opinion could not be had: {why}"));
    }
    let Some(confidence) = confidence else {
        return (Route::HitlQueue, asks);
    };
    let weak: Vec<String> = checks
        .iter()
        .filter(|c| c.score.as_ref().is_ok_and(|score| *score < auto_min))
        .flat_map(|c| {
            c.findings
                .iter()
                .map(|finding| format!("{}: {finding}", c.check))
        })
        .collect();
    if !asks.is_empty() {
        return (Route::HitlQueue, asks);
    }
    if confidence >= auto_min && case.was_asked {
        let reason = "it waited for a person before it was judged again".to_owned();
        return (Route::HitlQueue, vec![reason]);
    }
    if confidence >= auto_min && case.first_post {
        let reason = "the persona's first post on this platform".to_owned();
        return (Route::HitlQueue, vec![reason]);
    }
    if confidence >= auto_min {
        return (
            Route::Approve,
            vec![format!("confidence {confidence} is at or above {auto_min}")],
        );
    }
    // Held down is not bad: it is for a person also where the machine alone decides above the line.
    let is_held_down = stands_in(case).is_some() && confidence == just_below(auto_min);
    if confidence >= human_min || is_held_down {
        let mut reasons = vec![format!(
            "confidence {confidence} is between {human_min} and {auto_min}"
        )];
        reasons.extend(stands_in(case).map(|instead_of| format!("it stands in for {instead_of}")));
        reasons.extend(weak);
        reasons.truncate(REASONS_MAX);
        return (Route::HitlQueue, reasons);
    }
    let mut reasons = vec![format!("confidence {confidence} is below {human_min}")];
    reasons.extend(weak.into_iter().take(REASONS_MAX - 1));
    (Route::Reject, reasons)
}

/// What moved before its slot is said first, and to a person: it was let out as it was, not as it is.
fn told_what_moved(case: &Case, route: Route, mut reasons: Vec<String>) -> (Route, Vec<String>) {
    match (&case.moved, route) {
        (None, _) | (Some(_), Route::Reject) => (route, reasons),
        (Some(line), Route::Approve | Route::HitlQueue) => {
            reasons.insert(0, line.clone());
            reasons.truncate(REASONS_MAX);
            (Route::HitlQueue, reasons)
        }
    }
}

/// A trace of reasons is read, not scrolled.
const REASONS_MAX: usize = 5;

fn first_lines(label: &str, lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(REASONS_MAX - 1);
    let mut out: Vec<String> = lines
        .into_iter()
        .take(REASONS_MAX - 1)
        .map(|line| format!("{label}: {line}"))
        .collect();
    if more > 0 {
        out.push(format!("{label}: {more} more"));
    }
    out
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        ContentHash,
        artifact::Artifact,
        look::Likeness,
        model::{Opinion, Remark},
        task::Priority,
        verdict::{Check, SensitiveTopic},
    };
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{case, persona, policy};

    // R160: a post that shows where something was taken out is for a person, however sure everybody is; and what a person
    // wrote is that person's.
    #[test]
    fn r160_a_gap_in_a_post_is_for_a_person() {
        let mut gap = case();
        gap.call.post.text = gap
            .call
            .post
            .text
            .replace("colours.", "colours for [e-mail address].");
        let verdict = check(&gap, Route::HitlQueue);
        assert_eq!(
            verdict.reasons,
            ["`[e-mail address]` stands where private data was taken out"]
        );
        let mut picture = case();
        picture.call.post.media[0]
            .alt_text
            .push_str(" [telephone number]");
        check(&picture, Route::HitlQueue);
        gap.edited = true;
        check(&gap, Route::Approve);
    }

    // R46: a picture that is not like its reference is for a person, with the figure and the method, however sure the rest is;
    // so is one nobody could compare. A person's own text is not held up by a figure. R47: the tier is in the verdict.
    #[test]
    fn r46_a_picture_unlike_its_reference_is_for_a_person() {
        let with = |score: Result<Score, String>| {
            let mut case = case();
            let reference = case.call.post.media[0].clone();
            let is_picture = |artifact: &&mut Artifact| matches!(artifact.body, Body::Media(_));
            let picture = case.artifacts.iter_mut().find(is_picture).unwrap();
            picture.provenance.likeness = Some(Likeness {
                score,
                method: "palette/1".into(),
                reference: Some(reference),
            });
            picture.provenance.tier = Some(TierChoice::of(Priority::Low, vec![], None));
            case
        };
        let verdict = check(&with(Ok(Score::from_percent(95))), Route::Approve);
        assert_eq!(verdict.looks.len(), 1);
        assert_eq!(verdict.made, ["video tier daily: priority low"]);
        let mut unlike = with(Ok(Score::from_percent(55)));
        let verdict = check(&unlike, Route::HitlQueue);
        let reason = "is like the reference by 0.55 (palette/1), below 0.80";
        assert!(
            verdict.reasons[0].ends_with(reason),
            "{:?}",
            verdict.reasons
        );
        assert!(
            verdict
                .rule()
                .starts_with("a picture that is not like enough")
        );
        unlike.edited = true;
        check(&unlike, Route::Approve);
        let verdict = check(&with(Err("no such tool".into())), Route::HitlQueue);
        assert_eq!(verdict.confidence, None);
        assert!(verdict.reasons[0].starts_with("visual could not be scored"));
    }

    fn with_confidence(ppm: u32) -> Case {
        let mut case = case();
        for artifact in &mut case.artifacts {
            artifact.confidence = Score::from_ppm(ppm).unwrap();
        }
        case
    }

    fn check(case: &Case, route: Route) -> Verdict {
        let verdict = decide(case, Some(&persona()), &policy());
        assert_eq!(
            verdict.route, route,
            "{:?} {:#?}",
            verdict.reasons, verdict.checks
        );
        assert!(!verdict.reasons.is_empty() && verdict.reasons.len() <= 5);
        assert_eq!(verdict.content_hash, case.call.content_hash());
        verdict
    }

    // SC-004, R54, T094: the bands at their exact boundaries.
    #[test]
    fn sc_004_bands_hold_at_their_boundaries() {
        check(&with_confidence(900_000), Route::Approve);
        check(&with_confidence(899_999), Route::HitlQueue);
        check(&with_confidence(700_000), Route::HitlQueue);
        check(&with_confidence(699_999), Route::Reject);
        check(&with_confidence(1_000_000), Route::Approve);
        check(&with_confidence(0), Route::Reject);
    }

    // R53: the lower of worker and judge counts, and both are kept.
    #[test]
    fn r53_the_lower_confidence_routes_and_both_are_kept() {
        let verdict = check(&with_confidence(800_000), Route::HitlQueue);
        assert_eq!(verdict.confidence, Some(Score::from_percent(80)));
        assert!(verdict.judge_confidence.unwrap() >= Score::from_percent(90));
    }

    // R53: a check that cannot be scored means a person, never a default.
    #[test]
    fn r53_an_unscored_check_means_a_person() {
        let verdict = decide(&case(), None, &policy());
        assert_eq!(
            (verdict.route, verdict.confidence, verdict.judge_confidence),
            (Route::HitlQueue, None, None)
        );
    }

    // R57, T093: a sensitive topic means a person, also when the confidence is high and also when it is low.
    #[test]
    fn r57_sensitive_means_a_person_at_any_confidence() {
        for ppm in [0, 500_000, 1_000_000] {
            let mut case = with_confidence(ppm);
            case.call.post.media[0].alt_text = "A v4ccine card".into();
            let verdict = check(&case, Route::HitlQueue);
            assert_eq!(verdict.sensitive[0].topic, SensitiveTopic::Health);
            assert_eq!(
                (
                    verdict.sensitive[0].span.as_str(),
                    verdict.sensitive[0].field.as_str()
                ),
                ("v4ccine", "alt_text")
            );
        }
    }

    // R59: a hard block refuses whatever the scores and topics are.
    #[test]
    fn r59_a_hard_block_refuses() {
        let mut case = with_confidence(1_000_000);
        case.call.post.text.push_str(" Guaranteed returns! vaccine");
        check(&case, Route::Reject);
    }

    // R66: what a person wrote goes out whatever its scores and topics are, and never past a hard block or a
    // check that could not be made.
    #[test]
    fn r66_an_edit_is_let_out_unless_something_must_never_go_out() {
        let mut edited = with_confidence(0);
        edited.edited = true;
        edited.first_post = true;
        edited.call.post.text.push_str(" A vaccine.");
        check(&edited, Route::Approve);
        let unscored = decide(&edited, None, &policy());
        assert_eq!(unscored.route, Route::HitlQueue);
        edited.call.post.text.push_str(" Guaranteed returns!");
        check(&edited, Route::Reject);
    }

    // R78: the first post of a persona on a platform goes to a person, unless it is refused anyway.
    #[test]
    fn r78_first_post_means_a_person() {
        for (ppm, route) in [(1_000_000, Route::HitlQueue), (0, Route::Reject)] {
            let mut case = with_confidence(ppm);
            case.first_post = true;
            check(&case, route);
        }
    }

    // R1, R18: what waited for a person is not approved by the judge because it was judged again.
    #[test]
    fn r18_what_waited_for_a_person_still_does() {
        let mut case = with_confidence(1_000_000);
        case.was_asked = true;
        check(&case, Route::HitlQueue);
    }

    // R195: what moved before its slot comes to a person with that line first, unless it is refused anyway.
    #[test]
    fn r195_what_moved_is_said_first_and_to_a_person() {
        for (ppm, route) in [
            (1_000_000, Route::HitlQueue),
            (800_000, Route::HitlQueue),
            (0, Route::Reject),
        ] {
            let mut case = with_confidence(ppm);
            case.moved = Some("budget: no room".into());
            let verdict = check(&case, route);
            let first = verdict.reasons[0] == "budget: no room";
            assert_eq!(first, route == Route::HitlQueue, "{:?}", verdict.reasons);
        }
    }

    fn opinion(of: &Case, remarks: Result<Vec<Remark>, String>) -> Opinion {
        Opinion {
            content: of.call.content_hash(),
            reader: "big-1, read/1".into(),
            remarks,
        }
    }

    fn remark(check: Check, percent: u32) -> Remark {
        Remark {
            check,
            score: Score::from_percent(percent),
            why: "says so".into(),
        }
    }

    // R53, R64: a second reader can hold a post back and never help it out, and one that was asked and did not answer
    // leaves it to a person. What it thinks of another content is nothing.
    #[test]
    fn r64_a_second_reader_takes_away_and_never_adds() {
        let read = |remarks: Result<Vec<Remark>, String>, route| {
            let mut case = with_confidence(1_000_000);
            case.artifacts[0].provenance.opinion = Some(opinion(&case, remarks));
            check(&case, route)
        };
        let alone = check(&with_confidence(1_000_000), Route::Approve);
        let praised = read(
            Ok(Check::ALL.iter().map(|c| remark(*c, 100)).collect()),
            Route::Approve,
        );
        assert_eq!(praised.confidence, alone.confidence);
        let held = read(Ok(vec![remark(Check::Factual, 60)]), Route::HitlQueue);
        assert_eq!(held.models, ["read by big-1, read/1: factual 0.60"]);
        assert!(
            held.reasons
                .iter()
                .any(|r| r.contains("big-1, read/1: says so")),
            "{:?}",
            held.reasons
        );
        read(Ok(vec![remark(Check::Safety, 0)]), Route::Reject);
        let unknown = read(Err("cut".into()), Route::HitlQueue);
        assert!(unknown.reasons[0].contains("could not be had: cut"));

        let mut other = with_confidence(1_000_000);
        let mut stranger = opinion(&other, Ok(vec![remark(Check::Safety, 0)]));
        stranger.content = ContentHash::of_bytes(b"other");
        other.artifacts[0].provenance.opinion = Some(stranger);
        check(&other, Route::Approve);
        // Praise does not lift what the checks hold down.
        let mut blocked = with_confidence(1_000_000);
        blocked.call.post.text.push_str(" Guaranteed returns!");
        blocked.artifacts[0].provenance.opinion =
            Some(opinion(&blocked, Ok(vec![remark(Check::Safety, 100)])));
        check(&blocked, Route::Reject);
    }

    // R71, R79: of what could go out alone the stated share comes to a person, the same items each time, and nothing that
    // would not have gone out alone counts as one of them.
    #[test]
    fn r79_a_share_of_what_goes_out_alone_is_shown_to_a_person() {
        let mut policy = policy();
        let mut shown = 0;
        for n in 0..400 {
            let mut case = with_confidence(1_000_000);
            let alt_text = &mut case.call.post.media[0].alt_text;
            alt_text.push_str(&format!(", number {n}"));
            policy.judge.sample = Some(Score::from_percent(20));
            let verdict = decide(&case, Some(&persona()), &policy);
            assert_eq!(verdict, decide(&case, Some(&persona()), &policy));
            assert_eq!(
                verdict.sampled,
                verdict.route == Route::HitlQueue,
                "{:?}",
                verdict.reasons
            );
            shown += usize::from(verdict.sampled);
            policy.judge.sample = None;
            assert_eq!(
                decide(&case, Some(&persona()), &policy).route,
                Route::Approve
            );
        }
        assert!((50..=110).contains(&shown), "{shown} of 400");
        policy.judge.sample = Some(Score::ONE);
        let doubtful = decide(&with_confidence(800_000), Some(&persona()), &policy);
        assert!(!doubtful.sampled && doubtful.route == Route::HitlQueue);
        assert!(decide(&with_confidence(1_000_000), Some(&persona()), &policy).sampled);
    }

    // R50: what a later choice made is capped below what goes out by itself, wherever that line is, and says so.
    #[test]
    fn r50_what_stands_in_is_capped_below_the_line() {
        for auto_min in [1, 500_000, 700_001, 900_000, 1_000_000] {
            let mut case = with_confidence(1_000_000);
            let window = &mut case.task.spec.confidence_window;
            window.auto_min = Score::from_ppm(auto_min).unwrap();
            window.human_min = window.auto_min;
            for artifact in &mut case.artifacts {
                artifact.provenance.instead_of = Some("small: gone".into());
            }
            let verdict = check(&case, Route::HitlQueue);
            assert!(verdict.confidence.unwrap() < case.task.spec.confidence_window.auto_min);
            assert_eq!(verdict.reasons[1], "it stands in for small: gone");
        }
    }

    /// A score this far from a threshold, if there is one.
    fn beside(score: Score, by: i64) -> Option<Score> {
        let ppm = i64::from(score.ppm()) + by;
        u32::try_from(ppm).ok().and_then(Score::from_ppm)
    }

    proptest! {
        // R54, SC-004: under any two thresholds and any weights every band is reached, by the worker's word and by the judge's
        // own score alike, and changes exactly at its threshold. The verdict names the policy it was made by.
        #[test]
        fn r54_every_band_is_reached_and_ends_at_its_threshold(
            human in 1u32..=999_999,
            width in 1u32..=999_999,
            weights in proptest::collection::vec(0u32..=100, Check::ALL.len()),
            heaviest in 0usize..6,
            by_worker: bool,
        ) {
            let auto = human.saturating_add(width).min(1_000_000);
            let window = ConfidenceWindow {
                auto_min: Score::from_ppm(auto).unwrap(),
                human_min: Score::from_ppm(human).unwrap(),
            };
            let mut policy = policy();
            for (at, ((_, weight), drawn)) in policy.judge.weights.iter_mut().zip(weights).enumerate() {
                *weight = drawn + u32::from(at == heaviest);
            }
            for (threshold, by, route) in [
                (Score::ONE, 0, Route::Approve),
                (window.auto_min, 0, Route::Approve),
                (window.auto_min, -1, Route::HitlQueue),
                (window.human_min, 0, Route::HitlQueue),
                (window.human_min, -1, Route::Reject),
                (Score::ZERO, 0, Route::Reject),
            ] {
                let score = beside(threshold, by).unwrap();
                let mut case = with_confidence(if by_worker { score.ppm() } else { 1_000_000 });
                case.task.spec.confidence_window = window;
                if !by_worker {
                    let remarks = Check::ALL.iter().map(|check| Remark { check: *check, score, why: String::new() });
                    case.artifacts[0].provenance.opinion = Some(opinion(&case, Ok(remarks.collect())));
                }
                let verdict = decide(&case, Some(&persona()), &policy);
                prop_assert_eq!(verdict.route, route, "{:?} {:?}", score, verdict.reasons);
                prop_assert_eq!(verdict.confidence, Some(score));
                prop_assert_eq!(verdict.policy, policy.hash);
            }
        }

        // R63, R187: a verdict that says only its score kept it back goes out alone under a threshold at its score, and one that
        // was for a person for any other reason does not say so.
        #[test]
        fn r187_what_waits_for_its_score_alone_goes_out_under_a_lower_line(
            ppm in 700_000u32..900_000,
            first: bool,
            asked: bool,
            moved: bool,
            stands_in: bool,
            tail in prop_oneof![Just(""), Just(" vaccine"), Just(" #crypto")],
        ) {
            let mut case = with_confidence(ppm);
            case.first_post = first;
            case.was_asked = asked;
            case.moved = moved.then(|| "budget: no room".into());
            case.call.post.text.push_str(tail);
            for artifact in &mut case.artifacts {
                artifact.provenance.instead_of = stands_in.then(|| "small: gone".into());
            }
            let (persona, policy) = (persona(), policy());
            let verdict = Verdict {
                basis: Some(chimera_domain::basis::VerdictBasis::of(&case, Some(&persona), &policy)),
                ..decide(&case, Some(&persona), &policy)
            };
            case.task.spec.confidence_window = ConfidenceWindow {
                auto_min: verdict.confidence.unwrap(),
                human_min: Score::ZERO,
            };
            let lower = decide(&case, Some(&persona), &policy);
            prop_assert_eq!(
                verdict.waits_for_score_alone(),
                lower.route == Route::Approve,
                "{:?} then {:?}", verdict.reasons, lower.reasons
            );
        }

        // R173: nothing sensitive is approved by itself, whatever else is in the text; and judging twice gives the same verdict.
        #[test]
        fn r173_nothing_sensitive_is_approved(before in "\\PC{0,60}", after in "\\PC{0,60}", ppm in 0u32..=1_000_000) {
            let mut case = with_confidence(ppm);
            let clean = case.call.post.text.clone();
            case.call.post.text = format!("{clean} vaccine");
            let verdict = check(&case, Route::HitlQueue); // nothing but the topic stops it
            prop_assert_eq!(verdict.sensitive.len(), 1);

            case.call.post.text = format!("{before} vaccine {clean} {after}");
            let verdict = decide(&case, Some(&persona()), &policy());
            prop_assert!(!verdict.sensitive.is_empty());
            prop_assert_ne!(verdict.route, Route::Approve);
            prop_assert_eq!(decide(&case, Some(&persona()), &policy()), verdict);
        }
    }
}
