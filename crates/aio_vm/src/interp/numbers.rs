//! Numbers whose words alone do not settle an operation: integers of 64 bits, which have cells, an integer beside a
//! float, powers and shifts. Larger integers and everything else are for the general way.

use crate::interp::bits::{fits, float_of, int_of, is_float, is_ptr, kind_of, small_bits, writes_local};
use crate::interp::comparison::{compared, comparison, end_compared, tell};
use crate::interp::dispatch::{give_result, in_full};
use crate::object::IntObj;
use crate::object::coro::Record;
use crate::object::header::{Header, Kind};
use crate::object::int::Number;
use crate::protocol::arith::{floor_div, floor_mod};
use crate::protocol::compare::compare_floats;
use crate::value::{INT_TAG, Value, drop_pointer};
use crate::vm::Vm;
use aio_bytecode::Word;
use aio_bytecode::ops::{FB, FC, number as op};

/// `r[a] = r[b] op r[c]`, or with an integer in the instruction in the place of the second operand.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn calculate<const OP: u8>(vm: &Vm, ip: *const u64, r: *mut u64, w: u64, rec: *mut Record) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let vx = *r.add(w.b() as usize);
        let (vy, y_owned) = if has_number(OP) {
            (small_bits(w.c() as i16 as i64), false)
        } else {
            (*r.add(w.c() as usize), w.flags() & FC != 0)
        };
        let x_owned = w.flags() & FB != 0;
        let changes = w.a() == w.b() && !x_owned;
        let result = if let (Some(x), Some(y)) = (integer(vm, vx), integer(vm, vy)) {
            match of_integers::<OP>(x, y) {
                Some(n) if fits(n) => Some(small_bits(n)),
                // What ends here takes the result.
                Some(n) if (x_owned || changes) && is_ptr(vx) && (*(vx as *const Header)).rc.get() == 1 => {
                    (*(vx as *mut IntObj)).number = Number::I64(n);
                    (*(vx as *const Header)).rc.set(2);
                    Some(vx)
                }
                Some(n) => Some(vm.wide_int(n).into_bits()),
                None => quotient::<OP>(x, y),
            }
        } else if let (Some(x), Some(y)) = (float(vx), float(vy)) {
            of_floats::<OP>(x, y)
        } else {
            None
        };
        let Some(result) = result else { return in_full::<OP>(vm, ip, r, w.0, rec) };
        // The ends of numbers run nothing.
        if x_owned && is_ptr(vx) {
            drop_pointer(vx);
        }
        if y_owned && is_ptr(vy) {
            drop_pointer(vy);
        }
        give_result(vm, ip, r, w, rec, result, writes_local(w, !has_number(OP)))
    }
}

/// A comparison of two numbers, or a jump for which they are compared.
///
/// # Safety
/// As for `general`.
#[inline(never)]
pub(super) unsafe fn compare_numbers<const OP: u8>(
    vm: &Vm,
    ip: *const u64,
    r: *mut u64,
    w: u64,
    rec: *mut Record,
) -> bool {
    let w = Word(w);
    // SAFETY: by contract.
    unsafe {
        let operands @ ((vx, _), (vy, _)) = compared::<OP>(r, w);
        let holds = if let (Some(x), Some(y)) = (integer(vm, vx), integer(vm, vy)) {
            comparison(OP).holds(x.cmp(&y))
        } else if let (Some(x), Some(y)) = (float(vx), float(vy)) {
            compare_floats(comparison(OP), x, y)
        } else {
            return in_full::<OP>(vm, ip, r, w.0, rec);
        };
        end_compared(operands.into());
        tell::<OP>(vm, ip, r, w, rec, holds)
    }
}

/// Whether the second operand is a number in the instruction.
const fn has_number(number: u8) -> bool {
    matches!(
        number,
        op::AddI | op::SubI | op::MulI | op::FloorDivI | op::ModI | op::AndI | op::LShiftI | op::RShiftI | op::JumpEqI
            ..=op::JumpNotGeI
    )
}

/// An integer of 64 bits; none for instances of subclasses, bools among them.
///
/// # Safety
/// `v` is a live value.
#[inline(always)]
unsafe fn integer(vm: &Vm, v: u64) -> Option<i64> {
    if v >= INT_TAG {
        return Some(int_of(v));
    }
    // SAFETY: by contract; the kind says what the cell is.
    unsafe {
        if !is_ptr(v) || kind_of(v) != Kind::Int || !vm.types.int.is((*(v as *const Header)).class()) {
            return None;
        }
        match (*(v as *const IntObj)).number() {
            Number::I64(n) => Some(*n),
            Number::Big(_) => None,
        }
    }
}

/// A float, or an integer that is exact as one.
#[inline(always)]
fn float(v: u64) -> Option<f64> {
    if is_float(v) {
        Some(float_of(v))
    } else if v >= INT_TAG {
        Some(int_of(v) as f64)
    } else {
        None
    }
}

/// None where the result has more than 64 bits or is no integer.
#[inline(always)]
fn of_integers<const OP: u8>(x: i64, y: i64) -> Option<i64> {
    match OP {
        op::Add | op::AddI => x.checked_add(y),
        op::Sub | op::SubI => x.checked_sub(y),
        op::Mul | op::MulI => x.checked_mul(y),
        op::FloorDiv | op::FloorDivI if y > 0 => Some(floor_div(x, y)),
        op::Mod | op::ModI if y > 0 => Some(floor_mod(x, y)),
        op::And | op::AndI => Some(x & y),
        op::Or => Some(x | y),
        op::Xor => Some(x ^ y),
        op::LShift | op::LShiftI if (0..63).contains(&y) && x << y >> y == x => Some(x << y),
        op::RShift | op::RShiftI if y >= 0 => Some(x >> y.min(63)),
        op::Pow if (0..64).contains(&y) => x.checked_pow(y as u32),
        _ => None,
    }
}

/// The quotient of two integers that are exact as floats.
#[inline(always)]
fn quotient<const OP: u8>(x: i64, y: i64) -> Option<u64> {
    (OP == op::Div && y != 0 && fits(x) && fits(y)).then(|| Value::float(x as f64 / y as f64).into_bits())
}

/// None where it is no usual float.
#[inline(always)]
fn of_floats<const OP: u8>(x: f64, y: f64) -> Option<u64> {
    let result = match OP {
        op::Add => x + y,
        op::Sub => x - y,
        op::Mul => x * y,
        op::Div if y != 0.0 => x / y,
        op::Pow if x > 0.0 && y.is_finite() => x.powf(y),
        _ => return None,
    };
    result.is_finite().then(|| Value::float(result).into_bits())
}
