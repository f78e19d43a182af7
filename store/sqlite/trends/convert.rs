//! A trend becomes plans: the best signal of each campaign is kept as a person would have kept it.

use chimera_domain::{
    Outcome, Score, StateVersion,
    ids::{SignalId, TrendId},
    signal::Said,
    trend::{ConvertFor, TrendState},
};

use super::{
    super::{
        db::{Db, Fault, Verb},
        lessons,
        rows::Cells,
    },
    Moved, move_to, waiting,
};

/// The best signal of each campaign that was not decided on by tasks yet, by score.
const BEST: &str = "SELECT s.signal_id, s.version, s.score, c.name,
     EXISTS (SELECT 1 FROM trend_signals p JOIN sightings w
       ON w.resource_id = p.resource_id AND w.item_key = p.item_key
       WHERE w.trend_id = ?1 AND p.campaign_id = s.campaign_id AND p.state = 'planned') AS planned
   FROM sightings v
   JOIN trend_signals s ON s.resource_id = v.resource_id AND s.item_key = v.item_key
   JOIN campaigns c ON c.campaign_id = s.campaign_id
   WHERE v.trend_id = ?1 AND c.archived = 0 AND s.state IN ('new', 'held', 'ignored')
   ORDER BY c.name, s.score IS NULL, s.score DESC, s.ingested_at, s.signal_id";

pub(super) fn convert(
    db: &Db<'_>,
    trend: TrendId,
    version: StateVersion,
    wanted: &ConvertFor,
    actor: &str,
) -> Verb<Outcome<u32>> {
    let head = match waiting(db, trend, version)? {
        Ok(head) => head,
        Err(lost) => return Ok(lost.map()),
    };
    let least = match wanted {
        ConvertFor::Named(_) => None,
        ConvertFor::Fitting => {
            let least = db
                .policy()?
                .map(|policy| policy.planner.relevance_min.ppm() / 2);
            Some(least.unwrap_or(Score::ONE.ppm()))
        }
    };
    let best: Vec<(SignalId, StateVersion, Option<u32>, String, bool)> =
        db.all(BEST, [trend.as_bytes()], |row| {
            Ok((
                row.id("signal_id")?,
                row.version("version")?,
                row.get("score")?,
                row.text("name")?,
                row.flag("planned")?,
            ))
        })?;
    if let ConvertFor::Named(names) = wanted
        && let Some(name) = names
            .iter()
            .find(|name| !best.iter().any(|one| one.3 == **name))
    {
        return Err(Fault::refused(format!(
            "campaign `{name}` has no signal of it that can be planned"
        )));
    }
    let (mut last, mut kept) = (String::new(), Vec::new());
    for (signal, version, score, campaign, planned) in best {
        if campaign == last {
            continue;
        }
        last.clone_from(&campaign);
        let fits = match (wanted, least) {
            (ConvertFor::Named(names), _) => names.contains(&campaign),
            (ConvertFor::Fitting, least) => {
                !planned && score.is_some_and(|score| least.is_some_and(|least| score >= least))
            }
        };
        if fits {
            match lessons::say(db, signal, version, Said::Kept, actor)? {
                Outcome::Done((), _) => kept.push(campaign),
                Outcome::Conflict(_) | Outcome::NotFound => {}
            }
        }
    }
    if kept.is_empty() {
        return Err(Fault::refused(
            "no campaign has a signal of it that fits and is not planned yet; name campaigns to have it planned all the same",
        ));
    }
    let moved = Moved {
        note: kept.join(", "),
        ..Moved::to(TrendState::Converted)
    };
    let next = move_to(db, &head, actor, &moved)?;
    Ok(Outcome::Done(
        u32::try_from(kept.len()).unwrap_or(u32::MAX),
        next,
    ))
}
