//! The lines between two neighbouring columns.
//!
//! Rows belong to what stands at their ends; uprights join rows, each on a track of its own where they would
//! overlap. An upright joins one thing to several that only it leads to, or several that lead nowhere else to one, so
//! that whoever follows a line comes to where an edge leads and nowhere else. Where an upright passes a row it does
//! not belong to, it bridges it.

use std::collections::BTreeMap;

use super::{Joint, layers::Layers};

pub(crate) const LEFT: u8 = 1;
pub(crate) const RIGHT: u8 = 2;
pub(crate) const UP: u8 = 4;
pub(crate) const DOWN: u8 = 8;

/// A line down, and the rows it joins.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Upright {
    /// Rows it comes from, and rows it leads to.
    from: Vec<usize>,
    to: Vec<usize>,
    track: usize,
}

impl Upright {
    fn rows(&self) -> impl Iterator<Item = usize> {
        self.from.iter().chain(&self.to).copied()
    }

    /// Its first and its last row.
    fn span(&self) -> (usize, usize) {
        let top = self.rows().min().unwrap_or(0);
        (top, self.rows().max().unwrap_or(top))
    }
}

/// All lines between two columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    uprights: Vec<Upright>,
    /// Rows of lines that need no upright.
    straight: Vec<usize>,
    tracks: usize,
}

impl Route {
    /// Leads the pieces from the column on the left of this one to it. `ports` are the rows of all items' lines.
    pub(super) fn between(layers: &Layers, ports: &[usize], right: usize) -> Self {
        let pieces: Vec<(usize, usize)> = layers
            .pieces
            .iter()
            .copied()
            .filter(|(_, to)| layers.items[*to].column == right)
            .collect();
        let out = |item: usize| pieces.iter().filter(|(from, _)| *from == item).count();
        let into = |item: usize| pieces.iter().filter(|(_, to)| *to == item).count();
        let mut route = Self::default();
        let mut branching: BTreeMap<usize, Upright> = BTreeMap::new();
        let mut joining: BTreeMap<usize, Upright> = BTreeMap::new();
        for &(from, to) in &pieces {
            let (start, end) = (ports[from], ports[to]);
            if start == end {
                route.straight.push(start);
                continue;
            }
            let upright = match (out(from), into(to)) {
                (_, 1) => branching.entry(from).or_insert_with(|| Upright {
                    from: vec![start],
                    to: Vec::new(),
                    track: 0,
                }),
                (1, _) => joining.entry(to).or_insert_with(|| Upright {
                    from: Vec::new(),
                    to: vec![end],
                    track: 0,
                }),
                _ => {
                    route.uprights.push(Upright {
                        from: vec![start],
                        to: vec![end],
                        track: 0,
                    });
                    continue;
                }
            };
            if into(to) == 1 {
                upright.to.push(end);
            } else {
                upright.from.push(start);
            }
        }
        route.uprights.extend(branching.into_values());
        route.uprights.extend(joining.into_values());
        route.take_tracks();
        route
    }

    /// The fewest tracks on which no two uprights overlap.
    fn take_tracks(&mut self) {
        self.uprights.sort_by_key(Upright::span);
        let mut last: Vec<usize> = Vec::new();
        for upright in &mut self.uprights {
            let (top, bottom) = upright.span();
            upright.track = match last.iter().position(|end| *end < top) {
                Some(track) => track,
                None => {
                    last.push(0);
                    last.len() - 1
                }
            };
            last[upright.track] = bottom;
        }
        self.tracks = last.len();
    }

    /// How many columns of the screen it takes: one beside each of its neighbours, where no upright stands.
    pub(super) fn width(&self) -> usize {
        self.tracks.max(1) + 2
    }

    /// Its cells, when it begins at this column of the screen.
    pub(super) fn lines(&self, x: usize, out: &mut Vec<Joint>) {
        let mut cells: BTreeMap<(usize, usize), u8> = BTreeMap::new();
        let last = self.width() - 1;
        let mut add = |y, x, arms| *cells.entry((y, x)).or_insert(0) |= arms;
        // From the edge on the left or to the one on the right, every cell leads both ways but the last, which ends in
        // an upright.
        for upright in &self.uprights {
            let at = upright.track + 1;
            for &y in &upright.from {
                (0..at).for_each(|x| add(y, x, LEFT | RIGHT));
                add(y, at, LEFT);
            }
            for &y in &upright.to {
                (at + 1..=last).for_each(|x| add(y, x, LEFT | RIGHT));
                add(y, at, RIGHT);
            }
        }
        for &y in &self.straight {
            (0..=last).for_each(|x| add(y, x, LEFT | RIGHT));
        }
        for upright in &self.uprights {
            let at = upright.track + 1;
            let (top, bottom) = upright.span();
            for y in top..=bottom {
                let arms = if y == top { 0 } else { UP } | if y == bottom { 0 } else { DOWN };
                let belongs = upright.rows().any(|row| row == y);
                let cell = cells.entry((y, at)).or_insert(0);
                // A bridge: what passes below it is not joined to it.
                *cell = if belongs { *cell | arms } else { arms };
            }
        }
        out.extend(cells.into_iter().map(|((y, offset), arms)| Joint {
            x: x + offset,
            y,
            arms,
        }));
    }
}
