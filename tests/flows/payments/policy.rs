//! The policy of payments over files and restarts: what a file loosens waits for a person, whichever process asks.

use std::sync::Arc;

use chimera::{clock, compose, config};
use chimera_domain::{
    Ambient, Clock, IdSource, Span, Timestamp,
    payment::PaymentState,
    ports::{PolicyStore as _, RuntimeStore as _, Signer as _},
};
use serde_json::{Value, json};

use super::house::{House, Pays, key};
use crate::support::{Home, Payments, until};

/// The machine's clock, so much later.
struct Later(Span);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        clock::system().now().plus(self.0)
    }
}

impl IdSource for Later {
    fn fresh(&self) -> uuid::Uuid {
        clock::system().fresh()
    }
    fn pick(&self, below: u64) -> u64 {
        below / 2
    }
}

fn later(span: Span) -> Ambient {
    Ambient::new(Arc::new(Later(span)), Arc::new(Later(span)))
}

/// A home whose file says something about payments; there is no chain behind it.
struct Desk {
    home: Home,
    shipped: String,
    payments: String,
}

impl Desk {
    fn new() -> Self {
        let home = Home::new();
        assert_eq!(home.run(&["mcp", "list"]).code, 0);
        let shipped = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
        home.write("chimera.yaml", "campaigns:\n  - {name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100}\n");
        let payments = Payments {
            token: key("token").address(),
            rail: "transfer",
            wallet: key("leo").address(),
            to: key("images").address(),
            asset: "USDC",
            blocks: 3,
        };
        Self {
            home,
            shipped,
            payments: payments.to_string(),
        }
    }

    /// Writes the file with some words for others, and lets a swarm take it over.
    fn start_with(&self, words: &[(&str, &str)]) {
        self.write("budget.yaml", words);
        let daemon = self.home.daemon(&[]);
        until("the swarm", || {
            self.home.is_run_by(daemon.pid()).then_some(())
        });
        daemon.signal("TERM");
        assert!(daemon.wait().success());
    }

    fn write(&self, name: &str, words: &[(&str, &str)]) {
        let mut payments = self.payments.clone();
        for (old, new) in words {
            assert!(payments.contains(old), "{old}");
            payments = payments.replace(old, new);
        }
        self.home
            .write(name, &format!("{}{payments}", self.shipped));
    }

    fn policy(&self) -> Value {
        self.home
            .json(&["cfo", "policy", "--history", "9"])
            .remove(0)
    }

    fn alerts(&self) -> Vec<String> {
        let all = self.home.json(&["alert", "list"]);
        let codes = all
            .iter()
            .map(|one| one["code"].as_str().unwrap().to_owned());
        codes.filter(|code| code.starts_with("policy_")).collect()
    }
}

// R103: lowering in the file holds with the next start, raising does not: it waits for typed words and a reason, then for its
// time, can be taken back until then, and is void once the file says something else. Each policy is kept with who and when.
#[test]
fn r103_a_file_lowers_at_once_and_raises_only_through_a_person_and_time() {
    let desk = Desk::new();
    let none = desk.home.run(&["cfo", "policy"]);
    assert_eq!(none.code, 4, "{}", none.stderr);
    desk.start_with(&[]);
    let first = desk.policy();
    assert_eq!(
        (&first["in_force"]["seq"], &first["waits"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(first["policy"]["caps"]["payment"], "20.00");
    // One edit does both: a larger payment, a smaller day.
    let both = [
        ("payment_usd: 20.00", "payment_usd: 25.00"),
        (
            "day_usd: 5000.00, lifetime",
            "day_usd: 5000.00, week_usd: 900.00, lifetime",
        ),
    ];
    desk.write("budget.yaml", &both);
    let before = desk.policy();
    assert_eq!(before["file"]["taken_over"], false);
    assert_eq!(
        before["in_force"], first["in_force"],
        "a file alone changes nothing"
    );
    desk.start_with(&both);
    let now = desk.policy();
    let seen = (
        &now["policy"]["agents"][0]["caps"]["payment"],
        &now["policy"]["agents"][0]["caps"]["week"],
    );
    assert_eq!(seen, (&json!("20.00"), &json!("900.00")));
    assert_eq!(
        now["waits"]["changes"],
        json!([{"field": "caps.payment_usd", "way": "loosening", "from": "20.00", "to": "25.00"}])
    );
    assert_eq!(
        (&now["file"]["taken_over"], &now["waits"]["confirmed"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(desk.alerts(), ["policy_loosening_waits"]);
    // Starting again is no way around it.
    desk.start_with(&both);
    assert_eq!(desk.policy()["policy"], now["policy"]);
    // Typed word for word, with a reason; then it has a time, and can be taken back.
    let words = now["waits"]["typed"].as_str().unwrap();
    let wrong = desk
        .home
        .run(&["cfo", "loosen", "--typed", "yes", "--why", "dearer"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains(words), "{}", wrong.stderr);
    assert_eq!(
        desk.home
            .run(&["cfo", "loosen", "--typed", words, "--why", " "])
            .code,
        5
    );
    assert_eq!(
        desk.home
            .run(&["cfo", "take-back-loosening", "--why", "x"])
            .code,
        4
    );
    let said = desk
        .home
        .json(&["cfo", "loosen", "--typed", words, "--why", "dearer images"]);
    assert_eq!(said[0]["hash"], now["waits"]["hash"]);
    assert_eq!(
        desk.policy()["waits"]["confirmed"]["effective_at"],
        said[0]["effective_at"]
    );
    assert_eq!(desk.alerts(), ["policy_loosens_soon"]);
    let _ = desk
        .home
        .json(&["cfo", "take-back-loosening", "--why", "not yet"]);
    assert_eq!(desk.policy()["waits"]["confirmed"], Value::Null);
    // While it waits with a person's word the file tightens something else: what was typed is for a policy that is no more.
    let _ = desk
        .home
        .json(&["cfo", "loosen", "--typed", words, "--why", "dearer images"]);
    let again = [both[0], both[1], ("in_flight: 1000", "in_flight: 7")];
    desk.write("budget.yaml", &again);
    assert_eq!(
        desk.home
            .run(&["cfo", "loosen", "--typed", words, "--why", "x"])
            .code,
        3
    );
    desk.start_with(&again);
    let third = desk.policy();
    assert_eq!(
        (
            &third["policy"]["house"]["in_flight"],
            &third["waits"]["confirmed"]
        ),
        (&json!(7), &Value::Null)
    );
    assert_ne!(third["waits"]["typed"], now["waits"]["typed"]);
    // Its own words, and a quarter of an hour later it holds, without any start.
    let words = third["waits"]["typed"].as_str().unwrap();
    let _ = desk
        .home
        .json(&["cfo", "loosen", "--typed", words, "--why", "dearer images"]);
    let file = config::Home::in_folder(desk.home.path()).db_file();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        for (minutes, waits) in [(14, true), (16, false)] {
            let store = compose::open_store(&file, later(Span::from_mins(minutes))).unwrap();
            let standing = store.payment_policy().await.unwrap();
            assert_eq!(standing.waits.is_some(), waits, "after {minutes} minutes");
        }
    });
    let last = desk.policy();
    assert_eq!(last["policy"]["agents"][0]["caps"]["payment"], "25.00");
    assert_eq!(
        (&last["waits"], &last["file"]["taken_over"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        (&last["in_force"]["by"], &last["in_force"]["why"]),
        (
            &json!(format!("tester@{}", chimera::machine::host())),
            &json!("dearer images")
        )
    );
    let kept: Vec<&Value> = last["before"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["seq"])
        .collect();
    assert_eq!(kept, [3, 2, 1]);
    assert!(desk.alerts().is_empty());
    desk.start_with(&again);
    assert_eq!(desk.policy()["in_force"], last["in_force"]);
    // Read by a person it says the same.
    let told = desk.home.run(&["cfo", "policy"]).stdout;
    assert!(
        told.contains("dearer images") && told.contains("25.00 USD a payment"),
        "{told}"
    );
}

// R189: what the file leaves open is told with what to write, by a code that stays; the exit code says that there is something.
#[test]
fn r189_a_file_that_leaves_something_open_is_told() {
    let desk = Desk::new();
    desk.write("budget.yaml", &[]);
    let ran = desk.home.run(&["cfo", "lint", "--json"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    let found: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<(&str, &str)> = found
        .iter()
        .map(|one| (one["code"].as_str().unwrap(), one["at"].as_str().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("cap.never_binds", "caps.hour_usd"),
            ("cap.never_binds", "caps.day_usd"),
            ("risk.nobody_asked", "risk.review_above"),
            ("review.never_reached", "review.one_above_usd"),
            ("review.never_reached", "review.two_above_usd"),
            ("source.unnamed", "sources.worker"),
            ("source.unnamed", "sources.openclaw"),
        ]
    );
    assert_eq!(
        found[5],
        json!({
            "code": "source.unnamed",
            "kind": "uncovered",
            "at": "sources.worker",
            "says": "nothing is said of what worker asks for, so all of it is refused",
            "write": "write `worker: allow`, `review` or `refuse`",
        })
    );
    let check = desk.home.json(&["config", "check"]);
    assert_eq!(check[0]["payments"], json!(found));
    // With everything answered for there is nothing to say; a file without payments cannot be looked at.
    desk.write(
        "other.yaml",
        &[
            (
                "  house: {hour_usd: 5000.00, day_usd: 5000.00",
                "  house: {hour_usd: 6000.00, day_usd: 9000.00",
            ),
            ("review_above: 0.7", "review_above: 0.4"),
            (
                "one_above_usd: 100.00, two_above_usd: 100.00",
                "one_above_usd: 5.00, two_above_usd: 10.00",
            ),
            (
                "sources: {manual: allow, planner: review}",
                "sources: {manual: allow, planner: allow, worker: allow, openclaw: review}",
            ),
        ],
    );
    let other = desk.home.path().join("other.yaml");
    let fine = desk
        .home
        .run(&["cfo", "lint", "--policy", other.to_str().unwrap()]);
    assert_eq!(
        (fine.code, fine.stdout.lines().count()),
        (0, 1),
        "{}",
        fine.stdout
    );
    desk.home.write("budget.yaml", &desk.shipped);
    assert_eq!(desk.home.run(&["cfo", "lint"]).code, 2);
}

// R189: another file is tried on what was asked for, and says how many come out otherwise, which ones, and how much money goes
// another way.
#[tokio::test]
async fn r189_another_policy_is_tried_on_what_was_asked_for() {
    let house = House::new(Pays::Transfer).await;
    let treasurer = house.treasurer();
    let mut ids = Vec::new();
    for (key, amount, state) in [
        ("small", "2", PaymentState::Approved),
        ("large", "15", PaymentState::Approved),
        ("over", "30", PaymentState::Refused),
    ] {
        let wish = house.wish(key, "USDC", amount);
        let proposed = treasurer.propose("leo", &wish).await.unwrap();
        assert_eq!(proposed.state, state, "{}", proposed.why);
        ids.push(proposed.payment_id.to_string());
    }
    let (folder, budget) = (
        house.folder.path(),
        std::fs::read_to_string(house.folder.path().join("budget.yaml")).unwrap(),
    );
    let other = budget
        .replace("payment_usd: 20.00", "payment_usd: 40.00")
        .replace("one_above_usd: 100.00", "one_above_usd: 10.00");
    assert_ne!(other, budget);
    std::fs::write(folder.join("other.yaml"), other).unwrap();
    let tried = |more: &[&str]| {
        let file = folder.join("other.yaml");
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_chimera"))
            .args(["cfo", "trial", "--policy"])
            .arg(file)
            .args(more)
            .arg("--home")
            .arg(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("USER", "tester")
            .output()
            .unwrap();
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8(ran.stdout).unwrap()
    };
    let mut value: Value = serde_json::from_str(tried(&["--json"]).trim()).unwrap();
    let fields = value.as_object_mut().unwrap();
    for passing in ["since", "policy", "note"] {
        assert!(fields.remove(passing).is_some());
    }
    for one in fields["changed"].as_array_mut().unwrap() {
        assert!(one.as_object_mut().unwrap().remove("at").is_some());
    }
    // Gas is what it would take at the ceiling, for each nearly the same.
    let (small, large, over) = (
        cents(&value["same"]),
        cents(&value["stricter"]),
        cents(&value["milder"]),
    );
    assert_eq!((large - small, over - small), (1_300, 2_800), "{value}");
    let word = |verdict: &str, people: u32, code: &str| json!({"verdict": verdict, "people": people, "code": code});
    let sum = |of: &str| json!({"payments": 1, "usd": value[of]["usd"], "unpriced": 0});
    let way = |of: &str, from: &str, to: &str| json!({"from": from, "to": to, "payments": 1, "usd": value[of]["usd"], "unpriced": 0});
    let moved = |n: usize, of: &str, from: Value, to: Value| json!({"payment_id": ids[n], "agent": "leo", "counterparty": "images", "course": of, "from": from, "to": to, "usd": value[of]["usd"]});
    let expected = json!({
        "compared": 3,
        "same": sum("same"),
        "same_for_another_reason": 0,
        "stricter": sum("stricter"),
        "milder": sum("milder"),
        "ways": [
            way("same", "allow", "allow"),
            way("stricter", "allow", "review"),
            way("milder", "refuse", "review"),
        ],
        "changed": [
            moved(1, "stricter", word("allow", 0, ""), word("review", 1, "approval.people")),
            moved(2, "milder", word("refuse", 0, "cap.payment"), word("review", 1, "approval.people")),
        ],
    });
    assert_eq!(value, expected);
    let told = tried(&["--since", "1h"]);
    assert!(
        told.contains("allowed would have been put before people: 1"),
        "{told}"
    );
    assert!(tried(&["--since", "0s"]).starts_with("Nothing was asked for"));
}

// R103, R93: while another wallet, a higher ceiling for gas and a larger payment wait, the treasurer goes on with the policy in
// force: from the old wallet, at the old ceiling, to the end.
#[tokio::test]
async fn r103_payments_go_on_under_the_policy_in_force_while_another_waits() {
    let house = House::new(Pays::Authorized).await;
    let home = config::Home::in_folder(house.folder.path());
    let budget = std::fs::read_to_string(home.budget_yaml()).unwrap();
    let mut file = budget.clone();
    for (old, new) in [
        (
            house.wallet.to_string(),
            key("another").address().to_string(),
        ),
        ("fee_gwei: 20".to_owned(), "fee_gwei: 50".to_owned()),
        (
            "payment_usd: 20.00".to_owned(),
            "payment_usd: 30.00".to_owned(),
        ),
    ] {
        assert!(file.contains(&old), "{old}");
        file = file.replace(&old, &new);
    }
    std::fs::write(home.budget_yaml(), file).unwrap();
    let loaded = config::Config::load_from(&home, |_| None).unwrap();
    let setup = loaded.setup(house.ambient.now());
    house.store.install(&setup).await.unwrap();
    let waits = house.store.payment_policy().await.unwrap().waits.unwrap();
    let fields: Vec<&str> = waits.changes.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "chains.local.fee_gwei",
            "caps.payment_usd",
            "agents.leo.address"
        ]
    );
    let treasurer = house.treasurer();
    let larger = house.wish("larger", "USDC", "25");
    let refused = treasurer.propose("leo", &larger).await.unwrap();
    assert_eq!(refused.state, PaymentState::Refused, "{}", refused.why);
    let id = house.approved(&treasurer, "usual", "2").await;
    house.settle(&treasurer, 12).await;
    let payment = house.payment(id).await;
    assert_eq!(payment.state, PaymentState::Posted, "{}", payment.why);
    assert_eq!(payment.terms.from, house.wallet);
    assert_eq!(house.paid().await, 2_000_000);
    assert!(house.breaks().await.is_empty());
}

/// Whole cents.
fn cents(sum: &Value) -> i64 {
    let usd: chimera_domain::Usd = sum["usd"].as_str().unwrap().parse().unwrap();
    usd.micros() / 10_000
}
