//! Raising, unwinding, matching.

use crate::error::{R, Raised};
use crate::interp::specials::FRAME_SPECIAL;
use crate::interp::{Exit, handlers, specials};
use crate::object::coro::{CoroKind, CoroObj, Mode, State};
use crate::object::exception::TraceEntry;
use crate::object::{CodeObj, FunctionObj};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Word;

/// Carries an exception to its handler, through frames and waiting coroutines. `again`: it was raised before in this
/// frame, so its way does not get a new entry here.
pub(crate) fn unwind(vm: &Vm, c: *const CoroObj, e: Raised, again: bool) -> Result<*const CoroObj, Exit> {
    if !again && !e.0.as_exception().is_some_and(|x| x.on_its_way.take()) {
        vm.current.set(c);
        vm.set_context(&e);
    }
    carry(vm, c, e, again)
}

/// The same for an exception that comes out of another coroutine: its context is as it is.
fn carry(vm: &Vm, c: *const CoroObj, e: Raised, again: bool) -> Result<*const CoroObj, Exit> {
    let (mut again, mut e) = (again, e);
    // SAFETY: the running coroutine is alive.
    let me = unsafe { &*c };
    vm.current.set(c);
    // What a limit has stopped is not caught.
    let caught = !vm.limits.stopping();
    loop {
        // SAFETY: the code of the current frame is alive through its function.
        let code: &CodeObj = unsafe { &*me.code.get() };
        let pc = code.pc(me.ip.get()).saturating_sub(1);
        if !again {
            add_trace(me, &e);
        }
        again = false;
        let live = code.template.live.get(pc as usize).copied().unwrap_or(0) as usize;
        if caught && let Some(h) = code.template.handlers.iter().find(|h| h.start <= pc && pc < h.end) {
            let depth = h.depth as usize;
            let target = h.target;
            let locals = code.locals as usize;
            for i in (depth..live).rev() {
                drop(me.take(locals + i));
            }
            me.put(locals + depth, e.0);
            // SAFETY: handlers of verified code point at instructions.
            me.ip.set(unsafe { code.start().add(target as usize) });
            return Ok(c);
        }
        keep_locals(vm, me, code, &e);
        let coroutine = code.coroutine;
        // SAFETY: the frame is whole; nothing of it is used again.
        unsafe { me.drop_frame(code, live) };
        if me.frames.get() == 0 {
            if me.kind.get() != CoroKind::Stack {
                me.give_segment(vm);
            }
            return leave(vm, c, e);
        }
        if coroutine && e.is(vm.types.stop_iteration.get()) {
            // It was awaited in place, and ends like others.
            e = wrapped(vm, e, "coroutine raised StopIteration");
        }
        let record = me.pop_frame();
        if record.flags & FRAME_SPECIAL != 0 && specials::fail(vm, me, &e) {
            return Ok(c);
        }
        if record.extra != 0 {
            // SAFETY: the record owned the instance under construction.
            drop(unsafe { Value::from_owned_bits(record.extra) });
        }
    }
}

/// Adds the current place of a coroutine's innermost frame to an exception's way.
pub(crate) fn add_trace(me: &CoroObj, e: &Raised) {
    let Some(x) = e.0.as_exception() else { return };
    // SAFETY: the frame's function lies below its registers.
    let function = unsafe { &*(*me.registers().sub(1) as *const FunctionObj) };
    let pc = function.code().pc(me.ip.get()).saturating_sub(1);
    let (code, globals) = (function.code.get(), function.globals.clone());
    x.push_trace(TraceEntry { code, globals, pc, kept: Value::UNDEF });
}

/// Moves the variables of a frame that an exception leaves into the exception's traceback, which keeps them alive.
fn keep_locals(vm: &Vm, me: &CoroObj, code: &CodeObj, e: &Raised) {
    let Some(x) = e.0.as_exception() else { return };
    let registers = me.registers();
    // SAFETY: the locals are whole values, and UNDEF is left behind; below them lies the function.
    unsafe {
        let function = Value::from_borrowed_bits(*registers.sub(1));
        let Some(own) = function.as_function().map(|f| f.code.get()) else { return };
        let locals = code.locals as usize;
        let kept = vm.tuple((0..locals + 1).map(|i| {
            if i < locals {
                Value::from_owned_bits(std::mem::replace(&mut *registers.add(i), Value::UNDEF.into_bits()))
            } else {
                function.clone()
            }
        }));
        x.keep_frame(&own, kept);
    }
}

/// The outermost frame of `c` is gone; the exception goes to whoever waits for it.
pub(crate) fn leave(vm: &Vm, c: *const CoroObj, e: Raised) -> Result<*const CoroObj, Exit> {
    // SAFETY: the coroutine and its chain are alive.
    unsafe {
        let me = &*c;
        me.state.set(State::Finished);
        me.handles_nothing();
        let e = convert(vm, me, e);
        let parent = me.parent.get();
        match me.mode.get() {
            Mode::Boundary => {
                if let Some(x) = e.0.as_exception() {
                    x.on_its_way.set(true);
                }
                Err(Exit::Raise(e))
            }
            Mode::For => {
                vm.current.set(parent);
                (*parent).state.set(State::Running);
                carry(vm, parent, e, false)
            }
            Mode::Await | Mode::Step => {
                vm.current.set(parent);
                let p = &*parent;
                super::coroutine::depth_from(p, me);
                let step = me.mode.get() == Mode::Step;
                me.ag_running.set(false);
                let w = Word(*p.ip.get());
                let awaited = p.take(w.a() as usize);
                (*p.root.get()).inner.set(p);
                p.state.set(State::Running);
                p.ip.set(p.ip.get().add(1));
                let closing = step
                    && awaited
                        .payload::<crate::builtins::generator::AsyncStep>()
                        .is_some_and(|s| s.kind == crate::builtins::generator::StepKind::Close);
                if closing && (e.is(vm.types.generator_exit.get()) || e.is(vm.types.stop_async_iteration.get())) {
                    p.put(w.a() as usize, Value::NONE);
                    drop(awaited);
                    return Ok(parent);
                }
                drop(awaited);
                carry(vm, parent, e, false)
            }
        }
    }
}

/// StopIteration must not leave a generator as itself.
fn convert(vm: &Vm, me: &CoroObj, e: Raised) -> Raised {
    let (what, stop) = match me.kind.get() {
        CoroKind::Stack => return e,
        CoroKind::Generator => ("generator", e.is(vm.types.stop_iteration.get())),
        CoroKind::Coroutine => ("coroutine", e.is(vm.types.stop_iteration.get())),
        CoroKind::AsyncGenerator if e.is(vm.types.stop_async_iteration.get()) => {
            return wrapped(vm, e, "async generator raised StopAsyncIteration");
        }
        CoroKind::AsyncGenerator => ("async generator", e.is(vm.types.stop_iteration.get())),
    };
    if stop { wrapped(vm, e, &format!("{what} raised StopIteration")) } else { e }
}

fn wrapped(vm: &Vm, cause: Raised, message: &str) -> Raised {
    let e = vm.runtime_error(message);
    if let Some(x) = e.0.as_exception() {
        x.cause.set(cause.0.clone());
        x.context.set(cause.0);
        x.suppress_context.set(true);
    }
    e
}

/// The exception that `raise value` raises, in the context of the one being handled.
pub(crate) fn raise_value(vm: &Vm, v: Value) -> Raised {
    raised(vm, instance(vm, v).unwrap_or_else(|e| e))
}

/// An exception that sets out, in the context of the one being handled.
fn raised(vm: &Vm, e: Raised) -> Raised {
    if let Some(x) = e.0.as_exception() {
        x.on_its_way.set(false);
    }
    vm.replace_context(&e);
    e
}

/// The exception that a value stands for, or the error about it.
fn instance(vm: &Vm, v: Value) -> Result<Raised, Raised> {
    if v.as_exception().is_some() {
        return Ok(Raised(v));
    }
    if let Some(class) = v.as_class()
        && class.derives(vm.types.base_exception.get())
    {
        return match vm.call(&v, &[]) {
            Ok(x) if x.as_exception().is_some() => Ok(Raised(x)),
            Ok(x) => Err(vm.type_error(format!(
                "calling {} should have returned an instance of BaseException, not {}",
                vm.repr_text(&v).unwrap_or_default(),
                vm.repr_text(&vm.class_of(&x).value()).unwrap_or_default()
            ))),
            Err(e) => Err(e),
        };
    }
    Err(vm.type_error("exceptions must derive from BaseException"))
}

/// The exception that `raise value from cause` raises.
pub(crate) fn raise_from(vm: &Vm, v: Value, cause: Value) -> Raised {
    let e = match instance(vm, v) {
        Ok(e) => raised(vm, e),
        Err(e) => return raised(vm, e),
    };
    let cause = if cause.is_none() || cause.as_exception().is_some() {
        cause
    } else if cause.as_class().is_some_and(|c| c.derives(vm.types.base_exception.get())) {
        match vm.call(&cause, &[]) {
            Ok(x) => x,
            Err(e) => return e,
        }
    } else {
        return vm.type_error("exception causes must derive from BaseException");
    };
    if let Some(x) = e.0.as_exception() {
        x.cause.set(if cause.is_none() { Value::UNDEF } else { cause });
        x.suppress_context.set(true);
    }
    e
}

/// Whether the exception r[a] is of the class or classes r[b].
pub(crate) fn matches(vm: &Vm, c: &CoroObj, w: Word) -> R<bool> {
    let classes = c.src_b(w);
    let e = c.view(w.a() as usize);
    // SAFETY: the operand is a live value.
    let found = unsafe { handlers::matches(vm, vm.class_of(&e), classes.bits()) };
    found.ok_or_else(|| vm.type_error("catching classes that do not inherit from BaseException is not allowed"))
}

/// except*: splits the exception r[a] by the classes r[a+1].
pub(crate) fn star_match(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let (e, classes) = (c.take(a), c.take(a + 1));
    let (matched, rest) = vm.split_for_star(&e, &classes)?;
    c.put(a, rest);
    c.put(a + 1, matched);
    Ok(())
}

/// except*: what is to be raised after all handlers.
pub(crate) fn star_end(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let a = w.a() as usize;
    let (original, list) = (c.take(a), c.take(a + 1));
    let items = list.as_list().map(|l| l.to_vec()).unwrap_or_default();
    let v = vm.merge_after_star(&original, items)?;
    c.put(a, v);
    Ok(())
}

/// The three arguments of `__exit__`.
///
/// # Safety
/// `r` is the register window of the running frame.
pub(crate) unsafe fn exc_args(vm: &Vm, r: *mut u64, w: Word) {
    // SAFETY: the register holds the exception.
    let e = unsafe { Value::from_borrowed_bits(*r.add(w.b() as usize)) };
    // SAFETY: the window is dead; it is written.
    unsafe {
        let a = w.a() as usize;
        let traceback = e.as_exception().map(|x| x.traceback_value()).unwrap_or(Value::NONE);
        *r.add(a) = vm.class_of(&e).value().into_bits();
        *r.add(a + 2) = traceback.into_bits();
        *r.add(a + 1) = e.into_bits();
    }
}
