//! The end of a simulation: everything is put in order, nothing may be left, all of it must agree.

use std::{collections::BTreeMap, time::Duration};

use chimera_domain::{
    Span, Usd,
    ports::{DeskStore, SpendStore},
    task::TaskState,
    views::PageRequest,
};

use super::{Sim, people::Person};

/// How long everything may take to come to rest after the faults have ended: a day's cap must free.
pub(super) const REST_MAX: Span = Span::from_hours(48);

impl Sim {
    /// Waits until nothing is under way any more; what is, when that takes too long.
    pub(super) async fn rest(&self) -> Option<String> {
        let mia = Person {
            store: self.store(None),
            world: self.world.clone(),
            name: "mia".to_owned(),
            pace: Span::from_secs(1),
        };
        let end = self.world.elapsed().micros() + REST_MAX.micros();
        let mut calm = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            // What could not be read is read again in a minute.
            let _ = mia.resume_all().await;
            let _ = mia.put_in_order().await;
            let left = self.under_way().await;
            calm = if left.is_none() { calm + 1 } else { 0 };
            if calm == 3 {
                return None;
            }
            if self.world.elapsed().micros() > end {
                return left;
            }
        }
    }

    async fn under_way(&self) -> Option<String> {
        // A store that does not answer is not at rest.
        let house = match self.inner.overview().await {
            Ok(house) => house,
            Err(error) => return Some(error.to_string()),
        };
        let open: Vec<String> = house
            .tasks
            .iter()
            .filter(|(state, _)| {
                matches!(
                    state,
                    TaskState::Pending
                        | TaskState::Claimed
                        | TaskState::Review
                        | TaskState::Ticketed
                        | TaskState::Publishing
                        | TaskState::Replan
                        | TaskState::Uncertain
                )
            })
            .map(|(state, n)| format!("{n} {state}"))
            .collect();
        let effects = match self.inner.open_effects(&PageRequest::first(1)).await {
            Ok(page) => page.total,
            Err(error) => return Some(error.to_string()),
        };
        let signals = self.signals().await;
        let wanted = self.world.settings.items_by(self.world.settings.span)
            * u64::from(self.world.settings.agents);
        if open.is_empty() && effects == 0 && house.reserved == Usd::ZERO && signals >= wanted {
            return None;
        }
        Some(format!(
            "tasks {open:?}, {effects} effects, {} reserved, {signals} of {wanted} signals",
            house.reserved
        ))
    }

    async fn signals(&self) -> u64 {
        self.inner
            .signal_feed(&PageRequest::first(1))
            .await
            .map_or(0, |page| page.total)
    }

    /// What must be true at the end, whatever happened on the way.
    pub(super) async fn audit(&self) {
        let world = &self.world;
        let wanted = world.settings.items_by(world.settings.span);
        world.count(|t| t.items = wanted);
        let signals = self.signals().await;
        let all = wanted * u64::from(world.settings.agents);
        if signals != all {
            world.violation(format!("{signals} signals of {all} items times campaigns"));
        }
        let mut offset = 0;
        let mut known = BTreeMap::new();
        while let Ok(page) = self
            .inner
            .publications(&PageRequest {
                offset,
                ..PageRequest::first(200)
            })
            .await
        {
            if page.rows.is_empty() {
                break;
            }
            offset += 200;
            for row in page.rows {
                let stands = row.withdrawn.is_none();
                if known
                    .insert(row.external_id.to_string(), (row.text.to_string(), stands))
                    .is_some()
                {
                    world.violation(format!("{} stands twice as published", row.external_id));
                }
            }
        }
        for (key, post) in world.posts() {
            match known.remove(&post.id) {
                None => world.violation(format!("{} ({key}) is public and nobody knows", post.id)),
                Some((text, _)) if text.trim() != post.text.trim() => {
                    world.violation(format!("{} is not what the store says", post.id));
                }
                Some((_, stands)) if stands == post.down => {
                    world.violation(format!("{} stands: {stands}, the store says", post.id));
                }
                Some(_) => {}
            }
        }
        for id in known.keys() {
            world.violation(format!("{id} stands as published and is not"));
        }
        if let Err(error) = self.inner.verify_ledger().await {
            world.violation(format!("the ledger does not hold: {error}"));
        }
        if let Err(error) = self.inner.integrity_check().await {
            world.violation(format!("the database does not hold: {error}"));
        }
        self.audit_money().await;
    }

    async fn audit_money(&self) {
        let world = &self.world;
        let Ok(house) = self.inner.overview().await else {
            return world.violation("the store does not answer");
        };
        if house.reserved != Usd::ZERO {
            world.violation(format!("{} is still reserved at the end", house.reserved));
        }
        let spent: i64 = house.campaigns.iter().map(|c| c.spent.micros()).sum();
        if spent > world.billed().micros() {
            let spent = Usd::from_micros(spent);
            world.violation(format!(
                "{spent} were booked for calls of at most {}",
                world.billed()
            ));
        }
        let cap = self.setup.policy.budget.agent_day_usd_max;
        let agents = i64::from(world.settings.agents);
        let used = house.spent_day.micros() + house.uncertain_day.micros();
        if used > cap.micros() * agents {
            world.violation(format!("{used} of {cap} a day and agent were spent"));
        }
    }
}
