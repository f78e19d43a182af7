//! Events of an account over many blocks, whatever the contract.
//!
//! An endpoint that answers something else than was asked for is found out: each event is held against the question.

use std::{collections::BTreeSet, ops::RangeInclusive, time::Duration};

use alloy::primitives::B256;
use alloy::sol_types::SolEvent as _;
use chimera_domain::{
    chain::{EvmAddress, Hash32},
    ports::{Movement, WalletError},
};
use serde_json::{Value, json};

use super::{
    answers::{self, Log},
    ask::{Way, call},
};
use crate::abi::{self, Token};

/// Blocks in one exchange; some endpoints refuse more.
const BLOCKS_AT_ONCE: u64 = 1_000;
/// How long a whole search may take: hundreds of exchanges.
const SEARCH: Duration = Duration::from_secs(120);

/// What is searched for: at each place one of these, or anything.
struct Question {
    token: Option<EvmAddress>,
    topics: Vec<Vec<B256>>,
}

impl Question {
    fn filter(&self, from: u64, to: u64) -> Value {
        let topics: Vec<Value> = self
            .topics
            .iter()
            .map(|any| match any.as_slice() {
                [] => Value::Null,
                any => json!(
                    any.iter()
                        .map(|topic| abi::of_hash(*topic))
                        .collect::<Vec<_>>()
                ),
            })
            .collect();
        let mut filter = json!({
            "fromBlock": format!("{from:#x}"),
            "toBlock": format!("{to:#x}"),
            "topics": topics,
        });
        if let (Some(token), Some(fields)) = (self.token, filter.as_object_mut()) {
            fields.insert("address".to_owned(), json!(token));
        }
        filter
    }

    fn is_answered_by(&self, log: &Log, from: u64, to: u64) -> bool {
        let topics = self.topics.iter().enumerate().all(|(at, any)| {
            any.is_empty() || log.topics.get(at).is_some_and(|topic| any.contains(topic))
        });
        topics
            && self.token.is_none_or(|token| token == log.address)
            && (from..=to).contains(&log.block)
    }
}

/// Every event that answers one of the questions, question by question within each stretch of blocks.
async fn search<const N: usize>(
    way: &Way,
    questions: [Question; N],
    blocks: RangeInclusive<u64>,
) -> Result<Vec<Log>, WalletError> {
    let all = async {
        let mut found = Vec::new();
        let (mut from, last) = blocks.into_inner();
        while from <= last {
            let to = last.min(from.saturating_add(BLOCKS_AT_ONCE - 1));
            let calls = questions
                .each_ref()
                .map(|question| call("eth_getLogs", json!([question.filter(from, to)])));
            let answers = way.ask(calls).await?;
            for (question, answer) in questions.iter().zip(answers) {
                let answer = answer.map_err(|said| way.refused(&said))?;
                let logs = answers::logs(&answer).map_err(|why| way.unreadable("events", &why))?;
                if !logs
                    .iter()
                    .all(|log| question.is_answered_by(log, from, to))
                {
                    return Err(way.unreadable("events", "some are not what was asked for"));
                }
                found.extend(logs);
            }
            let Some(next) = to.checked_add(1) else { break };
            from = next;
        }
        Ok(found)
    };
    tokio::time::timeout(SEARCH, all)
        .await
        .unwrap_or_else(|_elapsed| Err(way.unavailable("these are too many blocks at once")))
}

fn topic(account: EvmAddress) -> B256 {
    abi::address(account).into_word()
}

pub(super) async fn movements(
    way: &Way,
    account: EvmAddress,
    blocks: RangeInclusive<u64>,
) -> Result<Vec<Movement>, WalletError> {
    let moved = Token::Transfer::SIGNATURE_HASH;
    let from = Question {
        token: None,
        topics: vec![vec![moved], vec![topic(account)]],
    };
    let to = Question {
        token: None,
        topics: vec![vec![moved], vec![], vec![topic(account)]],
    };
    let mut movements: Vec<Movement> = search(way, [from, to], blocks)
        .await?
        .iter()
        .filter_map(Log::movement)
        .collect();
    movements.sort_by_key(|moved| (moved.block, moved.log_index));
    // What an account sent to itself was found twice.
    movements.dedup();
    Ok(movements)
}

pub(super) async fn allowances(
    way: &Way,
    account: EvmAddress,
    blocks: RangeInclusive<u64>,
) -> Result<Vec<Hash32>, WalletError> {
    let kinds = vec![
        Token::Approval::SIGNATURE_HASH,
        Token::ApprovalForAll::SIGNATURE_HASH,
    ];
    let given = Question {
        token: None,
        topics: vec![kinds, vec![topic(account)]],
    };
    let mut told = BTreeSet::new();
    let found = search(way, [given], blocks).await?;
    Ok(found
        .iter()
        .filter(|log| log.gives_power() && told.insert(log.transaction))
        .map(|log| log.transaction)
        .collect())
}

/// The transaction that used an authorization: of this token, of whom, under which nonce.
pub(super) async fn used_in(
    way: &Way,
    (token, authorizer, nonce): (EvmAddress, EvmAddress, Hash32),
    blocks: RangeInclusive<u64>,
) -> Result<Option<Hash32>, WalletError> {
    let used = Question {
        token: Some(token),
        topics: vec![
            vec![Token::AuthorizationUsed::SIGNATURE_HASH],
            vec![topic(authorizer)],
            vec![abi::hash(nonce)],
        ],
    };
    let found = search(way, [used], blocks).await?;
    Ok(found.first().map(|log| log.transaction))
}
