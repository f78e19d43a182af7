//! The classic failures (end of `specs/q-proof.md`): what programs of this kind really did wrong, one test
//! each, by name, on a whole swarm. `world.rs` is the swarm; start with `decided.rs`.

mod decided;
mod judged;
mod kept;
mod paid;
pub(super) mod world;
