use chimera_domain::{
    ids::{AgentId, SignalId},
    lesson::{Lesson, Lessons},
    signal::Said,
    testing::{self, uuid_of},
};

use super::*;

fn persona() -> Persona {
    testing::persona(&[
        (
            "drops",
            &["sneaker", "capsule collection", "runway", "streetwear"][..],
        ),
        ("materials", &["linen", "wool", "denim", "natural dye"]),
    ])
}

fn scored(title: &str) -> Relevance {
    relevance(title, "", &persona(), None).unwrap()
}

// R30, T055: a score follows from the words and says which; words that are used like the keywords count too,
// and what is about another subject does not.
#[test]
fn r30_score_follows_from_the_words_and_says_which() {
    let named = scored("A capsule collection of linen and wool");
    assert!(named.score >= Score::from_percent(90), "{named:?}");
    assert!(
        named
            .reason
            .starts_with("names `capsule collection`, `linen`, `wool`"),
        "{}",
        named.reason
    );
    let near = scored("Models wear velvet trousers and cotton blouses on the catwalk");
    let none = scored("Parliament debates the rail budget");
    assert!(
        near.score > none.score && none.score < Score::from_percent(5),
        "{near:?} {none:?}"
    );
    assert!(near.reason.contains("near its topics"), "{}", near.reason);
    assert!(!near.reason.contains("names"), "{}", near.reason);
    let other = scored("Senate votes on the election bill of the president");
    assert!(
        other.reason.contains("rather about politics"),
        "{}",
        other.reason
    );
    assert_eq!(named.method, METHOD);
}

// R30: equal input gives equal output, whatever was scored before; a summary counts, and less than a title.
#[test]
fn r30_equal_input_gives_equal_output() {
    let title = "A new sneaker made of linen";
    let first = scored(title);
    for _ in 0..70 {
        let mut other = persona();
        other.topics[0]
            .keywords
            .push(format!("word{}", first.reason.len()));
        relevance(title, "", &other, None).unwrap();
        assert_eq!(scored(title), first);
    }
    let below = relevance("News", "A new sneaker made of linen", &persona(), None).unwrap();
    assert!(below.score < first.score && below.score > scored("News").score);
}

// R30: what cannot be scored is an error, never a default.
#[test]
fn r30_what_cannot_be_scored_is_an_error() {
    for title in ["", " ", "!?…"] {
        assert_eq!(
            relevance(title, "", &persona(), None),
            Err(Unscorable::NoText)
        );
    }
    let mut blank = persona();
    blank.topics.clear();
    assert_eq!(
        relevance("x", "", &blank, None),
        Err(Unscorable::NoTopics("fae".into()))
    );
}

// R30: a persona whose words are not carried is still found by them as they are written.
#[test]
fn r30_words_that_are_not_carried_are_found_as_they_are_written() {
    let mut other = persona();
    other.topics = vec![Topic {
        name: "mode".into(),
        keywords: vec!["Strickwaren".into(), "nachhaltige Mode".into()],
    }];
    let of = |title| relevance(title, "", &other, None).unwrap().score;
    assert!(of("Neue Strickwaren, nachhaltige Mode") > Score::from_percent(75));
    assert!(of("Wetter in Oslo") < Score::from_percent(10));
}

/// How far a score was raised, as scores are shown.
fn shown(from: Score, to: Score) -> String {
    let hundredths = (f64::from(to.ppm()) - f64::from(from.ppm())) / 10_000.0;
    format!("{:+.2}", hundredths.round() / 100.0)
}

/// What was learned of these titles, and the score of another before and after.
fn moved(decisions: &[(&str, bool)], title: &str) -> (Score, Score, String) {
    let interest = Interest::of(&persona()).unwrap();
    let readings: Vec<Reading> = decisions.iter().map(|(t, _)| Reading::of(t, "")).collect();
    let decided: Vec<Decided<'_>> = readings
        .iter()
        .zip(decisions)
        .map(|(reading, (_, kept))| Decided {
            reading,
            kept: *kept,
        })
        .collect();
    let learned = Learned::of(&interest, &decided);
    let reading = Reading::of(title, "");
    let before = interest.score(&reading, None).unwrap();
    let after = interest.score(&reading, learned.as_ref()).unwrap();
    let reason = interest.reason(&reading, &after, learned.as_ref());
    (before.score, after.score, reason)
}

// R30: what people kept raises what is like it, what they dropped lowers it, and the reason says by which
// words and how many decisions.
#[test]
fn r30_what_people_kept_and_dropped_moves_what_is_like_it() {
    let kept = [
        ("Buttons made of horn", true),
        ("A button for every coat", true),
    ];
    let (before, after, reason) = moved(&kept, "Horn buttons from Bavaria");
    assert!(after > before, "{before} {after}");
    let by = shown(before, after);
    let told = format!("{by} by 2 decisions (2 kept, 0 dropped), more like what was kept by `");
    assert!(
        by.starts_with("+0.") && reason.contains(&told),
        "{by} {reason}"
    );
    let dropped = [
        ("A sneaker for marathon runners", false),
        ("Sneaker sale", false),
    ];
    let (before, after, reason) = moved(&dropped, "Another sneaker");
    assert!(after < before, "{before} {after}");
    let told = format!(
        "-{} by 2 decisions (0 kept, 2 dropped)",
        &shown(after, before)[1..]
    );
    assert!(reason.contains(&told), "{told} {reason}");
    // Without a decision nothing is moved, and nothing is said of it.
    let (before, after, reason) = moved(&[], "Another sneaker");
    assert_eq!(before, after);
    assert!(!reason.contains("kept"), "{reason}");
}

// R30: learning is the same for equal decisions, and of too many it takes the latest.
#[test]
fn r30_learning_is_bounded_and_repeats() {
    let decision = |n: usize| (format!("linen number{n} of {}", n % 7), n >= DECISIONS_MAX);
    let many: Vec<(String, bool)> = (0..DECISIONS_MAX + 20).map(decision).collect();
    let many: Vec<(&str, bool)> = many.iter().map(|(t, kept)| (t.as_str(), *kept)).collect();
    let all = moved(&many, "linen shirt");
    assert_eq!(moved(&many, "linen shirt"), all);
    assert_eq!(moved(&many[20..], "linen shirt"), all);
    assert!(moved(&many[..DECISIONS_MAX], "linen shirt").1 < all.1);
}

fn lessons(said: &[(&str, Said)]) -> Lessons {
    let line = |(n, (title, said)): (u128, &(&str, Said))| Lesson {
        signal: SignalId::from_uuid(uuid_of(n)),
        said: *said,
        title: (*title).to_owned(),
        summary: String::new(),
    };
    let agent = AgentId::from_uuid(uuid_of(1));
    Lessons::new(agent, 9, (1..).zip(said).map(line).collect())
}

// R30: lessons that are kept in mind teach what they teach when they are new, other lessons and other topics something
// else; the method says how many decisions a score was learned from, and none teach nothing.
#[test]
fn r30_the_method_says_how_many_decisions_it_learned_from() {
    let fae = persona();
    let said = lessons(&[
        ("Sneaker sale", Said::Dropped),
        ("Horn buttons", Said::Kept),
    ]);
    let first = learned(&fae, &said).unwrap().unwrap();
    assert_eq!(method(Some(&first)), format!("{METHOD} after decisions: 2"));
    assert_eq!(method(None), METHOD);
    assert!(has(METHOD) && has(&method(Some(&first))));
    assert!(!has("lexical/2") && !has("lexical+glove/30"));
    assert_eq!(*learned(&fae, &said).unwrap().unwrap(), *first);
    let turned = lessons(&[("Sneaker sale", Said::Kept), ("Horn buttons", Said::Kept)]);
    assert_ne!(*learned(&fae, &turned).unwrap().unwrap(), *first);
    let mut other = persona();
    other.topics.truncate(1);
    assert_ne!(*learned(&other, &said).unwrap().unwrap(), *first);
    assert!(learned(&fae, &lessons(&[])).unwrap().is_none());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    // R30: where nobody decided anything, a score is the persona file's own, to the last digit and word; and whatever
    // was decided, it is a score, the same each time.
    #[test]
    fn r30_no_decisions_leave_the_files_own_score(title in "[a-z ]{1,60}", said in "[a-z]{3,12}", kept: bool) {
        let fae = persona();
        let Ok(own) = relevance(&title, "", &fae, None) else { return Ok(()) };
        let none = learned(&fae, &lessons(&[])).unwrap();
        proptest::prop_assert_eq!(&relevance(&title, "", &fae, none.as_deref()).unwrap(), &own);
        let said = lessons(&[(&said, if kept { Said::Kept } else { Said::Dropped })]);
        let taught = learned(&fae, &said).unwrap();
        let moved = relevance(&title, "", &fae, taught.as_deref()).unwrap();
        proptest::prop_assert_eq!(&relevance(&title, "", &fae, taught.as_deref()).unwrap(), &moved);
        proptest::prop_assert!(moved.score <= Score::ONE && moved.method != own.method);
    }
}
