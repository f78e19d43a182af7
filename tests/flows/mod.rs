//! Whole flows through the real program, on recorded and real input.
mod classic;
mod decisions;
mod demo;
mod feeds;
mod first_ticket;
mod mcp;
mod modes;
mod replay;
mod sim;
mod withdraw;
