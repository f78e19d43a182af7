//! An endpoint that stands before another one and breaks as it is told: what networks, load balancers and providers do to
//! those who count on them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{TestError, http};

/// What happens to one exchange.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 429, and nothing is passed on.
    TooMany,
    /// 503, and nothing is passed on.
    Down,
    /// The line is cut before anything is passed on.
    Unreached,
    /// It is passed on, and the answer is lost.
    Lost,
    /// It is passed on, and half of the answer comes, as if it were whole.
    Cut,
    /// It is passed on twice, and the second answer comes.
    Twice,
    /// It is passed on, and answered as if it had failed.
    Denied,
    /// It is passed on after so long.
    Slow(Duration),
    /// Something that is no JSON.
    Garbage,
    /// An answer without end.
    Huge,
    /// It is passed on, and this is the answer to the method.
    Answers(Value),
}

#[derive(Debug)]
struct Rule {
    method: &'static str,
    fault: Fault,
    /// Each so-manieth exchange.
    every: u32,
    /// Exchanges with the method since the rule.
    met: u32,
    /// How often it still breaks.
    left: u32,
}

#[derive(Debug, Default)]
struct Plan {
    rules: Vec<Rule>,
    seen: BTreeMap<String, u32>,
    passed: BTreeMap<String, u32>,
}

/// An endpoint that breaks as it is told.
#[derive(Debug)]
pub struct FaultyRpc {
    url: String,
    plan: Arc<Mutex<Plan>>,
    serving: JoinHandle<()>,
}

impl FaultyRpc {
    /// Stands before another endpoint, without a fault yet.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(before: &str) -> Result<Self, TestError> {
        let failed = |error: std::io::Error| TestError::new(error.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let plan = Arc::new(Mutex::new(Plan::default()));
        let next = Next {
            url: before.to_owned(),
            client: http::client()?,
            plan: plan.clone(),
        };
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let next = next.clone();
                tokio::spawn(async move { next.serve(stream).await });
            }
        });
        Ok(Self { url, plan, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks the next exchanges in which this method is called.
    pub fn next(&self, method: &'static str, times: u32, fault: Fault) {
        self.rule(method, 1, times, fault);
    }

    /// Breaks each so-manieth exchange in which this method is called.
    pub fn every(&self, method: &'static str, every: u32, fault: Fault) {
        self.rule(method, every.max(1), u32::MAX, fault);
    }

    /// Breaks nothing any more.
    pub fn heal(&self) {
        lock(&self.plan).rules.clear();
    }

    /// How often a method was called here.
    #[must_use]
    pub fn seen(&self, method: &str) -> u32 {
        lock(&self.plan).seen.get(method).copied().unwrap_or(0)
    }

    /// How often a call of a method was passed on.
    #[must_use]
    pub fn passed(&self, method: &str) -> u32 {
        lock(&self.plan).passed.get(method).copied().unwrap_or(0)
    }

    fn rule(&self, method: &'static str, every: u32, left: u32, fault: Fault) {
        lock(&self.plan).rules.push(Rule {
            method,
            fault,
            every,
            met: 0,
            left,
        });
    }
}

impl Drop for FaultyRpc {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(plan: &Mutex<Plan>) -> std::sync::MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is behind.
#[derive(Clone)]
struct Next {
    url: String,
    client: reqwest::Client,
    plan: Arc<Mutex<Plan>>,
}

impl Next {
    async fn serve(&self, mut stream: TcpStream) {
        let Some(request) = http::request(&mut stream).await else {
            return;
        };
        if !request.head.starts_with("POST ") {
            return;
        }
        let Ok(request) = serde_json::from_slice(&request.body) else {
            return;
        };
        let methods = methods(&request);
        let fault = self.fault(&methods);
        let (status, body) = match self.answer(&request, &methods, fault.as_ref()).await {
            Some(answer) => answer,
            None => return,
        };
        let head = |length: usize| {
            format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            )
        };
        if matches!(fault, Some((_, Fault::Huge))) {
            let _gone = stream.write_all(head(usize::MAX / 2).as_bytes()).await;
            while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
            return;
        }
        let _gone = stream.write_all(head(body.len()).as_bytes()).await;
        let _gone = stream.write_all(&body).await;
        let _gone = stream.shutdown().await;
    }

    /// The first rule that breaks this exchange.
    fn fault(&self, methods: &[String]) -> Option<(&'static str, Fault)> {
        let mut plan = lock(&self.plan);
        for method in methods {
            *plan.seen.entry(method.clone()).or_default() += 1;
        }
        for rule in &mut plan.rules {
            if rule.left == 0 || !methods.iter().any(|method| method == rule.method) {
                continue;
            }
            rule.met += 1;
            if rule.met.is_multiple_of(rule.every) {
                rule.left -= 1;
                return Some((rule.method, rule.fault.clone()));
            }
        }
        None
    }

    /// A status and a body; none where the line is cut.
    async fn answer(
        &self,
        request: &Value,
        methods: &[String],
        fault: Option<&(&'static str, Fault)>,
    ) -> Option<(&'static str, Vec<u8>)> {
        let text = |text: &str| text.as_bytes().to_vec();
        let whole = |value: Value| Some(("200 OK", value.to_string().into_bytes()));
        let Some((method, fault)) = fault else {
            return whole(self.pass(request, methods).await?);
        };
        match fault {
            Fault::TooMany => Some(("429 Too Many Requests", text("slow down"))),
            Fault::Down => Some(("503 Service Unavailable", text("<html>later</html>"))),
            Fault::Unreached => None,
            Fault::Lost => {
                self.pass(request, methods).await;
                None
            }
            Fault::Cut => {
                let mut body = self.pass(request, methods).await?.to_string().into_bytes();
                body.truncate(body.len() / 2);
                Some(("200 OK", body))
            }
            Fault::Twice => {
                self.pass(request, methods).await;
                whole(self.pass(request, methods).await?)
            }
            Fault::Denied => {
                let mut reply = self.pass(request, methods).await?;
                put(request, &mut reply, method, |answer| {
                    answer["error"] =
                        json!({"code": -32_000, "message": "temporarily unavailable"});
                    if let Some(fields) = answer.as_object_mut() {
                        fields.remove("result");
                    }
                });
                whole(reply)
            }
            Fault::Slow(time) => {
                tokio::time::sleep(*time).await;
                whole(self.pass(request, methods).await?)
            }
            Fault::Garbage => Some(("200 OK", text("\u{fffd}\u{1b}[2J not JSON at all"))),
            Fault::Huge => Some(("200 OK", Vec::new())),
            Fault::Answers(value) => {
                let mut reply = self.pass(request, methods).await?;
                put(request, &mut reply, method, |answer| {
                    answer["result"] = value.clone();
                    if let Some(fields) = answer.as_object_mut() {
                        fields.remove("error");
                    }
                });
                whole(reply)
            }
        }
    }

    async fn pass(&self, request: &Value, methods: &[String]) -> Option<Value> {
        for method in methods {
            *lock(&self.plan).passed.entry(method.clone()).or_default() += 1;
        }
        http::post(&self.client, &self.url, request).await.ok()
    }
}

fn calls(request: &Value) -> &[Value] {
    match request.as_array() {
        Some(calls) => calls,
        None => std::slice::from_ref(request),
    }
}

fn methods(request: &Value) -> Vec<String> {
    let name = |call: &Value| call["method"].as_str().map(str::to_owned);
    calls(request).iter().filter_map(name).collect()
}

/// Changes the answers to one method.
fn put(request: &Value, reply: &mut Value, method: &str, change: impl Fn(&mut Value)) {
    let ids: Vec<&Value> = calls(request)
        .iter()
        .filter(|call| call["method"] == method)
        .map(|call| &call["id"])
        .collect();
    let answers = match reply {
        Value::Array(answers) => answers.as_mut_slice(),
        one @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => std::slice::from_mut(one),
    };
    for answer in answers {
        if ids.contains(&&answer["id"]) {
            change(answer);
        }
    }
}
