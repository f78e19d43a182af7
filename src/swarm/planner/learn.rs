//! What people's decisions taught: read from the store when there is news, and fitted once for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chimera_domain::{
    ContentHash, StoreError, ids::AgentId, lesson::Lessons, persona::Persona, ports::PlannerStore,
};
use chimera_minds::relevance::{self, Learned};
use tokio::runtime::{Handle, RuntimeFlavor};

/// What was learned of each agent, as it was last looked at.
#[derive(Debug, Default)]
pub(crate) struct School(Mutex<HashMap<AgentId, Taught>>);

/// Lessons, and what they teach of one version of a persona.
#[derive(Debug, Clone)]
pub(crate) struct Taught {
    pub(crate) lessons: Arc<Lessons>,
    pub(crate) learned: Option<Arc<Learned>>,
    persona: ContentHash,
}

impl School {
    /// What is known of an agent's persona as it stands now; `None` where nobody said anything yet.
    pub(crate) async fn taught(
        &self,
        store: &dyn PlannerStore,
        agent: AgentId,
        persona: &Persona,
    ) -> Result<Option<Taught>, StoreError> {
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all().get(&agent).cloned();
        let upto = known.as_ref().map_or(0, |known| known.lessons.upto());
        let lessons = match (store.lessons(agent, upto).await?, known) {
            (None, Some(known)) if known.persona == persona.hash => return Ok(Some(known)),
            (None, None) => return Ok(None),
            (None, Some(known)) => known.lessons,
            (Some(news), _) => Arc::new(news),
        };
        let taught = Taught {
            // A persona that cannot be taught cannot be scored for, which is told of each signal.
            learned: beside(|| relevance::learned(persona, &lessons))
                .ok()
                .flatten(),
            lessons,
            persona: persona.hash,
        };
        all().insert(agent, taught.clone());
        Ok(Some(taught))
    }
}

/// The fit is a system of as many equations as there are decisions, some tens of milliseconds of them, so whatever else
/// waits for this thread is given to another one meanwhile. A runtime of one thread has no other: there, a
/// simulation above all, it is one moment.
fn beside<T>(fit: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(fit),
        Ok(_) | Err(_) => fit(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R30: what is learned beside others is the same under a runtime of several threads, of one, and under none.
    #[test]
    fn r30_learning_goes_on_under_any_runtime() {
        use tokio::runtime::Builder;
        let of_one = Builder::new_current_thread().build().unwrap();
        let mut several = Builder::new_multi_thread();
        let several = several.worker_threads(2).build().unwrap();
        assert_eq!(beside(|| 7), 7);
        assert_eq!(of_one.block_on(async { beside(|| 7) }), 7);
        let spawned = several.spawn(async { beside(|| 7) });
        assert_eq!(several.block_on(spawned).unwrap(), 7);
    }
}
