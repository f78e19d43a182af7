//! Feeds through their resources: files, folders, recordings, HTTP.

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::peer::{Hand, NOON, Peer};
use crate::{Bundled, FeedsSettings, Location, Source};

const FEED: &str = "<rss version='2.0'><channel><title>T</title><link>https://x.example/</link>\
    <item><guid>1</guid><title>Rust compiler doubles speed</title><link>https://x.example/1</link><pubDate>Sat, 21 Nov 2026 11:00:00 GMT</pubDate></item>\
    <item><guid>2</guid><title>Rust compiler doubles its speed</title><link>https://x.example/2</link><pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate></item>\
    <item><guid>3</guid><title>A terrible crash in Ohio</title><link>https://x.example/3</link><pubDate>Thu, 19 Nov 2026 10:00:00 GMT</pubDate></item>\
    </channel></rss>";

fn source(name: &str, location: Location) -> Source {
    Source {
        name: name.to_owned(),
        location,
    }
}

async fn connect(sources: Vec<Source>) -> Peer {
    Peer::connect(Bundled::Feeds(FeedsSettings::new(
        sources,
        Hand::at(NOON).clock(),
    )))
    .await
}

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// R28, R44: a folder becomes one resource per file, and each reads as the one JSON shape.
#[tokio::test]
async fn r28_a_folder_of_files_is_listed_and_read() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a b.xml", FEED);
    write(folder.path(), "broken.html", "<html></html>");
    let peer = connect(vec![source(
        "all",
        Location::Directory(folder.path().to_owned()),
    )])
    .await;
    let listed = peer.client.list_resources(None).await.unwrap().resources;
    let uris: Vec<&str> = listed
        .iter()
        .map(|resource| resource.uri.as_str())
        .collect();
    assert_eq!(uris, ["feed://a-b", "feed://broken"]);
    let templates = peer
        .client
        .list_resource_templates(None)
        .await
        .unwrap()
        .resource_templates;
    assert_eq!(templates[0].uri_template, "feed://{name}{?cursor}");

    let read = peer.read("feed://a-b").await;
    assert_eq!(
        read["feed"],
        json!({"name": "a-b", "title": "T", "link": "https://x.example/"})
    );
    assert_eq!(
        (&read["schema"], &read["format"], &read["recorded"]),
        (&json!("chimera.feed/1"), &json!("rss2"), &json!(false))
    );
    assert_eq!(
        read["items"][0],
        json!({"id": "1", "title": "Rust compiler doubles speed", "summary": "", "link": "https://x.example/1",
        "published": "2026-11-21T11:00:00Z", "authors": [], "categories": []})
    );
    let again = peer
        .read(&format!(
            "feed://a-b?cursor={}",
            read["next_cursor"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (
            &again["not_modified"],
            &again["items"],
            &again["next_cursor"]
        ),
        (&json!(true), &json!([]), &read["next_cursor"])
    );

    let error = peer
        .try_read("feed://broken")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("broken") && error.contains("web page"),
        "{error}"
    );
    assert!(
        peer.try_read("feed://none")
            .await
            .unwrap_err()
            .to_string()
            .contains("not_found")
    );
    assert!(peer.try_read("file:///etc/passwd").await.is_err());
    peer.hang_up().await;
}

/// T052: trends group what is alike, leave out what is old, count a failing source, and never invent a mood.
#[tokio::test]
async fn t052_trends_rank_by_recency_and_volume() {
    let folder = tempfile::tempdir().unwrap();
    let good = source("good", Location::File(write(folder.path(), "a.xml", FEED)));
    let bad = source("bad", Location::File(folder.path().join("absent.xml")));
    let peer = connect(vec![good, bad]).await;
    let day = peer
        .call(
            "fetch_trends",
            json!({"platform": "global", "time_window": "24h"}),
        )
        .await;
    assert_eq!(day["trends"].as_array().unwrap().len(), 1, "{day}");
    assert_eq!(
        (&day["trends"][0]["volume"], &day["trends"][0]["sentiment"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(
        day["trends"][0]["source_citations"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        (&day["sources_read"], &day["sources_failed"][0]["name"]),
        (&json!(1), &json!("bad"))
    );
    let week = peer
        .call(
            "fetch_trends",
            json!({"platform": "global", "time_window": "7d", "topics": ["crash"], "geo": "US"}),
        )
        .await;
    assert_eq!(week["trends"][0]["sentiment"], json!(-1.0));
    assert!(!week["notes"].as_array().unwrap().is_empty());
    let long = peer
        .refused(
            "fetch_trends",
            json!({"platform": "global", "time_window": "8d"}),
        )
        .await;
    assert_eq!(long["error"]["code"], json!("invalid_argument"));
    peer.hang_up().await;
}

/// R28: a recording is walked by its cursor through the protocol and says when each read was made.
#[tokio::test]
async fn r28_a_recording_is_replayed_by_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..3)
        .map(|n| json!({"at": format!("2026-01-0{}T00:00:00Z", n + 1), "items": [{"id": n.to_string(), "title": format!("Story {n}")}]}).to_string())
        .collect();
    let path = write(folder.path(), "r.jsonl", &lines.join("\n"));
    let peer = connect(vec![source("r", Location::Recording(path))]).await;
    let mut uri = "feed://r".to_owned();
    for n in 0..3 {
        let read = peer.read(&uri).await;
        assert_eq!(
            (&read["recorded"], &read["items"][0]["id"]),
            (&json!(true), &json!(n.to_string()))
        );
        assert_eq!(
            read["recorded_at"],
            json!(format!("2026-01-0{}T00:00:00Z", n + 1))
        );
        assert_eq!(read["more"], json!(n < 2));
        uri = format!("feed://r?cursor={}", read["next_cursor"].as_str().unwrap());
    }
    let end = peer.read(&uri).await;
    assert_eq!(
        (&end["items"], &end["more"], &end["next_cursor"]),
        (&json!([]), &json!(false), &json!("3"))
    );
    peer.hang_up().await;
}

/// A server that answers one request after another with what the test prepared, and keeps what it was asked.
async fn loopback(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.split();
            let (mut lines, mut request) = (BufReader::new(read).lines(), String::new());
            while let Some(line) = lines
                .next_line()
                .await
                .unwrap()
                .filter(|line| !line.is_empty())
            {
                request.push_str(&line.to_lowercase());
                request.push('\n');
            }
            log.lock().unwrap().push(request);
            write.write_all(answer.as_bytes()).await.unwrap();
            write.shutdown().await.unwrap();
        }
    });
    (address, asked)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// R28: the second fetch is conditional and a 304 costs no items; errors of the source come back by name.
#[tokio::test]
async fn r28_http_is_conditional_and_bounded() {
    let (address, asked) = loopback(vec![
        answer("301 Moved", "location: /moved\r\n", ""),
        answer(
            "200 OK",
            "etag: \"v1\"\r\nlast-modified: Sat, 21 Nov 2026 11:00:00 GMT\r\n",
            FEED,
        ),
        answer("304 Not Modified", "", ""),
        answer("200 OK", "", FEED),
        answer("429 Too Many Requests", "retry-after: 60\r\n", ""),
        answer("302 Found", "location: file:///etc/passwd\r\n", ""),
        answer("200 OK", "", &"x".repeat(5_000)),
    ])
    .await;
    let mut settings = FeedsSettings::new(
        vec![source("web", Location::Http(format!("{address}/feed")))],
        Hand::at(NOON).clock(),
    );
    settings.max_bytes = 4_000;
    let peer = Peer::connect(Bundled::Feeds(settings)).await;
    let first = peer.read("feed://web").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let next = format!(
        "feed://web?cursor={}",
        first["next_cursor"].as_str().unwrap()
    );
    let second = peer.read(&next).await;
    assert_eq!(
        (
            &second["not_modified"],
            &second["items"],
            &second["next_cursor"]
        ),
        (&json!(true), &json!([]), &first["next_cursor"])
    );
    assert_eq!(
        peer.read(&next).await["not_modified"],
        json!(true),
        "an equal body is no change, whatever the headers say"
    );
    for reason in ["rate_limited", "302 Found", "too_large"] {
        let error = peer.try_read("feed://web").await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let asked = asked.lock().unwrap().clone();
    assert!(
        asked[2].contains("if-none-match: \"v1\"")
            && asked[2].contains("if-modified-since: sat, 21 nov"),
        "{}",
        asked[2]
    );
    peer.hang_up().await;
}
