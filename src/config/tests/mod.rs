//! What an operator may write into `chimera.yaml` and `budget.yaml`, and what is answered.

use std::{fs, path::Path};

use chimera_domain::{
    Score, Span, Timestamp, Usd, policy::PriceUnit, second::SecondApprover, verdict::SensitiveTopic,
};

use super::*;

mod budget_yaml;
mod chimera_yaml;
mod hostile;
mod models;
mod payments;

const BUDGET: &str = include_str!("../../../budget.yaml");
const FASHION_DROP: &str = include_str!("../../../examples/scenarios/fashion_drop.jsonl");

/// A home with the shipped files, some of them replaced.
fn home(replaced: &[(&str, &[u8])]) -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::in_folder(folder.path());
    home.ensure().unwrap();
    for (name, content) in replaced {
        fs::write(folder.path().join(name), content).unwrap();
    }
    (folder, home)
}

fn load(name: &str, content: &[u8]) -> Result<Config, String> {
    let (folder, home) = home(&[(name, content)]);
    let prefix = format!("{}/", folder.path().display());
    Config::load_from(&home, |variable| {
        (variable == "TOKEN").then(|| "s3cret".to_owned())
    })
    .map_err(|error| error.to_string().replace(&prefix, ""))
}

fn chimera(content: &str) -> Result<Config, String> {
    load("chimera.yaml", content.as_bytes())
}

/// The message must begin one of the problems and come with a hint.
#[track_caller]
fn refused(name: &str, content: &[u8], message: &str) {
    let error = load(name, content).expect_err(message);
    let found = error.lines().position(|line| line.starts_with(message));
    assert!(found.is_some(), "wanted {message}\ngot    {error}");
    assert!(
        found
            .and_then(|at| error.lines().nth(at + 1))
            .is_some_and(|line| line.starts_with("  help: ")),
        "{error}"
    );
}

/// The shipped budget with one text replaced by another.
fn budget(from: &str, to: &str) -> Vec<u8> {
    assert!(BUDGET.contains(from), "{from}");
    BUDGET.replacen(from, to, 1).into_bytes()
}

fn line_of(text: &str, part: &str) -> usize {
    1 + text.lines().position(|line| line.contains(part)).unwrap()
}

// R177, T036: the files that are shipped load and mean what they say.
#[test]
fn r177_shipped_files_load() {
    let (_folder, home) = home(&[]);
    let config = Config::load_from(&home, |_| None).unwrap();
    assert_eq!(config.notices, vec![], "{:#?}", config.notices);
    let now = Timestamp::parse_rfc3339("2026-11-21T12:00:00Z").unwrap();
    let setup = config.setup(now);
    assert_eq!(setup.simulated_servers, ["twitter", "studio"]);
    let uris: Vec<&str> = setup
        .resources
        .iter()
        .map(|resource| resource.uri.as_str())
        .collect();
    assert_eq!(uris, ["feed://fashion_drop", "feed://atom_relative"]);
    assert!(
        setup
            .resources
            .iter()
            .all(|resource| resource.server == "feeds" && resource.age_max.is_none())
    );
    let acting: Vec<(&str, &str, &str)> = setup
        .campaigns
        .iter()
        .map(|c| (c.persona.as_str(), c.channel.as_str(), c.account.as_str()))
        .collect();
    assert_eq!(
        acting,
        [("fae", "twitter", "@fae"), ("leo", "mastodon", "@leo")]
    );
    let policy = &setup.policy;
    assert_eq!(
        policy.hash,
        chimera_domain::ContentHash::of_bytes(BUDGET.as_bytes())
    );
    assert_eq!(
        (policy.judge.window.auto_min, policy.judge.window.human_min),
        (Score::from_percent(90), Score::from_percent(70))
    );
    assert_eq!(
        (
            policy.planner.relevance_min,
            policy.budget.agent_day_usd_max
        ),
        (Score::from_percent(75), Usd::from_micros(50_000_000))
    );
    assert_eq!(
        (
            policy.judge.sla,
            policy.judge.sla_expire,
            policy.judge.undo_fuse
        ),
        (
            Span::from_hours(2),
            Span::from_hours(4),
            Span::from_secs(10)
        )
    );
    assert_eq!(policy.judge.sensitive.len(), SensitiveTopic::ALL.len());
    // The five that no policy may leave out have a list that stands by itself; the others begin with a few words.
    for (topic, words) in &policy.judge.sensitive {
        let least = if *topic <= SensitiveTopic::Violence {
            40
        } else {
            2
        };
        assert!(words.len() >= least, "{topic} has {}", words.len());
    }
    let units: Vec<PriceUnit> = ["generate_text", "generate_image", "generate_video"]
        .iter()
        .map(|tool| policy.budget.price("studio", tool).unwrap().unit)
        .collect();
    assert_eq!(
        units,
        [PriceUnit::Ktokens, PriceUnit::Image, PriceUnit::Second]
    );
    assert!(
        policy.budget.price("twitter", "post_content").is_some()
            && policy.budget.prices.iter().all(|price| price.simulated)
    );
    assert_eq!(
        (config.console, config.swarm, config.logging, config.store),
        (
            Console::default(),
            Swarm::default(),
            Logging::default(),
            Storage::default()
        ),
        "the shipped file states the defaults"
    );
}

// R48: a plan that makes everything once fits into the cap of a plan.
#[test]
fn r48_a_whole_plan_fits_its_cap() {
    let (_folder, home) = home(&[]);
    let policy = Config::load_from(&home, |_| None).unwrap().policy;
    let sum = policy
        .budget
        .prices
        .iter()
        .try_fold(Usd::ZERO, |sum, price| sum.checked_add(price.estimate()?))
        .unwrap();
    assert!(sum <= policy.planner.plan_budget_usd_max, "{sum}");
}

// The scenario is six reads of well-formed items with the kinds it promises, and none is a real address.
#[test]
fn t055_the_scenario_holds_what_it_promises() {
    let reads: Vec<serde_json::Value> = FASHION_DROP
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(reads.len(), 6);
    let mut ids = std::collections::BTreeMap::<String, usize>::new();
    for read in &reads {
        assert!(Timestamp::parse_rfc3339(read["at"].as_str().unwrap()).is_some());
        for item in read["items"].as_array().unwrap() {
            *ids.entry(item["id"].as_str().unwrap().to_owned())
                .or_default() += 1;
            assert!(
                item["link"]
                    .as_str()
                    .unwrap()
                    .starts_with("https://example.org/")
            );
            assert!(
                Timestamp::parse_rfc3339(item["published"].as_str().unwrap())
                    <= Timestamp::parse_rfc3339(read["at"].as_str().unwrap())
            );
        }
    }
    let of = |kind: &str| ids.keys().filter(|id| id.starts_with(kind)).count();
    assert!(
        ids.len() >= 25
            && of("drop") >= 12
            && of("misc") >= 4
            && of("thin") >= 3
            && of("sens") == 5,
        "{ids:?}"
    );
    assert!(
        ids.values().filter(|count| **count > 1).count() >= 5,
        "{ids:?}"
    );
}

// R151: everything that is wrong in all files is told at once, in the order of lines.
#[test]
fn r151_all_problems_at_once() {
    let (folder, home) = home(&[
        ("chimera.yaml", b"zoone: UTC\nconsole:\n  theme: pink\n  guard_ms: fast\ncampaigns:\n  - {name: a, persona: fae, channel: twitter, account: a, goal: g}\n"),
        ("budget.yaml", &budget("agent_day_usd: 50.00", "agent_day_usd: 5O.00")),
        ("personas/fae/SOUL.md", b"---\nname: [Fae]\n---\n"),
    ]);
    let prefix = format!("{}/", folder.path().display());
    let error = Config::load_from(&home, |_| None).unwrap_err();
    let shown = error.to_string().replace(&prefix, "");
    let budget_line = line_of(BUDGET, "agent_day_usd:");
    assert_eq!(
        shown,
        format!(
            "chimera.yaml:1:1: the key `zoone` is not known\n  help: did you mean `zone`?\n\
             chimera.yaml:3:10: `console.theme`: `pink` is not a theme\n  help: write one of: dark, light, colour-blind, colour-blind-light, mono\n\
             chimera.yaml:4:13: `console.guard_ms`: `fast` does not fit\n  help: write a whole number from 0 to 5000\n\
             budget.yaml:{budget_line}:18: `caps.agent_day_usd`: `5O.00` is not an exact amount of US dollars\n  help: write digits, a point and up to six decimals, without a currency sign or exponent, as in 12.50\n\
             personas/fae/SOUL.md:2:7: `name` must be a single value, this is a list\n  help: write the value on the line of its key"
        )
    );
    assert_eq!(Config::check(&home).problems, error.problems);
}

// R119: a broken SOUL.md stops what uses it and is told loudly; one that nothing uses is only told.
#[test]
fn r119_broken_personas() {
    let broken: &[u8] = b"---\nname: Leo\nvoice_traits: [a\n---\n";
    refused(
        "personas/leo/SOUL.md",
        broken,
        "personas/leo/SOUL.md:3:15: this is not valid YAML",
    );
    let (_folder, unused) = home(&[]);
    fs::create_dir(unused.personas_dir().join("draft-1")).unwrap();
    fs::write(unused.personas_dir().join("draft-1/SOUL.md"), broken).unwrap();
    let config = Config::load_from(&unused, |_| None).unwrap();
    assert_eq!((config.personas.len(), config.notices.len()), (2, 1));
    let (_folder, empty) = home(&[]);
    fs::remove_file(empty.budget_yaml()).unwrap();
    assert!(
        Config::load_from(&empty, |_| None)
            .unwrap_err()
            .to_string()
            .contains("budget.yaml: the file cannot be read")
    );
}
