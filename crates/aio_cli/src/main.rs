//! The `aio` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    aio_cli::main()
}
