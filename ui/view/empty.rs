//! Nothing to show: the reason, and the key that helps.

use chimera_domain::{signal::SignalState, task::TaskState};

use crate::{
    model::{Model, Pane, list::Fetch},
    text::wrap,
};

pub(super) fn lines(model: &Model, pane: Pane, columns: usize) -> Vec<String> {
    wrap(&reason(model, pane), columns.saturating_sub(2))
        .into_iter()
        .map(|line| format!(" {line}"))
        .collect()
}

fn reason(model: &Model, pane: Pane) -> String {
    let list = model.list(pane);
    let filter = list.filter();
    match list.fetch() {
        Fetch::Never => return "Reading…".into(),
        Fetch::Failed(why) => return format!("Could not be read: {why}. R reads again."),
        Fetch::Read if !filter.is_empty() => {
            return format!("Nothing matches `{filter}`. Esc clears the filter.");
        }
        Fetch::Read => {}
    }
    match pane {
        Pane::Review => tickets(model),
        Pane::Trends => trends(model),
        Pane::Dag => "No tasks. A trend that is relevant enough becomes a plan (gt).".into(),
        Pane::Outbox => "Nothing is on its way. What is approved waits here for its fuse, and what nobody knows the fate of stays here until it is known.".into(),
        Pane::Published => "Nothing was published yet.".into(),
        Pane::Campaigns => "No campaigns. They are written in chimera.yaml and taken over at the next start.".into(),
        Pane::Ledger => match model.overview.as_ref().and_then(|o| o.cap_day) {
            Some(cap) => format!("Nothing was spent. The cap is {cap} USD a day."),
            None => "Nothing was spent, and no policy is installed: nothing can be.".into(),
        },
    }
}

fn tickets(model: &Model) -> String {
    let mut text = String::from("No tickets.");
    let Some(overview) = &model.overview else {
        return text;
    };
    if let Some(at) = overview.last_decision_at {
        text += &format!(" Last decision {}.", at.clock_in(&model.settings.zone));
    }
    let judged: u64 = overview
        .tasks
        .iter()
        .filter(|(state, _)| *state == TaskState::Review)
        .map(|(_, n)| n)
        .sum();
    match judged {
        0 => {}
        1 => text += " 1 task is with the judge (gd).",
        n => text += &format!(" {n} tasks are with the judge (gd)."),
    }
    if overview.swarm.is_none() {
        text += " No swarm is running: nothing new will come.";
    } else if judged == 0 {
        text += " New ones appear here by themselves; the trends are under gt.";
    }
    text
}

fn trends(model: &Model) -> String {
    let Some(overview) = &model.overview else {
        return "No trends.".into();
    };
    if let Some(feed) = overview.resources_failing.first() {
        let more = overview.resources_failing.len() - 1;
        let others = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        return format!("No trends: feed `{feed}`{others} failed at its last poll.");
    }
    if overview.resources == 0 {
        return "No trends: no feed is configured.".into();
    }
    let ignored: u64 = overview
        .signals
        .iter()
        .filter(|(state, _)| *state == SignalState::Ignored)
        .map(|(_, n)| n)
        .sum();
    match ignored {
        0 => format!("No trends yet. {} feeds are polled.", overview.resources),
        n => format!("No trends here; {n} were looked at and left."),
    }
}
