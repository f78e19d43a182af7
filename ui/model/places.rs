//! Where somebody was, so that they can go back there, and forward again.

use chimera_domain::ids::TraceId;

use super::{Focus, Model, Pane};

/// More places than this are not remembered.
const PLACES_MAX: usize = 50;

/// A screen, and whose walk it showed. Cursor, filter and scroll stay with the list itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) focus: Focus,
    pub(crate) zoom: bool,
    pub(crate) traced: Option<TraceId>,
}

impl Place {
    fn same_screen(self, other: Self) -> bool {
        let both_traces = self.focus.pane == Pane::Trace;
        self.focus.pane == other.focus.pane && (!both_traces || self.traced == other.traced)
    }
}

/// The way here, and the way on from where somebody went back.
#[derive(Debug, Default)]
pub(crate) struct Places {
    back: Vec<Place>,
    forward: Vec<Place>,
}

impl Places {
    /// Somebody left this place for that one. Where that is the same screen, nothing was left.
    pub(crate) fn left(&mut self, from: Place, to: Place) {
        if from.same_screen(to) {
            return;
        }
        self.forward.clear();
        self.back.push(from);
        if self.back.len() > PLACES_MAX {
            self.back.remove(0);
        }
    }

    pub(crate) const fn has_back(&self) -> bool {
        !self.back.is_empty()
    }

    pub(crate) const fn has_forward(&self) -> bool {
        !self.forward.is_empty()
    }

    /// The place before; this one is the way forward then.
    pub(crate) fn back(&mut self, here: Place) -> Option<Place> {
        let place = self.back.pop()?;
        self.forward.push(here);
        Some(place)
    }

    pub(crate) fn forward(&mut self, here: Place) -> Option<Place> {
        let place = self.forward.pop()?;
        self.back.push(here);
        Some(place)
    }
}

/// The walk the selected row belongs to, or why there is none.
pub(crate) fn trace_of(model: &Model) -> Result<TraceId, String> {
    const WHOLE: &str = "it belongs to no single walk: signals, tasks, tickets, money, effects and posts do, and lines and alerts about these";
    const UNREAD: &str = "this ticket is still being read";
    let selected = model.list(model.focus.pane).selected_id();
    if selected.is_none() {
        return Err("no row is selected".into());
    }
    let found = match model.focus.pane {
        Pane::Trends => model.trends.row().map(|row| row.trace_id),
        Pane::Dag => model.tasks.row().map(|row| row.trace_id),
        Pane::Tasks => model.all_tasks.row().map(|row| row.trace_id),
        Pane::Ledger => model.ledger.row().map(|row| row.trace_id),
        Pane::Payments => model.payments.row().map(|row| row.trace_id),
        Pane::Outbox => model.effects.row().map(|row| row.trace_id),
        Pane::Published => model.publications.row().map(|row| row.trace_id),
        Pane::Alerts => model.alerts.row().and_then(|row| row.trace_id),
        Pane::Audit => model.audit.row().and_then(|row| row.trace_id),
        Pane::Review => {
            let card = model.review.card.as_ref();
            let card = card.filter(|card| Some(card.row.id) == model.queue.selected);
            return card.map(|card| card.trace_id).ok_or(UNREAD.into());
        }
        Pane::Trace => return Err("this is the whole walk already".into()),
        Pane::Campaigns
        | Pane::Fleet
        | Pane::Servers
        | Pane::Measures
        | Pane::Personas
        | Pane::Presence
        | Pane::Config
        | Pane::Grouped
        | Pane::Mutes
        | Pane::Breaks => None,
    };
    found.ok_or(WHOLE.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pane: Pane) -> Place {
        Place {
            focus: Focus {
                pane,
                detail: false,
            },
            zoom: false,
            traced: None,
        }
    }

    // R132: back leads the way that was come, forward leads back again, and a new way ends the old one.
    #[test]
    fn r132_places_are_walked_back_and_forward() {
        let (review, fleet, audit) = (at(Pane::Review), at(Pane::Fleet), at(Pane::Audit));
        let mut places = Places::default();
        places.left(review, fleet);
        places.left(fleet, fleet);
        places.left(fleet, audit);
        assert_eq!(places.back(audit), Some(fleet));
        assert_eq!(places.back(fleet), Some(review));
        assert_eq!(places.back(review), None);
        assert_eq!(places.forward(review), Some(fleet));
        places.left(fleet, review);
        assert_eq!(places.forward(review), None);
        for _ in 0..200 {
            places.left(review, fleet);
            places.left(fleet, review);
        }
        assert!(places.back.len() <= PLACES_MAX);
    }
}
