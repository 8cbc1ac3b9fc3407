//! Differential fuzzing: small programs of a grammar of our own, run by Aio and by CPython, must print the same.

mod grammar;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use crate::project_root;

/// What one run showed.
struct Seen {
    printed: Vec<u8>,
    exit: Option<i32>,
    /// The last line on stderr up to its colon, if the program failed: the type of the uncaught exception.
    raised: String,
}

/// Makes `count` programs from `seed` on and compares the interpreters; the differing programs are kept.
pub fn fuzz(count: u64, seed: u64) -> Result<(), String> {
    let root = project_root();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let subject = std::env::var("AIO").unwrap_or_else(|_| target.join("release/aio").to_string_lossy().into_owned());
    let oracle = std::env::var("AIO_ORACLE").unwrap_or_else(|_| "python3.13".to_owned());
    let kept = target.join("fuzz");
    fs::create_dir_all(&kept).map_err(|err| format!("{}: {err}", kept.display()))?;
    let (next, differing, done) = (AtomicU64::new(seed), AtomicUsize::new(0), AtomicUsize::new(0));
    let end = seed + count;
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= end {
                        break;
                    }
                    let path = kept.join(format!("p{n}.py"));
                    if let Err(message) = fs::write(&path, grammar::program(n)) {
                        eprintln!("{}: {message}", path.display());
                        break;
                    }
                    if same(&subject, &oracle, &path) {
                        let _ = fs::remove_file(&path);
                    } else {
                        differing.fetch_add(1, Ordering::Relaxed);
                        println!("differs: {}", path.display());
                    }
                    let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if so_far.is_multiple_of(1000) {
                        eprintln!("{so_far} of {count}");
                    }
                }
            });
        }
    });
    let found = differing.load(Ordering::Relaxed);
    println!("{count} programs from seed {seed}: {found} differ");
    if found == 0 { Ok(()) } else { Err(format!("see {}", kept.display())) }
}

fn same(subject: &str, oracle: &str, path: &Path) -> bool {
    match (run(subject, path), run(oracle, path)) {
        (Ok(ours), Ok(theirs)) => {
            ours.exit == theirs.exit && ours.raised == theirs.raised && same_text(&ours.printed, &theirs.printed)
        }
        (Err(message), _) | (_, Err(message)) => {
            eprintln!("{message}");
            false
        }
    }
}

/// Whether two outputs are equal but for the order of sets of strings, which CPython leaves open: lines with braces may
/// have their characters in another order.
fn same_text(a: &[u8], b: &[u8]) -> bool {
    let sorted = |line: &[u8]| {
        let mut bytes = line.to_vec();
        bytes.sort_unstable();
        bytes
    };
    let (mut ours, mut theirs) = (a.split(|c| *c == b'\n'), b.split(|c| *c == b'\n'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(x), Some(y)) if x == y || x.contains(&b'{') && sorted(x) == sorted(y) => {}
            _ => return false,
        }
    }
}

fn run(program: &str, path: &Path) -> Result<Seen, String> {
    let output = Command::new(program)
        .arg(path)
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|err| format!("{program}: {err}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().last().unwrap_or_default();
    let failed = !output.status.success();
    let raised = if failed { last.split(':').next().unwrap_or_default().to_owned() } else { String::new() };
    Ok(Seen { printed: output.stdout, exit: output.status.code(), raised })
}
