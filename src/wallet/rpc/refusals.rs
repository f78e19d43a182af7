//! What the words of an endpoint mean. They differ by program and version, steer the next try and prove nothing.

use chimera_domain::ports::Refusal;

use super::ask::Said;

const WORDS: &[(Refusal, &[&str])] = &[
    (
        Refusal::Known,
        &[
            "already known",
            "already imported",
            "alreadyknown",
            "known transaction",
            "already exists",
        ],
    ),
    (
        Refusal::NonceTooLow,
        &["nonce too low", "nonce is too low", "oldnonce", "old nonce"],
    ),
    (
        Refusal::Underpriced,
        &["underpriced", "replacement fee too low", "feetoolow"],
    ),
    (
        Refusal::InsufficientFunds,
        &[
            "insufficient funds",
            "insufficient balance",
            "insufficientfunds",
        ],
    ),
    (
        Refusal::RateLimited,
        &[
            "rate limit",
            "ratelimit",
            "too many requests",
            "request limit",
            "limit exceeded",
            "exceeded the quota",
            "compute units",
            "capacity exceeded",
        ],
    ),
];

/// The code that EIP-1474 has for too many calls, and the one that several providers take from HTTP.
const RATE_CODES: [i64; 2] = [-32_005, 429];

pub(super) fn kind(said: &Said) -> Refusal {
    let words = said.message.to_ascii_lowercase();
    let found = WORDS
        .iter()
        .find(|(_, known)| known.iter().any(|known| words.contains(known)));
    match found {
        Some((kind, _)) => *kind,
        None if RATE_CODES.contains(&said.code) => Refusal::RateLimited,
        None => Refusal::Other,
    }
}

/// Whether an endpoint says that the call itself would fail, and not that it could not look.
pub(super) fn is_revert(said: &Said) -> bool {
    // Three is the code for a revert everywhere; the rest is words.
    if said.code == 3
        || said
            .data
            .as_str()
            .is_some_and(|data| data.starts_with("0x"))
    {
        return true;
    }
    let words = said.message.to_ascii_lowercase();
    let fails = [
        "revert",
        "evm error",
        "out of gas",
        "outofgas",
        "gas required exceeds",
        "invalid opcode",
        "invalid jump",
        "stack underflow",
        "stack overflow",
        "insufficient funds",
        "insufficient balance",
        "intrinsic gas",
        "always failing",
    ];
    fails.iter().any(|known| words.contains(known))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn r93_words_of_several_nodes_mean_the_same() {
        let check = |code, message: &str, expected| {
            let said = Said {
                code,
                message: message.to_owned(),
                data: Value::Null,
            };
            assert_eq!(kind(&said), expected, "{message}");
        };
        // anvil, geth, erigon, nethermind, besu, and providers before them
        check(-32_003, "transaction already imported", Refusal::Known);
        check(-32_000, "already known", Refusal::Known);
        check(-32_010, "AlreadyKnown", Refusal::Known);
        check(-32_000, "Known transaction", Refusal::Known);
        check(-32_003, "nonce too low", Refusal::NonceTooLow);
        check(
            -32_000,
            "nonce too low: next nonce 5, tx nonce 4",
            Refusal::NonceTooLow,
        );
        check(
            -32_010,
            "OldNonce, Current nonce: 5, nonce of rejected tx: 4.",
            Refusal::NonceTooLow,
        );
        check(
            -32_000,
            "replacement transaction underpriced",
            Refusal::Underpriced,
        );
        check(
            -32_003,
            "Insufficient funds for gas * price + value",
            Refusal::InsufficientFunds,
        );
        check(
            429,
            "Your app has exceeded its compute units per second capacity",
            Refusal::RateLimited,
        );
        check(-32_005, "project is over its plan", Refusal::RateLimited);
        check(-32_016, "over rate limit", Refusal::RateLimited);
        check(
            -32_000,
            "invalid chain id for signer: have 1 want 31337",
            Refusal::Other,
        );
        check(-32_601, "the method does not exist", Refusal::Other);
    }
}
