//! Texts that fit, cards that render, films that stay small.
#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a failed unwrap is a failed test"
)]

use proptest::prelude::*;

use super::brief::{
    Constraints, ImageArgs, Motif, Persona, RenderTier, TextArgs, TrendBrief, VideoArgs, Visual,
};
use super::{film, render, write};
use crate::wire::clean;

fn text_args(title: &str, summary: &str, link: &str, source: &str, max: u32) -> TextArgs {
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    TextArgs {
        persona: Persona {
            name: "Ada".into(),
            voice_traits: list(&["curious"]),
            language: "en".into(),
            openers: list(&["Worth a look", "Noted today"]),
            closers: list(&["What do you make of it?", "More as it unfolds."]),
            hashtags: list(&["#Rust", "tech", "not a tag"]),
        },
        trend: TrendBrief {
            title: title.into(),
            summary: summary.into(),
            link: link.into(),
            source: source.into(),
        },
        constraints: Constraints {
            platform: "twitter".into(),
            graphemes_max: max,
            disclosure: "Automated account".into(),
            hashtags_max: 2,
        },
        notes: Vec::new(),
        variant: 0,
        character_reference_id: "char_ada".into(),
        idempotency_key: "k1".into(),
    }
}

const TITLE: &str = "Rust compiler gains faster incremental builds";
const SUMMARY: &str = "The team measured builds of forty large crates on ordinary laptops. Average rebuild time fell by a third across workspaces.";

/// The confidence spreads with what the source offers: thin below 0.70, a title alone in between, a full report above.
#[test]
fn confidence_follows_the_source() {
    let of = |args: &TextArgs| write::write(args).unwrap().confidence;
    let full = of(&text_args(
        TITLE,
        SUMMARY,
        "https://x.example/a",
        "Example News",
        500,
    ));
    let title_only = of(&text_args(
        TITLE,
        "",
        "https://x.example/a",
        "Example News",
        500,
    ));
    let bare_title = of(&text_args(TITLE, "", "", "", 500));
    let thin = of(&text_args("Big news", "", "", "", 500));
    assert!((0.90..1.0).contains(&full), "full {full}");
    assert!(
        (0.75..=0.88).contains(&title_only),
        "title and link {title_only}"
    );
    assert!(
        bare_title < title_only && thin < bare_title,
        "title alone {bare_title}"
    );
    assert!(thin < 0.70, "thin {thin}");
    let tight = of(&text_args(
        TITLE,
        SUMMARY,
        "https://x.example/a",
        "Example News",
        220,
    ));
    assert!(
        tight > title_only,
        "a sentence without room for every phrase {tight}"
    );
}

/// Nothing is invented: every topic word of a text is the trend's or the persona's.
#[test]
fn texts_hold_only_given_words() {
    let args = text_args(TITLE, SUMMARY, "https://x.example/a", "", 500);
    let written = write::write(&args).unwrap();
    let given = format!(
        "{TITLE} {SUMMARY} {} {} #Rust #tech https://x.example/a Automated account",
        args.persona.openers.join(" "),
        args.persona.closers.join(" ")
    );
    let known = crate::wire::words::topical(&given);
    let used = crate::wire::words::topical(&written.text);
    assert!(
        used.is_subset(&known),
        "{:?}",
        used.difference(&known).collect::<Vec<_>>()
    );
    assert!(written.text.ends_with("Automated account"));
    assert_eq!(written.hashtags, ["Rust", "tech"]);
}

/// R3: a text that cannot fit is refused; a tighter limit gives a leaner text, never a cut one.
#[test]
fn r3_texts_fit_or_are_refused() {
    for max in [280, 140, 110, 90] {
        let written =
            write::write(&text_args(TITLE, SUMMARY, "https://x.example/a", "", max)).unwrap();
        assert!(clean::graphemes(&written.text) <= usize::try_from(max).unwrap());
        assert!(written.text.contains(TITLE) && written.text.contains("https://x.example/a"));
    }
    assert_eq!(
        write::write(&text_args(TITLE, "", "", "", 40))
            .unwrap_err()
            .code,
        "over_limit"
    );
    assert_eq!(
        write::write(&text_args("…", "", "", "", 280))
            .unwrap_err()
            .code,
        "too_thin"
    );
}

/// Another variant or a note on an earlier attempt changes the wording; the same arguments do not.
#[test]
fn variants_and_notes_change_the_wording() {
    let first = text_args(TITLE, SUMMARY, "", "", 280);
    let text = |args: &TextArgs| write::write(args).unwrap().text;
    assert_eq!(text(&first), text(&first.clone()));
    assert_ne!(
        text(&first),
        text(&TextArgs {
            variant: 1,
            ..first.clone()
        })
    );
    assert_ne!(
        text(&first),
        text(&TextArgs {
            notes: vec!["off brand".into()],
            ..first.clone()
        })
    );
}

fn image_args(title: &str, width: u32, height: u32) -> ImageArgs {
    ImageArgs {
        title: title.into(),
        subtitle: "Average rebuild time fell by a third across workspaces".into(),
        kicker: "Tech & science".into(),
        visual: Visual {
            palette: Vec::new(),
            motif: Motif::Waves,
        },
        width,
        height,
        character_reference_id: "char_ada".into(),
        idempotency_key: "k1".into(),
    }
}

/// R49, R45: equal arguments give equal bytes, and a card without a character is refused.
#[test]
fn r45_r49_cards_are_deterministic_and_have_a_character() {
    let png = |args: &ImageArgs| render::png(&args.card().unwrap()).unwrap();
    let args = image_args(TITLE, 600, 315);
    assert_eq!(
        png(&args),
        png(&ImageArgs {
            idempotency_key: "k2".into(),
            ..args.clone()
        })
    );
    assert_ne!(
        png(&args),
        png(&ImageArgs {
            title: "Other".into(),
            ..args.clone()
        })
    );
    let nameless = ImageArgs {
        character_reference_id: " ".into(),
        ..args
    };
    assert_eq!(
        nameless.card().err().unwrap().code,
        "character_reference_required"
    );
}

/// Titles in any script, hostile ones included, give a picture; what cannot be drawn is said.
#[test]
fn any_title_renders() {
    for title in [
        "日本語のニュース",
        "مرحبا بالعالم",
        "</text><script>&\"'",
        "👩‍👩‍👧 family",
        "a\u{0}b\u{202e}c",
    ] {
        let card = image_args(title, 480, 480).card().unwrap();
        assert!(
            render::png(&card).unwrap().starts_with(b"\x89PNG"),
            "{title}"
        );
    }
    let card = image_args("日本語のニュース", 480, 480).card().unwrap();
    assert!(card.warnings.iter().any(|warning| warning.contains("日")));
    assert!(
        image_args(TITLE, 480, 480)
            .card()
            .unwrap()
            .warnings
            .is_empty()
    );
}

/// Films are real animations within two mebibytes, daily ones smaller than hero ones, and equal for equal arguments.
#[test]
fn films_are_small_and_deterministic() {
    let args = |render_tier, motif, duration_seconds| VideoArgs {
        title: TITLE.into(),
        subtitle: String::new(),
        kicker: "Tech".into(),
        visual: Visual {
            palette: Vec::new(),
            motif,
        },
        width: 1200,
        height: 675,
        duration_seconds,
        render_tier,
        character_reference_id: "char_ada".into(),
        idempotency_key: "k1".into(),
    };
    let shoot = |tier, motif, seconds| film::shoot(&args(tier, motif, seconds)).unwrap();
    let (card, daily) = shoot(RenderTier::Daily, Motif::Rings, 1);
    assert_eq!((card.width, card.height), (360, 202));
    assert_eq!(daily, shoot(RenderTier::Daily, Motif::Rings, 1).1);
    let (_, hero) = shoot(RenderTier::Hero, Motif::Grid, 1);
    assert!(
        daily.starts_with(b"GIF89a") && daily.len() < hero.len() && hero.len() <= film::BYTES_MAX
    );
    let mut reader = gif::DecodeOptions::new()
        .read_info(daily.as_slice())
        .unwrap();
    let mut frames = 0;
    while reader.read_next_frame().unwrap().is_some() {
        frames += 1;
    }
    assert_eq!(frames, 8);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// R3: whatever the trend, a text is within the limit with its link and disclosure, or refused.
    #[test]
    fn r3_any_title_fits_or_is_refused(title in "\\PC{0,200}", summary in "\\PC{0,300}", max in 0_u32..400, variant in any::<u32>()) {
        let mut args = text_args(&title, &summary, "https://x.example/a", "s", max);
        args.variant = variant;
        if let Ok(written) = write::write(&args) {
            prop_assert!(clean::graphemes(&written.text) <= usize::try_from(max).unwrap());
            prop_assert!(written.text.contains("Automated account"));
            prop_assert!(written.text.contains("https://x.example/a"));
            prop_assert!((0.0..=1.0).contains(&written.confidence));
        }
    }

    /// Cards of any title lay out without a panic and never write markup of their own accord.
    #[test]
    fn any_title_lays_out(title in "\\PC{1,120}", width in 240_u32..800, height in 240_u32..800) {
        if let Ok(card) = image_args(&title, width, height).card() {
            let svg = card.svg(super::card::Ground::Flat, 0.3);
            prop_assert!(resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).is_ok());
        }
    }
}
