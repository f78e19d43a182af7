//! What the studio is asked for and what it hands back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::Refusal;

/// The longest list and the longest single text of any argument.
const LIST_MAX: usize = 64;
const TEXT_MAX: usize = 20_000;
/// The most keywords of one topic.
const KEYWORDS_MAX: usize = 1_000;

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextArgs {
    /// Whose voice to write in.
    pub(super) persona: Persona,
    /// What to write about; the only source of facts.
    pub(super) trend: TrendBrief,
    /// What the text must keep to.
    pub(super) constraints: Constraints,
    /// Issues of an earlier attempt; each leads to another wording, one about length to a shorter one.
    #[serde(default)]
    pub(super) notes: Vec<String>,
    /// A post, a thread of posts, or a reply. The swarm asks for posts only: it publishes one text at a time and answers
    /// nobody yet.
    #[serde(default)]
    pub(super) form: Form,
    /// The most parts of a thread, 2 to 10; without it 5.
    #[serde(default)]
    pub(super) parts_max: u32,
    /// What a reply answers. Only compared with the trend: no word of it comes into the text. Whoever asks whether this is a
    /// machine gets another answer, which is not written here.
    #[serde(default)]
    pub(super) reply_to: String,
    /// Another number gives another wording.
    #[serde(default)]
    pub(super) variant: u32,
    /// How many texts to write side by side, at most 5: the chosen one and others of another structure, as far as there
    /// are any that fit. 0 is 1.
    #[serde(default)]
    pub(super) variants: u32,
    /// Structures that were used of late (`structure` of earlier answers): others are taken as long as there are any.
    #[serde(default)]
    pub(super) avoid: Vec<String>,
    /// The character the content belongs to; required.
    pub(super) character_reference_id: String,
    /// One key is one piece of work; equal arguments give equal results under any key.
    pub(super) idempotency_key: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Persona {
    pub(super) name: String,
    #[serde(default)]
    pub(super) voice_traits: Vec<String>,
    /// BCP 47 tag of the persona's phrases.
    #[serde(default)]
    pub(super) language: String,
    /// Phrases that may open a post.
    #[serde(default)]
    pub(super) openers: Vec<String>,
    /// Phrases that may close a post.
    #[serde(default)]
    pub(super) closers: Vec<String>,
    #[serde(default)]
    pub(super) hashtags: Vec<String>,
    /// What its readers follow it for; one that the trend names may be named in the text.
    #[serde(default)]
    pub(super) topics: Vec<Topic>,
}

/// What is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// One text with link and hashtags.
    #[default]
    Post,
    /// Numbered posts, each within the limit and with the label; hashtags in the first, the link in the last.
    Thread,
    /// A short answer with the label, without link and hashtags.
    Reply,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub(super) name: String,
    /// Words and phrases that tell the topic.
    #[serde(default)]
    pub(super) keywords: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendBrief {
    pub(super) title: String,
    #[serde(default)]
    pub(super) summary: String,
    /// An http or https address; anything else is left out.
    #[serde(default)]
    pub(super) link: String,
    /// Who reported it.
    #[serde(default)]
    pub(super) source: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Constraints {
    /// Where the text will appear: says how many hashtags are usual there. All other limits are the ones given here.
    pub(super) platform: String,
    /// The longest text in graphemes, link, hashtags and disclosure included.
    pub(super) graphemes_max: u32,
    /// Text that must appear word for word; may be empty.
    #[serde(default)]
    pub(super) disclosure: String,
    /// The most hashtags of the persona; without it, as many as are usual on the platform.
    #[serde(default)]
    pub(super) hashtags_max: Option<u32>,
    /// The most hashtags beside them, from keywords and names in the trend. The swarm asks for none: its judge holds a
    /// persona to its own.
    #[serde(default)]
    pub(super) subject_hashtags_max: u32,
}

/// A finished text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct WrittenText {
    pub(super) text: String,
    /// The hashtags in the text, without `#`.
    pub(super) hashtags: Vec<String>,
    pub(super) citations: Vec<TextCitation>,
    /// 0 to 1, the weighted sum of `confidence_parts`, and at most 0.89 when `understanding` is below one half.
    pub(super) confidence: f64,
    pub(super) confidence_parts: ConfidenceParts,
    /// What kind of news it was taken for.
    pub(super) pattern: String,
    /// The structure it is written in; to be given back in `avoid` when the next text is asked for.
    pub(super) structure: String,
    /// Others of a post, when `variants` asks for them.
    pub(super) alternatives: Vec<Alternative>,
    /// All posts of a thread in order; `text` is the first. Empty for a post and a reply.
    pub(super) parts: Vec<String>,
    pub(super) usage: TextUsage,
    pub(super) model: String,
    /// Hexadecimal; follows from the arguments.
    pub(super) seed: String,
    pub(super) billing: String,
}

/// Another text for the same brief.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Alternative {
    pub(super) text: String,
    pub(super) hashtags: Vec<String>,
    pub(super) structure: String,
    pub(super) confidence: f64,
    pub(super) confidence_parts: ConfidenceParts,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct TextCitation {
    pub(super) url: String,
    pub(super) title: String,
}

/// What the confidence was computed from; each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub(super) struct ConfidenceParts {
    /// Share of the topic words of the body that stand in the source; the rest is the persona's. Words that a structure may
    /// add, because they claim nothing, do not count. Weight 0.20.
    pub(super) grounding: f64,
    /// 0.6 for 5 or more topic words in the title, 0.4 for 8 or more new ones in the sentences used; fewer give a share.
    /// Weight 0.35.
    pub(super) substance: f64,
    /// 0.6 for a link in the text, 0.4 for a named source. Weight 0.15.
    pub(super) attribution: f64,
    /// Share of what the trend offers (title, a usable sentence) that found room. Weight 0.15.
    pub(super) fit: f64,
    /// How sure it is what kind of news this is: 0 for another language, and for deaths, crimes and the like, half for a title that broke off
    /// or shouted. Weight 0.05.
    pub(super) understanding: f64,
    /// A third each for an opener, a closer and a hashtag of the persona. Weight 0.10.
    pub(super) voice: f64,
}

/// Words counted in the brief and in the text; nothing is billed by them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct TextUsage {
    pub(super) tokens_in: u32,
    pub(super) tokens_out: u32,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageArgs {
    pub(super) title: String,
    #[serde(default)]
    pub(super) subtitle: String,
    /// A short label above the title.
    #[serde(default)]
    pub(super) kicker: String,
    /// How title, figure or quotation stand on it.
    #[serde(default)]
    pub(super) layout: Layout,
    #[serde(default)]
    pub(super) visual: Visual,
    /// Pixels, 240 to 2048.
    pub(super) width: u32,
    /// Pixels, 240 to 2048.
    pub(super) height: u32,
    /// The character the content belongs to; required.
    pub(super) character_reference_id: String,
    /// One key is one piece of work; equal arguments give equal bytes under any key.
    pub(super) idempotency_key: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VideoArgs {
    pub(super) title: String,
    #[serde(default)]
    pub(super) subtitle: String,
    /// A short label above the title.
    #[serde(default)]
    pub(super) kicker: String,
    /// How title, figure or quotation stand on it.
    #[serde(default)]
    pub(super) layout: Layout,
    #[serde(default)]
    pub(super) visual: Visual,
    /// Pixels, 240 to 2048; gives the shape, the tier gives the size.
    pub(super) width: u32,
    /// Pixels, 240 to 2048; gives the shape, the tier gives the size.
    pub(super) height: u32,
    /// 1 to 6.
    pub(super) duration_seconds: u32,
    pub(super) render_tier: RenderTier,
    /// The character the content belongs to; required.
    pub(super) character_reference_id: String,
    /// One key is one piece of work; equal arguments give equal bytes under any key.
    pub(super) idempotency_key: String,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Visual {
    /// Up to five colours as `#rrggbb`: ground, second ground, accent. Missing ones are taken from the default.
    #[serde(default)]
    pub(super) palette: Vec<String>,
    #[serde(default)]
    pub(super) motif: Motif,
}

/// How a card is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Layout {
    /// A quotation in the title gives `quote`, a figure in it `number`, else `headline`.
    #[default]
    Auto,
    /// The title as large as it fits.
    Headline,
    /// The title under a large quotation mark, who said or reported it below.
    Quote,
    /// The figure of the title large, the title below it. Without a figure it is a headline.
    Number,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Motif {
    #[default]
    Waves,
    Rings,
    Grid,
    Rays,
}

/// How much is spent on an animation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RenderTier {
    /// 360 pixels on the longer side, 8 frames a second.
    Daily,
    /// 640 pixels on the longer side, 12 frames a second.
    Hero,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LikenessArgs {
    /// The persona's name, which alone stands on its reference.
    pub(super) name: String,
    #[serde(default)]
    pub(super) visual: Visual,
    /// `image/png` or `image/gif`.
    pub(super) mime: String,
    /// The picture to be compared.
    pub(super) data_base64: String,
    /// The character the picture is to show; required.
    pub(super) character_reference_id: String,
    /// One key is one piece of work; equal arguments give equal results under any key.
    pub(super) idempotency_key: String,
}

/// How like a picture is to the reference of a look.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Likeness {
    /// In millionths, 0 to 1000000.
    pub(super) score: u32,
    /// What was compared and how, with its version.
    pub(super) method: String,
    /// The reference.
    pub(super) media: MediaOut,
}

/// A finished picture or animation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct MediaOut {
    pub(super) mime: String,
    pub(super) sha256: String,
    pub(super) bytes: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) data_base64: String,
    pub(super) alt_text: String,
    pub(super) character_reference_id: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Image {
    pub(super) media: MediaOut,
    /// What could not be drawn as asked.
    pub(super) warnings: Vec<String>,
    pub(super) usage: ImageUsage,
    pub(super) model: String,
    pub(super) billing: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct ImageUsage {
    pub(super) images: u32,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Video {
    pub(super) media: MediaOut,
    /// What could not be drawn as asked.
    pub(super) warnings: Vec<String>,
    pub(super) usage: VideoUsage,
    pub(super) model: String,
    pub(super) billing: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct VideoUsage {
    pub(super) seconds: u32,
}

/// Refuses a missing character reference or key: content without a character must not come into being.
pub(super) fn check_identity(
    character_reference_id: &str,
    idempotency_key: &str,
) -> Result<(), Refusal> {
    if character_reference_id.trim().is_empty() {
        return Err(Refusal::new(
            "character_reference_required",
            "character_reference_id is empty; name the character this content belongs to",
        ));
    }
    if idempotency_key.trim().is_empty() {
        return Err(Refusal::new(
            "invalid_argument",
            "idempotency_key must not be blank",
        ));
    }
    check_texts(&[character_reference_id, idempotency_key], 200)
}

/// Refuses texts over `max` bytes before any work is spent on them.
pub(super) fn check_texts(texts: &[&str], max: usize) -> Result<(), Refusal> {
    match texts.iter().map(|text| text.len()).max() {
        Some(longest) if longest > max => Err(Refusal::new(
            "over_limit",
            format!("a text argument has {longest} bytes, at most {max} are read"),
        )),
        _ => Ok(()),
    }
}

impl TextArgs {
    /// Refuses what is missing or out of bounds.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        check_identity(&self.character_reference_id, &self.idempotency_key)?;
        let lists = [
            &self.persona.voice_traits,
            &self.persona.openers,
            &self.persona.closers,
            &self.persona.hashtags,
            &self.notes,
            &self.avoid,
        ];
        let topics = &self.persona.topics;
        let keywords = topics.iter().map(|topic| &topic.keywords);
        if lists.iter().any(|list| list.len() > LIST_MAX)
            || topics.len() > LIST_MAX
            || keywords.clone().any(|words| words.len() > KEYWORDS_MAX)
        {
            return Err(Refusal::new(
                "over_limit",
                format!(
                    "a list has more than {LIST_MAX} entries ({KEYWORDS_MAX} keywords of a topic)"
                ),
            ));
        }
        let singles = [
            &self.persona.name,
            &self.persona.language,
            &self.trend.title,
            &self.trend.summary,
            &self.trend.link,
            &self.trend.source,
            &self.constraints.platform,
            &self.constraints.disclosure,
            &self.reply_to,
        ];
        let all: Vec<&str> = singles
            .into_iter()
            .chain(lists.into_iter().flatten())
            .chain(topics.iter().map(|topic| &topic.name))
            .chain(keywords.flatten())
            .map(String::as_str)
            .collect();
        check_texts(&all, TEXT_MAX)?;
        if self.persona.name.trim().is_empty() {
            return Err(Refusal::new(
                "invalid_argument",
                "persona.name is blank; a text needs a voice",
            ));
        }
        Ok(())
    }
}
