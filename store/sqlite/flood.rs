//! When many tickets wait: an alert that says which rule most of them are asked for.

use std::collections::BTreeMap;

use chimera_domain::{verdict::Verdict, views::Severity};

use super::{
    db::{Counted, Db, Verb},
    rows::Cells,
};

/// The alert.
const CODE: &str = "review_flooded";
/// What it is about: there is one queue.
const QUEUE: &str = "review";
/// So many waiting tickets are too many.
const MANY: i64 = 50;
/// It is over when so few wait; lower, so that it does not come and go with every ticket.
const FEW: i64 = 40;
/// So many of the waiting are looked at for the rule, the newest.
const LOOKED_AT: u32 = 500;

impl Db<'_> {
    /// One more ticket waits. Told in the transaction that makes it the fiftieth.
    pub(crate) fn tell_flood(&self) -> Verb<()> {
        let waiting = self.waiting_tickets()?;
        if waiting < MANY || self.tells_flood()? {
            return Ok(());
        }
        let mut rules: BTreeMap<String, usize> = BTreeMap::new();
        let asked = self.all(
            "SELECT v.doc FROM tickets k JOIN verdicts v ON v.verdict_id = k.verdict_id
             WHERE k.state IN ('open', 'escalated') ORDER BY k.created_at DESC LIMIT ?1",
            [LOOKED_AT],
            |row| Ok(row.doc::<Verdict>("doc")?.rule()),
        )?;
        let looked_at = asked.len();
        for rule in asked {
            *rules.entry(rule).or_default() += 1;
        }
        let most = rules.iter().max_by_key(|(_, n)| **n);
        let cause = most.map_or_else(String::new, |(rule, n)| {
            format!("; {n} of the newest {looked_at} are asked for by: {rule}")
        });
        let text = format!(
            "{waiting} tickets wait{cause}. Decide what is alike at once, or look at that rule in budget.yaml"
        );
        self.alert(Severity::Warning, CODE, QUEUE, &text)
    }

    /// Whether it has become quiet again; the alert ends with it.
    pub(crate) fn end_flood(&self) -> Verb<()> {
        if self.tells_flood()? && self.waiting_tickets()? <= FEW {
            self.close_alert(CODE, QUEUE)?;
        }
        Ok(())
    }

    fn waiting_tickets(&self) -> Verb<i64> {
        self.census(Counted::Ticket, &["open", "escalated"])
    }

    fn tells_flood(&self) -> Verb<bool> {
        let open = "SELECT EXISTS (SELECT 1 FROM alerts WHERE code = ?1 AND closed_at IS NULL)";
        Ok(self.number(open, [CODE])? == 1)
    }
}
