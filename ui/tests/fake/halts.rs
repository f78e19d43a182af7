//! Halts of a made-up world, kept as the store would show them.

use chimera_domain::{
    Safe, Span,
    campaign::{CampaignState, FleetState},
    halt::{Halt, Scope},
    views::{HaltRow, HaltedBy, Proof},
};

use super::World;

impl World {
    /// Halts this, as the store shows it.
    pub(crate) fn halt(&mut self, scope: Scope, level: Halt, by: HaltedBy) {
        self.resume(&scope);
        let house = &mut self.overview;
        let what = match &scope {
            Scope::Fleet => {
                house.fleet = match level {
                    Halt::Pause => FleetState::Paused,
                    Halt::Kill => FleetState::Killed,
                };
                house.halted = Some(by.clone());
                "everything".to_owned()
            }
            Scope::Publishing | Scope::Spending => scope.kind().to_string(),
            Scope::Platform(name) => format!("platform {name}"),
            Scope::Agent(id) => {
                let mut of = house.campaigns.iter().filter(|c| c.agent_id == *id);
                let slug = of.next().map(|c| c.persona.to_string());
                format!("agent {}", slug.unwrap_or_default())
            }
            Scope::Campaign(id) => {
                let mut name = String::new();
                for c in house.campaigns.iter_mut().filter(|c| c.id == *id) {
                    c.state = CampaignState::Paused;
                    c.halted = Some(by.clone());
                    name = c.name.to_string();
                }
                format!("campaign {name}")
            }
        };
        house.halts.push(HaltRow {
            what: Safe::line(&what),
            proof: Proof {
                in_flight: 2,
                under_way: 0,
                slipped: 1,
                last_effect_ended: Some(by.at.plus(Span::from_millis(36))),
            },
            keeps: if scope == Scope::Publishing { 3 } else { 0 },
            scope,
            level,
            by,
        });
        house.halts.sort_by(|a, b| a.scope.cmp(&b.scope));
    }

    /// Lets it go on.
    pub(crate) fn resume(&mut self, scope: &Scope) {
        let house = &mut self.overview;
        house.halts.retain(|halt| halt.scope != *scope);
        match scope {
            Scope::Fleet => {
                house.fleet = FleetState::Running;
                house.halted = None;
            }
            Scope::Campaign(id) => {
                for c in house.campaigns.iter_mut().filter(|c| c.id == *id) {
                    c.state = CampaignState::Running;
                    c.halted = None;
                }
            }
            Scope::Publishing | Scope::Spending | Scope::Agent(_) | Scope::Platform(_) => {}
        }
    }
}
