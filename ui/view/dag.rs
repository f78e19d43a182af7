//! The task DAG as a list with a gutter of lanes, because what blocks what is read faster as text.

use chimera_domain::{
    ids::TaskId,
    task::{CONFLICTS_MAX, TaskState},
    views::{TaskRow, short_mark},
};
use ratatui::{
    Frame,
    text::{Line, Span},
};

use super::{
    drawn,
    parts::{col, gap, labelled, list_title, num, rows, title},
};
use crate::{
    layout::Part,
    model::{Model, Pane, critical},
    theme::Marks,
};

/// More lanes than this share the last one.
const LANES_MAX: usize = 6;

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    let picture = drawn::picture(model, part);
    let mut notes = notes(model);
    notes.extend(picture.iter().map(drawn::Picture::note));
    let head = list_title(model, part, &notes.join(", "), &model.tasks);
    title(model, part.area, focused, &head, frame);
    match picture {
        Some(picture) => picture.draw(model, focused, frame),
        None => list(model, part, frame),
    }
}

/// What there is to say of all of them, over them.
fn notes(model: &Model) -> Vec<String> {
    let open = model.overview.as_ref().map_or(0, |o| {
        let busy = [TaskState::Claimed, TaskState::Review, TaskState::Publishing];
        o.tasks
            .iter()
            .filter(|(s, _)| busy.contains(s))
            .map(|(_, n)| n)
            .sum::<u64>()
    });
    let lost = model.overview.as_ref().map_or(0, |o| o.conflicts);
    let told = [(open, "at work"), (lost, "conflicts lost")];
    let mut told: Vec<String> = told
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if model.critical {
        told.push("critical path".into());
    }
    told
}

/// The critical path, where it is to be marked.
pub(super) fn marked(model: &Model) -> Vec<TaskId> {
    match model.tasks.row() {
        Some(row) if model.critical => critical::path(&model.tasks.rows, row),
        Some(_) | None => Vec::new(),
    }
}

fn list(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let path = marked(model);
    let gutters = gutters(model);
    let wide = gutters
        .iter()
        .skip(model.tasks.top)
        .take(usize::from(part.rows().height))
        .map(|g| g.chars().count())
        .max()
        .unwrap_or(1);
    rows(model, part, &model.tasks, frame, |index, row, columns| {
        let gutter = gutters.get(index).map_or("", String::as_str);
        let first = index == 0 || !same_plan(model.tasks.rows.get(index - 1), row);
        let on_path = path.contains(&row.id);
        let place = Place {
            gutter,
            wide,
            first,
            on_path,
        };
        line(model, row, &place, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    let way = model.way(Pane::Trends);
    format!("No tasks. A trend that is relevant enough becomes a plan ({way}).")
}

fn same_plan(before: Option<&TaskRow>, row: &TaskRow) -> bool {
    before.is_some_and(|b| b.trace_id == row.trace_id && b.plan_attempt == row.plan_attempt)
}

/// Where a row stands in its plan.
struct Place<'a> {
    gutter: &'a str,
    /// How wide the widest gutter in sight is.
    wide: usize,
    /// The first row of its plan tells what the plan is about.
    first: bool,
    on_path: bool,
}

fn line(model: &Model, row: &TaskRow, place: &Place<'_>, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let Place {
        gutter,
        wide,
        first,
        on_path,
    } = *place;
    let (mark, style) = theme.task(row.state);
    let mut spans = Vec::new();
    for c in gutter.chars() {
        // The node itself stands in the gutter as the sign of its state.
        if c == NODE {
            spans.push(Span::styled(mark, style));
        } else {
            spans.push(Span::styled(c.to_string(), theme.quiet()));
        }
    }
    spans.push(gap(wide.saturating_sub(gutter.chars().count())));
    // By a sign too, for colour alone is none.
    spans.push(col(theme, if on_path { "*" } else { "" }, 1, theme.key()));
    let name = if on_path { theme.key() } else { theme.text() };
    spans.push(col(theme, row.node.as_str(), 8, name));
    spans.push(gap(1));
    spans.push(col(theme, row.state.as_str(), 11, style));
    let mut room = columns.saturating_sub(wide + 21);
    if columns >= 44 {
        let tries = match row.attempt {
            0 | 1 => String::new(),
            n => format!("try {n}"),
        };
        spans.push(col(theme, &tries, 6, theme.warning()));
        spans.push(num(theme, &row.spent.to_string(), 7, theme.text()));
        spans.push(num(theme, &model.age(row.moved_at), 7, theme.quiet()));
        spans.push(gap(2));
        room = room.saturating_sub(22);
    }
    let about = if first {
        let again = match row.plan_attempt {
            0 | 1 => String::new(),
            n => format!("(plan {n}) "),
        };
        format!("{again}{}", row.title)
    } else if row.why.is_empty() && row.state == TaskState::Pending {
        waits_for(model, row)
    } else {
        row.why.as_str().replace('\n', " ")
    };
    let style = if first { theme.text() } else { theme.quiet() };
    if first {
        let marks = not_real(row);
        let wide = marks.chars().count().min(room);
        spans.push(col(theme, &marks, wide, theme.simulated()));
        room -= wide;
    }
    spans.push(col(theme, &about, room, style));
    Line::from(spans)
}

/// Which parents a task waits for; nothing where all are done.
fn waits_for(model: &Model, row: &TaskRow) -> String {
    let parents = model
        .tasks
        .rows
        .iter()
        .filter(|r| row.after.contains(&r.id));
    let open: Vec<&str> = parents
        .filter(|r| !matches!(r.state, TaskState::Approved | TaskState::Published))
        .map(|r| r.node.as_str())
        .collect();
    match open.as_slice() {
        [] => String::new(),
        open => format!("waits for {}", open.join(", ")),
    }
}

/// What is not real about a plan, in short, with the space after it.
fn not_real(row: &TaskRow) -> String {
    let mut marks = String::new();
    if row.simulated || row.dry {
        marks.push_str(short_mark(row.simulated, row.dry));
        marks.push(' ');
    }
    if row.recorded {
        marks.push_str("REC ");
    }
    marks
}

/// Stands for the node until its state is known.
const NODE: char = '\u{1}';

/// One gutter per row. A lane is an edge that still leads down to a node; a node's lane ends in it.
fn gutters(model: &Model) -> Vec<String> {
    let rows = &model.tasks.rows;
    let marks = model.theme.marks();
    let mut lanes: Vec<Option<TaskId>> = Vec::new();
    let mut out = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        if !same_plan(i.checked_sub(1).and_then(|b| rows.get(b)), row) {
            lanes.clear();
        }
        let plan = rows[i + 1..].iter().take_while(|r| same_plan(Some(row), r));
        let children: Vec<TaskId> = plan
            .filter(|r| r.after.contains(&row.id))
            .map(|r| r.id)
            .collect();
        out.push(gutter(marks, &mut lanes, row.id, &children));
    }
    out
}

fn free(lanes: &mut Vec<Option<TaskId>>) -> usize {
    if let Some(at) = lanes.iter().position(Option::is_none) {
        return at;
    }
    if lanes.len() < LANES_MAX {
        lanes.push(None);
    }
    lanes.len() - 1
}

fn gutter(
    marks: &Marks,
    lanes: &mut Vec<Option<TaskId>>,
    id: TaskId,
    children: &[TaskId],
) -> String {
    let here = lanes
        .iter()
        .position(|l| *l == Some(id))
        .unwrap_or_else(|| free(lanes));
    lanes[here] = None;
    let before = lanes.clone();
    let mut turns = Vec::new(); // lanes that begin in this row
    let mut joins = Vec::new(); // lanes that lead to a child already
    for child in children {
        match lanes.iter().position(|l| *l == Some(*child)) {
            Some(lane) => joins.push(lane),
            None => {
                let lane = if lanes[here].is_none() {
                    here
                } else {
                    free(lanes)
                };
                lanes[lane] = Some(*child);
                if lane != here {
                    turns.push(lane);
                }
            }
        }
    }
    let ends = || turns.iter().chain(&joins).copied();
    let low = ends().min().unwrap_or(here).min(here);
    let high = ends().max().unwrap_or(here).max(here);
    let mut out = String::new();
    for lane in 0..lanes.len() {
        let within = (low..=high).contains(&lane);
        let sign = if lane == here {
            NODE.to_string()
        } else if turns.contains(&lane) {
            marks.turn.to_owned()
        } else if joins.contains(&lane) && lane == low {
            marks.tee.to_owned()
        } else if before.get(lane).copied().flatten().is_some() {
            if within { marks.cross } else { marks.vertical }.to_owned()
        } else if within {
            marks.horizontal.to_owned()
        } else {
            " ".to_owned()
        };
        out.push_str(&sign);
        let between = lane >= low && lane < high;
        out.push_str(if between { marks.horizontal } else { " " });
    }
    out.trim_end().to_owned()
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.tasks.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let rows = &model.tasks.rows;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (mark, style) = theme.task(row.state);
    let why = if row.why.is_empty() {
        String::new()
    } else {
        format!(": {}", row.why)
    };
    add(
        row.node.as_str(),
        &format!("{mark} {} ({}){why}", row.state, row.reason),
        style,
    );
    let name = |r: &TaskRow| format!("{} ({})", r.node, r.state);
    let parents: Vec<_> = row
        .after
        .iter()
        .map(|id| {
            rows.iter()
                .find(|r| r.id == *id)
                .map_or_else(|| id.short(), name)
        })
        .collect();
    let children: Vec<_> = rows
        .iter()
        .filter(|r| r.after.contains(&row.id))
        .map(name)
        .collect();
    let all = |names: Vec<String>| match names.len() {
        0 => "nothing".to_owned(),
        _ => names.join(", "),
    };
    add("waits for", &all(parents), theme.text());
    add("blocks", &all(children), theme.text());
    let path = critical::path(rows, row);
    let on_path = path
        .iter()
        .filter_map(|id| rows.iter().find(|r| r.id == *id));
    let on_path: Vec<&str> = on_path.map(|r| r.node.as_str()).collect();
    add("critical", &on_path.join(" > "), theme.text());
    let recorded = if row.recorded { "RECORDED " } else { "" };
    add("trend", &format!("{recorded}{}", row.title), theme.strong());
    if row.dry {
        let text = "nowhere: its campaign is dry (DRY RUN)";
        add("place", text, theme.simulated());
    } else if row.simulated {
        add("place", "a stand-in (SIMULATED)", theme.simulated());
    }
    let modality = row.modality.map_or_else(String::new, |m| format!(" {m}"));
    add(
        "kind",
        &format!(
            "{}{modality}, try {}, plan {}",
            row.kind, row.attempt, row.plan_attempt
        ),
        theme.text(),
    );
    if row.conflicts > 0 {
        let text = format!(
            "{} conflicts in a row; at {CONFLICTS_MAX} it waits for you",
            row.conflicts
        );
        add("lost", &text, theme.warning());
    }
    add("cost", &format!("{} USD so far", row.spent), theme.text());
    add(
        "moved",
        &format!(
            "{} ago, planned {} ago",
            model.age(row.moved_at),
            model.age(row.created_at)
        ),
        theme.text(),
    );
    if row.ready_at > model.now {
        add(
            "again",
            &format!("in {}", model.until(row.ready_at)),
            theme.text(),
        );
    }
    add("id", &format!("{} {}", row.id, row.version), theme.quiet());
    add("trace", &row.trace_id.to_string(), theme.quiet());
    out
}
