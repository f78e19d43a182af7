//! `chimera cfo books`: both budgets in one overview, and what came of them.

use chimera_domain::{
    Safe,
    ports::Store,
    views::{
        books::{BookLine, Books, Budget, ProfitRow, Spent, Sums, profit},
        headroom::amount,
    },
};
use serde_json::{Value, json};

use super::{ago, budget, mark};
use crate::{cli::BooksArgs, fault::Fault, out};

/// Prints the overview, or profit and loss.
///
/// # Errors
/// When the database cannot be read; `Usage` for a time that is none.
pub(super) async fn run(store: &dyn Store, args: &BooksArgs, json: bool) -> Result<(), Fault> {
    let books = store.books(ago(&args.since)?).await?;
    match (args.pnl, json) {
        (true, true) => profit(&books)
            .iter()
            .for_each(|row| out::json(&profit_value(row))),
        (true, false) => tell_profit(&books),
        (false, true) => out::json(&value(&books)),
        (false, false) => tell(&books),
    }
    Ok(())
}

fn tell(books: &Books) {
    let zone = books.headroom.zone.as_deref().unwrap_or("UTC");
    out::line(format!(
        "US dollars, fees apart; today is that of {zone}, the period began at {}",
        books.since.to_rfc3339_seconds()
    ));
    if books.lines.is_empty() {
        out::line(
            "Nothing was spent yet, neither on tools nor by wallets. Calls of priced tools and payments would stand here.",
        );
    }
    type Key = fn(&BookLine) -> String;
    let kinds: [(&str, Key); 3] = [
        ("agent", |line| line.agent.to_string()),
        ("campaign", |line| line.campaign.to_string()),
        ("category", |line| line.category.to_string()),
    ];
    for (kind, key) in kinds {
        let rows = books.by(|line| (line.budget, line.simulated, key(line)));
        if rows.is_empty() {
            continue;
        }
        out::line(format!(
            "{:<9} {kind:<17} {:>10} {:>10} {:>10} {:>10} {:>10} {:>8} {:>10} {:>8} {:>6}",
            "budget",
            "today",
            "24h",
            "30d",
            "period",
            "ever",
            "fees",
            "set aside",
            "unsure",
            "times"
        ));
        for ((budget, simulated, name), sums) in &rows {
            let name = if name.is_empty() { "-" } else { name };
            out::line(line(*budget, *simulated, name, sums));
        }
    }
    for agent in &books.headroom.agents {
        for held in &agent.holdings {
            let worth = held.worth.map_or_else(
                || "worth unknown".to_owned(),
                |usd| format!("worth {usd} USD"),
            );
            out::line(format!(
                "wallet    {:<17} {}, {worth}",
                agent.slug,
                held.amount(held.held)
            ));
        }
    }
}

fn line(budget: Budget, simulated: bool, name: &str, sums: &Sums) -> String {
    let Spent {
        today,
        day,
        month,
        period,
        ever,
    } = sums.spent;
    let [today, day, month, period, ever] =
        [today, day, month, period, ever].map(|usd| usd.to_string());
    let [fees, open, unsure] =
        [sums.fees.ever, sums.open, sums.uncertain].map(|usd| usd.to_string());
    format!(
        "{budget:<9} {name:<17} {today:>10} {day:>10} {month:>10} {period:>10} {ever:>10} {fees:>8} {open:>10} {unsure:>8} {:>6} {}",
        sums.count,
        mark(simulated)
    )
    .trim_end()
    .to_owned()
}

fn tell_profit(books: &Books) {
    out::line(format!(
        "US dollars from {} to {}",
        books.since.to_rfc3339_seconds(),
        books.at.to_rfc3339_seconds()
    ));
    let rows = profit(books);
    if rows.is_empty() {
        out::line(
            "Nothing came in and nothing was spent in the period; --since goes farther back.",
        );
        return;
    }
    out::line(format!(
        "{:<12} {:<17} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "agent", "campaign", "income", "tools", "payments", "fees", "result"
    ));
    for row in &rows {
        let [income, tools, payments, fees, result] =
            [row.income, row.tools, row.payments, row.fees, row.result()]
                .map(|usd| usd.to_string());
        let campaign = if row.campaign.is_empty() {
            "-"
        } else {
            row.campaign.as_str()
        };
        let known = format!(
            "{:<12} {campaign:<17} {income:>10} {tools:>10} {payments:>10} {fees:>10} {result:>10} {}",
            row.agent,
            mark(row.simulated)
        );
        out::line(known.trim_end());
        if row.uncertain.is_positive() {
            out::line(format!(
                "{:<12} not in it: {} USD that may or may not have been spent",
                "", row.uncertain
            ));
        }
        for (asset, decimals, units) in &row.unknown {
            out::line(format!(
                "{:<12} not in it: {} that came in, of unknown worth",
                "",
                amount(asset, *decimals, *units)
            ));
        }
    }
}

fn value(books: &Books) -> Value {
    let lines: Vec<Value> = books
        .lines
        .iter()
        .map(|line| {
            let sums = &line.sums;
            json!({
                "budget": line.budget, "agent": line.agent, "campaign": named(&line.campaign), "category": line.category,
                "simulated": line.simulated, "spent_usd": spent(&sums.spent), "fees_usd": spent(&sums.fees),
                "open_usd": sums.open, "uncertain_usd": sums.uncertain, "count": sums.count,
            })
        })
        .collect();
    let income: Vec<Value> = books
        .income
        .iter()
        .map(|income| {
            json!({
                "agent": income.agent, "asset": income.asset, "simulated": income.simulated, "worth_usd": income.worth,
                "unknown_units": income.unknown.to_string(), "decimals": income.decimals,
            })
        })
        .collect();
    json!({
        "at": books.at.to_rfc3339(),
        "since": books.since.to_rfc3339(),
        "lines": lines,
        "income": income,
        "headroom": budget::value_of(&books.headroom),
    })
}

fn named(name: &Safe) -> Option<&Safe> {
    (!name.is_empty()).then_some(name)
}

fn spent(spent: &Spent) -> Value {
    json!({"today": spent.today, "24h": spent.day, "30d": spent.month, "period": spent.period, "ever": spent.ever})
}

fn profit_value(row: &ProfitRow) -> Value {
    let unknown: Vec<Value> = row
        .unknown
        .iter()
        .map(|(asset, decimals, units)| {
            json!({"asset": asset, "decimals": decimals, "units": units.to_string()})
        })
        .collect();
    json!({
        "agent": row.agent, "campaign": named(&row.campaign), "simulated": row.simulated, "income_usd": row.income,
        "tools_usd": row.tools, "payments_usd": row.payments, "fees_usd": row.fees, "costs_usd": row.costs(),
        "result_usd": row.result(), "whole": row.is_whole(), "uncertain_usd": row.uncertain, "unknown_worth": unknown,
    })
}
