//! What people answered to what the judge was so sure of, as it was read.

use chimera_domain::{Safe, Span, views::Calibration};

/// So far back answers are read, as `chimera review calibration` does where nothing else is said.
pub(crate) const CALIBRATED: Span = Span::from_hours(24 * 30);

/// What is shown of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Calibrated {
    /// `None` while it is read.
    pub(crate) read: Option<Result<Box<Calibration>, Safe>>,
    pub(crate) scroll: usize,
}
