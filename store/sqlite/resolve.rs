//! A person who looked at the platform says what became of an effect nobody knew the fate of.

use chimera_domain::{
    Outcome, StateVersion,
    effect::{EffectKind, EffectState, Receipt, Resolution, Settlement},
    ids::EffectId,
    task::Reason,
};

use super::{
    db::{Db, Fault, Verb},
    executor::{By, apply},
};

/// What a person who looked at the platform says of an uncertain effect.
pub(super) fn resolve(
    db: &Db<'_>,
    id: EffectId,
    version: StateVersion,
    resolution: &Resolution,
    actor: &str,
) -> Verb<Outcome<()>> {
    let Some(effect) = db.effect_head(id)? else {
        return Ok(Outcome::NotFound);
    };
    if effect.version != version || effect.state != EffectState::Uncertain {
        return Ok(Outcome::Conflict(
            db.overtaken(effect.version, effect.state.as_str()),
        ));
    }
    if effect.kind == EffectKind::Withdraw {
        return Err(Fault::refused(
            "it takes a post down; say that the post is down with `chimera effect withdraw PUBLICATION --by-hand`",
        ));
    }
    let settlement = match resolution {
        Resolution::Published { place } => Settlement::Confirmed(Receipt {
            external_id: place.clone(),
            url: place.clone(),
            // Whether its server is a stand-in is looked up where the publication is made.
            simulated: false,
            text_sha256: None,
            disclosure: None,
            cost_usd: None,
        }),
        Resolution::SendAgain => {
            // A person has looked: it gets all its tries once more.
            db.exec_one(
                "UPDATE effects SET attempt = 0 WHERE effect_id = ?1",
                [id.as_bytes()],
            )?;
            Settlement::NotSent {
                why: format!("{actor} says it is not out"),
                at: db.now,
            }
        }
        Resolution::GiveUp { why } => Settlement::Failed { why: why.clone() },
    };
    let by = By {
        actor,
        reason: Reason::Resolved,
    };
    Ok(match apply(db, &effect, &settlement, &by)? {
        Outcome::Done(_, next) => Outcome::Done((), next),
        Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
        Outcome::NotFound => Outcome::NotFound,
    })
}
