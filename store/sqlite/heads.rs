//! Heads: what a move needs to know of a task, a ticket or an effect, read by place and not by name,
//! because every verb reads some.

use chimera_domain::{
    ContentHash, StateVersion, Timestamp,
    effect::{EffectKind, EffectState},
    ids::{AgentId, CampaignId, ClaimId, EffectId, TaskId, TicketId, TraceId},
    task::TaskState,
    ticket::TicketState,
};
use rusqlite::Row;

use super::{
    db::{Db, Verb},
    rows::Cells,
};

/// What a move needs to know of a task.
#[derive(Debug, Clone)]
pub(crate) struct TaskHead {
    pub id: TaskId,
    pub version: StateVersion,
    pub state: TaskState,
    pub agent: AgentId,
    pub campaign: CampaignId,
    pub epoch: StateVersion,
    pub trace: TraceId,
    pub node: String,
    pub attempt: u32,
    /// Conflicts lost in a row.
    pub lost: u32,
    pub content_hash: Option<ContentHash>,
    pub claim: Option<ClaimId>,
    /// Whether anything counts against its cap.
    pub spends: bool,
}

/// What a move needs to know of a ticket.
#[derive(Debug, Clone)]
pub(crate) struct TicketHead {
    pub id: TicketId,
    pub version: StateVersion,
    pub state: TicketState,
    pub task: TaskId,
    pub campaign: CampaignId,
    pub epoch: StateVersion,
    pub trace: TraceId,
    pub content_hash: ContentHash,
    pub decided_at: Option<Timestamp>,
    pub moved_by: String,
    pub moved_at: Timestamp,
}

/// What a move needs to know of an effect.
#[derive(Debug, Clone)]
pub(crate) struct EffectHead {
    pub id: EffectId,
    pub version: StateVersion,
    pub state: EffectState,
    pub task: TaskId,
    pub campaign: CampaignId,
    pub agent: AgentId,
    pub epoch: StateVersion,
    pub trace: TraceId,
    pub ticket: Option<TicketId>,
    pub kind: EffectKind,
}

/// The columns of a head, in the order its reader takes them.
macro_rules! task_columns {
    () => {
        "task_id, version, state, agent_id, campaign_id, epoch, trace_id, node, attempt, content_hash, claim_id,
         counted, lost"
    };
}
macro_rules! ticket_columns {
    () => {
        "ticket_id, version, state, task_id, campaign_id, epoch, trace_id, content_hash, decided_at, moved_by,
         moved_at"
    };
}
macro_rules! effect_columns {
    () => {
        "effect_id, version, state, task_id, campaign_id, agent_id, epoch, trace_id, ticket_id, kind"
    };
}

fn task_head(row: &Row<'_>) -> Verb<TaskHead> {
    let hash: Option<[u8; 32]> = row.get(9)?;
    Ok(TaskHead {
        id: row.id(0)?,
        version: row.version(1)?,
        state: row.word(2)?,
        agent: row.id(3)?,
        campaign: row.id(4)?,
        epoch: row.version(5)?,
        trace: row.id(6)?,
        node: row.get(7)?,
        attempt: row.small(8)?,
        lost: row.small(12)?,
        content_hash: hash.map(ContentHash::from_bytes),
        claim: row.maybe_id(10)?,
        spends: row.get::<_, i64>(11)? > 0,
    })
}

fn ticket_head(row: &Row<'_>) -> Verb<TicketHead> {
    Ok(TicketHead {
        id: row.id(0)?,
        version: row.version(1)?,
        state: row.word(2)?,
        task: row.id(3)?,
        campaign: row.id(4)?,
        epoch: row.version(5)?,
        trace: row.id(6)?,
        content_hash: row.hash(7)?,
        decided_at: row.maybe_time(8)?,
        moved_by: row.get(9)?,
        moved_at: row.time(10)?,
    })
}

fn effect_head(row: &Row<'_>) -> Verb<EffectHead> {
    Ok(EffectHead {
        id: row.id(0)?,
        version: row.version(1)?,
        state: row.word(2)?,
        task: row.id(3)?,
        campaign: row.id(4)?,
        agent: row.id(5)?,
        epoch: row.version(6)?,
        trace: row.id(7)?,
        ticket: row.maybe_id(8)?,
        kind: row.word(9)?,
    })
}

impl Db<'_> {
    pub(crate) fn task_head(&self, id: TaskId) -> Verb<Option<TaskHead>> {
        self.one(
            concat!("SELECT ", task_columns!(), " FROM tasks WHERE task_id = ?1"),
            [id.as_bytes()],
            task_head,
        )
    }

    /// Tasks by a condition, for the moves of many at once.
    pub(crate) fn task_heads(
        &self,
        condition: &str,
        args: impl rusqlite::Params,
    ) -> Verb<Vec<TaskHead>> {
        self.all(
            &format!(
                concat!("SELECT ", task_columns!(), " FROM tasks WHERE {}"),
                condition
            ),
            args,
            task_head,
        )
    }

    pub(crate) fn ticket_head(&self, id: TicketId) -> Verb<Option<TicketHead>> {
        self.one(
            concat!(
                "SELECT ",
                ticket_columns!(),
                " FROM tickets WHERE ticket_id = ?1"
            ),
            [id.as_bytes()],
            ticket_head,
        )
    }

    pub(crate) fn ticket_heads(
        &self,
        condition: &str,
        args: impl rusqlite::Params,
    ) -> Verb<Vec<TicketHead>> {
        self.all(
            &format!(
                concat!("SELECT ", ticket_columns!(), " FROM tickets WHERE {}"),
                condition
            ),
            args,
            ticket_head,
        )
    }

    pub(crate) fn effect_head(&self, id: EffectId) -> Verb<Option<EffectHead>> {
        self.one(
            concat!(
                "SELECT ",
                effect_columns!(),
                " FROM effects WHERE effect_id = ?1"
            ),
            [id.as_bytes()],
            effect_head,
        )
    }

    /// The effect of a task that could still leave.
    pub(crate) fn waiting_effect(&self, task: TaskId) -> Verb<Option<EffectHead>> {
        self.one(
            concat!(
                "SELECT ",
                effect_columns!(),
                " FROM effects WHERE task_id = ?1 AND state IN ('held', 'prepared')"
            ),
            [task.as_bytes()],
            effect_head,
        )
    }
}
