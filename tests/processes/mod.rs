//! Real processes: crashes, races, owners, bad input, the console in a terminal.
mod bad_input;
mod console;
mod copies;
mod crash;
mod deciders;
mod halt;
mod hostile;
#[cfg(debug_assertions)] // in a release build nothing can be made to die
mod matrix;
mod owners;
mod payments;
mod race;
mod together;
mod upkeep;
