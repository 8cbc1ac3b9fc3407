//! The lesser methods of int: rounding, formatting, bits, ratios.

use super::{big, int_ref};
use crate::error::R;
use crate::native::Args;
use crate::text::format_value;
use crate::value::Value;
use crate::vm::Vm;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Signed;

/// Rounds to a multiple of a power of ten, ties to the even multiple.
pub(super) fn round(vm: &Vm, a: &Args) -> R {
    let digits = match a.get(1) {
        Some(d) => vm.index_value(d)?,
        None => return Ok(vm.plain_int(&a[0])),
    };
    let digits = match digits.as_i64() {
        Some(d) if d >= 0 => return Ok(vm.plain_int(&a[0])),
        None if !big(&digits).is_negative() => return Ok(vm.plain_int(&a[0])),
        d => d.map_or(u64::MAX, i64::unsigned_abs),
    };
    let n = big(&a[0]);
    // A power of ten with more bits than twice the number leaves nothing of it.
    if digits.saturating_mul(3) > n.bits() + 1 {
        return Ok(Value::small(0));
    }
    let unit = num_traits::Pow::pow(BigInt::from(10), digits);
    let (q, r) = n.div_mod_floor(&unit);
    let up = match (&r + &r).cmp(&unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => q.is_odd(),
        std::cmp::Ordering::Greater => true,
    };
    Ok(vm.bigint((q + up as i32) * unit))
}

pub(crate) fn format(vm: &Vm, a: &Args) -> R {
    let spec = vm.format_spec(&a[1])?;
    if spec.is_empty() {
        // bool and subclasses have a text of their own.
        return if vm.class_of(&a[0]).is_same(vm.types.int.get()) { super::repr(vm, a) } else { vm.to_str(&a[0]) };
    }
    vm.pay_writing(&a[0])?;
    let text = format_value::format_int(
        int_ref(&a[0]),
        spec.bytes(),
        &|| vm.type_name(&a[0]),
        // No short integer has so many digits that it matters.
        if a[0].is_small() { usize::MAX } else { vm.max_digits() },
        vm.text_limit(),
    );
    text.map(|t| vm.str_wtf8(&t)).map_err(|e| vm.text_error(e))
}

pub(super) fn getnewargs(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([vm.plain_int(&a[0])]))
}

/// What CPython's layout takes: 24 bytes and 4 for every 30 bits.
pub(super) fn sizeof(vm: &Vm, a: &Args) -> R {
    let digits = big(&a[0]).bits().div_ceil(30).max(1);
    Ok(vm.uint(24 + 4 * digits))
}

pub(super) fn bit_length(vm: &Vm, a: &Args) -> R {
    Ok(vm.uint(match a[0].as_i64() {
        Some(n) => (u64::BITS - n.unsigned_abs().leading_zeros()) as u64,
        None => big(&a[0]).bits(),
    }))
}

pub(super) fn bit_count(vm: &Vm, a: &Args) -> R {
    Ok(vm.uint(match a[0].as_i64() {
        Some(n) => n.unsigned_abs().count_ones() as u64,
        None => big(&a[0]).magnitude().count_ones(),
    }))
}

pub(super) fn as_integer_ratio(vm: &Vm, a: &Args) -> R {
    Ok(vm.tuple([vm.plain_int(&a[0]), Value::small(1)]))
}

pub(super) fn is_integer(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::TRUE)
}

pub(super) fn zero(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::small(0))
}

pub(super) fn one(_vm: &Vm, _a: &Args) -> R {
    Ok(Value::small(1))
}
