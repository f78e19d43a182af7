use chimera_domain::verdict::SensitiveTopic;
use proptest::prelude::*;

use super::*;

fn fires(text: &str, topic: &str) -> bool {
    let topic: SensitiveTopic = topic.parse().unwrap();
    detect(text).iter().any(|found| found.topic == topic)
}

fn check(topic: &str, texts: &[&str]) {
    for text in texts {
        assert!(
            fires(text, topic),
            "{topic}: {text} gave {:?}",
            detect(text)
        );
    }
}

// R55: what a text is about is found, by a word that names it and by many that do not.
#[test]
fn r55_subjects_are_found_in_english() {
    check(
        "politics",
        &[
            "Senator says the bill will die in committee before the vote",
            "Obama and Romney spar over taxes in the second debate",
            "Why do Republicans keep losing the youth vote?",
        ],
    );
    check(
        "health",
        &[
            "My doctor put me on a new medication and the symptoms got worse",
            "New study links red meat to higher risk of colon cancer",
            "Passed my NCLEX today, I am officially a nurse!",
        ],
    );
    check(
        "finance",
        &[
            "Should I pay off my student loans or max out my Roth IRA?",
            "Goldman raises its price target as earnings beat the estimate",
            "Banks foreclose on homes while the Fed keeps rates near zero",
        ],
    );
    check(
        "legal",
        &[
            "Judge rules the search was unlawful and suppresses the evidence",
            "My landlord refuses to return the deposit, can I sue?",
        ],
    );
    check(
        "violence",
        &[
            "Police officer shoots unarmed man during a traffic stop",
            "Two dead after gunman opens fire downtown",
        ],
    );
}

// R55: the topics that an operator may turn on.
#[test]
fn r55_the_configurable_topics_are_found() {
    check(
        "religion",
        &["The Vatican published a letter about the Quran"],
    );
    check("sexual", &["leaked sex tape"]);
    check(
        "minors",
        &["an Amber Alert was issued for the missing girl"],
    );
    check(
        "self_harm",
        &["a hotline for people with suicidal thoughts"],
    );
    check("regulated", &["buy cheap cigarettes and vape juice here"]);
    check("tragedy", &["The earthquake's death toll rises"]);
}

// R58: core words of other languages, with the place as it is written.
#[test]
fn r58_other_languages_are_read() {
    for (topic, text) in [
        ("politics", "Der Bundestag stimmt ab"),
        ("health", "Neue Impfstoffe gegen Masern"),
        ("legal", "le procureur demande une peine"),
        ("violence", "Una mujer fue asesinada"),
        ("finance", "il mercato azionario crolla"),
        ("politics", "As eleições de domingo"),
        ("violence", "Совершено убийство"),
        ("health", "新しいワクチンの副作用"),
        ("finance", "今天股市大跌"),
        ("self_harm", "الانتحار ليس حلا"),
    ] {
        let found = detect(text);
        let hit = found.iter().find(|found| found.topic.as_str() == topic);
        let hit = hit.unwrap_or_else(|| panic!("{topic} in {text}: {found:?}"));
        assert!(text.contains(&hit.span), "{hit:?}");
    }
}

// R55: harmless look-alikes are left alone.
#[test]
fn r55_look_alikes_do_not_fire() {
    for text in [
        "How do I kill a Python process?",
        "I shot this portrait with a 50mm lens",
        "Blow up 200 balloons without a pump",
        "A walk along the bank of the river",
        "Party tonight! Bring cake",
        "Be patient with your sourdough starter",
        "Crack two eggs into the flour",
        "How can I execute a script on boot?",
        "Linen drop: a capsule collection with hemp and wool",
        "Postgres query planner gets faster joins",
        "An oak cabinet with hand-cut dovetails",
        "Beat the eggs, then whip the cream",
        "The best camera for a beginner",
        "",
        "🙂",
    ] {
        assert_eq!(detect(text), vec![], "{text}");
    }
}

// R56: every finding shows where, in the words of the text, and by which rule.
#[test]
fn r56_place_and_rule_are_shown() {
    let found = detect("After the chemotherapy her insulin was raised, said the doctor");
    let rules: Vec<(&str, &str)> = found
        .iter()
        .map(|f| (f.rule.as_str(), f.span.as_str()))
        .collect();
    assert!(
        rules.contains(&("health/en/chemotherapy", "chemotherapy")),
        "{rules:?}"
    );
    assert!(
        rules
            .iter()
            .any(|(rule, span)| *rule == "health/model" && *span == "insulin"),
        "{rules:?}"
    );
}

// R55: each line of the list is a rule: it belongs to a topic, is written folded, and finds itself.
#[test]
fn r55_every_rule_finds_itself() {
    let mut count = 0;
    for rule in rules::all() {
        count += 1;
        let found = detect(&format!("so {} it", rule.phrase));
        let by_itself = found.iter().any(|f| f.rule == rule.name)
            || found.iter().any(|f| f.topic == rule.topic);
        assert!(by_itself, "{}", rule.name);
    }
    assert!(count > 1_000, "{count}");
}

/// One way of hiding a word.
fn disguise(word: &str, way: usize) -> String {
    let swap = |from: &str, to: &str| word.replacen(from, to, 1);
    match way {
        0 => word
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join("\u{200b}"),
        1 => swap("a", "а"),
        2 => swap("e", "3"),
        3 => swap("o", "0"),
        4 => word
            .chars()
            .map(|c| match c {
                'a'..='z' => char::from_u32(0x1d5ba + (c as u32 - 'a' as u32)).unwrap(),
                other => other,
            })
            .collect(),
        5 => word
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join("💉"),
        // `!` is a letter only between letters: at the end of a word it ends a sentence.
        6 => match word
            .char_indices()
            .position(|(at, c)| c == 'i' && at > 0 && at + 1 < word.len())
        {
            Some(at) => format!("{}!{}", &word[..at], &word[at + 1..]),
            None => word.to_owned(),
        },
        _ => word.chars().map(String::from).collect::<Vec<_>>().join("-"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    // R58: a word of a rule is found through each of the disguises.
    #[test]
    fn r58_disguised_words_of_rules_are_found(at in 0usize..10_000, way in 0usize..8) {
        let english: Vec<_> = rules::all()
            .filter(|r| r.name.contains("/en/") && !r.name.contains('*') && r.phrase.len() > 5 && r.phrase.chars().all(|c| c.is_ascii_lowercase()))
            .collect();
        let rule = english[at % english.len()];
        let text = format!("about {} here", disguise(&rule.phrase, way));
        prop_assert!(detect(&text).iter().any(|f| f.topic == rule.topic), "{} by {way}", rule.name);
    }

    // R58, R173: no text breaks it, every place it names is in the text, and the same text gives the same.
    #[test]
    fn r173_any_text_is_read(text in "\\PC{0,80}|[a-z0-9@!$#\u{200b}\u{301}а ']{0,60}") {
        let found = detect(&text);
        prop_assert!(found.iter().all(|f| !f.span.is_empty() && text.contains(&f.span)));
        prop_assert_eq!(found, detect(&text));
    }
}

/// Titles with their labels, where the labelled sets lie beside the project.
fn labelled(name: &str) -> Option<Vec<serde_json::Value>> {
    let path = format!(
        "{}/../../../shared/data/sensitive/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).ok()?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

const SUBJECTS: [&str; 5] = ["politics", "health", "finance", "legal", "violence"];

fn subjects_of(text: &str) -> Vec<&'static str> {
    let found = detect(text);
    SUBJECTS
        .into_iter()
        .filter(|s| found.iter().any(|f| f.topic.as_str() == *s))
        .collect()
}

// R58: on labelled titles, where they are there, macro F1 and recall hold at few false alarms. (The weights were
// fitted on these very titles; what they are worth on others is in `docs/evals.md`.)
#[test]
fn r58_labelled_titles_are_told_apart() {
    let Some(rows) = labelled("reddit_sensitive_topics.jsonl") else {
        return;
    };
    let (mut any, mut alarms, mut sensitive, mut none) = (0, 0, 0, 0);
    let mut counts = [[0u32; 3]; 5];
    for row in &rows {
        let label = row["label"].as_str().unwrap().split('_').next().unwrap();
        let found = subjects_of(row["text"].as_str().unwrap());
        if label == "none" {
            none += 1;
            alarms += u32::from(!found.is_empty());
        } else {
            sensitive += 1;
            any += u32::from(!found.is_empty());
        }
        for (subject, [hit, wrong, missed]) in SUBJECTS.iter().zip(&mut counts) {
            match (found.contains(subject), label == *subject) {
                (true, true) => *hit += 1,
                (true, false) => *wrong += 1,
                (false, true) => *missed += 1,
                (false, false) => {}
            }
        }
    }
    let f1 = counts.map(|[hit, wrong, missed]| 2 * hit * 1_000 / (2 * hit + wrong + missed));
    let macro_f1 = f1.iter().sum::<u32>() / 5;
    let (recall, false_alarms) = (any * 1_000 / sensitive, alarms * 1_000 / none);
    println!(
        "F1 {f1:?} macro {macro_f1}; any recall {recall}, false alarms {false_alarms} (per thousand)"
    );
    assert!(macro_f1 >= 650 && recall >= 750 && false_alarms <= 50);
}

// R58: harmless questions that look grave do not fire too often.
#[test]
fn r58_harmless_questions_rarely_fire() {
    let Some(rows) = labelled("xstest.jsonl") else {
        return;
    };
    let safe: Vec<_> = rows.iter().filter(|row| row["label"] == "safe").collect();
    let fired = safe
        .iter()
        .filter(|row| !subjects_of(row["text"].as_str().unwrap()).is_empty())
        .count();
    println!("{fired} of {}", safe.len());
    assert!(fired * 4 <= safe.len());
}
