//! Chimera.
