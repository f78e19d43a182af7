//! Pages: bounded, filtered, with the length of the whole list.

use chimera_domain::{
    filter::Filter,
    views::{By, IDS_MAX, PAGE_MAX, Page, PageRequest},
};
use rusqlite::{Row, params_from_iter, types::Value};

use super::{
    super::db::{Counted, Db, Fault, Verb, count},
    filter::{self, Field},
};

/// An order of a list as SQL: along an index, from either end.
pub(super) struct Walk {
    by: By,
    along: &'static str,
    /// From the other end; nothing where there is no such way.
    back: Option<&'static str>,
}

/// An order with two ends.
pub(super) const fn both(by: By, along: &'static str, back: &'static str) -> Walk {
    Walk {
        by,
        along,
        back: Some(back),
    }
}

/// An order with one.
pub(super) const fn one(by: By, along: &'static str) -> Walk {
    Walk {
        by,
        along,
        back: None,
    }
}

/// Where a list has the ids of its rows.
#[derive(Clone, Copy)]
pub(super) enum Ids {
    /// A column of bytes, that are shown as hexadecimal digits after what kind of thing it is.
    Bytes(&'static str),
    /// A column of numbers.
    Numbers(&'static str),
}

impl Ids {
    /// The condition that an id is one of these, which are value `n`.
    fn among(self, n: usize) -> String {
        match self {
            Self::Bytes(column) => {
                format!(" AND {column} IN (SELECT unhex(value) FROM json_each(?{n}))")
            }
            Self::Numbers(column) => {
                format!(" AND {column} IN (SELECT CAST(value AS INTEGER) FROM json_each(?{n}))")
            }
        }
    }

    /// An id as SQL takes it: the digits.
    fn digits(id: &str) -> &str {
        id.rsplit_once(['_', ':']).map_or(id, |(_, digits)| digits)
    }
}

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
    /// Its own order first.
    pub orders: &'a [Walk],
    pub ids: Ids,
    pub whole: Whole<'a>,
    pub args: Vec<Value>,
}

/// How long the list is without a filter.
pub(super) enum Whole<'a> {
    /// As many as are found.
    Found,
    /// As many as are kept count of, in these states, or in all.
    Kept(Counted, &'a [&'a str]),
    KeptAll(Counted),
    /// As many as this finds: what is joined for its columns alone is not counted.
    Of(&'a str),
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
        if !page.only.is_empty() {
            bounded(page)?;
            let digits: Vec<&str> = page.only.iter().map(|id| Ids::digits(id)).collect();
            args.push(Value::Text(serde_json::json!(digits).to_string()));
            only.push_str(&self.ids.among(args.len()));
        }
        let order = ordered(self.orders, page)?;
        let found = || {
            let sql = format!("SELECT count(*) FROM {} WHERE {only}", self.from);
            db.number(&sql, params_from_iter(args.iter()))
        };
        let all = wanted.is_empty() && page.only.is_empty();
        let total = match self.whole {
            Whole::Kept(kind, states) if all => db.census(kind, states)?,
            Whole::KeptAll(kind) if all => db.census_all(kind)?,
            Whole::Of(sql) if all => db.number(sql, [])?,
            Whole::Found | Whole::Kept(..) | Whole::KeptAll(_) | Whole::Of(_) => found()?,
        };
        let n = args.len();
        args.push(Value::Integer(i64::from(page.limit.min(PAGE_MAX))));
        args.push(Value::Integer(i64::from(page.offset)));
        let rows = db.all(
            &format!(
                "SELECT {} FROM {} WHERE {only} ORDER BY {} LIMIT ?{} OFFSET ?{}",
                self.select,
                self.from,
                order,
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

/// The way that was asked for, or with what there is a refusal.
fn ordered(walks: &[Walk], page: &PageRequest) -> Verb<&'static str> {
    let names = walks.iter().map(|walk| (walk.by, walk.back.is_some()));
    let names: Vec<(By, bool)> = names.collect();
    let place = place_of(&names, page)?;
    let walk = walks.get(place);
    let turned = page.order.is_some_and(|order| order.turned);
    let way = walk.and_then(|walk| if turned { walk.back } else { Some(walk.along) });
    way.ok_or_else(|| Fault::refused("this list has no order"))
}

/// Which of the orders of a list was asked for; each with whether it can be turned round.
pub(super) fn place_of(orders: &[(By, bool)], page: &PageRequest) -> Verb<usize> {
    let Some(wanted) = page.order else {
        return Ok(0);
    };
    let place = orders
        .iter()
        .position(|(by, turns)| *by == wanted.by && (*turns || !wanted.turned));
    place.ok_or_else(|| {
        let all = orders.iter().flat_map(|(by, turns)| {
            let back = turns.then(|| format!("-{by}"));
            std::iter::once(by.to_string()).chain(back)
        });
        let all: Vec<String> = all.collect();
        let all = if all.is_empty() {
            "it has one".to_owned()
        } else {
            all.join(", ")
        };
        Fault::refused(format!("no order `{wanted}` here: {all}"))
    })
}

fn bounded(page: &PageRequest) -> Verb<()> {
    if page.only.len() > IDS_MAX {
        let told = format!("at most {IDS_MAX} rows are asked for by their ids");
        return Err(Fault::refused(told));
    }
    Ok(())
}

/// A page of what is few enough to be made whole: the rows for which the filter holds. `field` gives the value of
/// one of these fields, `text` what words are looked for in, and `id` what a row is asked for by.
pub(super) fn window<T>(
    all: Vec<T>,
    page: &PageRequest,
    fields: &[&str],
    field: impl Fn(&T, &str) -> String,
    text: impl Fn(&T) -> String,
    id: impl Fn(&T) -> String,
) -> Verb<Page<T>> {
    let wanted = Filter::parse(&page.filter);
    wanted.check(fields).map_err(Fault::refused)?;
    bounded(page)?;
    let is_wanted = |row: &T| page.only.is_empty() || page.only.contains(&id(row));
    let holds = |row: &T| {
        let value = |name: &str| Some(field(row, name).to_lowercase());
        wanted.holds(&text(row).to_lowercase(), value)
    };
    let found: Vec<T> = all
        .into_iter()
        .filter(|row| is_wanted(row) && holds(row))
        .collect();
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
