//! Frames that begin at once: arguments lie where the parameters will be.

use crate::interp::FRAME_INIT;
use crate::interp::bits::{UNDEF, give_up_held, retain};
use crate::interp::dispatch::{go_on, in_full};
use crate::object::coro::Record;
use crate::object::header::Kind;
use crate::object::{BoundMethodObj, CodeObj, FunctionObj};
use crate::value::drop_pointer;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::number as op;

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
    callee.direct as usize == arguments
        && end as usize <= rec.wrapping_sub(1) as usize
        && rec as usize > vm.running.lowest.get() as usize
        && vm.ticks.get() > 0
}

/// Begins the frame of a function whose arguments lie in its registers already.
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
        let f = std::ptr::from_ref(function) as u64;
        retain(f);
        *registers.sub(1) = f;
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
        *registers = instance;
        begin(vm, ip, r, rec, registers, init, arguments, (FRAME_INIT, instance))
    }
}

/// Calls a bound method of the script.
///
/// # Safety
/// As for `general`; the callee is a bound method.
#[inline(never)]
pub(super) unsafe fn call_bound<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract; the method is alive until its function and its receiver lie in the frame.
    unsafe {
        let window = r.add(w.a() as usize);
        let bound = *window;
        let method = &*(bound as *const BoundMethodObj);
        let f = method.function.bits();
        let n = w.b() as usize;
        let plain = OP == op::CallMethod && *window.add(1) == UNDEF;
        let registers = window.add(1);
        if OP == op::CallMethod && !plain
            || method.function.kind() != Some(Kind::Function)
            || !has_room_for(vm, &*(f as *const FunctionObj), n + 1, registers, rec)
        {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        if !plain {
            for i in (0..n).rev() {
                *registers.add(i + 1) = *registers.add(i);
            }
        }
        let receiver = method.receiver.bits();
        retain(receiver);
        *registers = receiver;
        let function = &*(f as *const FunctionObj);
        // The frame has its reference before the method ends, which may have the last other one.
        retain(f);
        if !give_up_held(bound) {
            drop_pointer(bound);
        }
        function.header.rc.set(function.header.rc.get() - 1);
        begin(vm, ip, r, rec, registers, function, n + 1, (0, 0))
    }
}
