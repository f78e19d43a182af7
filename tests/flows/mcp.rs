//! The bundled servers as a stranger's MCP client meets them: over standard input and output of the real binary.

use chimera::clock;
use chimera_domain::{
    ids::TraceId,
    ports::{ResourceReader, ToolCall, ToolCaller},
};
use chimera_mcp::{Hub, ServerSettings, Settings, Transport};
use serde_json::json;

use crate::support::{Home, until};

fn served(home: &Home, name: &str) -> ServerSettings {
    let args = [
        "mcp",
        "serve",
        name,
        "--home",
        home.path().to_str().unwrap(),
    ];
    let transport = Transport::Stdio {
        command: env!("CARGO_BIN_EXE_chimera").to_owned(),
        args: args.map(str::to_owned).to_vec(),
        env: vec![],
        env_from: vec![],
        cwd: None,
    };
    let mut settings = ServerSettings::new(name, transport);
    settings.bytes_max = 16 << 20;
    settings
}

// R41: each bundled server, started by name from the binary, lists its tools and works for another client over stdio.
#[test]
fn r41_every_bundled_server_serves_another_client_over_stdio() {
    let home = Home::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let ambient = clock::system();
        let servers = ["feeds", "studio", "twitter"].map(|name| served(&home, name));
        let settings = Settings { servers: servers.to_vec(), environment: vec![] };
        let hub = Hub::new(settings, ambient.clone()).unwrap();
        let call = |server: &str, tool: &str, arguments| ToolCall {
            server: server.to_owned(),
            tool: tool.to_owned(),
            arguments,
            deadline: None,
            trace_id: TraceId::from_uuid(ambient.fresh()),
        };
        for (server, tool) in [("feeds", "fetch_trends"), ("studio", "generate_text"), ("twitter", "post_content")] {
            let tools = hub.list_tools(server).await.unwrap();
            assert!(tools.iter().any(|listed| listed.name.as_str() == tool), "{server}");
        }
        let feeds = hub.list("feeds").await.unwrap();
        assert!(!feeds.is_empty());
        let read = hub.read("feeds", &feeds[0].uri).await.unwrap();
        assert!(read.text.contains("chimera.feed/1"));
        let post = json!({"platform": "mastodon", "text_content": "Hello", "media_urls": [], "disclosure_level": "automated", "idempotency_key": "k-1"});
        let first = hub.call(call("twitter", "post_content", post.clone())).await.unwrap();
        let again = hub.call(call("twitter", "post_content", post)).await.unwrap();
        assert!(first.simulated && again.simulated);
        assert_eq!(first.structured["post_id"], again.structured["post_id"]);
        assert_eq!(again.structured["duplicate"], true);
        hub.shutdown().await;
    });
}

// R41, R82: a campaign that publishes through a server of others, a child process over stdio, goes the whole way.
#[test]
fn r41_a_campaign_publishes_through_a_child_process() {
    let home = Home::new();
    let other = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let path = home.path().join("chimera.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let binary = env!("CARGO_BIN_EXE_chimera");
    let servers = format!(
        "\nservers:\n  twin:\n    stdio: {{command: {binary}, args: [mcp, serve, twitter, --home, {}]}}\n    simulated: true\n",
        other.path().display()
    );
    home.write(
        "chimera.yaml",
        &text
            .replace("\nservers: {}\n", &servers)
            .replace("publish_server: twitter", "publish_server: twin"),
    );
    let check = home.run(&["config", "check"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    let _daemon = home.daemon(&[]);
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let id = ticket["ticket_id"].as_str().unwrap();
    assert_eq!(home.run(&["review", "approve", id]).code, 0);
    let card = home.json(&["review", "show", id]).remove(0);
    assert!(
        card["tool"].as_str().unwrap().starts_with("twin/"),
        "{}",
        card["tool"]
    );
    let same = || {
        other
            .journal()
            .into_iter()
            .filter(|post| post["text_content"] == card["text"])
            .count()
    };
    until("the post in the other home", || (same() == 1).then_some(()));
    assert!(home.journal().is_empty());
}
