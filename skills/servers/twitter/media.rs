//! Media that arrives inside a `data:` URL: checked, hashed, never fetched.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::{Refusal, digest};

/// Pieces of media in one post.
const PIECES_MAX: usize = 4;
/// Bytes of one piece after decoding.
const BYTES_MAX: usize = 5 << 20;

/// Characters of the words that stand for one piece.
const ALT_TEXT_MAX: usize = 2_000;

/// A piece of media by its content, with the words that stand for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Media {
    pub(super) sha256: String,
    pub(super) mime: String,
    pub(super) bytes: u32,
    /// Empty when none was given.
    #[serde(default)]
    pub(super) alt_text: String,
}

/// Decodes and checks every URL of a post and puts the alt texts, in the same order, beside them.
pub(super) fn check(urls: &[String], alt_texts: &[String]) -> Result<Vec<Media>, Refusal> {
    if urls.len() > PIECES_MAX {
        return Err(Refusal::new(
            "over_limit",
            format!(
                "a post takes at most {PIECES_MAX} pieces of media, not {}",
                urls.len()
            ),
        ));
    }
    if alt_texts.len() > urls.len() {
        return Err(Refusal::new(
            "invalid_argument",
            format!(
                "alt_texts has {} items and media_urls {}; give at most one for each piece of media",
                alt_texts.len(),
                urls.len()
            ),
        ));
    }
    let alt_texts = alt_texts.iter().map(String::as_str);
    urls.iter()
        .zip(alt_texts.chain(std::iter::repeat("")))
        .enumerate()
        .map(|(index, (url, alt_text))| one(index + 1, url, alt_text))
        .collect()
}

fn one(number: usize, url: &str, alt_text: &str) -> Result<Media, Refusal> {
    let length = alt_text.chars().count();
    if length > ALT_TEXT_MAX {
        return Err(Refusal::new(
            "over_limit",
            format!(
                "alt_texts, item {number}: at most {ALT_TEXT_MAX} characters are taken, it has {length}"
            ),
        ));
    }
    let invalid = |detail: &str| {
        Refusal::new(
            "invalid_argument",
            format!("media_urls, item {number}: {detail}"),
        )
    };
    let (mime, encoded) = url
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
        .ok_or_else(|| invalid("only data:<mime>;base64,... is accepted, nothing is fetched"))?;
    let signatures: &[&[u8]] = match mime {
        "image/png" => &[b"\x89PNG\r\n\x1a\n"],
        "image/gif" => &[b"GIF87a", b"GIF89a"],
        "image/jpeg" => &[b"\xff\xd8\xff"],
        _ => {
            return Err(invalid(
                "the type must be image/png, image/gif or image/jpeg",
            ));
        }
    };
    // Four characters carry three bytes: too long is known before anything is decoded.
    if encoded.len() / 4 > BYTES_MAX / 3 + 1 {
        return Err(over(number));
    }
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|_| invalid("the content is not base64"))?;
    if bytes.len() > BYTES_MAX {
        return Err(over(number));
    }
    if !signatures
        .iter()
        .any(|signature| bytes.starts_with(signature))
    {
        return Err(invalid("the content is not of the type it claims"));
    }
    Ok(Media {
        sha256: digest::sha256(&bytes),
        mime: mime.to_owned(),
        bytes: u32::try_from(bytes.len()).map_err(|_| over(number))?,
        alt_text: alt_text.to_owned(),
    })
}

fn over(number: usize) -> Refusal {
    Refusal::new(
        "over_limit",
        format!("media_urls, item {number}: more than {BYTES_MAX} bytes"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn url(mime: &str, bytes: &[u8]) -> String {
        format!("data:{mime};base64,{}", STANDARD.encode(bytes))
    }

    /// R49: media is named by its content.
    #[test]
    fn r49_media_is_named_by_its_hash() {
        let media = check(&[url("image/gif", b"GIF89a...")], &[]).unwrap();
        assert_eq!(media[0].sha256, digest::sha256(b"GIF89a..."));
        assert_eq!(media[0].bytes, 9);
    }

    /// R3: too many, too large, of another type or not embedded: refused with the number of the piece.
    #[test]
    fn r3_unfit_media_is_refused() {
        let code = |urls: &[String]| check(urls, &[]).unwrap_err().code;
        let mut large = b"GIF89a".to_vec();
        large.resize(BYTES_MAX + 1, 0);
        assert_eq!(code(&[url("image/gif", &large)]), "over_limit");
        large.truncate(BYTES_MAX);
        assert!(check(&[url("image/gif", &large)], &[]).is_ok());
        assert_eq!(code(&vec![url("image/gif", b"GIF89a"); 5]), "over_limit");
        assert_eq!(code(&[url("image/png", b"GIF89a")]), "invalid_argument");
        assert_eq!(code(&[url("text/html", b"<b>")]), "invalid_argument");
        assert_eq!(code(&["https://x/y.png".to_owned()]), "invalid_argument");
        assert_eq!(
            code(&["data:image/png;base64,%%%".to_owned()]),
            "invalid_argument"
        );
    }

    /// R3: alt texts keep the order of the media, the missing ones are empty; too many or too long are refused.
    #[test]
    fn r3_alt_texts_stand_beside_their_media() {
        let urls = vec![url("image/gif", b"GIF89a"); 2];
        let alt_texts = |alt_texts: &[String]| {
            check(&urls, alt_texts)
                .map(|media| media.into_iter().map(|piece| piece.alt_text).collect())
                .map_err(|refusal| refusal.code)
        };
        let (a, b) = ("a".to_owned(), "é".repeat(ALT_TEXT_MAX));
        assert_eq!(
            alt_texts(std::slice::from_ref(&a)),
            Ok(vec![a.clone(), String::new()])
        );
        let both = [a.clone(), b.clone()];
        assert_eq!(alt_texts(&both), Ok(both.to_vec()));
        assert_eq!(
            alt_texts(&[a.clone(), a, b.clone()]),
            Err("invalid_argument")
        );
        assert_eq!(alt_texts(&[b + "é"]), Err("over_limit"));
    }
}
