//! Resources: listed with an end, read whole, and never from a cache.

use chimera_domain::ports::ResourceReader;
use serde_json::json;

use super::peer::{answering, class, hub, post, scripted};

// T045: a poll that fails is a failure, also when the server gave its last answer a long life.
#[tokio::test(start_paused = true)]
async fn t045_a_failing_poll_is_not_answered_from_a_cache() {
    let transport = scripted(|_, mut wire| async move {
        let mut reads = 0;
        while let Some(message) = wire.behave(&post()).await {
            reads += 1;
            let contents =
                json!([{"uri": "feed://a", "mimeType": "application/json", "text": "{}"}]);
            match reads {
                1 => {
                    wire.answer(&message, json!({"contents": contents, "ttlMs": 600_000}))
                        .await
                }
                _ => wire.refuse(&message, -32_603, json!(null)).await,
            }
        }
    });
    let hub = hub(transport, |_| ());
    let first = hub.read("s", "feed://a").await.unwrap();
    assert_eq!(first.text, "{}");
    assert_eq!(first.mime.as_deref(), Some("application/json"));
    assert_eq!(
        class(hub.read("s", "feed://a").await),
        "ambiguous: no (-32603)"
    );
}

// T045: resources are listed page by page; a server that does not know the method has none; a picture is no text.
#[tokio::test(start_paused = true)]
async fn t045_resources_are_listed_and_read() {
    let transport = scripted(|_, mut wire| async move {
        while let Some(message) = wire.behave(&post()).await {
            let params = &message["params"];
            let result = match (message["method"].as_str(), params["cursor"].as_str()) {
                (Some("resources/list"), None) => {
                    json!({"resources": [{"uri": "feed://a", "name": "A"}], "nextCursor": ""})
                }
                (Some("resources/list"), Some("")) => {
                    json!({"resources": [{"uri": "feed://b", "name": "B"}]})
                }
                _ => json!({"contents": [{"uri": "feed://a", "blob": "AAAA"}]}),
            };
            wire.answer(&message, result).await;
        }
    });
    let reader = hub(transport, |_| ());
    let listed = reader.list("s").await.unwrap();
    let listed: Vec<_> = listed.iter().map(|r| (&*r.uri, &*r.name)).collect();
    assert_eq!(listed, [("feed://a", "A"), ("feed://b", "B")]);
    assert_eq!(
        class(reader.read("s", "feed://a").await),
        "contract: one text was expected, 0 came"
    );
    let none = answering(json!([]), |mut wire, message| async move {
        wire.refuse(&message, -32_601, json!(null)).await;
        wire.hang().await;
    });
    let none = hub(none, |_| ());
    assert_eq!(none.list("s").await, Ok(vec![]));
}
