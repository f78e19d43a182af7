//! In which column and row each node stands.
//!
//! An edge that leads over a column passes it as a bend: an item that is a row of line and no box. So every edge
//! is a chain of pieces between neighbouring columns, and only pieces are ever routed.

use super::Graph;

/// How often the columns are put in order after their neighbours.
const SWEEPS: usize = 6;
/// Means are compared as whole numbers of this part of a place.
const PART: usize = 1_000;

/// What takes rows of a column: a box, or a bend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) node: Option<usize>,
    pub(super) column: usize,
}

impl Item {
    pub(super) const fn height(self, tall: usize) -> usize {
        if self.node.is_some() { tall } else { 1 }
    }
}

/// The nodes that are drawn, in columns.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    pub(super) items: Vec<Item>,
    /// Items from the top.
    pub(super) columns: Vec<Vec<usize>>,
    /// Pieces of edges, each from an item to one of the next column.
    pub(super) pieces: Vec<(usize, usize)>,
    /// How many of the items are nodes.
    pub(super) nodes: usize,
}

impl Layers {
    pub(super) fn of(graph: &Graph, kept: &[usize]) -> Self {
        let mut nodes = kept.to_vec();
        nodes.sort_unstable();
        let edges = edges(graph, &nodes);
        let column = columns(nodes.len(), &edges);
        let mut layers = Self {
            items: nodes
                .iter()
                .zip(&column)
                .map(|(node, column)| Item {
                    node: Some(*node),
                    column: *column,
                })
                .collect(),
            columns: Vec::new(),
            pieces: Vec::new(),
            nodes: nodes.len(),
        };
        for (from, to) in edges {
            let mut before = from;
            for between in column[from] + 1..column[to] {
                layers.items.push(Item {
                    node: None,
                    column: between,
                });
                let bend = layers.items.len() - 1;
                layers.pieces.push((before, bend));
                before = bend;
            }
            layers.pieces.push((before, to));
        }
        let last = column.iter().copied().max().unwrap_or(0);
        layers.columns = vec![Vec::new(); last + 1];
        for (item, placed) in layers.items.iter().enumerate() {
            layers.columns[placed.column].push(item);
        }
        layers.untangle();
        layers
    }

    /// The items that a piece leads to from this one, in the next column or in the one before.
    pub(super) fn joined(&self, item: usize, right: bool) -> impl Iterator<Item = usize> {
        let pieces = self.pieces.iter();
        pieces.filter_map(move |&(from, to)| match right {
            true => (from == item).then_some(to),
            false => (to == item).then_some(from),
        })
    }

    /// Puts every column in the order of what it is joined to, and keeps what crosses least.
    fn untangle(&mut self) {
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            let right = sweep % 2 == 1;
            let count = self.columns.len();
            for step in 1..count {
                let at = if right { count - 1 - step } else { step };
                let beside = if right { at + 1 } else { at - 1 };
                let place = |item| self.columns[beside].iter().position(|other| *other == item);
                let mut keyed: Vec<(usize, usize)> = self.columns[at]
                    .iter()
                    .enumerate()
                    .map(|(own, &item)| {
                        let places: Vec<usize> =
                            self.joined(item, right).filter_map(place).collect();
                        let mean = (places.iter().sum::<usize>() * PART).checked_div(places.len());
                        (mean.unwrap_or(own * PART), item)
                    })
                    .collect();
                keyed.sort_by_key(|(mean, _)| *mean);
                self.columns[at] = keyed.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// How many pairs of pieces cross.
    fn crossings(&self) -> usize {
        let mut place = vec![0; self.items.len()];
        for column in &self.columns {
            for (at, item) in column.iter().enumerate() {
                place[*item] = at;
            }
        }
        let mut found = 0;
        for (i, &(from, to)) in self.pieces.iter().enumerate() {
            for &(other, end) in &self.pieces[i + 1..] {
                let beside = self.items[from].column == self.items[other].column;
                let left = place[from].cmp(&place[other]);
                let right = place[to].cmp(&place[end]);
                if beside && left.is_ne() && right.is_ne() && left != right {
                    found += 1;
                }
            }
        }
        found
    }

    /// The first row of every item, where all of them have room with boxes of this height.
    ///
    /// The fullest column is stacked; from there outwards each item stands as near as it can to the middle of what
    /// it is joined to.
    pub(super) fn rows(&self, tall: usize, height: usize) -> Option<Vec<usize>> {
        let stacked = |column: &Vec<usize>| -> usize {
            column.iter().map(|i| self.items[*i].height(tall)).sum()
        };
        let (fullest, most) = self
            .columns
            .iter()
            .map(stacked)
            .enumerate()
            .max_by_key(|(at, rows)| (*rows, std::cmp::Reverse(*at)))?;
        if most > height {
            return None;
        }
        let mut rows = Rows {
            layers: self,
            tall,
            height,
            first: vec![None; self.items.len()],
        };
        rows.place(fullest, None)?;
        for column in fullest + 1..self.columns.len() {
            rows.place(column, Some(false))?;
        }
        for column in (0..fullest).rev() {
            rows.place(column, Some(true))?;
        }
        rows.first.into_iter().collect()
    }
}

/// The edges among these nodes by their places in the list, each once. One that closes a circle, which no plan has,
/// is turned round.
fn edges(graph: &Graph, nodes: &[usize]) -> Vec<(usize, usize)> {
    let place = |node: usize| nodes.binary_search(&node).ok();
    let mut all: Vec<(usize, usize)> = graph
        .edges
        .iter()
        .filter_map(|&(from, to)| Some((place(from)?, place(to)?)))
        .filter(|(from, to)| from != to)
        .collect();
    let mut order: Vec<usize> = Vec::with_capacity(nodes.len());
    while order.len() < nodes.len() {
        let waits = |node: &usize| {
            let done = |from: &usize| order.contains(from);
            all.iter().any(|(from, to)| to == node && !done(from))
        };
        let left = (0..nodes.len()).filter(|node| !order.contains(node));
        let ready = left.clone().find(|node| !waits(node));
        let Some(next) = ready.or_else(|| left.clone().next()) else {
            break;
        };
        order.push(next);
    }
    let rank = |node: usize| order.iter().position(|other| *other == node);
    for edge in &mut all {
        if rank(edge.0) > rank(edge.1) {
            *edge = (edge.1, edge.0);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The column of each node: after all it waits for; what waits for nothing stands right before what needs it.
fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut column = vec![0; count];
    for _ in 0..count {
        for &(from, to) in edges {
            column[to] = column[to].max(column[from] + 1);
        }
    }
    for node in 0..count {
        if edges.iter().any(|(_, to)| *to == node) {
            continue;
        }
        let children = edges.iter().filter(|(from, _)| *from == node);
        if let Some(first) = children.map(|(_, to)| column[*to]).min() {
            column[node] = first - 1;
        }
    }
    column
}

/// Rows being given out.
struct Rows<'a> {
    layers: &'a Layers,
    tall: usize,
    height: usize,
    first: Vec<Option<usize>>,
}

impl Rows<'_> {
    fn high(&self, item: usize) -> usize {
        self.layers.items[item].height(self.tall)
    }

    fn port(&self, item: usize) -> Option<usize> {
        self.first[item].map(|row| row + self.high(item) / 2)
    }

    /// Gives rows to a column; `beside` says on which side what it goes by stands already.
    fn place(&mut self, column: usize, beside: Option<bool>) -> Option<()> {
        let column = &self.layers.columns[column];
        let mut below: usize = column.iter().map(|item| self.high(*item)).sum();
        let mut next = 0;
        for &item in column {
            let high = self.high(item);
            let last = self.height.checked_sub(below)?;
            let mut row = next;
            if let Some(right) = beside {
                let ports: Vec<usize> = self
                    .layers
                    .joined(item, right)
                    .filter_map(|other| self.port(other))
                    .collect();
                let mean = ports.iter().sum::<usize>().checked_div(ports.len());
                let wanted = mean.map_or(next, |mean| mean.saturating_sub(high / 2));
                row = wanted.min(last).max(next);
                while !self.may_stand(item, row + high / 2, right) {
                    row += 1;
                }
            }
            if row > last {
                return None;
            }
            self.first[item] = Some(row);
            next = row + high;
            below -= high;
        }
        Some(())
    }

    /// Whether lines stay readable when an item has its lines in this row.
    ///
    /// A row between two columns belongs to what stands left or to what stands right. Both have it only where one
    /// straight line joins them and no line that branches off it or into it could be taken for one of the other.
    fn may_stand(&self, item: usize, port: usize, right: bool) -> bool {
        let column = self.layers.items[item].column;
        let beside = if right { column + 1 } else { column - 1 };
        let same = self.layers.columns[beside]
            .iter()
            .find(|other| self.port(**other) == Some(port));
        let Some(&other) = same else {
            return true;
        };
        let (from, to) = if right { (item, other) } else { (other, item) };
        let (out, into) = (self.ends(from, true), self.ends(to, false));
        if out.is_empty() || into.is_empty() {
            return true;
        }
        if !out.contains(&to) || (out.len() > 1 && into.len() > 1) {
            return false;
        }
        let straight = |one: usize, right: bool| {
            let port = self.port(one);
            port.is_some() && self.ends(one, right).iter().any(|e| self.port(*e) == port)
        };
        let others_out = out.iter().filter(|end| **end != to);
        let others_into = into.iter().filter(|end| **end != from);
        others_out.into_iter().all(|end| !straight(*end, false))
            && others_into.into_iter().all(|end| !straight(*end, true))
    }

    fn ends(&self, item: usize, right: bool) -> Vec<usize> {
        self.layers.joined(item, right).collect()
    }
}
