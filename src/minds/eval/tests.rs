use super::*;

fn ranked(scores: &[(f64, bool)]) -> Ranked {
    Ranked::of(
        scores
            .iter()
            .enumerate()
            .map(|(unit, (score, truth))| Line {
                score: *score,
                truth: *truth,
                unit,
            }),
    )
}

fn close(got: Option<f64>, wanted: f64) {
    assert!(
        got.is_some_and(|got| (got - wanted).abs() < 1e-9),
        "{got:?} is not {wanted}"
    );
}

// R30, R38: the measures of a small set, counted by hand.
#[test]
fn r30_measures_are_what_a_hand_would_count() {
    let set = ranked(&[(0.9, true), (0.8, false), (0.7, true), (0.1, false)]);
    let counts = set.at(0.7, None);
    assert_eq!(
        counts,
        Counts {
            hits: 2,
            false_alarms: 1,
            misses: 0,
            rejections: 1
        }
    );
    close(counts.precision(), 2.0 / 3.0);
    close(counts.recall(), 1.0);
    close(counts.f1(), 0.8);
    close(counts.false_alarm_rate(), 0.5);
    // Of the four pairs of a right and a wrong line, three are in order.
    close(set.auc(None), 0.75);
    close(set.average_precision(None), (1.0 + 2.0 / 3.0) / 2.0);
    assert_eq!(set.at_precision(0.9).map(|(at, _)| at), Some(0.9));
    assert_eq!(set.at_precision(0.6).map(|(at, _)| at), Some(0.7));
    // A threshold counts itself in.
    assert_eq!(set.at(0.9, None).hits, 1);
}

// Ties count half, whatever the order they came in: a constant score is worth 0.5.
#[test]
fn ties_count_half() {
    for set in [[true, false, false, true], [false, false, true, true]] {
        let set = ranked(&set.map(|truth| (0.4, truth)));
        close(set.auc(None), 0.5);
        close(set.average_precision(None), 0.5);
    }
    assert_eq!(ranked(&[(0.4, true), (0.2, false)]).auc(None), Some(1.0));
}

// What cannot be measured is no number: no right line, no wrong one, no line at all.
#[test]
fn what_cannot_be_measured_is_no_number() {
    let empty = ranked(&[]);
    assert!(empty.is_empty());
    assert_eq!(empty.auc(None), None);
    assert_eq!(empty.average_precision(None), None);
    assert_eq!(empty.reliability(10, None).error(), None);
    assert_eq!(empty.at(0.5, None).precision(), None);
    let wrong = ranked(&[(0.5, false)]);
    assert_eq!((wrong.auc(None), wrong.at(0.9, None).f1()), (None, None));
    assert_eq!(wrong.at(0.9, None).recall(), None);
    assert_eq!(interval(1, 10, 1, |_| None), None);
}

// A score that says 0.8 of lines of which half are right is 0.3 off; the lines far below do not hide it.
#[test]
fn r30_a_score_that_is_no_probability_is_seen() {
    let mut lines: Vec<(f64, bool)> = vec![(0.8, true), (0.8, false)];
    lines.extend([(0.0, false); 8]);
    let table = ranked(&lines).reliability(10, None);
    close(table.error(), 0.06);
    close(table.error_from(0.5), 0.3);
    let bin = table.bins[8];
    assert_eq!((bin.lines, bin.right), (2, 1));
    close(bin.said(), 0.8);
    close(bin.was(), 0.5);
    // One is in the last range, not beyond it.
    assert_eq!(ranked(&[(1.0, true)]).reliability(4, None).bins[3].lines, 1);
}

// A weight is the line so many times over, and the interval holds the measure of the whole set.
#[test]
fn r30_an_interval_is_drawn_from_its_seed_and_holds_the_measure() {
    let set: Vec<(f64, bool)> = (0..200)
        .map(|n| (f64::from(n % 97) / 97.0, n % 3 == 0 || n % 97 > 60))
        .collect();
    let whole = ranked(&set);
    let doubled = ranked(&set.iter().flat_map(|line| [*line; 2]).collect::<Vec<_>>());
    close(whole.auc(Some(&[2; 200])), doubled.auc(None).unwrap());
    close(whole.auc(Some(&[2; 200])), whole.auc(None).unwrap());
    assert_eq!(whole.at(0.5, Some(&[0; 200])), Counts::default());
    let drawn = |seed| interval(200, 200, seed, |weights| whole.auc(Some(weights)));
    let (low, high) = drawn(1).unwrap();
    let auc = whole.auc(None).unwrap();
    assert!(
        low < auc && auc < high && high - low < 0.2,
        "{low} {auc} {high}"
    );
    assert_eq!(drawn(1), Some((low, high)));
    assert_ne!(drawn(2), Some((low, high)));
}

// R30: what is a probability where one in ten lines is right is none where one in two is; asked about its own
// base rate it has no error.
#[test]
fn r30_a_probability_is_one_at_its_base_rate() {
    // One of five right, where the score says 0.36: with every wrong line counted 4/9 times it is right.
    let mut lines = vec![(0.36, true); 2];
    lines.extend([(0.36, false); 8]);
    let table = ranked(&lines).reliability(10, None);
    close(table.error(), 0.16);
    let (shares, error) = table.where_right_is(0.36).unwrap();
    close(shares[3], 0.36);
    close(Some(error), 0.0);
    assert_eq!((shares[0], table.where_right_is(0.0)), (None, None));
    assert_eq!(
        ranked(&[(0.5, true)])
            .reliability(10, None)
            .where_right_is(0.5),
        None
    );
}
