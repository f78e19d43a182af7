//! The `studio` server: posts, cards and short animations, made here from templates and vectors.
//!
//! No model is asked and nothing is fetched: equal arguments give equal bytes on every machine, so a repeated
//! idempotency key needs no memory. What is billed is simulated and says so.
//! Start at [`writing`] for texts, [`card`] for pictures and [`film`] for animations.

mod brief;
mod card;
mod colour;
mod face;
mod film;
mod likeness;
mod motif;
mod render;
mod wrap;
mod writing;

#[cfg(test)]
mod tests;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::schema_for_output;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, Json, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use serde::Serialize;

use crate::wire::{Refusal, blocking, guard, schema};
use brief::{
    Image, ImageArgs, ImageUsage, Likeness, LikenessArgs, TextArgs, Video, VideoArgs, VideoUsage,
    WrittenText,
};

const CARD_MODEL: &str = "chimera-card/1";
const BILLING: &str = "simulated";

/// What the `studio` server needs: nothing so far. It has no clock, because its results must not depend on one.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StudioSettings {}

impl StudioSettings {
    /// The only settings there are.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The server; cheap to clone.
#[derive(Clone)]
pub(crate) struct StudioServer {
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl StudioServer {
    pub(crate) fn new(_settings: StudioSettings) -> Self {
        Self {
            tool_router: schema::plain(Self::tool_router()),
        }
    }

    #[tool(
        name = "compare_look",
        title = "Compare look",
        description = "Says how like a picture is to the reference of a look, by its colours alone, and gives that reference. The bytes are in structured content, base64; the text answer only describes them.",
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false),
        output_schema = schema_for_output::<Likeness>()
    )]
    async fn compare_look(
        &self,
        Parameters(args): Parameters<LikenessArgs>,
    ) -> Result<CallToolResult, Refusal> {
        let likeness = blocking::run(move || likeness::compare(&args)).await?;
        let said = format!("{} in a million by {}", likeness.score, likeness.method);
        answer(&likeness, said)
    }

    #[tool(
        name = "generate_text",
        title = "Generate text",
        description = "Writes a post, a thread or a reply from a trend's own facts in the persona's phrases. The text fits graphemes_max with link, hashtags and disclosure, or is refused; no fact is added.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn generate_text(
        &self,
        Parameters(args): Parameters<TextArgs>,
    ) -> Result<Json<WrittenText>, Refusal> {
        blocking::run(move || writing::write(&args)).await.map(Json)
    }

    #[tool(
        name = "generate_image",
        title = "Generate image",
        description = "Draws a social card as PNG. The bytes are in structured content, base64; the text answer only describes them.",
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false),
        output_schema = schema_for_output::<Image>()
    )]
    async fn generate_image(
        &self,
        Parameters(args): Parameters<ImageArgs>,
    ) -> Result<CallToolResult, Refusal> {
        let image = blocking::run(move || {
            let card = args.card()?;
            let bytes = render::png(&card)?;
            Ok(Image {
                media: render::media(&card, "image/png", &bytes, &args.character_reference_id)?,
                warnings: card.warnings,
                usage: ImageUsage { images: 1 },
                model: CARD_MODEL.to_owned(),
                billing: BILLING.to_owned(),
            })
        })
        .await?;
        let said = format!(
            "{} ({} bytes, sha256 {})",
            image.media.alt_text, image.media.bytes, image.media.sha256
        );
        answer(&image, said)
    }

    #[tool(
        name = "generate_video",
        title = "Generate video",
        description = "Draws a social card that moves, as a looping GIF of 1 to 6 seconds and at most 2 MiB.",
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false),
        output_schema = schema_for_output::<Video>()
    )]
    async fn generate_video(
        &self,
        Parameters(args): Parameters<VideoArgs>,
    ) -> Result<CallToolResult, Refusal> {
        let video = blocking::run(move || {
            let (card, bytes) = film::shoot(&args)?;
            Ok(Video {
                media: render::media(&card, "image/gif", &bytes, &args.character_reference_id)?,
                warnings: card.warnings,
                usage: VideoUsage {
                    seconds: args.duration_seconds,
                },
                model: CARD_MODEL.to_owned(),
                billing: BILLING.to_owned(),
            })
        })
        .await?;
        let said = format!(
            "{} ({} bytes, sha256 {})",
            video.media.alt_text, video.media.bytes, video.media.sha256
        );
        answer(&video, said)
    }
}

/// Structured content without the usual copy in the text, which would carry every file twice.
fn answer<T: Serialize>(value: &T, said: String) -> Result<CallToolResult, Refusal> {
    let structured = serde_json::to_value(value).map_err(|error| {
        Refusal::new(
            "internal",
            format!("the answer could not be written as JSON: {error}"),
        )
    })?;
    let mut result = CallToolResult::structured(structured);
    result.content = vec![ContentBlock::text(said)];
    Ok(result)
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for StudioServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new(
                "chimera-studio",
                env!("CARGO_PKG_VERSION"),
            ))
            .with_instructions(
                "Makes texts, cards and animations locally; equal arguments give equal results.",
            )
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        guard::call(self, &self.tool_router, request, context, false).await
    }
}
