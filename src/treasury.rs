//! Where chains are reached and keys are opened, as the configuration says.

use std::{collections::BTreeMap, sync::Arc};

use chimera_domain::{
    cfo::PaymentPolicy,
    chain::EvmAddress,
    ports::{Chain, Signer},
};
use chimera_swarm::treasurer::Treasury;
use chimera_wallet::{KeystoreSigner, RpcChain, RpcSettings, Secret, SigningDomain, keystore};

use crate::{
    config::{Keystore, Wallets},
    fault::{Fault, chain},
};

/// The chains of a policy that have an endpoint.
///
/// # Errors
/// `Usage` when an endpoint cannot be used.
pub(crate) fn chains(
    wallets: &Wallets,
    policy: &PaymentPolicy,
) -> Result<BTreeMap<String, Arc<dyn Chain>>, Fault> {
    let mut chains: BTreeMap<String, Arc<dyn Chain>> = BTreeMap::new();
    for (name, url) in &wallets.endpoints {
        let Some(known) = policy.chain(name) else {
            return Err(Fault::Usage(format!(
                "`wallets.endpoints` of chimera.yaml names {name}, which is no chain of `payments.chains` in budget.yaml"
            )));
        };
        let domains = policy
            .assets
            .iter()
            .filter(|asset| asset.chain == *name)
            .filter_map(|asset| {
                let token = asset.token.as_ref()?;
                Some(SigningDomain {
                    token: token.address,
                    name: token.signing_name.clone()?,
                    version: token.signing_version.clone()?,
                })
            })
            .collect();
        let url = Secret::new(url.reveal().to_owned());
        let settings = RpcSettings::new(url, known.chain_id, domains);
        let endpoint = RpcChain::new(settings).map_err(|error| Fault::Usage(chain(&error)))?;
        chains.insert(name.clone(), Arc::new(endpoint));
    }
    Ok(chains)
}

/// One key, opened.
///
/// # Errors
/// `Usage` when it cannot be.
pub(crate) fn open(key: &Keystore) -> Result<KeystoreSigner, Fault> {
    let unusable = |error: chimera_domain::ports::WalletError| Fault::Usage(chain(&error));
    let password = Secret::from_file(&key.password_file).map_err(unusable)?;
    keystore::open(&key.file, &password).map_err(unusable)
}

/// From now on the memory of this process is written to no file when it dies, and other processes of the same user cannot read
/// it: it is about to hold keys.
fn keep_out_of_dumps() -> Result<(), Fault> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let unsafe_here = |error: rustix::io::Errno| {
        Fault::Failed(format!(
            "keys are not opened, as they could end up in a core dump: {error}"
        ))
    };
    setrlimit(Resource::Core, none).map_err(unsafe_here)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(unsafe_here)?;
    Ok(())
}

/// Everything a process that pays has: chains and opened keys. A key of another wallet than the policy names is refused.
///
/// # Errors
/// `Usage`, saying which key or endpoint cannot be used.
pub(crate) fn treasury(
    wallets: &Wallets,
    policy: Option<&PaymentPolicy>,
) -> Result<Treasury, Fault> {
    let Some(policy) = policy else {
        return Ok(Treasury::default());
    };
    if !wallets.keys.is_empty() {
        keep_out_of_dumps()?;
    }
    let mut signers: BTreeMap<String, Arc<dyn Signer>> = BTreeMap::new();
    for (slug, key) in &wallets.keys {
        let signer = open(key)?;
        let wanted: Option<EvmAddress> = policy.agent(slug).map(|agent| agent.address);
        if wanted != Some(signer.address()) {
            let wanted = wanted.map_or_else(|| "no wallet".to_owned(), |it| it.to_string());
            return Err(Fault::Usage(format!(
                "the key of {slug} is that of {}, and budget.yaml gives {slug} {wanted}",
                signer.address()
            )));
        }
        signers.insert(slug.clone(), Arc::new(signer));
    }
    Ok(Treasury {
        chains: chains(wallets, policy)?,
        signers,
    })
}
