//! `chimera cfo books`: both budgets in one overview, and what came of them.

use chimera_domain::{
    Safe,
    ports::Store,
    text,
    views::{
        books::{BookLine, Books, Budget, ProfitRow, Spent, Sums, profit, profit_of_agents},
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
    if args.csv && json {
        return Err(Fault::Usage(
            "--csv and --json are two forms; leave one out".to_owned(),
        ));
    }
    match (args.pnl, json) {
        (true, _) if args.csv => table(&books),
        (true, true) => {
            let rows = profit(&books);
            rows.iter()
                .for_each(|row| out::json(&profit_value(row, false)));
            let agents = profit_of_agents(&rows);
            agents
                .iter()
                .for_each(|row| out::json(&profit_value(row, true)));
        }
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
    let mut rows = profit(books);
    if rows.is_empty() {
        out::line(
            "Nothing came in and nothing was spent in the period; --since goes farther back.",
        );
        return;
    }
    out::line(format!(
        "{:<12} {:<17} {:>10} {:>10} {:>10} {:>10} {:>10} {:>7}",
        "agent", "campaign", "income", "tools", "payments", "fees", "result", "margin"
    ));
    let agents = profit_of_agents(&rows);
    let of_campaigns = rows.len();
    rows.extend(agents);
    for (at, row) in rows.iter().enumerate() {
        let [income, tools, payments, fees, result] =
            [row.income, row.tools, row.payments, row.fees, row.result()]
                .map(|usd| usd.to_string());
        let campaign = match row.campaign.as_str() {
            _ if at >= of_campaigns => "all of it",
            "" => "-",
            name => name,
        };
        // Income names no campaign, so that a margin is an agent's.
        let margin = row.margin().filter(|_| at >= of_campaigns);
        let margin = margin.map_or_else(|| "-".to_owned(), |margin| format!("{margin}%"));
        let known = format!(
            "{:<12} {campaign:<17} {income:>10} {tools:>10} {payments:>10} {fees:>10} {result:>10} {margin:>7} {}",
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

/// The rows of campaigns for a spreadsheet; sums are its own to make.
fn table(books: &Books) {
    let names = [
        "agent",
        "campaign",
        "money",
        "income_usd",
        "tools_usd",
        "payments_usd",
        "fees_usd",
        "costs_usd",
        "result_usd",
        "uncertain_usd",
        "unknown_worth",
    ];
    out::raw(format!("{}\r\n", names.join(",")).as_bytes());
    for row in profit(books) {
        let unknown = row.unknown.iter();
        let unknown: Vec<String> = unknown
            .map(|(asset, decimals, units)| amount(asset, *decimals, *units))
            .collect();
        // Amounts are ours and digits, below nothing too; a spreadsheet is to calculate with them.
        let cells = [
            text::cell(row.agent.as_str()),
            text::cell(row.campaign.as_str()),
            if row.simulated { "SIMULATED" } else { "real" }.to_owned(),
            row.income.to_string(),
            row.tools.to_string(),
            row.payments.to_string(),
            row.fees.to_string(),
            row.costs().to_string(),
            row.result().to_string(),
            row.uncertain.to_string(),
            text::cell(&unknown.join("; ")),
        ];
        out::raw(format!("{}\r\n", cells.join(",")).as_bytes());
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

/// `whole_agent`: all campaigns of one agent added up.
fn profit_value(row: &ProfitRow, whole_agent: bool) -> Value {
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
        "result_usd": row.result(), "margin_percent": row.margin().filter(|_| whole_agent), "of": if whole_agent { "agent" } else { "campaign" }, "whole": row.is_whole(), "uncertain_usd": row.uncertain, "unknown_worth": unknown,
    })
}
