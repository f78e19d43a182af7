//! Whatever is wrong outside: a clear message that names it, a defined exit code, nothing lost.

use std::process::Command;

use crate::support::{Home, until};

/// A home as the first start makes it.
fn prepared() -> Home {
    let home = Home::new();
    let listed = home.run(&["mcp", "list"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    home
}

fn refused(home: &Home, code: i32, words: &[&str]) {
    let ran = home.run(&["--daemon"]);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no `{word}` in: {}", ran.stderr);
    }
}

// R151: what is wrong in a configuration file is named with file and line, and the daemon does not start on it.
#[test]
fn r151_wrong_configuration_names_file_and_line() {
    let home = prepared();
    let chimera = std::fs::read_to_string(home.path().join("chimera.yaml")).unwrap();
    let budget = std::fs::read_to_string(home.path().join("budget.yaml")).unwrap();
    home.write("chimera.yaml", "zone: UTC\nfeedz: []\n");
    refused(&home, 2, &["chimera.yaml:2", "feedz"]);
    home.write("chimera.yaml", "swarm:\n  workers: many\n");
    refused(&home, 2, &["chimera.yaml:2", "workers"]);
    home.write("chimera.yaml", &chimera);
    home.write("budget.yaml", "caps:\n  agent_day_usd: 1e3\n");
    refused(&home, 2, &["budget.yaml:2"]);
    home.write("budget.yaml", &budget);
    let soul = home.path().join("personas/fae/SOUL.md");
    let text = std::fs::read_to_string(&soul).unwrap();
    std::fs::write(&soul, "---\nname: [unclosed\n---\n").unwrap();
    refused(&home, 2, &["personas/fae/SOUL.md:"]);
    std::fs::write(&soul, text).unwrap();
    assert_eq!(home.run(&["config", "check"]).code, 0);
}

// R152: a file that is no database, a damaged one and a newer one are refused by name and left as they are.
#[test]
fn r152_a_database_that_cannot_be_used_is_refused_and_left_alone() {
    let home = prepared();
    let database = home.path().join("chimera.db");
    std::fs::write(
        &database,
        "this is no database, it is a letter\n".repeat(200),
    )
    .unwrap();
    let before = std::fs::read(&database).unwrap();
    refused(&home, 6, &["chimera.db"]);
    assert_eq!(home.run(&["status"]).code, 6);
    assert_eq!(std::fs::read(&database).unwrap(), before);
}

// R152: without room on the disk writes fail loudly and later starts find everything that was confirmed.
#[test]
fn r152_a_full_disk_loses_nothing_that_was_confirmed() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    until("a ticket", || home.tickets().into_iter().next());
    daemon.signal("TERM");
    assert!(daemon.wait().success());
    let waiting = home.tickets().len();
    // No file of this process may grow beyond 36 KiB: room for the shared index of the log, not for
    // a decision in it.
    let script = format!(
        "trap '' XFSZ; ulimit -f 36; exec {} review reject {} --home {}",
        env!("CARGO_BIN_EXE_chimera"),
        home.tickets()[0]["ticket_id"].as_str().unwrap(),
        home.path().display()
    );
    let ran = crate::support::Ran::of(Command::new("bash").args(["-c", &script]).output().unwrap());
    assert_eq!(ran.code, 6, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(home.tickets().len(), waiting);
    assert_eq!(home.run(&["store", "verify"]).code, 0);
    assert_eq!(
        home.run(&[
            "review",
            "reject",
            home.tickets()[0]["ticket_id"].as_str().unwrap()
        ])
        .code,
        0
    );
}

// A console without a terminal says in one sentence what to do instead.
#[test]
fn no_terminal_is_one_sentence_and_an_exit_code() {
    let home = Home::new();
    let ran = home.run(&[]);
    assert_eq!(ran.code, 7);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("--daemon"), "{}", ran.stderr);
}

// R41: a server that dies at its start is named, and the others work on.
#[test]
fn r41_a_dead_server_is_named_and_the_others_work_on() {
    let home = prepared();
    let path = home.path().join("chimera.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\nservers: {}\n"));
    home.write(
        "chimera.yaml",
        &text.replace(
            "\nservers: {}\n",
            "\nservers:\n  mastodon:\n    stdio: {command: /bin/false}\n",
        ),
    );
    let ran = home.run(&["mcp", "list"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("mastodon"), "{}", ran.stderr);
    assert!(ran.stdout.contains("post_content"), "{}", ran.stdout);
    let _daemon = home.daemon(&[]);
    until("a ticket beside a dead server", || {
        home.tickets().into_iter().next()
    });
}

// R28: what is odd about a feed that could still be read is told with it, an address that is none is
// told by name, and a folder without feeds is refused.
#[test]
fn r28_a_damaged_feed_says_so_and_an_empty_folder_is_refused() {
    let home = Home::new();
    let folder = home.path().join("given");
    std::fs::create_dir(&folder).unwrap();
    let feeds = folder.to_str().unwrap();
    let ran = home.run(&["--daemon", "--feed", feeds]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no feed in"), "{}", ran.stderr);
    home.write(
        "given/cut.xml",
        "<rss version='2.0'><channel><title>t</title><item><title>One</title><guid>1</guid></item><item><ti",
    );
    home.write("given/page.xml", "<html><body>hello</body></html>");
    let _daemon = home.daemon(&["--feed", feeds]);
    let told = until("both feeds", || {
        let ran = home.run(&["planner", "view-resources"]);
        let told = ran.stdout.contains("FAILING") && ran.stdout.contains("read at");
        told.then_some(ran.stdout)
    });
    let line = |name: &str| told.lines().find(|l| l.contains(name)).unwrap();
    assert!(line("feed://cut").contains("repaired"), "{told}");
    assert!(line("feed://page").contains("given/page.xml"), "{told}");
    assert!(line("feed://page").contains("a web page"), "{told}");
}

// A command whose output did not arrive does not end as if it had.
#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let home = prepared();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let mut command = home.command(&["config", "check"]);
    let ran = command.stdout(full.unwrap()).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let json = home.json(&["config", "check"]).remove(0);
    assert_eq!(json["personas"], 2);
}

// Options may stand before the verb as well as after it, and those of a start are refused elsewhere.
#[test]
fn options_may_stand_before_the_verb() {
    let home = prepared();
    let folder = home.path().to_str().unwrap();
    let ran = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimera"));
        crate::support::Ran::of(command.args(args).output().unwrap())
    };
    let checked = ran(&["--home", folder, "--json", "config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.starts_with('{'), "{}", checked.stdout);
    let refused = ran(&["--daemon", "status", "--home", folder]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--daemon"), "{}", refused.stderr);
}

// R41: the servers can be listed beside a running swarm.
#[test]
fn r41_servers_are_listed_beside_a_running_swarm() {
    let home = Home::new();
    let _daemon = home.daemon(&[]);
    until("a ticket", || home.tickets().into_iter().next());
    let ran = home.run(&["mcp", "list"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("post_content"), "{}", ran.stdout);
}
