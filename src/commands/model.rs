//! `chimera model`: the language models, who asks them and for how much.

use chimera_domain::{Safe, model, policy::Price};
use chimera_models::{Models, Settings};
use serde_json::json;

use crate::{
    cli::Model,
    clock,
    config::{Config, Home, Minds},
    fault::{Fault, chain},
    out,
};

/// Runs one verb.
///
/// # Errors
/// `Usage` for a configuration that cannot be used; `Failed` when a model cannot be asked.
pub fn run(home: &Home, verb: Model, json: bool) -> Result<(), Fault> {
    home.ensure()
        .map_err(|error| Fault::Failed(chain(&error)))?;
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    if config.minds.models.is_empty() && !json {
        out::note("no language model is configured; write `models:` and `minds:` in chimera.yaml");
    }
    match verb {
        Model::List => {
            list(&config, json);
            Ok(())
        }
        Model::Check => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|e| Fault::failed("cannot start the runtime", &e))?;
            runtime.block_on(check(config.minds, json))
        }
    }
}

fn list(config: &Config, json: bool) {
    let policy = config.policy_at(clock::system().now());
    for settings in &config.minds.models {
        let price = policy.budget.price(model::SERVER, &settings.name);
        let asked_by = asked_by(&config.minds, &settings.name);
        let most = price.and_then(Price::estimate);
        if json {
            out::json(&json!({
                "name": settings.name,
                "provider": settings.provider.as_str(),
                "model": settings.model,
                "url": settings.url,
                "has_key": settings.key.is_some(),
                "asked_by": asked_by,
                "usd": price.map(|price| price.usd.to_string()),
                "usd_out": price.and_then(|price| price.usd_out).map(|usd| usd.to_string()),
                "unit": price.map(|price| price.unit.as_str()),
                "question_usd_max": most.map(|usd| usd.to_string()),
            }));
        } else {
            out::line(format!(
                "{:12} {:10} {:28} {:24} {}",
                settings.name,
                settings.provider.as_str(),
                Safe::line(&settings.model).cut(28),
                asked_by,
                most.map_or_else(
                    || "no price in force: never asked".to_owned(),
                    |usd| format!("{usd} USD a question at most"),
                ),
            ));
        }
    }
}

fn asked_by(minds: &Minds, name: &str) -> String {
    let relevance = (minds.relevance.as_deref() == Some(name)).then(|| "relevance".to_owned());
    let place = minds.writer.iter().position(|writer| writer == name);
    let writer = place.map(|place| format!("writer {}", place + 1));
    let second =
        (minds.second_opinion.as_deref() == Some(name)).then(|| "second opinion".to_owned());
    let both: Vec<String> = relevance.into_iter().chain(writer).chain(second).collect();
    if both.is_empty() {
        "nobody".to_owned()
    } else {
        both.join(", ")
    }
}

async fn check(minds: Minds, json: bool) -> Result<(), Fault> {
    let names: Vec<String> = minds
        .models
        .iter()
        .map(|model| model.name.clone())
        .collect();
    let settings = Settings {
        models: minds.models,
        answers: None,
    };
    let models =
        Models::new(settings, clock::system()).map_err(|error| Fault::Usage(chain(&error)))?;
    let mut failed = 0_usize;
    for name in names {
        let said = models.check(&name).await.map_err(|error| error.to_string());
        failed += usize::from(said.is_err());
        match (&said, json) {
            (_, true) => out::json(&json!({"name": name, "ok": said.is_ok(), "why": said.err()})),
            (Ok(()), false) => out::line(format!("{name:12} is there and takes the key")),
            (Err(why), false) => out::line(format!("{name:12} {}", Safe::line(why))),
        }
    }
    if failed > 0 {
        return Err(Fault::Failed(format!("{failed} models cannot be asked")));
    }
    Ok(())
}
