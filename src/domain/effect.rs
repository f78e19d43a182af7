//! Effects: what leaves the machine, bound to the exact content that was decided on.

use serde_json::{Value, json};

use crate::{
    ContentHash, Usd,
    artifact::Post,
    campaign::CampaignSpec,
    clock::Timestamp,
    hash::canonical_json,
    ids::{AgentId, CampaignId, EffectId, TaskId, TraceId},
    version::StateVersion,
    words::words,
};

words! {
    /// Where an effect stands.
    pub enum EffectState as "effect state" {
        /// Approved; the undo fuse burns.
        Held = "held",
        /// Approved; waits for the executor.
        Prepared = "prepared",
        /// Written down as sent, before the call.
        Sent = "sent",
        /// The platform confirmed it; or it was a dry run and ended without a call, which its row says.
        Confirmed = "confirmed",
        /// The platform refused it.
        Failed = "failed",
        /// It was sent and no answer came.
        Uncertain = "uncertain",
        /// It was taken back, before or after sending.
        Withdrawn = "withdrawn",
    }
}

impl EffectState {
    /// Every move an effect may make. The store refuses all others.
    pub const TRANSITIONS: &'static [(Self, Self)] = {
        use EffectState::{Confirmed, Failed, Held, Prepared, Sent, Uncertain, Withdrawn};
        &[
            (Held, Sent),
            (Held, Confirmed), // a dry run
            (Held, Withdrawn),
            (Prepared, Sent),
            (Prepared, Confirmed), // a dry run
            (Prepared, Withdrawn),
            (Sent, Confirmed),
            (Sent, Failed),
            (Sent, Uncertain),
            (Sent, Prepared), // provably not sent
            (Uncertain, Confirmed),
            (Uncertain, Prepared), // the platform says it never landed
            (Uncertain, Failed),
            (Confirmed, Withdrawn),
        ]
    };
}

words! {
    /// What an effect does.
    pub enum EffectKind as "effect kind" {
        /// Makes a post public.
        Publish = "publish",
        /// Takes one down.
        Withdraw = "withdraw",
    }
}

impl EffectKind {
    /// The tool that carries it out, on every server.
    #[must_use]
    pub const fn tool(self) -> &'static str {
        match self {
            Self::Publish => "post_content",
            Self::Withdraw => "delete_post",
        }
    }
}

/// What a withdrawal takes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The platform's id of the post.
    pub external_id: String,
    /// Why, in words; the platform may keep it.
    pub why: String,
}

/// A call that would have an effect outside: exactly what a decision is bound to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutgoingCall {
    /// The MCP server.
    pub server: String,
    /// The tool: [`EffectKind::tool`].
    pub tool: String,
    /// What goes out.
    pub post: Post,
}

impl OutgoingCall {
    /// The hash a decision is bound to: server, tool, account, text, media digests, label.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let media: Vec<Value> = self
            .post
            .media
            .iter()
            .map(|m| json!({"sha256": m.sha256, "mime": m.mime, "alt_text": m.alt_text}))
            .collect();
        ContentHash::of_json(&json!({
            "server": self.server,
            "tool": self.tool,
            "channel": self.post.channel,
            "account": self.post.account,
            "text": self.post.text,
            "media": media,
            "disclosure": self.post.disclosure,
        }))
    }

    /// Whether it goes where this campaign publishes: server, platform and account.
    #[must_use]
    pub fn is_for(&self, campaign: &CampaignSpec) -> bool {
        self.server == campaign.publish_server
            && self.post.channel == campaign.channel
            && self.post.account == campaign.account
    }

    /// The account it goes out from: what has the same lane leaves one after the other.
    #[must_use]
    pub fn lane(&self) -> String {
        format!(
            "{} {} {}",
            self.server, self.post.channel, self.post.account
        )
    }

    /// The key under which the platform sees this call at most once.
    #[must_use]
    pub fn idempotency_key(&self, task: TaskId) -> String {
        Self::key_of(task, self.content_hash())
    }

    /// The key of a call whose content hash is known.
    #[must_use]
    pub fn key_of(task: TaskId, content: ContentHash) -> String {
        let bound = json!({"task": task, "content": content});
        ContentHash::of_bytes(canonical_json(&bound).as_bytes()).to_string()
    }
}

/// An effect the executor has taken: written down as sent, so this is the one permission to call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the effect is already written down as sent"]
pub struct SendOrder {
    /// The effect.
    pub effect_id: EffectId,
    /// Its row version, state `sent`.
    pub version: StateVersion,
    /// The task it belongs to.
    pub task_id: TaskId,
    /// The agent that acts.
    pub agent_id: AgentId,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// The most the task may cost, sending included.
    pub task_cap: Usd,
    /// Exactly what goes out.
    pub call: OutgoingCall,
    /// The hash that was decided on. The executor checks it once more.
    pub content_hash: ContentHash,
    /// The key the platform sees.
    pub idempotency_key: String,
    /// How often it was tried before.
    pub attempt: u32,
    /// What it takes down, where it makes nothing public.
    pub withdraws: Option<Withdrawal>,
}

/// An effect whose fate is not known: sent by a process that is gone, or without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The effect.
    pub effect_id: EffectId,
    /// Its row version.
    pub version: StateVersion,
    /// `sent` or `uncertain`.
    pub state: EffectState,
    /// The server to ask.
    pub server: String,
    /// The key to ask for.
    pub idempotency_key: String,
    /// What was to go out, to be held against what the platform has.
    pub call: OutgoingCall,
    /// What it takes down, where it makes nothing public.
    pub withdraws: Option<Withdrawal>,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// How often it was sent, this time included.
    pub attempt: u32,
    /// Whether this very process sent it.
    pub ours: bool,
    /// Since when its fate is not known: when it was sent, or when the wait for an answer ended.
    pub since: Timestamp,
}

/// What the platform gave back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    /// The platform's id.
    pub external_id: String,
    /// Where it can be seen, may be empty.
    pub url: String,
    /// Whether the platform is a stand-in.
    pub simulated: bool,
    /// Hash of the text the platform says it has, for the read-after-publish check.
    pub text_sha256: Option<ContentHash>,
    /// The label the platform acknowledged.
    pub disclosure: Option<String>,
    /// What the call cost; `None` is unknown.
    pub cost_usd: Option<Usd>,
}

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It landed.
    Confirmed(Receipt),
    /// It provably did not happen; try again from this time on.
    NotSent {
        /// Why.
        why: String,
        /// When to try again.
        at: Timestamp,
    },
    /// It did not happen and must not as it is: what it was approved on is no longer so.
    Moved {
        /// The one line that changed.
        why: String,
    },
    /// The platform refused it for good.
    Failed {
        /// What it said.
        why: String,
    },
    /// No answer: it may or may not have happened.
    Uncertain {
        /// What ended the wait.
        why: String,
    },
}

/// What a person who looked at the platform says of an effect nobody knew the fate of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// It is out.
    Published {
        /// Its address or id there.
        place: String,
    },
    /// It is not out; it is sent again under the same key.
    SendAgain,
    /// It is not out and shall not be.
    GiveUp {
        /// Why.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        campaign::Channel,
        testing::{post, uuid_of},
    };

    fn call() -> OutgoingCall {
        OutgoingCall {
            server: "twitter".into(),
            tool: "post_content".into(),
            post: post("Hello"),
        }
    }

    // R2, R4: any change to what goes out changes the hash and the key; a replay changes neither.
    #[test]
    fn r2_a_decision_is_bound_to_every_byte_that_goes_out() {
        let task = TaskId::from_uuid(uuid_of(1));
        let base = call();
        assert_eq!(base.content_hash(), call().content_hash());
        assert_eq!(base.idempotency_key(task), call().idempotency_key(task));
        let mut changed = Vec::new();
        changed.push(OutgoingCall {
            server: "mastodon".into(),
            ..call()
        });
        changed.push(OutgoingCall {
            tool: "reply".into(),
            ..call()
        });
        for edit in [
            |p: &mut Post| p.text.push(' '),
            |p: &mut Post| p.account.push('x'),
            |p: &mut Post| p.channel = Channel::Mastodon,
            |p: &mut Post| p.media.clear(),
            |p: &mut Post| p.media[0].sha256 = ContentHash::of_bytes(b"other"),
            |p: &mut Post| p.media[0].alt_text.push('.'),
            |p: &mut Post| p.disclosure = crate::artifact::Disclosure::Assisted,
        ] {
            let mut other = call();
            edit(&mut other.post);
            changed.push(other);
        }
        for other in changed {
            assert_ne!(other.content_hash(), base.content_hash(), "{other:?}");
            assert_ne!(other.idempotency_key(task), base.idempotency_key(task));
        }
        assert_ne!(
            base.idempotency_key(task),
            base.idempotency_key(TaskId::from_uuid(uuid_of(2)))
        );
    }
}
