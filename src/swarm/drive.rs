//! The loop a role runs in: step, then go on, wait for the bell, or back off.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc};

use chimera_domain::{
    Ambient, Span, StoreError,
    ports::{BellStore, RuntimeStore},
    views::Severity,
};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use crate::backoff;

/// How one step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something was done; look again at once.
    Progress,
    /// Nothing to do; wait for the bell.
    Idle,
    /// Only time brings work; wait, whatever the bell does.
    Rest,
}

/// What a step gives back.
pub(crate) type StepResult = Result<Step, StoreError>;

/// What every role is run with.
pub(crate) struct RoleContext {
    pub(crate) bell: Arc<dyn BellStore>,
    pub(crate) runtime: Arc<dyn RuntimeStore>,
    pub(crate) ambient: Ambient,
    pub(crate) idle: Span,
    pub(crate) stop: CancellationToken,
}

/// The alert of a role whose steps fail.
const FAILING: &str = "role_failing";
const ERROR_DELAY_MIN: Span = Span::from_millis(200);
const ERROR_DELAY_MAX: Span = Span::from_secs(30);

/// Runs a role's steps until the stop. A step that fails or panics is told loudly and tried again:
/// whatever a role knows is in the store, so that it can begin anew at any time.
pub(crate) async fn drive<F>(name: &str, context: RoleContext, step: impl Fn() -> F)
where
    F: Future<Output = StepResult>,
{
    let mut failures = 0;
    while !context.stop.is_cancelled() {
        // Read before the step, so that what happens during it is not slept through.
        let seq = context.bell.change_seq().await.unwrap_or(0);
        let stepped = AssertUnwindSafe(step()).catch_unwind().await;
        let stepped = stepped.unwrap_or_else(|panic| Err(broken(panic.as_ref())));
        if stepped.is_ok() && failures > 0 {
            failures = 0;
            // Told again should it fail again; that this was not kept changes nothing about the work.
            let _ = context.runtime.close_alert(FAILING, name).await;
        }
        match stepped {
            Ok(Step::Progress) => {}
            Ok(Step::Idle) => {
                until_stop(
                    &context.stop,
                    wait_for_bell(context.bell.as_ref(), seq, context.idle),
                )
                .await;
            }
            Ok(Step::Rest) => {
                until_stop(&context.stop, tokio::time::sleep(context.idle.to_std())).await;
            }
            Err(StoreError::Fenced { held, actual }) => {
                debug!(held, actual, "fenced off");
                return;
            }
            Err(problem) => {
                failures += 1;
                error!(
                    role = name,
                    failures,
                    error = &problem as &dyn std::error::Error,
                    "a step failed"
                );
                // The store may be the very thing that is broken: an alert that cannot be kept is in the log.
                let _ = context
                    .runtime
                    .raise_alert(Severity::Error, FAILING, name, &problem.to_string())
                    .await;
                let delay =
                    backoff::delay(&context.ambient, ERROR_DELAY_MIN, ERROR_DELAY_MAX, failures);
                until_stop(&context.stop, tokio::time::sleep(delay.to_std())).await;
            }
        }
    }
}

async fn wait_for_bell(bell: &dyn BellStore, seq: u64, patience: Span) {
    if bell.changed_since(seq, patience).await.is_err() {
        tokio::time::sleep(patience.to_std()).await;
    }
}

/// Waits for the future or the stop, whichever is first.
async fn until_stop(stop: &CancellationToken, future: impl Future<Output = ()>) {
    tokio::select! {
            biased;
        () = stop.cancelled() => {}
        () = future => {}
    }
}

/// A panic is a broken promise of ours, not the end of the role.
fn broken(panic: &(dyn Any + Send)) -> StoreError {
    let said = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    StoreError::Corrupt {
        what: format!("a step panicked: {}", said.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use chimera_domain::{
        ports::{Acquired, Lease, LeaseRequest, Recovery, Result, Setup, Swept},
        testing::ambient,
    };

    use super::*;

    /// A store that only remembers alerts.
    #[derive(Default)]
    struct Alerts(std::sync::Mutex<Vec<String>>);

    fn unused<T>() -> Result<T> {
        Err(StoreError::Corrupt {
            what: "not used here".into(),
        })
    }

    #[async_trait]
    impl BellStore for Alerts {
        async fn change_seq(&self) -> Result<u64> {
            Ok(0)
        }
        async fn changed_since(&self, _: u64, _: Span) -> Result<u64> {
            Ok(1)
        }
    }

    #[async_trait]
    impl RuntimeStore for Alerts {
        async fn acquire_lease(&self, _: &LeaseRequest) -> Result<Acquired> {
            unused()
        }
        async fn renew_lease(&self, _: &Lease, _: Span) -> Result<Lease> {
            unused()
        }
        async fn release_lease(&self, _: &Lease) -> Result<()> {
            unused()
        }
        async fn recover(&self, _: i64) -> Result<Recovery> {
            unused()
        }
        async fn install(&self, _: &Setup) -> Result<()> {
            unused()
        }
        async fn sweep(&self) -> Result<Swept> {
            unused()
        }
        async fn raise_alert(
            &self,
            _: Severity,
            code: &str,
            subject: &str,
            text: &str,
        ) -> Result<()> {
            self.0
                .lock()
                .unwrap()
                .push(format!("{code} {subject}: {text}"));
            Ok(())
        }
        async fn close_alert(&self, code: &str, subject: &str) -> Result<()> {
            self.0
                .lock()
                .unwrap()
                .push(format!("{code} {subject} is over"));
            Ok(())
        }
    }

    // R23, R149: a role whose step panics or fails is told about and goes on; it never ends in silence.
    #[tokio::test]
    async fn r149_a_role_outlives_its_broken_steps_and_says_so() {
        let alerts = Arc::new(Alerts::default());
        let stop = CancellationToken::new();
        let context = RoleContext {
            bell: alerts.clone(),
            runtime: alerts.clone(),
            ambient: ambient(1).0,
            idle: Span::ZERO,
            stop: stop.clone(),
        };
        let steps = AtomicU32::new(0);
        drive("judge", context, || async {
            match steps.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("a rule divided by zero"),
                1 => unused(),
                2 => Ok(Step::Idle),
                3 => Ok(Step::Rest),
                _ => {
                    stop.cancel();
                    Ok(Step::Progress)
                }
            }
        })
        .await;
        assert_eq!(steps.load(Ordering::SeqCst), 5);
        let said = alerts.0.lock().unwrap();
        assert_eq!(said.len(), 3);
        assert_eq!(said[2], "role_failing judge is over");
        assert!(
            said[0].contains("role_failing judge") && said[0].contains("a rule divided by zero")
        );
    }
}
