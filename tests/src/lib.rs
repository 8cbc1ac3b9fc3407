//! What the suites share: finding scripts, running a program on them, comparing what came out.

pub mod expectation;
pub mod run;
pub mod script;
pub mod trial;

use std::path::PathBuf;

/// The folder of the whole project.
pub fn project_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
