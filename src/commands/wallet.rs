//! `chimera wallet`: keys are made, kept and looked at; nothing here pays.

use std::io::{self, IsTerminal as _};

use chimera_domain::ports::{PaymentStore as _, PolicyStore as _, WalletError};
use chimera_wallet::{
    Secret,
    keystore::{self, Effort, Import, Kept},
};
use serde_json::json;

use crate::{
    cli::{PasswordArgs, Wallet},
    clock, compose,
    config::{Config, Home},
    fault::{Fault, chain},
    out,
    treasury::{self, Policies},
};

/// Runs one verb.
///
/// # Errors
/// `Usage` for a key or a password that cannot be used, `Failed` when a chain does not answer.
pub fn run(home: &Home, verb: Wallet, json: bool) -> Result<(), Fault> {
    let folder = home.keys_dir();
    match verb {
        Wallet::New { agent, password } => {
            let password = secret(&password)?;
            let made = keystore::create(&folder, &agent, &password, Effort::FULL);
            made_known(&agent, &made.map_err(unusable)?, json);
            Ok(())
        }
        Wallet::Import {
            agent,
            key_file,
            password,
        } => {
            let key = Secret::from_file(&key_file).map_err(unusable)?;
            let password = secret(&password)?;
            let from = Import::Hex(&key);
            let made = keystore::import(&folder, &agent, &from, &password, Effort::FULL);
            made_known(&agent, &made.map_err(unusable)?, json);
            Ok(())
        }
        Wallet::Rotate { agent, password } => {
            let password = secret(&password)?;
            let made = keystore::rotate(&folder, &agent, &password, Effort::FULL);
            made_known(&agent, &made.map_err(unusable)?, json);
            Ok(())
        }
        Wallet::Address => addresses(home, json),
        Wallet::Balance => balances(home, json),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "what `map_err` gives is taken"
)]
fn unusable(error: WalletError) -> Fault {
    Fault::Usage(chain(&error))
}

fn secret(args: &PasswordArgs) -> Result<Secret, Fault> {
    let read = match &args.password_file {
        Some(file) => Secret::from_file(file),
        // Typed at a terminal it would stand on the screen, and in its scrollback.
        None if io::stdin().is_terminal() => {
            return Err(Fault::Usage(
                "a password is not typed here, where all can read it: give --password-file FILE, or pipe it in".to_owned(),
            ));
        }
        None => Secret::read(io::stdin().lock()),
    };
    read.map_err(unusable)
}

fn made_known(agent: &str, kept: &Kept, json: bool) {
    if json {
        out::json(&json!({
            "agent": agent,
            "address": kept.address,
            "file": kept.path.display().to_string(),
        }));
        return;
    }
    out::line(format!(
        "{agent} has {} in {}",
        kept.address,
        kept.path.display()
    ));
    out::line(
        "Write the address under `payments.agents` of budget.yaml, and the file under `wallets.keys` of chimera.yaml.",
    );
    out::line(
        "Without its password nobody can open the file, you included. Copy both, apart from each other.",
    );
}

fn addresses(home: &Home, json: bool) -> Result<(), Fault> {
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    for (agent, key) in &config.wallets.keys {
        let address = keystore::address(&key.file).map_err(unusable)?;
        if json {
            out::json(&json!({"agent": agent, "address": address}));
        } else {
            out::line(format!("{agent}  {address}"));
        }
    }
    if config.wallets.keys.is_empty() && !json {
        out::line("No keys. `chimera wallet new PERSONA` makes one.");
    }
    Ok(())
}

/// What each wallet holds, by the chain now and by the ledger up to the block that was compared last.
fn balances(home: &Home, json: bool) -> Result<(), Fault> {
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    let Some(file) = &config.policy.payments else {
        return Err(Fault::Usage(
            "budget.yaml has no `payments`; docs/wallets.md says what to write".to_owned(),
        ));
    };
    let store = compose::open_store(&home.db_file(), clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    runtime.block_on(async {
        // What the file says beyond the policy in force does not hold yet.
        let standing = store.payment_policy().await?;
        let policy = standing.policy().unwrap_or(file);
        let policies = Policies {
            file,
            in_force: standing.policy(),
        };
        let chains = treasury::chains(&config.wallets, &policies)?;
        for wallet in &policy.agents {
            let agent = store.agent_named(&wallet.agent).await?;
            for asset in &policy.assets {
                if asset.token.is_some() && !wallet.assets.contains(&asset.name) {
                    continue;
                }
                let token = asset.token.as_ref().map(|token| token.address);
                let there = match chains.get(&asset.chain) {
                    None => Err("no endpoint is configured".to_owned()),
                    Some(endpoint) => endpoint
                        .balance(wallet.address, token, None)
                        .await
                        .map(|units| units.show(asset.decimals))
                        .map_err(|error| chain(&error)),
                };
                let ledger = match agent {
                    Some(agent) => {
                        let ledger = store.ledger_of(agent, &asset.name).await?;
                        ledger
                            .seen
                            .block
                            .map(|_| ledger.balance.show(asset.decimals))
                    }
                    None => None,
                };
                if json {
                    out::json(&json!({
                        "agent": wallet.agent,
                        "address": wallet.address,
                        "asset": asset.name,
                        "chain": asset.chain,
                        "balance": there.as_ref().ok(),
                        "problem": there.as_ref().err(),
                        "ledger": ledger,
                    }));
                } else {
                    out::line(format!(
                        "{:<12} {:>24} {:<6} ledger {:>24}  {}",
                        wallet.agent,
                        there.unwrap_or_else(|why| format!("? ({why})")),
                        asset.name,
                        ledger.unwrap_or_else(|| "never compared".to_owned()),
                        wallet.address
                    ));
                }
            }
        }
        Ok(())
    })
}
