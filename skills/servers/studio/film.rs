//! Pixels to a looping GIF: one palette for the whole film, and of each frame only what changed.

use std::borrow::Cow;
use std::collections::HashMap;

use gif::{Encoder, Frame, Repeat};
use resvg::tiny_skia::Pixmap;

use super::brief::{RenderTier, VideoArgs};
use super::card::{Card, Ground};
use super::render;
use crate::wire::Refusal;

/// The largest file that is handed out.
pub(super) const BYTES_MAX: usize = 2 << 20;
/// The palette entry that stands for "as in the frame before".
const SAME: u8 = 255;

impl RenderTier {
    /// The longer side in pixels.
    fn longest(self) -> u32 {
        match self {
            Self::Daily => 360,
            Self::Hero => 640,
        }
    }

    /// Time of one frame in hundredths of a second, the unit of the format.
    fn delay(self) -> u16 {
        match self {
            Self::Daily => 12,
            Self::Hero => 8,
        }
    }
}

/// Renders the film; a shape that comes out over the bound is drawn again at three quarters of the size.
pub(super) fn shoot(args: &VideoArgs) -> Result<(Card, Vec<u8>), Refusal> {
    let mut longest = args.render_tier.longest();
    loop {
        let card = args.card(longest)?;
        let bytes = film(&card, args)?;
        if bytes.len() <= BYTES_MAX {
            return Ok((card, bytes));
        }
        longest = longest * 3 / 4;
        if longest < 120 {
            return Err(Refusal::new(
                "too_large",
                format!("the animation cannot be made smaller than {BYTES_MAX} bytes"),
            ));
        }
    }
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "the phase of a frame; at most 75 frames"
)]
fn film(card: &Card, args: &VideoArgs) -> Result<Vec<u8>, Refusal> {
    let delay = args.render_tier.delay();
    let count = (args.duration_seconds * 100 / u32::from(delay)).max(2);
    let phase = |frame: u32| frame as f32 / count as f32;
    let samples = [0, count / 3, 2 * count / 3]
        .into_iter()
        .map(|frame| render::pixels(card, Ground::Flat, phase(frame)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut palette = Palette::of(&samples);

    let failed = |error: gif::EncodingError| {
        Refusal::new(
            "internal",
            format!("the animation could not be written: {error}"),
        )
    };
    let too_wide = |_| Refusal::new("internal", "the animation is too wide");
    let (width, height) = (
        u16::try_from(card.width).map_err(too_wide)?,
        u16::try_from(card.height).map_err(too_wide)?,
    );
    let mut encoder = Encoder::new(Vec::new(), width, height, &palette.bytes()).map_err(failed)?;
    encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
    let mut before: Vec<u8> = Vec::new();
    for frame in 0..count {
        let indexed = palette.index(&render::pixels(card, Ground::Flat, phase(frame))?);
        let changed = changes(&before, &indexed);
        encoder
            .write_frame(&Frame {
                delay,
                width,
                height,
                transparent: (frame > 0).then_some(SAME),
                buffer: Cow::Owned(changed),
                ..Frame::default()
            })
            .map_err(failed)?;
        before = indexed;
    }
    encoder.into_inner().map_err(|error| {
        Refusal::new(
            "internal",
            format!("the animation could not be ended: {error}"),
        )
    })
}

/// The new frame with unchanged pixels replaced by [`SAME`]; the first frame is kept whole.
fn changes(before: &[u8], now: &[u8]) -> Vec<u8> {
    if before.is_empty() {
        return now.to_vec();
    }
    now.iter()
        .zip(before)
        .map(|(new, old)| if new == old { SAME } else { *new })
        .collect()
}

/// At most 255 colours, the most frequent of the film, and where each other colour goes.
struct Palette {
    colours: Vec<[u8; 3]>,
    nearest: HashMap<[u8; 3], u8>,
}

impl Palette {
    fn of(frames: &[Pixmap]) -> Self {
        let mut counts: HashMap<[u8; 3], u32> = HashMap::new();
        for pixel in frames.iter().flat_map(|frame| frame.pixels()) {
            *counts
                .entry(coarse([pixel.red(), pixel.green(), pixel.blue()]))
                .or_default() += 1;
        }
        let mut ranked: Vec<([u8; 3], u32)> = counts.into_iter().collect();
        // Equal counts are ordered by colour, so that the same film always has the same bytes.
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self {
            colours: ranked
                .into_iter()
                .take(usize::from(SAME))
                .map(|(colour, _)| colour)
                .collect(),
            nearest: HashMap::new(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.colours.concat();
        bytes.resize(256 * 3, 0);
        bytes
    }

    fn index(&mut self, frame: &Pixmap) -> Vec<u8> {
        let mut last = ([0; 3], None);
        frame
            .pixels()
            .iter()
            .map(|pixel| {
                let colour = coarse([pixel.red(), pixel.green(), pixel.blue()]);
                match last {
                    (same, Some(index)) if same == colour => index,
                    _ => {
                        let colours = &self.colours;
                        let index = *self
                            .nearest
                            .entry(colour)
                            .or_insert_with(|| closest(colours, colour));
                        last = (colour, Some(index));
                        index
                    }
                }
            })
            .collect()
    }
}

/// Six bits a channel: finer differences are not seen in a short loop and would crowd the palette.
fn coarse(colour: [u8; 3]) -> [u8; 3] {
    colour.map(|part| (part & 0xfc) | (part >> 6))
}

fn closest(colours: &[[u8; 3]], wanted: [u8; 3]) -> u8 {
    let distance = |colour: &[u8; 3]| -> u32 {
        let part = |at: usize, weight: u32| {
            let (a, b) = (
                colour.get(at).copied().unwrap_or(0),
                wanted.get(at).copied().unwrap_or(0),
            );
            u32::from(a.abs_diff(b)).pow(2) * weight
        };
        // The eye is most exact in green.
        part(0, 3) + part(1, 6) + part(2, 2)
    };
    let best = colours
        .iter()
        .enumerate()
        .min_by_key(|(_, colour)| distance(colour))
        .map_or(0, |(at, _)| at);
    u8::try_from(best).unwrap_or(0)
}
