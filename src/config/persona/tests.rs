//! What people write into a SOUL.md, and what is made of it.

use std::path::Path;

use chimera_domain::persona::{Motif, Topic};
use proptest::prelude::*;

use super::*;

const FAE: &str = include_str!("../../../personas/fae/SOUL.md");
const LEO: &str = include_str!("../../../personas/leo/SOUL.md");

fn read(text: &str) -> ParsedPersona {
    parse_persona("test", Path::new("SOUL.md"), text.as_bytes()).unwrap()
}

fn notices(text: &str) -> Vec<String> {
    read(text)
        .notices
        .iter()
        .map(|notice| {
            notice
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

#[track_caller]
fn refused(bytes: &[u8], message: &str) {
    let error = parse_persona("test", Path::new("SOUL.md"), bytes)
        .expect_err(message)
        .to_string();
    assert!(
        error.lines().any(|line| line.starts_with(message)),
        "wanted {message}\ngot    {error}"
    );
    assert!(error.contains("\n  help: "), "{error}");
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

// R118: the shipped personas are whole, and nothing about them needs a notice.
#[test]
fn r118_shipped_personas_are_whole() {
    for (slug, text) in [("fae", FAE), ("leo", LEO)] {
        let parsed = parse_persona(slug, Path::new("SOUL.md"), text.as_bytes()).unwrap();
        let persona = parsed.persona;
        assert_eq!(parsed.notices, vec![], "{slug}");
        assert_eq!(persona.hash, ContentHash::of_bytes(text.as_bytes()));
        assert_eq!(
            (
                persona.slug.as_str(),
                persona.topics.len(),
                persona.language.as_str()
            ),
            (slug, 5, "en")
        );
        assert!(
            persona
                .topics
                .iter()
                .all(|topic| (10..=20).contains(&topic.keywords.len())),
            "{:?}",
            persona.topics
        );
        assert_eq!(persona.character_reference_id, Some(format!("{slug}-v1")));
        assert!(persona.disclosure.contains("AI agent"));
        assert!(
            persona.openers.len() >= 4
                && persona.closers.len() >= 4
                && persona.visual.palette.len() == 4
        );
        assert!(persona.body.starts_with("# ") && !persona.body.contains("voice_traits"));
        // A post has 280 characters; label, opener and closer must leave room for what it is about.
        let longest = |texts: &[String]| {
            texts
                .iter()
                .map(|text| text.chars().count())
                .max()
                .unwrap_or(0)
        };
        assert!(
            longest(&persona.openers)
                + longest(&persona.closers)
                + persona.disclosure.chars().count()
                < 130
        );
    }
}

// R118: front matter, with BOM, CRLF and letters of any script.
#[test]
fn r118_front_matter() {
    let text = "\u{feff}\r\n---\r\nagent_id: test\r\nname: Ænne 日本\r\nvoice_traits: [warm]\r\ndirectives:\r\n  - Note: quote sources\r\n---\r\n# Título\r\n\r\nProse.\r\n";
    let persona = read(text).persona;
    assert_eq!(
        (persona.name.as_str(), persona.body.as_str()),
        ("Ænne 日本", "# Título\n\nProse.")
    );
    assert_eq!(persona.directives, ["Note: quote sources"]);
}

// R118: the other places YAML is found in: nested groups and a fenced block behind the title.
#[test]
fn r118_nested_and_fenced_yaml() {
    let nested = read("---\npersona:\n  id: test\n  name: Nia\npolicy:\n  hard_rules: [Never lie.]\n  disclosure_policy: Machine made.\nvisual_identity: {colors: ['#ABC', '#001122'], motif: grid}\n---\n").persona;
    assert_eq!(
        (nested.name.as_str(), nested.disclosure.as_str()),
        ("Nia", "Machine made.")
    );
    assert_eq!(
        (
            nested.directives,
            nested.visual.palette,
            nested.visual.motif
        ),
        (
            strings(&["Never lie."]),
            strings(&["#aabbcc", "#001122"]),
            Motif::Grid
        )
    );
    let fenced = read("# SOUL\n\nText before.\n\n```yaml\nid: test\nname: Ned\nlanguages: [de, en]\n```\n\n## Boundaries\n- No gossip.\n").persona;
    assert_eq!(
        (
            fenced.name.as_str(),
            fenced.language.as_str(),
            fenced.directives
        ),
        ("Ned", "de", strings(&["No gossip."]))
    );
    assert!(fenced.body.contains("Text before.") && !fenced.body.contains("name: Ned"));
}

// R118: the free style of OpenClaw: headings, bold-led paragraphs, bullets, key lines, rules.
#[test]
fn r118_headings_only() {
    let text = "\n# SOUL.md - Who You Are\n\n_You are becoming someone._\n\n**Name:** Mira\n- **Language**: German\n\n## Core Truths\n\n**Be helpful.** Skip the\nfilling words.\n\n- Have opinions.\n\n---\n\n## 🚧 Boundaries\n\n1. Private things stay private.\n* Never guess.\n\n## Vibe\n\nConcise when needed. Dry, not cold!\n\n## Topics\n\n- **Fashion**: linen, hemp\n- Repair\n### Craft\n\n## No-Go Topics\n- Gambling, Politics\n\n## Hashtags\n#Slow #Mend\n\n```js\n- not read\n```\n## Disclosure\nAI-made.\n\n## Continuity\n- Read files.\n";
    let parsed = read(text);
    let persona = parsed.persona;
    assert_eq!(
        (
            persona.name.as_str(),
            persona.language.as_str(),
            persona.disclosure.as_str()
        ),
        ("Mira", "de", "AI-made.")
    );
    assert_eq!(
        persona.directives,
        [
            "Be helpful. Skip the filling words.",
            "Have opinions.",
            "Private things stay private.",
            "Never guess."
        ]
    );
    assert_eq!(
        persona.voice_traits,
        ["Concise when needed", "Dry, not cold!"]
    );
    let topic = |name: &str, keywords: &[&str]| Topic {
        name: name.into(),
        keywords: strings(keywords),
    };
    assert_eq!(
        persona.topics,
        [
            topic("Fashion", &["linen", "hemp"]),
            topic("Repair", &["repair"]),
            topic("Craft", &["craft"])
        ]
    );
    assert_eq!(
        (persona.banned_topics, persona.hashtags),
        (
            strings(&["gambling", "politics"]),
            strings(&["Slow", "Mend"])
        )
    );
    assert!(persona.body.contains("Continuity"));
}

// R118: topics in each shape seen in the wild.
#[test]
fn r118_topics_in_every_shape() {
    let check = |yaml: &str, wanted: &[(&str, &[&str])], banned: &[&str]| {
        let persona = read(&format!("---\nname: x\n{yaml}\n---\n")).persona;
        let got: Vec<(String, Vec<String>)> = persona
            .topics
            .into_iter()
            .map(|topic| (topic.name, topic.keywords))
            .collect();
        let wanted: Vec<(String, Vec<String>)> = wanted
            .iter()
            .map(|(name, words)| ((*name).to_owned(), strings(words)))
            .collect();
        assert_eq!(
            (got, persona.banned_topics),
            (wanted, strings(banned)),
            "{yaml}"
        );
    };
    check(
        "topics: [Linen, hemp]",
        &[("Linen", &["linen"]), ("hemp", &["hemp"])],
        &[],
    );
    check(
        "niche: repair, reuse",
        &[("repair", &["repair"]), ("reuse", &["reuse"])],
        &[],
    );
    check(
        "topics:\n  - name: A\n    keywords: [X, y, x]\n  - b: c, d",
        &[("A", &["x", "y"]), ("b", &["c", "d"])],
        &[],
    );
    check(
        "topics: {primary: [a], secondary: [b], excluded: [C]}",
        &[("a", &["a"]), ("b", &["b"])],
        &["c"],
    );
    check(
        "topics:\n  fashion: [linen]\n  Fashion: {keywords: [hemp]}",
        &[("fashion", &["linen", "hemp"])],
        &[],
    );
}

// R118: every way a SOUL.md can be broken is told with its line and what to do.
#[test]
fn r118_broken_files() {
    refused(b"", "SOUL.md:1: the file says nothing");
    refused(b"\n \n", "SOUL.md:1: the file says nothing");
    refused(
        b"---\nname: x\n",
        "SOUL.md:1:1: the front matter begins here and never ends",
    );
    refused(
        b"---\nname: x\nvoice_traits: [a\n---\n",
        "SOUL.md:3:15: this is not valid YAML",
    );
    refused(
        b"---\nname: x\n\tvoice: y\n---\n",
        "SOUL.md:3:1: a tab stands in the indentation",
    );
    refused(
        b"---\nname: x\nname: y\n---\n",
        "SOUL.md:3:1: the key `name` stands here a second time",
    );
    refused(
        b"\n\n---\nname:\n  a: 1\n---\n",
        "SOUL.md:5:3: `name` must be a single value, this is a group of keys",
    );
    refused(
        b"---\nname: x\ndirectives:\n  - ok\n  - [a]\n---\n",
        "SOUL.md:5:5: an item of `directives` must be a text, this is a list",
    );
    refused(
        b"---\nname: x\nvisual: {palette: [red]}\n---\n",
        "SOUL.md:3:20: `red` is not a colour",
    );
    refused(
        b"---\nname: x\nvisual: {motif: zigzag}\n---\n",
        "SOUL.md:3:17: `zigzag` is not a motif",
    );
    refused(
        b"---\nname: x\nlanguage: klingon!\n---\n",
        "SOUL.md:3:11: `klingon!` is not a language",
    );
    refused(
        b"---\nname: x\ntopics:\n  - {keywords: [a], b: c}\n---\n",
        "SOUL.md:4:5: an item of `topics` has no name",
    );
    refused(
        b"# Fae\n\xc3\x28\n",
        "SOUL.md:2: the file is not UTF-8 text",
    );
    refused(
        &vec![b'x'; (256 << 10) + 1],
        "SOUL.md: the file has 256 KiB, the most is 256",
    );
    let error = parse_persona("A!", Path::new("SOUL.md"), b"# X\n")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("SOUL.md: the folder name `A!` cannot name a persona"),
        "{error}"
    );
}

// R118: what changes nothing, what was put in and what was not filled in is told.
#[test]
fn r118_notices() {
    let all = notices(
        "---\nid: other\nname: x\nmoon_phase: full\nplatforms: [a]\ngoal:\nvoice: '{{TONE}}'\n---\n",
    );
    for wanted in [
        "SOUL.md:2:5: the id `other` differs from the folder `test`, which counts",
        "SOUL.md:4:1: the key `moon_phase` is kept and changes nothing",
        "SOUL.md:6:1: the key `goal` has no value",
        "SOUL.md:7:8: the placeholder in `{{TONE}}` was not filled in; the line is left out",
        "SOUL.md: no disclosure is given; posts carry `Made by an AI agent.`",
        "SOUL.md: the persona has no topics, so nothing it sees can be scored for it",
    ] {
        assert!(
            all.iter().any(|notice| notice == wanted),
            "wanted {wanted}\ngot {all:#?}"
        );
    }
    assert_eq!(read("# X\n").persona.disclosure, "Made by an AI agent.");
    let long = format!("# X\n{}", "word ".repeat(20_000));
    assert!(
        notices(&long)
            .iter()
            .any(|notice| notice.contains("only a part reaches a prompt"))
    );
}

// R60: directives that cannot both be followed are reported with both lines; ones that can are not.
#[test]
fn r60_contradictions() {
    let told = |rules: &[&str]| {
        let text = format!(
            "---\nname: x\ndirectives:\n{}\n---\n",
            rules
                .iter()
                .map(|rule| format!("  - \"{rule}\""))
                .collect::<Vec<_>>()
                .join("\n")
        );
        notices(&text)
            .into_iter()
            .filter(|notice| notice.contains("contradicts"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&["Always use hashtags.", "Be kind.", "Never use a hashtag."]),
        [
            "SOUL.md:6:5: the directive `Never use a hashtag.` contradicts `Always use hashtags.` on line 4"
        ]
    );
    assert_eq!(
        told(&["Link the source", "Don't link the source!"]).len(),
        1
    );
    assert_eq!(
        told(&["You must avoid emoji", "Use emoji", "Avoid slang"]),
        Vec::<String>::new(),
        "`use` is a word of its own"
    );
    assert_eq!(
        told(&[
            "Always quote numbers.",
            "Never quote people.",
            "Never quote numbers without a source."
        ]),
        Vec::<String>::new()
    );
    let topic = notices("---\nname: x\ntopics: [Gambling]\nbanned_topics: [gambling]\n---\n");
    assert!(
        topic.iter().any(|notice| notice
            .starts_with("SOUL.md:3:10: the topic `Gambling` is wanted and forbidden")),
        "{topic:?}"
    );
}

// R33: what an agent may look at and never does is read in lower case, and a list that cannot be meant so is refused with
// its line, as is an entry that is allowed and denied at once.
#[test]
fn r33_lists_are_read_or_refused_with_their_line() {
    let text = "---\nname: x\nallow:\n  sources: [Example.org, The Wire]\ndeny:\n  authors: Ana Lima\n  keywords: [giveaway]\n---\n";
    let lists = read(text).persona.lists;
    assert_eq!(lists.allow.sources, strings(&["example.org", "the wire"]));
    assert_eq!(lists.deny.authors, strings(&["ana lima"]));
    assert_eq!(lists.deny.keywords, strings(&["giveaway"]));
    assert!(lists.allow.topics.is_empty() && read("---\nname: x\n---\n").persona.lists.is_empty());
    let told = |lists: &str| {
        let text = format!("---\nname: x\n{lists}---\n");
        match parse_persona("test", Path::new("SOUL.md"), text.as_bytes()) {
            Ok(_) => String::new(),
            Err(error) => error
                .problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    };
    for (lists, expected) in [
        (
            "allow:\n  sorces: [a]\n",
            "SOUL.md:4:3: `sorces` is nothing that can be listed",
        ),
        ("allow: [a, b]\n", "SOUL.md:3:8: `allow` must be a group"),
        (
            "deny:\n  sources: []\n",
            "SOUL.md:4:3: the list `sources` has nothing in it",
        ),
        (
            "deny:\n  keywords: [a, A]\n",
            "SOUL.md:4:17: `A` is listed twice",
        ),
        ("deny:\n  keywords: [\"!!\"]\n", "`!!` cannot be listed"),
        (
            "allow:\n  topics: [art]\ndeny:\n  topics: [art]\n",
            "`art` is allowed and denied under topics",
        ),
    ] {
        assert!(told(lists).contains(expected), "{lists}\n{}", told(lists));
    }
}

// R118: a rule above prose is no front matter, and prose in front of keys is not read as one.
#[test]
fn r118_rules_are_not_front_matter() {
    let persona = read("---\n# Mina\n---\n## Voice\n- calm\n").persona;
    assert_eq!(
        (persona.name.as_str(), persona.voice_traits),
        ("Mina", strings(&["calm"]))
    );
    assert_eq!(
        read("---\n\nJust prose: with a colon in a long sentence that goes on and on.\n")
            .persona
            .name,
        "Test"
    );
}

fn read_anything(bytes: &[u8]) {
    match parse_persona("test", Path::new("SOUL.md"), bytes) {
        Ok(parsed) => {
            assert!(!parsed.persona.disclosure.is_empty() && !parsed.persona.name.is_empty());
            assert!(
                !parsed
                    .notices
                    .iter()
                    .any(|notice| notice.to_string().contains('\u{1b}'))
            );
        }
        Err(error) => assert!(!error.problems.is_empty() && !error.to_string().contains('\u{1b}')),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // R118: no bytes make the reader panic, and whatever it takes carries a disclosure.
    #[test]
    fn r118_no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_anything(&bytes);
    }

    // R118: neither does text made of what SOUL.md files are made of.
    #[test]
    fn r118_no_soul_like_text_panics(text in "(---\n|# |## Topics\n|## Vibe\n|\\*\\*|Key:|name: |topics:\n|- |```yaml\n|```\n|\\[|\\{|#aaa|é|\u{1b}|\u{1f}|: |\n|x|1\\. ){0,60}") {
        read_anything(text.as_bytes());
    }

    // R118: neither does a shipped persona with some of it changed.
    #[test]
    fn r118_no_damage_to_a_shipped_persona_panics(at in 0usize..FAE.len(), to in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = FAE.as_bytes().to_vec();
        bytes[at] = to;
        if cut {
            bytes.truncate(at + 1);
        }
        read_anything(&bytes);
    }
}
