//! Looking at a proposal: all that decides whether it can be launched, and what that would do.

use chimera_domain::{
    Usd,
    campaign::{Campaign, CampaignSpec},
    goal::{
        Branch, Cost, Estimate, Lasts, PostPreview, Preview, Proposal, Sprout, Terms, Tree,
        TreeTask, Wrong,
    },
    mode::Reach,
    persona::Persona,
    policy::Policy,
    ports::PlanCaps,
    views::Quantiles,
};

use super::super::{
    db::{Db, Verb, count},
    planner::plans,
    rows::{Cells, campaign},
    spend,
};

/// So many of the newest are looked at to tell how long one takes.
const LASTS_MAX: u32 = 200;

/// What launching would do now.
pub(super) fn preview(db: &Db<'_>, found: &Proposal) -> Verb<Preview> {
    let mut look = look(db, found)?;
    let full = look.full(db)?;
    look.wrong.extend(full);
    let (reach, approval) = (look.reach(), look.approval());
    let posts = found.tree.branches.iter().map(|branch| look.post(branch));
    Ok(Preview {
        version: found.version,
        campaign: look.own().campaign.spec.name.clone(),
        posts: posts.collect(),
        approval,
        reach,
        lasts: lasts(db)?,
        estimate: look.estimate,
        caps: look.caps,
        wrong: look.wrong,
    })
}

/// A campaign with what decides about its posts.
pub(super) struct Ground {
    pub(super) campaign: Campaign,
    reach: Reach,
    /// `None` where it was not installed yet.
    persona: Option<Persona>,
}

/// A proposal with all that decides whether it can be launched.
pub(super) struct Look<'a> {
    tree: &'a Tree,
    /// The proposal's own campaign, then those that its branches name, as far as they are there.
    pub(super) grounds: Vec<Ground>,
    pub(super) policy: Option<Policy>,
    estimate: Estimate,
    caps: Vec<(String, Usd, Usd)>,
    pub(super) sprouts: Vec<Sprout>,
    pub(super) wrong: Vec<Wrong>,
}

pub(super) fn look<'a>(db: &Db<'_>, found: &'a Proposal) -> Verb<Look<'a>> {
    let mut grounds = vec![ground(db, db.campaign_of(found.campaign_id)?)?];
    for name in found.tree.campaigns() {
        let named: Option<Campaign> = db.one(
            concat!(
                "SELECT ",
                campaign_row!(),
                " FROM campaigns WHERE name = ?1 AND archived = 0"
            ),
            [name],
            campaign,
        )?;
        if let Some(named) = named.filter(|named| grounds.iter().all(|g| g.campaign.id != named.id))
        {
            grounds.push(ground(db, named)?);
        }
    }
    let policy: Option<Policy> = db.one(
        "SELECT p.doc FROM fleet f JOIN policies p ON p.hash = f.policy_hash",
        [],
        |row| row.doc("doc"),
    )?;
    let mut look = Look {
        tree: &found.tree,
        grounds,
        policy,
        estimate: Estimate::default(),
        caps: Vec::new(),
        sprouts: Vec::new(),
        wrong: Vec::new(),
    };
    let sprouts = found
        .tree
        .sprouts(|branch| look.terms(db, branch), || db.ambient.fresh());
    match sprouts {
        Ok(sprouts) => look.sprouts = sprouts,
        Err(wrong) => look.wrong = wrong,
    }
    look.money(db)?;
    Ok(look)
}

fn ground(db: &Db<'_>, campaign: Campaign) -> Verb<Ground> {
    Ok(Ground {
        reach: db.reach(campaign.id, &campaign.spec.publish_server)?,
        persona: db.one(
            "SELECT p.doc FROM campaigns c JOIN personas p ON p.hash = c.persona_hash WHERE c.campaign_id = ?1",
            [campaign.id.as_bytes()],
            |row| row.doc("doc"),
        )?,
        campaign,
    })
}

/// How long the newest posts and answers took.
fn lasts(db: &Db<'_>) -> Verb<Lasts> {
    let times = |sql: &str| -> Verb<Option<Quantiles>> {
        let times = db.all(sql, [LASTS_MAX], |row| Ok(count(row.get(0)?)))?;
        Ok(Quantiles::of(times))
    };
    Ok(Lasts {
        to_verdict: times(
            "SELECT v.at - (SELECT min(w.started_at) FROM tasks w
                            WHERE w.trace_id = t.trace_id AND w.plan_attempt = t.plan_attempt)
             FROM verdicts v JOIN tasks t ON t.task_id = v.task_id
             WHERE t.started_at IS NOT NULL ORDER BY v.at DESC LIMIT ?1",
        )?,
        to_answer: times(
            "SELECT decided_at - created_at FROM tickets
             WHERE decided_at IS NOT NULL ORDER BY decided_at DESC LIMIT ?1",
        )?,
    })
}

/// Something that stands in the way of the whole tree.
fn whole(what: impl Into<String>) -> Wrong {
    Wrong {
        branch: None,
        task: String::new(),
        what: what.into(),
    }
}

impl Look<'_> {
    fn own(&self) -> &Ground {
        &self.grounds[0]
    }

    /// The ground of a branch, where its campaign is there.
    pub(super) fn ground(&self, branch: &Branch) -> Option<&Ground> {
        match branch.campaign.trim() {
            "" => Some(self.own()),
            name => self.grounds.iter().find(|g| g.campaign.spec.name == name),
        }
    }

    fn terms(&self, db: &Db<'_>, branch: &Branch) -> Result<Terms<'_>, String> {
        let ground = self
            .ground(branch)
            .ok_or_else(|| format!("there is no campaign `{}`", branch.campaign.trim()))?;
        match (&ground.persona, &self.policy) {
            (Some(persona), Some(policy)) => Ok(Terms {
                campaign: &ground.campaign.spec,
                persona,
                policy,
                now: db.now,
            }),
            _ => Err("its persona or the policy is not installed: start the swarm once".into()),
        }
    }

    /// The caps of plans that have no room for a single one now, each once. They free with time; until then a launch is
    /// refused.
    fn full(&self, db: &Db<'_>) -> Verb<Vec<Wrong>> {
        let mut full: Vec<Wrong> = Vec::new();
        for ground in &self.grounds {
            let Some(policy) = &self.policy else { break };
            let Some((cap, until)) = plans::binding_cap(db, &ground.campaign, caps_of(policy))?
            else {
                continue;
            };
            let until = until.to_rfc3339_seconds();
            let told = whole(format!(
                "{cap} has no room now; it is worth trying again at {until}"
            ));
            if !full.contains(&told) {
                full.push(told);
            }
        }
        Ok(full)
    }

    /// Of what gets farthest: nobody launches for less than what may happen.
    pub(super) fn reach(&self) -> Reach {
        let far = |reach: &Reach| match reach {
            Reach::StandIn => 0,
            Reach::DryRun => 1,
            Reach::Live => 2,
        };
        let branches = self.tree.branches.iter();
        let reaches = branches.filter_map(|branch| Some(self.ground(branch)?.reach));
        reaches.max_by_key(far).unwrap_or(self.own().reach)
    }

    fn post(&self, branch: &Branch) -> PostPreview {
        let ground = self.ground(branch);
        let spec = ground.map(|ground| &ground.campaign.spec);
        let told = |of: fn(&CampaignSpec) -> &String| spec.map(of).cloned().unwrap_or_default();
        let server = told(|spec| &spec.publish_server);
        let cost = |task: &TreeTask| match &self.policy {
            Some(policy) => task.cost(policy, &server),
            None if task.part.tool().is_none() => Cost::Free,
            None => Cost::Unpriced,
        };
        let policy = self.policy.as_ref();
        PostPreview {
            campaign: spec.map_or_else(|| branch.campaign.clone(), |spec| spec.name.clone()),
            persona: told(|spec| &spec.persona),
            account: told(|spec| &spec.account),
            place: ground.map(|ground| (ground.campaign.spec.channel, ground.reach)),
            estimate: policy
                .map_or_else(Estimate::default, |policy| branch.estimate(policy, &server)),
            costs: branch.tasks.iter().map(cost).collect(),
        }
    }

    /// Holds the estimate against what never frees by itself; what frees with time only waits.
    fn money(&mut self, db: &Db<'_>) -> Verb<()> {
        let Some(policy) = &self.policy else {
            return Ok(());
        };
        let (mut estimate, mut caps, mut wrong) = (Estimate::default(), Vec::new(), Vec::new());
        // What each campaign and each agent has to bear, its own first.
        let mut of_campaign: Vec<(&Campaign, Estimate)> = Vec::new();
        let mut of_agent: Vec<(&Campaign, Estimate)> = Vec::new();
        let own = &self.own().campaign;
        bear(&mut of_campaign, own, Estimate::default(), |a, b| {
            a.id == b.id
        });
        bear(&mut of_agent, own, Estimate::default(), |a, b| {
            a.agent_id == b.agent_id
        });
        for branch in &self.tree.branches {
            let Some(ground) = self.ground(branch) else {
                continue;
            };
            let of = branch.estimate(policy, &ground.campaign.spec.publish_server);
            estimate.add(of.clone());
            bear(&mut of_campaign, &ground.campaign, of.clone(), |a, b| {
                a.id == b.id
            });
            bear(&mut of_agent, &ground.campaign, of, |a, b| {
                a.agent_id == b.agent_id
            });
        }
        if estimate.most.is_none() {
            wrong.push(whole("what it may cost is no amount"));
        }
        let left = |cap: Usd, used: Usd| cap.checked_sub(used).unwrap_or(Usd::ZERO).max(Usd::ZERO);
        let several = of_campaign.len() > 1;
        let named = |cap: &str, name: &str| {
            if several {
                format!("{cap} of {name}")
            } else {
                cap.to_owned()
            }
        };
        for (campaign, of) in &of_campaign {
            let Some(most) = of.most else { continue };
            let used = Usd::from_micros(db.number(
                "SELECT counted FROM campaigns WHERE campaign_id = ?1",
                [campaign.id.as_bytes()],
            )?);
            let cap = campaign.spec.budget_usd_max;
            let room = left(cap, used);
            if most > room {
                let whose = if several {
                    format!("the campaign {}", campaign.spec.name)
                } else {
                    "the campaign's".to_owned()
                };
                wrong.push(whole(format!(
                    "it may cost {most} USD, and of {whose} {cap} USD {room} are left"
                )));
            }
            caps.push((named("campaign_total", &campaign.spec.name), cap, room));
        }
        for (campaign, of) in &of_agent {
            let Some(most) = of.most else { continue };
            let cap = policy.budget.agent_day_usd_max;
            let used = spend::day_use(db, campaign.agent_id, &policy.budget.zone, cap, most)?.used;
            caps.push((
                named("agent_day", &campaign.spec.persona),
                cap,
                left(cap, used),
            ));
            if most > cap {
                wrong.push(whole(format!(
                    "it may cost {most} USD, and its agent spends at most {cap} USD a day"
                )));
            }
        }
        self.estimate = estimate;
        self.caps = caps;
        self.wrong.extend(wrong);
        Ok(())
    }

    fn approval(&self) -> String {
        let Some(policy) = &self.policy else {
            return String::new();
        };
        let window = policy.judge.window;
        let mut told = format!(
            "each post is judged: at {} or above it may go out by itself, but for a sensitive topic and a first post; from {} on a person is asked; below it is refused",
            window.auto_min, window.human_min
        );
        if self.reach() == Reach::Live && policy.judge.second_approver.first_live_post {
            told.push_str("; a first live post needs two people");
        }
        told
    }
}

/// Adds what somebody has to bear.
fn bear<'a>(
    of: &mut Vec<(&'a Campaign, Estimate)>,
    campaign: &'a Campaign,
    more: Estimate,
    same: fn(&Campaign, &Campaign) -> bool,
) {
    match of.iter_mut().find(|(other, _)| same(other, campaign)) {
        Some((_, sum)) => sum.add(more),
        None => of.push((campaign, more)),
    }
}

pub(super) const fn caps_of(policy: &Policy) -> PlanCaps {
    let planner = &policy.planner;
    PlanCaps {
        per_hour: planner.plans_per_hour_max,
        per_day: planner.plans_per_day_max,
        queue_depth: planner.queue_depth_max,
        review_depth: planner.review_depth_max,
    }
}
