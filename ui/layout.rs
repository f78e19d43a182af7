//! Who gets which part of the screen. One function, used for drawing and for scrolling alike.

use ratatui::layout::Rect;

use crate::model::{Model, Pane};

/// What the window is large enough for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Four panes.
    Wide,
    /// One screen at a time, list above detail.
    Middle,
    /// List or detail.
    Narrow,
    /// The card as plain text.
    Tiny,
    /// One line.
    Line,
}

impl Class {
    pub(crate) const fn of(columns: u16, rows: u16) -> Self {
        match (columns, rows) {
            (120.., 30..) => Self::Wide,
            (80.., 24..) => Self::Middle,
            (40.., 12..) => Self::Narrow,
            (20.., 6..) => Self::Tiny,
            _ => Self::Line,
        }
    }
}

/// A list or the detail beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) pane: Pane,
    pub(crate) detail: bool,
    /// With its title line.
    pub(crate) area: Rect,
}

impl Part {
    /// Below the title line.
    pub(crate) const fn inside(self) -> Rect {
        below(self.area)
    }

    /// Where the rows of a list go: the ledger keeps one line for its gauge.
    pub(crate) fn rows(self) -> Rect {
        if self.pane == Pane::Ledger && !self.detail && self.inside().height > 1 {
            below(self.inside())
        } else {
            self.inside()
        }
    }
}

const fn below(area: Rect) -> Rect {
    Rect {
        x: area.x,
        y: area.y.saturating_add(if area.height > 0 { 1 } else { 0 }),
        width: area.width,
        height: area.height.saturating_sub(1),
    }
}

/// The whole screen, divided.
#[derive(Debug)]
pub(crate) struct Areas {
    pub(crate) class: Class,
    pub(crate) header: Option<Rect>,
    pub(crate) banner: Option<Rect>,
    pub(crate) tabs: Option<Rect>,
    pub(crate) parts: Vec<Part>,
    /// The line between two columns.
    pub(crate) divider: Option<Rect>,
    pub(crate) body: Rect,
    pub(crate) status: Option<Rect>,
    pub(crate) footer: Option<Rect>,
}

impl Areas {
    pub(crate) fn part(&self, pane: Pane, detail: bool) -> Option<Part> {
        self.parts
            .iter()
            .copied()
            .find(|p| p.pane == pane && p.detail == detail)
    }
}

/// Cuts rows off the top or the bottom.
struct Cutter(Rect);

impl Cutter {
    fn top(&mut self, rows: u16) -> Option<Rect> {
        let rows = rows.min(self.0.height);
        let cut = Rect {
            height: rows,
            ..self.0
        };
        self.0.y = self.0.y.saturating_add(rows);
        self.0.height -= rows;
        (rows > 0).then_some(cut)
    }

    fn bottom(&mut self, rows: u16) -> Option<Rect> {
        let rows = rows.min(self.0.height);
        self.0.height -= rows;
        let y = self.0.y.saturating_add(self.0.height);
        (rows > 0).then_some(Rect {
            y,
            height: rows,
            ..self.0
        })
    }
}

/// Divides the screen for this model.
pub(crate) fn areas(model: &Model) -> Areas {
    let size = model.size;
    let class = Class::of(size.width, size.height);
    let mut rest = Cutter(Rect::new(0, 0, size.width, size.height));
    let mut areas = Areas {
        class,
        header: None,
        banner: None,
        tabs: None,
        parts: Vec::new(),
        divider: None,
        body: rest.0,
        status: None,
        footer: None,
    };
    if class == Class::Line {
        return areas;
    }
    if class != Class::Tiny {
        areas.header = rest.top(1);
    }
    if model.banner_halts().next().is_some() {
        areas.banner = rest.top(1);
    }
    areas.footer = rest.bottom(1);
    if class != Class::Tiny {
        areas.status = rest.bottom(1);
    }
    let home_screen = class == Class::Wide && !model.zoom && model.focus.pane.is_home();
    let one_screen = matches!(class, Class::Middle | Class::Wide) && !home_screen;
    if one_screen || class == Class::Narrow {
        areas.tabs = rest.top(1);
    }
    areas.body = rest.0;
    let pane = model.focus.pane;
    match class {
        Class::Wide if home_screen => home(rest.0, &mut areas),
        Class::Wide | Class::Middle => screen(rest, pane, &mut areas),
        Class::Narrow => areas.parts.push(Part {
            pane,
            detail: model.focus.detail,
            area: rest.0,
        }),
        Class::Tiny if pane == Pane::Review => areas.parts.push(Part {
            pane,
            detail: true,
            area: rest.0,
        }),
        Class::Tiny | Class::Line => {}
    }
    areas
}

fn home(body: Rect, areas: &mut Areas) {
    let mut rest = Cutter(body);
    let strip = rest.bottom((body.height / 5).clamp(5, 10));
    let left = rest.0.width * 9 / 20;
    let mut one = Cutter(Rect {
        width: left,
        ..rest.0
    });
    let mut two = Cutter(Rect {
        x: rest.0.x + left + 1,
        width: rest.0.width - left - 1,
        ..rest.0
    });
    areas.divider = Some(Rect {
        x: rest.0.x + left,
        width: 1,
        ..rest.0
    });
    let queue = one.top(rest.0.height * 9 / 20);
    let card = two.top(rest.0.height * 13 / 20);
    let graph = two.0;
    let detail = if graph.height >= 9 { 4 } else { 0 };
    let related = two.bottom(detail);
    let parts = [
        (Pane::Review, false, queue),
        (Pane::Review, true, card),
        (Pane::Trends, false, Some(one.0)),
        (Pane::Dag, false, Some(two.0)),
        (Pane::Dag, true, related),
        (Pane::Ledger, false, strip),
    ];
    areas.parts.extend(
        parts
            .into_iter()
            .filter_map(|(pane, detail, area)| area.map(|area| Part { pane, detail, area })),
    );
}

fn screen(mut rest: Cutter, pane: Pane, areas: &mut Areas) {
    let body = rest.0;
    if body.width >= 160 {
        let left = body.width * 9 / 20;
        areas.divider = Some(Rect {
            x: body.x + left,
            width: 1,
            ..body
        });
        let list = Rect {
            width: left,
            ..body
        };
        let detail = Rect {
            x: body.x + left + 1,
            width: body.width - left - 1,
            ..body
        };
        for (detail, area) in [(false, list), (true, detail)] {
            areas.parts.push(Part { pane, detail, area });
        }
        return;
    }
    let rows = if pane == Pane::Review {
        (body.height / 3).clamp(5, 9)
    } else {
        (body.height * pane.about().share / 10).max(4)
    };
    for (detail, area) in [(false, rest.top(rows)), (true, Some(rest.0))] {
        if let Some(area) = area {
            areas.parts.push(Part { pane, detail, area });
        }
    }
}
