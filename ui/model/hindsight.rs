//! A threshold of relevance that is tried on the last hours before anybody changes it.

use chimera_domain::{
    Safe, Score, Span,
    views::{Trial, Weighing},
};

use crate::keymap::Action;

/// So far back signals are read, as `chimera planner threshold` does where nothing else is said.
pub(crate) const TRIED: Span = Span::from_hours(24);
/// Where the slider begins where nothing is in force.
const MIDDLE: Score = Score::from_percent(50);
/// A step of the slider, and a long one, in hundredths.
const STEP: u32 = 1;
const FAR: u32 = 10;
/// Millionths in a hundredth.
const HUNDREDTH: u32 = 10_000;

/// What is shown of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hindsight {
    /// `None` while it is read.
    pub(crate) read: Option<Result<Box<Slider>, Safe>>,
    pub(crate) scroll: usize,
}

/// The signals that were read, and the threshold the slider stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slider {
    pub(crate) weighing: Weighing,
    /// Made when the slider moves, and not with every frame: there may be many signals.
    pub(crate) trial: Trial,
}

impl Slider {
    /// It begins at what is in force.
    pub(crate) fn of(weighing: Weighing) -> Self {
        let trial = Trial::of(&weighing, weighing.in_force.unwrap_or(MIDDLE));
        Self { weighing, trial }
    }

    /// Moves it to the next hundredth, or ten of them; whether this key does.
    pub(crate) fn moved(&mut self, action: Action) -> bool {
        let at = self.trial.at.ppm();
        // What lies between two hundredths goes to the next one in the way.
        let (above, below) = (at.div_ceil(HUNDREDTH), at / HUNDREDTH);
        let percent = [
            (Action::Lower, above.saturating_sub(STEP)),
            (Action::FarLower, above.saturating_sub(FAR)),
            (Action::Raise, below + STEP),
            (Action::FarRaise, below + FAR),
        ];
        let found = percent.into_iter().find(|(key, _)| *key == action);
        let to = match found {
            Some((_, percent)) => Score::from_percent(percent),
            None if action == Action::InForce => self.weighing.in_force.unwrap_or(MIDDLE),
            None => return false,
        };
        self.trial = Trial::of(&self.weighing, to);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R31: the slider stops at hundredths, however the threshold in force lies, and at both ends; one key takes it back.
    #[test]
    fn r31_the_slider_stops_at_hundredths_and_at_its_ends() {
        let in_force = Score::from_ppm(755_000);
        let mut slider = Slider::of(Weighing {
            in_force,
            ..Weighing::default()
        });
        let mut at = |action| {
            assert!(slider.moved(action));
            slider.trial.at.to_string()
        };
        assert_eq!(at(Action::Lower), "0.75");
        at(Action::InForce);
        assert_eq!(at(Action::Raise), "0.76");
        assert_eq!(at(Action::Raise), "0.77");
        assert_eq!(at(Action::FarLower), "0.67");
        for _ in 0..9 {
            at(Action::FarLower);
        }
        assert_eq!(at(Action::Lower), "0.00");
        for _ in 0..12 {
            at(Action::FarRaise);
        }
        assert_eq!(at(Action::Raise), "1.00");
        assert!(!slider.moved(Action::Down));
    }
}
