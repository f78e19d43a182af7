//! A goal in words, edited by hand, launched, worked on and put before a person: by command, and on a whole swarm in this
//! process.

use chimera_domain::{
    Span,
    goal::{self, Launch},
    mode::Reach,
    ports::{DeskStore, GoalStore},
    task::TaskState,
};
use serde_json::{Value, json};

use super::classic::world::World;
use crate::support::Home;

const GOAL: &str = "Tell what becomes of the linen sneaker: Zanderoo mends every linen sneaker for ten years without a bill; twelve weavers of Porto make linen from what is left over https://example.org/linen";

// R36: a goal becomes a tree by rule; launched, each of its posts is researched, written, pictured and judged as any
// other, and its ticket leads back to the goal.
#[tokio::test]
async fn r36_a_goal_is_launched_worked_and_asked_about() {
    let world = World::new(&[]).await;
    let campaign = world.overview().await.campaigns.remove(0);
    let drafted = goal::draft(GOAL, campaign.channel);
    let kept = world
        .store
        .propose(campaign.id, &drafted.tree, &drafted.rules, "ana")
        .await;
    let id = kept.unwrap().done().unwrap();
    world.later(Span::from_mins(1)).await;
    assert!(
        world.tasks().await.is_empty(),
        "nothing runs before it is launched"
    );
    let preview = world.store.preview(id).await.unwrap().unwrap();
    assert_eq!(preview.wrong, []);
    assert_eq!(preview.reach, Reach::StandIn);
    let launch = Launch {
        id,
        version: world.store.proposal(id).await.unwrap().unwrap().version,
        tree: drafted.tree.hash(),
        typed: goal::word(preview.reach).to_owned(),
        actor: "ana".to_owned(),
    };
    let launched = world.store.launch(&launch).await.unwrap().done().unwrap();
    assert_eq!((launched.traces.len(), launched.tasks), (2, 8));
    world.later(Span::from_secs(5)).await;
    let tickets = world.tickets().await;
    assert_eq!(tickets.len(), 2, "{:?}", world.tasks().await);
    for (card, branch) in tickets.iter().zip(&drafted.tree.branches) {
        assert!(launched.traces.contains(&card.trace_id));
        assert!(
            branch
                .title
                .starts_with("Tell what becomes of the linen sneaker: ")
        );
    }
    let spent: i64 = world
        .tasks()
        .await
        .iter()
        .map(|row| row.spent.micros())
        .sum();
    let most = preview.estimate.most.unwrap();
    assert!(
        spent > 0 && spent <= most.micros(),
        "{spent} of at most {most}"
    );
    // From here on it is a post as any other: approved, it leaves after its fuse.
    assert!(world.approve(&tickets[0]).await.is_done());
    world.later(Span::from_secs(11)).await;
    assert_eq!(world.home.journal().len(), 1);
    let published = world.states("publish").await;
    assert_eq!(
        published
            .iter()
            .filter(|state| **state == TaskState::Published)
            .count(),
        1
    );
    // A post that is refused with a wish is made again as it was launched.
    let waiting = world.ticket().await;
    let trends = world
        .store
        .signal_feed(&super::classic::world::ALL)
        .await
        .unwrap();
    assert!(
        trends
            .rows
            .iter()
            .all(|row| row.source.as_str() == "operator")
    );
    assert!(launched.traces.contains(&waiting.trace_id));
}

fn proposal(home: &Home, args: &[&str]) -> Value {
    home.json(&[&["campaign"], args].concat()).remove(0)
}

// R36, R142: by command: composed, looked at, edited in a file, refused while it is wrong, launched by the typed word, once.
#[test]
fn r36_a_goal_is_planned_by_command() {
    let home = Home::new();
    home.write(
        "drop.jsonl",
        &json!({"at": "2026-11-20T09:00:00Z", "items": []}).to_string(),
    );
    home.write("chimera.yaml", "feeds:\n  - {name: drop, recording: drop.jsonl, every: 1h, max_age: none}\ncampaigns:\n  - {name: drops, persona: fae, channel: twitter, account: \"@fae\", goal: be heard}\n");
    {
        let daemon = home.daemon(&[]);
        crate::support::until("the swarm", || home.is_run_by(daemon.pid()).then_some(()));
    }
    let nobody = home.run(&["campaign", "compose", GOAL, "--campaign", "nobody"]);
    assert_eq!((nobody.code, nobody.stderr.contains("drops")), (4, true));
    let made = proposal(&home, &["compose", GOAL, "--campaign", "drops"]);
    assert_eq!(made["rules"][0], goal::BY_RULE);
    assert_eq!((&made["posts"], &made["tasks"]), (&json!(2), &json!(8)));
    assert_eq!(made["reach"], "simulated");
    let id = made["proposal_id"].as_str().unwrap();
    let shown = home.run(&["campaign", "launch", id, "--dry-run"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for said in [
        goal::BY_RULE,
        "2 posts, 8 tasks; at most",
        "campaign_total",
        "SIMULATED",
        "each post is judged",
        "--confirm 'launch simulated'",
        "publish (publish) after text, image",
    ] {
        assert!(shown.stdout.contains(said), "{said} in {}", shown.stdout);
    }
    // A file that is no tree is refused, a tree that is no plan is kept and cannot be launched.
    home.write("tree.json", "{\"goal\": \"x\", \"branchez\": []}");
    let path = home.path().join("tree.json").to_str().unwrap().to_owned();
    let ran = home.run(&["campaign", "revise", id, &path]);
    assert_eq!(
        (ran.code, ran.stderr.contains("branchez")),
        (2, true),
        "{}",
        ran.stderr
    );
    let mut edited = made.clone();
    edited["tree"]["branches"][1]["tasks"][0]["after"] = json!(["publish"]);
    home.write("tree.json", &edited.to_string());
    let wrong = proposal(&home, &["revise", id, &path, "--if-version", "1"]);
    assert!(
        wrong["wrong"][0].as_str().unwrap().contains("cycle"),
        "{wrong}"
    );
    let word = ["--confirm", "launch simulated"];
    let ran = home.run(&[&["campaign", "launch", id], &word[..]].concat());
    assert_eq!(
        (ran.code, ran.stderr.contains("cycle")),
        (5, true),
        "{}",
        ran.stderr
    );
    let late = home.run(&["campaign", "revise", id, &path, "--if-version", "1"]);
    assert_eq!(late.code, 3, "{}", late.stderr);
    // One post, without a picture.
    edited["tree"]["branches"]
        .as_array_mut()
        .unwrap()
        .truncate(1);
    let tasks = edited["tree"]["branches"][0]["tasks"]
        .as_array_mut()
        .unwrap();
    tasks.remove(2);
    tasks[2]["after"] = json!(["text"]);
    home.write("tree.json", &edited.to_string());
    let right = proposal(&home, &["revise", id, &path]);
    assert_eq!((&right["wrong"], &right["tasks"]), (&json!([]), &json!(3)));
    let listed = proposal(&home, &["proposals"]);
    assert_eq!(
        (&listed["proposal_id"], &listed["tasks"]),
        (&json!(id), &json!(3))
    );
    for wrong in [&[][..], &["--confirm", "launch"]] {
        let ran = home.run(&[&["campaign", "launch", id], wrong].concat());
        assert_eq!(
            (ran.code, ran.stderr.contains("launch simulated")),
            (5, true)
        );
    }
    let other = made["tree_hash"].as_str().unwrap();
    let ran = home.run(&[&["campaign", "launch", id, "--if-tree", other], &word[..]].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let launched = proposal(&home, &[&["launch", id], &word[..]].concat());
    assert_eq!(launched["tasks"], 3);
    let again = home.run(&[&["campaign", "launch", id], &word[..]].concat());
    assert_eq!((again.code, again.stderr.contains("launched")), (3, true));
    let tasks = home.json(&["worker", "check-queue"]);
    assert_eq!(tasks.len(), 3);
    assert!(
        tasks
            .iter()
            .all(|task| task["trace_id"] == launched["traces"][0])
    );
    let thrown = proposal(&home, &["compose", "Say hello", "--campaign", "drops"]);
    assert!(
        thrown["wrong"][0]
            .as_str()
            .unwrap()
            .contains("it has no link"),
        "{thrown}"
    );
    let ran = home.run(&[
        "campaign",
        "discard",
        thrown["proposal_id"].as_str().unwrap(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(home.json(&["campaign", "proposals"]).is_empty());
}
