//! Policies of payments: what tightens holds at once, what loosens waits for a person and for its time, and each is kept.

use chimera_domain::{
    ContentHash, Outcome, Span, StoreError, Usd,
    cfo::{Course, PaymentPolicy, Rule, Trial, Way},
    ids::AgentId,
    payment::{PaymentRequest, PaymentState},
    ports::{PolicyStanding, WaitingPolicy, loosening_words},
    views::PageRequest,
};

use super::{
    Harness, done, lost,
    payments::{begin, policy, propose, wish},
};

const fn dollars(n: i64) -> Usd {
    Usd::from_micros(n * 1_000_000)
}

/// What a file says now, as a start takes it over.
async fn file(h: &Harness, payments: Option<PaymentPolicy>) {
    let mut setup = h.setup();
    let name = serde_json::to_vec(&payments).unwrap();
    setup.policy.hash = ContentHash::of_bytes(&name);
    setup.policy.payments = payments;
    h.store().install(&setup).await.unwrap();
}

async fn standing(h: &Harness) -> PolicyStanding {
    h.store().payment_policy().await.unwrap()
}

async fn waits(h: &Harness) -> WaitingPolicy {
    standing(h).await.waits.unwrap()
}

/// The usual policy with other caps on one payment, and on a day of the house.
fn with(usual: &PaymentPolicy, payment: i64, house_day: i64) -> PaymentPolicy {
    let mut policy = usual.clone();
    policy.agents[0].caps.payment = dollars(payment);
    policy.house.day = dollars(house_day);
    policy
}

async fn confirm(h: &Harness, hash: ContentHash) -> Outcome<chimera_domain::Timestamp> {
    let words = loosening_words(hash);
    let people = h.people();
    let said = people.confirm_loosening(hash, &words, "ana@desk", "the new card is dearer");
    said.await.unwrap()
}

async fn ask(
    h: &Harness,
    agent: AgentId,
    key: &str,
    amount: &str,
) -> (PaymentRequest, PaymentState) {
    let wish = wish(h, agent, key, amount);
    let state = propose(h, &wish).await.state;
    (wish, state)
}

async fn alerts(h: &Harness) -> Vec<String> {
    let page = h.store().alerts(&PageRequest::first(100)).await.unwrap();
    let told = page.rows.iter().map(|alert| alert.code.to_string());
    told.filter(|code| code.starts_with("policy_")).collect()
}

/// Proves: R103.
pub async fn r103_the_first_policy_holds_at_once_and_every_one_is_kept(h: Harness) {
    let h = &h;
    let usual = policy(h);
    assert_eq!(standing(h).await, PolicyStanding::default());
    begin(h).await;
    let first = standing(h).await;
    assert_eq!((first.policy(), &first.waits), (Some(&usual), &None));
    // Starting again with the same file is no version.
    file(h, Some(usual.clone())).await;
    h.clock.advance(Span::from_mins(1));
    let tight = with(&usual, 4, 500);
    file(h, Some(tight.clone())).await;
    file(h, None).await;
    let kept = h.store().payment_policies(10).await.unwrap();
    let told: Vec<_> = kept
        .iter()
        .map(|version| {
            let policy = version.policy.as_ref();
            (
                version.seq,
                policy.map(|(_, policy)| policy.clone()),
                version.by.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (3, None, "install"),
            (2, Some(tight.clone()), "install"),
            (1, Some(usual.clone()), "install")
        ]
    );
    assert!(kept[0].since > kept[2].since && kept.iter().all(|version| !version.why.is_empty()));
    assert_eq!(kept[1].policy.as_ref().unwrap().0, tight.hash());
    assert_eq!(h.store().payment_policies(1).await.unwrap().len(), 1);
}

/// Proves: R103.
pub async fn r103_what_tightens_holds_at_once_and_what_loosens_waits(h: Harness) {
    let h = &h;
    let usual = policy(h);
    let agent = begin(h).await;
    // One file does both: more in one payment, less in a day of all.
    let file_says = with(&usual, 30, 40);
    file(h, Some(file_says.clone())).await;
    let now = standing(h).await;
    assert_eq!(now.policy(), Some(&with(&usual, 10, 40)));
    let waiting = waits(h).await;
    assert_eq!(
        (waiting.hash, &waiting.policy),
        (file_says.hash(), &file_says)
    );
    assert_eq!(waiting.confirmed, None);
    let told: Vec<_> = waiting
        .changes
        .iter()
        .map(|c| (c.field.as_str(), c.way))
        .collect();
    assert_eq!(told, [("agents.fae.caps.payment_usd", Way::Loosening)]);
    assert_eq!(alerts(h).await, ["policy_loosening_waits"]);
    // The store decides so, for whoever asks, and however often it is started or looked at.
    assert_eq!(ask(h, agent, "over", "12").await.1, PaymentState::Refused);
    h.reopen();
    file(h, Some(file_says.clone())).await;
    h.clock.advance(Span::from_hours(24));
    let other = h.another();
    assert_eq!(
        other.payment_policy().await.unwrap().policy(),
        Some(&with(&usual, 10, 40))
    );
    assert_eq!(waits(h).await.since, waiting.since);
    assert_eq!(
        ask(h, agent, "still over", "12").await.1,
        PaymentState::Refused
    );
    // The file thinks better of it: nothing waits, and what it tightened stays tightened until it says that, too.
    file(h, Some(with(&usual, 10, 40))).await;
    assert_eq!((standing(h).await.waits, alerts(h).await), (None, vec![]));
}

/// Proves: R103.
pub async fn r103_a_person_lets_it_in_and_it_takes_effect_after_its_time(h: Harness) {
    let h = &h;
    let usual = policy(h);
    let agent = begin(h).await;
    let people = h.people();
    let hash = with(&usual, 30, 500).hash();
    let words = loosening_words(hash);
    let nothing = people.confirm_loosening(hash, &words, "ana@desk", "why");
    assert!(matches!(nothing.await.unwrap(), Outcome::NotFound));
    file(h, Some(with(&usual, 30, 500))).await;
    // Not typed, typed for something else, or without a reason: no.
    for (typed, why) in [
        ("loosen payments", "why"),
        (&*loosening_words(ContentHash::of_bytes(b"x")), "why"),
        (&*loosening_words(hash), "  "),
    ] {
        let said = people.confirm_loosening(hash, typed, "ana@desk", why).await;
        assert!(matches!(said, Err(StoreError::Refused { .. })), "{said:?}");
    }
    let effective = done(confirm(h, hash).await);
    assert_eq!(effective, h.ambient.now().plus(usual.loosen_after));
    assert_eq!(
        done(confirm(h, hash).await),
        effective,
        "said twice it is said once"
    );
    let said = people.confirm_loosening(hash, &words, "ben@desk", "me too");
    assert_eq!(lost(said.await.unwrap()).by.as_deref(), Some("ana@desk"));
    assert_eq!(
        waits(h).await.confirmed.unwrap().why,
        "the new card is dearer"
    );
    assert_eq!(alerts(h).await, ["policy_loosens_soon"]);
    // A microsecond before it is no, and then it is yes, for every process.
    let until = effective.since(h.ambient.now());
    h.clock.advance(Span::from_micros(until.micros() - 1));
    assert_eq!(ask(h, agent, "before", "12").await.1, PaymentState::Refused);
    h.clock.advance(Span::from_micros(1));
    assert_eq!(
        h.another().payment_policy().await.unwrap().policy(),
        Some(&with(&usual, 30, 500))
    );
    assert_eq!(ask(h, agent, "after", "12").await.1, PaymentState::Review);
    assert_eq!((standing(h).await.waits, alerts(h).await), (None, vec![]));
    let newest = h.store().payment_policies(1).await.unwrap().remove(0);
    assert_eq!(
        (newest.by.as_str(), newest.why.as_str()),
        ("ana@desk", "the new card is dearer")
    );
    assert_eq!(
        newest.since, effective,
        "since its time, whoever looked first and when"
    );
    // The next start finds nothing that is looser.
    file(h, Some(with(&usual, 30, 500))).await;
    assert_eq!(standing(h).await.waits, None);
    assert_eq!(h.store().payment_policies(9).await.unwrap().len(), 2);
    let audit = h.store().audit(&PageRequest::first(100)).await.unwrap();
    let told = |verb: &str| {
        audit
            .rows
            .iter()
            .filter(|line| line.verb.to_string() == verb)
            .count()
    };
    assert_eq!(
        (
            told("hold_back_policy"),
            told("confirm_loosening"),
            told("install_policy")
        ),
        (1, 1, 2)
    );
}

/// Proves: R103.
pub async fn r103_a_confirmation_is_for_exactly_what_the_file_said(h: Harness) {
    let h = &h;
    let usual = policy(h);
    begin(h).await;
    let people = h.people();
    file(h, Some(with(&usual, 30, 500))).await;
    let first = waits(h).await.hash;
    let _ = done(confirm(h, first).await);
    // Taken back in time it waits again, and its time comes to nothing.
    let said = people
        .take_back_loosening(first, "ben@desk", "not this week")
        .await;
    done(said.unwrap());
    assert_eq!(alerts(h).await, ["policy_loosening_waits"]);
    h.clock.advance(Span::from_hours(1));
    assert_eq!(standing(h).await.policy(), Some(&usual));
    let _ = done(confirm(h, first).await);
    // The file tightens something else meanwhile: that holds at once, and what was confirmed is void with what it was for.
    file(h, Some(with(&usual, 30, 300))).await;
    h.clock.advance(Span::from_hours(1));
    assert_eq!(standing(h).await.policy(), Some(&with(&usual, 10, 300)));
    let second = waits(h).await;
    assert_eq!((second.confirmed, second.changes.len()), (None, 1));
    assert!(
        lost(confirm(h, first).await)
            .now
            .contains(&second.hash.short())
    );
    let gone = people.take_back_loosening(first, "ben@desk", "why").await;
    assert!(matches!(gone.unwrap(), Outcome::NotFound));
    // A shorter delay is looser, too: it is the delay in force that is waited for.
    let hasty = PaymentPolicy {
        loosen_after: Span::from_mins(1),
        ..with(&usual, 30, 300)
    };
    file(h, Some(hasty.clone())).await;
    let effective = done(confirm(h, hasty.hash()).await);
    assert_eq!(effective.since(h.ambient.now()), usual.loosen_after);
    h.clock.advance(usual.loosen_after);
    assert_eq!(standing(h).await.policy(), Some(&hasty));
    // And a longer one holds at once.
    let slow = PaymentPolicy {
        loosen_after: Span::from_hours(2),
        ..with(&usual, 31, 300)
    };
    file(h, Some(slow.clone())).await;
    let effective = done(confirm(h, slow.hash()).await);
    assert_eq!(effective.since(h.ambient.now()), Span::from_hours(2));
}

/// Proves: R103.
pub async fn r103_what_was_taken_away_comes_back_through_a_person_alone(h: Harness) {
    let h = &h;
    let usual = policy(h);
    let agent = begin(h).await;
    file(h, None).await;
    let wanted = wish(h, agent, "none", "1");
    let refused = h.store().propose_payment(&wanted, None).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })));
    file(h, Some(usual.clone())).await;
    assert_eq!(standing(h).await.policy(), None);
    let refused = h.store().propose_payment(&wanted, None).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })));
    let waiting = waits(h).await;
    assert_eq!(waiting.changes[0].field, "payments");
    let _ = done(confirm(h, waiting.hash).await);
    h.clock.advance(usual.loosen_after);
    // Nobody looked in between: the sweep is enough.
    h.store().sweep().await.unwrap();
    assert_eq!(ask(h, agent, "again", "1").await.1, PaymentState::Approved);
}

/// Proves: R189.
pub async fn r189_first_decisions_are_read_with_what_they_were_made_from(h: Harness) {
    let h = &h;
    let usual = policy(h);
    let agent = begin(h).await;
    let before = h.ambient.now();
    for (key, amount) in [("a", "1"), ("b", "6"), ("c", "12"), ("d", "nothing")] {
        h.clock.advance(Span::from_secs(1));
        let _ = ask(h, agent, key, amount).await;
    }
    let store = h.store();
    let (all, more) = store.first_decisions(before, 0, 10).await.unwrap();
    assert_eq!((all.len(), more), (4, None));
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.word.verdict, one.word.code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Rule::Allow, ""),
            (Rule::Review, "approval.people"),
            (Rule::Refuse, "cap.payment"),
            (Rule::Refuse, "request.terms"),
        ]
    );
    // Made again by the policy that made them they say the same.
    let mut again = Trial::default();
    for one in &all {
        again.take(one, &usual);
    }
    assert_eq!(
        (again.of(Course::Same).payments, again.other_reason),
        (4, 0)
    );
    // Page by page they are the same ones, and what is older is left out.
    let (first, place) = store.first_decisions(before, 0, 3).await.unwrap();
    let (rest, end) = store
        .first_decisions(before, place.unwrap(), 3)
        .await
        .unwrap();
    assert_eq!((first.len(), rest.len(), end), (3, 1, None));
    assert_eq!([first, rest].concat(), all);
    let since = all[2].at;
    assert_eq!(
        store.first_decisions(since, 0, 10).await.unwrap().0.len(),
        2
    );
}
