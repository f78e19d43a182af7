//! How well a few typed letters fit a name: all of them in order, better at the start of words and in a row.

/// A letter that fits at all.
const FITS: i32 = 1;
/// It goes on where the one before ended.
const IN_A_ROW: i32 = 5;
/// It begins a word.
const BEGINS_WORD: i32 = 8;
/// Every letter that is passed over, up to a bound, so that a long text is not lost for its length alone.
const PASSED_OVER: i32 = -1;
const PASSED_MAX: i32 = 6;

/// The best score of the letters of `wanted` within `text`; `None` where they do not all occur in order.
///
/// Every place of the first letter is tried, and from there each next letter is taken at a word's start where
/// that still leaves room, else at once: not the best of all ways, but the one a person means.
pub(crate) fn score(wanted: &str, text: &str) -> Option<i32> {
    let lower = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    let wanted: Vec<char> = lower(wanted).into_iter().filter(|c| *c != ' ').collect();
    let text = lower(text);
    let Some(first) = wanted.first() else {
        return Some(0);
    };
    let starts = (0..text.len()).filter(|at| text.get(*at) == Some(first));
    starts.filter_map(|at| from(&wanted, &text, at)).max()
}

fn from(wanted: &[char], text: &[char], start: usize) -> Option<i32> {
    let begins = |at: usize| {
        let before = at.checked_sub(1).and_then(|i| text.get(i));
        before.is_none_or(|c| !c.is_alphanumeric())
    };
    let worth = |at: usize| if begins(at) { FITS + BEGINS_WORD } else { FITS };
    let mut score = worth(start) + passed(start);
    let mut at = start;
    for (nth, letter) in wanted.iter().enumerate().skip(1) {
        let mut places = (at + 1..text.len()).filter(|i| text.get(*i) == Some(letter));
        let next = places.next()?;
        let rest = wanted.get(nth..).unwrap_or_default();
        let word = std::iter::once(next)
            .chain(places)
            .find(|i| begins(*i) && occurs(rest, text.get(*i..).unwrap_or_default()));
        let here = match word {
            Some(word) if next != at + 1 => word,
            Some(_) | None => next,
        };
        score += if here == at + 1 {
            IN_A_ROW
        } else {
            passed(here - at - 1)
        };
        score += worth(here);
        at = here;
    }
    Some(score)
}

fn passed(count: usize) -> i32 {
    let count = i32::try_from(count).unwrap_or(PASSED_MAX);
    count.min(PASSED_MAX) * PASSED_OVER
}

/// Whether these letters occur in this order.
fn occurs(wanted: &[char], text: &[char]) -> bool {
    let mut text = text.iter();
    wanted.iter().all(|letter| text.any(|c| c == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These texts in the order of how well they fit; what does not fit is left out.
    fn ranked<'t>(wanted: &str, texts: &[&'t str]) -> Vec<&'t str> {
        let mut fits: Vec<_> = texts
            .iter()
            .filter_map(|text| Some((score(wanted, text)?, *text)))
            .collect();
        fits.sort_by_key(|(score, _)| -score);
        fits.into_iter().map(|(_, text)| text).collect()
    }

    // R134: letters in order fit, starts of words before insides, rows before scattered letters.
    #[test]
    fn r134_the_fuzzy_order_is_the_one_meant() {
        let names = ["go-ledger", "give-up", "page-down", "go-review", "approve"];
        assert_eq!(ranked("gl", &names), ["go-ledger"]);
        assert_eq!(ranked("gr", &names), ["go-review", "go-ledger"]);
        assert_eq!(ranked("app", &names), ["approve"]);
        assert_eq!(ranked("", &names).len(), names.len());
        assert_eq!(ranked("xyz", &names), [""; 0]);
        assert_eq!(ranked("GO LED", &names), ["go-ledger"]);
        assert_eq!(score("é", "CAFÉ"), score("É", "café"));
    }
}
