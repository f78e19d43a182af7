//! What both benches begin with: a store on a real disk under the wall clock. Knows no workload;
//! start with `open`.

mod wall;

pub(crate) use wall::ambient;

use std::{path::Path, sync::Arc, time::Duration};

use chimera_domain::{
    Ambient, Span,
    campaign::CampaignSpec,
    ports::{Acquired, LeaseRequest, RuntimeStore, Setup},
    resource::ResourceSpec,
};
use chimera_store::{Settings, SqliteStore, conformance::Harness};

/// A new store with one resource, campaigns that nothing stops, each with an account of its own, no fuse, and
/// its lease's fence.
pub(crate) async fn open(
    path: &Path,
    ambient: &Ambient,
    campaigns: usize,
) -> (Arc<SqliteStore>, i64, Setup) {
    let store = chimera_store::open(Settings::file(path), ambient.clone()).unwrap();
    let opened = store.clone();
    let harness = Harness::new(Arc::new(move |_| opened.clone()));
    let mut setup = harness.setup();
    setup.resources = vec![ResourceSpec {
        server: "feeds".into(),
        uri: "feed://bench".into(),
        interval: Span::from_mins(5),
        age_max: None,
    }];
    setup.campaigns = (0..campaigns)
        .map(|n| CampaignSpec {
            name: format!("campaign {n}"),
            account: format!("@account{n}"),
            budget_usd_max: chimera_domain::Usd::from_micros(1_000_000_000),
            ..setup.campaigns[0].clone()
        })
        .collect();
    setup.policy.judge.undo_fuse = Span::ZERO;
    // What is measured includes sending, which a dry run would not.
    setup.simulated_servers = vec![setup.campaigns[0].publish_server.clone()];
    store.install(&setup).await.unwrap();
    let request = LeaseRequest {
        holder: "bench".into(),
        host: "bench".into(),
        pid: 1,
        known_dead_pid: None,
        ttl: Span::from_hours(1),
    };
    let Acquired::Ours(lease) = store.acquire_lease(&request).await.unwrap() else {
        unreachable!("the database is new")
    };
    (store, lease.fence, setup)
}

/// The time below which this share of all lie, in thousandths.
pub(crate) fn quantile(times: &mut [Duration], per_mille: usize) -> Duration {
    times.sort_unstable();
    let at = times.len() * per_mille / 1_000;
    times
        .get(at.min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}
