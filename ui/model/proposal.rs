//! A proposal on screen: the tree of a proposal, where the cursor is in it, and what was changed and is not stored yet.
//!
//! Every change is stored at once, by the version it was made on; so whoever comes too late sees it here and not later.

use chimera_domain::{
    Safe, StateVersion,
    goal::{Place, Preview, Proposal, ProposalState, Tree, Wrong},
    ids::ProposalId,
};

use super::overlay::Typed;
use crate::event::ProposalWish;

/// So many changes can be taken back.
const UNDO_MAX: usize = 50;

/// A node of the tree: what the cursor can stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Goal,
    Post(usize),
    Task(usize, usize),
}

impl Node {
    pub(crate) const fn of(place: Place) -> Self {
        match place.task {
            None => Self::Post(place.branch),
            Some(task) => Self::Task(place.branch, task),
        }
    }
}

/// A field that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The title of a post that is added.
    NewPost,
    /// The goal, the title of a post, what a task is asked for.
    Words,
    Known,
    Source,
    Budget,
    Due,
}

/// What is chosen from a few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choosing {
    /// What a task that is added makes.
    Kind,
    /// Who speaks, and where.
    Campaign,
    /// What a task waits for.
    After,
    /// Whether it is put away.
    Discard,
}

/// What lies over the proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Over {
    Typing { field: Field, typed: Typed },
    Choosing { what: Choosing, cursor: usize },
    Launch { typed: Typed },
    Keys { scroll: usize },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) id: ProposalId,
    /// The proposal as it is on screen, our own changes in it; `None` while it is read.
    pub(crate) read: Option<Result<Proposal, Safe>>,
    /// What launching it would do, as far as it was read.
    pub(crate) preview: Option<Preview>,
    /// Which of the nodes.
    pub(crate) cursor: usize,
    /// The node in full has the focus.
    pub(crate) detail: bool,
    pub(crate) scroll: usize,
    pub(crate) over: Option<Over>,
    /// What was said to the last wish, or that somebody else was faster, and who.
    pub(crate) told: Option<Safe>,
    /// It is being read.
    pub(crate) reading: bool,
    /// The tree before each change, the newest last.
    before: Vec<Tree>,
    /// What is being stored.
    under_way: Option<Tree>,
}

impl Opened {
    pub(crate) const fn of(id: ProposalId) -> Self {
        Self {
            id,
            read: None,
            preview: None,
            cursor: 0,
            detail: false,
            scroll: 0,
            over: None,
            told: None,
            reading: true,
            before: Vec::new(),
            under_way: None,
        }
    }

    pub(crate) const fn proposal(&self) -> Option<&Proposal> {
        match &self.read {
            Some(Ok(proposal)) => Some(proposal),
            Some(Err(_)) | None => None,
        }
    }

    pub(crate) fn tree(&self) -> Option<&Tree> {
        self.proposal().map(|proposal| &proposal.tree)
    }

    /// Every node, from the top.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let mut nodes = vec![Node::Goal];
        for (at, post) in self
            .tree()
            .iter()
            .flat_map(|tree| &tree.branches)
            .enumerate()
        {
            nodes.push(Node::Post(at));
            nodes.extend((0..post.tasks.len()).map(|task| Node::Task(at, task)));
        }
        nodes
    }

    pub(crate) fn node(&self) -> Node {
        let nodes = self.nodes();
        nodes.get(self.cursor).copied().unwrap_or(Node::Goal)
    }

    /// The place of the cursor; of the goal, where a post is added to it.
    pub(crate) fn place(&self) -> Place {
        match self.node() {
            Node::Goal => Place {
                branch: self
                    .tree()
                    .map_or(0, |tree| tree.branches.len().saturating_sub(1)),
                task: None,
            },
            Node::Post(branch) => Place { branch, task: None },
            Node::Task(branch, task) => Place {
                branch,
                task: Some(task),
            },
        }
    }

    pub(crate) fn go_to(&mut self, node: Node) {
        let nodes = self.nodes();
        let last = nodes.len().saturating_sub(1);
        let found = nodes.iter().position(|other| *other == node);
        self.cursor = found.unwrap_or(self.cursor).min(last);
        self.scroll = 0;
    }

    /// Whether what is on screen is stored, and its estimate was made for exactly it.
    pub(crate) fn is_settled(&self) -> bool {
        let version = self.proposal().map(|proposal| proposal.version);
        let looked = self.preview.as_ref().map(|preview| preview.version);
        self.under_way.is_none() && version.is_some() && version == looked
    }

    /// What is wrong with what is on screen, as far as it is known by now.
    pub(crate) fn wrongs(&self) -> Vec<Wrong> {
        match &self.preview {
            Some(preview) if self.is_settled() => preview.wrong.clone(),
            Some(_) | None => self.tree().map(Tree::wrongs).unwrap_or_default(),
        }
    }

    /// Why it cannot be changed; `None` when it can.
    pub(crate) fn is_fixed(&self) -> Option<String> {
        match self.proposal() {
            None => Some("the proposal is still being read".into()),
            Some(proposal) => match proposal.state {
                ProposalState::Open => None,
                ProposalState::Launched | ProposalState::Discarded => Some(format!(
                    "it is {} already, and stays as it is",
                    proposal.state
                )),
            },
        }
    }

    /// Another tree on screen, which can be taken back; what is to be stored, unless something is being stored already.
    pub(crate) fn change(&mut self, tree: Tree) -> Option<ProposalWish> {
        let Some(Ok(proposal)) = &mut self.read else {
            return None;
        };
        if proposal.tree == tree {
            return None;
        }
        let before = std::mem::replace(&mut proposal.tree, tree);
        self.before.push(before);
        let excess = self.before.len().saturating_sub(UNDO_MAX);
        self.before.drain(..excess);
        self.told = None;
        self.store()
    }

    /// The tree before the last change comes back, as a change of its own; `Err` where there was none.
    pub(crate) fn take_back(&mut self) -> Result<Option<ProposalWish>, ()> {
        let tree = self.before.pop().ok_or(())?;
        if let Some(Ok(proposal)) = &mut self.read {
            proposal.tree = tree;
        }
        let last = self.nodes().len().saturating_sub(1);
        self.cursor = self.cursor.min(last);
        Ok(self.store())
    }

    fn store(&mut self) -> Option<ProposalWish> {
        let Some(Ok(proposal)) = &self.read else {
            return None;
        };
        if self.under_way.is_some() {
            return None;
        }
        self.under_way = Some(proposal.tree.clone());
        Some(ProposalWish::Revise(
            self.id,
            proposal.version,
            proposal.tree.clone(),
        ))
    }

    /// A change was stored; what was changed meanwhile is to be stored next.
    pub(crate) fn stored(&mut self, version: StateVersion) -> Option<ProposalWish> {
        let stored = self.under_way.take();
        let Some(Ok(proposal)) = &mut self.read else {
            return None;
        };
        proposal.version = version;
        if stored.as_ref() == Some(&proposal.tree) {
            return None;
        }
        self.store()
    }

    /// A wish was not fulfilled, and why: what holds is what is read next. Of a change that was lost nothing can be taken
    /// back.
    pub(crate) fn dropped(&mut self, told: Safe, is_lost: bool) {
        if is_lost {
            self.under_way = None;
            self.before.clear();
        }
        self.over = None;
        self.told = Some(told);
    }

    /// What was read of it. While something of ours is being stored it is older than that; it is read again after it.
    pub(crate) fn take(
        &mut self,
        read: Result<(Proposal, Preview), Safe>,
        told: impl Fn(&Proposal) -> Safe,
    ) {
        self.reading = false;
        if self.under_way.is_some() {
            return;
        }
        match read {
            Ok((proposal, preview)) => {
                let known = self.proposal().map(|known| known.version);
                if known.is_some_and(|known| proposal.version > known) {
                    // Ours are counted in as they are stored: this is of somebody else.
                    if self.told.is_none() {
                        self.told = Some(told(&proposal));
                    }
                    self.before.clear();
                    self.over = None;
                }
                let node = self.node();
                self.read = Some(Ok(proposal));
                self.preview = Some(preview);
                self.cursor = self.cursor.min(self.nodes().len().saturating_sub(1));
                let scroll = self.scroll;
                if self.nodes().contains(&node) {
                    self.go_to(node);
                    self.scroll = scroll;
                }
            }
            Err(why) => self.read = Some(Err(why)),
        }
    }
}

/// The proposals that wait, over the campaigns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// `None` until they were read.
    pub(crate) read: Option<Result<Vec<Proposal>, Safe>>,
    /// They are being read.
    pub(crate) reading: bool,
}

impl Waiting {
    pub(crate) fn all(&self) -> &[Proposal] {
        match &self.read {
            Some(Ok(all)) => all,
            Some(Err(_)) | None => &[],
        }
    }
}
