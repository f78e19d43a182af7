//! The neighbourhood of a task, drawn: boxes in columns, what comes first to the left, and the lines between them.
//!
//! Where the boxes stand is found by `graph`; here they get their words. A key that moves along an edge asks
//! [`picture`] too, so that it moves by what is on screen.

use chimera_domain::views::TaskRow;
use ratatui::{
    Frame,
    layout::Rect,
    style::{Style, Styled},
    text::{Line, Span},
};

use super::{dag, parts::col, put};
use crate::{
    graph::{self, Drawing, Graph, Placed, Want},
    layout::Part,
    model::{Model, drawn},
    text::{cells, width},
    theme::Marks,
};

/// What stands before the name in a box: the cursor, the sign of the state, the star of the critical path.
const SIGNS: usize = 3;
/// In fewer rows there is no line of words below the drawing.
const WORDS_FROM: u16 = 4;
/// The longest name that gets all the room it wants.
const NAME_MAX: usize = 24;

/// What is drawn of one plan.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    plan: Vec<&'a TaskRow>,
    here: usize,
    hops: usize,
    drawing: Drawing,
    /// Where it is on the screen.
    area: Rect,
    words: Option<Rect>,
}

/// The picture around the task under the cursor; `None` where the list is shown, or nothing is under the cursor.
pub(crate) fn picture(model: &Model, part: Part) -> Option<Picture<'_>> {
    let row = model.tasks.row().filter(|_| model.drawn.on)?;
    let rows = part.rows();
    let words = rows.height >= WORDS_FROM;
    let room = Rect {
        height: rows.height - u16::from(words),
        ..rows
    };
    let plan = drawn::plan(&model.tasks.rows, row);
    let place = |id| plan.iter().position(|other| other.id == id);
    let here = place(row.id)?;
    let graph = graph_of(model, &plan);
    let hops = model.drawn.hops;
    let size = (usize::from(room.width), usize::from(room.height));
    let centre = model.drawn.centre.and_then(place).unwrap_or(here);
    let mut drawing = graph::draw(&graph, centre, hops, size);
    if drawing.of(here).is_none() && centre != here {
        drawing = graph::draw(&graph, here, hops, size);
    }
    let left = room.width.saturating_sub(cells(drawing.width)) / 2;
    let above = room.height.saturating_sub(cells(drawing.height)) / 2;
    Some(Picture {
        here,
        hops,
        area: Rect {
            x: room.x + left,
            y: room.y + above,
            width: room.width - left,
            height: room.height - above,
        },
        drawing,
        words: words.then_some(Rect {
            y: rows.y + rows.height - u16::from(words),
            height: 1,
            ..rows
        }),
        plan,
    })
}

fn graph_of(model: &Model, plan: &[&TaskRow]) -> Graph {
    let want = |row: &&TaskRow| {
        let short =
            SIGNS + width(row.node.as_str()).min(NAME_MAX) + 1 + width(&model.age(row.moved_at));
        Want {
            full: short + width(row.state.as_str()) + 1,
            short,
        }
    };
    let edges = plan.iter().enumerate().flat_map(|(to, row)| {
        let from = |id| plan.iter().position(|other| other.id == id);
        row.after
            .iter()
            .filter_map(move |id| Some((from(*id)?, to)))
    });
    Graph {
        nodes: plan.iter().map(want).collect(),
        edges: edges.collect(),
    }
}

impl<'a> Picture<'a> {
    /// What the title says of it.
    pub(crate) fn note(&self) -> String {
        let hops = match self.hops {
            1 => "1 hop".to_owned(),
            n => format!("{n} hops"),
        };
        match self.drawing.hidden {
            0 => hops,
            n => format!("{hops}, +{n} more"),
        }
    }

    /// The task whose box is in this cell of the screen.
    pub(crate) fn at(&self, column: u16, row: u16) -> Option<&'a TaskRow> {
        let x = usize::from(column.checked_sub(self.area.x)?);
        let y = usize::from(row.checked_sub(self.area.y)?);
        let mut boxes = self.drawing.boxes.iter();
        let found =
            boxes.find(|b| (b.x..b.x + b.width).contains(&x) && (b.y..b.y + b.height).contains(&y));
        self.plan.get(found?.node).copied()
    }

    /// What the task under the cursor waits for, or what waits for it: the one whose box is nearest, one that is drawn
    /// before one that is not.
    pub(crate) fn beside(&self, after: bool) -> Option<&'a TaskRow> {
        let here = self.plan.get(self.here)?;
        let joined = |row: &TaskRow| match after {
            true => row.after.contains(&here.id),
            false => here.after.contains(&row.id),
        };
        let own = self.drawing.of(self.here).map_or(0, Placed::port);
        let far = |(node, _): &(usize, &&TaskRow)| match self.drawing.of(*node) {
            Some(placed) => (false, placed.port().abs_diff(own)),
            None => (true, 0),
        };
        let nodes = self.plan.iter().enumerate();
        let nearest = nodes.filter(|(_, row)| joined(row)).min_by_key(far);
        nearest.map(|(_, row)| *row)
    }

    /// The task whose box is above or below that of the task under the cursor.
    pub(crate) fn sibling(&self, below: bool) -> Option<&'a TaskRow> {
        let own = self.drawing.of(self.here)?;
        let column = self.drawing.boxes.iter().filter(|b| b.layer == own.layer);
        let next = if below {
            column.filter(|b| b.y > own.y).min_by_key(|b| b.y)
        } else {
            column.filter(|b| b.y < own.y).max_by_key(|b| b.y)
        };
        self.plan.get(next?.node).copied()
    }

    /// Whether a task is on screen.
    pub(crate) fn shows(&self, row: &TaskRow) -> bool {
        let node = self.plan.iter().position(|other| other.id == row.id);
        node.is_some_and(|node| self.drawing.of(node).is_some())
    }

    pub(super) fn draw(&self, model: &Model, focused: bool, frame: &mut Frame<'_>) {
        let theme = model.theme;
        let marks = theme.marks();
        for joint in &self.drawing.lines {
            let sign = marks.joints[usize::from(joint.arms & 15)];
            let line = Line::styled(sign, theme.quiet());
            self.put(frame, joint.x, joint.y, &line);
        }
        let path = dag::marked(model);
        for placed in &self.drawing.boxes {
            let Some(row) = self.plan.get(placed.node) else {
                continue;
            };
            let selected = placed.node == self.here;
            let on_path = path.contains(&row.id);
            let inside = self.inside(model, row, placed, on_path, selected && focused);
            let frame_style = if selected || on_path {
                theme.key()
            } else {
                theme.quiet()
            };
            self.framed(marks, placed, row, inside, frame_style, frame);
        }
        if let (Some(area), Some(row)) = (self.words, self.plan.get(self.here)) {
            let mut told = format!("{} {}", row.node, row.state);
            let words = drawn::words(&self.plan, row);
            if !words.is_empty() {
                told.push_str(": ");
                told.push_str(&words);
            }
            let line = Line::from(col(theme, &told, usize::from(area.width), theme.text()));
            put(frame, area, 0, &line);
        }
    }

    fn put(&self, frame: &mut Frame<'_>, x: usize, y: usize, line: &Line<'static>) {
        let left = cells(x).min(self.area.width);
        let area = Rect {
            x: self.area.x + left,
            width: self.area.width - left,
            ..self.area
        };
        put(frame, area, y, line);
    }

    /// What is written in a box: signs, name, state where there is room, and how long it has been so.
    fn inside(
        &self,
        model: &Model,
        row: &TaskRow,
        placed: &Placed,
        on_path: bool,
        reversed: bool,
    ) -> Line<'static> {
        let theme = model.theme;
        let marks = theme.marks();
        let (sign, style) = theme.task(row.state);
        let room = placed.width.saturating_sub(2);
        let selected = self
            .plan
            .get(self.here)
            .is_some_and(|here| here.id == row.id);
        let age = model.age(row.moved_at);
        let state = if self.drawing.full {
            row.state.as_str()
        } else {
            ""
        };
        let named = room.saturating_sub(SIGNS);
        // A name that would be cut to less than it has beside the age goes before the age.
        let wide = |text: &str| if text.is_empty() { 0 } else { width(text) + 1 };
        let after = wide(state) + wide(&age);
        let fits = named >= width(row.node.as_str()).min(NAME_MAX) + after;
        let name = if fits { named - after } else { named };
        let mut spans = vec![
            col(
                theme,
                if selected { marks.cursor } else { "" },
                1.min(room),
                theme.accent(),
            ),
            col(theme, sign, 1.min(room.saturating_sub(1)), style),
            col(
                theme,
                if on_path { "*" } else { "" },
                1.min(room.saturating_sub(2)),
                theme.key(),
            ),
            col(
                theme,
                row.node.as_str(),
                name,
                if on_path { theme.key() } else { theme.text() },
            ),
        ];
        if fits {
            let texts = [(state, style), (age.as_str(), theme.quiet())];
            for (text, style) in texts.into_iter().filter(|(text, _)| !text.is_empty()) {
                spans.push(Span::raw(" "));
                spans.push(col(theme, text, width(text), style));
            }
        }
        if reversed {
            let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
            return Line::from(text).set_style(theme.selected());
        }
        Line::from(spans)
    }

    /// A box with its frame. Where something it is joined to is not drawn, its side points there.
    fn framed(
        &self,
        marks: &'static Marks,
        placed: &Placed,
        row: &TaskRow,
        mut inside: Line<'static>,
        style: Style,
        frame: &mut Frame<'_>,
    ) {
        let flat = placed.height == 1;
        let elsewhere = |id| self.plan.iter().all(|other| other.id != id);
        let more_before = placed.more_before || row.after.iter().any(|id| elsewhere(*id));
        let side = |more: bool, pointer, flat_sign| match (more, flat) {
            (true, _) => pointer,
            (false, true) => flat_sign,
            (false, false) => marks.vertical,
        };
        if placed.width >= 2 {
            inside
                .spans
                .insert(0, Span::styled(side(more_before, "<", "["), style));
            inside
                .spans
                .push(Span::styled(side(placed.more_after, ">", "]"), style));
        }
        self.put(frame, placed.x, placed.port(), &inside);
        if flat {
            return;
        }
        let rule = marks.horizontal.repeat(placed.width.saturating_sub(2));
        let corner = |arms: u8| marks.joints[usize::from(arms)];
        let top = [graph::RIGHT | graph::DOWN, graph::LEFT | graph::DOWN];
        let bottom = [graph::RIGHT | graph::UP, graph::LEFT | graph::UP];
        for (y, [left, right]) in [(placed.y, top), (placed.y + placed.height - 1, bottom)] {
            let text = format!("{}{rule}{}", corner(left), corner(right));
            self.put(frame, placed.x, y, &Line::styled(text, style));
        }
    }
}
