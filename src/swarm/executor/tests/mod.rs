//! The executor over a real store, with platforms that are played by hand.

mod reach;
mod side_by_side;
mod slot;
mod walk;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::AtomicI64},
};

use async_trait::async_trait;
use chimera_domain::{
    Span, ToolError,
    policy::Usage,
    ports::{ResourceInfo, ResourceReader, ResourceText, ToolCall, ToolCaller, ToolReply},
};
use chimera_store::{
    Settings,
    conformance::{Backend, Harness},
    open,
};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Executor, Lanes};
use crate::{SendsMax, metered::Till, testing::policy};

/// Not a pace: everything is waited for, and this ends a test that would wait for ever.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// A fresh database in memory.
fn house() -> Harness {
    let one: Mutex<Option<Arc<dyn Backend>>> = Mutex::new(None);
    Harness::new(Arc::new(move |ambient| {
        let mut one = one.lock().unwrap();
        let fresh = || open(Settings::memory(), ambient).unwrap() as Arc<dyn Backend>;
        one.get_or_insert_with(fresh).clone()
    }))
}

/// What the platforms do, and what was asked of them.
#[derive(Default)]
struct Platforms {
    /// These never answer a publishing call.
    hanging: BTreeSet<&'static str>,
    /// These do not answer a question for a key.
    silent: Mutex<BTreeSet<&'static str>>,
    /// Every other call waits until so many hang.
    wait_for: usize,
    hung: Mutex<usize>,
    hangs: Notify,
    /// Every call in order, as `server/tool`.
    calls: Mutex<Vec<String>>,
}

impl Platforms {
    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn until_hung(&self) {
        loop {
            let hangs = self.hangs.notified();
            if *self.hung.lock().unwrap() >= self.wait_for {
                return;
            }
            hangs.await;
        }
    }
}

#[async_trait]
impl ToolCaller for Platforms {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        let server = call.server.as_str();
        let name = format!("{server}/{}", call.tool);
        self.calls.lock().unwrap().push(name);
        if call.tool != "get_post" && self.hanging.contains(server) {
            *self.hung.lock().unwrap() += 1;
            self.hangs.notify_waiters();
            std::future::pending::<()>().await;
        }
        self.until_hung().await;
        if call.tool == "get_post" && self.silent.lock().unwrap().contains(server) {
            return Err(ToolError::Ambiguous {
                server: call.server,
                tool: call.tool,
                why: "no answer".into(),
            });
        }
        if call.tool == "delete_post" {
            return Ok(reply(
                json!({"post_id": call.arguments["post_id"], "deleted": true}),
            ));
        }
        let post = json!({"post_id": "1", "url": "https://example.org/1"});
        Ok(reply(if call.tool == "get_post" {
            json!({"found": true, "post": post})
        } else {
            post
        }))
    }
}

#[async_trait]
impl ResourceReader for Platforms {
    async fn list(&self, _: &str) -> Result<Vec<ResourceInfo>, ToolError> {
        Ok(vec![])
    }

    async fn read(&self, server: &str, _: &str) -> Result<ResourceText, ToolError> {
        Err(ToolError::NotSent {
            server: server.to_owned(),
            why: "there is none".into(),
        })
    }
}

fn reply(structured: Value) -> ToolReply {
    ToolReply {
        structured,
        usage: Usage::default(),
        simulated: false,
        latency: Span::ZERO,
    }
}

fn executor(h: &Harness, fence: i64, platforms: &Arc<Platforms>) -> Arc<Executor> {
    Arc::new(Executor {
        store: h.store(),
        till: Till {
            store: h.store(),
            tools: platforms.clone(),
            policy: Arc::new(policy()),
            ambient: h.ambient.clone(),
        },
        ambient: h.ambient.clone(),
        fence,
        read_back_patience: Span::ZERO,
        lanes: Lanes::new(SendsMax::default()),
        ask_at: AtomicI64::new(0),
    })
}
