//! Secrets by the shape that their makers gave them.

use std::ops::Range;

use super::{Block, Found};

/// What a key begins with, the fewest characters that follow, and what it is.
static KEYS: &[(&str, usize, Block)] = &[
    (
        "AKIA",
        16,
        block("secret/aws_key", "a key of Amazon Web Services"),
    ),
    (
        "ASIA",
        16,
        block("secret/aws_key", "a key of Amazon Web Services"),
    ),
    ("ghp_", 36, block("secret/github", "a token of GitHub")),
    ("gho_", 36, block("secret/github", "a token of GitHub")),
    ("ghs_", 36, block("secret/github", "a token of GitHub")),
    (
        "github_pat_",
        40,
        block("secret/github", "a token of GitHub"),
    ),
    ("glpat-", 20, block("secret/gitlab", "a token of GitLab")),
    ("xoxb-", 20, block("secret/slack", "a token of Slack")),
    ("xoxp-", 20, block("secret/slack", "a token of Slack")),
    (
        "sk-ant-",
        20,
        block("secret/model_key", "a key of a model's provider"),
    ),
    (
        "sk-proj-",
        20,
        block("secret/model_key", "a key of a model's provider"),
    ),
    (
        "sk-",
        40,
        block("secret/model_key", "a key of a model's provider"),
    ),
    ("sk_live_", 20, block("secret/stripe", "a key of Stripe")),
    ("rk_live_", 20, block("secret/stripe", "a key of Stripe")),
    ("AIza", 35, block("secret/google_key", "a key of Google")),
    ("ya29.", 40, block("secret/google_key", "a token of Google")),
    ("npm_", 36, block("secret/npm", "a token of npm")),
    ("pypi-AgEI", 40, block("secret/pypi", "a token of PyPI")),
    (
        "hf_",
        34,
        block("secret/model_key", "a token of a model hub"),
    ),
    ("SG.", 60, block("secret/sendgrid", "a key of SendGrid")),
];

static PRIVATE_KEY: Block = block("secret/private_key", "a private key");
static JWT: Block = block("secret/jwt", "a signed token (JWT)");
static SEED: Block = block("secret/seed_phrase", "a wallet's seed phrase");
static WALLET: Block = block("secret/wallet_key", "a wallet's private key");
static PASSWORD: Block = block("secret/password", "a password");

const fn block(rule: &'static str, what: &'static str) -> Block {
    Block { rule, what }
}

/// Every kind.
pub(super) fn all() -> impl Iterator<Item = &'static Block> {
    let keys = KEYS.iter().map(|(_, _, block)| block);
    keys.chain([&PRIVATE_KEY, &JWT, &SEED, &WALLET, &PASSWORD])
}

pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = private_keys(text)
        .map(|range| Found::new(range, &PRIVATE_KEY))
        .collect();
    let parts = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '<' | '>' | '='
            )
    };
    for (range, word) in words(text, parts) {
        let keys = KEYS
            .iter()
            .filter(|(begin, least, _)| is_key(word, begin, *least));
        found.extend(keys.map(|(_, _, block)| Found::new(range.clone(), block)));
        if is_jwt(word) {
            found.push(Found::new(range, &JWT));
        }
    }
    // In ASCII letters alone, so that every place is the same in both.
    let lower = text.to_ascii_lowercase();
    found.extend(seed_phrases(&lower).map(|range| Found::new(range, &SEED)));
    found.extend(wallet_keys(&lower).map(|range| Found::new(range, &WALLET)));
    found.extend(passwords(&lower).map(|range| Found::new(range, &PASSWORD)));
    found
}

/// The parts of a text between separators, each with where it stands.
fn words(
    text: &str,
    separates: impl Fn(char) -> bool,
) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.split(separates)
        .map(move |word| {
            let at = word.as_ptr().addr() - text.as_ptr().addr();
            (at..at + word.len(), word)
        })
        .filter(|(_, word)| !word.is_empty())
}

/// From the mark at its beginning to the one at its end, or to the end of the text.
fn private_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("-----BEGIN ").filter_map(|(at, mark)| {
        let rest = text.get(at..)?;
        let head = rest.lines().next()?;
        head.contains("PRIVATE KEY").then_some(())?;
        let end = rest.find("-----END ").and_then(|end| {
            let name = end + "-----END ".len();
            let tail = rest.get(name..)?;
            Some(name + tail.find("-----").map_or(tail.len(), |dashes| dashes + 5))
        });
        Some(at..at + end.unwrap_or(rest.len()).max(mark.len()))
    })
}

/// A key is long, and has digits among its letters: a word that begins alike has none.
fn is_key(word: &str, begin: &str, least: usize) -> bool {
    let Some(rest) = word.strip_prefix(begin) else {
        return false;
    };
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'))
        .unwrap_or(rest.len());
    let body = &rest[..end];
    let digits = body.chars().filter(char::is_ascii_digit).count();
    let letters = body.chars().filter(char::is_ascii_alphabetic).count();
    body.len() >= least && digits >= 1 && letters >= 2
}

/// Three parts in base64, the first of which begins as a JSON object does.
fn is_jwt(word: &str) -> bool {
    let parts: Vec<&str> = word.trim_end_matches('.').split('.').collect();
    let [head, body, signature] = parts.as_slice() else {
        return false;
    };
    let base64 = |part: &str, least: usize| {
        part.len() >= least
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    head.starts_with("eyJ")
        && body.starts_with("eyJ")
        && base64(head, 16)
        && base64(body, 16)
        && base64(signature, 16)
}

/// Words that say what follows is a phrase.
const SEED_NAMES: &[&str] = &[
    "seed phrase",
    "recovery phrase",
    "secret phrase",
    "mnemonic",
    "backup phrase",
    "wallet words",
];
/// No list of words for wallets has these.
const NOT_SEED: &[&str] = &[
    "the", "and", "for", "are", "was", "with", "this", "you", "your", "from", "they", "them",
    "has", "had", "not", "but", "its", "when", "never", "should", "would", "who", "which", "where",
    "these", "those", "because", "were", "been", "into", "than", "then", "their",
];

/// Twelve short words in a row behind one of the names.
fn seed_phrases(lower: &str) -> impl Iterator<Item = Range<usize>> {
    SEED_NAMES.iter().flat_map(move |name| {
        lower.match_indices(name).filter_map(move |(at, name)| {
            let from = at + name.len();
            let rest = lower.get(from..)?;
            let (mut row, mut began) = (0, 0);
            let mut end = None;
            for (range, word) in words(rest, |c: char| !c.is_alphabetic()).take(40) {
                let fits =
                    (3..=8).contains(&word.len()) && word.is_ascii() && !NOT_SEED.contains(&word);
                if !fits {
                    if end.is_some() {
                        break;
                    }
                    row = 0;
                    continue;
                }
                if row == 0 {
                    began = range.start;
                }
                row += 1;
                // All words in a row: a phrase may have twenty-four.
                if row >= 12 {
                    end = Some(range.end);
                }
            }
            end.map(|end| from + began..from + end)
        })
    })
}

/// 64 hexadecimal digits that are called a key; without the word they are a hash.
fn wallet_keys(lower: &str) -> impl Iterator<Item = Range<usize>> {
    let called = lower.contains("private key")
        || lower.contains("wallet key")
        || lower.contains("secret key");
    words(lower, |c: char| !c.is_ascii_alphanumeric())
        .filter(move |(_, word)| {
            let digits = word.strip_prefix("0x").unwrap_or(word);
            called && digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit())
        })
        .map(|(range, _)| range)
}

/// `password: hunter2`. A password without a digit or a sign is a sentence about passwords.
fn passwords(lower: &str) -> impl Iterator<Item = Range<usize>> {
    [
        "password",
        "passwort",
        "passwd",
        "mot de passe",
        "contraseña",
        "contraseÑa",
    ]
    .into_iter()
    .flat_map(move |name| {
        lower.match_indices(name).filter_map(move |(at, name)| {
            let rest = lower.get(at + name.len()..)?.trim_start();
            let rest = rest.strip_prefix("is ").map_or(rest, str::trim_start);
            let rest = rest.strip_prefix([':', '='])?;
            let word = rest.split_whitespace().next()?;
            let is_one = word.len() >= 6
                && word.chars().any(|c| c.is_ascii_digit())
                && word.chars().any(char::is_alphabetic);
            let at = word.as_ptr().addr() - lower.as_ptr().addr();
            is_one.then_some(at..at + word.len())
        })
    })
}
