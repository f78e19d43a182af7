//! Claims that a machine of ours may not make, in several languages: to be human, to be somebody who is real, to know
//! what a price will do. Only in the first person, and only as a claim: asking whether somebody is one is none.

use std::{ops::Range, sync::LazyLock};

use super::Block;
use crate::lexicon::{Phrase, Words};

const fn human(rule: &'static str) -> Block {
    Block {
        rule,
        what: "a claim to be human",
    }
}

const fn poses(rule: &'static str) -> Block {
    Block {
        rule,
        what: "a claim to be somebody who is real",
    }
}

const fn returns(rule: &'static str) -> Block {
    Block {
        rule,
        what: "a promise of returns",
    }
}

/// Whole words in this order, looked for through disguise.
const CLAIMS: &[(Block, &[&str])] = &[
    (
        human("claim/human/en"),
        &[
            "I am a human",
            "I am human",
            "I'm a human",
            "I'm human",
            "I am a real person",
            "I'm a real person",
            "I am a real human",
            "I'm a real human",
            "I am not a bot",
            "I'm not a bot",
            "I am not an AI",
            "I'm not an AI",
            "I am not a robot",
            "I'm not a robot",
            "I am not a machine",
            "I'm not a machine",
            "a real human wrote this",
            "this was written by a human",
            "no AI was used",
            "human like you",
            "as a fellow human",
            "we humans",
            "us humans",
            "I am a person of flesh and blood",
        ],
    ),
    (
        human("claim/human/de"),
        &[
            "ich bin ein Mensch",
            "ich bin kein Bot",
            "ich bin keine KI",
            "ich bin kein Roboter",
            "ich bin keine Maschine",
            "von einem Menschen geschrieben",
            "wir Menschen",
        ],
    ),
    (
        human("claim/human/fr"),
        &[
            "je suis humain",
            "je suis un humain",
            "je suis une humaine",
            "je suis un etre humain",
            "je ne suis pas un robot",
            "je ne suis pas un bot",
            "je ne suis pas une IA",
            "ecrit par un humain",
            "nous les humains",
        ],
    ),
    (
        human("claim/human/es"),
        &[
            "soy humano",
            "soy humana",
            "soy un ser humano",
            "soy una persona real",
            "no soy un bot",
            "no soy un robot",
            "no soy una IA",
            "escrito por un humano",
            "nosotros los humanos",
        ],
    ),
    (
        human("claim/human/pt"),
        &[
            "sou humano",
            "sou humana",
            "sou um ser humano",
            "sou uma pessoa real",
            "nao sou um bot",
            "nao sou um robo",
            "nao sou uma IA",
            "escrito por um humano",
        ],
    ),
    (
        human("claim/human/it"),
        &[
            "sono umano",
            "sono umana",
            "sono un essere umano",
            "sono una persona reale",
            "non sono un bot",
            "non sono un robot",
            "non sono una IA",
            "scritto da un umano",
        ],
    ),
    (
        human("claim/human/ru"),
        &[
            "я человек",
            "я живой человек",
            "я не бот",
            "я не робот",
            "я не нейросеть",
        ],
    ),
    (
        human("claim/human/zh"),
        &[
            "我是人类",
            "我是真人",
            "我不是机器人",
            "我不是人工智能",
            "我是人類",
            "我不是機器人",
        ],
    ),
    (
        human("claim/human/ja"),
        &[
            "私は人間です",
            "私はロボットではありません",
            "私はボットではありません",
            "私はAIではありません",
        ],
    ),
    (
        human("claim/human/ar"),
        &["أنا إنسان", "أنا بشر", "لست روبوتا", "أنا لست روبوت"],
    ),
    (
        poses("claim/impersonation/en"),
        &[
            "this is the official account of",
            "I am the official account of",
            "official statement from the president",
            "I am Elon Musk",
            "this is Elon Musk",
            "I am the CEO of",
            "speaking as the CEO of",
            "I am the president of",
            "I am a police officer",
            "I am a licensed doctor",
            "I am a doctor",
            "as a doctor I",
            "I am a lawyer",
            "as your lawyer",
            "I am a licensed financial advisor",
        ],
    ),
    (
        returns("claim/returns/en"),
        &[
            "guaranteed return",
            "guaranteed returns",
            "guaranteed profit",
            "guaranteed profits",
            "guaranteed gains",
            "guaranteed income",
            "risk-free return",
            "risk-free returns",
            "risk-free profit",
            "double your money",
            "triple your money",
            "10x your money",
            "you cannot lose",
            "you can't lose money",
            "zero risk investment",
            "no risk investment",
            "returns are guaranteed to",
        ],
    ),
    (
        returns("claim/returns/de"),
        &[
            "garantierte Rendite",
            "garantierter Gewinn",
            "risikofreie Rendite",
            "risikoloser Gewinn",
            "Geld verdoppeln",
        ],
    ),
    (
        returns("claim/returns/fr"),
        &[
            "rendement garanti",
            "rendements garantis",
            "profit garanti",
            "gains garantis",
            "doublez votre argent",
            "sans aucun risque de perte",
        ],
    ),
    (
        returns("claim/returns/es"),
        &[
            "rentabilidad garantizada",
            "ganancias garantizadas",
            "beneficio garantizado",
            "duplica tu dinero",
            "rendimiento garantizado",
        ],
    ),
    (
        returns("claim/returns/pt"),
        &[
            "retorno garantido",
            "lucro garantido",
            "ganhos garantidos",
            "dobre seu dinheiro",
        ],
    ),
    (
        returns("claim/returns/it"),
        &[
            "rendimento garantito",
            "guadagno garantito",
            "profitto garantito",
            "raddoppia i tuoi soldi",
        ],
    ),
    (
        returns("claim/returns/ru"),
        &[
            "гарантированный доход",
            "гарантированная прибыль",
            "доход без риска",
        ],
    ),
    (
        returns("claim/returns/zh"),
        &["保证收益", "稳赚不赔", "保本高收益", "零风险高回报"],
    ),
    (
        returns("claim/returns/ja"),
        &["必ず儲かる", "元本保証で高利回り", "確実に儲かる"],
    ),
    (
        returns("claim/returns/ar"),
        &["أرباح مضمونة", "عائد مضمون", "ربح مضمون"],
    ),
];

/// Words right before a claim that make it none.
const NOT_CLAIMED: &[&str] = &[
    "whether",
    "if",
    "not",
    "no",
    "never",
    "without",
    "pretend",
    "pretending",
    "claims",
    "says",
    "ob",
    "si",
    "se",
    "keine",
    "kein",
    "aucun",
    "sin",
    "sem",
    "senza",
];

/// The claims, taken apart once.
static PHRASES: LazyLock<Vec<(&Block, Vec<Phrase>)>> = LazyLock::new(|| {
    let claims = CLAIMS.iter();
    claims
        .map(|(block, phrases)| (block, phrases.iter().map(|p| Phrase::of(p)).collect()))
        .collect()
});

pub(super) fn find(text: &str, words: &Words<'_>) -> Vec<Block> {
    let claimed = |phrase: &Phrase| {
        words
            .places(phrase)
            .any(|place| !is_taken_back(text, place))
    };
    PHRASES
        .iter()
        .filter(|(_, phrases)| phrases.iter().any(claimed))
        .map(|(block, _)| (*block).clone())
        .collect()
}

/// `asked whether I am human`, `no guaranteed returns`, and a question that ends the claim. With a sign between, the word
/// before is no part of it: `No, I am human`.
fn is_taken_back(text: &str, place: Range<usize>) -> bool {
    let before = text.get(..place.start).unwrap_or_default();
    let last = before.split_whitespace().next_back().map(|word| {
        word.trim_start_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    });
    let after = text.get(place.end..).unwrap_or_default().trim_start();
    last.is_some_and(|word| NOT_CLAIMED.contains(&word.as_str())) || after.starts_with('?')
}
