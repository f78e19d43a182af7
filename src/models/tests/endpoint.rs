//! An endpoint of a provider on the loopback, that behaves as it is told to.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What is done with one connection.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    /// These bytes, then the end.
    Say(Vec<u8>),
    /// These bytes, then nothing for ever.
    Stall(Vec<u8>),
    /// This head, then bytes for ever.
    Flood(Vec<u8>),
    /// The line is dropped after the request was read.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) body: Value,
}

pub(super) struct Endpoint {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    closed: Arc<Notify>,
}

impl Endpoint {
    /// Each connection gets the next turn, and the last one again and again.
    pub(super) async fn start(turns: Vec<Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(Notify::new());
        let (log, ended) = (seen.clone(), closed.clone());
        tokio::spawn(async move {
            let mut next = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let turn = turns[next.min(turns.len() - 1)].clone();
                next += 1;
                let (log, ended) = (log.clone(), ended.clone());
                tokio::spawn(async move {
                    if let Some(request) = read(&mut stream).await {
                        log.lock().unwrap().push(request);
                        answer(&mut stream, turn).await;
                    }
                    ended.notify_one();
                });
            }
        });
        Self { url, seen, closed }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// When the other side of a connection has gone.
    pub(super) async fn left(&self) {
        self.closed.notified().await;
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let count = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(Seen {
                head: head.to_owned(),
                body: serde_json::from_str(body).unwrap_or_default(),
            });
        }
    }
}

async fn answer(stream: &mut TcpStream, turn: Turn) {
    match turn {
        Turn::Say(bytes) => {
            let _gone = stream.write_all(&bytes).await;
            let _gone = stream.shutdown().await;
        }
        Turn::Stall(bytes) => {
            let _gone = stream.write_all(&bytes).await;
            let _until_gone = stream.read(&mut [0; 16]).await;
        }
        Turn::Flood(head) => {
            let _gone = stream.write_all(&head).await;
            while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
        }
        Turn::Hang => {}
    }
}

/// A reply with this status, these headers and this body.
pub(super) fn http(status: &str, headers: &str, body: &str) -> Turn {
    let length = body.len();
    Turn::Say(
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
        .into_bytes(),
    )
}

pub(super) fn ok(body: &Value) -> Turn {
    http("200 OK", "", &body.to_string())
}

/// A whole chat completion with this text.
pub(super) fn chat(text: &str) -> Value {
    json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "small-2026-11",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150},
    })
}
