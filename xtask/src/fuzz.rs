//! Differential fuzzing: small programs of a grammar of our own, run by Aio and by CPython, must print the same.

mod explained;
mod grammar;
mod run;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use explained::explain;
use grammar::Grammar;
use run::{Oracle, Seen, run};

use crate::project_root;

/// How often a program that differs is run again.
const LOOKS: usize = 3;

/// Makes `count` programs from `seed` on and compares the interpreters; the differing programs are kept.
pub fn fuzz(count: u64, seed: u64) -> Result<(), String> {
    let root = project_root();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let subject = std::env::var("AIO").unwrap_or_else(|_| target.join("release/aio").to_string_lossy().into_owned());
    let oracle = std::env::var("AIO_ORACLE").unwrap_or_else(|_| "python3.13".to_owned());
    let kept = target.join("fuzz");
    fs::create_dir_all(&kept).map_err(|err| format!("{}: {err}", kept.display()))?;
    let grammar = Grammar::parse(include_str!("fuzz/programs.grammar"))?;
    let (next, done) = (AtomicU64::new(seed), AtomicUsize::new(0));
    let (differing, explained, invalid) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let end = seed + count;
    let work = || -> Result<(), String> {
        let mut oracle = Oracle::start(&oracle)?;
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= end {
                return Ok(());
            }
            let path = kept.join(format!("p{n}.py"));
            fs::write(&path, grammar.program(n)?).map_err(|err| format!("{}: {err}", path.display()))?;
            let (mut ours, mut theirs) = (run(&subject, &path)?, oracle.run(&path)?);
            // A busy machine lets programs run out of time, and an order by addresses is another one each time: what differs
            // is looked at again.
            for _ in 0..LOOKS {
                if same(&ours, &theirs) {
                    break;
                }
                thread::sleep(Duration::from_millis(100));
                (ours, theirs) = (run(&subject, &path)?, oracle.run(&path)?);
            }
            if theirs.printed.is_empty() && theirs.raised.starts_with("SyntaxError") {
                invalid.fetch_add(1, Ordering::Relaxed);
                println!("not valid: {}", path.display());
            } else if same(&ours, &theirs) {
                let _ = fs::remove_file(&path);
            } else if theirs.exit.is_none() {
                invalid.fetch_add(1, Ordering::Relaxed);
                let _ = fs::remove_file(&path);
            } else if let Some(reason) = explain(&ours, &theirs) {
                explained.fetch_add(1, Ordering::Relaxed);
                println!("explained: {}: {reason}", path.display());
            } else {
                differing.fetch_add(1, Ordering::Relaxed);
                // What was seen stays beside the program: it may not show again.
                for (seen, name) in [(&ours, "ours.seen"), (&theirs, "theirs.seen")] {
                    let text = format!("exit {:?}, {}\n{}", seen.exit, seen.raised, seen.printed);
                    let _ = fs::write(format!("{}.{name}", path.display()), text);
                }
                println!("differs: {}", path.display());
            }
            let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
            if so_far.is_multiple_of(1000) {
                eprintln!("{so_far} of {count}");
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a thread failed".to_owned())?)
    })?;
    let (found, explained, invalid) = (differing.into_inner(), explained.into_inner(), invalid.into_inner());
    println!(
        "{count} programs from seed {seed}: {found} differ without an explanation, {explained} with one, {invalid} not \
         valid or without an answer of CPython"
    );
    if found == 0 { Ok(()) } else { Err(format!("see {}", kept.display())) }
}

fn same(ours: &Seen, theirs: &Seen) -> bool {
    // A program without an end is one under both.
    if ours.exit.is_none() && theirs.exit.is_none() {
        return true;
    }
    ours.exit == theirs.exit
        && same_text(&ours.raised, &theirs.raised)
        && ours.printed.split('\n').count() == theirs.printed.split('\n').count()
        && ours.printed.split('\n').zip(theirs.printed.split('\n')).all(|(a, b)| same_text(a, b))
}

/// Whether two lines are equal but for the order of sets of strings, which CPython leaves open: a line with braces may
/// have its characters in another order.
fn same_text(a: &str, b: &str) -> bool {
    let sorted = |line: &str| {
        let mut bytes = line.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    a == b || a.contains('{') && sorted(a) == sorted(b)
}
