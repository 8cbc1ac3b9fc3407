//! `aio check` and `aio dis` as users see them.

use std::path::Path;
use std::process::{Command, Output};

fn aio(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aio"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts")
}

fn shown(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    format!("exit {code}\n{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn five_errors_are_found_and_none_invented() {
    insta::assert_snapshot!(shown(&aio(&["check", "five_errors.aio"])));
}

#[test]
fn errors_of_scopes() {
    insta::assert_snapshot!(shown(&aio(&["check", "scopes.aio"])));
}

#[test]
fn places_count_characters() {
    insta::assert_snapshot!(shown(&aio(&["check", "wide.aio"])));
}

#[test]
fn warnings_do_not_fail() {
    insta::assert_snapshot!(shown(&aio(&["check", "warnings.aio"])));
}

#[test]
fn output_for_machines() {
    insta::assert_snapshot!(shown(&aio(&["check", "--format", "json", "five_errors.aio", "warnings.aio"])));
}

#[test]
fn mistakes_that_compile() {
    insta::assert_snapshot!(shown(&aio(&["check", "mistakes.aio"])));
}

#[test]
fn warnings_can_be_switched() {
    assert_eq!(shown(&aio(&["check", "--no-warn", "all", "mistakes.aio"])), "exit 0\n");
    let one = shown(&aio(&["check", "--no-warn=all", "--warn=blocking-call", "--format=json", "mistakes.aio"]));
    assert_eq!(one.lines().count(), 2, "{one}");
    assert!(one.contains("\"kind\":\"blocking-call\",\"line\":6"), "{one}");
    let none = shown(&aio(&["check", "--no-warn", "blocking-call,no-such", "mistakes.aio"]));
    assert!(none.starts_with("exit 2\naio check: no warning is called 'no-such'"), "{none}");
}

#[test]
fn strict_makes_warnings_fail() {
    assert!(shown(&aio(&["check", "--strict", "mistakes.aio"])).starts_with("exit 1\n"));
    assert_eq!(shown(&aio(&["check", "--strict", "fine.aio"])), "exit 0\n");
}

#[test]
fn folders_are_searched() {
    let all = shown(&aio(&["check", "--format", "json", "."]));
    assert!(all.contains("mistakes.aio") && all.contains("five_errors.aio"), "{all}");
}

#[test]
fn the_list_and_its_page() {
    insta::assert_snapshot!(shown(&aio(&["check", "--list", "--no-warn", "undefined-name"])));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let made = aio(&["check", "--list", "--format", "markdown"]).stdout;
    assert_eq!(page, String::from_utf8_lossy(&made), "run `cargo xtask gen`");
}

#[test]
fn nothing_is_said_of_a_fine_file() {
    assert_eq!(shown(&aio(&["check", "fine.aio"])), "exit 0\n");
}

#[test]
fn the_bytecode_of_a_file() {
    let output = aio(&["dis", "fine.aio"]);
    let text = shown(&output);
    assert!(text.starts_with("exit 0\ncode <module>:") && text.contains("Await"), "{text}");
    assert!(shown(&aio(&["dis", "five_errors.aio"])).starts_with("exit 1\n"));
}
