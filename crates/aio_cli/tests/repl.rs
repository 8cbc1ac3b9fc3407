//! The prompt, driven through a pseudo-terminal.
#![cfg(unix)]

use rexpect::session::{PtySession, spawn_command};
use std::io::Write;
use std::process::{Command, Stdio};

/// How long an answer may take, in milliseconds: machines that test are slow.
const PATIENCE: u64 = 60_000;

/// What the editor writes when it begins and when it ends; the prompt itself is drawn anew with each key.
const BEGINS: &str = "\x1b[?2004h";
const ENDS: &str = "\x1b[?2004l";

const CTRL_C: char = 'c';
const CTRL_D: char = 'd';

struct Prompt {
    session: PtySession,
    folder: tempfile::TempDir,
}

type Done = Result<(), rexpect::error::Error>;

fn command(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aio"));
    command.env("NO_COLOR", "1").env("TERM", "xterm").env_remove("AIOPATH");
    command.env("AIO_HISTORY", folder.join("history")).current_dir(folder);
    command
}

impl Prompt {
    fn new() -> Result<Prompt, rexpect::error::Error> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Prompt::in_folder(folder)
    }

    fn in_folder(folder: tempfile::TempDir) -> Result<Prompt, rexpect::error::Error> {
        let session = spawn_command(command(folder.path()), Some(PATIENCE))?;
        let mut prompt = Prompt { session, folder };
        prompt.sees("help(x)")?;
        prompt.sees(BEGINS)?;
        Ok(prompt)
    }

    /// Types a line and Enter.
    fn types(&mut self, line: &str) -> Done {
        self.session.send(line)?;
        self.session.send("\r")?;
        self.session.flush()
    }

    fn sees(&mut self, text: &str) -> Done {
        self.session.exp_string(text).map(drop)
    }

    /// Types an input and waits for what it prints and for the next prompt.
    fn answers(&mut self, line: &str, text: &str) -> Done {
        self.types(line)?;
        self.sees(ENDS)?;
        self.sees(text)?;
        self.sees(BEGINS)
    }

    fn leaves(mut self) -> Result<tempfile::TempDir, rexpect::error::Error> {
        self.session.send_control(CTRL_D)?;
        self.session.flush()?;
        self.session.exp_eof()?;
        Ok(self.folder)
    }
}

#[test]
fn values_are_shown_and_remembered() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("6 * 7", "42")?;
    prompt.answers("_ + 1", "43")?;
    prompt.answers("'a' 'b'", "'ab'")?;
    prompt.answers("x = 1", "")?;
    prompt.answers("1 / 0", "ZeroDivisionError: division by zero")?;
    prompt.answers("x = = 2", "SyntaxError: invalid syntax")?;
    prompt.answers("x", "1")?;
    prompt.leaves().map(drop)
}

#[test]
fn blocks_are_one_input() -> Done {
    let mut prompt = Prompt::new()?;
    // Enter indents: the second line has its spaces already.
    prompt.types("def f(n):")?;
    prompt.types("return n + 1")?;
    prompt.answers("", "")?;
    prompt.answers("f(1)", "2")?;
    prompt.types("total = sum([1,")?;
    prompt.answers("2, 3])", "")?;
    prompt.answers("total", "6")?;
    prompt.leaves().map(drop)
}

#[test]
fn inputs_await_and_asyncio_runs() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.answers("await asyncio.sleep(0.01, 'slept')", "'slept'")?;
    prompt.answers("asyncio.run(asyncio.sleep(0, 'run'))", "'run'")?;
    prompt.answers("t = asyncio.create_task(asyncio.sleep(0, 'done'), name='mine')", "")?;
    prompt.answers("await t", "'done'")?;
    prompt.answers(":time await asyncio.sleep(0.01)", " ms")?;
    prompt.leaves().map(drop)
}

#[test]
fn background_tasks_print_above_a_half_typed_line() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.types("async def ticks():")?;
    prompt.types("for i in range(3): await asyncio.sleep(0.3); print('tick', i)")?;
    prompt.answers("", "")?;
    prompt.types("task = asyncio.create_task(ticks(), name='ticker')")?;
    prompt.sees(BEGINS)?;
    prompt.session.send("20 +")?;
    prompt.session.flush()?;
    prompt.sees("tick 0")?;
    prompt.sees("tick 1")?;
    prompt.answers(" 3", "23")?;
    prompt.answers("await task", "")?;
    prompt.answers(":tasks", "no tasks")?;
    prompt.leaves().map(drop)
}

#[test]
fn interrupts_end_what_runs_and_nothing_else() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio, time; x = 5", "")?;
    for busy in ["while True: pass\r", "time.sleep(60)", "await asyncio.sleep(60)"] {
        prompt.types(busy)?;
        prompt.sees(ENDS)?;
        std::thread::sleep(std::time::Duration::from_millis(700));
        prompt.session.send_control(CTRL_C)?;
        prompt.session.flush()?;
        prompt.sees("KeyboardInterrupt")?;
        prompt.sees(BEGINS)?;
    }
    // At the prompt it drops what is typed.
    prompt.session.send("half")?;
    prompt.session.send_control(CTRL_C)?;
    prompt.session.flush()?;
    prompt.sees("KeyboardInterrupt")?;
    prompt.sees(BEGINS)?;
    prompt.answers("x", "5")?;
    prompt.leaves().map(drop)
}

#[test]
fn names_are_completed_and_inputs_remembered() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("very_long_name = 'found'", "")?;
    prompt.answers("very_lo\t", "'found'")?;
    prompt.answers("very_long_name.startsw\t('fo')", "True")?;
    let folder = prompt.leaves()?;
    let mut prompt = Prompt::in_folder(folder)?;
    // Up twice: the assignment before the two that used it is three back.
    prompt.answers("\x1b[A\x1b[A\x1b[A", "")?;
    prompt.answers("very_long_name", "'found'")?;
    prompt.leaves().map(drop)
}

#[test]
fn commands_begin_with_a_colon() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers(":help", ":quit")?;
    prompt.types("def twice(x):")?;
    prompt.types("'Double it.'")?;
    prompt.types("return x * 2")?;
    prompt.answers("", "")?;
    prompt.answers(":doc twice", "Double it.")?;
    prompt.answers(":dis twice", "Return")?;
    prompt.answers(":save inputs.aio", "1 inputs are in inputs.aio")?;
    prompt.answers(":reset", "")?;
    prompt.answers("twice", "NameError: name 'twice' is not defined")?;
    prompt.answers(":load inputs.aio", "")?;
    prompt.answers("twice(4)", "8")?;
    prompt.answers(":nonsense", "there is no command :nonsense")?;
    prompt.types(":quit")?;
    prompt.session.exp_eof().map(drop)
}

#[test]
fn leaving_runs_what_is_left_to_do() -> Done {
    let mut prompt = Prompt::new()?;
    prompt.answers("import asyncio", "")?;
    prompt.types("async def work():")?;
    prompt.types("try: await asyncio.sleep(60)")?;
    prompt.types("finally: print('cleaned up')")?;
    prompt.answers("", "")?;
    prompt.answers("t = asyncio.create_task(work())", "")?;
    prompt.session.send_control(CTRL_D)?;
    prompt.session.flush()?;
    prompt.sees("cleaned up")?;
    prompt.session.exp_eof().map(drop)
}

#[test]
fn piped_inputs_need_no_prompt() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut child = command(folder.path())
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let input = "x = 20\ndef f(n):\n    return n + 1\n\nf(x) * 2\nimport asyncio\nawait asyncio.sleep(0, 'ok')\n1 / 0\nexit(3)\n";
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    stdin.write_all(input.as_bytes()).expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.starts_with("42\n'ok'\n"), "{text}");
    assert!(text.contains("<stdin-6>") && text.ends_with("ZeroDivisionError: division by zero\n"), "{text}");
    assert_eq!(output.status.code(), Some(3));
}
