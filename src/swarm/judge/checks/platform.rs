//! The platform's rules: length, media, the label that says a machine made this.

use chimera_domain::{Score, campaign::Channel, persona::Persona, verdict::Case};
use unicode_segmentation::UnicodeSegmentation;

use super::Finding;

/// The most pictures any of the platforms takes with one post.
const MEDIA_MAX: usize = 4;

pub(super) fn check(case: &Case, persona: &Persona) -> Finding {
    let mut found = Finding::clean();
    let post = case.post();
    let campaign = &case.campaign;
    // The campaign was edited after this was composed; refused, it is composed anew.
    if !case.call.is_for(campaign) {
        found.block(format!(
            "it would go out as {} on {} by {}, and the campaign publishes as {} on {} by {}",
            post.account,
            post.channel,
            case.call.server,
            campaign.account,
            campaign.channel,
            campaign.publish_server
        ));
    }
    let (length, limit) = (
        post.text.graphemes(true).count(),
        post.channel.graphemes_max(),
    );
    if length > limit {
        found.block(format!(
            "{length} graphemes, {} takes {limit}",
            post.channel
        ));
    }
    if post.text.trim().is_empty() {
        found.block("the text is empty".to_owned());
    }
    if !post.text.contains(&persona.disclosure) {
        found.block("the label that says a machine made this is missing".to_owned());
    }
    if post.media.len() > MEDIA_MAX {
        found.block(format!(
            "{} pictures (at most {MEDIA_MAX})",
            post.media.len()
        ));
    }
    if post.media.is_empty() && matches!(post.channel, Channel::Instagram | Channel::Tiktok) {
        found.block(format!("{} takes no post without a picture", post.channel));
    }
    for media in &post.media {
        if media.alt_text.trim().is_empty() {
            found.fault(
                Score::from_percent(40),
                "a picture has no alternative text".to_owned(),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, persona};

    fn blocked(edit: impl FnOnce(&mut Case)) -> bool {
        let mut case = case();
        edit(&mut case);
        check(&case, &persona()).hard_block
    }

    // R3, R83: limits and the label are checked on exactly what goes out, before it is judged fit.
    #[test]
    fn r3_limits_and_label_are_checked_before_anything_goes_out() {
        assert!(!blocked(|_| {}));
        assert!(blocked(|c| c.call.post.text.push_str(&"é".repeat(200))));
        assert!(blocked(|c| c.call.post.text = "No label".into()));
        assert!(blocked(|c| c.call.post.text = " ".into()));
        assert!(blocked(|c| {
            c.call.post.channel = Channel::Instagram;
            c.call.post.media.clear();
        }));
        assert!(blocked(|c| c.campaign.publish_server = "other".into()));
        assert!(blocked(|c| c.campaign.account = "@other".into()));
        let mut silent = case();
        silent.call.post.media[0].alt_text.clear();
        assert_eq!(check(&silent, &persona()).score, Score::from_percent(60));
    }
}
