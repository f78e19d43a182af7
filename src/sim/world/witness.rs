//! What the witness knows and what it holds against it: decisions, orders, calls, posts.

use std::collections::{BTreeMap, BTreeSet};

use chimera_domain::{
    ContentHash, StoreError, Usd,
    effect::SendOrder,
    halt::{Halt, Scope, Stage},
    ids::{CampaignId, TaskId, TicketId},
    mode::{Mode, ModeScope, Reach},
    task::Task,
};

use super::{super::PLATFORM, Approval, Place, Post, State, World};

impl World {
    pub(in crate::sim) fn knows_task(&self, task: &Task) {
        let place = Place {
            agent: task.agent_id,
            campaign: task.campaign_id,
        };
        self.lock().tasks.insert(task.id, place);
    }

    /// Work began: was it allowed to?
    pub(in crate::sim) fn claimed(&self, task: &Task) {
        self.knows_task(task);
        let now = self.sync();
        if task.attempt == 1 {
            let waited = now.since(task.created_at).micros() / 1_000_000;
            self.count(|t| t.longest_wait_s = t.longest_wait_s.max(waited));
        }
        let state = self.lock();
        let place = state.tasks.get(&task.id).copied();
        let halted = place.is_some_and(|place| state.works_not(place));
        drop(state);
        if halted {
            self.violation(format!("{} was claimed while halted", task.id));
        }
    }

    pub(in crate::sim) fn took_lease(&self, process: u32) {
        self.lock().holder = Some(process);
    }

    /// A person let it out by deciding a ticket, or the judge did alone.
    pub(in crate::sim) fn approved(
        &self,
        task: TaskId,
        content: ContentHash,
        by: Option<(TicketId, &str)>,
    ) {
        let mut state = self.lock();
        let Some(place) = state.tasks.get(&task).copied() else {
            drop(state);
            self.violation(format!("{task} was approved and nobody worked on it"));
            return;
        };
        let two = self.needs_two(&state, place);
        let ticket = by.map(|(ticket, _)| ticket);
        let first = ticket.and_then(|ticket| state.firsts.remove(&ticket));
        let first = first.filter(|(of, _)| *of == content).map(|(_, by)| by);
        let approval = Approval {
            place,
            ticket,
            people: by
                .map(|(_, by)| by.to_owned())
                .into_iter()
                .chain(first)
                .collect(),
            two,
        };
        state.approvals.insert((task, content), approval);
    }

    /// One person approved what takes two.
    pub(in crate::sim) fn approved_first(&self, ticket: TicketId, content: ContentHash, by: &str) {
        self.count(|t| t.firsts += 1);
        let first = (content, by.to_owned());
        self.lock().firsts.insert(ticket, first);
    }

    /// The first of two does not count any more: it was answered otherwise.
    pub(in crate::sim) fn answered_otherwise(&self, ticket: TicketId) {
        self.lock().firsts.remove(&ticket);
    }

    /// The judge came to what a person wrote and let out: it leaves, or is asked about in a ticket of its own.
    pub(in crate::sim) fn judged_as_written(
        &self,
        task: TaskId,
        content: ContentHash,
        asked: Option<TicketId>,
    ) {
        let mut state = self.lock();
        let place = state.tasks.get(&task).copied();
        let two = place.is_some_and(|place| self.needs_two(&state, place));
        if let Some(ticket) = asked {
            let writer = state.approvals.remove(&(task, content));
            let writer = writer.and_then(|approval| approval.people.into_iter().next());
            if let Some(writer) = writer {
                state.firsts.insert(ticket, (content, writer));
            }
        } else if let Some(approval) = state.approvals.get_mut(&(task, content)) {
            approval.two = two;
        }
    }

    /// Whether the shipped rule, as this world has it, takes two people there now.
    fn needs_two(&self, state: &State, place: Place) -> bool {
        self.settings.is_real()
            && reach(&state.live, place) == Reach::Live
            && (self.settings.needs_two() || !state.posted.contains(&place.agent))
    }

    pub(in crate::sim) fn undone(&self, ticket: TicketId) {
        let mut state = self.lock();
        state.firsts.remove(&ticket);
        state
            .approvals
            .retain(|_, approval| approval.ticket != Some(ticket));
    }

    /// A campaign was edited: what was approved before may not leave after.
    pub(in crate::sim) fn edited(&self, campaign: CampaignId) {
        self.lock()
            .approvals
            .retain(|_, approval| approval.place.campaign != campaign);
    }

    /// Something was halted: where the halt voids, what was approved before may not leave after.
    pub(in crate::sim) fn halted(&self, scope: Scope, halt: Halt) {
        let mut state = self.lock();
        let voided = match (&scope, halt) {
            (Scope::Spending, _) | (Scope::Publishing | Scope::Platform(_), Halt::Pause) => false,
            (Scope::Fleet | Scope::Agent(_) | Scope::Campaign(_), _)
            | (Scope::Publishing | Scope::Platform(_), Halt::Kill) => true,
        };
        state
            .approvals
            .retain(|_, approval| !(voided && reaches(&scope, approval.place)));
        state.tally.halts += 1;
        let hardest = state.halts.get(&scope).copied().max(Some(halt));
        state.halts.extend(hardest.map(|halt| (scope, halt)));
    }

    /// A mode was changed: what would get elsewhere now may not leave on what was decided before.
    pub(in crate::sim) fn mode_set(&self, scope: &ModeScope, mode: Mode) {
        let mut state = self.lock();
        let before = state.live.clone();
        match mode {
            Mode::Live => state.live.insert(scope.clone()),
            Mode::DryRun => state.live.remove(scope),
        };
        let now = state.live.clone();
        state
            .approvals
            .retain(|_, approval| reach(&before, approval.place) == reach(&now, approval.place));
        state.tally.modes += 1;
    }

    /// A person wants a post down.
    pub(in crate::sim) fn wants_down(&self, post: &str) {
        self.lock().unwanted.insert(post.to_owned());
    }

    pub(in crate::sim) fn resumed(&self, scope: &Scope) {
        self.lock().halts.remove(scope);
    }

    /// The fleet goes on with one stage only.
    pub(in crate::sim) fn staged(&self, stage: Stage) {
        let was_halted = self.lock().halts.remove(&Scope::Fleet).is_some();
        let (held, ended): (&[Scope], Option<Scope>) = match stage {
            Stage::Work => (&[Scope::Publishing, Scope::Spending], None),
            Stage::Publish => (&[Scope::Spending], Some(Scope::Publishing)),
            Stage::Spend => (&[Scope::Publishing], Some(Scope::Spending)),
        };
        if was_halted {
            for scope in held {
                self.halted(scope.clone(), Halt::Pause);
            }
        }
        if let Some(scope) = ended {
            self.resumed(&scope);
        }
    }

    pub(in crate::sim) fn is_halted(&self) -> bool {
        !self.lock().halts.is_empty()
    }

    pub(in crate::sim) fn halts(&self) -> Vec<Scope> {
        self.lock().halts.keys().cloned().collect()
    }

    /// An effect was taken to be sent: is it allowed to?
    pub(in crate::sim) fn taken(&self, process: u32, order: &SendOrder, bound: ContentHash) {
        let text = order.call.post.text.clone();
        let mut state = self.lock();
        let approval = state.approvals.get(&(order.task_id, bound));
        let alone = order.withdraws.is_none()
            && approval.is_some_and(|approval| approval.two && approval.people.len() < 2);
        let allowed = match &order.withdraws {
            Some(withdrawal) => state.unwanted.contains(&withdrawal.external_id),
            None => state.approvals.contains_key(&(order.task_id, bound)),
        };
        let place = Place {
            agent: order.agent_id,
            campaign: order.campaign_id,
        };
        // Sending costs in every simulation, so that frozen money holds it as well.
        let halted = state.halts.keys().any(|scope| reaches(scope, place));
        let stranger = state.holder != Some(process);
        // Looked at here and not at the call: one that was suspended within its call may finish it beside its
        // successor, who asked first, and the platform takes the key once.
        let blind = state.doubt.contains(&order.idempotency_key);
        let dry = self.settings.is_real() && reach(&state.live, place) != Reach::Live;
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
        if alone {
            self.violation(format!(
                "{id} was taken to be sent with one person's approval, and it takes two"
            ));
        }
        if halted {
            self.violation(format!("{id} was taken to be sent while halted"));
        }
        if blind {
            self.violation(format!(
                "{id} was taken again after a call without an answer, and nobody asked"
            ));
        }
        if dry {
            self.violation(format!("{id} was taken to be sent while dry"));
        }
        if stranger {
            self.violation(format!("{id} was taken by a process without the lease"));
        }
    }

    /// A call to publish begins.
    pub(in crate::sim) fn sends(&self, key: &str, text: &str) {
        let mut state = self.lock();
        let order = state.orders.get(key).cloned();
        state.doubt.insert(key.to_owned());
        drop(state);
        match order {
            None => self.violation("something is sent that nobody took from the outbox"),
            Some((task, bound)) if bound != text => {
                self.violation(format!("{task} sends other words than were decided on"));
            }
            Some(_) => {}
        }
    }

    /// A call to take a post down begins.
    pub(in crate::sim) fn sends_down(&self, key: &str, id: &str) {
        if !self.lock().orders.contains_key(key) {
            self.violation(format!(
                "{id} is taken down and nobody took that from the outbox"
            ));
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
            down: false,
        };
        state.posts.insert(key.to_owned(), post);
        let task = state.orders.get(key).map(|(task, _)| *task);
        let agent = task
            .and_then(|task| state.tasks.get(&task))
            .map(|p| p.agent);
        state.posted.extend(agent);
        let of_task = state.landed.entry(task).or_default();
        *of_task += 1;
        let of_task = *of_task;
        drop(state);
        self.note(format!("public {id}"));
        if of_task > 1 {
            self.violation(format!("{task:?} was published twice"));
        }
        id
    }

    /// A post is taken down; whether there is one.
    pub(in crate::sim) fn takes_down(&self, id: &str) -> bool {
        let mut state = self.lock();
        let wanted = state.unwanted.contains(id);
        let post = state.posts.values_mut().find(|post| post.id == id);
        let fresh = post.as_ref().is_some_and(|post| !post.down);
        let found = post.map(|post| post.down = true).is_some();
        state.tally.withdrawn += u64::from(fresh);
        drop(state);
        self.note(format!("down {id}"));
        if !wanted {
            self.violation(format!("{id} was taken down and nobody wanted it"));
        }
        found
    }

    /// The post of this id as the platform has it.
    pub(in crate::sim) fn post_of(&self, id: &str) -> Option<Post> {
        let state = self.lock();
        let post = state.posts.values().find(|post| post.id == id);
        post.cloned()
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
            // What would not reach the post is not asked for.
            Err(StoreError::Refused { .. }) if verb == "withdraw" => {}
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

impl State {
    /// Whether a halt stops work there.
    fn works_not(&self, place: Place) -> bool {
        self.halts.keys().any(|scope| match scope {
            Scope::Fleet | Scope::Agent(_) | Scope::Campaign(_) => reaches(scope, place),
            Scope::Publishing | Scope::Spending | Scope::Platform(_) => false,
        })
    }
}

/// How far a post of this place gets on a platform that is none of ours.
fn reach(live: &BTreeSet<ModeScope>, place: Place) -> Reach {
    let mode = |scope: ModeScope| {
        if live.contains(&scope) {
            Mode::Live
        } else {
            Mode::DryRun
        }
    };
    Reach::of(
        false,
        mode(ModeScope::Server(PLATFORM.to_owned())),
        mode(ModeScope::Agent(place.agent)),
        mode(ModeScope::Campaign(place.campaign)),
    )
}

fn reaches(scope: &Scope, place: Place) -> bool {
    match scope {
        Scope::Fleet | Scope::Publishing | Scope::Spending | Scope::Platform(_) => true,
        Scope::Agent(agent) => place.agent == *agent,
        Scope::Campaign(campaign) => place.campaign == *campaign,
    }
}
