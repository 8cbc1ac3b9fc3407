//! Errors as a user sees them: drawn without colour, under fixed names, kept as snapshots.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aio_tests::{project_root, run};

/// Runs a script under its own name and returns its exit code and all it printed.
fn drawn(path: &Path) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = path.file_name().expect("a file name");
    fs::copy(path, folder.path().join(name)).expect("the script is copied");
    let mut command = Command::new(env!("CARGO_BIN_EXE_aio_under_test"));
    command.arg(name).env("COLUMNS", "100");
    let outcome = run::run(&mut command, folder.path(), Duration::from_secs(60)).expect("the program ends");
    let exit = outcome.exit.unwrap_or_else(|| panic!("{} was killed by a signal", path.display()));
    let (stdout, stderr) = (String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr));
    format!("exit code {exit}\n{stdout}{stderr}")
}

#[test]
fn rendered_errors() {
    insta::glob!("../suite/diagnostics", "*.aio", |path| insta::assert_snapshot!(drawn(path)));
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let path = project_root().join("tests/suite/diagnostics/five_errors.aio");
    let text = drawn(&path);
    let places: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split("five_errors.aio:").nth(1))
        .filter_map(|rest| rest.split(' ').next())
        .collect();
    assert_eq!(places, ["2:12", "6:16", "10:13", "13:14", "22:18"], "{text}");
}
