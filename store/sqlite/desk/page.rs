//! Pages: bounded, filtered by words, with the length of the whole list.

use chimera_domain::views::{PAGE_MAX, Page, PageRequest};
use rusqlite::{Row, params_from_iter, types::Value};

use super::super::db::{Db, Verb, count};

/// More words than this in a filter are not looked at.
const WORDS_MAX: usize = 8;

/// A list as SQL: which columns of which rows, what the filter looks through, and in what order.
pub(super) struct List<'a> {
    pub select: &'a str,
    pub from: &'a str,
    /// A condition over `args`, numbered from 1.
    pub only: &'a str,
    /// Lower-case text that a filter's words must all occur in.
    pub search: &'a str,
    pub order: &'a str,
    pub args: Vec<Value>,
}

impl List<'_> {
    /// The rows of one page.
    pub(super) fn page<T>(
        self,
        db: &Db<'_>,
        page: &PageRequest,
        map: impl FnMut(&Row<'_>) -> Verb<T>,
    ) -> Verb<Page<T>> {
        let mut args = self.args;
        let mut only = self.only.to_owned();
        let filter = page.filter.to_lowercase();
        for word in filter.split_whitespace().take(WORDS_MAX) {
            args.push(Value::Text(word.to_owned()));
            // `instr` and not LIKE: what a person types is never a pattern.
            only.push_str(&format!(" AND instr({}, ?{}) > 0", self.search, args.len()));
        }
        let total = db.number(
            &format!("SELECT count(*) FROM {} WHERE {only}", self.from),
            params_from_iter(args.iter()),
        )?;
        let n = args.len();
        args.push(Value::Integer(i64::from(page.limit.min(PAGE_MAX))));
        args.push(Value::Integer(i64::from(page.offset)));
        let rows = db.all(
            &format!(
                "SELECT {} FROM {} WHERE {only} ORDER BY {} LIMIT ?{} OFFSET ?{}",
                self.select,
                self.from,
                self.order,
                n + 1,
                n + 2
            ),
            params_from_iter(args.iter()),
            map,
        )?;
        Ok(Page {
            rows,
            total: count(total),
        })
    }
}
