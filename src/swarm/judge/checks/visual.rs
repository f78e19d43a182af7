//! The picture: made with the persona's locked look, with bytes and a size, and like the reference of that look.

use chimera_domain::{Score, persona::Persona, verdict::Case};

use super::Finding;

/// Narrower than this is not legible in a feed.
const WIDTH_MIN: u32 = 320;

/// `Err` where how like it is to the reference was looked for and not found.
pub(super) fn check(case: &Case, persona: &Persona) -> Result<Finding, String> {
    let mut found = Finding::clean();
    for media in &case.post().media {
        if persona.character_reference_id.as_deref() != Some(media.character_reference_id.as_str())
        {
            found.block(format!(
                "a picture was made with look `{}`, not the persona's",
                media.character_reference_id
            ));
        }
        if media.bytes == 0 {
            found.block("a picture is empty".to_owned());
        }
        if media.width < WIDTH_MIN {
            found.fault(
                Score::from_percent(30),
                format!("a picture is {} pixels wide", media.width),
            );
        }
    }
    for look in case.looks() {
        let score = look.likeness.score.clone();
        let score = score.map_err(|why| format!("picture {}: {why}", look.picture.short()))?;
        if look.likeness.is_low() {
            found.score = found.score.min(score);
            let what = format!(
                "picture {} is {}",
                look.picture.short(),
                look.likeness.told()
            );
            found.findings.push(what);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use chimera_domain::{
        artifact::Body,
        look::{LIKENESS_MIN, Likeness},
    };

    use super::*;
    use crate::testing::{case, persona};

    // R45: a picture with another look than the persona's never goes out.
    #[test]
    fn r45_another_look_than_the_personas_blocks() {
        let check = |case: &Case| check(case, &persona()).unwrap();
        assert_eq!(check(&case()).score, Score::ONE);
        let mut other = case();
        other.call.post.media[0].character_reference_id = "leo-v1".into();
        assert!(check(&other).hard_block);
        let mut small = case();
        small.call.post.media[0].width = 100;
        assert_eq!(check(&small).score, Score::from_percent(70));
    }

    // R46: what is not like enough to the reference scores as much as it is like it, what nobody could compare has no score;
    // what says nothing of it is judged as before there was a reference.
    #[test]
    fn r46_likeness_below_its_line_counts_and_unknown_is_no_score() {
        let with = |score: Result<Score, String>| {
            let mut case = case();
            let media = case.call.post.media[0].clone();
            let made = case.artifacts.iter_mut().find(
                |artifact| matches!(&artifact.body, Body::Media(one) if one.sha256 == media.sha256),
            );
            made.unwrap().provenance.likeness = Some(Likeness {
                score,
                method: "palette/1".into(),
                reference: Some(media),
            });
            check(&case, &persona()).map(|found| (found.score, found.findings.len()))
        };
        assert_eq!(with(Ok(LIKENESS_MIN)), Ok((Score::ONE, 0)));
        let low = Score::from_percent(79);
        assert_eq!(with(Ok(low)), Ok((low, 1)));
        assert!(
            with(Err("no decoder".into()))
                .unwrap_err()
                .ends_with("no decoder")
        );
    }
}
