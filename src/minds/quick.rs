//! Maps by words that are looked up for every word of every text. The words are the build's or an operator's
//! own, so nobody can choose them to collide, and the standard hasher's protection would cost half the time.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map by words.
pub(crate) type WordMap<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

/// FNV-1a (Fowler, Noll, Vo), eight bytes at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn mix(&mut self, bits: u64) {
        self.0 = (self.0 ^ bits).wrapping_mul(0x0000_0100_0000_01b3);
        self.0 ^= self.0 >> 29;
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// A number for a word, made once for all the filters that it is held against.
pub(crate) fn key(word: &str) -> u64 {
    let mut hasher = Fnv::default();
    hasher.write(word.as_bytes());
    hasher.finish()
}

/// Says of most words that a map does not have them, without a look into the map.
#[derive(Debug, Clone)]
pub(crate) struct Filter([u64; Self::WORDS]);

impl Default for Filter {
    fn default() -> Self {
        Self([0; Self::WORDS])
    }
}

impl Filter {
    const WORDS: usize = 64;

    /// The upper bits of a key are the well mixed ones.
    const fn place(key: u64) -> (usize, u64) {
        ((key >> 58) as usize, 1 << (key >> 52 & 63))
    }

    pub(crate) fn add(&mut self, key: u64) {
        let (at, bit) = Self::place(key);
        self.0[at] |= bit;
    }

    pub(crate) const fn may_have(&self, key: u64) -> bool {
        let (at, bit) = Self::place(key);
        self.0[at] & bit != 0
    }
}
