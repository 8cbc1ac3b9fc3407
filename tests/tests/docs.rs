//! Every `aio` block of the README and of `docs/` runs, and prints what the page says.
//!
//! A block's promise is the `text` block that follows it, or its own `# prints: ...` comments.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use aio_tests::project_root;
use aio_tests::run::{self, RunError};
use aio_tests::trial::first_difference;
use libtest_mimic::{Arguments, Failed, Trial};

/// One fenced example of a page.
struct Example {
    line: usize,
    code: String,
    printed: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = project_root();
    let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md"), root.join("CONTRIBUTING.md")];
    collect_pages(&root.join("docs"), &mut pages);
    let mut trials = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap_or_default();
        let name = page.strip_prefix(&root).unwrap_or(&page).display().to_string();
        for example in examples(&text) {
            let title = format!("{name}:{}", example.line);
            trials.push(Trial::test(title, move || check(&example)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn collect_pages(folder: &Path, pages: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect_pages(&path, pages);
        } else if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
}

/// The fenced `aio` blocks of a page, each with what it promises to print.
fn examples(text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    // Whether only prose stands between the last example and here: a `text` block after another block is not its output.
    let mut waiting = false;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let mut body = String::new();
        for (_, line) in lines.by_ref() {
            if line.starts_with("```") {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        match language.trim() {
            "aio" => {
                let printed = promised_in_comments(&body);
                waiting = printed.is_none();
                found.push(Example { line: number + 1, code: body, printed });
            }
            "text" if waiting => {
                if let Some(example) = found.last_mut() {
                    example.printed = Some(body);
                }
                waiting = false;
            }
            _ => waiting = false,
        }
    }
    found
}

fn promised_in_comments(code: &str) -> Option<String> {
    let promised: Vec<&str> =
        code.lines().filter_map(|line| line.split_once("# prints: ")).map(|(_, text)| text).collect();
    if promised.is_empty() {
        return None;
    }
    Some(promised.iter().map(|text| format!("{text}\n")).collect())
}

fn check(example: &Example) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("example.aio");
    fs::write(&path, &example.code)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_aio_under_test"));
    command.arg(&path);
    let outcome = run::run(&mut command, folder.path(), Duration::from_secs(60)).map_err(|err| match err {
        RunError::Io(err) => err.to_string(),
        RunError::TimedOut(limit, _) => format!("still running after {limit:?}"),
    })?;
    if outcome.exit != Some(0) {
        let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
        return Err(Failed::from(format!("exit code {:?}\n{stderr}", outcome.exit)));
    }
    match &example.printed {
        Some(printed) if printed.as_bytes() != outcome.stdout => {
            Err(Failed::from(first_difference(printed.as_bytes(), &outcome.stdout)))
        }
        _ => Ok(()),
    }
}
