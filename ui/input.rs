//! Bytes of the terminal become keys here, and nowhere else.
//!
//! Not crossterm's reader: it spins for ever when the line drops (crossterm #793), hides which keys
//! came in one read (the guard on deciding needs that), and turns an escape sequence that was split
//! by a slow line into letters, so that the start of a paste would act as keys.

use crate::{
    event::Mouse,
    key::{Code, Key},
};

/// One thing the operator's terminal said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A key.
    Key(Key),
    /// Pasted text, raw and bounded.
    Paste(String),
    /// The terminal window has the focus, or lost it.
    Focus(bool),
    /// The mouse, where it was asked for.
    Mouse(Mouse),
}

/// The most of one paste that is kept.
const PASTE_BYTES_MAX: usize = 64 * 1024;
const PASTE_END: &[u8] = b"\x1b[201~";
/// No terminal sends a longer sequence for a key.
const SEQUENCE_BYTES_MAX: usize = 32;

/// Takes bytes as they come and gives whole inputs.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    bytes: Vec<u8>,
    paste: Option<Vec<u8>>,
}

enum Step {
    /// This many bytes made this input, or nothing we know.
    Took(usize, Option<Input>),
    /// A paste begins after this many bytes.
    PasteBegins(usize),
    /// More bytes may come.
    Incomplete,
}

impl Parser {
    /// What these bytes complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        let mut out = Vec::new();
        // An ESC that came alone and is not followed by a sequence was pressed.
        if self.bytes == [0x1b] && bytes.first().is_some_and(|b| !b"[O".contains(b)) {
            self.bytes.clear();
            out.push(Input::Key(Key::plain(Code::Esc)));
        }
        self.bytes.extend_from_slice(bytes);
        loop {
            if self.paste.is_some() {
                match self.take_paste() {
                    Some(text) => out.push(Input::Paste(text)),
                    None => return out,
                }
            }
            if self.bytes.is_empty() {
                return out;
            }
            match parse(&self.bytes) {
                Step::Took(n, input) => {
                    self.bytes.drain(..n.min(self.bytes.len()));
                    out.extend(input);
                }
                Step::PasteBegins(n) => {
                    self.bytes.drain(..n);
                    self.paste = Some(Vec::new());
                }
                Step::Incomplete => return out,
            }
        }
    }

    /// Whether something begun waits for its end.
    pub(crate) const fn is_waiting(&self) -> bool {
        !self.bytes.is_empty() || self.paste.is_some()
    }

    /// Nothing more came for a while: a lone ESC is the key, the rest of a sequence is nothing.
    pub(crate) fn settle(&mut self) -> Option<Input> {
        if let Some(mut paste) = self.paste.take() {
            paste.append(&mut self.bytes);
            return Some(Input::Paste(lossy(&paste)));
        }
        let lone = self.bytes == [0x1b];
        self.bytes.clear();
        lone.then_some(Input::Key(Key::plain(Code::Esc)))
    }

    /// The pasted text once its end was seen. Keeps the last bytes, which may be half of the end.
    fn take_paste(&mut self) -> Option<String> {
        let paste = self.paste.as_mut()?;
        let end = self
            .bytes
            .windows(PASTE_END.len())
            .position(|w| w == PASTE_END);
        let text = end.unwrap_or(self.bytes.len().saturating_sub(PASTE_END.len() - 1));
        let room = PASTE_BYTES_MAX.saturating_sub(paste.len());
        paste.extend(self.bytes.drain(..text).take(room));
        end?;
        self.bytes.drain(..PASTE_END.len());
        self.paste.take().map(|paste| lossy(&paste))
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn parse(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::Incomplete,
        [0x1b, rest @ ..] => escape(rest),
        [byte, ..] if *byte < 0x20 || *byte == 0x7f => {
            Step::Took(1, Some(Input::Key(control(*byte))))
        }
        _ => character(bytes, 0),
    }
}

const fn control(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        0x08 | 0x7f => Key::plain(Code::Backspace),
        0x00 => Key::ctrl(' '),
        _ => Key::ctrl((byte | 0x60) as char),
    }
}

/// One UTF-8 character after `skip` bytes of prefix; bytes that are none are passed over.
fn character(bytes: &[u8], skip: usize) -> Step {
    let rest = &bytes[skip..];
    let Some(first) = rest.first() else {
        return Step::Incomplete;
    };
    let len = match first {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        0x80..=0xc1 | 0xf5..=0xff => return Step::Took(skip + 1, None),
    };
    let Some(whole) = rest.get(..len) else {
        return if rest[1..].iter().all(|b| b & 0xc0 == 0x80) {
            Step::Incomplete
        } else {
            Step::Took(skip + 1, None)
        };
    };
    match std::str::from_utf8(whole)
        .ok()
        .and_then(|s| s.chars().next())
    {
        Some(c) if !c.is_control() => Step::Took(
            skip + len,
            Some(Input::Key(Key {
                code: Code::Char(c),
                ctrl: false,
                alt: skip > 0,
            })),
        ),
        Some(_) => Step::Took(skip + len, None),
        None => Step::Took(skip + 1, None),
    }
}

/// What follows an ESC.
fn escape(rest: &[u8]) -> Step {
    match rest {
        [] => Step::Incomplete,
        [b'[', ..] => sequence(rest),
        [b'O', letter, ..] => Step::Took(3, letter_key(*letter).map(Input::Key)),
        [b'O'] => Step::Incomplete,
        // Two ESC in a row: the first one was pressed.
        [0x1b, ..] => Step::Took(1, Some(Input::Key(Key::plain(Code::Esc)))),
        // Alt with a control character: no key of ours.
        [byte, ..] if *byte < 0x20 || *byte == 0x7f => Step::Took(2, None),
        [..] => match character(rest, 0) {
            Step::Took(n, Some(Input::Key(key))) => {
                Step::Took(n + 1, Some(Input::Key(Key { alt: true, ..key })))
            }
            Step::Took(n, _) => Step::Took(n + 1, None),
            Step::PasteBegins(_) | Step::Incomplete => Step::Incomplete,
        },
    }
}

/// `ESC [ parameters letter`; `rest` begins at the bracket.
fn sequence(rest: &[u8]) -> Step {
    let Some(end) = rest[1..].iter().position(|b| (0x40..=0x7e).contains(b)) else {
        return if rest.len() > SEQUENCE_BYTES_MAX {
            Step::Took(rest.len() + 1, None)
        } else {
            Step::Incomplete
        };
    };
    let parameters = lossy(&rest[1..=end]);
    let letter = rest[end + 1];
    let took = end + 3;
    if letter == b'~' && parameters == "200" {
        return Step::PasteBegins(took);
    }
    if parameters.is_empty() && matches!(letter, b'I' | b'O') {
        return Step::Took(took, Some(Input::Focus(letter == b'I')));
    }
    if let Some(report) = parameters.strip_prefix('<') {
        let pressed = letter == b'M';
        return Step::Took(took, mouse(report, pressed).map(Input::Mouse));
    }
    let mut numbers = parameters.split(';');
    let first = numbers.next().unwrap_or_default();
    let modifier = numbers.next().unwrap_or("1");
    let key = if letter == b'~' {
        number_key(first)
    } else {
        letter_key(letter)
    };
    // Modifiers match exactly: a key with one we do not use is no key of ours.
    Step::Took(
        took,
        key.filter(|_| modifier == "1" && numbers.next().is_none())
            .map(Input::Key),
    )
}

/// `button;column;row`, counted from 1. A press of the left button and the wheel; releases, other buttons and
/// whatever is held with them are nothing.
fn mouse(report: &str, pressed: bool) -> Option<Mouse> {
    let mut numbers = report.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    match button {
        0 if pressed => Some(Mouse::Press {
            column: column.checked_sub(1)?,
            row: row.checked_sub(1)?,
        }),
        64 | 65 => Some(Mouse::Wheel { down: button == 65 }),
        _ => None,
    }
}

fn letter_key(letter: u8) -> Option<Key> {
    let code = match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'Z' => Code::BackTab,
        b'M' => Code::Enter,
        _ => return None,
    };
    Some(Key::plain(code))
}

fn number_key(number: &str) -> Option<Key> {
    let code = match number {
        "1" | "7" => Code::Home,
        "4" | "8" => Code::End,
        "3" => Code::Delete,
        "5" => Code::PageUp,
        "6" => Code::PageDown,
        _ => return None,
    };
    Some(Key::plain(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], names: &[&str]) {
        let keys: Vec<_> = Parser::default()
            .feed(bytes)
            .into_iter()
            .map(|i| match i {
                Input::Key(key) => key.to_string(),
                Input::Paste(_) | Input::Focus(_) | Input::Mouse(_) => format!("{i:?}"),
            })
            .collect();
        assert_eq!(keys, names);
    }

    // R73: modifiers match exactly, and nothing that is not a key becomes one.
    #[test]
    fn r73_bytes_become_exactly_the_keys_they_stand_for() {
        check(b"a\x01A", &["a", "Ctrl-A", "A"]);
        check(
            b"\x1b[A\x1bOB\x1b[5~\x1b[Z\r",
            &["Up", "Down", "PgUp", "S-Tab", "Enter"],
        );
        check(b"\x1ba", &["Alt-a"]);
        check(b"\x1b[1;5A\x1b[97;5u\x1b[?1;2c", &[]);
        check("é日".as_bytes(), &["é", "日"]);
        check(b"\xff\xc3(a", &["(", "a"]);
        check(b"\x1b[I\x1b[O", &["Focus(true)", "Focus(false)"]);
    }

    // R73: a paste is one input, also when a slow line cuts it anywhere.
    #[test]
    fn r73_a_paste_is_never_keys_wherever_it_is_cut() {
        let bytes = b"x\x1b[200~array\r\x1b[201~y";
        for cut in 0..bytes.len() {
            let mut parser = Parser::default();
            let mut all = parser.feed(&bytes[..cut]);
            all.extend(parser.feed(&bytes[cut..]));
            assert_eq!(
                all,
                [
                    Input::Key("x".parse().unwrap()),
                    Input::Paste("array\r".into()),
                    Input::Key("y".parse().unwrap())
                ],
                "cut at {cut}"
            );
        }
    }

    // A lone ESC is the key only after a pause, and half a sequence is nothing.
    #[test]
    fn a_lone_escape_waits_for_what_follows() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(b"\x1b"), []);
        assert!(parser.is_waiting());
        assert_eq!(parser.settle(), Some(Input::Key("Esc".parse().unwrap())));
        assert_eq!(parser.feed(b"\x1b"), []);
        assert_eq!(
            parser.feed(b"q"),
            ["Esc", "q"].map(|k| Input::Key(k.parse().unwrap()))
        );
        assert_eq!(parser.feed(b"\x1b[20"), []);
        assert_eq!(parser.settle(), None);
        assert!(!parser.is_waiting());
    }

    // An endless paste keeps a bounded amount.
    #[test]
    fn a_paste_is_bounded() {
        let mut parser = Parser::default();
        parser.feed(b"\x1b[200~");
        for _ in 0..100 {
            assert_eq!(parser.feed(&[b'a'; 4096]), []);
        }
        let Some(Input::Paste(text)) = parser.feed(PASTE_END).pop() else {
            panic!("no paste");
        };
        assert_eq!(text.len(), PASTE_BYTES_MAX);
    }

    // R134: presses and the wheel are told with their place; releases, motion and other buttons are nothing, and no
    // report is ever a key.
    #[test]
    fn r134_mouse_reports() {
        for (bytes, told) in [
            (
                &b"\x1b[<0;3;5M"[..],
                Some(Mouse::Press { column: 2, row: 4 }),
            ),
            (b"\x1b[<65;1;1M", Some(Mouse::Wheel { down: true })),
            (b"\x1b[<64;1;1M", Some(Mouse::Wheel { down: false })),
            (b"\x1b[<0;3;5m", None),
            (b"\x1b[<2;3;5M", None),
            (b"\x1b[<35;3;5M", None),
            (b"\x1b[<0;0;5M", None),
            (b"\x1b[<0;99999;5M", None),
            (b"\x1b[<M", None),
        ] {
            let found = Parser::default().feed(bytes);
            let wanted: Vec<Input> = told.map(Input::Mouse).into_iter().collect();
            assert_eq!(found, wanted, "{bytes:?}");
        }
    }
}
