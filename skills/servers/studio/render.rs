//! SVG to pixels and PNG.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::brief::MediaOut;
use super::card::{Card, Ground};
use super::face;
use crate::wire::{Refusal, digest};

/// Draws a card at a phase.
pub(super) fn pixels(card: &Card, ground: Ground, phase: f32) -> Result<Pixmap, Refusal> {
    drawn(&card.svg(ground, phase), card.width, card.height)
}

/// Draws a document.
pub(super) fn drawn(svg: &str, width: u32, height: u32) -> Result<Pixmap, Refusal> {
    let failed =
        |what: &str| Refusal::new("internal", format!("the card could not be drawn: {what}"));
    let options = Options {
        fontdb: face::database(),
        font_family: face::FAMILY.to_owned(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(&error.to_string()))?;
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| failed("no such size"))?;
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// The card as a PNG file.
pub(super) fn png(card: &Card) -> Result<Vec<u8>, Refusal> {
    let pixmap = pixels(card, Ground::Shaded, 0.0)?;
    pixmap.encode_png().map_err(|error| {
        Refusal::new(
            "internal",
            format!("the card could not be written as PNG: {error}"),
        )
    })
}

/// Finished bytes with everything that is said about them.
pub(super) fn media(
    card: &Card,
    mime: &str,
    bytes: &[u8],
    character_reference_id: &str,
) -> Result<MediaOut, Refusal> {
    use base64::Engine;
    Ok(MediaOut {
        mime: mime.to_owned(),
        sha256: digest::sha256(bytes),
        bytes: u32::try_from(bytes.len())
            .map_err(|_| Refusal::new("too_large", "the file is too large"))?,
        width: card.width,
        height: card.height,
        data_base64: base64::engine::general_purpose::STANDARD.encode(bytes),
        alt_text: card.alt_text.clone(),
        character_reference_id: character_reference_id.to_owned(),
    })
}
