//! `aio dis`: the bytecode of a file.

use crate::terminal;
use std::process::ExitCode;

/// Shows the bytecode of a file, or what is wrong with the file.
pub(crate) fn disassemble(file: &str) -> ExitCode {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(e) => {
            terminal::complain(&format!("aio: can't open file '{file}': {e}\n"));
            return ExitCode::from(2);
        }
    };
    match aiolang::tools::disassemble(file, &bytes) {
        Ok(text) => terminal::say(&text),
        Err(checked) => {
            terminal::complain(&checked.render(&terminal::style()));
            ExitCode::FAILURE
        }
    }
}
