//! A skill: how one kind of task is done, through tools, under a persona.

use async_trait::async_trait;

use super::{Submission, ToolCaller};
use crate::{
    ToolError,
    memory::Memory,
    persona::Persona,
    task::{ClaimedTask, Modality, TaskKind},
    tier::TierChoice,
};

/// One way to do one kind of task. Knows tools and personas; nothing of money, claims or stores.
#[async_trait]
pub trait Skill: Send + Sync {
    /// Its name, unique.
    fn name(&self) -> &'static str;

    /// Whether it does this kind of task.
    fn does(&self, kind: TaskKind, modality: Option<Modality>) -> bool;

    /// Does it.
    ///
    /// # Errors
    /// The tool error that stopped it. A skill never makes up a result, and never a score.
    async fn run(
        &self,
        input: SkillInput<'_>,
        tools: &dyn ToolCaller,
    ) -> Result<SkillOutput, ToolError>;
}

/// What a skill gets.
#[derive(Debug, Clone, Copy)]
pub struct SkillInput<'a> {
    /// The task with its inputs.
    pub work: &'a ClaimedTask,
    /// The persona version the task is bound to.
    pub persona: &'a Persona,
    /// What the agent remembers of its own posts.
    pub memory: &'a Memory,
    /// How much goes into a moving picture, where one is to be made.
    pub tier: Option<&'a TierChoice>,
}

/// What a skill gives.
pub type SkillOutput = Submission;
