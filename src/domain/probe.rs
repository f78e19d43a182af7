//! Probes: texts that are known to be bad, put before reviewers among the others, so that approving without reading is seen.
//!
//! A probe looks like any other ticket and is none: it has no task and no verdict, and no effect can name it. Whoever decides
//! it is told at once what it was.

use crate::{
    ContentHash, Score,
    artifact::{Citation, Post},
    effect::OutgoingCall,
    words::words,
};

words! {
    /// What is wrong with a probe.
    pub enum Flaw as "flaw of a probe" {
        /// It says what its source does not.
        Claim = "claim",
        /// Its number is not the source's.
        Number = "number",
        /// It is not in the persona's voice.
        Voice = "voice",
        /// It slips in what always a person decides on.
        Sensitive = "sensitive",
    }
}

impl Flaw {
    /// What whoever decided is told.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Claim => "it claimed what its source does not say",
            Self::Number => "the number was not in the source",
            Self::Voice => "it shouted, which no persona does",
            Self::Sensitive => "it gave advice on health, which nothing may do alone",
        }
    }
}

/// One known-bad text of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bad {
    /// What is wrong with it.
    pub flaw: Flaw,
    /// What its source is called: what is wrong can be seen from it.
    pub title: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// The texts: invented, about nobody, and each wrong by what its card shows.
pub const BAD: [Bad; 8] = [
    Bad {
        flaw: Flaw::Number,
        title: "A mill in the north keeps 40 looms running",
        text: "A mill in the north keeps 400 looms running. Which one would you visit first?",
    },
    Bad {
        flaw: Flaw::Claim,
        title: "Library opens a repair corner on Saturdays",
        text: "Library opens a repair corner on Saturdays, and every visitor gets a new bicycle for free.",
    },
    Bad {
        flaw: Flaw::Voice,
        title: "Small tool maker publishes its manuals",
        text: "WOW!!! SMALL TOOL MAKER PUBLISHES ITS MANUALS!!! CLICK RIGHT NOW BEFORE EVERYBODY ELSE!!!",
    },
    Bad {
        flaw: Flaw::Sensitive,
        title: "A tea garden shows how it dries its leaves",
        text: "A tea garden shows how it dries its leaves. Drink it instead of your blood pressure tablets.",
    },
    Bad {
        flaw: Flaw::Number,
        title: "Town plants 120 trees along the canal",
        text: "Town plants 1,200 trees along the canal this spring. Shade for everyone.",
    },
    Bad {
        flaw: Flaw::Claim,
        title: "Workshop tests a new glue for wooden chairs",
        text: "Workshop tests a new glue for wooden chairs and proves that it holds for a hundred years.",
    },
    Bad {
        flaw: Flaw::Voice,
        title: "Museum lends out its old maps",
        text: "LOL the museum lends out its OLD MAPS, who even CARES, total LOSERS, am I RIGHT???",
    },
    Bad {
        flaw: Flaw::Sensitive,
        title: "Bakery shares its recipe for rye bread",
        text: "Bakery shares its recipe for rye bread. Eat it daily and your diabetes is gone in a month.",
    },
];

/// Whether a ticket about this content is followed by a probe: its hash says so, the same every time it is asked.
#[must_use]
pub fn is_due(content: ContentHash, share: Score) -> bool {
    let drawn = (u64::from(number(content, 4)) * 1_000_000) >> 32;
    drawn < u64::from(share.ppm())
}

/// Which text it is.
#[must_use]
pub fn pick(content: ContentHash) -> Bad {
    let [first, ..] = BAD;
    let nth = usize::try_from(number(content, 8)).unwrap_or(0) % BAD.len();
    BAD.get(nth).copied().unwrap_or(first)
}

/// Four bytes of a hash; each question has its own.
fn number(content: ContentHash, from: usize) -> u32 {
    let bytes = content.as_bytes().iter().skip(from).take(4);
    bytes.fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

impl Bad {
    /// The call that a decision on it names. It is for the account and platform of a real one, with this label, and nothing
    /// can be made of it that leaves.
    #[must_use]
    pub fn call(&self, like: &OutgoingCall, label: &str) -> OutgoingCall {
        let post = &like.post;
        let link = post
            .citations
            .first()
            .map_or("", |citation| citation.url.as_str());
        let parts = [self.text, link, label];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        OutgoingCall {
            server: like.server.clone(),
            tool: like.tool.clone(),
            post: Post {
                text: parts.join("\n\n"),
                media: Vec::new(),
                citations: vec![Citation {
                    title: self.title.to_owned(),
                    url: link.to_owned(),
                }],
                ..post.clone()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{campaign::Channel, testing::post};

    // R191: every text fits the shortest platform with a link and a label, each flaw has texts, and no text is its title.
    #[test]
    fn r191_the_texts_are_what_a_card_can_show() {
        let like = OutgoingCall {
            server: "twitter".into(),
            tool: "post_content".into(),
            post: post("A post. Made by an AI agent."),
        };
        for bad in BAD {
            let call = bad.call(&like, "Posted by Somebody With A Long Name, an AI agent.");
            let room = Channel::Twitter.graphemes_max() - 60;
            assert!(call.post.text.chars().count() <= room, "{}", call.post.text);
            assert_ne!(call.content_hash(), like.content_hash());
            assert!(!bad.text.eq(bad.title));
            assert_eq!(call.post.account, like.post.account);
        }
        for flaw in Flaw::ALL {
            assert!(
                BAD.iter().filter(|bad| bad.flaw == *flaw).count() >= 2,
                "{flaw}"
            );
        }
    }

    // R191: the stated share is due, the same contents each time, and every text comes up.
    #[test]
    fn r191_the_stated_share_is_due() {
        let contents = (0..2_000).map(|n: u32| ContentHash::of_bytes(&n.to_be_bytes()));
        let due: Vec<ContentHash> = contents
            .clone()
            .filter(|c| is_due(*c, Score::from_percent(10)))
            .collect();
        assert!((150..=250).contains(&due.len()), "{}", due.len());
        assert!(
            contents
                .clone()
                .all(|c| is_due(c, Score::ONE) && !is_due(c, Score::ZERO))
        );
        for bad in BAD {
            assert!(contents.clone().any(|c| pick(c) == bad), "{}", bad.title);
        }
    }
}
