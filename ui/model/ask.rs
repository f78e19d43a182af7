//! What is done only after a word was typed: what it will do, what must be typed, and the wish it becomes.

use chimera_domain::{
    Safe, Span, StateVersion, Timestamp,
    effect::Resolution,
    ids::{EffectId, MuteId, PublicationId, TaskId, TrendId},
    mode::{Mode, ModeScope},
    trend::NewMute,
    views::READINGS,
};

use crate::event::Wish;

/// The reason that is stored when nobody types one.
const BY_KEY: &str = "by key in the console";

/// The word that was typed, and the reason after it.
pub(crate) fn word_and_why(typed: &str) -> (&str, String) {
    let typed = typed.trim();
    let (word, rest) = typed.split_once(' ').unwrap_or((typed, ""));
    let why = match rest.trim() {
        "" => BY_KEY,
        why => why,
    };
    (word, why.to_owned())
}

/// One thing that must be typed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// An effect nobody knew the fate of is out.
    Public {
        effect: EffectId,
        version: StateVersion,
    },
    /// It is not, and is sent once more.
    SendAgain {
        effect: EffectId,
        version: StateVersion,
    },
    /// It is not, and shall not be.
    GiveUp {
        effect: EffectId,
        version: StateVersion,
    },
    /// What did not fit was looked at.
    CloseBreak { id: i64 },
    /// A post comes down.
    Withdraw { publication: PublicationId },
    /// A post was taken down by hand.
    ByHand { publication: PublicationId },
    /// Something goes live; `wanted` is what goes public with it, to be typed as it is.
    Live { scope: ModeScope, wanted: String },
    /// Something goes dry.
    Dry { scope: ModeScope },
    /// A task that was given up or blocked runs again.
    Replay { task: TaskId, version: StateVersion },
    /// A trend is planned.
    Convert {
        trend: TrendId,
        version: StateVersion,
    },
    /// A trend is put out of the way; `now` is when the sheet was opened.
    SnoozeTrend {
        trend: TrendId,
        version: StateVersion,
        now: Timestamp,
    },
    /// A topic is muted: these words, unless others are typed.
    Mute {
        of: Option<(TrendId, StateVersion)>,
        words: String,
        now: Timestamp,
    },
    /// A mute is taken back.
    Unmute { mute: MuteId },
}

/// An ask, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) ask: Ask,
    pub(crate) label: Safe,
}

/// What was typed means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// Nothing is done.
    Cancelled,
    /// Not what must be typed.
    Another,
    /// This.
    Wish(Wish),
}

impl Ask {
    pub(crate) const fn title(&self) -> &'static str {
        match self {
            Self::Public { .. } => "it is out",
            Self::SendAgain { .. } => "send again",
            Self::GiveUp { .. } => "drop",
            Self::Withdraw { .. } => "withdraw",
            Self::CloseBreak { .. } => "close",
            Self::ByHand { .. } => "down by hand",
            Self::Live { .. } => "go live",
            Self::Dry { .. } => "go dry",
            Self::Replay { .. } => "run again",
            Self::Convert { .. } => "convert",
            Self::SnoozeTrend { .. } => "snooze",
            Self::Mute { .. } => "mute",
            Self::Unmute { .. } => "unmute",
        }
    }

    /// What follows.
    pub(crate) fn effect(&self) -> String {
        let [out, again, never] = READINGS;
        match self {
            Self::Public { .. } => format!("If {}: {}.", out.seen, out.then),
            Self::SendAgain { .. } => format!("If {}: {}.", again.seen, again.then),
            Self::GiveUp { .. } => format!("If {}: {}.", never.seen, never.then),
            Self::Withdraw { .. } => {
                "Its platform is asked to take it down, now. Who saw it has seen it.".to_owned()
            }
            Self::CloseBreak { .. } => {
                "It counts as looked at, with your words beside it. With the last open one the wallet thaws and pays again.".to_owned()
            }
            Self::ByHand { .. } => {
                "It counts as withdrawn and nothing is sent. Look first that it is down.".to_owned()
            }
            Self::Live { wanted, .. } => format!(
                "What is approved goes out for real as {wanted}, where server, agent and campaign are live. What was approved before is judged again."
            ),
            Self::Dry { .. } => {
                "Nothing of it is sent any more: what is approved ends as a rehearsal.".to_owned()
            }
            Self::Convert { .. } => {
                "The best signal of each campaign it fits is planned, whatever its score. What is banned or speaks to a machine stays left.".to_owned()
            }
            Self::SnoozeTrend { .. } => {
                "It is out of the way for so long; then it waits again, if it still grows.".to_owned()
            }
            Self::Mute { words, .. } if words.is_empty() => {
                "What has all of the words is left from now on, for everybody.".to_owned()
            }
            Self::Mute { words, .. } => format!(
                "What has all of `{words}` is left from now on, for everybody, and this trend is put away."
            ),
            Self::Unmute { .. } => {
                "What comes from now on is looked at again; what was left stays left.".to_owned()
            }
            Self::Replay { .. } => {
                "It is pending again with fresh attempts, and so is what waited for it. What it made before is made and paid for anew.".to_owned()
            }
        }
    }

    /// What must be typed.
    pub(crate) fn prompt(&self) -> String {
        match self {
            Self::Public { .. } => {
                "Type its address or its id there; empty Enter cancels:".to_owned()
            }
            Self::Live { wanted, .. } => format!("Type `{wanted}`; empty Enter cancels:"),
            Self::SnoozeTrend { .. } => {
                "For how long: 30m, 4h, 2d; empty Enter cancels:".to_owned()
            }
            Self::Mute { words, .. } if words.is_empty() => {
                "Type mute, a time if it ends (24h, 30d), then the words; empty Enter cancels:".to_owned()
            }
            Self::Mute { .. } => {
                "Type mute, a time if it ends (24h, 30d), other words if you like; empty Enter cancels:"
                    .to_owned()
            }
            Self::CloseBreak { .. } => {
                "Type close, then what you found; empty Enter cancels:".to_owned()
            }
            Self::SendAgain { .. }
            | Self::Replay { .. }
            | Self::Convert { .. }
            | Self::Unmute { .. } => {
                format!("Type {}; empty Enter cancels:", self.word())
            }
            Self::GiveUp { .. }
            | Self::Withdraw { .. }
            | Self::ByHand { .. }
            | Self::Dry { .. } => format!(
                "Type {}, then a reason if you like; empty Enter cancels:",
                self.word()
            ),
        }
    }

    /// The word, where it is one.
    const fn word(&self) -> &'static str {
        match self {
            Self::SendAgain { .. } | Self::Replay { .. } => "again",
            Self::GiveUp { .. } => "drop",
            Self::Withdraw { .. } => "withdraw",
            Self::CloseBreak { .. } => "close",
            Self::ByHand { .. } => "down",
            Self::Dry { .. } => "dry",
            Self::Convert { .. } => "convert",
            Self::Mute { .. } => "mute",
            Self::Unmute { .. } => "unmute",
            Self::Public { .. } | Self::Live { .. } | Self::SnoozeTrend { .. } => "",
        }
    }

    /// What was typed means.
    pub(crate) fn meant(&self, typed: &str) -> Meant {
        let typed = typed.trim();
        if typed.is_empty() {
            return Meant::Cancelled;
        }
        let (first, why) = word_and_why(typed);
        let is_word = first == self.word();
        let wish = match self {
            Self::Public { effect, version } => Wish::Resolve(
                *effect,
                *version,
                Resolution::Published {
                    place: typed.to_owned(),
                },
            ),
            Self::Live { scope, wanted } if typed == wanted => Wish::Mode {
                scope: scope.clone(),
                mode: Mode::Live,
                confirmed: typed.to_owned(),
                why: BY_KEY.to_owned(),
            },
            Self::SendAgain { effect, version } if is_word => {
                Wish::Resolve(*effect, *version, Resolution::SendAgain)
            }
            Self::GiveUp { effect, version } if is_word => {
                Wish::Resolve(*effect, *version, Resolution::GiveUp { why })
            }
            Self::Replay { task, version } if is_word => Wish::Replay(*task, *version),
            Self::Withdraw { publication } if is_word => Wish::Withdraw(*publication, why),
            Self::CloseBreak { id } if is_word && typed != self.word() => {
                Wish::CloseBreak(*id, why)
            }
            Self::ByHand { publication } if is_word => Wish::ByHand(*publication, why),
            Self::Dry { scope } if is_word => Wish::Mode {
                scope: scope.clone(),
                mode: Mode::DryRun,
                confirmed: String::new(),
                why,
            },
            Self::Convert { trend, version } if is_word => Wish::Convert(*trend, *version),
            Self::Unmute { mute } if is_word => Wish::Unmute(*mute),
            Self::SnoozeTrend {
                trend,
                version,
                now,
            } => match span(typed) {
                Some(span) => Wish::SnoozeTrend(*trend, *version, now.plus(span)),
                None => return Meant::Another,
            },
            Self::Mute { of, words, now } if is_word => {
                let rest = typed.split_once(' ').map_or("", |(_, rest)| rest.trim());
                let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
                let (until, own) = match span(first) {
                    Some(span) => (Some(now.plus(span)), more.trim()),
                    None => (None, rest),
                };
                let words = if own.is_empty() { words.as_str() } else { own };
                if words.is_empty() {
                    return Meant::Another;
                }
                let mute = NewMute {
                    agent: None,
                    words: words.to_owned(),
                    until,
                };
                Wish::Mute(*of, mute)
            }
            Self::Convert { .. }
            | Self::Unmute { .. }
            | Self::Mute { .. }
            | Self::Live { .. }
            | Self::SendAgain { .. }
            | Self::GiveUp { .. }
            | Self::Withdraw { .. }
            | Self::CloseBreak { .. }
            | Self::ByHand { .. }
            | Self::Dry { .. }
            | Self::Replay { .. } => return Meant::Another,
        };
        Meant::Wish(wish)
    }
}

/// A length of time as it is typed: `30m`, `4h`, `2d`.
fn span(typed: &str) -> Option<Span> {
    let minutes = match typed.chars().last()? {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return None,
    };
    let count: u64 = typed.get(..typed.len() - 1)?.parse().ok()?;
    (1..=100_000)
        .contains(&count)
        .then(|| Span::from_mins(count * minutes))
}

#[cfg(test)]
mod tests {
    use chimera_domain::testing::uuid_of;

    use super::*;

    // R8, R9, R5: only the word does it, an empty line never does, and what follows the word is the reason.
    #[test]
    fn r8_only_what_must_be_typed_counts() {
        let publication = PublicationId::from_uuid(uuid_of(1));
        let withdraw = Ask::Withdraw { publication };
        assert_eq!(withdraw.meant(" "), Meant::Cancelled);
        assert_eq!(withdraw.meant("withdrawn"), Meant::Another);
        let wish = |why: &str| Meant::Wish(Wish::Withdraw(publication, why.to_owned()));
        assert_eq!(withdraw.meant("withdraw"), wish(BY_KEY));
        assert_eq!(withdraw.meant("withdraw wrong photo "), wish("wrong photo"));
        let live = Ask::Live {
            scope: ModeScope::Server("mine".into()),
            wanted: "@fae on bluesky through mine".into(),
        };
        assert_eq!(live.meant("live"), Meant::Another);
        assert_eq!(live.meant("@fae on bluesky through min"), Meant::Another);
        assert!(matches!(
            live.meant("@fae on bluesky through mine"),
            Meant::Wish(Wish::Mode {
                mode: Mode::Live,
                ..
            })
        ));
    }

    // R32: a snooze takes a time and nothing else; a mute takes the trend's words, or others, and a time if it ends; without
    // any word nothing is muted.
    #[test]
    fn r32_a_time_and_words_are_told_apart() {
        let (trend, version) = (TrendId::from_uuid(uuid_of(1)), StateVersion::FIRST);
        let now = Timestamp::default();
        let snooze = Ask::SnoozeTrend {
            trend,
            version,
            now,
        };
        for wrong in ["4", "h", "4 h", "0h", "snooze", "-4h"] {
            assert_eq!(snooze.meant(wrong), Meant::Another, "{wrong}");
        }
        let until = |hours| now.plus(Span::from_hours(hours));
        let wish = Wish::SnoozeTrend(trend, version, until(48));
        assert_eq!(snooze.meant(" 2d "), Meant::Wish(wish));
        let of = Some((trend, version));
        let mute = Ask::Mute {
            of,
            words: "grid rules".into(),
            now,
        };
        let wish = |words: &str, until| {
            let words = words.to_owned();
            Meant::Wish(Wish::Mute(
                of,
                NewMute {
                    agent: None,
                    words,
                    until,
                },
            ))
        };
        assert_eq!(mute.meant("mute"), wish("grid rules", None));
        assert_eq!(mute.meant("mute 24h"), wish("grid rules", Some(until(24))));
        assert_eq!(
            mute.meant("mute 1d world cup"),
            wish("world cup", Some(until(24)))
        );
        assert_eq!(mute.meant("mute world cup"), wish("world cup", None));
        assert_eq!(mute.meant("grid"), Meant::Another);
        let own = Ask::Mute {
            of: None,
            words: String::new(),
            now,
        };
        assert_eq!(own.meant("mute 24h"), Meant::Another);
    }
}
