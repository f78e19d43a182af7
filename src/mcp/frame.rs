//! One line of JSON at a time, bounded. An answer that is too long becomes an error answer to the same request.
//!
//! Without this the SDK buffers up to 16 MiB, then drops the line, and the caller waits until its deadline.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

/// The error code that stands for an answer we did not take; JSON-RPC leaves -32099 to implementations.
pub(crate) const TOO_LONG: i32 = -32_099;

const CHUNK: usize = 8 * 1_024;
/// How much of a line's two ends is kept to find its id.
const END: usize = 128;

/// A byte stream whose lines have at most `bytes_max` bytes.
pub(crate) struct Lines<R> {
    inner: R,
    bytes_max: usize,
    chunk: Box<[u8]>,
    chunk_read: usize,
    chunk_filled: usize,
    line: Vec<u8>,
    overlong: Option<Ends>,
    out: Vec<u8>,
    out_read: usize,
}

/// Both ends of a line that is being skipped.
struct Ends {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl<R> Lines<R> {
    pub(crate) fn new(inner: R, bytes_max: usize) -> Self {
        Self {
            inner,
            bytes_max,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            chunk_read: 0,
            chunk_filled: 0,
            line: Vec::new(),
            overlong: None,
            out: Vec::new(),
            out_read: 0,
        }
    }

    /// Takes what was read up to the next line end.
    fn consume(&mut self) {
        let fresh = &self.chunk[self.chunk_read..self.chunk_filled];
        let newline = fresh.iter().position(|byte| *byte == b'\n');
        let part = &fresh[..newline.map_or(fresh.len(), |at| at + 1)];
        self.chunk_read += part.len();
        match &mut self.overlong {
            Some(ends) => ends.extend(part),
            None if self.line.len() + part.len() > self.bytes_max => {
                let mut ends = Ends {
                    head: self.line.iter().chain(part).take(END).copied().collect(),
                    tail: Vec::new(),
                };
                ends.extend(&self.line);
                ends.extend(part);
                self.overlong = Some(ends);
                self.line = Vec::new();
            }
            None => self.line.extend_from_slice(part),
        }
        if newline.is_some() {
            self.out_read = 0;
            self.out.clear();
            match self.overlong.take() {
                Some(ends) => self.out = ends.answer(self.bytes_max),
                None => std::mem::swap(&mut self.out, &mut self.line),
            }
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Lines<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.out_read < this.out.len() {
                let ready = &this.out[this.out_read..];
                let taken = ready.len().min(buf.remaining());
                buf.put_slice(&ready[..taken]);
                this.out_read += taken;
                return Poll::Ready(Ok(()));
            }
            if this.chunk_read < this.chunk_filled {
                this.consume();
                continue;
            }
            let mut chunk = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut chunk))?;
            (this.chunk_read, this.chunk_filled) = (0, chunk.filled().len());
            if this.chunk_filled == 0 {
                // The end. A line without its line end is no message.
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Ends {
    fn extend(&mut self, part: &[u8]) {
        let kept = &part[part.len().saturating_sub(END)..];
        self.tail.extend_from_slice(kept);
        let surplus = self.tail.len().saturating_sub(END);
        self.tail.drain(..surplus);
    }

    /// The line to deliver instead: an error for the same request, or nothing when the request is not known.
    fn answer(&self, bytes_max: usize) -> Vec<u8> {
        let Some(id) = self.id() else {
            tracing::warn!(
                bytes_max,
                "dropped a line above the limit that names no request"
            );
            return Vec::new();
        };
        let message = format!("the answer is longer than {bytes_max} bytes");
        let error =
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": TOO_LONG, "message": message}});
        format!("{error}\n").into_bytes()
    }

    fn id(&self) -> Option<Value> {
        id_at_head(&self.head).or_else(|| id_at_tail(&self.tail))
    }
}

/// The id of a message that starts with `{"jsonrpc":…,"id":…,` in either order. Nothing deeper is looked at:
/// an id inside the result belongs to somebody else.
fn id_at_head(head: &[u8]) -> Option<Value> {
    let mut rest = head.trim_ascii_start().strip_prefix(b"{")?;
    loop {
        let (key, after) = next_value(rest)?;
        let after = after.trim_ascii_start().strip_prefix(b":")?;
        let (value, after) = next_value(after)?;
        if key == "id" {
            return scalar(value);
        }
        if key != "jsonrpc" {
            return None;
        }
        rest = after.trim_ascii_start().strip_prefix(b",")?;
    }
}

/// The id of a message that ends with `,"id":…}`. One closing brace, so the key is of the outermost object.
fn id_at_tail(tail: &[u8]) -> Option<Value> {
    let tail = tail.trim_ascii_end().strip_suffix(b"}")?;
    let key = b"\"id\"";
    let at = tail.windows(key.len()).rposition(|window| window == key)?;
    let value = tail[at + key.len()..]
        .trim_ascii_start()
        .strip_prefix(b":")?;
    scalar(serde_json::from_slice(value).ok()?)
}

fn next_value(bytes: &[u8]) -> Option<(Value, &[u8])> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, &bytes[values.byte_offset()..]))
}

fn scalar(value: Value) -> Option<Value> {
    (value.is_number() || value.is_string()).then_some(value)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn read(bytes: &[u8], bytes_max: usize) -> String {
        let mut out = String::new();
        Lines::new(bytes, bytes_max)
            .read_to_string(&mut out)
            .await
            .unwrap();
        out
    }

    // R41: lines within the limit pass as they are, whatever their number and length; a torn last one does not.
    #[tokio::test]
    async fn r41_lines_within_the_limit_pass_unchanged() {
        let lines: String = (1..4_000)
            .map(|n| format!("{}\n", "x".repeat(n % 97)))
            .collect();
        assert_eq!(read(lines.as_bytes(), 97).await, lines);
        assert_eq!(read(b"a\nb", 10).await, "a\n");
    }

    // R41: an overlong answer is an error answer to its own request, never to one that is only mentioned in it.
    #[tokio::test]
    async fn r41_an_overlong_answer_is_an_error_to_its_own_request() {
        let check = async |line: String, id: Option<Value>| {
            let got = read(format!("{line}\n{{}}\n").as_bytes(), 300).await;
            let (first, last) = got.trim_end().rsplit_once('\n').unwrap_or(("", &got));
            assert_eq!(last.trim_end(), "{}", "the next line is whole");
            let error: Option<Value> = serde_json::from_str(first).ok();
            assert_eq!(error.map(|error| error["id"].clone()), id, "{line}");
        };
        let long = "x".repeat(20_000);
        check(
            format!(r#"{{"jsonrpc":"2.0","id":7,"result":"{long}"}}"#),
            Some(json!(7)),
        )
        .await;
        check(
            format!(r#"{{ "id" : "a" , "result":"{long}"}}"#),
            Some(json!("a")),
        )
        .await;
        check(
            format!(r#"{{"result":"{long}","jsonrpc":"2.0","id":7}}"#),
            Some(json!(7)),
        )
        .await;
        check(
            format!(r#"{{"result":{{"id":5,"x":"{long}"}},"id": 7 }}"#),
            Some(json!(7)),
        )
        .await;
        check(
            format!(r#"{{"result":{{"id":5,"x":"{long}","id":6}}}}"#),
            None,
        )
        .await;
        check(format!(r#"{{"result":"{long}","x":[{{"id":7}}]}}"#), None).await;
        check(long, None).await;
    }
}
