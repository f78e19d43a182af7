//! What another policy would have said: stored first decisions made once more, each for itself.
//!
//! The facts are those of then: what was used of the caps, what the chain said, who was halted. That a payment which would
//! not have been made would have left room for the next is not played out.

use std::collections::BTreeMap;

use crate::{Timestamp, Usd, ids::PaymentId, words::words};

use super::{Decision, Facts, PaymentPolicy, Rule, Wish, Words, decide};

/// A first decision on a wish as it is kept, with what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstDecision {
    /// On which payment.
    pub payment_id: PaymentId,
    /// When.
    pub at: Timestamp,
    /// What was asked for.
    pub wish: Wish,
    /// What was known.
    pub facts: Facts,
    /// What was said.
    pub word: Word,
    /// What it counts against the caps by now; nothing where it was never let through.
    pub counted: Usd,
}

/// A verdict, as far as two are compared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Word {
    /// Allow, review, refuse.
    pub verdict: Rule,
    /// How many people it takes.
    pub people: u32,
    /// The code of the first line that says so; empty where every rule passes.
    pub code: String,
}

impl Word {
    /// What a decision says.
    #[must_use]
    pub fn of(decision: &Decision) -> Self {
        Self {
            verdict: decision.verdict(),
            people: decision.people(),
            code: decision
                .binding()
                .map_or_else(String::new, |line| line.code.clone()),
        }
    }

    /// The more, the stricter. Of a refused one nobody is asked, whatever it would have taken.
    const fn strictness(&self) -> (Rule, u32) {
        match self.verdict {
            Rule::Review => (Rule::Review, self.people),
            verdict @ (Rule::Allow | Rule::Refuse) => (verdict, 0),
        }
    }
}

words! {
    /// How another policy's word stands to the one that was given.
    pub enum Course as "course of a trial" {
        /// The same verdict.
        Same = "same",
        /// More people are asked, or it is refused.
        Stricter = "stricter",
        /// Fewer people are asked, or it is let through.
        Milder = "milder",
    }
}

/// What another policy says of one wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// How it stands to what was said.
    pub course: Course,
    /// What it says.
    pub word: Word,
    /// What the payment counts, where anybody knows.
    pub usd: Option<Usd>,
}

impl FirstDecision {
    /// Decides on the wish by another policy, which may also mean something else by its words.
    #[must_use]
    pub fn by(&self, policy: &PaymentPolicy) -> Other {
        let words = Words {
            agent: &self.wish.agent,
            asset: &self.wish.asset,
            counterparty: &self.wish.counterparty,
            amount: &self.wish.amount,
            memo: &self.wish.memo,
        };
        let wish = Wish {
            terms: policy.terms(self.payment_id, &words),
            ..self.wish.clone()
        };
        let decision = decide(&wish, policy, &self.facts);
        let word = Word::of(&decision);
        let course = match word.strictness().cmp(&self.word.strictness()) {
            std::cmp::Ordering::Equal => Course::Same,
            std::cmp::Ordering::Greater => Course::Stricter,
            std::cmp::Ordering::Less => Course::Milder,
        };
        let kept = Some(self.counted).filter(|counted| *counted > Usd::ZERO);
        Other {
            course,
            word,
            usd: decision.counted().or(kept),
        }
    }
}

/// One wish that would have gone another way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Moved {
    /// Which.
    pub payment_id: PaymentId,
    /// When it was asked for.
    pub at: Timestamp,
    /// Whose wallet.
    pub agent: String,
    /// Who would be paid.
    pub counterparty: String,
    /// Stricter or milder.
    pub course: Course,
    /// What was said.
    pub from: Word,
    /// What would have been.
    pub to: Word,
    /// What it counts, gas included; none where nobody knows.
    pub usd: Option<Usd>,
}

/// So many wishes, and what they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Sum {
    /// How many.
    pub payments: u64,
    /// What those count that have a price, in USD.
    pub usd: Usd,
    /// How many have none.
    pub unpriced: u64,
}

impl Sum {
    fn add(&mut self, usd: Option<Usd>) {
        self.payments = self.payments.saturating_add(1);
        match usd {
            Some(usd) => {
                let sum = self.usd.micros().saturating_add(usd.micros());
                self.usd = Usd::from_micros(sum);
            }
            None => self.unpriced = self.unpriced.saturating_add(1),
        }
    }
}

/// Everything that was decided again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    /// From which verdict to which, with the money that goes that way.
    pub ways: BTreeMap<(Rule, Rule), Sum>,
    /// By how it stands to what was said.
    pub courses: BTreeMap<Course, Sum>,
    /// How many get the same verdict from another rule.
    pub other_reason: u64,
    /// Those that would have gone another way, in the order they came.
    pub moved: Vec<Moved>,
}

impl Trial {
    /// Takes one more.
    pub fn take(&mut self, first: &FirstDecision, policy: &PaymentPolicy) {
        let other = first.by(policy);
        let way = (first.word.verdict, other.word.verdict);
        self.ways.entry(way).or_default().add(other.usd);
        self.courses.entry(other.course).or_default().add(other.usd);
        if other.course == Course::Same {
            self.other_reason += u64::from(other.word.code != first.word.code);
            return;
        }
        self.moved.push(Moved {
            payment_id: first.payment_id,
            at: first.at,
            agent: first.wish.agent.clone(),
            counterparty: first.wish.counterparty.clone(),
            course: other.course,
            from: first.word.clone(),
            to: other.word,
            usd: other.usd,
        });
    }

    /// How many were decided again.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.courses.values().map(|sum| sum.payments).sum()
    }

    /// What takes this course.
    #[must_use]
    pub fn of(&self, course: Course) -> Sum {
        self.courses.get(&course).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{NOON, facts, policy, usd, wish, with},
        *,
    };
    use crate::{chain::EvmAddress, testing::PAYEE};

    /// As the store would have kept it.
    fn first(amount: u128) -> FirstDecision {
        let wish = wish(amount);
        let decision = decide(&wish, &policy(), &facts());
        let refused = decision.verdict() == Rule::Refuse;
        FirstDecision {
            payment_id: wish.terms.as_ref().unwrap().payment_id,
            at: NOON,
            facts: facts(),
            word: Word::of(&decision),
            counted: decision.counted().filter(|_| !refused).unwrap_or(Usd::ZERO),
            wish,
        }
    }

    fn check(amount: u128, change: impl FnOnce(&mut PaymentPolicy), expected: (Course, &str)) {
        let other = first(amount).by(&with(&policy(), change));
        assert_eq!((other.course, other.word.code.as_str()), expected);
    }

    #[test]
    fn r189_another_policy_is_tried_on_what_was_decided_with_what_was_known_then() {
        // 2.00, 6.00 and 9.00 dollars: by itself, by one person, by two. 12.00 is above the cap.
        check(2_000_000, |_| {}, (Course::Same, ""));
        check(
            2_000_000,
            |p| p.agents[0].caps.payment = usd(100),
            (Course::Stricter, "cap.payment"),
        );
        check(
            2_000_000,
            |p| p.review.one_above = usd(100),
            (Course::Stricter, "approval.people"),
        );
        check(
            6_000_000,
            |p| p.review.two_above = usd(600),
            (Course::Same, "approval.people"),
        );
        check(
            6_000_000,
            |p| p.review.two_above = usd(500),
            (Course::Stricter, "approval.people"),
        );
        check(
            9_000_000,
            |p| p.review.two_above = usd(900),
            (Course::Milder, "approval.people"),
        );
        check(
            6_000_000,
            |p| p.review.one_above = usd(700),
            (Course::Milder, ""),
        );
        check(12_000_000, |_| {}, (Course::Same, "cap.payment"));
        check(
            12_000_000,
            |p| p.agents[0].caps.payment = usd(1_300),
            (Course::Milder, "approval.people"),
        );
        check(
            12_000_000,
            |p| p.agents.clear(),
            (Course::Same, "request.terms"),
        );
        // Words mean what the other policy says: here an address that it never pays.
        check(
            2_000_000,
            |p| {
                p.deny.push(EvmAddress::from_bytes([5; 20]));
                p.counterparties[0].address = EvmAddress::from_bytes([5; 20]);
            },
            (Course::Stricter, "counterparty.denied"),
        );
        check(
            2_000_000,
            |p| p.deny.push(PAYEE),
            (Course::Stricter, "counterparty.denied"),
        );
    }

    #[test]
    fn r189_the_sums_say_how_many_go_which_way_and_how_much_money_with_them() {
        let tried = with(&policy(), |p| {
            p.review.one_above = usd(700);
            p.agents[0].caps.payment = usd(1_300);
            p.house.day = usd(900);
        });
        let mut trial = Trial::default();
        let mut odd = first(9_000_000);
        odd.facts.used.retain(|(name, _)| name != "house_day");
        for one in [first(2_000_000), first(6_000_000), first(12_000_000), odd] {
            trial.take(&one, &tried);
        }
        assert_eq!(trial.compared(), 4);
        // 6.00 and 12.00 with gas of 0.504 each.
        let milder = trial.of(Course::Milder);
        assert_eq!(
            (milder.payments, milder.usd, milder.unpriced),
            (1, Usd::from_micros(6_504_000), 0)
        );
        let stricter = trial.of(Course::Stricter);
        assert_eq!(
            (stricter.payments, stricter.usd),
            (1, Usd::from_micros(9_504_000))
        );
        assert_eq!(trial.of(Course::Same).payments, 2);
        assert_eq!(
            trial.other_reason, 1,
            "12.00 is stopped by the house's day instead"
        );
        assert_eq!(
            trial
                .ways
                .get(&(Rule::Review, Rule::Allow))
                .unwrap()
                .payments,
            1
        );
        assert_eq!(
            trial
                .ways
                .get(&(Rule::Refuse, Rule::Refuse))
                .unwrap()
                .payments,
            1
        );
        let moved: Vec<(Course, &str, &str)> = trial
            .moved
            .iter()
            .map(|one| (one.course, one.from.code.as_str(), one.to.code.as_str()))
            .collect();
        assert_eq!(
            moved,
            [
                (Course::Milder, "approval.people", ""),
                (Course::Stricter, "approval.people", "cap.house_day"),
            ]
        );
        // What has no price any more counts what it counted, and what never did is told apart.
        let without = with(&policy(), |p| p.assets.clear());
        let mut trial = Trial::default();
        trial.take(&first(2_000_000), &without);
        trial.take(&first(12_000_000), &without);
        assert_eq!(trial.of(Course::Stricter).usd, Usd::from_micros(2_504_000));
        assert_eq!(trial.of(Course::Same).unpriced, 1);
    }
}
