//! Short menus over a list: its saved filters and facets, and how it is exported.

use std::collections::BTreeMap;

use chimera_domain::Safe;

use super::{Model, Pane, record::FACETS};
use crate::export::Format;

/// How many facets are offered.
const FACETS_MAX: usize = 12;

/// What a line of the menu does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    /// Filters by this.
    Filter(String),
    /// Gives the present filter a name.
    Save,
    /// Takes a name away.
    Forget(String),
    /// Writes what is filtered to a file.
    Export(Format),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) label: Safe,
    pub(crate) pick: Pick,
}

fn item(label: &str, pick: Pick) -> Item {
    Item {
        label: Safe::line(label),
        pick,
    }
}

/// Saved filters first, then what the rows at hand can be narrowed by, the most frequent first.
pub(crate) fn filters(model: &Model, pane: Pane) -> Vec<Item> {
    let now = model.list(pane).filter().trim().to_owned();
    let saved = || model.saved.get(&pane).into_iter().flatten();
    let mut items = Vec::new();
    if !now.is_empty() {
        items.push(item("show everything", Pick::Filter(String::new())));
    }
    for saved in saved() {
        let label = format!("{}   {}", saved.name, saved.filter);
        items.push(item(&label, Pick::Filter(saved.filter.clone())));
    }
    if !now.is_empty() && saved().all(|saved| saved.filter != now) {
        items.push(item(&format!("save `{now}` under a name"), Pick::Save));
    }
    for (facet, rows) in facets(model, pane) {
        if now.split_whitespace().all(|term| term != facet) {
            let filter = format!("{now} {facet}");
            let label = format!("{facet}   {rows}");
            items.push(item(&label, Pick::Filter(filter.trim().to_owned())));
        }
    }
    for saved in saved() {
        items.push(item(
            &format!("forget {}", saved.name),
            Pick::Forget(saved.name.clone()),
        ));
    }
    items
}

fn facets(model: &Model, pane: Pane) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in model.list(pane).records() {
        for (name, value) in record {
            let Some(value) = value.as_str().filter(|_| FACETS.contains(&name)) else {
                continue;
            };
            // A quotation mark cannot be quoted.
            if !value.is_empty() && !value.contains('"') {
                let spaced = value.contains(char::is_whitespace);
                let value = if spaced {
                    format!("\"{value}\"")
                } else {
                    value.to_owned()
                };
                *counts.entry(format!("{name}:{value}")).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    counts.truncate(FACETS_MAX);
    counts
}

/// How the list can be written.
pub(crate) fn exports() -> Vec<Item> {
    Format::ALL
        .map(|format| item(format.name(), Pick::Export(format)))
        .to_vec()
}
