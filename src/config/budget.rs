//! `budget.yaml`: money and thresholds, as an auditor edits them, to a [`Policy`].
//!
//! Everything in it must be written out: a limit that nobody wrote down is a limit that nobody checked.

use chimera_domain::{
    ContentHash, Score, Span, Usd,
    policy::{BudgetPolicy, ConfidenceWindow, JudgePolicy, PlannerPolicy, Policy},
    second::SecondApprover,
    verdict::{Check, SensitiveTopic},
};

use super::{
    payments, prices,
    problem::{Log, Place, Wrong, nearest, quote},
    raw::Node,
    section::{Section, parsed},
    values,
};

const WORDS_MAX: usize = 5_000;

/// What `budget.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) policy: Policy,
    pub(super) caps: CampaignCaps,
}

/// The most a campaign may ever spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CampaignCaps {
    pub(super) each: Usd,
    /// By name, with the place for a message.
    pub(super) named: Vec<(String, Usd, Place)>,
}

impl CampaignCaps {
    /// The cap of the campaign called `name`.
    pub(super) fn of(&self, name: &str) -> Usd {
        self.named
            .iter()
            .find(|(named, ..)| named == name)
            .map_or(self.each, |(_, usd, _)| *usd)
    }
}

/// Reads the file. `None` when something is missing or wrong; the log says what.
pub(super) fn read(node: &Node, bytes: &[u8], log: &mut Log) -> Option<Budget> {
    let mut top = Section::of(node, "", log)?;
    let zone = top.required("zone", log, values::zone);
    let caps = top
        .group_required("caps", log)
        .and_then(|caps| read_caps(caps, log));
    let governor = top
        .group_required("governor", log)
        .and_then(|governor| read_governor(governor, log));
    let thresholds = top
        .group_required("thresholds", log)
        .and_then(|thresholds| read_thresholds(thresholds, log));
    let weights = top.group_required("judge", log).and_then(|mut judge| {
        let weights = judge
            .group_required("weights", log)
            .and_then(|weights| read_weights(weights, log));
        judge.finish(log);
        weights
    });
    let review = top
        .group_required("review", log)
        .and_then(|review| read_review(review, log));
    let sensitive = top
        .group_required("sensitive", log)
        .and_then(|sensitive| read_sensitive(sensitive, log));
    let blocked = read_phrases(&mut top, "blocked_phrases", log);
    let prices = prices::read(&mut top, log);
    let payments = payments::read(&mut top, log);
    top.finish(log);

    let (caps, governor, thresholds, review) = (caps?, governor?, thresholds?, review?);
    Some(Budget {
        policy: Policy {
            hash: ContentHash::of_bytes(bytes),
            planner: PlannerPolicy {
                relevance_min: thresholds.relevance,
                plan_budget_usd_max: caps.plan,
                ..governor
            },
            judge: JudgePolicy {
                window: thresholds.window,
                sample: thresholds.sample,
                weights: weights?,
                sensitive: sensitive?,
                blocked_phrases: blocked?,
                sla: review.sla,
                sla_expire: review.sla_expire,
                undo_fuse: review.undo_fuse,
                probes: review.probes,
                second_approver: review.second_approver,
            },
            payments,
            budget: BudgetPolicy {
                zone: zone?,
                agent_day_usd_max: caps.agent_day,
                prices: prices?,
            },
        },
        caps: caps.campaigns,
    })
}

struct Caps {
    agent_day: Usd,
    plan: Usd,
    campaigns: CampaignCaps,
}

fn read_caps(mut caps: Section<'_>, log: &mut Log) -> Option<Caps> {
    let agent_day = caps.required("agent_day_usd", log, values::usd_positive);
    let plan = caps.required("plan_usd", log, values::usd_positive);
    let each = caps.required("campaign_usd", log, values::usd_positive);
    let mut named = Vec::new();
    if let Some(campaigns) = caps.group("campaigns", log) {
        for entry in campaigns.entries() {
            let path = campaigns.path(&entry.key);
            if let Some(usd) = parsed(&entry.value, &path, log, values::usd_positive) {
                named.push((entry.key.clone(), usd, entry.at));
            }
        }
    }
    caps.finish(log);
    Some(Caps {
        agent_day: agent_day?,
        plan: plan?,
        campaigns: CampaignCaps { each: each?, named },
    })
}

/// The governor's part; what the file says elsewhere is filled in by the caller.
fn read_governor(mut governor: Section<'_>, log: &mut Log) -> Option<PlannerPolicy> {
    let hour = governor.required("plans_per_hour", log, values::whole(1, 10_000));
    let day = governor.required("plans_per_day", log, values::whole(1, 100_000));
    let queue = governor.required("queue_depth", log, values::whole(1, 100_000));
    let review = governor.required("review_depth", log, values::whole(1, 100_000));
    let attempts = governor.required("plan_attempts", log, values::whole(1, 20));
    let at = governor.at;
    governor.finish(log);
    let policy = PlannerPolicy {
        relevance_min: Score::ONE,
        plans_per_hour_max: hour?,
        plans_per_day_max: day?,
        queue_depth_max: queue?,
        review_depth_max: review?,
        plan_attempts_max: attempts?,
        plan_budget_usd_max: Usd::ZERO,
    };
    if policy.plans_per_hour_max > policy.plans_per_day_max {
        log.notice(
            at,
            "`governor.plans_per_hour` is above `governor.plans_per_day` and never binds",
            "lower one or raise the other",
        );
    }
    Some(policy)
}

struct Thresholds {
    sample: Option<Score>,
    window: ConfidenceWindow,
    relevance: Score,
}

fn read_thresholds(mut thresholds: Section<'_>, log: &mut Log) -> Option<Thresholds> {
    let auto = thresholds.required("auto_approve", log, values::score);
    let human_at = thresholds
        .node("human_review")
        .map_or(thresholds.at, |node| node.at);
    let human = thresholds.required("human_review", log, values::score);
    let relevance = thresholds.required("relevance", log, values::score);
    let sample = thresholds.value("sample", log, values::score);
    thresholds.finish(log);
    let window = ConfidenceWindow {
        auto_min: auto?,
        human_min: human?,
    };
    if window.human_min > window.auto_min {
        log.problem(
            human_at,
            format!("`thresholds.human_review` ({}) is above `thresholds.auto_approve` ({})", window.human_min, window.auto_min),
            "a person must be asked at a lower score than the machine decides alone: lower human_review or raise auto_approve",
        );
        return None;
    }
    if window.human_min == window.auto_min {
        log.notice(
            human_at,
            "no score leads to a person: both thresholds are the same",
            "lower human_review to let people decide the doubtful ones",
        );
    }
    Some(Thresholds {
        sample,
        window,
        relevance: relevance?,
    })
}

fn read_weights(mut weights: Section<'_>, log: &mut Log) -> Option<Vec<(Check, u32)>> {
    let mut read = Vec::new();
    for check in Check::ALL {
        read.push(
            weights
                .required(check.as_str(), log, values::whole(0, 1_000))
                .map(|weight| (*check, weight)),
        );
    }
    let at = weights.at;
    weights.finish(log);
    let read: Vec<(Check, u32)> = read.into_iter().collect::<Option<_>>()?;
    if read.iter().all(|(_, weight)| *weight == 0) {
        log.problem(
            at,
            "every weight under `judge.weights` is zero",
            "give at least one check a weight",
        );
        return None;
    }
    Some(read)
}

struct Review {
    sla: Span,
    sla_expire: Span,
    undo_fuse: Span,
    probes: Option<Score>,
    second_approver: SecondApprover,
}

/// What holds where a file from before it could be said does not say it; the shipped file says the same.
const SECOND_APPROVER: SecondApprover = SecondApprover {
    money_over: Some(Usd::from_micros(1_000_000)),
    sensitive_audience_over: Some(10_000),
    first_live_post: true,
};

/// Each line is written out, or none: then the notice says what holds.
fn read_second(group: Option<Section<'_>>, at: Place, log: &mut Log) -> Option<SecondApprover> {
    let Some(mut second) = group else {
        log.notice(
            at,
            "`review.second_approver` is not written out: two people approve money over 1.00 USD, sensitive text before \
             more than 10000 people and the first live post of an account",
            "write it out as in the shipped budget.yaml, with `never` and `false` where one person is enough",
        );
        return Some(SECOND_APPROVER);
    };
    let money = second.required("money_over", log, |text| or_never(text, values::usd));
    let audience = second.required("sensitive_audience_over", log, |text| {
        or_never(text, values::whole(0, u32::MAX))
    });
    let first = second.required("first_live_post", log, values::flag);
    second.finish(log);
    Some(SecondApprover {
        money_over: money?,
        sensitive_audience_over: audience?.map(u64::from),
        first_live_post: first?,
    })
}

/// A limit, or the word that says that there is none.
fn or_never<T>(
    text: &str,
    limit: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Result<Option<T>, Wrong> {
    if text == "never" {
        Ok(None)
    } else {
        limit(text).map(Some)
    }
}

fn read_review(mut review: Section<'_>, log: &mut Log) -> Option<Review> {
    let sla = review.required("sla", log, values::span_from(Span::from_secs(1)));
    let expire_at = review.node("sla_expire").map_or(review.at, |node| node.at);
    let sla_expire = review.required("sla_expire", log, values::span_from(Span::from_secs(1)));
    let undo_fuse = review.required("undo_fuse", log, values::span);
    let probes = review.value("probes", log, values::score);
    let at = review.at;
    let second = review.node("second_approver").is_some();
    let second = match review.group("second_approver", log) {
        None if second => None,
        group => read_second(group, at, log),
    };
    review.finish(log);
    let review = Review {
        sla: sla?,
        sla_expire: sla_expire?,
        undo_fuse: undo_fuse?,
        probes,
        second_approver: second?,
    };
    if review.sla_expire <= review.sla {
        log.problem(
            expire_at,
            format!(
                "`review.sla_expire` ({}) is not after `review.sla` ({})",
                review.sla_expire, review.sla
            ),
            "a ticket escalates first and expires later: make sla_expire the longer one",
        );
        return None;
    }
    Some(review)
}

/// These must be written out; the others are off where they are not.
const REQUIRED: [SensitiveTopic; 5] = [
    SensitiveTopic::Politics,
    SensitiveTopic::Health,
    SensitiveTopic::Finance,
    SensitiveTopic::Legal,
    SensitiveTopic::Violence,
];

fn read_sensitive(
    mut sensitive: Section<'_>,
    log: &mut Log,
) -> Option<Vec<(SensitiveTopic, Vec<String>)>> {
    let mut lists = Vec::new();
    for topic in SensitiveTopic::ALL {
        if !REQUIRED.contains(topic) && sensitive.node(topic.as_str()).is_none() {
            continue;
        }
        let words = read_phrases(&mut sensitive, topic.as_str(), log);
        if words.as_ref().is_some_and(Vec::is_empty) {
            log.notice(sensitive.at, format!("`sensitive.{topic}` has no words, so nothing about it reaches a person for that reason"), "list words and phrases");
        }
        lists.push(words.map(|words| (*topic, words)));
    }
    sensitive.finish(log);
    lists.into_iter().collect()
}

/// A list of phrases that must be there, in lower case, each once.
fn read_phrases(
    section: &mut Section<'_>,
    key: &'static str,
    log: &mut Log,
) -> Option<Vec<String>> {
    let Some(node) = section.node(key) else {
        section.missing(key, log);
        return None;
    };
    let mut phrases = section.values(key, log, values::phrase)?;
    if phrases.len() > WORDS_MAX {
        log.problem(
            node.at,
            format!("`{}` has more than {WORDS_MAX} items", section.path(key)),
            "keep the list shorter",
        );
        return None;
    }
    phrases.sort_unstable();
    phrases.dedup();
    Some(phrases)
}

/// Notes caps and prices that belong to nothing that is configured.
pub(super) fn cross_check(budget: &Budget, campaigns: &[&str], servers: &[&str], log: &mut Log) {
    for (name, _, at) in &budget.caps.named {
        if !campaigns.contains(&name.as_str()) {
            let hint = nearest(name, campaigns.iter().copied()).map_or_else(
                || "remove it or name a campaign of chimera.yaml".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            log.problem(
                *at,
                format!(
                    "`caps.campaigns` names {}, which is no campaign",
                    quote(name)
                ),
                hint,
            );
        }
    }
    let mut unknown: Vec<&str> = budget
        .policy
        .budget
        .prices
        .iter()
        .map(|price| price.server.as_str())
        .filter(|server| !servers.contains(server))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    for server in unknown {
        log.notice(
            Place::FILE,
            format!(
                "there is a price for the server {}, which is not configured",
                quote(server)
            ),
            "remove the price or configure the server in chimera.yaml",
        );
    }
}
