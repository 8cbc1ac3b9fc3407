//! Functions of math that take floats apart, put them together, or need two of them.

use super::{domain, range};
use aio_vm::{Args, R, Value, Vm};
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

/// Mantissa in [0.5, 1) and exponent of a finite number.
pub(super) fn split(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() { (x, 0) } else { libm::frexp(x) }
}

pub(super) fn frexp(vm: &Vm, a: &Args) -> R {
    let (m, e) = split(vm.to_f64(&a[0])?);
    Ok(vm.tuple([Value::float(m), Value::small(e as i64)]))
}

pub(super) fn ldexp(vm: &Vm, a: &Args) -> R {
    let x = vm.to_f64(&a[0])?;
    let Some(exponent) = a[1].as_bigint() else {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::float(x));
    }
    let e = match exponent.to_i32() {
        Some(e) => e.clamp(-5000, 5000),
        None if exponent.sign() == Sign::Minus => -5000,
        None => 5000,
    };
    let r = libm::ldexp(x, e);
    if r.is_infinite() { Err(range(vm)) } else { Ok(Value::float(r)) }
}

pub(super) fn modf(vm: &Vm, a: &Args) -> R {
    let x = vm.to_f64(&a[0])?;
    let (fraction, whole) = if x.is_infinite() {
        (0f64.copysign(x), x)
    } else if x.is_nan() {
        (x, x)
    } else {
        ((x - x.trunc()).copysign(x), x.trunc())
    };
    Ok(vm.tuple([Value::float(fraction), Value::float(whole)]))
}

pub(super) fn fmod(vm: &Vm, a: &Args) -> R {
    let (x, y) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    if y.is_infinite() && x.is_finite() {
        return Ok(Value::float(x));
    }
    let r = x % y;
    if r.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain(vm)) } else { Ok(Value::float(r)) }
}

pub(super) fn remainder(vm: &Vm, a: &Args) -> R {
    let (x, y) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    if x.is_nan() || y.is_nan() {
        return Ok(Value::float(x + y));
    }
    if x.is_infinite() || y == 0.0 {
        return Err(domain(vm));
    }
    if y.is_infinite() {
        return Ok(Value::float(x));
    }
    Ok(Value::float(libm::remainder(x, y)))
}

pub(super) fn pow(vm: &Vm, a: &Args) -> R {
    let (x, y) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    let r = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if r.is_nan() || (r.is_infinite() && x == 0.0) {
            return Err(domain(vm));
        }
        if r.is_infinite() {
            return Err(range(vm));
        }
    }
    Ok(Value::float(r))
}

pub(super) fn fma(vm: &Vm, a: &Args) -> R {
    let (x, y, z) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?, vm.to_f64(&a[2])?);
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(vm.value_error("invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(vm.overflow_error("overflow in fma"));
    }
    Ok(Value::float(r))
}

pub(super) fn ulp(vm: &Vm, a: &Args) -> R {
    let x = vm.to_f64(&a[0])?.abs();
    if !x.is_finite() {
        return Ok(Value::float(x));
    }
    let above = libm::nextafter(x, f64::INFINITY);
    let step = if above.is_infinite() { x - libm::nextafter(x, 0.0) } else { above - x };
    Ok(Value::float(step))
}

pub(super) fn nextafter(vm: &Vm, a: &Args) -> R {
    let (x, y) = (vm.to_f64(&a[0])?, vm.to_f64(&a[1])?);
    let Some(steps) = a.some(2) else { return Ok(Value::float(libm::nextafter(x, y))) };
    let steps = vm.index_value(steps)?.as_bigint().unwrap_or_default();
    if steps.sign() == Sign::Minus {
        return Err(vm.value_error("steps must be a non-negative integer"));
    }
    if steps.sign() == Sign::NoSign || x.is_nan() || y.is_nan() {
        return Ok(Value::float(if x.is_nan() || y.is_nan() && steps.sign() != Sign::NoSign { x + y } else { x }));
    }
    Ok(Value::float(stepped(x, y, &steps)))
}

/// Floats in their order are consecutive integers, both zeros being 0.
fn stepped(x: f64, y: f64, steps: &BigInt) -> f64 {
    let place = |v: f64| {
        let magnitude = (v.to_bits() & !(1 << 63)) as i128;
        if v.is_sign_negative() { -magnitude } else { magnitude }
    };
    let (from, to) = (place(x), place(y));
    if from == to {
        return y;
    }
    let steps = steps.to_i128().unwrap_or(i128::MAX);
    let at = if to > from { from.saturating_add(steps).min(to) } else { from.saturating_sub(steps).max(to) };
    if at == to {
        return y;
    }
    let magnitude = f64::from_bits(at.unsigned_abs() as u64);
    if at < 0 || (at == 0 && x.is_sign_negative()) { -magnitude } else { magnitude }
}
