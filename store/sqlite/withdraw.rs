//! Taking down what is public: an effect of its own, through the same outbox and with the same doubts.

use chimera_domain::{
    ContentHash, Outcome, StateVersion,
    effect::{EffectKind, EffectState, OutgoingCall, Settlement, Withdrawal},
    ids::{EffectId, PublicationId, TaskId},
    mode::Reach,
    task::{Reason, TaskState},
    views::Severity,
};
use rusqlite::{Row, params};

use super::{
    db::{AuditLine, Db, Fault, Verb},
    heads::{EffectHead, TaskHead},
    moves::Move,
    rows::{Cells, json},
};

/// The alert of a post that should be down and is not, and of one nobody knows it of.
const STANDS: &str = "not_withdrawn";

/// What is known of a publication that is to come down.
struct Public {
    id: PublicationId,
    version: StateVersion,
    effect: EffectId,
    task: TaskId,
    place: String,
    stand_in: bool,
    withdrawn: bool,
}

fn public(row: &Row<'_>) -> Verb<Public> {
    let (url, external_id) = (row.text("url")?, row.text("external_id")?);
    Ok(Public {
        id: row.id("publication_id")?,
        version: row.version("version")?,
        effect: row.id("effect_id")?,
        task: row.id("task_id")?,
        place: if url.is_empty() { external_id } else { url },
        stand_in: row.flag("stand_in")?,
        withdrawn: row.maybe_time("withdrawn_at")?.is_some(),
    })
}

/// What a row of `effects`, with `taken_down` of its publication beside it, takes down.
pub(super) fn withdrawal(row: &Row<'_>) -> Verb<Option<Withdrawal>> {
    let external_id: Option<String> = row.get("taken_down")?;
    external_id
        .map(|external_id| {
            Ok(Withdrawal {
                external_id,
                why: row.text("note")?,
            })
        })
        .transpose()
}

impl Db<'_> {
    fn public(&self, id: PublicationId) -> Verb<Option<Public>> {
        self.one(
            "SELECT * FROM publications WHERE publication_id = ?1",
            [id.as_bytes()],
            public,
        )
    }

    /// The publication a withdrawal takes down.
    fn public_of(&self, effect: &EffectHead) -> Verb<Public> {
        self.one(
            "SELECT p.* FROM publications p JOIN effects e ON e.publication_id = p.publication_id
             WHERE e.effect_id = ?1",
            [effect.id.as_bytes()],
            public,
        )?
        .ok_or_else(|| Fault::corrupt(format!("{} takes down nothing", effect.id)))
    }

    fn head_of(&self, effect: EffectId) -> Verb<EffectHead> {
        self.effect_head(effect)?
            .ok_or_else(|| Fault::corrupt(format!("{effect} is missing")))
    }

    /// Its withdrawal that has not ended.
    fn open_withdrawal(&self, publication: PublicationId) -> Verb<Option<EffectHead>> {
        let open: Option<EffectId> = self.one(
            "SELECT effect_id FROM effects WHERE publication_id = ?1 AND state IN ('prepared', 'sent', 'uncertain')",
            [publication.as_bytes()],
            |row| row.id("effect_id"),
        )?;
        open.map(|id| self.head_of(id)).transpose()
    }

    /// Why a withdrawal would not reach what it is to take down, if so.
    fn out_of_reach(&self, public: &Public) -> Verb<Option<String>> {
        let made = self.head_of(public.effect)?;
        let server = self.server_of(made.id)?;
        let reach = self.reach(made.campaign, &server)?;
        let what = match (reach, public.stand_in) {
            (Reach::StandIn, true) | (Reach::Live, false) => return Ok(None),
            (Reach::DryRun, _) => "it is dry, or publishes elsewhere by now",
            (Reach::StandIn, false) => "its server is a stand-in by now",
            (Reach::Live, true) => "it went to a stand-in, which its server is no longer",
        };
        Ok(Some(format!(
            "nothing is sent through `{server}` for this campaign: {what}"
        )))
    }

    /// When its slot comes: a withdrawal that would not reach the post ends here, and a person is told.
    pub(super) fn withdrawal_misses(
        &self,
        effect: &EffectHead,
        actor: &str,
    ) -> Verb<Option<String>> {
        let public = self.public_of(effect)?;
        let why = match (public.withdrawn, self.out_of_reach(&public)?) {
            (true, _) => "it is down already".to_owned(),
            (false, Some(why)) => why,
            (false, None) => return Ok(None),
        };
        self.move_effect(effect, EffectState::Withdrawn, actor, &why)?;
        if !public.withdrawn {
            self.still_stands(&public, &why)?;
        }
        Ok(Some(why))
    }

    fn still_stands(&self, public: &Public, why: &str) -> Verb<()> {
        let id = public.id;
        let text = format!(
            "{} should be down and is not: {why}. Take it down by hand at {}, then `chimera effect withdraw {id} --by-hand --why WHY`",
            id.short(),
            public.place
        );
        self.alert(Severity::Error, STANDS, &id.to_string(), &text)
    }

    /// Records how a withdrawal ended.
    pub(super) fn settle_withdrawal(
        &self,
        effect: &EffectHead,
        settlement: &Settlement,
        actor: &str,
        reason: Reason,
    ) -> Verb<StateVersion> {
        let public = self.public_of(effect)?;
        match settlement {
            Settlement::Confirmed(_) => {
                let why = self.note_of(effect.id)?;
                let next = self.move_effect(effect, EffectState::Confirmed, actor, "")?;
                self.is_down(&public, actor, reason, &why)?;
                Ok(next)
            }
            Settlement::NotSent { why, at } => self.unsend(effect, *at, actor, why),
            Settlement::Failed { why } | Settlement::Moved { why } => {
                self.still_stands(&public, why)?;
                self.move_effect(effect, EffectState::Failed, actor, why)
            }
            Settlement::Uncertain { .. } if effect.state == EffectState::Uncertain => {
                Ok(effect.version)
            }
            Settlement::Uncertain { why } => {
                let id = public.id;
                let text = format!(
                    "nobody knows whether {} is down: {why}; it is asked for again. Look at {}: if it is down, `chimera effect withdraw {id} --by-hand --why WHY` says so, and nothing more is sent; if it is not, it is asked to come down once more when the platform says that it stands",
                    id.short(),
                    public.place
                );
                self.alert(Severity::Error, STANDS, &id.to_string(), &text)?;
                self.move_effect(effect, EffectState::Uncertain, actor, why)
            }
        }
    }

    fn note_of(&self, effect: EffectId) -> Verb<String> {
        let note = self.one(
            "SELECT note FROM effects WHERE effect_id = ?1",
            [effect.as_bytes()],
            |row| row.text("note"),
        )?;
        Ok(note.unwrap_or_default())
    }

    fn is_down(&self, public: &Public, actor: &str, reason: Reason, why: &str) -> Verb<()> {
        let next = public.version.next();
        self.exec_one(
            "UPDATE publications SET version = ?2, withdrawn_at = ?3, withdrawn_why = ?4 WHERE publication_id = ?1",
            params![public.id.as_bytes(), next.get(), self.now.micros(), why],
        )?;
        self.audit(&AuditLine {
            actor,
            subject: public.id.to_string(),
            verb: "withdraw",
            from: "published",
            to: "withdrawn",
            versions: (public.version.get(), next.get()),
            note: why,
            ..AuditLine::default()
        })?;
        let task: TaskHead = self
            .task_head(public.task)?
            .ok_or_else(|| Fault::corrupt(format!("the task of {} is missing", public.id)))?;
        self.move_task(
            &task,
            &Move {
                to: TaskState::Withdrawn,
                reason,
                why,
                actor,
            },
        )?;
        self.close_alert(STANDS, &public.id.to_string())
    }
}

/// A person wants a publication down: the effect that asks for it, made at once and due now.
pub(super) fn order(
    db: &Db<'_>,
    id: PublicationId,
    why: &str,
    actor: &str,
) -> Verb<Outcome<EffectId>> {
    let Some(public) = db.public(id)? else {
        return Ok(Outcome::NotFound);
    };
    if public.withdrawn {
        return Ok(Outcome::Conflict(
            db.overtaken(public.version, "withdrawn already"),
        ));
    }
    if let Some(open) = db.open_withdrawal(id)? {
        return Ok(Outcome::Done(open.id, open.version));
    }
    if let Some(why) = db.out_of_reach(&public)? {
        return Err(Fault::refused(format!(
            "{why}. Take it down by hand at {}, then say `chimera effect withdraw {id} --by-hand --why WHY`",
            public.place
        )));
    }
    let made = db.head_of(public.effect)?;
    let call = db.one(
        "SELECT call FROM effects WHERE effect_id = ?1",
        [made.id.as_bytes()],
        |row| row.doc::<OutgoingCall>("call"),
    )?;
    let mut call = call.ok_or_else(|| Fault::corrupt(format!("{} is missing", made.id)))?;
    EffectKind::Withdraw.tool().clone_into(&mut call.tool);
    let content: ContentHash = call.content_hash();
    let effect = EffectId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO effects (effect_id, version, task_id, campaign_id, agent_id, trace_id, epoch, state, why, call,
           content_hash, idempotency_key, server, lane, due_at, attempt, created_at, moved_at, kind, publication_id, note)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, 'prepared', '', ?7, ?8, ?9, ?10, ?11, ?12, 0, ?12, ?12, ?13, ?14, ?15)",
        params![
            effect.as_bytes(),
            made.task.as_bytes(),
            made.campaign.as_bytes(),
            made.agent.as_bytes(),
            made.trace.as_bytes(),
            made.epoch.get(),
            json(&call)?,
            content.as_bytes(),
            OutgoingCall::key_of(made.task, content),
            call.server,
            call.lane(),
            db.now.micros(),
            EffectKind::Withdraw.as_str(),
            id.as_bytes(),
            why,
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: effect.to_string(),
        verb: "order_withdrawal",
        to: EffectState::Prepared.as_str(),
        versions: (0, 1),
        trace: Some(made.trace),
        note: why,
        ..AuditLine::default()
    })?;
    Ok(Outcome::Done(effect, StateVersion::FIRST))
}

/// A person took it down by hand, or saw that it is down: nothing is sent.
pub(super) fn by_hand(db: &Db<'_>, id: PublicationId, why: &str, actor: &str) -> Verb<Outcome<()>> {
    let Some(public) = db.public(id)? else {
        return Ok(Outcome::NotFound);
    };
    if public.withdrawn {
        return Ok(Outcome::Conflict(
            db.overtaken(public.version, "withdrawn already"),
        ));
    }
    if let Some(open) = db.open_withdrawal(id)? {
        let to = match open.state {
            EffectState::Uncertain => EffectState::Confirmed,
            EffectState::Prepared => EffectState::Withdrawn,
            EffectState::Held
            | EffectState::Sent
            | EffectState::Confirmed
            | EffectState::Failed
            | EffectState::Withdrawn => {
                return Ok(Outcome::Conflict(
                    db.overtaken(open.version, "being withdrawn just now"),
                ));
            }
        };
        db.move_effect(&open, to, actor, "taken down by hand")?;
    }
    db.is_down(&public, actor, Reason::Resolved, why)?;
    Ok(Outcome::Done((), public.version.next()))
}
