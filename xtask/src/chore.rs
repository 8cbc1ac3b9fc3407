//! Chores that are a list of cargo commands.

use std::process::Command;

use crate::{differences, project_root};

/// Everything that must hold before a commit.
pub fn check() -> Result<(), String> {
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    cargo(&["test", "--workspace"], &[("INSTA_UPDATE", "no")])?;
    cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"], &[("RUSTDOCFLAGS", "-D warnings")])?;
    differences::check_fresh()
}

/// Writes the pages that are made from other files.
pub fn pages() -> Result<(), String> {
    differences::write()?;
    // The program prints the page itself, so that it and the page cannot differ; a test of `aio_cli` compares them.
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(["run", "--quiet", "--package", "aio_cli", "--", "check", "--list", "--format", "markdown"])
        .current_dir(project_root())
        .output()
        .map_err(|err| format!("cargo cannot be started: {err}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    std::fs::write(project_root().join("docs/diagnostics.md"), output.stdout).map_err(|err| err.to_string())
}

/// Accepts what the snapshot tests see now.
pub fn bless() -> Result<(), String> {
    cargo(&["test", "--workspace", "--exclude", "xtask"], &[("INSTA_UPDATE", "always"), ("INSTA_FORCE_PASS", "1")])
}

fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    println!("cargo {}", arguments.join(" "));
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(project_root())
        .status()
        .map_err(|err| format!("cargo cannot be started: {err}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", arguments.join(" "))) }
}
