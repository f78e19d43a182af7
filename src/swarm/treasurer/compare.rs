//! Movements and payments side by side, purely: what came in, and what does not fit.

use chimera_domain::{
    chain::{EvmAddress, Hash32, Units},
    ports::Movement,
    wallet::{BreakKind, PostedPayment},
};

/// What came in, by transaction, and what does not fit.
type Compared = (Vec<(Hash32, Units)>, Vec<(BreakKind, String)>);

/// Movements of one token from and to a wallet, beside the payments the ledger has in the same blocks.
pub(super) fn compare(
    wallet: EvmAddress,
    token: EvmAddress,
    moved: &[Movement],
    posted: &[PostedPayment],
) -> Compared {
    let (mut income, mut breaks) = (Vec::new(), Vec::new());
    let mut left: Vec<&PostedPayment> = posted.iter().collect();
    for one in moved.iter().filter(|one| one.token == token) {
        // Anybody can have a token say that nothing moved.
        if one.from == one.to || one.amount == Units::ZERO {
            continue;
        }
        if one.to == wallet {
            income.push((one.transaction, one.amount));
            continue;
        }
        let of_it = |payment: &&&PostedPayment| payment.transaction == one.transaction;
        let exact = |payment: &&&PostedPayment| {
            of_it(payment) && (payment.to, payment.amount) == (one.to, one.amount)
        };
        // Several payments may be in one transaction of somebody else, who handed in their authorizations together.
        let same = left
            .iter()
            .position(|payment| exact(&payment))
            .or_else(|| left.iter().position(|payment| of_it(&payment)));
        let Some(at) = same else {
            let twice = posted
                .iter()
                .any(|payment| payment.transaction == one.transaction);
            let kind = if twice {
                BreakKind::Duplicate
            } else {
                BreakKind::Foreign
            };
            breaks.push((
                kind,
                format!(
                    "{} moved {} to {} and no payment did",
                    one.transaction, one.amount, one.to
                ),
            ));
            continue;
        };
        let payment = left.swap_remove(at);
        if (payment.to, payment.amount) != (one.to, one.amount) {
            breaks.push((
                BreakKind::Amount,
                format!(
                    "{} says {} to {}, the chain {} to {}",
                    payment.payment_id, payment.amount, payment.to, one.amount, one.to
                ),
            ));
        }
    }
    for payment in left {
        breaks.push((
            BreakKind::Missing,
            format!(
                "{} is in the ledger with {}, and the chain has no such movement",
                payment.payment_id, payment.transaction
            ),
        ));
    }
    (income, breaks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chimera_domain::ids::PaymentId;

    const WALLET: EvmAddress = EvmAddress::from_bytes([1; 20]);
    const PAYEE: EvmAddress = EvmAddress::from_bytes([2; 20]);
    const TOKEN: EvmAddress = EvmAddress::from_bytes([3; 20]);

    fn moved(n: u8, from: EvmAddress, to: EvmAddress, amount: u128) -> Movement {
        Movement {
            transaction: Hash32::from_bytes([n; 32]),
            block: u64::from(n),
            log_index: 0,
            token: TOKEN,
            from,
            to,
            amount: Units::from_base(amount),
        }
    }

    fn posted(n: u8, amount: u128) -> PostedPayment {
        PostedPayment {
            payment_id: PaymentId::from_uuid(uuid::Uuid::from_u128(u128::from(n))),
            transaction: Hash32::from_bytes([n; 32]),
            block: u64::from(n),
            to: PAYEE,
            amount: Units::from_base(amount),
        }
    }

    fn kinds(moved: &[Movement], posted: &[PostedPayment]) -> Vec<BreakKind> {
        let (_, breaks) = compare(WALLET, TOKEN, moved, posted);
        breaks.into_iter().map(|(kind, _)| kind).collect()
    }

    // R100: each way in which the two can differ has its own name, and what agrees has none.
    #[test]
    fn r100_each_difference_has_its_own_name() {
        let out = moved(1, WALLET, PAYEE, 5);
        assert_eq!(kinds(std::slice::from_ref(&out), &[posted(1, 5)]), []);
        assert_eq!(kinds(std::slice::from_ref(&out), &[]), [BreakKind::Foreign]);
        assert_eq!(kinds(&[], &[posted(1, 5)]), [BreakKind::Missing]);
        assert_eq!(
            kinds(std::slice::from_ref(&out), &[posted(1, 6)]),
            [BreakKind::Amount]
        );
        let elsewhere = moved(1, WALLET, TOKEN, 5);
        assert_eq!(kinds(&[elsewhere], &[posted(1, 5)]), [BreakKind::Amount]);
        let twice = [out.clone(), out.clone()];
        assert_eq!(kinds(&twice, &[posted(1, 5)]), [BreakKind::Duplicate]);
        assert_eq!(
            kinds(&[out], &[posted(1, 5), posted(1, 5)]),
            [BreakKind::Missing]
        );
        // Two payments in one transaction, in whatever order.
        let both = [moved(1, WALLET, PAYEE, 6), moved(1, WALLET, PAYEE, 5)];
        assert_eq!(kinds(&both, &[posted(1, 5), posted(1, 6)]), []);
        // What comes in, goes to oneself, or is nothing, is none.
        let harmless = [
            moved(2, PAYEE, WALLET, 7),
            moved(3, WALLET, WALLET, 7),
            moved(4, WALLET, PAYEE, 0),
        ];
        let (income, breaks) = compare(WALLET, TOKEN, &harmless, &[]);
        assert_eq!(breaks, []);
        assert_eq!(income, [(Hash32::from_bytes([2; 32]), Units::from_base(7))]);
    }
}
