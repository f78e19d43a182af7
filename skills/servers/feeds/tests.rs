//! Real feeds, hostile bytes, and the oracle's verdict on both.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failed unwrap is a failed test"
)]

use std::path::PathBuf;

use proptest::prelude::*;

use super::{items, parse};

fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/feeds");
    if folder.join("manifest.csv").is_file() {
        return Some(folder);
    }
    eprintln!("skipped: {} is absent", folder.display());
    None
}

/// The columns `file` and `entries` of the manifest. Fields hold no line ends; quotes only around commas.
fn manifest(text: &str) -> Vec<(String, usize)> {
    let split = |line: &str| {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    };
    let mut lines = text.lines();
    let header = split(lines.next().unwrap());
    let column = |name: &str| header.iter().position(|field| field == name).unwrap();
    let (file, entries) = (column("file"), column("entries"));
    lines
        .filter(|line| !line.trim().is_empty())
        .map(split)
        .map(|row| (row[file].clone(), row[entries].parse().unwrap()))
        .collect()
}

/// R28: every real feed gives exactly the entries that an independent parser finds, and what gives none is either an
/// empty feed that says so or a document that is refused with a reason.
#[test]
fn r28_every_feed_of_the_corpus_gives_the_oracles_entries() {
    let Some(folder) = corpus() else { return };
    let rows = manifest(&std::fs::read_to_string(folder.join("manifest.csv")).unwrap());
    let (mut equal, mut wrong) = (0, Vec::new());
    for (file, expected) in &rows {
        let bytes = std::fs::read(folder.join("files").join(file)).unwrap();
        match parse::parse(&bytes, None) {
            Ok(parsed) => {
                let document = items::document(file, parsed);
                if document.items.len() == *expected {
                    equal += 1;
                } else {
                    wrong.push(format!(
                        "{file}: {} instead of {expected}",
                        document.items.len()
                    ));
                }
                if document.items.is_empty() {
                    assert!(
                        !document.notes.is_empty(),
                        "{file} is empty and does not say so"
                    );
                    eprintln!("{file}: {}", document.notes.join("; "));
                }
                for item in &document.items {
                    assert!(!item.id.is_empty(), "{file} has an entry without an id");
                    let blank =
                        item.title.is_empty() && item.summary.is_empty() && item.link.is_empty();
                    assert!(
                        !blank || !document.notes.is_empty(),
                        "{file} has a blank entry and no note"
                    );
                    assert!(
                        !item.title.contains("<script"),
                        "{file} lets a script through"
                    );
                }
            }
            Err(reason) if *expected == 0 => {
                equal += 1;
                eprintln!("{file}: refused, {reason}");
            }
            Err(reason) => wrong.push(format!("{file}: refused, {reason}")),
        }
    }
    eprintln!("feeds: {equal}/{} as the oracle", rows.len());
    assert_eq!(wrong, Vec::<String>::new());
}

/// R28: undeclared legacy character sets, which the oracle could not read, come out in the script their file is named for.
#[test]
fn r28_undeclared_character_sets_are_detected() {
    let Some(folder) = corpus() else { return };
    for (file, set) in [
        ("feedparser__chardet__big5.xml", "big5"),
        ("feedparser__chardet__euckr.xml", "euc-kr"),
        ("feedparser__chardet__tis620.xml", "windows-874"),
        ("feedparser__chardet__windows1255.xml", "windows-1255"),
    ] {
        let bytes = std::fs::read(folder.join("files").join(file)).unwrap();
        let parsed = parse::parse(&bytes, None).unwrap_or_else(|reason| panic!("{file}: {reason}"));
        assert_eq!(parsed.encoding, set, "{file}");
    }
}

fn check(document: &str, format: &str, entries: &[(&str, &str)]) {
    let parsed = parse::parse(document.as_bytes(), None)
        .unwrap_or_else(|reason| panic!("{document}: {reason}"));
    let read = items::document("t", parsed);
    let found: Vec<(&str, &str)> = read
        .items
        .iter()
        .map(|item| (item.title.as_str(), item.link.as_str()))
        .collect();
    assert_eq!(
        (read.format, found.as_slice()),
        (format, entries),
        "{document}"
    );
}

/// R28: each dialect and each common kind of damage gives its entries with title and link.
#[test]
fn r28_damaged_and_unusual_feeds_are_read() {
    check(
        "<rss><channel><item><title>A & B</title><link>https://x/?a=1&b=2</link></item></channel></rss>",
        "rss2",
        &[("A & B", "https://x/?a=1&b=2")],
    );
    check(
        "  \n<?xml version='1.0'?><rss version='2.0'><channel><item><title>a</title><media:thumbnail url='x'/></item>",
        "rss2",
        &[("a", "")],
    );
    check(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>a</title><link rel='alternate' href='https://x/'/></entry></feed>",
        "atom",
        &[("a", "https://x/")],
    );
    check(
        "<rdf:RDF xmlns='http://purl.org/rss/1.0/'><channel/><item rdf:about='https://x/1'><title>a</title></item></rdf:RDF>",
        "rss1",
        &[("a", "https://x/1")],
    );
    check(
        "<rss version='0.91'><channel><item><title>a\u{b}b<![CDATA[ c</title></item></channel></rss>",
        "rss0",
        &[("a b c", "")],
    );
    check(
        "<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>a</TITLE></ITEM><item><title>b</title></item></CHANNEL></RSS>",
        "rss2",
        &[("a", ""), ("b", "")],
    );
    check(
        r#"{"version":"1","items":[{"id":7,"title":"a","url":"https://x/"}]}"#,
        "json",
        &[("a", "https://x/")],
    );
}

/// R28: what is not a feed is refused with a sentence that says what it is.
#[test]
fn r28_other_documents_are_refused_with_a_reason() {
    for (document, reason) in [
        ("", "empty"),
        ("just words", "plain text"),
        ("<!doctype html><html><body>x</body></html>", "web page"),
        ("<opml><body/></opml>", "<opml> belongs to no feed format"),
        ("{\"a\":1}", "no items"),
        ("{\"a\":", "broken JSON"),
        ("<>", "no element"),
    ] {
        let found = parse::parse(document.as_bytes(), None)
            .err()
            .unwrap_or_else(|| panic!("{document} was read"));
        assert!(found.contains(reason), "{document}: {found}");
    }
}

/// R28: an entry without an id keeps the same made-up one on every read, and a different entry gets another.
#[test]
fn r28_ids_are_stable() {
    let ids = |title: &str| {
        let text = format!(
            "<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"
        );
        items::document(
            "t",
            parse::parse(text.as_bytes(), None).unwrap_or_else(|reason| panic!("{reason}")),
        )
        .items[0]
            .id
            .clone()
    };
    assert_eq!(ids("a"), ids("a"));
    assert_ne!(ids("a"), ids("b"));
}

/// Deep nesting must not exhaust the stack: a million levels end in an answer.
#[test]
fn deep_documents_end() {
    let deep = format!(
        "<rss version='2.0'><channel><item><title>{}",
        "<b>".repeat(300_000)
    );
    assert!(parse::parse(deep.as_bytes(), None).is_ok());
    let arrays = "[".repeat(300_000);
    assert!(parse::parse(format!("{{\"items\":{arrays}").as_bytes(), None).is_err());
}

/// A document of nothing but beginnings must not be searched to its end for each of them: a megabyte of every kind ends
/// within the patience of a test run.
#[test]
fn endless_beginnings_end() {
    for piece in [
        "<![CDATA[",
        "<![CDATA[<![CDATA[x]]>",
        "<!--",
        "<![>",
        "<!DOCTYPE[",
        "<?",
        "</",
        "<a b='",
        "<a b='>",
        "&",
        "<item>",
        "<t><![CDATA[",
    ] {
        let body = piece.repeat(1_000_000 / piece.len());
        let _ = parse::parse(format!("<rss><channel>{body}").as_bytes(), None);
        super::plain::text(&body, 100);
    }
}

/// R28: an element of a foreign vocabulary is no entry, whatever its local name.
#[test]
fn r28_foreign_items_are_no_entries() {
    check(
        "<rss version='2.0' xmlns:shop='urn:shop'><channel><item><title>a</title><shop:item>x</shop:item></item></channel>",
        "rss2",
        &[("a", "")],
    );
    check(
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>a</a:title></a:entry></a:feed",
        "atom",
        &[("a", "")],
    );
}

const SEEDS: [&str; 3] = [
    "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>t</title><item><title>a &amp; b</title><link>https://x/</link><description><![CDATA[<p>x</p>]]></description></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><title type='html'>x</title><content type='xhtml'><div>y</div></content></entry></feed>",
    r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1","content_html":"<b>x</b>"}]}"#,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// R28: arbitrary bytes end in a document or a reason, never in a panic.
    #[test]
    fn r28_arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        if let Ok(parsed) = parse::parse(&bytes, None) {
            items::document("t", parsed);
        }
    }

    /// R28: real feeds with bytes overwritten, removed or repeated end in a document or a reason.
    #[test]
    fn r28_mutilated_feeds_never_panic(seed in 0..SEEDS.len(), cuts in prop::collection::vec((any::<u16>(), any::<u8>(), 0..3_u8), 0..20)) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, byte, how) in cuts {
            let at = usize::from(at) % bytes.len().max(1);
            match how {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => { bytes.remove(at); }
                _ => { let tail = bytes[at.min(bytes.len())..].to_vec(); bytes.truncate(4_000); bytes.extend(tail); }
            }
        }
        if let Ok(parsed) = parse::parse(&bytes, None) {
            for item in items::document("t", parsed).items {
                prop_assert!(!item.title.chars().any(char::is_control));
            }
        }
    }
}
