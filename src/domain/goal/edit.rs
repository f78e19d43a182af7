//! Changing a tree by hand, one thing at a time. Right or wrong: what is wrong with it `check.rs` says.

use super::{BRANCHES_MAX, Branch, NAME_MAX, Part, Tree, TreeTask, WORDS_MAX};
use crate::{
    Usd,
    clock::{Span, Timestamp},
    plan::NODES_MAX,
    task::Priority,
};

/// A node of a tree: a post, or one of its tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which branch, from 0.
    pub branch: usize,
    /// Which of its tasks, from 0; `None` is the post itself.
    pub task: Option<usize>,
}

/// A due time as a person types it: `14:30`, `2026-11-28 14:30`, `+3h`, or nothing for at once.
///
/// # Errors
/// What would be one, where it is none.
pub fn due(text: &str, now: Timestamp, zone: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let later = text.strip_prefix('+').and_then(|rest| {
        let unit = rest.chars().next_back()?;
        let n: u64 = rest.strip_suffix(unit)?.trim().parse().ok()?;
        let minutes = match unit {
            'm' => n,
            'h' => n.checked_mul(60)?,
            'd' => n.checked_mul(24 * 60)?,
            _ => return None,
        };
        let span = Span::from_micros(minutes.checked_mul(60_000_000)?);
        Some(now.plus(span))
    });
    later
        .or_else(|| Timestamp::parse_rfc3339(text))
        .or_else(|| Timestamp::parse_in(text, now, zone))
        .map(Some)
        .ok_or_else(|| {
            format!(
                "`{text}` is no time: type 14:30, 2026-11-28 14:30, +3h, or nothing for at once"
            )
        })
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The goal in other words.
    Goal(String),
    /// One more post of this title below, made as the post it is asked at.
    AddPost(String),
    /// One more task of the post; what a post of this kind is made from it waits for, and what goes out waits for it.
    AddTask(Part),
    /// It goes, a post with its tasks. What waited for a task waits for what that waited for.
    Remove,
    /// It stands before the one above it.
    Up,
    /// It stands after the one below it.
    Down,
    /// A task waits for this one of its post, or does not any more.
    After(usize),
    /// How urgent the post is.
    Priority(Priority),
    /// The campaign of the post, by name; empty is the proposal's own.
    Campaign(String),
    /// The most the post may cost.
    Budget(Option<Usd>),
    /// When the post is to leave.
    Due(Option<Timestamp>),
    /// What the post is about.
    Title(String),
    /// What is known about it.
    Summary(String),
    /// Its source.
    Link(String),
    /// What the task is asked for beyond what its kind says.
    Wish(String),
}

impl Tree {
    /// The tree after one change at a place, and where what was changed stands in it.
    ///
    /// # Errors
    /// Why it cannot be done there, in words.
    pub fn edited(&self, at: Place, edit: Edit) -> Result<(Self, Place), String> {
        let mut tree = self.clone();
        let place = tree.change(at, edit)?;
        Ok((tree, place))
    }

    fn change(&mut self, at: Place, edit: Edit) -> Result<Place, String> {
        match edit {
            Edit::Goal(text) => self.goal = text,
            Edit::AddPost(title) => return self.add_post(at, &title),
            Edit::AddTask(part) => return self.add_task(at, part),
            Edit::Remove => return self.remove(at),
            Edit::Up => return self.swap(at, true),
            Edit::Down => return self.swap(at, false),
            Edit::After(other) => self.turn_after(at, other)?,
            Edit::Priority(priority) => self.post(at)?.priority = priority,
            Edit::Campaign(name) => self.post(at)?.campaign = name,
            Edit::Budget(most) => self.post(at)?.budget_usd_max = most,
            Edit::Due(due) => self.post(at)?.due_at = due,
            Edit::Title(text) => self.post(at)?.title = text,
            Edit::Summary(text) => self.post(at)?.summary = text,
            Edit::Link(text) => self.post(at)?.link = text,
            Edit::Wish(text) => self.task(at)?.wish = text,
        }
        Ok(at)
    }

    /// The post a place is in.
    fn post(&mut self, at: Place) -> Result<&mut Branch, String> {
        let post = self.branches.get_mut(at.branch);
        post.ok_or_else(|| "there is no such post".to_owned())
    }

    fn task(&mut self, at: Place) -> Result<&mut TreeTask, String> {
        let of = at.task.ok_or("this is a post: choose one of its tasks")?;
        let task = self.post(at)?.tasks.get_mut(of);
        task.ok_or_else(|| "there is no such task".to_owned())
    }

    fn add_post(&mut self, at: Place, title: &str) -> Result<Place, String> {
        if self.branches.len() >= BRANCHES_MAX {
            return Err(format!("a goal has at most {BRANCHES_MAX} posts"));
        }
        // Like the one it is asked at: what is special of that one's words and time is not taken over.
        let mut post = match self.branches.get(at.branch) {
            Some(like) => like.clone(),
            None => super::draft("a", crate::campaign::Channel::Twitter)
                .tree
                .branches
                .remove(0),
        };
        post.title = title.chars().take(WORDS_MAX).collect();
        post.summary.clear();
        post.due_at = None;
        for task in &mut post.tasks {
            task.wish.clear();
        }
        let branch = (at.branch + 1).min(self.branches.len());
        self.branches.insert(branch, post);
        Ok(Place { branch, task: None })
    }

    fn add_task(&mut self, at: Place, part: Part) -> Result<Place, String> {
        let post = self.post(at)?;
        if post.tasks.len() >= NODES_MAX {
            return Err(format!("a post has at most {NODES_MAX} tasks"));
        }
        let is_taken = |name: &str| post.tasks.iter().any(|task| task.name == name);
        let plain = part.as_str().to_owned();
        let numbered = (2..).map(|n| format!("{part}-{n}"));
        let name = std::iter::once(plain)
            .chain(numbered)
            .find(|name| !is_taken(name))
            .ok_or("no name is free")?;
        let named = |wanted: Part| {
            let of = post.tasks.iter().filter(move |task| task.part == wanted);
            of.map(|task| task.name.clone()).collect::<Vec<_>>()
        };
        let after: Vec<String> = match part {
            Part::Research | Part::Pay => Vec::new(),
            Part::Text => named(Part::Research),
            Part::Image | Part::Video => named(Part::Text),
            Part::Publish => post.tasks.iter().map(|task| task.name.clone()).collect(),
        };
        // What goes out stands last, so what is new stands before it.
        let last = post
            .tasks
            .iter()
            .position(|task| task.part == Part::Publish);
        let place = match last {
            Some(last) if part != Part::Publish => last,
            Some(_) | None => post.tasks.len(),
        };
        if part != Part::Publish {
            for task in post
                .tasks
                .iter_mut()
                .filter(|task| task.part == Part::Publish)
            {
                task.after.push(name.clone());
            }
        }
        let task = TreeTask {
            name: name.chars().take(NAME_MAX).collect(),
            part,
            wish: String::new(),
            after,
        };
        post.tasks.insert(place, task);
        Ok(Place {
            task: Some(place),
            ..at
        })
    }

    fn remove(&mut self, at: Place) -> Result<Place, String> {
        let Some(of) = at.task else {
            self.post(at)?;
            self.branches.remove(at.branch);
            let last = self.branches.len().saturating_sub(1);
            return Ok(Place {
                branch: at.branch.min(last),
                task: None,
            });
        };
        self.task(at)?;
        let post = self.post(at)?;
        let gone = post.tasks.remove(of);
        for task in &mut post.tasks {
            let Some(was) = task.after.iter().position(|name| *name == gone.name) else {
                continue;
            };
            task.after.remove(was);
            for name in &gone.after {
                if *name != task.name && !task.after.contains(name) {
                    task.after.push(name.clone());
                }
            }
        }
        let left = post.tasks.len();
        Ok(Place {
            task: (left > 0).then(|| of.min(left - 1)),
            ..at
        })
    }

    fn swap(&mut self, at: Place, up: bool) -> Result<Place, String> {
        let (here, all) = match at.task {
            None => (at.branch, self.branches.len()),
            Some(task) => (task, self.post(at)?.tasks.len()),
        };
        let there = if up {
            here.checked_sub(1)
        } else {
            here.checked_add(1)
        };
        let there = there.filter(|there| *there < all && here < all);
        let there = there.ok_or(if up {
            "it stands first"
        } else {
            "it stands last"
        })?;
        if at.task.is_some() {
            self.post(at)?.tasks.swap(here, there);
            return Ok(Place {
                task: Some(there),
                ..at
            });
        }
        self.branches.swap(here, there);
        Ok(Place {
            branch: there,
            task: None,
        })
    }

    fn turn_after(&mut self, at: Place, other: usize) -> Result<(), String> {
        let name = self
            .task(Place {
                task: Some(other),
                ..at
            })?
            .name
            .clone();
        let task = self.task(at)?;
        if task.name == name {
            return Err("it cannot wait for itself".into());
        }
        match task.after.iter().position(|after| *after == name) {
            Some(was) => {
                task.after.remove(was);
            }
            None => task.after.push(name),
        }
        Ok(())
    }

    /// What goes with a place when it is removed, in words.
    #[must_use]
    pub fn goes_with(&self, at: Place) -> String {
        let Some(post) = self.branches.get(at.branch) else {
            return String::new();
        };
        let Some(task) = at.task else {
            let n = post.tasks.len();
            return format!("post {} goes with its {n} tasks", at.branch + 1);
        };
        let Some(task) = post.tasks.get(task) else {
            return String::new();
        };
        let waits = |other: &&TreeTask| other.after.contains(&task.name);
        let waiting: Vec<&str> = post
            .tasks
            .iter()
            .filter(waits)
            .map(|other| other.name.as_str())
            .collect();
        match (waiting.is_empty(), task.after.is_empty()) {
            (true, _) => format!("{} goes; nothing waits for it", task.name),
            (false, true) => format!(
                "{} goes; {} waits for it no more",
                task.name,
                waiting.join(", ")
            ),
            (false, false) => format!(
                "{} goes; {} waits for {} instead",
                task.name,
                waiting.join(", "),
                task.after.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{campaign::Channel, goal::draft};

    fn tree() -> Tree {
        draft(
            "Announce linen: mended; woven https://example.org/linen",
            Channel::Twitter,
        )
        .tree
    }

    const fn post(branch: usize) -> Place {
        Place { branch, task: None }
    }

    const fn task(branch: usize, task: usize) -> Place {
        Place {
            branch,
            task: Some(task),
        }
    }

    fn names(tree: &Tree, branch: usize) -> Vec<String> {
        let tasks = tree.branches[branch].tasks.iter();
        tasks
            .map(|task| format!("{}<{}", task.name, task.after.join(",")))
            .collect()
    }

    // R36: what is added is as sound as what it was added to, and what waits for what is removed waits for what that
    // waited for.
    #[test]
    fn r36_a_tree_is_edited_node_by_node() {
        let (longer, at) = tree()
            .edited(post(0), Edit::AddPost("dyed".into()))
            .unwrap();
        assert_eq!(at, post(1));
        let titles: Vec<&str> = longer.branches.iter().map(|b| b.title.as_str()).collect();
        assert_eq!(
            titles,
            ["Announce linen: mended", "dyed", "Announce linen: woven"]
        );
        assert_eq!(longer.wrongs(), []);
        let (more, at) = tree()
            .edited(task(0, 1), Edit::AddTask(Part::Image))
            .unwrap();
        assert_eq!(at, task(0, 3));
        assert_eq!(
            names(&more, 0),
            [
                "research<",
                "text<research",
                "image<text",
                "image-2<text",
                "publish<text,image,image-2"
            ]
        );
        assert_eq!(more.wrongs(), []);
        assert_eq!(
            more.goes_with(at),
            "image-2 goes; publish waits for text instead"
        );
        let (less, at) = more.edited(at, Edit::Remove).unwrap();
        assert_eq!((names(&less, 0), at), (names(&tree(), 0), task(0, 3)));
        assert_eq!(less.goes_with(post(0)), "post 1 goes with its 4 tasks");
        let (one, at) = less.edited(post(1), Edit::Remove).unwrap();
        assert_eq!((one.branches.len(), at), (1, post(0)));
        let (none, _) = one.edited(at, Edit::Remove).unwrap();
        assert_eq!(none.wrongs()[0].what, "there is no post in it");
        let (again, _) = none.edited(post(0), Edit::AddPost("woven".into())).unwrap();
        assert_eq!(names(&again, 0), names(&tree(), 0));
    }

    // R36: a due time is read as it is written, in the zone of who writes it, over a change of its clock too.
    #[test]
    fn r36_a_due_time_is_typed_as_it_is_said() {
        let now = Timestamp::parse_rfc3339("2026-10-24T15:00:00Z").unwrap();
        let at = |text: &str| {
            let at = due(text, now, "Europe/Berlin").unwrap();
            at.map(Timestamp::to_rfc3339_seconds)
        };
        for (typed, meant) in [
            ("18:30", "2026-10-24T16:30:00Z"),
            // It was that today already; tomorrow it is winter time there.
            ("16:30", "2026-10-25T15:30:00Z"),
            ("2026-11-28 14:30", "2026-11-28T13:30:00Z"),
            ("2026-11-28T14:30:00Z", "2026-11-28T14:30:00Z"),
            ("+90m", "2026-10-24T16:30:00Z"),
            ("+2d", "2026-10-26T15:00:00Z"),
        ] {
            assert_eq!(at(typed).as_deref(), Some(meant), "{typed}");
        }
        assert_eq!(at("  "), None);
        for none in ["soon", "+", "+3", "+h", "25:00", "+99999999999999999d"] {
            assert!(due(none, now, "UTC").is_err(), "{none}");
        }
        let shown = now.day_and_clock_in("Europe/Berlin");
        assert_eq!(shown, "2026-10-24 17:00");
        assert_eq!(due(&shown, now, "Europe/Berlin"), Ok(Some(now)));
    }

    // R36: a node is moved, waits for others, and takes each of its words; what cannot be is said and changes nothing.
    #[test]
    fn r36_nodes_move_and_wait_for_each_other() {
        let (turned, at) = tree().edited(post(1), Edit::Up).unwrap();
        assert_eq!(
            (turned.branches[0].title.as_str(), at),
            ("Announce linen: woven", post(0))
        );
        let (moved, at) = tree().edited(task(0, 2), Edit::Down).unwrap();
        assert_eq!(
            (moved.branches[0].tasks[3].name.as_str(), at),
            ("image", task(0, 3))
        );
        assert_eq!(moved.wrongs(), [], "what waits for what is unchanged");
        let (free, _) = tree().edited(task(0, 3), Edit::After(2)).unwrap();
        assert_eq!(names(&free, 0)[3], "publish<text");
        let (bound, _) = free.edited(task(0, 3), Edit::After(2)).unwrap();
        assert_eq!(bound, tree());
        let (cycle, _) = tree().edited(task(0, 0), Edit::After(3)).unwrap();
        assert!(cycle.wrongs()[0].what.contains("cycle"));
        for (edit, told) in [
            (Edit::Up, "it stands first"),
            (Edit::After(0), "it cannot wait for itself"),
            (Edit::After(9), "there is no such task"),
        ] {
            assert_eq!(tree().edited(task(0, 0), edit).unwrap_err(), told);
        }
        let told = tree().edited(post(0), Edit::Wish("x".into())).unwrap_err();
        assert!(told.contains("one of its tasks"), "{told}");
        let due = Timestamp::from_micros(1_000_000);
        let mut edited = tree();
        for edit in [
            Edit::Priority(Priority::High),
            Edit::Campaign("drops".into()),
            Edit::Budget(Some(Usd::from_micros(5))),
            Edit::Due(Some(due)),
            Edit::Summary("it is back".into()),
        ] {
            edited = edited.edited(task(1, 0), edit).unwrap().0;
        }
        let branch = &edited.branches[1];
        assert_eq!(
            (branch.priority, branch.campaign.as_str()),
            (Priority::High, "drops")
        );
        assert_eq!(
            (branch.budget_usd_max, branch.due_at),
            (Some(Usd::from_micros(5)), Some(due))
        );
        assert_eq!(edited.campaigns(), ["drops"]);
        // As it is written in a file, and read again; a tree without these has the form, and the hash, it always had.
        let text = serde_json::to_string(&edited).unwrap();
        assert!(
            text.contains("\"due_at\":\"1970-01-01T00:00:01.000000Z\""),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Tree>(&text).unwrap(), edited);
        let plain = serde_json::to_string(&tree()).unwrap();
        for added in ["campaign", "budget", "due"] {
            assert!(!plain.contains(added), "{plain}");
        }
    }
}
