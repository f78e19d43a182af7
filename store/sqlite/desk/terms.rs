//! The terms of a payment in words: how much of what, on which chain, and the call that would be signed, taken apart.

use chimera_domain::{
    Safe,
    cfo::PaymentPolicy,
    chain::Asset,
    payment::{Call, Terms},
    views::CallRow,
};

/// How much of what, in the asset's own decimals where the policy knows them.
pub(super) fn amount(policy: Option<&PaymentPolicy>, terms: &Terms) -> String {
    match asset(policy, terms) {
        Some(asset) => format!("{} {}", terms.amount.show(asset.decimals), asset.name),
        None => format!("{} base units of {}", terms.amount, terms.asset),
    }
}

pub(super) fn asset<'a>(policy: Option<&'a PaymentPolicy>, terms: &Terms) -> Option<&'a Asset> {
    policy.and_then(|policy| policy.asset(&terms.asset))
}

pub(super) fn chain(policy: Option<&PaymentPolicy>, terms: &Terms) -> Safe {
    let named = asset(policy, terms).map(|asset| asset.chain.clone());
    Safe::line(&named.unwrap_or_else(|| format!("chain {}", terms.chain_id)))
}

/// What would be signed, taken apart, with what it is to be called with.
pub(super) fn call(policy: Option<&PaymentPolicy>, terms: &Terms) -> CallRow {
    let Some(asset) = asset(policy, terms) else {
        return CallRow {
            method: Safe::line("unknown: budget.yaml does not name the asset any more"),
            arguments: Vec::new(),
        };
    };
    let call = Call::moving(asset, terms.to, terms.amount);
    let units = || Safe::line(&format!("{} base units", terms.amount));
    let address = |address: chimera_domain::chain::EvmAddress| Safe::line(&address.to_string());
    let method = match (call.method(), call.selector()) {
        (Some(method), Some(selector)) => {
            let name = method.split('(').next().unwrap_or(method);
            let digits: String = selector.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{name} (0x{digits})")
        }
        (_, _) => "coin moves, no contract is called".to_owned(),
    };
    let mut arguments = Vec::new();
    if let Some(token) = terms.token {
        arguments.push(("contract", address(token)));
    }
    match call {
        Call::Native { .. } | Call::Nothing => {
            arguments.extend([("to", address(terms.to)), ("value", units())]);
        }
        Call::Transfer { .. } => {
            arguments.extend([("to", address(terms.to)), ("value", units())]);
        }
        Call::Authorized { .. } => {
            let nonce = terms.authorization_nonce();
            arguments.extend([
                ("from", address(terms.from)),
                ("to", address(terms.to)),
                ("value", units()),
                ("nonce", Safe::line(&nonce.to_string())),
                (
                    "valid",
                    Safe::line("from now, for ten minutes after it is signed"),
                ),
            ]);
        }
    }
    CallRow {
        method: Safe::line(&method),
        arguments,
    }
}
