//! Everything the console knows. Owned by the loop, changed only by `update`, read by the panes.
//!
//! It knows no store and no terminal: views come in as events, wishes go out as requests.
//! Start with [`Model`], then `review.rs` (the guard on deciding) and `list.rs` (ids, not indexes).

pub(crate) mod ask;
pub(crate) mod batch;
pub(crate) mod calibrated;
mod clock;
mod contexts;
pub(crate) mod critical;
pub(crate) mod drawn;
pub(crate) mod fuzzy;
pub(crate) mod hindsight;
pub(crate) mod list;
pub(crate) mod marked;
pub(crate) mod messages;
mod named;
pub(crate) mod note;
pub(crate) mod overlay;
pub(crate) mod pace;
pub(crate) mod palette;
pub(crate) mod pane;
pub(crate) mod past;
pub(crate) mod pick;
pub(crate) mod places;
pub(crate) mod possible;
pub(crate) mod proposal;
pub(crate) mod record;
pub(crate) mod review;
pub(crate) mod rows;
pub(crate) mod writing;

use std::collections::{BTreeMap, BTreeSet};

use chimera_domain::{
    Safe, Span, Timestamp,
    halt::Scope,
    ids::{TicketId, TraceId},
    views::{
        AgentRow, AlertRow, AuditRow, BreakRow, EffectRow, FirstApproval, HaltRow, LedgerRow,
        LinkRow, MuteRow, ObjectiveRow, Overview, PaymentRow, PersonaRow, PublicationRow, ReachRow,
        ReviewerRow, Series, SettingRow, Severity, SignalRow, StepRow, TaskRow, TicketRow,
        TrendRow, headroom::Headroom,
    },
};

pub(crate) use self::pane::{Pane, View};
use self::{
    drawn::Drawn,
    list::{AnyList, Fetch, List},
    messages::Messages,
    note::Left,
    overlay::{Overlay, Typed, Undoable},
    places::Places,
    proposal::Waiting,
    review::Review,
    rows::PresenceRow,
};
use crate::{
    event::Size,
    key::Key,
    remember::{Remembered, Saved},
    settings::{Exit, Settings},
    theme::Theme,
};

/// Where keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Focus {
    pub(crate) pane: Pane,
    /// The detail of the pane instead of its list.
    pub(crate) detail: bool,
}

/// Whether a view is being read, and whether it must be read once more after that.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) under_way: bool,
    pub(crate) again: bool,
}

/// A filter that is being typed.
#[derive(Debug, Clone)]
pub(crate) struct FilterEdit {
    pub(crate) pane: Pane,
    pub(crate) typed: Typed,
    /// When what was typed is asked for.
    pub(crate) ask_at: Option<Span>,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) settings: Settings,
    pub(crate) theme: Theme,
    /// The wall clock, for ages.
    pub(crate) now: Timestamp,
    /// Time since the start, for everything that must not jump.
    pub(crate) mono: Span,
    pub(crate) size: Size,

    pub(crate) overview: Option<Overview>,
    pub(crate) overview_fetch: Fetch,
    /// When the overview was read.
    pub(crate) overview_at: Option<Span>,
    /// What is left of every cap.
    pub(crate) headroom: Option<Headroom>,
    pub(crate) trends: List<SignalRow>,
    pub(crate) tasks: List<TaskRow>,
    pub(crate) queue: List<TicketRow>,
    pub(crate) ledger: List<LedgerRow>,
    /// Read while they are on screen.
    pub(crate) alerts: List<AlertRow>,
    /// Signals put together by what they tell.
    pub(crate) grouped: List<TrendRow>,
    pub(crate) mutes: List<MuteRow>,
    pub(crate) payments: List<PaymentRow>,
    pub(crate) breaks: List<BreakRow>,
    pub(crate) effects: List<EffectRow>,
    pub(crate) publications: List<PublicationRow>,
    pub(crate) campaigns: List<ReachRow>,
    pub(crate) fleet: List<AgentRow>,
    pub(crate) all_tasks: List<TaskRow>,
    pub(crate) audit: List<AuditRow>,
    pub(crate) walk: List<StepRow>,
    pub(crate) links: List<LinkRow>,
    pub(crate) objectives: List<ObjectiveRow>,
    pub(crate) personas: List<PersonaRow>,
    pub(crate) config: List<SettingRow>,
    /// Made from the overview.
    pub(crate) presence: List<PresenceRow>,
    /// The proposals that wait to be launched, read while the campaigns are on screen.
    pub(crate) proposals: Waiting,
    /// What happened over the last day, read with the objectives.
    pub(crate) series: Option<Series>,
    /// What each reviewer did in the last day, and in the last seven.
    pub(crate) reviewers: Option<(Vec<ReviewerRow>, Vec<ReviewerRow>)>,
    /// What looks through so much that it is not read again before this moment, whatever changes.
    pub(crate) rest: Option<(View, Span)>,
    /// The critical path of the plan under the cursor is marked.
    pub(crate) critical: bool,
    /// The graph as boxes and lines instead of as a list.
    pub(crate) drawn: Drawn,
    /// Whose walk is shown.
    pub(crate) traced: Option<TraceId>,
    pub(crate) places: Places,
    pub(crate) review: Review,

    pub(crate) focus: Focus,
    pub(crate) zoom: bool,
    /// Scroll of the focused detail other than the card.
    pub(crate) detail_scroll: usize,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) filter: Option<FilterEdit>,
    /// Keys of a sequence that is not finished.
    pub(crate) pending: Vec<Key>,
    pub(crate) messages: Messages,
    /// What was run by its name, the newest last.
    pub(crate) history: Vec<String>,
    /// Filters with names.
    pub(crate) saved: BTreeMap<Pane, Vec<Saved>>,
    /// Columns that are shown or hidden otherwise than usual.
    pub(crate) switched: BTreeMap<Pane, BTreeSet<&'static str>>,
    /// What was remembered last, and when it is to be written down.
    pub(crate) remembered: Remembered,
    pub(crate) remember_at: Option<Span>,
    /// An export is being written.
    pub(crate) exporting: bool,
    /// The mouse is ours, and whether the terminal must be told.
    pub(crate) mouse: bool,
    pub(crate) mouse_told: Option<bool>,

    pub(crate) reading: [Reading; View::ALL.len()],
    pub(crate) read_at: Option<Span>,
    pub(crate) reload_at: Option<Span>,
    /// Since when the store is silent.
    pub(crate) stale_since: Option<Timestamp>,
    pub(crate) away: bool,
    pub(crate) rang_at: Option<Span>,
    /// Tell somebody who is away that something waits.
    pub(crate) ring: bool,
    /// A hand-over note that waits for whoever comes next.
    pub(crate) left: Option<Left>,
    pub(crate) copy: Option<Safe>,
    pub(crate) interrupted_at: Option<Span>,
    pub(crate) exit: Option<Exit>,
    /// Something visible may have changed.
    pub(crate) dirty: bool,
    /// The screen cannot be trusted: draw everything.
    pub(crate) redraw: bool,
}

impl Model {
    pub(crate) fn new(settings: Settings, size: Size, now: Timestamp) -> Self {
        let theme = Theme {
            no_color: settings.no_color,
            light: settings.light,
            colour_blind: settings.colour_blind,
            ascii: settings.ascii || settings.low_bandwidth,
        };
        let notice = settings.notice.clone();
        let mut model = Self {
            settings,
            theme,
            now,
            mono: Span::ZERO,
            size,
            overview: None,
            overview_fetch: Fetch::Never,
            overview_at: None,
            headroom: None,
            trends: List::default(),
            tasks: List::default(),
            queue: List::default(),
            ledger: List::default(),
            alerts: List::default(),
            grouped: List::default(),
            mutes: List::default(),
            payments: List::default(),
            breaks: List::default(),
            effects: List::default(),
            publications: List::default(),
            campaigns: List::default(),
            fleet: List::default(),
            all_tasks: List::default(),
            audit: List::default(),
            walk: List::default(),
            links: List::default(),
            objectives: List::default(),
            personas: List::default(),
            config: List::default(),
            presence: List::default(),
            proposals: Waiting::default(),
            series: None,
            reviewers: None,
            rest: None,
            critical: false,
            drawn: Drawn::default(),
            traced: None,
            places: Places::default(),
            review: Review::default(),
            focus: Focus {
                pane: Pane::Review,
                detail: false,
            },
            zoom: false,
            detail_scroll: 0,
            overlay: None,
            filter: None,
            pending: Vec::new(),
            messages: Messages::default(),
            history: Vec::new(),
            saved: BTreeMap::new(),
            switched: BTreeMap::new(),
            remembered: Remembered::default(),
            remember_at: None,
            exporting: false,
            mouse: false,
            mouse_told: None,
            reading: Default::default(),
            read_at: None,
            reload_at: None,
            stale_since: None,
            away: false,
            rang_at: None,
            ring: false,
            left: None,
            copy: None,
            interrupted_at: None,
            exit: None,
            dirty: true,
            redraw: false,
        };
        if let Some(notice) = notice {
            model.say(Severity::Info, &notice);
        }
        model
    }

    pub(crate) fn say(&mut self, severity: Severity, text: &str) {
        self.messages.push(severity, text, self.now, self.mono);
        self.dirty = true;
    }

    /// The halts that concern the whole house, which are told over the full width. Widest first.
    pub(crate) fn banner_halts(&self) -> impl Iterator<Item = &HaltRow> {
        self.halts().filter(|halt| match halt.scope {
            Scope::Fleet | Scope::Publishing | Scope::Spending => true,
            Scope::Agent(_) | Scope::Campaign(_) | Scope::Platform(_) => false,
        })
    }

    /// Every live halt, widest first.
    pub(crate) fn halts(&self) -> impl Iterator<Item = &HaltRow> {
        self.overview.iter().flat_map(|o| &o.halts)
    }

    /// The task under the cursor, where the focus is among tasks.
    pub(crate) fn task(&self) -> Option<&TaskRow> {
        if self.focus.pane == Pane::Dag {
            self.tasks.row()
        } else {
            self.all_tasks.row()
        }
    }

    pub(crate) fn list(&self, pane: Pane) -> &dyn AnyList {
        match pane {
            Pane::Trends => &self.trends,
            Pane::Dag => &self.tasks,
            Pane::Review => &self.queue,
            Pane::Ledger => &self.ledger,
            Pane::Outbox => &self.effects,
            Pane::Published => &self.publications,
            Pane::Campaigns => &self.campaigns,
            Pane::Fleet => &self.fleet,
            Pane::Tasks => &self.all_tasks,
            Pane::Alerts => &self.alerts,
            Pane::Audit => &self.audit,
            Pane::Trace => &self.walk,
            Pane::Servers => &self.links,
            Pane::Measures => &self.objectives,
            Pane::Personas => &self.personas,
            Pane::Presence => &self.presence,
            Pane::Config => &self.config,
            Pane::Grouped => &self.grouped,
            Pane::Mutes => &self.mutes,
            Pane::Payments => &self.payments,
            Pane::Breaks => &self.breaks,
        }
    }

    pub(crate) fn list_mut(&mut self, pane: Pane) -> &mut dyn AnyList {
        match pane {
            Pane::Trends => &mut self.trends,
            Pane::Dag => &mut self.tasks,
            Pane::Review => &mut self.queue,
            Pane::Ledger => &mut self.ledger,
            Pane::Outbox => &mut self.effects,
            Pane::Published => &mut self.publications,
            Pane::Campaigns => &mut self.campaigns,
            Pane::Fleet => &mut self.fleet,
            Pane::Tasks => &mut self.all_tasks,
            Pane::Alerts => &mut self.alerts,
            Pane::Audit => &mut self.audit,
            Pane::Trace => &mut self.walk,
            Pane::Servers => &mut self.links,
            Pane::Measures => &mut self.objectives,
            Pane::Personas => &mut self.personas,
            Pane::Presence => &mut self.presence,
            Pane::Config => &mut self.config,
            Pane::Grouped => &mut self.grouped,
            Pane::Mutes => &mut self.mutes,
            Pane::Payments => &mut self.payments,
            Pane::Breaks => &mut self.breaks,
        }
    }

    /// The approval of whoever sits here on the card on screen, where it waits for a second person.
    pub(crate) fn first_by_me(&self) -> Option<&FirstApproval> {
        let row = &self.review.card.as_ref()?.row;
        let waits = row.state.is_waiting() && self.is_by_me(row);
        row.first.as_ref().filter(|_| waits)
    }

    /// Whether whoever sits here approved it as the first of two.
    pub(crate) fn is_by_me(&self, row: &TicketRow) -> bool {
        let actor = &self.settings.actor;
        row.first.as_ref().is_some_and(|first| first.is_by(actor))
    }

    /// Decisions that can still be taken back, the one that leaves first at the top.
    pub(crate) fn undoable(&self) -> Vec<Undoable> {
        let mut all: Vec<Undoable> = self
            .review
            .followed
            .iter()
            .filter(|f| !f.over)
            .map(|f| Undoable {
                ticket: f.ticket,
                version: f.version,
                // The fuse of what was written burns from when the judge let it through.
                until: self.fuse_of(f.ticket).unwrap_or(f.until),
                label: Safe::line(&format!("{} {}", f.word, f.label)),
            })
            .collect();
        for fuse in self.overview.iter().flat_map(|o| &o.fuses) {
            let (Some(ticket), Some(version)) = (fuse.ticket_id, fuse.ticket_version) else {
                continue;
            };
            if self.review.followed.iter().all(|f| f.ticket != ticket) {
                all.push(Undoable {
                    ticket,
                    version,
                    until: fuse.until,
                    label: fuse.label.clone(),
                });
            }
        }
        all.retain(|u| u.until > self.now);
        all.sort_by_key(|u| u.until);
        all
    }

    /// When what was decided about a ticket leaves.
    fn fuse_of(&self, ticket: TicketId) -> Option<Timestamp> {
        let fuses = self.overview.iter().flat_map(|o| &o.fuses);
        let mut of_it = fuses.filter(|fuse| fuse.ticket_id == Some(ticket));
        of_it.next().map(|fuse| fuse.until)
    }

    /// How many wait for a person and for how long the oldest has; nothing when none does.
    pub(crate) fn waits(&self) -> Option<Safe> {
        let overview = self.overview.as_ref()?;
        let (n, oldest) = (overview.tickets_waiting, overview.oldest_ticket_at);
        let oldest = oldest.map_or_else(String::new, |at| {
            format!(", the oldest for {}", self.now.since(at))
        });
        (n > 0).then(|| {
            let verb = if n == 1 { "waits" } else { "wait" };
            Safe::line(&format!("{n} {verb} for a person{oldest}"))
        })
    }

    /// What the terminal's title says.
    pub(crate) fn title(&self) -> Safe {
        match self.overview.as_ref().map(|o| o.tickets_waiting) {
            Some(n) if n > 0 => Safe::line(&format!("({n}) chimera")),
            Some(_) | None => Safe::line("chimera"),
        }
    }
}
