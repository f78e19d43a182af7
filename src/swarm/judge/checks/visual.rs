//! The picture: made with the persona's locked look, with bytes and a size.

use chimera_domain::{Score, persona::Persona, verdict::Case};

use super::Finding;

/// Narrower than this is not legible in a feed.
const WIDTH_MIN: u32 = 320;

pub(super) fn check(case: &Case, persona: &Persona) -> Finding {
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
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, persona};

    // R45: a picture with another look than the persona's never goes out.
    #[test]
    fn r45_another_look_than_the_personas_blocks() {
        assert_eq!(check(&case(), &persona()).score, Score::ONE);
        let mut other = case();
        other.call.post.media[0].character_reference_id = "leo-v1".into();
        assert!(check(&other, &persona()).hard_block);
        let mut small = case();
        small.call.post.media[0].width = 100;
        assert_eq!(check(&small, &persona()).score, Score::from_percent(70));
    }
}
