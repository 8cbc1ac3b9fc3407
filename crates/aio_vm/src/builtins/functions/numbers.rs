//! Functions on numbers.

use crate::error::R;
use crate::native::Args;
use crate::object::class::HEAP;
use crate::protocol::arith::{Binary, Unary};
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn abs(vm: &Vm, a: &Args) -> R {
    vm.unary(Unary::Abs, &a[0])
}

pub(super) fn divmod(vm: &Vm, a: &Args) -> R {
    vm.binary(Binary::DivMod, &a[0], &a[1])
}

pub(super) fn pow(vm: &Vm, a: &Args) -> R {
    let Some(modulus) = a.some(2) else { return vm.binary(Binary::Pow, &a[0], &a[1]) };
    let (class, n) = (vm.class_of(&a[0]), &vm.names);
    if class.is(HEAP) && class.peek(vm, &n.__pow__).is_none() && class.peek(vm, &n.__rpow__).is_some() {
        // A class with one of the two methods is asked for the other one, as CPython does.
        return Err(vm.attribute_error("__pow__", &n.__pow__, &a[0]));
    }
    let tried = vm.call_special(&a[0], &vm.names.__pow__, &[a[1].clone(), modulus.clone()])?;
    match tried.filter(|v| !v.is_not_implemented()) {
        Some(v) => Ok(v),
        None if a[1].as_f64().is_some() || modulus.as_f64().is_some() => {
            Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"))
        }
        None => Err(vm.type_error(format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            vm.type_name(&a[0]),
            vm.type_name(&a[1]),
            vm.type_name(modulus)
        ))),
    }
}

pub(super) fn round(vm: &Vm, a: &Args) -> R {
    let digits = a.some(1).map_or(&[][..], std::slice::from_ref);
    match vm.call_special(&a[0], &vm.names.__round__, digits)? {
        Some(v) => Ok(v),
        None => Err(vm.type_error(format!("type {} doesn't define __round__ method", vm.type_name(&a[0])))),
    }
}

/// A float sum with Neumaier's compensation, as CPython adds since 3.12.
#[derive(Clone, Copy)]
struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    fn add(&mut self, x: f64) {
        let t = self.sum + x;
        self.lost += if self.sum.abs() >= x.abs() { (self.sum - t) + x } else { (x - t) + self.sum };
        self.sum = t;
    }

    /// The compensation must not lose the sign of a zero nor turn an infinite sum into NaN.
    fn value(self) -> f64 {
        if self.lost != 0.0 && self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

pub(super) fn sum(vm: &Vm, a: &Args) -> R {
    let it = vm.iter(&a[0])?;
    let mut total = a.get(1).cloned().unwrap_or(Value::small(0));
    let text = if total.as_str().is_some() {
        Some("strings [use ''.join(seq) instead]")
    } else if total.as_bytes().is_some() {
        Some("bytes [use b''.join(seq) instead]")
    } else if total.as_bytearray().is_some() {
        Some("bytearray [use b''.join(seq) instead]")
    } else {
        None
    };
    if let Some(text) = text {
        return Err(vm.type_error(format!("sum() can't sum {text}")));
    }
    while let Some(item) = vm.next(&it)? {
        vm.tick()?;
        if let (Some(x), Some(y)) = (total.as_small(), item.as_small()) {
            total = vm.int(x + y);
            continue;
        }
        if total.is_float() && (item.is_float() || item.is_small() || item.is_bool()) {
            match sum_floats(vm, &it, total, item)? {
                (done, None) => return Ok(done),
                (so_far, Some(other)) => total = vm.binary(Binary::Add, &so_far, &other)?,
            }
            continue;
        }
        total = vm.binary(Binary::Add, &total, &item)?;
    }
    Ok(total)
}

/// Adds as long as the items are floats and machine integers; gives the sum and the item that ended it.
fn sum_floats(vm: &Vm, it: &Value, start: Value, first: Value) -> R<(Value, Option<Value>)> {
    let mut total = Compensated { sum: start.as_float().unwrap_or(0.0), lost: 0.0 };
    let mut item = first;
    loop {
        vm.tick()?;
        if let Some(x) = item.as_float() {
            total.add(x);
        } else if let Some(n) = item.as_small().or_else(|| item.as_bool().map(|b| b as i64)) {
            total.sum += n as f64;
        } else {
            return Ok((Value::float(total.value()), Some(item)));
        }
        match vm.next(it)? {
            Some(v) => item = v,
            None => return Ok((Value::float(total.value()), None)),
        }
    }
}
