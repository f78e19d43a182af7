//! Repository tools.
