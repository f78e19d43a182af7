//! Another text for a post: writing it, looking at what it changes, letting it out.

use chimera_domain::{Safe, ticket::Choice, views::Severity};

use super::{keys::Press, proposal, review};
use crate::{
    event::{Answer, Request},
    keymap::Action,
    model::{
        Model,
        overlay::{Overlay, Typed, Written},
        writing::Writing,
    },
    view,
};

pub(super) fn begin(model: &mut Model, press: Press) {
    let Some(key) = review::admitted(model, Action::Edit, press) else {
        return;
    };
    let Some(card) = &model.review.card else {
        return;
    };
    let Some(post) = card.post() else {
        return;
    };
    let before = card.text.clone();
    // What was stopped before is gone on with.
    let from = post.edited.as_ref().unwrap_or(&before);
    let writing = Writing::of(from.as_str());
    model.overlay = Some(Overlay::Write {
        card: key,
        before,
        writing,
        leaving: false,
    });
}

/// A key while a text is written; `false` where none is.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "of all that a key can do few things are done to a text"
)]
pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Request>) -> bool {
    let columns = view::writing_columns(model.size);
    let Some((writing, leaving)) = model.overlay.as_mut().and_then(Overlay::writing) else {
        return false;
    };
    if !matches!(action, Action::Back | Action::Interrupt) {
        *leaving = false;
    }
    match action {
        Action::NewLine => writing.push("\n"),
        Action::Left => writing.left(),
        Action::Right => writing.right(),
        Action::Up => writing.climb(-1, columns),
        Action::Down => writing.climb(1, columns),
        Action::LineStart => writing.line_start(),
        Action::LineEnd => writing.line_end(),
        Action::Rubout => writing.rubout(),
        Action::Delete => writing.delete(),
        Action::RuboutWord => writing.rubout_word(),
        Action::RuboutLine => writing.rubout_line(),
        Action::Ready if matches!(model.overlay, Some(Overlay::Goal { .. })) => {
            proposal::compose(model, out);
        }
        Action::Ready => ready(model),
        Action::Editor => editor(model, out),
        Action::Back => drop_it(model),
        _ => return false,
    }
    true
}

fn drop_it(model: &mut Model) {
    let before = match &model.overlay {
        Some(Overlay::Write { before, .. }) => before.to_string(),
        Some(_) | None => String::new(),
    };
    if let Some((writing, leaving)) = model.overlay.as_mut().and_then(Overlay::writing)
        && writing.text() != before
        && !*leaving
    {
        *leaving = true;
        model.say(Severity::Warning, "Esc again drops what you wrote");
        return;
    }
    model.overlay = None;
    model.say(Severity::Info, "nothing was changed");
}

fn ready(model: &mut Model) {
    let Some(Overlay::Write {
        card,
        before,
        writing,
        ..
    }) = model.overlay.take()
    else {
        return;
    };
    let same = writing.text() == before.as_str();
    if same || writing.text().trim().is_empty() {
        let why = if same {
            let approve = model.key(Action::Approve);
            format!("nothing is changed yet; Esc leaves, and {approve} approves it as it is")
        } else {
            let reject = model.key(Action::Reject);
            format!("a post must say something; {reject} rejects it")
        };
        model.say(Severity::Warning, &why);
        model.overlay = Some(Overlay::Write {
            card,
            before,
            writing,
            leaving: false,
        });
        return;
    }
    model.overlay = Some(Overlay::Written(Written {
        card,
        before,
        writing,
        word: review::word_due(model),
        typed: Typed::default(),
    }));
}

/// Enter over what the text changes.
pub(super) fn let_out(model: &mut Model, written: Written, press: Press, out: &mut Vec<Request>) {
    if model.review.guard.same_read(press.read) || !press.alone {
        model.say(Severity::Info, "ignored: it came together with other keys");
        model.overlay = Some(Overlay::Written(written));
        return;
    }
    if let Some((word, _)) = &written.word
        && written.typed.text() != word
    {
        model.say(
            Severity::Warning,
            &format!("not approved: type `{word}`, or Esc to cancel"),
        );
        model.overlay = Some(Overlay::Written(Written {
            typed: Typed::default(),
            ..written
        }));
        return;
    }
    let text = written.writing.text().to_owned();
    review::send(model, written.card, Choice::Edit { text }, out);
}

fn editor(model: &mut Model, out: &mut Vec<Request>) {
    if let Some((writing, _)) = model.overlay.as_mut().and_then(Overlay::writing) {
        out.push(Request::Editor(writing.text().to_owned()));
    }
}

/// The editor ended, with the text or without.
pub(super) fn edited(model: &mut Model, answer: Answer<String>) {
    match answer {
        Ok(text) => {
            if let Some((writing, _)) = model.overlay.as_mut().and_then(Overlay::writing) {
                *writing = Writing::of(text.trim_end_matches('\n'));
            }
        }
        Err(why) => model.say(
            Severity::Warning,
            &format!("your text is as it was: {}", Safe::line(why.as_str())),
        ),
    }
    model.redraw = true;
}
