//! A forgiving reader of markup: whatever the bytes, it ends with a tree.
//!
//! It closes what was left open, ignores ends that match nothing, takes stray `<` and `&` for text, and never looks at
//! namespaces: names keep their prefix as written, in lower case. Recursion is avoided so that depth costs no stack.

use std::collections::BTreeSet;

use super::entity;
use super::tag::StartTag;

/// Elements below this depth become children of the element at it.
const DEPTH_MAX: usize = 200;
/// Elements after this many are ignored; the text that follows them is kept.
const NODES_MAX: usize = 400_000;

/// The longest declaration, in bytes.
const DECLARATION_MAX: usize = 16_384;

/// An element of the tree.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Lower case, with its prefix.
    pub(super) name: String,
    /// Decoded values, names in lower case with their prefix.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Child>,
}

#[derive(Debug)]
pub(super) enum Child {
    /// Index into [`Tree::elements`].
    Element(usize),
    Text(String),
}

/// All elements, the nameless root first.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) elements: Vec<Element>,
    /// The deepest nesting met in the document, before it was limited.
    pub(super) depth: usize,
}

impl Element {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or(&self.name)
    }

    /// An attribute by its local name.
    pub(super) fn attribute(&self, local: &str) -> Option<&str> {
        let found = self
            .attributes
            .iter()
            .find(|(name, _)| name.rsplit(':').next() == Some(local))?;
        Some(&found.1)
    }
}

struct Builder {
    tree: Tree,
    /// Indices of the open elements, the root first.
    open: Vec<usize>,
    /// Start tags met beyond the depth limit and not yet closed.
    buried: usize,
    /// End marks known not to occur any more. Without this memory, a document of nothing but beginnings would be
    /// searched to its end once for each of them.
    absent: BTreeSet<String>,
}

/// Reads `text` into a tree.
pub(super) fn read(text: &str) -> Tree {
    let mut builder = Builder {
        tree: Tree {
            elements: vec![Element::default()],
            depth: 0,
        },
        open: vec![0],
        buried: 0,
        absent: BTreeSet::new(),
    };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        builder.text(entity::decode(before));
        let length = builder.markup(from);
        if length == 0 {
            builder.text("<".to_owned());
        }
        rest = from.get(length.max(1)..).unwrap_or_default();
    }
    builder.text(entity::decode(rest));
    builder.tree
}

impl Builder {
    /// Consumes one piece of markup at the start of `from` and returns its length, 0 when it is text after all.
    fn markup(&mut self, from: &str) -> usize {
        if let Some(body) = from.strip_prefix("<![CDATA[") {
            let (content, length) = self.cdata(body);
            self.text(content.to_owned());
            return 9 + length;
        }
        if let Some(body) = from.strip_prefix("<!--") {
            return 4 + self.find(body, "-->").map_or(0, |end| end + 3);
        }
        if from.starts_with("<!") {
            return self.declaration(from);
        }
        if from.starts_with("<?") {
            return from.find('>').map_or(from.len(), |end| end + 1);
        }
        if let Some(body) = from.strip_prefix("</") {
            let Some(end) = body.find('>') else {
                return from.len();
            };
            self.close(&body.get(..end).unwrap_or_default().trim().to_lowercase());
            return end + 3;
        }
        let Some(tag) = StartTag::read(from) else {
            return 0;
        };
        let length = tag.length;
        self.open(tag);
        length
    }

    /// The content of a CDATA section and the bytes it takes. One that never ends, or that another begins inside, stops
    /// where its element ends.
    fn cdata<'a>(&mut self, body: &'a str) -> (&'a str, usize) {
        let proper = self.find(body, "]]>");
        if let Some(end) = proper {
            let content = body.get(..end).unwrap_or_default();
            if !content.contains("<![CDATA[") {
                return (content, end + 3);
            }
        }
        let open = self.open.last().and_then(|at| self.tree.elements.get(*at));
        let name = open.map(|element| element.name.clone()).unwrap_or_default();
        let end = self
            .find_close(body, &name)
            .or(proper)
            .unwrap_or(body.len());
        (
            body.get(..end).unwrap_or_default().trim_end_matches("]]"),
            end,
        )
    }

    /// The length of `<!DOCTYPE ...>` with an internal subset in brackets, or of any other declaration. Once one did not
    /// end where its brackets do, brackets mean nothing in this document.
    fn declaration(&mut self, from: &str) -> usize {
        const UNBALANCED: &str = "<![";
        if !self.absent.contains(UNBALANCED) {
            let mut brackets = 0_usize;
            for (at, byte) in from.bytes().enumerate().take(DECLARATION_MAX) {
                match byte {
                    b'[' => brackets += 1,
                    b']' => brackets = brackets.saturating_sub(1),
                    b'>' if brackets == 0 => return at + 1,
                    _ => {}
                }
            }
            self.absent.insert(UNBALANCED.to_owned());
        }
        from.find('>').map_or(from.len(), |end| end + 1)
    }

    fn find(&mut self, text: &str, mark: &str) -> Option<usize> {
        if self.absent.contains(mark) {
            return None;
        }
        let found = text.find(mark);
        if found.is_none() {
            self.absent.insert(mark.to_owned());
        }
        found
    }

    /// Where the end tag of `name` begins, written in any case.
    fn find_close(&mut self, text: &str, name: &str) -> Option<usize> {
        let mark = format!("</{name}");
        if name.is_empty() || self.absent.contains(&mark) {
            return None;
        }
        let found = text.match_indices("</").map(|(at, _)| at).find(|at| {
            let written = text.get(at + 2..at + 2 + name.len());
            written.is_some_and(|written| written.eq_ignore_ascii_case(name))
        });
        if found.is_none() {
            self.absent.insert(mark);
        }
        found
    }

    fn text(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        if let Some(parent) = self.parent() {
            parent.children.push(Child::Text(text));
        }
    }

    fn parent(&mut self) -> Option<&mut Element> {
        let at = *self.open.last()?;
        self.tree.elements.get_mut(at)
    }

    fn open(&mut self, tag: StartTag) {
        let local = tag.name.rsplit(':').next().unwrap_or_default();
        if matches!(local, "item" | "entry") {
            // Entries do not nest: an open one was never closed.
            if let Some(depth) = self.open.iter().position(|at| self.is(*at, local)) {
                self.open.truncate(depth);
                self.buried = 0;
            }
        }
        self.tree.depth = self.tree.depth.max(self.open.len() + self.buried);
        if self.open.len() > DEPTH_MAX || self.tree.elements.len() >= NODES_MAX {
            self.buried += usize::from(!tag.closed);
            return;
        }
        let at = self.tree.elements.len();
        self.tree.elements.push(Element {
            name: tag.name,
            attributes: tag.attributes,
            children: Vec::new(),
        });
        if let Some(parent) = self.parent() {
            parent.children.push(Child::Element(at));
        }
        if !tag.closed {
            self.open.push(at);
        }
    }

    fn is(&self, at: usize, local: &str) -> bool {
        self.tree
            .elements
            .get(at)
            .is_some_and(|element| element.local() == local)
    }

    /// Closes the nearest open element of that name. A body element cannot close an entry around it by accident:
    /// the search stops at the entry unless the entry itself, or what holds it, is meant.
    fn close(&mut self, name: &str) {
        if self.buried > 0 {
            self.buried -= 1;
            return;
        }
        let names = |at: &usize| {
            self.tree
                .elements
                .get(*at)
                .map(|element| element.name.as_str())
        };
        let Some(depth) = self
            .open
            .iter()
            .skip(1)
            .rposition(|at| names(at) == Some(name))
        else {
            return;
        };
        let outer = matches!(
            name.rsplit(':').next(),
            Some("rss" | "rdf" | "channel" | "feed" | "item" | "entry")
        );
        let entry = self
            .open
            .iter()
            .rposition(|at| self.is(*at, "item") || self.is(*at, "entry"));
        if outer || entry.is_none_or(|entry| depth + 1 > entry) {
            self.open.truncate(depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a failed index is a failed test")]
    use super::*;

    fn shape(text: &str) -> String {
        fn write(tree: &Tree, at: usize, out: &mut String) {
            for child in &tree.elements[at].children {
                match child {
                    Child::Text(text) => out.push_str(text.trim()),
                    Child::Element(child) => {
                        out.push_str(&format!("({} ", tree.elements[*child].name));
                        write(tree, *child, out);
                        out.push(')');
                    }
                }
            }
        }
        let tree = read(text);
        let mut out = String::new();
        write(&tree, 0, &mut out);
        out
    }

    /// R28: every way of breaking markup still gives the tree its author meant.
    #[test]
    fn broken_markup_becomes_a_tree() {
        assert_eq!(shape("<a><b>x</a>"), "(a (b x))");
        assert_eq!(shape("<a>1 < 2 & 3</a></z>"), "(a 1<2 & 3)");
        assert_eq!(
            shape("<r><item>1<item>2</item></r>"),
            "(r (item 1)(item 2))"
        );
        assert_eq!(shape("<t><![CDATA[a<b]]></t>"), "(t a<b)");
        assert_eq!(shape("<t><![CDATA[a</t><u>v</u>"), "(t a)(u v)");
        assert_eq!(shape("<!DOCTYPE r [<!ENTITY x 'y'>]><r/>"), "(r )");
        assert_eq!(shape("<a href='x><b>y</b>"), "(a (b y))");
        assert_eq!(shape("<item><p>x</channel></item>"), "(item (p x))");
    }

    /// Depth and size are bounded: a document of nothing but start tags ends, and says how deep it was.
    #[test]
    fn nesting_is_bounded() {
        let tree = read(&"<a>".repeat(100_000));
        assert!(tree.elements.len() <= DEPTH_MAX + 2);
        assert_eq!(tree.depth, 100_000);
    }
}
