//! Two deciders at the same instant, one at the console and one at the command line, ticket after ticket.

use std::{
    collections::BTreeSet,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{console::Console, crash::liberal};
use crate::support::{Home, Ran, breathe, quiet, until};

/// So many tickets more are open than are raced for: it goes on until each side has lost once.
const SPARE: usize = 6;
/// By how much the key is moved towards the command at first; half of it each time it has passed it.
const STEP: Duration = Duration::from_millis(32);

/// How many tickets are raced for. The usual gate takes a few; `make races` takes twenty.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a test may take is asked by whoever runs it; the program does not read this"
)]
fn races() -> usize {
    let asked = std::env::var("RACES").ok();
    asked.map_or(6, |races| races.parse().unwrap())
}

/// A home whose posts all wait for a person and leave at once when they are approved.
pub(super) fn home(tickets: usize) -> Home {
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    let budget = liberal(&budget).replace("auto_approve: 0.70", "auto_approve: 1.00");
    home.write("budget.yaml", &budget);
    let items: Vec<Value> = (0..tickets).map(|id| json!({"id": id.to_string(), "title": format!("Open source database number {id} released"), "link": format!("https://example.org/{id}")})).collect();
    let line = json!({"at": "2021-09-06T00:00:00Z", "items": items});
    home.write("stream.jsonl", &format!("{line}\n"));
    home.write("chimera.yaml", "feeds:\n  - {name: stream, recording: stream.jsonl, every: 1h, max_age: none}\ncampaigns:\n  - {name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100000}\n");
    home
}

/// The ticket whose card is on screen, in the last digits of its id, when it can be decided.
pub(super) fn on_screen(console: &Console) -> Option<String> {
    let text = console.text();
    let (_, card) = text.split_once("TICKET  ")?;
    let (short, _) = card.split_once(" v")?;
    let open = card.contains(" open, due") && text.contains("Approve = 1 post");
    open.then(|| short.to_owned())
}

/// How each race was lost.
#[derive(Debug, Default)]
struct Lost {
    /// The command line's, told with exit code 3.
    cli: usize,
    /// The console's, told that its decision did not count.
    console: usize,
    /// The console's, whose card said who had decided before its key arrived.
    console_late: usize,
}

impl Lost {
    fn is_one_sided(&self) -> bool {
        self.cli == 0 || self.console + self.console_late == 0
    }
}

// R69, R68, R181: open tickets, each decided at the console (a key in a real terminal) and on the command
// line as nearly at once as two processes can: one decision counts, it has one effect, and the loser is
// told who decided what and when.
#[test]
fn r69_each_race_of_console_and_command_line_has_one_effect_and_one_told_loser() {
    let _quiet = quiet();
    let races = races();
    let open = races + SPARE;
    let begun = Instant::now();
    let home = home(open);
    let _daemon = home.daemon(&[]);
    let tickets = until("the tickets", || {
        Some(home.tickets()).filter(|tickets| tickets.len() == open)
    });
    let mut console = Console::open(&home, &["--attach"], 40, 160);
    let opened = begun.elapsed();
    // From the start of the command to its decision, about.
    let mut lead = {
        let begun = Instant::now();
        home.run(&["review", "show", tickets[0]["ticket_id"].as_str().unwrap()]);
        begun.elapsed()
    };
    let (mut step, mut before) = (STEP, None);
    let (mut decided, mut lost) = (BTreeSet::new(), Lost::default());
    while decided.len() < races || (lost.is_one_sided() && decided.len() < open) {
        let short = until("an open card", || {
            on_screen(&console).filter(|short| !decided.contains(short))
        });
        let ticket = tickets
            .iter()
            .filter_map(|ticket| ticket["ticket_id"].as_str())
            .find(|id| id.ends_with(&short))
            .unwrap();
        // A key counts only for a card that has been on screen for the guard time.
        let seen = Instant::now();
        while seen.elapsed() < Duration::from_millis(350) {
            breathe();
        }
        let mut command = home.command(&["review", "approve", ticket]);
        command.env("USER", "ann");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let cli = command.spawn().unwrap();
        while started.elapsed() < lead {
            std::hint::spin_loop();
        }
        console.press("a");
        let cli = Ran::of(cli.wait_with_output().unwrap());
        let console_lost = cli.code == 0;
        if before.is_some_and(|before| before != console_lost) {
            step /= 2;
        }
        before = Some(console_lost);
        if console_lost {
            let told = until("the console to be told", || {
                let text = console.text();
                let told = text.contains(&format!("TICKET  {short}")) && text.contains("by ann@");
                told.then_some(text)
            });
            // Words are wrapped on screen, so only those that stand at its beginning are looked for.
            let conflict = told.contains("Your decision did not count: already approved by ann@")
                || told.contains("your decision did not count: already approved by ann@");
            let line = told.lines().find(|line| line.contains("by ann@")).unwrap();
            let (_, after) = line.split_once("by ann@").unwrap();
            assert!(after.contains(" at "), "it does not say when: {line}");
            if conflict {
                lost.console += 1;
            } else {
                assert!(line.contains("approved"), "it does not say what: {line}");
                lost.console_late += 1;
            }
            lead = lead.saturating_sub(step);
            if decided.len() + 1 < open {
                until("the next card", || {
                    console.press("n");
                    (0..25)
                        .any(|_| {
                            breathe();
                            on_screen(&console).is_some_and(|next| next != short)
                        })
                        .then_some(())
                });
            }
        } else {
            assert_eq!(cli.code, 3, "{}", cli.stderr);
            let told = &cli.stderr;
            assert!(
                told.contains("approved by tester@") && told.contains(" at 20"),
                "{told}"
            );
            lost.cli += 1;
            lead += step;
        }
        decided.insert(short);
    }
    let (raced, races) = (begun.elapsed(), decided.len());
    until("every effect to be settled", || {
        let tasks = &home.status()["tasks"];
        (tasks["published"] == races && tasks["publishing"].is_null()).then_some(())
    });
    let posts = home.journal();
    assert_eq!(posts.len(), races);
    let once = |field: &str| {
        let seen: BTreeSet<String> = posts.iter().map(|post| post[field].to_string()).collect();
        seen.len()
    };
    assert_eq!(
        (once("idempotency_key"), once("text_content")),
        (races, races)
    );
    let told = lost.cli + lost.console + lost.console_late;
    assert_eq!(told, races);
    eprintln!(
        "{races} races: {} effects, {told} losers told: {} at the command line, {} at the console that its decision did not count, {} there by the card before its key came; tickets open after {opened:?}, raced after {raced:?}",
        posts.len(),
        lost.cli,
        lost.console,
        lost.console_late,
    );
    assert!(!lost.is_one_sided(), "they were never near: {lost:?}");
}
