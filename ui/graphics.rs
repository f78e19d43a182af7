//! Pictures in pixels, for terminals that draw them: the graphics protocol of kitty, or sixels.
//!
//! Made from pixels that were unpacked here, so that no byte of a file from outside reaches the line. Both are asked
//! for in the settings: what a terminal can do it does not tell reliably, and through tmux or screen neither arrives.
//!
//! Shapes: <https://sw.kovidgoyal.net/kitty/graphics-protocol/>, and DEC's sixel mode as `icy_sixel` writes it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chimera_domain::Safe;

use crate::{
    picture::{Pixels, scaled},
    settings::{Pictures, Protocol},
};

/// More bytes than this a picture does not cost: it is made smaller until it does.
const BYTES_MAX: usize = 256 * 1024;
/// So long is one part of a picture in kitty's protocol.
const CHUNK: usize = 4096;
/// A cell in pixels where the terminal does not say: small, so that a picture never hangs over its place.
const CELL_USUAL: (usize, usize) = (6, 12);

/// Takes the pictures of kitty's protocol away; a terminal that knows none ignores it.
pub(crate) const TAKE_AWAY: &[u8] = b"\x1b_Ga=d,d=A,q=2\x1b\\";

/// The place a picture is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) by: Pictures,
}

/// A picture as the bytes that draw it where the cursor is, and the cells it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) bytes: Vec<u8>,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// Fits pixels into the room, in a cell's own pixels, and writes them in the form that was asked for.
pub(crate) fn draw(
    pixels: &Pixels,
    (most_columns, most_rows): (usize, usize),
    by: Protocol,
    cell: Option<(usize, usize)>,
) -> Result<Drawn, Safe> {
    let (wide, high) = cell
        .filter(|(wide, high)| *wide > 0 && *high > 0)
        .unwrap_or(CELL_USUAL);
    let (most_wide, most_high) = (most_columns.max(1) * wide, most_rows.max(1) * high);
    let mut part = 1;
    loop {
        let small = scaled(pixels, (most_wide / part).max(1), (most_high / part).max(1));
        // Kitty stretches what it gets over the cells; a sixel is as large as its pixels.
        let stretch = match by {
            Protocol::Kitty => part,
            Protocol::Sixel => 1,
        };
        let cells = |pixels: usize, cell: usize, most: usize| {
            (pixels * stretch).div_ceil(cell).clamp(1, most.max(1))
        };
        let columns = cells(small.width, wide, most_columns);
        let rows = cells(small.height, high, most_rows);
        let bytes = match by {
            Protocol::Kitty => kitty(&small, columns, rows)?,
            Protocol::Sixel => sixel(&small)?,
        };
        if bytes.len() <= BYTES_MAX || small.width.max(small.height) == 1 {
            return Ok(Drawn {
                bytes,
                columns,
                rows,
            });
        }
        part += 1;
    }
}

fn failed(why: &dyn std::fmt::Display) -> Safe {
    Safe::line(&format!("it cannot be drawn in pixels: {why}"))
}

/// One picture with a number of its own, in the place of the one before; no answer is asked for.
fn kitty(pixels: &Pixels, columns: usize, rows: usize) -> Result<Vec<u8>, Safe> {
    let size = |pixels: usize| u32::try_from(pixels).map_err(|why| failed(&why));
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, size(pixels.width)?, size(pixels.height)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|why| failed(&why))?;
    writer
        .write_image_data(pixels.rgb.as_flattened())
        .map_err(|why| failed(&why))?;
    writer.finish().map_err(|why| failed(&why))?;
    let text = STANDARD.encode(&png);
    let chunks: Vec<&[u8]> = text.as_bytes().chunks(CHUNK).collect();
    let mut out = TAKE_AWAY.to_vec();
    for (n, chunk) in chunks.iter().enumerate() {
        let more = u8::from(n + 1 < chunks.len());
        let head = if n == 0 {
            format!("a=T,f=100,i=1,q=2,C=1,c={columns},r={rows},m={more}")
        } else {
            format!("m={more}")
        };
        out.extend_from_slice(b"\x1b_G");
        out.extend_from_slice(head.as_bytes());
        out.push(b';');
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\x1b\\");
    }
    Ok(out)
}

fn sixel(pixels: &Pixels) -> Result<Vec<u8>, Safe> {
    let rgba: Vec<u8> = pixels
        .rgb
        .iter()
        .flat_map(|[r, g, b]| [*r, *g, *b, u8::MAX])
        .collect();
    let image = icy_sixel::SixelImage::try_from_rgba(rgba, pixels.width, pixels.height)
        .map_err(|why| failed(&why))?;
    let drawn = image.encode().map_err(|why| failed(&why))?;
    Ok(drawn.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 3] = [200, 0, 0];
    const BLUE: [u8; 3] = [0, 0, 100];

    /// Red to the left, blue to the right.
    fn flag(width: usize, height: usize) -> Pixels {
        let row = (0..width).map(|x| if x * 2 < width { RED } else { BLUE });
        let row: Vec<_> = row.collect();
        Pixels {
            width,
            height,
            rgb: row.repeat(height),
        }
    }

    const ROOM: (usize, usize) = (20, 6);

    fn far(a: [u8; 3], b: &[u8]) -> u8 {
        let parts = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
        parts.max().unwrap()
    }

    // R80: what kitty is sent unpacks to the picture, fitted into its cells, in parts that it takes.
    #[test]
    fn r80_kitty_gets_the_picture() {
        let drawn = draw(&flag(80, 20), ROOM, Protocol::Kitty, Some((10, 20))).unwrap();
        assert_eq!((drawn.columns, drawn.rows), (20, 3));
        let text = String::from_utf8(drawn.bytes).unwrap();
        let mut base = String::new();
        let parts: Vec<&str> = text.split_terminator("\x1b\\").skip(1).collect();
        for (n, part) in parts.iter().enumerate() {
            let (head, data) = part
                .strip_prefix("\x1b_G")
                .unwrap()
                .split_once(';')
                .unwrap();
            assert!(data.len() <= CHUNK);
            let more = if n + 1 < parts.len() { "m=1" } else { "m=0" };
            assert!(head.ends_with(more), "{head}");
            base.push_str(data);
        }
        let png = STANDARD.decode(base).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((info.width, info.height), (200, 50));
        assert_eq!((&rgb[..3], &rgb[199 * 3..200 * 3]), (&RED[..], &BLUE[..]));
    }

    // R80: a sixel decodes to the picture, is never larger than its cells, and holds nothing but its own sequence.
    #[test]
    fn r80_a_sixel_is_the_picture() {
        for cell in [None, Some((10, 20)), Some((0, 0)), Some((7, 15))] {
            let drawn = draw(&flag(64, 64), ROOM, Protocol::Sixel, cell).unwrap();
            let image = icy_sixel::SixelImage::decode(&drawn.bytes).unwrap();
            let (wide, high) = cell.filter(|c| c.0 > 0).unwrap_or(CELL_USUAL);
            assert!(image.width <= drawn.columns * wide && drawn.columns <= 20);
            assert!(image.height <= drawn.rows * high && drawn.rows <= 6);
            assert!(far(RED, &image.pixels[..3]) < 8, "{:?}", &image.pixels[..4]);
            let last = image.width * 4 - 4;
            assert!(far(BLUE, &image.pixels[last..last + 3]) < 8);
            let body = drawn.bytes.strip_prefix(b"\x1bP").unwrap();
            let body = body.strip_suffix(b"\x1b\\").unwrap();
            assert!(body.iter().all(|byte| matches!(byte, b' '..=b'~')));
        }
    }

    // R193: a picture costs no more than its budget, however large and noisy it is.
    #[test]
    fn r193_a_picture_has_a_budget() {
        let mut seed = 1_u32;
        let mut noise = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()
        };
        let rgb: Vec<[u8; 3]> = (0..700 * 700)
            .map(|_| {
                let [r, g, b, _] = noise();
                [r, g, b]
            })
            .collect();
        let pixels = Pixels {
            width: 700,
            height: 700,
            rgb,
        };
        for by in [Protocol::Kitty, Protocol::Sixel] {
            let drawn = draw(&pixels, (60, 30), by, Some((12, 24))).unwrap();
            assert!(
                drawn.bytes.len() <= BYTES_MAX,
                "{by:?}: {}",
                drawn.bytes.len()
            );
        }
    }
}
