//! JSON schemas of tools, compiled once. Nothing is ever fetched to resolve a reference.

use jsonschema::{PatternOptions, Validator};
use rmcp::model::JsonObject;
use serde_json::Value;

use crate::call;

/// A schema above this is no description of a tool but an attack on whoever compiles it.
const SCHEMA_BYTES_MAX: usize = 256 * 1_024;
/// How often a pattern may go back before it counts as not matching.
const BACKTRACKS_MAX: usize = 100_000;
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// One compiled schema.
#[derive(Debug)]
pub(crate) struct Schema(Validator);

impl Schema {
    /// Compiles a schema; says why when it cannot be used.
    pub(crate) fn compile(schema: &JsonObject) -> Result<Self, String> {
        let schema = Value::Object(schema.clone());
        if schema.to_string().len() > SCHEMA_BYTES_MAX {
            return Err(format!(
                "the schema is longer than {SCHEMA_BYTES_MAX} bytes"
            ));
        }
        let patterns = PatternOptions::fancy_regex()
            .backtrack_limit(BACKTRACKS_MAX)
            .size_limit(PATTERN_BYTES_MAX);
        jsonschema::options()
            .offline()
            .with_pattern_options(patterns)
            .build(&schema)
            .map(Self)
            .map_err(|error| format!("the schema cannot be used: {}", call::words(&error)))
    }

    /// Checks a value; says what is wrong with it first.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        self.0.validate(value).map_err(|error| {
            let path = error.instance_path().to_string();
            let place = if path.is_empty() { "the whole" } else { &path };
            format!("{}: {}", call::words(&place), call::words(&error))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compile(schema: &Value) -> Result<Schema, String> {
        Schema::compile(schema.as_object().unwrap())
    }

    // R44: a value is held against the schema, and the error names the place.
    #[test]
    fn r44_a_value_is_held_against_the_schema() {
        let schema = compile(&json!({
            "type": "object", "required": ["text"], "additionalProperties": false,
            "properties": {"text": {"type": "string", "maxLength": 5}, "n": {"type": "integer", "format": "uint64"}},
        }))
        .unwrap();
        let check = |value: Value, expected: Result<(), &str>| {
            assert_eq!(schema.check(&value), expected.map_err(str::to_owned));
        };
        check(json!({"text": "hello", "n": 3}), Ok(()));
        check(json!({}), Err("the whole: \"text\" is a required property"));
        check(
            json!({"text": "hello!"}),
            Err("/text: \"hello!\" is longer than 5 characters"),
        );
    }

    // R163: a reference to the outside is never followed; a schema with one cannot be used.
    #[test]
    fn r163_no_reference_is_fetched() {
        for reference in [
            "http://127.0.0.1:9/x.json",
            "https://example.com/x.json",
            "file:///etc/passwd",
        ] {
            assert!(compile(&json!({"$ref": reference})).is_err(), "{reference}");
        }
        let inside = json!({"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"});
        assert!(compile(&inside).unwrap().check(&json!("x")).is_ok());
    }

    // R163: a schema cannot keep the machine busy, neither by its size nor by a pattern.
    #[test]
    fn r163_a_schema_cannot_keep_the_machine_busy() {
        let large = json!({"description": "x".repeat(SCHEMA_BYTES_MAX)});
        assert!(compile(&large).is_err());
        let slow = compile(&json!({"pattern": "^(?=a)(a+)+$"})).unwrap();
        assert!(slow.check(&json!(format!("{}!", "a".repeat(40)))).is_err());
    }
}
