//! How like a picture is to the reference of a persona's look: a card with nothing but its name, drawn from its visual identity.
//!
//! Compared are colours alone: the figure is the share of both pictures that can be put on each other, place on place, with
//! colours that are seen as the same. Shapes, faces and words are not looked at, and the method's name says as much.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use resvg::tiny_skia::Pixmap;

use super::brief::{Likeness, LikenessArgs, check_identity};
use super::card::{Card, CardBrief, Ground};
use super::render;
use crate::wire::Refusal;

/// The method and its version.
pub(super) const METHOD: &str = "palette/1";

/// The size of a reference, which is the same for every picture of a persona.
const REFERENCE: (u32, u32) = (640, 360);
/// The longest side of a picture that is read, and the most bytes of its file.
const SIDE_MAX: u32 = 4_096;
const BYTES_MAX: usize = 12 << 20;
/// Colours are taken at so many places on either side.
const PLACES: usize = 64;
/// How far two colours may lie apart to be seen as the same, as the eye weighs red, green and blue.
const SAME_MAX: u32 = 11 * 12 * 12;

type Colour = [u8; 3];

/// Draws the reference and compares.
pub(super) fn compare(args: &LikenessArgs) -> Result<Likeness, Refusal> {
    check_identity(&args.character_reference_id, &args.idempotency_key)?;
    // A moving picture has a flat ground, and so has what it is held against.
    let (picture, ground) = match args.mime.as_str() {
        "image/png" => (still(&bytes(args)?)?, Ground::Shaded),
        "image/gif" => (first_frame(&bytes(args)?)?, Ground::Flat),
        _ => {
            return Err(unreadable("only image/png and image/gif can be compared"));
        }
    };
    let brief = CardBrief {
        title: &args.name,
        subtitle: "",
        kicker: "",
        layout: super::brief::Layout::Headline,
        visual: &args.visual,
    };
    let card = Card::lay_out(&brief, REFERENCE.0, REFERENCE.1)?;
    let drawn = render::pixels(&card, ground, 0.0)?;
    let png = drawn.encode_png().map_err(|error| {
        Refusal::new(
            "internal",
            format!("the reference was not written: {error}"),
        )
    })?;
    Ok(Likeness {
        score: alike(&picture, &colours_of(&drawn)),
        method: METHOD.to_owned(),
        media: render::media(&card, "image/png", &png, &args.character_reference_id)?,
    })
}

fn unreadable(why: &str) -> Refusal {
    Refusal::new("unreadable_picture", why.to_owned())
}

fn bytes(args: &LikenessArgs) -> Result<Vec<u8>, Refusal> {
    if args.data_base64.len() > BYTES_MAX {
        return Err(unreadable("the picture is too large to be compared"));
    }
    STANDARD
        .decode(&args.data_base64)
        .map_err(|_| unreadable("the picture is not base64"))
}

/// A PNG. Its size is read before it is unpacked: a small file may say that it is huge.
fn still(bytes: &[u8]) -> Result<Vec<Colour>, Refusal> {
    let side = |at: usize| -> Option<u32> {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    let (Some(wide), Some(high)) = (side(16), side(20)) else {
        return Err(unreadable("the picture is not a PNG"));
    };
    if wide > SIDE_MAX || high > SIDE_MAX {
        return Err(unreadable("the picture has too many pixels to be compared"));
    }
    let pixmap = Pixmap::decode_png(bytes).map_err(|_| unreadable("the picture is not a PNG"))?;
    Ok(colours_of(&pixmap))
}

/// The first frame of a GIF, which is whole.
fn first_frame(bytes: &[u8]) -> Result<Vec<Colour>, Refusal> {
    let not_one = |_| unreadable("the picture is not a GIF");
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let limit = std::num::NonZeroU64::new(u64::from(SIDE_MAX) * u64::from(SIDE_MAX) * 4);
    options.set_memory_limit(limit.map_or(gif::MemoryLimit::Unlimited, gif::MemoryLimit::Bytes));
    let mut decoder = options.read_info(bytes).map_err(not_one)?;
    let frame = decoder.read_next_frame().map_err(not_one)?;
    let Some(frame) = frame else {
        return Err(unreadable("the animation has no frame"));
    };
    let (wide, high) = (usize::from(frame.width), usize::from(frame.height));
    let at = |x: usize, y: usize| -> Option<Colour> {
        let start = (y * wide + x) * 4;
        frame.buffer.get(start..start + 3)?.try_into().ok()
    };
    Ok(places(wide, high, at))
}

fn colours_of(pixmap: &Pixmap) -> Vec<Colour> {
    let side = |pixels: u32| usize::try_from(pixels).unwrap_or(0);
    let (wide, high) = (side(pixmap.width()), side(pixmap.height()));
    places(wide, high, |x, y| {
        let pixel = pixmap.pixels().get(y * wide + x)?.demultiply();
        Some([pixel.red(), pixel.green(), pixel.blue()])
    })
}

/// The colours at places that lie evenly over it.
fn places(wide: usize, high: usize, at: impl Fn(usize, usize) -> Option<Colour>) -> Vec<Colour> {
    let middle = |n: usize, side: usize| (2 * n + 1) * side / (2 * PLACES);
    (0..PLACES * PLACES)
        .filter_map(|n| at(middle(n % PLACES, wide), middle(n / PLACES, high)))
        .collect()
}

/// The share of places that find a place of their own in the other picture, of a colour that is seen as the same; the
/// closest first. In millionths; nothing where one has no places.
fn alike(one: &[Colour], other: &[Colour]) -> u32 {
    let (mut one_left, mut other_left) = (counted(one), counted(other));
    let mut pairs = Vec::new();
    for (i, (colour, _)) in one_left.iter().enumerate() {
        for (j, (like, _)) in other_left.iter().enumerate() {
            let apart = distance(*colour, *like);
            if apart <= SAME_MAX {
                pairs.push((apart, i, j));
            }
        }
    }
    pairs.sort_unstable();
    let mut matched = 0;
    for (_, i, j) in pairs {
        if let (Some((_, a)), Some((_, b))) = (one_left.get_mut(i), other_left.get_mut(j)) {
            let both = (*a).min(*b);
            *a -= both;
            *b -= both;
            matched += both;
        }
    }
    let share = matched * 1_000_000 / one.len().max(other.len()).max(1);
    u32::try_from(share).unwrap_or(0)
}

/// How many places each colour has, told apart coarsely.
fn counted(places: &[Colour]) -> Vec<(Colour, usize)> {
    let coarse = |colour: &Colour| colour.map(|part| part >> 3);
    let mut sorted: Vec<(Colour, Colour)> = places.iter().map(|c| (coarse(c), *c)).collect();
    sorted.sort_unstable();
    let groups = sorted.chunk_by(|a, b| a.0 == b.0);
    let middle = |group: &[(Colour, Colour)]| {
        let (_, colour) = group.get(group.len() / 2)?;
        Some((*colour, group.len()))
    };
    groups.filter_map(middle).collect()
}

fn distance(a: Colour, b: Colour) -> u32 {
    let weights = [3, 6, 2];
    let parts = a.iter().zip(b).zip(weights);
    parts
        .map(|((a, b), weight)| u32::from(a.abs_diff(b)).pow(2) * weight)
        .sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::super::brief::{ImageArgs, Motif, RenderTier, VideoArgs, Visual};
    use super::super::film;
    use super::*;

    const LOOKS: [(&[&str], Motif); 3] = [
        (&[], Motif::Waves),
        (&["#13322b", "#1c5741", "#9be04e"], Motif::Grid),
        (&["#fff4e6", "#ffd8a8", "#d9480f"], Motif::Rings),
    ];

    fn visual((palette, motif): (&[&str], Motif)) -> Visual {
        Visual {
            palette: palette.iter().map(|&colour| colour.to_owned()).collect(),
            motif,
        }
    }

    fn card(look: (&[&str], Motif), title: &str) -> (String, Vec<u8>) {
        let args = ImageArgs {
            title: title.into(),
            subtitle: "The Wire".into(),
            kicker: "Leo".into(),
            layout: super::super::brief::Layout::Auto,
            visual: visual(look),
            width: 1200,
            height: 675,
            character_reference_id: "leo-v1".into(),
            idempotency_key: "1".into(),
        };
        (
            "image/png".into(),
            render::png(&args.card().unwrap()).unwrap(),
        )
    }

    fn moving(look: (&[&str], Motif)) -> (String, Vec<u8>) {
        let args = VideoArgs {
            title: "Linen is back".into(),
            subtitle: String::new(),
            kicker: "Leo".into(),
            layout: super::super::brief::Layout::Auto,
            visual: visual(look),
            width: 720,
            height: 1280,
            duration_seconds: 1,
            render_tier: RenderTier::Daily,
            character_reference_id: "leo-v1".into(),
            idempotency_key: "1".into(),
        };
        ("image/gif".into(), film::shoot(&args).unwrap().1)
    }

    fn against(
        look: (&[&str], Motif),
        (mime, bytes): &(String, Vec<u8>),
    ) -> Result<Likeness, Refusal> {
        compare(&LikenessArgs {
            name: "Leo".into(),
            visual: visual(look),
            mime: mime.clone(),
            data_base64: STANDARD.encode(bytes),
            character_reference_id: "leo-v1".into(),
            idempotency_key: "1".into(),
        })
    }

    /// R46: a picture is like the reference of its own look, still or moving and whatever stands on it, and like no other's by
    /// far; the reference is the same each time.
    #[test]
    fn r46_a_picture_is_like_its_own_reference_and_no_other() {
        let titles = [
            "Linen is back",
            "“We were wrong”, says the ministry of very long titles that go on",
            "Up 42 %",
        ];
        for (i, mine) in LOOKS.into_iter().enumerate() {
            let mut pictures: Vec<_> = titles.iter().map(|title| card(mine, title)).collect();
            pictures.push(moving(mine));
            for picture in &pictures {
                for (j, other) in LOOKS.into_iter().enumerate() {
                    let found = against(other, picture).unwrap();
                    let told = format!("{i} against {j}: {}", found.score);
                    assert_eq!(found.method, METHOD);
                    if i == j {
                        assert!(found.score >= 900_000, "{told}");
                    } else {
                        assert!(found.score <= 600_000, "{told}");
                    }
                }
            }
            let [a, b] = [&pictures[0], &pictures[1]].map(|p| against(mine, p).unwrap().media);
            assert_eq!((a.sha256, a.mime), (b.sha256, "image/png".to_owned()));
        }
    }

    /// R46: what cannot be read is refused and gets no figure: another kind, no picture at all, one that says it is huge.
    #[test]
    fn r46_what_cannot_be_read_has_no_likeness() {
        let look = LOOKS[0];
        let mut huge = card(look, "Linen").1;
        huge[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        for (mime, bytes) in [
            ("image/jpeg", card(look, "Linen").1),
            ("image/png", b"not one".to_vec()),
            (
                "image/png",
                b"not one either, though it is longer than its head".to_vec(),
            ),
            ("image/gif", b"GIF89a".to_vec()),
            ("image/png", huge),
        ] {
            assert!(against(look, &(mime.to_owned(), bytes)).is_err(), "{mime}");
        }
    }
}
