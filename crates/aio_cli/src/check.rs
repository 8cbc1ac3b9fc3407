//! `aio check`: errors and warnings without running anything.

use crate::terminal;
use aiolang::tools::{Checked, check as check_source};
use std::process::ExitCode;

/// Checks files and tells what was found: to people on standard error, to machines on standard output.
pub(crate) fn check(files: &[String], json: bool) -> ExitCode {
    let style = terminal::style();
    let mut refused = false;
    let mut records = String::new();
    for file in files {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(e) => {
                terminal::complain(&format!("aio: can't open file '{file}': {e}\n"));
                return ExitCode::from(2);
            }
        };
        let checked = check_source(file, &bytes);
        refused |= checked.has_errors();
        if json {
            records.push_str(&lines(&checked));
        } else if !checked.diagnostics.is_empty() {
            terminal::complain(&checked.render(&style));
        }
    }
    if json {
        terminal::say(&records);
    }
    if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// One JSON object per diagnostic, each on a line of its own.
fn lines(checked: &Checked) -> String {
    let mut text = String::new();
    for (d, start, end) in checked.places() {
        let record = serde_json::json!({
            "file": checked.name,
            "severity": if d.is_error() { "error" } else { "warning" },
            "kind": d.kind,
            "message": d.message,
            "help": d.help,
            "line": start.line,
            "column": start.col,
            "end_line": end.line,
            "end_column": end.col,
        });
        text.push_str(&format!("{record}\n"));
    }
    text
}
