//! What the lists hold, one line each: the row, its id, and where the row has it.

use std::fmt::{Debug, Display};

use chimera_domain::{
    ContentHash, Safe,
    ids::{
        AgentId, AlertId, CampaignId, EffectId, IntentId, MuteId, PaymentId, PublicationId,
        SignalId, TaskId, TicketId, TrendId,
    },
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, LedgerRow, LinkId, LinkRow, MuteRow,
        ObjectiveRow, PaymentRow, PersonaRow, PublicationRow, ReachRow, SettingRow, SignalRow,
        StepId, StepRow, TaskRow, TicketRow, TrendRow,
    },
};

use super::record::Recorded;

/// What a list can hold.
pub(crate) trait Row: Clone + PartialEq + Recorded {
    type Id: Copy + PartialEq + Display + Debug;
    fn id(&self) -> Self::Id;
}

macro_rules! rows {
    ($($row:ident $id:ident $field:ident;)+) => {$(
        impl Row for $row {
            type Id = $id;
            fn id(&self) -> $id {
                self.$field
            }
        }
    )+};
}

rows! {
    SignalRow SignalId id;
    TaskRow TaskId id;
    TicketRow TicketId id;
    AlertRow AlertId id;
    LedgerRow IntentId intent_id;
    EffectRow EffectId id;
    PublicationRow PublicationId id;
    ReachRow CampaignId campaign_id;
    AgentRow AgentId id;
    AuditRow i64 seq;
    StepRow StepId id;
    ObjectiveRow u8 number;
    PersonaRow ContentHash hash;
    SettingRow u32 place;
    TrendRow TrendId id;
    MuteRow MuteId id;
    PaymentRow PaymentId id;
    BreakRow i64 id;
    PresenceRow u8 place;
}

impl Row for LinkRow {
    type Id = LinkId;
    fn id(&self) -> LinkId {
        Self::id(self)
    }
}

/// What there is of presence: made from the overview, for the store keeps no more of it yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PresenceRow {
    pub(crate) place: u8,
    pub(crate) what: &'static str,
    /// Whether it is there at all.
    pub(crate) there: bool,
    pub(crate) text: Safe,
}
