//! The points before and after a commit, one per verb that changed something in it.

use chimera_domain::death;

/// The verbs of one commit; nothing at all in a release build.
#[derive(Default)]
pub(crate) struct Deaths(#[cfg(debug_assertions)] Vec<&'static str>);

impl Deaths {
    /// Notes a verb. One that changed nothing has no point: an idle look is no step of a walk.
    #[inline]
    pub(crate) fn note(&mut self, doing: &'static str, wrote: bool) {
        #[cfg(debug_assertions)]
        if wrote {
            self.0.push(doing);
        }
        #[cfg(not(debug_assertions))]
        let _ = (doing, wrote);
    }

    /// Passes the same moment of every verb.
    #[inline]
    pub(crate) fn pass(&self, moment: &str) {
        #[cfg(debug_assertions)]
        for doing in &self.0 {
            death::at(doing, moment);
        }
        #[cfg(not(debug_assertions))]
        death::at("", moment);
    }
}
