//! The same roles one after the other, in one order: what a run gives depends on the clock, the ids and
//! what is read, and on nothing else. For replays; a swarm that works runs them side by side.

use chimera_domain::{StoreError, ports::Lease};

use tokio_util::sync::CancellationToken;

use crate::{Error, Swarm, drive::Step, runtime::Role};

/// A swarm that moves only when told to.
pub struct Lockstep {
    roles: Vec<Role>,
}

impl std::fmt::Debug for Lockstep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lockstep").finish_non_exhaustive()
    }
}

impl Swarm {
    /// Puts in order what was left over, and stands ready under a lease that nobody renews.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn lockstep(self, lease: &Lease) -> Result<Lockstep, Error> {
        self.store
            .recover(lease.fence)
            .await
            .map_err(Error::Store)?;
        let roles = self
            .roles(lease.fence, &CancellationToken::new())
            .into_iter();
        Ok(Lockstep {
            roles: roles.map(|(_, role)| role).collect(),
        })
    }
}

impl Lockstep {
    /// Reads every resource that is due, once; how many were.
    ///
    /// # Errors
    /// When the store cannot be used. A resource that cannot be read is none: it is stored as that.
    pub async fn perceive(&self) -> Result<usize, StoreError> {
        let mut read = 0;
        for role in &self.roles {
            if let Role::Perceiver(perceiver) = role {
                read += perceiver.in_turn().await?;
            }
        }
        Ok(read)
    }

    /// Lets the other roles work until none of them finds anything to do at this moment.
    ///
    /// # Errors
    /// The first error of a step; nothing is tried again.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let mut moved = true;
        while moved {
            moved = false;
            for role in &self.roles {
                if matches!(role, Role::Perceiver(_)) {
                    continue;
                }
                while role.step().await? == Step::Progress {
                    moved = true;
                }
            }
        }
        Ok(())
    }
}
