//! `aio FILE`, `-c`, `-m` and `-`: from the command line to a running program.

use crate::options::{Settings, Start};
use crate::terminal;
use aiolang::Interrupt;
use aiolang::program::{self, Finish, Main, Program, Tape};
use aiolang::recording::Recording;
use corosensei::stack::DefaultStack;
use std::io::Read;
use std::process::ExitCode;

/// Native code that calls script code that calls native code needs stack; only what is used becomes memory.
const STACK_SIZES: [usize; 3] = [512 << 20, 64 << 20, 8 << 20];

/// Runs a program to its end.
pub(crate) fn run(executable: &str, start: Start, arguments: Vec<String>, settings: &Settings) -> ExitCode {
    let safe = settings.safe_path || (!settings.ignore_environment && is_set("AIOSAFEPATH"));
    let tape = match tape(settings) {
        Ok(tape) => tape,
        Err(message) => {
            terminal::complain(&format!("aio: {message}\n"));
            return ExitCode::from(2);
        }
    };
    let recorded = match (&tape, &start) {
        (Tape::Replay(recording), Start::Stdin { named: false }) => Some(recording.clone()),
        _ => None,
    };
    let (main, name, folder) = match recorded.as_ref().map_or_else(|| prepare(start), prepare_again) {
        Ok(prepared) => prepared,
        Err(status) => return status,
    };
    let mut path = Vec::new();
    if !safe {
        path.push(folder);
    }
    if !settings.ignore_environment
        && let Some(folders) = std::env::var_os("AIOPATH").filter(|v| !v.is_empty())
    {
        path.extend(std::env::split_paths(&folders).map(|p| p.to_string_lossy().into_owned()));
    }
    let mut argv = vec![name];
    argv.extend(arguments);
    if let Some(recording) = &recorded {
        argv = recording.argv();
        path = recording.path();
    }
    let seed = match &tape {
        Tape::Replay(recording) => recording.seed(),
        _ => settings.seed,
    };
    let unbuffered = settings.unbuffered || (!settings.ignore_environment && is_set("PYTHONUNBUFFERED"));
    let interrupt = Interrupt::new();
    terminal::catch_interrupts(&interrupt);
    let executable =
        std::env::current_exe().map_or_else(|_| executable.to_owned(), |p| p.to_string_lossy().into_owned());
    let program = Program {
        main,
        argv,
        path,
        executable,
        warnings: settings.warnings.clone(),
        cancel_wait: settings
            .implementation
            .iter()
            .find_map(|x| x.strip_prefix("cancel-wait="))
            .and_then(|n| n.parse().ok()),
        dev_mode: settings.implementation.iter().any(|x| x == "dev"),
        virtual_time: settings.virtual_time,
        tests: settings.tests,
        seed,
        hash_seed: hash_seed(settings),
        trace: settings.trace.clone(),
        warn_slow: settings.warn_slow,
        tape,
        unbuffered,
        interrupt,
        style: terminal::style(),
    };
    let finish = on_large_stack(&program);
    if finish.interrupted {
        terminal::die_of_interrupt();
    }
    ExitCode::from(finish.status)
}

/// `sys.path` of a prompt: the current folder, then AIOPATH.
pub(crate) fn repl_path(settings: &Settings) -> Vec<String> {
    let safe = settings.safe_path || (!settings.ignore_environment && is_set("AIOSAFEPATH"));
    let mut path = if safe { Vec::new() } else { vec![String::new()] };
    if !settings.ignore_environment
        && let Some(folders) = std::env::var_os("AIOPATH").filter(|v| !v.is_empty())
    {
        path.extend(std::env::split_paths(&folders).map(|p| p.to_string_lossy().into_owned()));
    }
    path
}

/// A `PYTHONHASHSEED` that is a number; anything else is taken as `random`.
fn hash_seed(settings: &Settings) -> Option<u32> {
    let seed = std::env::var("PYTHONHASHSEED").ok().filter(|_| !settings.ignore_environment);
    seed.and_then(|text| text.parse().ok())
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|v| !v.is_empty())
}

/// Runs the program with as much stack as the system allows. A second thread would have an allocator of its own and
/// make every start slower and larger, so this one changes its stack; what there is room for is tried first, because
/// the change itself cannot fail gently.
fn on_large_stack(program: &Program) -> Finish {
    match STACK_SIZES.into_iter().find(|&size| DefaultStack::new(size).is_ok()) {
        Some(size) => stacker::grow(size, || program::run(program)),
        None => program::run(program),
    }
}

fn tape(settings: &Settings) -> Result<Tape, String> {
    match (&settings.record, &settings.replay) {
        (Some(_), Some(_)) => Err("--record and --replay exclude each other".to_owned()),
        (Some(path), None) => Ok(Tape::Record(path.clone())),
        (None, Some(path)) => Recording::open(path).map(Tape::Replay),
        (None, None) => Ok(Tape::None),
    }
}

/// The program of a recording.
fn prepare_again(recording: &Recording) -> Result<(Main, String, String), ExitCode> {
    match recording.main() {
        Some(Main::File { path, .. }) => prepare(Start::File(path)),
        Some(main) => Ok((main, String::new(), String::new())),
        None => {
            terminal::complain("aio: the recording does not say what was run\n");
            Err(ExitCode::from(2))
        }
    }
}

/// The program, `sys.argv[0]` and `sys.path[0]`.
fn prepare(start: Start) -> Result<(Main, String, String), ExitCode> {
    let folder = || std::env::current_dir().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(match start {
        Start::File(name) => {
            let (path, bytes) = read(&name).map_err(|message| {
                terminal::complain(&message);
                ExitCode::from(2)
            })?;
            let folder = program::script_folder(&path);
            (Main::File { path, bytes }, name, folder)
        }
        Start::Code(code) => {
            let bytes = (code + "\n").into_bytes();
            (Main::Text { name: "<string>", bytes }, "-c".to_owned(), String::new())
        }
        Start::Module(name) => (Main::Module(name), "-m".to_owned(), folder()),
        Start::Stdin { named } => {
            let mut bytes = Vec::new();
            if let Err(e) = std::io::stdin().lock().read_to_end(&mut bytes) {
                terminal::complain(&format!("aio: can't read standard input: {e}\n"));
                return Err(ExitCode::from(2));
            }
            let name = if named { "-" } else { "" };
            (Main::Text { name: "<stdin>", bytes }, name.to_owned(), String::new())
        }
    })
}

/// The absolute path of a script and what is in it; a folder stands for the `__main__` in it.
fn read(name: &str) -> Result<(String, Vec<u8>), String> {
    let absolute = std::path::absolute(name).unwrap_or_else(|_| name.into());
    let candidates = if absolute.is_dir() {
        let main = ["__main__.aio", "__main__.py"].map(|m| absolute.join(m));
        match main.into_iter().find(|m| m.is_file()) {
            Some(main) => vec![main],
            None => {
                return Err(format!("aio: can't find '__main__' module in '{}'\n", absolute.display()));
            }
        }
    } else {
        vec![absolute]
    };
    let path = candidates.into_iter().next().unwrap_or_default();
    match std::fs::read(&path) {
        Ok(bytes) => Ok((path.to_string_lossy().into_owned(), bytes)),
        Err(e) => {
            let number = e.raw_os_error().map(|n| format!("[Errno {n}] ")).unwrap_or_default();
            let text = e.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            Err(format!("aio: can't open file '{}': {number}{text}\n", path.display()))
        }
    }
}
