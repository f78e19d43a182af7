//! `chimera mcp`: the servers this program uses, and the ones it offers to others.

use serde_json::json;

use crate::{
    cli::Mcp,
    clock,
    compose::{self, Servers},
    config::{Config, Home},
    embedded::platform_journal,
    fault::{Fault, chain},
    out,
};

/// Runs one verb.
///
/// # Errors
/// `NotFound` for a server that is not bundled; `Failed` when a server cannot be used.
pub fn run(home: &Home, verb: Mcp, json: bool) -> Result<(), Fault> {
    home.ensure()
        .map_err(|error| Fault::Failed(chain(&error)))?;
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::failed("cannot start the runtime", &e))?;
    runtime.block_on(async {
        match verb {
            Mcp::List => list(&config, json).await,
            Mcp::Serve { name } => serve(home, &config, &name).await,
        }
    })
}

async fn serve(home: &Home, config: &Config, name: &str) -> Result<(), Fault> {
    let ambient = clock::system();
    let servers = Servers {
        feeds: &config.feeds,
        journal: &platform_journal(home),
        ambient: &ambient,
    };
    let bundled = servers.bundled(name).ok_or_else(|| {
        Fault::NotFound(format!(
            "`{name}` is not bundled; there are: {}",
            chimera_servers::NAMES.join(", ")
        ))
    })?;
    chimera_servers::serve_stdio(bundled)
        .await
        .map_err(|error| Fault::failed("the server stopped", &error))
}

async fn list(config: &Config, json: bool) -> Result<(), Fault> {
    let ambient = clock::system();
    // Listing posts nothing, and a running swarm has the real journal.
    let aside = tempfile::tempdir()
        .map_err(|error| Fault::failed("cannot make a temporary directory", &error))?;
    let servers = Servers {
        feeds: &config.feeds,
        journal: &aside.path().join("platform.jsonl"),
        ambient: &ambient,
    };
    let hub = compose::hub(&servers, &config.servers, Vec::new())?;
    let mut failed = 0;
    for server in hub.health() {
        match hub.list_tools(&server.name).await {
            Ok(tools) => {
                for tool in &tools {
                    if json {
                        out::json(
                            &json!({"server": server.name, "tool": tool.name, "description": tool.description}),
                        );
                    } else {
                        out::line(format!(
                            "{:10} {:20} {}",
                            server.name,
                            tool.name,
                            tool.description.cut(90)
                        ));
                    }
                }
            }
            Err(error) => {
                failed += 1;
                out::note(format!("{}: {error}", server.name));
            }
        }
    }
    hub.shutdown().await;
    if failed > 0 {
        Err(Fault::Failed(format!(
            "{failed} servers could not be listed"
        )))
    } else {
        Ok(())
    }
}
