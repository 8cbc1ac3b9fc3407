//! Running a program on a script in a fresh folder, with a time limit.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a finished program left behind.
#[derive(Debug)]
pub struct Outcome {
    /// `None` when the program was killed by a signal.
    pub exit: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// The last line of standard error, if there is one.
    pub fn stderr_last(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        text.trim_end_matches('\n').lines().last().map(str::to_owned)
    }
}

/// Why there is no outcome.
#[derive(Debug)]
pub enum RunError {
    Io(io::Error),
    /// The program was stopped after this long; what it had printed is kept.
    TimedOut(Duration, Vec<u8>),
}

impl From<io::Error> for RunError {
    fn from(err: io::Error) -> RunError {
        RunError::Io(err)
    }
}

/// Runs `command` in `folder` without input, and stops it after `limit`.
pub fn run(command: &mut Command, folder: &Path, limit: Duration) -> Result<Outcome, RunError> {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PYTHON") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("NO_COLOR", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let finished = wait(&mut child, limit)?;
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    match finished {
        Some(status) => Ok(Outcome { exit: status.code(), stdout, stderr }),
        None => Err(RunError::TimedOut(limit, stdout)),
    }
}

/// Reads a pipe to its end on a thread of its own, so that a full pipe never blocks the program.
fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth comparing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}
