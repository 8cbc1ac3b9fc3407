//! The page of known differences from CPython, made from the scripts that show them.

use std::fs;
use std::path::PathBuf;

use crate::project_root;
use crate::script;

/// Writes `docs/differences.md`.
pub fn write() -> Result<(), String> {
    fs::write(path(), page()?).map_err(|err| err.to_string())
}

/// Fails when the committed page is not what the scripts say.
pub fn check_fresh() -> Result<(), String> {
    let committed = fs::read_to_string(path()).unwrap_or_default();
    if committed == page()? { Ok(()) } else { Err("docs/differences.md is stale: run `cargo xtask gen`".to_owned()) }
}

fn path() -> PathBuf {
    project_root().join("docs/differences.md")
}

/// One section per script of `tests/suite/differs`: its opening comment is the text, the rest the example.
fn page() -> Result<String, String> {
    let folder = project_root().join("tests/suite/differs");
    let mut page = "# Differences from CPython 3.13\n\n\
        Every difference is a script of `tests/suite/differs` that the tests run; this page is made from them by `cargo xtask gen`.\n"
        .to_owned();
    for script in script::scripts(&folder).map_err(|err| err.to_string())? {
        let text = fs::read_to_string(&script.main).map_err(|err| err.to_string())?;
        let comment: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim())
            .collect();
        let Some((title, reasons)) = comment.split_first() else {
            return Err(format!("{} does not open with a comment", script.name));
        };
        let code: Vec<&str> = text.lines().skip(comment.len()).collect();
        let expected = crate::expectation::Expectation::read(&script.expectation()).map_err(|err| err.to_string())?;
        page.push_str(&format!(
            "\n## {title}\n\n{}\n\n```aio\n{}\n```\n\n```text\n{}```\n",
            reasons.join("\n"),
            code.join("\n").trim(),
            String::from_utf8_lossy(&expected.stdout),
        ));
    }
    Ok(page)
}
