//! Errors as a user sees them: drawn without colour, under fixed names, kept as snapshots.

use std::fs;
use std::process::Command;
use std::time::Duration;

use aio_tests::run;

#[test]
fn rendered_errors() {
    insta::glob!("../suite/diagnostics", "*.aio", |path| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let name = path.file_name().expect("a file name");
        fs::copy(path, folder.path().join(name)).expect("the script is copied");
        let mut command = Command::new(env!("CARGO_BIN_EXE_aio_under_test"));
        command.arg(name).env("COLUMNS", "100");
        let outcome = run::run(&mut command, folder.path(), Duration::from_secs(60)).expect("the program ends");
        assert!(outcome.exit.is_some(), "{} was killed by a signal", path.display());
        let text = format!(
            "exit code {}\n{}{}",
            outcome.exit.unwrap_or_default(),
            String::from_utf8_lossy(&outcome.stdout),
            String::from_utf8_lossy(&outcome.stderr),
        );
        insta::assert_snapshot!(text);
    });
}
