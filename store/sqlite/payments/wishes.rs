//! Wishes and people: what is asked for is decided on and set aside, approved or given up.

use chimera_domain::{
    Conflict, ContentHash, Span, StateVersion, Usd,
    cfo::{self, Decision, Facts, PaymentPolicy, Quote, Rule, Wish, Words},
    ids::{AgentId, PaymentId},
    payment::{Payment, PaymentRequest, PaymentState, Terms},
    ports::Proposed,
    spend::Limit,
    views::Severity,
    wallet::WalletAccount,
};
use rusqlite::params;

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb},
        nearing::Whose,
        rows::{Cells, json},
    },
    CFO,
    entries::{self, Entry},
    facts::{self, About},
    keep_decision, must, policy, shift,
};

/// The alert of a payment that was refused.
pub(super) const REFUSED: &str = "payment_refused";
/// The alert of one that waits for people.
pub(super) const WAITS: &str = "payment_waits";

pub(super) fn propose(
    db: &Db<'_>,
    request: &PaymentRequest,
    quote: Option<&Quote>,
) -> Verb<Proposed> {
    let request_hash = hash_of(request);
    if let Some(known) = known(db, request, request_hash)? {
        return Ok(known);
    }
    let Heard {
        wish,
        zone,
        policy: payments,
        facts,
        decision,
        state,
    } = hear(db, request, quote)?;
    let why = decision.why();
    let counted = if state == PaymentState::Refused {
        Usd::ZERO
    } else {
        decision
            .counted()
            .ok_or_else(|| Fault::corrupt("a payment was let through without a price"))?
    };
    let real = payments
        .asset(&wish.asset)
        .and_then(|asset| payments.chain(&asset.chain))
        .is_some_and(|chain| chain.real);
    insert(
        db,
        request,
        request_hash,
        &wish,
        state,
        counted,
        &why,
        real,
        payments.review.ttl,
    )?;
    let id = request.payment_id;
    keep_decision(db, id, payments.hash(), "propose", &decision, &facts)?;
    db.audit(&AuditLine {
        actor: CFO,
        subject: id.to_string(),
        verb: "decide_payment",
        to: state.as_str(),
        reason: decision.binding().map_or("", |line| line.code.as_str()),
        versions: (0, 1),
        trace: Some(request.trace_id),
        note: &why,
        ..AuditLine::default()
    })?;
    if state == PaymentState::Refused {
        let text = format!("{} was refused by {why}", told(&wish));
        db.alert(Severity::Warning, REFUSED, &id.to_string(), &text)?;
    } else if let Some(terms) = &wish.terms {
        set_aside(db, request.agent_id, terms, counted)?;
        nearing(db, request.agent_id, decision.limits(), counted, &zone)?;
    }
    if state == PaymentState::Review {
        waits(db, id, &wish, &why)?;
    }
    Ok(Proposed {
        payment_id: id,
        state,
        why,
        lines: decision.lines().to_vec(),
        repeated: false,
    })
}

/// Tells of the days' caps that are nearly used up: of the rolling and the calendar day the one with more in it.
fn nearing(db: &Db<'_>, agent: AgentId, limits: &[Limit], more: Usd, zone: &str) -> Verb<()> {
    for (name, of, whose) in [
        ("payments_day", ["day", "calendar_day"], Whose::Agent(agent)),
        (
            "house_payments_day",
            ["house_day", "house_calendar_day"],
            Whose::House,
        ),
    ] {
        let days = limits
            .iter()
            .filter(|limit| of.contains(&limit.limit.as_str()));
        let Some(day) = days.max_by_key(|limit| limit.used) else {
            continue;
        };
        let used = day.used.checked_add(more).unwrap_or(day.cap);
        let day = Limit {
            limit: name.to_owned(),
            cap: day.cap,
            used,
        };
        db.tell_nearing(whose, &day, zone)?;
    }
    Ok(())
}

/// What would become of a wish now. Nothing of it is kept.
pub(super) fn weigh(
    db: &Db<'_>,
    request: &PaymentRequest,
    quote: Option<&Quote>,
) -> Verb<Proposed> {
    if let Some(known) = known(db, request, hash_of(request))? {
        return Ok(known);
    }
    let heard = hear(db, request, quote)?;
    Ok(Proposed {
        payment_id: request.payment_id,
        state: heard.state,
        why: heard.decision.why(),
        lines: heard.decision.lines().to_vec(),
        repeated: false,
    })
}

/// A wish with what the CFO was told and said.
struct Heard {
    wish: Wish,
    zone: String,
    policy: PaymentPolicy,
    facts: Facts,
    decision: Decision,
    state: PaymentState,
}

fn hear(db: &Db<'_>, request: &PaymentRequest, quote: Option<&Quote>) -> Verb<Heard> {
    let slug: Option<String> = db.one(
        "SELECT slug FROM agents WHERE agent_id = ?1",
        [request.agent_id.as_bytes()],
        |row| row.text("slug"),
    )?;
    let slug = slug.ok_or_else(|| Fault::refused(format!("there is no {}", request.agent_id)))?;
    let Some((whole, payments)) = policy(db)? else {
        return Err(Fault::refused(
            "budget.yaml says nothing about payments, so nothing is paid",
        ));
    };
    let words = Words {
        agent: &slug,
        asset: &request.asset,
        counterparty: &request.counterparty,
        amount: &request.amount,
        memo: &request.memo,
    };
    let terms = payments.terms(request.payment_id, &words);
    let wish = Wish {
        terms,
        agent: slug,
        asset: request.asset.clone(),
        counterparty: request.counterparty.clone(),
        amount: request.amount.clone(),
        category: request.category,
        memo: request.memo.clone(),
        source: request.source,
        proposer: request.proposer.clone(),
        has_task: request.task_id.is_some(),
        opinion: request.opinion,
        forced: request.forced,
    };
    let about = About {
        agent: request.agent_id,
        campaign: request.campaign_id,
        wish: &wish,
        payment: None,
    };
    let facts = facts::facts(db, &about, &whole.budget.zone, &payments, quote)?;
    let decision = cfo::decide(&wish, &payments, &facts);
    let state = match decision.verdict() {
        Rule::Allow => PaymentState::Approved,
        Rule::Review => PaymentState::Review,
        Rule::Refuse => PaymentState::Refused,
    };
    Ok(Heard {
        zone: whole.budget.zone.clone(),
        policy: payments,
        wish,
        facts,
        decision,
        state,
    })
}

/// What is asked for, as an alert says it.
pub(super) fn told(wish: &Wish) -> String {
    format!(
        "{} {} to {} for {}",
        wish.amount, wish.asset, wish.counterparty, wish.memo
    )
}

/// It waits for people, and somebody should know.
pub(super) fn waits(db: &Db<'_>, id: PaymentId, wish: &Wish, why: &str) -> Verb<()> {
    let text = format!("{} waits: {why}", told(wish));
    db.alert(Severity::Warning, WAITS, &id.to_string(), &text)
}

/// Of everything that makes two wishes the same one.
fn hash_of(request: &PaymentRequest) -> ContentHash {
    ContentHash::of_json(&serde_json::json!({
        "campaign": request.campaign_id,
        "task": request.task_id,
        "source": request.source,
        "counterparty": request.counterparty,
        "asset": request.asset,
        "amount": request.amount,
        "category": request.category,
        "memo": request.memo,
        "forced": request.forced,
    }))
}

/// What became of the same wish before. Another wish under its key is refused: a key stands for one for ever.
fn known(
    db: &Db<'_>,
    request: &PaymentRequest,
    request_hash: ContentHash,
) -> Verb<Option<Proposed>> {
    let found = db.one(
        "SELECT p.payment_id, p.request_hash, p.state, p.why, d.lines FROM payments p
         LEFT JOIN payment_decisions d ON d.payment_id = p.payment_id
         WHERE p.agent_id = ?1 AND p.key = ?2 ORDER BY d.decision_id DESC LIMIT 1",
        params![request.agent_id.as_bytes(), request.key],
        |row| {
            let proposed = Proposed {
                payment_id: row.id("payment_id")?,
                state: row.word("state")?,
                why: row.text("why")?,
                lines: row.maybe_doc("lines")?.unwrap_or_default(),
                repeated: true,
            };
            Ok((row.hash("request_hash")?, proposed))
        },
    )?;
    match found {
        Some((hash, _)) if hash != request_hash => Err(Fault::refused(format!(
            "the key {} stands for another payment already",
            request.key
        ))),
        Some((_, proposed)) => Ok(Some(proposed)),
        None => Ok(None),
    }
}

#[expect(clippy::too_many_arguments, reason = "one row, written once")]
fn insert(
    db: &Db<'_>,
    request: &PaymentRequest,
    request_hash: ContentHash,
    wish: &Wish,
    state: PaymentState,
    counted: Usd,
    why: &str,
    real: bool,
    ttl: Span,
) -> Verb<()> {
    let terms = wish.terms.as_ref();
    db.exec_one(
        "INSERT INTO payments (payment_id, version, key, request_hash, agent_id, campaign_id, task_id, trace_id, state, source,
           proposer, counterparty, asset, category, memo, wish, terms, digest, chain_id, to_address, counted, why, at,
           expires_at, simulated)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
        params![
            request.payment_id.as_bytes(),
            request.key,
            request_hash.as_bytes(),
            request.agent_id.as_bytes(),
            request.campaign_id.as_ref().map(chimera_domain::ids::CampaignId::as_bytes),
            request.task_id.as_ref().map(chimera_domain::ids::TaskId::as_bytes),
            request.trace_id.as_bytes(),
            state.as_str(),
            request.source.as_str(),
            request.proposer,
            request.counterparty,
            request.asset,
            request.category.as_str(),
            request.memo,
            json(wish)?,
            terms.map(json).transpose()?,
            terms.map(|terms| *terms.digest().as_bytes()),
            terms.map(|terms| i64::try_from(terms.chain_id).unwrap_or(i64::MAX)),
            terms.map(|terms| *terms.to.as_bytes()),
            counted.micros(),
            why,
            db.now.micros(),
            db.now.plus(ttl).micros(),
            !real,
        ],
    )
}

/// The amount leaves what is free.
fn set_aside(
    db: &Db<'_>,
    agent: chimera_domain::ids::AgentId,
    terms: &Terms,
    usd: Usd,
) -> Verb<()> {
    entries::post(
        db,
        &Entry {
            agent,
            payment: Some(terms.payment_id),
            asset: &terms.asset,
            debit: WalletAccount::Reserved,
            credit: WalletAccount::Wallet,
            amount: terms.amount,
            usd,
            on_chain: None,
        },
    )
}

/// The amount is free again: it was not paid.
pub(super) fn give_back(db: &Db<'_>, payment: &Payment) -> Verb<()> {
    entries::post(
        db,
        &Entry {
            agent: payment.agent_id,
            payment: Some(payment.terms.payment_id),
            asset: &payment.terms.asset,
            debit: WalletAccount::Wallet,
            credit: WalletAccount::Reserved,
            amount: payment.terms.amount,
            usd: payment.counted,
            on_chain: None,
        },
    )
}

/// Who was faster, where the version is not the one that was seen.
pub(super) fn overtaken(db: &Db<'_>, payment: &Payment, version: StateVersion) -> Option<Conflict> {
    (payment.version != version).then(|| db.overtaken(payment.version, payment.state.as_str()))
}

/// It ends before anybody signed it: nothing of it counts any more.
pub(super) fn give_up(
    db: &Db<'_>,
    payment: &Payment,
    to: PaymentState,
    why: &str,
    actor: &str,
) -> Verb<()> {
    give_back(db, payment)?;
    shift(db, payment, to, Usd::ZERO, why, actor)?;
    db.close_alert(WAITS, &payment.terms.payment_id.to_string())
}

/// Whether something waits past its time.
pub(super) fn is_late(db: &Db<'_>) -> Verb<bool> {
    let late = db.number(
        &format!("SELECT EXISTS (SELECT 1 FROM payments WHERE {LATE})"),
        [db.now.micros()],
    )?;
    Ok(late == 1)
}

/// What was to be signed by now and is not.
const LATE: &str = "state IN ('review', 'approved') AND expires_at <= ?1";

/// What nobody signed in time ends.
pub(super) fn expire(db: &Db<'_>) -> Verb<()> {
    let late: Vec<PaymentId> = db.all(
        &format!("SELECT payment_id FROM payments WHERE {LATE}"),
        [db.now.micros()],
        |row| row.id("payment_id"),
    )?;
    for id in late {
        let found = must(db, id)?;
        let why = if found.payment.state == PaymentState::Review {
            "nobody approved it in time"
        } else {
            "it could not be signed in time"
        };
        give_up(db, &found.payment, PaymentState::Expired, why, CFO)?;
    }
    Ok(())
}
