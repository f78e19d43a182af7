//! The caps: those of all written out, those of one agent or counterparty only tighter.

use chimera_domain::{Usd, cfo::PaymentCaps, spend::BudgetCategory};

use super::super::{
    problem::{Log, Place},
    section::{Section, parsed},
    values,
};

/// Caps of all, or those of an agent on top of them.
pub(super) fn read_caps(
    mut caps: Section<'_>,
    of_all: Option<&PaymentCaps>,
    log: &mut Log,
) -> Option<PaymentCaps> {
    let at = caps.at;
    let read = cap_lines(&mut caps, of_all, log);
    caps.finish(log);
    let read = read?;
    let order = [
        ("payment_usd", read.payment, "hour_usd", read.hour),
        ("hour_usd", read.hour, "day_usd", read.day),
        ("day_usd", read.day, "lifetime_usd", read.lifetime),
    ];
    for (small, less, large, more) in order {
        if less > more {
            log.problem(
                at,
                format!("`{small}` ({less}) is above `{large}` ({more})"),
                "the shorter the time, the smaller the cap",
            );
            return None;
        }
    }
    Some(read)
}

fn cap_lines(
    caps: &mut Section<'_>,
    of_all: Option<&PaymentCaps>,
    log: &mut Log,
) -> Option<PaymentCaps> {
    let payment = cap(caps, "payment_usd", of_all.map(|all| all.payment), log);
    let hour = cap(caps, "hour_usd", of_all.map(|all| all.hour), log);
    let day = cap(caps, "day_usd", of_all.map(|all| all.day), log);
    let lifetime = cap(caps, "lifetime_usd", of_all.map(|all| all.lifetime), log);
    let fee = cap(caps, "fee_usd", of_all.map(|all| all.fee), log);
    let per_hour = match of_all {
        None => caps.required("payments_per_hour", log, values::whole(1, 10_000)),
        Some(all) => {
            let at = caps
                .node("payments_per_hour")
                .map_or(caps.at, |node| node.at);
            let own = caps.value("payments_per_hour", log, values::whole(1, 10_000));
            let own = own.unwrap_or(all.payments_per_hour);
            looser(own > all.payments_per_hour, at, log);
            Some(own.min(all.payments_per_hour))
        }
    };
    let week = optional_cap(caps, "week_usd", of_all.and_then(|all| all.week), log);
    let month = optional_cap(caps, "month_usd", of_all.and_then(|all| all.month), log);
    let mut categories = of_all.map_or_else(Vec::new, |all| all.categories.clone());
    if let Some(group) = caps.group("categories", log) {
        categories.extend(read_categories(&group, log));
    }
    Some(PaymentCaps {
        payment: payment?,
        hour: hour?,
        day: day?,
        week,
        month,
        lifetime: lifetime?,
        payments_per_hour: per_hour?,
        fee: fee?,
        categories: tightest(categories),
    })
}

fn read_categories(group: &Section<'_>, log: &mut Log) -> Vec<(BudgetCategory, Usd)> {
    let mut out = Vec::new();
    for entry in group.entries() {
        let path = group.path(&entry.key);
        match entry.key.parse::<BudgetCategory>() {
            Err(unknown) => log.problem(
                entry.at,
                unknown.to_string(),
                "name a category, as in the prices",
            ),
            Ok(category) => {
                if let Some(usd) = parsed(&entry.value, &path, log, values::usd_positive) {
                    out.push((category, usd));
                }
            }
        }
    }
    out
}

/// Of several caps on one category the tightest.
fn tightest(categories: Vec<(BudgetCategory, Usd)>) -> Vec<(BudgetCategory, Usd)> {
    let mut out: Vec<(BudgetCategory, Usd)> = Vec::new();
    for (category, usd) in categories {
        match out.iter_mut().find(|(known, _)| *known == category) {
            Some((_, known)) => *known = usd.min(*known),
            None => out.push((category, usd)),
        }
    }
    out
}

fn cap(
    caps: &mut Section<'_>,
    key: &'static str,
    of_all: Option<Usd>,
    log: &mut Log,
) -> Option<Usd> {
    let Some(all) = of_all else {
        return caps.required(key, log, values::usd_positive);
    };
    let at = caps.node(key).map_or(caps.at, |node| node.at);
    let own = caps.value(key, log, values::usd_positive).unwrap_or(all);
    looser(own > all, at, log);
    Some(own.min(all))
}

pub(super) fn optional_cap(
    caps: &mut Section<'_>,
    key: &'static str,
    of_all: Option<Usd>,
    log: &mut Log,
) -> Option<Usd> {
    let at = caps.node(key).map_or(caps.at, |node| node.at);
    let own = caps.value(key, log, values::usd_positive);
    match (own, of_all) {
        (Some(own), Some(all)) => {
            looser(own > all, at, log);
            Some(own.min(all))
        }
        (own, all) => own.or(all),
    }
}

fn looser(is: bool, at: Place, log: &mut Log) {
    if is {
        log.problem(
            at,
            "this is looser than what holds for all",
            "one can only be tighter: lower it, or raise the cap of all",
        );
    }
}
