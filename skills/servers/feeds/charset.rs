//! From bytes of unknown origin to text: which character set a feed is really in.
//!
//! In order: byte order mark; the zero-byte pattern of UTF-16 and UTF-32; valid UTF-8, which wins over a declared
//! legacy set because text that is not UTF-8 hardly ever looks like it; the set named by the transport or the XML
//! prolog, when the bytes fit it; statistical detection.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// Text and how it was obtained.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text, without a byte order mark.
    pub(super) text: String,
    /// Name of the set it was decoded from, lower case.
    pub(super) encoding: String,
    /// What a person should know: a false declaration, replaced bytes.
    pub(super) notes: Vec<String>,
}

/// Decodes `bytes`; never fails, since every byte string has some reading. `transport` is the charset of the HTTP
/// header, if any.
pub(super) fn decode(bytes: &[u8], transport: Option<&str>) -> Decoded {
    if let Some((text, encoding)) = utf32(bytes) {
        return finish(text, encoding, None);
    }
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        let (text, _replaced) =
            encoding.decode_without_bom_handling(bytes.get(skip..).unwrap_or_default());
        return finish(text.into_owned(), encoding.name(), None);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        let (text, _replaced) = encoding.decode_without_bom_handling(bytes);
        return finish(text.into_owned(), encoding.name(), None);
    }
    let prolog = declared(bytes);
    let named = transport.or(prolog.as_deref());
    // A document whose prolog could be read byte by byte is not UTF-16, whatever the prolog says.
    let claim = named
        .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE);

    if let Some(text) = iso_2022_jp(bytes) {
        return finish(text, "iso-2022-jp", disagreement(named, claim, ISO_2022_JP));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !prefers_claim(text, bytes, claim)
    {
        // ASCII is the same in every set that could be declared here.
        let note = if text.is_ascii() && claim.is_some() {
            None
        } else {
            disagreement(named, claim, UTF_8)
        };
        return finish(text.to_owned(), "utf-8", note);
    }
    if let Some(encoding) = claim.filter(|encoding| *encoding != UTF_8) {
        let (text, replaced) = encoding.decode_without_bom_handling(bytes);
        if !replaced {
            return finish(text.into_owned(), encoding.name(), None);
        }
    }
    let encoding = if mostly_utf8(bytes) {
        UTF_8
    } else {
        detect(bytes)
    };
    let (text, replaced) = encoding.decode_without_bom_handling(bytes);
    let mut decoded = finish(
        text.into_owned(),
        encoding.name(),
        disagreement(named, claim, encoding),
    );
    if replaced {
        decoded.notes.push(format!(
            "some bytes are not {} and were replaced",
            decoded.encoding
        ));
    }
    decoded
}

fn finish(text: String, encoding: &str, note: Option<String>) -> Decoded {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Decoded {
        text,
        encoding: encoding.to_lowercase(),
        notes: note.into_iter().collect(),
    }
}

fn disagreement(
    named: Option<&str>,
    claim: Option<&'static Encoding>,
    used: &'static Encoding,
) -> Option<String> {
    let named = named?;
    let shown: String = named
        .chars()
        .filter(char::is_ascii_graphic)
        .take(40)
        .collect();
    match claim {
        Some(claim) if claim == used => None,
        Some(_) => Some(format!(
            "declared as {shown} but read as {}",
            used.name().to_lowercase()
        )),
        None if shown.eq_ignore_ascii_case("us-ascii") => None,
        None => Some(format!(
            "declares an unusable character set ({shown}), read as {}",
            used.name().to_lowercase()
        )),
    }
}

/// The only legacy texts that pass for UTF-8 by chance are short ones in a double-byte set: two bytes per letter there
/// can look like two-byte UTF-8. Three-byte sequences or many two-byte ones cannot be chance.
fn prefers_claim(text: &str, bytes: &[u8], claim: Option<&'static Encoding>) -> bool {
    let Some(encoding) = claim.filter(|encoding| *encoding != UTF_8 && !encoding.is_single_byte())
    else {
        return false;
    };
    let foreign: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    let by_chance =
        !foreign.is_empty() && foreign.len() < 4 && foreign.iter().all(|c| c.len_utf8() == 2);
    by_chance && !encoding.decode_without_bom_handling(bytes).1
}

/// A UTF-8 document with a few damaged bytes is still UTF-8.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad.saturating_mul(2)
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// The `encoding` of an XML prolog, looked for in the first bytes as if they were ASCII.
fn declared(bytes: &[u8]) -> Option<String> {
    let head: String = bytes
        .iter()
        .take(1024)
        .map(|byte| char::from(*byte))
        .collect();
    let start = head.find("<?xml")?;
    let prolog = head.get(start..)?.split('>').next()?;
    let value = prolog
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value.get(1..)?.split(quote).next()?.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// Japanese in seven bits: no other text switches to a double-byte set with an escape sequence.
fn iso_2022_jp(bytes: &[u8]) -> Option<String> {
    let switches = bytes.is_ascii()
        && bytes
            .windows(3)
            .any(|three| matches!(three, b"\x1b$B" | b"\x1b$@"));
    let (text, replaced) = switches.then(|| ISO_2022_JP.decode_without_bom_handling(bytes))?;
    (!replaced).then(|| text.into_owned())
}

/// UTF-16 without a mark: markup begins with ASCII, so every other one of the first bytes is zero.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes.get(..4)? {
        [0, a, 0, b] if *a != 0 && *b != 0 => Some(UTF_16BE),
        [a, 0, b, 0] if *a != 0 && *b != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// UTF-32 with a mark or recognised by its zero bytes; encoding_rs has no decoder because the web forbids it.
fn utf32(bytes: &[u8]) -> Option<(String, &'static str)> {
    let (name, unit): (_, fn([u8; 4]) -> u32) = match bytes.get(..4)? {
        [0, 0, 0xfe, 0xff] => ("utf-32be", u32::from_be_bytes),
        [0xff, 0xfe, 0, 0] => ("utf-32le", u32::from_le_bytes),
        [0, 0, 0, a] if *a != 0 => ("utf-32be", u32::from_be_bytes),
        [a, 0, 0, 0] if *a != 0 => ("utf-32le", u32::from_le_bytes),
        _ => return None,
    };
    let (units, _rest) = bytes.as_chunks::<4>();
    let text = units
        .iter()
        .map(|four| char::from_u32(unit(*four)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Some((text, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], transport: Option<&str>, text: &str, encoding: &str) {
        let decoded = decode(bytes, transport);
        assert_eq!(
            (decoded.text.as_str(), decoded.encoding.as_str()),
            (text, encoding)
        );
    }

    /// R28: each way of saying or not saying the character set ends in the right letters.
    #[test]
    fn the_real_character_set_is_found() {
        check(b"\xef\xbb\xbf<a/>", None, "<a/>", "utf-8");
        check(b"<\0a\0/\0>\0", None, "<a/>", "utf-16le");
        check(b"\0<\0a\0/\0>", None, "<a/>", "utf-16be");
        check(b"\0\0\0<\0\0\0>", None, "<>", "utf-32be");
        check(b"\xff\xfe\0\0<\0\0\0", None, "<", "utf-32le");
        check(
            b"<?xml encoding='koi8-r'?>\xf0\xd2\xc9",
            None,
            "<?xml encoding='koi8-r'?>При",
            "koi8-r",
        );
        check(b"\xcf\xf0\xe8", Some("windows-1251"), "При", "windows-1251");
        check(
            "<?xml encoding='iso-8859-1'?>한국어".as_bytes(),
            None,
            "<?xml encoding='iso-8859-1'?>한국어",
            "utf-8",
        );
        check(
            b"<?xml encoding='utf-16'?>x",
            None,
            "<?xml encoding='utf-16'?>x",
            "utf-8",
        );
        check(
            b"<a>\x1b$BF|K\\\x1b(B</a>",
            None,
            "<a>日本</a>",
            "iso-2022-jp",
        );
        check(b"", None, "", "utf-8");
    }

    /// R28: a false or bogus declaration is reported, a true one is not.
    #[test]
    fn a_false_declaration_is_noted() {
        assert_eq!(
            decode(b"<?xml encoding='utf-8'?>x", None).notes,
            Vec::<String>::new()
        );
        assert_eq!(
            decode(b"<?xml encoding='klingon'?>x", None).notes,
            vec!["declares an unusable character set (klingon), read as utf-8".to_owned()]
        );
    }
}
