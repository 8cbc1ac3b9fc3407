//! Compiles every `.py` and `.aio` file below the given folders and tells how fast that went and what
//! was rejected: `cargo run --release --example compile_rate FOLDER...`

#![expect(clippy::disallowed_methods, reason = "a tool reads files, and one that measures the clock")]

use aio_compiler::{Mode, Options, compile};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The allocator of the program `aio`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else {
        files.push(path.to_owned());
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "py" || ext == "aio") {
            files.push(path);
        }
    }
}

fn main() {
    let mut files = Vec::new();
    for folder in std::env::args().skip(1) {
        collect(Path::new(&folder), &mut files);
    }
    files.sort();
    let (mut bytes, mut words, mut done, mut skipped) = (0, 0, 0, 0);
    let (mut parsing, mut compiling) = (Duration::ZERO, Duration::ZERO);
    let mut rejected = Vec::new();
    for path in &files {
        let Ok(raw) = std::fs::read(path) else {
            continue;
        };
        let Ok(text) = aio_syntax::decode_source(&raw) else {
            skipped += 1;
            continue;
        };
        let start = Instant::now();
        let parsed = aio_syntax::parse_module(&text);
        parsing += start.elapsed();
        if parsed.diagnostics.iter().any(|d| d.is_error()) {
            skipped += 1;
            continue;
        }
        let name = path.display().to_string();
        let start = Instant::now();
        let result = compile(&parsed, &name, &text, Mode::Module, &Options::default());
        compiling += start.elapsed();
        match result {
            Ok(output) => {
                bytes += text.len();
                done += 1;
                words += count(&output.code);
                if let Err(error) = aio_bytecode::verify(&output.code) {
                    rejected.push(format!("{name}: verifier: {error}"));
                }
            }
            Err(diagnostics) => {
                let message = diagnostics.first().map_or("", |d| &d.message);
                rejected.push(format!("{name}: {message}"));
            }
        }
    }
    for line in &rejected {
        println!("{line}");
    }
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
    println!(
        "{done} files, {:.1} MB, {words} words; {skipped} not parsed, {} rejected",
        bytes as f64 / 1e6,
        rejected.len()
    );
    println!(
        "parser {:.1} MB/s, compiler {:.1} MB/s, both {:.1} MB/s",
        rate(parsing),
        rate(compiling),
        rate(parsing + compiling)
    );
}

fn count(code: &aio_bytecode::Code) -> usize {
    let inner = code.consts.iter().map(|constant| match constant {
        aio_bytecode::Const::Code(code) => count(code),
        _ => 0,
    });
    code.words.len() + inner.sum::<usize>()
}
