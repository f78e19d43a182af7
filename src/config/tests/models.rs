//! `models:` and `minds:`: every form that is taken, every mistake that is told.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::config::models::KeptAnswers;

const PRICES: &str = "prices:";

/// A home with these models, each with a price, and a key file.
fn loaded(chimera: &str, priced: &[&str]) -> Result<Config, String> {
    let (folder, home) = home(&[]);
    fs::write(folder.path().join("chimera.yaml"), chimera).unwrap();
    let lines: Vec<String> = priced
        .iter()
        .map(|name| {
            format!(
                "\n  - {{server: models, tool: {name}, unit: ktokens, usd: 0.0005, usd_out: 0.003, units_max: 17, since: \"2026-11-01\", category: media_generation, simulated: false}}"
            )
        })
        .collect();
    fs::write(
        folder.path().join("budget.yaml"),
        budget(PRICES, &format!("{PRICES}{}", lines.concat())),
    )
    .unwrap();
    for (name, mode, text) in [
        ("key", 0o600, "sk-file\n"),
        ("open", 0o644, "sk-open\n"),
        ("two", 0o600, "a b\n"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let prefix = format!("{}/", folder.path().display());
    Config::load_from(&home, |variable| {
        (variable == "TOKEN").then(|| "sk-variable".to_owned())
    })
    .map_err(|error| error.to_string().replace(&prefix, ""))
}

// R50, R64: models are read with their keys from the environment or from a file of one's own, and no key shows itself.
#[test]
fn r64_models_and_who_asks_them_are_read() {
    let config = loaded(
        "models:\n  flash: {provider: gemini, model: gemini-3-flash, key: '${TOKEN}'}\n  sonnet: {provider: anthropic, model: claude, key_file: key, timeout: 20s, output_tokens_max: 600}\n  own: {provider: openai, model: llama3.2, url: 'http://127.0.0.1:11434/v1'}\nminds: {relevance: own, writer: [flash, own], second_opinion: sonnet, keep_answers: 2h}\n",
        &["flash", "sonnet", "own"],
    )
    .unwrap();
    let minds = &config.minds;
    let keys: Vec<Option<&str>> = minds
        .models
        .iter()
        .map(|model| model.key.as_ref().map(|key| key.expose()))
        .collect();
    assert_eq!(keys, [Some("sk-variable"), Some("sk-file"), None]);
    assert_eq!(minds.models[1].output_tokens_max, 600);
    assert_eq!(minds.relevance.as_deref(), Some("own"));
    assert_eq!(minds.writer, ["flash", "own"]);
    assert_eq!(minds.second_opinion.as_deref(), Some("sonnet"));
    assert_eq!(minds.answers, KeptAnswers::For(Span::from_hours(2)));
    let shown = format!("{config:?}");
    assert!(!shown.contains("sk-variable") && !shown.contains("sk-file"));
    let of_models = |notice: &&Problem| notice.message.contains("model");
    assert_eq!(config.notices.iter().find(of_models), None);
}

// R48, R151, R159: what would ask a model nobody knows, for a price nobody knows, or with a key that others read is told.
#[test]
fn r151_models_that_cannot_be_asked_are_told() {
    let own = "own: {provider: openai, model: m, url: 'http://127.0.0.1:1/v1'}";
    let cases = [
        (
            format!("models: {{{own}}}\nminds: {{writer: [owm]}}\n"),
            "there is no model `owm`",
            "did you mean `own`?",
        ),
        (
            format!("models: {{{own}}}\nminds: {{writer: [own], second_opinion: own}}\n"),
            "`own` would judge what it wrote itself",
            "name another model",
        ),
        (
            "models: {none: {provider: openai, model: m, url: 'http://127.0.0.1:1/v1'}}\nminds: {writer: [none]}\n".into(),
            "the model `none` has no price",
            "tool: none, unit: ktokens",
        ),
        (
            "models: {own: {provider: openai, model: m, output_tokens_max: 9000, url: 'http://127.0.0.1:1/v1'}}\nminds: {writer: [own]}\n".into(),
            "the price of `own` since 2026-11-01 does not hold",
            "`units_max: 25` or more",
        ),
        (
            "models: {own: {provider: openai, model: m}}\n".into(),
            "the model `own` has no key",
            "key_file",
        ),
        (
            "models: {own: {provider: openai, model: m, key: sk-in-the-open}}\n".into(),
            "`models.own.key`: a key does not belong into this file",
            "make a new key",
        ),
        (
            "models: {own: {provider: openai, model: m, key_file: open}}\n".into(),
            "`models.own.key_file`: others may read `open`",
            "chmod 600",
        ),
        (
            "models: {own: {provider: openai, model: m, key_file: two}}\n".into(),
            "`models.own.key_file`: `two` does not hold one key",
            "one line",
        ),
        (
            "models: {own: {provider: openai, model: m, key_file: key, url: 'http://example.org/v1'}}\n".into(),
            "a key would go over the network for everybody to read",
            "https",
        ),
        (
            "models: {own: {provider: openai, model: m, key_file: key, url: 'http://127.0.0.1.example.org/v1'}}\n".into(),
            "a key would go over the network for everybody to read",
            "https",
        ),
        (
            "models: {own: {provider: other, model: m, key_file: key}}\n".into(),
            "`models.own.provider`: `other` is not a provider",
            "gemini, openai, anthropic",
        ),
        (
            "servers:\n  models: {stdio: {command: x}}\n".into(),
            "`models` stands for the language models",
            "another name",
        ),
        (
            "minds: {replay_answers: nowhere.jsonl}\n".into(),
            "`minds.replay_answers`: there is no file `nowhere.jsonl`",
            "spelling",
        ),
    ];
    for (text, message, help) in cases {
        let error = loaded(&text, &["own"]).expect_err(message);
        assert!(error.contains(message), "wanted {message}\ngot    {error}");
        assert!(error.contains(help), "wanted {help}\ngot    {error}");
        assert!(!error.contains("sk-in-the-open") && !error.contains("sk-open"));
    }
}
