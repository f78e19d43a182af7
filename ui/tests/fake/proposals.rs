//! Proposals that wait, kept in memory as the store keeps them: by version, and only while they are open.

use chimera_domain::{
    Conflict, Outcome, StateVersion, Timestamp, Usd,
    goal::{
        self, Cost, Estimate, Lasts, Launch, Launched, PostPreview, Preview, Proposal,
        ProposalState, Tree,
    },
    ids::{CampaignId, ProposalId, TraceId},
    mode::Reach,
    testing::uuid_of,
    views::{CampaignRow, Quantiles},
};

/// What every tool that is paid for costs here.
const PRICE: Usd = Usd::from_micros(10_000);

#[derive(Debug, Clone, Default)]
pub(crate) struct Proposals {
    all: Vec<Proposal>,
}

impl Proposals {
    pub(crate) fn propose(
        &mut self,
        campaign: CampaignId,
        tree: &Tree,
        rules: &[String],
        (actor, now): (&str, Timestamp),
    ) -> Outcome<ProposalId> {
        let n = u128::try_from(self.all.len()).unwrap_or(0);
        let id = ProposalId::from_uuid(uuid_of(0xf00 + n));
        self.all.push(Proposal {
            id,
            version: StateVersion::FIRST,
            campaign_id: campaign,
            state: ProposalState::Open,
            tree: tree.clone(),
            rules: rules.to_vec(),
            moved_by: actor.to_owned(),
            moved_at: now,
            traces: Vec::new(),
        });
        Outcome::Done(id, StateVersion::FIRST)
    }

    pub(crate) fn get(&self, id: ProposalId) -> Option<&Proposal> {
        self.all.iter().find(|proposal| proposal.id == id)
    }

    /// Those that are open, the one that moved last first.
    pub(crate) fn open(&self) -> Vec<Proposal> {
        let open = |proposal: &&Proposal| proposal.state == ProposalState::Open;
        let mut open: Vec<Proposal> = self.all.iter().filter(open).cloned().collect();
        open.sort_by_key(|proposal| std::cmp::Reverse((proposal.moved_at, proposal.id)));
        open
    }

    fn moved<T>(
        &mut self,
        id: ProposalId,
        version: StateVersion,
        (actor, now): (&str, Timestamp),
        how: impl FnOnce(&mut Proposal) -> T,
    ) -> Outcome<T> {
        let Some(found) = self.all.iter_mut().find(|proposal| proposal.id == id) else {
            return Outcome::NotFound;
        };
        if found.version != version || found.state != ProposalState::Open {
            let state = match found.state {
                ProposalState::Open => "revised",
                ProposalState::Launched | ProposalState::Discarded => found.state.as_str(),
            };
            return Outcome::Conflict(Conflict {
                actual: found.version,
                now: state.to_owned(),
                by: Some(found.moved_by.clone()),
                at: Some(found.moved_at),
            });
        }
        found.version = found.version.next();
        actor.clone_into(&mut found.moved_by);
        found.moved_at = now;
        let done = how(found);
        Outcome::Done(done, found.version)
    }

    pub(crate) fn revise(
        &mut self,
        id: ProposalId,
        version: StateVersion,
        tree: &Tree,
        by: (&str, Timestamp),
    ) -> Outcome<()> {
        self.moved(id, version, by, |found| found.tree = tree.clone())
    }

    pub(crate) fn discard(
        &mut self,
        id: ProposalId,
        version: StateVersion,
        by: (&str, Timestamp),
    ) -> Outcome<()> {
        self.moved(id, version, by, |found| {
            found.state = ProposalState::Discarded
        })
    }

    /// `Err` is the reason of a refusal.
    pub(crate) fn launch(
        &mut self,
        launch: &Launch,
        campaigns: &[CampaignRow],
        now: Timestamp,
    ) -> Result<Outcome<Launched>, String> {
        let found = self.get(launch.id).cloned();
        if let Some(preview) = found
            .as_ref()
            .and_then(|found| self.preview(found.id, campaigns))
        {
            let is_shown = found.is_some_and(|found| found.tree.hash() == launch.tree);
            if is_shown && launch.typed != preview.word() {
                return Err(format!("type `{}` to launch", preview.word()));
            }
            if is_shown && !preview.wrong.is_empty() {
                return Err(preview.wrong[0].to_string());
            }
        }
        let by = (launch.actor.as_str(), now);
        Ok(self.moved(launch.id, launch.version, by, |found| {
            found.state = ProposalState::Launched;
            let traces = (0..).zip(&found.tree.branches);
            let traces = traces.map(|(n, _)| TraceId::from_uuid(uuid_of(0x5000 + n)));
            found.traces = traces.collect();
            Launched {
                traces: found.traces.clone(),
                tasks: u32::try_from(found.tree.tasks()).unwrap_or(u32::MAX),
            }
        }))
    }

    pub(crate) fn preview(&self, id: ProposalId, campaigns: &[CampaignRow]) -> Option<Preview> {
        let found = self.get(id)?;
        let own = campaigns.iter().find(|row| row.id == found.campaign_id);
        let mut wrong = found.tree.wrongs();
        let mut estimate = Estimate::default();
        let mut reach = own.map_or(Reach::DryRun, of);
        let mut posts = Vec::new();
        for (at, post) in found.tree.branches.iter().enumerate() {
            let named = post.campaign.trim();
            let row = match named {
                "" => own,
                named => campaigns.iter().find(|row| row.name.as_str() == named),
            };
            if row.is_none() {
                wrong.push(goal::Wrong {
                    branch: Some(at),
                    task: String::new(),
                    what: format!("there is no campaign `{named}`"),
                });
            }
            let costs = post.tasks.iter().map(|task| match task.part.tool() {
                None => Cost::Free,
                Some(_) => Cost::Most(PRICE),
            });
            let costs: Vec<Cost> = costs.collect();
            let mut of_it = Estimate::default();
            for cost in &costs {
                if let Cost::Most(most) = cost {
                    of_it.most = of_it.most.and_then(|sum| sum.checked_add(*most));
                }
            }
            estimate.add(of_it.clone());
            if row.map(of) == Some(Reach::Live) {
                reach = Reach::Live;
            }
            posts.push(PostPreview {
                campaign: row.map_or(named, |row| row.name.as_str()).to_owned(),
                persona: row.map_or("", |row| row.persona.as_str()).to_owned(),
                account: row.map_or("", |row| row.account.as_str()).to_owned(),
                place: row.map(|row| (row.channel, of(row))),
                estimate: of_it,
                costs,
            });
        }
        let cap = Usd::from_micros(50_000_000);
        let took = |secs: u64| Quantiles::of(vec![secs * 1_000_000; 12]);
        Some(Preview {
            version: found.version,
            campaign: own.map_or("", |row| row.name.as_str()).to_owned(),
            posts,
            estimate,
            caps: vec![
                ("campaign_total".to_owned(), cap, Usd::from_micros(7_100_000)),
                ("agent_day".to_owned(), cap, Usd::from_micros(42_900_000)),
            ],
            lasts: Lasts {
                to_verdict: took(14),
                to_answer: took(260),
            },
            reach,
            approval: "each post is judged: at 0.90 or above it may go out by itself, but for a sensitive topic and a first post; from 0.70 on a person is asked; below it is refused".to_owned(),
            wrong,
        })
    }
}

const fn of(row: &CampaignRow) -> Reach {
    match (row.simulated, row.dry) {
        (_, true) => Reach::DryRun,
        (true, false) => Reach::StandIn,
        (false, false) => Reach::Live,
    }
}
