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
        let links: Vec<Link<'_>> = nodes.iter().map(|n| (n.name.as_str(), &*n.after)).collect();
        let order = order(&links)?;
        let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
        let nodes = order.iter().filter_map(|at| nodes[*at].take()).collect();
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

/// A node as its graph sees it: its name, and the names it waits for.
pub(crate) type Link<'a> = (&'a str, &'a [String]);

/// The places of the nodes in an order in which they can run.
///
/// # Errors
/// When they are no plan; a cycle is shown by its names.
pub(crate) fn order(links: &[Link<'_>]) -> Result<Vec<usize>, InvalidGraph> {
    if links.is_empty() {
        return Err(InvalidGraph::Empty);
    }
    for (i, (name, after)) in links.iter().enumerate() {
        if links[..i].iter().any(|(other, _)| other == name) {
            return Err(InvalidGraph::Twice((*name).to_owned()));
        }
        let known = |wanted: &&String| links.iter().any(|(name, _)| name == *wanted);
        if let Some(missing) = after.iter().find(|wanted| !known(wanted)) {
            return Err(InvalidGraph::Missing {
                node: (*name).to_owned(),
                missing: missing.clone(),
            });
        }
    }
    let mut done: Vec<usize> = Vec::with_capacity(links.len());
    let mut depth = 0;
    while done.len() < links.len() {
        let is_done = |name: &String| done.iter().any(|at| links[*at].0 == name);
        let left = (0..links.len()).filter(|at| !done.contains(at));
        let (ready, waiting): (Vec<usize>, Vec<usize>) =
            left.partition(|at| links[*at].1.iter().all(is_done));
        if ready.is_empty() {
            let waiting: Vec<Link<'_>> = waiting.into_iter().map(|at| links[at]).collect();
            return Err(InvalidGraph::Cycle(cycle_in(&waiting)));
        }
        depth += 1;
        done.extend(ready);
    }
    if links.len() > NODES_MAX || depth > DEPTH_MAX {
        return Err(InvalidGraph::TooLarge {
            nodes: links.len(),
            depth,
        });
    }
    Ok(done)
}

/// Every waiting node waits for another waiting one, so following the first of each must come round.
fn cycle_in(waiting: &[Link<'_>]) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    let mut at = waiting.first();
    while let Some((name, after)) = at {
        if let Some(start) = path.iter().position(|other| other == name) {
            path.drain(..start);
            path.push((*name).to_owned());
            return path;
        }
        path.push((*name).to_owned());
        at = after
            .iter()
            .find_map(|wanted| waiting.iter().find(|(name, _)| name == wanted));
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
