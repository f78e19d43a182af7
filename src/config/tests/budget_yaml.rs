//! `budget.yaml`: exact amounts, nothing assumed, every mistake told.

use super::*;

// R92, R54, T036: every kind of mistake in budget.yaml is told with its line, its column and what to do.
#[test]
fn r92_r54_mistakes_in_budget_yaml() {
    let check = |from: &str, to: &str, column: usize, message: &str| {
        let line = line_of(BUDGET, from);
        refused(
            "budget.yaml",
            &budget(from, to),
            &format!("budget.yaml:{line}:{column}: {message}"),
        );
    };
    for bad in [
        "1e3",
        "-5",
        "12.1234567",
        "1,50",
        "$50",
        "0x10",
        "1_000",
        ".inf",
        "5 0",
        "'12.50 '",
    ] {
        let shown = bad.trim_matches('\'');
        check(
            "agent_day_usd: 50.00",
            &format!("agent_day_usd: {bad}"),
            18,
            &format!("`caps.agent_day_usd`: `{shown}` is "),
        );
    }
    check(
        "agent_day_usd: 50.00",
        "agent_day_usd: 0",
        18,
        "`caps.agent_day_usd`: the amount is zero",
    );
    check(
        "human_review: 0.70",
        "human_review: 0.91",
        17,
        "`thresholds.human_review` (0.91) is above `thresholds.auto_approve` (0.90)",
    );
    check(
        "human_review: 0.70",
        "human_review: 1.5",
        17,
        "`thresholds.human_review`: `1.5` is not a score",
    );
    check(
        "human_review: 0.70",
        "human_review: high",
        17,
        "`thresholds.human_review`: `high` is not a score",
    );
    check(
        "plans_per_hour: 12",
        "plans_per_hour: -1",
        19,
        "`governor.plans_per_hour`: `-1` does not fit",
    );
    check(
        "plans_per_hour: 12",
        "plans_per_houre: 12",
        3,
        "the key `governor.plans_per_houre` is not known",
    );
    check(
        "sla_expire: 4h",
        "sla_expire: 1h",
        15,
        "`review.sla_expire` (1h 00m) is not after `review.sla` (2h 00m)",
    );
    check(
        "campaigns: {}",
        "campaigns: {fae-drop: 3}",
        15,
        "`caps.campaigns` names `fae-drop`, which is no campaign",
    );
    check(
        "visual: 10",
        "visual: ten",
        13,
        "`judge.weights.visual`: `ten` does not fit",
    );
    check(
        "unit: ktokens",
        "unit: token",
        49,
        "`prices[0].unit`: `token` is not a price unit",
    );
    check(
        "since: 2026-01-01, category: media_generation, simulated: true}",
        "since: 2026-13-01, category: media_generation, simulated: true}",
        90,
        "`prices[0].since`: `2026-13-01` is not a date",
    );
    check(
        "media_generation, simulated: true}",
        "media_generation, simulated: false}",
        141,
        "the bundled server `studio` is a stand-in, so its price cannot be a real one",
    );
}

// R54: what is left out of budget.yaml is told, never assumed.
#[test]
fn r54_nothing_in_budget_yaml_is_assumed() {
    refused(
        "budget.yaml",
        b"zone: UTC\n",
        "budget.yaml:1:1: `caps` is missing",
    );
    for (line, path) in [
        ("  plan_usd: 2.00", "caps.plan_usd"),
        ("  relevance: 0.75", "thresholds.relevance"),
        ("    safety: 25", "judge.weights.safety"),
        ("  undo_fuse: 10s", "review.undo_fuse"),
    ] {
        let content = budget(line, "");
        let error = load("budget.yaml", &content).expect_err(path);
        assert!(error.contains(&format!("`{path}` is missing")), "{error}");
    }
}

// R92: an amount without quotes is its text, never a float: what no float holds comes through exactly.
#[test]
fn r92_unquoted_amounts_are_exact() {
    for (written, micros) in [
        ("12.50", 12_500_000),
        ("\"12.50\"", 12_500_000),
        ("9007199254.740993", 9_007_199_254_740_993),
        ("0.000001", 1),
        ("007", 7_000_000),
    ] {
        let config = load(
            "budget.yaml",
            &budget("agent_day_usd: 50.00", &format!("agent_day_usd: {written}")),
        )
        .unwrap();
        assert_eq!(
            config.policy.budget.agent_day_usd_max,
            Usd::from_micros(micros),
            "{written}"
        );
    }
}

// R48: the newest price in force counts; one of the future does not.
#[test]
fn r48_prices_hold_since_their_dates() {
    let old = "  - {server: twitter, tool: post_content, unit: call, usd: 0.01, units_max: 1, since: 2026-01-01, category: publishing, simulated: true}\n";
    let newer = old
        .replace("0.01", "0.02")
        .replace("2026-01-01", "2026-06-01");
    let config = load("budget.yaml", &budget(old, &format!("{old}{newer}"))).unwrap();
    let at = |moment: &str| {
        config
            .policy_at(Timestamp::parse_rfc3339(moment).unwrap())
            .budget
            .price("twitter", "post_content")
            .map(|price| price.usd.micros())
    };
    assert_eq!(
        [
            at("2025-12-31T23:59:59Z"),
            at("2026-05-31T23:59:59Z"),
            at("2026-06-01T00:00:00Z")
        ],
        [None, Some(10_000), Some(20_000)]
    );
    let twice = budget(old, &format!("{old}{old}"));
    assert!(
        load("budget.yaml", &twice)
            .unwrap_err()
            .contains("a second price of twitter.post_content since 2026-01-01")
    );
}

// The budget of a campaign: its own cap by name, else the one of all.
#[test]
fn r92_caps_by_name() {
    let config = load(
        "budget.yaml",
        &budget("campaigns: {}", "campaigns: {fae-drops: 25.00}"),
    )
    .unwrap();
    assert_eq!(
        config.campaigns[0].budget_usd_max,
        Usd::from_micros(25_000_000)
    );
    let error = load(
        "budget.yaml",
        &budget("campaigns: {}", "campaigns: {fae-drops: 24.999999}"),
    )
    .unwrap_err();
    assert!(
        error.contains("asks for 25.00 USD, budget.yaml allows 24.999999"),
        "{error}"
    );
}

// R78, R54: who may let out what alone is written out line by line; `never` is a limit, too, and a wrong one is told with
// its line. A file from before it could be said still loads, and says what holds.
#[test]
fn r78_a_second_approver_is_configured() {
    let second = |content: &[u8]| {
        let config = load("budget.yaml", content).unwrap();
        (config.policy.judge.second_approver, config.notices.len())
    };
    let shipped = SecondApprover {
        money_over: Some(Usd::from_micros(1_000_000)),
        sensitive_audience_over: Some(10_000),
        first_live_post: true,
    };
    assert_eq!(second(BUDGET.as_bytes()), (shipped, 0));
    let off = BUDGET
        .replace("money_over: 1.00", "money_over: never")
        .replace("audience_over: 10000", "audience_over: never")
        .replace("first_live_post: true", "first_live_post: false");
    assert_eq!(second(off.as_bytes()), (SecondApprover::default(), 0));
    let old: Vec<&str> = BUDGET
        .lines()
        .filter(|line| {
            ![
                "second_approver:",
                "money_over:",
                "audience_over:",
                "first_live_post:",
            ]
            .iter()
            .any(|key| line.contains(key))
        })
        .collect();
    assert_eq!(second(old.join("\n").as_bytes()), (shipped, 1));
    let check = |from: &str, to: &str, column: usize, message: &str| {
        let line = line_of(BUDGET, from);
        let message = format!("budget.yaml:{line}:{column}: {message}");
        refused("budget.yaml", &budget(from, to), &message);
    };
    check(
        "money_over: 1.00",
        "money_over: -1",
        17,
        "`review.second_approver.money_over`: `-1` is ",
    );
    check(
        "audience_over: 10000",
        "audience_over: many",
        30,
        "`review.second_approver.sensitive_audience_over`: `many` does not fit",
    );
    check(
        "first_live_post: true",
        "first_live_post: never",
        22,
        "`review.second_approver.first_live_post`: `never` is neither true nor false",
    );
    check(
        "money_over: 1.00",
        "money: 1.00",
        5,
        "the key `review.second_approver.money` is not known",
    );
    let one = budget(
        "    first_live_post: true    # of an account; `false` if you work alone\n",
        "",
    );
    let error = load("budget.yaml", &one).unwrap_err();
    assert!(
        error.contains("`review.second_approver.first_live_post` is missing"),
        "{error}"
    );
    let not_a_group = BUDGET.replace(
        "  second_approver:           #",
        "  second_approver: never #",
    );
    assert!(load("budget.yaml", not_a_group.as_bytes()).is_err());
}

// R55: the topics that an operator may turn on may be left out, and are off then; the five others must be written out.
#[test]
fn r55_further_topics_may_be_left_out() {
    let (before, rest) = BUDGET.split_once("  religion:\n").unwrap();
    let (_, after) = rest.split_once("\n# With these").unwrap();
    let five = format!("{before}\n# With these{after}");
    let config = load("budget.yaml", five.as_bytes()).unwrap();
    assert_eq!(
        (config.policy.judge.sensitive.len(), config.notices.len()),
        (5, 0)
    );
    let without_law = five.replace("  legal:", "  religion:");
    assert!(load("budget.yaml", without_law.as_bytes()).is_err());
}

// R191: the share of probes is off unless it is written out, and a wrong one is told with its line.
#[test]
fn r191_probes_are_off_unless_written_out() {
    let probes = |content: &str| {
        load("budget.yaml", content.as_bytes()).map(|config| config.policy.judge.probes)
    };
    assert_eq!(probes(BUDGET).unwrap(), None);
    let on = BUDGET.replace("  # probes: 0.02", "  probes: 0.02");
    assert_ne!(on, BUDGET);
    assert_eq!(probes(&on).unwrap(), Some(Score::from_percent(2)));
    let wrong = probes(&on.replace("probes: 0.02", "probes: 2")).unwrap_err();
    assert!(wrong.contains("`review.probes`"), "{wrong}");
}
