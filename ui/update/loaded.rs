//! What a read brings: rows into their list, and the overview into the header.

use chimera_domain::{
    Safe,
    filter::Filter,
    views::{ObjectiveRow, Order, Overview, Page, PageRequest, objectives::objectives},
};

use super::{
    MEASURE_EVERY, SEARCH_EVERY, answered, answers, handover, hindsight, marks, past, picture,
    proposal,
};
use crate::{
    event::{Answer, Loaded, Measured, Request},
    model::{
        Model, Pane, View,
        list::{AnyList, Fetch, Merge},
        messages::add,
        overlay::Overlay,
        rows::PresenceRow,
    },
};

pub(super) fn on_loaded(model: &mut Model, loaded: Loaded, out: &mut Vec<Request>) {
    model.dirty = true;
    /// Rows in the store's order; on the home screen a list nobody works in shows the newest.
    macro_rules! rows {
        ($list:ident, $asked:expr, $answer:expr, $following:expr) => {{
            let following = $following;
            let merge = merging(model.$list.order);
            model.$list.take(&$asked, $answer, merge, following);
        }};
    }
    let view = match loaded {
        Loaded::Overview(answer) => {
            on_overview(model, answer);
            View::Overview
        }
        Loaded::Headroom(answer) => {
            // What could not be read is told with the overview; what is shown meanwhile says of when it is.
            if let Ok(headroom) = answer {
                model.headroom = Some(*headroom);
            }
            View::Headroom
        }
        Loaded::Trends(asked, answer) => {
            rows!(trends, asked, answer, follows(model, Pane::Trends));
            View::Trends
        }
        Loaded::Tasks(asked, answer) => {
            rows!(tasks, asked, answer, follows(model, Pane::Dag));
            View::Tasks
        }
        Loaded::Ledger(asked, answer) => {
            rows!(ledger, asked, answer, follows(model, Pane::Ledger));
            View::Ledger
        }
        Loaded::Queue(asked, answer) => {
            answers::on_queue(model, &asked, answer);
            View::Queue
        }
        Loaded::Handover(answer) => {
            handover::read(model, answer);
            return;
        }
        Loaded::Proposals(answer) => {
            proposal::listed(model, answer);
            return;
        }
        Loaded::Proposal(id, answer) => {
            proposal::was_read(model, id, answer);
            return;
        }
        Loaded::Ids(pane, asked, answer) => {
            marks::found(model, pane, &asked.filter, answer);
            return;
        }
        Loaded::Marked(pane, filter, asked, answer) => {
            marks::looked(model, pane, &filter, &asked, answer);
            return;
        }
        Loaded::Calibration(answer) => {
            // An answer that comes after it was closed opens nothing.
            if let Some(Overlay::Calibration(shown)) = &mut model.overlay {
                shown.read = Some(answer);
            }
            return;
        }
        Loaded::Hindsight(answer) => {
            hindsight::read(model, answer);
            return;
        }
        Loaded::Past(task, answer) => {
            past::read(model, task, answer);
            return;
        }
        Loaded::Picture(sha256, answer) => {
            picture::read(model, sha256, answer);
            return;
        }
        Loaded::Card(ticket, answer) => {
            answers::on_card(model, ticket, answer);
            View::Card
        }
        Loaded::Alerts(asked, answer) => {
            rows!(alerts, asked, answer, false);
            View::Alerts
        }
        Loaded::Effects(asked, answer) => {
            rows!(effects, asked, answer, false);
            View::Effects
        }
        Loaded::Publications(asked, answer) => {
            rows!(publications, asked, answer, false);
            View::Publications
        }
        Loaded::Campaigns(asked, answer) => {
            rows!(campaigns, asked, answer, false);
            View::Campaigns
        }
        Loaded::Fleet(asked, answer) => {
            rows!(fleet, asked, answer, false);
            View::Fleet
        }
        Loaded::AllTasks(asked, answer) => {
            searched(model, View::AllTasks, &asked);
            rows!(all_tasks, asked, answer, false);
            View::AllTasks
        }
        Loaded::Audit(asked, answer) => {
            searched(model, View::Audit, &asked);
            rows!(audit, asked, answer, false);
            View::Audit
        }
        Loaded::Walk(trace, asked, answer) => {
            // Of another walk than the one that is looked at by now, nothing is shown.
            if model.traced == Some(trace) {
                rows!(walk, asked, answer, false);
            }
            View::Walk
        }
        Loaded::Links(asked, answer) => {
            rows!(links, asked, answer, false);
            View::Links
        }
        Loaded::Personas(asked, answer) => {
            rows!(personas, asked, answer, false);
            View::Personas
        }
        Loaded::Settings(asked, answer) => {
            rows!(config, asked, answer, false);
            View::Settings
        }
        Loaded::Grouped(asked, answer) => {
            rows!(grouped, asked, answer, false);
            View::Grouped
        }
        Loaded::Payments(asked, answer) => {
            rows!(payments, asked, answer, follows(model, Pane::Payments));
            View::Payments
        }
        Loaded::Breaks(asked, answer) => {
            rows!(breaks, asked, answer, false);
            View::Breaks
        }
        Loaded::Mutes(asked, answer) => {
            rows!(mutes, asked, answer, false);
            View::Mutes
        }
        Loaded::Measures(answer) => {
            on_measures(model, answer);
            View::Measures
        }
    };
    answered(model, view, out);
    for pane in Pane::ALL.into_iter().filter(|pane| pane.view() == view) {
        marks::look(model, pane, out);
    }
}

/// Where rows change places in the order that a person chose, what is on screen keeps its own until it is read again.
fn merging<I>(order: Option<Order>) -> Merge<'static, I> {
    match order {
        Some(order) if !order.by.is_settled() => Merge::Stable(&[]),
        Some(_) | None => Merge::Store,
    }
}

/// A list nobody works in shows the newest rows; one with the focus does not move by itself.
fn follows(model: &Model, pane: Pane) -> bool {
    model.focus.pane != pane
}

/// What was looked for in everything there ever was rests for a while.
fn searched(model: &mut Model, view: View, asked: &PageRequest) {
    if !asked.filter.is_empty() {
        model.rest = Some((view, add(model.mono, SEARCH_EVERY)));
    }
}

fn on_overview(model: &mut Model, answer: Answer<Overview>) {
    match answer {
        Ok(overview) => {
            let rows = presence(&overview);
            model.overview = Some(overview);
            model.overview_at = Some(model.mono);
            model.overview_fetch = Fetch::Read;
            model.stale_since = None;
            let asked = model.presence.request();
            let page = within(rows, &asked.filter, |row| {
                format!("{} {}", row.what, row.text)
            });
            model.presence.take(&asked, page, Merge::Store, false);
        }
        Err(why) => {
            model.stale_since.get_or_insert(model.now);
            let asked = model.presence.request();
            let failed = Err(why.clone());
            model.presence.take(&asked, failed, Merge::Store, false);
            model.overview_fetch = Fetch::Failed(why);
        }
    }
}

fn on_measures(model: &mut Model, answer: Answer<Measured>) {
    model.rest = Some((View::Measures, add(model.mono, MEASURE_EVERY)));
    let asked = model.objectives.request();
    let answer = answer.and_then(|measured| {
        let measures = measured.measures;
        model.series = Some(measured.series);
        model.reviewers = Some((measured.day, measured.week));
        let conflicts = model.overview.as_ref().map_or(0, |o| o.conflicts);
        let rows = objectives(&measures, conflicts);
        within(rows, &asked.filter, |row: &ObjectiveRow| {
            format!("sc-{:03} {} {}", row.number, row.what, row.bar)
        })
    });
    model.objectives.take(&asked, answer, Merge::Store, false);
}

/// What is made here and not read in pages is filtered here.
fn within<T>(rows: Vec<T>, filter: &str, text: impl Fn(&T) -> String) -> Answer<Page<T>> {
    let wanted = Filter::parse(filter);
    wanted.check(&[]).map_err(|why| Safe::line(&why))?;
    let holds = |row: &T| wanted.holds(&text(row).to_lowercase(), |_| None);
    let rows: Vec<T> = rows.into_iter().filter(holds).collect();
    Ok(Page {
        total: u64::try_from(rows.len()).unwrap_or(u64::MAX),
        rows,
    })
}

/// What there is of presence, and what there is not.
fn presence(overview: &Overview) -> Vec<PresenceRow> {
    let swarm = match &overview.swarm {
        Some(owner) => format!("runs as {}, fence {}", owner.holder, owner.fence),
        None => "nobody runs the swarm on this database".to_owned(),
    };
    let row = |place, what, there, text: &str| PresenceRow {
        place,
        what,
        there,
        text: Safe::line(text),
    };
    vec![
        row(0, "swarm", overview.swarm.is_some(), &swarm),
        row(
            1,
            "beacons",
            false,
            "none are sent: that agents announce themselves comes with later work",
        ),
        row(
            2,
            "neighbours",
            false,
            "none are known: nothing listens for the beacons of others yet",
        ),
        row(
            3,
            "acknowledgements",
            false,
            "none: without beacons there is nothing to acknowledge",
        ),
    ]
}
