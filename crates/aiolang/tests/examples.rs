//! The programs in `examples/embed` run, and say what they say.

use std::path::PathBuf;
use std::process::Command;

/// Examples, with lines that they print.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("hello", &["HELLO, WORLD!"]),
    ("async_tokio", &["[\"body of /a\", \"body of /b\", \"body of /c\"]", "too late"]),
    ("limits", &["Limit(Fuel): ", "Limit(Memory): ", "Limit(Stopped): ", "still valid: 42"]),
    ("plugin", &["[info] notes: 5 words", "PermissionError", "KeyError", "Bool(false)"]),
    ("class", &["Vector(3, 4) 5.0", "Vector(6, 5)", "still after ", "A vector in the plane."]),
    ("streaming", &["0\n0.5\n1\n1.5\n2\n", "closed after 10"]),
    ("thousand", &["332833500"]),
];

/// Cargo builds the examples beside the folder of this test.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test is a file");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("cargo keeps tests in a folder");
    folder.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

#[test]
fn all_examples_are_known() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/embed");
    let entries = std::fs::read_dir(folder).expect("there are examples");
    let mut found: Vec<String> = entries
        .flatten()
        .filter_map(|e| e.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    found.sort();
    let mut known: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn examples_print_what_they_promise() {
    for (name, lines) in EXAMPLES {
        let output = Command::new(program(name)).output().expect("`cargo build --examples` has built it");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !text.is_empty(), "{name}: {text}{errors}");
        for line in *lines {
            assert!(text.contains(line), "{name} does not say {line:?}: {text}");
        }
    }
}
