//! Payments on a real chain: a node of its own for each house, real tokens, real SQLite. What was paid is read from the
//! chain and not from our ledger.

mod breaks;
mod faults;
mod house;
mod made;
mod measured;
mod policy;
mod racing;
