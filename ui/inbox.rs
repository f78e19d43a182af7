//! Where events wait for the model: drained whole, signals first, then input, then answers.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::event::Event;

/// The most inputs that wait. The input thread pauses above it; the terminal keeps what follows.
const INPUT_MAX: usize = 1024;

/// The one mailbox of the model. Answers need no bound of their own: every request is at most once
/// under way, so there are never more answers than kinds of requests.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    taken: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    urgent: VecDeque<Event>,
    input: VecDeque<Event>,
    rest: VecDeque<Event>,
    closed: bool,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.input.is_empty() && self.rest.is_empty()
    }
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A poisoned lock still holds whole events: every change is one push or one take.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays an event down. Input waits for room; everything else never waits. `false` once closed.
    pub(crate) fn push(&self, event: Event) -> bool {
        let mut waiting = self.lock();
        let is_input = matches!(
            event,
            Event::Key { .. } | Event::Paste(_) | Event::Focus(_) | Event::Mouse(_)
        );
        while is_input && waiting.input.len() >= INPUT_MAX && !waiting.closed {
            waiting = self
                .taken
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.closed {
            return false;
        }
        if matches!(event, Event::Signal(_)) {
            waiting.urgent.push_back(event);
        } else if is_input {
            waiting.input.push_back(event);
        } else if !(matches!(event, Event::Changed)
            && waiting.rest.iter().any(|e| matches!(e, Event::Changed)))
        {
            waiting.rest.push_back(event);
        }
        self.arrived.notify_one();
        true
    }

    /// Everything that waits, in the order of attention; waits up to `patience` for the first.
    pub(crate) fn drain(&self, patience: Option<Duration>) -> Vec<Event> {
        let mut waiting = self.lock();
        if waiting.is_empty() {
            waiting = match patience {
                None => self
                    .arrived
                    .wait_while(waiting, |w| w.is_empty())
                    .unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    self.arrived
                        .wait_timeout_while(waiting, patience, |w| w.is_empty())
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        let mut all: Vec<_> = waiting.urgent.drain(..).collect();
        all.extend(waiting.input.drain(..));
        all.extend(waiting.rest.drain(..));
        self.taken.notify_all();
        all
    }

    /// Nobody reads any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.taken.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Signal;

    // R193: one drain takes all that waits, signals before keys before answers, changes only once.
    #[test]
    fn r193_all_waiting_events_come_at_once_in_order_of_attention() {
        let inbox = Inbox::default();
        inbox.push(Event::Changed);
        inbox.push(Event::Changed);
        inbox.push(Event::Focus(true));
        inbox.push(Event::Signal(Signal::Hangup));
        let drained = inbox.drain(None);
        assert!(matches!(
            drained.as_slice(),
            [
                Event::Signal(Signal::Hangup),
                Event::Focus(true),
                Event::Changed
            ]
        ));
        assert!(inbox.drain(Some(Duration::ZERO)).is_empty());
        inbox.close();
        assert!(!inbox.push(Event::Changed));
    }
}
