//! Every example of the project runs and prints what is promised, on the real and on the virtual clock.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aio_tests::expectation::Expectation;
use aio_tests::project_root;
use aio_tests::run::{self, RunError};
use aio_tests::trial;
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::Command;
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_aio_under_test");

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = project_root().join("examples");
    let mut files: Vec<PathBuf> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(err) => {
            eprintln!("the examples cannot be read: {err}");
            return ExitCode::FAILURE;
        }
    };
    files.retain(|path| path.extension().is_some_and(|e| e == "aio"));
    files.sort();
    let mut trials = Vec::new();
    for path in files {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (suffix, flag) in [("", None), (" on virtual time", Some("--virtual-time"))] {
            let path = path.clone();
            trials.push(Trial::test(format!("{stem}{suffix}"), move || check(&path, flag)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(path: &Path, flag: Option<&str>) -> Result<(), Failed> {
    let stem = path.file_stem().unwrap_or_default();
    let expected_path = path.with_file_name("expected").join(stem).with_extension("out");
    let expected = Expectation::read(&expected_path).map_err(|err| err.to_string())?;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(PROGRAM);
    command.args(flag).arg(path);
    let outcome = run::run(&mut command, folder.path(), Duration::from_secs(60)).map_err(|err| match err {
        RunError::Io(err) => err.to_string(),
        RunError::TimedOut(limit, _) => format!("still running after {limit:?}"),
    })?;
    trial::compare(&expected, &outcome).map_err(Failed::from)
}
