//! Whole flows through the real program, on recorded and real input.
mod classic;
mod decisions;
mod demo;
mod detectors;
mod evals;
mod feeds;
mod first_ticket;
mod generate;
mod goals;
mod hostile;
mod mcp;
mod models;
mod modes;
mod plain;
mod replay;
mod sim;
mod withdraw;
