use proptest::prelude::*;

use super::*;

fn check(rule: &str, texts: &[&str]) {
    for text in texts {
        let found = find(text);
        assert!(
            found.iter().any(|block| block.rule == rule),
            "{rule}: {text} gave {found:?}"
        );
    }
}

// R59: private numbers are found in the forms in which people write them.
#[test]
fn r59_private_numbers_are_found() {
    check(
        "private_data/iban",
        &[
            "pay to DE89 3704 0044 0532 0130 00 please",
            "GB82WEST12345698765432",
            "FR1420041010050500013M02606.",
        ],
    );
    check(
        "private_data/card",
        &[
            "4111 1111 1111 1111",
            "card 4111-1111-1111-1111!",
            "4111 1111 1111 1111 is mine",
            "378282246310005",
            "５５５５５５５５５５５５４４４４",
        ],
    );
    check("private_data/us_ssn", &["my number is 219-09-9999"]);
    check(
        "private_data/ip_address",
        &["the server at 203.0.114.77 answers", "from 85.214.132.117."],
    );
}

// R59: secrets are found by the shape their makers gave them.
#[test]
fn r59_secrets_are_found() {
    let long = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0";
    check("secret/aws_key", &["key=AKIAIOSFODNN7EXAMPLE now"]);
    check("secret/github", &[&format!("use ghp_{long} here")]);
    check(
        "secret/model_key",
        &[&format!("sk-{long}abcdefgh"), &format!("sk-ant-{long}")],
    );
    check("secret/stripe", &[&format!("sk_live_{long}")]);
    check(
        "secret/private_key",
        &["-----BEGIN RSA PRIVATE KEY-----\nMIIE"],
    );
    check(
        "secret/jwt",
        &["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r"],
    );
    check(
        "secret/seed_phrase",
        &[
            "my seed phrase: abandon ability able about above absent absorb abstract absurd abuse access accident",
        ],
    );
    check(
        "secret/wallet_key",
        &[&format!("private key 0x{}", "ab12".repeat(16))],
    );
    check("secret/password", &["password: hunter22"]);
}

// R59: claims to be human, to be somebody real and of sure returns, in several languages and through disguise.
#[test]
fn r59_claims_are_found() {
    check(
        "claim/human/en",
        &[
            "Trust me, I'm human.",
            "I am not a b0t",
            "We humans must stick together",
        ],
    );
    check("claim/human/de", &["Ich bin kein Bot."]);
    check("claim/human/fr", &["Je suis un être humain, promis"]);
    check("claim/human/es", &["¡No soy un robot!"]);
    check("claim/human/pt", &["eu não sou um robô"]);
    check("claim/human/it", &["non sono un bot"]);
    check("claim/human/ru", &["Я не бот"]);
    check("claim/human/zh", &["我是真人"]);
    check("claim/human/ja", &["私は人間です"]);
    check("claim/human/ar", &["أنا إنسان"]);
    check(
        "claim/returns/en",
        &["Guaranteed returns of 12 %", "Double your money by May"],
    );
    check("claim/returns/de", &["garantierte Rendite"]);
    check("claim/returns/zh", &["稳赚不赔"]);
    check("claim/impersonation/en", &["I am the CEO of this company"]);
}

// R59: a slur is found, also disguised, and the source does not hold it.
#[test]
fn r59_slurs_are_found_by_their_hash() {
    // The first of them, letter by letter from numbers.
    let word: String = [107u8, 105, 107, 101]
        .iter()
        .map(|b| char::from(*b))
        .collect();
    check(
        "slur",
        &[
            &format!("a {word} b"),
            &format!("{}s", word.to_uppercase()),
            &word.replace('e', "3"),
        ],
    );
    assert_eq!(find("bike like hike Mike nike"), vec![]);
}

// R59: look-alikes go out.
#[test]
fn r59_look_alikes_do_not_block() {
    for fine in [
        "order 4111 1111 1111 1112",
        "part 4111111111111111b",
        "the year 2026-11-27 and 12-34-5678",
        "version 10.15.7.1 is out, see 1.2.3.4",
        "the router at 192.168.0.1",
        "219-09-99990",
        "ISBN 978-3-16-148410-0",
        "tracking 1Z999AA10123456784",
        "DE89 is a motorway exit",
        "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "sk-learn and sk-image are libraries",
        "a JWT begins with eyJ",
        "never tell anybody your seed phrase, whatever they say and whoever they are, because it is yours alone and nobody needs it",
        "Password managers: which is best?",
        "password: required",
        "They asked whether I am human",
        "Am I human?",
        "There are no guaranteed returns",
        "the human eye",
        "I am a bot",
        "returns are guaranteed by law",
        "Scunthorpe",
        "spic and span",
        "a chink in the armour",
        "Maine Coon kittens",
    ] {
        assert_eq!(find(fine), vec![], "{fine}");
    }
}

// R59, R84: a claim is found wherever it stands, also after the same words that claimed nothing, and whatever it follows.
#[test]
fn r59_a_claim_is_found_after_one_that_is_none() {
    for (text, rule) in [
        (
            "They asked whether I am human. I am human.",
            "claim/human/en",
        ),
        ("No, I am human", "claim/human/en"),
        ("I promise that I am human", "claim/human/en"),
        ("Sí, soy humano", "claim/human/es"),
        ("Si, sono umano", "claim/human/it"),
        (
            "No guaranteed returns there; guaranteed returns here",
            "claim/returns/en",
        ),
    ] {
        let rules: Vec<&str> = find(text).iter().map(|block| block.rule).collect();
        assert_eq!(rules, [rule], "{text}");
    }
}

proptest! {
    // R59, R173: no text breaks it; a number with a wrong check digit is nobody's.
    #[test]
    fn r59_any_text_is_read(text in "\\PC{0,60}|[0-9A-Z .-]{0,40}") {
        let _ = find(&text);
    }

    #[test]
    fn r59_one_wrong_digit_makes_it_no_card(at in 0usize..16, by in 1u8..10) {
        let mut digits = *b"4111111111111111";
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        let text = String::from_utf8(digits.to_vec()).unwrap();
        prop_assert!(find(&text).iter().all(|block| block.rule != "private_data/card"), "{text}");
    }
}
