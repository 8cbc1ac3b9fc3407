//! A whole program from its first line to its exit status, as CPython's main does it.

use crate::finish;
use crate::host::{Buffering, Host, Interrupt, Progress, RealHost, Recorder, RecordingHost, ReplayHost, VirtualHost};
use crate::importer::FileImporter;
use crate::launch;
use crate::recording::{Recording, header};
use crate::render::{Style, render_diagnostics, render_exception, render_warnings};
use crate::sources::Sources;
use aio_source::Diagnostic;
use aio_vm::builtins::sys::Preset;
use aio_vm::{CompileMode, R, Raised, Value, Vm};
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

/// What is run as `__main__`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Main {
    /// The bytes of a file that was read from this absolute path.
    File {
        /// The path.
        path: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// Text that is not in a file, and how tracebacks call it (`<string>`, `<stdin>`).
    Text {
        /// The name.
        name: &'static str,
        /// The text.
        bytes: Vec<u8>,
    },
    /// A module, found as imports find it.
    Module(String),
}

/// A program with its surroundings.
#[derive(Debug, Clone)]
pub struct Program {
    /// What is run.
    pub main: Main,
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// `sys.path`.
    pub path: Vec<String>,
    /// `sys.executable`.
    pub executable: String,
    /// `sys.warnoptions`.
    pub warnings: Vec<String>,
    /// `-X dev`: asyncio's debug mode and more.
    pub dev_mode: bool,
    /// Time passes only while the script sleeps.
    pub virtual_time: bool,
    /// It runs tests: their asserts show what they compared.
    pub tests: bool,
    /// Where the timeline of all tasks is written, as a page (.html), for Chrome's viewer (.json), or as a text; an
    /// empty path stands for standard error.
    pub trace: Option<String>,
    /// Steps of the event loop that take so many seconds are told on standard error.
    pub warn_slow: Option<f64>,
    /// For tests of robustness: the wait with this number is cancelled, and standard error tells how that went.
    pub cancel_wait: Option<u64>,
    /// What chooses the order of tasks that are ready, and all that is random.
    pub seed: Option<u64>,
    /// Whether the answers of the world are kept, or come from where they were kept.
    pub tape: Tape,
    /// The `PYTHONHASHSEED` of the hashes of texts.
    pub hash_seed: Option<u32>,
    /// Standard output is not held back.
    pub unbuffered: bool,
    /// What interrupts it.
    pub interrupt: Interrupt,
    /// How errors are drawn.
    pub style: Style,
}

/// What a run has to do with recordings.
#[derive(Debug, Clone, Default)]
pub enum Tape {
    /// Nothing.
    #[default]
    None,
    /// All that comes from the world is written to this file.
    Record(String),
    /// All that comes from the world comes from this recording.
    Replay(Recording),
}

/// What is left of recordings while a program runs.
enum Deck {
    Empty,
    Recording(Rc<Recorder>, String),
    Replay(Rc<Progress>, Recording),
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finish {
    /// The exit status.
    pub status: u8,
    /// An interrupt ended it: the process should die by the signal.
    pub interrupted: bool,
}

/// The status when a reader of standard output went away, as CPython's.
const BROKEN_OUTPUT: u8 = 120;

/// Runs a program on this thread. The isolate is left as it is: the process is about to end.
pub fn run(program: &Program) -> Finish {
    let buffering = program.unbuffered.then_some(Buffering::None);
    let mut host = RealHost::builder().interrupt(program.interrupt.clone()).hash_seed(program.hash_seed);
    if let Some(buffering) = buffering {
        host = host.buffering(buffering);
    }
    if let Some(seed) = program.seed {
        host = host.seed(seed);
    }
    let host = host.build();
    let broken = host.reader_is_gone();
    let host: Box<dyn Host> = if program.virtual_time { Box::new(VirtualHost::new(host)) } else { Box::new(host) };
    let (host, deck) = match on_tape(program, host) {
        Ok(made) => made,
        Err(finish) => return finish,
    };
    let sources = Sources::new();
    let vm = Vm::new(host, Box::new(FileImporter::new(sources.clone()).for_tests(program.tests)));
    vm.set_stack_left(stacker::remaining_stack());
    aio_stdlib::install(&vm);
    if let Some(seed) = program.seed {
        vm.set_seed(seed);
    }
    if let Deck::Replay(progress, _) = &deck {
        progress.anchor(vm.anchor());
    }
    let run = Run { vm: &vm, sources, program, broken, deck };
    run.prepare();
    if let Some(seconds) = program.warn_slow {
        vm.watch_steps((seconds * 1e9) as u64);
    }
    if program.trace.is_some() {
        vm.start_trace();
    }
    if let Some(at) = program.cancel_wait {
        vm.disturb(at);
    }
    let mut finish = run.main();
    finish = run.end(finish);
    if let Some(d) = vm.disturbed() {
        run.tell(&format!("waits: {}, tasks: {}, ended: {}", d.waits, d.tasks, d.ended));
    }
    if program.trace.as_ref().is_some_and(String::is_empty) {
        run.tell(&crate::timeline::render("", &vm.take_trace()));
    } else if let Some(path) = &program.trace
        && let Err(e) = std::fs::write(path, crate::timeline::render(path, &vm.take_trace()))
    {
        run.tell(&format!("The timeline could not be written to '{path}': {}", os_error(&e)));
        finish.status = finish.status.max(1);
    }
    finish = run.rewind(finish);
    std::mem::forget(vm);
    finish
}

/// The world of a program as it is recorded or replayed.
fn on_tape(program: &Program, host: Box<dyn Host>) -> Result<(Box<dyn Host>, Deck), Finish> {
    match &program.tape {
        Tape::None => Ok((host, Deck::Empty)),
        Tape::Record(path) => match Recorder::create(path, &header(program)) {
            Ok(recorder) => {
                let recorder = Rc::new(recorder);
                let deck = Deck::Recording(Rc::clone(&recorder), path.clone());
                Ok((Box::new(RecordingHost::new(host, recorder)), deck))
            }
            Err(e) => {
                let text = format!("aio: the recording cannot be written to '{path}': {}", os_error(&e));
                // Nobody is left to be told that standard error is broken.
                let _ = host.write_err(text.as_bytes());
                Err(Finish { status: 2, interrupted: false })
            }
        },
        Tape::Replay(recording) => {
            let progress = Rc::<Progress>::default();
            let deck = Deck::Replay(Rc::clone(&progress), recording.clone());
            let (entries, at) = recording.entries();
            let replay = ReplayHost::new(host, program.interrupt.clone(), entries, at, progress);
            Ok((Box::new(replay), deck))
        }
    }
}

struct Run<'a> {
    vm: &'a Vm,
    sources: Sources,
    program: &'a Program,
    /// Set when the reader of standard output went away.
    broken: Rc<Cell<bool>>,
    deck: Deck,
}

impl Run<'_> {
    fn prepare(&self) {
        let p = self.program;
        self.vm.preset_sys("argv", Preset::List(p.argv.clone()));
        self.vm.preset_sys("path", Preset::List(p.path.clone()));
        self.vm.preset_sys("warnoptions", Preset::List(p.warnings.clone()));
        let seed = p.seed.filter(|_| p.tests).map(|seed| self.vm.str(&seed.to_string()));
        let options = [("dev", p.dev_mode.then_some(Value::TRUE)), ("seed", seed)];
        if options.iter().any(|(_, v)| v.is_some()) {
            let dict = self.vm.dict();
            for (name, value) in options {
                if let (Some(d), Some(value)) = (dict.as_dict(), value) {
                    d.set_text(self.vm, name, value);
                }
            }
            self.vm.sys_set("_xoptions", dict);
        }
        self.vm.preset_sys("executable", Preset::Text(p.executable.clone()));
    }

    fn main(&self) -> Finish {
        let vm = self.vm;
        let main = launch::main_module(vm);
        let set = |name: &str, v: Value| {
            if let Some(d) = main.as_dict() {
                d.set_text(vm, name, v);
            }
        };
        let found;
        let (name, bytes) = match &self.program.main {
            Main::File { path, bytes } => {
                set("__file__", vm.str(path));
                set("__cached__", Value::NONE);
                (path.as_str(), bytes)
            }
            Main::Text { name, bytes } => {
                if *name == "<stdin>" {
                    set("__file__", vm.str(name));
                }
                (*name, bytes)
            }
            Main::Module(module) => match self.find_module(module) {
                Ok((package, module)) => {
                    found = module;
                    set("__package__", vm.str(&package));
                    set("__file__", vm.str(&found.filename));
                    if let Some(d) =
                        vm.sys_get("argv").and_then(|v| v.as_list().map(|l| l.set(0, vm.str(&found.filename))))
                    {
                        drop(d);
                    }
                    (found.filename.as_str(), &found.source)
                }
                Err(finish) => return finish,
            },
        };
        let text = match vm.importer.decode(bytes) {
            Ok(text) => text,
            Err(d) => {
                let d = of_file(d, name);
                return self.refused(name, &String::from_utf8_lossy(bytes), &[d]);
            }
        };
        let compiled = match vm.importer.compile(&text, name, CompileMode::Module) {
            Ok(compiled) => compiled,
            Err(errors) => return self.refused(name, &text, &errors),
        };
        self.warn(name, &text, &compiled.warnings);
        drop(text);
        match launch::execute_module(vm, &compiled.code, &main) {
            Ok(()) => Finish { status: 0, interrupted: false },
            Err(e) => self.uncaught(&e),
        }
    }

    /// Shows the warnings of the compiler that CPython has, too; `aio check` shows all.
    fn warn(&self, name: &str, text: &str, warnings: &[Diagnostic]) {
        let quiet = self.program.warnings.iter().any(|w| w == "ignore");
        let known = warnings.iter().filter(|w| !quiet && w.kind.ends_with("Warning"));
        let known: Vec<Diagnostic> = known.cloned().collect();
        if !known.is_empty() {
            self.tell(&render_warnings(name, text, &known, &self.program.style));
        }
    }

    /// The file of a module that is to be run, and the package that it is in.
    fn find_module(&self, name: &str) -> Result<(String, aio_vm::Found), Finish> {
        let none = |what: &str| {
            let program = &self.program.executable;
            self.tell(&format!("{program}: {what}\n"));
            Finish { status: 1, interrupted: false }
        };
        let mut package = name.rsplit_once('.').map_or("", |(package, _)| package).to_owned();
        let mut last = name.rsplit('.').next().unwrap_or(name).to_owned();
        let mut whole = name.to_owned();
        loop {
            let search = match package.is_empty() {
                true => self.vm.sys_get("path"),
                false => {
                    let module = launch::import(self.vm, &package);
                    let module = module.map_err(|e| {
                        let module_not_found = self.vm.types.module_not_found_error.get();
                        if e.is(module_not_found) {
                            let why = self.vm.to_text(&e.0).unwrap_or_default();
                            none(&format!(
                                "Error while finding module specification for '{name}' (ModuleNotFoundError: {why})"
                            ))
                        } else {
                            self.uncaught(&e)
                        }
                    })?;
                    self.vm.look_attr(&module, &self.vm.intern("__path__")).ok().flatten()
                }
            };
            let search = search.and_then(|s| self.vm.collect(&s).ok()).unwrap_or_default();
            let search: Vec<String> = search.iter().filter_map(|s| Some(s.as_str()?.to_text().into_owned())).collect();
            let found = self.vm.importer.find(&last, &search);
            match found.or_else(|| self.library_file(&whole)) {
                // A package is run by its module `__main__`.
                Some(found) if found.search.is_some() && last != "__main__" => {
                    package = whole.clone();
                    last = "__main__".to_owned();
                    whole = format!("{whole}.__main__");
                }
                Some(found) => return Ok((package, found)),
                None if last == "__main__" && whole != name => {
                    return Err(none(&format!(
                        "No module named {whole}; '{name}' is a package and cannot be directly executed"
                    )));
                }
                None if launch::import(self.vm, name).is_ok() => {
                    return Err(none(&format!("'{name}' is built in and cannot be run as a program")));
                }
                None => return Err(none(&format!("No module named {name}"))),
            }
        }
    }

    /// A module of the library in the shape of a file.
    fn library_file(&self, name: &str) -> Option<aio_vm::Found> {
        let library = self.vm.library_module(name)?;
        Some(aio_vm::Found {
            filename: format!("<frozen {name}>"),
            source: library.text.as_bytes().to_vec(),
            search: library.is_package.then(Vec::new),
        })
    }

    fn refused(&self, name: &str, text: &str, diagnostics: &[Diagnostic]) -> Finish {
        self.tell(&render_diagnostics(name, text, diagnostics, &self.program.style));
        Finish { status: 1, interrupted: false }
    }

    /// Ends a recording, or tells where a replay went another way.
    fn rewind(&self, finish: Finish) -> Finish {
        let trouble = match &self.deck {
            Deck::Empty => None,
            Deck::Recording(recorder, path) => recorder
                .finish()
                .err()
                .map(|e| format!("aio: the recording could not be written to '{path}': {}", os_error(&e))),
            Deck::Replay(progress, recording) => progress.diverged().map(|why| {
                let changed = match recording.is_of(self.program) {
                    true => "",
                    false => "note: the program is not the one that was recorded\n",
                };
                format!("aio: the replay went another way than the recording\n{why}\n{changed}")
            }),
        };
        match trouble {
            Some(text) => {
                self.tell(&text);
                Finish { status: finish.status.max(1), ..finish }
            }
            None => finish,
        }
    }

    fn is_lost(&self) -> bool {
        matches!(&self.deck, Deck::Replay(progress, _) if progress.diverged().is_some())
    }

    /// What an exception that nobody caught makes of the program.
    fn uncaught(&self, e: &Raised) -> Finish {
        let t = &self.vm.types;
        if e.is(t.system_exit.get()) {
            let (code, text) = launch::exit_request(self.vm, &e.0);
            if let Some(text) = text {
                self.tell(&(text + "\n"));
            }
            return Finish { status: (code & 0xFF) as u8, interrupted: false };
        }
        if e.is(t.broken_pipe_error.get()) && self.broken.get() {
            // The reader of our output has seen enough; there is nothing to tell.
            return Finish { status: BROKEN_OUTPUT, interrupted: false };
        }
        self.show(e);
        let interrupted = e.is(t.keyboard_interrupt.get());
        Finish { status: if interrupted { 130 } else { 1 }, interrupted }
    }

    /// Shows an exception by `sys.excepthook` if the script has set one.
    fn show(&self, e: &Raised) {
        if self.is_lost() {
            // The exception only says that the replay was stopped; why is told at the end.
            return;
        }
        let hook = self.vm.sys_get("excepthook");
        let usual = self.vm.sys_get("__excepthook__");
        let own = hook.filter(|hook| usual.is_none_or(|usual| !usual.is(hook)));
        if let Some(hook) = own {
            let class = self.vm.class_of(&e.0).value();
            let traceback = e.0.as_exception().map_or(Value::NONE, |x| x.traceback_value());
            match self.vm.call(&hook, &[class, e.0.clone(), traceback]) {
                Ok(_) => return,
                Err(second) => {
                    let second = self.draw(&second);
                    self.tell(&format!("Error in sys.excepthook:\n{second}\nOriginal exception was:\n"));
                }
            }
        }
        self.tell(&self.draw(e));
    }

    fn draw(&self, e: &Raised) -> String {
        render_exception(self.vm, &e.0, &self.sources, &self.program.style)
    }

    /// Writes to `sys.stderr`, be it the process's or what the script put in its place.
    fn tell(&self, text: &str) {
        let stderr = self.vm.sys_get("stderr");
        let usual = self.vm.sys_get("__stderr__");
        let replaced = match (&stderr, &usual) {
            (Some(now), Some(usual)) => !now.is(usual) && !now.is_none(),
            _ => false,
        };
        if replaced && let Some(stderr) = stderr {
            let written = self.vm.call_method(&stderr, "write", &[self.vm.str(text)]);
            if written.is_ok() && self.vm.call_method(&stderr, "flush", &[]).is_ok() {
                return;
            }
        }
        // Nobody is left to be told that standard error is broken.
        let _ = self.vm.host.write_err(text.as_bytes());
    }

    /// Waits for threads, runs what `atexit` was given, lets objects end and flushes.
    fn end(&self, finish: Finish) -> Finish {
        let mut finish = finish;
        for (module, function) in [("threading", "_shutdown"), ("atexit", "_run_exitfuncs")] {
            if let Err(e) = self.call_if_there(module, function) {
                if e.is(self.vm.types.system_exit.get()) || e.is(self.vm.types.keyboard_interrupt.get()) {
                    finish = self.uncaught(&e);
                } else {
                    self.show(&e);
                }
            }
        }
        finish::release_main(self.vm);
        let stdout = self.vm.has_sys().then(|| self.vm.sys_get("stdout")).flatten().filter(|v| !v.is_none());
        let own = match stdout {
            Some(stdout) => self.vm.call_method(&stdout, "flush", &[]).map(drop),
            None => Ok(()),
        };
        let all = self.vm.host.flush();
        if own.is_ok() && all.is_ok() {
            return finish;
        }
        if self.broken.get() {
            return Finish { status: BROKEN_OUTPUT, ..finish };
        }
        let why = match own {
            Err(e) => self.draw(&e),
            Ok(()) => all.map_or_else(|e| os_error(&e), |()| String::new()),
        };
        self.tell(&format!("Standard output could not be written:\n{why}"));
        Finish { status: finish.status.max(1), ..finish }
    }

    fn call_if_there(&self, module: &str, function: &str) -> R<()> {
        let vm = self.vm;
        let Some(module) = vm.modules.get().as_dict().and_then(|m| m.get_text(vm, module)) else {
            return Ok(());
        };
        match vm.look_attr(&module, &vm.intern(function))? {
            Some(function) => vm.call(&function, &[]).map(drop),
            None => Ok(()),
        }
    }
}

/// CPython words what is wrong with the bytes of a file a little differently from what is wrong with those of a string.
fn of_file(mut d: Diagnostic, name: &str) -> Diagnostic {
    d.message = d.message.replace("source code string cannot", "source code cannot");
    if d.message.starts_with("Non-UTF-8 code") {
        d.message = d.message.replacen(" on line ", &format!(" in file {name} on line "), 1);
    }
    d
}

/// An error of the system as CPython prints it.
fn os_error(e: &std::io::Error) -> String {
    match e.raw_os_error() {
        Some(number) => {
            let text = e.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            format!("OSError: [Errno {number}] {text}\n")
        }
        None => format!("OSError: {e}\n"),
    }
}

/// The folder of a script for `sys.path`.
pub fn script_folder(path: &str) -> String {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| Path::new(path).to_path_buf());
    real.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
}
