//! `chimera.yaml`: every form that is taken, every mistake that is told.

use super::*;

// R151: two lines of YAML point it at a real feed; everything else is there without being written.
#[test]
fn r151_two_lines_are_enough_for_a_real_feed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("chimera.yaml"),
        "feeds:\n  - https://www.example.org/news/feed.xml?x=1",
    )
    .unwrap();
    let home = Home::in_folder(folder.path());
    assert!(!home.ensure().unwrap().first_run);
    let config = Config::load_from(&home, |_| None).unwrap();
    assert_eq!(
        config.feeds,
        vec![Feed {
            name: "example.org-news-feed.xml".into(),
            location: FeedLocation::Http("https://www.example.org/news/feed.xml?x=1".into()),
            interval: Span::from_mins(5),
            age_max: Some(Span::from_hours(48)),
        }]
    );
    assert_eq!(config.campaigns.len(), 2);
}

// R151: a feed is an address, a file, a folder or a recording, short or long; names are unique without case.
#[test]
fn r151_feeds_in_every_form() {
    let text = "feeds:\n  - examples/feeds/atom_relative.xml\n  - examples/scenarios/fashion_drop.jsonl\n  - examples/feeds\n  - {name: mine, url: 'http://localhost:8080/f', every: 30s, max_age: 3d}\n  - {directory: examples/scenarios, every: 2s}\n";
    let config = chimera(text).unwrap();
    let told: Vec<(String, &str, u64, Option<u64>)> = config
        .feeds
        .iter()
        .map(|feed| {
            let kind = match feed.location {
                FeedLocation::Http(_) => "http",
                FeedLocation::File(_) => "file",
                FeedLocation::Recording(_) => "recording",
            };
            (
                feed.name.clone(),
                kind,
                feed.interval.secs(),
                feed.age_max.map(Span::secs),
            )
        })
        .collect();
    let min5 = 300;
    assert_eq!(
        told,
        [
            ("atom_relative".to_owned(), "file", min5, None),
            ("fashion_drop".to_owned(), "recording", min5, None),
            ("atom_relative-2".to_owned(), "file", min5, None),
            ("mine".to_owned(), "http", 30, Some(259_200)),
            ("fashion_drop-2".to_owned(), "recording", 2, None),
        ]
    );
}

// R152: what is kept for how long is one line each, and `forever` is a time.
#[test]
fn r152_times_of_keeping() {
    let keep = chimera("store: {keep_signals: forever, keep_media: 1d}\n")
        .unwrap()
        .store
        .keep;
    let usual = chimera_domain::retention::Retention::default();
    assert_eq!(
        (keep.signals, keep.media),
        (None, Some(Span::from_hours(24)))
    );
    assert_eq!((keep.alerts, keep.samples), (usual.alerts, usual.samples));
}

// R151: feeds of a command line take the place of the configured ones, all or none of them.
#[test]
fn r151_feeds_of_a_command_line() {
    let (folder, home) = home(&[]);
    let mut config = Config::load_from(&home, |_| None).unwrap();
    let before = config.feeds.clone();
    let file = folder
        .path()
        .join("examples/feeds/atom_relative.xml")
        .display()
        .to_string();
    let error = config
        .replace_feeds(&[file.clone(), "gone.xml".into()])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("--feed: there is no file or folder `gone.xml`"),
        "{error}"
    );
    assert_eq!(config.feeds, before);
    config
        .replace_feeds(&[file, "https://example.org/f".into()])
        .unwrap();
    let names: Vec<&str> = config.feeds.iter().map(|feed| feed.name.as_str()).collect();
    assert_eq!(names, ["atom_relative", "example.org-f"]);
}

// R151: every kind of mistake in chimera.yaml is told with its line, its column and what to do.
#[test]
fn r151_mistakes_in_chimera_yaml() {
    let check = |content: &str, message: &str| refused("chimera.yaml", content.as_bytes(), message);
    check("", "chimera.yaml:1: the file says nothing");
    check(
        "# only a comment\n\n",
        "chimera.yaml:1: the file says nothing",
    );
    check("~", "chimera.yaml:1: the file says nothing");
    check(
        "- a\n",
        "chimera.yaml:1:1: the file must be a group of `key: value` lines, this is a list",
    );
    check(
        "zone: UTC\nzones: UTC\n",
        "chimera.yaml:2:1: the key `zones` is not known",
    );
    check(
        "zone: UTC\nzone: UTC\n",
        "chimera.yaml:2:1: the key `zone` stands here a second time",
    );
    check(
        "zone: Mars/Olympus\n",
        "chimera.yaml:1:7: `zone`: there is no time zone `Mars/Olympus`",
    );
    check(
        "zone: [UTC]\n",
        "chimera.yaml:1:7: `zone` must be a single value, this is a list",
    );
    check(
        "console:\n\tascii: true\n",
        "chimera.yaml:2:1: a tab stands in the indentation",
    );
    check(
        "console: [\n",
        "chimera.yaml:1:10: this is not valid YAML: unclosed bracket '['",
    );
    check(
        "a: b: c\n",
        "chimera.yaml:1:5: this is not valid YAML: mapping values are not allowed in this context",
    );
    check(
        "zone: UTC\n---\nzone: UTC\n",
        "chimera.yaml:3:1: a second document begins here",
    );
    check(
        "<<: {zone: UTC}\n",
        "chimera.yaml:1:1: merge keys (`<<`) are not taken",
    );
    check(
        "console: yes\n",
        "chimera.yaml:1:10: `console` must be a group of `key: value` lines, this is a single value",
    );
    check(
        "console:\n  theme: drak\n",
        "chimera.yaml:2:10: `console.theme`: `drak` is not a theme",
    );
    check(
        "console:\n  notify: loud\n",
        "chimera.yaml:2:11: `console.notify`: `loud` is not a way to notify",
    );
    check(
        "console:\n  ascii: yes\n",
        "chimera.yaml:2:10: `console.ascii`: `yes` is neither true nor false",
    );
    check(
        "console:\n  guard_ms: 300ms\n",
        "chimera.yaml:2:13: `console.guard_ms`: `300ms` does not fit",
    );
    check(
        "swarm: {workers: 0}\n",
        "chimera.yaml:1:18: `swarm.workers`: `0` does not fit",
    );
    check(
        "swarm: {workers: 0x2}\n",
        "chimera.yaml:1:18: `swarm.workers`: `0x2` does not fit",
    );
    check(
        "swarm: {lease: 5}\n",
        "chimera.yaml:1:9: the key `swarm.lease` is not known",
    );
    check(
        "logging: {level: loud}\n",
        "chimera.yaml:1:18: `logging.level`: `loud` is not a log level",
    );
    check(
        "store:\n  keep_signals: 2h\n",
        "chimera.yaml:2:17: `store.keep_signals`: `2h` is too short",
    );
    check(
        "store: {keep_audit: 30d}\n",
        "chimera.yaml:1:9: the key `store.keep_audit` is not known",
    );
    check(
        "feeds: https://example.org\n",
        "chimera.yaml:1:8: `feeds` must be a list, this is a single value",
    );
    check(
        "feeds:\n  - ftp://example.org/x\n",
        "chimera.yaml:2:5: `feeds[0]`: `ftp://example.org/x` is not an address",
    );
    check(
        "feeds:\n  - https://me:pw@example.org/x\n",
        "chimera.yaml:2:5: `feeds[0]`: the address holds a name or password",
    );
    check(
        "feeds:\n  - gone.xml\n",
        "chimera.yaml:2:5: `feeds[0]`: there is no file or folder `gone.xml`",
    );
    check(
        "feeds:\n  - {url: https://example.org, every: 5s}\n",
        "chimera.yaml:2:39: `feeds[0].every`: `5s` is too short",
    );
    check(
        "feeds:\n  - {url: https://example.org, every: soon}\n",
        "chimera.yaml:2:39: `feeds[0].every`: `soon` is not a length of time",
    );
    check(
        "feeds:\n  - {name: x}\n",
        "chimera.yaml:2:5: a feed is in one place, 0 are given",
    );
    check(
        "feeds:\n  - {url: https://a.example, recording: examples/scenarios/fashion_drop.jsonl}\n",
        "chimera.yaml:2:5: a feed is in one place, 2 are given",
    );
    check(
        "feeds:\n  - {name: a, url: https://a.example}\n  - {name: A, url: https://b.example}\n",
        "chimera.yaml:3:5: a second feed is called `A`",
    );
    check(
        "servers:\n  twitter: {stdio: {command: x}}\n",
        "chimera.yaml:2:3: `twitter` is a bundled server and needs no configuration",
    );
    check(
        "servers:\n  mine: {}\n",
        "chimera.yaml:2:9: `servers.mine.stdio` is missing",
    );
    check(
        "servers:\n  mine: {stdio: {command: x, env: {T: '${MISSING}'}}}\n",
        "chimera.yaml:2:39: `servers.mine.stdio.env.T`: the environment variable `MISSING` is not set",
    );
}

// R151: a campaign is checked against personas, servers and caps.
#[test]
fn r151_mistakes_in_campaigns() {
    let campaign = |from: &str, to: &str| {
        let usual = "campaigns:\n  - name: one\n    persona: fae\n    channel: twitter\n    account: '@fae'\n    goal: Talk\n    budget_usd: 5\n";
        assert!(usual.contains(from));
        usual.replace(from, to)
    };
    assert_eq!(
        chimera(&campaign("5", "5.5")).unwrap().campaigns[0].budget_usd_max,
        Usd::from_micros(5_500_000)
    );
    assert_eq!(
        chimera(&campaign("    budget_usd: 5\n", ""))
            .unwrap()
            .campaigns[0]
            .budget_usd_max,
        Usd::from_micros(100_000_000)
    );
    let check = |from: &str, to: &str, message: &str| {
        refused("chimera.yaml", campaign(from, to).as_bytes(), message)
    };
    check(
        "fae\n",
        "fee\n",
        "chimera.yaml:3:14: the campaign `one` wants the persona `fee`, which cannot be used",
    );
    check(
        "twitter",
        "twiter",
        "chimera.yaml:4:14: `campaigns[0].channel`: `twiter` is not a channel",
    );
    check(
        "    goal: Talk\n",
        "",
        "chimera.yaml:2:5: `campaigns[0].goal` is missing",
    );
    check(
        "Talk",
        "''",
        "chimera.yaml:6:11: `campaigns[0].goal`: the text is empty",
    );
    check(
        "budget_usd: 5",
        "budget_usd: 500",
        "chimera.yaml:7:17: the campaign `one` asks for 500.00 USD, budget.yaml allows 100.00",
    );
    check(
        "budget_usd: 5",
        "budget_usd: 1e3",
        "chimera.yaml:7:17: `campaigns[0].budget_usd`: `1e3` is not an exact amount",
    );
    check(
        "budget_usd: 5",
        "publish_server: studio",
        "chimera.yaml:7:21: the campaign `one` publishes through `studio`, which is no server",
    );
    let twice = format!(
        "{}  - {{name: ONE, persona: fae, channel: blog, account: a, goal: g}}\n",
        campaign("5", "5")
    );
    refused(
        "chimera.yaml",
        twice.as_bytes(),
        "chimera.yaml:8:5: a second campaign is called `ONE`",
    );
}

// R151: one server publishes to one platform under one account; the place of the second account is named.
#[test]
fn r151_one_server_has_one_account_per_platform() {
    let second = |channel: &str, account: &str, server: &str| {
        format!(
            "servers:\n  mine: {{stdio: {{command: x}}}}\ncampaigns:\n  - {{name: one, persona: fae, channel: twitter, account: '@fae', goal: g}}\n  - name: two\n    persona: leo\n    channel: {channel}\n    account: '{account}'\n    goal: g\n    publish_server: {server}\n"
        )
    };
    for (channel, account, server, taken) in [
        ("twitter", "@fae", "twitter", true),
        ("mastodon", "@leo", "twitter", true),
        ("twitter", "@leo", "mine", true),
        ("twitter", "@leo", "twitter", false),
        ("twitter", "@Fae", "twitter", false),
    ] {
        let content = second(channel, account, server);
        if taken {
            assert_eq!(chimera(&content).unwrap().campaigns.len(), 2, "{content}");
        } else {
            let message = format!(
                "chimera.yaml:8:14: the campaign `two` publishes as `{account}` and the campaign `one` as `@fae`, but the server `twitter` publishes under one account per platform (twitter)"
            );
            refused("chimera.yaml", content.as_bytes(), &message);
        }
    }
}

// Servers of other people: what is left out has a usual value, and a secret never shows itself.
#[test]
fn servers_are_read_and_secrets_hide() {
    let config = chimera("servers:\n  mine:\n    stdio: {command: mine-mcp, args: [--port, 80], env: {TOKEN: '${TOKEN}', MODE: fast}}\n    tools: [post]\n    sends_max: 1\n    simulated: true\n").unwrap();
    let server = &config.servers[0];
    assert_eq!(
        (server.stdio.command.as_str(), server.stdio.args.as_slice()),
        (
            "mine-mcp",
            ["--port".to_owned(), "80".to_owned()].as_slice()
        )
    );
    let env: Vec<(&str, &str)> = server
        .stdio
        .env
        .iter()
        .map(|(name, value)| (name.as_str(), value.reveal()))
        .collect();
    assert_eq!(env, [("TOKEN", "s3cret"), ("MODE", "fast")]);
    assert_eq!(
        (
            server.call_timeout,
            server.rate_per_minute_max,
            server.tools.as_deref()
        ),
        (
            Span::from_secs(30),
            60,
            Some(["post".to_owned()].as_slice())
        )
    );
    assert_eq!((server.sends_max, config.swarm.senders), (1, 4));
    assert!(!format!("{config:?}").contains("s3cret"));
    assert_eq!(config.simulated_servers(), ["twitter", "studio", "mine"]);
}

// R134: keys are changed by context and action; what cannot be is told with its line and what would be right.
#[test]
fn r134_keys_of_the_console() {
    use chimera_ui::{KeyChange, Keymap};
    let text = "console:\n  keys:\n    review: {approve: [Ctrl-Y], skip: []}\n    everywhere:\n      emergency: ['!', g !]\n";
    let change = |context: &str, action: &str, keys: &[&str]| KeyChange {
        context: context.into(),
        action: action.into(),
        keys: keys.iter().map(|&key| key.to_owned()).collect(),
    };
    let wanted = [
        change("review", "approve", &["Ctrl-Y"]),
        change("review", "skip", &[]),
        change("everywhere", "emergency", &["!", "g !"]),
    ];
    assert_eq!(
        chimera(text).unwrap().console.keys,
        Keymap::with(&wanted).unwrap()
    );

    let text = "console:\n  keys:\n    reviw: {approve: [y], reject: [n]}\n    lists:\n      half-dwn: [x]\n      approve: [x]\n    review:\n      approve:\n        - y\n        - s\n      reject: [Ctrl-B]\n      skip: s\n";
    let error = chimera(text).unwrap_err();
    // Which keys are free changes with the table.
    let free = |line: &str| line.split("free here").next().map(str::to_owned);
    let told: Vec<String> = error.lines().filter_map(free).collect();
    assert_eq!(
        told,
        [
            "chimera.yaml:3:5: `reviw` is no place where keys work",
            "  help: did you mean `review`?",
            "chimera.yaml:5:7: `lists` has no action `half-dwn`",
            "  help: did you mean `half-down`?",
            "chimera.yaml:6:7: `lists` has no action `approve`",
            "  help: it is one of: review",
            "chimera.yaml:9:11: `y` cannot be told from `y i`, which is `copy-id` in `everywhere`",
            "  help: ",
            "chimera.yaml:10:11: `s` is `skip` in `review` already",
            "  help: ",
            "chimera.yaml:11:16: `Ctrl-B` belongs to tmux",
            "  help: ",
            "chimera.yaml:12:13: `console.keys.review.skip` must be a list, this is a single value",
            "  help: begin every item with `- `",
        ]
    );
}
