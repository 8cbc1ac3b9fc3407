//! Running one program: Aio as a process of its own, CPython as a fork of a server that has started once.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What one run showed.
pub struct Seen {
    pub printed: String,
    /// The code of exit; none if the program was ended from outside.
    pub exit: Option<i32>,
    /// The last line on stderr, if the program failed: the uncaught exception.
    pub raised: String,
}

/// No program of the grammar needs longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Forks for every path that it reads and says how the fork ended.
const SERVER: &str = r#"
import asyncio, os, signal, sys, types
for path in sys.stdin:
    path = path.rstrip("\n")
    child = os.fork()
    if not child:
        signal.alarm(10)
        for target, name in (1, ".theirs"), (2, ".theirs_err"):
            os.dup2(os.open(path + name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), target)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        main.__file__ = sys.argv[0] = path
        with open(path) as file:
            text = file.read()
        code = 0
        # This frame does not count.
        sys.setrecursionlimit(sys.getrecursionlimit() + 1)
        try:
            exec(compile(text, path, "exec"), main.__dict__)
        except SystemExit as exit:
            code = exit.code
        except BaseException:
            sys.excepthook(*sys.exc_info())
            code = 1
        main.__dict__.clear()
        sys.stdout.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"#;

/// The server of CPython.
pub struct Oracle {
    child: Child,
    replies: BufReader<ChildStdout>,
}

impl Oracle {
    pub fn start(program: &str) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["-W", "ignore", "-c", SERVER])
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|err| format!("{program}: {err}"))?;
        let replies = child.stdout.take().ok_or("the oracle has no output")?;
        Ok(Self { child, replies: BufReader::new(replies) })
    }

    pub fn run(&mut self, path: &Path) -> Result<Seen, String> {
        let gone = |err: std::io::Error| format!("the oracle: {err}");
        let input = self.child.stdin.as_mut().ok_or("the oracle has no input")?;
        writeln!(input, "{}", path.display()).and_then(|()| input.flush()).map_err(gone)?;
        let mut line = String::new();
        self.replies.read_line(&mut line).map_err(gone)?;
        let exit = line.trim().parse::<i32>().map_err(|_| "the oracle has ended".to_owned())?;
        seen(path, "theirs", (exit >= 0).then_some(exit))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Runs Aio on a program.
pub fn run(program: &str, path: &Path) -> Result<Seen, String> {
    let file = |name: &str| File::create(beside(path, name)).map_err(|err| format!("{}: {err}", path.display()));
    let mut child = Command::new(program)
        .args(["-W", "ignore"])
        .arg(path)
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .stdout(file("ours")?)
        .stderr(file("ours_err")?)
        .spawn()
        .map_err(|err| format!("{program}: {err}"))?;
    let begun = Instant::now();
    let exit = loop {
        match child.try_wait().map_err(|err| format!("{program}: {err}"))? {
            Some(status) => break status.code(),
            None if begun.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    seen(path, "ours", exit)
}

fn beside(path: &Path, name: &str) -> String {
    format!("{}.{name}", path.display())
}

/// Reads what a run left beside its program, and removes it.
fn seen(path: &Path, name: &str, exit: Option<i32>) -> Result<Seen, String> {
    let take = |name: String| -> Result<String, String> {
        let bytes = fs::read(&name).map_err(|err| format!("{name}: {err}"))?;
        let _ = fs::remove_file(&name);
        Ok(without_addresses(&String::from_utf8_lossy(&bytes)))
    };
    let printed = take(beside(path, name))?;
    let errors = take(beside(path, &format!("{name}_err")))?;
    // Warnings may follow: of coroutines that end with the program.
    let is_warning = |line: &str| line.contains("RuntimeWarning: ");
    let last = if exit == Some(0) { None } else { errors.lines().rfind(|line| !is_warning(line)) };
    let last = last.unwrap_or_default();
    Ok(Seen { printed, exit, raised: last.to_owned() })
}

/// A text without the addresses of objects.
fn without_addresses(text: &str) -> String {
    let mut pieces = text.split(" at 0x");
    let mut clean = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        clean.push_str(" at");
        clean.push_str(piece.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    clean
}
