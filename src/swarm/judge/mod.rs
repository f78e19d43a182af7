//! The judge: looks at exactly what would go out and routes it.
//!
//! Checks are one file each under `checks/`; [`decide`] is pure and makes the verdict from them.

mod checks;
mod decide;

use std::sync::Arc;

use chimera_domain::{
    Outcome,
    basis::VerdictBasis,
    policy::Policy,
    ports::{JudgeStore, VerdictTimes},
    verdict::Verdict,
};
use tracing::info;

pub use self::decide::decide;
pub(crate) use self::{
    checks::{DETECTORS, Detectors},
    decide::decide_with,
};
use crate::{
    drive::{Step, StepResult},
    runtime::Personas,
};

/// The judge's ports and values.
pub(crate) struct Judge {
    pub(crate) store: Arc<dyn JudgeStore>,
    pub(crate) personas: Arc<Personas>,
    pub(crate) policy: Arc<Policy>,
}

impl Judge {
    pub(crate) async fn step(&self) -> StepResult {
        let Some(case) = self.store.next_case().await? else {
            return Ok(Step::Idle);
        };
        let persona = self.personas.locked(case.task.spec.persona_lock.hash);
        let verdict = Verdict {
            basis: Some(VerdictBasis {
                detectors: Some(DETECTORS.to_owned()),
                ..VerdictBasis::of(&case, persona, &self.policy)
            }),
            ..decide(&case, persona, &self.policy)
        };
        let policy = &self.policy.judge;
        let times = VerdictTimes {
            fuse: policy.undo_fuse,
            sla: policy.sla,
            sla_expire: policy.sla_expire,
        };
        let (task, trace) = (case.task.id, case.task.trace_id);
        Ok(
            match self
                .store
                .commit_verdict(task, case.task.version, &verdict, times)
                .await?
            {
                Outcome::Done(ticket, _) => {
                    info!(%task, %trace, route = %verdict.route, confidence = ?verdict.confidence.map(|c| c.to_string()), ticket = ?ticket, "judged");
                    Step::Progress
                }
                // The task moved on while it was judged; whoever moved it rang the bell.
                Outcome::Conflict(_) | Outcome::NotFound => Step::Idle,
            },
        )
    }
}
