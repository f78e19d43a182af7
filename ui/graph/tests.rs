//! Random graphs in random rooms, and the edges read back from what was drawn as an eye would follow them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Seeded numbers (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

fn graph(count: usize, edges: &[(usize, usize)]) -> Graph {
    let want = Want { full: 20, short: 9 };
    Graph {
        nodes: vec![want; count],
        edges: edges.to_vec(),
    }
}

fn random(chance: &mut Chance) -> Graph {
    let count = 1 + chance.below(24);
    let dense = 1 + chance.below(8);
    let mut edges = Vec::new();
    for to in 1..count {
        for _ in 0..=chance.below(dense) {
            edges.push((chance.below(to), to));
        }
    }
    // Some stand alone, and some edges are said twice.
    edges.retain(|_| chance.below(8) > 0);
    if let Some(first) = edges.first().copied() {
        edges.push(first);
    }
    graph(count, &edges)
}

/// The edges of a drawing, each as often as a line leads there.
fn read_back(drawing: &Drawing) -> Vec<(usize, usize)> {
    let mut cells: BTreeMap<(usize, usize), u8> = BTreeMap::new();
    for joint in &drawing.lines {
        let twice = cells.insert((joint.x, joint.y), joint.arms);
        assert_eq!(twice, None, "two lines in one cell");
    }
    let arms = |x: usize, y: usize| cells.get(&(x, y)).copied().unwrap_or(0);
    let taken = |x: usize| {
        let mut boxes = drawing.boxes.iter();
        boxes.any(|b| (b.x..b.x + b.width).contains(&x))
    };
    let at = |x: usize, y: usize| {
        let mut boxes = drawing.boxes.iter();
        boxes.find(|b| b.port() == y && (b.x..b.x + b.width).contains(&x))
    };
    let bridge = |x, y| arms(x, y) == UP | DOWN;
    let mut found = Vec::new();
    // What comes into the gap between two columns: a box, or the edge of one that passed columns before.
    let mut coming: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    let mut x = 0;
    while x < drawing.width {
        if taken(x) {
            x += 1;
            continue;
        }
        let last = (x..drawing.width)
            .take_while(|x| !taken(*x))
            .last()
            .unwrap();
        let rows = 0..drawing.height;
        let leads = |y: usize, from: usize, to: usize| {
            (from..=to).all(|x| bridge(x, y) || arms(x, y) & (LEFT | RIGHT) == LEFT | RIGHT)
        };
        let mut joined: Vec<(usize, usize)> = rows
            .clone()
            .filter(|y| leads(*y, x, last))
            .map(|y| (y, y))
            .collect();
        for at in x + 1..last {
            let mut top = None;
            for y in rows.clone() {
                let here = arms(at, y);
                if here & DOWN != 0 && here & UP == 0 {
                    top = Some(y);
                }
                let Some(first) = top.filter(|_| here & UP != 0 && here & DOWN == 0) else {
                    continue;
                };
                top = None;
                let stops = (first..=y).filter(|y| arms(at, *y) & (LEFT | RIGHT) != 0);
                let kind = |y: usize| {
                    let from = arms(at, y) & LEFT != 0 && leads(y, x, at - 1);
                    let to = arms(at, y) & RIGHT != 0 && leads(y, at + 1, last);
                    (y, from, to)
                };
                let stops: Vec<_> = stops.map(kind).collect();
                let only_from: Vec<usize> =
                    stops.iter().filter(|s| s.1 && !s.2).map(|s| s.0).collect();
                let only_to: Vec<usize> =
                    stops.iter().filter(|s| !s.1 && s.2).map(|s| s.0).collect();
                let both: Vec<usize> = stops.iter().filter(|s| s.1 && s.2).map(|s| s.0).collect();
                assert_eq!(only_from.len() + only_to.len() + both.len(), stops.len());
                assert!(both.len() <= 1, "an upright between two straight lines");
                let from = if only_from.is_empty() {
                    &both
                } else {
                    &only_from
                };
                let to = if only_to.is_empty() { &both } else { &only_to };
                assert!(only_from.is_empty() || only_to.is_empty() || both.is_empty());
                for from in from {
                    for to in to {
                        joined.push((*from, *to));
                    }
                }
            }
            assert_eq!(top, None, "an upright without an end");
        }
        let mut next: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (from, to) in joined {
            let sources = match at(x.wrapping_sub(1), from) {
                Some(placed) => vec![placed.node],
                None => coming.get(&(x, from)).cloned().unwrap_or_default(),
            };
            assert!(!sources.is_empty(), "a line from nowhere");
            for source in sources {
                match at(last + 1, to) {
                    Some(placed) => found.push((source, placed.node)),
                    None => {
                        // Through the next column, as a row of line.
                        let end = (last + 1..drawing.width).take_while(|x| taken(*x)).last();
                        let end = end.unwrap();
                        assert!((last + 1..=end).all(|x| arms(x, to) == LEFT | RIGHT));
                        next.entry((end + 1, to)).or_default().push(source);
                    }
                }
            }
        }
        coming = next;
        x = last + 1;
    }
    found.sort_unstable();
    found
}

/// Everything that holds of every drawing.
fn check(graph: &Graph, centre: usize, hops: usize, size: (usize, usize)) -> Drawing {
    let drawing = draw(graph, centre, hops, size);
    let told = || format!("{graph:?} around {centre}, {hops} hops, in {size:?}:\n{drawing:?}");
    assert_eq!(drawing, draw(graph, centre, hops, size), "another drawing");
    let (width, height) = size;
    assert!(
        drawing.width <= width && drawing.height <= height,
        "{}",
        told()
    );
    let mut used = BTreeSet::new();
    for placed in &drawing.boxes {
        assert!(placed.width > 0 && placed.height > 0, "{}", told());
        for x in placed.x..placed.x + placed.width {
            for y in placed.y..placed.y + placed.height {
                assert!(x < width && y < height, "outside: {}", told());
                assert!(used.insert((x, y)), "boxes overlap: {}", told());
            }
        }
    }
    for joint in &drawing.lines {
        let inside = joint.x < width && joint.y < height && joint.arms != 0;
        assert!(inside, "{}", told());
        assert!(
            used.insert((joint.x, joint.y)),
            "a line over something: {}",
            told()
        );
    }
    assert_eq!(
        drawing.hidden + drawing.boxes.len(),
        graph.nodes.len(),
        "{}",
        told()
    );
    let drawn = |node: usize| drawing.of(node).is_some();
    if width > 0 && height > 0 {
        assert!(drawn(centre), "{}", told());
    }
    let mut wanted: Vec<(usize, usize)> = graph.edges.clone();
    wanted.retain(|&(from, to)| drawn(from) && drawn(to));
    wanted.sort_unstable();
    wanted.dedup();
    assert_eq!(read_back(&drawing), wanted, "{}", told());
    for placed in &drawing.boxes {
        let before = graph
            .edges
            .iter()
            .any(|&(a, b)| b == placed.node && !drawn(a));
        let after = graph
            .edges
            .iter()
            .any(|&(a, b)| a == placed.node && !drawn(b));
        assert_eq!((placed.more_before, placed.more_after), (before, after));
        for &(from, to) in &wanted {
            let layer = |node| drawing.of(node).unwrap().layer;
            assert!(layer(from) < layer(to), "{}", told());
        }
    }
    drawing
}

// R197: whatever the graph and the room: no box lies over another, every edge between two drawn nodes is one line that
// an eye can follow, what is not drawn is counted, and the same is drawn again the same.
#[test]
fn r197_every_edge_is_drawn_once_and_nothing_overlaps() {
    let mut chance = Chance(0x5eed);
    let mut whole = 0;
    for _ in 0..250 {
        let graph = random(&mut chance);
        let centre = chance.below(graph.nodes.len());
        let size = match chance.below(4) {
            0 => (chance.below(40), chance.below(12)),
            1 => (78, 11),
            2 => (118, 34),
            _ => (198, 45),
        };
        let drawing = check(&graph, centre, 1 + chance.below(6), size);
        whole += usize::from(drawing.hidden == 0 && graph.nodes.len() > 6);
    }
    assert!(whole > 20, "only {whole} were drawn whole");
}

// R197: a graph that is none (a circle, an end that is missing) is drawn without a panic.
#[test]
fn r197_what_is_no_plan_is_drawn_all_the_same() {
    for edges in [
        &[(0, 1), (1, 2), (2, 0)][..],
        &[(0, 0), (0, 1)],
        &[(1, 0), (0, 1)],
        &[(0, 7), (7, 1)],
    ] {
        let drawing = draw(&graph(3, edges), 0, 2, (80, 20));
        assert!(drawing.of(0).is_some());
    }
    assert_eq!(draw(&graph(0, &[]), 0, 2, (80, 20)).boxes, []);
    assert_eq!(draw(&graph(2, &[(0, 1)]), 9, 2, (80, 20)).boxes, []);
}

// R197: only what is so many edges away is drawn; where the room is short the frames go first, then what is farthest.
#[test]
fn r197_the_neighbourhood_gives_way_from_outside() {
    let chain = graph(7, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]);
    let nodes =
        |drawing: &Drawing| -> Vec<usize> { drawing.boxes.iter().map(|b| b.node).collect() };
    let wide = check(&chain, 3, 2, (200, 20));
    assert_eq!(
        (nodes(&wide), wide.hidden, wide.full),
        (vec![1, 2, 3, 4, 5], 2, true)
    );
    assert!(wide.of(1).unwrap().more_before && wide.of(5).unwrap().more_after);
    assert_eq!(nodes(&check(&chain, 3, 1, (200, 20))), [2, 3, 4]);
    let narrow = check(&chain, 3, 2, (60, 20));
    assert!(!narrow.full && narrow.of(3).unwrap().height == 3);
    assert_eq!(nodes(&narrow), [1, 2, 3, 4, 5]);
    assert_eq!(nodes(&check(&chain, 3, 2, (40, 20))), [2, 3, 4]);
    let fan = graph(5, &[(0, 1), (0, 2), (0, 3), (0, 4)]);
    assert_eq!(check(&fan, 0, 2, (80, 12)).of(0).unwrap().height, 3);
    assert_eq!(check(&fan, 0, 2, (80, 5)).of(0).unwrap().height, 1);
    assert_eq!(check(&fan, 0, 2, (80, 3)).hidden, 1);
}
