//! Bounded exponential back-off with jitter, for whatever is tried again.

use chimera_domain::{Ambient, Span};

/// `base · 2^failures`, at most `ceiling`, of which the second half is random, so that many who
/// failed together do not come back together.
pub(crate) fn delay(ambient: &Ambient, base: Span, ceiling: Span, failures: u32) -> Span {
    let full = base
        .micros()
        .saturating_mul(1u64.checked_shl(failures).unwrap_or(u64::MAX))
        .min(ceiling.micros());
    let half = full / 2;
    Span::from_micros(half + ambient.jitter(Span::from_micros(full - half)).micros())
}

#[cfg(test)]
mod tests {
    use chimera_domain::testing::ambient;

    use super::*;

    // R20: the delay grows, stays under its ceiling and is not the same for everybody.
    #[test]
    fn r20_delay_grows_is_bounded_and_jitters() {
        let (ambient, _) = ambient(1);
        let at = |failures| delay(&ambient, Span::from_secs(1), Span::from_secs(60), failures);
        for failures in 0..80 {
            let got = at(failures);
            let full = 1u64.checked_shl(failures).unwrap_or(u64::MAX).min(60);
            assert!(
                got <= Span::from_secs(full) && got.micros() >= full * 500_000,
                "{failures}: {got}"
            );
        }
        assert_ne!(at(5), at(5));
    }
}
