//! What the console says does the same on the command line is there.

use chimera::cli::Cli;
use clap::{Command, CommandFactory};

/// Whether the verbs and flags of a line are in the tree; words in capitals are filled in by a person.
fn is_known(tree: &Command, line: &str) -> bool {
    let mut at = tree;
    line.split(' ').all(|word| match word.strip_prefix("--") {
        Some(flag) => at
            .get_arguments()
            .any(|known| known.get_long() == Some(flag)),
        None if word.chars().all(char::is_uppercase) => at
            .get_arguments()
            .any(|known| known.get_num_args().is_none_or(|n| n.takes_values())),
        None => match at.find_subcommand(word) {
            Some(verb) => {
                at = verb;
                true
            }
            None => false,
        },
    })
}

// R142: every action that names a command names one that there is, with its flags.
#[test]
fn r142_every_twin_of_an_action_is_a_command() {
    let mut tree = Cli::command();
    tree.build();
    let wrong: Vec<(String, &str)> = chimera_ui::twins()
        .filter(|(_, line)| !is_known(&tree, line))
        .collect();
    assert_eq!(wrong, []);
    assert!(chimera_ui::twins().count() > 10);
    assert!(!is_known(&tree, "review approv TICKET"));
    assert!(!is_known(&tree, "effect withdraw PUBLICATION --by-hands"));
}
