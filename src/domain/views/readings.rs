//! What an uncertain effect can mean, and what follows from each reading. Alert, command line and console say the
//! same words.

use crate::ids::EffectId;

/// One reading of an effect nobody knows the fate of, for a person who looked at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What was seen there.
    pub seen: &'static str,
    /// How `chimera effect resolve` is told.
    pub flag: &'static str,
    /// What follows.
    pub then: &'static str,
}

/// Every reading; nothing is done until a person chose one or the platform knows the key.
pub const READINGS: [Reading; 3] = [
    Reading {
        seen: "it is out",
        flag: "--published URL",
        then: "it counts as published and is never sent again; if it is not out after all, nobody will see it",
    },
    Reading {
        seen: "it is not out",
        flag: "--send-again",
        then: "it is sent once more under the same key; if it is out after all, a platform that knows the key takes it once, any other has it twice",
    },
    Reading {
        seen: "it is not out and shall not be",
        flag: "--give-up WHY",
        then: "it is never sent again; if it is out after all, it stays out and counts as nothing",
    },
];

impl Reading {
    /// The command that says so.
    #[must_use]
    pub fn command(&self, effect: EffectId) -> String {
        format!("chimera effect resolve {effect} {}", self.flag)
    }
}

/// The doubt with every reading and what follows, as an alert says it.
#[must_use]
pub fn doubt(effect: EffectId, why: &str) -> String {
    let readings: Vec<String> = READINGS
        .iter()
        .map(|reading| {
            format!(
                "if {}: `{}`, and {}",
                reading.seen,
                reading.command(effect),
                reading.then
            )
        })
        .collect();
    format!(
        "nobody knows whether {} was published: {why}. Look at the platform; {}",
        effect.short(),
        readings.join(". ")
    )
}
