//! The tools of one connection: what they say of themselves, and their schemas, compiled when first needed.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use chimera_domain::{ContentHash, Safe};
use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::Value;

use crate::{call::Failure, pin, schema::Schema};

/// One tool as an operator sees it. All of its text is the server's own and untrusted.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolInfo {
    /// The name it is called by.
    pub name: String,
    /// What it says it does, safe to show.
    pub description: Safe,
    /// The schema of its arguments.
    pub input_schema: Value,
    /// The schema of its structured content, where it promises any.
    pub output_schema: Option<Value>,
    /// The hash of all of the above.
    pub hash: ContentHash,
    /// Whether the definition changed since it was pinned; such a tool is refused until the change is accepted.
    pub changed: bool,
}

/// One tool, ready to be called.
#[derive(Debug)]
pub(crate) struct Tool {
    definition: Definition,
    hash: ContentHash,
    input: OnceLock<Result<Schema, String>>,
    output: OnceLock<Result<Schema, String>>,
}

/// The tools of a connection by name.
#[derive(Debug, Default)]
pub(crate) struct Catalog(BTreeMap<String, Arc<Tool>>);

impl Tool {
    pub(crate) fn new(definition: Definition) -> Self {
        Self {
            hash: pin::hash(&definition),
            definition,
            input: OnceLock::new(),
            output: OnceLock::new(),
        }
    }

    /// The hash of its definition.
    pub(crate) const fn hash(&self) -> ContentHash {
        self.hash
    }

    /// Whether it promises structured content.
    pub(crate) const fn promises_structure(&self) -> bool {
        self.definition.output_schema.is_some()
    }

    /// Takes arguments that fit the input schema.
    pub(crate) fn check_input(&self, arguments: Value) -> Result<JsonObject, Failure> {
        check(&self.input, &self.definition.input_schema, &arguments)
            .map_err(|why| Failure::Contract(format!("the arguments do not fit at {why}")))?;
        match arguments {
            Value::Object(arguments) => Ok(arguments),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(Failure::Contract("the arguments are no object".into())),
        }
    }

    /// Holds structured content against the output schema, where there is one.
    pub(crate) fn check_output(&self, structured: &Value) -> Result<(), Failure> {
        let Some(schema) = &self.definition.output_schema else {
            return Ok(());
        };
        check(&self.output, schema, structured).map_err(|why| {
            Failure::Contract(format!("its answer breaks its output schema at {why}"))
        })
    }

    fn show(&self, changed: bool) -> ToolInfo {
        let definition = &self.definition;
        ToolInfo {
            name: definition.name.to_string(),
            description: Safe::block(definition.description.as_deref().unwrap_or_default()),
            input_schema: Value::Object((*definition.input_schema).clone()),
            output_schema: definition
                .output_schema
                .as_deref()
                .map(|schema| Value::Object(schema.clone())),
            hash: self.hash,
            changed,
        }
    }
}

fn check(
    compiled: &OnceLock<Result<Schema, String>>,
    schema: &JsonObject,
    value: &Value,
) -> Result<(), String> {
    match compiled.get_or_init(|| Schema::compile(schema)) {
        Ok(schema) => schema.check(value),
        Err(why) => Err(format!("its own schema: {why}")),
    }
}

impl Catalog {
    /// Takes a listing, without the tools that do not exist for us. Of two tools with one name the first counts.
    pub(crate) fn new(listed: Vec<Definition>, allowed: impl Fn(&str) -> bool) -> Self {
        let mut tools = BTreeMap::new();
        for definition in listed.into_iter().filter(|tool| allowed(&tool.name)) {
            tools
                .entry(definition.name.to_string())
                .or_insert_with(|| Arc::new(Tool::new(definition)));
        }
        Self(tools)
    }

    /// One tool.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Tool>> {
        self.0.get(name).map(Arc::clone)
    }

    /// Keeps only some.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &Tool) -> bool) {
        self.0.retain(|name, tool| keep(name, tool));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Every tool as an operator sees it.
    pub(crate) fn show(&self, changed: impl Fn(&str) -> bool) -> Vec<ToolInfo> {
        self.0
            .iter()
            .map(|(name, tool)| tool.show(changed(name)))
            .collect()
    }
}
