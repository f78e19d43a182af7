//! The little of HTTP that tests need: a question to the node without any of the program's care, and a request as it came.

use std::time::Duration;

use serde_json::Value;
use tokio::{io::AsyncReadExt, net::TcpStream};

use super::TestError;

/// A request that tests make has less.
const REQUEST_BYTES_MAX: usize = 1_024 * 1_024;

/// A client that keeps no connection, so that several runtimes can share it.
pub(super) fn client() -> Result<reqwest::Client, TestError> {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(20))
        .build()
        .map_err(|error| TestError::new(error.to_string()))
}

pub(super) async fn post(
    client: &reqwest::Client,
    url: &str,
    body: &Value,
) -> Result<Value, TestError> {
    let failed = |error: reqwest::Error| TestError::new(format!("{url}: {error:?}"));
    let reply = client
        .post(url)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .map_err(failed)?;
    let bytes = reply.bytes().await.map_err(failed)?;
    serde_json::from_slice(&bytes).map_err(|error| TestError::new(format!("{url}: {error}")))
}

/// A request as it came.
pub(crate) struct Request {
    /// The line that says what is asked, and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// The next request.
pub(crate) async fn request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let count = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(chunk.get(..count)?);
        if bytes.len() > REQUEST_BYTES_MAX {
            return None;
        }
        let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(bytes.get(..at)?).into_owned();
        let length: usize = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        })?;
        let body = bytes.get(at + 4..)?;
        if body.len() >= length {
            return Some(Request {
                head,
                body: body.to_vec(),
            });
        }
    }
}
