//! The pictures of a ticket, one after the other, when they are asked for.

use chimera_domain::{
    ContentHash,
    views::{MediaRow, Severity},
};

use crate::{
    event::{Answer, Request},
    graphics::Room,
    model::{
        Model,
        overlay::{Overlay, Shown},
    },
    picture::Picture,
    view,
};

/// Shows the first picture, or the one after that on screen.
pub(super) fn next(model: &mut Model, out: &mut Vec<Request>) {
    let at = match &model.overlay {
        Some(Overlay::Picture(shown)) => shown.place.0 + 1,
        None => 0,
        // Another sheet is not left for a picture.
        Some(_) => return,
    };
    let Some(card) = &model.review.card else {
        return;
    };
    let media = card.post().map_or(&[][..], |post| post.media.as_slice());
    if media.is_empty() {
        model.say(Severity::Info, "no picture goes out with it");
        return;
    }
    if model.settings.low_bandwidth {
        let told = "no pictures on a slow line; the card has the words for each";
        model.say(Severity::Info, told);
        return;
    }
    // Each with what it is held against beside it.
    let all: Vec<(&MediaRow, bool)> = media
        .iter()
        .flat_map(|media| {
            let reference = media.reference.as_deref().map(|one| (one, true));
            std::iter::once((media, false)).chain(reference)
        })
        .collect();
    let of = all.len();
    let Some((media, is_reference)) = all.get(at % of).map(|(media, is)| ((*media).clone(), *is))
    else {
        return;
    };
    let (columns, rows) = view::picture_size(model.size);
    let by = model.settings.pictures_applied();
    let room = Room { columns, rows, by };
    out.push(Request::Picture(media.sha256, room));
    model.overlay = Some(Overlay::Picture(Shown {
        media,
        is_reference,
        place: (at % of, of),
        picture: None,
        frame: 0,
    }));
}

pub(super) fn read(model: &mut Model, sha256: ContentHash, answer: Answer<Picture>) {
    if let Some(Overlay::Picture(shown)) = &mut model.overlay
        && shown.media.sha256 == sha256
    {
        shown.picture = Some(answer);
    }
}
