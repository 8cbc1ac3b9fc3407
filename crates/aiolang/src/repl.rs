//! A session at the prompt: one input after another in one `__main__`, while background tasks go on.

mod commands;
mod names;

pub use aio_syntax::{Completeness, KEYWORDS, Paint, completeness, paint};
pub use names::Names;

use crate::host::{Buffering, Interrupt, RealHost};
use crate::importer::FileImporter;
use crate::launch;
use crate::render::{Style, render_diagnostics, render_exception, render_warnings};
use crate::sources::Sources;
use aio_bytecode::code::COROUTINE;
use aio_vm::builtins::sys::Preset;
use aio_vm::sched::future_of;
use aio_vm::sched::turn::Turn;
use aio_vm::{CompileMode, R, Raised, Value, Vm};
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::time::Duration;

/// Iterations of the loop between two looks at the prompt.
const ITERATIONS: usize = 16;
/// So often the network is asked while the prompt waits.
const NETWORK: Duration = Duration::from_millis(10);

/// What a session begins with.
pub struct Setup {
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// `sys.path`.
    pub path: Vec<String>,
    /// `sys.executable`.
    pub executable: String,
    /// What interrupts it.
    pub interrupt: Interrupt,
    /// How errors are drawn.
    pub style: Style,
}

/// What becomes of the session after an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The next input.
    Prompt,
    /// It ends with this status.
    Leave(u8),
}

/// A session.
pub struct Session {
    event_loop: Value,
    main: Value,
    sources: Sources,
    style: Style,
    interrupt: Interrupt,
    count: Cell<u32>,
    /// The inputs so far, for `:save`.
    inputs: RefCell<Vec<String>>,
    vm: Box<Vm>,
}

impl Session {
    /// Begins a session. Both streams of the script go to `output`, which should show each line when it is whole.
    pub fn new<W: Write + Clone + 'static>(
        setup: &Setup,
        output: W,
        input: impl Read + Send + 'static,
    ) -> Result<Session, String> {
        let host = RealHost::builder()
            .interrupt(setup.interrupt.clone())
            .stdout(output.clone())
            .stderr(output)
            .stdin(input)
            .buffering(Buffering::None);
        let sources = Sources::new();
        let vm = Vm::new(Box::new(host.build()), Box::new(FileImporter::new(sources.clone())));
        vm.set_stack_left(stacker::remaining_stack());
        aio_stdlib::install(&vm);
        let main = launch::main_module(&vm);
        vm.preset_sys("argv", Preset::List(setup.argv.clone()));
        vm.preset_sys("path", Preset::List(setup.path.clone()));
        vm.preset_sys("executable", Preset::Text(setup.executable.clone()));
        let style = setup.style.clone();
        let prepared = prepare(&vm).map_err(|e| render_exception(&vm, &e.0, &sources, &style))?;
        let interrupt = setup.interrupt.clone();
        let (count, inputs) = (Cell::new(0), RefCell::default());
        Ok(Session { event_loop: prepared, main, sources, style, interrupt, count, inputs, vm })
    }

    /// Runs an input: statements, or a command that begins with a colon.
    pub fn input(&self, text: &str) -> After {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return After::Prompt;
        }
        if trimmed.starts_with(':') {
            return self.command(trimmed);
        }
        self.inputs.borrow_mut().push(text.trim_end().to_owned());
        self.run_text(text)
    }

    /// Runs statements under the next name.
    fn run_text(&self, text: &str) -> After {
        let n = self.count.get() + 1;
        self.count.set(n);
        let name = format!("<stdin-{n}>");
        // An interrupt that came before was not meant for this.
        self.interrupt.take();
        let vm = &*self.vm;
        let compiled = match vm.importer.compile(text, &name, CompileMode::Interactive) {
            Ok(compiled) => compiled,
            Err(diagnostics) => {
                self.tell(&render_diagnostics(&name, text, &diagnostics, &self.style));
                return After::Prompt;
            }
        };
        if !compiled.warnings.is_empty() {
            self.tell(&render_warnings(&name, text, &compiled.warnings, &self.style));
        }
        let entered = vm.enter_loop(&self.event_loop);
        let value = launch::execute(vm, &compiled.code, &self.main);
        if entered {
            vm.leave_loop(&self.event_loop);
        }
        let done = match value {
            Ok(coroutine) if compiled.code.flags & COROUTINE != 0 => self.run_to_end(coroutine).map(drop),
            other => other.map(drop),
        };
        let _ = vm.host.flush();
        match done {
            Ok(()) => After::Prompt,
            Err(e) => self.failed(&e),
        }
    }

    /// Lets everything go on until the coroutine is done. The first interrupt cancels it.
    fn run_to_end(&self, coroutine: Value) -> R {
        let vm = &*self.vm;
        let task = vm.begin_host_task(&self.event_loop, coroutine, 0)?;
        let mut interrupted = false;
        loop {
            if future_of(&task).is_none_or(|f| f.is_done()) {
                break;
            }
            match self.turn() {
                Ok(Turn::Again) => {}
                Ok(Turn::Idle(until)) => self.wait(until)?,
                Err(e) if e.is(vm.types.keyboard_interrupt.get()) && !interrupted => {
                    interrupted = true;
                    vm.cancel_host_task(&task)?;
                }
                Err(e) => return Err(e),
            }
            if self.interrupt.take() {
                if interrupted {
                    return Err(vm.error_with(vm.types.keyboard_interrupt.get(), vec![]));
                }
                interrupted = true;
                vm.cancel_host_task(&task)?;
            }
        }
        vm.take_ended();
        let result = match future_of(&task) {
            Some(f) => f.result(vm),
            None => Ok(Value::NONE),
        };
        match result {
            Err(e) if interrupted && e.is(vm.types.cancelled_error.get()) => {
                Err(vm.error_with(vm.types.keyboard_interrupt.get(), vec![]))
            }
            other => other,
        }
    }

    fn turn(&self) -> R<Turn> {
        self.vm.show_if_asked();
        let entered = self.vm.enter_loop(&self.event_loop);
        let turned = self.vm.turn(&self.event_loop, ITERATIONS);
        if entered {
            self.vm.leave_loop(&self.event_loop);
        }
        self.vm.take_ended();
        turned
    }

    /// Waits on this thread for a timer or an event.
    fn wait(&self, until: Option<u64>) -> R<()> {
        let vm = &*self.vm;
        let poller = vm.sched.poller.borrow().clone().filter(|p| p.pending());
        let left = until.map(|t| t.saturating_sub(vm.host.monotonic()));
        match (poller, left) {
            (Some(p), left) => p.poll(vm, left),
            (None, Some(left)) => {
                vm.host.sleep(left);
                Ok(())
            }
            (None, None) => Err(vm.nothing_can_happen()),
        }
    }

    /// Lets background tasks go on for a moment, while the prompt waits; tells when to call again.
    pub fn idle(&self) -> Option<Duration> {
        match self.turn() {
            Ok(Turn::Again) => Some(Duration::ZERO),
            Ok(Turn::Idle(until)) => {
                let events = self.vm.sched.poller.borrow().as_ref().is_some_and(|p| p.pending());
                let left = until.map(|t| Duration::from_nanos(t.saturating_sub(self.vm.host.monotonic())));
                match (events, left) {
                    (true, left) => Some(left.map_or(NETWORK, |l| l.min(NETWORK))),
                    (false, left) => left,
                }
            }
            Err(e) => {
                self.failed(&e);
                Some(Duration::ZERO)
            }
        }
    }

    /// What can be completed now.
    pub fn names(&self) -> Names {
        Names::of(&self.vm, &self.main)
    }

    /// Cancels all tasks, lets their `finally` run, and ends.
    pub fn end(&self) {
        let vm = &*self.vm;
        let ended = self.helper("end", std::slice::from_ref(&self.event_loop));
        if let Err(e) = ended {
            self.failed(&e);
        }
        let _ = vm.host.flush();
    }

    /// Gives the session up without freeing it: the process is about to end.
    pub fn leave(self) {
        std::mem::forget(self);
    }

    fn helper(&self, name: &str, args: &[Value]) -> R {
        let module = self.vm.import_module("_repl")?;
        self.vm.call_method(&module, name, args)
    }

    fn failed(&self, e: &Raised) -> After {
        let vm = &*self.vm;
        if e.is(vm.types.system_exit.get()) {
            let (code, text) = launch::exit_request(vm, &e.0);
            if let Some(text) = text {
                self.tell(&(text + "\n"));
            }
            return After::Leave((code & 0xFF) as u8);
        }
        if e.is(vm.types.keyboard_interrupt.get()) {
            self.tell("KeyboardInterrupt\n");
            return After::Prompt;
        }
        self.tell(&render_exception(vm, &e.0, &self.sources, &self.style));
        After::Prompt
    }

    fn tell(&self, text: &str) {
        // Nobody is left to be told that the terminal is gone.
        let _ = self.vm.host.write_err(text.as_bytes());
    }
}

/// Makes the loop of the session and what is different at a prompt.
fn prepare(vm: &Vm) -> R {
    let event_loop = vm.host_loop()?;
    let module = vm.import_module("_repl")?;
    vm.call_method(&module, "begin", std::slice::from_ref(&event_loop))?;
    Ok(event_loop)
}
