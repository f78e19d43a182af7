//! Native skills: how each kind of task is done through MCP tools, one module each.
//!
//! A skill knows tools and personas. It does not know money, claims, stores or which server answers
//! in the end; it never makes up a result, and never a score.

mod ask;
mod compose_post;
mod generate_media;
mod generate_text;
mod prompt;
mod research_trend;
mod wire;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use chimera_domain::ports::Skill;

/// The language models that skills ask, by the names the operator gave them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minds {
    /// Who says before anything is made whether a signal that was planned is for the persona.
    pub relevance: Option<String>,
    /// Who writes, first choice first; the studio where there is none, and when none can.
    pub writers: Vec<String>,
    /// Who reads what was written.
    pub second_opinion: Option<String>,
}

/// Every native skill, in the order in which they are asked whether they do a task.
#[must_use]
pub fn all(minds: Minds) -> Vec<Arc<dyn Skill>> {
    vec![
        Arc::new(research_trend::ResearchTrend {
            relevance: minds.relevance,
        }),
        Arc::new(generate_text::GenerateText {
            writers: minds.writers,
        }),
        Arc::new(generate_media::GenerateMedia),
        Arc::new(compose_post::ComposePost {
            second_opinion: minds.second_opinion,
        }),
    ]
}
