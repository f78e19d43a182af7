//! The simulated MCP servers: feeds that bring items with time, a studio, and a platform that keeps
//! posts by key. Under faults they are slow, refuse, lose answers, and carry calls out late.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chimera_domain::{
    ContentHash, Span, ToolError,
    policy::{BudgetPolicy, Price, Usage},
    ports::{ResourceInfo, ResourceReader, ResourceText, ToolCall, ToolCaller, ToolReply},
};
use serde_json::{Value, json};

use super::{Mutation, TOPICS, world::World};

/// Faults of one tool call, in a million.
const REFUSED_BEFORE: u64 = 10_000;
const RATE_LIMITED: u64 = 5_000;
const LOST_BEFORE: u64 = 5_000;
const LOST_AFTER: u64 = 10_000;
const REFUSED_AFTER: u64 = 3_000;
const GARBAGE: u64 = 3_000;
/// The most items one read brings.
const ITEMS_MAX: u64 = 20;

/// What one process calls.
#[derive(Debug, Clone)]
pub(super) struct SimTools {
    pub(super) world: Arc<World>,
    pub(super) process: u32,
    /// What calls can cost.
    pub(super) budget: BudgetPolicy,
}

impl SimTools {
    /// How a call goes wrong before it is carried out.
    fn fails_before(&self, call: &ToolCall) -> Option<ToolError> {
        let (server, tool) = (call.server.clone(), call.tool.clone());
        let why = "simulated".to_owned();
        let error = if self.world.fault(REFUSED_BEFORE) {
            ToolError::NotSent { server, why }
        } else if self.world.fault(RATE_LIMITED) {
            ToolError::RateLimited {
                server,
                retry_after: Some(Span::from_secs(self.world.below(120))),
                why,
            }
        } else if self.world.fault(LOST_BEFORE) {
            ToolError::Ambiguous { server, tool, why }
        } else {
            return None;
        };
        self.world.count(|t| t.tool_faults += 1);
        Some(error)
    }

    /// How an answer goes wrong after the call was carried out.
    fn fails_after(&self, call: &ToolCall) -> Option<ToolError> {
        let (server, tool) = (call.server.clone(), call.tool.clone());
        let why = "simulated".to_owned();
        let error = if self.world.fault(LOST_AFTER) {
            ToolError::Ambiguous { server, tool, why }
        } else if self.world.fault(REFUSED_AFTER) {
            ToolError::Refused { server, tool, why }
        } else if self.world.fault(GARBAGE) {
            ToolError::Contract { server, tool, why }
        } else {
            return None;
        };
        self.world.count(|t| t.tool_faults += 1);
        Some(error)
    }

    async fn publish(&self, call: &ToolCall) -> Result<ToolReply, ToolError> {
        let word = |name: &str| call.arguments[name].as_str().unwrap_or_default().to_owned();
        let (key, text) = (word("idempotency_key"), word("text_content"));
        self.world.sends(&key, &text);
        if let Some(error) = self.fails_before(call) {
            if error.may_retry() {
                self.world.answered(&key);
            }
            return Err(error);
        }
        let world = self.world.clone();
        // The platform goes on whatever becomes of the caller, and sometimes takes its time.
        let late = world.fault(20_000);
        let wait = if late {
            Span::from_secs(world.below(20))
        } else {
            Span::from_millis(world.below(400))
        };
        let (landing_key, landing_text) = (key.clone(), text.clone());
        let landing = tokio::spawn(async move {
            tokio::time::sleep(wait.to_std()).await;
            world.lands(&landing_key, &landing_text)
        });
        if self.world.mutates(Mutation::SendTwice) {
            self.world.lands(&format!("{key}-again"), &text);
        }
        if late && self.world.fault(500_000) {
            self.world.count(|t| t.tool_faults += 1);
            return Err(ToolError::Ambiguous {
                server: call.server.clone(),
                tool: call.tool.clone(),
                why: "timed out".to_owned(),
            });
        }
        let id = landing.await.unwrap_or_default();
        self.world.point(Some(self.process)).await;
        if let Some(error) = self.fails_after(call) {
            return Err(error);
        }
        self.world.answered(&key);
        Ok(self.reply(self.public(&id, &text)))
    }

    async fn take_down(&self, call: &ToolCall) -> Result<ToolReply, ToolError> {
        let word = |name: &str| call.arguments[name].as_str().unwrap_or_default();
        let (key, id) = (word("idempotency_key"), word("post_id"));
        self.world.sends_down(key, id);
        if let Some(error) = self.fails_before(call) {
            return Err(error);
        }
        let found = self.world.takes_down(id);
        self.world.point(Some(self.process)).await;
        if let Some(error) = self.fails_after(call) {
            return Err(error);
        }
        Ok(self.reply(json!({"post_id": id, "deleted": found, "simulated": self.is_stand_in()})))
    }

    fn read_back(&self, call: &ToolCall) -> ToolReply {
        let asked = |name: &str| call.arguments[name].as_str();
        let post = match asked("post_id") {
            Some(id) => self.world.post_of(id),
            None => {
                let key = asked("idempotency_key").unwrap_or_default();
                self.world.answered(key);
                self.world.post(key)
            }
        };
        match post {
            Some(post) => {
                let mut answer = self.public(&post.id, &post.text);
                answer["deleted"] = post.down.into();
                self.reply(json!({"found": true, "post": answer}))
            }
            None => self.reply(json!({"found": false})),
        }
    }

    fn is_stand_in(&self) -> bool {
        !self.world.settings.is_real()
    }

    fn public(&self, id: &str, text: &str) -> Value {
        json!({"post_id": id, "url": format!("https://sim.invalid/{id}"), "disclosure_level": "automated",
            "text_sha256": ContentHash::of_bytes(text.as_bytes()).to_string(), "simulated": self.is_stand_in()})
    }

    /// An answer of the platform.
    fn reply(&self, structured: Value) -> ToolReply {
        ToolReply {
            simulated: self.is_stand_in(),
            ..reply(structured)
        }
    }
}

fn reply(structured: Value) -> ToolReply {
    ToolReply {
        structured,
        usage: Usage {
            tokens: Some(300),
            tokens_out: Some(200),
            images: Some(1),
            seconds: None,
        },
        simulated: true,
        latency: Span::from_millis(3),
    }
}

#[async_trait]
impl ToolCaller for SimTools {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        self.world.point(Some(self.process)).await;
        self.world.count(|t| t.tool_calls += 1);
        let price = self.budget.price(&call.server, &call.tool);
        if let Some(estimate) = price.and_then(Price::estimate) {
            self.world.bills(estimate);
        }
        let answer = match call.tool.as_str() {
            "post_content" => self.publish(&call).await,
            "delete_post" => self.take_down(&call).await,
            "get_post" => match self.fails_before(&call) {
                Some(error) => Err(error),
                None => Ok(self.read_back(&call)),
            },
            tool => match self.fails_before(&call) {
                Some(error) => Err(error),
                None => {
                    let made = match tool {
                        "generate_text" => Ok(text(&self.world, &call.arguments)),
                        "generate_image" => Ok(image(&call.arguments)),
                        "compare_look" => Ok(compared(&call.arguments)),
                        "get_metrics" => Ok(json!({"likes": 3, "shares": 1, "comments": 0,
                            "views": 40, "simulated": true})),
                        _ => Err(ToolError::Refused {
                            server: call.server.clone(),
                            tool: call.tool.clone(),
                            why: "there is no such tool".to_owned(),
                        }),
                    };
                    match (made, self.fails_after(&call)) {
                        (Ok(made), None) => Ok(reply(made)),
                        (Err(error), _) | (Ok(_), Some(error)) => Err(error),
                    }
                }
            },
        };
        self.world.point(Some(self.process)).await;
        answer
    }
}

/// A post of the persona about the trend; now and then one the judge is less sure of.
fn text(world: &World, arguments: &Value) -> Value {
    let word = |group: &str, name: &str| {
        arguments[group][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let first = |name: &str| {
        arguments["persona"][name][0]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let (title, link) = (word("trend", "title"), word("trend", "link"));
    let text = format!(
        "{} {title}\n{}\n{link}\n{}",
        first("openers"),
        word("trend", "summary"),
        word("constraints", "disclosure"),
    );
    let confidence =
        [0.97, 0.95, 0.93, 0.86, 0.78, 0.55][usize::try_from(world.below(6)).unwrap_or(0)];
    json!({"text": text, "hashtags": [], "citations": [{"title": title, "url": link}],
        "confidence": confidence, "model": "sim/1"})
}

/// Its own reference, which every picture is like.
fn compared(arguments: &Value) -> Value {
    let bytes = arguments["name"].as_str().unwrap_or_default().as_bytes();
    json!({"score": 970_000, "method": "sim/1", "media": {"mime": "image/png",
        "sha256": ContentHash::of_bytes(bytes).to_string(), "width": 640, "height": 360,
        "data_base64": STANDARD.encode(bytes), "alt_text": "A reference",
        "character_reference_id": arguments["character_reference_id"]}})
}

fn image(arguments: &Value) -> Value {
    let bytes = ContentHash::of_bytes(arguments.to_string().as_bytes());
    let bytes = bytes.as_bytes();
    let data = STANDARD.encode(bytes);
    json!({"media": {"mime": "image/png", "sha256": ContentHash::of_bytes(bytes).to_string(),
        "width": arguments["width"], "height": arguments["height"], "data_base64": data,
        "alt_text": format!("A card that says {}", arguments["title"].as_str().unwrap_or_default()),
        "character_reference_id": arguments["character_reference_id"]}, "model": "sim/1", "warnings": []})
}

#[async_trait]
impl ResourceReader for SimTools {
    async fn list(&self, _: &str) -> Result<Vec<ResourceInfo>, ToolError> {
        Ok(Vec::new())
    }

    async fn read(&self, server: &str, uri: &str) -> Result<ResourceText, ToolError> {
        self.world.point(Some(self.process)).await;
        if self.world.fault(20_000) {
            self.world.count(|t| t.tool_faults += 1);
            return Err(ToolError::NotSent {
                server: server.to_owned(),
                why: "simulated".to_owned(),
            });
        }
        let cursor: u64 = uri
            .split_once("cursor=")
            .and_then(|(_, cursor)| cursor.parse().ok())
            .unwrap_or(0);
        let out = self.world.settings.items_by(self.world.elapsed());
        let end = out.min(cursor + ITEMS_MAX);
        // One that was read long before comes again, as feeds do.
        let again = (0..end.min(1)).chain(cursor..end);
        let items: Vec<Value> = again.map(item).collect();
        let text = json!({"schema": "chimera.feed/1", "feed": {"name": "sim", "title": "Sim"},
            "recorded": true, "items": items, "next_cursor": end.to_string(), "more": end < out});
        self.world.point(Some(self.process)).await;
        Ok(ResourceText {
            uri: uri.to_owned(),
            mime: None,
            text: text.to_string(),
        })
    }
}

/// Item `n` of the feed: the same in every run.
fn item(n: u64) -> Value {
    let topic = TOPICS[usize::try_from(n).unwrap_or(0) % TOPICS.len()];
    let other = TOPICS[usize::try_from(n / 3).unwrap_or(0) % TOPICS.len()];
    let title = format!("Item {n}: {topic} meets {other} for the first time");
    let summary = format!(
        "People who follow {topic} have waited for this one. It was shown on Friday, and the {topic} \
         makers say that number {n} is out now for everybody who asked."
    );
    json!({"id": format!("item-{n}"), "title": title, "summary": summary,
        "link": format!("https://sim.invalid/items/{n}")})
}
