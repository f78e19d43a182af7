//! The price table of `budget.yaml`: what one use of a tool costs, since a date.

use chimera_domain::{
    policy::{Price, PriceUnit},
    spend::BudgetCategory,
};

use super::{
    BUNDLED_SERVERS,
    problem::{Log, quote},
    section::Section,
    values,
};

/// Reads the list, newest first.
pub(super) fn read(top: &mut Section<'_>, log: &mut Log) -> Option<Vec<Price>> {
    if top.node("prices").is_none() {
        top.missing("prices", log);
        return None;
    }
    let mut prices: Vec<Price> = Vec::new();
    for (index, node) in top.list("prices", log)?.iter().enumerate() {
        let Some(price) = Section::of(node, &format!("prices[{index}]"), log)
            .and_then(|section| read_price(section, log))
        else {
            continue;
        };
        let same = |other: &&Price| {
            (&other.server, &other.tool, &other.since) == (&price.server, &price.tool, &price.since)
        };
        if prices.iter().any(|other| same(&other)) {
            log.problem(
                node.at,
                format!(
                    "a second price of {}.{} since {}",
                    price.server, price.tool, price.since
                ),
                "keep one of the two, or give the newer one its own date",
            );
        }
        prices.push(price);
    }
    // Newest first, so that the first match is the price in force.
    prices.sort_by(|a, b| {
        b.since
            .cmp(&a.since)
            .then_with(|| (&a.server, &a.tool).cmp(&(&b.server, &b.tool)))
    });
    Some(prices)
}

fn read_price(mut price: Section<'_>, log: &mut Log) -> Option<Price> {
    let server = price.required("server", log, values::name);
    let tool = price.required("tool", log, values::name);
    let unit = price.required("unit", log, values::word(PriceUnit::ALL));
    let usd = price.required("usd", log, values::usd);
    let usd_out = price.value("usd_out", log, values::usd);
    let units_max = price.required("units_max", log, values::whole(1, 1_000_000));
    let since = price.required("since", log, values::date);
    let category = price.required("category", log, values::word(BudgetCategory::ALL));
    let simulated_at = price.node("simulated").map_or(price.at, |node| node.at);
    let at = price.at;
    let simulated = price.required("simulated", log, values::flag);
    price.finish(log);
    let price = Price {
        server: server?,
        tool: tool?,
        unit: unit?,
        usd: usd?,
        usd_out,
        units_max: u64::from(units_max?),
        since: since?,
        category: category?,
        simulated: simulated?,
    };
    if price.usd_out.is_some() && price.unit != PriceUnit::Ktokens {
        log.problem(
            at,
            format!("a price per {} has one side only", price.unit),
            "remove `usd_out`, or write `unit: ktokens`",
        );
    }
    if !price.simulated && BUNDLED_SERVERS.contains(&price.server.as_str()) {
        log.problem(
            simulated_at,
            format!(
                "the bundled server {} is a stand-in, so its price cannot be a real one",
                quote(&price.server)
            ),
            "write `simulated: true`",
        );
    }
    Some(price)
}
