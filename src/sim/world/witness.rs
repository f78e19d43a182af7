//! What the witness knows and what it holds against it: decisions, orders, calls, posts.

use std::collections::BTreeMap;

use chimera_domain::{
    ContentHash, StoreError, Usd,
    effect::SendOrder,
    ids::{CampaignId, TaskId, TicketId},
};

use super::{Approval, Post, World};

impl World {
    pub(in crate::sim) fn knows_task(&self, task: TaskId, campaign: CampaignId) {
        self.lock().campaigns.insert(task, campaign);
    }

    pub(in crate::sim) fn took_lease(&self, process: u32) {
        self.lock().holder = Some(process);
    }

    pub(in crate::sim) fn approved(
        &self,
        task: TaskId,
        content: ContentHash,
        ticket: Option<TicketId>,
    ) {
        let mut state = self.lock();
        let Some(campaign) = state.campaigns.get(&task).copied() else {
            drop(state);
            self.violation(format!("{task} was approved and nobody worked on it"));
            return;
        };
        state
            .approvals
            .insert((task, content), Approval { campaign, ticket });
    }

    pub(in crate::sim) fn undone(&self, ticket: TicketId) {
        self.lock()
            .approvals
            .retain(|_, approval| approval.ticket != Some(ticket));
    }

    /// What was approved before may not leave after.
    pub(in crate::sim) fn void(&self, campaign: Option<CampaignId>) {
        self.lock()
            .approvals
            .retain(|_, approval| campaign.is_some_and(|c| approval.campaign != c));
    }

    pub(in crate::sim) fn halted(&self, campaign: Option<CampaignId>, halted: bool) {
        let mut state = self.lock();
        match (campaign, halted) {
            (None, _) => state.fleet_halted = halted,
            (Some(campaign), true) => {
                state.halted.insert(campaign);
            }
            (Some(campaign), false) => {
                state.halted.remove(&campaign);
            }
        }
        if halted {
            state.tally.halts += 1;
        }
    }

    pub(in crate::sim) fn is_halted(&self) -> bool {
        let state = self.lock();
        state.fleet_halted || !state.halted.is_empty()
    }

    /// An effect was taken to be sent: is it allowed to?
    pub(in crate::sim) fn taken(&self, process: u32, order: &SendOrder, bound: ContentHash) {
        let text = order.call.post.text.clone();
        let mut state = self.lock();
        let allowed = state.approvals.contains_key(&(order.task_id, bound));
        let halted = state.fleet_halted || state.halted.contains(&order.campaign_id);
        let stranger = state.holder != Some(process);
        state
            .orders
            .insert(order.idempotency_key.clone(), (order.task_id, text));
        drop(state);
        let id = order.effect_id;
        if !allowed {
            self.violation(format!(
                "{id} was taken to be sent without a decision that holds"
            ));
        }
        if halted {
            self.violation(format!("{id} was taken to be sent while halted"));
        }
        if stranger {
            self.violation(format!("{id} was taken by a process without the lease"));
        }
    }

    /// A call to publish begins.
    pub(in crate::sim) fn sends(&self, key: &str, text: &str) {
        let mut state = self.lock();
        let order = state.orders.get(key).cloned();
        let blind = !state.doubt.insert(key.to_owned());
        drop(state);
        match order {
            None => self.violation("something is sent that nobody took from the outbox"),
            Some((task, bound)) if bound != text => {
                self.violation(format!("{task} sends other words than were decided on"));
            }
            Some(_) => {}
        }
        if blind {
            self.violation("a call without an answer was repeated without asking first");
        }
    }

    /// The caller knows what became of its call.
    pub(in crate::sim) fn answered(&self, key: &str) {
        self.lock().doubt.remove(key);
    }

    /// A post is public. The platform keeps one per key.
    pub(in crate::sim) fn lands(&self, key: &str, text: &str) -> String {
        let mut state = self.lock();
        if let Some(post) = state.posts.get(key) {
            return post.id.clone();
        }
        let id = format!("post-{}", state.posts.len() + 1);
        let post = Post {
            id: id.clone(),
            text: text.to_owned(),
        };
        state.posts.insert(key.to_owned(), post);
        let task = state.orders.get(key).map(|(task, _)| *task);
        let of_task = state
            .posts
            .keys()
            .filter(|k| state.orders.get(*k).map(|(task, _)| *task) == task)
            .count();
        drop(state);
        self.note(format!("public {id}"));
        if of_task > 1 {
            self.violation(format!("{task:?} was published twice"));
        }
        id
    }

    pub(in crate::sim) fn post(&self, key: &str) -> Option<Post> {
        self.lock().posts.get(key).cloned()
    }

    pub(in crate::sim) fn posts(&self) -> BTreeMap<String, Post> {
        self.lock().posts.clone()
    }

    /// Holds every answer of the store against what it may never say.
    pub(in crate::sim) fn inspect<T>(&self, verb: &str, answer: &Result<T, StoreError>) {
        match answer {
            // A person may have settled what a late answer would settle differently.
            Err(StoreError::Refused { .. }) if verb == "settle" => {}
            Err(error @ (StoreError::Corrupt { .. } | StoreError::Refused { .. })) => {
                self.violation(format!("{verb}: {error}"));
            }
            Ok(_) | Err(StoreError::Unavailable { .. } | StoreError::Fenced { .. }) => {}
        }
    }

    /// A call was made that can cost so much.
    pub(in crate::sim) fn bills(&self, estimate: Usd) {
        self.lock().billed += estimate.micros();
    }

    /// The most that everything can have cost.
    pub(in crate::sim) fn billed(&self) -> Usd {
        Usd::from_micros(self.lock().billed)
    }
}
