//! `console.keys` of `chimera.yaml`: the operator's own keys, by context and action.
//!
//! Which contexts, actions and keys there are, and what clashes, the console knows; here its answer gets a line.

use chimera_domain::Safe;
use chimera_ui::{KeyChange, KeyPart, KeyProblem, Keymap};

use super::{
    problem::{Log, Place, nearest},
    raw::Node,
    section::{Section, items, parsed},
};

/// Longer names are no key.
const NAME_COLUMNS: usize = 40;

/// Where the parts of a change stand.
struct Stands {
    context: Place,
    action: Place,
    keys: Vec<Place>,
}

/// Reads the group; with anything wrong in it the usual keys are given back, and the log has it.
pub(super) fn read(section: &Section<'_>, log: &mut Log) -> Keymap {
    let mut changes = Vec::new();
    let mut stands = Vec::new();
    for group in section.entries() {
        let path = section.path(&group.key);
        let Some(actions) = Section::of(&group.value, &path, log) else {
            continue;
        };
        for entry in actions.entries() {
            let path = actions.path(&entry.key);
            let Some(nodes) = items(&entry.value, &path, log) else {
                continue;
            };
            let (places, keys) = names(nodes, &path, log);
            changes.push(KeyChange {
                context: short(&group.key),
                action: short(&entry.key),
                keys,
            });
            stands.push(Stands {
                context: group.at,
                action: entry.at,
                keys: places,
            });
        }
    }
    Keymap::with(&changes).unwrap_or_else(|problems| {
        tell(&problems, &changes, &stands, log);
        Keymap::default()
    })
}

fn names(nodes: &[Node], path: &str, log: &mut Log) -> (Vec<Place>, Vec<String>) {
    let named = |node: &Node, log: &mut Log| {
        let name = parsed(node, path, log, |text| Ok(short(text)))?;
        Some((node.at, name))
    };
    nodes.iter().filter_map(|node| named(node, log)).unzip()
}

/// What a file says, as it may stand in a message.
fn short(text: &str) -> String {
    Safe::line(text).cut(NAME_COLUMNS).to_string()
}

fn tell(problems: &[KeyProblem], changes: &[KeyChange], stands: &[Stands], log: &mut Log) {
    let mut told = Vec::new();
    for problem in problems {
        let Some((change, stand)) = changes.get(problem.change).zip(stands.get(problem.change))
        else {
            continue;
        };
        let (at, given) = match problem.part {
            KeyPart::Context => (stand.context, &change.context),
            KeyPart::Action | KeyPart::Keys => (stand.action, &change.action),
            KeyPart::Key(n) => (
                stand.keys.get(n).copied().unwrap_or(stand.action),
                &change.action,
            ),
        };
        let hint = match meant(given, &problem.known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => problem.hint.clone(),
        };
        // A context nobody knows is wrong once, however many actions stand below it.
        if !told.contains(&(at, &problem.message)) {
            told.push((at, &problem.message));
            log.problem(at, problem.message.clone(), hint);
        }
    }
}

/// The known name that was meant. Names of actions have hyphens where other keys have underscores.
fn meant<'k>(given: &str, known: &'k [String]) -> Option<&'k str> {
    let plain: Vec<String> = known.iter().map(|word| word.replace('-', "_")).collect();
    let near = nearest(given, plain.iter().map(String::as_str))?;
    let at = plain.iter().position(|word| word == near)?;
    known.get(at).map(String::as_str)
}
