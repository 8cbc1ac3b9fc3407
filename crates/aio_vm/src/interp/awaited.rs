//! What coroutines usually do when they call and await one another, without a look at rarer cases: it jumps here.

use crate::interp::Exit;
use crate::interp::bits::{NONE, UNDEF, arguments, given, is_ptr, kind_of, retain};
use crate::interp::call::AWAIT_WORDS;
use crate::interp::dispatch::{enter, go_on, in_full, leave, release_and_go_on};
use crate::interp::{coroutine, except};
use crate::object::coro::{CoroKind, CoroObj, Mode, OUTERMOST, Record, State};
use crate::object::header::{Header, Kind};
use crate::object::opaque::Resumed;
use crate::object::*;
use crate::sched::pause::{Pause, YIELDED};
use crate::value::{Value, borrow_bits};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, X1, X2, number as op};

/// A call of a function whose frame does not begin with the arguments alone: defaults are to be filled in, or it makes a
/// generator or coroutine, or it is a coroutine function that is awaited at once.
///
/// # Safety
/// As for `general`; the callee is a function.
#[inline(never)]
pub(super) unsafe fn call_otherwise<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let (first, n) = arguments::<OP>(window, w);
        let function = &*(*window as *const FunctionObj);
        let callee: *const CodeObj = function.code();
        let code = &*callee;
        let parameters = code.fillable.get() as usize;
        if code.suspends && n == parameters && w.flags() & X1 == 0 && vm.sched.origin_depth.get() == 0 {
            *window = vm.make_coro_of(*window, first, n);
            go_on!(vm, ip, r, rec)
        }
        if code.stand_in.get().is_some() && w.flags() & X1 != 0 {
            return await_stand_in::<OP>(vm, ip, r, w.0, rec);
        }
        begin_filled::<OP>(vm, ip, r, w.0, rec)
    }
}

/// The frame of a function begins, and of its parameters those are filled in that have defaults.
///
/// # Safety
/// As for `call_otherwise`.
#[inline(always)]
unsafe fn begin_filled<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let (plain, n) = given::<OP>(window, w);
        let function = &*(*window as *const FunctionObj);
        let callee: *const CodeObj = function.code();
        let code = &*callee;
        let parameters = code.fillable.get() as usize;
        let next = rec.wrapping_sub(1);
        let registers = window.add(1);
        let ticks = vm.ticks.get() - 1;
        if code.fillable.get() == u32::MAX
            || n > parameters
            || code.suspends && (w.flags() & X1 == 0 || !code.coroutine || code.shortcut.get().is_some())
            || registers.add(code.registers as usize) as usize > next as usize
            || rec as usize <= vm.running.lowest.get() as usize
            || ticks < 0
        {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let defaults = function.defaults.peek().as_tuple().map_or(&[][..], |t| t.items());
        let Some(unused) = defaults.len().checked_sub(parameters - n) else {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        };
        vm.ticks.set(ticks);
        if plain {
            // A plain callable: close the gap below the arguments.
            for i in 0..n {
                *registers.add(i) = *registers.add(i + 1);
            }
        }
        for (i, v) in defaults.get_unchecked(unused..).iter().enumerate() {
            retain(v.bits());
            *registers.add(n + i) = v.bits();
        }
        for i in parameters..code.locals as usize {
            *registers.add(i) = UNDEF;
        }
        let ip = if code.suspends { ip.add(AWAIT_WORDS) } else { ip };
        let base = r.offset_from(vm.running.segment.get()) as u32;
        let caller = vm.running.code.replace(callee);
        next.write(Record { ip, code: caller, base, flags: 0, extra: 0 });
        go_on!(vm, code.start(), registers, next)
    }
}

/// A coroutine function is awaited where it is called, and may name something that can be awaited instead: no frame begins.
///
/// # Safety
/// As for `call_otherwise`; the function has a stand-in, and its GetAwait and Await follow.
#[inline(never)]
unsafe fn await_stand_in<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the arguments are live values side by side.
    unsafe {
        let window = r.add(w.a() as usize);
        let (first, n) = arguments::<OP>(window, w);
        let function = *window;
        let given = std::slice::from_raw_parts(first, n);
        let Some(stand_in) = (*(function as *const FunctionObj)).code().stand_in.get() else {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        };
        if given.iter().any(|v| is_ptr(*v)) {
            return begin_after_all::<OP>(vm, ip, r, w.0, rec);
        }
        let awaited = stand_in(vm, std::slice::from_raw_parts(first.cast(), n)).into_bits();
        if awaited == UNDEF {
            return begin_after_all::<OP>(vm, ip, r, w.0, rec);
        }
        *window = awaited;
        *window.add(1) = NONE;
        // It needs no GetAwait.
        if awaited == YIELDED.bits() {
            return pause(vm, ip.add(1), r, function, rec);
        }
        release_and_go_on(vm, ip.add(1), r, function, rec)
    }
}

/// The running coroutine yields once at the Await at `ip`, in whose register stands that it has; the function that was called
/// is given up.
///
/// # Safety
/// As for `general`.
#[inline(never)]
unsafe fn pause(vm: &Vm, ip: *const u64, r: *mut u64, function: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let c = leave(vm, ip, r, rec);
        drop(Value::from_owned_bits(function));
        go_or_leave(vm, coroutine::suspend(&*c, Value::NONE))
    }
}

/// The frame of a function begins for which nothing stands in.
///
/// # Safety
/// As for `call_otherwise`.
#[inline(never)]
unsafe fn begin_after_all<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe { begin_filled::<OP>(vm, ip, r, w, rec) }
}

/// Readies a coroutine that has not begun, or a native awaitable, for its Await.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn get_await(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let v = *r.add(w.b() as usize);
        let as_it_is = is_ptr(v)
            && match kind_of(v) {
                Kind::Opaque => (*(v as *const OpaqueObj)).is_awaitable(),
                Kind::Coro => {
                    let k = &*(v as *const CoroObj);
                    k.kind.get() == CoroKind::Coroutine && k.state.get() == State::Created
                }
                _ => false,
            };
        if !as_it_is {
            return in_full::<{ op::GetAwait }>(vm, ip, r, w.0, rec);
        }
        if w.flags() & FB == 0 {
            retain(v);
        }
        *r.add(w.a() as usize) = v;
        *r.add(w.a() as usize + 1) = NONE;
        go_on!(vm, ip, r, rec)
    }
}

/// A step of a native awaitable.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn await_object(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract. The register keeps the awaitable alive; nobody else changes the registers of a running
    // coroutine.
    unsafe {
        let p = r.add(w.a() as usize);
        let v = *p;
        if v == YIELDED.bits() {
            *p = NONE;
            go_on!(vm, ip, r, rec)
        }
        if !is_ptr(v) || kind_of(v) != Kind::Opaque || !(*(v as *const OpaqueObj)).is_awaitable() {
            return in_full::<{ op::Await }>(vm, ip, r, w.0, rec);
        }
        leave(vm, ip, r, rec);
        match step_object(vm, ip, p) {
            Ok(x) => {
                *p = x.into_bits();
                release_and_go_on(vm, ip, r, v, rec)
            }
            Err(goes_on) => goes_on,
        }
    }
}

/// One step of the native awaitable at `p`: its result, or what the interpreter does when it suspends or raises. Apart from
/// the operation, which jumps to the next one and so has nothing on its stack that others see.
///
/// # Safety
/// The interpreter has been left behind an Await, at `ip`, whose window is at `p`.
#[inline(never)]
unsafe fn step_object(vm: &Vm, ip: *const u64, p: *mut u64) -> Result<Value, bool> {
    // SAFETY: by contract.
    unsafe {
        let (c, v) = (vm.current.get(), *p);
        let sent = Value::from_owned_bits(std::mem::replace(&mut *p.add(1), NONE));
        let me = borrow_bits(v);
        let awaitable = &*(v as *const OpaqueObj);
        let result = if awaitable.payload::<Pause>().is_some() {
            *p = YIELDED.into_bits();
            drop(Value::from_owned_bits(v));
            Ok(Resumed::Yield(Value::NONE))
        } else {
            match awaitable.behind().await_step(vm, &me, Ok(sent)) {
                Some(result) => result,
                None => Err(vm.runtime_error("the awaitable lost its state")),
            }
        };
        let gone = match result {
            Ok(Resumed::Return(x)) => return Ok(x),
            Ok(Resumed::Yield(x)) => {
                (*c).ip.set(ip.sub(1));
                coroutine::suspend(&*c, x)
            }
            Err(e) => {
                drop(Value::from_owned_bits(v));
                except::unwind(vm, c, e, false)
            }
        };
        Err(go_or_leave(vm, gone))
    }
}

/// Another coroutine goes on, or the interpreter leaves.
fn go_or_leave(vm: &Vm, to: Result<*const CoroObj, Exit>) -> bool {
    match to {
        Ok(target) => {
            vm.current.set(target);
            true
        }
        Err(exit) => {
            vm.exit.set(exit);
            false
        }
    }
}

/// Whether a GetANext is followed by the GetAwait and Await of its result.
///
/// # Safety
/// `ip` is behind the GetANext `w` of verified code.
unsafe fn awaits_at_once(ip: *const u64, w: Word) -> bool {
    // SAFETY: verified code does not end at a GetANext, nor at a GetAwait.
    let (get, wait) = unsafe { (Word(*ip), Word(*ip.add(1))) };
    let same_place = get.a() == w.a() && get.b() == w.a() && wait.a() == w.a() && w.flags() & FA == 0;
    same_place && get.op_number() == op::GetAwait && get.flags() & X2 != 0 && wait.op_number() == op::Await
}

/// The next item of an asynchronous generator that stands at a yield of its own, for an `async for`: it goes on in
/// place, without an object for the step.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn next_of_async_generator(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract. GetANext of `async for` is followed by its GetAwait and Await.
    unsafe {
        let v = *r.add(w.b() as usize);
        if !is_ptr(v) {
            return in_full::<{ op::GetANext }>(vm, ip, r, w.0, rec);
        }
        if kind_of(v) != Kind::Coro {
            return call_anext(vm, ip, r, w.0, rec);
        }
        let g = &*(v as *const CoroObj);
        if g.kind.get() != CoroKind::AsyncGenerator
            || g.state.get() != State::Suspended
            || g.ag_running.get()
            || !std::ptr::eq(g.inner.get(), g)
            || !std::ptr::eq(g.root.get(), g)
            || !awaits_at_once(ip, w)
        {
            return in_full::<{ op::GetANext }>(vm, ip, r, w.0, rec);
        }
        let at = Word(*g.ip.get());
        let me = &*vm.current.get();
        let frames = me.records_end().offset_from(rec) as u32;
        let depth = me.depth.get() + frames + 1;
        if at.op_number() != op::Yield || at.flags() & FA != 0 || depth >= vm.recursion_limit.get() {
            return in_full::<{ op::GetANext }>(vm, ip, r, w.0, rec);
        }
        // The Await that the generator's yield will complete.
        leave(vm, ip.add(1), r, rec);
        retain(v);
        *r.add(w.a() as usize) = v;
        *r.add(w.a() as usize + 1) = NONE;
        let root = me.root.get();
        g.parent.set(me);
        g.mode.set(Mode::Step);
        g.root.set(root);
        g.depth.set(depth);
        g.state.set(State::Running);
        g.ag_running.set(true);
        (*root).inner.set(g);
        enter(vm, g);
        let registers = g.mem.get().add(OUTERMOST as usize);
        *registers.add(at.a() as usize) = NONE;
        go_on!(vm, g.ip.get().add(1), registers, g.records_end())
    }
}

/// The next item of an iterator whose `__anext__` is a coroutine function: it runs in place, as if its call were awaited.
///
/// # Safety
/// As for `general`; operand b is a pointer.
#[inline(never)]
unsafe fn call_anext(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract. GetANext of `async for` is followed by its GetAwait and Await, and no temporaries lie behind
    // those of the Await.
    unsafe {
        let v = *r.add(w.b() as usize);
        let found = (*(v as *const Header)).class().peek(vm, &vm.names.__anext__);
        let Some(function) = found.as_ref().and_then(|f| f.as_function()) else {
            return in_full::<{ op::GetANext }>(vm, ip, r, w.0, rec);
        };
        let callee: *const CodeObj = function.code();
        let code = &*callee;
        let next = rec.wrapping_sub(1);
        let registers = r.add(w.a() as usize + 1);
        let ticks = vm.ticks.get() - 1;
        if !code.coroutine
            || code.fillable.get() != 1
            || code.shortcut.get().is_some()
            || !awaits_at_once(ip, w)
            || registers.add(code.registers as usize) as usize > next as usize
            || rec as usize <= vm.running.lowest.get() as usize
            || ticks < 0
        {
            return in_full::<{ op::GetANext }>(vm, ip, r, w.0, rec);
        }
        vm.ticks.set(ticks);
        let f = std::ptr::from_ref(function) as u64;
        retain(f);
        retain(v);
        *r.add(w.a() as usize) = f;
        *registers = v;
        for i in 1..code.locals as usize {
            *registers.add(i) = UNDEF;
        }
        let base = r.offset_from(vm.running.segment.get()) as u32;
        let caller = vm.running.code.replace(callee);
        next.write(Record { ip: ip.add(AWAIT_WORDS), code: caller, base, flags: 0, extra: 0 });
        go_on!(vm, code.start(), registers, next)
    }
}

/// An asynchronous generator gives an item to the coroutine that awaits its step.
///
/// # Safety
/// As for `general`; the generator was entered for a step.
#[inline(never)]
pub(super) unsafe fn yield_to_awaiting(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; whoever awaits the step is alive, and stands at its Await.
    unsafe {
        let me = &*vm.current.get();
        let parent = &*me.parent.get();
        let wait = Word(*parent.ip.get());
        let awaited = *parent.registers().add(wait.a() as usize);
        // A step that has an object may be one that closes.
        if me.kind.get() != CoroKind::AsyncGenerator || kind_of(awaited) != Kind::Coro {
            return in_full::<{ op::Yield }>(vm, ip, r, w.0, rec);
        }
        let item = *r.add(w.b() as usize);
        if w.flags() & FB == 0 {
            retain(item);
        }
        leave(vm, ip.sub(1), r, rec);
        me.state.set(State::Suspended);
        me.ag_running.set(false);
        me.root.set(me);
        me.inner.set(me);
        parent.depth.set(me.depth.get().saturating_sub(parent.frames.get() + 1));
        (*parent.root.get()).inner.set(parent);
        parent.state.set(State::Running);
        enter(vm, parent);
        let (ip, r) = (parent.ip.get().add(1), parent.registers());
        let rec = parent.records_end().sub(parent.frames.get() as usize);
        *r.add(wait.a() as usize) = item;
        // The loop keeps the generator, too, unless it has been given up meanwhile.
        release_and_go_on(vm, ip, r, awaited, rec)
    }
}
