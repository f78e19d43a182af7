//! The four motifs behind the text. Each is a closed loop in `phase`, so that an animation has no seam.
#![expect(clippy::float_arithmetic, reason = "geometry")]

use std::f32::consts::TAU;
use std::fmt::Write;

use super::brief::Motif;
use super::colour::Scheme;

/// Where text may stand without meeting the motif's strong shapes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
    /// Where a block lower than the area stands: 0 at its top, 1 at its bottom.
    pub(super) anchor: f32,
}

/// Wide cards keep the right third for the motif, tall ones the upper third; waves always keep the bottom.
pub(super) fn free_area(motif: Motif, width: f32, height: f32) -> Area {
    let margin = width.min(height) * 0.085;
    let whole = width - 2.0 * margin;
    let wide = is_wide(width, height);
    let (top, bottom, share, anchor) = match (motif, wide) {
        (Motif::Waves, true) => (margin, height * 0.72, 0.80, 0.45),
        (Motif::Waves, false) => (margin, height * 0.72, 1.0, 0.45),
        (Motif::Rings | Motif::Grid | Motif::Rays, true) => (margin, height - margin, 0.64, 0.45),
        (Motif::Rings | Motif::Grid | Motif::Rays, false) => {
            (height * 0.36, height - margin, 1.0, 1.0)
        }
    };
    Area {
        x: margin,
        y: top,
        width: whole * share,
        height: bottom - top,
        anchor,
    }
}

fn is_wide(width: f32, height: f32) -> bool {
    width > height * 1.2
}

/// The centre of what radiates: beside the text on wide cards, above it on tall ones.
fn sun(width: f32, height: f32) -> (f32, f32) {
    if is_wide(width, height) {
        (width * 0.86, height * 0.34)
    } else {
        (width * 0.78, height * 0.16)
    }
}

/// The drawing of a motif as SVG elements. `phase` runs from 0 to 1.
pub(super) fn draw(motif: Motif, scheme: &Scheme, width: f32, height: f32, phase: f32) -> String {
    match motif {
        Motif::Waves => waves(scheme, width, height, phase),
        Motif::Rings => rings(scheme, width, height, phase),
        Motif::Grid => grid(scheme, width, height, phase),
        Motif::Rays => rays(scheme, width, height, phase),
    }
}

fn waves(scheme: &Scheme, width: f32, height: f32, phase: f32) -> String {
    const BANDS: u8 = 5;
    const STEPS: u8 = 48;
    let mut svg = String::new();
    for band in 0..BANDS {
        let depth = f32::from(band) / f32::from(BANDS - 1);
        let mut path = format!("M0 {height:.1}");
        for step in 0..=STEPS {
            let along = f32::from(step) / f32::from(STEPS);
            let angle = TAU * (along * (1.2 + 0.3 * depth) + phase + depth * 0.37);
            // The sea rises to the right, away from the text.
            let rise = 0.20 * (1.0 - 0.6 * depth) * along.powi(3);
            let swell = (0.012 + 0.035 * along) * angle.sin();
            let y = height * (0.80 + 0.042 * f32::from(band) - rise - swell);
            let _ = write!(path, " L{:.1} {y:.1}", along * width);
        }
        let _ = write!(path, " L{width:.1} {height:.1} Z");
        let colour = if band == 1 {
            scheme.accent
        } else {
            scheme.second.towards(scheme.ink, 0.16 - 0.14 * depth)
        };
        let _ = write!(svg, "<path d=\"{path}\" fill=\"{colour}\"/>");
    }
    svg
}

fn rings(scheme: &Scheme, width: f32, height: f32, phase: f32) -> String {
    const COUNT: u8 = 7;
    let (x, y) = sun(width, height);
    let reach = width.hypot(height) * 0.40;
    let mut svg = String::new();
    for ring in 0..COUNT {
        let out = (f32::from(ring) + phase) / f32::from(COUNT);
        let colour = scheme.second.towards(scheme.ink, 0.45);
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{:.1}\" stroke-opacity=\"{:.2}\"/>",
            reach * out,
            reach * 0.018,
            (1.0 - out) * 0.8,
        );
    }
    let disc = reach * (0.13 + 0.012 * (TAU * phase).sin());
    let _ = write!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{disc:.1}\" fill=\"{}\"/>",
        scheme.accent
    );
    svg
}

fn grid(scheme: &Scheme, width: f32, height: f32, phase: f32) -> String {
    const COLUMNS: u8 = 22;
    let cell = width / f32::from(COLUMNS);
    let rows = (height / cell).ceil().clamp(1.0, 60.0);
    let mut svg = String::new();
    for column in 0..COLUMNS {
        let along = (f32::from(column) + 0.5) / f32::from(COLUMNS);
        let mut row = 0.5;
        while row < rows {
            let down = row / rows;
            // Dots shrink to nothing towards the text.
            let weight = if is_wide(width, height) {
                (along * 2.2 - 1.3).clamp(0.0, 1.0)
            } else {
                ((along * 1.3 + 0.1) * (1.0 - down * 3.0)).clamp(0.0, 1.0)
            };
            let beat = 0.5 + 0.5 * (TAU * (along * 1.7 + down * 1.1 - phase)).sin();
            let radius = cell * 0.40 * weight * (0.30 + 0.70 * beat);
            if radius > 0.4 {
                let bright = beat > 0.93 && weight > 0.35;
                let colour = if bright {
                    scheme.accent
                } else {
                    scheme.second.towards(scheme.ink, 0.35)
                };
                let _ = write!(
                    svg,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" fill-opacity=\"{:.2}\"/>",
                    along * width,
                    row * cell,
                    if bright { 1.0 } else { 0.75 },
                );
            }
            row += 1.0;
        }
    }
    svg
}

fn rays(scheme: &Scheme, width: f32, height: f32, phase: f32) -> String {
    const COUNT: u8 = 24;
    let (x, y) = sun(width, height);
    let reach = width.hypot(height) * 0.52;
    let mut svg = String::new();
    for ray in 0..COUNT {
        let angle = TAU * (f32::from(ray) + 2.0 * phase) / f32::from(COUNT);
        let half = TAU / f32::from(COUNT) * 0.22;
        let length = reach * if ray % 2 == 0 { 1.0 } else { 0.72 };
        let point = |turn: f32, far: f32| (x + far * turn.cos(), y + far * turn.sin());
        let ((x1, y1), (x2, y2)) = (point(angle - half, length), point(angle + half, length));
        let _ = write!(
            svg,
            "<path d=\"M{x:.1} {y:.1} L{x1:.1} {y1:.1} L{x2:.1} {y2:.1} Z\" fill=\"{}\" fill-opacity=\"0.45\"/>",
            scheme.second.towards(scheme.ink, 0.06),
        );
    }
    let disc = reach * 0.14;
    let _ = write!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{disc:.1}\" fill=\"{}\"/>",
        scheme.accent
    );
    svg
}
