//! What the store of the books promises: what is told is what is held, and nothing is told twice or left out.

use chimera_domain::{
    Safe, Span, Usd,
    chain::Units,
    ids::IntentId,
    payment::PaymentState,
    ports::BOOKED_MAX,
    spend::{Reservation, SpendRequest},
    task::Task,
    views::{
        PageRequest, StepKind,
        books::{Budget, profit},
        headroom::{CapRow, Level, RunsOut, binding},
        journal::{Booked, BookedFor, BookedSubject, Moved},
    },
};

use super::{
    Harness, fixtures,
    payments::{self, DOLLAR, FEE},
    spend,
};

/// A house with a task that may spend, and the wallet of its agent with 500 dollars.
async fn begin(h: &Harness) -> Task {
    payments::begin(h).await;
    h.go_live().await;
    let fence = h.lease(1).await.fence;
    h.pending("a").await;
    h.claim(fence).await.task
}

async fn set_aside(h: &Harness, request: &SpendRequest) -> IntentId {
    let budget = fixtures::policy().budget;
    match h.store().reserve(request, &budget).await.unwrap() {
        Reservation::Reserved(intent) => intent,
        other @ (Reservation::Refused { .. } | Reservation::Halted { .. }) => panic!("{other:?}"),
    }
}

async fn spent(h: &Harness, task: &Task, key: &str, micros: i64) -> IntentId {
    let intent = set_aside(h, &spend::request(h, task, key, micros)).await;
    let usd = Usd::from_micros(micros);
    h.store().settle(intent, usd).await.unwrap();
    intent
}

fn used<'a>(caps: &'a [CapRow], name: &str) -> &'a CapRow {
    let mut found = caps.iter().filter(|cap| cap.limit.limit == name);
    found
        .next()
        .unwrap_or_else(|| panic!("no cap {name}: {caps:?}"))
}

/// What is told to be left of a day is what may still be set aside, to the micro-dollar: so much passes, and one more does not.
/// Proves: R94.
pub async fn r94_what_is_left_is_what_may_be_set_aside(h: Harness) {
    let h = &h;
    let task = begin(h).await;
    spent(h, &task, "a", 7_000_000).await;
    set_aside(h, &spend::request(h, &task, "b", 2_000_000)).await;
    let headroom = h.store().headroom().await.unwrap();
    let agent = headroom.agent(task.agent_id).unwrap();
    let day = used(&agent.tools.caps, "agent_day").clone();
    assert_eq!(day.limit.used, Usd::from_micros(9_000_000));
    assert_eq!(day.open, Usd::from_micros(2_000_000));
    // The house has one agent, so its days are this one's; and least is left of the day, not of the campaign's budget.
    assert_eq!(headroom.tools.day().unwrap().left(), day.left());
    assert_eq!(binding(&agent.tools.caps), Some(&day));
    let left = day.left().micros();
    let over = spend::request(h, &task, "over", left + 1);
    let budget = fixtures::policy().budget;
    let refused = h.store().reserve(&over, &budget).await.unwrap();
    assert!(
        matches!(refused, Reservation::Refused { .. }),
        "{refused:?}"
    );
    set_aside(h, &spend::request(h, &task, "all", left)).await;
    let headroom = h.store().headroom().await.unwrap();
    let agent = headroom.agent(task.agent_id).unwrap();
    assert_eq!(used(&agent.tools.caps, "agent_day").level(), Level::Spent);
    assert_eq!(agent.economy().unwrap().limit.limit, "agent_day");
    assert_eq!(agent.tools.runs_out(headroom.at), Some(RunsOut::Gone));
}

/// Every cap of a wallet is told with what the CFO held the next payment against.
/// Proves: R94, R98.
pub async fn r94_caps_of_payments_are_told_as_the_cfo_sees_them(h: Harness) {
    let h = &h;
    let agent = begin(h).await.agent_id;
    payments::posted(h, agent, 1, "1.50").await;
    h.clock.advance(Span::from_mins(70));
    payments::propose(h, &payments::wish(h, agent, "open", "2")).await;
    let headroom = h.store().headroom().await.unwrap();
    let purse = headroom.agent(agent).unwrap().payments.clone().unwrap();
    let house = headroom.payments.clone().unwrap();
    let next = payments::propose(h, &payments::wish(h, agent, "next", "1")).await;
    for cap in purse.caps.iter().chain(&house.caps) {
        let code = format!("cap.{}", cap.limit.limit);
        let line = next.lines.iter().find(|line| line.code == code);
        let line = line.unwrap_or_else(|| panic!("the CFO has no {code}"));
        let told = format!("{} USD used and", cap.limit.used);
        assert!(
            line.observed.starts_with(&told),
            "{code}: {told} {}",
            line.observed
        );
        assert_eq!(line.limit, format!("{} USD", cap.limit.cap), "{code}");
    }
    // All of it is on a test chain, what is only set aside too.
    assert_eq!(purse.simulated, purse.day().unwrap().limit.used);
    assert_eq!(house.simulated, purse.simulated);
    // An hour later what was posted counts for the day, what is set aside for the hour as well.
    let open = Usd::from_micros(2_000_000 + FEE);
    assert_eq!(used(&purse.caps, "hour").limit.used, open);
    assert_eq!(used(&purse.caps, "day").open, open);
    assert_eq!(binding(&purse.caps).unwrap().limit.limit, "hour");
    let held = &headroom.agent(agent).unwrap().holdings;
    let dollars = held
        .iter()
        .find(|held| held.asset.as_str() == "USDC")
        .unwrap();
    let left = 500 * DOLLAR - 1_500_000;
    assert_eq!(dollars.held, Units::from_base(left));
    assert_eq!(dollars.worth, Some(Usd::from_micros(498_500_000)));
    assert_eq!(dollars.pace.unwrap().spent, Units::from_base(1_500_000));
    assert!(matches!(dollars.runs_out(headroom.at), RunsOut::At(_)));
}

/// Where nothing was ever spent there is no pace and no moment, and where no policy is installed nothing is left.
/// Proves: R99.
pub async fn r99_no_data_is_told_as_such(h: Harness) {
    let bare = h.store().headroom().await.unwrap();
    assert_eq!(
        (bare.zone, bare.agents.len(), bare.payments),
        (None, 0, None)
    );
    begin(&h).await;
    let headroom = h.store().headroom().await.unwrap();
    let agent = &headroom.agents[0];
    assert_eq!(agent.tools.pace, None);
    assert_eq!(agent.tools.runs_out(headroom.at), Some(RunsOut::NoData));
    let payments = agent.payments.as_ref().unwrap();
    assert_eq!(payments.runs_out(headroom.at), Some(RunsOut::NoData));
    assert!(
        agent
            .holdings
            .iter()
            .all(|held| held.runs_out(headroom.at) == RunsOut::NoData)
    );
}

/// Both budgets are in one overview, each line of one budget, agent, campaign, category and kind of money; fees apart; what is
/// set aside or unsure is in no sum of what was spent.
/// Proves: R99.
pub async fn r99_both_budgets_in_one_overview_and_nothing_mixed(h: Harness) {
    let h = &h;
    let task = begin(h).await;
    spent(h, &task, "a", 30_000).await;
    let mut other = spend::request(h, &task, "b", 5_000);
    other.simulated = true;
    let other = set_aside(h, &other).await;
    h.store()
        .settle(other, Usd::from_micros(4_000))
        .await
        .unwrap();
    set_aside(h, &spend::request(h, &task, "c", 700)).await;
    let unsure = set_aside(h, &spend::request(h, &task, "d", 11_000)).await;
    h.store().doubt(unsure, "no answer").await.unwrap();
    let void = set_aside(h, &spend::request(h, &task, "e", 99_000)).await;
    h.store().void(void, "not made").await.unwrap();
    payments::posted(h, task.agent_id, 1, "1.50").await;
    payments::propose(h, &payments::wish(h, task.agent_id, "open", "2")).await;
    let since = h.ambient.now().minus(Span::from_hours(24 * 30));
    let books = h.store().books(since).await.unwrap();
    let told: Vec<_> = books
        .lines
        .iter()
        .map(|line| {
            let sums = &line.sums;
            let of = [sums.spent.day, sums.fees.day, sums.open, sums.uncertain];
            (
                line.budget,
                line.simulated,
                line.campaign.as_str(),
                of.map(Usd::micros),
                sums.count,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Budget::Tools, false, "main", [30_000, 0, 700, 11_000], 1),
            (Budget::Tools, true, "main", [4_000, 0, 0, 0], 1),
            // 100,000 gwei of gas at 3,000 dollars are 30 cents.
            (
                Budget::Payments,
                true,
                "",
                [1_500_000, 300_000, 2_000_000 + FEE, 0],
                1
            ),
        ]
    );
    assert!(books.lines.iter().all(|line| line.agent.as_str() == "fae"));
    // A day later it is yesterday's, and still this month's.
    h.clock.advance(Span::from_hours(25));
    let books = h.store().books(h.ambient.now()).await.unwrap();
    let tools = &books.lines[0].sums.spent;
    assert_eq!(
        (tools.today, tools.day, tools.period),
        (Usd::ZERO, Usd::ZERO, Usd::ZERO)
    );
    assert_eq!(tools.month, Usd::from_micros(30_000));
}

/// What came in is income and what a wallet had when it was first looked at is not; what has no price is told by its units.
/// Proves: R106.
pub async fn r106_income_is_what_came_in_since(h: Harness) {
    let h = &h;
    let task = begin(h).await;
    let agent = task.agent_id;
    let since = h.ambient.now();
    h.clock.advance(Span::from_mins(1));
    spent(h, &task, "a", 250_000).await;
    let income = vec![(payments::hash(7), Units::from_base(3 * DOLLAR))];
    let found = payments::look(h, agent, "USDC", 2, income).await;
    assert!(
        h.store()
            .record_reconciliation(agent, "USDC", &found)
            .await
            .unwrap()
    );
    let income = vec![(payments::hash(8), Units::from_base(42))];
    let found = payments::look(h, agent, "ODD", 2, income).await;
    assert!(
        h.store()
            .record_reconciliation(agent, "ODD", &found)
            .await
            .unwrap()
    );
    let books = h.store().books(since).await.unwrap();
    let rows = profit(&books);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.campaign.as_str(),
                row.simulated,
                row.result().micros(),
                row.unknown.clone(),
            )
        })
        .collect();
    let odd = (Safe::line("ODD"), None, Units::from_base(42));
    assert_eq!(
        told,
        [
            ("", false, 0, vec![odd]),
            ("main", false, -250_000, vec![]),
            ("", true, 3_000_000, vec![]),
        ]
    );
    let later = h
        .store()
        .books(h.ambient.now().plus(Span::from_mins(1)))
        .await
        .unwrap();
    assert_eq!(profit(&later), []);
}

/// Every entry of one ledger, page by page as an export reads them.
async fn all(h: &Harness, budget: Budget, up_to: i64) -> Vec<Booked> {
    let mut found: Vec<Booked> = Vec::new();
    loop {
        let after = found.last().map_or(0, |entry| entry.seq);
        let more = h.store().booked(budget, after, up_to).await.unwrap();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// An export has every entry once, in order and with what it belongs to; one that ends where it was told to is of one moment,
/// whatever is written meanwhile: its entries come to what the wallets should hold there.
/// Proves: R100, R101, R106.
pub async fn r101_every_entry_is_told_once_with_what_it_belongs_to(h: Harness) {
    let h = &h;
    let task = begin(h).await;
    let agent = task.agent_id;
    for n in 0..BOOKED_MAX / 2 + 10 {
        spent(h, &task, &format!("k{n}"), 10).await;
    }
    let id = payments::posted(h, agent, 1, "1.50").await;
    let end = h.store().books_end().await.unwrap();
    spent(h, &task, "later", 10).await;
    payments::posted(h, agent, 2, "1.50").await;
    let tools = all(h, Budget::Tools, end.tools).await;
    let places: Vec<i64> = tools.iter().map(|entry| entry.seq).collect();
    assert_eq!(places, (1..=end.tools).collect::<Vec<_>>());
    assert_eq!(places.len(), usize::try_from(BOOKED_MAX + 20).unwrap());
    assert!(tools.iter().all(|entry| entry.task_id == Some(task.id)
        && entry.trace_id == Some(task.trace_id)
        && matches!(entry.of, BookedFor::Intent(_))));
    let wallets = all(h, Budget::Payments, end.payments).await;
    let of_payment: Vec<_> = wallets
        .iter()
        .filter(|e| e.of == BookedFor::Payment(id))
        .collect();
    let sides: Vec<_> = of_payment.iter().map(|e| (e.debit, e.credit)).collect();
    assert_eq!(
        sides,
        [
            ("reserved", "wallet"),
            ("paid", "reserved"),
            ("fees", "wallet")
        ]
    );
    assert!(of_payment[1].on_chain.is_some() && of_payment[1].counterparty.as_str() == "images");
    for balance in &end.balances {
        let mut held = 0i128;
        for entry in &wallets {
            let Moved::Asset { asset, units, .. } = &entry.moved else {
                panic!("a wallet holds assets");
            };
            if *asset != balance.asset {
                continue;
            }
            let is_held = |account: &str| i128::from(matches!(account, "wallet" | "reserved"));
            let units = i128::try_from(units.base()).unwrap();
            held += (is_held(entry.debit) - is_held(entry.credit)) * units;
        }
        assert_eq!(
            held,
            i128::try_from(balance.held.base()).unwrap(),
            "{}",
            balance.asset
        );
    }
}

/// Why something was paid is told from each of its ids: the same task, signal and decisions, and its entries.
/// Proves: R101.
pub async fn r101_why_something_was_paid_is_told_from_any_of_its_ids(h: Harness) {
    let h = &h;
    let task = begin(h).await;
    let intent = spent(h, &task, "a", 30_000).await;
    let mut wish = payments::wish(h, task.agent_id, "for a task", "1.50");
    (wish.task_id, wish.trace_id) = (Some(task.id), task.trace_id);
    let payment = payments::propose(h, &wish).await.payment_id;
    let ask = |subject| {
        let store = h.store();
        async move { store.why_paid(subject).await.unwrap().unwrap() }
    };
    let why = ask(BookedSubject::Intent(intent)).await;
    assert_eq!(why.task.as_ref().unwrap().id, task.id);
    assert_eq!(why.signal.as_ref().unwrap().title.as_str(), "Title of a");
    assert_eq!(why.entries.len(), 2);
    assert!(
        why.decisions[0]
            .says
            .as_str()
            .starts_with("set aside against task"),
        "{why:?}"
    );
    for entry in &why.entries {
        assert_eq!(ask(BookedSubject::Entry(entry.id)).await, why);
    }
    let paid = ask(BookedSubject::Payment(payment)).await;
    assert_eq!((paid.task, paid.signal), (why.task, why.signal));
    assert_eq!(paid.state, PaymentState::Approved.as_str());
    assert!(
        paid.decisions[0].says.as_str().contains("rules passes"),
        "{:?}",
        paid.decisions
    );
    assert_eq!(
        ask(BookedSubject::Entry(paid.entries[0].id)).await.entries,
        paid.entries
    );
    // The walk that one key opens has the payment, too.
    let steps = h
        .store()
        .walk(task.trace_id, &PageRequest::first(200))
        .await
        .unwrap()
        .rows;
    let of_payment = steps
        .iter()
        .find(|step| step.subject.as_str() == payment.to_string());
    assert_eq!(of_payment.map(|step| step.kind), Some(StepKind::Payment));
    // What a wallet had before is for nothing, and says so.
    let opening = all(h, Budget::Payments, 1).await.remove(0);
    let why = ask(BookedSubject::Entry(opening.id)).await;
    assert_eq!((why.of, why.decisions.len()), (BookedFor::Nothing, 0));
    let gone = IntentId::from_uuid(h.ambient.fresh());
    assert_eq!(
        h.store()
            .why_paid(BookedSubject::Intent(gone))
            .await
            .unwrap(),
        None
    );
}

/// The text of the only open alert with a code; none where there is none.
async fn alert(h: &Harness, code: &str) -> Option<String> {
    let found = h.store().alerts(&PageRequest::first(200)).await.unwrap();
    let mut of = found
        .rows
        .into_iter()
        .filter(|alert| alert.code.as_str() == code);
    let first = of.next();
    assert!(of.next().is_none(), "one {code}");
    first.map(|alert| {
        assert_eq!(alert.count, 1, "{}", alert.text);
        alert.text.to_string()
    })
}

/// At 80 of a hundred of an agent's day somebody is told, at 90 once more, each once a day whatever is spent besides; it ends
/// with the day.
/// Proves: R99.
pub async fn r99_a_day_that_is_nearly_used_up_is_told_once_at_80_and_90(h: Harness) {
    let h = &h;
    let task = begin(h).await;
    spent(h, &task, "a", 39_999_999).await;
    assert_eq!(alert(h, "budget_near").await, None);
    spent(h, &task, "b", 1).await;
    let told = alert(h, "budget_near").await.unwrap();
    assert!(
        told.starts_with("agent_day of fae: 40.00 of 50.00 USD used today, 10.00 left"),
        "{told}"
    );
    spent(h, &task, "c", 4_999_999).await;
    assert_eq!(alert(h, "budget_near").await, Some(told));
    assert_eq!(alert(h, "budget_tight").await, None);
    spent(h, &task, "d", 1).await;
    spent(h, &task, "e", 1).await;
    let told = alert(h, "budget_tight").await.unwrap();
    assert!(told.contains("45.00 of 50.00 USD used"), "{told}");
    assert_eq!(alert(h, "budget_near").await, None);
    h.store().sweep().await.unwrap();
    assert_eq!(alert(h, "budget_tight").await, Some(told));
    h.clock.advance(Span::from_hours(13));
    h.store().sweep().await.unwrap();
    assert_eq!(alert(h, "budget_tight").await, None);
    // The rolling day is still as full: that is told of this day once more, when more is spent of it.
    spent(h, &task, "f", 1).await;
    assert!(alert(h, "budget_tight").await.is_some());
    h.clock.advance(Span::from_hours(30));
    h.store().sweep().await.unwrap();
    assert_eq!(alert(h, "budget_tight").await, None);
    // What cost more than was set aside for it was held against no cap, and counts all the same.
    let over = set_aside(h, &spend::request(h, &task, "g", 1)).await;
    assert_eq!(alert(h, "budget_near").await, None);
    h.store()
        .settle(over, Usd::from_micros(41_000_000))
        .await
        .unwrap();
    assert!(
        alert(h, "budget_near")
            .await
            .unwrap()
            .contains("41.00 of 50.00 USD")
    );
}

/// The same for the days of payments, of an agent and of the house, by what is set aside.
/// Proves: R99.
pub async fn r99_a_day_of_payments_that_is_nearly_used_up_is_told(h: Harness) {
    let h = &h;
    let mut policy = payments::policy(h);
    policy.agents[0].caps.hour = Usd::from_micros(50_000_000);
    policy.agents[0].caps.payments_per_hour = 100;
    policy.counterparties[0].day = None;
    policy.house.day = Usd::from_micros(60_000_000);
    policy.review.one_above = Usd::from_micros(100_000_000);
    policy.review.two_above = Usd::from_micros(100_000_000);
    let agent = payments::begin_with(h, policy).await;
    let ask = |n: u8| {
        let wish = payments::wish(h, agent, &format!("k{n}"), "9");
        async move { payments::propose(h, &wish).await }
    };
    for n in 0..4 {
        assert_eq!(ask(n).await.state, PaymentState::Approved, "{n}");
        assert_eq!(alert(h, "budget_near").await, None);
    }
    // Five of 9 dollars with half a dollar of gas each are 47.52 of the agent's 50, and less than 80 of a hundred of the house's 60.
    assert_eq!(ask(4).await.state, PaymentState::Approved);
    let told = alert(h, "budget_tight").await.unwrap();
    assert!(
        told.starts_with("payments_day of fae: 47.52 of 50.00 USD used today, 2.48 left"),
        "{told}"
    );
    assert_eq!(alert(h, "budget_near").await, None);
    let wish = payments::wish(h, agent, "last", "1.20");
    assert_eq!(
        payments::propose(h, &wish).await.state,
        PaymentState::Approved
    );
    let told = alert(h, "budget_near").await.unwrap();
    assert!(
        told.starts_with("house_payments_day of all agents: 49.224 of 60.00 USD"),
        "{told}"
    );
}
