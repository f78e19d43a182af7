//! The books, passed on as they are.

use async_trait::async_trait;
use chimera_domain::{
    Timestamp,
    ports::{BooksStore, Result},
    views::{
        books::{Books, Budget},
        headroom::Headroom,
        journal::{Booked, BookedSubject, BooksEnd, WhyPaid},
    },
};

use super::{SimStore, block_on};

#[async_trait]
impl BooksStore for SimStore {
    async fn headroom(&self) -> Result<Headroom> {
        read!(self.headroom())
    }

    async fn books(&self, since: Timestamp) -> Result<Books> {
        read!(self.books(since))
    }

    async fn books_end(&self) -> Result<BooksEnd> {
        read!(self.books_end())
    }

    async fn booked(&self, budget: Budget, after: i64, up_to: i64) -> Result<Vec<Booked>> {
        read!(self.booked(budget, after, up_to))
    }

    async fn why_paid(&self, subject: BookedSubject) -> Result<Option<WhyPaid>> {
        read!(self.why_paid(subject))
    }
}
