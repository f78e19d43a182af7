//! A part of a task graph as boxes and lines in columns: what comes first stands left of what waits for it.
//!
//! Pure: the same graph in the same room is always the same drawing. It knows how wide a box wants to be and
//! nothing of what is written in it. Start with [`draw`]; `layers.rs` says in which column and row each node
//! stands, `route.rs` leads the lines between two columns.

mod layers;
mod route;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::{layers::Layers, route::Route};

pub(crate) use self::route::{DOWN, LEFT, RIGHT, UP};

/// The narrowest box: its frame, its signs and four letters of a name.
const BOX_MIN: usize = 9;
/// How high a box with a frame is; without, it takes one row.
const TALL: usize = 3;

/// How many columns the inside of a box wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Want {
    /// With all there is to say.
    pub(crate) full: usize,
    /// With what must be said.
    pub(crate) short: usize,
}

/// Nodes, by their place, and which of them waits for which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Want>,
    /// From what comes first to what waits for it.
    pub(crate) edges: Vec<(usize, usize)>,
}

/// One node on screen, with its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) node: usize,
    /// Its column of the graph, from the left.
    pub(crate) layer: usize,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Something it waits for is not drawn.
    pub(crate) more_before: bool,
    /// Something that waits for it is not drawn.
    pub(crate) more_after: bool,
}

impl Placed {
    /// The row its lines come in and go out.
    pub(crate) const fn port(&self) -> usize {
        self.y + self.height / 2
    }
}

/// A cell of a line: into which of its four neighbours it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Joint {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) arms: u8,
}

/// What is on screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Drawing {
    pub(crate) boxes: Vec<Placed>,
    pub(crate) lines: Vec<Joint>,
    /// Nodes of the graph that are not drawn.
    pub(crate) hidden: usize,
    /// Boxes have room for all there is to say.
    pub(crate) full: bool,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Drawing {
    pub(crate) fn of(&self, node: usize) -> Option<&Placed> {
        self.boxes.iter().find(|placed| placed.node == node)
    }
}

/// Draws what is at most so many edges away from a node, as much of it as the room takes: where it is short, frames
/// go first, then the nodes that are farthest away.
pub(crate) fn draw(
    graph: &Graph,
    centre: usize,
    hops: usize,
    (width, height): (usize, usize),
) -> Drawing {
    let near = near(graph, centre, hops);
    for kept in (1..=near.len()).rev() {
        let layers = Layers::of(graph, &near[..kept]);
        for tall in [TALL, 1] {
            if let Some(drawing) = fit(graph, &layers, tall, (width, height)) {
                return drawing;
            }
        }
    }
    // Not even one box has room: what there is of it.
    let hidden = graph.nodes.len().saturating_sub(1);
    let boxes = near.first().filter(|_| width > 0 && height > 0);
    let boxes = boxes.map(|node| Placed {
        node: *node,
        layer: 0,
        x: 0,
        y: 0,
        width,
        height: 1,
        more_before: graph.edges.iter().any(|(_, to)| to == node),
        more_after: graph.edges.iter().any(|(from, _)| from == node),
    });
    Drawing {
        hidden: if boxes.is_some() {
            hidden
        } else {
            graph.nodes.len()
        },
        boxes: boxes.into_iter().collect(),
        width,
        height: height.min(1),
        ..Drawing::default()
    }
}

/// The nodes within reach, the nearest first and then in their order. Each is joined to one before it.
fn near(graph: &Graph, centre: usize, hops: usize) -> Vec<usize> {
    let count = graph.nodes.len();
    if centre >= count {
        return Vec::new();
    }
    let mut far: Vec<Option<usize>> = vec![None; count];
    far[centre] = Some(0);
    let mut next = VecDeque::from([(centre, 0)]);
    while let Some((node, away)) = next.pop_front() {
        if away == hops {
            continue;
        }
        for &(from, to) in &graph.edges {
            for (one, other) in [(from, to), (to, from)] {
                if one == node && far.get(other).is_some_and(Option::is_none) {
                    far[other] = Some(away + 1);
                    next.push_back((other, away + 1));
                }
            }
        }
    }
    let mut found: Vec<(usize, usize)> = far
        .iter()
        .enumerate()
        .filter_map(|(node, away)| away.map(|away| (away, node)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, node)| node).collect()
}

/// The drawing, where it has room with boxes of this height.
fn fit(
    graph: &Graph,
    layers: &Layers,
    tall: usize,
    (width, height): (usize, usize),
) -> Option<Drawing> {
    let rows = layers.rows(tall, height)?;
    let items = layers.items.iter().zip(&rows);
    let ports: Vec<usize> = items
        .map(|(item, row)| row + item.height(tall) / 2)
        .collect();
    let routes: Vec<Route> = (1..layers.columns.len())
        .map(|right| Route::between(layers, &ports, right))
        .collect();
    let between: usize = routes.iter().map(Route::width).sum();
    let (widths, full) = widths(graph, layers, width.checked_sub(between)?)?;
    let mut drawing = Drawing {
        hidden: graph.nodes.len() - layers.nodes,
        full,
        width: between + widths.iter().sum::<usize>(),
        ..Drawing::default()
    };
    let drawn = |node: usize| layers.items.iter().any(|item| item.node == Some(node));
    let mut x = 0;
    for (layer, column) in layers.columns.iter().enumerate() {
        let wide = widths[layer];
        for &item in column {
            let high = layers.items[item].height(tall);
            drawing.height = drawing.height.max(rows[item] + high);
            let Some(node) = layers.items[item].node else {
                let y = rows[item];
                let cells = x..x + wide;
                drawing.lines.extend(cells.map(|x| Joint {
                    x,
                    y,
                    arms: LEFT | RIGHT,
                }));
                continue;
            };
            let edges = || graph.edges.iter();
            drawing.boxes.push(Placed {
                node,
                layer,
                x,
                y: rows[item],
                width: wide,
                height: high,
                more_before: edges().any(|&(from, to)| to == node && !drawn(from)),
                more_after: edges().any(|&(from, to)| from == node && !drawn(to)),
            });
        }
        x += wide;
        if let Some(route) = routes.get(layer) {
            route.lines(x, &mut drawing.lines);
            x += route.width();
        }
    }
    drawing.boxes.sort_unstable_by_key(|placed| placed.node);
    Some(drawing)
}

/// How wide the boxes of each column are, and whether all is said in them. The widest give way first.
fn widths(graph: &Graph, layers: &Layers, room: usize) -> Option<(Vec<usize>, bool)> {
    let want = |of: fn(&Want) -> usize| -> Vec<usize> {
        let widest = |column: &Vec<usize>| {
            let nodes = column.iter().filter_map(|item| layers.items[*item].node);
            let wide = nodes.map(|node| of(&graph.nodes[node]) + 2).max();
            wide.unwrap_or(0).max(BOX_MIN)
        };
        layers.columns.iter().map(widest).collect()
    };
    let full = want(|want| want.full);
    if full.iter().sum::<usize>() <= room {
        return Some((full, true));
    }
    let short = want(|want| want.short);
    let widest = short.iter().copied().max().unwrap_or(BOX_MIN);
    (BOX_MIN..=widest).rev().find_map(|most| {
        let cut: Vec<usize> = short.iter().map(|wide| *wide.min(&most)).collect();
        (cut.iter().sum::<usize>() <= room).then_some((cut, false))
    })
}
