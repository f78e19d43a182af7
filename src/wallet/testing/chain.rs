//! A local chain: anvil, started for the tests and gone with them.
//!
//! The node is a child of a shell that waits for the end of its input, which this process holds: however a test ends, killed
//! among others, the input ends with it, and the shell ends the node.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::sync_channel,
    },
    time::Duration,
};

use chimera_domain::chain::{EvmAddress, Units, keccak};
use serde_json::{Value, json};

use super::{TestError, http};

const START: Duration = Duration::from_secs(20);
/// Until the node has mined what it was handed in.
const MINED_TRIES: u32 = 500;
const MINED_PAUSE: Duration = Duration::from_millis(10);

const TEST_USD: &str = include_str!("../../../tests/chain/contracts/TestUsd.bin");
const LYING_TOKEN: &str = include_str!("../../../tests/chain/contracts/LyingToken.bin");

/// What the `transfer` of a token that lies does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Nothing false.
    Honest = 0,
    /// Answers false, moves nothing, says nothing.
    AnswersFalse = 1,
    /// Answers true and says it moved, and moved nothing.
    OnlySays = 2,
    /// Keeps one per cent.
    TakesFee = 3,
    /// Moves, and answers nothing at all.
    AnswersNothing = 4,
    /// Never ends.
    BurnsGas = 5,
    /// Moves more than was asked.
    MovesMore = 6,
    /// Moves what was asked, and says more.
    SaysMore = 7,
}

/// A chain of one's own.
#[derive(Debug)]
pub struct TestChain {
    url: String,
    client: reqwest::Client,
    shell: Child,
    input: Option<ChildStdin>,
    senders: AtomicU32,
}

impl TestChain {
    /// The id of the chain, unless it is started with another one.
    pub const CHAIN_ID: u64 = 31_337;

    /// Starts a node on a free port of the loopback; `options` are anvil's.
    ///
    /// # Errors
    /// When there is none, with what to do.
    pub fn start(options: &[&str]) -> Result<Self, TestError> {
        let anvil = anvil()?;
        let mut shell = Command::new("sh")
            .args(["-c", "\"$0\" \"$@\" & read -r _; kill -9 $!; wait"])
            .arg(&anvil)
            .args(["--port", "0", "--auto-impersonate", "--color", "never"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| TestError::new(format!("sh: {error}")))?;
        let input = shell.stdin.take();
        let output = shell
            .stdout
            .take()
            .ok_or_else(|| TestError::new("the node has no output"))?;
        let (told, listening) = sync_channel(1);
        // It must be read to its end, or the node would wait for room in the pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(place) = line.strip_prefix("Listening on ") {
                    let _asked_once = told.try_send(place.to_owned());
                }
            }
        });
        let place = listening
            .recv_timeout(START)
            .map_err(|_| TestError::new(format!("{} does not start", anvil.display())))?;
        Ok(Self {
            url: format!("http://{place}"),
            client: http::client()?,
            shell,
            input,
            senders: AtomicU32::new(0),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks the node anything.
    ///
    /// # Errors
    /// What it says against it.
    pub async fn ask(&self, method: &str, params: Value) -> Result<Value, TestError> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut reply = http::post(&self.client, &self.url, &body).await?;
        match reply.get("error") {
            Some(error) => Err(TestError::new(format!("{method}: {error}"))),
            None => Ok(reply["result"].take()),
        }
    }

    /// Gives an account coins.
    ///
    /// # Errors
    /// When the node does not.
    pub async fn fund(&self, account: EvmAddress, coins: Units) -> Result<(), TestError> {
        let balance = format!("{:#x}", coins.base());
        self.ask("anvil_setBalance", json!([account, balance]))
            .await
            .map(drop)
    }

    /// Mines so many blocks.
    ///
    /// # Errors
    /// When the node does not.
    pub async fn mine(&self, blocks: u64) -> Result<(), TestError> {
        self.ask("anvil_mine", json!([format!("{blocks:#x}")]))
            .await
            .map(drop)
    }

    /// Whether each transaction gets a block at once.
    ///
    /// # Errors
    /// When the node does not take it.
    pub async fn automine(&self, at_once: bool) -> Result<(), TestError> {
        self.ask("evm_setAutomine", json!([at_once]))
            .await
            .map(drop)
    }

    /// Takes the newest blocks back; what was in them is in none.
    ///
    /// # Errors
    /// When the node does not.
    pub async fn reorg(&self, depth: u64) -> Result<(), TestError> {
        self.ask("anvil_reorg", json!([depth, []])).await.map(drop)
    }

    /// A new token that behaves as USDC does.
    ///
    /// # Errors
    /// When the node does not take it.
    pub async fn token(&self) -> Result<EvmAddress, TestError> {
        self.deploy(TEST_USD.trim().to_owned()).await
    }

    /// A new token that lies.
    ///
    /// # Errors
    /// When the node does not take it.
    pub async fn lying_token(&self, lie: Lie) -> Result<EvmAddress, TestError> {
        let mode = lie as u8;
        self.deploy(format!("{}{mode:064x}", LYING_TOKEN.trim()))
            .await
    }

    /// Makes tokens out of nothing.
    ///
    /// # Errors
    /// When the node or the token does not take it.
    pub async fn mint(
        &self,
        token: EvmAddress,
        to: EvmAddress,
        amount: Units,
    ) -> Result<(), TestError> {
        let input = call("mint(address,uint256)", &[of_address(to), of_units(amount)]);
        self.execute(self.sender(), token, &input).await.map(drop)
    }

    /// Freezes an account of a token, as its issuer may.
    ///
    /// # Errors
    /// When the node or the token does not take it.
    pub async fn freeze(&self, token: EvmAddress, account: EvmAddress) -> Result<(), TestError> {
        let yes = of_units(Units::from_base(1));
        let input = call("blacklist(address,bool)", &[of_address(account), yes]);
        self.execute(self.sender(), token, &input).await.map(drop)
    }

    /// Lets somebody spend an account's tokens: what no wallet of ours ever does.
    ///
    /// # Errors
    /// When the node or the token does not take it.
    pub async fn approve(
        &self,
        token: EvmAddress,
        owner: EvmAddress,
        spender: EvmAddress,
        amount: Units,
    ) -> Result<String, TestError> {
        let input = call(
            "approve(address,uint256)",
            &[of_address(spender), of_units(amount)],
        );
        self.execute(owner, token, &input).await
    }

    /// Has a token say that nothing moved from somebody to somebody else: what anybody may, and what fills histories with
    /// look-alike addresses.
    ///
    /// # Errors
    /// When the node or the token does not take it.
    pub async fn move_nothing(
        &self,
        token: EvmAddress,
        stranger: EvmAddress,
        from: EvmAddress,
        to: EvmAddress,
    ) -> Result<String, TestError> {
        let words = [of_address(from), of_address(to), of_units(Units::ZERO)];
        let input = call("transferFrom(address,address,uint256)", &words);
        self.execute(stranger, token, &input).await
    }

    /// Has an account call a contract, and waits until that is in a block. Gives the hash of the transaction.
    ///
    /// # Errors
    /// When it fails.
    pub async fn execute(
        &self,
        from: EvmAddress,
        to: EvmAddress,
        input: &str,
    ) -> Result<String, TestError> {
        let done = self
            .transact(from, json!({"from": from, "to": to, "input": input}))
            .await?;
        done["transactionHash"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| TestError::new("the node gives no hash"))
    }

    async fn deploy(&self, code: String) -> Result<EvmAddress, TestError> {
        let from = self.sender();
        let done = self
            .transact(from, json!({"from": from, "input": format!("0x{code}")}))
            .await?;
        serde_json::from_value(done["contractAddress"].clone())
            .map_err(|error| TestError::new(format!("the contract is not there: {error}")))
    }

    async fn transact(&self, from: EvmAddress, mut ask: Value) -> Result<Value, TestError> {
        self.fund(from, Units::from_base(10_u128.pow(20))).await?;
        ask["gas"] = json!("0x4c4b40");
        let hash = self.ask("eth_sendTransaction", json!([ask])).await?;
        for _ in 0..MINED_TRIES {
            let receipt = self.ask("eth_getTransactionReceipt", json!([hash])).await?;
            if receipt.is_null() {
                tokio::time::sleep(MINED_PAUSE).await;
            } else if receipt["status"] == "0x1" {
                return Ok(receipt);
            } else {
                return Err(TestError::new(format!("{hash} failed")));
            }
        }
        Err(TestError::new(format!("{hash} is in no block")))
    }

    /// Somebody who has sent nothing yet, so that tests at the same moment do not race for a nonce.
    fn sender(&self) -> EvmAddress {
        let number = self.senders.fetch_add(1, Ordering::Relaxed);
        let hash = keccak(&[b"a sender", &number.to_be_bytes()]);
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&hash.as_bytes()[12..]);
        EvmAddress::from_bytes(bytes)
    }
}

impl Drop for TestChain {
    fn drop(&mut self) {
        self.input.take();
        let _ended = self.shell.wait();
    }
}

/// The input of a call of a contract.
#[must_use]
pub(crate) fn call(signature: &str, words: &[[u8; 32]]) -> String {
    let selector = keccak(&[signature.as_bytes()]);
    let mut input = selector.as_bytes()[..4].to_vec();
    for word in words {
        input.extend_from_slice(word);
    }
    alloy::primitives::hex::encode_prefixed(input)
}

pub(crate) fn of_address(address: EvmAddress) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address.as_bytes());
    word
}

pub(crate) fn of_units(units: Units) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&units.base().to_be_bytes());
    word
}

/// The node: where the operator says, where `make chain` puts it, or wherever the shell finds it.
fn anvil() -> Result<PathBuf, TestError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration; this says where their node is"
    )]
    let (named, path) = (std::env::var_os("CHIMERA_ANVIL"), std::env::var_os("PATH"));
    if let Some(named) = named {
        let named = PathBuf::from(named);
        return if named.is_file() {
            Ok(named)
        } else {
            Err(TestError::new(format!(
                "CHIMERA_ANVIL: there is no {}",
                named.display()
            )))
        };
    }
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let machine = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let installed = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/chain/node_modules/@foundry-rs"
    ))
    .join(format!("anvil-{system}-{machine}/bin/anvil"));
    let on_path = path
        .iter()
        .flat_map(std::env::split_paths)
        .map(|folder| folder.join("anvil"));
    std::iter::once(installed)
        .chain(on_path)
        .find(|path| path.is_file())
        .ok_or_else(|| {
            TestError::new("there is no anvil, the local chain of the tests: run `make chain` (it needs Node 20)")
        })
}
