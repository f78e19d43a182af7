//! `chimera review`: the review queue for scripts and pipes, with the same compare-and-set as the console.

mod calibration;
mod json;
pub(super) mod payment;
mod stats;

use std::io::Read;

use chimera_domain::{
    ContentHash, Outcome, StateVersion,
    ids::{PaymentId, TicketId},
    ports::Store,
    ticket::{Choice, Decide, Decided, RejectClass},
    views::{Asks, PostAsked, TicketCard, TicketRow, mark_after},
};
use serde_json::json;

use crate::{
    cli::{DecideArgs, PageArgs, RejectReason, Review},
    clock,
    commands::page,
    fault::Fault,
    machine, out,
};

/// Runs one verb of the queue.
///
/// # Errors
/// `NotFound` for a ticket that is not there, `Conflict` naming the winner for a decision that came too late.
pub async fn run(store: &dyn Store, verb: Review, json: bool) -> Result<(), Fault> {
    match verb {
        Review::List(args) => list(store, &args, json).await,
        Review::Show { ticket } => show(&card(store, &ticket).await?, json),
        Review::Approve(args) => decide(store, &args, Choice::Approve, json).await,
        Review::Reject {
            decide: args,
            reason,
            note,
        } => {
            decide(
                store,
                &args,
                Choice::Reject {
                    class: class(reason),
                    note,
                },
                json,
            )
            .await
        }
        Review::Edit { decide: args, text } => {
            let text = if text == "-" { read_text()? } else { text };
            decide(store, &args, Choice::Edit { text }, json).await
        }
        Review::RequestChanges {
            decide: args,
            notes,
        } => decide(store, &args, Choice::RequestChanges { notes }, json).await,
        Review::Escalate { decide: args, note } => {
            decide(store, &args, Choice::Escalate { note }, json).await
        }
        Review::Snooze {
            decide: args,
            lasts,
        } => {
            let until = clock::system().now().plus(lasts);
            decide(store, &args, Choice::Snooze { until }, json).await
        }
        Review::Assign { decide: args, to } => {
            decide(store, &args, Choice::Assign { to }, json).await
        }
        Review::Stats => stats::run(store, json).await,
        Review::Calibration { since } => calibration::run(store, since, json).await,
        Review::Undo { ticket } => undo(store, &ticket, json).await,
    }
}

async fn list(store: &dyn Store, args: &PageArgs, json: bool) -> Result<(), Fault> {
    let queue = store.review_queue(&page(args)).await?;
    for row in &queue.rows {
        if json {
            out::json(&json::row(row));
        } else {
            let confidence = row
                .confidence
                .map_or_else(|| "unscored".to_owned(), |score| score.to_string());
            let why: Vec<&str> = row.reasons.iter().map(|reason| reason.as_str()).collect();
            out::line(format!(
                "{}  {confidence:8}  {}  {}  [{}]",
                row.id,
                row.account,
                row.text.cut(60),
                why.join("; ")
            ));
        }
    }
    if !json {
        out::line(match queue.total {
            0 => "No ticket waits for a person.".to_owned(),
            total => format!("{} of {total} waiting.", queue.rows.len()),
        });
    }
    Ok(())
}

fn show(card: &TicketCard, json: bool) -> Result<(), Fault> {
    if json {
        out::json(&json::card(card));
        return Ok(());
    }
    let row = &card.row;
    out::line(format!(
        "ticket     {} {} ({})",
        row.id, row.version, row.state
    ));
    out::line(format!("content    {}", card.content_hash));
    match &card.asks {
        Asks::Post(post) => show_post(row, post),
        Asks::Payment(asked) => {
            for (label, text) in payment::parts(card, asked) {
                out::line(format!("{label:10} {text}"));
            }
        }
    }
    for reason in &row.reasons {
        out::line(format!("why        {reason}"));
    }
    for why in &card.two {
        out::line(format!("two        {why}"));
    }
    if let Some(first) = &row.first {
        let at = first.at.to_rfc3339_seconds();
        out::line(format!("first      {} at {at}", first.by));
    }
    if let Some(decided) = &card.decided {
        out::line(format!("decided    {decided}"));
    }
    out::line("text");
    out::line(card.text.as_str());
    Ok(())
}

/// What only a post has.
fn show_post(row: &TicketRow, post: &PostAsked) {
    out::line(format!(
        "goes to    {} on {} through {}{}",
        row.account,
        row.channel,
        post.tool,
        mark_after(row.simulated, row.dry)
    ));
    out::line(format!(
        "length     {} of {} graphemes",
        post.graphemes.0, post.graphemes.1
    ));
    for media in &post.media {
        out::line(format!(
            "picture    {} {}x{}, {} bytes: {}",
            media.mime, media.size.0, media.size.1, media.bytes, media.alt_text
        ));
    }
    out::line(format!("label      {}", post.disclosure));
    for check in &post.checks {
        let score = match &check.score {
            Ok(score) => score.to_string(),
            Err(why) => format!("not scored: {}", chimera_domain::Safe::line(why)),
        };
        out::line(format!("check      {:12} {score}", check.check));
    }
    if !post.attempts.is_empty() {
        let of = post
            .attempt
            .1
            .map_or_else(String::new, |max| format!(" of {max}"));
        out::line(format!("attempt    {}{of}", post.attempt.0));
        for older in &post.attempts {
            out::line(format!("refused    {}: {}", older.attempt, older.told()));
        }
    }
}

async fn decide(
    store: &dyn Store,
    args: &DecideArgs,
    choice: Choice,
    json: bool,
) -> Result<(), Fault> {
    let card = card(store, &args.ticket).await?;
    let version = match args.if_version {
        Some(version) => StateVersion::new(version)
            .ok_or_else(|| Fault::Usage("a version is 1 or more".to_owned()))?,
        None => card.row.version,
    };
    let content_hash = match &args.if_hash {
        Some(hash) => hash
            .parse::<ContentHash>()
            .map_err(|error| Fault::Usage(error.to_string()))?,
        None => card.content_hash,
    };
    if args.dry_run {
        out::line(consequence(&card, &choice));
        return Ok(());
    }
    let actor = machine::actor();
    let approves = choice == Choice::Approve;
    let decide = Decide {
        ticket_id: card.row.id,
        version,
        content_hash,
        choice,
        actor: actor.clone(),
    };
    match store.decide_ticket(&decide).await? {
        Outcome::Done(decided, version) => {
            if json {
                let mut told = json::told(&decided);
                told["ticket_id"] = json!(card.row.id);
                told["state_version"] = json!(version);
                out::json(&told);
            } else {
                out::line(told(&decided, card.row.id));
            }
            Ok(())
        }
        // Nobody was faster: it is this person who was first.
        Outcome::Conflict(conflict) if approves && is_first(&card, &actor) => {
            Err(Fault::Refused(conflict.to_string()))
        }
        Outcome::Conflict(conflict) => Err(conflict.into()),
        Outcome::NotFound => Err(gone(&args.ticket)),
    }
}

/// Whether this actor approved it already, as the first of two.
fn is_first(card: &TicketCard, actor: &str) -> bool {
    card.row
        .first
        .as_ref()
        .is_some_and(|first| first.is_by(actor))
}

/// What a decision led to, for a person.
fn told(decided: &Decided, ticket: TicketId) -> String {
    let undo = format!("`chimera review undo {ticket}` takes it back");
    match decided {
        Decided::Held { until, .. } => {
            format!(
                "approved; held until {} ({undo})",
                until.to_rfc3339_seconds()
            )
        }
        Decided::FirstOfTwo => format!(
            "approved as the first of two; nothing goes out until another person approves it, too ({undo})"
        ),
        Decided::Edited { .. } => {
            format!("approved with your text; the judge looks at it, then it is held ({undo})")
        }
        Decided::PaymentHeld { until } => format!(
            "approved; signed after {}, if the CFO still allows it ({undo})",
            until.to_rfc3339_seconds()
        ),
        Decided::PaymentRejected => {
            "rejected; it is not paid, and what was set aside is free".to_owned()
        }
        Decided::Rejected => "rejected; nothing goes out".to_owned(),
        Decided::ChangesRequested { at } => format!(
            "nothing goes out; it is made once more from {} ({undo})",
            at.to_rfc3339_seconds()
        ),
        Decided::Escalated => "escalated; it waits before the others".to_owned(),
        Decided::Snoozed { until } => {
            format!("snoozed until {}", until.to_rfc3339_seconds())
        }
        Decided::Assigned => "assigned; anybody may still decide it".to_owned(),
        Decided::Probe { .. } => decided.revealed().unwrap_or_default(),
    }
}

/// The longest text that is read from standard input: far more than any platform takes.
const TEXT_BYTES_MAX: u64 = 64 * 1024;

fn read_text() -> Result<String, Fault> {
    let mut text = String::new();
    std::io::stdin()
        .take(TEXT_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| Fault::Usage(format!("could not read the text: {error}")))?;
    Ok(text.trim_end_matches('\n').to_owned())
}

async fn undo(store: &dyn Store, ticket: &str, json: bool) -> Result<(), Fault> {
    let card = card(store, ticket).await?;
    match store
        .undo_decision(card.row.id, card.row.version, &machine::actor())
        .await?
    {
        Outcome::Done((), version) => {
            if json {
                out::json(
                    &json!({"ticket_id": card.row.id, "state": "open", "state_version": version}),
                );
            } else {
                out::line("taken back; the ticket is open again");
            }
            Ok(())
        }
        Outcome::Conflict(conflict) => Err(conflict.into()),
        Outcome::NotFound => Err(gone(ticket)),
    }
}

async fn card(store: &dyn Store, ticket: &str) -> Result<TicketCard, Fault> {
    // A payment is its own ticket, and either of its names will do.
    let id: TicketId = match ticket.parse::<PaymentId>() {
        Ok(payment) => TicketId::of_payment(payment),
        Err(_) => ticket
            .parse()
            .map_err(|error: chimera_domain::ids::InvalidId| Fault::Usage(error.to_string()))?,
    };
    store.ticket_card(id).await?.ok_or_else(|| gone(ticket))
}

fn gone(ticket: &str) -> Fault {
    Fault::NotFound(format!(
        "there is no ticket {ticket}; `chimera review list` shows those that wait"
    ))
}

fn consequence(card: &TicketCard, choice: &Choice) -> String {
    let two: Vec<&str> = card.two.iter().map(|why| why.as_str()).collect();
    let send_cost = card.post().and_then(|post| post.send_cost);
    match (choice, card.payment()) {
        (Choice::Approve, Some(asked)) => {
            return payment::consequence(card, asked, &machine::actor());
        }
        (Choice::Edit { .. } | Choice::RequestChanges { .. }, Some(_)) => {
            return "would be refused: a payment is not rewritten".to_owned();
        }
        (Choice::Reject { .. }, Some(_)) => {
            return "would not pay it; what is set aside is free, and there is no way back"
                .to_owned();
        }
        (_, _) => {}
    }
    match choice {
        Choice::Approve if !two.is_empty() && is_first(card, &machine::actor()) => {
            "would be refused: you approved it already, and the second person must be another"
                .to_owned()
        }
        Choice::Approve if !two.is_empty() && card.row.first.is_none() => format!(
            "would be the first of two approvals ({}); nothing goes out until another person approves it, too",
            two.join("; ")
        ),
        Choice::Approve if card.row.dry => format!(
            "would rehearse it after {} and send nothing (DRY RUN); live it would publish to {} on {}",
            card.fuse, card.row.account, card.row.channel
        ),
        Choice::Approve => format!(
            "would publish to {} on {}{} after {}, for at most {} USD",
            card.row.account,
            card.row.channel,
            mark_after(card.row.simulated, card.row.dry),
            card.fuse,
            send_cost.map_or_else(
                || "an unknown amount of".to_owned(),
                |cost| cost.to_string()
            ),
        ),
        Choice::Edit { .. } => format!(
            "would let the judge look at your text, then publish it to {} on {}{} after {}",
            card.row.account,
            card.row.channel,
            mark_after(card.row.simulated, card.row.dry),
            card.fuse
        ),
        Choice::Reject { class, .. } => format!("would refuse it as {class}; nothing goes out"),
        Choice::RequestChanges { notes } => {
            format!("would refuse it and have it made once more, with the note: {notes}")
        }
        Choice::Escalate { .. } => "would escalate it; it stays waiting".to_owned(),
        Choice::Snooze { until } => format!(
            "would ask again at {}, before its deadline at {}",
            until.to_rfc3339_seconds(),
            card.row.sla_at.to_rfc3339_seconds()
        ),
        Choice::Assign { to } if to.trim().is_empty() => {
            "would give it back to everybody".to_owned()
        }
        Choice::Assign { to } => format!("would give it to {to}"),
    }
}

const fn class(reason: RejectReason) -> RejectClass {
    match reason {
        RejectReason::OffBrand => RejectClass::OffBrand,
        RejectReason::OffTopic => RejectClass::OffTopic,
        RejectReason::Factual => RejectClass::Factual,
        RejectReason::Inappropriate => RejectClass::Inappropriate,
        RejectReason::Cultural => RejectClass::Cultural,
        RejectReason::Copyright => RejectClass::Copyright,
        RejectReason::Timing => RejectClass::Timing,
        RejectReason::Other => RejectClass::Other,
    }
}
