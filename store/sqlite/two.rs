//! What two people must approve: the grounds as things stand, and the approval of the first.
//!
//! The first approval is a row bound to the version and the content it was made on. It follows its ticket while
//! that waits (escalated, put off, given away), stays beside it once the second person approved, and ends with
//! everything else: an answer of another kind, an undo, other content, another epoch.

use chimera_domain::{
    StateVersion, Timestamp,
    effect::OutgoingCall,
    ids::{AgentId, CampaignId, TicketId},
    mode::Reach,
    policy::Price,
    publication::Sample,
    second::{Ground, Stakes, person_of},
    ticket::TicketState,
};
use rusqlite::params;

use super::{
    db::{Db, Fault, Verb},
    heads::{TaskHead, TicketHead},
    judge,
    rows::Cells,
};

/// So many of an account's last posts say how many people see it.
const AUDIENCE_POSTS: u32 = 20;

/// Who approved as the first.
pub(crate) struct First {
    pub(crate) actor: String,
    pub(crate) at: Timestamp,
}

impl Db<'_> {
    /// Why two people must approve this call, under the installed policy and as things stand.
    pub(crate) fn grounds_for_two(
        &self,
        agent: AgentId,
        campaign: CampaignId,
        call: &OutgoingCall,
        sensitive: bool,
    ) -> Verb<Vec<Ground>> {
        // Looked at first: in a sandbox nothing is live, and this costs it nothing.
        if self.reach(campaign, &call.server)? != Reach::Live {
            return Ok(Vec::new());
        }
        let Some(policy) = self.policy()? else {
            return Ok(Vec::new());
        };
        let price = policy.budget.price(&call.server, &call.tool);
        let stakes = Stakes {
            live: true,
            cost: price.and_then(Price::estimate),
            sensitive,
            audience: match sensitive {
                true => self.audience(agent, call)?,
                false => None,
            },
            first_post: judge::is_first(self, agent, campaign, call)?,
        };
        Ok(policy.judge.second_approver.grounds(&stakes))
    }

    /// The same for what a ticket asks about.
    pub(crate) fn grounds_of_ticket(
        &self,
        ticket: &TicketHead,
        task: &TaskHead,
    ) -> Verb<Vec<Ground>> {
        let asked = self.one(
            "SELECT call, sensitive FROM tickets WHERE ticket_id = ?1",
            [ticket.id.as_bytes()],
            |row| Ok((row.doc::<OutgoingCall>("call")?, row.flag("sensitive")?)),
        )?;
        let (call, sensitive) =
            asked.ok_or_else(|| Fault::corrupt(format!("{} is missing", ticket.id)))?;
        self.grounds_for_two(task.agent, ticket.campaign, &call, sensitive)
    }

    /// The most views one of the account's last live posts got; `None` where the platform told none.
    fn audience(&self, agent: AgentId, call: &OutgoingCall) -> Verb<Option<u64>> {
        let seen = self.all(
            "SELECT last_sample FROM publications
             WHERE agent_id = ?1 AND channel = ?2 AND simulated = 0 AND account = ?3 AND last_sample IS NOT NULL
             ORDER BY published_at DESC LIMIT ?4",
            params![
                agent.as_bytes(),
                call.post.channel.as_str(),
                call.post.account,
                AUDIENCE_POSTS
            ],
            |row| Ok(row.doc::<Sample>("last_sample")?.views),
        )?;
        Ok(seen.into_iter().flatten().max())
    }

    /// The approval of the first of two, as far as it holds for what the ticket is now.
    pub(crate) fn first_approval(&self, ticket: &TicketHead) -> Verb<Option<First>> {
        self.one(
            "SELECT actor, at FROM first_approvals
             WHERE ticket_id = ?1 AND ticket_version = ?2 AND content_hash = ?3",
            params![
                ticket.id.as_bytes(),
                ticket.version.get(),
                ticket.content_hash.as_bytes()
            ],
            |row| {
                Ok(First {
                    actor: row.text("actor")?,
                    at: row.time("at")?,
                })
            },
        )
    }

    /// One person approves what two must: nothing goes out, and the ticket waits for another person.
    pub(crate) fn approve_first(
        &self,
        ticket: &TicketHead,
        actor: &str,
        why: &str,
    ) -> Verb<StateVersion> {
        let note = format!("needs a second person: {why}");
        let version = self.touch_ticket(ticket, "approve_first", actor, &note)?;
        self.exec_one(
            "INSERT INTO first_approvals (ticket_id, ticket_version, content_hash, person, actor, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                ticket.id.as_bytes(),
                version.get(),
                ticket.content_hash.as_bytes(),
                person_of(actor),
                actor,
                self.now.micros(),
            ],
        )?;
        Ok(version)
    }

    /// The first approval holds no more, if there was one.
    pub(crate) fn drop_first(&self, ticket: TicketId) -> Verb<()> {
        self.exec(
            "DELETE FROM first_approvals WHERE ticket_id = ?1",
            [ticket.as_bytes()],
        )
        .map(drop)
    }

    /// A ticket takes its next step. While it waits, it asks the same of the same people.
    pub(crate) fn first_follows(&self, ticket: &TicketHead, to: TicketState) -> Verb<()> {
        if ticket.state.is_waiting() && to.is_waiting() {
            return self
                .exec(
                    "UPDATE first_approvals SET ticket_version = ticket_version + 1
                     WHERE ticket_id = ?1 AND ticket_version = ?2",
                    params![ticket.id.as_bytes(), ticket.version.get()],
                )
                .map(drop);
        }
        if ticket.state.is_waiting() && to == TicketState::Approved {
            return Ok(());
        }
        self.drop_first(ticket.id)
    }
}
