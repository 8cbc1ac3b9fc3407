//! One test: run a script with the program under test and compare with its expectation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::expectation::Expectation;
use crate::run::{self, Outcome, RunError};
use crate::script::Script;

const LIMIT: Duration = Duration::from_secs(60);

/// Which clock the script sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Real,
    /// Sleeping costs nothing; what is printed must be the same.
    Virtual,
}

/// Runs `script` with `program` and says what differs from its expectation.
pub fn check(program: &Path, script: &Script, clock: Clock) -> Result<(), String> {
    let expected = Expectation::read(&script.expectation()).map_err(|err| err.to_string())?;
    let outcome = execute(program, script, clock, &[])?;
    compare(&expected, &outcome)
}

/// Runs a script in a folder of its own, with more options of the program.
pub fn execute(program: &Path, script: &Script, clock: Clock, options: &[&str]) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
    let cwd = folder.path().join("cwd");
    fs::create_dir(&cwd).map_err(|err| err.to_string())?;
    let main = script.copy_to(folder.path(), "aio").map_err(|err| err.to_string())?;
    let mut command = Command::new(program);
    if clock == Clock::Virtual {
        command.arg("--virtual-time");
    }
    command.args(options).arg(main);
    run::run(&mut command, &cwd, LIMIT).map_err(|err| match err {
        RunError::Io(err) => format!("could not be run: {err}"),
        RunError::TimedOut(limit, stdout) => {
            let text = String::from_utf8_lossy(&stdout);
            let last = text.lines().last().unwrap_or("nothing");
            format!("still running after {limit:?}; the last line printed was: {last}")
        }
    })
}

/// Says what differs between an expectation and what came out.
pub fn compare(expected: &Expectation, outcome: &Outcome) -> Result<(), String> {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let Some(exit) = outcome.exit else {
        return Err(format!("killed by a signal\nstderr:\n{}", tail(&stderr)));
    };
    if expected.stdout != outcome.stdout {
        let difference = first_difference(&expected.stdout, &outcome.stdout);
        return Err(format!("stdout differs: {difference}\nexit code {exit}\nstderr:\n{}", tail(&stderr)));
    }
    if expected.exit != exit {
        return Err(format!("exit code {exit} instead of {}\nstderr:\n{}", expected.exit, tail(&stderr)));
    }
    if expected.stderr_last.is_some() && expected.stderr_last != outcome.stderr_last() {
        return Err(format!(
            "the last line of stderr differs\nwant: {}\n got: {}",
            expected.stderr_last.as_deref().unwrap_or_default(),
            outcome.stderr_last().unwrap_or_default(),
        ));
    }
    Ok(())
}

/// The first line in which two outputs differ.
pub fn first_difference(want: &[u8], got: &[u8]) -> String {
    let (want, got) = (String::from_utf8_lossy(want), String::from_utf8_lossy(got));
    let (mut want_lines, mut got_lines) = (want.split('\n'), got.split('\n'));
    for number in 1.. {
        let (a, b) = (want_lines.next(), got_lines.next());
        if a != b {
            let show = |line: Option<&str>| line.unwrap_or("<end of output>").to_owned();
            return format!("line {number}\nwant: {}\n got: {}", show(a), show(b));
        }
        if a.is_none() {
            break;
        }
    }
    "in bytes that are not text".to_owned()
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// Tests that are known to fail, each with its reason: `name: reason` per line of `tests/known_failures.txt`.
///
/// They still run, and one that passes is an error, so that the list can only tell the truth.
pub fn known_failures(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, reason)| (name.trim().to_owned(), reason.trim().to_owned()))
        .collect()
}
