//! Whole flows through the real program, on recorded and real input.
mod demo;
mod feeds;
mod replay;
