//! Publications: what was confirmed, as it is kept.

use chimera_domain::{
    effect::{OutgoingCall, Receipt},
    ids::PublicationId,
};
use rusqlite::params;

use super::{
    db::{Db, Fault, Verb},
    heads::EffectHead,
    rows::{Cells, json},
};

/// What a confirmed effect made public.
pub(super) fn publish(db: &Db<'_>, effect: &EffectHead, receipt: &Receipt) -> Verb<PublicationId> {
    let (call, server): (OutgoingCall, String) = db
        .one(
            "SELECT call, server FROM effects WHERE effect_id = ?1",
            [effect.id.as_bytes()],
            |row| Ok((row.doc(0)?, row.text(1)?)),
        )?
        .ok_or_else(|| Fault::corrupt(format!("{} is missing", effect.id)))?;
    // Either word is enough: that of the server, and that of whoever configured it.
    let stand_in = db.is_simulated(&server)?;
    let simulated = receipt.simulated || stand_in;
    db.exec_one(
        "UPDATE effects SET receipt = ?2, simulated = ?3 WHERE effect_id = ?1",
        params![effect.id.as_bytes(), json(receipt)?, simulated],
    )?;
    let id = PublicationId::from_uuid(db.ambient.fresh());
    let post = &call.post;
    let search = format!(
        "{} {} {} {}",
        post.text, post.account, post.channel, receipt.url
    );
    db.exec_one(
        "INSERT INTO publications (publication_id, version, effect_id, task_id, agent_id, campaign_id, trace_id,
           server, external_id, url, channel, account, text, search, simulated, published_at, next_look_at, stand_in)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15, ?16)",
        params![
            id.as_bytes(),
            effect.id.as_bytes(),
            effect.task.as_bytes(),
            effect.agent.as_bytes(),
            effect.campaign.as_bytes(),
            effect.trace.as_bytes(),
            server,
            receipt.external_id,
            receipt.url,
            post.channel.as_str(),
            post.account,
            post.text,
            search.to_lowercase(),
            simulated,
            db.now.micros(),
            stand_in,
        ],
    )?;
    Ok(id)
}
