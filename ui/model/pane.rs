//! The screens, one line each: what a screen is called, what is read for it and whose keys work in it.
//!
//! How each is drawn is in the table of `view/mod.rs`.

use chimera_domain::views::{By, order};

use crate::keymap::Context;

/// The panes, in the order of their numbers. Four of them share the home screen; each of the others is a
/// screen of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Pane {
    Trends,
    Dag,
    Review,
    Ledger,
    Outbox,
    Published,
    Campaigns,
    Fleet,
    Tasks,
    Alerts,
    Audit,
    Trace,
    Servers,
    Measures,
    Personas,
    Presence,
    Config,
    /// Signals put together by what they tell.
    Grouped,
    /// Topics that somebody wants to hear no more of.
    Mutes,
    /// Money that leaves wallets on chains.
    Payments,
    /// What does not fit between payments, ledger and chain.
    Breaks,
}

/// What there is to say of a screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    /// What one of its rows is, over the detail.
    pub(crate) thing: &'static str,
    pub(crate) view: View,
    /// The contexts of its list, and of its detail.
    pub(crate) contexts: [&'static [Context]; 2],
    /// How much of a small screen its list gets, in tenths.
    pub(crate) share: u16,
}

/// The contexts of a screen with keys of its own, or without.
macro_rules! keys {
    () => {
        [
            &[Context::Opens, Context::Lists, Context::Everywhere],
            &[Context::Detail, Context::Everywhere],
        ]
    };
    ($own:ident) => {
        [
            &[
                Context::$own,
                Context::Opens,
                Context::Lists,
                Context::Everywhere,
            ],
            &[Context::$own, Context::Detail, Context::Everywhere],
        ]
    };
}

const fn about(
    name: &'static str,
    thing: &'static str,
    view: View,
    contexts: [&'static [Context]; 2],
    share: u16,
) -> About {
    About {
        name,
        thing,
        view,
        contexts,
        share,
    }
}

impl Pane {
    pub(crate) const ALL: [Self; 21] = [
        Self::Trends,
        Self::Dag,
        Self::Review,
        Self::Ledger,
        Self::Outbox,
        Self::Published,
        Self::Campaigns,
        Self::Fleet,
        Self::Tasks,
        Self::Alerts,
        Self::Audit,
        Self::Trace,
        Self::Servers,
        Self::Measures,
        Self::Personas,
        Self::Presence,
        Self::Config,
        Self::Grouped,
        Self::Mutes,
        Self::Payments,
        Self::Breaks,
    ];

    #[rustfmt::skip]
    pub(crate) const fn about(self) -> About {
        match self {
            Self::Trends => about("trends", "signal", View::Trends, keys!(Trends), 6),
            Self::Dag => about("dag", "node", View::Tasks, keys!(Dag), 6),
            Self::Review => about("review", "ticket", View::Queue, keys!(Review), 3),
            Self::Ledger => about("ledger", "entry", View::Ledger, keys!(), 6),
            // What nobody knows the fate of must be read whole before anything is said of it.
            Self::Outbox => about("outbox", "effect", View::Effects, keys!(Outbox), 3),
            Self::Published => about("published", "post", View::Publications, keys!(Published), 5),
            Self::Campaigns => about("campaigns", "campaign", View::Campaigns, keys!(Campaigns), 5),
            Self::Fleet => about("fleet", "agent", View::Fleet, keys!(), 5),
            Self::Tasks => about("tasks", "task", View::AllTasks, keys!(Tasks), 5),
            // Enter acknowledges there, so it opens nothing.
            Self::Alerts => about("alerts", "alert", View::Alerts, [
                &[Context::Alerts, Context::Lists, Context::Everywhere],
                &[Context::Alerts, Context::Detail, Context::Everywhere],
            ], 6),
            Self::Audit => about("audit", "line", View::Audit, keys!(), 6),
            Self::Trace => about("trace", "step", View::Walk, keys!(Walk), 6),
            Self::Servers => about("servers", "server or resource", View::Links, keys!(), 5),
            Self::Measures => about("measures", "objective", View::Measures, keys!(), 5),
            Self::Personas => about("personas", "persona", View::Personas, keys!(), 3),
            Self::Presence => about("presence", "presence", View::Overview, keys!(), 5),
            Self::Config => about("config", "setting", View::Settings, keys!(), 7),
            Self::Grouped => about("grouped", "trend", View::Grouped, keys!(Grouped), 5),
            Self::Mutes => about("mutes", "mute", View::Mutes, keys!(Mutes), 6),
            Self::Payments => about("payments", "payment", View::Payments, keys!(), 4),
            Self::Breaks => about("breaks", "break", View::Breaks, keys!(Breaks), 6),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.about().name
    }

    /// What is read for it.
    pub(crate) const fn view(self) -> View {
        self.about().view
    }

    /// What its list can be ordered by, its own order first; nothing where it has only that.
    pub(crate) const fn orders(self) -> &'static [By] {
        match self {
            Self::Trends => order::SIGNALS,
            Self::Review => order::TICKETS,
            Self::Ledger => order::INTENTS,
            Self::Payments => order::PAYMENTS,
            Self::Outbox => order::EFFECTS,
            Self::Published => order::PUBLICATIONS,
            Self::Fleet => order::AGENTS,
            Self::Tasks => order::TASKS,
            Self::Audit => order::AUDIT,
            // Plans by their last move, parents first; questions by their weight; a walk by time; the rest is few.
            Self::Dag
            | Self::Campaigns
            | Self::Alerts
            | Self::Trace
            | Self::Servers
            | Self::Measures
            | Self::Personas
            | Self::Presence
            | Self::Config
            | Self::Grouped
            | Self::Mutes
            | Self::Breaks => &[],
        }
    }

    /// Whether something can be done with several of its rows.
    pub(crate) const fn can_be_marked(self) -> bool {
        match self {
            Self::Trends
            | Self::Dag
            | Self::Review
            | Self::Ledger
            | Self::Outbox
            | Self::Published
            | Self::Campaigns
            | Self::Fleet
            | Self::Tasks
            | Self::Alerts
            | Self::Audit
            | Self::Grouped
            | Self::Payments => true,
            Self::Trace
            | Self::Servers
            | Self::Measures
            | Self::Personas
            | Self::Presence
            | Self::Config
            | Self::Mutes
            | Self::Breaks => false,
        }
    }

    /// Whether it is one of the four on the home screen.
    pub(crate) const fn is_home(self) -> bool {
        matches!(self, Self::Trends | Self::Dag | Self::Review | Self::Ledger)
    }
}

/// The views that are read from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Overview,
    Headroom,
    Trends,
    Tasks,
    Queue,
    Ledger,
    Card,
    Alerts,
    Effects,
    Publications,
    Campaigns,
    Fleet,
    AllTasks,
    Audit,
    Walk,
    Links,
    Measures,
    Personas,
    Settings,
    Grouped,
    Mutes,
    Payments,
    Breaks,
}

impl View {
    pub(crate) const ALL: [Self; 23] = [
        Self::Overview,
        Self::Headroom,
        Self::Queue,
        Self::Card,
        Self::Trends,
        Self::Tasks,
        Self::Ledger,
        Self::Alerts,
        Self::Effects,
        Self::Publications,
        Self::Campaigns,
        Self::Fleet,
        Self::AllTasks,
        Self::Audit,
        Self::Walk,
        Self::Links,
        Self::Measures,
        Self::Personas,
        Self::Settings,
        Self::Grouped,
        Self::Mutes,
        Self::Payments,
        Self::Breaks,
    ];

    /// Whether it is read whatever is looked at; the others are while their screen is.
    pub(crate) const fn is_always_read(self) -> bool {
        matches!(
            self,
            Self::Overview
                | Self::Headroom
                | Self::Trends
                | Self::Tasks
                | Self::Queue
                | Self::Ledger
                | Self::Card
        )
    }
}
