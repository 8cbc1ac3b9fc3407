//! The aio program: run, check, dis, and the prompt.

mod check;
mod dis;
mod options;
#[cfg(unix)]
mod ps;
mod repl;
mod run;
mod terminal;

use options::{Command, Parsed};
use std::process::ExitCode;

/// What `--version` shows. The number in brackets is the language version that scripts can rely on.
const VERSION: &str = concat!("Aio ", env!("CARGO_PKG_VERSION"), " (Python 3.13)");

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    terminal::tell_of_panics();
    let arguments = std::env::args_os().map(|a| a.to_string_lossy().into_owned());
    let Parsed { program, command, settings } = match options::parse(arguments.collect()) {
        Ok(parsed) => parsed,
        Err(message) => {
            terminal::complain(&format!("{message}\nTry 'aio --help'.\n"));
            return ExitCode::from(2);
        }
    };
    match command {
        Command::Version => terminal::say(&format!("{VERSION}\n")),
        Command::Help => terminal::say(&options::help()),
        Command::Check(request) => check::check(&request),
        Command::Trace { file, output, arguments } => {
            let settings = options::Settings { trace: Some(output), ..settings };
            run::run(&program, options::Start::File(file), arguments, &settings)
        }
        Command::Test { arguments } => {
            let settings = options::Settings { virtual_time: true, tests: true, ..settings };
            run::run(&program, options::Start::Module("_testing".to_owned()), arguments, &settings)
        }
        #[cfg(unix)]
        Command::Ps { process, json } => ps::ps(process, json),
        #[cfg(unix)]
        Command::PsTree { process, json } => ps::pstree(process, json),
        #[cfg(not(unix))]
        Command::Ps { .. } | Command::PsTree { .. } => {
            terminal::complain("aio: programs can be asked only where there are signals\n");
            ExitCode::from(2)
        }
        Command::Disassemble { file } => dis::disassemble(&file),
        Command::Repl => repl::repl(&program, VERSION, run::repl_path(&settings)),
        Command::Run { start: options::Start::Stdin { named: false }, .. }
            if settings.replay.is_none() && terminal::is_interactive() =>
        {
            repl::repl(&program, VERSION, run::repl_path(&settings))
        }
        Command::Run { start, arguments } => run::run(&program, start, arguments, &settings),
    }
}
