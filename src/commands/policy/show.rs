//! The policy in force, and what of the file does not hold yet.

use chimera_domain::{
    Safe,
    cfo::{self, Change, PaymentPolicy, Way},
    ports::{PolicyStanding, PolicyStore, PolicyVersion, WaitingPolicy},
};
use serde_json::{Value, json};

use crate::{fault::Fault, out};

pub(super) async fn run(
    store: &dyn PolicyStore,
    file: Option<&PaymentPolicy>,
    history: u32,
    json: bool,
) -> Result<(), Fault> {
    let standing = store.payment_policy().await?;
    // The newest of them is the one in force.
    let most = history.clamp(0, 1_000).saturating_add(1);
    let kept = store.payment_policies(most).await?;
    let before: Vec<PolicyVersion> = kept.into_iter().skip(1).collect();
    let untaken = untaken(&standing, file);
    if json {
        out::json(&value(&standing, &untaken, &before));
        return Ok(());
    }
    print(&standing);
    match &untaken {
        Untaken::No => {}
        Untaken::Removed => out::line(
            "budget.yaml has no `payments` any more: nothing is paid once the swarm starts with it.",
        ),
        Untaken::Changed(changes) => {
            out::line(
                "budget.yaml says something else by now, and is taken over when the swarm starts next:",
            );
            lines(changes);
        }
    }
    for version in &before {
        out::line(format!(
            "before     {} from {} on, by {}: {}",
            short(version),
            version.since.to_rfc3339_seconds(),
            Safe::line(&version.by),
            Safe::line(&version.why)
        ));
    }
    Ok(())
}

/// What the file on disk says that no start has taken over.
enum Untaken {
    No,
    Removed,
    Changed(Vec<Change>),
}

fn untaken(standing: &PolicyStanding, file: Option<&PaymentPolicy>) -> Untaken {
    let Some(file) = file else {
        return match standing.policy() {
            Some(_) => Untaken::Removed,
            None => Untaken::No,
        };
    };
    let taken = match &standing.waits {
        Some(waits) => Some(waits.hash),
        None => standing.policy().map(PaymentPolicy::hash),
    };
    if taken == Some(file.hash()) {
        return Untaken::No;
    }
    Untaken::Changed(match standing.policy() {
        Some(old) => cfo::change(old, file),
        // The first one ever holds at once, one after nothing waits.
        None if standing.in_force.is_none() => Vec::new(),
        None => cfo::stand(None, Some(file)).waits,
    })
}

fn short(version: &PolicyVersion) -> String {
    version
        .policy
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), |(hash, _)| hash.short())
}

fn print(standing: &PolicyStanding) {
    let Some(version) = &standing.in_force else {
        out::line(
            "No policy of payments was ever in force. `payments` in budget.yaml makes one when the swarm starts with it.",
        );
        return;
    };
    out::line(format!(
        "in force   {} since {}, by {}: {}",
        short(version),
        version.since.to_rfc3339_seconds(),
        Safe::line(&version.by),
        Safe::line(&version.why)
    ));
    if let Some(policy) = standing.policy() {
        summary(policy);
    } else {
        out::line("           nothing is paid");
    }
    if let Some(waits) = &standing.waits {
        print_waiting(waits);
    }
}

fn summary(policy: &PaymentPolicy) {
    let caps = &policy.caps;
    out::line(format!(
        "  caps     {} USD a payment, {} an hour, {} a day, {} ever; {} payments an hour",
        caps.payment, caps.hour, caps.day, caps.lifetime, caps.payments_per_hour
    ));
    out::line(format!(
        "  house    {} USD an hour, {} a day, {} under way at once",
        policy.house.hour, policy.house.day, policy.house.in_flight
    ));
    out::line(format!(
        "  people   one above {} USD, two above {}; a new counterparty: {}",
        policy.review.one_above, policy.review.two_above, policy.review.new_counterparty
    ));
    out::line(format!(
        "  risk     people above {}, refused above {}",
        policy.risk.review_above, policy.risk.refuse_above
    ));
    for agent in &policy.agents {
        out::line(format!(
            "  agent    {} pays in {} from {}, at most {} USD at once and {} a day",
            Safe::line(&agent.agent),
            Safe::line(&agent.assets.join(", ")),
            agent.address,
            agent.caps.payment,
            agent.caps.day
        ));
    }
    for who in &policy.counterparties {
        out::line(format!(
            "  pays     {} at {} in {}",
            Safe::line(&who.label),
            who.address,
            Safe::line(&who.assets.join(", "))
        ));
    }
    out::line(format!(
        "  looser   {} after a person let it in",
        policy.loosen_after
    ));
}

fn print_waiting(waits: &WaitingPolicy) {
    out::line(format!(
        "waits      {} since {}",
        waits.hash.short(),
        waits.since.to_rfc3339_seconds()
    ));
    lines(&waits.changes);
    match &waits.confirmed {
        Some(confirmed) => out::line(format!(
            "           {} let it in at {} ({}): it takes effect at {}. `chimera cfo take-back-loosening --why …` stops it",
            Safe::line(&confirmed.by),
            confirmed.at.to_rfc3339_seconds(),
            Safe::line(&confirmed.why),
            confirmed.effective_at.to_rfc3339_seconds()
        )),
        None => out::line(format!(
            "           to let it in: chimera cfo loosen --typed '{}' --why …",
            waits.words()
        )),
    }
}

fn lines(changes: &[Change]) {
    for change in changes {
        let way = match change.way {
            Way::Tightening => "tighter",
            Way::Loosening => "looser",
            Way::Neither => "neither",
        };
        out::line(format!(
            "  {way:<8} {}: {} to {}",
            Safe::line(&change.field),
            Safe::line(&change.from),
            Safe::line(&change.to)
        ));
    }
}

fn value(standing: &PolicyStanding, untaken: &Untaken, before: &[PolicyVersion]) -> Value {
    json!({
        "in_force": standing.in_force.as_ref().map(version),
        "policy": standing.policy(),
        "waits": standing.waits.as_ref().map(|waits| json!({
            "hash": waits.hash,
            "since": waits.since.to_rfc3339(),
            "changes": waits.changes,
            "typed": waits.words(),
            "confirmed": waits.confirmed.as_ref().map(|confirmed| json!({
                "by": confirmed.by,
                "why": confirmed.why,
                "at": confirmed.at.to_rfc3339(),
                "effective_at": confirmed.effective_at.to_rfc3339(),
            })),
        })),
        "file": match untaken {
            Untaken::No => json!({"taken_over": true}),
            Untaken::Removed => json!({"taken_over": false, "payments": false}),
            Untaken::Changed(changes) => json!({"taken_over": false, "changes": changes}),
        },
        "before": before.iter().map(version).collect::<Vec<_>>(),
    })
}

fn version(version: &PolicyVersion) -> Value {
    json!({
        "seq": version.seq,
        "hash": version.policy.as_ref().map(|(hash, _)| hash),
        "since": version.since.to_rfc3339(),
        "by": version.by,
        "why": version.why,
    })
}
