//! Calls of native functions.

use crate::error::R;
use crate::interp::bits::{UNDEF, arguments, give_up_all, give_up_held};
use crate::interp::dispatch::{go_on, in_full, leave, raise, release_and_go_on};
use crate::native::Args;
use crate::object::NativeObj;
use crate::object::coro::Record;
use crate::value::Value;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::number as op;

/// Leaves the result in the window and goes on.
macro_rules! finish {
    ($vm:expr, $ip:expr, $r:expr, $rec:expr, $window:expr, $result:expr) => {{
        match $result {
            Ok(v) => *$window = v.into_bits(),
            Err(e) => return raise($vm, e),
        }
        go_on!($vm, $ip, $r, $rec)
    }};
}
pub(super) use finish;

/// Calls a native function with the arguments of the window, as they lie there.
///
/// # Safety
/// As for `general`; the callee is a native function.
#[inline(never)]
pub(super) unsafe fn call_native<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    // SAFETY: by contract.
    unsafe {
        let native = &*(*r.add(Word(w).a() as usize) as *const NativeObj);
        match &native.def.usual {
            Some(usual) => usual[(OP == op::CallMethod) as usize](vm, ip, r, w, rec),
            None => call_arranged::<OP>(vm, ip, r, w, rec),
        }
    }
}

/// What a native function usually does: a function of its own, which has a type of its own.
pub(crate) trait Usual: Fn(&Vm, &[Value]) -> Option<Value> + Copy {}

impl<F: Fn(&Vm, &[Value]) -> Option<Value> + Copy> Usual for F {}

/// A call of a native function that does what it usually does: an operation for each function, which the compiler sees
/// through.
///
/// # Safety
/// As for `general`; the callee is a native function, and `F` is a function.
pub(crate) unsafe fn call_usually<const OP: u8, F: Usual>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    const { assert!(size_of::<F>() == 0) };
    // SAFETY: by contract; there is nothing to read of a function, for its type says which it is.
    unsafe {
        let usual = std::ptr::NonNull::<F>::dangling().read();
        let window = r.add(Word(w).a() as usize);
        let (first, n) = arguments::<OP>(window, Word(w));
        match usual(vm, std::slice::from_raw_parts(first as *const Value, n)) {
            Some(v) => give_instead::<OP>(vm, ip, r, w, rec, v.into_bits()),
            None => call_arranged::<OP>(vm, ip, r, w, rec),
        }
    }
}

/// Calls a native function with its arguments arranged as it takes them.
///
/// # Safety
/// As for `general`; the callee is a native function.
#[inline(never)]
unsafe fn call_arranged<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let native = &*(*window as *const NativeObj);
        let (first, n) = arguments::<OP>(window, w);
        let given = std::slice::from_raw_parts(first as *const Value, n);
        let Some((slots, rest)) = vm.in_order(native, given) else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        leave(vm, ip, r, rec);
        let result = invoke(vm, native, slots, rest);
        give_up_all(first, n);
        give_up_all(window, 1);
        finish!(vm, ip, r, rec, window, result)
    }
}

/// Leaves a result in the place of a callee and its arguments.
///
/// # Safety
/// As for `general`; the window holds the callee and its arguments, and the caller owns the result.
#[inline(always)]
pub(super) unsafe fn give_instead<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
    result: u64,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        let window = r.add(Word(w).a() as usize);
        let (first, n) = arguments::<OP>(window, Word(w));
        for i in 0..n {
            if !give_up_held(*first.add(i)) {
                return end_arguments::<OP>(vm, ip, r, w, rec, result);
            }
            *first.add(i) = UNDEF;
        }
        let callee = std::mem::replace(&mut *window, result);
        release_and_go_on(vm, ip, r, callee, rec)
    }
}

/// The same when arguments end with the call; those that are given up already are undefined.
///
/// # Safety
/// As for `give_instead`.
#[inline(never)]
unsafe fn end_arguments<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
    result: u64,
) -> bool {
    // SAFETY: by contract; a receiver that is given up does not count among the arguments any more.
    unsafe {
        let window = r.add(Word(w).a() as usize);
        let (first, n) = arguments::<OP>(window, Word(w));
        leave(vm, ip, r, rec);
        give_up_all(first, n);
        let callee = std::mem::replace(&mut *window, result);
        release_and_go_on(vm, ip, r, callee, rec)
    }
}

/// The call alone: whoever has something on its stack that others see cannot jump to the next operation.
#[inline(never)]
fn invoke(vm: &Vm, native: &NativeObj, slots: &[Value], rest: &[Value]) -> R {
    (native.def.call)(vm, &Args { slots, rest, keywords: &[], receiver: &native.receiver })
}
