//! A sparkline with the numbers beside it: a shape alone is no figure.

use crate::theme::Theme;

const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const LETTERS: [&str; 8] = [".", ":", "-", "=", "+", "*", "#", "@"];

/// The shape of these numbers against the highest of them, the oldest first; nothing is a blank. Where there is
/// no room for all, the newest are shown.
pub(super) fn line(theme: Theme, values: &[u64], columns: usize) -> String {
    let marks = if theme.ascii { &LETTERS } else { &BLOCKS };
    let high = values.iter().copied().max().unwrap_or(0);
    let skip = values.len().saturating_sub(columns);
    values
        .iter()
        .skip(skip)
        .map(|value| match (*value, high) {
            (0, _) => " ",
            (value, high) => {
                // From 1 to 8, rounded up: what is there is seen.
                let step = (u128::from(value) * 8).div_ceil(u128::from(high));
                usize::try_from(step.clamp(1, 8) - 1)
                    .ok()
                    .and_then(|at| marks.get(at))
                    .copied()
                    .unwrap_or(" ")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // R140: the highest is a whole block, the least that is there is seen, and nothing is nothing.
    #[test]
    fn r140_a_shape_is_against_its_highest() {
        let theme = Theme::default();
        assert_eq!(line(theme, &[0, 1, 4, 8], 9), " ▁▄█");
        assert_eq!(line(theme, &[0, 1, 1_000_000], 9), " ▁█");
        assert_eq!(line(theme, &[5, 1, 8], 2), "▁█");
        assert_eq!(line(theme, &[0, 0], 9), "  ");
        assert_eq!(line(theme, &[u64::MAX, 1], 9), "█▁");
        let ascii = Theme {
            ascii: true,
            ..theme
        };
        assert_eq!(line(ascii, &[0, 1, 8], 9), " .@");
    }
}
