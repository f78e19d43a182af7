//! A picture as rows of a terminal: read within limits, made small, two pixels a cell.
//!
//! Reading and shrinking happen off the thread that draws. What cannot be shown says why.

use std::io::Cursor;

use chimera_domain::{Safe, artifact::Blob};

use crate::{
    graphics::{self, Drawn, Room},
    settings::Pictures,
};

/// More pixels are not unpacked: a small file can claim any size.
const PIXELS_MAX: u64 = 40_000_000;
/// So much memory a decoder may take.
const MEMORY_MAX: usize = 256 * 1024 * 1024;
/// So many frames of an animation are shown, spread over all of it.
const FRAMES_MAX: usize = 12;
/// And more are not looked at.
const FRAMES_READ_MAX: usize = 2_000;

/// Red, green and blue.
pub(crate) type Rgb = [u8; 3];

/// A picture made small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// One for a still picture.
    pub(crate) frames: Vec<Frame>,
    /// How many frames there are in all.
    pub(crate) of: usize,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Rows of cells, each an upper and a lower pixel.
    Cells(Vec<Vec<(Rgb, Rgb)>>),
    /// In pixels, beside the cells.
    Drawn(Drawn),
}

/// Pixels as they were read, without transparency: it lies on black.
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<Rgb>,
}

/// Reads a picture and fits it into its room; a cell has so many pixels, where that is known.
pub(crate) fn read(blob: &Blob, room: Room, cell: Option<(usize, usize)>) -> Result<Picture, Safe> {
    let failed =
        |why: String| Safe::line(&format!("this {} cannot be shown here: {why}", blob.mime));
    let (all, of) = match blob.mime.as_str() {
        "image/png" => (vec![png(&blob.bytes).map_err(failed)?], 1),
        "image/gif" => gif(&blob.bytes).map_err(failed)?,
        _ => return Err(failed("only PNG and GIF can".to_owned())),
    };
    let frame = |pixels: &Pixels| match room.by {
        Pictures::Blocks => Ok(small(pixels, room.columns.max(1), room.rows.max(1))),
        Pictures::Pixels(by) => {
            graphics::draw(pixels, (room.columns, room.rows), by, cell).map(Frame::Drawn)
        }
    };
    let frames: Result<Vec<Frame>, Safe> = all.iter().map(frame).collect();
    Ok(Picture {
        frames: frames?,
        of,
    })
}

fn within(width: u32, height: u32) -> Result<(), String> {
    if width == 0 || height == 0 {
        return Err("it has no pixels".to_owned());
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(format!("{width} by {height} pixels are too many"));
    }
    Ok(())
}

fn png(bytes: &[u8]) -> Result<Pixels, String> {
    let limits = png::Limits { bytes: MEMORY_MAX };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| e.to_string())?;
    let (width, height) = reader.info().size();
    within(width, height)?;
    let size = reader
        .output_buffer_size()
        .filter(|size| *size <= MEMORY_MAX)
        .ok_or("it is too large")?;
    let mut data = vec![0; size];
    let info = reader.next_frame(&mut data).map_err(|e| e.to_string())?;
    let samples = info.color_type.samples();
    let rgb = data
        .chunks_exact(samples)
        .map(|pixel| match *pixel {
            [grey] => [grey; 3],
            [grey, alpha] => [over_black(grey, alpha); 3],
            [r, g, b, alpha] => [r, g, b].map(|part| over_black(part, alpha)),
            [r, g, b, ..] => [r, g, b],
            [] => [0; 3],
        })
        .collect();
    pixels(width, height, rgb)
}

fn gif(bytes: &[u8]) -> Result<(Vec<Pixels>, usize), String> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.set_memory_limit(gif::MemoryLimit::Bytes(
        u64::try_from(MEMORY_MAX)
            .ok()
            .and_then(std::num::NonZeroU64::new)
            .unwrap_or(std::num::NonZeroU64::MIN),
    ));
    let mut decoder = options
        .read_info(Cursor::new(bytes))
        .map_err(|e| e.to_string())?;
    let (width, height) = (decoder.width(), decoder.height());
    within(u32::from(width), u32::from(height))?;
    let (wide, high) = (usize::from(width), usize::from(height));
    let mut canvas = vec![[0; 3]; wide * high];
    // Twice as many as are shown at most, thinned whenever there are: they are spread over all that comes.
    let (mut kept, mut every, mut count): (Vec<Vec<Rgb>>, usize, usize) = (Vec::new(), 1, 0);
    while count < FRAMES_READ_MAX {
        let Some(frame) = decoder.read_next_frame().map_err(|e| e.to_string())? else {
            break;
        };
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        let across = usize::from(frame.width).max(1);
        for (at, pixel) in frame.buffer.chunks_exact(4).enumerate() {
            let (x, y) = (left + at % across, top + at / across);
            if let [r, g, b, alpha] = *pixel
                && alpha > 0
                && x < wide
                && let Some(place) = canvas.get_mut(y * wide + x)
            {
                *place = [r, g, b];
            }
        }
        if count.is_multiple_of(every) {
            kept.push(canvas.clone());
            if kept.len() >= 2 * FRAMES_MAX {
                kept = kept.into_iter().step_by(2).collect();
                every *= 2;
            }
        }
        count += 1;
    }
    let step = kept.len().div_ceil(FRAMES_MAX).max(1);
    let frames: Result<Vec<Pixels>, String> = kept
        .into_iter()
        .step_by(step)
        .map(|rgb| pixels(u32::from(width), u32::from(height), rgb))
        .collect();
    let frames = frames?;
    if frames.is_empty() {
        return Err("it has no frames".to_owned());
    }
    Ok((frames, count))
}

fn over_black(part: u8, alpha: u8) -> u8 {
    u8::try_from(u16::from(part) * u16::from(alpha) / 255).unwrap_or(u8::MAX)
}

fn pixels(width: u32, height: u32, rgb: Vec<Rgb>) -> Result<Pixels, String> {
    let (width, height) = (
        usize::try_from(width).unwrap_or(usize::MAX),
        usize::try_from(height).unwrap_or(usize::MAX),
    );
    if width.checked_mul(height) != Some(rgb.len()) {
        return Err("some of its pixels are missing".to_owned());
    }
    Ok(Pixels { width, height, rgb })
}

/// Fits a picture into a box of cells, each two pixels high, keeping its shape: a cell is about as high as two are wide.
fn small(from: &Pixels, columns: usize, rows: usize) -> Frame {
    let (wide, high) = fitted(from, columns, rows * 2);
    let at = |x: usize, y: usize| -> Rgb {
        if y < high {
            mean(from, (x, y), (wide, high))
        } else {
            [0; 3]
        }
    };
    let rows = (0..high.div_ceil(2))
        .map(|row| {
            (0..wide)
                .map(|x| (at(x, row * 2), at(x, row * 2 + 1)))
                .collect()
        })
        .collect();
    Frame::Cells(rows)
}

/// The largest size of the same shape within a box.
fn fitted(from: &Pixels, most_wide: usize, most_high: usize) -> (usize, usize) {
    if from.width * most_high > from.height * most_wide {
        (most_wide, (from.height * most_wide / from.width).max(1))
    } else {
        ((from.width * most_high / from.height).max(1), most_high)
    }
}

/// As large as a box allows.
pub(crate) fn scaled(from: &Pixels, most_wide: usize, most_high: usize) -> Pixels {
    let (width, height) = fitted(from, most_wide, most_high);
    let rgb = (0..height)
        .flat_map(|y| (0..width).map(move |x| mean(from, (x, y), (width, height))))
        .collect();
    Pixels { width, height, rgb }
}

/// The mean of what lies under one small pixel.
fn mean(from: &Pixels, (x, y): (usize, usize), (wide, high): (usize, usize)) -> Rgb {
    let span = |at: usize, of: usize, all: usize| {
        let start = at * all / of;
        start..((at + 1) * all / of).max(start + 1).min(all)
    };
    let (mut sum, mut count) = ([0_u64; 3], 0_u64);
    for py in span(y, high, from.height) {
        for px in span(x, wide, from.width) {
            if let Some(rgb) = from.rgb.get(py * from.width + px) {
                for (part, value) in sum.iter_mut().zip(rgb) {
                    *part += u64::from(*value);
                }
                count += 1;
            }
        }
    }
    sum.map(|part| u8::try_from(part / count.max(1)).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32, rgb: &[u8]) -> Blob {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(rgb).unwrap();
        writer.finish().unwrap();
        Blob {
            mime: "image/png".into(),
            bytes,
        }
    }

    fn room(columns: usize, rows: usize) -> Room {
        Room {
            columns,
            rows,
            by: Pictures::Blocks,
        }
    }

    fn rows_of(picture: &Picture) -> &[Vec<(Rgb, Rgb)>] {
        match &picture.frames[0] {
            Frame::Cells(rows) => rows,
            Frame::Drawn(_) => panic!("asked for in cells"),
        }
    }

    // R80: a picture keeps its shape in any box, and its colours.
    #[test]
    fn r80_a_picture_is_made_small() {
        let rgb: Vec<u8> = (0..8 * 4)
            .flat_map(|i| if i % 8 < 4 { [200, 0, 0] } else { [0, 0, 100] })
            .collect();
        let blob = png_of(8, 4, &rgb);
        let picture = read(&blob, room(4, 10), None).unwrap();
        assert_eq!((picture.frames.len(), picture.of), (1, 1));
        let rows = rows_of(&picture);
        assert_eq!((rows.len(), rows[0].len()), (1, 4));
        assert_eq!(rows[0][0], ([200, 0, 0], [200, 0, 0]));
        assert_eq!(rows[0][3], ([0, 0, 100], [0, 0, 100]));
        for (columns, rows) in [(1, 1), (0, 0), (80, 1), (1, 40), (200, 50)] {
            let small = read(&blob, room(columns, rows), None).unwrap();
            let cells = rows_of(&small);
            assert!(cells.len() <= rows.max(1));
            assert!(cells.iter().all(|row| row.len() <= columns.max(1)));
        }
    }

    // R80: an animation is a few frames spread over all of it.
    #[test]
    fn r80_an_animation_is_frames() {
        let mut bytes = Vec::new();
        {
            let mut encoder = gif::Encoder::new(&mut bytes, 2, 2, &[255, 0, 0, 0, 255, 0]).unwrap();
            for n in 0..30_u8 {
                let frame = gif::Frame {
                    width: 2,
                    height: 2,
                    buffer: vec![n % 2; 4].into(),
                    ..gif::Frame::default()
                };
                encoder.write_frame(&frame).unwrap();
            }
        }
        let blob = Blob {
            mime: "image/gif".into(),
            bytes,
        };
        let picture = read(&blob, room(10, 10), None).unwrap();
        assert_eq!(picture.of, 30);
        assert!((2..=FRAMES_MAX).contains(&picture.frames.len()));
    }

    // R163, R80: what is no picture, is damaged or claims to be huge is refused in words, and nothing is unpacked.
    #[test]
    fn r80_what_cannot_be_shown_says_why() {
        let good = png_of(2, 2, &[9; 12]);
        let mut huge = good.bytes.clone();
        huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        for bytes in [
            Vec::new(),
            b"<html>".to_vec(),
            good.bytes[..40].to_vec(),
            huge,
        ] {
            for mime in ["image/png", "image/gif", "image/webp"] {
                let blob = Blob {
                    mime: mime.into(),
                    bytes: bytes.clone(),
                };
                let why = read(&blob, room(10, 10), None).unwrap_err();
                assert!(why.as_str().contains("cannot be shown here"), "{why}");
            }
        }
    }
}
