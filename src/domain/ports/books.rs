//! What the faces may ask of the books: what is left, what was spent on what, every entry, and why something was paid.

use async_trait::async_trait;

use super::Result;
use crate::{
    clock::Timestamp,
    views::{
        books::{Books, Budget},
        headroom::Headroom,
        journal::{Booked, BookedSubject, BooksEnd, WhyPaid},
    },
};

/// The most entries of one look.
pub const BOOKED_MAX: u32 = 1_000;

/// The store of whoever looks at money. It only reads.
#[async_trait]
pub trait BooksStore: Send + Sync {
    /// What is left of every cap, of one moment. Costs by what was spent in a day, however much ever was.
    async fn headroom(&self) -> Result<Headroom>;

    /// Both budgets in one overview, of one moment, with a period since then. Reads every intent and payment.
    async fn books(&self, since: Timestamp) -> Result<Books>;

    /// Where the two ledgers end now, and what the wallets should hold there: an export that ends there is of one moment,
    /// for entries are never changed.
    async fn books_end(&self) -> Result<BooksEnd>;

    /// Entries of one ledger after a place and up to another, by their places, at most [`BOOKED_MAX`].
    async fn booked(&self, budget: Budget, after: i64, up_to: i64) -> Result<Vec<Booked>>;

    /// Why something was paid; `None` for what is not there.
    async fn why_paid(&self, subject: BookedSubject) -> Result<Option<WhyPaid>>;
}
