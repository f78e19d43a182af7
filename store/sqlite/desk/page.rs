//! Pages: bounded, filtered, with the length of the whole list.

use chimera_domain::{
    filter::Filter,
    views::{PAGE_MAX, Page, PageRequest},
};
use rusqlite::{Row, params_from_iter, types::Value};

use super::{
    super::db::{Db, Fault, Verb, count},
    filter::{self, Field},
};

/// A list as SQL: which columns of which rows, what the filter looks through, and in what order.
pub(super) struct List<'a> {
    pub select: &'a str,
    pub from: &'a str,
    /// A condition over `args`, numbered from 1.
    pub only: &'a str,
    /// Lower-case text that a filter's words are looked for in.
    pub search: &'a str,
    /// What a filter can name besides.
    pub fields: &'a [Field],
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
        let wanted = Filter::parse(&page.filter);
        let names: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
        wanted.check(&names).map_err(Fault::refused)?;
        only.push_str(&filter::sql(&wanted, self.search, self.fields, &mut args));
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

/// A page of what is few enough to be made whole: the rows for which the filter holds. `field` gives the value of
/// one of these fields, and `text` what words are looked for in.
pub(super) fn window<T>(
    all: Vec<T>,
    page: &PageRequest,
    fields: &[&str],
    field: impl Fn(&T, &str) -> String,
    text: impl Fn(&T) -> String,
) -> Verb<Page<T>> {
    let wanted = Filter::parse(&page.filter);
    wanted.check(fields).map_err(Fault::refused)?;
    let holds = |row: &T| {
        let value = |name: &str| Some(field(row, name).to_lowercase());
        wanted.holds(&text(row).to_lowercase(), value)
    };
    let found: Vec<T> = all.into_iter().filter(holds).collect();
    let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    Ok(Page {
        total: u64::try_from(found.len()).unwrap_or(u64::MAX),
        rows: found
            .into_iter()
            .skip(size(page.offset))
            .take(size(page.limit.min(PAGE_MAX)))
            .collect(),
    })
}
