//! Named points at which a test ends the process, so that a walk can be cut at exactly one place.
//!
//! A point is `what:moment`, such as `take an effect:before-commit`. The roof arms at most one of them,
//! with the pass at which it ends the process and the way to end it. Without `debug_assertions`, and so
//! in every release build, nothing can be armed and passing a point is nothing at all.

#[cfg(debug_assertions)]
pub use armed::{Appointment, arm};

/// Passes a point; the process ends here if this is the pass that was asked for.
#[inline]
pub fn at(what: &str, moment: &str) {
    #[cfg(debug_assertions)]
    armed::pass(what, moment);
    #[cfg(not(debug_assertions))]
    let _ = (what, moment);
}

#[cfg(debug_assertions)]
mod armed {
    use std::{
        str::FromStr,
        sync::{
            OnceLock,
            atomic::{AtomicU32, Ordering},
        },
    };

    /// Where and when to end the process: `what:moment:n`.
    #[derive(Debug)]
    pub struct Appointment {
        point: String,
        left: AtomicU32,
    }

    impl FromStr for Appointment {
        type Err = String;

        fn from_str(text: &str) -> Result<Self, String> {
            let wrong = || format!("`{text}` is no `what:moment:n`, with n from 1");
            let (point, n) = text.rsplit_once(':').ok_or_else(wrong)?;
            let (what, moment) = point.split_once(':').ok_or_else(wrong)?;
            let n: u32 = n.parse().map_err(|_| wrong())?;
            if n == 0 || what.is_empty() || moment.is_empty() {
                return Err(wrong());
            }
            Ok(Self {
                point: point.to_owned(),
                left: AtomicU32::new(n),
            })
        }
    }

    impl Appointment {
        /// Counts a pass; whether it is the one that was asked for.
        fn is_due(&self, what: &str, moment: &str) -> bool {
            let here = self
                .point
                .strip_prefix(what)
                .and_then(|rest| rest.strip_prefix(':'))
                == Some(moment);
            // Once at nothing it stays there: a process ends once.
            here && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                == Ok(1)
        }
    }

    struct Armed {
        appointment: Appointment,
        end: fn(&str),
    }

    static ARMED: OnceLock<Armed> = OnceLock::new();

    /// Arms a point for the rest of this process's life; `end` is told its name and does not return.
    /// Whether it was the first.
    pub fn arm(appointment: Appointment, end: fn(&str)) -> bool {
        ARMED.set(Armed { appointment, end }).is_ok()
    }

    pub(super) fn pass(what: &str, moment: &str) {
        if let Some(armed) = ARMED.get()
            && armed.appointment.is_due(what, moment)
        {
            (armed.end)(&armed.appointment.point);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        // R172: a point ends the process at the asked pass of exactly that point, once; one that could never is refused.
        #[test]
        fn r172_a_point_is_due_at_its_nth_pass() {
            let due: Appointment = "twitter/post_content:after-call:2".parse().unwrap();
            assert!(!due.is_due("twitter/post_content", "before-call"));
            assert!(!due.is_due("twitter", "post_content:after-call"));
            assert!(!due.is_due("twitter/post_content", "after-call"));
            assert!(due.is_due("twitter/post_content", "after-call"));
            assert!(!due.is_due("twitter/post_content", "after-call"));
            for wrong in ["", "a", "a:b", "a:b:0", "a:b:c", ":b:1", "a::1"] {
                assert!(wrong.parse::<Appointment>().is_err(), "{wrong}");
            }
        }
    }
}
