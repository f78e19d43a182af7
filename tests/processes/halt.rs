//! The kill switch against a stream of posts: how long after the command or the key the last one leaves.

use chimera_domain::{Span, Timestamp};
use serde_json::{Value, json};

use super::{console::Console, crash::liberal};
use crate::support::{Home, breathe, quiet, until};

/// From the key to no new effect.
const BAR: Span = Span::from_millis(250);
/// So many approved posts wait before they are let out, more than leave until they are stopped.
const BACKLOG: u64 = 20;
/// What else runs on the machine can delay any process once; a slow switch is slow every time.
const TRIES: u32 = 3;

fn now() -> Timestamp {
    chimera::clock::system().now()
}

/// When the platform took its last post.
fn last_post(home: &Home) -> Timestamp {
    let posts = home.journal();
    let at = posts.iter().filter_map(|post| post["at"].as_i64()).max();
    Timestamp::from_micros(at.unwrap_or_default())
}

fn live(home: &Home, what: &str) -> Option<Value> {
    let reports = home.json(&["halt", "status"]);
    let mut found = reports
        .into_iter()
        .filter(|report| report["halt"]["what"] == what);
    found.next()
}

/// Waits until enough is approved and kept by paused publishing.
fn backlog(home: &Home) {
    until("a backlog of approved posts", || {
        let kept = live(home, "publishing")?["halt"]["keeps"].as_u64()?;
        (kept >= BACKLOG).then_some(())
    });
}

/// Lets the stream run, has it killed, and measures. The console has its word typed by then.
fn measure(home: &Home, kill: &mut dyn FnMut()) -> Span {
    let before = home.journal().len();
    assert_eq!(home.run(&["resume", "--publishing"]).code, 0);
    until("the stream to run", || {
        (home.journal().len() > before + 2).then_some(())
    });
    let begun = now();
    kill();
    let report = until("what was in flight to end", || {
        live(home, "everything").filter(|report| report["under_way"] == 0)
    });
    assert_eq!(report["began_after"], 0, "{report}");
    let kept = report["halt"]["keeps"].as_u64();
    assert!(kept.is_some_and(|n| n > 0), "the stream ran dry: {report}");
    let (posts, last) = (home.journal().len(), last_post(home));
    for _ in 0..15 {
        breathe();
    }
    assert_eq!(home.journal().len(), posts, "something left after the halt");
    // The next round: what was approved before is judged again while publishing is held back.
    for stage in ["work", "spend"] {
        let ran = home.run(&["resume", "--stage", stage]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert!(live(home, "publishing").is_some());
    last.since(begun)
}

/// Within the bar, in one of a few tries.
fn hold(home: &Home, way: &str, mut kill: impl FnMut(&Home) -> Span) {
    let mut took = Vec::new();
    while took.len() < TRIES as usize {
        backlog(home);
        let last = kill(home);
        took.push(last);
        if last <= BAR {
            let took: Vec<String> = took.iter().map(ToString::to_string).collect();
            eprintln!(
                "kill by {way}: the last post left after {}",
                took.join(", ")
            );
            return;
        }
    }
    panic!("kill by {way}: the last post left after {took:?}, more than {BAR}");
}

// R190, R148, R18: with a stream of approved posts under way, nothing leaves any more 250 ms after the command or after the
// key; what was in flight is told, the queue is kept, and it goes on in stages.
#[test]
fn r190_nothing_leaves_a_quarter_of_a_second_after_the_key() {
    let _quiet = quiet();
    let home = Home::new();
    assert_eq!(home.run(&["mcp", "list"]).code, 0);
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    home.write("budget.yaml", &liberal(&budget));
    let items: Vec<Value> = (0..48).map(|id| json!({"id": id.to_string(), "title": format!("Open source database number {id} released"), "link": format!("https://example.org/{id}")})).collect();
    let line = json!({"at": "2021-09-06T00:00:00Z", "items": items});
    home.write("stream.jsonl", &format!("{line}\n"));
    home.write("chimera.yaml", "feeds:\n  - {name: stream, recording: stream.jsonl, every: 1h, max_age: none}\ncampaigns:\n  - {name: code, persona: leo, channel: twitter, account: \"@leo\", goal: talk about code, budget_usd: 100000}\n");
    let _daemon = home.daemon(&[]);
    // A persona's first post waits for a person; after it the others go out by themselves.
    let first = until("the first ticket", || home.tickets().into_iter().next());
    let id = first["ticket_id"].as_str().unwrap();
    assert_eq!(home.run(&["review", "approve", id]).code, 0);
    until("the first post", || {
        (!home.journal().is_empty()).then_some(())
    });
    assert_eq!(home.run(&["halt", "--publishing"]).code, 0);

    hold(&home, "command", |home| {
        measure(home, &mut || {
            let ran = home.run(&["kill", "--why", "a test"]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        })
    });
    hold(&home, "key", |home| {
        let mut console = Console::open(home, &[], 24, 80);
        console.shows("PUBLISHING PAUSED");
        console.press("!");
        console.shows("EMERGENCY");
        console.press("jj\r");
        console.shows("Type kill");
        console.press("kill by key");
        console.shows("kill by key");
        let took = measure(home, &mut || console.press("\r"));
        console.press("\u{3}");
        took
    });
}
