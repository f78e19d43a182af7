//! The shapes of the publishing tools, and nothing else: arguments out, receipts in.

use base64::{Engine, engine::general_purpose::STANDARD};
use chimera_domain::{
    ContentHash, Usd,
    artifact::{Blob, Post},
    effect::{Receipt, SendOrder, Withdrawal},
    ports::{ToolCall, ToolReply},
    text::plain,
};
use serde_json::{Value, json};

/// The call that carries out one order.
pub(super) fn call(order: &SendOrder, media: &[Blob]) -> ToolCall {
    match &order.withdraws {
        Some(withdrawal) => withdraw_call(order, withdrawal),
        None => publish_call(order, media),
    }
}

fn withdraw_call(order: &SendOrder, withdrawal: &Withdrawal) -> ToolCall {
    ToolCall {
        server: order.call.server.clone(),
        tool: order.call.tool.clone(),
        arguments: json!({
            "post_id": withdrawal.external_id,
            "reason": withdrawal.why,
            "idempotency_key": order.idempotency_key,
        }),
        deadline: None,
        trace_id: order.trace_id,
    }
}

/// The call that publishes. The media are the exact bytes that were judged, as data URLs.
fn publish_call(order: &SendOrder, media: &[Blob]) -> ToolCall {
    let post = &order.call.post;
    let media_urls: Vec<String> = media.iter().map(data_url).collect();
    ToolCall {
        server: order.call.server.clone(),
        tool: order.call.tool.clone(),
        arguments: json!({
            "platform": post.channel,
            "text_content": post.text,
            "account": post.account,
            "media_urls": media_urls,
            "alt_texts": post.media.iter().map(|media| &media.alt_text).collect::<Vec<_>>(),
            "disclosure_level": post.disclosure,
            "idempotency_key": order.idempotency_key,
        }),
        deadline: None,
        trace_id: order.trace_id,
    }
}

/// The receipt in an answer to a call that carried out an order.
pub(super) fn receipt(
    withdraws: Option<&Withdrawal>,
    reply: &ToolReply,
    cost_usd: Option<Usd>,
) -> Result<Receipt, String> {
    match withdraws {
        Some(withdrawal) if says_deleted(&reply.structured) => {
            Ok(down(withdrawal, reply, cost_usd))
        }
        Some(_) => Err("no `deleted: true` in the answer".to_owned()),
        None => from_post(&reply.structured, reply.simulated, cost_usd),
    }
}

/// The receipt of a withdrawal, where an answer to a question for the post says that it is down.
pub(super) fn is_down(
    reply: &ToolReply,
    withdrawal: &Withdrawal,
) -> Result<Option<Receipt>, String> {
    let found = reply.structured.get("found").and_then(Value::as_bool);
    let found = found.ok_or("no `found` in the answer")?;
    let stands = found && !reply.structured.get("post").is_some_and(says_deleted);
    Ok((!stands).then(|| down(withdrawal, reply, None)))
}

fn says_deleted(answer: &Value) -> bool {
    answer.get("deleted").and_then(Value::as_bool) == Some(true)
}

fn down(withdrawal: &Withdrawal, reply: &ToolReply, cost_usd: Option<Usd>) -> Receipt {
    Receipt {
        external_id: withdrawal.external_id.clone(),
        url: String::new(),
        simulated: reply.simulated,
        text_sha256: None,
        disclosure: None,
        cost_usd,
    }
}

/// What the platform says it has that is not what was sent; `None` when it agrees or does not say.
pub(super) fn difference(post: &Post, receipt: &Receipt) -> Option<String> {
    let sent = ContentHash::of_bytes(post.text.as_bytes());
    if receipt.text_sha256.is_some_and(|public| public != sent) {
        return Some("the platform has another text than was approved".to_owned());
    }
    let label = post.disclosure.as_str();
    match &receipt.disclosure {
        Some(public) if public != label => Some(format!(
            "the platform labels it `{}` instead of `{label}`",
            plain(public, 40)
        )),
        Some(_) | None => None,
    }
}

/// The receipt in an answer to a question for a key; `None` when the platform does not know it.
pub(super) fn read_back(reply: &ToolReply) -> Result<Option<Receipt>, String> {
    match reply.structured.get("found").and_then(Value::as_bool) {
        Some(false) => Ok(None),
        Some(true) => {
            let post = reply
                .structured
                .get("post")
                .ok_or("`found` without `post`")?;
            from_post(post, reply.simulated, None).map(Some)
        }
        None => Err("no `found` in the answer".to_owned()),
    }
}

fn from_post(post: &Value, simulated: bool, cost_usd: Option<Usd>) -> Result<Receipt, String> {
    let text = |field: &str| post.get(field).and_then(Value::as_str);
    let external_id = text("post_id")
        .filter(|id| !id.is_empty())
        .ok_or("no `post_id` in the answer")?;
    Ok(Receipt {
        external_id: external_id.to_owned(),
        url: text("url").unwrap_or_default().to_owned(),
        simulated: simulated
            || post
                .get("simulated")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        text_sha256: text("text_sha256").and_then(|hash| hash.parse::<ContentHash>().ok()),
        disclosure: text("disclosure_level").map(str::to_owned),
        cost_usd,
    })
}

fn data_url(blob: &Blob) -> String {
    format!("data:{};base64,{}", blob.mime, STANDARD.encode(&blob.bytes))
}

#[cfg(test)]
mod tests {
    use chimera_domain::Span;

    use super::*;

    fn reply(structured: Value) -> ToolReply {
        ToolReply {
            structured,
            usage: Default::default(),
            simulated: true,
            latency: Span::ZERO,
        }
    }

    // R9: a withdrawal counts only where the platform says that the post is down, or has none.
    #[test]
    fn r9_down_is_what_the_platform_says() {
        let withdrawal = Withdrawal {
            external_id: "p1".into(),
            why: "wrong".into(),
        };
        let done = |answer: Value| receipt(Some(&withdrawal), &reply(answer), None);
        assert!(done(json!({"post_id": "p1"})).is_err());
        assert!(done(json!({"deleted": false})).is_err());
        assert_eq!(done(json!({"deleted": true})).unwrap().external_id, "p1");
        let down = |answer: Value| is_down(&reply(answer), &withdrawal).map(|down| down.is_some());
        assert_eq!(down(json!({"found": false})), Ok(true));
        assert_eq!(
            down(json!({"found": true, "post": {"deleted": true}})),
            Ok(true)
        );
        assert_eq!(
            down(json!({"found": true, "post": {"deleted": false}})),
            Ok(false)
        );
        assert_eq!(down(json!({"found": true})), Ok(false));
        assert!(down(json!({})).is_err());
    }

    // R10: what the platform says it has is held against what was sent.
    #[test]
    fn r10_what_is_public_is_held_against_what_was_sent() {
        let post = chimera_domain::testing::post("Hello");
        let public = |hash: &[u8], label: &str| Receipt {
            external_id: "p1".into(),
            url: String::new(),
            simulated: true,
            text_sha256: Some(ContentHash::of_bytes(hash)),
            disclosure: Some(label.into()),
            cost_usd: None,
        };
        assert_eq!(difference(&post, &public(b"Hello", "automated")), None);
        assert!(difference(&post, &public(b"Hello!", "automated")).is_some());
        assert!(difference(&post, &public(b"Hello", "none")).is_some());
    }

    // R6, R7: an answer without an id is no receipt, and a stand-in's receipt says so.
    #[test]
    fn r6_an_answer_without_an_id_is_no_receipt() {
        assert!(receipt(None, &reply(json!({"ok": true})), None).is_err());
        let got = receipt(None, &reply(json!({"post_id": "p1", "url": "https://x.example/p1", "disclosure_level": "automated"})), None).unwrap();
        assert_eq!(
            (
                got.external_id.as_str(),
                got.simulated,
                got.disclosure.as_deref()
            ),
            ("p1", true, Some("automated"))
        );
        assert_eq!(read_back(&reply(json!({"found": false}))), Ok(None));
        assert!(
            read_back(&reply(json!({"found": true, "post": {"post_id": "p1"}})))
                .unwrap()
                .is_some()
        );
        assert!(read_back(&reply(json!({}))).is_err());
    }
}
