//! Characters that stand for others: accents, hidden ones, letters in boxes, look-alikes of other
//! scripts, digits and signs read as letters. Tables only; `mod.rs` says when they apply.

use chimera_domain::text::plain;

/// Accents on Latin, Greek and Cyrillic letters; the marks of other scripts are letters.
pub(super) const fn is_accent(c: char) -> bool {
    matches!(c as u32, 0x300..=0x36f | 0x483..=0x489 | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

/// What `plain` leaves out, and the variation selectors, which change no letter.
pub(super) fn is_hidden(c: char) -> bool {
    if c.is_ascii() || c.is_whitespace() {
        return c.is_control() && !c.is_whitespace();
    }
    c.is_control()
        || matches!(c as u32, 0xfe00..=0xfe0f)
        || plain(c.encode_utf8(&mut [0; 4]), 1).is_empty()
}

/// Letters in boxes, which Unicode does not take apart; and small letters that are no part of a word.
pub(super) fn plain_form(c: char) -> std::iter::Once<char> {
    let boxed = |first: u32| {
        u8::try_from(c as u32 - first)
            .ok()
            .map_or(c, |n| char::from(b'a' + n))
    };
    std::iter::once(match c as u32 {
        0x2122 | 0x2120 | 0xaa | 0xba => ' ', // ™ ℠ ª º
        0x249c..=0x24b5 => boxed(0x249c),
        0x1f150..=0x1f169 => boxed(0x1f150),
        0x1f170..=0x1f189 => boxed(0x1f170),
        _ => c,
    })
}

/// The Latin letter that a small letter looks like.
pub(super) fn look_alike(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    LOOK_ALIKES
        .iter()
        .find(|(_, alike)| alike.contains(c))
        .map_or(c, |(latin, _)| *latin)
}

/// Cyrillic, Greek, Armenian, phonetic and small-capital letters.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('a', "аαɑᴀ"),
    ('b', "ʙƀɓ"),
    ('c', "сᴄϲƈ"),
    ('d', "ԁᴅđɗ"),
    ('e', "еεєᴇɛəҽ"),
    ('f', "ꜰƒ"),
    ('g', "ɡɢցɠ"),
    ('h', "нһʜħհ"),
    ('i', "іιıɪɩ"),
    ('j', "јᴊյϳ"),
    ('k', "кκᴋƙ"),
    ('l', "ӏʟłƚǀ"),
    ('m', "мᴍ"),
    ('n', "ɴոɲ"),
    ('o', "оοᴏøօ"),
    ('p', "рρᴘƥ"),
    ('q', "ԛ"),
    ('r', "ʀɾ"),
    ('s', "ѕꜱʂ"),
    ('t', "тτᴛŧ"),
    ('u', "ᴜսʊ"),
    ('v', "νѵᴠʋ"),
    ('w', "ԝѡᴡ"),
    ('x', "хχ"),
    ('y', "уʏγ"),
    ('z', "ᴢƶʐ"),
    ('σ', "ς"),
];

/// Weaker likenesses, which count in the text but do not change the letter.
pub(super) const fn readings(c: char) -> &'static str {
    match c {
        '0' => "o",
        '1' => "il",
        '3' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '7' => "t",
        '€' => "e",
        '!' => "i",
        '|' => "li",
        'Β' | 'в' | 'В' | 'β' | 'ь' | 'Ь' => "b",
        'Η' => "h",
        'Μ' => "m",
        'Ν' | 'п' | 'η' => "n",
        'г' => "r",
        'μ' | 'υ' => "u",
        'ω' | 'ш' | 'щ' => "w",
        'Υ' => "y",
        'Ζ' => "z",
        _ => "",
    }
}
