//! Somebody is told when four fifths of a day's cap are used, and once more at nine tenths: once for each cap and day.
//!
//! Told in the transaction that sets the money aside. It ends with the day: what is used then is that day's.

use chimera_domain::{
    Usd,
    ids::AgentId,
    spend::Limit,
    views::{Severity, headroom::Level},
};

use super::{
    db::{Db, Verb},
    rows::Cells,
    spend::{AGENT_DAY, day_use},
};

/// The alerts, the milder first.
const NEAR: &str = "budget_near";
const TIGHT: &str = "budget_tight";

/// Whose cap it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    Agent(AgentId),
    House,
}

impl Db<'_> {
    /// So much of what an agent's tools may cost in a day is used now.
    pub(super) fn tell_day_of_tools(
        &self,
        agent: AgentId,
        zone: &str,
        cap: Usd,
        used: Usd,
    ) -> Verb<()> {
        let limit = AGENT_DAY.to_owned();
        self.tell_nearing(Whose::Agent(agent), &Limit { limit, cap, used }, zone)
    }

    /// Looks how much of it is used, by the policy in force.
    pub(super) fn look_at_day_of_tools(&self, agent: AgentId) -> Verb<()> {
        let Some(policy) = self.policy()? else {
            return Ok(());
        };
        let (zone, cap) = (&policy.budget.zone, policy.budget.agent_day_usd_max);
        let day = day_use(self, agent, zone, cap, Usd::ZERO)?;
        self.tell_day_of_tools(agent, zone, cap, day.used)
    }

    /// So much of a day's cap is used now, with what has just been set aside.
    pub(super) fn tell_nearing(&self, whose: Whose, day: &Limit, zone: &str) -> Verb<()> {
        let (code, severity) = match Level::of(day.cap, day.used) {
            Level::Room => return Ok(()),
            Level::Near => (NEAR, Severity::Warning),
            Level::Tight | Level::Spent => (TIGHT, Severity::Error),
        };
        let subject = self.subject(whose, day, zone);
        // Once nine tenths were told of, four fifths are no news.
        let told =
            "SELECT count(*) FROM alerts WHERE code = ?1 AND subject = ?2 AND closed_at IS NULL";
        for told_by in [code, TIGHT] {
            if self.number(told, [told_by, &subject])? > 0 {
                return Ok(());
            }
        }
        let name = match whose {
            Whose::House => "all agents".to_owned(),
            Whose::Agent(agent) => {
                let slug = self.one(
                    "SELECT slug FROM agents WHERE agent_id = ?1",
                    [agent.as_bytes()],
                    |row| row.text("slug"),
                )?;
                slug.unwrap_or_else(|| agent.to_string())
            }
        };
        let left = day.cap.checked_sub(day.used).unwrap_or(Usd::ZERO);
        let text = format!(
            "{} of {name}: {} of {} USD used today, {} left; `chimera cfo check-budget` shows every cap",
            day.limit,
            day.used,
            day.cap,
            left.max(Usd::ZERO)
        );
        self.alert(severity, code, &subject, &text)?;
        if code == TIGHT {
            self.close_alert(NEAR, &subject)?;
        }
        Ok(())
    }

    fn subject(&self, whose: Whose, day: &Limit, zone: &str) -> String {
        let whose = match whose {
            Whose::Agent(agent) => agent.to_string(),
            Whose::House => "house".to_owned(),
        };
        format!("{}/{whose}/{}", day.limit, self.today(zone))
    }

    /// The calendar day in a zone, as a word.
    fn today(&self, zone: &str) -> String {
        let day = self.now.day_and_clock_in(zone);
        day.chars().take_while(|c| *c != ' ').collect()
    }

    /// The days that are over take their alerts with them.
    pub(super) fn end_nearing(&self) -> Verb<()> {
        let open: Vec<(String, String)> = self.all(
            "SELECT code, subject FROM alerts WHERE code IN (?1, ?2) AND closed_at IS NULL",
            [NEAR, TIGHT],
            |row| Ok((row.text("code")?, row.text("subject")?)),
        )?;
        if open.is_empty() {
            return Ok(());
        }
        let zone = self.policy()?.map(|policy| policy.budget.zone);
        let today = self.today(zone.as_deref().unwrap_or("UTC"));
        for (code, subject) in open {
            if !subject.ends_with(&format!("/{today}")) {
                self.close_alert(&code, &subject)?;
            }
        }
        Ok(())
    }
}
