//! `chimera review stats`: what each reviewer did, with how much there is behind each number.

use chimera_domain::{
    Span,
    ports::Store,
    views::{Quantiles, ReviewerRow},
};
use serde_json::{Value, json};

use crate::{clock, fault::Fault, out};

/// The windows, as they are called.
const WINDOWS: [(&str, Span); 2] = [
    ("24h", Span::from_hours(24)),
    ("7d", Span::from_hours(7 * 24)),
];

pub(super) async fn run(store: &dyn Store, json: bool) -> Result<(), Fault> {
    let now = clock::system().now();
    for (window, length) in WINDOWS {
        let rows = store.reviewers(now.minus(length)).await?;
        if json {
            for row in &rows {
                out::json(&row_json(window, row));
            }
            continue;
        }
        out::line(format!("In the last {length}:"));
        for row in &rows {
            out::line(format!("  {row}"));
        }
        if rows.is_empty() {
            out::line("  nobody reviewed anything (n = 0)");
        }
    }
    Ok(())
}

fn row_json(window: &str, row: &ReviewerRow) -> Value {
    let median =
        |q: Option<Quantiles>| json!({"n": q.map_or(0, |q| q.n), "p50_us": q.map(|q| q.p50_us)});
    json!({
        "window": window,
        "reviewer": row.who,
        "answers": row.answers(),
        "approved": row.approved,
        "approved_percent": row.approved_percent(),
        "rejected": row.rejected,
        "left_waiting": row.put_off,
        "reversed": row.reversed,
        "reversed_percent": row.reversed_percent(),
        "on_screen": median(row.looked),
        "waited": median(row.waited),
        "given": row.given,
    })
}
