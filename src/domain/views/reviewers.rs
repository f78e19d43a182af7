//! What each reviewer did, told from the lines of the audit and from the tickets they decided.
//!
//! Pure: lines in, rows out. A person is the name before the machine, as everywhere in review. What is not kept is
//! no number: a share of nothing and a median of nothing are `None`.

use std::collections::BTreeMap;

use super::{Quantiles, objectives::time};
use crate::{Safe, ids::TicketId, second::person_of, ticket::TicketState};

/// What somebody did with a ticket, as one line of the audit says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Approved as the first of two.
    First,
    /// Answered: where the ticket stands after.
    Answered(TicketState),
    /// Took the last answer, or the first approval, back.
    TookBack,
    /// Left it waiting: escalated, put off or given away.
    PutOff,
}

/// One of these lines, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActLine {
    /// The ticket.
    pub ticket: TicketId,
    /// Who.
    pub actor: String,
    /// What.
    pub act: Act,
}

/// A decision that stands, with the times that are kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedTimes {
    /// Who decided.
    pub actor: String,
    /// How long they had it on screen before, in microseconds; `None` where no screen showed it.
    pub looked_us: Option<u64>,
    /// How long it had waited since it was opened, in microseconds.
    pub waited_us: u64,
}

/// What one person did in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewerRow {
    /// The name.
    pub who: Safe,
    /// Approved, as the first of two or alone, or as they wrote it.
    pub approved: u64,
    /// Refused, or sent back with notes.
    pub rejected: u64,
    /// Left waiting: escalated, put off or given away.
    pub put_off: u64,
    /// Of their answers, those that were taken back, by whomever.
    pub reversed: u64,
    /// How long a ticket was on screen before they decided it; only where a screen showed it.
    pub looked: Option<Quantiles>,
    /// How long a ticket had waited when they decided it.
    pub waited: Option<Quantiles>,
    /// Tickets that wait and are given to them now.
    pub given: u64,
}

impl ReviewerRow {
    /// How many answers they gave.
    #[must_use]
    pub const fn answers(&self) -> u64 {
        self.approved.saturating_add(self.rejected)
    }

    /// Of their answers so many in a hundred were approvals; `None` without answers.
    #[must_use]
    pub fn approved_percent(&self) -> Option<u64> {
        percent(self.approved, self.answers())
    }

    /// Of their answers so many in a hundred were taken back; `None` without answers.
    #[must_use]
    pub fn reversed_percent(&self) -> Option<u64> {
        percent(self.reversed, self.answers())
    }
}

impl std::fmt::Display for ReviewerRow {
    /// Everything in a line, each share and median with how many it is of.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.who)?;
        let n = self.answers();
        match (self.approved_percent(), self.reversed_percent()) {
            (Some(approved), Some(reversed)) => write!(
                f,
                "{n} answers, {approved} % approved, {} taken back ({reversed} %)",
                self.reversed
            )?,
            (_, _) => f.write_str("no answers (n = 0)")?,
        }
        for (what, times) in [("on screen", self.looked), ("waited", self.waited)] {
            match times {
                Some(q) => write!(f, ", {what} median {} (n = {})", time(q.p50_us), q.n)?,
                None if n > 0 => write!(f, ", {what} no times kept (n = 0)")?,
                None => {}
            }
        }
        if self.put_off > 0 {
            write!(f, ", {} left waiting", self.put_off)?;
        }
        if self.given > 0 {
            write!(f, ", {} waiting are given to them", self.given)?;
        }
        Ok(())
    }
}

pub(super) fn percent(part: u64, all: u64) -> Option<u64> {
    part.saturating_mul(100).checked_div(all)
}

/// The people of a window, who answered most first; who has only been given tickets comes last.
#[must_use]
pub fn reviewers(
    lines: &[ActLine],
    times: &[DecidedTimes],
    given: &[(String, u64)],
) -> Vec<ReviewerRow> {
    let mut people: BTreeMap<&str, ReviewerRow> = BTreeMap::new();
    // Whose answer on a ticket stands: that is what a taking back takes back.
    let mut stands: BTreeMap<TicketId, &str> = BTreeMap::new();
    for line in lines {
        let who = person_of(&line.actor);
        match line.act {
            Act::First => {
                row(&mut people, who).approved += 1;
                stands.insert(line.ticket, who);
            }
            Act::Answered(state) => {
                let row = row(&mut people, who);
                if state.is_approved() {
                    row.approved += 1;
                } else {
                    row.rejected += 1;
                }
                stands.insert(line.ticket, who);
            }
            Act::PutOff => row(&mut people, who).put_off += 1,
            // One from before the window is no answer of the window.
            Act::TookBack => {
                if let Some(whose) = stands.remove(&line.ticket) {
                    row(&mut people, whose).reversed += 1;
                }
            }
        }
    }
    let mut looked: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    let mut waited: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for time in times {
        let who = person_of(&time.actor);
        looked.entry(who).or_default().extend(time.looked_us);
        waited.entry(who).or_default().push(time.waited_us);
    }
    for (who, n) in given {
        row(&mut people, person_of(who)).given += n;
    }
    for (who, row) in &mut people {
        row.looked = looked.remove(who).and_then(Quantiles::of);
        row.waited = waited.remove(who).and_then(Quantiles::of);
    }
    let mut rows: Vec<ReviewerRow> = people.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.answers()));
    rows
}

fn row<'m, 'a>(
    people: &'m mut BTreeMap<&'a str, ReviewerRow>,
    who: &'a str,
) -> &'m mut ReviewerRow {
    people.entry(who).or_insert_with(|| ReviewerRow {
        who: Safe::line(who),
        approved: 0,
        rejected: 0,
        put_off: 0,
        reversed: 0,
        looked: None,
        waited: None,
        given: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::uuid_of;

    fn line(ticket: u128, actor: &str, act: Act) -> ActLine {
        ActLine {
            ticket: TicketId::from_uuid(uuid_of(ticket)),
            actor: actor.into(),
            act,
        }
    }

    // R79: answers, shares and reversals belong to the person who answered, at whatever machine and whoever took it
    // back; medians come from the samples there are, and nobody has a share of nothing.
    #[test]
    fn r79_figures_belong_to_the_person_who_answered() {
        let rows = reviewers(
            &[
                line(9, "mia", Act::TookBack),
                line(1, "ana@one", Act::Answered(TicketState::Approved)),
                line(2, "ana@two", Act::First),
                line(3, "ana@one", Act::Answered(TicketState::Rejected)),
                line(1, "ben@one", Act::TookBack),
                line(1, "ben@one", Act::Answered(TicketState::EditedApproved)),
                line(1, "ben@one", Act::PutOff),
            ],
            &[
                DecidedTimes {
                    actor: "ana@one".into(),
                    looked_us: Some(4),
                    waited_us: 100,
                },
                DecidedTimes {
                    actor: "ana@two".into(),
                    looked_us: None,
                    waited_us: 300,
                },
            ],
            &[("cem".into(), 2)],
        );
        let told: Vec<_> = rows
            .iter()
            .map(|r| {
                (
                    r.who.as_str(),
                    r.approved,
                    r.rejected,
                    r.put_off,
                    r.reversed,
                    r.given,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("ana", 2, 1, 0, 1, 0),
                ("ben", 1, 0, 1, 0, 0),
                ("cem", 0, 0, 0, 0, 2)
            ]
        );
        let ana = &rows[0];
        assert_eq!(
            (ana.approved_percent(), ana.reversed_percent()),
            (Some(66), Some(33))
        );
        let of = |q: Option<Quantiles>| q.map(|q| (q.n, q.p50_us));
        assert_eq!(
            (of(ana.looked), of(ana.waited)),
            (Some((1, 4)), Some((2, 100)))
        );
        let cem = &rows[2];
        assert_eq!((cem.approved_percent(), of(cem.waited)), (None, None));
        let said: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "ana: 3 answers, 66 % approved, 1 taken back (33 %), on screen median 1 ms (n = 1), waited median 1 ms (n = 2)",
                "ben: 1 answers, 100 % approved, 0 taken back (0 %), on screen no times kept (n = 0), waited no times kept (n = 0), 1 left waiting",
                "cem: no answers (n = 0), 2 waiting are given to them",
            ]
        );
    }
}
