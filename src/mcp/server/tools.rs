//! What a server says of its tools: listed once per connection, restricted to what is allowed, pinned.

use std::sync::{Arc, atomic::Ordering};

use tokio::time::{Instant, timeout_at};

use super::{Server, Session, lock};
use crate::{
    call::{self, Failure},
    catalog::{Catalog, Tool, ToolInfo},
    pager,
    pin::Seen,
};

impl Server {
    /// One tool that may be called.
    pub(crate) async fn tool(
        &self,
        session: &Session,
        name: &str,
        deadline: Instant,
    ) -> Result<Arc<Tool>, Failure> {
        let refused = |why: &str| Err(Failure::Refused(why.to_owned()));
        if !self.settings.allows(name) {
            return refused("it is not one of the allowed tools");
        }
        let catalog = self
            .catalog(session, deadline, false)
            .await
            .map_err(|failure| failure.while_preparing("list its tools"))?;
        if lock(&self.pins).is_changed(name) {
            return refused("its definition changed; an operator has to accept the change");
        }
        match catalog.get(name) {
            Some(tool) => Ok(tool),
            None => refused("the server has no such tool"),
        }
    }

    /// The tools of this connection; listed when they are not known, known to be stale, or wanted afresh.
    pub(crate) async fn catalog(
        &self,
        session: &Session,
        deadline: Instant,
        afresh: bool,
    ) -> Result<Arc<Catalog>, Failure> {
        let deadline = deadline.min(Instant::now() + self.settings.read_timeout.to_std());
        let Ok(mut known) = timeout_at(deadline, session.catalog.lock()).await else {
            return Err(Failure::Held("its tools are still being listed".into()));
        };
        if let Some(catalog) = &*known
            && !afresh
            && !session.stale.load(Ordering::SeqCst)
        {
            return Ok(Arc::clone(catalog));
        }
        let pass = self.breaker.enter()?;
        // Cleared before asking: a change that is announced while we ask must not be lost.
        session.stale.store(false, Ordering::SeqCst);
        *known = None;
        let peer = &session.peer;
        let listed = pager::all(|cursor| async move {
            let page = peer.list_tools(pager::request(cursor));
            let page = call::answer(peer, deadline, page).await?;
            Ok((page.tools, page.next_cursor))
        })
        .await;
        pass.note(&listed);
        let listed = match listed {
            Err(Failure::Unknown(_)) => Vec::new(),
            listed => listed?,
        };
        let mut catalog = Catalog::new(listed, |tool| self.settings.allows(tool));
        let mut pins = lock(&self.pins);
        catalog.retain(|name, tool| match pins.see(name, tool.hash()) {
            Seen::Same => true,
            Seen::Changed => {
                tracing::warn!(
                    server = self.name(),
                    tool = name,
                    "a tool changed; it is blocked"
                );
                true
            }
            Seen::TooMany => false,
        });
        drop(pins);
        let catalog = Arc::new(catalog);
        lock(&self.tally).tools = Some(catalog.len());
        Ok(Arc::clone(known.insert(catalog)))
    }

    /// The tools as an operator sees them.
    pub(crate) fn show(&self, catalog: &Catalog) -> Vec<ToolInfo> {
        let pins = lock(&self.pins);
        catalog.show(|name| pins.is_changed(name))
    }

    /// Takes the changed definitions as they are; says of which tools.
    pub(crate) fn accept_changes(&self) -> Vec<String> {
        lock(&self.pins).accept()
    }
}
