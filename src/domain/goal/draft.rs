//! A first tree for a goal, by rule. No rule knows what words mean: each looks for a sign in them and says so.

use super::{BRANCHES_MAX, BY_RULE, Branch, Part, Tree, TreeTask, WORDS_MAX};
use crate::{campaign::Channel, task::Priority};

/// A tree, and by which rules it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    /// The tree.
    pub tree: Tree,
    /// The rules that made it, in words, beginning with [`BY_RULE`].
    pub rules: Vec<String>,
}

/// Numbers as they are written before `posts`.
const NUMBERS: [&str; 11] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];
const MOVING: [&str; 4] = ["video", "videos", "clip", "clips"];
const BARE: [&str; 4] = [
    "text only",
    "no picture",
    "without picture",
    "without a picture",
];

/// Drafts a tree for a goal on this platform. The same goal is always the same tree.
#[must_use]
pub fn draft(goal: &str, channel: Channel) -> Drafted {
    let goal: String = goal.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rules = vec![BY_RULE.to_owned()];
    let (link, text) = link(&goal);
    if !link.is_empty() {
        rules.push("every post links the address in the goal".into());
    } else {
        rules.push("no source: the goal names none; give each post its link".into());
    }
    let mut titles = subjects(&text);
    if titles.len() > 1 {
        rules.push(format!(
            "{} posts: the goal names so many subjects",
            titles.len()
        ));
    } else if let Some(count) = count(&text) {
        let title = titles.remove(0);
        titles = (1..=count)
            .map(|n| format!("{title} ({n} of {count})"))
            .collect();
        rules.push(format!("{count} posts: the goal says so"));
    }
    if titles.len() > BRANCHES_MAX {
        titles.truncate(BRANCHES_MAX);
        rules.push(format!(
            "only the first {BRANCHES_MAX} subjects: a goal has no more posts"
        ));
    }
    let picture = picture(&text, channel);
    rules.push(match picture {
        None => "no pictures: the goal says so".into(),
        Some(Part::Video) if channel != Channel::Tiktok => "videos: the goal says so".into(),
        Some(part) => format!("{part}: what {channel} wants with a post"),
    });
    let branches = titles.into_iter().map(|title| Branch {
        title: title.chars().take(WORDS_MAX).collect(),
        summary: String::new(),
        link: link.clone(),
        priority: Priority::Medium,
        campaign: String::new(),
        budget_usd_max: None,
        due_at: None,
        tasks: tasks(picture),
    });
    Drafted {
        tree: Tree {
            branches: branches.collect(),
            goal,
        },
        rules,
    }
}

/// The first address in the words, and the words without it.
fn link(goal: &str) -> (String, String) {
    let is_link = |word: &&str| word.starts_with("https://") || word.starts_with("http://");
    let Some(found) = goal.split(' ').find(is_link) else {
        return (String::new(), goal.to_owned());
    };
    let rest: Vec<&str> = goal.split(' ').filter(|word| *word != found).collect();
    let link = found.trim_end_matches(['.', ',', ';', ')']);
    (link.to_owned(), rest.join(" "))
}

/// What the posts are about: what stands between `;`, each with what stands before a colon.
fn subjects(text: &str) -> Vec<String> {
    let (head, list) = match text.split_once(": ") {
        Some((head, list)) => (Some(head.trim()), list),
        None => (None, text),
    };
    let parts = list
        .split(';')
        .map(|part| part.trim().trim_end_matches('.'));
    let titles: Vec<String> = parts
        .filter(|part| !part.is_empty())
        .map(|part| match head {
            Some(head) => format!("{head}: {part}"),
            None => part.to_owned(),
        })
        .collect();
    if titles.is_empty() {
        return vec![text.trim().to_owned()];
    }
    titles
}

/// How many posts the words ask for, where a number stands before them.
fn count(text: &str) -> Option<usize> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let before = words
        .windows(2)
        .find(|pair| matches!(pair, [_, "posts"]))
        .map(|pair| pair[0])?;
    let named = NUMBERS.iter().position(|word| *word == before);
    let count = named.map(|at| at + 2).or_else(|| before.parse().ok())?;
    (2..=BRANCHES_MAX).contains(&count).then_some(count)
}

fn picture(text: &str, channel: Channel) -> Option<Part> {
    let text = text.to_lowercase();
    if BARE.iter().any(|sign| text.contains(sign)) {
        return None;
    }
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    if words.any(|word| MOVING.contains(&word)) {
        return Some(Part::Video);
    }
    Some(Part::picture(channel))
}

fn tasks(picture: Option<Part>) -> Vec<TreeTask> {
    let task = |part: Part, after: &[&str]| TreeTask {
        name: part.as_str().to_owned(),
        part,
        wish: String::new(),
        after: after.iter().map(|&name| name.to_owned()).collect(),
    };
    let mut tasks = vec![task(Part::Research, &[]), task(Part::Text, &["research"])];
    match picture {
        Some(picture) => {
            tasks.push(task(picture, &["text"]));
            tasks.push(task(Part::Publish, &["text", picture.as_str()]));
        }
        None => tasks.push(task(Part::Publish, &["text"])),
    }
    tasks
}

#[cfg(test)]
mod tests {
    use super::*;

    // R36: what a goal becomes is found by signs in its words, each named; whatever the words, the tree is sound.
    #[test]
    fn r36_a_goal_becomes_a_tree_by_rules_that_are_named() {
        let check = |goal: &str, titles: &[&str], picture: Option<&str>, rule: &str| {
            let Drafted { tree, rules } = draft(goal, Channel::Twitter);
            let found: Vec<&str> = tree.branches.iter().map(|b| b.title.as_str()).collect();
            assert_eq!(found, titles, "{goal}");
            for branch in &tree.branches {
                let third = branch.tasks.get(2).map(|task| task.name.as_str());
                assert_eq!(third.filter(|name| *name != "publish"), picture, "{goal}");
            }
            assert_eq!(rules[0], BY_RULE);
            assert!(rules.iter().any(|told| told.contains(rule)), "{rules:?}");
            // A source is all that a rule cannot know.
            let mut sourced = tree.clone();
            for branch in &mut sourced.branches {
                branch.link = "https://example.org".into();
            }
            assert_eq!(sourced.wrongs(), [], "{goal}");
            assert_eq!(draft(goal, Channel::Twitter).tree, tree);
        };
        check(
            "Say that linen is back.",
            &["Say that linen is back"],
            Some("image"),
            "image",
        );
        check(
            "Announce the spring line: linen; wool ;hemp.",
            &[
                "Announce the spring line: linen",
                "Announce the spring line: wool",
                "Announce the spring line: hemp",
            ],
            Some("image"),
            "3 posts",
        );
        check(
            "Two posts on mending, text only",
            &[
                "Two posts on mending, text only (1 of 2)",
                "Two posts on mending, text only (2 of 2)",
            ],
            None,
            "no pictures",
        );
        check(
            "A clip of the loom",
            &["A clip of the loom"],
            Some("video"),
            "videos",
        );
        // Signs that are none: a number that counts no posts, an empty list, too many posts.
        check(
            "Ten years of linen",
            &["Ten years of linen"],
            Some("image"),
            "image",
        );
        check(
            "900 posts of linen",
            &["900 posts of linen"],
            Some("image"),
            "image",
        );
        check("Linen: ;;", &["Linen: ;;"], Some("image"), "image");
        let linked = draft("Read https://example.org/a, on linen", Channel::Tiktok).tree;
        assert_eq!(linked.branches[0].link, "https://example.org/a");
        assert_eq!(linked.branches[0].title, "Read on linen");
        assert_eq!(linked.branches[0].tasks[2].part, Part::Video);
        let long = draft(&"a; ".repeat(40), Channel::Blog);
        assert_eq!(long.tree.branches.len(), BRANCHES_MAX);
        assert!(
            long.rules
                .iter()
                .any(|rule| rule.contains("only the first 12"))
        );
    }
}
