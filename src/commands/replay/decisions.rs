//! Stored decisions, made again from what was stored with them.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Timestamp,
    basis::{StoredDecision, Subject, TicketFate},
    ports::{DecisionKind, ReplayStore},
};
use chimera_swarm::again::{Again, Difference, again, route_of};
use serde_json::{Value, json};

use super::each;
use crate::{fault::Fault, out};

/// Makes the decisions behind one thing again.
///
/// # Errors
/// `Differs` when one comes out differently, `NotFound` when there is none that can be made again.
pub(super) async fn one(store: &dyn ReplayStore, text: &str, json: bool) -> Result<(), Fault> {
    let subject: Subject = text
        .parse()
        .map_err(|error: chimera_domain::basis::NoSubject| Fault::Usage(error.to_string()))?;
    let found = store.decisions_behind(subject).await?.ok_or_else(|| {
        Fault::NotFound(format!(
            "there is no {text}; `chimera worker check-queue`, `chimera review list` and `chimera planner view-signals` show what there is"
        ))
    })?;
    let (mut same, mut different) = (0_u64, 0_u64);
    let mut why_not = None;
    for decision in &found {
        let result = again(decision);
        if json {
            out::json(&value(decision, &result));
        } else {
            tell(decision, &result);
        }
        match result {
            Again::Same => same += 1,
            Again::Different(_) => different += 1,
            Again::Impossible(why) => why_not = Some(why),
        }
    }
    if different > 0 {
        return Err(Fault::Differs(format!(
            "{different} of {} decisions behind {text} came out differently",
            found.len()
        )));
    }
    if same == 0 {
        let why = why_not.unwrap_or_else(|| "nothing was decided on it yet".to_owned());
        return Err(Fault::NotFound(format!(
            "{text} cannot be decided again: {why}"
        )));
    }
    Ok(())
}

/// Makes every decision since a moment again, and counts.
///
/// # Errors
/// `Differs` when one comes out differently.
pub(super) async fn all(
    store: &dyn ReplayStore,
    since: Timestamp,
    limit: usize,
    json: bool,
) -> Result<(), Fault> {
    let mut counts = Vec::new();
    let mut different: Vec<(String, Vec<Difference>)> = Vec::new();
    let mut impossible: BTreeMap<String, u64> = BTreeMap::new();
    for kind in DecisionKind::ALL {
        let mut count = Count::default();
        each(store, kind, since, |decision| {
            match again(decision) {
                Again::Same => count.same += 1,
                Again::Different(lines) => {
                    count.different += 1;
                    different.push((decision.name(), lines));
                }
                Again::Impossible(why) => {
                    count.not_replayable += 1;
                    *impossible.entry(why).or_default() += 1;
                }
            }
            Ok(())
        })
        .await?;
        counts.push((kind, count));
    }
    if json {
        print_json(since, &counts, &different, &impossible);
    } else {
        print(since, limit, &counts, &different, &impossible);
    }
    if different.is_empty() {
        return Ok(());
    }
    Err(Fault::Differs(format!(
        "{} decisions came out differently",
        different.len()
    )))
}

/// How many decisions of one kind came out how.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
struct Count {
    same: u64,
    different: u64,
    not_replayable: u64,
}

fn print(
    since: Timestamp,
    limit: usize,
    counts: &[(DecisionKind, Count)],
    different: &[(String, Vec<Difference>)],
    impossible: &BTreeMap<String, u64>,
) {
    let since = since.to_rfc3339_seconds();
    if counts
        .iter()
        .all(|(_, c)| c.same + c.different + c.not_replayable == 0)
    {
        out::line(format!("Nothing was decided since {since}."));
        return;
    }
    out::line(format!(
        "decisions since {since:22} same  different  not replayable"
    ));
    for (kind, count) in counts {
        out::line(format!(
            "{:34} {:>8} {:>10} {:>15}",
            kind.as_str(),
            count.same,
            count.different,
            count.not_replayable
        ));
    }
    for (why, n) in impossible {
        out::line(format!("not replayable: {n}: {}", Safe::line(why)));
    }
    for (name, lines) in different.iter().take(limit) {
        out::line(format!("different  {name}"));
        for line in lines {
            out::line(indented(line));
        }
    }
    if different.len() > limit {
        let more = different.len() - limit;
        out::line(format!("and {more} more; --limit or --json shows them"));
    }
    // What other decisions there are is no secret: a person's is an input, and these keep no inputs.
    out::line(LEFT_OUT);
}

/// The decisions that are not made again, and why.
const LEFT_OUT: &str = "not among them: what persons decided, which caps held a plan, and whether a refused result got a new attempt";

fn print_json(
    since: Timestamp,
    counts: &[(DecisionKind, Count)],
    different: &[(String, Vec<Difference>)],
    impossible: &BTreeMap<String, u64>,
) {
    let kinds: BTreeMap<&str, Count> = counts
        .iter()
        .map(|(kind, count)| (kind.as_str(), *count))
        .collect();
    let different: Vec<Value> = different
        .iter()
        .map(|(name, lines)| json!({"decision": name, "differences": lines}))
        .collect();
    out::json(
        &json!({"since": since.to_rfc3339(), "kinds": kinds, "different": different, "not_replayable": impossible, "left_out": LEFT_OUT}),
    );
}

fn tell(decision: &StoredDecision, result: &Again) {
    let (name, at) = (decision.name(), decision.at().to_rfc3339_seconds());
    let route = route_of(decision);
    out::line(match result {
        Again::Same => format!("same       {name}  {route}, decided again as of {at}"),
        Again::Different(_) => format!("DIFFERENT  {name}  {route} as of {at}"),
        Again::Impossible(why) => {
            format!("no replay  {name}  {route} as of {at}: {}", Safe::line(why))
        }
    });
    for reason in reasons(decision) {
        out::line(format!("           {}", Safe::line(&reason)));
    }
    if let Again::Different(lines) = result {
        for line in lines {
            out::line(indented(line));
        }
    }
    if let StoredDecision::Verdict(stored) = decision
        && let Some(fate) = &stored.ticket
    {
        out::line(format!("           {}", person(fate)));
    }
}

fn person(fate: &TicketFate) -> Safe {
    let by = fate
        .by
        .as_ref()
        .map_or_else(String::new, |by| format!(" by {by}"));
    let class = fate
        .class
        .map_or_else(String::new, |class| format!(" ({class})"));
    Safe::line(&format!(
        "the question it asked is {}{by}{class}; what a person decides is not made again",
        fate.state
    ))
}

/// What is stored of why.
fn reasons(decision: &StoredDecision) -> Vec<String> {
    match decision {
        StoredDecision::Verdict(stored) => stored.verdict.reasons.clone(),
        StoredDecision::Spend(stored) => vec![format!("{} USD; {}", stored.estimate, stored.state)],
        StoredDecision::Relevance(stored) => match (&stored.relevance, stored.why.as_str()) {
            (Some(found), "") => vec![format!("{}: {}", found.score, found.reason)],
            (_, why) => vec![why.to_owned()],
        },
    }
}

fn indented(line: &Difference) -> String {
    let text = |side: &Option<String>| {
        side.as_ref()
            .map_or_else(|| Safe::line("nothing"), |text| Safe::line(text))
    };
    format!(
        "           {}: stored {}, now {}",
        Safe::line(&line.part),
        text(&line.stored),
        text(&line.again)
    )
}

fn value(decision: &StoredDecision, result: &Again) -> Value {
    let (word, lines, why) = match result {
        Again::Same => ("same", &[][..], None),
        Again::Different(lines) => ("different", lines.as_slice(), None),
        Again::Impossible(why) => ("not_replayable", &[][..], Some(why)),
    };
    let mut value = json!({"decision": decision.name(), "at": decision.at().to_rfc3339(), "route": route_of(decision), "result": word,
        "differences": lines, "why_not": why, "reasons": reasons(decision)});
    if let (StoredDecision::Verdict(stored), Some(fields)) = (decision, value.as_object_mut()) {
        fields.insert("task_id".to_owned(), json!(stored.task));
        fields.insert(
            "confidence_score".to_owned(),
            json!(stored.verdict.confidence),
        );
        if let Some(fate) = &stored.ticket {
            fields.insert(
                "ticket".to_owned(),
                json!({"state": fate.state, "decided_by": fate.by, "reject_class": fate.class}),
            );
        }
    }
    value
}
