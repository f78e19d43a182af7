//! Several calls in one exchange, each time with the question which chain it is: nobody swaps the chain between that answer
//! and the others.
//!
//! An exchange is made again when no answer came, it cannot be read, or the endpoint wants us to be slower. That is safe for
//! everything that is ever asked here: reads, and handing in bytes, which a chain takes once.

use std::time::Duration;

use chimera_domain::ports::{Refusal, WalletError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answers, refusals};
use crate::http::{Failed, Http};

/// So often an exchange is made at most.
const TRIES: u32 = 5;
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: &'static str,
    params: Value,
}

pub(super) fn call(method: &'static str, params: Value) -> Call {
    Call { method, params }
}

/// What an endpoint says against one call.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) data: Value,
}

/// The answer to one call.
pub(super) type Answer = Result<Value, Said>;

#[derive(Deserialize)]
struct Reply {
    id: Option<usize>,
    #[serde(default)]
    result: Option<Value>,
    #[serde(default)]
    error: Option<Said>,
}

/// The way to one chain.
pub(super) struct Way {
    pub(super) http: Http,
    pub(super) chain_id: u64,
    /// How long everything that belongs to one question may take.
    pub(super) patience: Duration,
}

impl Way {
    /// Asks several things of the pinned chain, in one exchange.
    ///
    /// # Errors
    /// When there is no answer, or not from that chain. What is said against a single call is in its answer.
    pub(super) async fn ask<const N: usize>(
        &self,
        calls: [Call; N],
    ) -> Result<[Answer; N], WalletError> {
        let id = call("eth_chainId", json!([]));
        let calls: Vec<Call> = std::iter::once(id).chain(calls).collect();
        let asked = tokio::time::timeout(self.patience, self.insist(&calls)).await;
        let mut answers = asked
            .unwrap_or_else(|_elapsed| {
                Err(self.unavailable(&format!("not within {} s", self.patience.as_secs())))
            })?
            .into_iter();
        let found = match answers.next() {
            Some(Ok(id)) => answers::u64(&id).map_err(|why| self.unavailable(&why))?,
            Some(Err(said)) => return Err(self.refused(&said)),
            None => return Err(self.unavailable("it does not say which chain it is")),
        };
        if found != self.chain_id {
            return Err(WalletError::WrongChain {
                found,
                wanted: self.chain_id,
            });
        }
        let answers: Vec<Answer> = answers.collect();
        answers
            .try_into()
            .map_err(|_| self.unavailable("it answers something else"))
    }

    /// Asks one thing, and takes nothing but an answer to it.
    pub(super) async fn one(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<Value, WalletError> {
        let [answer] = self.ask([call(method, params)]).await?;
        answer.map_err(|said| self.refused(&said))
    }

    async fn insist(&self, calls: &[Call]) -> Result<Vec<Answer>, WalletError> {
        let body: Vec<Value> = calls
            .iter()
            .enumerate()
            .map(|(id, call)| {
                json!({"jsonrpc": "2.0", "id": id, "method": call.method, "params": call.params})
            })
            .collect();
        let body = Value::from(body).to_string().into_bytes();
        let mut pause = PAUSE_FIRST;
        let mut tries = 1;
        loop {
            let failed = match self.http.post(body.clone()).await {
                Ok(bytes) => match read(&bytes, calls.len()) {
                    Ok(answers) => {
                        let slower = answers.iter().find_map(|answer| match answer {
                            Err(said) if refusals::kind(said) == Refusal::RateLimited => {
                                Some(self.http.told(&said.message))
                            }
                            Err(_) | Ok(_) => None,
                        });
                        match slower {
                            None => return Ok(answers),
                            Some(why) => Failed::TooMany { why, wait: None },
                        }
                    }
                    Err(why) => Failed::Unclear(why),
                },
                Err(failed) => failed,
            };
            if let Failed::Refused(why) | Failed::Unknown(why) = failed {
                return Err(WalletError::Refused {
                    kind: Refusal::Other,
                    why,
                });
            }
            if tries == TRIES {
                return Err(match failed {
                    Failed::TooMany { why, .. } => WalletError::Refused {
                        kind: Refusal::RateLimited,
                        why,
                    },
                    Failed::Unclear(why) | Failed::Refused(why) | Failed::Unknown(why) => {
                        self.unavailable(&why)
                    }
                });
            }
            let wait = match failed {
                Failed::TooMany { wait, .. } => wait.map_or(pause, |wait| wait.max(pause)),
                Failed::Unclear(_) | Failed::Refused(_) | Failed::Unknown(_) => pause,
            };
            tokio::time::sleep(wait.min(PAUSE_MAX)).await;
            pause = pause.saturating_mul(2);
            tries += 1;
        }
    }

    /// What an endpoint says against a call, as an error of its class.
    pub(super) fn refused(&self, said: &Said) -> WalletError {
        WalletError::Refused {
            kind: refusals::kind(said),
            why: self.http.told(&said.message),
        }
    }

    pub(super) fn unavailable(&self, why: &str) -> WalletError {
        WalletError::Unavailable {
            why: format!("{}: {}", self.http.host(), self.http.told(why)),
        }
    }

    /// An answer that is none to what was asked.
    pub(super) fn unreadable(&self, what: &str, why: &str) -> WalletError {
        self.unavailable(&format!("its {what} cannot be read: {why}"))
    }
}

/// Brings the answers into the order of the calls. One is missing, or one too many: nothing of it counts.
fn read(bytes: &[u8], count: usize) -> Result<Vec<Answer>, String> {
    let replies: Vec<Reply> = match serde_json::from_slice(bytes) {
        Ok(replies) => replies,
        Err(_) => match serde_json::from_slice::<Reply>(bytes) {
            // Said against the whole exchange.
            Ok(Reply {
                error: Some(said), ..
            }) => return Ok(vec![Err(said); count]),
            Ok(_) | Err(_) => return Err("the answer is none".to_owned()),
        },
    };
    let mut answers: Vec<Option<Answer>> = vec![None; count];
    for reply in replies {
        let place = reply
            .id
            .and_then(|id| answers.get_mut(id))
            .filter(|place| place.is_none())
            .ok_or("an answer belongs to nothing that was asked")?;
        *place = Some(match reply.error {
            Some(said) => Err(said),
            None => Ok(reply.result.unwrap_or(Value::Null)),
        });
    }
    answers
        .into_iter()
        .collect::<Option<Vec<Answer>>>()
        .ok_or_else(|| "an answer is missing".to_owned())
}
