//! Markup to plain text: what a reader would see of a title or a summary.

use super::entity;
use crate::wire::clean;

/// Elements whose content is not text for a reader.
const SILENT: &[&str] = &[
    "script", "style", "iframe", "noscript", "template", "svg", "object", "head", "textarea",
];
/// Elements that a sentence runs through without a break.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u",
    "var", "wbr",
];
/// Elements that make a break. Names that are in none of the lists are taken for text, as in `Vec<T>`.
const BREAKING: &[&str] = &[
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "base",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "html",
    "img",
    "input",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "math",
    "menu",
    "meta",
    "meter",
    "nav",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "param",
    "picture",
    "pre",
    "progress",
    "rp",
    "rt",
    "ruby",
    "section",
    "select",
    "source",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "ul",
    "video",
];

/// Plain text of `markup` in one line of at most `max` graphemes.
pub(super) fn text(markup: &str, max: usize) -> String {
    clean::line(&entity::decode(&strip(markup)), max)
}

fn strip(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = match tag(from) {
            Some(Tag {
                name,
                length,
                opens,
            }) => {
                let after = from.get(length..).unwrap_or_default();
                if !INLINE.contains(&name.as_str()) {
                    out.push(' ');
                }
                if opens && SILENT.contains(&name.as_str()) {
                    past_end(after, &name)
                } else {
                    after
                }
            }
            None => {
                out.push('<');
                from.get(1..).unwrap_or_default()
            }
        };
    }
    out.push_str(rest);
    out
}

struct Tag {
    name: String,
    length: usize,
    opens: bool,
}

/// The tag, comment or declaration that `from` (which begins with `<`) starts with.
fn tag(from: &str) -> Option<Tag> {
    let hidden = |length| {
        Some(Tag {
            name: String::new(),
            length,
            opens: false,
        })
    };
    if let Some(comment) = from.strip_prefix("<!--") {
        return hidden(comment.find("-->").map_or(from.len(), |end| end + 7));
    }
    if from.starts_with("<!") || from.starts_with("<?") {
        return hidden(from.find('>').map_or(from.len(), |end| end + 1));
    }
    let inner = from.get(1..)?;
    let closes = inner.starts_with('/');
    let named = inner.strip_prefix('/').unwrap_or(inner);
    let length = named
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_')))
        .unwrap_or(named.len());
    let name = named.get(..length)?.to_ascii_lowercase();
    let foreign = name.contains(':')
        || (name.contains('-') && name.starts_with(|c: char| c.is_ascii_alphabetic()));
    let known = [SILENT, INLINE, BREAKING]
        .iter()
        .any(|list| list.contains(&name.as_str()));
    if !foreign && !known {
        return None;
    }
    Some(Tag {
        name,
        length: tag_end(from),
        opens: !closes,
    })
}

/// Where the tag ends: the first `>` outside quotes, else the first `>` at all, else the end of the text.
fn tag_end(from: &str) -> usize {
    let mut quote = None;
    for (at, byte) in from.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            (None, b'>') => return at + 1,
            _ => {}
        }
    }
    from.find('>').map_or(from.len(), |end| end + 1)
}

/// What follows the end tag of a silent element. A missing end tag hides the rest, as it does in a browser.
fn past_end<'a>(after: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = after.get(from..).and_then(|rest| rest.find("</")) {
        let start = from + at;
        let end = after.get(start + 2..start + 2 + name.len());
        if end.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            let tail = after.get(start..).unwrap_or_default();
            return tail.get(tag_end(tail)..).unwrap_or_default();
        }
        from = start + 2;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markup: &str, expected: &str) {
        assert_eq!(text(markup, 200), expected);
    }

    /// A reader's text remains: no markup, no scripts, decoded once, and mathematics left alone.
    #[test]
    fn markup_becomes_text() {
        check("<p>One</p><p>two <b>bo</b>ld</p>", "One two bold");
        check("a<script>alert('<b>')</script>b<style>x{}</style>", "a b");
        check("a<SCRIPT src=x>evil", "a");
        check("<a href=\"x>y\" onclick='z'>link</a>", "link");
        check("Vec<T> is 1 < 2 &amp; 3 > 2", "Vec<T> is 1 < 2 & 3 > 2");
        check("<!-- hidden -->shown<br/>next", "shown next");
        check("<!-- never closed", "");
        check("<img src='x", "");
        check("&lt;b&gt;kept&lt;/b&gt;", "<b>kept</b>");
        check("<media:text>x</media:text>", "x");
    }
}
