//! Typed ids: `UUIDv7` inside, text with the kind as prefix wherever a person reads one (`tsk_0192…`).

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind} id (expected `{prefix}_` and 32 hexadecimal digits)")]
pub struct InvalidId {
    kind: &'static str,
    prefix: &'static str,
    text: String,
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident $prefix:literal $kind:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore in the text form.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a UUID that is known to name this kind of thing.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }

            /// The 16 bytes the store keeps.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] { self.0.as_bytes() }

            /// The last eight hexadecimal digits: enough to tell rows of one screen apart.
            /// The first ones are time and look alike.
            #[must_use]
            pub fn short(&self) -> String {
                let text = self.0.simple().to_string();
                text[text.len() - 8..].to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| InvalidId { kind: $kind, prefix: $prefix, text: text.to_owned() })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// One agent: a persona that acts.
    AgentId "agt" "agent";
    /// One campaign of one agent.
    CampaignId "cmp" "campaign";
    /// One MCP resource that is polled.
    ResourceId "res" "resource";
    /// One thing perceived, once per campaign.
    SignalId "sig" "signal";
    /// One node of a plan.
    TaskId "tsk" "task";
    /// One result of a task.
    ArtifactId "art" "artifact";
    /// One decision of the judge.
    VerdictId "vrd" "verdict";
    /// One question to a person.
    TicketId "tkt" "ticket";
    /// One outside effect, sent at most once.
    EffectId "eff" "effect";
    /// One thing that is public (or simulated as public).
    PublicationId "pub" "publication";
    /// One attempt to spend.
    IntentId "int" "intent";
    /// One entry of the ledger.
    EntryId "ent" "entry";
    /// One worker's hold on a task.
    ClaimId "clm" "claim";
    /// One walk from a resource event to the ledger.
    TraceId "trc" "trace";
    /// One alert.
    AlertId "alr" "alert";
    /// One goal with the tree it is to become.
    ProposalId "prp" "proposal";
    /// One trend.
    TrendId "trd" "trend";
    /// One payment from a wallet.
    PaymentId "pay" "payment";
    /// One muted topic.
    MuteId "mut" "mute";
}

impl TicketId {
    /// The ticket that asks about a payment: one each, under the payment's own digits.
    #[must_use]
    pub const fn of_payment(payment: PaymentId) -> Self {
        Self(payment.0)
    }

    /// The payment this ticket asks about, if it asks about one. Only the store knows whether it does.
    #[must_use]
    pub const fn as_payment(self) -> PaymentId {
        PaymentId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // An id's text form leads back to the same id, and to no other kind.
    #[test]
    fn text_form_round_trips_and_carries_its_kind() {
        let id = TaskId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ab));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().parse::<TicketId>().is_err());
        assert!("tsk_12".parse::<TaskId>().is_err());
        assert_eq!(id.short(), "000000ab");
    }
}
