//! Rust source, line by line, with code and comments apart and string contents blanked.
//!
//! Only so much of the grammar as keeps a `#[test]` inside a string, or a banned word inside a
//! comment, from being taken for code.

/// One line of a source file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// What the compiler sees, with the contents of strings and characters removed.
    pub code: String,
    /// The text of comments on this line, without their slashes.
    pub comment: String,
}

impl Line {
    /// Whether the line holds a comment and nothing else.
    #[must_use]
    pub fn is_comment(&self) -> bool {
        self.code.trim().is_empty() && !self.comment.trim().is_empty()
    }
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Code,
    LineComment,
    BlockComment { depth: usize },
    Text,
    RawText { hashes: usize },
}

/// Splits a source file into its lines.
#[must_use]
pub fn lines(source: &str) -> Vec<Line> {
    let chars: Vec<char> = source.chars().collect();
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut mode = Mode::Code;
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        at += 1;
        if c == '\n' {
            if matches!(mode, Mode::LineComment) {
                mode = Mode::Code;
            }
            lines.push(std::mem::take(&mut line));
            continue;
        }
        match mode {
            Mode::Code => match (c, next) {
                ('/', Some('/')) => {
                    mode = Mode::LineComment;
                    while matches!(chars.get(at), Some('/' | '!')) {
                        at += 1;
                    }
                }
                ('/', Some('*')) => {
                    mode = Mode::BlockComment { depth: 1 };
                    at += 1;
                }
                ('"', _) => {
                    line.code.push('"');
                    mode = Mode::Text;
                }
                ('r', Some('"' | '#')) if !ends_in_word(&line.code) => {
                    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
                    if chars.get(at + hashes) == Some(&'"') {
                        line.code.push('"');
                        at += hashes + 1;
                        mode = Mode::RawText { hashes };
                    } else {
                        line.code.push(c); // a raw identifier
                    }
                }
                ('\'', _) => {
                    line.code.push('\'');
                    at += character(&chars[at..]);
                }
                _ => line.code.push(c),
            },
            Mode::LineComment => line.comment.push(c),
            Mode::BlockComment { depth } => match (c, next) {
                ('*', Some('/')) => {
                    at += 1;
                    mode = match depth {
                        1 => Mode::Code,
                        _ => Mode::BlockComment { depth: depth - 1 },
                    };
                }
                ('/', Some('*')) => {
                    at += 1;
                    mode = Mode::BlockComment { depth: depth + 1 };
                }
                _ => line.comment.push(c),
            },
            Mode::Text => match c {
                '\\' if next != Some('\n') => at += 1,
                '"' => {
                    line.code.push('"');
                    mode = Mode::Code;
                }
                _ => {}
            },
            Mode::RawText { hashes } => {
                let closing = chars[at..]
                    .iter()
                    .take(hashes)
                    .filter(|c| **c == '#')
                    .count();
                if c == '"' && closing == hashes {
                    line.code.push('"');
                    at += hashes;
                    mode = Mode::Code;
                }
            }
        }
    }
    lines.push(line);
    lines
}

/// Whether the code so far ends inside a word, so that an `r` belongs to it (a `b` or `c` prefix does not count).
fn ends_in_word(code: &str) -> bool {
    let mut back = code.chars().rev();
    match (back.next(), back.next()) {
        (Some('b' | 'c'), before) => before.is_some_and(|c| c.is_alphanumeric() || c == '_'),
        (last, _) => last.is_some_and(|c| c.is_alphanumeric() || c == '_'),
    }
}

/// How many characters a character literal takes after its opening quote; a lifetime takes none.
fn character(rest: &[char]) -> usize {
    match rest {
        ['\\', _, tail @ ..] => tail
            .iter()
            .position(|c| *c == '\'')
            .map_or(0, |end| end + 3),
        [_, '\'', ..] => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[(&str, &str)]) {
        let found: Vec<(String, String)> = lines(source)
            .into_iter()
            .map(|line| (line.code, line.comment))
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(code, comment)| ((*code).to_owned(), (*comment).to_owned()))
            .collect();
        assert_eq!(found, expected, "{source}");
    }

    // Comments leave the code, whatever their form.
    #[test]
    fn comments_are_apart() {
        check("a; // b", &[("a; ", " b")]);
        check(
            "/// R1.\n//! R2.\nc",
            &[("", " R1."), ("", " R2."), ("c", "")],
        );
        check(
            "a /* b /* c */ d\n e */ f",
            &[("a ", " b  c  d"), (" f", " e ")],
        );
    }

    // Nothing inside a literal is code or comment.
    #[test]
    fn literals_are_blanked() {
        check(r#"f("// no", x) // yes"#, &[(r#"f("", x) "#, " yes")]);
        check("f(\"a\\\"b // c\") // d", &[("f(\"\") ", " d")]);
        check(
            "f(r#\"\n#[test]\n\"#);",
            &[("f(\"", ""), ("", ""), ("\");", "")],
        );
        check("br\"x\" r\"y\"", &[("b\"\" \"\"", "")]);
        check("'\"' '\\'' '\\u{1b}' // z", &[("' ' ' ", " z")]);
        check(
            "fn f<'a>(x: &'a str) {} // z",
            &[("fn f<'a>(x: &'a str) {} ", " z")],
        );
        check(
            "let r#type = for_r\"x\";",
            &[("let r#type = for_r\"\";", "")],
        );
    }
}
