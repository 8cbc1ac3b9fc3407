//! The `aio` program, built as part of this package so that integration tests know its path.

use std::process::ExitCode;

fn main() -> ExitCode {
    aio_cli::main()
}
