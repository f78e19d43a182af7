//! Room `swarm`.
