//! How like a picture that was made is to the reference of its persona's look. It is asked for each picture; what cannot be
//! told is kept as that, and puts the post before a person.

use base64::{Engine, engine::general_purpose::STANDARD};
use chimera_domain::{
    Score, ToolError,
    artifact::{Blob, Media},
    look::Likeness,
    ports::{SkillInput, ToolCaller},
};
use serde_json::json;

use super::{RawMedia, checked};
use crate::wire::{call, contract, parse};

const TOOL: &str = "compare_look";

#[derive(serde::Deserialize)]
struct Answer {
    /// In millionths.
    score: u32,
    method: String,
    media: RawMedia,
}

/// The evidence, and the bytes of the reference where there is one.
pub(super) async fn of(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    media: &Media,
    blob: &Blob,
) -> (Likeness, Option<Blob>) {
    match asked(input, tools, media, blob).await {
        Ok((likeness, reference)) => (likeness, Some(reference)),
        // A picture that could not be compared is a picture all the same.
        Err(error) => (Likeness::unknown(error.to_string()), None),
    }
}

async fn asked(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    media: &Media,
    blob: &Blob,
) -> Result<(Likeness, Blob), ToolError> {
    let persona = input.persona;
    let arguments = json!({
        "name": persona.name,
        "visual": {"palette": persona.visual.palette, "motif": persona.visual.motif},
        "mime": media.mime,
        "data_base64": STANDARD.encode(&blob.bytes),
        "character_reference_id": media.character_reference_id,
    });
    let reply = tools.call(call(input, TOOL, arguments)).await?;
    let answer: Answer = parse(TOOL, &reply)?;
    let score = Score::from_ppm(answer.score)
        .ok_or_else(|| contract(TOOL, format!("{} is not a share", answer.score)))?;
    let (reference, bytes) = checked(TOOL, &media.character_reference_id, answer.media)?;
    let likeness = Likeness {
        score: Ok(score),
        method: answer.method,
        reference: Some(reference),
    };
    Ok((likeness, bytes))
}
