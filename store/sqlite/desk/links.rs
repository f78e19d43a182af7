//! MCP servers as far as the rows know them, and the resources that are read from them.

use std::collections::{BTreeMap, BTreeSet};

use chimera_domain::{
    Safe, Timestamp,
    policy::Price,
    views::{LinkId, LinkRow, Page, PageRequest, ServerRow, ToolPrice},
};

use super::{
    super::{
        db::{Db, Verb, count},
        modes,
        rows::Cells,
    },
    lists, page,
};

/// So many of the newest publications are looked through for the last one through each server.
const PUBLICATIONS_MAX: u32 = 1_000;

/// The servers that match, then the resources that do, as one list.
pub(super) fn read(db: &Db<'_>, page: &PageRequest) -> Verb<Page<LinkRow>> {
    let servers = page::window(
        servers(db)?,
        page,
        &["server", "uri"],
        |server, field| match field {
            "server" => server.name.to_string(),
            _ => String::new(),
        },
        |server| {
            let tools = server.tools.iter().map(|tool| tool.tool.as_str());
            let tools: Vec<&str> = tools.collect();
            let kind = if server.stand_in { "stand-in" } else { "" };
            format!("{} {kind} {}", server.name, tools.join(" "))
        },
        |server| LinkId::Server(server.place).to_string(),
    )?;
    let before = u32::try_from(servers.total).unwrap_or(u32::MAX);
    let taken = u32::try_from(servers.rows.len()).unwrap_or(u32::MAX);
    let rest = PageRequest {
        filter: page.filter.clone(),
        only: page.only.clone(),
        order: page.order,
        offset: page.offset.saturating_sub(before),
        limit: page.limit.saturating_sub(taken),
    };
    let resources = lists::resources(db, &rest)?;
    let rows = servers.rows.into_iter().map(LinkRow::Server);
    Ok(Page {
        rows: rows
            .chain(resources.rows.into_iter().map(LinkRow::Resource))
            .collect(),
        total: servers.total.saturating_add(resources.total),
    })
}

fn servers(db: &Db<'_>) -> Verb<Vec<ServerRow>> {
    let resources: BTreeMap<String, (u64, u64, Option<Timestamp>)> = db
        .all(
            "SELECT server, count(*) AS n, sum(failures > 0) AS failing, max(last_success_at) AS at
             FROM resources WHERE archived = 0 GROUP BY server",
            [],
            |row| {
                let sums = (
                    row.count("n")?,
                    row.count("failing")?,
                    row.maybe_time("at")?,
                );
                Ok((row.text("server")?, sums))
            },
        )?
        .into_iter()
        .collect();
    let campaigns: BTreeMap<String, u64> = db
        .all(
            "SELECT publish_server, count(*) AS n FROM campaigns WHERE archived = 0 GROUP BY publish_server",
            [],
            |row| Ok((row.text("publish_server")?, row.count("n")?)),
        )?
        .into_iter()
        .collect();
    let published: BTreeMap<String, Timestamp> = db
        .all(
            "SELECT server, max(published_at) AS at FROM
               (SELECT server, published_at FROM publications ORDER BY published_at DESC LIMIT ?1) GROUP BY server",
            [PUBLICATIONS_MAX],
            |row| Ok((row.text("server")?, row.time("at")?)),
        )?
        .into_iter()
        .collect();
    let stand_ins: BTreeSet<String> = db
        .all(
            "SELECT j.value AS server FROM fleet, json_each(fleet.simulated_servers) j",
            [],
            |row| row.text("server"),
        )?
        .into_iter()
        .collect();
    let prices = db.policy()?.map(|policy| policy.budget.prices);
    let prices = prices.unwrap_or_default();
    let mut names: BTreeSet<String> = stand_ins.clone();
    names.extend(resources.keys().chain(campaigns.keys()).cloned());
    names.extend(prices.iter().map(|price| price.server.clone()));
    let rows = (0u32..).zip(names).map(|(place, name)| {
        let (read, failing, read_at) = resources.get(&name).copied().unwrap_or_default();
        let publishes = campaigns.get(&name).copied().unwrap_or(0);
        Ok(ServerRow {
            place,
            stand_in: stand_ins.contains(&name),
            mode: match publishes {
                0 => None,
                _ => Some(modes::of_server(db, &name)?),
            },
            campaigns: publishes,
            resources: read,
            failing,
            // Spelled out so that the index of open effects serves.
            unanswered: count(db.number(
                "SELECT count(*) FROM effects WHERE state IN ('sent', 'uncertain') AND server = ?1",
                [&name],
            )?),
            answered_at: read_at.max(published.get(&name).copied()),
            tools: tools(&prices, &name),
            name: Safe::line(&name),
        })
    });
    rows.collect()
}

/// The price that holds for each tool: the first one named, as the swarm takes it.
fn tools(prices: &[Price], server: &str) -> Vec<ToolPrice> {
    let mut tools: Vec<ToolPrice> = Vec::new();
    for price in prices.iter().filter(|price| price.server == server) {
        let tool = Safe::line(&price.tool);
        if tools.iter().all(|known| known.tool != tool) {
            tools.push(ToolPrice {
                tool,
                unit: price.unit,
                usd: price.usd,
                simulated: price.simulated,
            });
        }
    }
    tools
}
