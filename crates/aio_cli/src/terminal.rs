//! The terminal: writing without panics, colours, and what Ctrl-C does.

use aiolang::{Interrupt, Style};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Writes to standard output; a reader that went away is no error.
pub(crate) fn say(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("aio: {e}\n"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Writes to standard error, if that is possible.
pub(crate) fn complain(text: &str) {
    // Nobody is left to be told that standard error is broken.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// How errors look on this terminal.
pub(crate) fn style() -> Style {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let capable = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
    let color = !set("NO_COLOR") && (set("FORCE_COLOR") || capable);
    Style { color, ascii: false, base: std::env::current_dir().ok() }
}

/// Whether the prompt has colours.
pub(crate) fn colors() -> bool {
    style().color && io::stdout().is_terminal()
}

/// Whether a person sits at standard input.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal()
}

/// A panic is a mistake of this program: it is told in one sentence, and the status is that of internal errors.
pub(crate) fn tell_of_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
        let what = info.payload_as_str().unwrap_or("unknown reason");
        complain(&format!(
            "aio: internal error{place}: {what}\nThis is a bug in aio, not in the script. Please report it.\n"
        ));
        std::process::exit(70);
    }));
}

/// Lets Ctrl-C interrupt the script instead of ending the process.
#[cfg(unix)]
pub(crate) fn catch_interrupts(interrupt: &Interrupt) {
    use signal_hook::consts::{SIGINT, SIGURG};
    // Without a handler Ctrl-C ends the process at once, which is still right. SIGURG is how `aio pstree` asks: nobody
    // else uses it, and it does no harm to other programs.
    for (signal, flag) in [(SIGINT, interrupt.flag()), (SIGURG, interrupt.question())] {
        let _ = signal_hook::flag::register(signal, flag);
        if let Ok(waker) = interrupt.waker() {
            let _ = signal_hook::low_level::pipe::register(signal, waker);
        }
    }
}

/// Lets Ctrl-C interrupt the script instead of ending the process.
#[cfg(not(unix))]
pub(crate) fn catch_interrupts(_interrupt: &Interrupt) {}

/// Ends the process as the signal itself would have ended it, so that the shell knows.
#[cfg(unix)]
pub(crate) fn die_of_interrupt() {
    let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGINT);
}

/// Ends the process as the signal itself would have ended it, so that the shell knows.
#[cfg(not(unix))]
pub(crate) fn die_of_interrupt() {}
