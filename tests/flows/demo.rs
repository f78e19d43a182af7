//! The demo shows the whole walk by itself.

use crate::support::Home;

// R146, R7: one command shows trend, plan, text, picture, ticket, approval, post and ledger, and says that nothing is real.
#[test]
fn r146_the_demo_shows_the_whole_walk_and_says_that_it_is_simulated() {
    let home = Home::new();
    let ran = home.run(&["demo"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let steps = [
        "SIMULATED",
        "planned",
        "research",
        "text",
        "image",
        "ticket",
        "approved   by demo-script",
        "published  SIMULATED",
        "engagement SIMULATED",
        "The ledger holds",
    ];
    for step in steps {
        assert!(ran.stdout.contains(step), "no `{step}` in:\n{}", ran.stdout);
    }
    assert_eq!(home.run(&["store", "verify"]).code, 0);
    assert!(!home.journal().is_empty());
}
