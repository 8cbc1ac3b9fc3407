//! Parses every source file below some folders and says how fast that was and what was rejected.

#![expect(clippy::disallowed_methods, reason = "a measuring tool reads files and the clock")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The allocator of the program `aio`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut files = Vec::new();
    for folder in std::env::args_os().skip(1) {
        collect(Path::new(&folder), &mut files);
    }
    files.sort();
    let (mut parsed, mut bytes, mut nodes, mut undecoded) = (0usize, 0usize, 0u64, 0usize);
    let mut time = Duration::ZERO;
    let mut rejected = Vec::new();
    for file in files {
        let Ok(raw) = std::fs::read(&file) else {
            continue;
        };
        let Ok(text) = aio_syntax::decode_source(&raw) else {
            undecoded += 1;
            continue;
        };
        let start = Instant::now();
        let result = aio_syntax::parse_module(&text);
        time += start.elapsed();
        parsed += 1;
        bytes += text.len();
        nodes += u64::from(result.node_count);
        if let Some(error) = result.primary() {
            let line = text.as_bytes()[..error.span.lo as usize].iter().filter(|b| **b == b'\n').count();
            let message = &error.message;
            rejected.push(format!("{}:{}: {message}", file.display(), line + 1));
        }
    }
    for line in &rejected {
        println!("{line}");
    }
    let megabytes = bytes as f64 / 1e6;
    let rate = megabytes / time.as_secs_f64().max(1e-9);
    println!(
        "{parsed} files, {megabytes:.1} MB, {rate:.1} MB/s, {nodes} nodes, \
         {undecoded} not decoded, {} rejected",
        rejected.len()
    );
    ExitCode::from(u8::from(!rejected.is_empty()))
}

/// Files named on the command line are taken as they are; in folders only `.py` and `.aio`.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_path_buf());
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_source = path.extension().is_some_and(|extension| extension == "py" || extension == "aio");
        if path.is_dir() || is_source {
            collect(&path, files);
        }
    }
}
