//! The pictures of a ticket, one after the other, when they are asked for.

use chimera_domain::{ContentHash, views::Severity};

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
    if card.media.is_empty() {
        model.say(Severity::Info, "no picture goes out with it");
        return;
    }
    if model.settings.low_bandwidth {
        let told = "no pictures on a slow line; the card has the words for each";
        model.say(Severity::Info, told);
        return;
    }
    let of = card.media.len();
    let Some(media) = card.media.get(at % of).cloned() else {
        return;
    };
    let (columns, rows) = view::picture_size(model.size);
    let by = model.settings.pictures_applied();
    let room = Room { columns, rows, by };
    out.push(Request::Picture(media.sha256, room));
    model.overlay = Some(Overlay::Picture(Shown {
        media,
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
