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

/// A piece of media by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Media {
    pub(super) sha256: String,
    pub(super) mime: String,
    pub(super) bytes: u32,
}

/// Decodes and checks every URL of a post.
pub(super) fn check(urls: &[String]) -> Result<Vec<Media>, Refusal> {
    if urls.len() > PIECES_MAX {
        return Err(Refusal::new(
            "over_limit",
            format!(
                "a post takes at most {PIECES_MAX} pieces of media, not {}",
                urls.len()
            ),
        ));
    }
    urls.iter()
        .enumerate()
        .map(|(index, url)| one(index + 1, url))
        .collect()
}

fn one(number: usize, url: &str) -> Result<Media, Refusal> {
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
        let media = check(&[url("image/gif", b"GIF89a...")]).unwrap();
        assert_eq!(media[0].sha256, digest::sha256(b"GIF89a..."));
        assert_eq!(media[0].bytes, 9);
    }

    /// R3: too many, too large, of another type or not embedded: refused with the number of the piece.
    #[test]
    fn r3_unfit_media_is_refused() {
        let code = |urls: &[String]| check(urls).unwrap_err().code;
        let mut large = b"GIF89a".to_vec();
        large.resize(BYTES_MAX + 1, 0);
        assert_eq!(code(&[url("image/gif", &large)]), "over_limit");
        large.truncate(BYTES_MAX);
        assert!(check(&[url("image/gif", &large)]).is_ok());
        assert_eq!(code(&vec![url("image/gif", b"GIF89a"); 5]), "over_limit");
        assert_eq!(code(&[url("image/png", b"GIF89a")]), "invalid_argument");
        assert_eq!(code(&[url("text/html", b"<b>")]), "invalid_argument");
        assert_eq!(code(&["https://x/y.png".to_owned()]), "invalid_argument");
        assert_eq!(
            code(&["data:image/png;base64,%%%".to_owned()]),
            "invalid_argument"
        );
    }
}
