//! Another policy, tried on what was asked for.

use chimera_domain::{
    Safe,
    cfo::{Course, Moved, Rule, Sum, Trial, Word},
    ports::PolicyStore,
};
use serde_json::{Value, json};

use crate::{
    cli::TrialArgs,
    clock,
    config::given,
    fault::{Fault, chain},
    out,
};

const PAGE: u32 = 200;
const NOTE: &str = "each wish for itself, with the facts of then: what was used of the caps, what the chain said, who was halted. That a payment which would not have been made leaves room for the next is not played out";

pub(super) async fn run(
    store: &dyn PolicyStore,
    args: &TrialArgs,
    json: bool,
) -> Result<(), Fault> {
    let file = given::policy(&args.policy).map_err(|error| Fault::Usage(chain(&error)))?;
    let policy = super::payments(file.payments)?;
    let back = given::span(&args.since).map_err(Fault::Usage)?;
    let since = clock::system().now().minus(back);
    let mut trial = Trial::default();
    let mut after = 0;
    loop {
        let (page, more) = store.first_decisions(since, after, PAGE).await?;
        for one in &page {
            trial.take(one, &policy);
        }
        match more {
            Some(place) => after = place,
            None => break,
        }
    }
    if json {
        out::json(&json!({
            "since": since.to_rfc3339(),
            "policy": policy.hash(),
            "note": NOTE,
            "compared": trial.compared(),
            "same": sum(trial.of(Course::Same)),
            "same_for_another_reason": trial.other_reason,
            "stricter": sum(trial.of(Course::Stricter)),
            "milder": sum(trial.of(Course::Milder)),
            "ways": trial.ways.iter().map(|((from, to), one)| {
                let mut told = sum(*one);
                if let Value::Object(fields) = &mut told {
                    fields.insert("from".to_owned(), json!(from));
                    fields.insert("to".to_owned(), json!(to));
                }
                told
            }).collect::<Vec<_>>(),
            "changed": trial.moved.iter().map(moved).collect::<Vec<_>>(),
        }));
    } else {
        print(&trial, args);
    }
    Ok(())
}

fn sum(sum: Sum) -> Value {
    json!({"payments": sum.payments, "usd": sum.usd, "unpriced": sum.unpriced})
}

fn moved(one: &Moved) -> Value {
    json!({
        "payment_id": one.payment_id,
        "at": one.at.to_rfc3339(),
        "agent": one.agent,
        "counterparty": one.counterparty,
        "course": one.course,
        "from": one.from,
        "to": one.to,
        "usd": one.usd,
    })
}

fn print(trial: &Trial, args: &TrialArgs) {
    if trial.compared() == 0 {
        out::line(format!(
            "Nothing was asked for in the last {}. `chimera cfo pay` asks for a payment; without --since it is 30 days.",
            args.since
        ));
        return;
    }
    out::line(format!(
        "{} wishes of the last {} decided again:",
        trial.compared(),
        args.since
    ));
    let same = trial.of(Course::Same);
    out::line(format!(
        "  the same   {:>6}  {}{}",
        same.payments,
        money(same),
        match trial.other_reason {
            0 => String::new(),
            n => format!(", {n} of them for another reason"),
        }
    ));
    for (course, name) in [(Course::Stricter, "stricter"), (Course::Milder, "milder")] {
        let one = trial.of(course);
        out::line(format!("  {name:<10} {:>6}  {}", one.payments, money(one)));
    }
    for ((from, to), one) in &trial.ways {
        if from != to {
            out::line(format!(
                "  {} would have been {}: {}, {}",
                past(*from),
                past(*to),
                one.payments,
                money(*one)
            ));
        }
    }
    for one in trial.moved.iter().take(args.limit) {
        out::line(format!(
            "  {}  {} to {:<12} {:>10}  {} -> {}",
            one.payment_id,
            Safe::line(&one.agent),
            Safe::line(&one.counterparty),
            one.usd
                .map_or_else(|| "no price".to_owned(), |usd| format!("{usd} USD")),
            word(&one.from),
            word(&one.to)
        ));
    }
    let left = trial.moved.len().saturating_sub(args.limit);
    if left > 0 {
        out::line(format!("  and {left} more; --limit or --json shows them"));
    }
    out::line(NOTE);
}

fn money(sum: Sum) -> String {
    match sum.unpriced {
        0 => format!("{} USD", sum.usd),
        n => format!("{} USD, {n} of them without a price", sum.usd),
    }
}

const fn past(rule: Rule) -> &'static str {
    match rule {
        Rule::Allow => "allowed",
        Rule::Review => "put before people",
        Rule::Refuse => "refused",
    }
}

fn word(word: &Word) -> String {
    match word.verdict {
        Rule::Allow => "allow".to_owned(),
        Rule::Review => format!("review by {} ({})", word.people, word.code),
        Rule::Refuse => format!("refuse ({})", word.code),
    }
}
