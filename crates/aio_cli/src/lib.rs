//! The aio program: run, check, dis.

use std::process::ExitCode;

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    eprintln!("usage: aio FILE [ARGUMENTS]");
    ExitCode::from(2)
}
