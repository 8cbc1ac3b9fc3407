//! The `aio` program.
fn main() {}
