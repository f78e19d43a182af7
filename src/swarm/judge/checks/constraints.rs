//! The acceptance criteria that the planner wrote: how many of them the post meets.

use chimera_domain::{Score, verdict::Case};

use super::Finding;
use chimera_minds::lexicon::Words;

pub(super) fn check(case: &Case) -> Result<Finding, String> {
    let criteria = &case.task.spec.acceptance;
    if criteria.is_empty() {
        return Err("the plan names no acceptance criteria".to_owned());
    }
    let mut found = Finding::clean();
    let mut missed = 0u64;
    for criterion in criteria {
        if let Some(why) = unmet(criterion, case) {
            missed += 1;
            found.findings.push(why);
        }
    }
    let whole = u64::try_from(criteria.len()).map_err(|e| e.to_string())?;
    found.score =
        Score::from_ratio(whole - missed, whole).ok_or("more criteria missed than named")?;
    Ok(found)
}

/// Why a criterion is not met; `None` when it is, or when it is not one a program can test here (the
/// label has its own check, and free words are for the reviewer).
fn unmet(criterion: &str, case: &Case) -> Option<String> {
    let post = case.post();
    match criterion {
        "names the trend" => {
            let signal = case.signal.as_ref()?;
            let (title, text) = (Words::of(&signal.item.title), Words::of(&post.text));
            let named = title.content().iter().filter(|word| text.has(word)).count();
            let wanted = title.content().len().min(2);
            (named < wanted).then(|| "the text does not name the trend".to_owned())
        }
        "links the source" => {
            let wanted = case
                .signal
                .as_ref()
                .is_some_and(|signal| !signal.item.link.is_empty());
            let linked = post
                .citations
                .iter()
                .any(|c| !c.url.is_empty() && post.text.contains(&c.url));
            (wanted && !linked).then(|| "the text does not link its source".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::case;

    // R39: the criteria the planner wrote are held against the post.
    #[test]
    fn r39_criteria_are_held_against_the_post() {
        let mut case = case();
        case.task.spec.acceptance = vec!["names the trend".into(), "links the source".into()];
        assert_eq!(check(&case).unwrap().score, Score::ONE);
        case.call.post.text = "Something else entirely".into();
        let found = check(&case).unwrap();
        assert_eq!((found.score, found.findings.len()), (Score::ZERO, 2));
        case.task.spec.acceptance.clear();
        assert!(check(&case).is_err());
    }
}
