//! Runs the suite and the examples under CPython and writes what they print as the expectation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::expectation::Expectation;
use crate::project_root;
use crate::run::{self, RunError};
use crate::script::{self, Script};

/// Folders whose expectations are ours and not CPython's.
const OURS: &[&str] = &["diagnostics/", "differs/"];

/// Writes the expectation of every script whose name contains one of `names`, or of all.
pub fn oracle(names: &[&str]) -> Result<(), String> {
    let command = std::env::var("AIO_ORACLE").unwrap_or_else(|_| "python3.13".to_owned());
    let words: Vec<&str> = command.split_whitespace().collect();
    require_cpython(&words)?;
    let root = project_root();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part));
    let mut jobs = Vec::new();
    for script in script::scripts(&root.join("tests/suite")).map_err(|err| err.to_string())? {
        if wanted(&script.name) && !OURS.iter().any(|folder| script.name.starts_with(folder)) {
            let target = script.expectation();
            jobs.push((script, target));
        }
    }
    for script in script::scripts(&root.join("examples")).map_err(|err| err.to_string())? {
        let target = root.join("examples/expected").join(&script.name).with_extension("out");
        if wanted(&script.name) {
            jobs.push((script, target));
        }
    }
    let mut failures = Vec::new();
    for (script, target) in &jobs {
        if let Err(problem) = write_one(&words, script, target) {
            failures.push(format!("{}: {problem}", script.name));
        }
    }
    println!("{} expectations written", jobs.len() - failures.len());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn require_cpython(words: &[&str]) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("AIO_ORACLE is empty")?;
    let output = Command::new(program)
        .args(arguments)
        .args(["-c", "import sys; print(sys.implementation.name, *sys.version_info[:2])"])
        .output()
        .map_err(|err| format!("{program} cannot be started ({err}); name a CPython 3.13 in AIO_ORACLE"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if version == "cpython 3 13" { Ok(()) } else { Err(format!("the oracle is CPython 3.13, not: {version}")) }
}

fn write_one(words: &[&str], script: &Script, target: &Path) -> Result<(), String> {
    // Two runs with different hash seeds: what depends on the seed is not fit for an expectation.
    let first = expectation(words, script, "1")?;
    let second = expectation(words, script, "7")?;
    if first != second {
        return Err("two runs print different things".to_owned());
    }
    let may_fail = stem(&script.main).starts_with("err_");
    if first.exit != 0 && !may_fail {
        return Err(format!("exit code {} (only err_ scripts may fail)", first.exit));
    }
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(|err| err.to_string())?;
    }
    first.write(target).map_err(|err| err.to_string())
}

fn expectation(words: &[&str], script: &Script, seed: &str) -> Result<Expectation, String> {
    let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
    let cwd: PathBuf = folder.path().join("cwd");
    fs::create_dir(&cwd).map_err(|err| err.to_string())?;
    let main = script.copy_to(folder.path(), "py").map_err(|err| err.to_string())?;
    let (program, arguments) = words.split_first().ok_or("AIO_ORACLE is empty")?;
    let mut command = Command::new(program);
    command.args(arguments).arg(main).env("PYTHONHASHSEED", seed);
    let outcome = run::run(&mut command, &cwd, Duration::from_secs(60)).map_err(|err| match err {
        RunError::Io(err) => err.to_string(),
        RunError::TimedOut(limit, stdout) => format!("still running after {limit:?}, {} bytes printed", stdout.len()),
    })?;
    let exit = outcome.exit.ok_or("killed by a signal")?;
    let compared = exit != 0 && !script.directives.ignore_stderr;
    let stderr_last = if compared { outcome.stderr_last() } else { None };
    Ok(Expectation { exit, stderr_last, stdout: outcome.stdout })
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
