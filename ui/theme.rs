//! What things look like, by meaning. Panes name the meaning; only this file names colours.
//!
//! Sixteen terminal colours, never a fixed background, and never the only sign of anything.

use chimera_domain::{
    effect::EffectState, signal::SignalState, spend::IntentState, task::TaskState,
    ticket::TicketState,
};
use ratatui::style::{Color, Modifier, Style};

/// The look that was chosen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Theme {
    pub(crate) no_color: bool,
    pub(crate) light: bool,
    /// Blue against yellow instead of green against red: what deuteranopes tell apart.
    pub(crate) colour_blind: bool,
    pub(crate) ascii: bool,
}

/// One meaning in the four palettes. Only the sixteen colours of the terminal, which its owner chose.
struct Shades {
    dark: Color,
    light: Color,
    blind: Color,
    blind_light: Color,
}

const ACCENT: Shades = Shades {
    dark: Color::Cyan,
    light: Color::Blue,
    blind: Color::Cyan,
    blind_light: Color::Blue,
};
const GOOD: Shades = Shades {
    dark: Color::Green,
    light: Color::Green,
    blind: Color::LightBlue,
    blind_light: Color::Blue,
};
const WARNING: Shades = Shades {
    dark: Color::Yellow,
    light: Color::Magenta,
    blind: Color::Yellow,
    blind_light: Color::Red,
};
const DANGER: Shades = Shades {
    dark: Color::Red,
    light: Color::Red,
    blind: Color::LightYellow,
    blind_light: Color::Red,
};
const SIMULATED: Shades = Shades {
    dark: Color::Magenta,
    light: Color::Blue,
    blind: Color::LightCyan,
    blind_light: Color::Blue,
};

impl Theme {
    fn colour(self, shades: &Shades) -> Style {
        if self.no_color {
            return Style::new();
        }
        Style::new().fg(match (self.colour_blind, self.light) {
            (false, false) => shades.dark,
            (false, true) => shades.light,
            (true, false) => shades.blind,
            (true, true) => shades.blind_light,
        })
    }

    pub(crate) fn text(self) -> Style {
        Style::new()
    }
    pub(crate) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }
    /// What is read second: labels, units, rules.
    pub(crate) fn quiet(self) -> Style {
        if self.no_color {
            Style::new().add_modifier(Modifier::DIM)
        } else {
            Style::new().fg(Color::DarkGray)
        }
    }
    pub(crate) fn accent(self) -> Style {
        self.colour(&ACCENT)
    }
    pub(crate) fn good(self) -> Style {
        self.colour(&GOOD)
    }
    pub(crate) fn warning(self) -> Style {
        self.colour(&WARNING)
    }
    pub(crate) fn danger(self) -> Style {
        let style = self.colour(&DANGER).add_modifier(Modifier::BOLD);
        if self.colour_blind {
            // Against a warning it is told by its line, not by its colour.
            return style.add_modifier(Modifier::UNDERLINED);
        }
        style
    }
    /// Nothing simulated looks real.
    pub(crate) fn simulated(self) -> Style {
        self.colour(&SIMULATED)
    }
    /// The row under the cursor of the focused list.
    pub(crate) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
    pub(crate) fn key(self) -> Style {
        self.accent().add_modifier(Modifier::BOLD)
    }
    /// The row that says that nothing may leave.
    pub(crate) fn banner(self) -> Style {
        self.danger().add_modifier(Modifier::REVERSED)
    }
    pub(crate) fn title(self, focused: bool) -> Style {
        if focused {
            self.accent()
                .add_modifier(Modifier::BOLD | Modifier::REVERSED)
        } else {
            self.strong()
        }
    }
    pub(crate) fn rule(self, focused: bool) -> Style {
        if focused { self.accent() } else { self.quiet() }
    }

    pub(crate) const fn marks(self) -> &'static Marks {
        if self.ascii { &ASCII } else { &UNICODE }
    }

    pub(crate) fn task(self, state: TaskState) -> (&'static str, Style) {
        let m = self.marks();
        match state {
            TaskState::Draft => (m.dot, self.quiet()),
            TaskState::Pending => (m.empty, self.quiet()),
            TaskState::Claimed | TaskState::Review | TaskState::Publishing => {
                (m.full, self.accent())
            }
            TaskState::Ticketed => ("!", self.warning()),
            TaskState::Approved => (m.yes, self.good()),
            TaskState::Published => (m.yes, self.good()),
            TaskState::Rehearsed => (m.yes, self.simulated()),
            TaskState::Rejected | TaskState::Cancelled | TaskState::Withdrawn => {
                (m.no, self.quiet())
            }
            TaskState::Replan => (m.again, self.warning()),
            TaskState::Blocked => ("=", self.warning()),
            TaskState::Dead => (m.no, self.danger()),
            TaskState::Uncertain => ("?", self.danger()),
        }
    }

    pub(crate) fn signal(self, state: SignalState) -> (&'static str, Style) {
        let m = self.marks();
        match state {
            SignalState::New => (m.empty, self.text()),
            SignalState::Planned => (m.yes, self.good()),
            SignalState::Ignored => (m.dot, self.quiet()),
            SignalState::Held => ("=", self.warning()),
            SignalState::Unscored => ("?", self.danger()),
        }
    }

    pub(crate) fn intent(self, state: IntentState) -> (&'static str, Style) {
        let m = self.marks();
        match state {
            IntentState::Refused => (m.no, self.warning()),
            IntentState::Pending => (m.empty, self.accent()),
            IntentState::Posted => (m.yes, self.good()),
            IntentState::Voided => (m.dot, self.quiet()),
            IntentState::Uncertain => ("?", self.danger()),
        }
    }

    pub(crate) fn ticket(self, state: TicketState) -> (&'static str, Style) {
        let m = self.marks();
        match state {
            TicketState::Open => (m.empty, self.text()),
            TicketState::Escalated => ("!", self.danger()),
            TicketState::Approved | TicketState::EditedApproved => (m.yes, self.good()),
            TicketState::Rejected => (m.no, self.quiet()),
            TicketState::Expired | TicketState::Superseded => (m.dot, self.quiet()),
        }
    }

    pub(crate) fn effect(self, state: EffectState) -> (&'static str, Style) {
        match state {
            EffectState::Held => ("HELD", self.warning()),
            EffectState::Prepared => ("WAITS TO BE SENT", self.accent()),
            EffectState::Sent => ("SENT, no answer yet", self.accent()),
            EffectState::Confirmed => ("PUBLISHED", self.good()),
            EffectState::Failed => ("FAILED", self.danger()),
            EffectState::Uncertain => ("UNCERTAIN", self.danger()),
            EffectState::Withdrawn => ("WITHDRAWN", self.quiet()),
        }
    }
}

/// Our own signs. Outside text is never changed by the choice.
#[derive(Debug)]
pub(crate) struct Marks {
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) dot: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) full: &'static str,
    pub(crate) again: &'static str,
    pub(crate) cursor: &'static str,
    pub(crate) marked: &'static str,
    pub(crate) cut: &'static str,
    pub(crate) horizontal: &'static str,
    pub(crate) vertical: &'static str,
    pub(crate) tee: &'static str,
    pub(crate) turn: &'static str,
    pub(crate) cross: &'static str,
    /// A cell of a line by where it leads: left 1, right 2, up 4, down 8.
    pub(crate) joints: [&'static str; 16],
    pub(crate) arrow: &'static str,
    pub(crate) flag: &'static str,
    pub(crate) spent: &'static str,
    pub(crate) reserved: &'static str,
    pub(crate) left: &'static str,
    pub(crate) none: &'static str,
    pub(crate) times: &'static str,
}

const UNICODE: Marks = Marks {
    yes: "✓",
    no: "✗",
    dot: "·",
    empty: "○",
    full: "●",
    again: "↻",
    cursor: "›",
    marked: "•",
    cut: "…",
    horizontal: "─",
    vertical: "│",
    tee: "├",
    turn: "╮",
    cross: "┼",
    joints: [
        " ", "─", "─", "─", "│", "╯", "╰", "┴", "│", "╮", "╭", "┬", "│", "┤", "├", "┼",
    ],
    arrow: "←",
    flag: "⚑",
    spent: "█",
    reserved: "▒",
    left: "░",
    none: "–",
    times: "×",
};

const ASCII: Marks = Marks {
    yes: "+",
    no: "x",
    dot: ".",
    empty: "o",
    full: "*",
    again: "~",
    cursor: ">",
    marked: "*",
    cut: "~",
    horizontal: "-",
    vertical: "|",
    tee: "|",
    turn: ".",
    cross: "+",
    joints: [
        " ", "-", "-", "-", "|", "'", "'", "+", "|", ".", ".", "+", "|", "+", "+", "+",
    ],
    arrow: "<-",
    flag: "#",
    spent: "#",
    reserved: "=",
    left: ".",
    none: "-",
    times: "x",
};
