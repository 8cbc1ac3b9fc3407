//! `aio` on a terminal and `aio repl`: the prompt, with the session on this thread and the editor on another.

mod editor;

use crate::terminal;
use aiolang::Interrupt;
use aiolang::repl::{After, Completeness, Names, Session, Setup, completeness};
use editor::Helper;
use rustyline::config::{BellStyle, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Editor, EventHandler, ExternalPrinter, KeyCode, KeyEvent, Modifiers};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The thread of the session needs as much stack as a script.
const STACK_SIZES: [usize; 3] = [512 << 20, 64 << 20, 8 << 20];

const PROMPT: &str = ">>> ";

/// What the editor tells the session.
enum Message {
    Line(String),
    Interrupt,
    End,
}

type Printer = Box<dyn ExternalPrinter + Send>;

/// Where output goes: above the line that is being typed while the prompt is up, else to standard output.
#[derive(Clone)]
struct Output(Arc<Mutex<Screen>>);

#[derive(Default)]
struct Screen {
    /// Set while the prompt is up.
    printer: Option<Printer>,
    prompting: bool,
    /// A line that is not whole yet.
    held: Vec<u8>,
}

impl Output {
    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The prompt comes up or goes; what was held back comes out first.
    fn prompt(&self, up: bool) {
        let mut screen = self.screen();
        screen.prompting = up;
        if !up && !screen.held.is_empty() {
            let held = std::mem::take(&mut screen.held);
            // A terminal that is gone is told by the next line that is read.
            let _ = io::stdout().write_all(&held);
        }
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut screen = self.screen();
        if !screen.prompting || screen.printer.is_none() {
            drop(screen);
            io::stdout().write_all(data)?;
            return Ok(data.len());
        }
        screen.held.extend_from_slice(data);
        if let Some(end) = screen.held.iter().rposition(|b| *b == b'\n') {
            let lines: Vec<u8> = screen.held.drain(..=end).collect();
            let text = String::from_utf8_lossy(&lines).into_owned();
            if let Some(printer) = &mut screen.printer {
                printer.print(text).map_err(io::Error::other)?;
            }
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.screen().prompting { Ok(()) } else { io::stdout().flush() }
    }
}

/// Runs the prompt until it is left.
pub(crate) fn repl(executable: &str, version: &str, path: Vec<String>) -> ExitCode {
    let (executable, version) = (executable.to_owned(), version.to_owned());
    for size in STACK_SIZES {
        let (executable, version, path) = (executable.clone(), version.clone(), path.clone());
        let thread = std::thread::Builder::new().name("main".to_owned()).stack_size(size);
        if let Ok(thread) = thread.spawn(move || session(executable, &version, path)) {
            return ExitCode::from(thread.join().unwrap_or(70));
        }
    }
    terminal::complain("aio: the system gives no thread to run the prompt on\n");
    ExitCode::from(71)
}

fn session(executable: String, version: &str, path: Vec<String>) -> u8 {
    let interrupt = Interrupt::new();
    terminal::catch_interrupts(&interrupt);
    let argv = vec![String::new()];
    let setup = Setup { argv, path, executable, interrupt: interrupt.clone(), style: terminal::style() };
    let output = Output(Arc::default());
    let session = match Session::new(&setup, output.clone(), io::stdin()) {
        Ok(session) => session,
        Err(report) => {
            terminal::complain(&report);
            return 1;
        }
    };
    let status = if io::stdin().is_terminal() {
        println_quietly(&format!("{version} on a prompt. :help shows its commands, help(x) what is known of x."));
        at_terminal(&session, &output, &interrupt)
    } else {
        piped(&session)
    };
    session.end();
    session.leave();
    status
}

fn println_quietly(text: &str) {
    terminal::say(&format!("{text}\n"));
}

/// Inputs from a pipe: no prompt, and no waiting for tasks between them.
fn piped(session: &Session) -> u8 {
    let mut text = String::new();
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        text.push_str(&line);
        if completeness(&text) == Completeness::Incomplete {
            text.push('\n');
            continue;
        }
        if let After::Leave(status) = session.input(&std::mem::take(&mut text)) {
            return status;
        }
    }
    if !text.trim().is_empty()
        && let After::Leave(status) = session.input(&text)
    {
        return status;
    }
    0
}

fn at_terminal(session: &Session, output: &Output, interrupt: &Interrupt) -> u8 {
    let names = Arc::new(Mutex::new(session.names()));
    let (to_session, messages) = channel();
    let (ready, is_ready) = channel();
    let (give_printer, printer) = channel();
    let busy = Arc::new(AtomicBool::new(false));
    let helper = Helper::new(Arc::clone(&names), terminal::colors());
    let editing = Editing { interrupt: interrupt.clone(), busy: Arc::clone(&busy), output: output.clone() };
    let thread = std::thread::spawn(move || edit(helper, &editing, &to_session, &is_ready, &give_printer));
    output.screen().printer = printer.recv().ok().flatten();
    let status = converse(session, output, &messages, &ready, &names, &busy);
    drop(ready);
    // The editor ends with its channel; a terminal that does not answer holds nobody up.
    if status.1 {
        let _ = thread.join();
    }
    status.0
}

/// Inputs one after another, and background tasks between them. The second result: the editor has ended.
fn converse(
    session: &Session,
    output: &Output,
    messages: &Receiver<Message>,
    ready: &Sender<()>,
    names: &Arc<Mutex<Names>>,
    busy: &AtomicBool,
) -> (u8, bool) {
    loop {
        busy.store(true, Ordering::SeqCst);
        let idle = session.idle();
        busy.store(false, Ordering::SeqCst);
        let message = match messages.recv_timeout(idle.unwrap_or(Duration::from_secs(3600))) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return (0, true),
        };
        match message {
            Message::End => {
                output.prompt(false);
                return (0, true);
            }
            Message::Interrupt => {
                output.prompt(false);
                println_quietly("KeyboardInterrupt");
            }
            Message::Line(line) => {
                output.prompt(false);
                if let After::Leave(status) = session.input(&line) {
                    return (status, false);
                }
                *names.lock().unwrap_or_else(PoisonError::into_inner) = session.names();
            }
        }
        if ready.send(()).is_err() {
            return (0, true);
        }
    }
}

/// What the thread of the editor needs of the session.
struct Editing {
    interrupt: Interrupt,
    /// A background task runs just now.
    busy: Arc<AtomicBool>,
    output: Output,
}

/// The thread of the editor.
fn edit(
    helper: Helper,
    editing: &Editing,
    messages: &Sender<Message>,
    ready: &Receiver<()>,
    printer: &Sender<Option<Printer>>,
) {
    let config = Config::builder()
        .auto_add_history(false)
        .completion_type(CompletionType::List)
        .bell_style(BellStyle::None)
        .bracketed_paste(true)
        .indent_size(4)
        .tab_stop(4)
        .build();
    let Ok(mut editor) = Editor::<Helper, DefaultHistory>::with_config(config) else {
        let _ = printer.send(None);
        return;
    };
    editor.set_helper(Some(helper));
    let handlers = [
        (KeyCode::Enter, EventHandler::Conditional(Box::new(editor::Enter))),
        (KeyCode::Backspace, EventHandler::Conditional(Box::new(editor::Backspace))),
    ];
    for (key, handler) in handlers {
        editor.bind_sequence(KeyEvent(key, Modifiers::NONE), handler);
    }
    let history = history_file();
    if let Some(file) = &history {
        // Without a history there is none yet.
        let _ = editor.load_history(file);
    }
    let external = editor.create_external_printer().ok().map(|p| Box::new(p) as Printer);
    if printer.send(external).is_err() {
        return;
    }
    loop {
        editing.output.prompt(true);
        let message = match editor.readline(PROMPT) {
            Ok(line) => {
                if !line.trim().is_empty() {
                    let _ = editor.add_history_entry(line.as_str());
                    if let Some(file) = &history {
                        let _ = editor.append_history(file);
                    }
                }
                Message::Line(line)
            }
            Err(ReadlineError::Interrupted) => {
                if editing.busy.load(Ordering::SeqCst) {
                    editing.interrupt.raise();
                }
                Message::Interrupt
            }
            Err(_) => Message::End,
        };
        let end = matches!(message, Message::End);
        if messages.send(message).is_err() || end || ready.recv().is_err() {
            return;
        }
    }
}

/// Where inputs are remembered: `AIO_HISTORY`, or a file in the home folder.
fn history_file() -> Option<PathBuf> {
    match std::env::var_os("AIO_HISTORY") {
        Some(file) if file.is_empty() => None,
        Some(file) => Some(PathBuf::from(file)),
        None => std::env::home_dir().map(|home| home.join(".aio_history")),
    }
}
