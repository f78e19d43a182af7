//! Another rule, tried on the past: what would have gone elsewhere, and what that would have meant.
//!
//! Each decision is made again for itself. That a different one before it would have changed what came
//! after (caps, duplicates, first posts) is not played out, and the output says so.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Timestamp,
    basis::StoredDecision,
    ports::{DecisionKind, ReplayStore},
    ticket::TicketState,
    verdict::Route,
};
use chimera_swarm::again::{COURSES, Change, Otherwise, ROUTES, TASKS_PER_PLAN, route_of};
use serde_json::{Value, json};

use super::each;
use crate::{
    cli::Replay,
    config,
    fault::{Fault, chain},
    out,
};

const DAY_MICROS: u64 = 86_400_000_000;
const NOTE: &str = "each decision for itself: what a different one would have changed later (caps, duplicates, first posts) is not played out, and spending is not tried";

/// Tries a rule.
///
/// # Errors
/// `Usage` when the rule is none.
pub(super) async fn run(
    store: &dyn ReplayStore,
    args: &Replay,
    since: Timestamp,
    json: bool,
) -> Result<(), Fault> {
    let change = change(args)?;
    let mut verdicts = Table::of(&ROUTES);
    let mut signals = Table::of(&COURSES);
    if change.is_about_verdicts() {
        each(store, DecisionKind::Verdict, since, |decision| {
            if let StoredDecision::Verdict(stored) = decision
                && let Ok(inputs) = &stored.inputs
            {
                let window = inputs.case.task.spec.confidence_window;
                change.window(window).map_err(Fault::Usage)?;
            }
            verdicts.take(decision, change.of(decision));
            Ok(())
        })
        .await?;
    }
    if change.is_about_relevance() {
        each(store, DecisionKind::Relevance, since, |decision| {
            signals.take(decision, change.of(decision));
            Ok(())
        })
        .await?;
    }
    let asked = Asked {
        since,
        verdicts: change.is_about_verdicts().then_some(verdicts),
        signals: change.is_about_relevance().then_some(signals),
    };
    if json {
        out::json(&asked.value());
    } else {
        asked.print(args.limit);
    }
    Ok(())
}

fn change(args: &Replay) -> Result<Change, Fault> {
    let mut change = Change::default();
    if let Some(file) = &args.policy {
        let policy = config::given::policy(file).map_err(|error| Fault::Usage(chain(&error)))?;
        change.policy = Some(policy);
    }
    for given in &args.threshold {
        let (name, score) = given.split_once('=').ok_or_else(|| {
            Fault::Usage(format!(
                "`{given}` is no threshold: write NAME=SCORE, as in auto_approve=0.86"
            ))
        })?;
        let score = Some(config::given::score(score).map_err(Fault::Usage)?);
        match name {
            "relevance" => change.relevance = score,
            "auto_approve" => change.auto_approve = score,
            "human_review" => change.human_review = score,
            _ => {
                return Err(Fault::Usage(format!(
                    "`{name}` is no threshold; there are relevance, auto_approve and human_review, and --policy FILE tries the rest"
                )));
            }
        }
    }
    Ok(change)
}

/// One decision that would have gone elsewhere.
struct Moved {
    name: String,
    from: &'static str,
    to: &'static str,
    why: String,
}

/// From where to where, over all decisions of one kind.
struct Table {
    routes: &'static [&'static str],
    cells: BTreeMap<(&'static str, &'static str), u64>,
    left_out: BTreeMap<String, u64>,
    moved: Vec<Moved>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// What persons refused, and the names of those that would have gone out by themselves.
    refused: u64,
    slipped: Vec<String>,
    /// What persons approved, and how many of these would have gone out without a question.
    approved: u64,
    spared: u64,
}

impl Table {
    fn of(routes: &'static [&'static str]) -> Self {
        Self {
            routes,
            cells: BTreeMap::new(),
            left_out: BTreeMap::new(),
            moved: Vec::new(),
            first: None,
            last: None,
            refused: 0,
            slipped: Vec::new(),
            approved: 0,
            spared: 0,
        }
    }

    fn take(&mut self, decision: &StoredDecision, otherwise: Result<Otherwise, String>) {
        let Otherwise { route: to, why } = match otherwise {
            Ok(otherwise) => otherwise,
            Err(why) => {
                *self.left_out.entry(why).or_default() += 1;
                return;
            }
        };
        let from = route_of(decision);
        *self.cells.entry((from, to)).or_default() += 1;
        self.first = self.first.or(Some(decision.at()));
        self.last = Some(decision.at());
        let name = decision.name();
        if let StoredDecision::Verdict(stored) = decision
            && let Some(ticket) = &stored.ticket
        {
            let by_itself = to == Route::Approve.as_str();
            match ticket.state {
                TicketState::Rejected => {
                    self.refused += 1;
                    if by_itself {
                        self.slipped.push(name.clone());
                    }
                }
                TicketState::Approved | TicketState::EditedApproved => {
                    self.approved += 1;
                    self.spared += u64::from(by_itself);
                }
                TicketState::Open
                | TicketState::Escalated
                | TicketState::Expired
                | TicketState::Superseded => {}
            }
        }
        if from != to {
            self.moved.push(Moved {
                name,
                from,
                to,
                why,
            });
        }
    }

    fn cell(&self, from: &'static str, to: &'static str) -> u64 {
        self.cells.get(&(from, to)).copied().unwrap_or(0)
    }

    /// How many went there, and how many would have.
    fn sums(&self, route: &'static str) -> (u64, u64) {
        let before = self.routes.iter().map(|to| self.cell(route, to)).sum();
        let after = self.routes.iter().map(|from| self.cell(from, route)).sum();
        (before, after)
    }

    fn compared(&self) -> u64 {
        self.cells.values().sum()
    }

    /// From the first to the last compared decision, and never less than a day: an hour says nothing
    /// about a day.
    fn micros(&self) -> u64 {
        let covered = self.first.zip(self.last);
        covered
            .map_or(0, |(first, last)| last.since(first).micros())
            .max(DAY_MICROS)
    }

    fn a_day(&self, count: u64) -> String {
        let tenths = u128::from(count) * 10 * u128::from(DAY_MICROS) / u128::from(self.micros());
        format!("{}.{}", tenths / 10, tenths % 10)
    }

    fn value(&self) -> Value {
        let matrix: BTreeMap<&str, BTreeMap<&str, u64>> = self
            .routes
            .iter()
            .map(|from| {
                let row = self.routes.iter().map(|to| (*to, self.cell(from, to)));
                (*from, row.collect())
            })
            .collect();
        let moved: Vec<Value> = self
            .moved
            .iter()
            .map(|m| json!({"decision": m.name, "from": m.from, "to": m.to, "why": m.why}))
            .collect();
        json!({"compared": self.compared(), "seconds": self.micros() / 1_000_000, "matrix": matrix, "changed": moved, "left_out": self.left_out})
    }
}

/// What was asked about, and what came of it.
struct Asked {
    since: Timestamp,
    verdicts: Option<Table>,
    signals: Option<Table>,
}

const REVIEW: &str = Route::HitlQueue.as_str();

impl Asked {
    fn value(&self) -> Value {
        let mut value = json!({"since": self.since.to_rfc3339(), "note": NOTE});
        let Some(fields) = value.as_object_mut() else {
            return value;
        };
        if let Some(table) = &self.verdicts {
            let (before, after) = table.sums(REVIEW);
            let mut told = table.value();
            if let Some(told) = told.as_object_mut() {
                told.insert("reviews".to_owned(), sums(table, before, after));
                told.insert(
                    "rejected_by_persons".to_owned(),
                    json!({"total": table.refused, "would_have_gone_out": table.slipped}),
                );
                told.insert(
                    "approved_by_persons".to_owned(),
                    json!({"total": table.approved, "would_not_have_been_asked": table.spared}),
                );
            }
            fields.insert("verdicts".to_owned(), told);
        }
        if let Some(table) = &self.signals {
            let (before, after) = table.sums(COURSES[0]);
            let mut told = table.value();
            if let Some(told) = told.as_object_mut() {
                told.insert("plans".to_owned(), sums(table, before, after));
                told.insert("tasks_per_plan".to_owned(), json!(TASKS_PER_PLAN));
            }
            fields.insert("signals".to_owned(), told);
        }
        value
    }

    fn print(&self, limit: usize) {
        let since = self.since.to_rfc3339_seconds();
        let compared = |table: &Option<Table>| {
            table
                .as_ref()
                .map_or(0, |t| t.compared() + t.left_out.values().sum::<u64>())
        };
        if compared(&self.verdicts) + compared(&self.signals) == 0 {
            out::line(format!("Nothing was decided since {since}."));
            return;
        }
        out::line(format!("tried on what was decided since {since}"));
        if let Some(table) = &self.signals {
            head("signals", table);
            let (before, after) = table.sums(COURSES[0]);
            let tasks = |plans: u64| table.a_day(plans.saturating_mul(TASKS_PER_PLAN));
            out::line(format!(
                "tasks      {} a day instead of {} ({after} plans instead of {before}, {TASKS_PER_PLAN} tasks each)",
                tasks(after),
                tasks(before)
            ));
            changed(table, limit);
        }
        if let Some(table) = &self.verdicts {
            head("verdicts", table);
            let (before, after) = table.sums(REVIEW);
            out::line(format!(
                "reviews    {} a day instead of {} ({after} instead of {before})",
                table.a_day(after),
                table.a_day(before)
            ));
            out::line(format!(
                "slipped    {} of {} that persons refused would have gone out by themselves",
                table.slipped.len(),
                table.refused
            ));
            for name in table.slipped.iter().take(limit) {
                out::line(format!("           {name}"));
            }
            out::line(format!(
                "spared     {} of {} that persons approved would not have been asked about",
                table.spared, table.approved
            ));
            changed(table, limit);
        }
        out::line(NOTE);
    }
}

fn sums(table: &Table, before: u64, after: u64) -> Value {
    json!({"before": before, "after": after, "before_a_day": table.a_day(before), "after_a_day": table.a_day(after)})
}

fn head(what: &str, table: &Table) {
    let tenths = table.micros() * 10 / DAY_MICROS;
    out::line(format!(
        "{what:10} {} compared, over {}.{} days",
        table.compared(),
        tenths / 10,
        tenths % 10
    ));
    for (why, n) in &table.left_out {
        out::line(format!("left out   {n}: {}", Safe::line(why)));
    }
    let titles: String = table.routes.iter().map(|to| format!("{to:>12}")).collect();
    out::line(format!("           {:12}{titles}", "from, to"));
    for from in table.routes {
        let cells: String = table
            .routes
            .iter()
            .map(|to| format!("{:>12}", table.cell(from, to)))
            .collect();
        out::line(format!("           {from:12}{cells}"));
    }
}

fn changed(table: &Table, limit: usize) {
    if table.moved.is_empty() {
        out::line("changed    nothing");
        return;
    }
    for moved in table.moved.iter().take(limit) {
        out::line(format!(
            "changed    {}  {} -> {}  {}",
            moved.name,
            moved.from,
            moved.to,
            Safe::line(&moved.why).cut(80)
        ));
    }
    if table.moved.len() > limit {
        let more = table.moved.len() - limit;
        out::line(format!("and {more} more; --limit or --json shows them"));
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        ContentHash, Score,
        basis::{StoredVerdict, TicketFate},
        ids::{TaskId, VerdictId},
        verdict::Verdict,
    };
    use uuid::Uuid;

    use super::*;

    fn verdict(n: u128, hour: i64, route: Route, ticket: Option<TicketState>) -> StoredDecision {
        let hash = ContentHash::of_bytes(b"x");
        StoredDecision::Verdict(Box::new(StoredVerdict {
            id: VerdictId::from_uuid(Uuid::from_u128(n)),
            at: Timestamp::from_micros(hour * 3_600_000_000),
            task: TaskId::from_uuid(Uuid::from_u128(n)),
            verdict: Verdict {
                route,
                confidence: None,
                worker_confidence: Score::ZERO,
                judge_confidence: None,
                checks: vec![],
                sensitive: vec![],
                sampled: false,
                models: vec![],
                redacted: vec![],
                made: vec![],
                looks: vec![],
                reasons: vec![],
                policy: hash,
                content_hash: hash,
                basis: None,
            },
            routed: route,
            inputs: Err("not needed".to_owned()),
            ticket: ticket.map(|state| TicketFate {
                state,
                by: None,
                class: None,
            }),
        }))
    }

    fn to(route: Route) -> Result<Otherwise, String> {
        Ok(Otherwise {
            route: route.as_str(),
            why: String::new(),
        })
    }

    // R187: what persons refused and would have gone out is named, what they approved is counted, and a
    // rate is over the time that was compared, never over less than a day.
    #[test]
    fn r187_slips_are_named_and_rates_are_over_the_time_compared() {
        use Route::{Approve, HitlQueue};
        let mut table = Table::of(&ROUTES);
        let refused = Some(TicketState::Rejected);
        let approved = Some(TicketState::Approved);
        table.take(&verdict(1, 0, HitlQueue, refused), to(Approve));
        assert_eq!(table.a_day(1), "1.0");
        table.take(&verdict(2, 12, HitlQueue, refused), to(HitlQueue));
        table.take(&verdict(3, 24, HitlQueue, approved), to(Approve));
        table.take(&verdict(4, 36, Approve, None), to(HitlQueue));
        table.take(&verdict(5, 48, HitlQueue, None), Err("gone".to_owned()));
        table.take(
            &verdict(6, 60, HitlQueue, Some(TicketState::Open)),
            to(Approve),
        );
        assert_eq!((table.refused, table.slipped.len()), (2, 1));
        assert_eq!(table.slipped[0], format!("vrd_{:032x}", 1));
        assert_eq!((table.approved, table.spared), (1, 1));
        assert_eq!((table.compared(), table.left_out["gone"]), (5, 1));
        assert_eq!(table.sums(REVIEW), (4, 2));
        // Two and a half days.
        assert_eq!(
            (table.a_day(4).as_str(), table.a_day(2).as_str()),
            ("1.6", "0.8")
        );
        assert_eq!(table.moved.len(), 4);
    }
}
