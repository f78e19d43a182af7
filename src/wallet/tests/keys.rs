use std::{
    fs,
    io::Cursor,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use chimera_domain::ports::{Signer as _, WalletError};

use crate::{
    Secret,
    keystore::{self, Effort, Import},
};

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn why<T: std::fmt::Debug>(result: Result<T, WalletError>) -> String {
    match result {
        Err(WalletError::Key { why }) => why,
        other => panic!("{other:?}"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let keys = home.path().join("state/keys");
    (home, keys)
}

// R104: a key is made under a password with the full effort, in a folder and a file of its owner alone, and nothing in the
// file is the key. It opens with the password.
#[test]
fn r104_a_key_is_kept_where_its_owner_alone_reads_it() {
    let (_home, keys) = folder();
    let password = secret("correct horse");
    let kept = keystore::create(&keys, "fae", &password, Effort::FULL).unwrap();
    assert_eq!((mode(&keys), mode(&kept.path)), (0o700, 0o600));
    assert_eq!(kept.path, keys.join("fae.json"));
    assert_eq!(keystore::address(&kept.path), Ok(kept.address));
    let text = fs::read_to_string(&kept.path).unwrap();
    assert!(text.contains("\"n\": 262144"), "{text}");
    assert_eq!(
        fs::read_dir(&keys).unwrap().count(),
        1,
        "nothing half-written stays"
    );
    assert_eq!(
        keystore::open(&kept.path, &password).unwrap().address(),
        kept.address
    );
}

#[test]
fn r104_a_key_that_others_may_read_is_not_opened() {
    let (_home, keys) = folder();
    let password = secret("p");
    let kept = keystore::create(&keys, "fae", &password, Effort::TESTS).unwrap();
    for open in [0o640, 0o604, 0o660] {
        chmod(&kept.path, open);
        let why = why(keystore::open(&kept.path, &password));
        assert!(
            why.contains("others may read") && why.contains("chmod 600"),
            "{why}"
        );
        assert!(keystore::address(&kept.path).is_err());
    }
    chmod(&kept.path, 0o400);
    assert!(keystore::open(&kept.path, &password).is_ok());
    assert!(why(keystore::open(&kept.path, &secret("q"))).contains("password is wrong"));
    chmod(&keys, 0o755);
    let refused = keystore::create(&keys, "other", &password, Effort::TESTS);
    assert!(why(refused).contains("chmod 700"));
}

// R104: no key is ever written over, and names lead nowhere else.
#[test]
fn r104_a_kept_key_is_never_written_over() {
    let (_home, keys) = folder();
    let password = secret("p");
    let kept = keystore::create(&keys, "fae", &password, Effort::TESTS).unwrap();
    let before = fs::read(&kept.path).unwrap();
    assert!(keystore::create(&keys, "fae", &password, Effort::TESTS).is_err());
    assert_eq!(fs::read(&kept.path).unwrap(), before);
    for bad in ["", "../fae", "a/b", "Fae", "a.json", &"x".repeat(65)] {
        assert!(
            why(keystore::create(&keys, bad, &password, Effort::TESTS)).contains("names no key")
        );
    }
}

// R104: the next key stands beside the old one, and both open.
#[test]
fn r104_the_next_key_stands_beside_the_old_one() {
    let (_home, keys) = folder();
    let password = secret("p");
    assert!(keystore::rotate(&keys, "fae", &password, Effort::TESTS).is_err());
    let old = keystore::create(&keys, "fae", &password, Effort::TESTS).unwrap();
    let next = keystore::rotate(&keys, "fae", &password, Effort::TESTS).unwrap();
    let third = keystore::rotate(&keys, "fae", &password, Effort::TESTS).unwrap();
    assert_eq!(
        (&next.path, &third.path),
        (&keys.join("fae-2.json"), &keys.join("fae-3.json"))
    );
    assert!(old.address != next.address && next.address != third.address);
    assert!(keystore::open(&old.path, &password).is_ok());
    assert!(keystore::open(&next.path, &password).is_ok());
}

// The examples of the Web3 Secret Storage definition: password `testpassword`, one key.
const PBKDF2: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
"kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const SCRYPT: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
"ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
"kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
"mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;

#[test]
fn r104_keystores_of_other_wallets_are_read() {
    let (_home, keys) = folder();
    let (theirs, ours) = (secret("testpassword"), secret("ours"));
    for (name, json) in [("pbkdf", PBKDF2), ("scrypt", SCRYPT)] {
        let from = Import::Keystore {
            json,
            password: &theirs,
        };
        let kept = keystore::import(&keys, name, &from, &ours, Effort::TESTS).unwrap();
        assert_eq!(
            kept.address.to_string().to_lowercase(),
            "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b"
        );
        assert!(keystore::open(&kept.path, &ours).is_ok());
    }
    let key = secret(" 0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d\n");
    let kept = keystore::import(&keys, "hex", &Import::Hex(&key), &ours, Effort::TESTS).unwrap();
    assert_eq!(
        Ok(kept.address),
        keystore::address(&keys.join("scrypt.json"))
    );
    for bad in ["0x00", "zz", &"0".repeat(64), &"f".repeat(64)] {
        let bad = secret(bad);
        assert!(keystore::import(&keys, "bad", &Import::Hex(&bad), &ours, Effort::TESTS).is_err());
    }
}

// R104: a file that was tampered with, or asks for a day's work or all memory, is refused and not obeyed.
#[test]
fn r104_a_damaged_or_greedy_keystore_is_refused() {
    let (_home, keys) = folder();
    let password = secret("testpassword");
    let check = |json: String| {
        let from = Import::Keystore {
            json: &json,
            password: &password,
        };
        assert!(
            keystore::import(&keys, "x", &from, &password, Effort::TESTS).is_err(),
            "{json}"
        );
    };
    check(SCRYPT.replace("\"n\":262144", "\"n\":1073741824"));
    check(SCRYPT.replace("\"n\":262144", "\"n\":262143"));
    check(SCRYPT.replace("\"p\":8", "\"p\":100000"));
    check(SCRYPT.replace("\"r\":1", "\"r\":4294967295"));
    check(SCRYPT.replace("d172", "d173"));
    check(SCRYPT.replace("\"version\":3", "\"version\":1"));
    check(PBKDF2.replace("262144", "4294967295"));
    check(PBKDF2.replace("aes-128-ctr", "aes-128-cbc"));
    check("{}".to_owned());

    // An address that is not that of the key.
    let kept = keystore::create(&keys, "fae", &password, Effort::TESTS).unwrap();
    let text = fs::read_to_string(&kept.path).unwrap();
    let said = kept.address.to_string().to_lowercase();
    let other = text.replace(&said[2..], "008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
    fs::write(&kept.path, other).unwrap();
    assert!(why(keystore::open(&kept.path, &password)).contains("keeps the key of"));
}

// R104: a password comes by a descriptor or a file of its owner, one line of it.
#[test]
fn r104_a_password_is_read_from_a_descriptor_or_an_own_file() {
    let read =
        |bytes: &[u8]| Secret::read(Cursor::new(bytes.to_vec())).map(|s| s.expose().to_owned());
    assert_eq!(read(b"pass word\n").unwrap(), "pass word");
    assert_eq!(read(b"pass\r\n").unwrap(), "pass");
    for bad in [b"".as_slice(), b"\n", &[0xff, 0xfe], &[b'x'; 5_000]] {
        assert!(read(bad).is_err());
    }
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("password");
    fs::write(&path, "hush\n").unwrap();
    chmod(&path, 0o644);
    assert!(why(Secret::from_file(&path)).contains("others may read"));
    chmod(&path, 0o600);
    assert_eq!(Secret::from_file(&path).unwrap(), secret("hush"));
}
