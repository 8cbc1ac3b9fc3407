//! Suspension: yields, awaits, and the chain of coroutines that wait for one another.

use crate::builtins::generator::{AsyncStep, StepKind};
use crate::error::{R, Raised};
use crate::interp::{Exit, except};
use crate::object::coro::{CoroKind, CoroObj, Mode, State};
use crate::object::opaque::Resumed;
use crate::sched::pause::{Pause, YIELDED};
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::ops::{FA, FB, X0, X1, X2};
use aio_bytecode::{Op, Word};

/// How control leaves a coroutine that has ended.
pub(crate) enum Leave {
    /// To the native caller.
    Exit(Exit),
    /// Into its parent, as an exception.
    Raise(*const CoroObj, Raised),
}

/// Outcome of an Await.
pub(crate) enum Awaited {
    /// The result is in place.
    Done,
    /// Another coroutine runs now.
    Enter(*const CoroObj),
    /// The whole chain suspends.
    Exit(Exit),
    /// An exception.
    Raise(Raised),
}

/// The word at the instruction pointer of a suspended coroutine.
fn word_at(c: &CoroObj) -> Word {
    // SAFETY: the pointer is within the code of the suspended frame.
    unsafe { Word(*c.ip.get()) }
}

fn skip(c: &CoroObj, words: isize) {
    // SAFETY: verified code does not end at a suspension.
    c.ip.set(unsafe { c.ip.get().offset(words) });
}

/// Hands a sent value to the suspended instruction.
#[inline]
pub(crate) fn deliver(c: &CoroObj, v: Value) {
    if c.ip.get().is_null() {
        return;
    }
    let w = word_at(c);
    if w.op_number() == Op::Yield as u8 {
        if w.flags() & X0 != 0 && v.is_none() {
            // Behind the Drop.
            return skip(c, 2);
        }
        c.write(w.a() as usize, v, w.flags() & FA != 0);
        skip(c, 1);
    } else if w.op_number() == Op::Await as u8 {
        let at = w.a() as usize;
        if v.is_none() && c.view(at).bits() == YIELDED.bits() {
            // A pause is over, and the Await with it.
            c.put(at, v);
            skip(c, 1);
        } else {
            c.put(at + 1, v);
        }
    }
}

/// Puts the result of what the parent awaits in place and lets it go on.
fn complete_await(parent: &CoroObj, v: Value) {
    let w = word_at(parent);
    let old = parent.take(w.a() as usize);
    parent.put(w.a() as usize, v);
    skip(parent, 1);
    // SAFETY: the root is alive while its chain runs.
    unsafe { (*parent.root.get()).inner.set(parent) };
    parent.state.set(State::Running);
    drop(old);
}

/// Takes the awaited object from the parent, whose Await is about to fail.
fn abandon_await(parent: &CoroObj) -> Value {
    let w = word_at(parent);
    let old = parent.take(w.a() as usize);
    skip(parent, 1);
    // SAFETY: as in `complete_await`.
    unsafe { (*parent.root.get()).inner.set(parent) };
    parent.state.set(State::Running);
    old
}

/// What kind of step of an asynchronous generator the parent awaits.
fn awaited_step(parent: &CoroObj) -> Option<StepKind> {
    let w = word_at(parent);
    parent.view(w.a() as usize).payload::<AsyncStep>().map(|s| s.kind)
}

/// `parent` goes on after `c`, which it delegated to. Only the ends of a chain know how deep they are at the moment.
pub(crate) fn depth_from(parent: &CoroObj, c: &CoroObj) {
    parent.depth.set(c.depth.get().saturating_sub(parent.frames.get() + 1));
}

/// The outermost frame of `c` returned.
pub(crate) fn finished(vm: &Vm, c: *const CoroObj, v: Value) -> Result<*const CoroObj, Leave> {
    // SAFETY: the running coroutine and its chain are alive.
    unsafe {
        let me = &*c;
        me.state.set(State::Finished);
        if me.kind.get() != CoroKind::Stack {
            me.give_segment(vm);
        }
        let parent = me.parent.get();
        match me.mode.get() {
            Mode::Boundary => Err(Leave::Exit(Exit::Return(v))),
            Mode::For => {
                let p = &*parent;
                let w = Word(*p.ip.get().sub(1));
                vm.current.set(parent);
                let generator = p.take(w.a() as usize);
                skip(p, w.c() as i16 as isize);
                drop(v);
                drop(generator);
                Ok(parent)
            }
            Mode::Await => {
                vm.current.set(parent);
                depth_from(&*parent, me);
                complete_await(&*parent, v);
                Ok(parent)
            }
            Mode::Step => {
                me.ag_running.set(false);
                vm.current.set(parent);
                depth_from(&*parent, me);
                if awaited_step(&*parent) == Some(StepKind::Close) {
                    complete_await(&*parent, Value::NONE);
                    return Ok(parent);
                }
                let step = abandon_await(&*parent);
                drop(step);
                Err(Leave::Raise(parent, vm.error_with(vm.types.stop_async_iteration.get(), vec![])))
            }
        }
    }
}

/// `c` stands at a Yield with this value.
pub(crate) fn yielded(vm: &Vm, c: *const CoroObj, v: Value) -> Result<*const CoroObj, Exit> {
    // SAFETY: the running coroutine and its chain are alive.
    unsafe {
        let me = &*c;
        me.state.set(State::Suspended);
        if me.kind.get() == CoroKind::AsyncGenerator {
            let parent = me.parent.get();
            if me.mode.get() == Mode::Step {
                me.ag_running.set(false);
                me.root.set(me);
                me.inner.set(me);
                if awaited_step(&*parent) == Some(StepKind::Close) {
                    let step = abandon_await(&*parent);
                    vm.current.set(parent);
                    drop(step);
                    return except::unwind(
                        vm,
                        parent,
                        vm.runtime_error("async generator ignored GeneratorExit"),
                        false,
                    );
                }
                depth_from(&*parent, me);
                complete_await(&*parent, v);
                return Ok(parent);
            }
            return Err(Exit::Step(v));
        }
        suspend(me, v)
    }
}

/// The chain that `me` is the innermost of suspends with a value, which goes to whoever resumed the root.
pub(super) fn suspend(me: &CoroObj, v: Value) -> Result<*const CoroObj, Exit> {
    me.state.set(State::Suspended);
    // SAFETY: the root and its resumer are alive.
    unsafe {
        let root = &*me.root.get();
        root.inner.set(me);
        root.state.set(State::Suspended);
        match root.mode.get() {
            Mode::For => {
                let parent = root.parent.get();
                let p = &*parent;
                let w = Word(*p.ip.get().sub(1));
                p.write(w.b() as usize, v, w.flags() & FB != 0);
                Ok(parent)
            }
            _ => Err(Exit::Yield(v)),
        }
    }
}

/// Lets a generator give its next item to the ForIter at which `c` stands.
pub(crate) fn step_generator(vm: &Vm, c: &CoroObj, g: &CoroObj) -> R<*const CoroObj> {
    let depth = c.depth.get() + c.frames.get() + 1;
    if depth >= vm.recursion_limit.get() {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    leave_other_chain(g);
    g.parent.set(c);
    g.mode.set(Mode::For);
    g.root.set(g);
    let inner = g.inner.get();
    // SAFETY: as below.
    let length = unsafe { (*inner).depth.get().saturating_sub(g.depth.get()) };
    g.depth.set(depth);
    let created = g.state.get() == State::Created;
    g.state.set(State::Running);
    // SAFETY: the innermost coroutine is alive through the chain of awaits.
    unsafe {
        (*inner).state.set(State::Running);
        (*inner).depth.set(depth + length);
        if !created {
            deliver(&*inner, Value::NONE);
        }
    }
    Ok(inner)
}

/// Takes what a suspended coroutine waits for, if it is a coroutine, out of the chain: it becomes the root of the rest.
pub(crate) fn detach_delegate(c: &CoroObj) -> Option<Value> {
    leave_other_chain(c);
    let inner = c.inner.get();
    if std::ptr::eq(inner, c) || c.mem.get().is_null() {
        return None;
    }
    // SAFETY: the coroutines of a suspended chain are alive through one another.
    let next = unsafe { c.next_in_chain().as_ref() }?;
    if next.mode.get() != Mode::Await {
        return None;
    }
    next.stand_alone(inner);
    c.inner.set(c);
    let a = word_at(c).a() as usize;
    let child = c.take(a);
    c.put(a, Value::NONE);
    Some(child)
}

/// Takes the innermost coroutine of a suspended chain out of it: who waited for it becomes the innermost.
pub(crate) fn detach_innermost(c: &CoroObj) -> Option<Value> {
    leave_other_chain(c);
    // SAFETY: the coroutines of a suspended chain are alive through one another.
    let inner = unsafe { &*c.inner.get() };
    if std::ptr::eq(inner, c) || c.mem.get().is_null() || inner.mode.get() != Mode::Await {
        return None;
    }
    // SAFETY: as above.
    let parent = unsafe { &*inner.parent.get() };
    leave_chain(inner);
    let a = word_at(parent).a() as usize;
    let child = parent.take(a);
    parent.put(a, Value::NONE);
    Some(child)
}

/// A coroutine that waits in the chain of others becomes the root of its own.
#[inline]
pub(crate) fn leave_other_chain(c: &CoroObj) {
    if !std::ptr::eq(c.root.get(), c) && c.state.get() != State::Created {
        leave_chain(c);
    }
}

/// Somebody else goes on with a coroutine that others wait for: they find out when they are resumed.
#[cold]
fn leave_chain(c: &CoroObj) {
    // SAFETY: whoever waits for a coroutine holds it, and puts it on its own when it ends before (`drop_frames`).
    let (root, parent) = unsafe { (c.root.get().as_ref(), c.parent.get().as_ref()) };
    let inner = root.map_or(std::ptr::from_ref(c), |root| root.inner.get());
    c.stand_alone(inner);
    if let (Some(root), Some(parent)) = (root, parent) {
        root.inner.set(parent);
        parent.state.set(State::Suspended);
    }
}

/// Throws an exception into the suspended innermost coroutine.
pub(crate) fn throw_into(vm: &Vm, c: *const CoroObj, e: Raised) -> Result<*const CoroObj, Exit> {
    // SAFETY: the running coroutine and its chain are alive.
    let me = unsafe { &*c };
    if me.mem.get().is_null() {
        return Err(Exit::Raise(e));
    }
    // SAFETY: the code of the current frame is alive.
    let at_start = unsafe { std::ptr::eq(me.ip.get(), (*me.code.get()).start()) && me.frames.get() == 0 };
    let w = word_at(me);
    if at_start && w.op_number() != Op::Await as u8 && w.op_number() != Op::Yield as u8 {
        me.state.set(State::Created);
        skip(me, 1);
        except::add_trace(me, &e);
        skip(me, -1);
        me.drop_frames(vm);
        return except::leave(vm, c, e);
    }
    if w.op_number() == Op::Await as u8 {
        let iter = (*me.view(w.a() as usize)).clone();
        me.state.set(State::Running);
        match throw_to_iterator(vm, &iter, e) {
            Ok(Resumed::Yield(v)) => return suspend(me, v),
            Ok(Resumed::Return(v)) => {
                complete_await(me, v);
                return Ok(c);
            }
            Err(e) => {
                let old = abandon_await(me);
                drop(old);
                drop(iter);
                return except::unwind(vm, c, e, false);
            }
        }
    }
    skip(me, 1);
    me.state.set(State::Running);
    except::unwind(vm, c, e, false)
}

/// Throws into the iterator that an Await drives.
fn throw_to_iterator(vm: &Vm, iter: &Value, e: Raised) -> R<Resumed> {
    if let Some(o) = iter.as_opaque() {
        let e = match o.is_awaitable() {
            true => match o.behind().await_step(vm, iter, Err(e)) {
                Some(result) => return result,
                None => return Err(vm.runtime_error("the awaitable lost its state")),
            },
            false => e,
        };
        return throw_generic(vm, iter, e);
    }
    throw_generic(vm, iter, e)
}

fn throw_generic(vm: &Vm, iter: &Value, e: Raised) -> R<Resumed> {
    if e.is(vm.types.generator_exit.get()) {
        match vm.look_attr(iter, &vm.names.close) {
            Ok(Some(close)) => drop(vm.call(&close, &[])?),
            Ok(None) => {}
            Err(error) => vm.unraisable(error, iter),
        }
        return Err(e);
    }
    let Some(throw) = vm.look_attr(iter, &vm.names.throw)? else { return Err(e) };
    match vm.call(&throw, std::slice::from_ref(&e.0)) {
        Ok(v) => Ok(Resumed::Yield(v)),
        Err(e) => stopped(vm, e),
    }
}

/// A StopIteration as the result of an iterator.
fn stopped(vm: &Vm, e: Raised) -> R<Resumed> {
    if e.is(vm.types.stop_iteration.get()) {
        let v = e.0.as_exception().map(|x| x.field(0)).unwrap_or(Value::NONE);
        return Ok(Resumed::Return(v));
    }
    Err(e)
}

/// One step of the iterator in r[a]; r[a+1] is what was sent.
pub(crate) fn await_step(vm: &Vm, c: &CoroObj, w: Word) -> Awaited {
    let a = w.a() as usize;
    let sent = c.take(a + 1);
    c.put(a + 1, Value::NONE);
    let iter = c.view(a);
    if iter.is(&YIELDED) {
        return settle(c, a, Ok(Resumed::Return(Value::NONE)));
    }
    if let Some(child) = iter.as_coro() {
        if child.kind.get() == CoroKind::AsyncGenerator {
            // Its step has been taken away by somebody who went on with the generator.
            return fail(c, a, vm.runtime_error("cannot reuse already awaited __anext__()/asend()"));
        }
        return enter_child(vm, c, a, child, sent);
    }
    if let Some(o) = iter.as_opaque() {
        if let Some(step) = o.payload::<AsyncStep>() {
            return enter_step(vm, c, a, step, sent);
        }
        if o.payload::<Pause>().is_some() {
            drop(c.take(a));
            c.put(a, YIELDED);
            return settle(c, a, Ok(Resumed::Yield(Value::NONE)));
        }
        if o.is_awaitable() {
            let me = (*iter).clone();
            return match o.behind().await_step(vm, &me, Ok(sent)) {
                Some(result) => settle(c, a, result),
                None => settle(c, a, Err(vm.runtime_error("the awaitable lost its state"))),
            };
        }
    }
    let iter = (*iter).clone();
    let result = if sent.is_none() {
        match vm.class_of(&iter).next.get() {
            Some(next) => match next(vm, &iter) {
                Ok(Some(v)) => Ok(Resumed::Yield(v)),
                Ok(None) => Ok(Resumed::Return(Value::NONE)),
                Err(e) => stopped(vm, e),
            },
            None => match vm.call_special(&iter, &vm.names.__next__, &[]) {
                Ok(Some(v)) => Ok(Resumed::Yield(v)),
                Ok(None) => Err(vm.type_error(format!("'{}' object is not an iterator", vm.type_name(&iter)))),
                Err(e) => stopped(vm, e),
            },
        }
    } else {
        match vm.call_method(&iter, "send", &[sent]) {
            Ok(v) => Ok(Resumed::Yield(v)),
            Err(e) => stopped(vm, e),
        }
    };
    settle(c, a, result)
}

/// What a step of a native or generic iterator means for the Await at which `c` stands (its ip is behind it).
fn settle(c: &CoroObj, a: usize, result: R<Resumed>) -> Awaited {
    match result {
        Ok(Resumed::Return(v)) => {
            let old = c.take(a);
            c.put(a, v);
            drop(old);
            Awaited::Done
        }
        Ok(Resumed::Yield(v)) => {
            skip(c, -1);
            match suspend(c, v) {
                Ok(parent) => Awaited::Enter(parent),
                Err(exit) => Awaited::Exit(exit),
            }
        }
        Err(e) => {
            drop(c.take(a));
            Awaited::Raise(e)
        }
    }
}

fn fail(c: &CoroObj, a: usize, e: Raised) -> Awaited {
    drop(c.take(a));
    Awaited::Raise(e)
}

/// Goes on in an awaited coroutine (or a generator that is delegated to).
fn enter_child(vm: &Vm, c: &CoroObj, a: usize, child: &CoroObj, sent: Value) -> Awaited {
    let generator = child.kind.get() == CoroKind::Generator;
    match child.state() {
        State::Finished if generator => {
            drop(c.take(a));
            c.put(a, Value::NONE);
            return Awaited::Done;
        }
        State::Finished => return fail(c, a, vm.runtime_error("cannot reuse already awaited coroutine")),
        State::Running if generator => return fail(c, a, vm.value_error("generator already executing")),
        State::Running => return fail(c, a, vm.value_error("coroutine already executing")),
        State::Created if !sent.is_none() => {
            let what = if generator { "generator" } else { "coroutine" };
            return fail(c, a, vm.type_error(format!("can't send non-None value to a just-started {what}")));
        }
        State::Created | State::Suspended => {}
    }
    let created = child.state.get() == State::Created;
    leave_other_chain(child);
    if let Err(e) = link(vm, c, child, Mode::Await) {
        return fail(c, a, e);
    }
    let inner = child.inner.get();
    // SAFETY: the innermost coroutine is alive through the chain of awaits.
    unsafe {
        if !created {
            deliver(&*inner, sent);
        }
    }
    Awaited::Enter(inner)
}

/// Makes `child` part of the chain of `c`, which stands behind its Await.
fn link(vm: &Vm, c: &CoroObj, child: &CoroObj, mode: Mode) -> R<()> {
    let depth = c.depth.get() + c.frames.get() + 1;
    if depth >= vm.recursion_limit.get() {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    skip(c, -1);
    child.parent.set(c);
    child.mode.set(mode);
    let inner = child.inner.get();
    // SAFETY: as below.
    let length = unsafe { (*inner).depth.get().saturating_sub(child.depth.get()) };
    child.depth.set(depth);
    child.root.set(c.root.get());
    child.state.set(State::Running);
    // SAFETY: the innermost of the child's chain and the root are alive.
    unsafe {
        (*inner).root.set(c.root.get());
        (*inner).depth.set(depth + length);
        (*inner).state.set(State::Running);
        (*c.root.get()).inner.set(inner);
        // Coroutines between the child and its innermost belong to the new chain, too.
        let mut at = inner;
        while !std::ptr::eq(at, child) {
            (*at).root.set(c.root.get());
            at = (*at).parent.get();
        }
    }
    Ok(())
}

/// Goes on in an asynchronous generator for one of its steps.
fn enter_step(vm: &Vm, c: &CoroObj, a: usize, step: &AsyncStep, sent: Value) -> Awaited {
    let generator = step.generator.clone();
    let Some(g) = generator.as_coro() else { return fail(c, a, vm.runtime_error("no generator")) };
    let start = match step.begin(vm, g, sent) {
        Ok(Some(start)) => start,
        Ok(None) => {
            drop(c.take(a));
            c.put(a, Value::NONE);
            return Awaited::Done;
        }
        Err(e) => return fail(c, a, e),
    };
    let created = g.state.get() == State::Created;
    if let Err(e) = link(vm, c, g, Mode::Step) {
        g.ag_running.set(false);
        return fail(c, a, e);
    }
    let inner = g.inner.get();
    match start {
        Ok(v) => {
            if !created {
                // SAFETY: the innermost coroutine is alive through the chain of awaits.
                unsafe { deliver(&*inner, v) };
            }
            Awaited::Enter(inner)
        }
        Err(e) => {
            vm.current.set(inner);
            match throw_into(vm, inner, e) {
                Ok(target) => Awaited::Enter(target),
                Err(exit) => Awaited::Exit(exit),
            }
        }
    }
}

/// Readies r[a] for Await: the iterator and the first value to send.
fn put_iterator(c: &CoroObj, w: Word, it: Value) {
    let a = w.a() as usize;
    c.put(a, it);
    c.put(a + 1, Value::NONE);
}

/// The iterator that `yield from` delegates to.
pub(crate) fn get_yield_from(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let x = c.src_b(w).into_value();
    // SAFETY: the frame's code is alive.
    let code = unsafe { &*c.code.get() };
    if let Some(k) = x.as_coro()
        && k.kind.get() == CoroKind::Coroutine
    {
        if !code.iterable_coroutine.get() && code.template.flags & aio_bytecode::code::COROUTINE == 0 {
            return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        put_iterator(c, w, x);
        return Ok(());
    }
    let it = vm.iter(&x)?;
    put_iterator(c, w, it);
    Ok(())
}

/// The iterator that `await` drives.
pub(crate) fn get_await(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let x = c.src_b(w).into_value();
    let place = w.flags() & (X0 | X1 | X2);
    if place == X2 {
        let it = vm.await_iterator(x.clone(), 0).map_err(|e| invalid_item(vm, &x, e))?;
        put_iterator(c, w, it);
        return Ok(());
    }
    if x.as_coro().is_some_and(|k| k.kind.get() == CoroKind::Coroutine && k.state() == State::Suspended) {
        // A coroutine that waits is driven by somebody else, who would not know that it has gone on.
        return Err(vm.runtime_error("coroutine is being awaited already"));
    }
    let it = vm.await_iterator(x, place)?;
    put_iterator(c, w, it);
    Ok(())
}

/// What `__anext__` gave cannot be awaited, for a reason.
#[cold]
fn invalid_item(vm: &Vm, item: &Value, reason: Raised) -> Raised {
    let text = format!("'async for' received an invalid object from __anext__: {}", vm.type_name(item));
    let e = vm.type_error(text);
    if let Some(x) = e.0.as_exception() {
        x.cause.set(reason.0.clone());
        x.context.set(reason.0);
        x.suppress_context.set(true);
    }
    e
}

/// `r[a] = aiter(r[b])`.
pub(crate) fn get_aiter(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let x = c.src_b(w).into_value();
    let Some(it) = vm.call_special(&x, &vm.names.__aiter__, &[])? else {
        return Err(
            vm.type_error(format!("'async for' requires an object with __aiter__ method, got {}", vm.type_name(&x)))
        );
    };
    if vm.type_method(&it, &vm.names.__anext__).is_none() {
        return Err(vm.type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            vm.type_name(&it)
        )));
    }
    drop(x);
    c.dst(w, it);
    Ok(())
}

/// `r[a] = r[b].__anext__()`.
pub(crate) fn get_anext(vm: &Vm, c: &CoroObj, w: Word) -> R<()> {
    let x = (*c.view(w.b() as usize)).clone();
    let v = match x.as_coro() {
        Some(g) if g.kind.get() == CoroKind::AsyncGenerator => vm.async_step(&x, StepKind::Send, Value::NONE)?,
        _ => match vm.call_special(&x, &vm.names.__anext__, &[])? {
            Some(v) => v,
            None => {
                return Err(vm.type_error(format!(
                    "'async for' requires an iterator with __anext__ method, got {}",
                    vm.type_name(&x)
                )));
            }
        },
    };
    c.dst(w, v);
    Ok(())
}

impl Vm {
    /// What `await x` drives: the object itself for coroutines and native awaitables, else `x.__await__()`.
    pub(crate) fn await_iterator(&self, x: Value, place: u8) -> R {
        if let Some(k) = x.as_coro() {
            let code = k.outer_code();
            // SAFETY: the coroutine's code is alive while it has frames.
            let iterable = !code.is_null() && !k.mem.get().is_null() && unsafe { (*code).iterable_coroutine.get() };
            if k.kind.get() == CoroKind::Coroutine || (k.kind.get() == CoroKind::Generator && iterable) {
                return Ok(x);
            }
        }
        if let Some(o) = x.as_opaque() {
            if o.is_awaitable() {
                return Ok(x);
            }
            if o.payload::<AsyncStep>().is_some() {
                // It is awaited: nothing needs to be said at its end.
                o.header.set_flag(crate::object::header::FINALIZED);
                return Ok(x);
            }
        }
        let Some(it) = self.call_special(&x, &self.names.__await__, &[])? else {
            let what = self.type_name(&x);
            return Err(self.type_error(match place {
                X0 => {
                    format!("'async with' received an object from __aenter__ that does not implement __await__: {what}")
                }
                X1 => {
                    format!("'async with' received an object from __aexit__ that does not implement __await__: {what}")
                }
                _ => format!("object {what} can't be used in 'await' expression"),
            }));
        };
        if it.as_coro().is_some_and(|k| k.kind.get() == CoroKind::Coroutine) {
            return Err(self.type_error("__await__() returned a coroutine"));
        }
        let awaitable = it.as_opaque().is_some_and(|o| o.is_awaitable());
        if !awaitable
            && self.class_of(&it).next.get().is_none()
            && self.type_method(&it, &self.names.__next__).is_none()
        {
            return Err(self.type_error(format!("__await__() returned non-iterator of type '{}'", self.type_name(&it))));
        }
        Ok(it)
    }
}
