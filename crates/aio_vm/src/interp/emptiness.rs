//! Jumps that ask whether a built-in collection has items.

use crate::interp::bits::{give_up_held, is_ptr};
use crate::interp::dispatch::{go_on, in_full};
use crate::object::class::HEAP;
use crate::object::coro::Record;
use crate::value::borrow_bits;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, number as op};

/// Whether a text, list or other collection of a built-in class has items. Apart from the operation, which has nothing on
/// its stack that others see.
///
/// # Safety
/// `v` is a value that lives meanwhile, and a pointer.
#[inline(never)]
unsafe fn has_items(vm: &Vm, v: u64) -> Option<bool> {
    // SAFETY: by contract.
    let v = unsafe { borrow_bits(v) };
    if vm.class_of(&v).is(HEAP) {
        return None;
    }
    vm.known_len(&v).map(|n| n != 0)
}

/// An operation that asks for the truth of what is no number, nor None, True or False: a jump goes on here.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn by_items<const OP: u8, const TAKES: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    // SAFETY: by contract; nothing is given up where the operation is done in full.
    unsafe {
        let w = Word(w);
        let v = *r.add(w.a() as usize);
        if OP != op::JumpTrue && OP != op::JumpFalse || !is_ptr(v) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let Some(full) = has_items(vm, v) else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        if TAKES & FA != 0 && !give_up_held(v) {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        }
        let jumps = full == (OP == op::JumpTrue);
        go_on!(vm, if jumps { ip.offset(w.bx() as i32 as isize) } else { ip }, r, rec)
    }
}
