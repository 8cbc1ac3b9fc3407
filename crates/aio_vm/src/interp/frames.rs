//! Frames that begin at once, because arguments lie where the parameters will be, and frames that end.

use crate::interp::awaited::call_otherwise;
use crate::interp::bits::{NONE, UNDEF, give_up_held, is_ptr, kind_of, retain};
use crate::interp::construction::construct;
use crate::interp::dispatch::{go_on, in_full, leave, raise, release_and_go_on};
use crate::interp::natives::call_native;
use crate::interp::specials::{self, FRAME_SPECIAL};
use crate::interp::{Exit, FRAME_INIT};
use crate::object::coro::{CoroKind, Mode, Record, State};
use crate::object::header::{Header, Kind};
use crate::object::{BoundMethodObj, CodeObj, FunctionObj};
use crate::value::{Value, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, number as op};

/// A call: of a function of the script, a native one, or of anything else.
///
/// # Safety
/// As for `general`.
#[inline(always)]
pub(super) unsafe fn call<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let f = *r.add(Word(w).a() as usize);
        if !is_ptr(f) {
            return in_full::<OP>(vm, ip, r, w, rec);
        }
        match kind_of(f) {
            Kind::Function => begin_frame::<OP>(vm, ip, r, w, rec),
            Kind::Native => call_native::<OP>(vm, ip, r, w, rec),
            _ => call_other::<OP>(vm, ip, r, w, rec),
        }
    }
}

/// The frame of a function whose parameters are what is given begins here, that of others elsewhere.
///
/// # Safety
/// As for `general`; the callee is a function.
#[inline(always)]
unsafe fn begin_frame<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let registers = window.add(1);
        if OP == op::CallMethod && *registers == UNDEF {
            return begin_plain(vm, ip, r, w.0, rec);
        }
        let n = w.b() as usize + (OP == op::CallMethod) as usize;
        let function = &*(*window as *const FunctionObj);
        if function.code().direct.get() as usize != n {
            return call_otherwise::<OP>(vm, ip, r, w.0, rec);
        }
        if !has_room_for(vm, function, n, registers, rec) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        begin(vm, ip, r, rec, registers, function, n, (0, 0))
    }
}

/// The same for a call that looked for a method and found something plain: the place of the receiver is free.
///
/// # Safety
/// As for `general`; the callee is a function.
#[inline(never)]
unsafe fn begin_plain(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let window = r.add(Word(w).a() as usize);
        let (registers, n) = (window.add(1), Word(w).b() as usize);
        let function = &*(*window as *const FunctionObj);
        if function.code().direct.get() as usize != n {
            return call_otherwise::<{ op::CallMethod }>(vm, ip, r, w, rec);
        }
        if !has_room_for(vm, function, n, registers, rec) {
            return in_full::<{ op::CallMethod }>(vm, ip, r, w, rec);
        }
        for i in 0..n {
            *registers.add(i) = *registers.add(i + 1);
        }
        begin(vm, ip, r, rec, registers, function, n, (0, 0))
    }
}

/// A call of neither a function of the script nor a native one.
///
/// # Safety
/// As for `general`; the callee is a pointer.
#[inline(never)]
unsafe fn call_other<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let f = *r.add(Word(w).a() as usize);
        match kind_of(f) {
            Kind::Class => construct::<OP>(vm, ip, r, w, rec),
            Kind::BoundMethod => call_bound::<OP>(vm, ip, r, w, rec),
            Kind::Instance => call_instance::<OP>(vm, ip, r, w, rec),
            _ => in_full::<OP>(vm, ip, r, w, rec),
        }
    }
}

/// The end of a frame that another one of the same coroutine waits for, and none of whose variables ends with it.
///
/// # Safety
/// As for `general`.
#[inline(always)]
pub(super) unsafe fn end_frame<const OP: u8, const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        if rec == vm.running.bottom.get() {
            return end_outermost::<OP, TAKES>(vm, ip, r, w.0, rec);
        }
        let record = &*rec;
        let place = if OP == op::Return { r.add(w.a() as usize) } else { r };
        let result = if OP == op::Return { *place } else { NONE };
        // An `__init__` that gives None, as it should, ends like others.
        if record.flags != 0 && !(record.flags == FRAME_INIT && result == NONE) {
            return end_for_operation::<OP, TAKES>(vm, ip, r, w.0, rec);
        }
        if OP == op::Return && TAKES & FA == 0 {
            *place = UNDEF;
        }
        for i in 0..(*vm.running.code.get()).locals as usize {
            let v = *r.add(i);
            if is_ptr(v) {
                if !give_up_held(v) {
                    return drop_frame(vm, ip, r, result, rec);
                }
                *r.add(i) = UNDEF;
            }
        }
        // Only now: a local may have held the function, too.
        if !give_up_held(*r.sub(1)) {
            return drop_frame(vm, ip, r, result, rec);
        }
        *r.sub(1) = if record.flags != 0 { record.extra } else { result };
        let r = vm.running.segment.get().add(record.base as usize);
        vm.running.code.set(record.code);
        go_on!(vm, record.ip, r, rec.add(1))
    }
}

/// The end of the outermost frame of a task's coroutine or of a call from native code: the interpreter leaves.
///
/// # Safety
/// As for `general`; there is no other frame.
#[inline(never)]
unsafe fn end_outermost<const OP: u8, const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let me = &*vm.current.get();
        let kind = me.kind.get();
        if !matches!(kind, CoroKind::Coroutine | CoroKind::Stack) || me.mode.get() != Mode::Boundary {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        leave(vm, ip, r, rec);
        let mut result = NONE;
        if OP == op::Return {
            let place = r.add(w.a() as usize);
            result = *place;
            if TAKES & FA == 0 {
                *place = UNDEF;
            }
        }
        // A finaliser may look at the frame: what is gone is not seen.
        for i in 0..(*vm.running.code.get()).locals as usize {
            drop(Value::from_owned_bits(std::mem::replace(&mut *r.add(i), UNDEF)));
        }
        if kind == CoroKind::Coroutine {
            me.keep_names();
        }
        drop(Value::from_owned_bits(std::mem::replace(&mut *r.sub(1), UNDEF)));
        me.state.set(State::Finished);
        // Stacks are kept for the next call.
        if kind == CoroKind::Coroutine {
            me.give_segment(vm);
        }
        vm.exit.set(Exit::Return(Value::from_owned_bits(result)));
        false
    }
}

/// The same when a variable or the function ends with the frame. A finaliser may look at it: what is gone is not seen.
///
/// # Safety
/// As for `general`; the result has been taken out of the frame.
#[inline(never)]
unsafe fn drop_frame(vm: &Vm, ip: *const u64, r: *mut u64, result: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        leave(vm, ip, r, rec);
        for i in 0..(*vm.running.code.get()).locals as usize {
            let v = std::mem::replace(&mut *r.add(i), UNDEF);
            if is_ptr(v) {
                drop_pointer(v);
            }
        }
        let record = &*rec;
        let place = r.sub(1);
        let result = if record.flags != 0 { record.extra } else { result };
        let function = std::mem::replace(&mut *place, result);
        let r = vm.running.segment.get().add(record.base as usize);
        vm.running.code.set(record.code);
        release_and_go_on(vm, record.ip, r, function, rec.add(1))
    }
}

/// The end of a frame that an operation waits for, which is finished now.
///
/// # Safety
/// As for `general`; the record has flags.
#[inline(never)]
unsafe fn end_for_operation<const OP: u8, const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    // SAFETY: by contract; a local is moved out, a temporary is taken.
    unsafe {
        let record = &*rec;
        if record.flags & FRAME_SPECIAL == 0 {
            return in_full::<OP>(vm, ip, r, w, rec);
        }
        leave(vm, ip, r, rec);
        let result = match OP {
            op::Return => std::mem::replace(&mut *r.add(Word(w).a() as usize), UNDEF),
            _ => NONE,
        };
        for i in 0..(*vm.running.code.get()).locals as usize {
            let v = std::mem::replace(&mut *r.add(i), UNDEF);
            if !give_up_held(v) {
                drop_pointer(v);
            }
        }
        let (function, flags) = (*r.sub(1), record.flags);
        let r = vm.running.segment.get().add(record.base as usize);
        vm.running.code.set(record.code);
        let c = leave(vm, record.ip, r, rec.add(1));
        if !give_up_held(function) {
            drop_pointer(function);
        }
        match specials::finish(vm, &*c, flags, Value::from_owned_bits(result)) {
            Ok(()) => go_on!(vm, (*c).ip.get(), r, rec.add(1)),
            Err(e) => raise(vm, e),
        }
    }
}

/// Whether a frame of a function with so many arguments can begin at once.
///
/// # Safety
/// As for `general`.
#[inline(always)]
pub(super) unsafe fn has_room_for(
    vm: &Vm,
    function: &FunctionObj,
    arguments: usize,
    registers: *mut u64,
    rec: *mut Record,
) -> bool {
    let callee = function.code();
    let end = registers.wrapping_add(callee.registers as usize);
    callee.direct.get() as usize == arguments
        && end as usize <= rec.wrapping_sub(1) as usize
        && rec as usize > vm.running.lowest.get() as usize
        && vm.ticks.get() > 0
}

/// Begins the frame of a function that lies below its registers, and its arguments in them.
///
/// # Safety
/// As for `general`; there is room for the frame. The record gets `flags` and `extra`.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "where the frame stands, and where the new one will")]
unsafe fn begin(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    rec: *mut Record,
    registers: *mut u64,
    function: &FunctionObj,
    arguments: usize,
    (flags, extra): (u32, u64),
) -> bool {
    // SAFETY: by contract.
    unsafe {
        vm.ticks.set(vm.ticks.get() - 1);
        let callee: *const CodeObj = function.code();
        let base = r.offset_from(vm.running.segment.get()) as u32;
        let code = vm.running.code.replace(callee);
        let next = rec.sub(1);
        next.write(Record { ip, code, base, flags, extra });
        for i in arguments..(*callee).locals as usize {
            *registers.add(i) = UNDEF;
        }
        go_on!(vm, (*callee).start(), registers, next)
    }
}

/// Begins the frame of an `__init__`, whose arguments behind the instance lie in its registers already.
///
/// # Safety
/// As for `general`; there is room for the frame, the caller gives its reference of the instance away.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "where the frame stands, and where the new one will")]
pub(super) unsafe fn initialise(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    rec: *mut Record,
    window: *mut u64,
    instance: u64,
    init: &FunctionObj,
    arguments: usize,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        let registers = window.add(1);
        // One reference for the frame, one for the result of the call.
        retain(instance);
        let f = std::ptr::from_ref(init) as u64;
        retain(f);
        *window = f;
        *registers = instance;
        begin(vm, ip, r, rec, registers, init, arguments, (FRAME_INIT, instance))
    }
}

/// Calls a bound method of the script.
///
/// # Safety
/// As for `general`; the callee is a bound method.
#[inline(never)]
unsafe fn call_bound<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract; the method is alive until its function and its receiver lie in the frame.
    unsafe {
        let bound = *r.add(Word(w).a() as usize);
        let method = &*(bound as *const BoundMethodObj);
        let (f, receiver) = (method.function.bits(), method.receiver.bits());
        // Flags say that others look at the method: then more than its memory may end with it.
        if method.header.flags.get() != 0
            || method.function.kind() != Some(Kind::Function)
            || !make_place::<OP>(vm, r, w, rec, &*(f as *const FunctionObj), receiver)
        {
            return in_full::<OP>(vm, ip, r, w, rec);
        }
        retain(receiver);
        begin_with::<OP>(vm, ip, r, w, rec, f, bound)
    }
}

/// Calls an instance whose class has a `__call__` of the script.
///
/// # Safety
/// As for `general`; the callee is an instance.
#[inline(never)]
unsafe fn call_instance<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract; its class has the function, and is alive through the instance.
    unsafe {
        let instance = *r.add(Word(w).a() as usize);
        let class = (*(instance as *const Header)).class();
        let f = match class.peek(vm, &vm.names.__call__) {
            Some(f) if f.kind() == Some(Kind::Function) => f.bits(),
            _ => return in_full::<OP>(vm, ip, r, w, rec),
        };
        if !make_place::<OP>(vm, r, w, rec, &*(f as *const FunctionObj), instance) {
            return in_full::<OP>(vm, ip, r, w, rec);
        }
        begin_with::<OP>(vm, ip, r, w, rec, f, UNDEF)
    }
}

/// Puts a receiver, without a reference of its own, before the arguments of a call: false if the function takes others, or
/// has no room for its frame.
///
/// # Safety
/// As for `general`.
#[inline(always)]
unsafe fn make_place<const OP: u8>(
    vm: &Vm,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
    function: &FunctionObj,
    receiver: u64,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let registers = r.add(w.a() as usize + 1);
        let n = w.b() as usize;
        // A plain callable has left a place free.
        let plain = OP == op::CallMethod && *registers == UNDEF;
        if OP == op::CallMethod && !plain || !has_room_for(vm, function, n + 1, registers, rec) {
            return false;
        }
        if !plain {
            for i in (0..n).rev() {
                *registers.add(i + 1) = *registers.add(i);
            }
        }
        *registers = receiver;
        true
    }
}

/// Begins the frame of a call whose receiver lies before its arguments; what was called in its name is given up.
///
/// # Safety
/// As for `general`; `make_place` has made room, and the caller gives its reference of `called` away.
#[inline(always)]
unsafe fn begin_with<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
    f: u64,
    called: u64,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        // The frame has its reference before the method ends, which may have the last other one.
        retain(f);
        if !give_up_held(called) {
            drop_pointer(called);
        }
        let w = Word(w);
        let window = r.add(w.a() as usize);
        *window = f;
        begin(vm, ip, r, rec, window.add(1), &*(f as *const FunctionObj), w.b() as usize + 1, (0, 0))
    }
}
