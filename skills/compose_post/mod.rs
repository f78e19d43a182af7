//! The post: puts together exactly what goes out. Makes nothing, changes nothing, sends nothing. Where a second opinion
//! is wanted, it is asked for here, on exactly this content.
//!
//! What it proposes is what the judge sees, what a person approves and what the executor sends.

mod second;

use async_trait::async_trait;
use chimera_domain::{
    Score, ToolError,
    artifact::{Body, Disclosure, Post, Provenance},
    effect::{EffectKind, OutgoingCall},
    ports::{Skill, SkillInput, SkillOutput, ToolCaller},
    task::{Modality, TaskKind},
};

use crate::wire::{draft, media, missing};

pub(crate) struct ComposePost {
    /// The language model that reads it.
    pub(crate) second_opinion: Option<String>,
}

#[async_trait]
impl Skill for ComposePost {
    fn name(&self) -> &'static str {
        "compose_post"
    }

    fn does(&self, kind: TaskKind, _: Option<Modality>) -> bool {
        kind == TaskKind::Publish
    }

    async fn run(
        &self,
        input: SkillInput<'_>,
        tools: &dyn ToolCaller,
    ) -> Result<SkillOutput, ToolError> {
        let (text, draft) = draft(&input).ok_or_else(|| missing(self.name(), "text"))?;
        let media = media(&input);
        let confidence = media
            .iter()
            .map(|(artifact, _)| artifact.confidence)
            .fold(text.confidence, Score::min);
        let campaign = &input.work.campaign;
        let post = Post {
            channel: campaign.channel,
            account: campaign.account.clone(),
            text: draft.text.clone(),
            media: media.into_iter().map(|(_, media)| media.clone()).collect(),
            disclosure: Disclosure::Automated,
            citations: draft.citations.clone(),
        };
        let proposal = OutgoingCall {
            server: campaign.publish_server.clone(),
            tool: EffectKind::Publish.tool().to_owned(),
            post: post.clone(),
        };
        let mut read_by = Vec::new();
        let opinion = match &self.second_opinion {
            Some(model) => {
                Some(second::opinion(&input, tools, model, &proposal, &mut read_by).await)
            }
            None => None,
        };
        Ok(SkillOutput {
            body: Body::Post(post),
            blobs: vec![],
            confidence,
            provenance: Provenance {
                model: "compose/1".to_owned(),
                tools: read_by,
                opinion,
                ..Provenance::default()
            },
            proposes: Some(proposal),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Tools, work};

    // R1, R3: the post is the draft byte for byte, proposed and not sent.
    #[test]
    fn r1_the_post_is_the_draft_byte_for_byte_and_only_proposed() {
        let fixture = work(1);
        let tools = Tools::answer(serde_json::json!({}));
        let alone = ComposePost {
            second_opinion: None,
        };
        let got = futures::executor::block_on(alone.run(fixture.input(), &tools)).unwrap();
        let call = got.proposes.unwrap();
        assert_eq!(call.post.text, "Look: linen.\n");
        assert_eq!(call.post.media.len(), 1);
        assert_eq!(got.body, Body::Post(call.post));
        assert!(tools.calls().is_empty());
    }
}
