//! What another policy would change: each difference tightens, loosens, or does neither, and only what loosens waits.
//!
//! One walk over both policies says what differs and, in the same breath, what holds meanwhile: of each field the
//! stricter word. Every struct is taken apart by name, so that a new field does not compile before it has its place here.

mod parts;
#[cfg(test)]
mod tests;

use std::fmt::Display;

use crate::{Usd, words::words};

use super::PaymentPolicy;

words! {
    /// Which way a difference goes.
    pub enum Way as "way of a change" {
        /// Less is let through than before. It holds at once.
        Tightening = "tightening",
        /// More is let through, or something else: it waits for a person and for its time.
        Loosening = "loosening",
        /// Neither: it holds at once.
        Neither = "neither",
    }
}

/// One difference between two policies.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Change {
    /// Where, as `budget.yaml` says it, below `payments`.
    pub field: String,
    /// Which way.
    pub way: Way,
    /// What was there.
    pub from: String,
    /// What is to be.
    pub to: String,
}

/// What holds where a file says something new, and what of it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What may be paid meanwhile; none where nothing may.
    pub holds: Option<PaymentPolicy>,
    /// What waits for a person: every one loosens.
    pub waits: Vec<Change>,
}

/// Every difference, in the order of the file.
#[must_use]
pub fn change(old: &PaymentPolicy, new: &PaymentPolicy) -> Vec<Change> {
    Walk::over(old, new).1
}

/// The new policy with everything that would loosen left as it was: of each field the stricter word.
#[must_use]
pub fn hold_back(old: &PaymentPolicy, new: &PaymentPolicy) -> PaymentPolicy {
    Walk::over(old, new).0
}

/// What holds once a file says `new` where `old` was in force. Without a policy nothing is paid, so taking the last one
/// away tightens, and bringing one where there was none loosens.
#[must_use]
pub fn stand(old: Option<&PaymentPolicy>, new: Option<&PaymentPolicy>) -> Standing {
    match (old, new) {
        (_, None) => Standing {
            holds: None,
            waits: Vec::new(),
        },
        (None, Some(new)) => Standing {
            holds: None,
            waits: vec![Change {
                field: "payments".to_owned(),
                way: Way::Loosening,
                from: "nothing is paid".to_owned(),
                to: format!(
                    "{} with a wallet, {} who may be paid",
                    new.agents.len(),
                    new.counterparties.len()
                ),
            }],
        },
        (Some(old), Some(new)) => {
            let held = hold_back(old, new);
            let waits = change(&held, new);
            // Two lists that say the same in another order are the same policy.
            let holds = if waits.is_empty() { new.clone() } else { held };
            Standing {
                holds: Some(holds),
                waits,
            }
        }
    }
}

/// The differences so far, and under which words of the file they stand.
#[derive(Default)]
struct Walk {
    under: Vec<String>,
    changes: Vec<Change>,
}

impl Walk {
    fn over(old: &PaymentPolicy, new: &PaymentPolicy) -> (PaymentPolicy, Vec<Change>) {
        let mut walk = Self::default();
        let held = walk.policy(old, new);
        walk.leave_out_what_follows();
        (held, walk.changes)
    }

    /// An agent or a counterparty without a cap of its own follows that of all: one line says it for everybody.
    fn leave_out_what_follows(&mut self) {
        let of_all: Vec<Change> = self
            .changes
            .iter()
            .filter(|change| change.field.starts_with("caps."))
            .cloned()
            .collect();
        self.changes.retain(|change| {
            let own = |whose: &str| {
                let rest = change.field.strip_prefix(whose)?;
                rest.split_once('.').map(|(_, field)| field.to_owned())
            };
            let follows = own("agents.")
                .or_else(|| own("counterparties.").map(|field| format!("caps.{field}")));
            !of_all.iter().any(|all| {
                follows.as_ref() == Some(&all.field)
                    && all.from == change.from
                    && all.to == change.to
            })
        });
    }

    fn inside<T>(&mut self, name: &str, each: impl FnOnce(&mut Self) -> T) -> T {
        self.under.push(name.to_owned());
        let made = each(self);
        self.under.pop();
        made
    }

    fn say(&mut self, field: &str, way: Way, from: impl Display, to: impl Display) {
        let mut words = self.under.clone();
        if !field.is_empty() {
            words.push(field.to_owned());
        }
        self.changes.push(Change {
            field: words.join("."),
            way,
            from: from.to_string(),
            to: to.to_string(),
        });
    }

    /// Of two values the stricter, where `stricter` orders them.
    fn ordered<T: Clone, K: Ord>(
        &mut self,
        field: &str,
        (old, new): (&T, &T),
        stricter: impl Fn(&T) -> K,
        shown: impl Fn(&T) -> String,
    ) -> T {
        let (before, after) = (stricter(old), stricter(new));
        if after == before {
            return new.clone();
        }
        let tighter = after > before;
        let way = if tighter {
            Way::Tightening
        } else {
            Way::Loosening
        };
        self.say(field, way, shown(old), shown(new));
        if tighter { new.clone() } else { old.clone() }
    }

    /// A limit: the lower, the stricter.
    fn least<T: Ord + Clone + Display>(&mut self, field: &str, old: &T, new: &T) -> T {
        self.ordered(
            field,
            (old, new),
            |value| std::cmp::Reverse(value.clone()),
            ToString::to_string,
        )
    }

    /// A line that must be passed: the higher, the stricter.
    fn most<T: Ord + Clone + Display>(&mut self, field: &str, old: &T, new: &T) -> T {
        self.ordered(field, (old, new), Clone::clone, ToString::to_string)
    }

    /// A cap that may not be there, and then lets everything through.
    fn cap(&mut self, field: &str, old: Option<Usd>, new: Option<Usd>) -> Option<Usd> {
        self.ordered(
            field,
            (&old, &new),
            |cap| std::cmp::Reverse(cap.map_or((1, Usd::ZERO), |cap| (0, cap))),
            |cap| cap.map_or_else(|| "no cap".to_owned(), |cap| cap.to_string()),
        )
    }

    /// What something is. Something else is no stricter and no milder, but other: that loosens, and the old stays.
    fn same<T: PartialEq + Clone + Display>(&mut self, field: &str, old: &T, new: &T) -> T {
        if old != new {
            self.say(field, Way::Loosening, old, new);
        }
        old.clone()
    }

    /// Things with names: what is new waits, what is gone is gone.
    fn named<T: Clone>(
        &mut self,
        key: &str,
        (old, new): (&[T], &[T]),
        name: impl Fn(&T) -> &str,
        shown: impl Fn(&T) -> String,
        each: impl Fn(&mut Self, &T, &T) -> T,
    ) -> Vec<T> {
        let find = |all: &[T], wanted: &str| all.iter().find(|it| name(it) == wanted).cloned();
        self.inside(key, |walk| {
            for gone in old.iter().filter(|it| find(new, name(it)).is_none()) {
                walk.say(name(gone), Way::Tightening, shown(gone), "nothing");
            }
            let mut held = Vec::new();
            for one in new {
                match find(old, name(one)) {
                    Some(known) => {
                        held.push(walk.inside(name(one), |walk| each(walk, &known, one)));
                    }
                    None => walk.say(name(one), Way::Loosening, "nothing", shown(one)),
                }
            }
            held
        })
    }

    /// What is allowed by being in a list: what is in both.
    fn allowed<T: PartialEq + Clone + Display>(
        &mut self,
        field: &str,
        old: &[T],
        new: &[T],
    ) -> Vec<T> {
        for gone in old.iter().filter(|it| !new.contains(it)) {
            self.say(field, Way::Tightening, gone, "nothing");
        }
        for more in new.iter().filter(|it| !old.contains(it)) {
            self.say(field, Way::Loosening, "nothing", more);
        }
        new.iter().filter(|it| old.contains(it)).cloned().collect()
    }

    /// What is forbidden by being in a list: what is in either.
    fn forbidden<T: PartialEq + Clone + Display>(
        &mut self,
        field: &str,
        old: &[T],
        new: &[T],
    ) -> Vec<T> {
        let mut held = new.to_vec();
        for more in new.iter().filter(|it| !old.contains(it)) {
            self.say(field, Way::Tightening, "nothing", more);
        }
        for gone in old.iter().filter(|it| !new.contains(it)) {
            self.say(field, Way::Loosening, gone, "nothing");
            held.push(gone.clone());
        }
        held
    }
}
