//! `chimera worker history`: the past of one task by version, and today's judge on what it proposes now.

use chimera_domain::{
    Safe,
    ids::TaskId,
    ports::Store,
    verdict::Verdict,
    views::{TaskHistory, TaskMove},
};
use serde_json::{Value, json};

use crate::{fault::Fault, out};

/// Tells the past of a task.
///
/// # Errors
/// `NotFound` when there is no such task, or nothing to be judged.
pub async fn run(store: &dyn Store, task: &str, judge_now: bool, json: bool) -> Result<(), Fault> {
    let id: TaskId = task
        .parse()
        .map_err(|error: chimera_domain::ids::InvalidId| Fault::Usage(error.to_string()))?;
    let history = store.task_history(id).await?.ok_or_else(|| {
        Fault::NotFound(format!(
            "there is no task {task}; `chimera worker check-queue` shows them"
        ))
    })?;
    if json {
        for step in &history.moves {
            out::json(&value(&history, step));
        }
    } else {
        print(&history);
    }
    if judge_now {
        judge(store, id, json).await?;
    }
    Ok(())
}

fn print(history: &TaskHistory) {
    out::line(format!(
        "{}  {}, of {}",
        history.id, history.kind, history.trace_id
    ));
    for step in &history.moves {
        let from = if step.from.is_empty() {
            String::new()
        } else {
            format!("{} -> ", step.from)
        };
        out::line(format!(
            "v{:<4} {}  {:24} by {}, {}{}",
            step.version,
            step.at.to_rfc3339(),
            format!("{from}{}", step.to),
            step.by,
            step.verb,
            why(step)
        ));
        if let Some(verdict) = step.verdict {
            out::line(format!("      {verdict} (`chimera replay {verdict}`)"));
        }
        if let Some(lost) = &step.lost {
            let stale = lost.stale.map_or_else(String::new, |stale| {
                format!("; {stale} came too late and is kept unused")
            });
            out::line(format!(
                "      LOST to {} at {}: {}{stale}",
                lost.by,
                lost.at.to_rfc3339(),
                lost.what
            ));
        }
    }
    if history.left_out > 0 {
        out::line(format!("and {} later moves", history.left_out));
    }
    let lost = history.moves.iter().filter(|m| m.lost.is_some()).count();
    // Whoever writes on an old version is told at once and changes nothing, so the record has no line of it.
    out::line(format!(
        "{} versions, {lost} conflicts lost; writes that were refused at once leave no trace here",
        history.moves.len()
    ));
}

fn why(step: &TaskMove) -> String {
    let mut why = String::new();
    if !step.reason.is_empty() {
        why.push_str(&format!("  [{}]", step.reason));
    }
    if !step.note.is_empty() {
        why.push_str(&format!("  {}", step.note.cut(100)));
    }
    why
}

fn value(history: &TaskHistory, step: &TaskMove) -> Value {
    let lost = step.lost.as_ref().map(|lost| {
        json!({"to": lost.by, "what": lost.what, "at": lost.at.to_rfc3339(), "stale_artifact_id": lost.stale})
    });
    json!({"task_id": history.id, "trace_id": history.trace_id, "state_version": step.version, "from": step.from, "state": step.to,
        "by": step.by, "at": step.at.to_rfc3339(), "verb": step.verb, "reason_code": step.reason, "note": step.note,
        "verdict_id": step.verdict, "lost": lost})
}

/// Judges what the task proposes now, by the policy in force; nothing is written.
async fn judge(store: &dyn Store, task: TaskId, json: bool) -> Result<(), Fault> {
    let inputs = store.present_case(task).await?.ok_or_else(|| {
        Fault::NotFound(format!(
            "{task} proposes nothing now, so there is nothing to judge"
        ))
    })?;
    let verdict = chimera_swarm::decide(&inputs.case, inputs.persona.as_ref(), &inputs.policy);
    if json {
        out::json(&json!({"task_id": task, "judge_now": verdict}));
    } else {
        print_verdict(&verdict);
    }
    Ok(())
}

fn print_verdict(verdict: &Verdict) {
    let confidence = verdict
        .confidence
        .map_or_else(|| "none".to_owned(), |score| score.to_string());
    out::line(format!(
        "judged now {} with confidence {confidence}, by policy {}; nothing was written",
        verdict.route,
        verdict.policy.short()
    ));
    for reason in &verdict.reasons {
        out::line(format!("           {}", Safe::line(reason)));
    }
    for check in &verdict.checks {
        let score = match &check.score {
            Ok(score) => score.to_string(),
            Err(why) => format!("not scored: {}", Safe::line(why)),
        };
        out::line(format!("check      {:12} {score}", check.check));
    }
}
