//! The stand-in platform: idempotency, durability, faults, honesty.

use serde_json::{Value, json};

use super::peer::{Hand, NOON, Peer, twitter};
use crate::{Bundled, Error, Fault, serve};

const HOUR: i64 = 3_600_000_000;

fn post(key: &str, text: &str) -> Value {
    json!({"platform": "twitter", "text_content": text, "media_urls": [], "disclosure_level": "automated", "idempotency_key": key})
}

/// R4, R7: a repeated key gives the first outcome and one post, other content under it is a conflict, and all of it is
/// marked as simulated.
#[tokio::test]
async fn r4_r7_one_key_is_one_post() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(NOON);
    let peer = Peer::connect(Bundled::Twitter(twitter(folder.path(), &hand))).await;
    let first = peer.call("post_content", post("k1", "Hello #rust")).await;
    hand.advance(HOUR);
    let again = peer.call("post_content", post("k1", "Hello #rust")).await;
    assert_eq!(
        (
            &first["duplicate"],
            &again["duplicate"],
            &first["simulated"]
        ),
        (&json!(false), &json!(true), &json!(true))
    );
    for field in ["post_id", "url", "created_at", "text_sha256"] {
        assert_eq!(first[field], again[field]);
    }
    let conflict = peer.refused("post_content", post("k1", "Other")).await;
    assert_eq!(
        (&conflict["error"]["code"], &conflict["simulated"]),
        (&json!("idempotency_conflict"), &json!(true))
    );
    let found = peer
        .call("get_post", json!({"idempotency_key": "k1"}))
        .await;
    assert_eq!(
        (&found["found"], &found["post"]["text_content"]),
        (&json!(true), &json!("Hello #rust"))
    );
    assert_eq!(
        peer.call("get_post", json!({"idempotency_key": "k2"}))
            .await,
        json!({"found": false, "simulated": true})
    );
    peer.hang_up().await;
    let journal = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 1);
}

/// R2, R4: account and alt texts are kept over a restart and are content: another one under the same key is a conflict.
#[tokio::test]
async fn r2_r4_account_and_alt_texts_are_content() {
    let folder = tempfile::tempdir().unwrap();
    let settings = twitter(folder.path(), &Hand::at(NOON));
    let peer = Peer::connect(Bundled::Twitter(settings.clone())).await;
    let with = |account: &str, alt_texts: Value| {
        let mut args = post("k1", "Hello");
        args["media_urls"] = json!(["data:image/gif;base64,R0lGODlh"]);
        args["account"] = json!(account);
        args["alt_texts"] = alt_texts;
        args
    };
    let wanted = with("@fae", json!(["A red coat"]));
    let first = peer.call("post_content", wanted.clone()).await;
    assert_eq!(first["media"][0]["alt_text"], json!("A red coat"));
    peer.hang_up().await;

    let peer = Peer::connect(Bundled::Twitter(settings)).await;
    let again = peer.call("post_content", wanted).await;
    assert_eq!(
        (&again["duplicate"], &again["post_id"]),
        (&json!(true), &first["post_id"])
    );
    let kept = peer
        .call("get_post", json!({"idempotency_key": "k1"}))
        .await["post"]
        .clone();
    assert_eq!(
        (&kept["account"], &kept["media"][0]["alt_text"]),
        (&json!("@fae"), &json!("A red coat"))
    );
    for (account, alt_texts, code) in [
        ("@leo", json!(["A red coat"]), "idempotency_conflict"),
        ("", json!(["A red coat"]), "idempotency_conflict"),
        ("@fae", json!(["A blue coat"]), "idempotency_conflict"),
        ("@fae", json!([]), "idempotency_conflict"),
        ("@fae", json!(["a", "b"]), "invalid_argument"),
        ("@fae", json!(["x".repeat(2_001)]), "over_limit"),
        (&"x".repeat(101), json!([]), "over_limit"),
        ("@fae", json!(null), "invalid_argument"),
    ] {
        let refusal = peer.refused("post_content", with(account, alt_texts)).await;
        assert_eq!(refusal["error"]["code"], json!(code), "{refusal}");
    }
    peer.hang_up().await;
}

/// R4: posts, deletions and keys survive a restart; a deletion is final and idempotent too.
#[tokio::test]
async fn r4_a_restart_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(NOON);
    let settings = twitter(folder.path(), &hand);
    let peer = Peer::connect(Bundled::Twitter(settings.clone())).await;
    let id = peer.call("post_content", post("k1", "Hello")).await["post_id"].clone();
    let reply = json!({"in_reply_to": id, "text_content": "Indeed", "disclosure_level": "none", "idempotency_key": "k2"});
    peer.call("reply", reply.clone()).await;
    let delete = json!({"post_id": id, "reason": "wrong figure", "idempotency_key": "k3"});
    let deleted = peer.call("delete_post", delete.clone()).await;
    peer.hang_up().await;

    hand.advance(HOUR);
    let peer = Peer::connect(Bundled::Twitter(settings)).await;
    assert_eq!(
        peer.call("post_content", post("k1", "Hello")).await["duplicate"],
        json!(true)
    );
    assert_eq!(peer.call("reply", reply).await["duplicate"], json!(true));
    let again = peer.call("delete_post", delete).await;
    assert_eq!(
        (&again["duplicate"], &again["deleted_at"]),
        (&json!(true), &deleted["deleted_at"])
    );
    assert_eq!(
        peer.call("get_post", json!({"post_id": id})).await["post"]["deleted"],
        json!(true)
    );
    let other = json!({"post_id": id, "reason": "again", "idempotency_key": "k4"});
    assert_eq!(
        peer.refused("delete_post", other).await["error"]["code"],
        json!("already_deleted")
    );
    let late = json!({"in_reply_to": id, "text_content": "x", "disclosure_level": "none", "idempotency_key": "k5"});
    assert_eq!(
        peer.refused("reply", late).await["error"]["code"],
        json!("not_found")
    );
    peer.hang_up().await;
}

/// R4: a platform that commits and dies without an answer has posted once; after the restart the key finds it.
#[tokio::test]
async fn r4_a_lost_answer_is_reconciled_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let settings = twitter(folder.path(), &Hand::at(NOON));
    settings.faults.push(Fault::DieAfterCommitNoAnswer, 1);
    let peer = Peer::connect(Bundled::Twitter(settings.clone())).await;
    let committed = async {
        while peer
            .call("get_post", json!({"idempotency_key": "k1"}))
            .await["found"]
            == json!(false)
        {}
    };
    tokio::select! {
        answer = peer.raw("post_content", post("k1", "Hello")) => panic!("answered {answer:?}"),
        () = committed => {}
    }
    peer.hang_up().await;
    let peer = Peer::connect(Bundled::Twitter(settings)).await;
    assert_eq!(
        peer.call("post_content", post("k1", "Hello")).await["duplicate"],
        json!(true)
    );
    peer.hang_up().await;
}

/// R4: faults before the effect leave nothing behind and say when to come back.
#[tokio::test]
async fn r4_faults_before_the_effect_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = twitter(folder.path(), &Hand::at(NOON));
    settings.faults.push(Fault::RefuseBefore, 1);
    settings.faults.push(
        Fault::RateLimited {
            retry_after_seconds: 30,
        },
        1,
    );
    let peer = Peer::connect(Bundled::Twitter(settings)).await;
    assert_eq!(
        peer.refused("post_content", post("k1", "Hello")).await["error"]["code"],
        json!("unavailable")
    );
    let limited = peer.refused("post_content", post("k1", "Hello")).await;
    assert_eq!(limited["error"]["retry_after_seconds"], json!(30));
    assert_eq!(
        peer.call("get_post", json!({"idempotency_key": "k1"}))
            .await["found"],
        json!(false)
    );
    assert_eq!(
        peer.call("post_content", post("k1", "Hello")).await["duplicate"],
        json!(false)
    );
    peer.hang_up().await;
}

/// R4: a second server on the same journal is refused with the name of the file, and a damaged journal is not served.
#[tokio::test]
async fn r4_one_journal_has_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let settings = twitter(folder.path(), &Hand::at(NOON));
    let peer = Peer::connect(Bundled::Twitter(settings.clone())).await;
    peer.call("post_content", post("k1", "Hello")).await;
    let (_ours, theirs) = tokio::io::duplex(1024);
    let error = serve(Bundled::Twitter(settings.clone()), theirs)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::JournalLocked { .. }) && error.to_string().contains("journal.jsonl"),
        "{error}"
    );
    peer.hang_up().await;
}

/// R3: over the limit is refused with the numbers and nothing is published.
#[tokio::test]
async fn r3_over_the_limit_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let peer = Peer::connect(Bundled::Twitter(twitter(folder.path(), &Hand::at(NOON)))).await;
    let refusal = peer
        .refused("post_content", post("k1", &"x".repeat(281)))
        .await;
    assert_eq!(refusal["error"]["code"], json!("over_limit"));
    assert!(refusal["error"]["detail"].as_str().unwrap().contains("281"));
    assert_eq!(
        peer.call("get_post", json!({"idempotency_key": "k1"}))
            .await["found"],
        json!(false)
    );
    assert!(
        peer.refused("post_content", post(" ", "x")).await["error"]["detail"]
            .as_str()
            .unwrap()
            .contains("idempotency_key")
    );
    peer.hang_up().await;
}

/// R7: counters only rise, even when the clock steps back, and stand still after a deletion.
#[tokio::test]
async fn r7_metrics_are_monotone() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(NOON);
    let peer = Peer::connect(Bundled::Twitter(twitter(folder.path(), &hand))).await;
    let id = peer.call("post_content", post("k1", "Hello")).await["post_id"].clone();
    let mut likes = 0;
    for step in [0, HOUR, 5 * HOUR, -3 * HOUR, 48 * HOUR] {
        hand.advance(step);
        let now = peer.call("get_metrics", json!({"post_id": id})).await;
        assert!(now["likes"].as_i64().unwrap() >= likes, "{now}");
        likes = now["likes"].as_i64().unwrap();
    }
    assert!(likes > 0);
    assert_eq!(
        peer.refused("get_metrics", json!({"post_id": "post_x"}))
            .await["error"]["code"],
        json!("not_found")
    );
    peer.hang_up().await;
}

/// T052, R7: trends and mentions are empty until something was said, then come from what was said, page by cursor.
#[tokio::test]
async fn t052_trends_and_mentions_are_honest() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(NOON);
    let mut settings = twitter(folder.path(), &hand);
    let file = folder.path().join("mentions.jsonl");
    let mention = |id: &str, at: &str| {
        json!({"id": id, "title": "@ada is #rust ready?", "published": at}).to_string()
    };
    std::fs::write(
        &file,
        [
            mention("m1", "2026-11-21T11:00:00Z"),
            mention("m2", "2026-11-21T13:00:00Z"),
        ]
        .join("\n"),
    )
    .unwrap();
    let peer = Peer::connect(Bundled::Twitter(settings.clone())).await;
    let wish = json!({"platform": "twitter", "time_window": "24h"});
    let empty = peer.call("fetch_trends", wish.clone()).await;
    assert_eq!(
        (&empty["trends"], &empty["simulated"]),
        (&json!([]), &json!(true))
    );
    let nothing = peer.read("twitter://mentions").await;
    assert_eq!(
        (&nothing["items"], &nothing["schema"], &nothing["simulated"]),
        (&json!([]), &json!("chimera.feed/1"), &json!(true))
    );
    peer.hang_up().await;

    settings.mentions = Some(file);
    let peer = Peer::connect(Bundled::Twitter(settings)).await;
    let id = peer
        .call("post_content", post("k1", "Trying #Rust today"))
        .await["post_id"]
        .clone();
    let trends = peer.call("fetch_trends", wish).await;
    assert_eq!(
        (
            &trends["trends"][0]["title"],
            &trends["trends"][0]["volume"]
        ),
        (&json!("#rust"), &json!(2))
    );
    assert!(trends["trends"][0]["momentum_score"].as_f64().unwrap() > 0.5);
    assert_eq!(trends["trends"][0]["sentiment"], Value::Null);

    let first = peer.read("twitter://mentions").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let next = |document: &Value| {
        format!(
            "twitter://mentions?cursor={}",
            document["next_cursor"].as_str().unwrap()
        )
    };
    let rest = peer.read(&next(&first)).await;
    assert_eq!(
        (&rest["items"], &rest["not_modified"]),
        (&json!([]), &json!(true))
    );
    hand.advance(2 * HOUR);
    let reply = json!({"in_reply_to": id, "text_content": "Me too", "disclosure_level": "none", "idempotency_key": "k2"});
    peer.call("reply", reply).await;
    let more = peer.read(&next(&rest)).await;
    let ids: Vec<&str> = more["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["title"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["@ada is #rust ready?", "Me too"]);
    assert_eq!(
        peer.read("twitter://trends").await["items"][0]["title"],
        json!("#rust")
    );
    assert!(
        peer.try_read("twitter://nothing")
            .await
            .unwrap_err()
            .to_string()
            .contains("not_found")
    );
    peer.hang_up().await;
}
