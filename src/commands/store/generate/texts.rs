//! What the generated house talks about: plausible, made up, and of several scripts and widths.

use crate::sim::chance::Chance;

const WHO: [&str; 20] = [
    "A mill in Friesland",
    "The repair café of Graz",
    "A collective of weavers",
    "Ateliers Ondine",
    "The tool library",
    "A school of type design",
    "Kobo 手仕事",
    "The harbour museum",
    "A family of beekeepers",
    "The night bakery",
    "Studio Ølgaard",
    "An apprentice of nineteen",
    "The open synth project",
    "دار الخياطة",
    "A climbing gym",
    "The bonsai society",
    "Two retired engineers",
    "The seed exchange",
    "Братья Ивановы",
    "A kayak builder",
];
const DOES: [&str; 12] = [
    "opens its workshop to neighbours",
    "publishes every cost of one jacket",
    "mends what others throw away",
    "shows the first proof of a new typeface",
    "brings back a dye that nobody made for a century",
    "lends its machines for nothing",
    "counts its waste and halves it",
    "restores a loom of 1911",
    "explains a seam in forty pictures",
    "writes down how it is done",
    "asks what a fair wage would be",
    "has tested ten glues so that you need not",
];
const WITH: [&str; 10] = [
    "linen",
    "second-hand wool",
    "offcuts 🧵",
    "mycelium leather",
    "old sailcloth",
    "hemp",
    "recycled rubber",
    "borrowed tools 🪡",
    "deadstock denim",
    "natural indigo",
];
const SAYS: [&str; 10] = [
    "The label is the easy part; the seams tell more.",
    "Would it survive ten winters?",
    "The numbers are in the source, and they add up.",
    "It took two years and three failures, all of them described.",
    "Nobody was in a hurry, and it shows.",
    "The instructions are free, the mistakes included.",
    "Worth a look even if you never hold a needle.",
    "What would you mend first?",
    "Small, slow and written down.",
    "Credit to the people who did the work.",
];
/// What a judge finds between certain and refused.
const DOUBTS: [&str; 6] = [
    "persona: the tone is warmer than the examples",
    "factual: the number in the second sentence is not in the source",
    "constraints: the trend is named only in passing",
    "visual: the palette is not the persona's",
    "persona: a word the persona does not use",
    "factual: one of two citations could not be opened",
];

/// One of these, by chance.
fn one<'a>(of: &[&'a str], chance: &mut Chance) -> &'a str {
    let len = u64::try_from(of.len()).unwrap_or(1);
    let at = usize::try_from(chance.next() % len.max(1)).unwrap_or(0);
    of.get(at).copied().unwrap_or_default()
}

/// A title nobody has had yet: `n` is part of it.
pub(super) fn title(n: u64, chance: &mut Chance) -> String {
    format!(
        "{} {} (no. {n}, {})",
        one(&WHO, chance),
        one(&DOES, chance),
        one(&WITH, chance)
    )
}

/// A post on it, of one to three sentences, that fits every platform.
pub(super) fn post(title: &str, chance: &mut Chance) -> String {
    let mut text = title.to_owned();
    for _ in 0..=chance.next() % 3 {
        text.push(' ');
        text.push_str(one(&SAYS, chance));
    }
    text.push_str(" #SlowFashion");
    text
}

/// Why a person is asked.
pub(super) fn doubt(chance: &mut Chance) -> String {
    one(&DOUBTS, chance).to_owned()
}

/// The given name of an agent; `n` makes it one of its own.
pub(super) fn agent(n: u32) -> String {
    const NAMES: [&str; 16] = [
        "ada", "ben", "cleo", "dov", "eli", "fay", "gus", "hana", "ivo", "june", "kai", "lena",
        "milo", "nora", "otis", "pia",
    ];
    let name = NAMES
        .get(n as usize % NAMES.len())
        .copied()
        .unwrap_or("agent");
    format!("{name}-{n:04}")
}
