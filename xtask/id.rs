//! The names that specs and tests share: `R5`, `SC-004`, `OM-002`, `T086`.

use std::fmt;

/// Which list an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `R5`: a requirement.
    Requirement,
    /// `SC-004`: a success criterion.
    Success,
    /// `OM-002`: an operational measure.
    Operation,
    /// `T086`: a task of the original plan.
    Task,
}

impl Kind {
    /// In the order reports use.
    pub const ALL: [Self; 4] = [
        Self::Requirement,
        Self::Success,
        Self::Operation,
        Self::Task,
    ];

    /// The letters before the number.
    #[must_use]
    pub fn letters(self) -> &'static str {
        match self {
            Self::Requirement => "R",
            Self::Success => "SC",
            Self::Operation => "OM",
            Self::Task => "T",
        }
    }
}

/// One line of the specs, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Which list.
    pub kind: Kind,
    /// Which line of it.
    pub number: u16,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.kind.letters();
        match self.kind {
            Kind::Requirement => write!(f, "{letters}{}", self.number),
            Kind::Success | Kind::Operation => write!(f, "{letters}-{:03}", self.number),
            Kind::Task => write!(f, "{letters}{:03}", self.number),
        }
    }
}

impl Id {
    /// Reads one id written exactly as [`fmt::Display`] writes it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let split = word.find(|c: char| c.is_ascii_digit())?;
        let (letters, digits) = word.split_at(split);
        let (kind, width) = match letters {
            "R" => (Kind::Requirement, 1..=3),
            "SC-" => (Kind::Success, 3..=3),
            "OM-" => (Kind::Operation, 3..=3),
            "T" => (Kind::Task, 3..=3),
            _ => return None,
        };
        if !width.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number = digits.parse().ok()?;
        let id = Self { kind, number };
        (id.to_string() == word).then_some(id)
    }

    /// Every id that stands as a word of its own in prose.
    #[must_use]
    pub fn all_in(text: &str) -> Vec<Self> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .map(|word| word.trim_matches('-'))
            .filter_map(Self::parse)
            .collect()
    }

    /// The ids a test's name opens with: `r5_r16_two_writers` names R5 and R16, `sc_004_bands` names SC-004.
    ///
    /// Only leading words count, so that a name may go on with anything.
    #[must_use]
    pub fn all_in_name(name: &str) -> Vec<Self> {
        let mut words = name.split('_').peekable();
        let mut ids = Vec::new();
        while let Some(word) = words.next() {
            let upper = word.to_ascii_uppercase();
            let spelled = match (upper.as_str(), words.peek()) {
                ("SC" | "OM", Some(number)) => format!("{upper}-{number}"),
                _ => upper,
            };
            let Some(id) = Self::parse(&spelled) else {
                break;
            };
            if matches!(id.kind, Kind::Success | Kind::Operation) {
                words.next();
            }
            ids.push(id);
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(ids: &[Id]) -> String {
        ids.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    // An id has one spelling; what is spelled differently is prose.
    #[test]
    fn ids_parse_in_one_spelling_only() {
        for word in ["R1", "R197", "SC-001", "OM-005", "T001", "T217"] {
            assert_eq!(
                Id::parse(word).map(|id| id.to_string()).as_deref(),
                Some(word)
            );
        }
        for word in [
            "R", "R01", "R1a", "r1", "SC-1", "SC001", "T1", "T0001", "RT", "X1", "",
        ] {
            assert_eq!(Id::parse(word), None, "{word}");
        }
    }

    // Prose names an id only as a whole word.
    #[test]
    fn prose_names_whole_words() {
        let check = |text: &str, ids: &str| assert_eq!(spelled(&Id::all_in(text)), ids, "{text}");
        check("R1, R173: nothing goes out.", "R1 R173");
        check("Proves: R14, R16", "R14 R16");
        check("(SC-004; T086/OM-002)", "SC-004 T086 OM-002");
        check("PR1 R1x XR2 ISO-R3 UTF-16 T-shirt", "");
        check("R2-R4", "");
    }

    // A function's name proves what its leading words say.
    #[test]
    fn names_name_their_leading_words() {
        let check = |name: &str, ids: &str| assert_eq!(spelled(&Id::all_in_name(name)), ids);
        check("r5_kill_anywhere", "R5");
        check("r5_r16_two_writers", "R5 R16");
        check("sc_001_om_003_fast", "SC-001 OM-003");
        check("t045_t046_r30_scores", "T045 T046 R30");
        check("the_r5_rule", "");
        check("sc_is_no_id", "");
        check("t1_is_no_task", "");
    }
}
