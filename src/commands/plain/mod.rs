//! `chimera review --plain`: the review queue as lines, for pipes, thin links and screen readers.
//!
//! One ticket at a time, numbered answers, nothing is ever redrawn. The same verbs and the same checks as in
//! the console: a decision names the id, version and content that were printed, and what is real and
//! cannot be taken back lightly asks for a typed word. `card.rs` says what is printed, `answers.rs`
//! where answers come from. No answer, no sense and no more input decide nothing.

mod answers;
mod card;

use chimera_domain::{
    Outcome, Safe, StateVersion, Timestamp,
    ids::TicketId,
    ports::Store,
    ticket::{Choice, Decide, Decided, RejectClass},
    views::{PAGE_MAX, PageRequest, TicketCard, TicketRow},
};

use self::answers::Answers;
use crate::{fault::Fault, machine, out};

/// What a person can answer to a ticket; the numbers are always the same.
const ANSWERS: [(&str, &str); 6] = [
    ("1", "approve"),
    ("2", "reject"),
    ("3", "skip"),
    ("4", "take the last decision back"),
    ("5", "say all that was checked"),
    ("6", "quit"),
];

/// What happens after a ticket.
enum Then {
    /// The next one.
    Next,
    /// The same one, read again.
    Again,
    /// Nothing more.
    Quit,
}

/// A decision that may be taken back for a while.
struct Last {
    ticket: TicketId,
    version: StateVersion,
    word: &'static str,
    until: Option<Timestamp>,
}

struct Session<'a> {
    store: &'a dyn Store,
    answers: Answers,
    zone: String,
    actor: String,
    skipped: Vec<TicketId>,
    last: Option<Last>,
    decided: u32,
}

/// Goes through the queue until it is empty, the person quits, or nothing more is typed.
///
/// # Errors
/// When the database cannot be read; a decision that came too late is told and is no error.
pub async fn run(store: &dyn Store, zone: &str) -> Result<(), Fault> {
    let mut session = Session {
        store,
        answers: Answers::from_standard_input()?,
        zone: zone.to_owned(),
        actor: machine::actor(),
        skipped: Vec::new(),
        last: None,
        decided: 0,
    };
    session.greet().await?;
    session.walk().await?;
    out::line(format!(
        "End of the review: {} decided, {} skipped.",
        session.decided,
        session.skipped.len()
    ));
    Ok(())
}

impl Session<'_> {
    async fn greet(&self) -> Result<(), Fault> {
        let overview = self.store.overview().await?;
        out::line(
            "Review, line by line. Answer with a number and Enter; nothing is decided without one.",
        );
        for halt in &overview.halts {
            out::line(format!(
                "Halted: {} by {}, {}",
                halt.what, halt.by.by, halt.by.why
            ));
        }
        Ok(())
    }

    async fn walk(&mut self) -> Result<(), Fault> {
        while let Some((ticket, waiting)) = self.next().await? {
            loop {
                let Some(card) = self.store.ticket_card(ticket).await? else {
                    break;
                };
                if !card.row.state.is_waiting() {
                    let how = card.decided.clone();
                    let how = how.unwrap_or_else(|| Safe::line(card.row.state.as_str()));
                    out::line(format!("This ticket does not wait any more: {how}"));
                    break;
                }
                match self.ask(&card, waiting).await? {
                    Then::Next => break,
                    Then::Again => {}
                    Then::Quit => return Ok(()),
                }
            }
        }
        Ok(())
    }

    /// The first ticket that waits and was not skipped, and how many wait.
    async fn next(&self) -> Result<Option<(TicketId, u64)>, Fault> {
        let mut page = PageRequest::first(PAGE_MAX);
        loop {
            let queue = self.store.review_queue(&page).await?;
            if queue.rows.is_empty() {
                out::line(match (queue.total, self.skipped.len()) {
                    (0, _) => "No ticket waits for a person.".to_owned(),
                    (_, skipped) => format!("Nothing else waits for you; {skipped} were skipped."),
                });
                return Ok(None);
            }
            let next = queue
                .rows
                .iter()
                .find(|row| !self.skipped.contains(&row.id) && !is_first(row, &self.actor));
            if let Some(row) = next {
                return Ok(Some((row.id, queue.total)));
            }
            page.offset = page.offset.saturating_add(PAGE_MAX);
        }
    }

    async fn ask(&mut self, card: &TicketCard, waiting: u64) -> Result<Then, Fault> {
        let now = self.store.overview().await?.at;
        for line in card::lines(card, now, waiting) {
            out::line(line);
        }
        for (number, answer) in ANSWERS {
            match (number, self.last.as_ref()) {
                ("4", None) => {}
                ("4", Some(last)) => out::line(format!("4 {answer} ({})", last.word)),
                _ => out::line(format!("{number} {answer}")),
            }
        }
        loop {
            let Some(answer) = self.answers.next("Answer, 1 to 6:").await? else {
                return Ok(Then::Quit);
            };
            match answer.as_str() {
                "1" => return self.approve(card).await,
                "2" => return self.reject(card).await,
                "3" => {
                    self.skipped.push(card.row.id);
                    return Ok(Then::Next);
                }
                "4" => {
                    self.take_back().await?;
                    return Ok(Then::Again);
                }
                "5" => {
                    for line in card::checks(card) {
                        out::line(line);
                    }
                }
                "6" => return Ok(Then::Quit),
                other => senseless(other),
            }
        }
    }

    async fn approve(&mut self, card: &TicketCard) -> Result<Then, Fault> {
        if let Some(why) = card.not_routine() {
            let word = card.confirmation();
            out::line(format!("One number is not enough: {why}."));
            let prompt = format!("Type {word} to approve, or an empty line to leave it:");
            let Some(typed) = self.answers.next(&prompt).await? else {
                return Ok(Then::Quit);
            };
            if typed != word {
                out::line("Not approved; nothing was decided.");
                return Ok(Then::Again);
            }
        }
        self.decide(card, Choice::Approve).await
    }

    async fn reject(&mut self, card: &TicketCard) -> Result<Then, Fault> {
        if card.payment().is_some() {
            // The classes say what is wrong with a post.
            let Some(note) = self
                .answers
                .next("Why it is not paid, or an empty line:")
                .await?
            else {
                return Ok(Then::Quit);
            };
            let class = RejectClass::Other;
            return self.decide(card, Choice::Reject { class, note }).await;
        }
        out::line("Why?");
        for (number, class) in (1..).zip(RejectClass::ALL) {
            out::line(format!("{number} {}", class.as_str().replace('_', " ")));
        }
        out::line("0 none of these: leave the ticket as it is");
        let Some(typed) = self.answers.next("Reason, 0 to 7:").await? else {
            return Ok(Then::Quit);
        };
        let chosen = typed.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let Some(class) = chosen.and_then(|at| RejectClass::ALL.get(at)) else {
            if typed != "0" {
                senseless(&typed);
            }
            out::line("Not rejected.");
            return Ok(Then::Again);
        };
        let Some(note) = self.answers.next("A note, or an empty line:").await? else {
            return Ok(Then::Quit);
        };
        let class = *class;
        self.decide(card, Choice::Reject { class, note }).await
    }

    /// Sends a decision on exactly what was printed.
    async fn decide(&mut self, card: &TicketCard, choice: Choice) -> Result<Then, Fault> {
        let decide = Decide {
            ticket_id: card.row.id,
            version: card.row.version,
            content_hash: card.content_hash,
            choice,
            actor: self.actor.clone(),
        };
        match self.store.decide_ticket(&decide).await? {
            Outcome::Done(decided, version) => {
                self.decided += 1;
                let waits = decided == Decided::FirstOfTwo;
                if let Some(told) = decided.revealed() {
                    out::line(format!("Done: {told}."));
                    self.last = None;
                    return Ok(Then::Next);
                }
                let (word, until) = match decided {
                    Decided::Held { until, .. } => ("approved", Some(until)),
                    Decided::PaymentHeld { until } => ("approved", Some(until)),
                    Decided::PaymentRejected => ("rejected", None),
                    Decided::FirstOfTwo => ("approved as the first of two", None),
                    Decided::Rejected => ("rejected", None),
                    // Not to be had here; the console and the verbs of `review` have them.
                    Decided::Edited { .. }
                    | Decided::ChangesRequested { .. }
                    | Decided::Escalated
                    | Decided::Snoozed { .. }
                    | Decided::Assigned
                    | Decided::Probe { .. } => ("answered", None),
                };
                out::line(match until {
                    Some(until) => format!(
                        "Approved. It is held until {} and can be taken back.",
                        until.clock_in(&self.zone)
                    ),
                    None if waits => {
                        "Approved as the first of two. Nothing goes out until another person approves it, too."
                            .to_owned()
                    }
                    None => format!("Done: {word}. Nothing goes out."),
                });
                self.last = Some(Last {
                    ticket: card.row.id,
                    version,
                    word,
                    until,
                });
            }
            Outcome::Conflict(conflict) => {
                out::line(format!(
                    "Your decision did not count: {}.",
                    Safe::line(&conflict.to_string())
                ));
            }
            Outcome::NotFound => out::line("Your decision did not count: there is no such ticket."),
        }
        Ok(Then::Next)
    }

    async fn take_back(&mut self) -> Result<(), Fault> {
        let Some(last) = self.last.take() else {
            out::line("There is no decision to take back.");
            return Ok(());
        };
        let now = self.store.overview().await?.at;
        if last.until.is_some_and(|until| until <= now) {
            out::line("Too late: it is on its way.");
            return Ok(());
        }
        let undone = self
            .store
            .undo_decision(last.ticket, last.version, &self.actor);
        out::line(match undone.await? {
            Outcome::Done((), _) => {
                self.decided = self.decided.saturating_sub(1);
                "Taken back: that ticket is open again.".to_owned()
            }
            Outcome::Conflict(conflict) => {
                format!("Not taken back: {}.", Safe::line(&conflict.to_string()))
            }
            Outcome::NotFound => "Not taken back: there is no such ticket.".to_owned(),
        });
        Ok(())
    }
}

/// Whether this actor approved it already: then it waits for somebody else.
fn is_first(row: &TicketRow, actor: &str) -> bool {
    row.first.as_ref().is_some_and(|first| first.is_by(actor))
}

fn senseless(typed: &str) {
    out::line(format!(
        "`{}` is no answer here; nothing was decided.",
        Safe::line(typed).cut(40)
    ));
}
