//! `chimera trend`: what signals together tell, and what a person does about it.

use chimera_domain::{
    Outcome, Span, StateVersion,
    ids::{AgentId, MuteId, TrendId},
    ports::Store,
    trend::{ConvertFor, MUTED_WORDS, NewMute, Sentiment},
    views::{MuteRow, PAGE_MAX, PageRequest, TrendRow},
};
use serde_json::{Value, json};

use crate::{
    cli::{PageArgs, Trend, Which},
    clock,
    commands::page,
    fault::Fault,
    machine, out,
};

/// Runs one verb.
///
/// # Errors
/// `NotFound` for what is not there, `Conflict` for what moved meanwhile, `Refused` for what cannot be.
pub async fn run(store: &dyn Store, verb: Trend, json: bool) -> Result<(), Fault> {
    match verb {
        Trend::List(args) => list(store, &args, json).await,
        Trend::Show { trend } => show(store, &trend, json).await,
        Trend::Convert { which, campaign } => convert(store, &which, campaign, json).await,
        Trend::Snooze { which, span } => snooze(store, &which, span, json).await,
        Trend::Mute {
            trend,
            words,
            agent,
            span,
            if_version,
        } => {
            let which = trend.map(|trend| Which { trend, if_version });
            mute(store, which, words, agent, span, json).await
        }
        Trend::Unmute { mute } => unmute(store, &mute, json).await,
        Trend::Mutes => mutes(store, json).await,
    }
}

async fn list(store: &dyn Store, args: &PageArgs, json: bool) -> Result<(), Fault> {
    let found = store.trends(&page(args)).await?;
    for row in &found.rows {
        if json {
            out::json(&value(row));
        } else {
            out::line(line(row));
        }
    }
    if !json {
        out::line(match found.total {
            0 => {
                "No trends: nothing grew fast enough yet (`trends:` in chimera.yaml says what is)."
                    .to_owned()
            }
            total => format!("{} of {total} trends.", found.rows.len()),
        });
    }
    Ok(())
}

fn line(row: &TrendRow) -> String {
    let standing = &row.standing;
    format!(
        "{}  {:<9} {:>4} in all {:>6}/h (before {}/h) {:>3} sources  mood {:<4} {}",
        row.id,
        row.state,
        standing.volume,
        standing.velocity.now.to_string(),
        standing.velocity.before,
        standing.sources,
        mood(standing.sentiment),
        row.title
    )
}

fn mood(sentiment: Option<Sentiment>) -> String {
    sentiment.map_or_else(|| "-".to_owned(), |mood| mood.to_string())
}

fn value(row: &TrendRow) -> Value {
    json!({
        "trend_id": row.id, "version": row.version, "state": row.state, "title": row.title, "words": row.words,
        "volume": row.standing.volume, "sources": row.standing.sources,
        "per_hour_now": row.standing.velocity.now.to_string(), "per_hour_before": row.standing.velocity.before.to_string(),
        "sentiment": row.standing.sentiment.map(|mood| mood.to_string()), "method": row.method,
        "first_at": row.standing.first_at, "last_at": row.standing.last_at, "found_at": row.found_at,
        "signals": row.items.iter().map(|item| json!({"title": item.title, "source": item.source, "at": item.at})).collect::<Vec<_>>(),
        "measured_at": row.measured_at, "snoozed_until": row.snoozed_until, "moved_by": row.moved_by,
    })
}

async fn show(store: &dyn Store, trend: &str, json: bool) -> Result<(), Fault> {
    let row = row(store, trend).await?;
    if json {
        out::json(&value(&row));
        return Ok(());
    }
    out::line(line(&row));
    out::line(format!("    words: {}", row.words));
    for item in &row.items {
        out::line(format!(
            "    {}  {}  {}",
            item.at.to_rfc3339_seconds(),
            item.source,
            item.title
        ));
    }
    Ok(())
}

async fn row(store: &dyn Store, trend: &str) -> Result<TrendRow, Fault> {
    let id: TrendId = trend.parse().map_err(usage)?;
    let page = PageRequest {
        only: vec![id.to_string()],
        ..PageRequest::first(1)
    };
    let row = store.trends(&page).await?.rows.into_iter().next();
    row.ok_or_else(|| gone(trend))
}

/// The trend, and the version it was seen at: what was named, else what stands now.
async fn seen(store: &dyn Store, which: &Which) -> Result<(TrendRow, StateVersion), Fault> {
    let row = row(store, &which.trend).await?;
    let version = match which.if_version {
        None => row.version,
        Some(version) => StateVersion::new(version)
            .ok_or_else(|| Fault::Usage(format!("{version} is no version")))?,
    };
    Ok((row, version))
}

async fn convert(
    store: &dyn Store,
    which: &Which,
    campaigns: Vec<String>,
    json: bool,
) -> Result<(), Fault> {
    let (row, version) = seen(store, which).await?;
    let wanted = if campaigns.is_empty() {
        ConvertFor::Fitting
    } else {
        ConvertFor::Named(campaigns)
    };
    let actor = machine::actor();
    let id = row.id;
    let done = store.convert_trend(id, version, &wanted, &actor).await?;
    let planned = ended(done, &which.trend)?;
    if json {
        out::json(&json!({"trend_id": id, "planned": planned}));
    } else {
        out::line(format!("converted: {planned} of its signals are planned"));
    }
    Ok(())
}

async fn snooze(store: &dyn Store, which: &Which, span: Span, json: bool) -> Result<(), Fault> {
    let (row, version) = seen(store, which).await?;
    let until = clock::system().now().plus(span);
    let (id, actor) = (row.id, machine::actor());
    ended(
        store.snooze_trend(id, version, until, &actor).await?,
        &which.trend,
    )?;
    if json {
        out::json(&json!({"trend_id": id, "snoozed_until": until}));
    } else {
        out::line(format!("snoozed until {}", until.to_rfc3339_seconds()));
    }
    Ok(())
}

async fn mute(
    store: &dyn Store,
    which: Option<Which>,
    words: Option<String>,
    agent: Option<String>,
    span: Option<Span>,
    json: bool,
) -> Result<(), Fault> {
    let agent = match agent {
        None => None,
        Some(name) => Some(agent_of(store, &name).await?),
    };
    let until = span.map(|span| clock::system().now().plus(span));
    let actor = machine::actor();
    let (id, words) = match which {
        None => {
            let words = words.unwrap_or_default();
            let mute = NewMute {
                agent,
                words: words.clone(),
                until,
            };
            (store.mute_topic(&mute, &actor).await?, words)
        }
        Some(which) => {
            let (row, version) = seen(store, &which).await?;
            let words = words.unwrap_or_else(|| {
                let own: Vec<&str> = row.words.as_str().split(' ').take(MUTED_WORDS).collect();
                own.join(" ")
            });
            let mute = NewMute {
                agent,
                words: words.clone(),
                until,
            };
            let done = store.mute_trend(row.id, version, &mute, &actor).await?;
            (ended(done, &which.trend)?, words)
        }
    };
    if json {
        out::json(&json!({"mute_id": id, "words": words, "until": until}));
    } else {
        out::line(format!(
            "muted: what has all of `{}` is left ({id}; `chimera trend unmute {id}` takes it back)",
            chimera_domain::Safe::line(&words)
        ));
    }
    Ok(())
}

async fn agent_of(store: &dyn Store, name: &str) -> Result<AgentId, Fault> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let overview = store.overview().await?;
    let found = overview
        .campaigns
        .iter()
        .find(|c| c.persona.as_str() == name);
    found
        .map(|campaign| campaign.agent_id)
        .ok_or_else(|| Fault::NotFound(format!("there is no agent `{name}`")))
}

async fn unmute(store: &dyn Store, mute: &str, json: bool) -> Result<(), Fault> {
    let id: MuteId = mute.parse().map_err(usage)?;
    match store.unmute(id, &machine::actor()).await? {
        Outcome::Done((), _) if json => out::json(&json!({"mute_id": id, "lifted": true})),
        Outcome::Done((), _) => out::line("taken back: what comes from now on is looked at again"),
        Outcome::Conflict(conflict) => {
            let by = conflict.by.unwrap_or_default();
            return Err(Fault::Conflict(format!("{by} took it back already")));
        }
        Outcome::NotFound => {
            return Err(Fault::NotFound(format!(
                "there is no mute {mute}; `chimera trend mutes` shows them"
            )));
        }
    }
    Ok(())
}

async fn mutes(store: &dyn Store, json: bool) -> Result<(), Fault> {
    let found = store.mute_list(&PageRequest::first(PAGE_MAX)).await?;
    for row in &found.rows {
        if json {
            out::json(&json!({
                "mute_id": row.id, "agent": row.agent, "words": row.words, "until": row.until, "by": row.by,
                "at": row.at, "in_force": row.in_force,
                "lifted_by": row.lifted.as_ref().map(|(by, _)| by), "lifted_at": row.lifted.as_ref().map(|(_, at)| at),
            }));
        } else {
            out::line(mute_line(row));
        }
    }
    if !json && found.rows.is_empty() {
        out::line("Nothing is muted.");
    }
    Ok(())
}

fn mute_line(row: &MuteRow) -> String {
    let agent = row
        .agent
        .as_ref()
        .map_or("everybody", |agent| agent.as_str());
    let until = row.until.map_or_else(
        || "for ever".to_owned(),
        |until| format!("until {}", until.to_rfc3339_seconds()),
    );
    let now = match &row.lifted {
        Some((by, at)) => format!("taken back by {by} at {}", at.to_rfc3339_seconds()),
        None if row.in_force => "in force".to_owned(),
        None => "over".to_owned(),
    };
    format!(
        "{}  `{}`  for {agent}, {until}, by {} at {}: {now}",
        row.id,
        row.words,
        row.by,
        row.at.to_rfc3339_seconds()
    )
}

fn ended<T>(outcome: Outcome<T>, trend: &str) -> Result<T, Fault> {
    match outcome {
        Outcome::Done(done, _) => Ok(done),
        Outcome::Conflict(conflict) => {
            let by = conflict
                .by
                .map_or_else(String::new, |by| format!(", by {by}"));
            Err(Fault::Conflict(format!(
                "it is {} at version {} by now{by}",
                conflict.now, conflict.actual
            )))
        }
        Outcome::NotFound => Err(gone(trend)),
    }
}

fn gone(trend: &str) -> Fault {
    Fault::NotFound(format!(
        "there is no trend {trend}; `chimera trend list --json` shows them"
    ))
}

fn usage(error: impl std::fmt::Display) -> Fault {
    Fault::Usage(error.to_string())
}
