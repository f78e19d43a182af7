//! A swarm whose texts are written and read by language models: an endpoint on the loopback plays them, well, badly,
//! slowly, in pieces and with intent. What goes out, what is paid and what waits for a person is what counts.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use chimera::config::{Config, Minds};
use chimera_domain::{
    Span, Usd,
    model::SERVER,
    policy::{Price, PriceUnit},
    spend::BudgetCategory,
};
use chimera_models::{ModelSettings, Provider};
use serde_json::{Value, json};

use super::classic::world::{LINEN, World};

mod chosen;
mod written;

const KEY: &str = "sk-canary-77f10c";
/// What the playing writer writes of [`LINEN`], of words that stand there.
const WRITTEN: &str = "Aro brings its linen sneaker back in three colours, mended for free at Zanderoo for ten years.";

/// What the endpoint does with a question, by the model that is asked.
type Play = Box<dyn FnMut(&str, &Value) -> Vec<u8> + Send>;

struct Endpoint {
    url: String,
    play: Arc<Mutex<Play>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Endpoint {
    fn start(play: impl FnMut(&str, &Value) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let play: Arc<Mutex<Play>> = Arc::new(Mutex::new(Box::new(play)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (played, log) = (play.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (played, log) = (played.clone(), log.clone());
                thread::spawn(move || serve(stream, &played, &log));
            }
        });
        Self { url, play, asked }
    }

    fn now(&self, play: impl FnMut(&str, &Value) -> Vec<u8> + Send + 'static) {
        *self.play.lock().unwrap() = Box::new(play);
    }

    fn asked(&self, model: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        let of = asked.iter().filter(|body| body["model"] == model);
        of.cloned().collect()
    }
}

fn serve(mut stream: TcpStream, play: &Mutex<Play>, log: &Mutex<Vec<Value>>) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    let body: Value = loop {
        let Some(count) = stream.read(&mut chunk).ok().filter(|n| *n > 0) else {
            return;
        };
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(body) = serde_json::from_str(body)
        {
            break body;
        }
    };
    log.lock().unwrap().push(body.clone());
    let model = body["model"].as_str().unwrap_or_default().to_owned();
    let reply = play.lock().unwrap()(&model, &body);
    if reply == STALL {
        // Until the other side has had enough.
        let _gone = stream.read(&mut chunk);
        return;
    }
    let _gone = stream.write_all(&reply);
}

/// The endpoint says nothing, and holds the line.
const STALL: &[u8] = b"stall";

fn http(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nretry-after: 0\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn says(model: &str, text: &str) -> Vec<u8> {
    let reply = json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": format!("{model}-2026-11"),
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100},
    });
    http("200 OK", &reply.to_string())
}

fn text(text: &str) -> String {
    json!({"text": text, "hashtags": ["linen"], "confidence": 97}).to_string()
}

fn opinion(factual: u32) -> String {
    let side = |score: u32| json!({"score": score, "why": "as I read it"});
    json!({"persona": side(98), "factual": side(factual), "safety": side(99)}).to_string()
}

/// A writer that writes one text, and a reader that likes it so much.
fn well(factual: u32) -> impl FnMut(&str, &Value) -> Vec<u8> + Send + 'static {
    move |model, _| match model {
        "big" => says(model, &opinion(factual)),
        _ => says(model, &text(WRITTEN)),
    }
}

fn price(tool: &str) -> Price {
    Price {
        server: SERVER.into(),
        tool: tool.into(),
        unit: PriceUnit::Ktokens,
        usd: Usd::from_micros(500),
        usd_out: Some(Usd::from_micros(3_000)),
        units_max: 17,
        since: "2026-11-01".into(),
        category: BudgetCategory::MediaGeneration,
        simulated: false,
    }
}

fn minds(config: &mut Config, url: &str, second_opinion: bool) {
    let model = |name: &str| ModelSettings {
        name: name.into(),
        provider: Provider::Openai,
        model: name.into(),
        url: Some(url.into()),
        key: Some(KEY.into()),
        timeout: Span::from_millis(2_000),
        output_tokens_max: 400,
        bytes_max: 64 * 1_024,
    };
    config.minds = Minds {
        models: vec![model("small"), model("big")],
        writer: vec!["small".into()],
        second_opinion: second_opinion.then(|| "big".into()),
        ..Minds::default()
    };
    let prices = &mut config.policy.budget.prices;
    prices.extend([price("small"), price("big")]);
}

async fn world(endpoint: &Endpoint, second_opinion: bool) -> World {
    World::with(&[&[LINEN]], |config| {
        minds(config, &endpoint.url, second_opinion)
    })
    .await
}

/// No file of the home holds it.
fn assert_nowhere(world: &World, secret: &str) {
    let mut folders = vec![world.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "{}", path.display());
            }
        }
    }
}
