//! Engines make isolates; isolates run scripts.

use crate::convert::Data;
use crate::error::{Error, ErrorKind};
use crate::host::{Host, RealHost};
use crate::importer::FileImporter;
use crate::launch;
use crate::render::{Style, last_line, render_diagnostics, render_exception};
use crate::sources::Sources;
use aio_source::Diagnostic;
use aio_vm::{CompileMode, R, Raised, Value, Vm};
use std::path::Path;

type MakeHost = dyn Fn() -> Box<dyn Host>;

/// What isolates are made from.
pub struct Engine {
    host: Box<MakeHost>,
    search: Vec<String>,
    style: Style,
}

/// Puts an [`Engine`] together.
pub struct EngineBuilder {
    engine: Engine,
}

impl EngineBuilder {
    /// What makes the world of each isolate. Without it isolates write to the process's streams and read nothing.
    pub fn host<H: Host + 'static>(mut self, host: impl Fn() -> H + 'static) -> Self {
        self.engine.host = Box::new(move || Box::new(host()));
        self
    }

    /// The folders in which scripts find modules. Without it they can import only what is built in.
    pub fn search_path(mut self, folders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.engine.search = folders.into_iter().map(Into::into).collect();
        self
    }

    /// How errors are drawn.
    pub fn style(mut self, style: Style) -> Self {
        self.engine.style = style;
        self
    }

    /// The engine.
    pub fn build(self) -> Engine {
        self.engine
    }
}

impl Engine {
    /// An engine that can be changed before it is made.
    pub fn builder() -> EngineBuilder {
        let host = || Box::new(RealHost::builder().stdin(std::io::empty()).build()) as Box<dyn Host>;
        let engine = Engine { host: Box::new(host), search: Vec::new(), style: Style::default() };
        EngineBuilder { engine }
    }

    /// A new isolate: a world of its own with an empty `__main__`.
    pub fn isolate(&self) -> Isolate {
        let sources = Sources::new();
        let vm = Vm::new((self.host)(), Box::new(FileImporter::new(sources.clone())));
        aio_stdlib::install(&vm);
        let main = launch::main_module(&vm);
        launch::set_list(&vm, "path", &self.search);
        launch::set_list(&vm, "argv", &[String::new()]);
        Isolate { main, sources, style: self.style.clone(), vm }
    }
}

/// A world of its own: its modules, its objects, its time. It runs on one thread at a time.
pub struct Isolate {
    /// The dict of `__main__`. It goes before the machine that it lives in.
    main: Value,
    sources: Sources,
    style: Style,
    vm: Box<Vm>,
}

impl Isolate {
    /// Runs statements in `__main__`, whose names stay for the next run.
    pub fn run(&self, source: &str) -> Result<(), Error> {
        self.run_named(source, "<string>")
    }

    /// Runs a file in `__main__`.
    pub fn run_file(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let name = path.as_ref().to_string_lossy();
        let unreadable = |e: std::io::Error| Error {
            kind: ErrorKind::Io,
            type_name: "OSError".to_owned(),
            message: format!("can't open file '{name}': {e}"),
            rendered: format!("OSError: can't open file '{name}': {e}\n"),
        };
        let bytes = std::fs::read(path.as_ref()).map_err(unreadable)?;
        match aio_syntax::decode_source(&bytes) {
            Ok(text) => self.run_named(&text, &name),
            Err(d) => Err(self.refused(&name, &String::from_utf8_lossy(&bytes), &[d])),
        }
    }

    /// The value of an expression in `__main__`.
    pub fn eval(&self, source: &str) -> Result<Data, Error> {
        let text = source.trim_matches([' ', '\t', '\n', '\r']);
        let compiled = self.vm.importer.compile(text, "<string>", CompileMode::Eval);
        let compiled = compiled.map_err(|d| self.refused("<string>", text, &d))?;
        let value = launch::execute(&self.vm, &compiled.code, &self.main);
        value.and_then(|v| Data::from_value(&self.vm, &v)).map_err(|e| self.failed(&e))
    }

    /// Sets a name of `__main__`.
    pub fn set(&self, name: &str, data: &Data) -> Result<(), Error> {
        let value = data.to_value(&self.vm).map_err(|e| self.failed(&e))?;
        if let Some(d) = self.main.as_dict() {
            d.set_text(&self.vm, name, value);
        }
        Ok(())
    }

    /// The value of a name of `__main__`, if there is one.
    pub fn get(&self, name: &str) -> Option<Data> {
        let value = self.main.as_dict()?.get_text(&self.vm, name)?;
        Data::from_value(&self.vm, &value).ok()
    }

    fn run_named(&self, text: &str, name: &str) -> Result<(), Error> {
        let compiled = self.vm.importer.compile(text, name, CompileMode::Module);
        let compiled = compiled.map_err(|d| self.refused(name, text, &d))?;
        let done: R<()> = launch::execute_module(&self.vm, &compiled.code, &self.main);
        let flushed = self.vm.host.flush();
        done.map_err(|e| self.failed(&e))?;
        flushed.map_err(|e| Error {
            kind: ErrorKind::Io,
            type_name: "OSError".to_owned(),
            message: e.to_string(),
            rendered: format!("OSError: {e}\n"),
        })
    }

    fn refused(&self, name: &str, text: &str, diagnostics: &[Diagnostic]) -> Error {
        let first = diagnostics.iter().find(|d| d.is_error());
        Error {
            kind: ErrorKind::Syntax,
            type_name: first.map_or("SyntaxError", |d| d.kind).to_owned(),
            message: first.map(|d| d.message.clone()).unwrap_or_default(),
            rendered: render_diagnostics(name, text, diagnostics, &self.style),
        }
    }

    fn failed(&self, raised: &Raised) -> Error {
        let vm = &*self.vm;
        let kind = if raised.is(vm.types.system_exit.get()) {
            ErrorKind::Exit(launch::exit_request(vm, &raised.0).0)
        } else if raised.is(vm.types.keyboard_interrupt.get()) {
            ErrorKind::Interrupted
        } else {
            ErrorKind::Exception
        };
        let line = last_line(vm, &raised.0);
        let first = line.lines().next().unwrap_or_default();
        let (type_name, message) = first.split_once(": ").unwrap_or((first, ""));
        Error {
            kind,
            type_name: type_name.to_owned(),
            message: message.to_owned(),
            rendered: render_exception(vm, &raised.0, &self.sources, &self.style),
        }
    }
}
