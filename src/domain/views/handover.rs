//! The note for whoever comes next: what waits and what burns, what is stopped and what is live, what nobody knows,
//! and what was decided since somebody else was here, by whom.

use super::{AlertRow, EffectRow, Overview, Page, TicketRow};
use crate::{Safe, Timestamp, ticket::TicketState};

/// So many of what waits, burns or is not known are named; the rest is a number.
pub const NAMED_MAX: u32 = 8;

/// How wide the words in front of the lines are, without the gap after them.
pub const LABEL: usize = 10;
/// So much of a post names it.
const TEXT_COLUMNS: usize = 40;

/// What a note says, before it is words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// What is told of the past began then.
    pub since: Timestamp,
    /// Who else decided last before that, where somebody did.
    pub before: Option<Safe>,
    /// The house at the moment of the note.
    pub house: Overview,
    /// What was decided, the most first.
    pub decided: Vec<DecidedRow>,
    /// The tickets whose deadline comes first.
    pub expiring: Page<TicketRow>,
    /// The alerts nobody has acknowledged, worst first.
    pub alerts: Page<AlertRow>,
    /// Effects nobody knows the fate of.
    pub unknown: Page<EffectRow>,
}

/// How many tickets a person decided in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedRow {
    /// Who.
    pub by: Safe,
    /// In which state they are since then.
    pub state: TicketState,
    /// How many.
    pub n: u64,
}

/// Labelled lines.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, label: &str, text: &str) {
        let line = format!("{label:<LABEL$} {text}");
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    /// One line each, the label before the first, and how many more there are.
    fn list(&mut self, label: &str, none: &str, lines: impl Iterator<Item = String>, total: u64) {
        let mut named = 0;
        for line in lines {
            self.add(if named == 0 { label } else { "" }, &line);
            named += 1;
        }
        if named == 0 && !none.is_empty() {
            self.add(label, none);
        }
        if total > named {
            self.add("", &format!("and {} more", total - named));
        }
    }
}

impl Handover {
    /// The note as lines of text, with the clock of this zone.
    #[must_use]
    pub fn text(&self, zone: &str) -> Safe {
        let house = &self.house;
        let at = house.at;
        let clock = |time: Timestamp| format!("{} ({} ago)", time.clock_in(zone), at.since(time));
        let mut out = Lines::default();
        out.add(
            "hand-over",
            &format!("{} (clock of {zone})", at.to_rfc3339_seconds()),
        );
        let before = match &self.before {
            Some(by) => format!(", when {by} had decided last"),
            None => String::new(),
        };
        out.add("since", &format!("{}{before}", clock(self.since)));
        let swarm = match &house.swarm {
            Some(owner) => format!("{}, run by {} on {}", house.fleet, owner.holder, owner.host),
            None => format!("{}, and no swarm runs", house.fleet),
        };
        out.add("fleet", &swarm);
        let halts = house.halts.iter().map(|halt| {
            let (done, by) = (halt.level.participle(), &halt.by);
            format!(
                "{} {done} by {} at {}: {}",
                halt.what,
                by.by,
                clock(by.at),
                by.why
            )
        });
        out.list("halts", "none", halts, 0);
        let live = house
            .campaigns
            .iter()
            .filter(|campaign| !campaign.simulated);
        let live = live.map(|c| format!("{} as {} on {} FOR REAL", c.name, c.account, c.channel));
        let none = match (house.simulated, house.dry) {
            (true, true) => "nothing is published for real (DRY RUN)",
            (true, false) => "nothing is published for real (SIMULATED)",
            (false, _) => "no campaign",
        };
        out.list("live", none, live, 0);
        let waiting = match (house.tickets_waiting, house.oldest_ticket_at) {
            (0, _) => "nothing".to_owned(),
            (n, None) => format!("{n} for a person"),
            (n, Some(oldest)) => format!("{n} for a person, the oldest for {}", at.since(oldest)),
        };
        out.add("waits", &waiting);
        let expiring = self.expiring.rows.iter().map(|row| {
            let due = if row.sla_at > at {
                format!("in {}", row.sla_at.since(at))
            } else {
                format!("since {}", at.since(row.sla_at))
            };
            format!("due {due}: {} {}", row.account, row.text.cut(TEXT_COLUMNS))
        });
        out.list("", "", expiring, self.expiring.total);
        let fuses = house.fuses.iter().map(|fuse| {
            format!(
                "leaves in {}: {}",
                fuse.until.since(at),
                fuse.label.cut(TEXT_COLUMNS)
            )
        });
        out.list("burns", "no fuse", fuses, 0);
        let unknown = self.unknown.rows.iter().map(|row| {
            let (account, text) = (&row.account, row.text.cut(TEXT_COLUMNS));
            format!("{} {account} since {}: {text}", row.id, clock(row.moved_at))
        });
        out.list("unknown", "no effect", unknown, self.unknown.total);
        let alerts = self.alerts.rows.iter();
        let alerts =
            alerts.map(|row| format!("{}: {} ({})", row.severity, row.text, clock(row.at)));
        out.list("alerts", "none", alerts, self.alerts.total);
        let unsure = if house.uncertain_day.is_positive() {
            format!(" + {} nobody is sure of", house.uncertain_day)
        } else {
            String::new()
        };
        let cap = match house.cap_day {
            Some(cap) => format!("of {cap} USD today"),
            None => "USD today, without a policy".to_owned(),
        };
        let (spent, reserved, money) = (house.spent_day, house.reserved, house.money());
        out.add(
            "spent",
            &format!("{spent}{unsure} + {reserved} reserved {cap}{money}"),
        );
        let decided = self.decided.iter();
        let decided = decided.map(|row| format!("{} {} by {}", row.n, row.state, row.by));
        out.list("decided", "nothing", decided, 0);
        Safe::block(out.0.trim_end())
    }
}
