//! Language models: which there are, how they are reached, and who asks which. Nobody asks any unless it says so here.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chimera_domain::{Span, model::ASK_BYTES_MAX, policy::PriceUnit};
use chimera_models::{ModelSettings, Provider};

use super::{
    budget::Budget,
    feeds,
    problem::{Log, Place, Wrong, nearest, quote},
    process::{Surroundings, choice},
    raw::Node,
    section::{Section, parsed},
    servers, values,
};

/// The models and who asks them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minds {
    /// Every model.
    pub models: Vec<ModelSettings>,
    /// Who says before anything is made whether a signal that was planned is for the persona.
    pub relevance: Option<String>,
    /// Who writes, first choice first; when nobody can, and when nobody is named, the studio does.
    pub writer: Vec<String>,
    /// Who reads what was written, beside the judge.
    pub second_opinion: Option<String>,
    /// What becomes of answers.
    pub answers: KeptAnswers,
}

/// What becomes of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptAnswers {
    /// The same question is not asked again for so long.
    For(Span),
    /// Nothing is asked; what this file has is answered.
    Replay(PathBuf),
}

impl Default for KeptAnswers {
    fn default() -> Self {
        Self::For(Span::from_hours(24))
    }
}

/// The minds with the places of the names, for what only the other files can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) minds: Minds,
    defined: Vec<(String, Place)>,
    asked: Vec<(String, Place)>,
}

/// The longest reply that is read.
const BYTES_MAX: usize = 256 * 1_024;
/// The longest answer, where nothing is said.
const OUTPUT_TOKENS_MAX: u32 = 1_000;
/// How long a question may take, where nothing is said.
const TIMEOUT: Span = Span::from_secs(60);

const PROVIDERS: [(&str, Provider); 3] = [
    (Provider::Gemini.as_str(), Provider::Gemini),
    (Provider::Openai.as_str(), Provider::Openai),
    (Provider::Anthropic.as_str(), Provider::Anthropic),
];

/// Reads `models:` and `minds:`.
pub(super) fn read(top: &mut Section<'_>, around: Surroundings<'_>, log: &mut Log) -> Wanted {
    let mut wanted = Wanted::default();
    if let Some(section) = top.group("models", log) {
        for entry in section.entries() {
            let path = section.path(&entry.key);
            if let Err(wrong) = values::name(&entry.key) {
                log.problem(entry.at, wrong.message, wrong.hint);
            } else if let Some(model) = Section::of(&entry.value, &path, log)
                .and_then(|model| read_model(&entry.key, model, around, log))
            {
                wanted.defined.push((entry.key.clone(), entry.at));
                wanted.minds.models.push(model);
            }
        }
    }
    if let Some(mut section) = top.group("minds", log) {
        read_minds(&mut section, around, &mut wanted, log);
        section.finish(log);
    }
    wanted
}

fn read_minds(
    section: &mut Section<'_>,
    around: Surroundings<'_>,
    wanted: &mut Wanted,
    log: &mut Log,
) {
    let relevance = section.node("relevance").map(|node| node.at);
    wanted.minds.relevance = section.value("relevance", log, values::name);
    wanted
        .asked
        .extend(wanted.minds.relevance.clone().zip(relevance));
    let path = section.path("writer");
    for node in section.list("writer", log).unwrap_or_default() {
        if let Some(name) = parsed(node, &path, log, values::name) {
            wanted.asked.push((name.clone(), node.at));
            wanted.minds.writer.push(name);
        }
    }
    let second = section.node("second_opinion").map(|node| node.at);
    wanted.minds.second_opinion = section.value("second_opinion", log, values::name);
    if let Some((name, at)) = wanted.minds.second_opinion.clone().zip(second) {
        if wanted.minds.writer.first() == Some(&name) {
            log.problem(
                at,
                format!("{} would judge what it wrote itself", quote(&name)),
                "name another model, of another family if you can, or remove the line",
            );
        }
        wanted.asked.push((name, at));
    }
    let keep = section.value("keep_answers", log, values::span);
    let replay = section.value("replay_answers", log, |text| {
        feeds::existing(around.base, text, Path::is_file, "file")
    });
    if let Some(answers) = replay
        .map(KeptAnswers::Replay)
        .or_else(|| keep.map(KeptAnswers::For))
    {
        wanted.minds.answers = answers;
    }
}

fn read_model(
    name: &str,
    mut section: Section<'_>,
    around: Surroundings<'_>,
    log: &mut Log,
) -> Option<ModelSettings> {
    let provider = section.required("provider", log, choice("provider", &PROVIDERS));
    let model = section.required("model", log, values::line(200));
    let url_at = section.node("url").map(|node| node.at);
    let url = section.value("url", log, feeds::address);
    let key = read_key(&mut section, around, log);
    let at = section.at;
    let timeout = section
        .value("timeout", log, values::span_from(Span::from_secs(1)))
        .unwrap_or(TIMEOUT);
    let output_tokens_max = section
        .value("output_tokens_max", log, values::whole(50, 32_000))
        .unwrap_or(OUTPUT_TOKENS_MAX);
    section.finish(log);
    if let Some((url, at)) = url.as_deref().zip(url_at)
        && key.is_some()
        && !is_private(url)
    {
        log.problem(
            at,
            "a key would go over the network for everybody to read",
            "write https://, or leave the key out",
        );
    }
    if key.is_none() && url.is_none() {
        log.problem(
            at,
            format!("the model {} has no key", quote(name)),
            "write `key: ${NAME_OF_A_VARIABLE}` or `key_file: path`",
        );
    }
    Some(ModelSettings {
        name: name.to_owned(),
        provider: provider?,
        model: model?,
        url,
        key: key.map(|key| key.reveal().into()),
        timeout,
        output_tokens_max,
        bytes_max: BYTES_MAX,
    })
}

/// Whether nobody on the way can read it: encrypted, or it does not leave this machine.
fn is_private(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return true;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn read_key(
    section: &mut Section<'_>,
    around: Surroundings<'_>,
    log: &mut Log,
) -> Option<servers::Secret> {
    let path = section.path("key");
    let written = section.node("key");
    let file = section.node("key_file");
    if let Some((_, file)) = written.zip(file) {
        log.problem(
            file.at,
            "there are two keys",
            "write `key` or `key_file`, not both",
        );
    }
    if let Some(node) = written {
        return from_variable(node, &path, around, log);
    }
    let path = section.path("key_file");
    let text = parsed(file?, &path, log, |text| key_file(around.base, text))?;
    Some(servers::Secret::new(text))
}

/// A key stands in the environment, never in a file that is shown around.
fn from_variable(
    node: &Node,
    path: &str,
    around: Surroundings<'_>,
    log: &mut Log,
) -> Option<servers::Secret> {
    let is_variable = parsed(node, path, log, |text| {
        if text.starts_with("${") && text.ends_with('}') {
            return Ok(());
        }
        Err(Wrong::new(
            "a key does not belong into this file",
            "write `key: ${NAME_OF_A_VARIABLE}`, or `key_file: path` of a file that only you can read; and make a new key, for this one has been written down",
        ))
    });
    is_variable?;
    servers::variable(node, path, around, log).map(servers::Secret::new)
}

fn key_file(base: &Path, text: &str) -> Result<String, Wrong> {
    let path: PathBuf = feeds::existing(base, text, Path::is_file, "file")?;
    let broken = |error: std::io::Error| {
        Wrong::new(
            format!("{} cannot be read: {error}", quote(text)),
            "make it readable for the user that runs chimera",
        )
    };
    let open = std::fs::metadata(&path)
        .map_err(broken)?
        .permissions()
        .mode()
        & 0o077;
    if open != 0 {
        return Err(Wrong::new(
            format!("others may read {}", quote(text)),
            format!("run `chmod 600 {}`", quote(text)),
        ));
    }
    let key = std::fs::read_to_string(&path).map_err(broken)?;
    let key = key.trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(Wrong::new(
            format!("{} does not hold one key", quote(text)),
            "write the key on one line and nothing else",
        ));
    }
    Ok(key.to_owned())
}

/// What the models, their users and the prices say of each other.
pub(super) fn settle(wanted: Wanted, budget: &Budget, log: &mut Log) -> Minds {
    let minds = wanted.minds;
    for (name, at) in &wanted.asked {
        if minds.models.iter().any(|model| model.name == *name) {
            continue;
        }
        let names = minds.models.iter().map(|model| model.name.as_str());
        let hint = nearest(name, names).map_or_else(
            || "describe it under `models:`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        log.problem(*at, format!("there is no model {}", quote(name)), hint);
    }
    for (model, (_, at)) in minds.models.iter().zip(&wanted.defined) {
        if !wanted.asked.iter().any(|(name, _)| *name == model.name) {
            log.notice(
                *at,
                format!("nobody asks the model {}", quote(&model.name)),
                "name it in `minds:` under `relevance`, `writer` or `second_opinion`, or remove it",
            );
        }
        check_price(model, *at, budget, log);
    }
    minds
}

/// What a call costs at most must be known before it is made: the reservation is for that.
fn check_price(model: &ModelSettings, at: Place, budget: &Budget, log: &mut Log) {
    let bytes = u64::try_from(ASK_BYTES_MAX).unwrap_or(u64::MAX);
    let tokens = bytes.saturating_add(u64::from(model.output_tokens_max));
    let least = tokens.div_ceil(1_000);
    let mut prices = budget
        .policy
        .budget
        .prices
        .iter()
        .filter(|price| price.server == chimera_domain::model::SERVER && price.tool == model.name)
        .peekable();
    let line = format!(
        "`- {{server: models, tool: {}, unit: ktokens, usd: 0.0005, usd_out: 0.003, units_max: {least}, since: \"2026-11-01\", category: media_generation, simulated: false}}`",
        model.name
    );
    if prices.peek().is_none() {
        log.problem(
            at,
            format!("the model {} has no price", quote(&model.name)),
            format!(
                "write what it costs under `prices:` in budget.yaml, 0 for one of your own: {line}"
            ),
        );
    }
    for price in prices {
        let too_little = price.unit == PriceUnit::Ktokens && price.units_max < least;
        if too_little || matches!(price.unit, PriceUnit::Image | PriceUnit::Second) {
            log.problem(
                at,
                format!(
                    "the price of {} since {} does not hold for a whole question and answer",
                    quote(&model.name),
                    price.since
                ),
                format!(
                    "a question is up to {bytes} tokens and an answer up to {}: write `unit: ktokens` and `units_max: {least}` or more",
                    model.output_tokens_max
                ),
            );
        }
    }
}
