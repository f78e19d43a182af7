//! Goals and proposals: a goal is written, its proposal opened, launched or put away. How a proposal is changed is in `proposal_edit.rs`.

use chimera_domain::{
    Safe,
    goal::{Launched, Preview, Proposal, ProposalState},
    ids::ProposalId,
    views::Severity,
};

use super::{answers::tell, places, proposal_edit, read};
use crate::{
    event::{Answer, ProposalDone, ProposalWish, Request, Said},
    keymap::Action,
    model::{
        Model, Pane,
        overlay::{GoalFor, Overlay, Typed},
        proposal::{Choosing, Node, Opened, Over},
        writing::Writing,
    },
};

/// Opens the text area, or first asks for which campaign where several could be meant.
pub(super) fn goal(model: &mut Model) {
    let campaigns = model.overview.iter().flat_map(|o| &o.campaigns);
    let all = campaigns.map(|row| {
        let label = format!("{} ({} on {})", row.name, row.persona, row.channel);
        (row.id, row.channel, Safe::line(&label))
    });
    let items: Vec<_> = all.collect();
    let here = model.campaigns.row().map(|row| row.campaign_id);
    let chosen = items
        .iter()
        .find(|(id, _, _)| model.focus.pane == Pane::Campaigns && Some(*id) == here)
        .or(if items.len() == 1 {
            items.first()
        } else {
            None
        });
    model.overlay = match chosen {
        Some(campaign) => Some(writing_for(campaign.clone())),
        None => Some(Overlay::GoalFor { items, cursor: 0 }),
    };
}

fn writing_for(campaign: GoalFor) -> Overlay {
    Overlay::Goal {
        campaign,
        writing: Writing::default(),
        leaving: false,
        sent: false,
    }
}

/// Enter on one of the campaigns.
pub(super) fn goal_for(model: &mut Model, items: &[GoalFor], cursor: usize) {
    model.overlay = items.get(cursor).cloned().map(writing_for);
}

/// The goal is written: its proposal is drafted by rule and kept. The text stays until that is done.
pub(super) fn compose(model: &mut Model, out: &mut Vec<Request>) {
    let Some(Overlay::Goal {
        campaign: (campaign, channel, _),
        writing,
        sent,
        ..
    }) = &mut model.overlay
    else {
        return;
    };
    if *sent {
        return;
    }
    if writing.text().trim().is_empty() {
        let told = "a goal must say something; Esc leaves";
        model.say(Severity::Warning, told);
        return;
    }
    *sent = true;
    out.push(Request::Propose(ProposalWish::Compose {
        campaign: *campaign,
        channel: *channel,
        words: writing.text().to_owned(),
    }));
}

/// Opens the list of proposals that wait.
pub(super) fn list(model: &mut Model, out: &mut Vec<Request>) {
    model.overlay = Some(Overlay::Proposals { cursor: 0 });
    ask(model, out);
}

/// Reads which proposals wait.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Request>) {
    if !model.proposals.reading {
        model.proposals.reading = true;
        out.push(Request::Proposals);
    }
}

/// Reads again what of proposals is on screen.
pub(super) fn read_again(model: &mut Model, out: &mut Vec<Request>) {
    if let Some(Overlay::Proposal(opened)) = &mut model.overlay {
        if !opened.reading {
            opened.reading = true;
            out.push(Request::Proposal(opened.id));
        }
    } else if model.focus.pane == Pane::Campaigns
        || matches!(model.overlay, Some(Overlay::Proposals { .. }))
    {
        ask(model, out);
    }
}

/// Which proposals wait.
pub(super) fn listed(model: &mut Model, answer: Answer<Vec<Proposal>>) {
    model.proposals.reading = false;
    let last = answer.as_ref().map_or(0, Vec::len).saturating_sub(1);
    model.proposals.read = Some(answer);
    if let Some(Overlay::Proposals { cursor }) = &mut model.overlay {
        *cursor = (*cursor).min(last);
    }
}

/// Enter on one of them.
pub(super) fn open_nth(model: &mut Model, nth: usize, out: &mut Vec<Request>) {
    match model.proposals.all().get(nth).map(|proposal| proposal.id) {
        Some(id) => open(model, id, out),
        None => {
            model.overlay = Some(Overlay::Proposals { cursor: 0 });
            model.say(Severity::Info, "no proposal waits");
        }
    }
}

fn open(model: &mut Model, id: ProposalId, out: &mut Vec<Request>) {
    model.overlay = Some(Overlay::Proposal(Box::new(Opened::of(id))));
    out.push(Request::Proposal(id));
}

/// A proposal was read; one that was closed meanwhile stays closed.
pub(super) fn was_read(
    model: &mut Model,
    id: ProposalId,
    answer: Answer<Box<(Proposal, Preview)>>,
) {
    let zone = model.settings.zone.clone();
    if let Some(Overlay::Proposal(opened)) = &mut model.overlay
        && opened.id == id
    {
        let told = |now: &Proposal| {
            let did = match now.state {
                ProposalState::Open => "revised",
                ProposalState::Launched | ProposalState::Discarded => now.state.as_str(),
            };
            let at = now.moved_at.clock_in(&zone);
            Safe::line(&format!(
                "{did} by {} at {at}: this is theirs",
                now.moved_by
            ))
        };
        opened.take(answer.map(|read| *read), told);
    }
}

/// Keys over a proposal; `false` where there is none.
pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Request>) -> bool {
    let Some(Overlay::Proposal(opened)) = &mut model.overlay else {
        return false;
    };
    if opened.over.is_some() {
        return false;
    }
    if matches!(action, Action::Launch) {
        launch(model, out);
    } else if matches!(action, Action::Discard) {
        discard(model);
    } else if matches!(action, Action::Help) {
        opened.over = Some(Over::Keys { scroll: 0 });
    } else if matches!(action, Action::Open) {
        opened.detail = true;
        opened.scroll = 0;
    } else if matches!(action, Action::Close) {
        opened.detail = false;
        opened.scroll = 0;
    } else {
        return proposal_edit::act(model, action, out);
    }
    true
}

fn launch(model: &mut Model, out: &mut Vec<Request>) {
    let Some(Overlay::Proposal(opened)) = &mut model.overlay else {
        return;
    };
    if let Some(why) = opened.is_fixed() {
        model.say(Severity::Info, &why);
        return;
    }
    if !opened.is_settled() {
        let told = "not yet: the last change is being stored and looked at";
        model.say(Severity::Info, told);
        return;
    }
    let wrongs = opened.wrongs();
    let Some(first) = wrongs.first() else {
        opened.over = Some(Over::Launch {
            typed: Typed::default(),
        });
        return;
    };
    // To the first place that is wrong: there it says why. What passes with time is looked at once more.
    let again = (!opened.reading).then_some(Request::Proposal(opened.id));
    let tree = opened.tree();
    let task_of = |branch: usize| {
        let tasks = &tree?.branches.get(branch)?.tasks;
        tasks.iter().position(|task| task.name == first.task)
    };
    let node = match first.branch {
        None => Node::Goal,
        Some(branch) => task_of(branch).map_or(Node::Post(branch), |task| Node::Task(branch, task)),
    };
    let told = format!("it cannot be launched: {first}");
    opened.go_to(node);
    opened.reading = true;
    out.extend(again);
    model.say(Severity::Warning, &told);
}

fn discard(model: &mut Model) {
    let Some(Overlay::Proposal(opened)) = &mut model.overlay else {
        return;
    };
    match opened.is_fixed() {
        Some(why) => model.say(Severity::Info, &why),
        None => {
            opened.over = Some(Over::Choosing {
                what: Choosing::Discard,
                cursor: 0,
            });
        }
    }
}

/// Enter over a proposal, on what lies over it.
pub(super) fn accept(model: &mut Model, mut opened: Box<Opened>, out: &mut Vec<Request>) {
    let over = opened.over.take();
    model.overlay = Some(Overlay::Proposal(opened));
    match over {
        None | Some(Over::Keys { .. }) => {}
        Some(Over::Launch { typed }) => launched(model, &typed, out),
        Some(Over::Choosing {
            what: Choosing::Discard,
            cursor,
        }) => discarded(model, cursor, out),
        Some(Over::Choosing { what, cursor }) => proposal_edit::choose(model, what, cursor, out),
        Some(Over::Typing { field, typed }) => proposal_edit::typed(model, field, typed, out),
    }
}

fn launched(model: &mut Model, typed: &Typed, out: &mut Vec<Request>) {
    let Some(Overlay::Proposal(opened)) = &mut model.overlay else {
        return;
    };
    let typed = typed.text().trim().to_owned();
    let word = opened.preview.as_ref().map(Preview::word);
    if typed.is_empty() {
        model.say(Severity::Info, "cancelled: nothing was launched");
        return;
    }
    let (Some(proposal), true) = (opened.proposal(), opened.is_settled()) else {
        model.say(
            Severity::Warning,
            "not launched: the proposal changed meanwhile",
        );
        return;
    };
    if word != Some(typed.as_str()) {
        let told = format!("not launched: type `{}`", word.unwrap_or_default());
        opened.over = Some(Over::Launch {
            typed: Typed::default(),
        });
        model.say(Severity::Warning, &told);
        return;
    }
    out.push(Request::Propose(ProposalWish::Launch {
        id: proposal.id,
        version: proposal.version,
        tree: proposal.tree.hash(),
        typed,
        campaign: proposal.campaign_id,
    }));
}

fn discarded(model: &mut Model, cursor: usize, out: &mut Vec<Request>) {
    let Some(Overlay::Proposal(opened)) = &model.overlay else {
        return;
    };
    match opened.proposal() {
        Some(proposal) if cursor == 1 => {
            let wish = ProposalWish::Discard(proposal.id, proposal.version);
            out.push(Request::Propose(wish));
        }
        Some(_) | None => model.say(Severity::Info, "the proposal is kept"),
    }
}

/// Esc over what lies over a proposal: the proposal stays.
pub(super) fn back(model: &mut Model) -> bool {
    if let Some(Overlay::Proposal(opened)) = &mut model.overlay {
        if opened.over.take().is_some() {
            return true;
        }
        if opened.detail {
            opened.detail = false;
            opened.scroll = 0;
            return true;
        }
    }
    false
}

/// What became of it.
pub(super) fn said(
    model: &mut Model,
    wish: &ProposalWish,
    said: Said<ProposalDone>,
    out: &mut Vec<Request>,
) {
    let (told, in_place) = match said {
        Said::Done(moved) => {
            done(model, wish, moved, out);
            return;
        }
        Said::Conflict(conflict) => {
            let told = tell(model, &conflict);
            let in_place = format!("{told}: this is theirs, yours was not kept");
            (format!("not done, {told}"), in_place)
        }
        Said::NotFound => same("not done: there is no such thing any more".into()),
        Said::Refused(why) => same(format!("not done: {why}")),
        Said::Unclear(why) => same(format!(
            "nobody knows whether it was stored, look again: {why}"
        )),
    };
    not_done(model, wish, &in_place, out);
    model.say(Severity::Error, &told);
}

fn same(told: String) -> (String, String) {
    (told.clone(), told)
}

/// Why stands over the tree until something is changed, and what holds is read anew; a goal that was written stays to be
/// sent again.
fn not_done(model: &mut Model, wish: &ProposalWish, told: &str, out: &mut Vec<Request>) {
    if let Some(Overlay::Goal { sent, .. }) = &mut model.overlay {
        *sent = false;
    }
    if let (Some(Overlay::Proposal(opened)), Some(id)) = (&mut model.overlay, wish.id())
        && opened.id == id
    {
        let is_lost = matches!(wish, ProposalWish::Revise(..));
        opened.dropped(Safe::line(told), is_lost);
        opened.reading = true;
        out.push(Request::Proposal(id));
    }
}

fn done(model: &mut Model, wish: &ProposalWish, planned: ProposalDone, out: &mut Vec<Request>) {
    match planned {
        ProposalDone::Kept(id) => {
            // Whoever went on to something else meanwhile is not taken from it.
            if matches!(model.overlay, None | Some(Overlay::Goal { .. })) {
                open(model, id, out);
            }
            model.say(
                Severity::Info,
                "kept as a proposal; nothing of it runs before it is launched",
            );
        }
        ProposalDone::Revised(version) => {
            if let (Some(Overlay::Proposal(opened)), Some(id)) = (&mut model.overlay, wish.id())
                && opened.id == id
            {
                match opened.stored(version) {
                    Some(next) => out.push(Request::Propose(next)),
                    None => {
                        opened.reading = true;
                        out.push(Request::Proposal(id));
                    }
                }
            }
        }
        ProposalDone::Discarded => {
            close(model, wish);
            model.say(Severity::Info, "the proposal is discarded");
        }
        ProposalDone::Launched(launched) => after(model, wish, &launched, out),
    }
    ask(model, out);
}

fn close(model: &mut Model, wish: &ProposalWish) {
    if let Some(Overlay::Proposal(opened)) = &model.overlay
        && wish.id() == Some(opened.id)
    {
        model.overlay = None;
    }
}

/// Its campaign is shown, and its tasks are one key away.
fn after(model: &mut Model, wish: &ProposalWish, launched: &Launched, out: &mut Vec<Request>) {
    close(model, wish);
    if let ProposalWish::Launch { campaign, .. } = wish
        && model.overlay.is_none()
    {
        if model.focus.pane != Pane::Campaigns {
            places::go(model, Pane::Campaigns, out);
        }
        model.campaigns.selected = Some(*campaign);
    }
    let told = format!(
        "launched: {} tasks for {} posts; {} shows them",
        launched.tasks,
        launched.traces.len(),
        model.way(Pane::Dag)
    );
    model.say(Severity::Info, &told);
    read(model, Pane::Campaigns.view(), out);
}
