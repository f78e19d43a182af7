//! The repair step: from the tree of a damaged or unusual feed to a clean Atom document that the strict parser takes.
//!
//! Only what a reader of entries needs survives. The dialect is reported as it was, not as it is written here.

use std::collections::BTreeSet;

use super::entity::escape;
use super::soup::{Child, Element, Tree};

/// A clean document and what it was made from.
pub(super) struct Rebuilt {
    /// Atom 1.0.
    pub(super) xml: String,
    /// The dialect of the original: `rss2`, `rss1`, `rss0` or `atom`.
    pub(super) format: &'static str,
}

/// The dialect that the root of the tree shows; `None` when this is no feed.
pub(super) fn dialect(tree: &Tree) -> Option<&'static str> {
    let root = tree.elements.iter().find(|element| {
        matches!(
            element.local(),
            "rss" | "rdf" | "feed" | "channel" | "entry" | "item"
        )
    })?;
    Some(match root.local() {
        "feed" | "entry" => "atom",
        "rdf" => "rss1",
        "rss" => match root.attribute("version").map(str::trim) {
            Some(version) if version.starts_with("0.") => "rss0",
            Some(version) if version.starts_with("1.") => "rss1",
            _ => "rss2",
        },
        _ => "rss2",
    })
}

/// The indices of the entries, in document order. A prefixed name counts when its prefix is bound to a feed namespace,
/// or is a usual one that nobody bound.
pub(super) fn entries(tree: &Tree) -> Vec<usize> {
    let prefixes = feed_prefixes(tree);
    let is_entry = |element: &Element| match element.name.split_once(':') {
        None => matches!(element.name.as_str(), "item" | "entry"),
        Some((prefix, local)) => matches!(local, "item" | "entry") && prefixes.contains(prefix),
    };
    (0..tree.elements.len())
        .filter(|at| tree.elements.get(*at).is_some_and(is_entry))
        .collect()
}

fn feed_prefixes(tree: &Tree) -> BTreeSet<&str> {
    const SPACES: [&str; 7] = [
        "www.w3.org/2005/atom",
        "purl.org/atom/",
        "purl.org/rss/",
        "purl.org/net/rss",
        "netscape.com/rdf/simple",
        "backend.userland.com/rss",
        "blogs.law.harvard.edu/tech/rss",
    ];
    let mut prefixes = BTreeSet::from(["rss", "atom", "atom03", "atom10"]);
    for (name, value) in tree.elements.iter().flat_map(|element| &element.attributes) {
        if let Some(prefix) = name.strip_prefix("xmlns:") {
            let space = value.to_ascii_lowercase();
            if SPACES.iter().any(|known| space.contains(known)) {
                prefixes.insert(prefix);
            } else {
                prefixes.remove(prefix);
            }
        }
    }
    prefixes
}

/// Writes the tree as Atom; `None` when nothing in it is a feed.
pub(super) fn rebuild(tree: &Tree) -> Option<Rebuilt> {
    let format = dialect(tree)?;
    let mut xml = String::from("<feed xmlns=\"http://www.w3.org/2005/Atom\">");
    if let Some(head) = tree
        .elements
        .iter()
        .find(|element| matches!(element.local(), "channel" | "feed"))
    {
        write_fields(tree, head, &mut xml);
        if let Some(language) =
            text_of(tree, head, &["language"]).or(head.attribute("lang").map(str::to_owned))
        {
            xml.push_str(&format!("<language>{}</language>", escape(language.trim())));
        }
    }
    for entry in entries(tree)
        .into_iter()
        .filter_map(|at| tree.elements.get(at))
    {
        xml.push_str("<entry>");
        write_fields(tree, entry, &mut xml);
        xml.push_str("</entry>");
    }
    xml.push_str("</feed>");
    Some(Rebuilt { xml, format })
}

fn write_fields(tree: &Tree, element: &Element, xml: &mut String) {
    let simple: [(&str, &[&str]); 3] = [
        ("id", &["guid", "id", "identifier"]),
        (
            "published",
            &["pubdate", "published", "issued", "date", "created"],
        ),
        ("updated", &["updated", "modified", "lastbuilddate"]),
    ];
    for (name, sources) in simple {
        if let Some(text) = text_of(tree, element, sources).filter(|text| !text.trim().is_empty()) {
            xml.push_str(&format!("<{name}>{}</{name}>", escape(text.trim())));
        }
    }
    let markup: [(&str, &[&str]); 3] = [
        ("title", &["title"]),
        (
            "summary",
            &["description", "summary", "subtitle", "tagline"],
        ),
        ("content", &["encoded", "content", "body"]),
    ];
    for (name, sources) in markup {
        if let Some(text) = text_of(tree, element, sources).filter(|text| !text.trim().is_empty()) {
            xml.push_str(&format!(
                "<{name} type=\"html\">{}</{name}>",
                escape(text.trim())
            ));
        }
    }
    if let Some(link) = link_of(tree, element) {
        xml.push_str(&format!("<link href=\"{}\"/>", escape(link.trim())));
    }
    for child in children(tree, element) {
        match child.local() {
            "author" | "creator" => {
                let name =
                    text_of(tree, child, &["name"]).unwrap_or_else(|| markup_of(tree, child));
                if !name.trim().is_empty() {
                    xml.push_str(&format!(
                        "<author><name>{}</name></author>",
                        escape(name.trim())
                    ));
                }
            }
            "category" | "subject" => {
                let term = child
                    .attribute("term")
                    .map_or_else(|| markup_of(tree, child), str::to_owned);
                if !term.trim().is_empty() {
                    xml.push_str(&format!("<category term=\"{}\"/>", escape(term.trim())));
                }
            }
            _ => {}
        }
    }
}

fn children<'a>(tree: &'a Tree, element: &'a Element) -> impl Iterator<Item = &'a Element> {
    element.children.iter().filter_map(|child| match child {
        Child::Element(at) => tree.elements.get(*at),
        Child::Text(_) => None,
    })
}

/// The inner markup of the first child with one of the names, names tried in order; media and iTunes variants of a name
/// come last, since they repeat or shorten the real one.
fn text_of(tree: &Tree, element: &Element, names: &[&str]) -> Option<String> {
    let side = |name: &str| name.starts_with("media:") || name.starts_with("itunes:");
    for name in names {
        let found = children(tree, element)
            .filter(|child| child.local() == *name)
            .collect::<Vec<_>>();
        let best = found
            .iter()
            .find(|child| !side(&child.name))
            .or(found.first());
        if let Some(child) = best {
            return Some(markup_of(tree, child));
        }
    }
    None
}

/// Atom: the alternate link, else any. RSS: the text of `link`. Failing both, a permanent guid or `rdf:about`.
fn link_of(tree: &Tree, element: &Element) -> Option<String> {
    let links: Vec<&Element> = children(tree, element)
        .filter(|child| child.local() == "link")
        .collect();
    let href = |link: &&Element| {
        link.attribute("href")
            .filter(|href| !href.trim().is_empty())
            .map(str::to_owned)
    };
    let rel = |link: &&&Element| link.attribute("rel").is_none_or(|rel| rel == "alternate");
    let text = |link: &&Element| Some(markup_of(tree, link)).filter(|text| !text.trim().is_empty());
    links
        .iter()
        .find(|link| !link.name.contains(':') && text(link).is_some())
        .and_then(text)
        .or_else(|| links.iter().filter(rel).find_map(href))
        .or_else(|| links.iter().find_map(href))
        .or_else(|| {
            text_of(tree, element, &["guid"]).filter(|guid| guid.trim().starts_with("http"))
        })
        .or_else(|| element.attribute("about").map(str::to_owned))
}

/// Everything inside an element as markup. Only names matter to the reader, so attributes are not written again.
fn markup_of(tree: &Tree, element: &Element) -> String {
    enum Step<'a> {
        Child(&'a Child),
        End(&'a str),
    }
    let mut out = String::new();
    let mut stack: Vec<Step<'_>> = element.children.iter().rev().map(Step::Child).collect();
    while let Some(step) = stack.pop() {
        match step {
            Step::Child(Child::Text(text)) => out.push_str(text),
            Step::Child(Child::Element(at)) => {
                let Some(inner) = tree.elements.get(*at) else {
                    continue;
                };
                out.push_str(&format!("<{}>", inner.name));
                stack.push(Step::End(&inner.name));
                stack.extend(inner.children.iter().rev().map(Step::Child));
            }
            Step::End(name) => out.push_str(&format!("</{name}>")),
        }
    }
    out
}
