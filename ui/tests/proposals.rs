//! Goals and proposals: written, drafted, edited by their versions, launched by a typed word.

use chimera_domain::{
    Clock, Outcome, Safe, StateVersion,
    goal::{self, Launch, Part, Proposal, Tree},
    ids::ProposalId,
    task::Priority,
    testing::ManualClock,
};
use ratatui::layout::Size;

use super::Rig;
use crate::{
    event::{Done, Event, ProposalDone, ProposalWish, Request, Said},
    fake,
    model::{
        Pane,
        overlay::Overlay,
        proposal::{Node, Opened, Over},
    },
};

const GOAL: &str = "Announce the garden: bulbs; frost https://example.org/garden";

impl Rig {
    /// What the store does with a wish.
    pub(super) fn propose(&mut self, wish: &ProposalWish) -> Said<ProposalDone> {
        let actor = self.model.settings.actor.clone();
        let by = (actor.as_str(), self.model.now);
        let campaigns = self.world.overview.campaigns.clone();
        let proposals = &mut self.world.proposals;
        let outcome = match wish {
            ProposalWish::Compose {
                campaign,
                channel,
                words,
            } => {
                let drafted = goal::draft(words, *channel);
                let kept = proposals.propose(*campaign, &drafted.tree, &drafted.rules, by);
                kept.map(ProposalDone::Kept)
            }
            ProposalWish::Revise(id, version, tree) => {
                match proposals.revise(*id, *version, tree, by) {
                    Outcome::Done((), version) => {
                        Outcome::Done(ProposalDone::Revised(version), version)
                    }
                    Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
                    Outcome::NotFound => Outcome::NotFound,
                }
            }
            ProposalWish::Discard(id, version) => proposals
                .discard(*id, *version, by)
                .map(|()| ProposalDone::Discarded),
            ProposalWish::Launch {
                id,
                version,
                tree,
                typed,
                ..
            } => {
                let launch = Launch {
                    id: *id,
                    version: *version,
                    tree: *tree,
                    typed: typed.clone(),
                    actor: actor.clone(),
                };
                match proposals.launch(&launch, &campaigns, by.1) {
                    Ok(outcome) => outcome.map(ProposalDone::Launched),
                    Err(why) => return Said::Refused(Safe::line(&why)),
                }
            }
        };
        match outcome {
            Outcome::Done(done, _) => Said::Done(done),
            Outcome::Conflict(conflict) => Said::Conflict(conflict),
            Outcome::NotFound => Said::NotFound,
        }
    }

    /// Does what was wished for proposals, and reads what follows from it.
    fn fulfil(&mut self) {
        for _ in 0..10 {
            for request in self.orders() {
                if let Request::Propose(wish) = request {
                    let said = self.propose(&wish);
                    self.event(Event::Done(Done::Proposed(wish, said)));
                }
            }
        }
    }

    /// Presses keys, each with what follows from it.
    fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.press(key);
            self.fulfil();
        }
    }

    /// Types a line and ends it.
    fn line(&mut self, text: &str) {
        self.keys("Ctrl-U");
        self.type_text(text);
        self.keys("Enter");
    }

    /// Somebody else has another post in whatever waits.
    pub(super) fn someone_revises(&mut self) {
        let now = self.model.now;
        let proposals = &mut self.world.proposals;
        let Some(first) = proposals.open().first().cloned() else {
            return;
        };
        let mut tree = first.tree.clone();
        tree.goal.push('!');
        let _done = proposals.revise(first.id, first.version, &tree, ("ben@night:tty", now));
    }

    fn shown(&self) -> &Opened {
        match &self.model.overlay {
            Some(Overlay::Proposal(opened)) => opened,
            other => panic!("no proposal but {other:?}"),
        }
    }

    fn stored(&self) -> &Proposal {
        self.world.proposals.get(self.shown().id).unwrap()
    }

    fn tree(&self) -> &Tree {
        &self.stored().tree
    }
}

fn snapshot(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

/// The campaigns on a screen of this size, with nothing planned yet.
fn campaigns(columns: u16, rows: u16) -> Rig {
    let world = fake::normal(ManualClock::new().now(), None);
    let mut rig = Rig::new(columns, rows, world);
    rig.keys("7");
    rig
}

/// A goal was written, and its proposal is open.
fn planned(columns: u16, rows: u16) -> Rig {
    let mut rig = campaigns(columns, rows);
    rig.keys("N");
    rig.type_text(GOAL);
    rig.keys("Ctrl-D");
    rig
}

// R36: a goal in words becomes a proposal by the rules the command line drafts by, for the campaign under the cursor; nothing
// runs, and the text is there until it is kept.
#[test]
fn r36_a_goal_in_words_becomes_a_plan() {
    let mut rig = campaigns(80, 24);
    rig.keys("j N");
    assert_eq!(rig.model.mode(), "EDIT");
    rig.keys("Ctrl-D");
    assert!(rig.message().contains("must say something"));
    rig.type_text(GOAL);
    snapshot("80x24_proposal_goal", &rig);
    rig.press("Ctrl-D");
    rig.press("Ctrl-D");
    let wishes = rig.orders();
    let campaign = rig.model.campaigns.selected.unwrap();
    let [
        Request::Propose(
            wish @ ProposalWish::Compose {
                campaign: of,
                channel,
                words,
            },
        ),
    ] = &wishes[..]
    else {
        panic!("{wishes:?}")
    };
    assert_eq!((*of, words.as_str()), (campaign, GOAL));
    let failed = Said::Unclear(Safe::line("the disk"));
    rig.event(Event::Done(Done::Proposed(wish.clone(), failed)));
    assert!(rig.message().contains("look again"));
    rig.keys("Ctrl-D");
    let drafted = goal::draft(GOAL, *channel);
    assert_eq!(*rig.tree(), drafted.tree);
    assert_eq!(rig.stored().rules, drafted.rules);
    assert_eq!(rig.model.mode(), "PROPOSAL");
    assert!(rig.message().contains("nothing of it runs"));
}

// R36, R136: the tree with who, when, how urgent and what it costs at most; at every size what is left out is marked.
#[test]
fn r36_a_proposal_is_shown_as_a_tree() {
    let mut rig = planned(80, 24);
    snapshot("80x24_proposal", &rig);
    rig.event(Event::Resize(Size::new(120, 40)));
    rig.keys("j");
    snapshot("120x40_proposal", &rig);
    rig.event(Event::Resize(Size::new(40, 12)));
    snapshot("40x12_proposal", &rig);
    assert!(rig.picture().contains("… Enter more"));
    rig.keys("Enter");
    snapshot("40x12_proposal_node", &rig);
    rig.keys("Esc");
    assert!(!rig.shown().detail);
    rig.keys("?");
    assert!(rig.picture().contains("KEYS OF A PROPOSAL"));
    rig.keys("Esc Esc");
    assert_eq!(rig.model.overlay, None);
}

// R36: every kind of change by key, each stored as a version of its own; the last ones are taken back, one by one.
#[test]
fn r36_a_proposal_is_edited_by_keys() {
    let mut rig = planned(120, 40);
    let first = rig.tree().clone();
    rig.keys("e");
    rig.line("Say that the garden is open");
    rig.keys("j p d");
    rig.line("+3h");
    rig.keys("b");
    rig.line("0.05");
    rig.keys("i");
    rig.line("two hundred bulbs");
    rig.keys("o");
    rig.line("https://example.org/bulbs");
    rig.keys("e");
    rig.line("Bulbs");
    let post = &rig.tree().branches[0];
    assert_eq!(rig.tree().goal, "Say that the garden is open");
    assert_eq!(
        (post.title.as_str(), post.priority),
        ("Bulbs", Priority::Low)
    );
    assert_eq!(post.summary, "two hundred bulbs");
    assert_eq!(post.link, "https://example.org/bulbs");
    assert_eq!(post.budget_usd_max.unwrap().to_string(), "0.05");
    assert_eq!(
        post.due_at,
        Some(rig.model.now.plus(chimera_domain::Span::from_hours(3)))
    );
    // Who and where: the campaign of a post; the proposal's own is named by nothing.
    let names: Vec<String> = rig
        .world
        .overview
        .campaigns
        .iter()
        .map(|row| row.name.to_string())
        .collect();
    rig.keys("c j Enter");
    assert_eq!(rig.tree().branches[0].campaign, names[1]);
    rig.keys("c Enter");
    assert_eq!(rig.tree().branches[0].campaign, "");
    // A task more, what it waits for, what it is asked for; then it goes, and what that means is told.
    rig.keys("A j j Enter");
    assert_eq!(rig.shown().node(), Node::Task(0, 3));
    let task = &rig.tree().branches[0].tasks[3];
    assert_eq!((task.part, task.name.as_str()), (Part::Image, "image-2"));
    rig.keys("w Enter Esc e");
    rig.line("from above");
    let task = &rig.tree().branches[0].tasks[3];
    assert_eq!(
        (task.after.join(","), task.wish.as_str()),
        ("text,research".into(), "from above")
    );
    rig.keys("K");
    assert_eq!(rig.tree().branches[0].tasks[2].name, "image-2");
    rig.keys("J D");
    assert!(
        rig.message()
            .contains("image-2 goes; publish waits for text, research instead")
    );
    rig.keys("g G k k k k J");
    assert_eq!(rig.tree().branches[1].title, "Announce the garden: frost");
    rig.keys("K a");
    rig.line("Seeds");
    assert_eq!(rig.shown().node(), Node::Post(1));
    let titles = |rig: &Rig| -> Vec<String> {
        let branches = rig.tree().branches.iter();
        branches.map(|post| post.title.clone()).collect()
    };
    assert_eq!(
        titles(&rig),
        ["Announce the garden: frost", "Seeds", "Bulbs"]
    );
    rig.keys("D");
    assert!(
        rig.message()
            .contains("post 2 goes with its 4 tasks; u takes it back")
    );
    rig.keys("u");
    assert_eq!(
        titles(&rig),
        ["Announce the garden: frost", "Seeds", "Bulbs"]
    );
    let version = rig.stored().version;
    rig.keys(&["u"; 40].join(" "));
    assert!(rig.message().contains("nothing to take back"));
    assert_eq!(*rig.tree(), first);
    assert!(
        rig.stored().version > version,
        "taking back is a change, too"
    );
}

// R36: what cannot be is said where it is typed, and what was not touched stays byte by byte what it is.
#[test]
fn r36_what_is_typed_wrong_is_said_and_stays() {
    let mut rig = planned(80, 24);
    rig.keys("b");
    assert!(rig.message().contains("this is the goal"));
    rig.keys("j b");
    rig.line("five");
    assert!(
        rig.message().contains("not an amount of US dollars"),
        "{}",
        rig.message()
    );
    assert!(
        matches!(&rig.shown().over, Some(Over::Typing { typed, .. }) if typed.text() == "five")
    );
    rig.keys("Esc d");
    rig.line("soon");
    assert!(rig.message().contains("`soon` is no time"));
    rig.keys("Esc w");
    assert!(rig.message().contains("choose one of its tasks"));
    let version = rig.stored().version;
    rig.keys("e Enter i Enter o Enter d Enter b Enter");
    assert_eq!(rig.stored().version, version, "nothing was changed");
}

// R36, R16: two editors: the one who comes too late is told who was faster and when, sees theirs, and has lost only the
// last change; a change of somebody else shows while nothing is typed, too.
#[test]
fn r36_two_editors_conflict_visibly() {
    let mut rig = planned(80, 24);
    rig.keys("j p");
    rig.someone_revises();
    rig.press("p");
    assert_eq!(
        rig.shown().tree().unwrap().branches[0].priority,
        Priority::High
    );
    rig.fulfil();
    assert!(
        rig.message().contains("revised") && rig.message().contains("ben"),
        "{}",
        rig.message()
    );
    let tree = rig.shown().tree().unwrap();
    assert_eq!(
        (tree.branches[0].priority, tree.goal.ends_with('!')),
        (Priority::Low, true)
    );
    snapshot("80x24_proposal_overtaken", &rig);
    rig.keys("u");
    assert!(rig.message().contains("nothing to take back"));
    rig.keys("p");
    assert_eq!(rig.tree().branches[0].priority, Priority::High);
    assert!(rig.shown().told.is_none());
    rig.someone_revises();
    rig.reread();
    let told = rig.shown().told.clone().unwrap();
    assert!(
        told.as_str().contains("revised by ben@night:tty at"),
        "{told}"
    );
}

// R36: keys that come faster than the store are all taken, in their order, and stored one version after the other.
#[test]
fn r36_no_key_is_lost_while_the_store_is_slow() {
    let mut rig = planned(120, 40);
    rig.keys("j");
    for key in ["p", "J", "p", "p"] {
        rig.press(key);
    }
    let wishes = rig.orders();
    assert_eq!(wishes.len(), 1, "one at a time: {wishes:?}");
    for wish in wishes {
        let Request::Propose(wish) = wish else {
            panic!("{wish:?}")
        };
        let said = rig.propose(&wish);
        rig.event(Event::Done(Done::Proposed(wish, said)));
    }
    rig.press("L");
    assert!(rig.message().contains("being stored"));
    rig.fulfil();
    assert_eq!(rig.stored().version, StateVersion::FIRST.next().next());
    assert_eq!(rig.tree(), rig.shown().tree().unwrap());
    let moved = &rig.tree().branches[1];
    assert_eq!(
        (moved.title.as_str(), moved.priority),
        ("Announce the garden: bulbs", Priority::Medium)
    );
}

// R36: what is wrong stands in its place in words, and a launch leads there instead.
#[test]
fn r36_what_is_wrong_is_said_in_its_place() {
    let mut rig = planned(80, 24);
    rig.keys("j o");
    rig.line("");
    rig.keys("j j D");
    snapshot("80x24_proposal_wrong", &rig);
    rig.keys("G L");
    assert_eq!(rig.shown().over, None);
    assert_eq!(rig.shown().node(), Node::Post(0));
    assert!(
        rig.message()
            .contains("it cannot be launched: post 1: it has no link")
    );
    rig.keys("u u L");
    assert!(matches!(rig.shown().over, Some(Over::Launch { .. })));
}

// R36, R8: launched only by the word that says how far its posts get, for exactly what was on screen; afterwards its
// campaign is selected. An empty Enter cancels.
#[test]
fn r36_a_proposal_is_launched_by_its_word() {
    let mut rig = planned(80, 24);
    let (id, campaign) = (rig.shown().id, rig.stored().campaign_id);
    let word = rig.shown().preview.as_ref().unwrap().word();
    rig.keys("L");
    snapshot("80x24_proposal_launch", &rig);
    rig.event(Event::Resize(Size::new(40, 12)));
    snapshot("40x12_proposal_launch", &rig);
    let shown = rig.picture();
    assert!(
        shown.contains(word) && shown.contains(" > "),
        "what is typed is in sight"
    );
    rig.event(Event::Resize(Size::new(80, 24)));
    rig.keys("Enter");
    assert!(rig.message().contains("cancelled"));
    for typed in ["launch", "yes", "launch everywhere"] {
        rig.keys("L");
        rig.line(typed);
        assert!(rig.message().contains(&format!("type `{word}`")));
        rig.keys("Esc");
    }
    assert_eq!(rig.stored().state.as_str(), "open");
    // What the store says to it stands over the tree, whatever is said next.
    rig.keys("L");
    rig.type_text(word);
    rig.press("Enter");
    let [Request::Propose(wish)] = &rig.orders()[..] else {
        panic!("nothing was launched")
    };
    let why = Said::Refused(Safe::line("plans_per_hour has no room for post 1 of 2"));
    rig.event(Event::Done(Done::Proposed(wish.clone(), why)));
    rig.fulfil();
    rig.keys("j");
    assert!(
        rig.picture()
            .contains("not done: plans_per_hour has no room for post 1 of 2")
    );
    // Somebody changes it after it was looked at: what was shown is not what would run.
    rig.keys("L");
    rig.type_text(word);
    rig.someone_revises();
    rig.keys("Enter");
    assert!(rig.message().contains("not done") && rig.message().contains("ben"));
    assert_eq!(rig.stored().state.as_str(), "open");
    rig.keys("3");
    rig.keys("L");
    rig.type_text(word);
    rig.press("Enter");
    let wishes = rig.orders();
    let [Request::Propose(wish @ ProposalWish::Launch { tree, version, .. })] = &wishes[..] else {
        panic!("{wishes:?}")
    };
    let stored = rig.world.proposals.get(id).unwrap();
    assert_eq!((*tree, *version), (stored.tree.hash(), stored.version));
    let said = rig.propose(wish);
    rig.event(Event::Done(Done::Proposed(wish.clone(), said)));
    rig.fulfil();
    assert_eq!(rig.model.overlay, None);
    assert_eq!(rig.model.focus.pane, Pane::Campaigns);
    assert_eq!(rig.model.campaigns.selected, Some(campaign));
    assert!(
        rig.message().contains("launched: 8 tasks for 2 posts"),
        "{}",
        rig.message()
    );
    assert!(rig.world.proposals.open().is_empty());
}

// R36: what waits is listed with its campaign and opened another day; it is put away only by choosing so.
#[test]
fn r36_what_waits_is_listed_and_put_away() {
    let mut rig = campaigns(80, 24);
    assert!(rig.picture().contains("none waits; N makes one of a goal"));
    rig.keys("P");
    assert!(
        rig.picture()
            .contains("No proposal waits to be launched. Esc, then N")
    );
    rig.keys("Enter");
    assert!(rig.message().contains("no proposal waits"));
    rig.keys("Esc N");
    rig.type_text(GOAL);
    rig.keys("Ctrl-D Esc");
    snapshot("80x24_campaigns_with_a_proposal", &rig);
    rig.keys("P");
    snapshot("80x24_proposals", &rig);
    rig.keys("Enter X Enter");
    assert!(rig.message().contains("the proposal is kept"));
    rig.keys("X j Enter");
    assert!(rig.message().contains("discarded"));
    assert_eq!(rig.model.overlay, None);
    assert!(rig.picture().contains("none waits"));
    // One that somebody else put away says so, and cannot be changed.
    rig.keys("N");
    rig.type_text(GOAL);
    rig.keys("Ctrl-D");
    let (id, version, now) = (rig.shown().id, rig.stored().version, rig.model.now);
    let gone = rig
        .world
        .proposals
        .discard(id, version, ("ben@night:tty", now));
    assert!(gone.is_done());
    rig.reread();
    assert!(rig.picture().contains("discarded by ben@night:tty"));
    rig.keys("j p");
    assert!(rig.message().contains("it is discarded already"));
}

// R36: from anywhere by its name; where several campaigns could be meant, it asks for which.
#[test]
fn r36_a_goal_begins_from_the_palette() {
    let mut rig = Rig::ready();
    rig.press(":");
    rig.type_text("new-goal");
    rig.press("Enter");
    assert!(matches!(&rig.model.overlay, Some(Overlay::GoalFor { items, .. }) if items.len() > 1));
    rig.press("j");
    rig.press("Enter");
    let second = rig.world.overview.campaigns[1].id;
    assert!(
        matches!(&rig.model.overlay, Some(Overlay::Goal { campaign: (id, _, _), .. }) if *id == second)
    );
    rig.type_text("x");
    rig.press("Esc");
    assert!(rig.message().contains("Esc again drops"));
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);
    let mut none = Rig::new(80, 24, fake::empty(ManualClock::new().now()));
    none.keys("7 N");
    assert!(
        none.message()
            .contains("a goal is for a campaign, and there is none")
    );
    let gone = ProposalId::from_uuid(chimera_domain::testing::uuid_of(1));
    none.model.overlay = Some(Overlay::Proposal(Box::new(Opened::of(gone))));
    none.event(Event::Changed);
    assert!(none.picture().contains("Reading…"));
}
