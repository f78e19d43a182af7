//! Pictures and animations: asks the studio for one in the persona's locked look.
//!
//! Knows the studio's shapes and checks what comes back: bytes, hash and look must agree.

mod likeness;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chimera_domain::{
    ContentHash, Score, ToolError,
    artifact::{Blob, Body, Media, Provenance},
    campaign::Channel,
    ports::{Skill, SkillInput, SkillOutput, ToolCaller},
    task::{Modality, TaskKind},
    tier::Tier,
};
use serde_json::json;

use crate::wire::{call, contract, missing, parse, provenance, research};

pub(crate) struct GenerateMedia;

#[derive(serde::Deserialize)]
struct Answer {
    media: RawMedia,
    model: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(serde::Deserialize)]
struct RawMedia {
    mime: String,
    sha256: ContentHash,
    width: u32,
    height: u32,
    data_base64: String,
    alt_text: String,
    character_reference_id: String,
}

/// Each thing the studio warned of (a letter it could not draw) takes this share of the confidence.
const WARNING: Score = Score::from_percent(15);
/// Seconds of an animation.
const SECONDS: u32 = 3;

#[async_trait]
impl Skill for GenerateMedia {
    fn name(&self) -> &'static str {
        "generate_media"
    }

    fn does(&self, kind: TaskKind, modality: Option<Modality>) -> bool {
        kind == TaskKind::GenerateContent
            && matches!(modality, Some(Modality::Image | Modality::Video))
    }

    async fn run(
        &self,
        input: SkillInput<'_>,
        tools: &dyn ToolCaller,
    ) -> Result<SkillOutput, ToolError> {
        let (_, research) = research(&input).ok_or_else(|| missing(self.name(), "research"))?;
        let (work, persona) = (input.work, input.persona);
        // Without the locked look no picture is made: a stranger's face is worse than none.
        let look = persona
            .character_reference_id
            .as_deref()
            .ok_or_else(|| missing(self.name(), "character reference in the persona"))?;
        let (width, height) = size(work.campaign.channel);
        let mut arguments = json!({
            "title": research.title,
            "subtitle": research.source,
            "kicker": persona.name,
            "visual": {"palette": persona.visual.palette, "motif": persona.visual.motif},
            "width": width,
            "height": height,
            "character_reference_id": look,
        });
        let moving = work.task.spec.modality == Some(Modality::Video);
        if let (true, Some(fields)) = (moving, arguments.as_object_mut()) {
            fields.insert("duration_seconds".to_owned(), json!(SECONDS));
            fields.insert("render_tier".to_owned(), json!(tier_of(&input)));
        }
        let tool = if moving {
            "generate_video"
        } else {
            "generate_image"
        };
        let reply = tools.call(call(&input, tool, arguments)).await?;
        let answer: Answer = parse(tool, &reply)?;
        let (media, blob) = checked(tool, look, answer.media)?;
        let (likeness, reference) = likeness::of(&input, tools, &media, &blob).await;
        let confidence = answer
            .warnings
            .iter()
            .fold(Score::ONE, |score, _| score.times(WARNING.complement()));
        Ok(SkillOutput {
            provenance: Provenance {
                tier: input.tier.filter(|_| moving).cloned(),
                likeness: Some(likeness),
                ..provenance(tool, answer.model, None, &reply)
            },
            body: Body::Media(media),
            blobs: std::iter::once(blob).chain(reference).collect(),
            confidence,
            proposes: None,
        })
    }
}

/// The tier that was chosen; the smallest where nobody chose one.
fn tier_of(input: &SkillInput<'_>) -> Tier {
    input.tier.map_or(Tier::Daily, |choice| choice.tier)
}

/// The bytes are what the answer says they are, in the look that was asked for.
fn checked(tool: &str, look: &str, raw: RawMedia) -> Result<(Media, Blob), ToolError> {
    let bytes = STANDARD
        .decode(&raw.data_base64)
        .map_err(|error| contract(tool, format!("the picture is not base64: {error}")))?;
    let blob = Blob {
        bytes,
        mime: raw.mime.clone(),
    };
    if blob.sha256() != raw.sha256 {
        return Err(contract(
            tool,
            "the picture's bytes are not those of its hash".to_owned(),
        ));
    }
    if raw.character_reference_id != look {
        return Err(contract(
            tool,
            format!(
                "the picture was made with look `{}`",
                raw.character_reference_id
            ),
        ));
    }
    let media = Media {
        sha256: raw.sha256,
        mime: raw.mime,
        bytes: u64::try_from(blob.bytes.len())
            .map_err(|error| contract(tool, error.to_string()))?,
        width: raw.width,
        height: raw.height,
        alt_text: raw.alt_text,
        character_reference_id: raw.character_reference_id,
    };
    Ok((media, blob))
}

const fn size(channel: Channel) -> (u32, u32) {
    match channel {
        Channel::Instagram | Channel::Threads => (1080, 1080),
        Channel::Tiktok => (720, 1280),
        Channel::Twitter | Channel::Bluesky | Channel::Mastodon | Channel::Blog => (1200, 675),
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::{task::Priority, tier::TierChoice};

    use super::*;
    use crate::testing::{Tools, work};

    fn answer(look: &str, hash: ContentHash) -> serde_json::Value {
        json!({"media": {"mime": "image/png", "sha256": hash, "bytes": 3, "width": 1200, "height": 675,
            "data_base64": STANDARD.encode(b"png"), "alt_text": "A card", "character_reference_id": look}, "model": "card/1"})
    }

    fn run(answer: serde_json::Value) -> Result<SkillOutput, ToolError> {
        let mut fixture = work(1);
        fixture.work.task.spec.modality = Some(Modality::Image);
        futures::executor::block_on(GenerateMedia.run(fixture.input(), &Tools::answer(answer)))
    }

    // R45, R49: a picture comes with its exact bytes and the persona's look, or not at all.
    #[test]
    fn r45_a_picture_comes_with_its_bytes_and_look_or_not_at_all() {
        let got = run(answer("fae-v1", ContentHash::of_bytes(b"png"))).unwrap();
        assert_eq!(got.blobs[0].bytes, b"png");
        assert_eq!(got.confidence, Score::ONE);
        assert!(matches!(
            run(answer("leo-v1", ContentHash::of_bytes(b"png"))),
            Err(ToolError::Contract { .. })
        ));
        assert!(matches!(
            run(answer("fae-v1", ContentHash::of_bytes(b"other"))),
            Err(ToolError::Contract { .. })
        ));
    }

    // R46: the evidence is kept with the picture: figure, method and reference, whose bytes come with it; the very bytes that
    // were made are compared. What cannot be compared is a picture all the same, and says why nobody knows.
    #[test]
    fn r46_a_picture_comes_with_how_like_its_reference_it_is() {
        let mut fixture = work(1);
        fixture.work.task.spec.modality = Some(Modality::Image);
        let mut both = answer("fae-v1", ContentHash::of_bytes(b"png"));
        both["score"] = json!(910_000);
        both["method"] = json!("palette/1");
        let tools = Tools::answer(both);
        let got = futures::executor::block_on(GenerateMedia.run(fixture.input(), &tools)).unwrap();
        let likeness = got.provenance.likeness.unwrap();
        let found = (likeness.score, likeness.method.as_str());
        assert_eq!(found, (Ok(Score::from_percent(91)), "palette/1"));
        let reference = likeness.reference.unwrap().sha256;
        assert_eq!(got.blobs.len(), 2);
        assert_eq!(got.blobs[1].sha256(), reference);
        let asked = tools.taken();
        assert_eq!(asked.tool, "compare_look");
        assert_eq!(
            asked.arguments["data_base64"],
            json!(STANDARD.encode(b"png"))
        );
        let unknown = run(answer("fae-v1", ContentHash::of_bytes(b"png"))).unwrap();
        let likeness = unknown.provenance.likeness.unwrap();
        assert!(likeness.score.is_err() && likeness.reference.is_none());
    }

    // R47: the tier that was chosen is the one that is asked for, and is kept with its reason; without one it is daily.
    #[test]
    fn r47_the_chosen_tier_is_asked_for_and_kept() {
        let run = |tier: Option<TierChoice>| {
            let mut fixture = work(1);
            fixture.work.task.spec.modality = Some(Modality::Video);
            fixture.tier = tier;
            let tools = Tools::answer(answer("fae-v1", ContentHash::of_bytes(b"png")));
            let run = GenerateMedia.run(fixture.input(), &tools);
            let got = futures::executor::block_on(run).unwrap();
            let asked = tools.calls().remove(0).arguments["render_tier"].clone();
            (asked, got.provenance.tier)
        };
        let limit = chimera_domain::spend::Limit {
            limit: "task".into(),
            cap: chimera_domain::Usd::from_micros(10),
            used: chimera_domain::Usd::ZERO,
        };
        let cost = Some(chimera_domain::Usd::from_micros(1));
        let hero = TierChoice::of(Priority::High, vec![limit], cost);
        assert_eq!(run(Some(hero.clone())), (json!("hero"), Some(hero)));
        let daily = TierChoice::of(Priority::High, vec![], cost);
        assert_eq!(run(Some(daily.clone())), (json!("daily"), Some(daily)));
        assert_eq!(run(None), (json!("daily"), None));
    }

    // R45: a persona without a look gets no picture, and no call is made.
    #[test]
    fn r45_no_look_no_picture() {
        let mut fixture = work(1);
        fixture.persona.character_reference_id = None;
        let tools = Tools::answer(json!({}));
        assert!(matches!(
            futures::executor::block_on(GenerateMedia.run(fixture.input(), &tools)),
            Err(ToolError::Refused { .. })
        ));
        assert!(tools.calls().is_empty());
    }
}
