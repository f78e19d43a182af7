//! Payments in the review queue: what a person must have seen, and what the keys do to one.

use chimera_domain::{
    Safe,
    ticket::{Choice, RejectClass},
    views::Asks,
};
use ratatui::layout::Size;

use super::Rig;
use crate::{
    event::{Event, Request, Wish},
    fake,
};

/// The queue with a payment before the posts, on screen.
fn asked(size: (u16, u16)) -> Rig {
    let mut rig = Rig::ready();
    let now = rig.world.overview.at;
    rig.world
        .cards
        .insert(0, fake::asked::payment(now, Safe::line));
    rig.event(Event::Resize(Size::new(size.0, size.1)));
    rig.reread();
    rig.press("3");
    // What is new comes last: nothing moves under the cursor.
    rig.press("End");
    rig.serve();
    rig.paint();
    rig
}

fn snapshot(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

// R101, R131: a payment is a card of the queue; the whole of both addresses, the call that would be signed, the caps and every
// rule are on it, on the smallest screen and on a large one.
#[test]
fn r131_a_payment_is_a_card_with_all_that_would_be_signed() {
    let rig = asked((120, 50));
    snapshot("120x50_payment_card", &rig);
    let mut rig = asked((80, 24));
    snapshot("80x24_payment_card", &rig);
    for words in [
        "image-api at 0x5a5A5a5a5A5a5a5a5a5A5a5A5A5a5a5A5A5A5A5A",
        "transferWithAuthorization (0xe3ee160e)",
        "value 12500000 base units",
        "0.35 new counterparty: never paid before",
        "payment: 0.00 of 15.00 used, 2.47 left after it",
        "TEST NETWORK",
    ] {
        assert!(rig.says(words), "{words}");
    }
}

// R97: what was never paid before needs a typed word; a yes carries the digest that was shown.
#[test]
fn r97_the_first_payment_to_an_address_needs_a_word() {
    let mut rig = asked((120, 50));
    rig.wait(2_000);
    rig.press("a");
    assert!(rig.says("Not routine: the first payment to this address."));
    assert!(rig.says("12.5 USDC to image-api at 0x5a5A"));
    let word = fake::asked::payment_ticket().to_string();
    for digit in word[word.len() - 4..].chars() {
        rig.press(&digit.to_string());
    }
    rig.press("Enter");
    let sent = rig.orders();
    let [Request::Decide(decide)] = &sent[..] else {
        panic!("{sent:?}");
    };
    assert_eq!(decide.choice, Choice::Approve);
    assert_eq!(decide.content_hash, rig.world.cards[0].content_hash);
}

// A payment is taken or left: it is not rewritten, and its no has a reason in words and no class of posts.
#[test]
fn r97_a_payment_is_rejected_in_words_and_never_rewritten() {
    let mut rig = asked((120, 50));
    rig.wait(2_000);
    for key in ["e", "c", "V", "d"] {
        rig.press(key);
        assert!(
            rig.message().contains("a payment"),
            "{key}: {}",
            rig.message()
        );
        assert!(rig.orders().is_empty());
        rig.wait(2_000);
    }
    rig.press("r");
    assert!(rig.says("why it is not paid, may be empty; there is no way back:"));
    for key in "t o o Space d e a r Enter".split(' ') {
        rig.press(key);
    }
    let sent = rig.orders();
    let [Request::Decide(decide)] = &sent[..] else {
        panic!("{sent:?}");
    };
    let rejected = Choice::Reject {
        class: RejectClass::Other,
        note: "too dear".to_owned(),
    };
    assert_eq!(decide.choice, rejected);
}

// R100, R101, R188: the list of payments has what was refused too, with transactions and both sides of every entry; what does not fit
// is a list of mismatches alone, and closing one asks for what was found.
#[test]
fn r188_payments_and_breaks_are_lists() {
    let mut rig = asked((120, 40));
    rig.press("g");
    rig.press("$");
    rig.serve();
    rig.press("j");
    snapshot("120x40_payments", &rig);
    rig.event(Event::Resize(Size::new(80, 24)));
    snapshot("80x24_payments", &rig);
    assert!(rig.says("pay final at place 7 in block 1204"));
    rig.press("X");
    rig.serve();
    snapshot("80x24_breaks", &rig);
    rig.press("c");
    for key in "c l o s e".split(' ') {
        rig.press(key);
    }
    rig.press("Enter");
    let wishes = |rig: &mut Rig| -> Vec<Request> {
        let mut all = rig.orders();
        all.retain(|request| matches!(request, Request::Wish(_)));
        all
    };
    // Not without a word on what was found; the sheet stays for it.
    assert!(wishes(&mut rig).is_empty());
    for key in "c l o s e Space o u r s Enter".split(' ') {
        rig.press(key);
    }
    let sent = wishes(&mut rig);
    let closed = Request::Wish(Wish::CloseBreak(2, "ours".to_owned()));
    assert_eq!(sent, [closed]);
}

// R100: where there are no payments and nothing that does not fit, the screens say what would be there.
#[test]
fn r100_no_payments_and_no_breaks_say_what_would_be_there() {
    let mut rig = asked((80, 24));
    rig.world.payments.clear();
    rig.world.breaks.clear();
    for (keys, words) in [
        (["g", "$"], "No payments. Wallets are set up"),
        (["g", "="], "Payments, ledger and chain agree"),
    ] {
        for key in keys {
            rig.press(key);
        }
        rig.reread();
        assert!(rig.says(words), "{words}");
    }
}

// R103: whoever asked for a payment is told that somebody else approves it.
#[test]
fn r103_the_proposer_is_not_the_one_who_approves() {
    let mut rig = asked((120, 50));
    let me = rig.model.settings.actor.clone();
    let Asks::Payment(payment) = &mut rig.world.cards[0].asks else {
        panic!("it is a payment");
    };
    payment.row.proposer = Safe::line(&me);
    rig.world.cards[0].row.version = rig.world.cards[0].row.version.next();
    rig.reread();
    assert!(rig.says("You asked for it: another person approves it; r takes it back"));
}
