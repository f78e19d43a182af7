//! The books over the real program: caps, sums, profit and loss, exports that a strict reader takes, and why.

use std::collections::{BTreeMap, BTreeSet};

use chimera_domain::{
    Timestamp, Usd,
    cfo::{PaymentPolicy, Rule},
    chain::{Hash32, Units},
    ids::PaymentId,
    payment::{AttemptKind, Call, PaymentRequest, Source, Transaction},
    ports::{BooksStore as _, Cleared, DeskStore as _, NewAttempt, PaymentStore as _, Receipt},
    spend::BudgetCategory,
    testing::{PAYEE, TOKEN, WALLET, payment_policy, quote},
    views::journal::BookedSubject,
    wallet::{Reconciled, Reconciliation},
};
use serde_json::Value;

use super::classic::world::{ALL, HEMP, LINEN, World};

const DOLLAR: u128 = 1_000_000;

/// A swarm that spends on tools, of an agent with a wallet that paid once and has set aside for a second payment.
async fn house() -> (World, PaymentId) {
    let world = World::with(&[&[LINEN, HEMP]], |config| {
        config.policy.payments = Some(policy());
    })
    .await;
    for _ in 0..12 {
        world.turn().await;
    }
    let agent = world.overview().await.campaigns[0].agent_id;
    for (asset, units) in [("USDC", 500 * DOLLAR), ("ETH", 10u128.pow(18))] {
        came_in(&world, asset, 0, units).await;
    }
    let campaign = world.overview().await.campaigns.remove(0);
    let task = world.tasks().await.remove(0);
    let mut ids = Vec::new();
    for (key, amount, memo) in [
        ("first", "1.50", "an image; for \"us\": 1"),
        ("second", "2", "=2+2"),
    ] {
        let request = PaymentRequest {
            payment_id: PaymentId::from_uuid(world.ambient.fresh()),
            key: key.to_owned(),
            agent_id: agent,
            campaign_id: Some(campaign.id),
            task_id: Some(task.id),
            trace_id: task.trace_id,
            source: Source::Worker,
            proposer: "fae".to_owned(),
            counterparty: "images".to_owned(),
            asset: "USDC".to_owned(),
            amount: amount.to_owned(),
            category: BudgetCategory::MediaGeneration,
            memo: memo.to_owned(),
            opinion: None,
            forced: false,
        };
        let quote = quote(world.ambient.now());
        let proposed = world
            .store
            .propose_payment(&request, Some(&quote))
            .await
            .unwrap();
        assert_eq!(proposed.state.as_str(), "approved", "{}", proposed.why);
        ids.push(proposed.payment_id);
    }
    make(&world, ids[0]).await;
    came_in(&world, "USDC", 9, 3 * DOLLAR).await;
    came_in(&world, "ODD", 8, 42).await;
    (world, ids[0])
}

fn policy() -> PaymentPolicy {
    let mut policy = payment_policy(Timestamp::parse_rfc3339("2099-01-01T00:00:00Z").unwrap());
    policy.review.new_counterparty = Rule::Allow;
    policy
}

/// The chain was looked at and had so much more than the ledger knew.
async fn came_in(world: &World, asset: &str, transaction: u8, units: u128) {
    let agent = world.overview().await.campaigns[0].agent_id;
    let found = Reconciliation {
        seen: world.store.ledger_of(agent, asset).await.unwrap().seen,
        up_to: Reconciled {
            block: 1 + u64::from(transaction),
            block_hash: Hash32::from_bytes([200; 32]),
            at: Timestamp::from_micros(0),
        },
        income: vec![(
            Hash32::from_bytes([transaction; 32]),
            Units::from_base(units),
        )],
        breaks: Vec::new(),
        compared: 0,
    };
    assert!(
        world
            .store
            .record_reconciliation(agent, asset, &found)
            .await
            .unwrap()
    );
}

/// A payment is signed, handed in, and in a block that stays.
async fn make(world: &World, id: PaymentId) {
    let store = &world.store;
    let payment = store.payment(id).await.unwrap().unwrap();
    let cleared = store
        .clear_payment(id, payment.version, &quote(world.ambient.now()), 0)
        .await
        .unwrap();
    let chimera_domain::Outcome::Done(Cleared::Sign { nonce, .. }, _) = cleared else {
        panic!("it is not cleared: {cleared:?}");
    };
    let hash = Hash32::from_bytes([1; 32]);
    let attempt = NewAttempt {
        kind: AttemptKind::Pay,
        hash,
        sender: WALLET,
        transaction: Transaction {
            chain_id: 31_337,
            nonce,
            gas_limit: 84_000,
            fee_max: 1_000,
            tip_max: 100,
            call: Call::Authorized {
                token: TOKEN,
                signing_name: "Test USD".to_owned(),
                signing_version: "1".to_owned(),
                to: PAYEE,
                amount: payment.terms.amount,
                nonce: payment.terms.authorization_nonce(),
                valid_before: 1,
            },
        },
        raw: vec![1],
    };
    let recorded = store
        .record_attempt(id, payment.version, &attempt, &quote(world.ambient.now()))
        .await;
    assert!(recorded.unwrap().is_done());
    store.note_sent(id, hash).await.unwrap();
    let receipt = Receipt {
        hash,
        sender: WALLET,
        succeeded: true,
        block: 5,
        block_hash: Hash32::from_bytes([100; 32]),
        fee: Units::from_base(100_000_000_000_000),
        movements: Vec::new(),
        authorizations: Vec::new(),
    };
    store.note_mined(id, &receipt).await.unwrap();
    store.post_payment(id, &receipt, receipt.fee).await.unwrap();
}

/// A journal as a reader that knows nothing of us understands it, in exact base units; what it cannot read is a panic.
#[derive(Default)]
struct Book {
    /// Digits after the point, by commodity.
    commodities: BTreeMap<String, usize>,
    accounts: BTreeSet<String>,
    balances: BTreeMap<(String, String), i128>,
    transactions: usize,
    asserted: usize,
    tags: Vec<String>,
}

impl Book {
    fn read(text: &str) -> Self {
        let mut book = Self::default();
        let mut lines = text.lines().peekable();
        let mut day = String::new();
        assert!(text.ends_with('\n') && !text.contains('\t'));
        while let Some(line) = lines.next() {
            if line.is_empty() || line.starts_with(';') || line == "decimal-mark ." {
                continue;
            }
            if let Some(sample) = line.strip_prefix("commodity ") {
                let (digits, name) = sample.split_once(' ').unwrap();
                let decimals = digits.split_once('.').unwrap().1.len();
                assert_eq!(
                    book.commodities.insert(name.to_owned(), decimals),
                    None,
                    "{name} twice"
                );
                continue;
            }
            if let Some(account) = line.strip_prefix("account ") {
                assert!(book.accounts.insert(account.to_owned()), "{account} twice");
                continue;
            }
            let (date, about) = line
                .split_once(" * ")
                .unwrap_or_else(|| panic!("what is {line}?"));
            assert!(
                Timestamp::parse_rfc3339(&format!("{date}T00:00:00Z")).is_some(),
                "{line}"
            );
            assert!(date >= day.as_str(), "{date} after {day}");
            day = date.to_owned();
            let (about, tags) = about.split_once("  ; ").unwrap_or((about, ""));
            assert!(!about.contains(';') && !about.contains('|'), "{about}");
            book.tags.extend(
                tags.split(", ")
                    .filter(|tag| !tag.is_empty())
                    .map(str::to_owned),
            );
            let mut sums: BTreeMap<String, i128> = BTreeMap::new();
            let mut postings = 0;
            while let Some(posting) = lines.next_if(|line| line.starts_with("    ")) {
                book.posting(posting.trim_start(), &mut sums);
                postings += 1;
            }
            assert!(postings >= 1, "{line}: no postings");
            assert!(sums.values().all(|sum| *sum == 0), "{line}: {sums:?}");
            book.transactions += 1;
        }
        book
    }

    fn posting(&mut self, posting: &str, sums: &mut BTreeMap<String, i128>) {
        let (account, amount) = posting.split_once("  ").unwrap();
        assert!(self.accounts.contains(account), "{account} is not declared");
        assert!(
            account
                .split(':')
                .all(|part| !part.trim().is_empty() && part.trim() == part),
            "{account}"
        );
        let (amount, asserted) = match amount.split_once(" =* ") {
            Some((amount, asserted)) => (amount, Some(asserted)),
            None => (amount, None),
        };
        let (units, commodity) = self.amount(amount);
        *sums.entry(commodity.clone()).or_default() += units;
        *self
            .balances
            .entry((account.to_owned(), commodity.clone()))
            .or_default() += units;
        if let Some(asserted) = asserted {
            let (wanted, of) = self.amount(asserted);
            assert_eq!(
                (self.under(account, &of), &of),
                (wanted, &commodity),
                "{account}"
            );
            self.asserted += 1;
        }
    }

    /// Base units and the commodity; all its digits must be there.
    fn amount(&self, text: &str) -> (i128, String) {
        let (number, commodity) = text.split_once(' ').unwrap();
        let decimals = self
            .commodities
            .get(commodity)
            .unwrap_or_else(|| panic!("{commodity} is not declared"));
        let (whole, rest) = number.split_once('.').unwrap();
        assert_eq!(rest.len(), *decimals, "{text}");
        (
            format!("{whole}{rest}").parse().unwrap(),
            commodity.to_owned(),
        )
    }

    /// What an account and those below it come to.
    fn under(&self, account: &str, commodity: &str) -> i128 {
        let of = |name: &str| name == account || name.starts_with(&format!("{account}:"));
        let found = self
            .balances
            .iter()
            .filter(|((name, c), _)| of(name) && c == commodity);
        found.map(|(_, units)| units).sum()
    }

    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known == tag)
    }
}

/// A table as RFC 4180 has it, row by row.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows: Vec<Vec<String>> = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = rows.last_mut().unwrap().last_mut().unwrap();
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            ('"', _) => quoted = !quoted,
            (',', false) => rows.last_mut().unwrap().push(String::new()),
            ('\r', false) => {
                assert_eq!(chars.next(), Some('\n'));
                rows.push(vec![String::new()]);
            }
            (c, _) => cell.push(c),
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]));
    let names = rows.remove(0);
    let named = |row: Vec<String>| {
        assert_eq!(row.len(), names.len());
        names.iter().cloned().zip(row).collect()
    };
    rows.into_iter().map(named).collect()
}

// R94, R99: what is left of every cap, the one that binds first, for tools and payments, by agent; and the same for programs.
#[tokio::test]
async fn r94_what_is_left_is_told_with_the_cap_that_binds_first() {
    let (world, _) = house().await;
    let ran = world.home.run(&["cfo", "check-budget"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let at = |words: &str| {
        let found = lines.iter().position(|line| *line == words);
        found.unwrap_or_else(|| panic!("no `{words}` in {}", ran.stdout))
    };
    let first = |words: &str| lines[at(words) + 1].trim();
    assert!(first("tools      fae").ends_with("BINDS"), "{}", ran.stdout);
    assert!(
        first("payments   fae (SIMULATED)").starts_with("hour "),
        "{}",
        ran.stdout
    );
    assert!(
        first("payments   all agents (SIMULATED)").starts_with("house_hour "),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains("wallet     fae  501.5 USDC, worth 501.50 USD; runs out:"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains("42 base units of ODD, nobody knows what it is worth"),
        "{}",
        ran.stdout
    );
    let value = world
        .home
        .json(&["cfo", "check-budget", "--agent", "fae"])
        .remove(0);
    let agents = value["headroom"]["agents"].as_array().unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0]["payments"]["binding"], "hour");
    let caps = agents[0]["payments"]["caps"].as_array().unwrap();
    let left = |cap: &Value| cap["left_usd"].as_str().unwrap().parse::<Usd>().unwrap();
    assert!(caps.is_sorted_by_key(left) && caps.len() >= 5, "{caps:?}");
    assert_eq!(
        world
            .home
            .run(&["cfo", "check-budget", "--agent", "nobody"])
            .code,
        4
    );
}

// R99, R106: both budgets in one overview, and what came of them; what has no worth is told by its units and is in no result.
#[tokio::test]
async fn r106_the_overview_and_the_result_say_what_is_known_and_what_is_not() {
    let (world, _) = house().await;
    let since = "20000d";
    let ran = world.home.run(&["cfo", "books", "--since", since]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for kind in ["agent", "campaign", "category"] {
        assert!(
            ran.stdout.contains(&format!("budget    {kind} ")),
            "{kind}: {}",
            ran.stdout
        );
    }
    let payments: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("payments"))
        .collect();
    assert_eq!(payments.len(), 3, "{}", ran.stdout);
    // 1.50 was paid with 30 cents of gas; 2 are set aside with the most its gas costs.
    assert!(
        payments.iter().all(|line| line.contains(" 1.50 ")
            && line.contains(" 0.30 ")
            && line.contains("2.504")
            && line.ends_with("SIMULATED")),
        "{payments:?}"
    );
    let whole = world
        .home
        .json(&["cfo", "books", "--since", since])
        .remove(0);
    let tools = whole["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["budget"] == "tools");
    let tools: Vec<Usd> = tools
        .map(|line| line["spent_usd"]["ever"].as_str().unwrap().parse().unwrap())
        .collect();
    let sum = tools
        .iter()
        .fold(Usd::ZERO, |a, b| a.checked_add(*b).unwrap());
    let campaign = world.overview().await.campaigns.remove(0);
    assert_eq!(sum, campaign.spent, "{whole}");
    let ran = world.home.run(&["cfo", "books", "--pnl", "--since", since]);
    assert!(
        ran.stdout
            .contains("not in it: 42 base units of ODD that came in, of unknown worth"),
        "{}",
        ran.stdout
    );
    let rows = world
        .home
        .json(&["cfo", "books", "--pnl", "--since", since]);
    let of = |campaign: Value, simulated: bool| {
        let mut found = rows.iter().filter(|row| {
            row["of"] == "campaign" && row["campaign"] == campaign && row["simulated"] == simulated
        });
        found
            .next()
            .unwrap_or_else(|| panic!("{campaign} {simulated}: {rows:?}"))
            .clone()
    };
    let came = of(Value::Null, true);
    assert_eq!(
        (came["income_usd"].as_str(), came["result_usd"].as_str()),
        (Some("3.00"), Some("3.00"))
    );
    let spent = of("drops".into(), true);
    assert_eq!(spent["payments_usd"], "1.50");
    assert_eq!(spent["fees_usd"], "0.30");
    assert_eq!(
        spent["tools_usd"].as_str().unwrap().parse::<Usd>().unwrap(),
        sum
    );
    let odd = of(Value::Null, false);
    assert_eq!(odd["unknown_worth"][0]["units"], "42");
    assert_eq!(
        (&odd["whole"], odd["result_usd"].as_str()),
        (&Value::Bool(false), Some("0.00"))
    );
    // An agent's three dollars less what all of it cost; what is not whole has no margin.
    let all = rows.iter().filter(|row| row["of"] == "agent");
    let margins: Vec<(bool, Option<i64>)> = all
        .map(|row| {
            (
                row["simulated"].as_bool().unwrap(),
                row["margin_percent"].as_i64(),
            )
        })
        .collect();
    assert_eq!(margins, [(false, None), (true, Some(37))], "{rows:?}");
    let csv = world
        .home
        .run(&["cfo", "books", "--pnl", "--csv", "--since", since])
        .stdout;
    let table = table(&csv);
    assert_eq!(table.len(), rows.len() - margins.len());
    let drops = table.iter().find(|row| row["campaign"] == "drops").unwrap();
    assert_eq!(drops["result_usd"], spent["result_usd"].as_str().unwrap());
    // A period in which nothing happened says so.
    let ran = world.home.run(&["cfo", "books", "--pnl", "--since", "1s"]);
    assert!(
        ran.stdout.contains("Nothing came in and nothing was spent"),
        "{}",
        ran.stdout
    );
}

// R100, R101, R106: the journal balances to the last unit, declares what it uses, asserts what the wallets should hold, and
// links every entry; also from a moment on.
#[tokio::test]
async fn r106_a_strict_reader_takes_the_journal() {
    let (world, payment) = house().await;
    let ran = world.home.run(&["cfo", "export", "--format", "hledger"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let book = Book::read(&ran.stdout);
    let end = world.store.books_end().await.unwrap();
    let entries = usize::try_from(end.tools + end.payments).unwrap();
    assert_eq!(book.transactions, entries + 1);
    assert_eq!(book.asserted, 3);
    assert!(book.has(&format!("payment:{payment}")));
    for entry in world
        .store
        .booked(chimera_domain::views::books::Budget::Tools, 0, end.tools)
        .await
        .unwrap()
    {
        assert!(
            book.has(&format!("entry:{}", entry.id))
                && book.has(&format!("task:{}", entry.task_id.unwrap()))
        );
    }
    // What is not real is in commodities of its own: no sum of real dollars has a part of it.
    assert_eq!(
        book.under("assets:wallet:fae:USDC", "\"USDC SIMULATED\""),
        501_500_000
    );
    assert_eq!(
        book.under("assets:wallet:fae:USDC:reserved", "\"USDC SIMULATED\""),
        2_000_000
    );
    assert_eq!(
        book.under(
            "expenses:payments:fae:drops:media_generation",
            "\"USDC SIMULATED\""
        ),
        1_500_000
    );
    assert!(
        book.commodities
            .keys()
            .all(|name| name.contains("SIMULATED") || name.contains("ODD")),
        "{:?}",
        book.commodities
    );
    let spent = book.under("expenses:tools", "\"USD SIMULATED\"");
    let rows = world.store.ledger(&ALL).await.unwrap().rows;
    let actual: i64 = rows
        .iter()
        .filter_map(|row| row.actual)
        .map(Usd::micros)
        .sum();
    assert_eq!(spent, i128::from(actual));
    // From now on there is nothing but what was there before, and the same is asserted of it.
    let later = Book::read(
        &world
            .home
            .run(&["cfo", "export", "--format", "hledger", "--since", "1s"])
            .stdout,
    );
    assert_eq!((later.transactions, later.asserted), (2, 3));
    assert_eq!(
        later.under("assets:wallet:fae:USDC", "\"USDC SIMULATED\""),
        501_500_000
    );
}

// R101, R106: table and lines have every entry once with its ids, and no cell that a spreadsheet would calculate.
#[tokio::test]
async fn r106_tables_and_lines_have_every_entry_once() {
    let (world, payment) = house().await;
    let end = world.store.books_end().await.unwrap();
    let entries = usize::try_from(end.tools + end.payments).unwrap();
    let lines = world.home.json(&["cfo", "export", "--format", "json"]);
    let ids: BTreeSet<&str> = lines
        .iter()
        .map(|line| line["entry_id"].as_str().unwrap())
        .collect();
    assert_eq!((lines.len(), ids.len()), (entries, entries));
    let csv = world.home.run(&["cfo", "export", "--format", "csv"]).stdout;
    let rows = table(&csv);
    assert_eq!(rows.len(), entries);
    for (row, line) in rows.iter().zip(&lines) {
        for name in [
            "entry_id",
            "intent_id",
            "payment_id",
            "task_id",
            "trace_id",
            "base_units",
            "usd",
            "hash",
        ] {
            assert_eq!(row[name], line[name].as_str().unwrap_or_default(), "{name}");
        }
        assert!(
            row.values()
                .all(|cell| !cell.starts_with(['=', '+', '-', '@'])),
            "{row:?}"
        );
    }
    let paid: Vec<_> = rows
        .iter()
        .filter(|row| row["payment_id"] == payment.to_string())
        .collect();
    assert_eq!(paid.len(), 3);
    assert_eq!(paid[1]["memo"], "an image; for \"us\": 1");
    assert!(rows.iter().any(|row| row["memo"] == "'=2+2"));
    let none = world
        .home
        .run(&["cfo", "export", "--format", "csv", "--since", "1s"])
        .stdout;
    assert_eq!(table(&none), []);
    assert_eq!(
        world
            .home
            .run(&["cfo", "export", "--format", "csv", "--json"])
            .code,
        2
    );
}

// R101: from a payment, an intent or an entry to task, signal and decisions in a few lines.
#[tokio::test]
async fn r101_why_it_was_paid_is_one_command_away() {
    let (world, payment) = house().await;
    let ran = world.home.run(&["cfo", "why", &payment.to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for words in [
        "is posted: 1.5 USDC to images, counts 1.80 USD SIMULATED",
        "  for        an image; for \"us\": 1",
        "  asked by   fae (worker)",
        "  task       tsk_",
        "  signal     sig_",
        "cfo: allow (propose): every one of",
        "  entry      payments #",
        "paid <- reserved  1.5 USDC",
        "in block 5",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    assert!(ran.stdout.lines().count() < 30, "{}", ran.stdout);
    let row = world.store.ledger(&ALL).await.unwrap().rows.remove(0);
    let value = world
        .home
        .json(&["cfo", "why", &row.intent_id.to_string()])
        .remove(0);
    assert_eq!(value["task"]["task_id"], row.task_id.to_string());
    assert_eq!(value["decisions"][0]["by"], "cfo");
    let entry = value["entries"][0]["entry_id"].as_str().unwrap();
    assert_eq!(world.home.json(&["cfo", "why", entry]).remove(0), value);
    assert!(
        world
            .store
            .why_paid(BookedSubject::Intent(row.intent_id))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(world.home.run(&["cfo", "why", "tsk_1"]).code, 2);
    let gone = PaymentId::from_uuid(world.ambient.fresh()).to_string();
    assert_eq!(world.home.run(&["cfo", "why", &gone]).code, 4);
}
