//! When one key or one number is not enough to approve.

use super::{Asks, PaymentAsked, TicketCard};
use crate::Safe;

/// How much of a ticket's id is typed.
const WORD: usize = 4;

impl TicketCard {
    /// Why one key is not enough: it touches something that cannot be taken back lightly. A sensitive topic is
    /// asked about also where nothing leaves the house: what hands learn there they do elsewhere.
    #[must_use]
    pub fn not_routine(&self) -> Option<&'static str> {
        let first = |reason: &Safe| {
            let words = reason.as_str().to_lowercase().replace('_', " ");
            words.contains("first post")
        };
        let real = !self.row.simulated;
        let post = match &self.asks {
            Asks::Post(post) => post,
            Asks::Payment(payment) => return payment_not_routine(payment),
        };
        if real && self.row.reasons.iter().any(first) {
            Some("the first live post of this persona on this platform")
        } else if !post.sensitive.is_empty() && real {
            Some("a sensitive topic, and it goes out for real")
        } else if !post.sensitive.is_empty() {
            Some("a sensitive topic")
        } else if real && post.send_cost.is_none() {
            Some("it goes out for real and nobody knows what sending costs")
        } else {
            None
        }
    }

    /// What is typed then: the end of the ticket's id, as it is shown.
    #[must_use]
    pub fn confirmation(&self) -> String {
        let id = self.row.id.to_string();
        id[id.len().saturating_sub(WORD)..].to_owned()
    }
}

/// Money that is gone is gone: only what costs nobody anything is approved by one key.
fn payment_not_routine(payment: &PaymentAsked) -> Option<&'static str> {
    if !payment.row.simulated {
        Some("real money, and it cannot be taken back")
    } else if payment.people > 1 {
        Some("a payment that two people approve")
    } else if payment.known == Some(0) {
        Some("the first payment to this address")
    } else {
        None
    }
}
