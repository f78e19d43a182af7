//! What the faces ask of the books. Nothing here writes.
//!
//! `headroom.rs` is what is left of every cap, `overview.rs` both budgets summed, `entries.rs` the lines of both ledgers,
//! `why.rs` what led to one of them.

mod entries;
mod headroom;
mod overview;
mod why;

#[cfg(test)]
pub(super) use headroom::{GONE, PACE, TOOLS};

use std::collections::HashMap;

use async_trait::async_trait;
use chimera_domain::{
    Safe, Timestamp,
    cfo::PaymentPolicy,
    chain::Asset,
    ids::{AgentId, CampaignId},
    ports::{BooksStore, Result},
    views::{
        books::{Books, Budget},
        headroom::Headroom,
        journal::{Booked, BookedSubject, BooksEnd, WhyPaid},
    },
};

use super::{
    SqliteStore,
    db::{Db, Verb},
    rows::Cells,
};

#[async_trait]
impl BooksStore for SqliteStore {
    async fn headroom(&self) -> Result<Headroom> {
        self.read("read what is left", headroom::read).await
    }

    async fn books(&self, since: Timestamp) -> Result<Books> {
        self.read("read the books", move |db| overview::read(db, since))
            .await
    }

    async fn books_end(&self) -> Result<BooksEnd> {
        self.read("find the end of the books", entries::end).await
    }

    async fn booked(&self, budget: Budget, after: i64, up_to: i64) -> Result<Vec<Booked>> {
        self.read("read entries", move |db| match budget {
            Budget::Tools => entries::tools(db, after, up_to),
            Budget::Payments => entries::payments(db, after, up_to),
        })
        .await
    }

    async fn why_paid(&self, subject: BookedSubject) -> Result<Option<WhyPaid>> {
        self.read("find why something was paid", move |db| {
            why::read(db, subject)
        })
        .await
    }
}

/// What agents are called.
fn slugs(db: &Db<'_>) -> Verb<HashMap<AgentId, Safe>> {
    let found = db.all("SELECT agent_id, slug FROM agents", [], |row| {
        Ok((row.id("agent_id")?, row.line("slug")?))
    })?;
    Ok(found.into_iter().collect())
}

/// What campaigns are called.
fn campaigns(db: &Db<'_>) -> Verb<HashMap<CampaignId, Safe>> {
    let found = db.all("SELECT campaign_id, name FROM campaigns", [], |row| {
        Ok((row.id("campaign_id")?, row.line("name")?))
    })?;
    Ok(found.into_iter().collect())
}

/// What the policy in force says of assets. Of one that is not in it any more nothing is known.
struct Assets(Option<PaymentPolicy>);

impl Assets {
    fn read(db: &Db<'_>) -> Verb<Self> {
        Ok(Self(db.policy()?.and_then(|policy| policy.payments)))
    }

    fn of(&self, name: &str) -> Option<&Asset> {
        self.0.as_ref()?.asset(name)
    }

    fn decimals(&self, name: &str) -> Option<u8> {
        self.of(name).map(|asset| asset.decimals)
    }

    /// Whether it is known to be on a chain where nothing is worth anything.
    fn is_simulated(&self, name: &str) -> bool {
        let chain = self.of(name).map(|asset| &asset.chain);
        let chain = chain.and_then(|chain| self.0.as_ref()?.chain(chain));
        chain.is_some_and(|chain| !chain.real)
    }
}
