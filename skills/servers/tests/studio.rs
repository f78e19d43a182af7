//! The studio through its tools.

use base64::Engine;
use serde_json::{Value, json};

use super::peer::Peer;
use crate::wire::digest;
use crate::{Bundled, StudioSettings};

fn text(max: u32) -> Value {
    json!({
        "persona": {"name": "Ada", "openers": ["Noted"], "closers": ["Thoughts?"], "hashtags": ["rust"]},
        "trend": {"title": "Rust compiler gains faster builds", "link": "https://x.example/a", "source": "Example"},
        "constraints": {"platform": "twitter", "graphemes_max": max, "disclosure": "Automated", "hashtags_max": 1},
        "character_reference_id": "char_ada", "idempotency_key": "k1",
    })
}

fn card(more: &Value) -> Value {
    let mut args = json!({
        "title": "Rust compiler gains faster builds", "subtitle": "A third less waiting", "kicker": "Tech",
        "visual": {"palette": ["#0b3d2e"], "motif": "rings"}, "width": 640, "height": 360,
        "character_reference_id": "char_ada", "idempotency_key": "k1",
    });
    for (key, value) in more.as_object().unwrap() {
        args[key] = value.clone();
    }
    args
}

/// R44, T063: a text answer follows its schema, cites its source and is equal for an equal key.
#[tokio::test]
async fn t063_texts_are_structured_and_repeatable() {
    let peer = Peer::connect(Bundled::Studio(StudioSettings::new())).await;
    let first = peer.call("generate_text", text(280)).await;
    assert_eq!(first, peer.call("generate_text", text(280)).await);
    assert_eq!(first["citations"][0]["url"], json!("https://x.example/a"));
    assert_eq!(first["billing"], json!("simulated"));
    assert_eq!(
        peer.refused("generate_text", text(10)).await["error"]["code"],
        json!("over_limit")
    );
    let mut nobody = text(280);
    nobody["character_reference_id"] = json!("");
    assert_eq!(
        peer.refused("generate_text", nobody).await["error"]["code"],
        json!("character_reference_required")
    );
    peer.hang_up().await;
}

/// R45, R49: pictures and films carry their hash, their size and their character, and repeat byte for byte.
#[tokio::test]
async fn r45_r49_media_is_content_addressed() {
    let peer = Peer::connect(Bundled::Studio(StudioSettings::new())).await;
    let film = json!({"duration_seconds": 1, "render_tier": "daily"});
    for (tool, more, magic) in [
        ("generate_image", json!({}), &b"\x89PNG"[..]),
        ("generate_video", film, b"GIF89a"),
    ] {
        let answer = peer.call(tool, card(&more)).await;
        let media = &answer["media"];
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(media["data_base64"].as_str().unwrap())
            .unwrap();
        assert!(bytes.starts_with(magic));
        assert_eq!(media["sha256"], json!(digest::sha256(&bytes)));
        assert_eq!(media["bytes"], json!(bytes.len()));
        assert_eq!(media["character_reference_id"], json!("char_ada"));
        assert_eq!(answer, peer.call(tool, card(&more)).await);
        let mut nobody = card(&more);
        nobody["character_reference_id"] = json!("");
        assert_eq!(
            peer.refused(tool, nobody).await["error"]["code"],
            json!("character_reference_required")
        );
        let mut huge = card(&more);
        huge["width"] = json!(100_000);
        assert_eq!(
            peer.refused(tool, huge).await["error"]["code"],
            json!("invalid_argument")
        );
    }
    peer.hang_up().await;
}
