//! The rows a person marked, by their ids: they stay marked whatever is read, filtered or sorted meanwhile.

use std::collections::BTreeSet;

use chimera_domain::views::IDS_MAX;

/// The marks of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marked {
    ids: BTreeSet<String>,
    /// So many of them the filter lets not through, when it was last looked.
    hidden: usize,
    /// The row a range begins at, while one is being marked.
    pub(crate) from: Option<String>,
}

impl Marked {
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids.iter().cloned().collect()
    }

    /// Marks a row. `false` when there are as many marks as can be.
    pub(crate) fn add(&mut self, id: String) -> bool {
        if self.ids.len() >= IDS_MAX {
            return self.ids.contains(&id);
        }
        self.ids.insert(id);
        true
    }

    /// Takes a mark away again; `false` where there was none.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.ids.remove(id)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What a look at the list found: these were asked for, these of them are in the list, and so many of those are
    /// let through by the filter. The number of marks whose rows have left the list.
    pub(crate) fn looked(&mut self, asked: &[String], there: &[String], shown: usize) -> usize {
        let there: BTreeSet<&String> = there.iter().collect();
        let before = self.ids.len();
        for gone in asked.iter().filter(|id| !there.contains(id)) {
            self.ids.remove(gone);
        }
        self.hidden = there.len().saturating_sub(shown).min(self.ids.len());
        before - self.ids.len()
    }

    /// What the status line says; nothing without marks.
    pub(crate) fn says(&self) -> Option<String> {
        let n = self.ids.len();
        Some(match (n, self.hidden) {
            (0, _) => return None,
            (n, 0) => format!("{n} marked"),
            (n, hidden) => format!("{n} marked ({hidden} hidden by filter)"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R74: marks are counted with those out of sight, go with their rows only, and have an end.
    #[test]
    fn r74_marks_are_counted_and_bounded() {
        let id = |n: usize| format!("tkt_{n}");
        let mut marked = Marked::default();
        assert_eq!(marked.says(), None);
        for n in 0..3 {
            assert!(marked.add(id(n)));
        }
        let asked = marked.ids();
        assert!(marked.add(id(9)), "marked while it was being looked");
        assert_eq!(marked.looked(&asked, &[id(0), id(2)], 1), 1);
        assert!(!marked.has(&id(1)) && marked.has(&id(9)));
        assert_eq!(marked.says().unwrap(), "3 marked (1 hidden by filter)");
        for n in 0..IDS_MAX + 5 {
            marked.add(id(n));
        }
        assert_eq!(marked.ids().len(), IDS_MAX);
        marked.clear();
        assert_eq!(marked.says(), None);
    }
}
