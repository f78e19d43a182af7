//! A list is a window over a query; its cursor and its place on screen are ids, not row numbers.

use chimera_domain::{
    Safe,
    views::{Order, PAGE_MAX, Page, PageRequest},
};

pub(crate) use super::rows::Row;
use super::{
    marked::Marked,
    record::{Record, Recorded},
};

/// A list of any rows: what all panes have in common.
pub(crate) trait AnyList {
    fn filter(&self) -> &str;
    fn set_filter(&mut self, filter: &str);
    /// Its order, where it is not its own.
    fn order(&self) -> Option<Order>;
    fn set_order(&mut self, order: Option<Order>);
    /// Lets the next answer put everything in order.
    fn put_in_order(&mut self);
    fn marked(&self) -> &Marked;
    fn marked_mut(&mut self) -> &mut Marked;
    /// The ids of the rows at hand.
    fn ids(&self) -> Vec<String>;
    /// The ids from where a range begins to the cursor, where both are at hand.
    fn range(&self) -> Option<Vec<String>>;
    /// Whether the rows at hand are all there are.
    fn is_whole(&self) -> bool;
    fn fetch(&self) -> &Fetch;
    /// The question it is read with.
    fn request(&self) -> PageRequest;
    fn selected_id(&self) -> Option<String>;
    /// The id under the cursor, unless it is the first row: there the cursor is anyway.
    fn kept_id(&self) -> Option<String>;
    /// Puts the cursor on a row by its id when the rows are read next.
    fn seek(&mut self, id: &str);
    fn selected_record(&self) -> Option<Record>;
    /// The rows at hand.
    fn records(&self) -> Vec<Record>;
    /// Moves the cursor by rows. `true` when another window must be read for it.
    fn step(&mut self, by: i64) -> bool;
    /// Whether it is frozen now.
    fn toggle_frozen(&mut self) -> bool;
    fn show(&mut self, height: usize);
    /// Puts the cursor on a line of the screen, where there is a row.
    fn point(&mut self, line: usize);
}

impl<R: Row> AnyList for List<R> {
    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            self.filter = filter.to_owned();
            self.offset = 0;
            self.refill = true;
        }
    }

    fn order(&self) -> Option<Order> {
        self.order
    }

    fn set_order(&mut self, order: Option<Order>) {
        self.order = order;
        self.offset = 0;
        self.refill = true;
        self.reorder = true;
    }

    fn put_in_order(&mut self) {
        self.reorder = true;
    }

    fn marked(&self) -> &Marked {
        &self.marked
    }

    fn marked_mut(&mut self) -> &mut Marked {
        &mut self.marked
    }

    fn ids(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.id().to_string()).collect()
    }

    fn range(&self) -> Option<Vec<String>> {
        let from = self.marked.from.as_ref()?;
        let ids = self.ids();
        let (one, other) = (ids.iter().position(|id| id == from)?, self.index()?);
        let between = one.min(other)..one.max(other) + 1;
        Some(ids.get(between)?.to_vec())
    }

    fn is_whole(&self) -> bool {
        self.offset == 0 && u64::try_from(self.rows.len()).is_ok_and(|n| n >= self.total)
    }

    fn fetch(&self) -> &Fetch {
        &self.fetch
    }

    fn request(&self) -> PageRequest {
        PageRequest {
            filter: self.filter.clone(),
            order: self.order,
            offset: self.offset,
            ..PageRequest::first(PAGE_MAX)
        }
    }

    fn selected_id(&self) -> Option<String> {
        self.selected.map(|id| id.to_string())
    }

    fn kept_id(&self) -> Option<String> {
        let is_first = self.place().is_some_and(|place| place == 1);
        let here = self.selected_id().filter(|_| !is_first);
        self.sought.clone().or(here)
    }

    fn seek(&mut self, id: &str) {
        self.sought = Some(id.to_owned());
    }

    fn selected_record(&self) -> Option<Record> {
        self.row().map(Recorded::record)
    }

    fn records(&self) -> Vec<Record> {
        self.rows.iter().map(Recorded::record).collect()
    }

    fn step(&mut self, by: i64) -> bool {
        let Some(place) = self.place() else {
            if let Some(first) = self.rows.first().map(Row::id) {
                self.select(first);
            }
            return false;
        };
        let last = self.whole().saturating_sub(1);
        let target = (place - 1).saturating_add_signed(by).min(last);
        self.go(target)
    }

    fn point(&mut self, line: usize) {
        if let Some(id) = self.rows.get(self.top + line).map(Row::id) {
            self.select(id);
        }
    }

    fn toggle_frozen(&mut self) -> bool {
        self.frozen = !self.frozen;
        self.frozen
    }

    /// Scrolls so that the cursor is among `height` visible rows: half a page at the edge, because
    /// line by line a slow link would redraw the whole list for every key.
    fn show(&mut self, height: usize) {
        let Some(index) = self.index() else {
            self.top = 0;
            return;
        };
        if height == 0 {
            return;
        }
        let last = self.rows.len().saturating_sub(height);
        if self.height != height {
            // Another window: fill it. In the same one nothing moves by itself, even when rows
            // that came in above could now be shown.
            self.height = height;
            self.top = self.top.min(last);
        }
        if index < self.top {
            self.top = (index + 1).saturating_sub(height.div_ceil(2));
        } else if index >= self.top + height {
            self.top = index.saturating_sub(height / 2).min(last);
        }
        self.top = self.top.min(index);
    }
}

/// Whether the rows are what the store has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Fetch {
    #[default]
    Never,
    Read,
    Failed(Safe),
}

/// How new rows come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge<'a, I> {
    /// In the store's order; the cursor keeps its row and its line on screen.
    Store,
    /// What is shown stays where it is, these ids even when they are gone; what is new comes last.
    Stable(&'a [I]),
}

#[derive(Debug)]
pub(crate) struct List<R: Row> {
    pub(crate) rows: Vec<R>,
    pub(crate) total: u64,
    pub(crate) filter: String,
    /// Its order, where a person chose another than its own.
    pub(crate) order: Option<Order>,
    pub(crate) marked: Marked,
    pub(crate) selected: Option<R::Id>,
    /// The first visible row.
    pub(crate) top: usize,
    /// How many rows were visible when it was last shown.
    height: usize,
    pub(crate) fetch: Fetch,
    pub(crate) frozen: bool,
    /// Rows that came and were not looked at.
    pub(crate) fresh: usize,
    offset: u32,
    /// The question the rows answer.
    answered: Option<PageRequest>,
    /// The row, counted over the whole list, that gets the cursor when its window is read.
    wanted: Option<u64>,
    /// The row that gets the cursor when it is among those read next.
    sought: Option<String>,
    /// The next answer is another list: its window is filled anew.
    refill: bool,
    /// The next answer replaces everything.
    pub(crate) reorder: bool,
}

impl<R: Row> Default for List<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            total: 0,
            filter: String::new(),
            order: None,
            marked: Marked::default(),
            selected: None,
            top: 0,
            height: 0,
            fetch: Fetch::Never,
            frozen: false,
            fresh: 0,
            offset: 0,
            answered: None,
            wanted: None,
            sought: None,
            refill: false,
            reorder: false,
        }
    }
}

impl<R: Row> List<R> {
    pub(crate) fn index(&self) -> Option<usize> {
        let id = self.selected?;
        self.rows.iter().position(|r| r.id() == id)
    }

    pub(crate) fn row(&self) -> Option<&R> {
        self.index().and_then(|i| self.rows.get(i))
    }

    /// The place of the cursor in the whole list, from 1.
    pub(crate) fn place(&self) -> Option<u64> {
        let index = u64::try_from(self.index()?).ok()?;
        Some(u64::from(self.offset) + index + 1)
    }

    pub(crate) fn select(&mut self, id: R::Id) {
        self.selected = Some(id);
        self.fresh = 0;
    }

    /// Puts the cursor on a row counted over the whole list.
    pub(crate) fn go(&mut self, target: u64) -> bool {
        let target = target.min(self.whole().saturating_sub(1));
        let inside = target
            .checked_sub(u64::from(self.offset))
            .and_then(|i| usize::try_from(i).ok())
            .and_then(|i| self.rows.get(i))
            .map(Row::id);
        if let Some(id) = inside {
            self.select(id);
            return false;
        }
        if self.rows.is_empty() {
            return false;
        }
        self.wanted = Some(target);
        let before = target.saturating_sub(u64::from(PAGE_MAX / 2));
        self.offset = u32::try_from(before).unwrap_or(u32::MAX);
        true
    }

    fn whole(&self) -> u64 {
        let here = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        self.total.max(u64::from(self.offset).saturating_add(here))
    }

    /// Takes an answer in. `true` when the row under the cursor is not the one it was.
    pub(crate) fn take(
        &mut self,
        asked: &PageRequest,
        answer: Result<Page<R>, Safe>,
        merge: Merge<'_, R::Id>,
        following: bool,
    ) -> bool {
        if *asked != self.request() {
            return false; // the question changed meanwhile; its answer is under way
        }
        let page = match answer {
            Ok(page) => page,
            Err(why) => {
                self.fetch = Fetch::Failed(why);
                let other = |before: &PageRequest| {
                    (&before.filter, before.order) != (&asked.filter, asked.order)
                };
                if self.answered.as_ref().is_some_and(other) {
                    // The rows answer another question, and would be read as the answer to this one.
                    self.rows.clear();
                    self.total = 0;
                    self.answered = None;
                }
                return false;
            }
        };
        self.fetch = Fetch::Read;
        let same_question = self.answered.as_ref() == Some(asked) && !self.reorder;
        let new = page
            .rows
            .iter()
            .filter(|r| self.rows.iter().all(|old| old.id() != r.id()))
            .count();
        if same_question && self.frozen && self.wanted.is_none() {
            self.fresh = self.fresh.max(new);
            return false;
        }
        if same_question && !self.rows.is_empty() && !following {
            self.fresh = (self.fresh + new).min(page.rows.len());
        } else {
            self.fresh = 0;
        }
        self.reorder = false;
        self.answered = Some(asked.clone());
        self.total = page.total;
        let old = std::mem::take(&mut self.rows);
        self.rows = match merge {
            Merge::Stable(keep) if same_question => stable(&old, page.rows, keep),
            Merge::Stable(_) | Merge::Store => page.rows,
        };
        let moved = self.place_cursor(&old, following);
        if std::mem::take(&mut self.refill) {
            self.top = 0;
        }
        moved
    }

    fn place_cursor(&mut self, old: &[R], following: bool) -> bool {
        let before = self.selected;
        let sought = self.sought.take();
        let found = sought.and_then(|sought| {
            let mut ids = self.rows.iter().map(Row::id);
            ids.find(|id| id.to_string() == sought)
        });
        if found.is_some() {
            self.selected = found;
            return self.selected != before;
        }
        if let Some(wanted) = self.wanted.take() {
            self.top = 0;
            self.go(wanted);
            return self.selected != before;
        }
        let was = before.and_then(|id| old.iter().position(|r| r.id() == id));
        let line = was.unwrap_or(0).saturating_sub(self.top);
        let at_start = self.top == 0 && was.unwrap_or(0) == 0;
        let is_there = |id: R::Id| self.rows.iter().any(|r| r.id() == id);
        let first = self.rows.first().map(Row::id);
        self.selected = match (before, was) {
            (Some(_), _) if following && at_start => first,
            (Some(id), _) if is_there(id) => Some(id),
            // The row is gone: its nearest neighbour in the order that was on screen.
            (_, Some(was)) => old[was..]
                .iter()
                .chain(old[..was].iter().rev())
                .map(Row::id)
                .find(|id| is_there(*id))
                .or(first),
            (_, None) => first,
        };
        if let Some(index) = self.index() {
            self.top = index.saturating_sub(line);
        }
        self.selected != before
    }
}

fn stable<R: Row>(old: &[R], new: Vec<R>, keep: &[R::Id]) -> Vec<R> {
    let mut rows: Vec<R> = old
        .iter()
        .filter_map(|row| {
            new.iter()
                .find(|n| n.id() == row.id())
                .or_else(|| keep.contains(&row.id()).then_some(row))
                .cloned()
        })
        .collect();
    for row in new {
        if rows.iter().all(|r| r.id() != row.id()) {
            rows.push(row);
        }
    }
    rows
}
