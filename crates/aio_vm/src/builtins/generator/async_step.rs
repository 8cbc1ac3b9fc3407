//! The awaitables of asynchronous generators: one step each, by `asend`, `athrow` or `aclose`.

use super::{itself, warn_of_parts};
use crate::error::{R, Raised};
use crate::interp::{Entry, Exit};
use crate::native::{Args, TypeTable, method};
use crate::object::coro::{CoroObj, State};
use crate::object::opaque::Payload;
use crate::object::slot::Slot;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

pub(crate) static STEP: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__await__(self, /)", itself, "Return an iterator to be used in await expression."),
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", step_next, "Implement next(self)."),
        method("send(self, arg, /)", step_send, "Go on with a value."),
        method("throw(self, typ, val=None, tb=None, /)", step_throw, "Go on with an exception."),
        method("close(self, /)", step_close, "End the step."),
        method("__del__(self, /)", step_del, "Warn if it was never awaited."),
    ],
    next: None,
};

/// What a step of an asynchronous generator does first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// asend and anext.
    Send,
    /// athrow.
    Throw,
    /// aclose.
    Close,
}

/// The awaitable of one step of an asynchronous generator.
pub struct AsyncStep {
    /// The generator.
    pub generator: Value,
    /// What it does first.
    pub kind: StepKind,
    /// What is sent, or a tuple of the arguments of athrow.
    argument: Slot,
    state: Cell<StepState>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StepState {
    Fresh,
    Running,
    Done,
}

impl Payload for AsyncStep {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.generator);
        visit(self.argument.peek());
    }
}

impl AsyncStep {
    fn reused(&self, vm: &Vm) -> Raised {
        let what = if self.kind == StepKind::Send { "__anext__()/asend()" } else { "aclose()/athrow()" };
        vm.runtime_error(format!("cannot reuse already awaited {what}"))
    }

    /// A step can only begin while no other one is under way.
    fn check_free(&self, vm: &Vm, g: &CoroObj) -> R<()> {
        if !g.ag_running.get() {
            return Ok(());
        }
        self.state.set(StepState::Done);
        let title = match self.kind {
            StepKind::Send => "anext()",
            StepKind::Throw => "athrow()",
            StepKind::Close => "aclose()",
        };
        Err(vm.runtime_error(format!("{title}: asynchronous generator is already running")))
    }

    /// Begins the step: the value to send or the exception to throw, or `None` if there is nothing to do. `sent` is
    /// what whoever drives the step sends first.
    pub(crate) fn begin(&self, vm: &Vm, g: &CoroObj, sent: Value) -> R<Option<R>> {
        if self.state.get() != StepState::Fresh {
            return Err(self.reused(vm));
        }
        let throws = self.kind != StepKind::Send;
        if throws && g.state() == State::Finished {
            self.state.set(StepState::Done);
            return Ok(None);
        }
        self.check_free(vm, g)?;
        if throws && !g.ag_closed.get() && !sent.is_none() {
            return Err(vm.runtime_error("can't send non-None value to a just-started coroutine"));
        }
        self.state.set(StepState::Done);
        if g.state() == State::Finished || (throws && g.ag_closed.get()) {
            return Err(vm.error_with(vm.types.stop_async_iteration.get(), vec![]));
        }
        let argument = self.argument.take();
        let first = match self.kind {
            StepKind::Send => {
                let argument = if sent.is_none() { argument } else { sent };
                if g.state() == State::Created && !argument.is_none() {
                    return Err(vm.type_error("can't send non-None value to a just-started async generator"));
                }
                Ok(argument)
            }
            StepKind::Throw => match argument.as_tuple().map(|t| t.items()) {
                Some([typ, rest @ ..]) => Err(vm.thrown(typ, rest.first(), rest.get(1))?),
                _ => Ok(Value::NONE),
            },
            StepKind::Close => {
                g.ag_closed.set(true);
                if g.state() == State::Created {
                    g.drop_frames(vm);
                    g.state.set(State::Finished);
                    return Ok(None);
                }
                Err(vm.error_with(vm.types.generator_exit.get(), vec![]))
            }
        };
        g.ag_running.set(true);
        Ok(Some(first))
    }

    /// Begins the step with an exception from outside, which takes the place of what it does first.
    fn begin_with(&self, vm: &Vm, g: &CoroObj) -> R<()> {
        match self.state.get() {
            StepState::Done => return Err(self.reused(vm)),
            StepState::Running => return Ok(()),
            StepState::Fresh => self.check_free(vm, g)?,
        }
        drop(self.argument.take());
        g.ag_running.set(true);
        Ok(())
    }
}

impl Vm {
    /// The awaitable of a step. The hooks see the generator when its first one is made.
    pub(crate) fn async_step(&self, generator: &Value, kind: StepKind, argument: Value) -> R {
        if let Some(g) = generator.as_coro() {
            self.hook_async_generator(generator, g)?;
        }
        Ok(self.new_step(generator, kind, argument, StepState::Fresh))
    }

    /// The step of a generator that an `async for` has begun without an object for it.
    pub(crate) fn step_under_way(&self, generator: &Value) -> Value {
        self.new_step(generator, StepKind::Send, Value::NONE, StepState::Running)
    }

    fn new_step(&self, generator: &Value, kind: StepKind, argument: Value, state: StepState) -> Value {
        let class = match kind {
            StepKind::Send => self.types.async_generator_asend.get(),
            _ => self.types.async_generator_athrow.get(),
        };
        let argument = Slot::new(argument);
        self.opaque(class, AsyncStep { generator: generator.clone(), kind, argument, state: Cell::new(state) })
    }
}

fn step_del(vm: &Vm, a: &Args) -> R {
    let Some(step) = a[0].payload::<AsyncStep>().filter(|s| s.state.get() == StepState::Fresh) else {
        return Ok(Value::NONE);
    };
    let method = match step.kind {
        StepKind::Send => "asend",
        StepKind::Throw => "athrow",
        StepKind::Close => "aclose",
    };
    let of = step.generator.as_coro().map(CoroObj::qualname_text).unwrap_or_default();
    vm.warn(vm.types.runtime_warning.get(), &format!("coroutine method '{method}' of '{of}' was never awaited"))?;
    Ok(Value::NONE)
}

pub(super) fn anext(vm: &Vm, a: &Args) -> R {
    vm.async_step(&a[0], StepKind::Send, Value::NONE)
}

pub(super) fn asend(vm: &Vm, a: &Args) -> R {
    vm.async_step(&a[0], StepKind::Send, a[1].clone())
}

pub(super) fn athrow(vm: &Vm, a: &Args) -> R {
    warn_of_parts(vm, a, "athrow")?;
    let given = (1..4).map_while(|i| a.get(i).cloned());
    vm.async_step(&a[0], StepKind::Throw, vm.tuple(given.collect::<Vec<_>>()))
}

pub(super) fn aclose(vm: &Vm, a: &Args) -> R {
    vm.async_step(&a[0], StepKind::Close, Value::NONE)
}

fn step<'a>(vm: &Vm, v: &'a Value) -> R<&'a AsyncStep> {
    v.payload::<AsyncStep>().ok_or_else(|| vm.type_error("a step of an asynchronous generator is expected"))
}

/// Drives a step from native code: `step.send(v)` or `step.throw(e)`.
fn drive(vm: &Vm, v: &Value, sent: R) -> R {
    let _guard = vm.enter_native()?;
    let s = step(vm, v)?;
    let Some(g) = s.generator.as_coro() else { return Ok(Value::NONE) };
    let entry = match sent {
        Ok(x) if s.state.get() == StepState::Running => Entry::Send(x),
        Ok(x) => match s.begin(vm, g, x)? {
            None => return Err(vm.stop_iteration(Value::NONE)),
            Some(Ok(x)) => Entry::Send(x),
            Some(Err(e)) => Entry::Throw(e),
        },
        Err(e) => {
            s.begin_with(vm, g)?;
            Entry::Throw(e)
        }
    };
    s.state.set(StepState::Running);
    let exit = match entry {
        Entry::Throw(e) if g.state() == State::Finished => Exit::Raise(e),
        Entry::Throw(e) => vm.resume(g, Entry::Throw(vm.close_delegate(g, e))),
        entry => vm.resume(g, entry),
    };
    if !matches!(exit, Exit::Yield(_)) {
        s.state.set(StepState::Done);
        g.ag_running.set(false);
    }
    let closing = s.kind == StepKind::Close;
    match exit {
        Exit::Yield(v) => Ok(v),
        Exit::Step(_) if closing => Err(vm.runtime_error("async generator ignored GeneratorExit")),
        Exit::Step(v) => Err(vm.stop_iteration(v)),
        Exit::Return(_) if closing => Err(vm.stop_iteration(Value::NONE)),
        Exit::Return(_) => Err(vm.error_with(vm.types.stop_async_iteration.get(), vec![])),
        Exit::Raise(e)
            if closing && (e.is(vm.types.generator_exit.get()) || e.is(vm.types.stop_async_iteration.get())) =>
        {
            Err(vm.stop_iteration(Value::NONE))
        }
        Exit::Raise(e) => Err(e),
    }
}

fn step_next(vm: &Vm, a: &Args) -> R {
    drive(vm, &a[0], Ok(Value::NONE))
}

fn step_send(vm: &Vm, a: &Args) -> R {
    drive(vm, &a[0], Ok(a[1].clone()))
}

fn step_throw(vm: &Vm, a: &Args) -> R {
    let e = vm.thrown(&a[1], a.get(2), a.get(3))?;
    drive(vm, &a[0], Err(e))
}

fn step_close(vm: &Vm, a: &Args) -> R {
    if step(vm, &a[0])?.state.get() == StepState::Done {
        return Ok(Value::NONE);
    }
    let exit = vm.error_with(vm.types.generator_exit.get(), vec![]);
    match drive(vm, &a[0], Err(exit)) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(e) => {
            let ends = [&vm.types.stop_iteration, &vm.types.stop_async_iteration, &vm.types.generator_exit];
            if ends.iter().any(|end| e.is(end.get())) { Ok(Value::NONE) } else { Err(e) }
        }
    }
}
