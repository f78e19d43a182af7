//! Words as the rules see them, and phrases that are looked for among them.

/// One word of a phrase: itself, or any word of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Number,
    Version,
    Year,
    Figure,
}

/// Words that must stand one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase(Vec<Token>);

/// The words of a text in lower case, without the signs around them; a sign of money or a percent stays.
pub(super) fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '—' | '–' | '|'))
        .map(|word| {
            word.trim_start_matches(|c: char| !c.is_alphanumeric() && !is_money(c) && c != '#')
                .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '%' && c != '+')
                .replace(['’', '‘'], "'")
                .to_lowercase()
        })
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect()
}

/// Whether a word, as [`tokens`] gives it, is percent, money or millions.
pub(super) fn is_figure(token: &str) -> bool {
    let digits = token.chars().any(|c| c.is_ascii_digit());
    let magnitude = token
        .strip_suffix(['k', 'm', 'b'])
        .or_else(|| token.strip_suffix("bn"))
        .is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || c == '.'));
    let thousands = token.contains(',')
        && token
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
    digits && (token.ends_with('%') || token.starts_with(is_money) || magnitude || thousands)
}

/// A year as people write it.
pub(super) fn is_year(token: &str) -> bool {
    token.len() == 4
        && token.chars().all(|c| c.is_ascii_digit())
        && (token.starts_with('1') || token.starts_with("20"))
}

fn is_money(c: char) -> bool {
    matches!(c, '$' | '£' | '€' | '¥')
}

impl Phrase {
    /// Reads `<number> ways to`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let words: Vec<Token> = text
            .split_whitespace()
            .map(|word| match word {
                "<number>" => Token::Number,
                "<version>" => Token::Version,
                "<year>" | "<year>s" => Token::Year,
                "<figure>" => Token::Figure,
                word => Token::Word(word.trim_end_matches([':', '.']).to_lowercase()),
            })
            .collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether the phrase stands anywhere in the words.
    pub(super) fn is_in(&self, tokens: &[String]) -> bool {
        tokens.windows(self.0.len()).any(|window| self.fits(window))
    }

    /// Whether the words begin with the phrase.
    pub(super) fn begins(&self, tokens: &[String]) -> bool {
        tokens
            .get(..self.0.len())
            .is_some_and(|window| self.fits(window))
    }

    fn fits(&self, window: &[String]) -> bool {
        self.0.iter().zip(window).all(|(token, word)| match token {
            Token::Word(own) => own == word,
            Token::Number => word.starts_with(|c: char| c.is_ascii_digit()),
            Token::Version => is_version(word),
            Token::Year => is_year(word.trim_end_matches('s')),
            Token::Figure => is_figure(word),
        })
    }
}

fn is_version(word: &str) -> bool {
    let number = word.strip_prefix('v').unwrap_or(word);
    let plain = !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        && number.starts_with(|c: char| c.is_ascii_digit());
    plain && (number.contains('.') || number.len() < word.len() || number.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds of words stand for what they say, and for nothing else.
    #[test]
    fn phrases_are_found_as_whole_words() {
        let found = |phrase: &str, text: &str| {
            Phrase::read(phrase).is_some_and(|phrase| phrase.is_in(&tokens(text)))
        };
        assert!(found("<number> ways to", "11 Ways to Fold a Shirt"));
        assert!(found("<version> released", "Debian 11.6 released!"));
        assert!(found("in the <year>s", "Looms in the 1890s"));
        for figure in ["60%", "$22,500", "4.2M", "17Bn", "1,400"] {
            assert!(found("<figure>", figure), "{figure}");
        }
        for plain in ["1993", "A-10", "v14", "Section 3", "5km"] {
            assert!(!found("<figure>", plain), "{plain}");
        }
        assert!(found("don't", "You don’t want that"));
        assert!(!found("war", "A warm coat") && !found("is out", "out is"));
    }
}
