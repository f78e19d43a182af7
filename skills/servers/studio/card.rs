//! A social card as SVG: ground, motif, label, title, subtitle, each in a box it cannot leave.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "geometry; sizes are at most 2048"
)]

use std::fmt::Write;

use super::brief::{ImageArgs, Layout, Motif, VideoArgs, Visual, check_identity, check_texts};
use super::colour::{Rgb, Scheme};
use super::face::{self, Legible, Weight};
use super::motif;
use super::wrap::{self, Block, LEADING, Room};
use super::writing::{self, Headline};
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
    /// A large figure or quotation mark above the title.
    mark: Option<Block>,
    title: Option<Block>,
    subtitle: Option<Block>,
}

/// A block of text where it stands.
pub(super) struct Placed<'a> {
    pub(super) block: &'a Block,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) ink: Rgb,
    /// The block stands on the accent, in a pill of this width and height.
    pub(super) pill: Option<(f32, f32)>,
}

/// How much of its size a quotation mark takes in height.
const MARK_HEIGHT: f32 = 0.55;

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
    pub(super) layout: Layout,
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
            layout: self.layout,
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
            layout: self.layout,
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
        if clean::line(brief.title, 300).is_empty() {
            return Err(Refusal::new(
                "invalid_argument",
                "the title is blank; a card needs words",
            ));
        }
        let headline = writing::headline(&clean::line(brief.title, 300))?;
        let layout = chosen(brief.layout, &headline);
        let title = headline.text;
        let subtitle = clean::line(brief.subtitle, 400);
        let kicker = clean::line(brief.kicker, 60);
        let drawn = [&title, &subtitle, &kicker].map(|text| face::legible(text));
        let [title_drawn, subtitle_drawn, kicker_drawn] = &drawn;
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
        let bare = title_drawn.text.trim_matches(['“', '”', '"']);
        let whole_quote = title_drawn.text.len() > bare.len()
            && !bare.contains(['“', '”', '"'])
            && title_drawn.text.starts_with(['“', '"']);
        let (mark, title_room, shown) = match layout {
            Layout::Auto | Layout::Headline => (
                None,
                room(area.height * 0.58, unit * 0.125, unit * 0.045, 6),
                title_drawn.text.as_str(),
            ),
            Layout::Number => (
                optional(
                    &headline.figure,
                    Weight::Bold,
                    room(area.height * 0.34, unit * 0.24, unit * 0.08, 1),
                ),
                room(area.height * 0.30, unit * 0.075, unit * 0.042, 5),
                title_drawn.text.as_str(),
            ),
            Layout::Quote => (
                Some(Block {
                    lines: vec!["“".to_owned()],
                    size: unit * 0.26,
                    weight: Weight::Bold,
                    cut: false,
                }),
                room(area.height * 0.44, unit * 0.1, unit * 0.042, 6),
                // The large mark opens it; a second one would only repeat it.
                if whole_quote { bare } else { &title_drawn.text },
            ),
        };
        let card = Self {
            width,
            height,
            alt_text: alt_text(layout, &title, &headline.figure, &subtitle, title_drawn),
            warnings: Vec::new(),
            scheme: Scheme::read(&brief.visual.palette)?,
            motif: brief.visual.motif,
            kicker: optional(
                &kicker_drawn.text.to_uppercase(),
                Weight::Bold,
                Room {
                    width: area.width - unit * 0.06,
                    ..room(area.height * 0.1, unit * 0.036, unit * 0.026, 1)
                },
            ),
            mark: mark.filter(|_| !shown.is_empty()),
            title: optional(shown, Weight::Bold, title_room),
            subtitle: optional(
                &subtitle_drawn.text,
                Weight::Regular,
                room(area.height * 0.23, unit * 0.052, unit * 0.030, 4),
            ),
        };
        Ok(card.with_warnings(&drawn))
    }

    fn with_warnings(mut self, drawn: &[Legible]) -> Self {
        let missing: String = drawn.iter().flat_map(|text| &text.missing).collect();
        if !missing.is_empty() {
            self.warnings.push(format!(
                "the typeface cannot draw some characters, which were left out, among them {missing}"
            ));
        }
        if self.title.is_none() {
            self.warnings.push(
                "the typeface cannot draw the script of the title; the card is without it"
                    .to_owned(),
            );
        }
        let cut = |block: &Option<Block>| block.as_ref().is_some_and(|block| block.cut);
        let parts = [
            ("kicker", cut(&self.kicker)),
            ("figure", cut(&self.mark)),
            ("title", cut(&self.title)),
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
        let mut svg = self.backdrop(ground, phase);
        for placed in self.placed() {
            self.write_text(&mut svg, &placed);
        }
        svg.push_str("</svg>");
        svg
    }

    /// Ground and motif, as an SVG document that is still open.
    pub(super) fn backdrop(&self, ground: Ground, phase: f32) -> String {
        let (w, h) = (self.width as f32, self.height as f32);
        let Scheme {
            ground: base,
            second,
            accent,
            shine,
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
                 <stop offset=\"0\" stop-color=\"{accent}\" stop-opacity=\"{shine}\"/><stop offset=\"1\" stop-color=\"{accent}\" \
                 stop-opacity=\"0\"/></radialGradient></defs><rect width=\"{w}\" height=\"{h}\" fill=\"url(#g)\"/>\
                 <rect width=\"{w}\" height=\"{h}\" fill=\"url(#l)\"/>"
            );
        } else {
            let _ = write!(svg, "<rect width=\"{w}\" height=\"{h}\" fill=\"{base}\"/>");
        }
        svg.push_str(&motif::draw(self.motif, &self.scheme, w, h, phase));
        svg
    }

    /// Every text of the card where it stands, from the top.
    pub(super) fn placed(&self) -> Vec<Placed<'_>> {
        let (w, h) = (self.width as f32, self.height as f32);
        let gap = w.min(h) * 0.03;
        let area = motif::free_area(self.motif, w, h);
        let height = |block: &Block| {
            if block.lines == ["“"] {
                block.size * MARK_HEIGHT
            } else {
                block.height() + gap * 0.4
            }
        };
        let scheme = &self.scheme;
        let stack = [
            self.kicker
                .as_ref()
                .map(|block| (block, scheme.accent_ink, block.size * 2.1 + gap)),
            self.mark
                .as_ref()
                .map(|block| (block, scheme.figure, height(block))),
            self.title
                .as_ref()
                .map(|block| (block, scheme.ink, block.height() + gap)),
            self.subtitle
                .as_ref()
                .map(|block| (block, scheme.soft, block.height())),
        ];
        let stack: Vec<_> = stack.into_iter().flatten().collect();
        let whole: f32 = stack.iter().map(|(.., height)| height).sum();
        let mut y = area.y + ((area.height - whole) * area.anchor).max(0.0);
        stack
            .into_iter()
            .map(|(block, ink, height)| {
                let pill = (ink == scheme.accent_ink
                    && self
                        .kicker
                        .as_ref()
                        .is_some_and(|kicker| std::ptr::eq(kicker, block)))
                .then(|| {
                    let text = block.lines.first().map(String::as_str).unwrap_or_default();
                    let wide = face::width(text, block.size, block.weight) + 1.6 * block.size;
                    (wide, block.size * 2.0)
                });
                let placed = Placed {
                    block,
                    x: area.x,
                    y,
                    ink,
                    pill,
                };
                y += height;
                placed
            })
            .collect()
    }

    fn write_text(&self, svg: &mut String, placed: &Placed<'_>) {
        let Placed { block, x, y, .. } = *placed;
        let ink = placed.ink.to_string();
        let Some((wide, tall)) = placed.pill else {
            for (row, text) in block.lines.iter().enumerate() {
                let baseline = y + block.size * (0.92 + LEADING * row as f32);
                line(svg, text, x, baseline, block, &ink);
            }
            return;
        };
        let text = block.lines.first().map(String::as_str).unwrap_or_default();
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" rx=\"{:.1}\" fill=\"{}\"/>",
            tall / 2.0,
            self.scheme.accent,
        );
        line(
            svg,
            text,
            x + block.size * 0.8,
            y + tall * 0.675,
            block,
            &ink,
        );
    }
}

/// The layout that the title asks for, where none is given or the given one has nothing to show.
fn chosen(asked: Layout, headline: &Headline) -> Layout {
    match asked {
        Layout::Auto if headline.quotation => Layout::Quote,
        Layout::Auto if !headline.figure.is_empty() => Layout::Number,
        Layout::Number if headline.figure.is_empty() => Layout::Headline,
        Layout::Auto | Layout::Headline => Layout::Headline,
        Layout::Number | Layout::Quote => asked,
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

/// What is on the card, in words; the title whole, also where it is shortened or cannot be drawn.
fn alt_text(layout: Layout, title: &str, figure: &str, subtitle: &str, drawn: &Legible) -> String {
    let title = if title.starts_with('“') && title.ends_with('”') {
        title.to_owned()
    } else {
        format!("“{title}”")
    };
    let what = match layout {
        Layout::Auto | Layout::Headline => format!("Card with the title {title}"),
        Layout::Quote => format!("Card with a large quotation mark and the title {title}"),
        Layout::Number => format!("Card with the figure {figure} in large and the title {title}"),
    };
    let line = if subtitle.is_empty() {
        String::new()
    } else {
        format!(" and the line “{subtitle}”")
    };
    let lost = if drawn.text.is_empty() {
        " The title is not drawn, for want of its letters."
    } else if drawn.missing.is_empty() {
        ""
    } else {
        " Some of its signs are not drawn."
    };
    format!("{what}{line}.{lost}")
}
