//! What an agent may remember: its own posts that stand, and how it put what it wrote last.

use chimera_domain::{
    ids::AgentId,
    memory::{POSTS_MAX, Past, Remembered, STRUCTURES_MAX},
    task::{Modality, TaskKind, TaskSpec},
};
use rusqlite::params;

use super::{
    db::{Db, Verb},
    rows::Cells,
};

const POSTS: &str =
    "SELECT publication_id, text, published_at FROM publications INDEXED BY publications_remembered
   WHERE agent_id = ?1 AND withdrawn_at IS NULL ORDER BY published_at DESC, rowid DESC LIMIT ?2";

/// The results that stand of the last tasks that made something. A picture is a task of the same kind: of as many again
/// the texts are among them.
const STRUCTURES: &str = "SELECT structure FROM (
     SELECT json_extract(a.provenance, '$.structure') AS structure, w.created_at, w.row
     FROM (SELECT t.rowid AS row, t.task_id, t.artifact_id, t.created_at FROM tasks t INDEXED BY tasks_written
           WHERE t.agent_id = ?1 AND t.kind = 'generate_content' ORDER BY t.created_at DESC LIMIT 4 * ?2) w
     CROSS JOIN artifacts a ON a.task_id = w.task_id AND a.artifact_id = w.artifact_id)
   WHERE structure IS NOT NULL ORDER BY created_at DESC, row DESC LIMIT ?2";

impl Db<'_> {
    /// The past of an agent, for a task that writes a text; nothing for any other.
    pub(super) fn past(&self, agent: AgentId, spec: &TaskSpec) -> Verb<Past> {
        if spec.kind != TaskKind::GenerateContent || spec.modality != Some(Modality::Text) {
            return Ok(Past::default());
        }
        Ok(Past {
            posts: self.all(POSTS, params![agent.as_bytes(), POSTS_MAX], |row| {
                Ok(Remembered {
                    publication: row.id("publication_id")?,
                    text: row.text("text")?,
                    published_at: row.time("published_at")?,
                })
            })?,
            structures: self.all(
                STRUCTURES,
                params![agent.as_bytes(), STRUCTURES_MAX],
                |row| row.text("structure"),
            )?,
        })
    }
}
