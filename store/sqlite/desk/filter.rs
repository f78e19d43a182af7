//! A filter as SQL: what a person types is always a bound value, never a part of the statement.

use chimera_domain::filter::{Filter, Term};
use rusqlite::types::Value;

/// What a filter can name of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub name: &'static str,
    /// The text that is looked through.
    text: &'static str,
    /// Where the text is of another table: what is before and after the condition on it.
    around: (&'static str, &'static str),
}

/// A field that stands in the row itself.
pub(super) const fn field(name: &'static str, text: &'static str) -> Field {
    Field {
        name,
        text,
        around: ("", ""),
    }
}

/// The campaign a row belongs to, by name: looked up once a list and not once a row.
macro_rules! campaign {
    ($id:literal) => {
        elsewhere(
            "campaign",
            "name",
            concat!($id, " IN (SELECT campaign_id FROM campaigns WHERE "),
            ")",
        )
    };
}
pub(super) use campaign;

/// The agent whose campaign a row belongs to, by its persona, and under that name too.
macro_rules! agent {
    ($name:literal, $id:literal) => {
        elsewhere(
            $name,
            "slug",
            concat!(
                $id,
                " IN (SELECT campaign_id FROM campaigns WHERE agent_id IN (SELECT agent_id FROM agents WHERE "
            ),
            "))",
        )
    };
}
pub(super) use agent;

/// A field of another table, with what stands before and after the condition on it.
pub(super) const fn elsewhere(
    name: &'static str,
    text: &'static str,
    before: &'static str,
    after: &'static str,
) -> Field {
    Field {
        name,
        text,
        around: (before, after),
    }
}

/// The condition, to be put behind another one; its values are added to `args`. Fields that are not among
/// `fields` hold for no row: the caller has refused them.
pub(super) fn sql(
    wanted: &Filter,
    search: &str,
    fields: &[Field],
    args: &mut Vec<Value>,
) -> String {
    let mut out = String::new();
    for group in &wanted.all {
        let terms: Vec<String> = group
            .iter()
            .map(|term| condition(term, search, fields, args))
            .collect();
        out.push_str(&format!(" AND ({})", terms.join(" OR ")));
    }
    out
}

fn condition(term: &Term, search: &str, fields: &[Field], args: &mut Vec<Value>) -> String {
    let field = term.field.as_deref();
    let field = field.map(|name| fields.iter().find(|field| field.name == name));
    let found = match field {
        None => finds(search, term, args),
        Some(Some(field)) => {
            let (before, after) = field.around;
            // What is not there is no text, so that a negation finds it.
            let text = format!("lower(coalesce({}, ''))", field.text);
            format!("{before}{}{after}", finds(&text, term, args))
        }
        Some(None) => "0".to_owned(),
    };
    if term.not {
        format!("NOT ({found})")
    } else {
        found
    }
}

fn finds(text: &str, term: &Term, args: &mut Vec<Value>) -> String {
    if term.fuzzy {
        let mut pattern = String::from("%");
        for c in term.text.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.extend([c, '%']);
        }
        args.push(Value::Text(pattern));
        format!("{text} LIKE ?{} ESCAPE '\\'", args.len())
    } else {
        args.push(Value::Text(term.text.clone()));
        // `instr` and not LIKE: what a person types is never a pattern.
        format!("instr({text}, ?{}) > 0", args.len())
    }
}
