//! Generators, coroutines, asynchronous generators and the awaitables of their steps.

pub(crate) mod anext;
pub(crate) mod async_step;

pub use async_step::{AsyncStep, StepKind};

use crate::error::{R, Raised};
use crate::interp::{Entry, Exit, coroutine};
use crate::native::{Args, TypeTable, class_method, getter, method};
use crate::object::coro::{CoroKind, CoroObj, State};
use crate::object::opaque::Payload;
use crate::sched::pause::YIELDED;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) static GENERATOR: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", next_row, "Implement next(self)."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method(
            "send(self, arg, /)",
            send,
            "Send 'arg' into the generator; return the next yielded value or raise StopIteration.",
        ),
        method(
            "throw(self, typ, val=None, tb=None, /)",
            throw,
            "Raise an exception in the generator; return the next yielded value or raise StopIteration.",
        ),
        method("close(self, /)", close, "Raise GeneratorExit inside the generator."),
        crate::native::property("__name__(self)", name, set_name, "name of the generator"),
        crate::native::property("__qualname__(self)", qualname, set_qualname, "qualified name of the generator"),
        getter("gi_running(self)", running, "Whether it runs now."),
        getter("gi_suspended(self)", suspended, "Whether it waits at a yield."),
        getter("gi_frame(self)", frame, "Its frame, or None when it has ended."),
        getter("gi_code(self)", code, "Its code."),
        getter("gi_yieldfrom(self)", waits_for, "What it delegates to."),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
    ],
    next: Some(next),
};

pub(crate) static COROUTINE: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__await__(self, /)", coroutine_await, "Return an iterator to be used in await expression."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method(
            "send(self, arg, /)",
            send,
            "send(arg) -> send 'arg' into coroutine,\nreturn next yielded value or raise StopIteration.",
        ),
        method(
            "throw(self, typ, val=None, tb=None, /)",
            throw,
            "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in coroutine, return next iterated value or raise\nStopIteration.",
        ),
        method("close(self, /)", close, "close() -> raise GeneratorExit inside coroutine."),
        crate::native::property("__name__(self)", name, set_name, "name of the coroutine"),
        crate::native::property("__qualname__(self)", qualname, set_qualname, "qualified name of the coroutine"),
        getter("cr_running(self)", running, "Whether it runs now."),
        getter("cr_suspended(self)", suspended, "Whether it waits at an await."),
        getter("cr_frame(self)", frame, "Its frame, or None when it has ended."),
        getter("cr_code(self)", code, "Its code."),
        getter("cr_await(self)", waits_for, "What it awaits."),
        getter("cr_origin(self)", origin, "Where it was made, or None."),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
    ],
    next: None,
};

pub(crate) static ASYNC_GENERATOR: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__aiter__(self, /)", itself, "Return an awaitable, that resolves in asynchronous iterator."),
        method("__anext__(self, /)", async_step::anext, "Return a value or raise StopAsyncIteration."),
        method("__repr__(self, /)", repr, "Return repr(self)."),
        method(
            "asend(self, value, /)",
            async_step::asend,
            "Send 'v' into the generator; return the next yielded value or raise StopAsyncIteration.",
        ),
        method(
            "athrow(self, typ, val=None, tb=None, /)",
            async_step::athrow,
            "Raise an exception in the generator; return the next yielded value or raise StopAsyncIteration.",
        ),
        method("aclose(self, /)", async_step::aclose, "Raise GeneratorExit inside the generator."),
        crate::native::property("__name__(self)", name, set_name, "name of the async generator"),
        crate::native::property("__qualname__(self)", qualname, set_qualname, "qualified name of the async generator"),
        getter("ag_running(self)", ag_running, "Whether one of its steps is under way."),
        getter("ag_suspended(self)", suspended, "Whether it waits at a yield."),
        getter("ag_frame(self)", frame, "Its frame, or None when it has ended."),
        getter("ag_code(self)", code, "Its code."),
        getter("ag_await(self)", waits_for, "What it awaits."),
        class_method("__class_getitem__(cls, item, /)", subscript, "See PEP 585."),
    ],
    next: None,
};

pub(crate) static WRAPPER: TypeTable = TypeTable {
    doc: "",
    rows: &[
        method("__iter__(self, /)", itself, "Implement iter(self)."),
        method("__next__(self, /)", wrapper_next, "Implement next(self)."),
        method("send(self, arg, /)", wrapper_send, "Send a value into the coroutine."),
        method("throw(self, typ, val=None, tb=None, /)", wrapper_throw, "Raise an exception in the coroutine."),
        method("close(self, /)", wrapper_close, "Raise GeneratorExit inside the coroutine."),
    ],
    next: None,
};

pub(crate) static FUNCTIONS: &[crate::native::Def] = &[
    crate::native::function(
        "aiter(async_iterable, /)",
        anext::aiter_of,
        "Return an AsyncIterator for an AsyncIterable object.",
    ),
    crate::native::function(
        "anext(aiterator, default=<unrepresentable>, /)",
        anext::anext_of,
        "Return the next item from the async iterator.",
    ),
    crate::native::function(
        "_iterable_coroutine(func, /)",
        iterable_coroutine,
        "Marks a generator function for await.",
    ),
];

fn itself(_vm: &Vm, a: &Args) -> R {
    Ok(a[0].clone())
}

fn origin(vm: &Vm, a: &Args) -> R {
    Ok(coro(vm, &a[0])?.extra().unwrap_or(Value::NONE))
}

fn subscript(vm: &Vm, a: &Args) -> R {
    vm.generic_alias(&a[0], &a[1])
}

fn coro<'a>(vm: &Vm, v: &'a Value) -> R<&'a CoroObj> {
    v.as_coro().ok_or_else(|| vm.type_error("a generator or coroutine is expected"))
}

fn title(c: &CoroObj) -> &'static str {
    match c.kind.get() {
        CoroKind::Coroutine => "coroutine",
        CoroKind::AsyncGenerator => "async generator",
        _ => "generator",
    }
}

/// Lets a generator or coroutine go on; what it yields, or its result.
pub(crate) enum Outcome {
    Yield(Value),
    Return(Value),
}

impl Vm {
    /// `coro.send(v)` without StopIteration.
    pub(crate) fn coro_send(&self, c: &CoroObj, v: Value) -> R<Outcome> {
        // What native code usually asks a generator for.
        if v.is_none() && c.may_go_on() {
            return self.outcome(self.go_on_with_none(c));
        }
        match c.state() {
            State::Running => Err(self.value_error(format!("{} already executing", title(c)))),
            State::Finished if c.kind.get() == CoroKind::Coroutine => {
                Err(self.runtime_error("cannot reuse already awaited coroutine"))
            }
            State::Finished => Ok(Outcome::Return(Value::NONE)),
            State::Created if !v.is_none() => {
                Err(self.type_error(format!("can't send non-None value to a just-started {}", title(c))))
            }
            State::Created | State::Suspended => self.outcome(self.resume(c, Entry::Send(v))),
        }
    }

    /// `coro.throw(e)` without StopIteration.
    pub(crate) fn coro_throw(&self, c: &CoroObj, e: Raised) -> R<Outcome> {
        match c.state() {
            State::Running => Err(self.value_error(format!("{} already executing", title(c)))),
            State::Finished if c.kind.get() == CoroKind::Coroutine => {
                Err(self.runtime_error("cannot reuse already awaited coroutine"))
            }
            State::Finished => Err(e),
            State::Created | State::Suspended => {
                let e = self.close_delegate(c, e);
                self.outcome(self.resume(c, Entry::Throw(e)))
            }
        }
    }

    /// A GeneratorExit does not go into what a suspended coroutine waits for: that is closed first, and what comes of
    /// it is thrown at the place of the `yield from` or `await`. Gives the exception to throw.
    fn close_delegate(&self, c: &CoroObj, e: Raised) -> Raised {
        if !e.is(self.types.generator_exit.get()) {
            return e;
        }
        // A chain that is too long for this is unwound from its end.
        let Ok(_guard) = self.enter_native() else { return e };
        let Some(child) = coroutine::detach_delegate(c) else { return e };
        let Some(k) = child.as_coro() else { return e };
        match self.coro_close(k) {
            Ok(_) => e,
            Err(other) => other,
        }
    }

    fn outcome(&self, exit: Exit) -> R<Outcome> {
        match exit {
            Exit::Return(v) => Ok(Outcome::Return(v)),
            Exit::Yield(v) | Exit::Step(v) => Ok(Outcome::Yield(v)),
            Exit::Raise(e) => Err(e),
        }
    }

    /// A StopIteration with a value.
    pub fn stop_iteration(&self, v: Value) -> Raised {
        let args = if v.is_none() { vec![] } else { vec![v.clone()] };
        let e = self.error_with(self.types.stop_iteration.get(), args);
        if let Some(x) = e.0.as_exception() {
            x.set_field(0, v);
        }
        e
    }

    fn yield_or_stop(&self, outcome: Outcome) -> R {
        match outcome {
            Outcome::Yield(v) => Ok(v),
            Outcome::Return(v) => Err(self.stop_iteration(v)),
        }
    }

    /// `coro.close()`.
    pub(crate) fn coro_close(&self, c: &CoroObj) -> R {
        match c.state() {
            State::Running => return Err(self.value_error(format!("{} already executing", title(c)))),
            State::Finished => return Ok(Value::NONE),
            State::Created => {
                c.drop_frames(self);
                c.state.set(State::Finished);
                return Ok(Value::NONE);
            }
            State::Suspended => {}
        }
        let exit = self.error_with(self.types.generator_exit.get(), vec![]);
        let exit = self.close_delegate(c, exit);
        match self.resume(c, Entry::Throw(exit)) {
            Exit::Return(v) => Ok(v),
            Exit::Yield(_) | Exit::Step(_) => Err(self.runtime_error(format!("{} ignored GeneratorExit", title(c)))),
            Exit::Raise(e) if e.is(self.types.generator_exit.get()) || e.is(self.types.stop_iteration.get()) => {
                Ok(Value::NONE)
            }
            Exit::Raise(e) => Err(e),
        }
    }

    /// The exception that the arguments of `throw` stand for.
    pub(crate) fn thrown(&self, typ: &Value, val: Option<&Value>, tb: Option<&Value>) -> R<Raised> {
        if tb.is_some_and(|tb| !tb.is_none() && tb.as_traceback().is_none()) {
            return Err(self.type_error("throw() third argument must be a traceback object"));
        }
        let e = if typ.as_exception().is_some() {
            if val.is_some_and(|v| !v.is_none()) {
                return Err(self.type_error("instance exception may not have a separate value"));
            }
            typ.clone()
        } else if typ.as_class().is_some_and(|c| c.derives(self.types.base_exception.get())) {
            match val {
                Some(v) if v.as_exception().is_some() => v.clone(),
                Some(v) if v.as_tuple().is_some() => {
                    let args = v.as_tuple().map(|t| t.items().to_vec()).unwrap_or_default();
                    self.call(typ, &args)?
                }
                Some(v) if !v.is_none() => self.call(typ, std::slice::from_ref(v))?,
                _ => self.call(typ, &[])?,
            }
        } else {
            return Err(self.type_error(format!(
                "exceptions must be classes or instances deriving from BaseException, not {}",
                self.type_name(typ)
            )));
        };
        if let (Some(x), Some(tb)) = (e.as_exception(), tb.filter(|t| t.as_traceback().is_some())) {
            x.set_traceback(tb.clone());
        }
        Ok(Raised(e))
    }

    /// A coroutine that loses its last reference: generators are closed, coroutines that never ran are reported.
    pub(crate) fn finalize_coro(&self, v: &Value) {
        let Some(c) = v.as_coro() else { return };
        match (c.kind.get(), c.state()) {
            (CoroKind::Coroutine, State::Created) => {
                self.warn_never_awaited(v);
            }
            (_, State::Suspended) => {
                let hook = c.extra().unwrap_or_default();
                let result = if c.kind.get() == CoroKind::AsyncGenerator && !hook.is_undef() && !hook.is_none() {
                    self.call(&hook, std::slice::from_ref(v))
                } else {
                    self.coro_close(c)
                };
                if let Err(e) = result {
                    self.unraisable(e, v);
                }
            }
            _ => {}
        }
    }

    fn warn_never_awaited(&self, v: &Value) {
        let Some(c) = v.as_coro() else { return };
        match self.warn_by_module(v, c.extra().is_some()) {
            Ok(true) => return,
            Ok(false) => {}
            Err(e) => {
                let warned = e.is(self.types.runtime_warning.get());
                self.unraisable(e, v);
                if warned {
                    return;
                }
            }
        }
        let name = c.qualname_text();
        let text = format!("coroutine '{name}' was never awaited");
        if let Err(e) = self.warn(self.types.runtime_warning.get(), &text) {
            self.unraisable(e, v);
        }
    }

    /// The module `warnings` also says where a coroutine was made, if that is known. Tells whether there is one.
    fn warn_by_module(&self, v: &Value, origin_is_known: bool) -> R<bool> {
        let loaded = self.modules.get().as_dict().and_then(|d| d.get_text(self, "warnings"));
        let module = match loaded {
            Some(m) => m,
            None if origin_is_known => self.import_module("warnings")?,
            None => return Ok(false),
        };
        let Some(f) = self.look_attr(&module, &self.intern("_warn_unawaited_coroutine"))? else { return Ok(false) };
        self.call(&f, std::slice::from_ref(v)).map(|_| true)
    }

    /// Issues a warning: through the module `warnings` if it is loaded, else as text on standard error.
    pub fn warn(&self, category: &crate::object::ClassObj, text: &str) -> R<()> {
        let modules = self.modules.get();
        let loaded = modules.as_dict().and_then(|d| d.get_text(self, "warnings"));
        if let Some(f) = loaded.and_then(|m| self.look_attr(&m, &self.intern("warn")).ok().flatten()) {
            return self.call(&f, &[self.str(text), category.value(), Value::small(1)]).map(drop);
        }
        let place = self.current_place().unwrap_or_else(|| ("<sys>".to_owned(), 0));
        let line = format!("{}:{}: {}: {text}\n", place.0, place.1, category.name_text());
        // A closed standard error silences warnings, as in CPython.
        let _ = self.host.write_err(line.as_bytes());
        Ok(())
    }
}

impl CoroObj {
    /// `__qualname__` as text.
    pub fn qualname_text(&self) -> String {
        let qualname = self.own_names().map(|(_, qualname)| qualname);
        qualname.as_ref().and_then(Value::as_str).map(|s| s.to_text().into_owned()).unwrap_or_default()
    }
}

fn next(vm: &Vm, v: &Value) -> R<Option<Value>> {
    match vm.coro_send(coro(vm, v)?, Value::NONE)? {
        Outcome::Yield(v) => Ok(Some(v)),
        Outcome::Return(_) => Ok(None),
    }
}

fn next_row(vm: &Vm, a: &Args) -> R {
    let outcome = vm.coro_send(coro(vm, &a[0])?, Value::NONE)?;
    vm.yield_or_stop(outcome)
}

fn send(vm: &Vm, a: &Args) -> R {
    let outcome = vm.coro_send(coro(vm, &a[0])?, a[1].clone())?;
    vm.yield_or_stop(outcome)
}

fn throw(vm: &Vm, a: &Args) -> R {
    warn_of_parts(vm, a, "throw")?;
    let c = coro(vm, &a[0])?;
    let e = match vm.thrown(&a[1], a.get(2), a.get(3)) {
        Ok(e) => e,
        // What is no exception fails in the innermost of those that wait for one another, which does not go on.
        Err(e) if c.state() == State::Suspended => match coroutine::detach_innermost(c) {
            Some(_) => e,
            None => return Err(e),
        },
        Err(e) => return Err(e),
    };
    let outcome = vm.coro_throw(c, e)?;
    vm.yield_or_stop(outcome)
}

/// An exception in three parts is what there was before exceptions kept their tracebacks.
fn warn_of_parts(vm: &Vm, a: &Args, method: &str) -> R<()> {
    if a.get(2).is_none() && a.get(3).is_none() {
        return Ok(());
    }
    let text =
        format!("the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead.");
    vm.warn(vm.types.deprecation_warning.get(), &text)
}

fn close(vm: &Vm, a: &Args) -> R {
    vm.coro_close(coro(vm, &a[0])?)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let c = coro(vm, &a[0])?;
    let what = match c.kind.get() {
        CoroKind::Coroutine => "coroutine",
        CoroKind::AsyncGenerator => "async_generator",
        _ => "generator",
    };
    Ok(vm.str(&format!("<{what} object {} at {:#x}>", c.qualname_text(), vm.id_of(&a[0]))))
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(coro(vm, &a[0])?.own_names().map_or_else(|| vm.empty_str(), |(name, _)| name))
}

fn set_name(vm: &Vm, a: &Args) -> R {
    match a.get(1) {
        Some(v) if v.as_str().is_some() => {
            let c = coro(vm, &a[0])?;
            let qualname = c.own_names().map_or_else(|| vm.empty_str(), |(_, qualname)| qualname);
            c.set_names(v.clone(), qualname);
        }
        _ => return Err(vm.type_error("__name__ must be set to a string object")),
    }
    Ok(Value::NONE)
}

fn qualname(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(&coro(vm, &a[0])?.qualname_text()))
}

fn set_qualname(vm: &Vm, a: &Args) -> R {
    match a.get(1) {
        Some(v) if v.as_str().is_some() => {
            let c = coro(vm, &a[0])?;
            let name = c.own_names().map_or_else(|| vm.empty_str(), |(name, _)| name);
            c.set_names(name, v.clone());
        }
        _ => return Err(vm.type_error("__qualname__ must be set to a string object")),
    }
    Ok(Value::NONE)
}

fn running(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(coro(vm, &a[0])?.state() == State::Running))
}

fn ag_running(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(coro(vm, &a[0])?.ag_running.get()))
}

fn suspended(vm: &Vm, a: &Args) -> R {
    Ok(Value::bool(coro(vm, &a[0])?.state() == State::Suspended))
}

fn frame(vm: &Vm, a: &Args) -> R {
    let c = coro(vm, &a[0])?;
    let f = c.function();
    let Some(function) = f.as_function() else { return Ok(Value::NONE) };
    let pc = if c.frames.get() == 0 { function.code().pc(c.ip.get()) } else { function.code().pc(c.record(0).ip) };
    Ok(vm.frame(function.code.get(), function.globals.clone(), pc, Value::NONE))
}

fn code(vm: &Vm, a: &Args) -> R {
    Ok(coro(vm, &a[0])?.own_code().unwrap_or(Value::NONE))
}

/// What it delegates to while it waits; nothing while it runs.
fn waits_for(vm: &Vm, a: &Args) -> R {
    let c = coro(vm, &a[0])?;
    if c.state() == State::Running {
        return Ok(Value::NONE);
    }
    Ok(match c.awaited() {
        Some(v) if v.is(&YIELDED) => vm.pause(),
        // A loop goes on with the steps of a generator without making objects of them.
        Some(v) if v.as_coro().is_some_and(|g| g.kind.get() == CoroKind::AsyncGenerator) => vm.step_under_way(&v),
        awaited => awaited.unwrap_or(Value::NONE),
    })
}

/// What `coroutine.__await__()` gives: an iterator over the coroutine.
struct Wrapper {
    coroutine: Value,
}

impl Payload for Wrapper {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.coroutine);
    }
}

fn coroutine_await(vm: &Vm, a: &Args) -> R {
    Ok(vm.opaque(vm.types.coroutine_wrapper.get(), Wrapper { coroutine: a[0].clone() }))
}

fn wrapped<'a>(vm: &Vm, a: &'a Args) -> R<&'a CoroObj> {
    let w = a[0].payload::<Wrapper>().ok_or_else(|| vm.type_error("a coroutine_wrapper is expected"))?;
    coro(vm, &w.coroutine)
}

fn wrapper_next(vm: &Vm, a: &Args) -> R {
    let outcome = vm.coro_send(wrapped(vm, a)?, Value::NONE)?;
    vm.yield_or_stop(outcome)
}

fn wrapper_send(vm: &Vm, a: &Args) -> R {
    let outcome = vm.coro_send(wrapped(vm, a)?, a[1].clone())?;
    vm.yield_or_stop(outcome)
}

fn wrapper_throw(vm: &Vm, a: &Args) -> R {
    let e = vm.thrown(&a[1], a.get(2), a.get(3))?;
    let outcome = vm.coro_throw(wrapped(vm, a)?, e)?;
    vm.yield_or_stop(outcome)
}

fn wrapper_close(vm: &Vm, a: &Args) -> R {
    vm.coro_close(wrapped(vm, a)?)
}

/// What `types.coroutine` does to a function: its generators can be awaited.
fn iterable_coroutine(_vm: &Vm, a: &Args) -> R {
    if let Some(f) = a[0].as_function() {
        f.code().iterable_coroutine.set(true);
    }
    Ok(a[0].clone())
}
