//! What the database holds of configuration: the installed policy, and the versions of personas.

use chimera_domain::{
    ContentHash, Safe, Timestamp,
    campaign::CampaignSpec,
    persona::Persona,
    policy::Policy,
    ports::PolicyStanding,
    views::{By, Page, PageRequest, PersonaRow, SettingGroup, SettingRow},
};

use super::{
    super::{
        db::{Db, Verb},
        payments,
        rows::Cells,
    },
    filter::field,
    page::{self, Ids, List, Whole, one},
};

/// The values the swarm decides by, in the order of the file.
pub(super) fn read(db: &Db<'_>, page: &PageRequest) -> Verb<Page<SettingRow>> {
    let mut all = Settings::default();
    if let Some(policy) = db.policy()? {
        let installed: Option<Timestamp> = db.one(
            "SELECT installed_at FROM policies WHERE hash = ?1",
            [policy.hash.as_bytes()],
            |row| row.time("installed_at"),
        )?;
        let at = installed.map_or_else(String::new, Timestamp::to_rfc3339_seconds);
        let versions = db.number("SELECT count(*) FROM policies", [])?;
        all.policy(&policy, &at, versions);
    }
    all.payments(&payments::policies::standing(db)?);
    let stand_ins = db.all(
        "SELECT j.value AS server FROM fleet, json_each(fleet.simulated_servers) j",
        [],
        |row| row.text("server"),
    )?;
    for server in stand_ins {
        let does = "what it is asked to do happens on this machine only";
        all.add(SettingGroup::Server, &server, &"stand-in", does);
    }
    page::place_of(&[], page)?;
    page::window(
        all.0,
        page,
        &["group", "name"],
        |row, field| match field {
            "group" => row.group.to_string(),
            _ => row.name.to_string(),
        },
        |row| format!("{} {} {} {}", row.group, row.name, row.value, row.does),
        |row| row.place.to_string(),
    )
}

#[derive(Default)]
struct Settings(Vec<SettingRow>);

impl Settings {
    fn add(&mut self, group: SettingGroup, name: &str, value: &dyn ToString, does: &str) {
        self.0.push(SettingRow {
            place: u32::try_from(self.0.len()).unwrap_or(u32::MAX),
            group,
            name: Safe::line(name),
            value: Safe::line(&value.to_string()),
            does: Safe::line(does),
        });
    }

    /// Which policy of payments is in force, which may be tighter than the file.
    fn payments(&mut self, standing: &PolicyStanding) {
        let name = |hash: Option<ContentHash>| {
            hash.map_or_else(|| "nothing is paid".to_owned(), |hash| hash.short())
        };
        if let Some(version) = &standing.in_force {
            let hash = version.policy.as_ref().map(|(hash, _)| *hash);
            let does = format!(
                "what may be paid since {}, by {}; `chimera cfo policy` shows it",
                version.since.to_rfc3339_seconds(),
                version.by
            );
            self.add(SettingGroup::Policy, "payments", &name(hash), &does);
        }
        if let Some(waits) = &standing.waits {
            let does = match &waits.confirmed {
                None => "what the file loosens waits for a person: `chimera cfo loosen`".to_owned(),
                Some(confirmed) => format!(
                    "{} let it in; it takes effect at {}",
                    confirmed.by,
                    confirmed.effective_at.to_rfc3339_seconds()
                ),
            };
            self.add(
                SettingGroup::Policy,
                "payments, looser",
                &name(Some(waits.hash)),
                &does,
            );
        }
    }

    #[rustfmt::skip]
    fn policy(&mut self, policy: &Policy, at: &str, versions: i64) {
        use SettingGroup::{Budget, Judge, Planner, Policy, Price};
        let (planner, judge, budget) = (&policy.planner, &policy.judge, &policy.budget);
        self.add(Policy, "version", &policy.hash.short(), "the hash of budget.yaml; every verdict names the one it was judged by");
        self.add(Policy, "installed", &at, "when this version was taken over first");
        self.add(Policy, "versions kept", &versions, "every version there ever was stays, so that decisions can be made again");
        self.add(Planner, "relevance_min", &planner.relevance_min, "at or above, a signal becomes tasks");
        self.add(Planner, "plans_per_hour_max", &planner.plans_per_hour_max, "plans of one agent in an hour");
        self.add(Planner, "plans_per_day_max", &planner.plans_per_day_max, "plans of one agent in 24 hours");
        self.add(Planner, "queue_depth_max", &planner.queue_depth_max, "with so many unfinished tasks the planner waits");
        self.add(Planner, "review_depth_max", &planner.review_depth_max, "with so many open tickets the planner waits");
        self.add(Planner, "plan_attempts_max", &planner.plan_attempts_max, "after so many attempts a plan is given up");
        self.add(Planner, "plan_budget_usd_max", &planner.plan_budget_usd_max, "the most one plan may cost, in USD");
        self.add(Judge, "auto_min", &judge.window.auto_min, "at or above, a result may go out by itself");
        self.add(Judge, "human_min", &judge.window.human_min, "at or above, a person decides; below, it is refused");
        for (check, weight) in &judge.weights {
            self.add(Judge, &format!("weight of {check}"), &weight, "its part in the judge's confidence");
        }
        for (topic, words) in &judge.sensitive {
            self.add(Judge, &format!("sensitive: {topic}"), &words.join(", "), "where one of these occurs a person decides");
        }
        self.add(Judge, "blocked_phrases", &judge.blocked_phrases.join(", "), "where one of these occurs nothing goes out");
        self.add(Judge, "sla", &judge.sla, "after this a ticket escalates");
        self.add(Judge, "sla_expire", &judge.sla_expire, "after this a ticket expires");
        self.add(Judge, "undo_fuse", &judge.undo_fuse, "so long what was approved is held");
        if let Some(share) = judge.probes {
            self.add(Judge, "probes", &share, "this share of tickets is followed by a text that is known to be bad and never goes out");
        }
        let second = &judge.second_approver;
        let money = second.money_over.map_or_else(|| "never".to_owned(), |usd| usd.to_string());
        let audience = second.sensitive_audience_over.map_or_else(|| "never".to_owned(), |n| n.to_string());
        self.add(Judge, "second approver: money_over", &money, "where sending may cost more USD, or nobody knows, two people approve");
        self.add(Judge, "second approver: sensitive_audience_over", &audience, "a sensitive topic before more people, or nobody knows how many: two people approve");
        self.add(Judge, "second approver: first_live_post", &second.first_live_post, "whether two people approve the first live post of an account");
        self.add(Budget, "zone", &budget.zone, "whose calendar day counts");
        self.add(Budget, "agent_day_usd_max", &budget.agent_day_usd_max, "what one agent may spend in a day, in USD");
        for price in &budget.prices {
            let simulated = if price.simulated { " (SIMULATED bill)" } else { "" };
            let value = format!("{} USD a {}{simulated}", price.usd, price.unit);
            let does = format!("since {}, on {}; at most {} a call", price.since, price.category, price.units_max);
            self.add(Price, &format!("{}/{}", price.server, price.tool), &value, &does);
        }
    }
}

/// The versions of personas, those in use first, then the newest.
pub(super) fn personas(db: &Db<'_>, page: &PageRequest) -> Verb<Page<PersonaRow>> {
    let mut found = List {
        select: "p.*",
        from: "personas p",
        only: "1 = 1",
        search: "lower(p.slug || ' ' || p.doc || ' ' || hex(p.hash))",
        fields: &[field("persona", "p.slug"), field("version", "hex(p.hash)")],
        orders: &[one(
            By::Urgency,
            "EXISTS (SELECT 1 FROM campaigns c WHERE c.persona_hash = p.hash AND c.archived = 0) DESC,
          p.installed_at DESC, p.rowid DESC",
        )],
        ids: Ids::Bytes("p.hash"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| {
        let persona: Persona = row.doc("doc")?;
        let lines = |texts: &[String]| texts.iter().map(|text| Safe::line(text)).collect();
        let topics = persona.topics.iter().map(|topic| {
            let text = format!("{}: {}", topic.name, topic.keywords.join(", "));
            Safe::line(&text)
        });
        Ok(PersonaRow {
            hash: row.hash("hash")?,
            slug: row.line("slug")?,
            name: Safe::line(&persona.name),
            installed_at: row.time("installed_at")?,
            campaigns: vec![],
            places: vec![],
            traits: lines(&persona.voice_traits),
            directives: lines(&persona.directives),
            topics: topics.collect(),
            banned: lines(&persona.banned_topics),
            language: Safe::line(&persona.language),
            disclosure: Safe::line(&persona.disclosure),
            look: persona.character_reference_id.as_deref().map(Safe::line),
            body: Safe::block(&persona.body),
        })
    })?;
    for row in &mut found.rows {
        let bound: Vec<CampaignSpec> = db.all(
            "SELECT spec FROM campaigns WHERE persona_hash = ?1 AND archived = 0 ORDER BY name",
            [row.hash.as_bytes()],
            |row| row.doc("spec"),
        )?;
        for spec in bound {
            row.campaigns.push(Safe::line(&spec.name));
            let place = (Safe::line(&spec.account), spec.channel);
            if !row.places.contains(&place) {
                row.places.push(place);
            }
        }
    }
    Ok(found)
}
