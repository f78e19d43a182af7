//! What the card says of the language models that had a hand in a post.

use chimera_domain::Safe;
use ratatui::layout::Size;

use super::Rig;
use crate::event::Event;

// R64: the card says which model wrote and which one read it, by which prompt, and what the reader thought, and in whose
// place it was written.
#[test]
fn r64_the_card_names_the_models() {
    let mut rig = Rig::ready();
    let card = rig.card(0);
    crate::fake::post_of(card).sensitive.clear();
    card.row.reasons = vec![
        Safe::line("confidence 0.89 is between 0.70 and 0.90"),
        Safe::line("it stands in for flash: models/flash was not reached: connection refused"),
    ];
    crate::fake::post_of(card).models = vec![
        Safe::line("written by llama3.2, write/1"),
        Safe::line("read by claude-sonnet-5, read/1: persona 0.92, factual 0.71, safety 0.99"),
    ];
    crate::fake::post_of(card).redacted = vec![Safe::line(
        "an e-mail address in the summary: … is back. Ask [e-mail address] for more.",
    )];
    rig.reread();
    rig.event(Event::Resize(Size::new(120, 50)));
    rig.press("3");
    rig.paint();
    assert!(rig.says("written by llama3.2, write/1"));
    assert!(rig.says("persona 0.92, factual"));
    let redacted = "an e-mail address in the summary: … is back. Ask [e-mail address]";
    rig.event(Event::Resize(Size::new(200, 90)));
    rig.paint();
    assert!(rig.says(redacted));
    rig.event(Event::Resize(Size::new(120, 50)));
    rig.paint();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("120x50_card_with_models", rig.picture());
    });
}
