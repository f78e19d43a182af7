//! A social card as SVG: ground, motif, label, title, subtitle, each in a box it cannot leave.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "geometry; sizes are at most 2048"
)]

use std::fmt::Write;

use super::brief::{ImageArgs, Motif, VideoArgs, Visual, check_identity, check_texts};
use super::colour::Scheme;
use super::face::{self, Weight};
use super::motif::{self, Area};
use super::wrap::{self, Block, LEADING, Room};
use crate::wire::{Refusal, clean};

const SIDE_MIN: u32 = 240;
const SIDE_MAX: u32 = 2_048;
const TEXT_BYTES_MAX: usize = 4_000;

/// A laid-out card; drawing it at a phase cannot fail.
pub(super) struct Card {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) alt_text: String,
    pub(super) warnings: Vec<String>,
    scheme: Scheme,
    motif: Motif,
    kicker: Option<Block>,
    title: Block,
    subtitle: Option<Block>,
}

/// Whether the ground may shade. Animations need flat areas, which a palette of 256 colours can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    Shaded,
    Flat,
}

/// The common part of the two kinds of arguments.
pub(super) struct CardBrief<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    pub(super) kicker: &'a str,
    pub(super) visual: &'a Visual,
}

impl ImageArgs {
    /// Checks the arguments and lays the card out.
    pub(super) fn card(&self) -> Result<Card, Refusal> {
        check_identity(&self.character_reference_id, &self.idempotency_key)?;
        check_size(self.width, self.height)?;
        let brief = CardBrief {
            title: &self.title,
            subtitle: &self.subtitle,
            kicker: &self.kicker,
            visual: &self.visual,
        };
        Card::lay_out(&brief, self.width, self.height)
    }
}

impl VideoArgs {
    /// Checks the arguments and lays the card out at the size that the tier gives.
    pub(super) fn card(&self, longest: u32) -> Result<Card, Refusal> {
        check_identity(&self.character_reference_id, &self.idempotency_key)?;
        check_size(self.width, self.height)?;
        if !(1..=6).contains(&self.duration_seconds) {
            return Err(Refusal::new(
                "invalid_argument",
                "duration_seconds must be 1 to 6",
            ));
        }
        let brief = CardBrief {
            title: &self.title,
            subtitle: &self.subtitle,
            kicker: &self.kicker,
            visual: &self.visual,
        };
        let side = self.width.max(self.height);
        let scale = |pixels: u32| {
            if side <= longest {
                pixels
            } else {
                (pixels * longest / side).max(1)
            }
        };
        Card::lay_out(&brief, scale(self.width), scale(self.height))
    }
}

fn check_size(width: u32, height: u32) -> Result<(), Refusal> {
    let sides = [width, height];
    if sides
        .iter()
        .any(|side| !(SIDE_MIN..=SIDE_MAX).contains(side))
    {
        return Err(Refusal::new(
            "invalid_argument",
            format!("width and height must be {SIDE_MIN} to {SIDE_MAX}"),
        ));
    }
    if width.max(height) > width.min(height) * 3 {
        return Err(Refusal::new(
            "invalid_argument",
            "one side may be at most three times the other",
        ));
    }
    Ok(())
}

impl Card {
    /// Chooses sizes and breaks lines.
    pub(super) fn lay_out(brief: &CardBrief<'_>, width: u32, height: u32) -> Result<Self, Refusal> {
        check_texts(&[brief.title, brief.subtitle, brief.kicker], TEXT_BYTES_MAX)?;
        let title = clean::line(brief.title, 300);
        if title.is_empty() {
            return Err(Refusal::new(
                "invalid_argument",
                "the title is blank; a card needs words",
            ));
        }
        let subtitle = clean::line(brief.subtitle, 400);
        let kicker = clean::line(brief.kicker, 60);
        let (w, h) = (width as f32, height as f32);
        let unit = w.min(h);
        let area = motif::free_area(brief.visual.motif, w, h);
        let room = |height: f32, size_max: f32, size_min: f32, lines_max: usize| Room {
            width: area.width,
            height,
            size_max,
            size_min,
            lines_max,
        };
        let optional = |text: &str, weight: Weight, room: Room| {
            (!text.is_empty()).then(|| wrap::fit(text, weight, room))
        };
        let card = Self {
            width,
            height,
            alt_text: alt_text(&title, &subtitle),
            warnings: Vec::new(),
            scheme: Scheme::read(&brief.visual.palette)?,
            motif: brief.visual.motif,
            kicker: optional(
                &kicker.to_uppercase(),
                Weight::Bold,
                Room {
                    width: area.width - unit * 0.06,
                    ..room(area.height * 0.1, unit * 0.036, unit * 0.026, 1)
                },
            ),
            title: wrap::fit(
                &title,
                Weight::Bold,
                room(area.height * 0.58, unit * 0.125, unit * 0.045, 6),
            ),
            subtitle: optional(
                &subtitle,
                Weight::Regular,
                room(area.height * 0.23, unit * 0.052, unit * 0.030, 4),
            ),
        };
        Ok(card.with_warnings(&[&title, &subtitle, &kicker]))
    }

    fn with_warnings(mut self, texts: &[&str]) -> Self {
        let missing = face::missing(&texts.concat());
        if !missing.is_empty() {
            let shown: String = missing.iter().collect();
            self.warnings.push(format!(
                "the typeface cannot draw some characters, among them {shown}"
            ));
        }
        let cut = |block: &Option<Block>| block.as_ref().is_some_and(|block| block.cut);
        let parts = [
            ("kicker", cut(&self.kicker)),
            ("title", self.title.cut),
            ("subtitle", cut(&self.subtitle)),
        ];
        for (part, _) in parts.iter().filter(|(_, cut)| *cut) {
            self.warnings.push(format!(
                "the {part} is too long for the card and was shortened on it"
            ));
        }
        self
    }

    /// The card as an SVG document.
    pub(super) fn svg(&self, ground: Ground, phase: f32) -> String {
        let (w, h) = (self.width as f32, self.height as f32);
        let Scheme {
            ground: base,
            second,
            accent,
            ..
        } = self.scheme;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">"
        );
        if ground == Ground::Shaded {
            let _ = write!(
                svg,
                "<defs><linearGradient id=\"g\" x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\"><stop offset=\"0.25\" stop-color=\"{base}\"/>\
                 <stop offset=\"1\" stop-color=\"{second}\"/></linearGradient><radialGradient id=\"l\" cx=\"0.88\" cy=\"0.2\" r=\"0.7\">\
                 <stop offset=\"0\" stop-color=\"{accent}\" stop-opacity=\"0.12\"/><stop offset=\"1\" stop-color=\"{accent}\" \
                 stop-opacity=\"0\"/></radialGradient></defs><rect width=\"{w}\" height=\"{h}\" fill=\"url(#g)\"/>\
                 <rect width=\"{w}\" height=\"{h}\" fill=\"url(#l)\"/>"
            );
        } else {
            let _ = write!(svg, "<rect width=\"{w}\" height=\"{h}\" fill=\"{base}\"/>");
        }
        svg.push_str(&motif::draw(self.motif, &self.scheme, w, h, phase));
        self.write_text(&mut svg, w, h);
        svg.push_str("</svg>");
        svg
    }

    fn write_text(&self, svg: &mut String, w: f32, h: f32) {
        let unit = w.min(h);
        let gap = unit * 0.03;
        let Area {
            x,
            y,
            height,
            anchor,
            ..
        } = motif::free_area(self.motif, w, h);
        let kicker_height = self
            .kicker
            .as_ref()
            .map_or(0.0, |block| block.size * 2.1 + gap);
        let subtitle_height = self
            .subtitle
            .as_ref()
            .map_or(0.0, |block| block.height() + gap);
        let stack = kicker_height + self.title.height() + subtitle_height;
        let mut y = y + ((height - stack) * anchor).max(0.0);

        if let Some(kicker) = &self.kicker {
            let text = kicker.lines.first().map(String::as_str).unwrap_or_default();
            let (pad, tall) = (kicker.size * 0.8, kicker.size * 2.0);
            let wide = face::width(text, kicker.size, kicker.weight) + 2.0 * pad;
            let _ = write!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" rx=\"{:.1}\" fill=\"{}\"/>",
                tall / 2.0,
                self.scheme.accent,
            );
            line(
                svg,
                text,
                x + pad,
                y + tall * 0.675,
                kicker,
                &self.scheme.accent_ink.to_string(),
            );
            y += kicker_height;
        }
        let ink = self.scheme.ink.to_string();
        block(svg, &self.title, x, y, &ink);
        y += self.title.height() + gap;
        if let Some(subtitle) = &self.subtitle {
            let soft = self
                .scheme
                .ink
                .towards(self.scheme.ground, 0.16)
                .to_string();
            block(svg, subtitle, x, y, &soft);
        }
    }
}

fn block(svg: &mut String, block: &Block, x: f32, y: f32, fill: &str) {
    for (row, text) in block.lines.iter().enumerate() {
        let baseline = y + block.size * (0.92 + LEADING * row as f32);
        line(svg, text, x, baseline, block, fill);
    }
}

fn line(svg: &mut String, text: &str, x: f32, y: f32, block: &Block, fill: &str) {
    let weight = match block.weight {
        Weight::Regular => 400,
        Weight::Bold => 700,
    };
    let _ = write!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-family=\"{}\" font-size=\"{:.2}\" font-weight=\"{weight}\" fill=\"{fill}\" \
         xml:space=\"preserve\">{}</text>",
        face::FAMILY,
        block.size,
        escape(text),
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn alt_text(title: &str, subtitle: &str) -> String {
    if subtitle.is_empty() {
        format!("Card with the title “{title}”.")
    } else {
        format!("Card with the title “{title}” and the line “{subtitle}”.")
    }
}
