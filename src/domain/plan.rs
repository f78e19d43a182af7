//! Plans: task graphs that are acyclic and bounded by construction.

use crate::{ids::TaskId, task::TaskSpec};

/// The deepest a plan may be.
pub const DEPTH_MAX: usize = 6;
/// The most nodes a plan may have.
pub const NODES_MAX: usize = 32;

/// A node: what the task carries, and which nodes of the same plan it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The id the task will have.
    pub id: TaskId,
    /// The template's name of this node, unique in the plan (`research`, `text`, `image`, `publish`).
    pub name: String,
    /// What the task carries.
    pub spec: TaskSpec,
    /// Names of the nodes that must be done first.
    pub after: Vec<String>,
}

/// A plan whose nodes can be run in the order they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskGraph {
    template: String,
    nodes: Vec<Node>,
}

/// Why a list of nodes is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGraph {
    /// The nodes wait for each other.
    #[error("the plan has a cycle: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// A node waits for one that is not there.
    #[error("node `{node}` waits for `{missing}`, which is not in the plan")]
    Missing {
        /// The node that waits.
        node: String,
        /// What it waits for.
        missing: String,
    },
    /// Two nodes share a name.
    #[error("two nodes are named `{0}`")]
    Twice(String),
    /// Nothing to do.
    #[error("the plan has no nodes")]
    Empty,
    /// Too much to do.
    #[error(
        "the plan has {nodes} nodes and a depth of {depth} (at most {NODES_MAX} and {DEPTH_MAX})"
    )]
    TooLarge {
        /// How many nodes.
        nodes: usize,
        /// How deep.
        depth: usize,
    },
}

impl TaskGraph {
    /// Checks the nodes and puts them in an order in which they can run.
    ///
    /// # Errors
    /// When they are no plan; a cycle is shown by its names.
    pub fn new(template: impl Into<String>, nodes: Vec<Node>) -> Result<Self, InvalidGraph> {
        if nodes.is_empty() {
            return Err(InvalidGraph::Empty);
        }
        for (i, node) in nodes.iter().enumerate() {
            if nodes[..i].iter().any(|other| other.name == node.name) {
                return Err(InvalidGraph::Twice(node.name.clone()));
            }
            if let Some(missing) = node
                .after
                .iter()
                .find(|name| !nodes.iter().any(|n| n.name == **name))
            {
                return Err(InvalidGraph::Missing {
                    node: node.name.clone(),
                    missing: missing.clone(),
                });
            }
        }
        let count = nodes.len();
        let (nodes, depth) = in_order(nodes)?;
        if count > NODES_MAX || depth > DEPTH_MAX {
            return Err(InvalidGraph::TooLarge {
                nodes: count,
                depth,
            });
        }
        Ok(Self {
            template: template.into(),
            nodes,
        })
    }

    /// The template the plan was made from; part of its identity.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The nodes, parents before children.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}

/// Parents first, and the length of the longest path.
fn in_order(mut left: Vec<Node>) -> Result<(Vec<Node>, usize), InvalidGraph> {
    let mut done: Vec<Node> = Vec::with_capacity(left.len());
    let mut depth = 0;
    while !left.is_empty() {
        let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(|node| {
            node.after
                .iter()
                .all(|name| done.iter().any(|d| d.name == *name))
        });
        if ready.is_empty() {
            return Err(InvalidGraph::Cycle(cycle_in(&waiting)));
        }
        depth += 1;
        done.extend(ready);
        left = waiting;
    }
    Ok((done, depth))
}

/// Every waiting node waits for another waiting one, so following the first of each must come round.
fn cycle_in(waiting: &[Node]) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    let mut at = waiting.first();
    while let Some(node) = at {
        if let Some(start) = path.iter().position(|name| *name == node.name) {
            path.drain(..start);
            path.push(node.name.clone());
            return path;
        }
        path.push(node.name.clone());
        at = node
            .after
            .iter()
            .find_map(|name| waiting.iter().find(|w| w.name == *name));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{task_spec, uuid_of};

    fn node(name: &str, after: &[&str]) -> Node {
        Node {
            id: TaskId::from_uuid(uuid_of(name.len() as u128)),
            name: name.to_owned(),
            spec: task_spec(),
            after: after.iter().map(|&s| s.to_owned()).collect(),
        }
    }

    // R13: nodes come out parents first, whatever order they came in.
    #[test]
    fn r13_nodes_stand_in_an_order_that_runs() {
        let graph = TaskGraph::new(
            "t",
            vec![
                node("publish", &["image"]),
                node("image", &["text"]),
                node("text", &[]),
            ],
        )
        .unwrap();
        assert_eq!(
            graph
                .nodes()
                .iter()
                .map(|n| n.name.as_str())
                .collect::<Vec<_>>(),
            ["text", "image", "publish"]
        );
    }

    // R13: what is no plan is refused, and a cycle is shown.
    #[test]
    fn r13_what_is_no_plan_is_refused_with_the_cycle_shown() {
        let check = |nodes: Vec<Node>, error: &str| {
            assert_eq!(TaskGraph::new("t", nodes).unwrap_err().to_string(), error);
        };
        check(vec![], "the plan has no nodes");
        check(
            vec![
                node("start", &[]),
                node("a", &["c"]),
                node("b", &["a"]),
                node("c", &["b"]),
            ],
            "the plan has a cycle: a -> c -> b -> a",
        );
        check(
            vec![node("a", &["ghost"])],
            "node `a` waits for `ghost`, which is not in the plan",
        );
        check(
            vec![node("a", &[]), node("a", &[])],
            "two nodes are named `a`",
        );
        let chain = |n: usize| {
            (0..n)
                .map(|i| {
                    node(
                        &format!("n{i}"),
                        &i.checked_sub(1)
                            .map(|p| format!("n{p}"))
                            .iter()
                            .map(String::as_str)
                            .collect::<Vec<_>>(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert!(TaskGraph::new("t", chain(DEPTH_MAX)).is_ok());
        check(
            chain(7),
            "the plan has 7 nodes and a depth of 7 (at most 32 and 6)",
        );
    }
}
