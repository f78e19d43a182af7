//! What a task pays: as a person writes it into a goal, and as it is asked for.

use std::fmt;

/// How it is written.
const FORM: &str = "AMOUNT ASSET to LABEL for PURPOSE, as in: 0.25 USDC to image-api for a licence";

/// An order to pay, in words that the policy of payments gives a meaning. It names no address, no chain and no price.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PaymentOrder {
    /// How much, as decimal text.
    pub amount: String,
    /// What, by its name in the policy.
    pub asset: String,
    /// To whom, by the label in the policy.
    pub counterparty: String,
    /// What for.
    pub memo: String,
}

impl PaymentOrder {
    /// Reads one as a person writes it.
    ///
    /// # Errors
    /// With how it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("say what is paid: {FORM}");
        let mut words = text.split_whitespace();
        let mut next = || words.next().map(str::to_owned).ok_or_else(wrong);
        let (amount, asset, to, counterparty, reason) =
            (next()?, next()?, next()?, next()?, next()?);
        let memo = words.collect::<Vec<&str>>().join(" ");
        if to != "to" || reason != "for" || memo.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            amount,
            asset,
            counterparty,
            memo,
        })
    }
}

impl fmt::Display for PaymentOrder {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            amount,
            asset,
            counterparty,
            memo,
        } = self;
        write!(f, "{amount} {asset} to {counterparty} for {memo}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // R92: what is written is what is read, and anything else is told how it is written.
    #[test]
    fn r92_an_order_is_read_as_it_is_written() {
        let read = PaymentOrder::parse("0.25 USDC to image-api for a  licence to use").unwrap();
        assert_eq!(
            read.to_string(),
            "0.25 USDC to image-api for a licence to use"
        );
        for wrong in [
            "",
            "0.25 USDC",
            "0.25 USDC image-api for a licence",
            "0.25 USDC to image-api",
            "0.25 USDC to image-api for",
            "pay 0.25 USDC to image-api for a licence",
        ] {
            assert!(
                PaymentOrder::parse(wrong).unwrap_err().contains(FORM),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn r92_orders_round_trip(
            amount in "[0-9]{1,6}(\\.[0-9]{1,6})?", asset in "[A-Z]{2,6}", who in "[a-z][a-z-]{0,12}", memo in "[a-z]{1,9}( [a-z]{1,9}){0,5}"
        ) {
            let order = PaymentOrder { amount, asset, counterparty: who, memo };
            prop_assert_eq!(PaymentOrder::parse(&order.to_string()), Ok(order));
        }
    }
}
