//! `chimera campaign compose|proposals|revise|launch|discard`: a goal in words, the tree it is to become, and its launch.

use std::{fs::File, io::Read, path::Path};

use chimera_domain::{
    ContentHash, Outcome, Safe, StateVersion,
    goal::{self, Branch, Launch, PostPreview, Preview, Proposal, Tree},
    ids::ProposalId,
    mode::Reach,
    ports::Store,
    views::{CampaignRow, Quantiles, mark},
};
use serde_json::{Value, json};

use crate::{cli::LaunchArgs, fault::Fault, machine, out};

/// The largest tree that is read, in bytes.
const FILE_MAX: u64 = 256 * 1024;

/// Drafts a tree for a goal, or takes the one in a file, and keeps it.
///
/// # Errors
/// `Usage` for a file that is no tree.
pub async fn compose(
    store: &dyn Store,
    campaign: &CampaignRow,
    words: Option<&str>,
    file: Option<&Path>,
    json: bool,
) -> Result<(), Fault> {
    let (tree, rules) = match (words, file) {
        (_, Some(file)) => (tree_in(file)?, vec!["taken from a file".to_owned()]),
        (words, None) => {
            let drafted = goal::draft(words.unwrap_or_default(), campaign.channel);
            (drafted.tree, drafted.rules)
        }
    };
    if tree.goal.trim().is_empty() {
        return Err(Fault::Usage("say in words what is to be reached".into()));
    }
    let actor = machine::actor();
    let kept = store.propose(campaign.id, &tree, &rules, &actor).await?;
    let id = done(kept, "campaign")?;
    show(store, &found(store, &id.to_string()).await?, json).await
}

/// The open proposals.
///
/// # Errors
/// As the store says.
pub async fn list(store: &dyn Store, json: bool) -> Result<(), Fault> {
    let campaigns = store.overview().await?.campaigns;
    for found in store.open_proposals().await? {
        let name = campaigns.iter().find(|row| row.id == found.campaign_id);
        let name = name.map_or_else(|| found.campaign_id.to_string(), |row| row.name.to_string());
        let (posts, tasks) = (found.tree.branches.len(), found.tree.tasks());
        if json {
            out::json(
                &json!({"proposal_id": found.id, "version": found.version, "campaign": name, "state": found.state, "goal": found.tree.goal,
                "posts": posts, "tasks": tasks, "moved_by": found.moved_by, "moved_at": found.moved_at.to_rfc3339()}),
            );
        } else {
            let goal = Safe::line(&found.tree.goal);
            let (at, by) = (
                found.moved_at.to_rfc3339_seconds(),
                Safe::line(&found.moved_by),
            );
            out::line(format!(
                "{} {}  {name:20} {posts} posts, {tasks} tasks  by {by} at {at}: {goal}",
                found.id, found.version
            ));
        }
    }
    Ok(())
}

/// Replaces a tree.
///
/// # Errors
/// `Usage` for a file that is no tree, `Conflict` where somebody was faster.
pub async fn revise(
    store: &dyn Store,
    proposal: &str,
    file: &Path,
    if_version: Option<i64>,
    json: bool,
) -> Result<(), Fault> {
    let tree = tree_in(file)?;
    let before = found(store, proposal).await?;
    let version = seen(if_version, before.version)?;
    let actor = machine::actor();
    done(
        store.revise(before.id, version, &tree, &actor).await?,
        "proposal",
    )?;
    show(store, &found(store, proposal).await?, json).await
}

/// Puts a proposal away.
///
/// # Errors
/// `Conflict` where it moved meanwhile.
pub async fn discard(
    store: &dyn Store,
    proposal: &str,
    if_version: Option<i64>,
    json: bool,
) -> Result<(), Fault> {
    let before = found(store, proposal).await?;
    let version = seen(if_version, before.version)?;
    let actor = machine::actor();
    done(store.discard(before.id, version, &actor).await?, "proposal")?;
    if json {
        out::json(&json!({"proposal_id": before.id, "state": "discarded"}));
    } else {
        out::line(format!("{} is discarded", before.id));
    }
    Ok(())
}

/// Launches a proposal, or shows what that would do.
///
/// # Errors
/// `Refused` where the tree is no plan, a cap leaves no room or another word was typed; `Conflict` where it moved.
pub async fn launch(store: &dyn Store, args: &LaunchArgs, json: bool) -> Result<(), Fault> {
    let before = found(store, &args.proposal).await?;
    if args.dry_run {
        return show(store, &before, json).await;
    }
    let tree = match &args.if_tree {
        Some(hash) => hash
            .parse::<ContentHash>()
            .map_err(|error| Fault::Usage(error.to_string()))?,
        None => before.tree.hash(),
    };
    let launch = Launch {
        id: before.id,
        version: seen(args.if_version, before.version)?,
        tree,
        typed: args.confirm.clone(),
        actor: machine::actor(),
    };
    let launched = done(store.launch(&launch).await?, "proposal")?;
    if json {
        out::json(
            &json!({"proposal_id": before.id, "state": "launched", "traces": launched.traces, "tasks": launched.tasks}),
        );
        return Ok(());
    }
    out::line(format!("launched: {} tasks", launched.tasks));
    for (branch, trace) in before.tree.branches.iter().zip(&launched.traces) {
        out::line(format!("{trace}  {}", Safe::line(&branch.title)));
    }
    Ok(())
}

async fn found(store: &dyn Store, proposal: &str) -> Result<Proposal, Fault> {
    let id: ProposalId = proposal
        .parse()
        .map_err(|error| Fault::Usage(format!("{error}")))?;
    let found = store.proposal(id).await?;
    found.ok_or_else(|| Fault::NotFound(format!("there is no proposal {id}")))
}

fn seen(if_version: Option<i64>, now: StateVersion) -> Result<StateVersion, Fault> {
    match if_version {
        None => Ok(now),
        Some(version) => StateVersion::new(version)
            .ok_or_else(|| Fault::Usage(format!("{version} is no version"))),
    }
}

fn done<T>(outcome: Outcome<T>, what: &str) -> Result<T, Fault> {
    match outcome {
        Outcome::Done(value, _) => Ok(value),
        Outcome::Conflict(conflict) => Err(conflict.into()),
        Outcome::NotFound => Err(Fault::NotFound(format!("there is no such {what}"))),
    }
}

/// The tree in a file: by itself, or as it stands in what `--json` prints.
fn tree_in(file: &Path) -> Result<Tree, Fault> {
    let name = file.display();
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin()
            .take(FILE_MAX + 1)
            .read_to_string(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(FILE_MAX + 1).read_to_string(&mut text))
    };
    read.map_err(|error| Fault::failed(&format!("cannot read {name}"), &error))?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > FILE_MAX {
        return Err(Fault::Usage(format!(
            "{name} is larger than {FILE_MAX} bytes"
        )));
    }
    let no_tree = |error: serde_json::Error| Fault::Usage(format!("{name} is no tree: {error}"));
    let mut value: Value = serde_json::from_str(&text).map_err(no_tree)?;
    let tree = match value.get_mut("tree") {
        Some(tree) => tree.take(),
        None => value,
    };
    serde_json::from_value(tree).map_err(no_tree)
}

/// A proposal with its tree, and what launching it would do.
async fn show(store: &dyn Store, found: &Proposal, json: bool) -> Result<(), Fault> {
    let preview = store.preview(found.id).await?;
    let preview = preview.ok_or_else(|| Fault::NotFound(format!("there is no {}", found.id)))?;
    if json {
        out::json(&as_json(found, &preview));
        return Ok(());
    }
    let Proposal { tree, .. } = found;
    let (campaign, state) = (Safe::line(&preview.campaign), found.state);
    out::line(format!(
        "{} {}  {campaign}, {state}, tree {}",
        found.id,
        found.version,
        tree.hash().short()
    ));
    out::line(format!("goal: {}", Safe::line(&tree.goal)));
    for rule in &found.rules {
        out::line(format!("  {}", Safe::line(rule)));
    }
    for (at, branch) in tree.branches.iter().enumerate() {
        let title = Safe::line(&branch.title);
        out::line(format!("post {}, {}: {title}", at + 1, branch.priority));
        if let Some(post) = preview.posts.get(at) {
            out::line(format!("  {}", Safe::line(&told_of(branch, post))));
        }
        for (name, text) in [("known", &branch.summary), ("link", &branch.link)] {
            if !text.is_empty() {
                out::line(format!("  {name}: {}", Safe::line(text)));
            }
        }
        for task in &branch.tasks {
            let mut line = format!("  {} ({})", task.name, task.part);
            if !task.after.is_empty() {
                line.push_str(&format!(" after {}", task.after.join(", ")));
            }
            if !task.wish.is_empty() {
                line.push_str(&format!(": {}", task.wish));
            }
            out::line(format!("  {}", Safe::line(line.trim())));
        }
    }
    tell(tree, &preview, found.id);
    Ok(())
}

/// Who speaks where, for how much, and when.
fn told_of(branch: &Branch, post: &PostPreview) -> String {
    let place = match post.place {
        Some((channel, _)) => format!("{} as {} on {channel}", post.persona, post.account),
        None => "nobody, for want of a campaign".to_owned(),
    };
    let most = post
        .estimate
        .most
        .map_or_else(|| "no amount".into(), |most| most.to_string());
    let mut told = format!("{}: {place}, at most {most} USD", post.campaign);
    if let Some(budget) = branch.budget_usd_max {
        told.push_str(&format!(" of its {budget}"));
    }
    if let Some(due) = branch.due_at {
        told.push_str(&format!(", due at {}", due.to_rfc3339_seconds()));
    }
    told
}

fn tell(tree: &Tree, preview: &Preview, id: ProposalId) {
    let most = preview
        .estimate
        .most
        .map_or_else(|| "no amount".into(), |m| m.to_string());
    let mut cost = format!(
        "{} posts, {} tasks; at most {most} USD",
        tree.branches.len(),
        tree.tasks()
    );
    if !preview.estimate.unpriced.is_empty() {
        let parts = preview.estimate.unpriced.iter().map(|part| part.as_str());
        let parts: Vec<&str> = parts.collect();
        cost.push_str(&format!(
            ", and no price is known for: {}",
            parts.join(", ")
        ));
    }
    out::line(cost);
    for (limit, cap, left) in &preview.caps {
        out::line(format!("{limit}: {left} of {cap} USD left"));
    }
    out::line(preview.lasts.told());
    let (simulated, dry) = (preview.reach != Reach::Live, preview.reach == Reach::DryRun);
    let reach = mark(simulated, dry);
    out::line(format!(
        "its posts get: {}",
        if reach.is_empty() {
            "to the platform (LIVE)"
        } else {
            reach
        }
    ));
    if !preview.approval.is_empty() {
        out::line(&preview.approval);
    }
    for wrong in &preview.wrong {
        let wrong = Safe::line(&wrong.to_string());
        out::line(format!("cannot be launched: {wrong}"));
    }
    if preview.wrong.is_empty() {
        let word = goal::word(preview.reach);
        out::line(format!(
            "to launch: chimera campaign launch {id} --confirm '{word}'"
        ));
    }
}

fn as_json(found: &Proposal, preview: &Preview) -> Value {
    let caps: Vec<Value> = preview
        .caps
        .iter()
        .map(|(limit, cap, left)| json!({"limit": limit, "cap_usd": cap, "left_usd": left}))
        .collect();
    let wrong: Vec<String> = preview.wrong.iter().map(ToString::to_string).collect();
    let each = preview.posts.iter().map(|post| {
        json!({"campaign": post.campaign, "persona": post.persona, "account": post.account, "channel": post.place.map(|(channel, _)| channel),
            "reach": post.place.map(|(_, reach)| reach), "usd_max": post.estimate.most})
    });
    let each: Vec<Value> = each.collect();
    let took =
        |q: Option<Quantiles>| q.map(|q| json!({"p50_us": q.p50_us, "p95_us": q.p95_us, "n": q.n}));
    let lasts = json!({"to_verdict": took(preview.lasts.to_verdict), "to_answer": took(preview.lasts.to_answer)});
    json!({
        "proposal_id": found.id, "version": found.version, "campaign": preview.campaign, "state": found.state,
        "tree": found.tree, "tree_hash": found.tree.hash(), "rules": found.rules, "traces": found.traces,
        "posts": found.tree.branches.len(), "tasks": found.tree.tasks(),
        "each": each, "lasts": lasts,
        "usd_max": preview.estimate.most, "unpriced": preview.estimate.unpriced, "caps": caps,
        "reach": preview.reach, "confirm": goal::word(preview.reach), "approval": preview.approval, "wrong": wrong,
    })
}
