//! Secrets by the shape that their makers gave them.

use super::Block;

/// What a key begins with, the fewest characters that follow, and what it is.
const KEYS: &[(&str, usize, Block)] = &[
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

const PRIVATE_KEY: Block = block("secret/private_key", "a private key");
const JWT: Block = block("secret/jwt", "a signed token (JWT)");
const SEED: Block = block("secret/seed_phrase", "a wallet's seed phrase");
const WALLET: Block = block("secret/wallet_key", "a wallet's private key");
const PASSWORD: Block = block("secret/password", "a password");

const fn block(rule: &'static str, what: &'static str) -> Block {
    Block { rule, what }
}

pub(super) fn find(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        found.push(PRIVATE_KEY);
    }
    for word in text.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '<' | '>' | '='
            )
    }) {
        let keys = KEYS
            .iter()
            .filter(|(begin, least, _)| is_key(word, begin, *least));
        found.extend(keys.map(|(_, _, block)| block.clone()));
        if is_jwt(word) {
            found.push(JWT);
        }
    }
    let lower = text.to_lowercase();
    if names_seed_phrase(&lower) {
        found.push(SEED);
    }
    if names_wallet_key(&lower) {
        found.push(WALLET);
    }
    if gives_password(&lower) {
        found.push(PASSWORD);
    }
    found
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
fn names_seed_phrase(lower: &str) -> bool {
    SEED_NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, name)| {
            let rest = &lower[at + name.len()..];
            let mut row = 0;
            for word in rest
                .split(|c: char| !c.is_alphabetic())
                .filter(|word| !word.is_empty())
                .take(40)
            {
                let fits =
                    (3..=8).contains(&word.len()) && word.is_ascii() && !NOT_SEED.contains(&word);
                row = if fits { row + 1 } else { 0 };
                if row >= 12 {
                    return true;
                }
            }
            false
        })
    })
}

/// 64 hexadecimal digits that are called a key; without the word they are a hash.
fn names_wallet_key(lower: &str) -> bool {
    let called = lower.contains("private key")
        || lower.contains("wallet key")
        || lower.contains("secret key");
    called
        && lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .map(|word| word.strip_prefix("0x").unwrap_or(word))
            .any(|word| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `password: hunter2`. A password without a digit or a sign is a sentence about passwords.
fn gives_password(lower: &str) -> bool {
    [
        "password",
        "passwort",
        "passwd",
        "mot de passe",
        "contraseña",
    ]
    .iter()
    .any(|name| {
        lower.match_indices(name).any(|(at, name)| {
            let rest = lower[at + name.len()..].trim_start();
            let rest = rest.strip_prefix("is ").map_or(rest, str::trim_start);
            let Some(rest) = rest.strip_prefix([':', '=']) else {
                return false;
            };
            let word = rest.split_whitespace().next().unwrap_or_default();
            word.len() >= 6
                && word.chars().any(|c| c.is_ascii_digit())
                && word.chars().any(char::is_alphabetic)
        })
    })
}
