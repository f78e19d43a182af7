//! What every server shows before it is used: tools, schemas, annotations, eras.

use std::collections::BTreeMap;

use rmcp::ClientLifecycleMode;
use rmcp::model::ProtocolVersion;
use serde_json::{Value, json};

use super::peer::{Hand, NOON, Peer, twitter};
use crate::{Bundled, FeedsSettings, NAMES, StudioSettings};

fn all(folder: &std::path::Path) -> [Bundled; 3] {
    let hand = Hand::at(NOON);
    [
        Bundled::Feeds(FeedsSettings::new(Vec::new(), hand.clock())),
        Bundled::Studio(StudioSettings::new()),
        Bundled::Twitter(twitter(folder, &hand)),
    ]
}

/// With its keys in order, whichever order the build keeps them in: one room's libraries may choose it for all.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            let fields = fields.into_iter();
            Value::Object(
                fields
                    .map(|(key, value)| (key.clone(), sorted(value)))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// R44: the published tools of each server change only on purpose: their whole definition is a golden file.
#[tokio::test]
async fn r44_tool_definitions_are_golden() {
    let folder = tempfile::tempdir().unwrap();
    for server in all(folder.path()) {
        let name = server.name();
        let peer = Peer::connect(server).await;
        let tools = sorted(&serde_json::to_value(peer.tools().await).unwrap());
        let tools = serde_json::to_string_pretty(&tools).unwrap();
        insta::assert_snapshot!(format!("tools_{name}"), tools);
        peer.hang_up().await;
    }
}

/// R44: every tool says what it does to the world, has an output schema, and the list is sorted.
#[tokio::test]
async fn r44_every_tool_is_annotated_and_sorted() {
    let folder = tempfile::tempdir().unwrap();
    for server in all(folder.path()) {
        assert!(NAMES.contains(&server.name()));
        let peer = Peer::connect(server).await;
        let tools = peer.tools().await;
        assert!(tools.is_sorted_by(|a, b| a.name < b.name));
        for tool in tools {
            let hints = tool.annotations.unwrap();
            assert!(
                hints.read_only_hint.is_some() && hints.destructive_hint.is_some(),
                "{}",
                tool.name
            );
            assert!(
                hints.idempotent_hint.is_some() && hints.open_world_hint.is_some(),
                "{}",
                tool.name
            );
            let output = Value::Object(tool.output_schema.unwrap().as_ref().clone());
            assert_eq!(output["type"], json!("object"), "{}", tool.name);
        }
        peer.hang_up().await;
    }
}

/// Both eras of the protocol see the same tools.
#[tokio::test]
async fn both_eras_are_served() {
    let folder = tempfile::tempdir().unwrap();
    for server in all(folder.path()) {
        let legacy = Peer::connect_in(server.clone(), ClientLifecycleMode::Initialize).await;
        let old = legacy.tools().await;
        legacy.hang_up().await;
        let auto = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: Some(ProtocolVersion::V_2025_11_25),
        };
        let modern = Peer::connect_in(server, auto).await;
        assert_eq!(old, modern.tools().await);
        modern.hang_up().await;
    }
}

/// R7: arguments of every wrong kind are refused in words, marked where the platform is simulated; the server goes on.
#[tokio::test]
async fn r7_wrong_arguments_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for server in all(folder.path()) {
        let name = server.name();
        let peer = Peer::connect(server).await;
        for tool in peer.tools().await {
            for args in [
                json!({}),
                json!({"platform": 7}),
                json!({"title": null, "post_id": [], "time_window": {}, "reason": 1}),
            ] {
                let refusal = peer.refused(&tool.name, args).await;
                assert_eq!(
                    refusal["error"]["code"],
                    json!("invalid_argument"),
                    "{}",
                    tool.name
                );
                assert_eq!(refusal.get("simulated").is_some(), name == "twitter");
            }
        }
        assert!(peer.raw("no_such_tool", json!({})).await.is_err());
        assert!(!peer.tools().await.is_empty());
        peer.hang_up().await;
    }
}
