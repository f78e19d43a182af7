//! What a verdict was made from, put together again from what was stored then.

use std::collections::HashMap;

use chimera_domain::{
    ContentHash, StoreError,
    artifact::{Artifact, Body, Post},
    basis::{JudgeInputs, VerdictBasis},
    effect::OutgoingCall,
    ids::{AgentId, TaskId},
    lesson::{Lessons, LessonsBasis},
    persona::Persona,
    policy::Policy,
    verdict::{Case, Verdict},
};
use rusqlite::params;

use super::super::{
    db::{Db, Fault, Verb},
    rows::{self, Cells},
};

/// Documents by hash, each read once per question.
#[derive(Default)]
pub(super) struct Shelf {
    personas: HashMap<ContentHash, Option<Persona>>,
    policies: HashMap<ContentHash, Option<Policy>>,
    lessons: HashMap<(AgentId, i64), Lessons>,
}

impl Shelf {
    pub(super) fn persona(&mut self, db: &Db<'_>, hash: ContentHash) -> Verb<Option<Persona>> {
        if let Some(known) = self.personas.get(&hash) {
            return Ok(known.clone());
        }
        let found = db.one(
            "SELECT doc FROM personas WHERE hash = ?1",
            [hash.as_bytes()],
            |row| row.doc("doc"),
        )?;
        self.personas.insert(hash, found.clone());
        Ok(found)
    }

    /// What had been said when a score was made.
    pub(super) fn lessons(&mut self, db: &Db<'_>, named: LessonsBasis) -> Verb<Lessons> {
        let key = (named.agent, named.upto);
        if let Some(known) = self.lessons.get(&key) {
            return Ok(known.clone());
        }
        let found = db.lessons_upto(named.agent, named.upto)?;
        self.lessons.insert(key, found.clone());
        Ok(found)
    }

    pub(super) fn policy(&mut self, db: &Db<'_>, hash: ContentHash) -> Verb<Option<Policy>> {
        if let Some(known) = self.policies.get(&hash) {
            return Ok(known.clone());
        }
        let found = db.one(
            "SELECT doc FROM policies WHERE hash = ?1",
            [hash.as_bytes()],
            |row| row.doc("doc"),
        )?;
        self.policies.insert(hash, found.clone());
        Ok(found)
    }
}

/// The inputs of one verdict, or why they are not to be had. Only a store that does not answer is an error.
pub(super) fn of(
    db: &Db<'_>,
    shelf: &mut Shelf,
    task: TaskId,
    verdict: &Verdict,
) -> Verb<Result<JudgeInputs, String>> {
    let Some(basis) = &verdict.basis else {
        return Ok(Err("what it was made from was not kept with it".to_owned()));
    };
    if basis.v > VerdictBasis::SHAPE {
        return Ok(Err(format!(
            "what it was made from is kept in shape {}, and this program knows shapes up to {}",
            basis.v,
            VerdictBasis::SHAPE
        )));
    }
    match gather(db, shelf, task, verdict.policy, basis) {
        // One document that cannot be read says nothing about the others.
        Err(Fault::Store(StoreError::Corrupt { what })) => Ok(Err(what)),
        gathered => gathered,
    }
}

fn gather(
    db: &Db<'_>,
    shelf: &mut Shelf,
    task: TaskId,
    policy: ContentHash,
    basis: &VerdictBasis,
) -> Verb<Result<JudgeInputs, String>> {
    let gone = |what: String| Ok(Err(format!("{what} is not stored any more")));
    let Some(policy_doc) = shelf.policy(db, policy)? else {
        return gone(format!("policy {}", policy.short()));
    };
    let persona = match basis.persona {
        None => None,
        Some(hash) => match shelf.persona(db, hash)? {
            None => return gone(format!("persona {}", hash.short())),
            found => found,
        },
    };
    let Some(task) = db.task(task)? else {
        return gone("its task".to_owned());
    };
    let signal = db.signal_of(basis.signal)?.map(|(signal, _)| signal);
    if signal.is_none() && basis.signal.is_some() {
        return gone("its signal".to_owned());
    }
    let mut artifacts: Vec<Artifact> = Vec::with_capacity(basis.artifacts.len());
    for id in &basis.artifacts {
        let found = db.one(
            concat!(
                "SELECT ",
                artifact_row!(),
                " FROM tasks t JOIN artifacts a ON a.task_id = t.task_id
                 WHERE t.trace_id = ?1 AND a.artifact_id = ?2"
            ),
            params![task.trace_id.as_bytes(), id.as_bytes()],
            rows::artifact,
        )?;
        match found {
            Some(artifact) => artifacts.push(artifact),
            None => return gone(format!("artifact {id}")),
        }
    }
    let Some(post) = post(basis, &artifacts) else {
        return gone("the post".to_owned());
    };
    Ok(Ok(JudgeInputs {
        case: Case {
            task,
            call: OutgoingCall {
                server: basis.server.clone(),
                tool: basis.tool.clone(),
                post,
            },
            campaign: basis.campaign.clone(),
            signal,
            artifacts,
            first_post: basis.first_post,
            was_asked: basis.was_asked,
            moved: basis.moved.clone(),
            edited: basis.edited,
        },
        persona,
        policy: policy_doc,
    }))
}

fn post(basis: &VerdictBasis, artifacts: &[Artifact]) -> Option<Post> {
    basis
        .post
        .clone()
        .or_else(|| match &artifacts.last()?.body {
            Body::Post(post) => Some(post.clone()),
            Body::Research(_) | Body::Text(_) | Body::Media(_) | Body::Payment(_) => None,
        })
}
