//! Breaking text into lines that fit a box, by the real width of its letters.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "geometry"
)]

use unicode_segmentation::UnicodeSegmentation;

use super::face::{self, Weight};

/// Kerning and rounding of the renderer stay below this share of the width.
const SLACK: f32 = 0.98;
/// Distance of lines, as a multiple of the size.
pub(super) const LEADING: f32 = 1.18;

/// Lines that fit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    pub(super) size: f32,
    pub(super) weight: Weight,
    /// Whether text had to be left out at the smallest size.
    pub(super) cut: bool,
}

impl Block {
    /// The height of all lines.
    pub(super) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.size * LEADING
    }
}

/// A box and the sizes that may be tried in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) size_max: f32,
    pub(super) size_min: f32,
    pub(super) lines_max: usize,
}

/// The largest size at which `text` fits the room. At the smallest size, what does not fit is replaced by an ellipsis.
pub(super) fn fit(text: &str, weight: Weight, room: Room) -> Block {
    let mut size = room.size_max;
    loop {
        let lines = lines(text, size, weight, room.width * SLACK);
        let block = Block {
            lines,
            size,
            weight,
            cut: false,
        };
        if block.lines.len() <= room.lines_max && block.height() <= room.height {
            return block;
        }
        if size <= room.size_min {
            return shorten(block, room);
        }
        size = (size * 0.93).max(room.size_min);
    }
}

fn shorten(mut block: Block, room: Room) -> Block {
    while block.lines.len() > 1
        && (block.lines.len() > room.lines_max || block.height() > room.height)
    {
        block.lines.pop();
        block.cut = true;
    }
    if let Some(last) = block.lines.last_mut().filter(|_| block.cut) {
        while !last.is_empty()
            && face::width(&format!("{last}…"), block.size, block.weight) > room.width * SLACK
        {
            last.pop();
        }
        last.truncate(last.trim_end().len());
        last.push('…');
    }
    block
}

fn lines(text: &str, size: f32, weight: Weight, width: f32) -> Vec<String> {
    let fits = |line: &str| face::width(line, size, weight) <= width;
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let joined = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if fits(&joined) {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        // A word wider than the box, or a script without spaces, is broken between its characters.
        for grapheme in word.graphemes(true) {
            let longer = format!("{line}{grapheme}");
            if !line.is_empty() && !fits(&longer) {
                lines.push(std::mem::take(&mut line));
                line = grapheme.to_owned();
            } else {
                line = longer;
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        width: 300.0,
        height: 120.0,
        size_max: 48.0,
        size_min: 20.0,
        lines_max: 3,
    };

    /// Whatever the text, no line is wider than the box and the block is no higher than it.
    #[test]
    fn text_never_leaves_its_box() {
        for text in [
            "",
            "short",
            &"word ".repeat(80),
            &"x".repeat(500),
            &"日本語".repeat(60),
            "Donaudampfschifffahrtsgesellschaft",
        ] {
            let block = fit(text, Weight::Bold, ROOM);
            assert!(
                block.height() <= ROOM.height && block.lines.len() <= ROOM.lines_max,
                "{text}"
            );
            for line in &block.lines {
                assert!(
                    face::width(line, block.size, Weight::Bold) <= ROOM.width,
                    "{line}"
                );
            }
        }
        assert!(fit(&"word ".repeat(80), Weight::Bold, ROOM).cut);
        assert!(!fit("short", Weight::Bold, ROOM).cut);
    }
}
