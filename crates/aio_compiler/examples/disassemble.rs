//! Shows the bytecode of a script: `cargo run --example disassemble FILE`, or what went wrong.

#![expect(clippy::disallowed_methods, reason = "a tool reads files, and one that measures the clock")]

use aio_compiler::{Mode, Options, compile};

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: disassemble FILE");
        return;
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return eprintln!("{path}: {error}"),
    };
    let parsed = aio_syntax::parse_module(&text);
    match compile(&parsed, &path, &text, Mode::Module, &Options::default()) {
        Ok(output) => {
            print!("{}", aio_bytecode::disassemble(&output.code));
            if let Err(error) = aio_bytecode::verify(&output.code) {
                println!("verifier: {error}");
            }
            for warning in output.warnings {
                println!("{}: {}", warning.kind, warning.message);
            }
        }
        Err(diagnostics) => {
            for diagnostic in diagnostics {
                println!("{}: {}", diagnostic.kind, diagnostic.message);
            }
        }
    }
}
