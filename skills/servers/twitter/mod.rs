//! The `twitter` server: a social platform that exists in one file.
//!
//! It keeps what was posted, answers a repeated key with its first outcome, refuses what a real platform would refuse,
//! and invents an audience from measured figures. Every answer says `simulated: true`; nothing leaves the machine.
//! Start at [`world`] for the rules of writing and at [`journal`] for durability.

mod audience;
mod fault;
mod journal;
mod limits;
mod media;
mod post;
mod serving;
mod settings;
mod stream;
mod world;

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{Json, RoleServer, tool, tool_router};
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::wire::trends::{Trends, TrendsArgs};
use crate::wire::{Refusal, blocking, clean, schema, time};
pub use fault::{Fault, FaultQueue};
use post::{
    DeleteArgs, Deleted, Found, GetArgs, Metrics, MetricsArgs, Post, PostArgs, Posted, ReplyArgs,
};
pub use settings::TwitterSettings;
use world::World;

/// The longest reason for a deletion, in bytes.
const REASON_MAX: usize = 1_000;

/// The server; cheap to clone, all clones share one world.
#[derive(Clone)]
pub(crate) struct TwitterServer {
    tool_router: ToolRouter<Self>,
    settings: TwitterSettings,
    world: Arc<Mutex<World>>,
    closed: CancellationToken,
}

#[tool_router]
impl TwitterServer {
    /// Opens the journal and replays it.
    pub(crate) async fn open(settings: TwitterSettings) -> Result<Self, Error> {
        let path = settings.journal.clone();
        let world = tokio::task::spawn_blocking(move || World::open(&path))
            .await
            .map_err(|lost| Error::Stopped(Box::new(lost)))??;
        Ok(Self {
            tool_router: schema::plain(Self::tool_router()),
            settings,
            world: Arc::new(Mutex::new(world)),
            closed: CancellationToken::new(),
        })
    }

    /// Releases the journal and ends the calls that a fault left hanging.
    pub(crate) fn close(&self) {
        self.closed.cancel();
        self.world
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .close();
    }

    #[tool(
        name = "post_content",
        title = "Post content",
        description = "Publishes a post on the simulated platform. Refuses what is over the platform's limits; a repeated idempotency_key returns the first outcome and never posts twice.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn post_content(
        &self,
        Parameters(args): Parameters<PostArgs>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Posted>, Refusal> {
        self.write(&context, move |world, now| {
            limits::check_key(&args.idempotency_key)?;
            limits::check_text(args.platform, &args.text_content, args.media_urls.len())?;
            limits::check_account(&args.account)?;
            let post = Post {
                post_id: String::new(),
                platform: args.platform,
                media: media::check(&args.media_urls, &args.alt_texts)?,
                text_content: args.text_content,
                disclosure_level: args.disclosure_level,
                idempotency_key: args.idempotency_key,
                in_reply_to: args.in_reply_to,
                account: args.account,
                at: now,
            };
            world.publish(post, now)
        })
        .await
    }

    #[tool(
        name = "reply",
        title = "Reply",
        description = "Answers a post on the simulated platform, under the same rules as post_content.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn reply(
        &self,
        Parameters(args): Parameters<ReplyArgs>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Posted>, Refusal> {
        self.write(&context, move |world, now| {
            limits::check_key(&args.idempotency_key)?;
            let parent = world.post(&args.in_reply_to).ok_or_else(|| {
                let shown = clean::line(&args.in_reply_to, 80);
                Refusal::new("not_found", format!("no post {shown} is online"))
            })?;
            limits::check_text(parent.platform, &args.text_content, 0)?;
            let post = Post {
                post_id: String::new(),
                platform: parent.platform,
                text_content: args.text_content,
                media: Vec::new(),
                disclosure_level: args.disclosure_level,
                idempotency_key: args.idempotency_key,
                in_reply_to: args.in_reply_to,
                account: String::new(),
                at: now,
            };
            world.publish(post, now)
        })
        .await
    }

    #[tool(
        name = "delete_post",
        title = "Delete post",
        description = "Takes a post of the simulated platform offline. The journal keeps it, with the reason.",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn delete_post(
        &self,
        Parameters(args): Parameters<DeleteArgs>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Deleted>, Refusal> {
        self.write(&context, move |world, now| {
            limits::check_key(&args.idempotency_key)?;
            if args.reason.trim().is_empty() || args.reason.len() > REASON_MAX {
                return Err(Refusal::new(
                    "invalid_argument",
                    format!("reason must have 1 to {REASON_MAX} bytes"),
                ));
            }
            world.delete(&args.post_id, args.reason, args.idempotency_key, now)
        })
        .await
    }

    #[tool(
        name = "get_post",
        title = "Get post",
        description = "Looks a post up by its id or by the idempotency_key it was made with; says found: false when there is none.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn get_post(
        &self,
        Parameters(args): Parameters<GetArgs>,
    ) -> Result<Json<Found>, Refusal> {
        self.read(move |world, _now| {
            let post = match (args.post_id.is_empty(), args.idempotency_key.is_empty()) {
                (false, true) => world.post(&args.post_id),
                (true, false) => world.post_by_key(&args.idempotency_key),
                _ => {
                    return Err(Refusal::new(
                        "invalid_argument",
                        "give either post_id or idempotency_key",
                    ));
                }
            };
            Ok(Found {
                found: post.is_some(),
                post: post.map(|post| post.view(world.is_deleted(&post.post_id))),
                simulated: true,
            })
        })
        .await
        .map(Json)
    }

    #[tool(
        name = "get_metrics",
        title = "Get metrics",
        description = "The counters of a post now, from a simulated audience. Repeated calls never show a smaller number.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn get_metrics(
        &self,
        Parameters(args): Parameters<MetricsArgs>,
    ) -> Result<Json<Metrics>, Refusal> {
        self.read(move |world, now| {
            let counts = world.counts(&args.post_id, now)?;
            Ok(Metrics {
                post_id: args.post_id,
                likes: counts.likes,
                shares: counts.shares,
                comments: counts.comments,
                views: counts.views,
                at: time::rfc3339(now),
                simulated: true,
            })
        })
        .await
        .map(Json)
    }

    #[tool(
        name = "fetch_trends",
        title = "Fetch trends",
        description = "Ranks the hashtags and shared words of the posts and mentions on the simulated platform; empty when there are none.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn fetch_trends(
        &self,
        Parameters(args): Parameters<TrendsArgs>,
    ) -> Result<Json<Trends>, Refusal> {
        let window = args.check().map_err(Refusal::simulated)?;
        let mentions = self.settings.mentions.clone();
        self.read(move |world, now| {
            let mut notes =
                vec!["computed from the simulated platform's own posts and mentions".to_owned()];
            if !args.geo.trim().is_empty() {
                notes.push("posts carry no place, so geo was not applied".to_owned());
            }
            let prepared = stream::prepared(mentions.as_deref())?;
            Ok(Trends {
                platform: args.platform,
                time_window: args.time_window.clone(),
                computed_at: time::rfc3339(now),
                trends: stream::rank(&args, world, prepared, now, window),
                sources_read: 1,
                sources_failed: Vec::new(),
                notes,
                simulated: true,
            })
        })
        .await
        .map(Json)
    }
}

impl TwitterServer {
    /// One write: the fault of the day first, then the work off the runtime. Work that was begun is finished even when
    /// the caller hangs up, as on a real platform.
    async fn write<T, F>(
        &self,
        context: &RequestContext<RoleServer>,
        work: F,
    ) -> Result<Json<T>, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut World, i64) -> Result<T, Refusal> + Send + 'static,
    {
        let fault = self.settings.faults.next();
        match fault {
            Some(Fault::RefuseBefore) => {
                return Err(Refusal::new(
                    Refusal::UNAVAILABLE,
                    "the platform refused before doing anything; try again",
                )
                .simulated());
            }
            Some(Fault::RateLimited {
                retry_after_seconds,
            }) => {
                let mut refusal = Refusal::new(
                    "rate_limited",
                    format!("too many writes, wait {retry_after_seconds} s"),
                );
                refusal.retry_after_seconds = Some(retry_after_seconds);
                return Err(refusal.simulated());
            }
            Some(Fault::DieAfterCommitNoAnswer) | None => {}
        }
        let answer = self.read(work).await?;
        (self.settings.after_write)();
        if fault.is_some() {
            tokio::select! {
                () = self.closed.cancelled() => {}
                () = context.ct.cancelled() => {}
            }
            return Err(Refusal::new(
                Refusal::INTERRUPTED,
                "the platform stopped before it answered",
            )
            .simulated());
        }
        Ok(Json(answer))
    }

    async fn read<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut World, i64) -> Result<T, Refusal> + Send + 'static,
    {
        let (world, clock) = (Arc::clone(&self.world), Arc::clone(&self.settings.clock));
        blocking::run(move || {
            let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut world, clock())
        })
        .await
        .map_err(Refusal::simulated)
    }
}
