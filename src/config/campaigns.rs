//! The campaigns of `chimera.yaml`: who acts, where, for what and with how much.

use std::collections::BTreeSet;

use chimera_domain::{
    Usd,
    campaign::{CampaignSpec, Channel},
};

use super::{
    PUBLISH_SERVERS, TWITTER_SERVER,
    budget::CampaignCaps,
    problem::{Log, Place, nearest, quote},
    raw::Node,
    section::Section,
    servers::Server,
    values,
};

/// One campaign as the file has it, with the places of what is checked against other files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    goal: String,
    pub(super) persona: (String, Place),
    channel: Channel,
    account: (String, Place),
    publish_server: (String, Place),
    budget: Option<(Usd, Place)>,
}

/// Reads the list.
pub(super) fn read(nodes: &[Node], log: &mut Log) -> Vec<Wanted> {
    let mut names = BTreeSet::new();
    let mut campaigns = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let Some(wanted) = Section::of(node, &format!("campaigns[{index}]"), log)
            .and_then(|section| read_one(section, log))
        else {
            continue;
        };
        if !names.insert(wanted.name.to_lowercase()) {
            log.problem(
                node.at,
                format!("a second campaign is called {}", quote(&wanted.name)),
                "give every campaign its own name; case does not count",
            );
        }
        campaigns.push(wanted);
    }
    campaigns
}

fn read_one(mut section: Section<'_>, log: &mut Log) -> Option<Wanted> {
    let at = section.at;
    let place = |section: &mut Section<'_>, key| section.node(key).map_or(at, |node| node.at);
    let (persona_at, account_at, server_at, budget_at) = (
        place(&mut section, "persona"),
        place(&mut section, "account"),
        place(&mut section, "publish_server"),
        place(&mut section, "budget_usd"),
    );
    let name = section.required("name", log, values::name);
    let persona = section.required("persona", log, values::line(100));
    let channel = section.required("channel", log, values::word(Channel::ALL));
    let account = section.required("account", log, values::line(100));
    let goal = section.required("goal", log, values::line(500));
    let budget = section.value("budget_usd", log, values::usd_positive);
    let server = section
        .value("publish_server", log, values::name)
        .unwrap_or_else(|| TWITTER_SERVER.to_owned());
    section.finish(log);
    Some(Wanted {
        name: name?,
        goal: goal?,
        persona: (persona?, persona_at),
        channel: channel?,
        account: (account?, account_at),
        publish_server: (server, server_at),
        budget: budget.map(|usd| (usd, budget_at)),
    })
}

/// Checks the campaigns against each other: what goes out by one server to one platform goes out under one account.
pub(super) fn cross_check(campaigns: &[Wanted], log: &mut Log) {
    for (index, second) in campaigns.iter().enumerate() {
        let (account, at) = &second.account;
        let first = campaigns.iter().take(index).find(|first| {
            first.publish_server.0 == second.publish_server.0 && first.channel == second.channel
        });
        let Some(first) = first.filter(|first| first.account.0 != *account) else {
            continue;
        };
        log.problem(
            *at,
            format!(
                "the campaign {} publishes as {} and the campaign {} as {}, but the server {} publishes under one account per platform ({})",
                quote(&second.name),
                quote(account),
                quote(&first.name),
                quote(&first.account.0),
                quote(&second.publish_server.0),
                second.channel,
            ),
            "give both the same account, or give one of them another `publish_server` or `channel`",
        );
    }
}

/// Checks a campaign against personas, servers and caps.
pub(super) fn settle(
    wanted: Wanted,
    personas: &[&str],
    servers: &[Server],
    caps: &CampaignCaps,
    log: &mut Log,
) -> CampaignSpec {
    let (persona, persona_at) = wanted.persona;
    if !personas.contains(&persona.as_str()) {
        let hint = nearest(&persona, personas.iter().copied()).map_or_else(
            || {
                format!(
                    "add personas/{persona}/SOUL.md, or use one of: {}",
                    personas.join(", ")
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        log.problem(
            persona_at,
            format!(
                "the campaign {} wants the persona {}, which cannot be used",
                quote(&wanted.name),
                quote(&persona)
            ),
            hint,
        );
    }
    let (server, server_at) = wanted.publish_server;
    let known = PUBLISH_SERVERS.contains(&server.as_str())
        || servers.iter().any(|known| known.name == server);
    if !known {
        log.problem(
            server_at,
            format!(
                "the campaign {} publishes through {}, which is no server",
                quote(&wanted.name),
                quote(&server)
            ),
            "use `twitter` (the local stand-in) or a name from `servers:`",
        );
    }
    let cap = caps.of(&wanted.name);
    if let Some((usd, at)) = wanted.budget.filter(|(usd, _)| *usd > cap) {
        log.problem(
            at,
            format!(
                "the campaign {} asks for {usd} USD, budget.yaml allows {cap}",
                quote(&wanted.name)
            ),
            "lower `budget_usd` here, or raise the cap in budget.yaml",
        );
    }
    CampaignSpec {
        budget_usd_max: wanted.budget.map_or(cap, |(usd, _)| usd),
        name: wanted.name,
        goal: wanted.goal,
        persona,
        channel: wanted.channel,
        account: wanted.account.0,
        publish_server: server,
    }
}
