//! `aio check`: errors and warnings without running anything.

use crate::options::Command;
use crate::terminal;
use aiolang::tools::{Checked, Lints, check as check_source};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is to be checked, and how the result is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    paths: Vec<String>,
    format: Format,
    /// Warnings make the exit code 1, too.
    strict: bool,
    lints: Lints,
    /// Only tell which kinds of warnings there are.
    list: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
    /// Only of the list.
    Markdown,
}

impl Request {
    /// Reads what stands behind `aio check`.
    pub(crate) fn read(rest: &mut impl Iterator<Item = String>) -> Result<Command, String> {
        let mut request =
            Request { paths: Vec::new(), format: Format::Text, strict: false, lints: Lints::default(), list: false };
        let mut only_paths = false;
        while let Some(argument) = rest.next() {
            if only_paths || argument == "-" || !argument.starts_with('-') {
                request.paths.push(argument);
                continue;
            }
            let (option, attached) = match argument.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let mut value =
                || attached.clone().or_else(|| rest.next()).ok_or(format!("Argument expected for the {option} option"));
            match option {
                "--" => only_paths = true,
                "--help" | "-h" => return Ok(Command::Help),
                "--strict" => request.strict = true,
                "--list" => request.list = true,
                "--warn" => request.switch(&value()?, true)?,
                "--no-warn" => request.switch(&value()?, false)?,
                "--format" => request.format = format_named(&value()?)?,
                _ => return Err(format!("aio check: unknown option {argument}")),
            }
        }
        if request.format == Format::Markdown && !request.list {
            return Err("aio check: only --list can be had as markdown".to_owned());
        }
        if request.paths.is_empty() && !request.list {
            return Err("aio check: which file?".to_owned());
        }
        Ok(Command::Check(request))
    }

    /// Switches kinds of warnings by a list of names with commas between them.
    fn switch(&mut self, names: &str, on: bool) -> Result<(), String> {
        for name in names.split(',') {
            if !self.lints.set(name.trim(), on) {
                return Err(format!("aio check: no warning is called '{name}'; --list shows all"));
            }
        }
        Ok(())
    }
}

fn format_named(name: &str) -> Result<Format, String> {
    match name {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        "markdown" => Ok(Format::Markdown),
        other => Err(format!("aio check: unknown format '{other}'")),
    }
}

/// Checks files and tells what was found: to people on standard error, to machines on standard output.
pub(crate) fn check(request: &Request) -> ExitCode {
    if request.list {
        return terminal::say(&list(request));
    }
    let style = terminal::style();
    let mut refused = false;
    let mut records = String::new();
    for file in request.paths.iter().flat_map(|path| files(Path::new(path))) {
        let file = file.to_string_lossy();
        let bytes = match std::fs::read(&*file) {
            Ok(bytes) => bytes,
            Err(e) => {
                terminal::complain(&format!("aio: can't open file '{file}': {e}\n"));
                return ExitCode::from(2);
            }
        };
        let checked = check_source(&file, &bytes, &request.lints);
        refused |= checked.has_errors() || request.strict && !checked.diagnostics.is_empty();
        if request.format == Format::Json {
            records.push_str(&lines(&checked));
        } else if !checked.diagnostics.is_empty() {
            terminal::complain(&checked.render(&style));
        }
    }
    if request.format == Format::Json {
        terminal::say(&records);
    }
    if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A file, or all scripts in a folder and the folders inside of it, in order.
fn files(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else { return vec![path.to_owned()] };
    let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    inside.sort();
    let script = |path: &Path| path.extension().is_some_and(|end| end == "aio" || end == "py");
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    inside
        .into_iter()
        .filter(|path| !hidden(path) && (script(path) || path.is_dir() && !path.is_symlink()))
        .flat_map(|path| files(&path))
        .collect()
}

/// The kinds of warnings.
fn list(request: &Request) -> String {
    let kinds = Lints::all().iter();
    match request.format {
        Format::Markdown => Lints::page(),
        Format::Text => kinds
            .map(|lint| {
                let state = if request.lints.wants(lint.name) { "on" } else { "off" };
                format!("{:<20} {state:<4} {}\n", lint.name, lint.summary)
            })
            .collect(),
        Format::Json => kinds
            .map(|lint| {
                let (on, help) = (request.lints.wants(lint.name), Some(lint.help).filter(|help| !help.is_empty()));
                let record = serde_json::json!({ "name": lint.name, "on": on, "finds": lint.summary, "help": help });
                format!("{record}\n")
            })
            .collect(),
    }
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
