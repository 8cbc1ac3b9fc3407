//! Starting the program in tests, and what was seen of it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The program, without what the environment of whoever runs the tests would change.
pub fn aio() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aio"));
    command.env("NO_COLOR", "1").env_remove("AIOPATH").env_remove("PYTHONUNBUFFERED");
    command
}

/// What was seen of a run.
#[derive(Debug)]
pub struct Seen {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// What was seen of a run that has ended.
pub fn seen(output: Output) -> Seen {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Seen { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Runs the program with these bytes as its input.
pub fn with_input(command: &mut Command, input: &str) -> Seen {
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    stdin.write_all(input.as_bytes()).expect("the program reads");
    drop(stdin);
    seen(child.wait_with_output().expect("the program ends"))
}
