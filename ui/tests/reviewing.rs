//! What a reviewer can do beside approving and refusing: write, ask for changes, escalate, put off, give away.

use chimera_domain::{
    Outcome, Safe, Span, StateVersion,
    ticket::{Choice, Decide, Decided, TicketState},
};

use super::Rig;
use crate::{
    event::{Done, Event, Request, Size},
    fake,
    graphics::Drawn,
    model::overlay::Overlay,
    settings::{Pictures, Protocol},
    view,
};

fn decisions(rig: &mut Rig) -> Vec<Choice> {
    let mut all = Vec::new();
    for request in rig.orders() {
        if let Request::Decide(decide) = request {
            all.push(decide.choice);
        }
    }
    all
}

/// Presses keys one after the other, as a person does.
fn press(rig: &mut Rig, keys: &str) {
    for key in keys.split(' ') {
        rig.press(key);
    }
}

/// The store did what was asked for.
fn done(rig: &mut Rig, n: u128, choice: Choice, decided: Decided) {
    let card = rig.card(n).clone();
    let decide = Decide {
        ticket_id: card.row.id,
        version: card.row.version,
        content_hash: card.content_hash,
        choice,
        actor: "op@test:tty".into(),
    };
    let version = card.row.version.next();
    let answer = Ok(Outcome::Done(decided, version));
    rig.event(Event::Done(Done::Decided(decide, answer)));
    rig.serve();
}

// R66: what is written is sent as it is on screen, after it was shown what it changes.
#[test]
fn r66_an_edit_shows_what_it_changes_and_is_sent_whole() {
    let mut rig = Rig::ready();
    press(&mut rig, "e Ctrl-W n e w Ctrl-D");
    assert!(decisions(&mut rig).is_empty());
    let text = match &rig.model.overlay {
        Some(Overlay::Written(written)) => written.writing.text().to_owned(),
        other => panic!("{other:?}"),
    };
    assert!(text.ends_with("new"), "{text}");
    assert!(rig.picture().contains("{+new+}"), "{}", rig.picture());
    rig.wait(500);
    rig.press("Enter");
    assert_eq!(decisions(&mut rig), [Choice::Edit { text }]);
}

// R66: an edit that changes nothing, or says nothing, is not let out; Esc drops what was changed only twice.
#[test]
fn r66_an_edit_is_not_dropped_or_let_out_by_accident() {
    let mut rig = Rig::ready();
    press(&mut rig, "e Ctrl-D");
    assert!(rig.message().contains("nothing is changed yet"));
    assert!(matches!(rig.model.overlay, Some(Overlay::Write { .. })));
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);
    press(&mut rig, "e x Esc");
    assert!(rig.message().contains("Esc again"));
    assert!(matches!(rig.model.overlay, Some(Overlay::Write { .. })));
    press(&mut rig, "y Esc Esc");
    assert_eq!(rig.model.overlay, None);
    assert!(decisions(&mut rig).is_empty());
}

// R66, checklist 7: a paste is text where text is written, and its end approves nothing.
#[test]
fn r66_a_paste_into_an_edit_is_text() {
    let mut rig = Rig::ready();
    rig.press("e");
    rig.event(Event::Paste("a\nr\u{1b}[2J".into()));
    match &rig.model.overlay {
        Some(Overlay::Write { writing, .. }) => assert!(writing.text().ends_with("a\nr␛[2J")),
        other => panic!("{other:?}"),
    }
    rig.press("Ctrl-D");
    rig.press_in_same_read("Enter");
    assert!(decisions(&mut rig).is_empty());
}

// R66, R73: an edit of what is not routine asks for the word, as its approval does.
#[test]
fn r73_an_edit_that_is_not_routine_needs_its_word() {
    let mut rig = Rig::ready();
    let selected = rig.model.queue.selected.unwrap();
    let card = rig.world.cards.iter_mut().find(|c| c.row.id == selected);
    let card = card.unwrap();
    (card.row.simulated, fake::post_of(card).send_cost) = (false, None);
    rig.reread();
    rig.paint();
    rig.wait(2_000);
    press(&mut rig, "e x Ctrl-D");
    rig.wait(500);
    rig.press("Enter");
    assert!(decisions(&mut rig).is_empty());
    assert!(rig.message().contains("not approved"), "{}", rig.message());
    let id = selected.to_string();
    rig.type_text(&id[id.len() - 4..]);
    rig.press("Enter");
    assert_eq!(decisions(&mut rig).len(), 1);
}

// R66: changes need words; escalating does not; whose it is may be nobody's.
#[test]
fn r66_what_is_said_becomes_the_verb() {
    let mut rig = Rig::ready();
    press(&mut rig, "c Enter");
    assert!(decisions(&mut rig).is_empty());
    rig.wait(2_000);
    press(&mut rig, "c s h o r t");
    rig.press("Enter");
    let notes = "short".to_owned();
    assert_eq!(decisions(&mut rig), [Choice::RequestChanges { notes }]);

    let mut rig = Rig::ready();
    press(&mut rig, "x Enter");
    let note = String::new();
    assert_eq!(decisions(&mut rig), [Choice::Escalate { note }]);

    let mut rig = Rig::ready();
    press(&mut rig, "m s a m Enter");
    assert_eq!(decisions(&mut rig), [Choice::Assign { to: "sam".into() }]);
}

// R66, R71: a snooze offers moments before the deadline only, and none where it is too near.
#[test]
fn r66_a_snooze_never_passes_the_deadline() {
    let mut rig = Rig::ready();
    rig.press("w");
    let (last, sla_at) = match &rig.model.overlay {
        Some(Overlay::Later { items, .. }) => (
            items.iter().map(|i| i.at).max().unwrap(),
            rig.model.review.card.as_ref().unwrap().row.sla_at,
        ),
        other => panic!("{other:?}"),
    };
    assert!(last < sla_at);
    rig.press("Enter");
    let asked = decisions(&mut rig);
    assert!(matches!(asked[..], [Choice::Snooze { until }] if until < sla_at));

    let mut rig = Rig::ready();
    let selected = rig.model.queue.selected.unwrap();
    let now = rig.model.now;
    for card in &mut rig.world.cards {
        if card.row.id == selected {
            card.row.sla_at = now.plus(Span::from_mins(5));
        }
    }
    rig.reread();
    rig.paint();
    rig.wait(2_000);
    rig.press("w");
    assert_eq!(rig.model.overlay, None);
    assert!(rig.message().contains("too near"), "{}", rig.message());
}

// R66, R183: what was written is followed like any approval, and can be taken back; what is put off is not.
#[test]
fn r66_only_an_answer_is_followed() {
    let mut rig = Rig::ready();
    let content_hash = rig.card(1).content_hash;
    let edit = Choice::Edit { text: "x".into() };
    done(&mut rig, 1, edit, Decided::Edited { content_hash });
    assert_eq!(rig.model.undoable().len(), 1);
    assert!(rig.message().contains("as you wrote it"));
    let note = Choice::Escalate { note: "?".into() };
    done(&mut rig, 2, note, Decided::Escalated);
    assert_eq!(rig.model.undoable().len(), 1);
    assert!(rig.message().contains("escalated"));
}

// R66: what was written and did not get through is told, wherever the reviewer is by then.
#[test]
fn r66_what_was_stopped_is_told() {
    let mut rig = Rig::ready();
    let content_hash = rig.card(1).content_hash;
    let edit = Choice::Edit { text: "x".into() };
    let mut card = rig.card(1).clone();
    done(&mut rig, 1, edit, Decided::Edited { content_hash });
    card.row.version = card.row.version.next().next();
    card.note = Safe::line("what you wrote was stopped: the label is missing");
    let loaded = crate::event::Loaded::Card(card.row.id, Ok(Some(card)));
    rig.event(Event::Loaded(loaded));
    assert!(rig.message().contains("was stopped"), "{}", rig.message());
    assert!(rig.model.undoable().is_empty());
}

// R181: the keys are inert until the card was on screen, as for approving.
#[test]
fn r181_every_deciding_key_waits_for_the_card() {
    for key in ["e", "c", "x", "w", "m"] {
        let mut rig = Rig::new(120, 40, fake::normal(Rig::ready().model.now, None));
        rig.press(key);
        assert_eq!(rig.model.overlay, None, "{key}");
        assert!(
            rig.message().contains("ignored"),
            "{key}: {}",
            rig.message()
        );
    }
}

// R66: a ticket that came back says what stopped it, and the text is there to be gone on with.
#[test]
fn r66_what_was_stopped_says_so_and_is_gone_on_with() {
    let mut rig = Rig::ready();
    let selected = rig.model.queue.selected.unwrap();
    for card in &mut rig.world.cards {
        if card.row.id == selected {
            fake::post_of(card).edited = Some(Safe::block("my text"));
            card.note = Safe::line("what you wrote was stopped: blocked: the label is missing");
            card.row.version = StateVersion::new(3).unwrap();
            card.row.state = TicketState::Open;
        }
    }
    rig.reread();
    assert!(rig.says("what you wrote was stopped"));
    rig.paint();
    rig.wait(2_000);
    rig.press("e");
    match &rig.model.overlay {
        Some(Overlay::Write { writing, .. }) => assert_eq!(writing.text(), "my text"),
        other => panic!("{other:?}"),
    }
}

/// A queue whose first tickets say nearly the same, each as long as the first.
pub(super) fn alike(rig: &mut Rig) {
    let selected = rig.model.queue.selected.unwrap();
    let first = rig.world.cards.iter().find(|c| c.row.id == selected);
    let (account, channel) = first
        .map(|c| (c.row.account.clone(), c.row.channel.clone()))
        .unwrap();
    for (n, card) in rig.world.cards.iter_mut().enumerate() {
        let text = match n {
            4 => "Tomatoes again, and nothing of barrels in it at all".to_owned(),
            n => format!("Rain barrels, ranked by how much they hold: {} l", 200 + n),
        };
        card.text = Safe::block(&text);
        card.row.text = Safe::line(&text);
        fake::post_of(card).sensitive.clear();
        card.row.reasons = vec![Safe::line("confidence 0.79")];
        card.row.account = account.clone();
        card.row.channel = channel.clone();
    }
    rig.reread();
    rig.paint();
    rig.wait(2_000);
}

// R184, R74: the others show what they change, what is not like them stays out, and the number that was shown
// approves each by its own version and content.
#[test]
fn r184_several_are_approved_by_their_number() {
    let mut rig = Rig::ready();
    alike(&mut rig);
    rig.press("b");
    rig.serve();
    let picture = rig.picture();
    assert!(picture.contains("[-200-] {+201+}"), "{picture}");
    assert!(picture.contains("approve these 4"), "{picture}");
    rig.wait(500);
    rig.press("3");
    rig.press("Enter");
    assert!(rig.message().contains("type 4"), "{}", rig.message());
    rig.wait(500);
    rig.press("4");
    rig.press("Enter");
    let mut sent = Vec::new();
    for request in rig.orders() {
        if let Request::DecideAll(decides) = request {
            sent = decides;
        }
    }
    assert_eq!(sent.len(), 4);
    for decide in &sent {
        let card = rig
            .world
            .cards
            .iter()
            .find(|c| c.row.id == decide.ticket_id);
        let card = card.unwrap();
        assert_eq!(
            (decide.version, decide.content_hash, &decide.choice),
            (card.row.version, card.content_hash, &Choice::Approve)
        );
    }
    // One dropped out meanwhile, and who was faster is told.
    let outcomes = sent.iter().enumerate().map(|(n, decide)| match n {
        2 => Outcome::Conflict(chimera_domain::Conflict {
            actual: decide.version.next(),
            now: "rejected".into(),
            by: Some("sam@desk".into()),
            at: None,
        }),
        n => Outcome::Done(
            Decided::Held {
                effect_id: chimera_domain::ids::EffectId::from_uuid(
                    chimera_domain::testing::uuid_of(n as u128),
                ),
                until: rig.model.now.plus(Span::from_secs(10)),
            },
            decide.version.next(),
        ),
    });
    let outcomes = outcomes.collect();
    rig.event(Event::Done(Done::DecidedAll(sent, Ok(outcomes))));
    assert!(rig.message().contains("3 approved"), "{}", rig.message());
    assert!(rig.message().contains("sam@desk"), "{}", rig.message());
    assert_eq!(rig.model.undoable().len(), 3);
}

// R184: what is sensitive is never one of several, be it the specimen or another; what moved meanwhile is out.
#[test]
fn r184_what_needs_a_look_of_its_own_is_left_out() {
    let mut rig = Rig::sensitive();
    rig.press("b");
    assert_eq!(rig.model.overlay, None);
    assert!(rig.message().contains("alone"), "{}", rig.message());
    let mut rig = Rig::ready();
    alike(&mut rig);
    fake::post_of(&mut rig.world.cards[1]).sensitive = vec![fake::politics(str::to_owned)];
    rig.world.cards[2].row.state = TicketState::Superseded;
    rig.press("b");
    rig.serve();
    let picture = rig.picture();
    assert!(picture.contains("a sensitive topic"), "{picture}");
    assert!(picture.contains("decided meanwhile"), "{picture}");
    assert!(picture.contains("approve these 2"), "{picture}");
}

// R79: after a few decisions the queue says when it is clear and what is late by then.
#[test]
fn r79_the_queue_says_when_it_is_clear() {
    let mut rig = Rig::ready();
    assert!(!rig.picture().contains("clear "));
    for n in 0..4 {
        rig.wait(60_000);
        let note = "not now".into();
        let class = chimera_domain::ticket::RejectClass::Timing;
        done(
            &mut rig,
            n,
            Choice::Reject { class, note },
            Decided::Rejected,
        );
    }
    assert!(
        rig.picture().contains("5 waiting, clear 12:09 "),
        "{}",
        rig.picture()
    );
}

// R80: a picture is read when it is asked for, off the draw path, and shown with what it shows in words; where it
// cannot be shown it says why, and nothing of it ever stands in another sheet.
#[test]
fn r80_pictures_are_shown_on_request() {
    let mut rig = Rig::ready();
    rig.press("V");
    let asked = rig.orders();
    let sha256 = match &asked[..] {
        [Request::Picture(sha256, room)] if room.columns > 20 && room.rows > 5 => *sha256,
        other => panic!("{other:?}"),
    };
    assert!(rig.picture().contains("reading…"));
    let frame = crate::picture::Frame::Cells(vec![vec![([250, 10, 10], [10, 10, 250]); 6]; 2]);
    let picture = crate::picture::Picture {
        frames: vec![frame.clone(), frame],
        of: 40,
    };
    let loaded = crate::event::Loaded::Picture(sha256, Ok(picture));
    rig.event(Event::Loaded(loaded));
    let drawn = rig.picture();
    assert!(drawn.contains("▀▀▀▀▀▀"), "{drawn}");
    assert!(drawn.contains("frame 1 of 2, out of 40"), "{drawn}");
    assert!(drawn.contains("headline in large letters"), "{drawn}");
    rig.press("j");
    assert!(rig.picture().contains("frame 2 of 2"));
    let footer = rig.picture();
    assert!(
        footer.contains("V next picture") && !footer.contains("choose"),
        "{footer}"
    );
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);

    rig.model.theme.no_color = true;
    rig.press("V");
    let why = Err(Safe::line("this image/webp cannot be shown here"));
    rig.event(Event::Loaded(crate::event::Loaded::Picture(sha256, why)));
    assert!(rig.picture().contains("cannot be shown here"));
    rig.press("Esc");
    rig.press("!");
    rig.press("V");
    assert!(matches!(rig.model.overlay, Some(Overlay::Emergency { .. })));
}

// R80: pixels are asked for where the settings say so, lie inside of the sheet they were made for at any size, and
// through tmux there are blocks.
#[test]
fn r80_pixels_lie_where_the_sheet_left_room() {
    let drawn = Drawn {
        bytes: b"\x1bPq\x1b\\".to_vec(),
        columns: 30,
        rows: 5,
    };
    for (columns, rows) in [(120, 40), (80, 24), (40, 12), (20, 6), (3, 2), (1, 1)] {
        let mut rig = Rig::ready();
        rig.model.settings.pictures = Pictures::Pixels(Protocol::Sixel);
        rig.press("V");
        let asked = rig.orders();
        let [Request::Picture(sha256, room)] = &asked[..] else {
            panic!("{asked:?}");
        };
        assert_eq!(room.by, Pictures::Pixels(Protocol::Sixel));
        assert!(view::graphic(&rig.model).is_none());
        let picture = crate::picture::Picture {
            frames: vec![crate::picture::Frame::Drawn(drawn.clone())],
            of: 1,
        };
        let loaded = crate::event::Loaded::Picture(*sha256, Ok(picture));
        rig.event(Event::Loaded(loaded));
        rig.event(Event::Resize(Size::new(columns, rows)));
        let shown = rig.picture();
        let Some(graphic) = view::graphic(&rig.model) else {
            assert!(columns < 40, "{shown}");
            continue;
        };
        let (x, y) = (usize::from(graphic.at.0), usize::from(graphic.at.1));
        assert!(x + drawn.columns <= usize::from(columns));
        for line in shown.lines().skip(y).take(drawn.rows) {
            let signs: Vec<char> = line.trim_matches('"').chars().collect();
            let under = &signs[x..x + drawn.columns];
            assert!(under.iter().all(|sign| *sign == ' '), "{shown}");
        }
        rig.press("Esc");
        assert!(view::graphic(&rig.model).is_none());
    }
    let mut rig = Rig::ready();
    rig.model.settings.pictures = Pictures::Pixels(Protocol::Kitty);
    rig.model.settings.term = "tmux-256color".into();
    rig.press("V");
    let asked = rig.orders();
    assert!(matches!(&asked[..], [Request::Picture(_, room)] if room.by == Pictures::Blocks));
}

// R69: others are told once that a ticket is on screen here, and again while somebody is there; not when nobody
// presses a key. Who else has it open is on the card.
#[test]
fn r69_others_are_told_what_is_looked_at() {
    let looks = |rig: &mut Rig| {
        rig.serve();
        std::mem::take(&mut rig.looks)
    };
    let mut rig = Rig::new(120, 40, fake::normal(Rig::ready().model.now, None));
    rig.paint();
    rig.wait(1_500);
    assert_eq!(looks(&mut rig), 0);
    rig.wait(600);
    assert_eq!(looks(&mut rig), 1);
    rig.wait(30_000);
    assert_eq!(looks(&mut rig), 0);
    rig.press("J");
    rig.wait(40_000);
    assert_eq!(looks(&mut rig), 1);
    rig.wait(65_000);
    assert_eq!(looks(&mut rig), 1);
    rig.wait(300_000);
    assert_eq!(looks(&mut rig), 0);
    let selected = rig.model.queue.selected.unwrap();
    for card in &mut rig.world.cards {
        if card.row.id == selected {
            card.looked_at_by = Some(Safe::line("sam@desk:tty1"));
        }
    }
    rig.reread();
    assert!(rig.says("sam@desk:tty1 has it on screen, too"));
}

// R193: the screen is left as it is until the card of the next ticket comes, and no longer than its time.
#[test]
fn r193_the_card_before_is_not_cleared_away_first() {
    let mut rig = Rig::ready();
    assert_eq!(rig.model.review.awaited_until(), Span::ZERO);
    rig.press("n");
    assert!(rig.model.review.card.is_none());
    assert!(rig.model.review.awaited_until() > rig.mono);
    rig.serve();
    assert!(rig.model.review.card.is_some());
    assert_eq!(rig.model.review.awaited_until(), Span::ZERO);
    rig.press("p");
    rig.mono = Span::from_micros(rig.mono.micros() + 60_000);
    assert!(rig.model.review.awaited_until() < rig.mono);
}

// R193: ages change with the clock, all at once: between two minutes nothing is drawn for them.
#[test]
fn r193_ages_change_at_the_full_minute() {
    let mut rig = Rig::ready();
    let told = |rig: &Rig, before: u64| {
        let at = rig.model.now.minus(Span::from_millis(before));
        rig.model.age(at)
    };
    let now = rig.model.now.micros();
    let into = u64::try_from(now.rem_euclid(60_000_000)).unwrap();
    rig.wait((60_000_000 - into) / 1_000 + 1);
    // Perceived in the last second of the minute before the last.
    assert_eq!(told(&rig, 60_500), "2m");
    let at = rig.model.now.minus(Span::from_millis(60_500));
    rig.wait(58_000);
    assert_eq!(rig.model.age(at), "2m");
    rig.wait(2_000);
    assert_eq!(rig.model.age(at), "3m");
    // What is left is never told longer than it is, to the end of the minute.
    let due = rig.model.now.plus(Span::from_millis(305_000));
    assert_eq!(rig.model.until(due), "4m");
    rig.wait(59_000);
    assert_eq!(rig.model.until(due), "4m");
    rig.wait(1_000);
    assert_eq!(rig.model.until(due), "3m");
}
