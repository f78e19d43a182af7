//! Bytes that nobody meant as configuration.

use proptest::prelude::*;

use super::*;

// R151: a file that is no text, too long, or made to exhaust the reader is answered and not obeyed.
#[test]
fn r151_hostile_files() {
    refused(
        "chimera.yaml",
        b"zone: UTC\nconsole: {theme: \xff}\n",
        "chimera.yaml:2: the file is not UTF-8 text",
    );
    refused(
        "chimera.yaml",
        b"\xff\xfez\0o\0",
        "chimera.yaml:1: the file is not UTF-8 text",
    );
    refused(
        "chimera.yaml",
        &vec![b'#'; (1 << 20) + 1],
        "chimera.yaml: the file is longer than 1 MiB",
    );
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        bomb.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{}", level - 1); 10].join(", ")
        ));
    }
    let error = chimera(&bomb).expect_err("an alias bomb");
    assert!(error.contains("expands too many aliases"), "{error}");
    refused(
        "chimera.yaml",
        b"a: &a [*a]\n",
        "chimera.yaml:1:8: the document is nested too deeply",
    );
    let deep = format!("a: {}", "[".repeat(5_000));
    assert!(chimera(&deep).is_err());
    let blocks = "- ".repeat(5_000);
    assert!(chimera(&blocks).is_err());
}

// R118: a byte order mark, CRLF line ends and letters of any script change neither meaning nor places.
#[test]
fn r118_marks_and_line_ends() {
    let plain = "zone: UTC\nswarm:\n  workers: 3\n";
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    assert_eq!(chimera(&windows).unwrap().swarm.workers, 3);
    refused(
        "chimera.yaml",
        "\u{feff}# größe\r\nswarm: {\"workers\": 3, é: 1}\r\n".as_bytes(),
        "chimera.yaml:2:23: the key `swarm.é` is not known",
    );
    assert_eq!(
        chimera("swarm: {workers: 0o3}\n")
            .map(|_| ())
            .unwrap_err()
            .lines()
            .next(),
        Some("chimera.yaml:1:18: `swarm.workers`: `0o3` does not fit")
    );
}

fn read_anything(bytes: &[u8]) {
    let mut log = Log::new(Path::new("chimera.yaml"));
    if let Some(node) = parse_yaml(bytes, &mut log) {
        let around = Surroundings {
            base: Path::new("/nonexistent"),
            variable: &|_| None,
        };
        let _ = process::read(&node, around, &mut log);
        let _ = budget::read(&node, bytes, &mut log);
    } else {
        assert!(!log.problems.is_empty(), "what is not read is told");
    }
    assert!(
        log.problems
            .iter()
            .chain(&log.notices)
            .all(|problem| !problem.to_string().contains('\u{1b}')),
        "{:?}",
        log.problems
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // R118: no bytes make the reader panic, and no message steers the terminal.
    #[test]
    fn r118_no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_anything(&bytes);
    }

    // R118: neither does text that looks like YAML.
    #[test]
    fn r118_no_yaml_like_text_panics(text in "([a-z]{0,6}(: |:\n  |\n- |- |\\[|\\]|\\{|\\}|&a |\\*a|'|\"|#|\\||>|\t|!x |\u{1b}|é|\n)){0,40}") {
        read_anything(text.as_bytes());
    }

    // R118: neither does a shipped file with some of it changed.
    #[test]
    fn r118_no_damage_to_a_shipped_file_panics(at in 0usize..BUDGET.len(), to in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = BUDGET.as_bytes().to_vec();
        bytes[at] = to;
        if cut {
            bytes.truncate(at + 1);
        }
        read_anything(&bytes);
    }

    // R54: wherever the thresholds stand, the file is taken exactly when the human one is not above the other.
    #[test]
    fn r54_bands_are_ordered(auto in 0u32..=1_000_000, human in 0u32..=1_000_000) {
        let decimals = |ppm: u32| format!("{}.{:06}", ppm / 1_000_000, ppm % 1_000_000);
        let text = BUDGET.replace("auto_approve: 0.90", &format!("auto_approve: {}", decimals(auto))).replace("human_review: 0.70", &format!("human_review: {}", decimals(human)));
        let mut log = Log::new(Path::new("budget.yaml"));
        let node = parse_yaml(text.as_bytes(), &mut log).unwrap();
        let read = budget::read(&node, text.as_bytes(), &mut log);
        prop_assert_eq!(read.is_some(), human <= auto);
        if let Some(read) = read {
            prop_assert_eq!((read.policy.judge.window.auto_min.ppm(), read.policy.judge.window.human_min.ppm()), (auto, human));
        }
    }
}
