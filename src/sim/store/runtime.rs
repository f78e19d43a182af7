//! Lease, setup, sweep and bell, watched by the witness; and the past, as it is.

use async_trait::async_trait;
use chimera_domain::{
    Span, Timestamp,
    basis::{JudgeInputs, StoredDecision, Subject},
    ids::TaskId,
    policy::Policy,
    ports::{
        Acquired, BellStore, DecisionKind, DeskStore, Lease, LeaseRequest, Recovery, ReplayStore,
        Result, RuntimeStore, Setup, Swept,
    },
    ticket::{Choice, Decide},
    views::{PageRequest, Severity},
};

use super::{Mutation, SimStore, block_on};
#[async_trait]
impl RuntimeStore for SimStore {
    async fn acquire_lease(&self, request: &LeaseRequest) -> Result<Acquired> {
        self.pass("acquire_lease", || {
            let acquired = block_on(self.inner.acquire_lease(request))?;
            if let (Acquired::Ours(_), Some(process)) = (&acquired, self.process) {
                self.world.took_lease(process);
            }
            Ok(acquired)
        })
        .await
    }

    async fn renew_lease(&self, lease: &Lease, ttl: Span) -> Result<Lease> {
        plain!(self.renew_lease(lease, ttl))
    }

    async fn release_lease(&self, lease: &Lease) -> Result<()> {
        plain!(self.release_lease(lease))
    }

    async fn recover(&self, fence: i64) -> Result<Recovery> {
        plain!(self.recover(fence))
    }

    async fn install(&self, setup: &Setup) -> Result<()> {
        self.pass("install", || {
            let before = block_on(self.inner.overview())?.campaigns;
            block_on(self.inner.install(setup))?;
            for now in block_on(self.inner.overview())?.campaigns {
                let moved = before
                    .iter()
                    .any(|old| old.id == now.id && old.version != now.version);
                if moved {
                    self.world.edited(now.id);
                }
            }
            Ok(())
        })
        .await
    }

    async fn sweep(&self) -> Result<Swept> {
        self.pass("sweep", || {
            if self.mutates(Mutation::TimeApproves) {
                self.approve_what_waits()?;
            }
            block_on(self.inner.sweep())
        })
        .await
    }

    async fn raise_alert(
        &self,
        severity: Severity,
        code: &str,
        subject: &str,
        text: &str,
    ) -> Result<()> {
        if text.contains("panicked") {
            self.world.violation(format!("{subject}: {text}"));
        }
        plain!(self.raise_alert(severity, code, subject, text))
    }

    async fn close_alert(&self, code: &str, subject: &str) -> Result<()> {
        plain!(self.close_alert(code, subject))
    }
}

impl SimStore {
    /// The planted bug of [`Mutation::TimeApproves`]: nobody decides, and the witness is not told.
    fn approve_what_waits(&self) -> Result<()> {
        let queue = block_on(self.inner.review_queue(&PageRequest::first(1)))?;
        for row in queue.rows {
            if let Some(card) = block_on(self.inner.ticket_card(row.id))? {
                let decide = Decide {
                    ticket_id: row.id,
                    version: row.version,
                    content_hash: card.content_hash,
                    choice: Choice::Approve,
                    actor: "time".to_owned(),
                };
                let _ = block_on(self.inner.decide_ticket(&decide))?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl BellStore for SimStore {
    async fn change_seq(&self) -> Result<u64> {
        self.world.point(self.process).await;
        Ok(self.world.seq())
    }

    async fn changed_since(&self, seq: u64, patience: Span) -> Result<u64> {
        let now = self.world.rung(seq, patience).await;
        self.world.point(self.process).await;
        Ok(now)
    }
}

#[async_trait]
impl ReplayStore for SimStore {
    async fn decisions_behind(&self, subject: Subject) -> Result<Option<Vec<StoredDecision>>> {
        read!(self.decisions_behind(subject))
    }

    async fn decisions_since(
        &self,
        kind: DecisionKind,
        since: Timestamp,
        after: Option<(Timestamp, [u8; 16])>,
        limit: u32,
    ) -> Result<Vec<StoredDecision>> {
        read!(self.decisions_since(kind, since, after, limit))
    }

    async fn present_case(&self, task: TaskId) -> Result<Option<JudgeInputs>> {
        read!(self.present_case(task))
    }

    async fn policy_in_force(&self) -> Result<Option<Policy>> {
        read!(self.policy_in_force())
    }
}
