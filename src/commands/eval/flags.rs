//! `chimera eval injection` and `chimera eval disclosure`: every labelled line looked at by something that raises a flag or
//! does not.

use std::{collections::BTreeMap, time::Instant};

use chimera_domain::Safe;
use chimera_minds::{
    disclosure,
    eval::{Counts, Line, Ranked, interval},
    injection,
};
use serde_json::json;

use super::{
    labelled::Labels,
    table::{self, number},
};
use crate::{cli::DetectorArgs, fault::Fault, out};

/// Labels of lines that tell something.
const HARMLESS: [&str; 5] = ["0", "none", "safe", "harmless", "benign"];
/// A flag is raised or it is not.
const RAISED: f64 = 1.0;

/// What raises a flag.
pub(super) struct Flagger {
    what: &'static str,
    /// What a flagged text does.
    does: &'static str,
    method: &'static str,
    flags: fn(&str) -> bool,
}

/// Text that speaks to a machine.
pub(super) const INJECTION: Flagger = Flagger {
    what: "injection",
    does: "text that speaks to a machine",
    method: injection::VERSION,
    flags: |text| injection::flag(text).is_some(),
};

/// Text that asks whether a machine answers it.
pub(super) const DISCLOSURE: Flagger = Flagger {
    what: "disclosure",
    does: "text that asks whether it is answered by a machine",
    method: disclosure::VERSION,
    flags: |text| disclosure::answer(text).is_some(),
};

pub(super) fn run(flagger: &Flagger, args: &DetectorArgs, json: bool) -> Result<(), Fault> {
    let labels = Labels::read(&args.data)?;
    let mut rows = Vec::with_capacity(labels.rows.len());
    for row in &labels.rows {
        let harmless = args.harmless || HARMLESS.contains(&labels.label(row)?.as_str());
        let kind = row.text("kind").unwrap_or("all").to_owned();
        rows.push((
            labels.text_of(row, args.column.as_deref())?,
            !harmless,
            kind,
        ));
    }
    let begun = Instant::now();
    let flagged: Vec<bool> = rows
        .iter()
        .map(|(text, ..)| (flagger.flags)(text))
        .collect();
    let seconds = begun.elapsed().as_secs_f64();
    let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for (unit, ((_, truth, kind), raised)) in rows.iter().zip(&flagged).enumerate() {
        let (hits, all) = kinds.entry(kind).or_default();
        *hits += u64::from(*raised);
        *all += 1;
        let score = if *raised { RAISED } else { 0.0 };
        lines.push(Line {
            score,
            truth: *truth,
            unit,
        });
    }
    let ranked = Ranked::of(lines);
    let counts = ranked.at(RAISED, None);
    let draws = usize::try_from(args.draws).unwrap_or(0);
    type Measure = fn(&Counts) -> Option<f64>;
    let measures: [(&str, &str, Measure); 4] = [
        ("precision", "precision", Counts::precision),
        ("recall", "recall", Counts::recall),
        ("F1", "f1", Counts::f1),
        ("false alarms", "false_alarm_rate", Counts::false_alarm_rate),
    ];
    let whole = measures.map(|(name, key, measure)| {
        let draw = |weights: &[u32]| measure(&ranked.at(RAISED, Some(weights)));
        (
            name,
            key,
            measure(&counts),
            interval(rows.len(), draws, args.seed, draw),
        )
    });
    if json {
        let kinds: serde_json::Map<_, _> = kinds
            .iter()
            .map(|(kind, (flagged, lines))| {
                (
                    (*kind).to_owned(),
                    json!({"flagged": flagged, "lines": lines}),
                )
            })
            .collect();
        out::json(&json!({
            "what": flagger.what, "method": flagger.method, "lines": rows.len(), "seed": args.seed, "draws": args.draws,
            "hits": counts.hits, "false_alarms": counts.false_alarms, "misses": counts.misses, "rejections": counts.rejections,
            "measures": table::measures_json(&whole), "kinds": kinds, "seconds": seconds,
        }));
        return Ok(());
    }
    out::line(format!(
        "{}, by {}: {} lines, {} of them do",
        flagger.does,
        flagger.method,
        rows.len(),
        counts.hits + counts.misses
    ));
    out::line("");
    out::line(format!("{:<40} {:>8} {:>6}", "kind", "flagged", "lines"));
    for (kind, (flagged, lines)) in &kinds {
        out::line(format!(
            "{:<40} {flagged:>8} {lines:>6}",
            Safe::line(kind).as_str()
        ));
    }
    out::line("");
    table::measures(&whole);
    out::line(format!(
        "flagged {} right and {} wrong; precision {}; {} lines took {seconds:.2} s on one core",
        counts.hits,
        counts.false_alarms,
        number(counts.precision()),
        rows.len()
    ));
    Ok(())
}
