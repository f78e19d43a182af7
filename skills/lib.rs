//! Native skills: how each kind of task is done through MCP tools, one module each.
//!
//! A skill knows tools and personas. It does not know money, claims, stores or which server answers
//! in the end; it never makes up a result, and never a score.

mod compose_post;
mod generate_media;
mod generate_text;
mod research_trend;
mod wire;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use chimera_domain::ports::Skill;

/// Every native skill, in the order in which they are asked whether they do a task.
#[must_use]
pub fn all() -> Vec<Arc<dyn Skill>> {
    vec![
        Arc::new(research_trend::ResearchTrend),
        Arc::new(generate_text::GenerateText),
        Arc::new(generate_media::GenerateMedia),
        Arc::new(compose_post::ComposePost),
    ]
}
