//! The spotter: puts together what was seen in a window, and keeps what grows fast enough as a trend.
//!
//! One look: reads sightings and trends, decides purely ([`decide`]), writes once. It looks again after [`EVERY`]: what
//! comes between two looks is in the next one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use chimera_domain::{
    Ambient, Span, Timestamp,
    ids::TrendId,
    ports::SpotterStore,
    trend::{ItemName, Sighting, SpotRule, Spotted, Told, TrendHead, TrendState},
};
use chimera_minds::clusters::{Cluster, Item, METHOD, Window, clusters};
use tokio::runtime::{Handle, RuntimeFlavor};
use tracing::info;

use crate::drive::{Step, StepResult};

/// Between two looks.
const EVERY: Span = Span::from_secs(60);

/// The spotter's port and values.
pub(crate) struct Spotter {
    pub(crate) store: Arc<dyn SpotterStore>,
    pub(crate) rule: SpotRule,
    pub(crate) ambient: Ambient,
    /// When it looks again.
    pub(crate) next: Mutex<Timestamp>,
}

impl Spotter {
    /// Looks, where it is time.
    pub(crate) async fn step(&self) -> StepResult {
        let now = self.ambient.now();
        if now < *self.next.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(Step::Rest);
        }
        let since = now.minus(self.rule.window);
        let seen = self.store.sightings(since).await?;
        let heads = self.store.trend_heads(since).await?;
        let spotted = beside(|| decide(&seen, &heads, self.rule, now));
        if !spotted.is_empty() {
            let written = self.store.commit_spotted(&spotted).await?;
            info!(seen = seen.len(), written, "looked for trends");
        }
        // Only now: what failed is looked at again at once.
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = now.plus(EVERY);
        Ok(Step::Rest)
    }
}

/// A full window takes some hundred milliseconds: whatever else waits for this thread is given to another one
/// meanwhile, where there is one.
fn beside<T>(look: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(look),
        Ok(_) | Err(_) => look(),
    }
}

/// What one look finds: new trends, known ones measured anew, those whose sleep is over, those that faded.
pub(crate) fn decide(
    seen: &[Sighting],
    heads: &[TrendHead],
    rule: SpotRule,
    now: Timestamp,
) -> Vec<Spotted> {
    let items: Vec<Item<'_>> = seen
        .iter()
        .map(|sighting| Item {
            at: sighting.at,
            title: &sighting.title,
            source: &sighting.source,
        })
        .collect();
    let window = Window {
        until: now,
        span: rule.window,
    };
    let by_id: BTreeMap<TrendId, &TrendHead> = heads.iter().map(|head| (head.id, head)).collect();
    let mut measured: BTreeSet<TrendId> = BTreeSet::new();
    let mut out = Vec::new();
    for cluster in clusters(&items, window) {
        let told = Told {
            title: items
                .get(cluster.headline)
                .map_or_else(String::new, |item| item.title.to_owned()),
            words: cluster.words.clone(),
            standing: cluster.standing.clone(),
            method: METHOD.to_owned(),
        };
        let Some(head) = known_as(&cluster, seen).and_then(|id| by_id.get(&id)) else {
            if crosses(&told, rule) {
                let items = new_items(&cluster, seen);
                out.push(Spotted::Found { told, items });
            }
            continue;
        };
        // Two clusters may have come from one trend: the faster one goes on as it.
        if measured.insert(head.id) {
            let to = match head.state {
                TrendState::Snoozed if is_over(head, now) => Some(TrendState::Open),
                TrendState::Faded if crosses(&told, rule) => Some(TrendState::Open),
                TrendState::Open
                | TrendState::Snoozed
                | TrendState::Converted
                | TrendState::Muted
                | TrendState::Faded => None,
            };
            out.push(Spotted::Measured {
                id: head.id,
                version: head.version,
                told,
                items: new_items(&cluster, seen),
                to,
            });
        }
    }
    for head in heads.iter().filter(|head| !measured.contains(&head.id)) {
        let to = match head.state {
            TrendState::Open => TrendState::Faded,
            TrendState::Snoozed if is_over(head, now) => TrendState::Faded,
            TrendState::Snoozed | TrendState::Converted | TrendState::Muted | TrendState::Faded => {
                continue;
            }
        };
        out.push(Spotted::Moved {
            id: head.id,
            version: head.version,
            to,
        });
    }
    out
}

fn crosses(told: &Told, rule: SpotRule) -> bool {
    let standing = &told.standing;
    standing.velocity.now >= rule.per_hour_min && standing.volume >= rule.volume_min
}

fn is_over(head: &TrendHead, now: Timestamp) -> bool {
    head.snoozed_until.is_some_and(|until| until <= now)
}

/// The trend that most of its items are of; of two that have as many the older one.
fn known_as(cluster: &Cluster, seen: &[Sighting]) -> Option<TrendId> {
    let mut of: BTreeMap<TrendId, usize> = BTreeMap::new();
    for member in &cluster.members {
        if let Some(id) = seen.get(*member).and_then(|sighting| sighting.trend) {
            *of.entry(id).or_default() += 1;
        }
    }
    of.into_iter()
        .max_by(|(a, many), (b, more)| many.cmp(more).then(b.cmp(a)))
        .map(|(id, _)| id)
}

fn new_items(cluster: &Cluster, seen: &[Sighting]) -> Vec<ItemName> {
    let members = cluster.members.iter().filter_map(|at| seen.get(*at));
    let new = members.filter(|sighting| sighting.trend.is_none());
    new.map(|sighting| sighting.item.clone()).collect()
}

#[cfg(test)]
mod tests {
    use chimera_domain::{StateVersion, ids::ResourceId, testing::uuid_of, trend::PerHour};

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000)
    }

    fn trend(n: u128) -> TrendId {
        TrendId::from_uuid(uuid_of(n))
    }

    fn saw(key: &str, minutes_ago: u64, title: &str, trend: Option<TrendId>) -> Sighting {
        Sighting {
            item: ItemName {
                resource: ResourceId::from_uuid(uuid_of(9)),
                key: key.to_owned(),
            },
            title: title.to_owned(),
            source: "wire".to_owned(),
            at: now().minus(Span::from_mins(minutes_ago)),
            trend,
        }
    }

    fn story(trend: Option<TrendId>) -> Vec<Sighting> {
        vec![
            saw("a", 30, "Intuit to acquire Mailchimp for $12b", trend),
            saw("b", 20, "Intuit to buy Mailchimp for $12B in cash", trend),
            saw("c", 10, "Mailchimp goes to Intuit for $12b", None),
            saw("d", 5, "Lisbon opens a museum of tiles", None),
        ]
    }

    fn head(state: TrendState, until: Option<u64>) -> TrendHead {
        TrendHead {
            id: trend(1),
            version: StateVersion::FIRST,
            state,
            snoozed_until: until.map(|minutes| now().minus(Span::from_mins(minutes))),
        }
    }

    fn told(spotted: &[Spotted]) -> Vec<String> {
        spotted
            .iter()
            .map(|one| match one {
                Spotted::Found { told, items } => {
                    format!("found {} of {}", items.len(), told.standing.volume)
                }
                Spotted::Measured { items, to, .. } => format!(
                    "measured, {} new{}",
                    items.len(),
                    to.map_or_else(String::new, |to| format!(", {to}"))
                ),
                Spotted::Moved { to, .. } => format!("moved to {to}"),
            })
            .collect()
    }

    fn check(seen: &[Sighting], heads: &[TrendHead], expected: &[&str]) {
        let got = told(&decide(seen, heads, SpotRule::default(), now()));
        assert_eq!(got, expected, "{heads:?}");
    }

    // R32: a cluster that crosses the line is a trend once; from then on it is measured, and what is new joins it.
    #[test]
    fn r32_a_cluster_over_the_line_is_a_trend_once() {
        check(&story(None), &[], &["found 3 of 3"]);
        let known = Some(trend(1));
        check(
            &story(known),
            &[head(TrendState::Open, None)],
            &["measured, 1 new"],
        );
        for state in [TrendState::Converted, TrendState::Muted] {
            check(&story(known), &[head(state, None)], &["measured, 1 new"]);
        }
        check(
            &story(known),
            &[head(TrendState::Faded, None)],
            &["measured, 1 new, open"],
        );
        // Below the line by one, or too slow: nothing is kept.
        let few = &story(None)[..2];
        check(few, &[], &[]);
        let slow = SpotRule {
            per_hour_min: PerHour::from_hundredths(301),
            ..SpotRule::default()
        };
        assert!(decide(&story(None), &[], slow, now()).is_empty());
    }

    // R32: what is snoozed sleeps until its time whatever comes, and then waits again, or is over where nothing came.
    #[test]
    fn r32_a_snooze_ends_with_its_time() {
        let known = Some(trend(1));
        let awake = head(TrendState::Snoozed, Some(0));
        let mut asleep = head(TrendState::Snoozed, None);
        asleep.snoozed_until = Some(now().plus(Span::from_mins(1)));
        check(&story(known), &[asleep], &["measured, 1 new"]);
        check(&story(known), &[awake], &["measured, 1 new, open"]);
        check(&[], &[asleep], &[]);
        check(&[], &[awake], &["moved to faded"]);
        check(&[], &[head(TrendState::Open, None)], &["moved to faded"]);
        check(&[], &[head(TrendState::Converted, None)], &[]);
    }
}
