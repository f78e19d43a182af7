//! Money set aside and spent: caps, intent and entries move in one transaction or not at all.
//!
//! `caps.rs` says what counts against a day, `ledger.rs` posts entries and checks them all.

mod caps;
mod ledger;

use async_trait::async_trait;
use chimera_domain::{
    Span, Usd,
    halt::Act,
    ids::{AgentId, CampaignId, IntentId, TaskId, TraceId},
    policy::BudgetPolicy,
    ports::{Result, SpendStore},
    spend::{Account, BudgetCategory, IntentState, Limit, Reservation, SpendRequest},
    task::Task,
    views::Severity,
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{AuditLine, Db, Fault, Verb},
    rows::{Cells, json},
};

use ledger::post;

#[cfg(test)]
pub(super) use caps::DAY_SPENT;
use caps::TASK;
pub(super) use caps::{AGENT_DAY, CAMPAIGN, Spender, day_spent, day_starts, day_use, limits};

/// The alert of an outcome nobody knows.
const UNCERTAIN: &str = "spend_uncertain";

#[async_trait]
impl SpendStore for SqliteStore {
    async fn reserve(&self, request: &SpendRequest, policy: &BudgetPolicy) -> Result<Reservation> {
        let (request, zone, cap) = (
            request.clone(),
            policy.zone.clone(),
            policy.agent_day_usd_max,
        );
        self.write("reserve money", move |db| reserve(db, &request, &zone, cap))
            .await
    }

    async fn settle(&self, intent: IntentId, actual: Usd) -> Result<()> {
        self.write("settle a reservation", move |db| settle(db, intent, actual))
            .await
    }

    async fn void(&self, intent: IntentId, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write("release a reservation", move |db| void(db, intent, &why))
            .await
    }

    async fn doubt(&self, intent: IntentId, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write("doubt a reservation", move |db| doubt(db, intent, &why))
            .await
    }

    async fn funds(&self, task: &Task, policy: &BudgetPolicy) -> Result<Vec<Limit>> {
        let (zone, cap) = (policy.zone.clone(), policy.agent_day_usd_max);
        let spender = Spender {
            agent: task.agent_id,
            campaign: task.campaign_id,
            task: task.id,
            task_cap: task.spec.budget_usd_max,
        };
        self.read("read what is left", move |db| {
            let (limits, _) = limits(db, &spender, (&zone, cap), Usd::ZERO)?;
            Ok(limits.to_vec())
        })
        .await
    }

    async fn verify_ledger(&self) -> Result<u64> {
        self.read_at_length("check the ledger", ledger::verify)
            .await
    }
}

fn reserve(db: &Db<'_>, request: &SpendRequest, zone: &str, day_cap: Usd) -> Verb<Reservation> {
    if request.estimate < Usd::ZERO {
        return Err(Fault::refused("an estimate below nothing"));
    }
    let known: Option<IntentId> = db.one(
        "SELECT intent_id FROM spend_intents WHERE key = ?1 AND state IN ('pending', 'posted', 'uncertain')",
        [&request.key],
        |row| row.id("intent_id"),
    )?;
    if let Some(intent) = known {
        return Ok(Reservation::Reserved(intent));
    }
    if let Some(halted) = halted(db, request)? {
        return Ok(halted);
    }
    let spender = Spender {
        agent: request.agent_id,
        campaign: request.campaign_id,
        task: request.task_id,
        task_cap: request.task_cap,
    };
    let (limits, day) = limits(db, &spender, (zone, day_cap), request.estimate)?;
    match Limit::binding(&limits, request.estimate) {
        Some(binding) => {
            let why = binding.refusal(request.estimate);
            record(db, request, IntentState::Refused, &why, Some(&limits))?;
            let limit = binding.limit.as_str();
            let subject = match limit {
                TASK => request.task_id.to_string(),
                CAMPAIGN => request.campaign_id.to_string(),
                _ => request.agent_id.to_string(),
            };
            let text = format!("{} was refused by {why}", request.memo);
            db.alert(Severity::Warning, "spend_refused", &subject, &text)?;
            Ok(Reservation::Refused {
                limit: limit.to_owned(),
                cap: binding.cap,
                used: binding.used,
                // Only a day ends by itself.
                frees_at: day.frees_at.filter(|_| limit == AGENT_DAY),
            })
        }
        None => {
            let intent = record(db, request, IntentState::Pending, "", Some(&limits))?;
            post(
                db,
                &intent,
                Account::Reserved,
                Account::Budget,
                request.estimate,
            )?;
            recount(db, &intent, request.estimate.micros())?;
            let used = day.used.checked_add(request.estimate).unwrap_or(day_cap);
            db.tell_day_of_tools(request.agent_id, zone, day_cap, used)?;
            Ok(Reservation::Reserved(intent.id))
        }
    }
}

/// Nothing is set aside for what is halted; that it was refused is written down.
fn halted(db: &Db<'_>, request: &SpendRequest) -> Verb<Option<Reservation>> {
    let (agent, campaign) = (request.agent_id, request.campaign_id);
    let mut halt = db.stopped_by(Act::Spend, agent, campaign, None)?;
    if halt.is_none() && request.category == BudgetCategory::Publishing {
        halt = db.stopped_by(Act::Publish, agent, campaign, None)?;
    }
    let Some(halt) = halt else { return Ok(None) };
    let at = halt.at.to_rfc3339_seconds();
    let why = format!("{} by {} at {at}", halt.words(), halt.by);
    // Whose word that was is in the audit; no limit was looked at.
    record(db, request, IntentState::Refused, &why, None)?;
    let scope = halt.scope.kind();
    Ok(Some(Reservation::Halted { scope, why }))
}

struct Intent {
    id: IntentId,
    state: IntentState,
    estimate: Usd,
    actual: Option<Usd>,
    simulated: bool,
    agent: AgentId,
    task: TaskId,
    campaign: CampaignId,
    trace: TraceId,
}

/// Writes the intent. A retry that comes with the id of a refused or released one gets its own.
fn record(
    db: &Db<'_>,
    request: &SpendRequest,
    state: IntentState,
    why: &str,
    limits: Option<&[Limit]>,
) -> Verb<Intent> {
    let taken = db.number(
        "SELECT EXISTS (SELECT 1 FROM spend_intents WHERE intent_id = ?1)",
        [request.intent_id.as_bytes()],
    )? == 1;
    let intent = Intent {
        id: if taken {
            IntentId::from_uuid(db.ambient.fresh())
        } else {
            request.intent_id
        },
        state,
        estimate: request.estimate,
        actual: None,
        simulated: request.simulated,
        agent: request.agent_id,
        task: request.task_id,
        campaign: request.campaign_id,
        trace: request.trace_id,
    };
    let counted = if state.counts() {
        request.estimate
    } else {
        Usd::ZERO
    };
    db.exec_one(
        "INSERT INTO spend_intents (intent_id, key, state, agent_id, campaign_id, task_id, trace_id, category,
           memo, search, estimate, counted, counted_at, why, simulated, at, limits)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?13, ?16)",
        params![
            intent.id.as_bytes(),
            request.key,
            state.as_str(),
            request.agent_id.as_bytes(),
            request.campaign_id.as_bytes(),
            request.task_id.as_bytes(),
            request.trace_id.as_bytes(),
            request.category.as_str(),
            request.memo,
            format!("{} {}", request.memo, request.category).to_lowercase(),
            request.estimate.micros(),
            counted.micros(),
            db.now.micros(),
            why,
            request.simulated,
            limits.map(|limits| json(&limits)).transpose()?,
        ],
    )?;
    trail(db, &intent, "", state, why)?;
    Ok(intent)
}

fn trail(db: &Db<'_>, intent: &Intent, from: &str, to: IntentState, why: &str) -> Verb<()> {
    db.audit(&AuditLine {
        actor: "cfo",
        subject: intent.id.to_string(),
        verb: "move_intent",
        from,
        to: to.as_str(),
        trace: Some(intent.trace),
        note: why,
        ..AuditLine::default()
    })
}

/// Changes what counts against the campaign and the task.
fn recount(db: &Db<'_>, intent: &Intent, by: i64) -> Verb<()> {
    db.exec_one(
        "UPDATE campaigns SET counted = counted + ?2, counted_simulated = counted_simulated + ?3
         WHERE campaign_id = ?1",
        params![
            intent.campaign.as_bytes(),
            by,
            if intent.simulated { by } else { 0 }
        ],
    )?;
    db.exec_one(
        "UPDATE tasks SET counted = counted + ?2 WHERE task_id = ?1",
        params![intent.task.as_bytes(), by],
    )
}

fn intent(db: &Db<'_>, id: IntentId) -> Verb<Intent> {
    db.one(
        "SELECT * FROM spend_intents WHERE intent_id = ?1",
        [id.as_bytes()],
        |row| {
            Ok(Intent {
                id,
                state: row.word("state")?,
                estimate: row.usd("estimate")?,
                actual: row.get::<_, Option<i64>>("actual")?.map(Usd::from_micros),
                simulated: row.flag("simulated")?,
                agent: row.id("agent_id")?,
                task: row.id("task_id")?,
                campaign: row.id("campaign_id")?,
                trace: row.id("trace_id")?,
            })
        },
    )?
    .ok_or_else(|| Fault::refused(format!("there is no {id}")))
}

fn shift(
    db: &Db<'_>,
    intent: &Intent,
    to: IntentState,
    actual: Option<Usd>,
    counted: Usd,
    why: &str,
) -> Verb<()> {
    db.exec_one(
        "UPDATE spend_intents SET state = ?2, actual = ?3, counted = ?4, counted_at = ?5, why = ?6
         WHERE intent_id = ?1",
        params![
            intent.id.as_bytes(),
            to.as_str(),
            actual.map(Usd::micros),
            counted.micros(),
            db.now.micros(),
            why,
        ],
    )?;
    trail(db, intent, intent.state.as_str(), to, why)?;
    if to != IntentState::Uncertain {
        db.close_alert(UNCERTAIN, &intent.id.to_string())?;
    }
    Ok(())
}

fn settle(db: &Db<'_>, id: IntentId, actual: Usd) -> Verb<()> {
    if actual < Usd::ZERO {
        return Err(Fault::refused("a cost below nothing"));
    }
    let intent = intent(db, id)?;
    if intent.state == IntentState::Posted {
        return match intent.actual {
            Some(posted) if posted != actual => Err(Fault::refused(format!(
                "{id} is settled at {posted} USD already"
            ))),
            Some(_) | None => Ok(()),
        };
    }
    shift(db, &intent, IntentState::Posted, Some(actual), actual, "")?;
    let (within, rest) = (actual.min(intent.estimate), minus(intent.estimate, actual));
    post(db, &intent, Account::Expense, Account::Reserved, within)?;
    post(db, &intent, Account::Budget, Account::Reserved, rest)?;
    let over = minus(actual, intent.estimate);
    post(db, &intent, Account::Expense, Account::Budget, over)?;
    if over.is_positive() {
        let text = format!(
            "a call cost {actual}, reserved were {}: its price is out of date",
            intent.estimate
        );
        db.alert(
            Severity::Warning,
            "spend_overrun",
            &intent.task.to_string(),
            &text,
        )?;
        // What was not set aside was held against no cap.
        db.look_at_day_of_tools(intent.agent)?;
    }
    recount(
        db,
        &intent,
        actual.micros().saturating_sub(intent.estimate.micros()),
    )
}

fn minus(a: Usd, b: Usd) -> Usd {
    a.checked_sub(b).unwrap_or(Usd::ZERO)
}

fn void(db: &Db<'_>, id: IntentId, why: &str) -> Verb<()> {
    let intent = intent(db, id)?;
    if intent.state == IntentState::Voided {
        return Ok(());
    }
    shift(db, &intent, IntentState::Voided, None, Usd::ZERO, why)?;
    post(
        db,
        &intent,
        Account::Budget,
        Account::Reserved,
        intent.estimate,
    )?;
    recount(db, &intent, intent.estimate.micros().saturating_neg())
}

impl Db<'_> {
    /// Whoever made the paid calls of this task is gone: nobody knows whether they were made.
    pub(super) fn doubt_pending(&self, task: TaskId, why: &str) -> Verb<()> {
        for id in self.intents(task, "state = 'pending'")? {
            doubt(self, id, why)?;
        }
        Ok(())
    }

    /// What was reserved so long ago that no call is under way for it any more, and its task is not being
    /// worked on: whoever reserved it lost its claim before it could book.
    pub(super) fn doubt_forgotten(&self) -> Verb<()> {
        let forgotten: Vec<IntentId> = self.all(
            "SELECT i.intent_id FROM spend_intents i JOIN tasks t ON t.task_id = i.task_id
             WHERE i.state = 'pending' AND i.at <= ?1 AND t.state NOT IN ('claimed', 'publishing')",
            [self.now.minus(FORGOTTEN).micros()],
            |row| row.id("intent_id"),
        )?;
        for id in forgotten {
            doubt(self, id, "whoever reserved it is gone")?;
        }
        Ok(())
    }

    /// The publishing call of this task was made: what is still open for it was spent, at its price.
    pub(super) fn post_publishing(&self, task: TaskId) -> Verb<()> {
        for id in self.intents(task, OPEN_PUBLISHING)? {
            let estimate = intent(self, id)?.estimate;
            settle(self, id, estimate)?;
        }
        Ok(())
    }

    /// The publishing call of this task was provably not made: nothing of it was spent.
    pub(super) fn void_publishing(&self, task: TaskId, why: &str) -> Verb<()> {
        for id in self.intents(task, OPEN_PUBLISHING)? {
            void(self, id, why)?;
        }
        Ok(())
    }

    fn intents(&self, task: TaskId, condition: &str) -> Verb<Vec<IntentId>> {
        self.all(
            &format!("SELECT intent_id FROM spend_intents WHERE task_id = ?1 AND {condition}"),
            [task.as_bytes()],
            |row| row.id("intent_id"),
        )
    }
}

/// No call of a tool takes so long.
const FORGOTTEN: Span = Span::from_mins(15);
/// What publishing has reserved and nobody has settled.
const OPEN_PUBLISHING: &str = "category = 'publishing' AND state IN ('pending', 'uncertain')";

fn doubt(db: &Db<'_>, id: IntentId, why: &str) -> Verb<()> {
    let intent = intent(db, id)?;
    match intent.state {
        IntentState::Pending => {}
        // What became of it is known: who lost its answer learns of it too late to doubt it.
        IntentState::Uncertain | IntentState::Posted | IntentState::Voided => return Ok(()),
        IntentState::Refused => return Err(Fault::refused(format!("{id} was never set aside"))),
    }
    shift(
        db,
        &intent,
        IntentState::Uncertain,
        None,
        intent.estimate,
        why,
    )?;
    let text = format!("nobody knows whether {} was spent: {why}", intent.estimate);
    db.alert(Severity::Error, UNCERTAIN, &intent.id.to_string(), &text)
}
