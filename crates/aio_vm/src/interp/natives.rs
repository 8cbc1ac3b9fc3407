//! Calls of native functions.

use crate::error::R;
use crate::interp::bits::{UNDEF, give_up_held};
use crate::interp::dispatch::{go_on, in_full, leave, raise, release_and_go_on};
use crate::native::Args;
use crate::object::NativeObj;
use crate::object::coro::Record;
use crate::value::{Value, drop_pointer};
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
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let window = r.add(w.a() as usize);
        let native = &*(*window as *const NativeObj);
        // The receiver of a method call is the first argument; a plain callable has left its place free.
        let plain = OP == op::CallMethod && *window.add(1) == UNDEF;
        let first = window.add(1 + plain as usize);
        let n = w.b() as usize + (OP == op::CallMethod && !plain) as usize;
        let given = std::slice::from_raw_parts(first as *const Value, n);
        if let Some(usual) = native.def.usual
            && let Some(v) = usual(vm, given)
        {
            return give_instead(vm, ip, r, rec, window, first, n, v.into_bits());
        }
        let Some((slots, rest)) = vm.in_order(native, given) else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        leave(vm, ip, r, rec);
        let result = invoke(vm, native, slots, rest);
        end_window(window, first, n);
        finish!(vm, ip, r, rec, window, result)
    }
}

/// Leaves a result in the place of a callee and its arguments.
///
/// # Safety
/// As for `general`; the window holds the callee, its arguments lie at `first`, and the caller owns the result.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "where the frame stands, the window and what comes into it")]
pub(super) unsafe fn give_instead(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    rec: *mut Record,
    window: *mut u64,
    first: *mut u64,
    n: usize,
    result: u64,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        for i in 0..n {
            let v = *first.add(i);
            if !give_up_held(v) {
                leave(vm, ip, r, rec);
                drop_pointer(v);
            }
        }
        let callee = std::mem::replace(&mut *window, result);
        release_and_go_on(vm, ip, r, callee, rec)
    }
}

/// The call alone: whoever has something on its stack that others see cannot jump to the next operation.
#[inline(never)]
fn invoke(vm: &Vm, native: &NativeObj, slots: &[Value], rest: &[Value]) -> R {
    (native.def.call)(vm, &Args { slots, rest, keywords: &[], receiver: &native.receiver })
}

/// Gives up a callee and its arguments.
///
/// # Safety
/// The caller owns the window; the interpreter has been left.
#[inline(always)]
unsafe fn end_window(window: *mut u64, arguments: *mut u64, n: usize) {
    // SAFETY: by contract.
    unsafe {
        for i in 0..n {
            let v = *arguments.add(i);
            if !give_up_held(v) {
                drop_pointer(v);
            }
        }
        let callee = *window;
        if !give_up_held(callee) {
            drop_pointer(callee);
        }
    }
}
