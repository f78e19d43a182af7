//! What the store promises those who plan by hand: a tree is kept, launched once as it was shown, and wholly or not at all.

use chimera_domain::{
    Outcome, Span, StoreError, Usd,
    campaign::Channel,
    goal::{self, Cost, Launch, Launched, Part, Proposal, ProposalState, TEMPLATE, Tree},
    halt::{Halt, Scope},
    ids::{CampaignId, ProposalId},
    mode::Reach,
    policy::{Price, PriceUnit},
    ports::Setup,
    spend::BudgetCategory,
    task::TaskState,
    testing::uuid_of,
    ticket::{Choice, Decided},
    verdict::Route,
    views::PageRequest,
};

use super::{
    Harness, done,
    fixtures::{TIMES, call, lost, submission},
};

const ALL: PageRequest = PageRequest::first(200);

/// Two posts of four tasks each.
fn tree(h: &Harness) -> Tree {
    let channel = h.setup().campaigns[0].channel;
    goal::draft(
        "Announce linen: mended; woven https://example.org/linen",
        channel,
    )
    .tree
}

async fn campaign(h: &Harness) -> CampaignId {
    h.store().overview().await.unwrap().campaigns[0].id
}

async fn proposed(h: &Harness, tree: &Tree) -> Proposal {
    let rules = ["by hand".to_owned()];
    let kept = h
        .store()
        .propose(campaign(h).await, tree, &rules, "ana")
        .await;
    read(h, done(kept.unwrap())).await
}

async fn read(h: &Harness, id: ProposalId) -> Proposal {
    h.store().proposal(id).await.unwrap().unwrap()
}

fn launch_of(found: &Proposal) -> Launch {
    Launch {
        id: found.id,
        version: found.version,
        tree: found.tree.hash(),
        typed: goal::word(Reach::Live).into(),
        actor: "ben".into(),
    }
}

async fn launch(h: &Harness, launch: &Launch) -> Result<Outcome<Launched>, StoreError> {
    h.store().launch(launch).await
}

async fn tasks(h: &Harness) -> u64 {
    h.store().tasks(&ALL).await.unwrap().total
}

/// A setup whose prices and caps are edited.
async fn begin_with(h: &Harness, edit: impl FnOnce(&mut Setup)) -> i64 {
    let mut setup = h.setup();
    let price = |tool: &str, server: &str| Price {
        server: server.into(),
        tool: tool.into(),
        unit: PriceUnit::Call,
        usd: Usd::from_micros(10_000),
        usd_out: None,
        units_max: 1,
        since: "2026-01-01".into(),
        category: BudgetCategory::MediaGeneration,
        simulated: false,
    };
    setup.policy.budget.prices = vec![
        price("generate_text", "studio"),
        price("generate_image", "studio"),
        price("post_content", "twitter"),
    ];
    edit(&mut setup);
    h.store().install(&setup).await.unwrap();
    h.go_live().await;
    h.lease(1).await.fence
}

/// A tree is kept as it was written, edited only by who saw its last version, and put away; the loser is told who won.
/// Proves: R36, R16.
pub async fn r36_a_proposal_is_edited_by_its_version(h: Harness) {
    h.begin().await;
    let first = proposed(&h, &tree(&h)).await;
    h.reopen();
    assert_eq!(read(&h, first.id).await, first);
    assert_eq!(first.rules, ["by hand"]);
    let mut edited = first.tree.clone();
    edited.branches[1].title = String::new();
    let revised = h
        .store()
        .revise(first.id, first.version, &edited, "ben")
        .await;
    done(revised.unwrap());
    let second = read(&h, first.id).await;
    assert_eq!(
        (&second.tree, second.version),
        (&edited, first.version.next())
    );
    assert_eq!(second.moved_by, "ben");
    let late = h
        .store()
        .revise(first.id, first.version, &first.tree, "ana")
        .await;
    let conflict = lost(late.unwrap());
    assert_eq!(
        (
            conflict.now.as_str(),
            conflict.by.as_deref(),
            conflict.actual
        ),
        ("revised", Some("ben"), second.version)
    );
    let open = h.store().open_proposals().await.unwrap();
    assert_eq!(open, std::slice::from_ref(&second));
    done(
        h.store()
            .discard(first.id, second.version, "ana")
            .await
            .unwrap(),
    );
    assert_eq!(h.store().open_proposals().await.unwrap(), []);
    let gone = h
        .store()
        .revise(first.id, second.version.next(), &edited, "ben")
        .await;
    assert_eq!(lost(gone.unwrap()).now, "discarded");
    let nobody = CampaignId::from_uuid(uuid_of(77));
    let nowhere = h
        .store()
        .propose(nobody, &edited, &[], "ana")
        .await
        .unwrap();
    assert!(matches!(nowhere, Outcome::NotFound));
    assert_eq!(tasks(&h).await, 0);
}

/// Launching makes all tasks of all branches with what they wait for, each branch under a trace of its own, claimed as any
/// other; it says who did it, and happens once.
/// Proves: R36, R22, R13.
pub async fn r36_a_launch_makes_every_branch_once(h: Harness) {
    let fence = begin_with(&h, |_| {}).await;
    let found = proposed(&h, &tree(&h)).await;
    let preview = h.store().preview(found.id).await.unwrap().unwrap();
    assert_eq!(preview.wrong, []);
    assert_eq!(preview.estimate.most, Some(Usd::from_micros(60_000)));
    assert_eq!(preview.estimate.unpriced, [] as [Part; 0]);
    assert_eq!(preview.reach, Reach::Live);
    assert_eq!(preview.caps[0].0, "campaign_total");
    assert!(preview.approval.contains("0.90"), "{}", preview.approval);
    assert_eq!(tasks(&h).await, 0, "a look makes nothing");
    let made = done(launch(&h, &launch_of(&found)).await.unwrap());
    assert_eq!((made.traces.len(), made.tasks), (2, 8));
    h.reopen();
    let kept = read(&h, found.id).await;
    assert_eq!(
        (kept.state, &kept.traces),
        (ProposalState::Launched, &made.traces)
    );
    for trace in &made.traces {
        let rows = h.store().task_list(&ALL, Some(*trace)).await.unwrap().rows;
        let nodes: Vec<_> = rows
            .iter()
            .map(|row| (row.node.as_str(), row.after.len()))
            .collect();
        assert_eq!(
            nodes,
            [("research", 0), ("text", 1), ("image", 1), ("publish", 2)]
        );
        assert!(rows.iter().all(|row| row.state == TaskState::Pending));
    }
    let work = h.claim(fence).await;
    assert_eq!(work.signal.unwrap().item.title, "Announce linen: mended");
    let filter = PageRequest {
        filter: "launch".into(),
        ..ALL
    };
    let lines = h.store().audit(&filter).await.unwrap().rows;
    assert!(
        lines.iter().all(|line| line.actor.as_str() == "ben"),
        "{lines:?}"
    );
    let again = Launch {
        version: kept.version,
        ..launch_of(&found)
    };
    assert_eq!(lost(launch(&h, &again).await.unwrap()).now, "launched");
    assert_eq!(tasks(&h).await, 8);
}

/// Another version or another tree than were shown, a word for another reach, a halted campaign: nothing is launched.
/// Proves: R36, R8, R18.
pub async fn r36_what_was_not_shown_is_not_launched(h: Harness) {
    begin_with(&h, |_| {}).await;
    let found = proposed(&h, &tree(&h)).await;
    let shown = launch_of(&found);
    let mut other = found.tree.clone();
    other.branches.pop();
    let tree = Launch {
        tree: other.hash(),
        ..shown.clone()
    };
    assert!(
        lost(launch(&h, &tree).await.unwrap())
            .now
            .contains("another tree")
    );
    let version = Launch {
        version: found.version.next(),
        ..shown.clone()
    };
    lost(launch(&h, &version).await.unwrap());
    for typed in ["", "launch", "launch dry"] {
        let typed = Launch {
            typed: typed.into(),
            ..shown.clone()
        };
        let refused = launch(&h, &typed).await;
        let Err(StoreError::Refused { what }) = refused else {
            panic!("{refused:?}")
        };
        assert!(what.contains("`launch live`"), "{what}");
    }
    let scope = Scope::Campaign(campaign(&h).await);
    let halted = h
        .store()
        .halt(scope.clone(), Halt::Pause, "ana", "storm")
        .await;
    done(halted.unwrap());
    let conflict = lost(launch(&h, &shown).await.unwrap());
    assert!(conflict.now.contains("paused"), "{conflict:?}");
    assert_eq!(tasks(&h).await, 0);
    done(h.store().resume(scope, "ana").await.unwrap());
    done(launch(&h, &shown).await.unwrap());
}

/// A tree that is no plan, one that costs more than is left, and one that the caps of plans leave no room for are refused
/// whole, with the reason; the proposal stays as it was.
/// Proves: R36, R35, R93.
pub async fn r35_a_launch_is_refused_whole(h: Harness) {
    begin_with(&h, |setup| {
        setup.policy.planner.plans_per_hour_max = 1;
        setup.campaigns[0].budget_usd_max = Usd::from_micros(60_000);
    })
    .await;
    let refused = async |found: &Proposal| {
        let refused = launch(&h, &launch_of(found)).await;
        let Err(StoreError::Refused { what }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(tasks(&h).await, 0);
        assert_eq!(read(&h, found.id).await, *found);
        what
    };
    let mut wrong = tree(&h);
    wrong.branches[0].tasks[0].after = vec!["publish".into()];
    let found = proposed(&h, &wrong).await;
    assert!(refused(&found).await.contains("cycle"));
    let told = h.store().preview(found.id).await.unwrap().unwrap().wrong;
    let told = told[0].to_string();
    assert!(told.contains("post 1: the plan has a cycle"), "{told}");
    let mut dear = tree(&h);
    let third = dear.branches[0].clone();
    dear.branches.push(third);
    let what = refused(&proposed(&h, &dear).await).await;
    assert!(
        what.contains("0.09 USD") && what.contains("0.06 are left"),
        "{what}"
    );
    let two = proposed(&h, &tree(&h)).await;
    let what = refused(&two).await;
    assert!(
        what.contains("plans_per_hour") && what.contains("post 2 of 2"),
        "{what}"
    );
    let mut one = tree(&h);
    one.branches.pop();
    let one = proposed(&h, &one).await;
    assert_eq!(done(launch(&h, &launch_of(&one)).await.unwrap()).tasks, 4);
    // Who looks now is told before anything is typed.
    let told = h.store().preview(two.id).await.unwrap().unwrap().wrong;
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|told| told.starts_with("plans_per_hour has no room now")),
        "{told:?}"
    );
}

/// A post that is refused is made again as it was launched, not as the rules for a trend would.
/// Proves: R36.
pub async fn r36_a_refused_post_is_made_again_as_it_was_launched(h: Harness) {
    let fence = begin_with(&h, |_| {}).await;
    let mut bare = tree(&h);
    bare.branches.pop();
    bare.branches[0]
        .tasks
        .retain(|task| task.part != Part::Image);
    for task in &mut bare.branches[0].tasks {
        task.after.retain(|name| name != "image");
    }
    bare.branches[0].tasks[1].wish = "say the price".into();
    let found = proposed(&h, &bare).await;
    done(launch(&h, &launch_of(&found)).await.unwrap());
    for proposes in [None, None, Some(call("x"))] {
        let work = h.claim(fence).await;
        let result = submission(proposes);
        done(h.store().submit_result(&work.claim, result).await.unwrap());
    }
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Reject).await;
    let again = h.store().next_replan().await.unwrap().unwrap();
    let nodes: Vec<_> = again
        .launched
        .iter()
        .map(|node| (node.name.as_str(), node.after.as_slice()))
        .collect();
    assert_eq!(
        nodes,
        [
            ("research", &[][..]),
            ("text", &["research".to_owned()][..]),
            ("publish", &["text".to_owned()][..])
        ]
    );
    assert_eq!(again.launched[1].spec.notes, ["say the price"]);
    assert_eq!(TEMPLATE, "goal/1");
}

/// Each post is for the campaign it names, held against that one's money, and speaks as its persona there; what one of them
/// does not allow stands at its place. The word is that of the post that gets farthest.
/// Proves: R36.
pub async fn r36_each_post_is_for_its_own_campaign(h: Harness) {
    begin_with(&h, |setup| {
        let mut second = setup.campaigns[0].clone();
        second.name = "zine".into();
        second.channel = Channel::Bluesky;
        second.account = "@fae.bsky".into();
        second.budget_usd_max = Usd::from_micros(30_000);
        setup.campaigns.push(second);
    })
    .await;
    let mut two = tree(&h);
    two.branches[1].campaign = "zine".into();
    let found = proposed(&h, &two).await;
    let preview = h.store().preview(found.id).await.unwrap().unwrap();
    assert_eq!(
        (preview.wrong.as_slice(), preview.version),
        (&[][..], found.version)
    );
    let posts = preview.posts.iter().map(|post| {
        let (channel, reach) = post.place.unwrap();
        (
            post.campaign.as_str(),
            channel,
            reach,
            post.account.as_str(),
            post.costs.clone(),
        )
    });
    let most = Cost::Most(Usd::from_micros(10_000));
    let costs = [Cost::Free, most, most, most].to_vec();
    let own = found_name(&h).await;
    assert_eq!(
        posts.collect::<Vec<_>>(),
        [
            (
                own.as_str(),
                Channel::Twitter,
                Reach::Live,
                "@fae",
                costs.clone()
            ),
            ("zine", Channel::Bluesky, Reach::Live, "@fae.bsky", costs)
        ]
    );
    let caps: Vec<&str> = preview
        .caps
        .iter()
        .map(|(name, _, _)| name.as_str())
        .collect();
    assert_eq!(
        caps,
        [
            &format!("campaign_total of {own}"),
            "campaign_total of zine",
            "agent_day of fae"
        ]
    );
    // A third post there is more than it may ever spend, and a name that nobody has is none.
    let mut dear = two.clone();
    dear.branches.push(two.branches[1].clone());
    let dear = proposed(&h, &dear).await;
    let wrong = h.store().preview(dear.id).await.unwrap().unwrap().wrong;
    assert!(wrong[0].what.contains("of the campaign zine"), "{wrong:?}");
    let mut lost_one = two.clone();
    lost_one.branches[1].campaign = "nobody".into();
    let lost_one = proposed(&h, &lost_one).await;
    let preview = h.store().preview(lost_one.id).await.unwrap().unwrap();
    assert_eq!(
        preview.wrong[0].to_string(),
        "post 2: there is no campaign `nobody`"
    );
    assert_eq!(preview.posts[1].place, None);
    // One of the campaigns is halted: nothing of it, and nothing of the rest.
    let campaigns = h.store().overview().await.unwrap().campaigns;
    let zine = campaigns.iter().find(|row| row.name.as_str() == "zine");
    let scope = Scope::Campaign(zine.unwrap().id);
    done(
        h.store()
            .halt(scope.clone(), Halt::Pause, "ana", "storm")
            .await
            .unwrap(),
    );
    lost(launch(&h, &launch_of(&found)).await.unwrap());
    assert_eq!(tasks(&h).await, 0);
    done(h.store().resume(scope, "ana").await.unwrap());
    let made = done(launch(&h, &launch_of(&found)).await.unwrap());
    for (trace, campaign) in made.traces.iter().zip([own.as_str(), "zine"]) {
        let rows = h.store().task_list(&ALL, Some(*trace)).await.unwrap().rows;
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|row| row.campaign.as_str() == campaign));
    }
}

async fn found_name(h: &Harness) -> String {
    h.store().overview().await.unwrap().campaigns[0]
        .name
        .to_string()
}

/// A post that is due later leaves then and not before, however early it is approved; until then it can be taken back.
/// How long posts and answers took is told from those there were.
/// Proves: R36.
pub async fn r36_a_post_leaves_when_it_is_due(h: Harness) {
    let fence = begin_with(&h, |_| {}).await;
    let mut bare = tree(&h);
    bare.branches.pop();
    bare.branches[0]
        .tasks
        .retain(|task| task.part != Part::Image);
    for task in &mut bare.branches[0].tasks {
        task.after.retain(|name| name != "image");
    }
    let now = h.store().overview().await.unwrap().at;
    let due = now.plus(Span::from_hours(3));
    bare.branches[0].due_at = Some(due);
    let found = proposed(&h, &bare).await;
    let before = h.store().preview(found.id).await.unwrap().unwrap();
    assert_eq!(
        (before.lasts.to_verdict, before.lasts.to_answer),
        (None, None)
    );
    done(launch(&h, &launch_of(&found)).await.unwrap());
    for proposes in [None, None, Some(call("x"))] {
        let work = h.claim(fence).await;
        h.clock.advance(Span::from_secs(1));
        let result = submission(proposes);
        done(h.store().submit_result(&work.claim, result).await.unwrap());
    }
    let case = h.store().next_case().await.unwrap().unwrap();
    let ticket = h.judge(&case, Route::HitlQueue).await.expect("a ticket");
    let card = h.card(ticket).await;
    let held = done(h.decide(&card, Choice::Approve, "ana").await);
    assert!(
        matches!(held, Decided::Held { until, .. } if until == due),
        "{held:?}"
    );
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let later = proposed(&h, &tree(&h)).await;
    let lasts = h.store().preview(later.id).await.unwrap().unwrap().lasts;
    assert_eq!(
        lasts.to_verdict.map(|q| (q.n, q.p50_us)),
        Some((1, 3_000_000))
    );
    assert_eq!(lasts.to_answer.map(|q| q.n), Some(1));
    h.clock.advance(Span::from_hours(3));
    assert!(h.store().take_effect(fence).await.unwrap().is_some());
}
