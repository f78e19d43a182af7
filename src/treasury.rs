//! Where chains are reached and keys are opened, as the configuration says.

use std::{collections::BTreeMap, sync::Arc};

use chimera_domain::{
    cfo::PaymentPolicy,
    chain::{Asset, EvmAddress},
    ports::{Chain, Signer},
};
use chimera_swarm::treasurer::Treasury;
use chimera_wallet::{KeystoreSigner, RpcChain, RpcSettings, Secret, SigningDomain, keystore};

use crate::{
    config::{Keystore, Wallets},
    fault::{Fault, chain},
};

/// What the file says, and what is in force: of what waits both are known, and neither stands in the other's way.
pub(crate) struct Policies<'a> {
    /// The file's.
    pub(crate) file: &'a PaymentPolicy,
    /// The one in force, where it is another.
    pub(crate) in_force: Option<&'a PaymentPolicy>,
}

impl Policies<'_> {
    fn each(&self) -> impl Iterator<Item = &PaymentPolicy> {
        self.in_force.into_iter().chain([self.file])
    }
}

/// The chains of the policies that have an endpoint.
///
/// # Errors
/// `Usage` when an endpoint cannot be used.
pub(crate) fn chains(
    wallets: &Wallets,
    policies: &Policies<'_>,
) -> Result<BTreeMap<String, Arc<dyn Chain>>, Fault> {
    let mut chains: BTreeMap<String, Arc<dyn Chain>> = BTreeMap::new();
    for (name, url) in &wallets.endpoints {
        let Some(known) = policies.each().find_map(|policy| policy.chain(name)) else {
            return Err(Fault::Usage(format!(
                "`wallets.endpoints` of chimera.yaml names {name}, which is no chain of `payments.chains` in budget.yaml"
            )));
        };
        let mut domains: Vec<SigningDomain> = Vec::new();
        for asset in policies.each().flat_map(|policy| &policy.assets) {
            let domain = domain(asset).filter(|_| asset.chain == *name);
            // The first is that of the policy in force.
            let new = |domain: &SigningDomain| domains.iter().all(|it| it.token != domain.token);
            domains.extend(domain.filter(new));
        }
        let url = Secret::new(url.reveal().to_owned());
        let settings = RpcSettings::new(url, known.chain_id, domains);
        let endpoint = RpcChain::new(settings).map_err(|error| Fault::Usage(chain(&error)))?;
        chains.insert(name.clone(), Arc::new(endpoint));
    }
    Ok(chains)
}

/// What signatures for a token are bound to, where it takes any.
fn domain(asset: &Asset) -> Option<SigningDomain> {
    let token = asset.token.as_ref()?;
    Some(SigningDomain {
        token: token.address,
        name: token.signing_name.clone()?,
        version: token.signing_version.clone()?,
    })
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

/// Everything a process that pays has: chains and opened keys. A key of another wallet than the policies name is refused.
///
/// # Errors
/// `Usage`, saying which key or endpoint cannot be used.
pub(crate) fn treasury(
    wallets: &Wallets,
    policies: Option<&Policies<'_>>,
) -> Result<Treasury, Fault> {
    let Some(policies) = policies else {
        return Ok(Treasury::default());
    };
    if !wallets.keys.is_empty() {
        keep_out_of_dumps()?;
    }
    let mut signers: BTreeMap<String, Arc<dyn Signer>> = BTreeMap::new();
    for (slug, key) in &wallets.keys {
        let signer = open(key)?;
        let mut named = policies.each().filter_map(|policy| policy.agent(slug));
        if !named.any(|agent| agent.address == signer.address()) {
            let wanted: Option<EvmAddress> = policies.file.agent(slug).map(|agent| agent.address);
            let wanted = wanted.map_or_else(|| "no wallet".to_owned(), |it| it.to_string());
            return Err(Fault::Usage(format!(
                "the key of {slug} is that of {}, and budget.yaml gives {slug} {wanted}",
                signer.address()
            )));
        }
        signers.insert(slug.clone(), Arc::new(signer));
    }
    Ok(Treasury {
        chains: chains(wallets, policies)?,
        signers,
    })
}
