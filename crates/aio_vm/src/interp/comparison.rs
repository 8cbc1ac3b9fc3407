//! Comparing operations: which comparison they ask for, what they compare, and how they go on.

use crate::interp::bits::{FALSE, is_ptr, small_bits};
use crate::interp::dispatch::{give_result, go_on};
use crate::object::coro::Record;
use crate::protocol::compare::Compare;
use crate::value::drop_pointer;
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FA, FB, FC, number as op};

/// The comparison of an operation that compares.
pub(super) const fn comparison(number: u8) -> Compare {
    match number {
        op::Eq | op::JumpEq | op::JumpNotEq | op::JumpEqI | op::JumpNotEqI => Compare::Eq,
        op::Ne | op::JumpNe | op::JumpNotNe | op::JumpNeI | op::JumpNotNeI => Compare::Ne,
        op::Lt | op::JumpLt | op::JumpNotLt | op::JumpLtI | op::JumpNotLtI => Compare::Lt,
        op::Le | op::JumpLe | op::JumpNotLe | op::JumpLeI | op::JumpNotLeI => Compare::Le,
        op::Gt | op::JumpGt | op::JumpNotGt | op::JumpGtI | op::JumpNotGtI => Compare::Gt,
        op::Ge | op::JumpGe | op::JumpNotGe | op::JumpGeI | op::JumpNotGeI => Compare::Ge,
        _ => panic!("the operation does not compare"),
    }
}

/// Whether a comparing jump is taken when its comparison holds; else it is taken when that does not hold.
pub(super) const fn jumps_if_it_holds(number: u8) -> bool {
    !matches!(
        number,
        op::JumpNotEq
            | op::JumpNotNe
            | op::JumpNotLt
            | op::JumpNotLe
            | op::JumpNotGt
            | op::JumpNotGe
            | op::JumpNotEqI
            | op::JumpNotNeI
            | op::JumpNotLtI
            | op::JumpNotLeI
            | op::JumpNotGtI
            | op::JumpNotGeI
    )
}

/// Whether the operation jumps; else it gives a bool.
const fn jumps(number: u8) -> bool {
    number >= op::JumpEq
}

/// The two operands, each with whether the operation takes it.
///
/// # Safety
/// As for `general`; the operation compares.
#[inline(always)]
pub(super) unsafe fn compared<const OP: u8>(r: *mut u64, w: Word) -> ((u64, bool), (u64, bool)) {
    let (fa, fb, fc) = (w.flags() & FA != 0, w.flags() & FB != 0, w.flags() & FC != 0);
    // SAFETY: by contract.
    unsafe {
        if !jumps(OP) {
            ((*r.add(w.b() as usize), fb), (*r.add(w.c() as usize), fc))
        } else if matches!(OP, op::JumpEqI..=op::JumpNotGeI) {
            ((*r.add(w.a() as usize), fa), (small_bits(w.b() as i16 as i64), false))
        } else {
            ((*r.add(w.a() as usize), fa), (*r.add(w.b() as usize), fb))
        }
    }
}

/// Gives up the operands of `compared`.
///
/// # Safety
/// They are numbers or strings, whose ends run nothing.
#[inline(always)]
pub(super) unsafe fn end_compared(operands: [(u64, bool); 2]) {
    for (v, owned) in operands {
        if owned && is_ptr(v) {
            // SAFETY: by contract; the operation owns what it takes.
            unsafe { drop_pointer(v) }
        }
    }
}

/// Goes on where the comparison leads, or with its result.
///
/// # Safety
/// As for `general`; the operation compares.
#[inline(always)]
pub(super) unsafe fn tell<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: Word,
    rec: *mut Record,
    holds: bool,
) -> bool {
    // SAFETY: by contract.
    unsafe {
        if jumps(OP) {
            let ip = if holds == jumps_if_it_holds(OP) { ip.offset(w.c() as i16 as isize) } else { ip };
            go_on!(vm, ip, r, rec)
        }
        give_result(vm, ip, r, w, rec, FALSE | holds as u64, w.flags() & FA != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{comparison, jumps_if_it_holds};
    use aio_bytecode::ops::OPS;

    #[test]
    fn the_names_of_the_operations_say_the_same() {
        for (number, info) in OPS.iter().enumerate() {
            let jump = info.name.strip_prefix("Jump");
            let (not, rest) = match jump.and_then(|name| name.strip_prefix("Not")) {
                Some(rest) => (true, rest),
                None => (false, jump.unwrap_or(info.name)),
            };
            let rest = rest.strip_suffix('I').unwrap_or(rest);
            if ["Eq", "Ne", "Lt", "Le", "Gt", "Ge"].contains(&rest) {
                let number = u8::try_from(number).expect("there are few operations");
                assert_eq!(format!("{:?}", comparison(number)), rest, "{}", info.name);
                assert!(jump.is_none() || jumps_if_it_holds(number) != not, "{}", info.name);
            }
        }
    }
}
