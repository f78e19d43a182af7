//! Opens the past of a task and takes what was read of it.

use chimera_domain::{Safe, ids::TaskId, views::TaskHistory};

use crate::{
    event::{Answer, Request},
    model::{
        Model,
        overlay::Overlay,
        past::{Past, task_of},
    },
};

pub(super) fn open(model: &mut Model, out: &mut Vec<Request>) {
    // Where there is none, the key was refused with why.
    if let Ok((task, what)) = task_of(model) {
        model.overlay = Some(Overlay::Past(Past::of(task, what)));
        out.push(Request::Past(task));
    }
}

pub(super) fn read(model: &mut Model, task: TaskId, answer: Answer<Option<TaskHistory>>) {
    if let Some(Overlay::Past(past)) = &mut model.overlay
        && past.task == task
    {
        let gone = || Safe::line("there is no such task any more");
        past.take(answer.and_then(|found| found.ok_or_else(gone)));
    }
}
