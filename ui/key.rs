//! Keys as the console knows them: one code and the modifiers, which match exactly.

use std::{fmt, str::FromStr};

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
}

/// One press. Shift is in the character, so it is no modifier here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) code: Code,
    pub(crate) ctrl: bool,
    pub(crate) alt: bool,
}

impl Key {
    pub(crate) const fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
        }
    }

    pub(crate) const fn ctrl(letter: char) -> Self {
        Self {
            code: Code::Char(letter),
            ctrl: true,
            alt: false,
        }
    }

    /// The character this key types, when it types one.
    pub(crate) const fn typed(self) -> Option<char> {
        match self {
            Self {
                code: Code::Char(c),
                ctrl: false,
                alt: false,
            } => Some(c),
            Self { .. } => None,
        }
    }
}

/// The names, each once, for showing and for reading.
const NAMES: &[(&str, Code)] = &[
    ("Space", Code::Char(' ')),
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("S-Tab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        let Code::Char(c) = self.code else {
            return write!(f, "{:?}", self.code);
        };
        let shown = if self.ctrl { c.to_ascii_uppercase() } else { c };
        write!(f, "{shown}")
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(Self::plain(*code));
        }
        if let Some(rest) = text.strip_prefix("Alt-") {
            let key: Self = rest.parse()?;
            return Ok(Self { alt: true, ..key });
        }
        let (ctrl, rest) = match text.strip_prefix("Ctrl-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut chars = rest.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if ctrl => Ok(Self::ctrl(c.to_ascii_lowercase())),
            (Some(c), None) => Ok(Self::plain(Code::Char(c))),
            (_, _) => Err(format!("`{text}` is not a key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A key's name leads back to the same key, so that help and table cannot disagree.
    #[test]
    fn names_round_trip() {
        for name in ["a", "A", "!", "Ctrl-D", "PgDn", "S-Tab", "Space", "Enter"] {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
        }
        assert_ne!("Ctrl-A".parse::<Key>(), "a".parse::<Key>());
        assert!("Hyper-X".parse::<Key>().is_err());
    }
}
