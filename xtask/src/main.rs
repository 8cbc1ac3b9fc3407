//! Chores of the project: `cargo xtask check | oracle | bench | instructions | layout | fuzz | bless | gen`.

mod bench;
mod chore;
mod differences;
mod fuzz;
mod instructions;
mod layout;
mod oracle;

// The runner's own modules, shared by path so that a chore does not build the whole interpreter first.
#[path = "../../tests/src/expectation.rs"]
mod expectation;
#[path = "../../tests/src/run.rs"]
mod run;
#[allow(dead_code, reason = "what walks the suite is for the tests")]
#[path = "../../tests/src/script.rs"]
mod script;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  check                 format, lints, all tests and documentation: what must pass before a commit
  oracle [NAME...]      run the suite and the examples under CPython and write their expectations
                        (the command comes from AIO_ORACLE, otherwise python3.13)
  bench [--peer CMD] [NAME...]
                        CPU time of every program in benches/, compared with the peer's when one is given
  instructions [--renew]
                        count the instructions of the same programs under valgrind and compare them with
                        benches/instructions.txt, or write that file
  layout                write which code a start runs (crates/aio_cli/start.ld), as valgrind sees it in a release build
  fuzz [COUNT [SEED]]   run COUNT (1000) made-up programs under Aio's release build (or AIO) and CPython; those whose
                        output, exit code or type of exception differ are kept in target/fuzz
  bless                 accept the snapshots as they are now
  gen [--check]         write the pages that are made from other files, or say whether they are fresh
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["check"] => chore::check(),
        ["oracle", names @ ..] => oracle::oracle(names),
        ["bench", "--peer", peer, names @ ..] => bench::bench(Some(peer), names),
        ["bench", names @ ..] => bench::bench(None, names),
        ["instructions"] => instructions::instructions(false),
        ["instructions", "--renew"] => instructions::instructions(true),
        ["layout"] => layout::layout(),
        ["fuzz", numbers @ ..] if numbers.len() <= 2 => {
            let number = |i: usize, or: u64| {
                numbers.get(i).map_or(Ok(or), |n| n.parse::<u64>().map_err(|e| format!("{n}: {e}")))
            };
            number(0, 1000).and_then(|count| fuzz::fuzz(count, number(1, 1)?))
        }
        ["bless"] => chore::bless(),
        ["gen"] => chore::pages(),
        ["gen", "--check"] => differences::check_fresh(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the whole project.
fn project_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
