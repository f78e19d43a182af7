//! The language of filters: what a person types to see less of a list.
//!
//! `words`, `field:value`, `-not`, `a OR b`, `~fuzzy` and `"several words"`, also `field:"several words"` and
//! `-field:~fzy`. Terms beside each other must all hold; `OR` binds the two beside it. Reading never fails: what
//! is no term of the language is a word. It knows no list: which fields there are, and what a term means in
//! SQL, the store says.

/// More terms than this are not asked for; whoever evaluates a filter refuses them with words.
pub const TERMS_MAX: usize = 16;
/// The most characters that are read.
pub const FILTER_CHARS_MAX: usize = 500;

/// What was typed, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// All of these must hold; of each at least one term.
    pub all: Vec<Vec<Term>>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// It must not hold.
    pub not: bool,
    /// The field it is about, in lower case; none is the whole row.
    pub field: Option<String>,
    /// What must be found, in lower case.
    pub text: String,
    /// Its characters need only occur in this order.
    pub fuzzy: bool,
}

impl Filter {
    /// Whether everything passes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Reads what was typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text: String = text.chars().take(FILTER_CHARS_MAX).collect();
        let mut filter = Self::default();
        let mut or = None;
        for piece in pieces(&text) {
            if piece.is_or() && or.is_none() && !filter.all.is_empty() {
                or = Some(piece);
                continue;
            }
            let term = piece.term();
            match (or.take(), filter.all.last_mut()) {
                (Some(_), Some(group)) => group.push(term),
                (_, _) => filter.all.push(vec![term]),
            }
        }
        if let Some(or) = or {
            filter.all.push(vec![or.term()]);
        }
        filter
    }

    /// Every term.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.all.iter().flatten()
    }

    /// Why a list with these fields cannot be asked for this, in words for a person.
    ///
    /// # Errors
    /// A field the list does not have, or too many terms.
    pub fn check(&self, fields: &[&str]) -> Result<(), String> {
        for field in self.terms().filter_map(|term| term.field.as_deref()) {
            if !fields.contains(&field) {
                return Err(if fields.is_empty() {
                    format!("no field `{field}` here, only words")
                } else {
                    format!("no field `{field}` here: {}", fields.join(", "))
                });
            }
        }
        if self.terms().count() > TERMS_MAX {
            return Err(format!("a filter has at most {TERMS_MAX} terms"));
        }
        Ok(())
    }

    /// Whether it holds for a row that is at hand, as [`Term::holds`] takes it.
    #[must_use]
    pub fn holds(&self, row: &str, field: impl Fn(&str) -> Option<String>) -> bool {
        let holds = |term: &Term| term.holds(row, &field);
        self.all.iter().all(|group| group.iter().any(holds))
    }
}

impl Term {
    /// Whether it holds for a row with this text, where the value of a field is given by name. Everything in
    /// lower case.
    #[must_use]
    pub fn holds(&self, row: &str, field: impl Fn(&str) -> Option<String>) -> bool {
        let of_field = self
            .field
            .as_deref()
            .map(|name| field(name).unwrap_or_default());
        let text = of_field.as_deref().unwrap_or(row);
        let found = if self.fuzzy {
            let mut text = text.chars();
            self.text.chars().all(|wanted| text.any(|c| c == wanted))
        } else {
            text.contains(&self.text)
        };
        found != self.not
    }
}

/// A term as it was typed: what is before a quotation, and what is in it.
#[derive(Debug, Default)]
struct Piece {
    open: String,
    quoted: Option<String>,
}

impl Piece {
    fn is_or(&self) -> bool {
        self.open == "OR" && self.quoted.is_none()
    }

    fn term(self) -> Term {
        let typed = self.open.as_str();
        let last = self.quoted.is_none();
        // A sign with nothing after it is a word.
        let stripped = |sign: char, text: &str| {
            let rest = text.strip_prefix(sign)?;
            (!(rest.is_empty() && last)).then(|| rest.to_owned())
        };
        let (not, rest) = match stripped('-', typed) {
            Some(rest) => (true, rest),
            None => (false, typed.to_owned()),
        };
        let named = rest.split_once(':').filter(|(name, value)| {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            // An address is a word, and so is a name without a value.
            is_name && !value.starts_with("//") && !(value.is_empty() && last)
        });
        let (field, value) = match named {
            Some((name, value)) => (Some(name.to_ascii_lowercase()), value.to_owned()),
            None => (None, rest.clone()),
        };
        let (fuzzy, value) = match stripped('~', &value) {
            Some(value) => (true, value),
            None => (false, value),
        };
        let text = value + self.quoted.as_deref().unwrap_or_default();
        Term {
            not,
            field,
            text: text.to_lowercase(),
            fuzzy,
        }
    }
}

/// Cuts at white space outside of quotation marks. A mark that is not closed reaches to the end; one inside of a
/// word is a character of it.
fn pieces(text: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return all;
        }
        let mut piece = Piece::default();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
            let may_begin = piece.open.is_empty() || piece.open.ends_with(['-', '~', ':']);
            if c == '"' && may_begin {
                piece.quoted = Some(chars.by_ref().take_while(|c| *c != '"').collect());
                break;
            }
            piece.open.push(c);
        }
        // Nothing between the marks would find everything: it is left out.
        if piece.quoted.as_deref() != Some("") {
            all.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Terms as text: `|` between alternatives, `!` for not, `~` for fuzzy.
    fn read(text: &str) -> String {
        let term = |term: &Term| {
            let not = if term.not { "!" } else { "" };
            let field = term
                .field
                .as_deref()
                .map_or(String::new(), |f| format!("{f}="));
            let fuzzy = if term.fuzzy { "~" } else { "" };
            format!("{not}{field}{fuzzy}{}", term.text)
        };
        let group = |group: &Vec<Term>| group.iter().map(term).collect::<Vec<_>>().join("|");
        let filter = Filter::parse(text);
        filter.all.iter().map(group).collect::<Vec<_>>().join(" & ")
    }

    // R134: every form of the language, and what only looks like one.
    #[test]
    fn r134_what_is_typed_is_read_as_meant() {
        for (typed, meant) in [
            ("", ""),
            ("  Linen  Coat ", "linen & coat"),
            ("agent:Fae -topic", "agent=fae & !topic"),
            ("a OR b c", "a|b & c"),
            ("a OR -b OR state:open c", "a|!b|state=open & c"),
            ("~lnct", "~lnct"),
            ("-campaign:~fd", "!campaign=~fd"),
            ("\"linen coat\" x", "linen coat & x"),
            (
                "campaign:\"summer sale\" -\"not me\"",
                "campaign=summer sale & !not me",
            ),
            ("~\"a b\"", "~a b"),
            ("\"not closed OR", "not closed or"),
            // No terms of the language: words.
            ("OR", "or"),
            ("OR a", "or & a"),
            ("a OR", "a & or"),
            ("a OR OR b", "a|or & b"),
            ("a or b", "a & or & b"),
            ("- ~ :", "- & ~ & :"),
            ("state:", "state:"),
            ("https://example.org/x", "https://example.org/x"),
            ("14:02 a-b 5\"", "14:02 & a-b & 5\""),
            ("\"\"", ""),
            ("--x", "!-x"),
        ] {
            assert_eq!(read(typed), meant, "{typed:?}");
        }
    }

    // R134: a field nobody has is told with those there are, and a filter has an end.
    #[test]
    fn r134_unknown_fields_are_told() {
        let check = |text: &str| Filter::parse(text).check(&["campaign", "state"]);
        assert_eq!(check("campaign:fae -state:open x"), Ok(()));
        assert_eq!(
            check("a OR -re:zero"),
            Err("no field `re` here: campaign, state".to_owned())
        );
        assert!(check(&"x ".repeat(TERMS_MAX)).is_ok());
        assert!(check(&"x ".repeat(TERMS_MAX + 1)).is_err());
    }

    // R134: a row is shown when every group has a term that holds.
    #[test]
    fn r134_rows_at_hand_are_filtered_the_same_way() {
        let field = |name: &str| (name == "agent").then(|| "fae".to_owned());
        let holds = |text: &str| Filter::parse(text).holds("linen coat, dry", field);
        assert!(holds("coat agent:fae -wool"));
        assert!(holds("wool OR linen"));
        assert!(holds("~lnct -agent:leo"));
        assert!(!holds("coat -dry"));
        assert!(!holds("agent:leo OR wool"));
        assert!(holds("-persona:x"), "a value that is not there is not it");
    }

    proptest! {
        // R134: nothing that can be typed fails, every term has something to find, and nothing that was typed is
        // read as more terms than it has words.
        #[test]
        fn r134_reading_never_fails(text in "[ -~\"OR:a-c\u{e9}\u{130}]{0,80}") {
            let filter = Filter::parse(&text);
            prop_assert!(filter.all.iter().all(|group| !group.is_empty()));
            for term in filter.terms() {
                prop_assert!(!term.text.is_empty(), "{term:?}");
                prop_assert_eq!(term.text.to_lowercase(), term.text.clone());
            }
            prop_assert!(filter.terms().count() <= text.split_whitespace().count() + text.matches('"').count());
        }

        // R134: plain words mean what they meant before there was a language.
        #[test]
        fn r134_plain_words_stay_words(words in prop::collection::vec("[b-z]{1,8}", 0..6)) {
            let filter = Filter::parse(&words.join(" "));
            let read: Vec<&str> = filter.terms().map(|term| term.text.as_str()).collect();
            prop_assert!(filter.terms().all(|t| !t.not && !t.fuzzy && t.field.is_none()));
            prop_assert_eq!(read, words);
        }
    }
}
