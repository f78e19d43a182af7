//! Signals of a window put together by the story they tell, and how fast each story grows.
//!
//! Titles of one story share words that are rare in the window and stand close among the word vectors. What is alike
//! is linked ([`alike`]), the strongest links first, and two groups become one where they are alike as wholes, so that
//! a chain of small steps does not lead from one story to another. The answer depends on what is in the window alone,
//! in whatever order it comes.
#![expect(
    clippy::float_arithmetic,
    reason = "only sums, products, quotients and roots, in a fixed order: every machine rounds them alike"
)]

mod alike;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chimera_domain::{
    Span, Timestamp,
    trend::{PerHour, Sentiment, Standing, Velocity},
};

use self::alike::{Centre, Link, Title};
use crate::sentiment::sentiment;

/// Method and version.
pub const METHOD: &str = "stories/1";

/// "Now" is this part of a window; the rest is what it is compared with.
const NOW_PART: u64 = 4;
/// Words that say what a cluster is about.
const WORDS_MAX: usize = 4;

/// One item, as its feed told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// When it was published, or else first seen.
    pub at: Timestamp,
    /// Its title.
    pub title: &'a str,
    /// The feed it stood in.
    pub source: &'a str,
}

/// The time that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its end, which belongs to it.
    pub until: Timestamp,
    /// How long it is.
    pub span: Span,
}

impl Window {
    /// Its beginning, which does not belong to it.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.until.minus(self.span)
    }

    fn has(&self, at: Timestamp) -> bool {
        at > self.since() && at <= self.until
    }
}

/// Items that tell one story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Which of the items, the oldest first.
    pub members: Vec<usize>,
    /// The item whose title stands for all.
    pub headline: usize,
    /// The words that hold it together, those that say most first.
    pub words: Vec<String>,
    /// How it stands.
    pub standing: Standing,
}

/// The stories of a window that at least two items tell: what grows fastest first, the larger first where it is the same.
#[must_use]
pub fn clusters(items: &[Item<'_>], window: Window) -> Vec<Cluster> {
    let mut inside: Vec<usize> = (0..items.len())
        .filter(|at| items.get(*at).is_some_and(|item| window.has(item.at)))
        .collect();
    // What comes in another order, or twice, is the same window.
    inside.sort_by_key(|at| items.get(*at).map(|i| (i.at, i.title, i.source)));
    let mut by_title: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for at in inside {
        let title = items.get(at).map_or("", |item| item.title);
        let words = alike::words_of(title);
        if !words.is_empty() {
            by_title.entry(words).or_default().push(at);
        }
    }
    let (words, members): (Vec<Vec<String>>, Vec<Vec<usize>>) = by_title.into_iter().unzip();
    let titles = alike::weigh(&words);
    let groups = merge(&titles, alike::links(&titles));
    let mut found: Vec<Cluster> = groups
        .into_iter()
        .filter_map(|(centre, group)| {
            let told = Told {
                titles: &titles,
                words: &words,
                members: &members,
            };
            told.cluster(items, window, &centre, &group)
        })
        .collect();
    found.sort_by(|a, b| rank(items, a).cmp(&rank(items, b)));
    found
}

/// What comes first: velocity before level, growth before size.
type Rank<'a> = (
    std::cmp::Reverse<(PerHour, i64, u32, u32)>,
    Timestamp,
    &'a str,
);

fn rank<'a>(items: &[Item<'a>], cluster: &Cluster) -> Rank<'a> {
    let standing = &cluster.standing;
    let Velocity { now, before } = standing.velocity;
    let growth = i64::from(now.hundredths()) - i64::from(before.hundredths());
    let headline = items.get(cluster.headline).map_or("", |item| item.title);
    (
        std::cmp::Reverse((now, growth, standing.volume, standing.sources)),
        standing.first_at,
        headline,
    )
}

/// Groups of titles: the strongest links first, each where the two groups are alike as wholes.
fn merge(titles: &[Title], mut links: Vec<Link>) -> Vec<(Centre, Vec<usize>)> {
    links.sort_by(|a, b| {
        b.strength
            .cmp(&a.strength)
            .then((a.a, a.b).cmp(&(b.a, b.b)))
    });
    let mut group_of: Vec<usize> = (0..titles.len()).collect();
    let mut groups: Vec<Option<(Centre, Vec<usize>)>> = titles
        .iter()
        .enumerate()
        .map(|(at, title)| Some((Centre::of(title), vec![at])))
        .collect();
    for Link { a, b, .. } in links {
        let (Some(&ga), Some(&gb)) = (group_of.get(a), group_of.get(b)) else {
            continue;
        };
        if ga == gb {
            continue;
        }
        let (keep, give) = (ga.min(gb), ga.max(gb));
        let alike = match (groups.get(keep), groups.get(give)) {
            (Some(Some((one, _))), Some(Some((other, _)))) => one.is_like(other),
            (_, _) => false,
        };
        if !alike {
            continue;
        }
        let Some((centre, members)) = groups.get_mut(give).and_then(Option::take) else {
            continue;
        };
        for member in &members {
            if let Some(group) = group_of.get_mut(*member) {
                *group = keep;
            }
        }
        if let Some(Some((to, kept))) = groups.get_mut(keep) {
            to.add(&centre);
            kept.extend(members);
        }
    }
    groups.into_iter().flatten().collect()
}

/// The titles of the window, their words, and which items have each.
struct Told<'a> {
    titles: &'a [Title],
    words: &'a [Vec<String>],
    members: &'a [Vec<usize>],
}

impl Told<'_> {
    fn cluster(
        &self,
        items: &[Item<'_>],
        window: Window,
        centre: &Centre,
        group: &[usize],
    ) -> Option<Cluster> {
        let mut members: Vec<usize> = group
            .iter()
            .filter_map(|title| self.members.get(*title))
            .flatten()
            .copied()
            .collect();
        if members.len() < 2 {
            return None;
        }
        members.sort_by_key(|at| items.get(*at).map(|i| (i.at, i.title, i.source)));
        // The title that is nearest to all; of those that are as near, the one that was there first.
        let nearest = group
            .iter()
            .filter_map(|at| {
                let first = *self.members.get(*at)?.first()?;
                let item = items.get(first)?;
                let near = centre.nearness(self.titles.get(*at)?);
                Some((std::cmp::Reverse(near), item.at, item.title, first))
            })
            .min()?;
        Some(Cluster {
            headline: nearest.3,
            words: self.telling(centre, group),
            standing: standing(items, window, &members)?,
            members,
        })
    }

    /// The words of the centre, as the first title writes them.
    fn telling(&self, centre: &Centre, group: &[usize]) -> Vec<String> {
        centre
            .telling(WORDS_MAX)
            .into_iter()
            .filter_map(|stem| {
                group.iter().find_map(|at| {
                    let place = self.titles.get(*at)?.place_of(stem)?;
                    self.words.get(*at)?.get(place).cloned()
                })
            })
            .collect()
    }
}

fn standing(items: &[Item<'_>], window: Window, members: &[usize]) -> Option<Standing> {
    let told: Vec<&Item<'_>> = members.iter().filter_map(|at| items.get(*at)).collect();
    let now_span = Span::from_micros(window.span.micros() / NOW_PART);
    let before_span = Span::from_micros(window.span.micros() - now_span.micros());
    let now_since = window.until.minus(now_span);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let now = count(told.iter().filter(|item| item.at > now_since).count());
    let volume = count(told.len());
    let sources: BTreeSet<&str> = told.iter().map(|item| item.source).collect();
    let (mut glad, mut gloomy) = (0, 0);
    for mood in told.iter().filter_map(|item| sentiment(item.title)) {
        let thousandths = i32::from(mood.thousandths());
        glad += u32::try_from(1_000 + thousandths).unwrap_or(0);
        gloomy += u32::try_from(1_000 - thousandths).unwrap_or(0);
    }
    Some(Standing {
        volume,
        sources: count(sources.len()),
        velocity: Velocity {
            now: PerHour::of(now, now_span),
            before: PerHour::of(volume - now, before_span),
        },
        sentiment: Sentiment::of(glad, gloomy),
        first_at: told.first()?.at,
        last_at: told.last()?.at,
    })
}
