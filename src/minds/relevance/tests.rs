use chimera_domain::{
    ContentHash,
    persona::{Motif, VisualIdentity},
};

use super::*;

fn persona() -> Persona {
    let topic = |name: &str, keywords: &[&str]| Topic {
        name: name.into(),
        keywords: keywords
            .iter()
            .map(|keyword| (*keyword).to_owned())
            .collect(),
    };
    Persona {
        slug: "fae".into(),
        name: "Fae".into(),
        hash: ContentHash::of_bytes(b"fae"),
        voice_traits: vec![],
        directives: vec![],
        topics: vec![
            topic(
                "drops",
                &["sneaker", "capsule collection", "runway", "streetwear"],
            ),
            topic("materials", &["linen", "wool", "denim", "natural dye"]),
        ],
        banned_topics: vec![],
        openers: vec![],
        closers: vec![],
        hashtags: vec![],
        language: "en".into(),
        disclosure: "AI".into(),
        character_reference_id: None,
        visual: VisualIdentity {
            palette: vec![],
            motif: Motif::Rays,
        },
        body: String::new(),
    }
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
    assert!(
        reason.contains("more like what was kept by `button`, `horn` (2 kept, 0 dropped)")
            || reason.contains("more like what was kept by `horn`, `button` (2 kept, 0 dropped)"),
        "{reason}"
    );
    let dropped = [
        ("A sneaker for marathon runners", false),
        ("Sneaker sale", false),
    ];
    let (before, after, reason) = moved(&dropped, "Another sneaker");
    assert!(after < before, "{before} {after}");
    assert!(reason.contains("more like what was dropped"), "{reason}");
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
