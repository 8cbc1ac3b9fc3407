//! The `aio` program.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(linked_statically)]
mod names_of_hosts;

fn main() -> ExitCode {
    #[cfg(linked_statically)]
    aiolang::host::before_lookups(names_of_hosts::without_libraries);
    aio_cli::main()
}
