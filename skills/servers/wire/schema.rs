//! Makes published tool schemas plain JSON Schema 2020-12.

use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::model::JsonObject;
use serde_json::Value;

/// Removes the number formats (`uint32`, `double`, ...) that the Rust derive adds and that no standard defines:
/// strict validators of other languages complain about each of them.
pub(crate) fn plain<S>(mut router: ToolRouter<S>) -> ToolRouter<S> {
    for route in router.map.values_mut() {
        strip_shared(&mut route.attr.input_schema);
        if let Some(output) = &mut route.attr.output_schema {
            strip_shared(output);
        }
    }
    router
}

fn strip_shared(schema: &mut Arc<JsonObject>) {
    let mut value = Value::Object(schema.as_ref().clone());
    strip(&mut value);
    if let Value::Object(object) = value {
        *schema = Arc::new(object);
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let foreign = object
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(|format| {
                    format.starts_with("int")
                        || format.starts_with("uint")
                        || matches!(format, "float" | "double")
                });
            if foreign {
                object.remove("format");
            }
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
