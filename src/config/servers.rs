//! MCP servers of other people, started as child processes. The bundled ones need no configuration.

use std::fmt;

use chimera_domain::{Span, model};

use super::{
    BUNDLED_SERVERS,
    problem::{Log, Wrong, quote},
    process::Surroundings,
    raw::Node,
    section::{Section, parsed},
    values,
};

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// How campaigns and prices name it.
    pub name: String,
    /// How it is started.
    pub stdio: Stdio,
    /// How long one call may take.
    pub call_timeout: Span,
    /// Calls per minute.
    pub rate_per_minute_max: u32,
    /// Effects under way through it at the same time.
    pub sends_max: u32,
    /// The tools that may be called; `None` is every tool it lists.
    pub tools: Option<Vec<String>>,
    /// Whether its effects are stand-ins.
    pub simulated: bool,
}

/// A child process that speaks over its standard input and output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stdio {
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// What is set in its environment.
    pub env: Vec<(String, Secret)>,
}

/// A value that does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) const fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for the one place that hands it on.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Reads the group; the keys are names.
pub(super) fn read(section: &Section<'_>, around: Surroundings<'_>, log: &mut Log) -> Vec<Server> {
    let mut servers = Vec::new();
    for entry in section.entries() {
        let path = section.path(&entry.key);
        if let Err(wrong) = values::name(&entry.key) {
            log.problem(entry.at, wrong.message, wrong.hint);
        } else if BUNDLED_SERVERS.contains(&entry.key.as_str()) {
            log.problem(
                entry.at,
                format!(
                    "{} is a bundled server and needs no configuration",
                    quote(&entry.key)
                ),
                "give your server another name and use that name in `publish_server`",
            );
        } else if entry.key == model::SERVER {
            log.problem(
                entry.at,
                "`models` stands for the language models",
                "give your server another name",
            );
        } else if let Some(server) = Section::of(&entry.value, &path, log)
            .and_then(|server| read_one(&entry.key, server, around, log))
        {
            servers.push(server);
        }
    }
    servers
}

fn read_one(
    name: &str,
    mut section: Section<'_>,
    around: Surroundings<'_>,
    log: &mut Log,
) -> Option<Server> {
    let stdio = section
        .group_required("stdio", log)
        .and_then(|stdio| read_stdio(stdio, around, log));
    let call_timeout = section
        .value(
            "call_timeout",
            log,
            values::span_from(Span::from_millis(100)),
        )
        .unwrap_or(Span::from_secs(30));
    let rate = section
        .value("rate_per_minute", log, values::whole(1, 6_000))
        .unwrap_or(60);
    let sends_max = section
        .value("sends_max", log, values::whole(1, 6))
        .unwrap_or(2);
    let tools = section.values("tools", log, values::line(128));
    let simulated = section
        .value("simulated", log, values::flag)
        .unwrap_or(false);
    section.finish(log);
    Some(Server {
        name: name.to_owned(),
        stdio: stdio?,
        call_timeout,
        rate_per_minute_max: rate,
        sends_max,
        tools,
        simulated,
    })
}

fn read_stdio(mut section: Section<'_>, around: Surroundings<'_>, log: &mut Log) -> Option<Stdio> {
    let command = section.required("command", log, argument);
    let args = section.values("args", log, argument).unwrap_or_default();
    let mut env = Vec::new();
    if let Some(variables) = section.group("env", log) {
        for entry in variables.entries() {
            let path = variables.path(&entry.key);
            if let Some(value) = variable(&entry.value, &path, around, log) {
                env.push((entry.key.clone(), Secret(value)));
            }
        }
    }
    section.finish(log);
    Some(Stdio {
        command: command?,
        args,
        env,
    })
}

fn argument(text: &str) -> Result<String, Wrong> {
    if text.is_empty() || text.contains('\0') {
        return Err(Wrong::new(
            "the text is empty or holds a zero byte",
            "write the program or argument as it is given to the system",
        ));
    }
    Ok(text.to_owned())
}

/// `${NAME}` stands for a variable of our own environment; anything else for itself.
pub(super) fn variable(
    node: &Node,
    path: &str,
    around: Surroundings<'_>,
    log: &mut Log,
) -> Option<String> {
    parsed(node, path, log, |text| {
        let Some(name) = text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
        else {
            return Ok(text.to_owned());
        };
        (around.variable)(name).ok_or_else(|| {
            Wrong::new(
                format!("the environment variable {} is not set", quote(name)),
                "set it before starting chimera, or remove the line",
            )
        })
    })
}
