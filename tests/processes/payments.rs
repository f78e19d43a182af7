//! The daemon dies around a payment, at every named point and at any moment, on a real chain. What was paid is read from the
//! chain and not from our ledger.

use std::{
    os::unix::process::ExitStatusExt,
    process::Stdio,
    time::{Duration, Instant},
};

use chimera_domain::{
    chain::{EvmAddress, Units},
    ports::{Chain as _, Signer as _},
};
use chimera_wallet::{
    RpcChain, RpcSettings, Secret,
    testing::{TestChain, signer},
};

use super::matrix::runs;
use crate::support::{Home, PATIENCE, Payments, breathe, quiet};

/// Every point around a payment, in the order in which it passes them.
const POINTS: [&str; 6] = [
    "payment:signed",
    "payment:kept",
    "payment:sent",
    "payment:mined",
    "payment:before-post",
    "payment:after-post",
];
struct House {
    home: Home,
    chain: TestChain,
    token: EvmAddress,
    to: EvmAddress,
    asked: usize,
    rpc: RpcChain,
    runtime: tokio::runtime::Runtime,
}

impl House {
    fn new(rail: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (chain, token) = runtime.block_on(async {
            let chain = TestChain::start(&[]).unwrap();
            let token = chain.token().await.unwrap();
            (chain, token)
        });
        let home = Home::new();
        home.write("password", "a password for tests");
        home.write("key", &"7".repeat(64));
        for file in ["password", "key"] {
            let path = home.path().join(file);
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(path, mode).unwrap();
        }
        let (key, password) = (home.path().join("key"), home.path().join("password"));
        let made = home.json(&[
            "wallet",
            "import",
            "leo",
            "--key-file",
            key.to_str().unwrap(),
            "--password-file",
            password.to_str().unwrap(),
        ]);
        let wallet: EvmAddress = made[0]["address"].as_str().unwrap().parse().unwrap();
        let to = signer("images").unwrap().address();
        runtime.block_on(async {
            let coins = Units::from_base(10u128.pow(19));
            chain.fund(wallet, coins).await.unwrap();
            let dollars = Units::from_base(4_000_000_000);
            chain.mint(token, wallet, dollars).await.unwrap();
            chain.mine(4).await.unwrap();
        });
        assert_eq!(home.run(&["mcp", "list"]).code, 0);
        let shipped = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
        let payments = Payments {
            token,
            rail,
            wallet,
            to,
            asset: "USDC",
            blocks: 1,
        };
        // Nobody waits ten seconds for a test.
        let shipped = shipped.replace("undo_fuse: 10s ", "undo_fuse: 1s ");
        home.write("budget.yaml", &format!("{shipped}{payments}"));
        home.write("chimera.yaml", &format!(
            "swarm: {{poll_idle_ms: 50}}\nwallets:\n  endpoints: {{local: \"{}\"}}\n  keys:\n    leo: {{keystore: keys/leo.json, password_file: password}}\ncampaigns:\n  - {{name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100}}\n",
            chain.url()
        ));
        let url = Secret::new(chain.url().to_owned());
        let rpc = RpcChain::new(RpcSettings::new(url, TestChain::CHAIN_ID, Vec::new())).unwrap();
        let mut house = Self {
            home,
            chain,
            token,
            to,
            asked: 0,
            rpc,
            runtime,
        };
        // The first look at the chain; until then nothing may be paid.
        let daemon = house.home.daemon(&[]);
        house.until("the first look", || {
            house.home.run(&["cfo", "reconcile-wallet"]).code == 0
        });
        drop(daemon);
        house.asked = 0;
        house
    }

    fn until(&self, what: &str, done: impl Fn() -> bool) {
        let begun = Instant::now();
        while !done() {
            assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
            breathe();
        }
    }

    /// Asks for one more dollar.
    fn ask(&mut self) {
        self.asked += 1;
        let key = format!("wish {}", self.asked);
        let pay = [
            "cfo", "pay", "--agent", "leo", "--to", "images", "--amount", "1", "--asset", "USDC",
            "--for", "an image", "--key", &key,
        ];
        let ran = self.home.run(&pay);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }

    /// Four processes ask for three payments: two of them for the same one.
    fn ask_at_once(&mut self) {
        let first = self.asked + 1;
        self.asked += ASKING - 1;
        let asking: Vec<_> = (0..ASKING)
            .map(|n| {
                let key = format!("wish {}", first + n.saturating_sub(1));
                let mut command = self.home.command(&[
                    "cfo", "pay", "--agent", "leo", "--to", "images", "--amount", "1", "--asset",
                    "USDC", "--for", "an image", "--key", &key,
                ]);
                command.stdout(Stdio::null()).stderr(Stdio::null());
                command.spawn().unwrap()
            })
            .collect();
        for mut one in asking {
            assert!(one.wait().unwrap().success());
        }
    }

    fn mine(&self) {
        self.runtime.block_on(self.chain.mine(1)).unwrap();
    }

    fn paid(&self) -> u128 {
        let asked = self.rpc.balance(self.to, Some(self.token), None);
        self.runtime.block_on(asked).unwrap().base()
    }

    fn all_posted(&self) -> bool {
        let payments = self.home.json(&["cfo", "payments", "--limit", "1000"]);
        payments.len() == self.asked && payments.iter().all(|one| one["state"] == "posted")
    }

    /// Lets a daemon finish everything, and compares what was paid with what was asked for.
    fn to_rest(&self) {
        let daemon = self.home.daemon(&[]);
        self.until("every payment to be posted", || {
            self.mine();
            self.all_posted()
        });
        daemon.signal("TERM");
        daemon.wait();
        let asked = u128::try_from(self.asked).unwrap() * 1_000_000;
        assert_eq!(self.paid(), asked, "lost or doubled");
        let compared = self.home.run(&["cfo", "reconcile-wallet"]);
        assert_eq!(compared.code, 0, "{}{}", compared.stdout, compared.stderr);
    }
}

// R5, R93, R172: the daemon dies at every named point around a payment; each is made once all the same.
#[test]
#[cfg(debug_assertions)]
fn r5_killed_at_every_point_around_a_payment_it_is_made_once() {
    for rail in ["eip3009, name: Test USD, version: \"2\"", "transfer"] {
        let mut house = House::new(rail);
        for point in POINTS {
            for _ in 0..runs() {
                house.ask();
                let mut doomed = house
                    .home
                    .command(&["--daemon"])
                    .env("CHIMERA_DIE_AT", format!("{point}:1"))
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap();
                let begun = Instant::now();
                let status = loop {
                    if let Some(status) = doomed.try_wait().unwrap() {
                        break status;
                    }
                    assert!(begun.elapsed() < PATIENCE, "{point} was never passed");
                    house.mine();
                    breathe();
                };
                assert_eq!(status.signal(), Some(9), "{point}");
            }
        }
        house.to_rest();
    }
}

/// So many processes ask at the same moment.
const ASKING: usize = 4;

// R5, R93: the daemon dies at any moment, again and again, while payments go out, and while four processes ask for payments at once,
// one wish of them under the same key in each.
#[test]
fn r5_killed_at_any_moment_every_payment_is_made_once() {
    let _alone = quiet();
    let mut house = House::new("eip3009, name: Test USD, version: \"2\"");
    for n in 0..12 * u64::from(runs()) {
        let daemon = house.home.daemon(&[]);
        house.ask_at_once();
        // Opening the key takes most of a second; some die before it, some while they pay, some after.
        let lives = Duration::from_millis(400 + n * 137 % 1_100);
        let begun = Instant::now();
        while begun.elapsed() < lives {
            house.mine();
            breathe();
        }
        daemon.kill_9();
    }
    house.to_rest();
}

// R93, R94: ten processes ask at the same moment for more than the cap of an hour lets through, after a restart with the lower cap: what is
// let through fits to the micro-dollar, one more would not, and asking without asking (`--dry-run`) keeps nothing.
#[test]
fn r93_ten_processes_never_pass_a_cap_together() {
    let house = House::new("eip3009, name: Test USD, version: \"2\"");
    let home = &house.home;
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    let tighter = budget.replace(
        "payment_usd: 20.00, hour_usd: 5000.00",
        "payment_usd: 20.00, hour_usd: 40.00",
    );
    assert_ne!(budget, tighter);
    home.write("budget.yaml", &tighter);
    {
        let daemon = home.daemon(&[]);
        house.until("the lower cap", || home.is_run_by(daemon.pid()));
        daemon.signal("TERM");
        daemon.wait();
    }
    let pay = |key: &str| {
        let args = [
            "cfo", "pay", "--agent", "leo", "--to", "images", "--amount", "1.25", "--asset",
            "USDC", "--for", "an image", "--json", "--key", key,
        ];
        args.map(str::to_owned)
    };
    let asked = pay("only a question");
    let mut question: Vec<&str> = asked.iter().map(String::as_str).collect();
    question.push("--dry-run");
    let would = home.run(&question);
    assert!(
        would.stdout.contains("approved"),
        "{}{}",
        would.stdout,
        would.stderr
    );
    assert_eq!(
        home.json(&["cfo", "payments"]),
        Vec::<serde_json::Value>::new()
    );
    let asking: Vec<_> = (0..10)
        .map(|n| {
            let args = pay(&format!("wish {n}"));
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut command = home.command(&args);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    for mut one in asking {
        one.wait().unwrap();
    }
    let payments = home.json(&["cfo", "payments"]);
    let usd = |one: &serde_json::Value| -> chimera_domain::Usd {
        one["counted_usd"].as_str().unwrap().parse().unwrap()
    };
    let (through, refused): (Vec<_>, Vec<_>) =
        payments.iter().partition(|one| one["state"] == "approved");
    assert_eq!(payments.len(), 10);
    let sum: i64 = through.iter().map(|one| usd(one).micros()).sum();
    let each = usd(through[0]).micros();
    assert!(
        sum <= 40_000_000 && sum + each > 40_000_000,
        "{sum} of 40,000,000, each {each}"
    );
    let by_cap = |one: &&serde_json::Value| one["why"].as_str().unwrap().starts_with("cap.hour");
    assert!(refused.iter().all(by_cap), "{refused:?}");
}

// R97, R98, T088: an agent pays for its own work: a goal with a payment in it is launched, its task asks the CFO under its own key, a
// person approves the ticket by what it shows, and the chain has it once; task, ticket, payment and ledger name each other.
// What the policy does not know is refused before anything is launched.
#[test]
fn r97_a_task_of_a_goal_pays_once_a_person_has_approved_it() {
    let mut house = House::new("eip3009, name: Test USD, version: \"2\"");
    let home = &house.home;
    let goal =
        "Tell what becomes of linen: twelve weavers of Porto make linen https://example.org/linen";
    let made = home
        .json(&["campaign", "compose", goal, "--campaign", "code"])
        .remove(0);
    let id = made["proposal_id"].as_str().unwrap().to_owned();
    let file = home.path().join("tree.json");
    let path = file.to_str().unwrap();
    let mut tree = made["tree"].clone();
    let tasks = tree["branches"][0]["tasks"].as_array_mut().unwrap();
    tasks.push(serde_json::json!({"name": "licence", "part": "pay", "wish": "1 USDC to nobody for a licence"}));
    home.write("tree.json", &tree.to_string());
    assert_eq!(home.run(&["campaign", "revise", &id, path]).code, 0);
    let refused = home.run(&["campaign", "launch", &id, "--confirm", "launch simulated"]);
    assert!(
        refused
            .stderr
            .contains("nobody in budget.yaml is called nobody"),
        "{}",
        refused.stderr
    );
    let paying = tree.to_string().replace("to nobody for", "to images for");
    home.write("tree.json", &paying);
    assert_eq!(home.run(&["campaign", "revise", &id, path]).code, 0);
    let launched = home.run(&["campaign", "launch", &id, "--confirm", "launch simulated"]);
    assert_eq!(launched.code, 0, "{}", launched.stderr);

    let daemon = home.daemon(&[]);
    let waiting = || home.json(&["review", "list", "--filter", "about:payment"]);
    house.until("the ticket", || !waiting().is_empty());
    let ticket = waiting().remove(0);
    assert_eq!(ticket["text"], "1 USDC to images for a licence");
    let ticket = ticket["ticket_id"].as_str().unwrap().to_owned();
    let card = home.json(&["review", "show", &ticket]).remove(0);
    assert_eq!(card["payment"]["source"], "planner");
    assert_eq!(card["payment"]["to"], house.to.to_string());
    let hash = card["content_hash"].as_str().unwrap();
    let approved = home.run(&["review", "approve", &ticket, "--if-hash", hash]);
    assert_eq!(approved.code, 0, "{}{}", approved.stdout, approved.stderr);
    house.asked = 1;
    house.until("the payment to be posted", || {
        house.mine();
        house.all_posted()
    });
    let payment = house.home.json(&["cfo", "payments"]).remove(0);
    let tasks = house.home.json(&["worker", "check-queue"]);
    let of_task = |task: &serde_json::Value| task["task_id"] == card["task_id"];
    assert!(
        card["task_id"].is_string() && tasks.iter().any(of_task),
        "{tasks:?}"
    );
    assert_eq!(payment["trace_id"], card["trace_id"]);
    assert_eq!(house.paid(), 1_000_000);
    daemon.signal("TERM");
    daemon.wait();
}

// R104: key and password are in no file of the home but the two they came from, neither in the environment nor in the command line
// of the daemon that holds them, and its memory is written nowhere when it dies.
#[test]
fn r104_the_key_is_nowhere_but_where_it_was_put() {
    let mut house = House::new("transfer");
    house.ask();
    let daemon = house.home.daemon(&[]);
    house.until("the payment to be posted", || {
        house.mine();
        house.all_posted()
    });
    let backup = house.home.path().join("backup.db");
    let made = house
        .home
        .run(&["store", "backup", backup.to_str().unwrap()]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let secrets: [&[u8]; 4] = [
        "7".repeat(64).as_bytes(),
        &[0x77; 32],
        b"a password for tests",
        // As a debugger's or a log's list of numbers would have it.
        "119, ".repeat(8).as_bytes(),
    ]
    .map(|secret: &[u8]| &*secret.to_vec().leak());
    let holds = |bytes: &[u8]| {
        secrets
            .iter()
            .any(|secret| bytes.windows(secret.len()).any(|window| window == *secret))
    };
    let mut looked_at = 0;
    for entry in files(house.home.path()) {
        let name = entry.file_name().unwrap().to_str().unwrap();
        if ["key", "password"].contains(&name) {
            continue;
        }
        let bytes = std::fs::read(&entry).unwrap();
        assert!(!holds(&bytes), "{}", entry.display());
        looked_at += 1;
    }
    assert!(
        looked_at > 4,
        "database, log, keystore, backup and settings"
    );
    // Where even this is closed to other processes of the same user, nothing can be listed.
    let of =
        |file: &str| std::fs::read(format!("/proc/{}/{file}", daemon.pid())).unwrap_or_default();
    assert!(!holds(&of("environ")) && !holds(&of("cmdline")));
    let limits = String::from_utf8(of("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    daemon.signal("TERM");
    daemon.wait();
}

/// Every file below a directory.
fn files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.is_file() {
            all.push(path);
        }
    }
    all
}
