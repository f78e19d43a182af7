//! Payments that people are asked about: tickets of the review queue, decided on what was shown, held, and taken back.

use chimera_domain::{
    ContentHash, Outcome, Span,
    cfo::{Quote, Rule},
    effect::EffectState,
    halt::{Halt, Scope},
    ids::{AgentId, PaymentId, TicketId},
    payment::{Payment, PaymentState},
    ports::{Cleared, Store},
    ticket::{Choice, Decide, Decided, RejectClass, TicketState},
    views::{About, By, Order, PageRequest, PaymentAsked, TicketCard, TicketRow},
};

use super::{
    Harness, done, lost,
    payments::{begin_with, payment, policy, propose, quote, wish},
};

/// A house in which each payment is shown to one person, and what is above 60 dollars to two.
async fn begin(h: &Harness) -> AgentId {
    let mut rules = policy(h);
    rules.review.new_counterparty = Rule::Review;
    begin_with(h, rules).await
}

async fn queue(h: &Harness, page: &PageRequest) -> Vec<TicketRow> {
    h.store().review_queue(page).await.unwrap().rows
}

async fn card(h: &Harness, payment: PaymentId) -> TicketCard {
    let ticket = TicketId::of_payment(payment);
    h.store().ticket_card(ticket).await.unwrap().unwrap()
}

fn asked(card: &TicketCard) -> &PaymentAsked {
    card.payment().expect("it asks about a payment")
}

fn decide(card: &TicketCard, choice: Choice, actor: &str) -> Decide {
    Decide {
        ticket_id: card.row.id,
        version: card.row.version,
        content_hash: card.content_hash,
        choice,
        actor: actor.to_owned(),
    }
}

async fn approve(h: &Harness, card: &TicketCard, by: &str) -> Outcome<Decided> {
    let decide = decide(card, Choice::Approve, by);
    h.store().decide_ticket(&decide).await.unwrap()
}

async fn waits(h: &Harness, agent: AgentId, key: &str, dollars: &str) -> PaymentId {
    let proposed = propose(h, &wish(h, agent, key, dollars)).await;
    assert_eq!(proposed.state, PaymentState::Review, "{}", proposed.why);
    proposed.payment_id
}

async fn clear(store: &dyn Store, found: &Payment, quote: &Quote) -> Cleared {
    let (id, version) = (found.terms.payment_id, found.version);
    done(store.clear_payment(id, version, quote, 0).await.unwrap())
}

/// What waits for a person is in the queue and counted, before posts, with all that would be signed on its card; it
/// is found by filters as tickets are.
/// Proves: R97, R131.
pub async fn r131_a_payment_that_waits_is_a_ticket(h: Harness) {
    let agent = begin(&h).await;
    let empty = h.store().overview().await.unwrap().tickets_waiting;
    let id = waits(&h, agent, "one", "1.5").await;
    let rows = queue(&h, &PageRequest::first(10)).await;
    let row = rows.first().expect("it waits");
    assert_eq!(
        (row.id, row.about),
        (TicketId::of_payment(id), About::Payment)
    );
    assert_eq!(row.text.as_str(), "1.5 USDC to images for an image");
    assert_eq!(row.state, TicketState::Open);
    let house = h.store().overview().await.unwrap();
    assert_eq!(house.tickets_waiting, empty + 1);
    assert_eq!(house.oldest_ticket_at, Some(row.created_at));
    let card = card(&h, id).await;
    let shown = asked(&card);
    assert_eq!(shown.to, chimera_domain::testing::PAYEE);
    assert_eq!(shown.from, chimera_domain::testing::WALLET);
    let method = shown.call.method.as_str();
    assert_eq!(method, "transferWithAuthorization (0xe3ee160e)");
    assert_eq!((shown.people, shown.known), (1, Some(0)));
    assert!(
        shown
            .rules
            .iter()
            .any(|rule| rule.code.as_str() == "counterparty.new")
    );
    assert!(shown.limits.iter().any(|limit| limit.limit == "day"));
    assert!(shown.risk.is_some() && !shown.factors.is_empty());
    for (filter, found) in [
        ("about:payment", 1),
        ("about:post", 0),
        ("images", 1),
        ("channel:local", 1),
        ("nothing like it", 0),
    ] {
        let page = PageRequest {
            filter: filter.to_owned(),
            ..PageRequest::first(10)
        };
        assert_eq!(queue(&h, &page).await.len(), found, "{filter}");
    }
}

/// Payments and posts make one list, in each order and however it is cut into pages: nothing is missing, nothing twice.
/// Proves: R131.
pub async fn r131_payments_and_posts_make_one_list(h: Harness) {
    let agent = begin(&h).await;
    h.go_live().await;
    let fence = h.lease(1).await.fence;
    for n in 0..3 {
        h.ticketed(fence, &format!("post {n}")).await;
        h.clock.advance(Span::from_mins(1));
        waits(&h, agent, &format!("payment {n}"), &format!("{}", n + 1)).await;
        h.clock.advance(Span::from_mins(1));
    }
    for by in [By::Urgency, By::Deadline, By::Asked] {
        for turned in [false, true] {
            if by == By::Urgency && turned {
                continue;
            }
            let page = |offset, limit| PageRequest {
                order: Some(Order { by, turned }),
                offset,
                ..PageRequest::first(limit)
            };
            let whole = h.store().review_queue(&page(0, 50)).await.unwrap();
            let ids = |rows: &[TicketRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
            assert_eq!((whole.rows.len(), whole.total), (6, 6));
            for limit in 1..=4 {
                let mut pieces = Vec::new();
                for offset in (0..6).step_by(limit) {
                    let limit = u32::try_from(limit).unwrap();
                    let part = h.store().review_queue(&page(offset, limit)).await.unwrap();
                    assert_eq!(part.total, 6);
                    pieces.extend(ids(&part.rows));
                }
                assert_eq!(pieces, ids(&whole.rows), "{by} {turned} by {limit}");
            }
            let key = |row: &TicketRow| {
                if by == By::Asked {
                    row.created_at
                } else {
                    row.sla_at
                }
            };
            if by != By::Urgency {
                let keys: Vec<_> = whole.rows.iter().map(key).collect();
                let sorted = keys.is_sorted_by(|a, b| if turned { a >= b } else { a <= b });
                assert!(sorted, "{by} {turned}: {keys:?}");
            } else {
                let money = |row: &TicketRow| row.about == About::Payment;
                assert!(whole.rows[..3].iter().all(money));
            }
        }
    }
}

/// An approved payment is held for the undo fuse: nothing is signed before it is over, and until then it can be taken
/// back, which asks anew; what was taken back counts for nothing.
/// Proves: R66, R103.
pub async fn r66_an_approved_payment_is_held_and_can_be_taken_back(h: Harness) {
    let agent = begin(&h).await;
    let store = h.store();
    let id = waits(&h, agent, "one", "1.5").await;
    let shown = card(&h, id).await;
    let Decided::PaymentHeld { until } = done(approve(&h, &shown, "ana@a").await) else {
        panic!("it is not held");
    };
    assert_eq!(until, h.ambient.now().plus(shown.fuse));
    let held = payment(&h, id).await;
    assert!(store.open_payments().await.unwrap().is_empty());
    let early = clear(store.as_ref(), &held, &quote(&h)).await;
    assert!(matches!(early, Cleared::Wait { .. }), "{early:?}");
    assert_eq!(card(&h, id).await.effect, Some(EffectState::Held));

    let ticket = TicketId::of_payment(id);
    let undo = store.undo_decision(ticket, held.version, "ben@b").await;
    done(undo.unwrap());
    let again = card(&h, id).await;
    assert_eq!(again.row.state, TicketState::Open);
    assert!(asked(&again).approvals.is_empty() && again.decided.is_none());
    h.clock.advance(Span::from_mins(1));
    assert!(store.open_payments().await.unwrap().is_empty());

    done(approve(&h, &again, "ana@a").await);
    h.clock.advance(shown.fuse);
    let free = payment(&h, id).await;
    assert_eq!(store.open_payments().await.unwrap().len(), 1);
    let cleared = clear(store.as_ref(), &free, &quote(&h)).await;
    assert!(matches!(cleared, Cleared::Sign { .. }), "{cleared:?}");
}

/// Two people above the second line, each once, on exactly what was shown; who asked is neither of them. A first yes can be
/// taken back, and is then none.
/// Proves: R97, R103, R181.
pub async fn r103_two_people_approve_and_neither_asked_for_it(h: Harness) {
    let agent = begin(&h).await;
    let id = waits(&h, agent, "much", "9").await;
    let shown = card(&h, id).await;
    assert_eq!(asked(&shown).people, 2);
    assert!(!shown.two.is_empty());
    let store = h.store();
    let own = decide(&shown, Choice::Approve, "zoe@host:pts/1");
    assert!(store.decide_ticket(&own).await.is_err());
    let mut other = decide(&shown, Choice::Approve, "ana@a");
    other.content_hash = ContentHash::of_bytes(b"something else");
    assert!(store.decide_ticket(&other).await.is_err());

    assert_eq!(
        done(approve(&h, &shown, "ana@a").await),
        Decided::FirstOfTwo
    );
    assert_eq!(
        done(approve(&h, &shown, "ana@b").await),
        Decided::FirstOfTwo
    );
    let one = card(&h, id).await;
    assert!(
        one.row
            .first
            .as_ref()
            .is_some_and(|first| first.is_by("ana@c"))
    );
    let undo = store
        .undo_decision(one.row.id, one.row.version, "ana@a")
        .await;
    done(undo.unwrap());
    let none = card(&h, id).await;
    assert!(none.row.first.is_none());
    assert_eq!(done(approve(&h, &none, "ben@b").await), Decided::FirstOfTwo);
    let held = done(approve(&h, &none, "ana@a").await);
    assert!(matches!(held, Decided::PaymentHeld { .. }), "{held:?}");
    // Who forces one is the first of the two, and the card asks for one more: that one's yes is enough.
    let mut forced = wish(&h, agent, "forced", "9");
    forced.forced = true;
    let id = propose(&h, &forced).await.payment_id;
    let by_force = card(&h, id).await;
    assert_eq!((asked(&by_force).people, by_force.two.len()), (1, 0));
    let enough = done(approve(&h, &by_force, "ana@a").await);
    assert!(matches!(enough, Decided::PaymentHeld { .. }), "{enough:?}");
    // Whoever comes third is told who was faster.
    let conflict = lost(approve(&h, &none, "cy@c").await);
    assert_eq!(conflict.by.as_deref(), Some("ana@a"));
}

/// A payment is decided alone, never rewritten, and its no is for good: what was set aside is free.
/// Proves: R97.
pub async fn r97_a_payment_is_taken_or_left_alone(h: Harness) {
    let agent = begin(&h).await;
    let store = h.store();
    let id = waits(&h, agent, "one", "1.5").await;
    let shown = card(&h, id).await;
    let together = decide(&shown, Choice::Approve, "ana@a");
    let outcomes = store.decide_tickets(&[together]).await.unwrap();
    assert!(matches!(&outcomes[..], [Outcome::Conflict(_)]));
    for choice in [
        Choice::Edit {
            text: "13 USDC".to_owned(),
        },
        Choice::RequestChanges {
            notes: "less".to_owned(),
        },
    ] {
        let refused = store.decide_ticket(&decide(&shown, choice, "ana@a")).await;
        assert!(refused.is_err());
    }
    let no = Choice::Reject {
        class: RejectClass::Other,
        note: "too dear".to_owned(),
    };
    let rejected = store.decide_ticket(&decide(&shown, no, "ana@a")).await;
    assert_eq!(done(rejected.unwrap()), Decided::PaymentRejected);
    let over = card(&h, id).await;
    assert_eq!(over.row.state, TicketState::Rejected);
    let decided = over.decided.as_ref().unwrap().as_str().to_owned();
    assert!(
        decided.contains("rejected by ana@a") && decided.contains("too dear"),
        "{decided}"
    );
    lost(
        store
            .undo_decision(over.row.id, over.row.version, "ana@a")
            .await
            .unwrap(),
    );
    assert_eq!(payment(&h, id).await.counted, chimera_domain::Usd::ZERO);
    assert!(queue(&h, &PageRequest::first(10)).await.is_empty());
}

/// It can be given to somebody, put before the others and put off, never past its end; each gives it a new version, and who
/// looks at it is shown to the others.
/// Proves: R97.
pub async fn r97_a_payment_waits_as_tickets_do(h: Harness) {
    let agent = begin(&h).await;
    let store = h.store();
    let id = waits(&h, agent, "one", "1.5").await;
    let ticket = TicketId::of_payment(id);
    store.look_at_ticket(ticket, "ben@b").await.unwrap();
    store.look_at_ticket(ticket, "ana@a").await.unwrap();
    let shown = card(&h, id).await;
    assert_eq!(shown.looked_at_by.as_ref().unwrap().as_str(), "ben@b");
    let give = Choice::Assign {
        to: "ana".to_owned(),
    };
    let given = store
        .decide_ticket(&decide(&shown, give.clone(), "ben@b"))
        .await;
    assert_eq!(done(given.unwrap()), Decided::Assigned);
    lost(
        store
            .decide_ticket(&decide(&shown, give, "ben@b"))
            .await
            .unwrap(),
    );
    let mine = card(&h, id).await;
    assert_eq!(mine.row.assigned_to.as_str(), "ana");
    let until = h.ambient.now().plus(Span::from_mins(5));
    let snooze = |until| Choice::Snooze { until };
    let beyond = mine.row.sla_at.plus(Span::from_mins(1));
    let late = store
        .decide_ticket(&decide(&mine, snooze(beyond), "ana@a"))
        .await;
    assert!(late.is_err());
    let put_off = store
        .decide_ticket(&decide(&mine, snooze(until), "ana@a"))
        .await;
    assert_eq!(done(put_off.unwrap()), Decided::Snoozed { until });
    assert_eq!(card(&h, id).await.row.snoozed_until, Some(until));
    h.clock.advance(Span::from_mins(6));
    let back = card(&h, id).await;
    assert_eq!(back.row.snoozed_until, None);
    let first = Choice::Escalate {
        note: "look".to_owned(),
    };
    let escalated = store.decide_ticket(&decide(&back, first, "ana@a")).await;
    assert_eq!(done(escalated.unwrap()), Decided::Escalated);
    assert_eq!(card(&h, id).await.row.state, TicketState::Escalated);
    h.clock.advance(Span::from_mins(30));
    store.open_payments().await.unwrap();
    assert_eq!(card(&h, id).await.row.state, TicketState::Expired);
}

/// What was approved before a halt of everything or of its agent is asked about anew, as posts are judged anew: neither the yes of
/// a person nor that of the rules outlives the switch. A pause of spending keeps it as it is.
/// Proves: R18, R148.
pub async fn r148_a_halt_voids_what_was_approved_and_not_signed(h: Harness) {
    let agent = begin(&h).await;
    let store = h.store();
    let id = waits(&h, agent, "one", "1.5").await;
    done(approve(&h, &card(&h, id).await, "ana@a").await);
    for scope in [Scope::Spending, Scope::Agent(agent)] {
        let halted = store
            .halt(scope.clone(), Halt::Pause, "ben@b", "stop")
            .await;
        done(halted.unwrap());
        let stands = payment(&h, id).await.state;
        let expected = if scope == Scope::Spending {
            PaymentState::Approved
        } else {
            PaymentState::Review
        };
        assert_eq!(stands, expected, "{scope:?}");
        done(store.resume(scope, "ben@b").await.unwrap());
    }
    let again = card(&h, id).await;
    assert!(asked(&again).approvals.is_empty());
    assert!(asked(&again).row.why.as_str().contains("before a halt"));
    done(approve(&h, &again, "ana@a").await);
    done(
        store
            .halt(Scope::Fleet, Halt::Kill, "ben@b", "stop")
            .await
            .unwrap(),
    );
    assert_eq!(payment(&h, id).await.state, PaymentState::Review);
}
