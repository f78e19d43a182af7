//! Exponentials and logarithms that every machine computes alike: those of the standard library are the
//! system's, and may differ in the last bit.

/// `e` to the power of `x`; beyond ±40 it no longer grows or shrinks.
pub(super) fn exp(x: f64) -> f64 {
    let [power] = exps([x]);
    power
}

/// The same of several numbers, which the processor takes side by side: each division waits for the one before.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 58 either way, which the range above sees to"
)]
#[inline]
pub(super) fn exps<const N: usize>(x: [f64; N]) -> [f64; N] {
    let x = x.map(|x| x.clamp(-40.0, 40.0));
    let twos = x.map(|x| (x * std::f64::consts::LOG2_E).round());
    let mut rest = x;
    for (rest, twos) in rest.iter_mut().zip(&twos) {
        *rest -= twos * std::f64::consts::LN_2;
    }
    let mut series = [1.0; N];
    for n in (1..=13).rev() {
        for (sum, rest) in series.iter_mut().zip(&rest) {
            *sum = 1.0 + *sum * rest / f64::from(n);
        }
    }
    for (series, twos) in series.iter_mut().zip(&twos) {
        *series *= f64::from_bits(((*twos as i64 + 1_023) as u64) << 52);
    }
    series
}

/// The natural logarithm of a number above zero.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.max(f64::MIN_POSITIVE).to_bits();
    let twos = i32::try_from(bits >> 52).unwrap_or(0) - 1_023;
    let part = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | (1_023 << 52));
    let (part, twos) = if part > std::f64::consts::SQRT_2 {
        (part / 2.0, twos + 1)
    } else {
        (part, twos)
    };
    let s = (part - 1.0) / (part + 1.0);
    let series = (0..=10)
        .rev()
        .fold(0.0, |sum, n| sum * s * s + 1.0 / f64::from(2 * n + 1));
    2.0 * s * series + f64::from(twos) * std::f64::consts::LN_2
}

/// From the logarithm of the odds to a probability.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// A probability in millionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between nothing and a million"
)]
pub(super) fn ppm(probability: f64) -> u32 {
    (probability.clamp(0.0, 1.0) * 1_000_000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    // They are what the standard library says, to eleven digits.
    #[test]
    fn they_are_exponential_and_logarithm() {
        for n in -390..=390 {
            let x = f64::from(n) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-11, "{x}");
            assert!((ln(x.exp()) - x).abs() < 1e-9, "{x}");
            let side_by_side = exps([x, 0.5 - x, 1.0, x / 3.0]);
            let alone = [exp(x), exp(0.5 - x), exp(1.0), exp(x / 3.0)];
            assert_eq!(side_by_side.map(f64::to_bits), alone.map(f64::to_bits));
        }
        assert_eq!((ppm(0.0), ppm(0.75), ppm(2.0)), (0, 750_000, 1_000_000));
        assert!((logistic(0.0) - 0.5).abs() < 1e-12);
    }
}
